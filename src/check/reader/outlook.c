/*
 * outlook: reads conditions as Outlook of today would decide them.
 */
#include "check/reader/outlook.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define END_MOST 20 /* bytes of "<![endif]", with blanks */

static struct span trimmed(struct span s)
{
	while (s.len > 0 && (unsigned char)s.data[0] <= ' ') {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && (unsigned char)s.data[s.len - 1] <= ' ')
		s.len--;
	return s;
}

/* Without the "<![endif]" or "<!" at the end, whose '>' is the comment's. */
static struct span without_end(struct span s)
{
	for (size_t i = s.len; i-- > 0 && s.data[i] != '>';)
		if (s.data[i] == '<' && i + 1 < s.len && s.data[i + 1] == '!')
			s.len = i;
	return s;
}

static bool has(struct span s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.len; i++)
		if (strncasecmp(s.data + i, word, n) == 0)
			return true;
	return false;
}

/* "gte mso 9", "vml": is this so in Outlook? */
static bool is_so(struct span condition)
{
	return (has(condition, "mso") || has(condition, "vml") ||
		   has(condition, "true")) &&
	       !has(condition, "!") && !has(condition, "lt");
}

/*
 * "[if mso]> text <![endif]": Outlook shows it, others do not.  "<![if !mso]>"
 * and "[if !mso]><!": all but Outlook show what follows.
 */
enum outlook outlook_read(
    const struct markup_token *comment, struct span *inner)
{
	struct span text = trimmed(comment->text), condition;
	const char *close;

	if (text.len < END_MOST && has(text, "[endif]"))
		return OUTLOOK_END;
	if (text.len < 3 || strncasecmp(text.data, "[if", 3) != 0)
		return OUTLOOK_NOTHING;
	close = memchr(text.data, ']', text.len);
	if (close == NULL)
		return OUTLOOK_NOTHING;
	condition = (struct span){text.data, (size_t)(close - text.data)};
	text.len -= (size_t)(close + 1 - text.data);
	text.data = close + 1;
	if (text.len > 0 && text.data[0] == '>')
		text = (struct span){text.data + 1, text.len - 1};
	*inner = trimmed(without_end(text));
	if (inner->len > 0)
		return OUTLOOK_INSIDE;
	if (!comment->bogus && memchr(text.data, '<', text.len) != NULL &&
	    has(text, "[endif]"))
		return OUTLOOK_NOTHING;
	return is_so(condition) ? OUTLOOK_TAKES : OUTLOOK_SKIPS;
}
