/*
 * grammar: a table of commands and the one loop that reads it.  What a command
 * does, and whether a code is the right one, is left to mail.c.
 */
#include "review/grammar.h"

#include "review/text.h"

#include <stdbool.h>
#include <string.h>

enum argument {
	ARGUMENT_NONE,
	ARGUMENT_CODE,	 /* and a reason after "because"; both may be missing */
	ARGUMENT_TEXT,	 /* may be missing */
	ARGUMENT_NEEDED, /* text that must be there */
	ARGUMENT_NAME,	 /* one word that must be there */
	ARGUMENT_SPAN	 /* a time that must be there */
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
    {"claim", GRAMMAR_CLAIM, ARGUMENT_NONE},
    {"delegate", GRAMMAR_DELEGATE, ARGUMENT_NAME},
    {"fine", GRAMMAR_FINE, ARGUMENT_NONE},
    {"wrong", GRAMMAR_WRONG, ARGUMENT_TEXT},
    {"revise", GRAMMAR_REVISE, ARGUMENT_TEXT},
    {"r", GRAMMAR_REVISE, ARGUMENT_TEXT},
    {"snooze", GRAMMAR_SNOOZE, ARGUMENT_SPAN},
    {"help", GRAMMAR_HELP, ARGUMENT_NONE},
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Not tolower(): that one asks the locale. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
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

/* Cut the first word off; rest is what follows it, trimmed. */
static struct span first_word(struct span s, struct span *rest)
{
	size_t i = 0;

	while (i < s.len && !is_blank(s.data[i]))
		i++;
	*rest = text_trim((struct span){s.data + i, s.len - i});
	s.len = i;
	return s;
}

/* "[code] [because <reason>]", whole. */
static bool read_approval(struct span rest, struct grammar_command *command)
{
	struct span after, word = first_word(rest, &after);

	if (is_code(word)) {
		command->rest = word;
		word = first_word(after, &after);
	}
	if (word.len == 0)
		return true;
	if (!is_word(word, "because") || after.len == 0)
		return false;
	command->because = after;
	return true;
}

unsigned grammar_span(struct span s)
{
	static const struct {
		char letter;
		unsigned seconds;
	} units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}};
	unsigned number = 0;
	size_t i;

	if (s.len < 2 || s.len > 5)
		return 0;
	for (i = 0; i + 1 < s.len; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return 0;
		number = number * 10 + (unsigned)(s.data[i] - '0');
	}
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (lower(s.data[s.len - 1]) == units[i].letter)
			return number * units[i].seconds;
	return 0;
}

static bool read_argument(
    enum argument argument, struct span rest, struct grammar_command *command)
{
	struct span after;

	if (argument == ARGUMENT_CODE)
		return read_approval(rest, command);
	if (rest.len > 0)
		command->rest = rest;
	switch (argument) {
	case ARGUMENT_NONE:
		return rest.len == 0;
	case ARGUMENT_NEEDED:
		return rest.len > 0;
	case ARGUMENT_NAME:
		return first_word(rest, &after).len > 0 && after.len == 0;
	case ARGUMENT_SPAN:
		command->span_s = grammar_span(rest);
		return command->span_s != 0;
	case ARGUMENT_CODE:
	case ARGUMENT_TEXT:
		return true;
	}
	return false;
}

/* The verb that a word of the house means; else the word itself. */
static struct span meaning_of(
    struct span word, const struct grammar_words *words)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		if (word_same(word, (struct span){words->list[i].word,
					strlen(words->list[i].word)}))
			return (struct span){
			    words->list[i].means, strlen(words->list[i].means)};
	return word;
}

void grammar_read_with(const struct grammar_words *words, struct span line,
    struct grammar_command *command)
{
	static const struct grammar_command none = {
	    .rest = {"", 0}, .because = {"", 0}};
	struct span rest, word = first_word(text_trim(line), &rest);
	size_t i;

	word = meaning_of(word, words);
	for (i = 0; i < N_ROWS; i++) {
		*command = none;
		if (is_word(word, rows[i].name) &&
		    read_argument(rows[i].argument, rest, command)) {
			command->verb = rows[i].verb;
			return;
		}
	}
	*command = none;
}

void grammar_read(struct span line, struct grammar_command *command)
{
	static const struct grammar_words none = {0, NULL};

	grammar_read_with(&none, line, command);
}
