/*
 * talk: a few rules, all on the side of doing nothing.  What a command does is
 * left to obey.c and many.c.
 */
#include "review/talk.h"

#include "review/text.h"

#include "util/nearest.h"

#include <string.h>

#define WORD_MAX    24 /* bytes of a word that may be a verb */
#define NEAR_WORDS  4  /* a longer line is a sentence */
#define WHOLE_BYTES 40

static const char *const verbs[] = {"approve", "drop", "edit", "revise",
    "snooze", "claim", "delegate", "undo", "ask"};
static const char *const after_verbs[] = {"fine", "wrong"};

#define N(list) (sizeof(list) / sizeof((list)[0]))

/* What people say, and no grammar has: the whole line. */
static const struct {
	const char *said, *meant;
} sayings[] = {
    {"lgtm", "approve"},
    {"send", "approve"},
    {"send it", "approve"},
    {"go ahead", "approve"},
    {"ship it", "approve"},
    {"reject", "drop"},
    {"rejected", "drop"},
    {"deny", "drop"},
    {"cancel", "drop"},
    {"stop", "drop"},
    {"don't send", "drop"},
    {"do not send", "drop"},
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span first_word(struct span s)
{
	size_t n = 0;

	while (n < s.len && !is_blank(s.data[n]))
		n++;
	s.len = n;
	return s;
}

static size_t count_words(struct span s)
{
	size_t i, n = 0;

	for (i = 0; i < s.len; i++)
		n +=
		    !is_blank(s.data[i]) && (i == 0 || is_blank(s.data[i - 1]));
	return n;
}

/* In lower case and without marks at its end; "" when it is too long. */
static const char *plain(struct arena *arena, struct span s, size_t most)
{
	char *made;
	size_t i;

	while (s.len > 0 && strchr(".,:;!?", s.data[s.len - 1]) != NULL)
		s.len--;
	if (s.len > most)
		return "";
	made = arena_dup(arena, s.data, s.len);
	for (i = 0; i < s.len; i++)
		if (made[i] >= 'A' && made[i] <= 'Z')
			made[i] = (char)(made[i] - 'A' + 'a');
	return made;
}

/* ---- is it nearly one? -------------------------------------------------- */

/* The built-in verb that the word is, or that a slip would make of it. */
static const char *near_in(
    const char *const *list, size_t n, const char *word, bool exactly)
{
	struct nearest nearest;
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return list[i];
	if (exactly)
		return NULL;
	nearest_init(&nearest, word);
	for (i = 0; i < n; i++)
		if (strlen(list[i]) > 3 && list[i][0] == word[0])
			nearest_try(&nearest, list[i]);
	if (nearest.best == NULL ||
	    nearest.distance > (strlen(nearest.best) > 5 ? 2u : 1u))
		return NULL;
	return nearest.best;
}

/* The verb that a word of the house means, or NULL. */
static const char *house_verb(
    const struct grammar_words *words, const char *word)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		if (word_same(text_span(words->list[i].word), text_span(word)))
			return words->list[i].word;
	return NULL;
}

static const char *saying(struct arena *arena, struct span line)
{
	const char *said = plain(arena, line, WHOLE_BYTES);
	size_t i;

	for (i = 0; i < N(sayings); i++)
		if (strcmp(sayings[i].said, said) == 0)
			return sayings[i].meant;
	return NULL;
}

/* The verb that may be meant by a line that is no command, or NULL. */
static const char *meant_by(
    struct arena *arena, const struct talk_request *request, struct span line)
{
	const char *word = plain(arena, first_word(line), WORD_MAX);
	bool exactly = count_words(line) > NEAR_WORDS;
	const char *meant = saying(arena, line);

	if (meant == NULL && *word != '\0')
		meant = near_in(verbs, N(verbs), word, exactly);
	if (meant == NULL && *word != '\0')
		meant = house_verb(request->words, word);
	if (meant == NULL && request->after)
		meant = near_in(after_verbs, N(after_verbs), word, exactly);
	return meant;
}

/* ---- is it one? --------------------------------------------------------- */

static bool takes_reason(enum grammar_verb verb)
{
	return verb == GRAMMAR_APPROVE || verb == GRAMMAR_DROP ||
	       verb == GRAMMAR_WRONG;
}

/* "r u there", "drop by later?": what a colleague may be told. */
static const char *against(
    const struct grammar_command *command, struct span line)
{
	if (first_word(line).len == 1 && command->rest.len > 0 &&
	    command->verb != GRAMMAR_APPROVE)
		return "write the word for it in full, because others read "
		       "this, too";
	if (takes_reason(command->verb) && line.data[line.len - 1] == '?')
		return "it ends like a question; if you mean it, write it "
		       "without the question mark";
	return NULL;
}

static enum talk read_line(struct arena *arena,
    const struct talk_request *request, struct span line, const char **hint)
{
	struct grammar_command command;
	const char *meant;

	grammar_read_with(request->words, line, &command);
	if ((command.verb == GRAMMAR_FINE || command.verb == GRAMMAR_WRONG) &&
	    !request->after)
		return TALK_OTHERS;
	if (command.verb != GRAMMAR_NONE) {
		*hint = against(&command, line);
		return *hint == NULL ? TALK_COMMAND : TALK_HINT;
	}
	meant = meant_by(arena, request, line);
	if (meant == NULL)
		return TALK_OTHERS;
	*hint = arena_printf(arena,
	    "do you mean \"%s\"? The first line must be a command and nothing "
	    "else; \"help\" tells which there are",
	    meant);
	return TALK_HINT;
}

static struct span without(struct span s, size_t n)
{
	return (struct span){s.data + n, s.len - n};
}

/* How many bytes of the front may stand between numbers; 0: it is a word. */
static size_t numeral(struct span s)
{
	static const char marks[] = "#0123456789,-:.) \t";
	static const char dash[] = "\xe2\x80\x93"; /* U+2013 */

	if (s.len >= 3 && memcmp(s.data, dash, 3) == 0)
		return 3;
	return s.len > 0 && memchr(marks, s.data[0], sizeof(marks) - 1) != NULL;
}

/* Numbers in front, "1, 3-5:", or "all"; what is behind them. */
static struct span behind_numbers(struct span line)
{
	struct span word = first_word(line), all = word;
	size_t n;

	if (all.len > 0 && strchr(":.", all.data[all.len - 1]) != NULL)
		all.len--;
	if (word_same(all, text_span("all")))
		return text_trim(without(line, word.len));
	while ((n = numeral(line)) > 0)
		line = without(line, n);
	return line;
}

enum talk talk_read(
    struct arena *arena, const struct talk_request *request, const char **hint)
{
	struct span line = text_trim(request->line), rest = line;
	enum talk talk;

	*hint = NULL;
	if (request->numbered)
		rest = behind_numbers(line);
	if (rest.len == 0)
		return TALK_OTHERS;
	talk = read_line(arena, request, rest, hint);
	/* what is wrong with a line of numbers, orders.c says best */
	if (talk == TALK_HINT && rest.len < line.len &&
	    saying(arena, rest) == NULL && rest.data[rest.len - 1] != '?') {
		*hint = NULL;
		return TALK_COMMAND;
	}
	return talk;
}
