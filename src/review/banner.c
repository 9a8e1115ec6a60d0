/*
 * banner: compares word by word.  Whether what is below is a command, grammar.c
 * knows.
 */
#include "review/banner.h"

#include "review/text.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_blanks(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

/* What is behind the banner, from the end of its last line on; NULL: it does
 * not begin so. */
static const char *behind(const char *text, const char *banner)
{
	text = skip_blanks(text);
	banner = skip_blanks(banner);
	while (*banner != '\0') {
		if (is_blank(*banner)) {
			banner = skip_blanks(banner);
			if (*banner == '\0')
				break;
			if (!is_blank(*text))
				return NULL;
			text = skip_blanks(text);
		} else if (*text++ != *banner++) {
			return NULL;
		}
	}
	while (*text == ' ' || *text == '\t' || *text == '\r')
		text++;
	return *text == '\n' || *text == '\0' ? text : NULL;
}

/* Without any of them, as often as they stand there. */
static const char *without(const char *text, const char *const *banners)
{
	const char *const *banner = banners;
	const char *rest;

	while (*banner != NULL) {
		rest = behind(text, *banner);
		if (rest != NULL && *skip_blanks(*banner) != '\0') {
			text = rest;
			banner = banners;
		} else {
			banner++;
		}
	}
	return text;
}

void banner_skip(struct arena *arena, const struct config_review *config,
    struct banner_answer *answer)
{
	const char *text, *rest;
	struct span left, line = {"", 0};

	if (config->banners == NULL || answer->line == NULL)
		return;
	text = arena_printf(arena, "%s\n%s%s", answer->line,
	    answer->apart ? "\n" : "",
	    answer->words == NULL ? "" : answer->words);
	rest = without(text, config->banners);
	if (rest == text)
		return;
	left = text_span(skip_blanks(rest));
	text_next_line(&left, &line);
	while (line.len > 0 && is_blank(line.data[line.len - 1]))
		line.len--;
	answer->line =
	    line.len == 0 ? NULL : arena_dup(arena, line.data, line.len);
	answer->apart = left.len > 0 && left.data[0] == '\n';
	answer->words = skip_blanks(left.len > 0 ? left.data : "");
}
