/*
 * setting_syntax: reads a file as a row of words, texts, numbers and signs, and
 * knows the usual mistakes by which sign follows which.  What a right file
 * means is left to libconfig.
 */
#include "config/setting_syntax.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DEEP_MAX 64

enum kind { NONE, WORD, TEXT, NUMBER, SIGN, ODD };

struct token {
	enum kind kind;
	char sign; /* SIGN and ODD: its first byte */
	const char *at;
	size_t len;
	unsigned line, lines; /* where it begins; line ends within */
};

struct scan {
	const char *at, *end;
	unsigned line;
	struct token before2, before, now;
	size_t deep;
	struct token open[DEEP_MAX]; /* brackets */
	char *hint;
};

/* ---- tokens -------------------------------------------------------------- */

static bool is_sign(char c)
{
	return c != '\0' && strchr("=:,;()[]{}", c) != NULL;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*';
}

static void skip_line(struct scan *s)
{
	while (s->at < s->end && *s->at != '\n')
		s->at++;
}

/* Blanks and comments. */
static void skip(struct scan *s)
{
	for (; s->at < s->end; s->at++) {
		if (*s->at == '#' ||
		    (*s->at == '/' && s->at + 1 < s->end && s->at[1] == '/'))
			skip_line(s);
		if (s->at == s->end)
			return;
		if (*s->at == '\n')
			s->line++;
		else if (!isspace((unsigned char)*s->at))
			return;
	}
}

static void take_text(struct scan *s, struct token *token)
{
	token->kind = TEXT;
	for (s->at++; s->at < s->end && *s->at != '"'; s->at++) {
		if (*s->at == '\\' && s->at + 1 < s->end)
			s->at++;
		token->lines += *s->at == '\n';
	}
	s->at += s->at < s->end;
	s->line += token->lines;
}

/* The next one into now; false: the end. */
static bool next(struct scan *s)
{
	struct token token = {.kind = ODD};

	skip(s);
	if (s->at >= s->end)
		return false;
	token.at = s->at;
	token.sign = *s->at;
	token.line = s->line;
	if (*s->at == '"') {
		take_text(s, &token);
	} else if (is_sign(*s->at)) {
		token.kind = SIGN;
		s->at++;
	} else if (isdigit((unsigned char)*s->at) || *s->at == '+' ||
		   *s->at == '-' || *s->at == '.') {
		token.kind = NUMBER;
		while (
		    s->at < s->end && (isdigit((unsigned char)*s->at) ||
					  *s->at == '.' || s->at == token.at))
			s->at++;
	} else if (isalpha((unsigned char)*s->at) || *s->at == '*') {
		token.kind = WORD;
		while (s->at < s->end && is_word(*s->at))
			s->at++;
	} else {
		do
			s->at++;
		while (s->at < s->end && (*s->at & 0xc0) == 0x80);
	}
	token.len = (size_t)(s->at - token.at);
	s->before2 = s->before;
	s->before = s->now;
	s->now = token;
	return true;
}

static bool is(const struct token *token, const char *signs)
{
	return token->kind == SIGN && strchr(signs, token->sign) != NULL;
}

static bool is_text(const struct token *token, const char *text)
{
	return strlen(text) == token->len &&
	       strncasecmp(token->at, text, token->len) == 0;
}

/* ---- mistakes ------------------------------------------------------------ */

static unsigned __attribute__((format(printf, 3, 4)))
say(const struct scan *s, const struct token *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->hint, SETTING_SYNTAX_HINT, fmt, ap);
	va_end(ap);
	return at->line;
}

static int shown(const struct token *token)
{
	return token->len > 40 ? 40 : (int)token->len;
}

