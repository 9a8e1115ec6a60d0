/*
 * Fuzzes the grammar of answers: no crash, and an approval only from a line
 * that holds one or two plain words, or a third, "because", before a reason.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/grammar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool right)
{
	if (!right)
		abort();
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static size_t count_words(const uint8_t *data, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < size; i++)
		n += !is_blank(data[i]) && (i == 0 || is_blank(data[i - 1]));
	return n;
}

/* The letters of "approve" or "a", and of a code: nothing else. */
static void check_approval(const uint8_t *data, size_t size, size_t words)
{
	size_t i;

	expect(count_words(data, size) <= words);
	for (i = 0; i < size; i++)
		expect(is_blank(data[i]) ||
		       ((data[i] | 32) >= 'a' && (data[i] | 32) <= 'z') ||
		       (data[i] >= '2' && data[i] <= '7'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct grammar_command command;
	const char *text = (const char *)data;

	grammar_read((struct span){size > 0 ? text : "", size}, &command);
	expect(command.verb >= GRAMMAR_NONE && command.verb <= GRAMMAR_HELP);
	if (command.rest.len > 0)
		expect(command.rest.data >= text &&
		       command.rest.data + command.rest.len <= text + size);
	if (command.verb == GRAMMAR_APPROVE) {
		if (command.because.len > 0)
			check_approval(
			    data, (size_t)(command.because.data - text), 3);
		else
			check_approval(data, size, 2);
		expect(command.rest.len == 0 ||
		       command.rest.len == GRAMMAR_CODE_LENGTH);
	}
	if (command.verb == GRAMMAR_EDIT || command.verb == GRAMMAR_UNDO ||
	    command.verb == GRAMMAR_CLAIM || command.verb == GRAMMAR_FINE ||
	    command.verb == GRAMMAR_HELP)
		expect(count_words(data, size) == 1);
	if (command.verb == GRAMMAR_DELEGATE)
		expect(count_words(data, size) == 2);
	return 0;
}
