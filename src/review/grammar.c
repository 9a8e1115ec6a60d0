/*
 * grammar: a table of commands and the one loop that reads it.  What a command
 * does, and whether a code is the right one, is left to mail.c.
 */
#include "review/grammar.h"

#include <stdbool.h>
#include <string.h>

enum argument {
	ARGUMENT_NONE,
	ARGUMENT_CODE,	/* may be missing */
	ARGUMENT_TEXT,	/* may be missing */
	ARGUMENT_NEEDED /* text that must be there */
};

static const struct row {
	const char *name;
	enum grammar_verb verb;
	enum argument argument;
} rows[] = {
    {"approve", GRAMMAR_APPROVE, ARGUMENT_CODE},
    {"a", GRAMMAR_APPROVE, ARGUMENT_CODE},
    {"drop", GRAMMAR_DROP, ARGUMENT_TEXT},
    {"d", GRAMMAR_DROP, ARGUMENT_TEXT},
    {"edit", GRAMMAR_EDIT, ARGUMENT_NONE},
    {"ask", GRAMMAR_ASK, ARGUMENT_NEEDED},
    {"undo", GRAMMAR_UNDO, ARGUMENT_NONE},
    {"help", GRAMMAR_HELP, ARGUMENT_NONE},
};

/* Not tolower(): that one asks the locale. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span trimmed(struct span s)
{
	while (s.len > 0 && is_blank(s.data[0])) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

static bool is_word(struct span word, const char *name)
{
	size_t i;

	if (word.len != strlen(name))
		return false;
	for (i = 0; i < word.len; i++)
		if (lower(word.data[i]) != name[i])
			return false;
	return true;
}

/* RFC 4648 6: a-z and 2-7. */
static bool is_code(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((lower(s.data[i]) < 'a' || lower(s.data[i]) > 'z') &&
		    (s.data[i] < '2' || s.data[i] > '7'))
			return false;
	return s.len == GRAMMAR_CODE_LENGTH;
}

static bool may_follow(enum argument argument, struct span rest)
{
	switch (argument) {
	case ARGUMENT_NONE:
		return rest.len == 0;
	case ARGUMENT_CODE:
		return rest.len == 0 || is_code(rest);
	case ARGUMENT_TEXT:
		return true;
	case ARGUMENT_NEEDED:
		return rest.len > 0;
	}
	return false;
}

void grammar_read(struct span line, struct grammar_command *command)
{
	struct span word = trimmed(line), rest;
	size_t i = 0;

	while (i < word.len && !is_blank(word.data[i]))
		i++;
	rest = trimmed((struct span){word.data + i, word.len - i});
	word.len = i;
	*command = (struct grammar_command){GRAMMAR_NONE, {"", 0}};
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (is_word(word, rows[i].name) &&
		    may_follow(rows[i].argument, rest)) {
			command->verb = rows[i].verb;
			if (rest.len > 0)
				command->rest = rest;
			return;
		}
}
