/*
 * reason: the first word against the categories.  Whether a draft needs a
 * reason, and what is said when it lacks one, is left to mail.c and api.c.
 */
#include "review/reason.h"

#include "util/nearest.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX 63

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The first word, in small letters, less what people put behind one. */
static const char *first_word(
    struct arena *arena, struct span words, size_t *len)
{
	char *word;
	size_t i, n = 0;

	while (n < words.len && !is_blank(words.data[n]))
		n++;
	*len = n;
	while (n > 0 && strchr(":,;.", words.data[n - 1]) != NULL)
		n--;
	if (n == 0 || n > WORD_MAX)
		return NULL;
	word = arena_dup(arena, words.data, n);
	for (i = 0; i < n; i++)
		word[i] = (char)tolower((unsigned char)word[i]);
	return word;
}

struct reason reason_read(
    struct arena *arena, const struct channel *channel, struct span words)
{
	struct reason reason = {NULL, NULL, words};
	const char *const *c, *word;
	struct nearest nearest;
	size_t len;

	if (channel == NULL || channel->reasons == NULL)
		return reason;
	word = first_word(arena, words, &len);
	if (word == NULL)
		return reason;
	nearest_init(&nearest, word);
	for (c = channel->reasons; *c != NULL; c++) {
		nearest_try(&nearest, *c);
		if (strcasecmp(*c, word) == 0)
			reason.category = *c;
	}
	if (reason.category == NULL) {
		reason.meant = nearest.best;
		return reason;
	}
	while (len < words.len && is_blank(words.data[len]))
		len++;
	reason.words = (struct span){words.data + len, words.len - len};
	return reason;
}

const char *reason_text(struct arena *arena, const struct reason *reason)
{
	const char *words;

	if (reason->words.len == 0)
		return reason->category;
	words = arena_dup(arena, reason->words.data, reason->words.len);
	return reason->category == NULL
		   ? words
		   : arena_printf(arena, "%s: %s", reason->category, words);
}

const char *reason_list(struct arena *arena, const struct channel *channel)
{
	const char *list = NULL, *const * c;

	if (channel == NULL || channel->reasons == NULL)
		return NULL;
	for (c = channel->reasons; *c != NULL; c++)
		list =
		    list == NULL ? *c : arena_printf(arena, "%s, %s", list, *c);
	return list;
}
