/*
 * guard: how deep parentheses go, how long literals are, and the words of a
 * good-bye.  The protocol itself is left to libetpan.
 */
#include "mailbox/guard.h"

#include <string.h>
#include <strings.h>

#define TOO_MUCH   "it announces more than it was asked for"
#define DEPTH_MOST 32u /* answers to what is asked here have 3 */

enum { NO_BRACE, DIGITS, PLUS, CLOSED, RETURNED };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "{123}" or "{123+}" before the end of a line (RFC 3501 4.3, RFC 7888). */
static void see_brace(struct guard *g, char c)
{
	if (c == '{') {
		g->brace = DIGITS;
		g->literal = 0;
	} else if (g->brace == DIGITS && is_digit(c)) {
		if (g->literal < UINT32_MAX)
			g->literal = g->literal * 10 + (uint64_t)(c - '0');
	} else if (g->brace == DIGITS && c == '+') {
		g->brace = PLUS;
	} else if ((g->brace == DIGITS || g->brace == PLUS) && c == '}') {
		g->brace = CLOSED;
	} else if (g->brace == CLOSED && c == '\r') {
		g->brace = RETURNED;
	} else {
		g->brace = NO_BRACE;
	}
}

/* "* 12 FETCH (": the lines in which literals are of any length. */
static bool is_fetch(const struct guard *g)
{
	static const char word[] = " FETCH (";
	size_t i = 2, n = sizeof(word) - 1;

	if (g->used < 2 || memcmp(g->line, "* ", 2) != 0)
		return false;
	while (i < g->used && is_digit(g->line[i]))
		i++;
	return i > 2 && g->used >= i + n &&
	       strncasecmp(g->line + i, word, n) == 0;
}

static void see_quote(struct guard *g, char c)
{
	if (g->escaped)
		g->escaped = false;
	else if (c == '"')
		g->quoted = !g->quoted;
	else
		g->escaped = g->quoted && c == '\\';
}

static void keep_bye(struct guard *g)
{
	static const char word[] = "* BYE ";
	size_t n = sizeof(word) - 1;

	if (g->used <= n || strncasecmp(g->line, word, n) != 0)
		return;
	memcpy(g->bye, g->line + n, g->used - n);
	g->bye[g->used - n] = '\0';
}

static const char *end_line(struct guard *g, size_t most)
{
	bool fetched = is_fetch(g);

	if (g->brace == CLOSED || g->brace == RETURNED) {
		g->brace = NO_BRACE;
		/* elsewhere it may be text, and what follows is not hidden */
		g->within = fetched && g->literal > 0;
		return g->literal > most ? TOO_MUCH : NULL;
	}
	keep_bye(g);
	g->used = 0;
	g->depth = 0;
	if (fetched && g->quoted)
		return "its answer has quotes that do not end";
	g->quoted = g->escaped = false;
	return NULL;
}

static const char *see(struct guard *g, char c, size_t most)
{
	if (c == '\n')
		return end_line(g, most);
	see_quote(g, c);
	if (!g->quoted || !is_fetch(g))
		see_brace(g, c);
	if (g->used < sizeof(g->line) - 1 && c != '\r')
		g->line[g->used++] = c;
	if (c == ')' && g->depth > 0)
		g->depth--;
	return c == '(' && ++g->depth > DEPTH_MOST
		   ? "its answer has too many parentheses"
		   : NULL;
}

const char *guard_see(
    struct guard *guard, const char *bytes, size_t size, size_t most)
{
	const char *wrong = NULL;
	size_t i, n;

	for (i = 0; i < size && wrong == NULL; i++) {
		if (!guard->within) {
			wrong = see(guard, bytes[i], size - i - 1 + most);
			continue;
		}
		n = guard->literal < size - i ? (size_t)guard->literal
					      : size - i;
		guard->literal -= n;
		guard->within = guard->literal > 0;
		i += n - 1;
	}
	return wrong;
}
