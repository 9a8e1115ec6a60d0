/*
 * placeholders_look: whether a placeholder stands at one place of a text.
 * Walking through the mail and telling is left to placeholders.c.
 */
#include "placeholders_look.h"

#include <stdio.h>
#include <string.h>

#include "placeholders_lists.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- small questions ---- */

static char at_or_0(const struct placeholders_look *look, size_t at)
{
	return at < look->size ? look->text[at] : '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static char lower(char c)
{
	return is_upper(c) ? (char)(c + 32) : c;
}

/* Any byte of a letter that is not ASCII counts as one. */
bool placeholders_is_letter(char c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || (unsigned char)c >= 0x80;
}

bool placeholders_is_part(char c)
{
	return placeholders_is_letter(c) || is_digit(c) || c == '_';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The no-break space counts as one, too: bytes, or 0. */
static size_t blank(const struct placeholders_look *look, size_t at)
{
	char c = at_or_0(look, at);

	if (is_blank(c) || c == '\n' || c == '\r')
		return 1;
	return c == '\xc2' && at_or_0(look, at + 1) == '\xa0' ? 2 : 0;
}

/* Bytes of text from at that are the phrase, or 0. */
static size_t match(
    const struct placeholders_look *look, size_t at, const char *phrase)
{
	size_t from = at, most = at + 4 * PLACEHOLDERS_SPAN;

	for (; *phrase != '\0'; phrase++) {
		if (*phrase == ' ') {
			if (blank(look, at) == 0)
				return 0;
			while (blank(look, at) > 0 && at < most)
				at += blank(look, at);
		} else if (*phrase == '\'' && at + 2 < look->size &&
			   memcmp(look->text + at, "\xe2\x80\x99", 3) == 0) {
			at += 3;
		} else if (lower(at_or_0(look, at)) == *phrase) {
			at++;
		} else {
			return 0;
		}
	}
	return at - from;
}

/* ---- what has brackets ---- */

/* Where the mark stands within PLACEHOLDERS_SPAN bytes and on this line, or 0.
 */
static size_t find(
    const struct placeholders_look *look, size_t at, const char *mark)
{
	size_t n = strlen(mark);

	for (size_t i = at;
	     i < at + PLACEHOLDERS_SPAN - n && i + n <= look->size; i++) {
		if (look->text[i] == '\n')
			return 0;
		if (memcmp(look->text + i, mark, n) == 0)
			return i;
	}
	return 0;
}

static char first_inside(const struct placeholders_look *look, size_t at)
{
	while (is_blank(at_or_0(look, at)))
		at++;
	return at_or_0(look, at);
}

/* Only letters, digits and these signs; at least one letter, few blanks. */
static bool is_name(const struct placeholders_look *look, size_t from,
    size_t to, const char *signs)
{
	size_t letters = 0, blanks = 0;

	for (size_t i = from; i < to; i++) {
		char c = look->text[i];

		blanks += c == ' ' && i > from && look->text[i - 1] != ' ';

		if (!placeholders_is_part(c) &&
		    (c == '\0' || strchr(signs, c) == NULL))
			return false;
		letters += placeholders_is_letter(c);
	}
	return letters > 0 && blanks < 4;
}

/* {{name}}, {%if%}, {name}, {!Contact.Name} */
static size_t brace(const struct placeholders_look *look, size_t at)
{
	char next = at_or_0(look, at + 1), first, before;
	size_t end;

	if (next == '{' || next == '%') {
		end = find(look, at + 2, next == '{' ? "}}" : "%}");
		first = first_inside(look, at + 2);
		if (end == 0 || end == at + 2 ||
		    (next == '{' && !placeholders_is_part(first) &&
			strchr("{#^/&!>$@%-", first) == NULL))
			return 0;
		end += 2;
		return end + (at_or_0(look, end) == '}') - at;
	}
	before = at > 0 ? look->text[at - 1] : ' ';
	if (look->code || placeholders_is_part(before) ||
	    strchr("\\^}])", before) != NULL || (before == '/' && !look->tag))
		return 0;
	end = find(look, at + 1, "}");
	at += next == '!';
	if (end < at + 4 || end > at + 41 || is_digit(at_or_0(look, at + 1)) ||
	    !is_name(look, at + 1, end, " .-"))
		return 0;
	return end + 1 - at + (next == '!');
}

/* ${name} */
static size_t dollar(const struct placeholders_look *look, size_t at)
{
	size_t end;

	if (look->code || at_or_0(look, at + 1) != '{')
		return 0;
	end = find(look, at + 2, "}");
	return end > at + 2 && is_name(look, at + 2, end, " .-:!?/")
		   ? end + 1 - at
		   : 0;
}

static bool is_hex(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

/* Names of Windows' own. */
static bool is_environment(const char *text, size_t size)
{
	static const char *const names[] = {"APPDATA", "LOCALAPPDATA", "TEMP",
	    "TMP", "PATH", "USERPROFILE", "USERNAME", "PROGRAMFILES",
	    "PROGRAMDATA", "WINDIR", "SYSTEMROOT", "HOMEPATH", "COMSPEC"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (strlen(names[i]) == size &&
		    memcmp(names[i], text, size) == 0)
			return true;
	return false;
}

/* %NAME%, %name%, %(name)s, %7B%7Bname%7D%7D */
static size_t percent(const struct placeholders_look *look, size_t at)
{
	char next = at_or_0(look, at + 1), before;
	bool capitals = is_upper(next);
	size_t end;

	if (next == '(' && !look->code) {
		end = find(look, at + 2, ")");
		return end > at + 2 && is_name(look, at + 2, end, "") &&
			       (at_or_0(look, end + 1) == 's' ||
				   at_or_0(look, end + 1) == 'd')
			   ? end + 2 - at
			   : 0;
	}
	if (match(look, at, "%7b%7b") > 0) {
		end = find(look, at + 6, "%7D%7D");
		if (end == 0)
			end = find(look, at + 6, "%7d%7d");
		return end > 0 ? end + 6 - at : 0;
	}
	before = at > 0 ? look->text[at - 1] : ' ';
	end = find(look, at + 1, "%");
	if (!placeholders_is_letter(next) || end < at + 4 ||
	    placeholders_is_part(before) ||
	    (is_hex(next) && is_hex(at_or_0(look, at + 2)) &&
		strchr("/=&%-?", before) != NULL))
		return 0;
	for (size_t i = at + 1; i < end; i++)
		if ((unsigned char)look->text[i] >= 0x80 ||
		    !placeholders_is_part(look->text[i]) ||
		    (placeholders_is_letter(look->text[i]) &&
			is_upper(look->text[i]) != capitals))
			return 0;
	return is_environment(look->text + at + 1, end - at - 1) ? 0
								 : end + 1 - at;
}

/* Whether it is in the list of what somebody is to fill in. */
static bool is_blank_to_fill(
    const struct placeholders_look *look, size_t from, size_t to)
{
	for (size_t i = 0; i < COUNT(placeholders_blanks); i++) {
		const char *row = placeholders_blanks[i];
		size_t n = strlen(row);
		char plain[40];

		if (row[n - 1] != '*') {
			if (match(look, from, row) == to - from)
				return true;
			continue;
		}
		snprintf(plain, sizeof(plain), "%.*s", (int)n - 1, row);
		n = match(look, from, plain);
		if (n > 0 && n <= to - from &&
		    (n == to - from || row[strlen(row) - 2] == ' ' ||
			row[strlen(row) - 2] == '\'' ||
			!placeholders_is_letter(look->text[from + n])))
			return true;
	}
	return false;
}

static bool has_underscore(
    const struct placeholders_look *look, size_t from, size_t to)
{
	return memchr(look->text + from, '_', to - from) != NULL;
}

/* [Name], [[name]], [INSERT ...] */
static size_t bracket(const struct placeholders_look *look, size_t at)
{
	size_t end;

	if (at_or_0(look, at + 1) == '[') {
		end = find(look, at + 2, "]]");
		return end > at + 2 && !look->code &&
			       !is_digit(at_or_0(look, at + 2)) &&
			       is_name(look, at + 2, end, " .-")
			   ? end + 2 - at
			   : 0;
	}
	end = find(look, at + 1, "]");
	if (end < at + 4 || at_or_0(look, end + 1) == '(' ||
	    (at > 0 && placeholders_is_part(look->text[at - 1])))
		return 0;
	if (is_blank_to_fill(look, at + 1, end) ||
	    (!look->code && has_underscore(look, at + 1, end) &&
		is_upper(look->text[at + 1]) && is_name(look, at + 1, end, "")))
		return end + 1 - at;
	return 0;
}

/* <<name>>, <first_name>, <your name> */
static size_t angle(const struct placeholders_look *look, size_t at)
{
	bool two = at_or_0(look, at + 1) == '<';
	size_t from = at + 1 + two, end;

	end = find(look, from, two ? ">>" : ">");
	if (end < from + 3 || !placeholders_is_letter(look->text[from]) ||
	    !is_name(look, from, end, " .-'"))
		return 0;
	if (two)
		return look->code || is_blank(look->text[end - 1])
			   ? 0
			   : end + 2 - at;
	return is_blank_to_fill(look, from, end) ||
		       (!look->code && has_underscore(look, from, end) &&
			   is_name(look, from, end, ""))
		   ? end + 1 - at
		   : 0;
}

/* *|FNAME|* */
static size_t star(const struct placeholders_look *look, size_t at)
{
	size_t end;

	if (at_or_0(look, at + 1) != '|')
		return 0;
	end = find(look, at + 2, "|*");
	return end > at + 2 && is_name(look, at + 2, end, ":. ") ? end + 2 - at
								 : 0;
}

/* A fence of markdown at the beginning of a line. */
static size_t fence(const struct placeholders_look *look, size_t at)
{
	if (look->code || (at > 0 && look->text[at - 1] != '\n') ||
	    at_or_0(look, at + 1) != '`' || at_or_0(look, at + 2) != '`')
		return 0;
	return 3;
}

/* ---- words ---- */

static size_t word_end(const struct placeholders_look *look, size_t at)
{
	size_t from = at;

	while (at < look->size && at - from < PLACEHOLDERS_SPAN &&
	       placeholders_is_part(look->text[at]))
		at++;
	return at;
}

/* Whether the word there has two capitals and no small letter. */
static bool is_shouted(const struct placeholders_look *look, size_t at)
{
	size_t end = word_end(look, at);

	for (size_t i = at; i < end; i++)
		if (!is_upper(look->text[i]))
			return false;
	return end >= at + 2;
}

/* TODO in Spanish is "all"; in a row of capitals it is no note. */
static bool among_capitals(
    const struct placeholders_look *look, size_t at, size_t end)
{
	size_t before = at;

	if (at_or_0(look, end) == ' ' && is_shouted(look, end + 1))
		return true;
	if (at < 3 || look->text[at - 1] != ' ')
		return false;
	for (before = at - 1; before > 0 && at - before < PLACEHOLDERS_SPAN &&
			      placeholders_is_part(look->text[before - 1]);)
		before--;
	return before < at - 1 && is_shouted(look, before);
}

/* XXX: but not what stands for the hidden digits of a number. */
static bool is_unknown(
    const struct placeholders_look *look, size_t at, size_t end)
{
	size_t i;

	for (i = at; i < end; i++)
		if (look->text[i] != 'X')
			return false;
	for (i = end; i < end + PLACEHOLDERS_SPAN &&
		      strchr("-X *.", at_or_0(look, i)) &&
		      at_or_0(look, i) != '\0';)
		i++;
	if (end < at + 3 || is_digit(at_or_0(look, i)))
		return false;
	for (i = at; i > 0 && at - i < PLACEHOLDERS_SPAN &&
		     strchr("-X *.", look->text[i - 1]) != NULL;)
		i--;
	return i == 0 || !is_digit(look->text[i - 1]) || i == at;
}

static bool is_word(const struct placeholders_look *look, size_t at, size_t end,
    const char *word)
{
	return end - at == strlen(word) &&
	       memcmp(look->text + at, word, end - at) == 0;
}

/* TBD, TODO, XXX, NaN, "#undefined", "$null" */
static size_t note(const struct placeholders_look *look, size_t at)
{
	size_t end = word_end(look, at);
	char before = at > 0 ? look->text[at - 1] : ' ';

	if (is_unknown(look, at, end) || is_word(look, at, end, "TBD"))
		return end - at;
	if (look->code)
		return 0;
	if ((is_word(look, at, end, "TODO") ||
		is_word(look, at, end, "FIXME")) &&
	    !among_capitals(look, at, end))
		return end - at;
	if (is_word(look, at, end, "NaN"))
		return end - at;
	if (!is_word(look, at, end, "undefined") &&
	    !is_word(look, at, end, "null"))
		return 0;
	if (is_blank(before) && at > 1 && look->text[at - 2] == ':')
		before = ':';
	return strchr("#$:=", before) != NULL || (before == '\xac' && at > 2)
		   ? end - at
		   : 0;
}

/* "Dear ,", "Hello !", "Dear Mr. ,", "Hi undefined": at the start of a line. */
static size_t greeting(const struct placeholders_look *look, size_t at)
{
	for (size_t i = 0; i < COUNT(placeholders_greetings); i++) {
		const struct placeholders_greeting *row =
		    &placeholders_greetings[i];
		size_t end = at + match(look, at, row->text), title = 0;
		size_t gap = 0;

		if (end == at || placeholders_is_part(at_or_0(look, end)))
			continue;
		for (size_t k = 0; k < COUNT(placeholders_titles); k++) {
			char text[40];
			size_t n;

			snprintf(
			    text, sizeof(text), " %s", placeholders_titles[k]);
			n = match(look, end, text);
			if (n > title &&
			    !placeholders_is_part(at_or_0(look, end + n)))
				title = n;
		}
		end += title;
		end += title > 0 && at_or_0(look, end) == '.';
		while (is_blank(at_or_0(look, end + gap)) &&
		       gap < PLACEHOLDERS_SPAN)
			gap++;
		for (size_t k = 0; gap > 0 && k < COUNT(placeholders_nobody);
		     k++) {
			size_t n =
			    match(look, end + gap, placeholders_nobody[k]);
			char c = at_or_0(look, end + gap + n);

			if (n > 0 && (c == '\0' || strchr(",!:\r\n", c)))
				return end + gap + n - at;
		}
		if (strchr(",!", at_or_0(look, end + gap)) != NULL &&
		    end + gap < look->size &&
		    (gap > 0 || (row->named && title == 0)))
			return end + gap + 1 - at;
	}
	return 0;
}

static size_t phrase(const struct placeholders_look *look, size_t at)
{
	for (size_t i = 0; i < COUNT(placeholders_phrases); i++) {
		size_t n = match(look, at, placeholders_phrases[i]);

		if (n > 0)
			return n;
	}
	return 0;
}

size_t placeholders_sign(const struct placeholders_look *look, size_t at)
{
	size_t n = 0;

	switch (look->text[at]) {
	case '{':
		return brace(look, at);
	case '$':
		return dollar(look, at);
	case '%':
		return percent(look, at);
	case '*':
		return star(look, at);
	case '`':
		return fence(look, at);
	case '[':
		n = bracket(look, at);
		return n > 0 ? n : phrase(look, at);
	case '<':
		n = look->tag ? 0 : angle(look, at);
		return n > 0 ? n : phrase(look, at);
	case '#':
	case '\xc2': /* an inverted exclamation mark */
		return phrase(look, at);
	default:
		return 0;
	}
}

size_t placeholders_word(
    const struct placeholders_look *look, size_t at, bool line)
{
	size_t n = note(look, at);

	if (n == 0)
		n = phrase(look, at);
	if (n == 0 && line)
		n = greeting(look, at);
	return n;
}

/* Code between ``` and ```, or ` and `, when mails are about programs. */
size_t placeholders_code(struct placeholders_look *look, size_t at)
{
	size_t close;

	if (!look->code || look->text[at] != '`' || look->open)
		return 0;
	if (match(look, at, "```") == 0) {
		close = find(look, at + 1, "`");
		return close > at + 1 ? close + 1 - at : 0;
	}
	for (close = at + 3; close + 3 <= look->size; close++)
		if (memcmp(look->text + close, "```", 3) == 0)
			return close + 3 - at;
	look->open = true; /* no other is closed either */
	return 0;
}
