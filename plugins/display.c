/*
 * display: blanks and words of a display name.  What the words mean is for
 * others.
 */
#include "display.h"

#include <string.h>

/* Can this stand in an address or the name of a host? */
static bool is_inside(char c)
{
	return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') ||
	       (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr(".-_+@%", c) != NULL);
}

/* Bytes of the blank at p, or 0. */
static size_t blank(const char *p)
{
	static const char *const wide[] = {"\xc2\xa0", "\xe1\x9a\x80",
	    "\xe2\xa0\x80", "\xe3\x80\x80", "\xe3\x85\xa4"};

	if (*p == ' ' || *p == '\t')
		return 1;
	if (strncmp(p, "\xe2\x80", 2) == 0 && (unsigned char)p[2] >= 0x80 &&
	    (unsigned char)p[2] <= 0x8b)
		return 3;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strncmp(p, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	return 0;
}

/* Has it so many blanks in a row that what follows is out of sight? */
bool display_padded(const char *text)
{
	unsigned run = 0;

	for (size_t n; *text != '\0'; text += n > 0 ? n : 1) {
		n = blank(text);
		run = n > 0 ? run + 1 : 0;
		if (run >= DISPLAY_BLANKS)
			return true;
	}
	return false;
}

bool display_word(const char **text, const char **word, size_t *size)
{
	const char *p = *text;

	while (*p != '\0') {
		const char *from = p, *to;

		while (is_inside(*p))
			p++;
		for (to = p; from < to && strchr(".-_+", *from) != NULL;)
			from++;
		while (to > from && strchr(".-_", to[-1]) != NULL)
			to--;
		if (to > from) {
			*text = p;
			*word = from;
			*size = (size_t)(to - from);
			return true;
		}
		p += *p != '\0' && !is_inside(*p);
	}
	*text = p;
	return false;
}

void display_comments(const char *p, char *out, size_t room)
{
	bool quoted = false;
	unsigned depth = 0;
	size_t n = 0;

	for (; *p != '\0' && n < room - 1; p++) {
		if (*p == '\\' && p[1] != '\0') {
			p++;
			continue;
		}
		quoted = depth == 0 && *p == '"' ? !quoted : quoted;
		if (!quoted && *p == ')' && depth > 0)
			depth--;
		if (depth > 0)
			out[n++] = *p == '(' ? ' ' : *p;
		if (!quoted && *p == '(')
			depth++;
	}
	out[n] = '\0';
}