static unsigned odd(const struct scan *s)
{
	static const char *const quotes[] = {
	    "“", "”", "„", "‟", "‘", "’", "‚", "«", "»", "'", "`"};
	static const char *const blanks[] = {"\u00a0", "\u2002", "\u2003",
	    "\u2007", "\u2009", "\u200b", "\u202f", "\u3000", "\ufeff"};
	const struct token *now = &s->now;
	size_t i;

	for (i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		if (is_text(now, quotes[i]))
			return say(s, now,
			    "texts stand in straight double quotes, \"...\", "
			    "not in %s",
			    quotes[i]);
	for (i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++)
		if (is_text(now, blanks[i]))
			return say(s, now,
			    "there is a character that only looks like a "
			    "blank; delete it and type a blank");
	if (now->sign == '@')
		return 0; /* @include */
	if (s->before.kind == NUMBER)
		return say(s, now,
		    "a number with '%.*s' stands in quotes, if it is right "
		    "here at all",
		    shown(now), now->at);
	return say(s, now, "'%.*s' can stand only in a text in quotes",
	    shown(now), now->at);
}

/* A word that begins nothing, behind what was before. */
static unsigned wrong_word(const struct scan *s)
{
	const struct token *now = &s->now, *before = &s->before;

	if (is(before, "=:") && !is_text(now, "true") &&
	    !is_text(now, "false")) {
		if (is_text(now, "yes") || is_text(now, "no") ||
		    is_text(now, "on") || is_text(now, "off"))
			return say(s, now, "write true or false, not %.*s",
			    shown(now), now->at);
		return say(s, now, "a text stands in quotes: \"%.*s\"",
		    shown(now), now->at);
	}
	if (is(before, "([,") && s->deep > 0 &&
	    s->open[s->deep - 1].sign != '{' && !is_text(now, "true") &&
	    !is_text(now, "false"))
		return say(s, now,
		    "in a list stand texts in quotes, or groups in braces; "
		    "write \"%.*s\", or { in front of it",
		    shown(now), now->at);
	if (before->kind == TEXT && now->at == before->at + before->len)
		return say(s, before,
		    "is a quote missing here?  '%.*s' stands right behind a "
		    "text",
		    shown(now), now->at);
	if (before->kind == NUMBER && before->line == now->line)
		return say(s, now,
		    "a number with a unit stands in quotes: \"%.*s%s%.*s\"",
		    shown(before), before->at,
		    before->at + before->len < now->at ? " " : "", shown(now),
		    now->at);
	return 0;
}

static unsigned no_equals(const struct scan *s)
{
	const struct token *name = &s->before;

	if (name->kind != WORD || is(&s->before2, "=:,([") || is(&s->now, "=:"))
		return 0;
	return say(s, name, "an equals sign is missing: write %.*s = ...",
	    shown(name), name->at);
}

static unsigned wrong_sign(const struct scan *s)
{
	const struct token *now = &s->now, *before = &s->before;

	if (is(before, ",") && is(now, ")]"))
		return say(
		    s, before, "behind this comma nothing follows; delete it");
	if (is(now, "{") && before->kind == NONE)
		return say(s, now,
		    "this group has no name; a channel begins with channel: {");
	if (is(now, "{") && is(before, ";") && s->deep > 0 &&
	    s->open[s->deep - 1].sign == '{')
		return say(s, now,
		    "the '{' of line %u is not closed before this one; write "
		    "\"},\" between them",
		    s->open[s->deep - 1].line);
	if (is(before, "}") && is(now, "{"))
		return say(s, before,
		    "a comma is missing between this group and the next");
	if (is(before, "[") && is(now, "{"))
		return say(s, before,
		    "a list of groups stands in parentheses: ( { ... }, "
		    "{ ... } )");
	if (is(before, "=:") && is(now, "=:;"))
		return say(s, now, "there is no value behind the equals sign");
	return 0;
}

/* Keep account of brackets; what closes something else is a mistake. */
static unsigned wrong_bracket(struct scan *s)
{
	static const char opening[] = "([{", closing[] = ")]}";
	const struct token *now = &s->now, *open;

	if (is(now, opening) && s->deep < DEEP_MAX)
		s->open[s->deep++] = *now;
	if (!is(now, closing))
		return 0;
	if (s->deep == 0)
		return say(
		    s, now, "this '%c' closes nothing; delete it", now->sign);
	open = &s->open[--s->deep];
	if (strchr(opening, open->sign) - opening ==
	    strchr(closing, now->sign) - closing)
		return 0;
	return say(s, now, "this '%c' does not close the '%c' of line %u",
	    now->sign, open->sign, open->line);
}

static unsigned look(struct scan *s)
{
	unsigned line = 0;

	if (s->now.kind == ODD)
		line = odd(s);
	if (line == 0 && s->now.kind == WORD)
		line = wrong_word(s);
	if (line == 0)
		line = no_equals(s);
	if (line == 0 && s->now.kind == SIGN)
		line = wrong_sign(s);
	if (line == 0 && s->now.kind == TEXT && s->now.lines > 0)
		line = say(s, &s->now,
		    "the text that begins here goes on in the next line; is "
		    "its closing quote missing?");
	return line == 0 ? wrong_bracket(s) : line;
}

static struct scan scan_of(struct span text, char *hint)
{
	return (struct scan){.at = text.data,
	    .end = text.data + text.len,
	    .line = 1,
	    .hint = hint};
}

unsigned setting_syntax_why(
    struct span text, unsigned line, char hint[SETTING_SYNTAX_HINT])
{
	struct scan s = scan_of(text, hint);
	unsigned where;

	while (next(&s) && s.now.line <= line) {
		where = look(&s);
		if (where > 0)
			return where;
	}
	if (s.at < s.end || s.deep == 0)
		return 0;
	return say(&s, &s.open[s.deep - 1], "this '%c' is never closed",
	    s.open[s.deep - 1].sign);
}

int setting_syntax_check(const char *name, struct span text, struct error *err)
{
	char hint[SETTING_SYNTAX_HINT];
	struct scan s = scan_of(text, hint);

	while (next(&s)) {
		if (s.now.kind == TEXT && s.before.kind == TEXT && s.deep > 0 &&
		    is(&s.open[s.deep - 1], "([") && !is(&s.before2, "=:"))
			return error_set(err, ERROR_INVALID,
			    "%s:%u: a comma is missing between two texts, "
			    "which would be one",
			    name, s.now.line);
		if (wrong_bracket(&s) > 0)
			return 0; /* libconfig says so, too */
	}
	return 0;
}
