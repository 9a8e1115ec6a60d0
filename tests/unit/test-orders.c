/*
 * Tests of answers to a mail of many drafts: what each answer tells which
 * draft, and that one mistake undoes all.
 */
#include "review/orders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "review/text.h"

/* Five drafts; 2, 4 and 5 are low. */
static const struct orders_item five[] = {
    {1, false}, {2, true}, {3, false}, {4, true}, {5, true}};

static const struct config_word house[] = {
    {1, "freigeben", "approve"}, {2, "sp\xc3\xa4ter", "snooze"}};
static const struct grammar_words words = {2, house};

static const char *const names[] = {
    [GRAMMAR_APPROVE] = "approve",
    [GRAMMAR_DROP] = "drop",
    [GRAMMAR_EDIT] = "edit",
    [GRAMMAR_ASK] = "ask",
    [GRAMMAR_UNDO] = "undo",
    [GRAMMAR_CLAIM] = "claim",
    [GRAMMAR_DELEGATE] = "delegate",
    [GRAMMAR_FINE] = "fine",
    [GRAMMAR_WRONG] = "wrong",
    [GRAMMAR_REVISE] = "revise",
    [GRAMMAR_SNOOZE] = "snooze",
};

/* "1 approve; 2 drop[no]", or "line 2: why". */
static const char *read_them(struct arena *arena, struct span text)
{
	const struct orders_request request = {
	    .text = text, .n_items = 5, .items = five, .words = &words};
	const struct grammar_command *c;
	struct orders orders;
	struct buf out;
	const char *made;
	size_t i;

	orders_read(&request, arena, &orders);
	if (orders.fault != NULL) {
		assert_int_equal(orders.n, 0);
		return arena_printf(
		    arena, "line %u: %s", orders.line, orders.fault);
	}
	buf_init(&out, 100000);
	for (i = 0; i < orders.n; i++) {
		c = &orders.list[i].command;
		assert_true(c->verb > 0 && c->verb < GRAMMAR_HELP);
		buf_addf(&out, "%s%u%s %s", i > 0 ? "; " : "",
		    five[orders.list[i].item].number,
		    orders.list[i].all ? "*" : "", names[c->verb]);
		if (c->rest.len > 0)
			buf_addf(
			    &out, "[%.*s]", (int)c->rest.len, c->rest.data);
		if (c->because.len > 0)
			buf_addf(&out, "{%.*s}", (int)c->because.len,
			    c->because.data);
	}
	if (orders.text.len > 0)
		buf_addf(
		    &out, " <%.*s>", (int)orders.text.len, orders.text.data);
	made = arena_dup(arena, out.data, out.len);
	buf_release(&out);
	return made;
}

struct row {
	const char *text, *means;
};

static void compare(const struct row *rows, size_t n)
{
	struct arena *arena = arena_new();
	const char *means;
	size_t i;

	for (i = 0; i < n; i++) {
		means = read_them(arena, text_span(rows[i].text));
		if (strncmp(means, rows[i].means, strlen(rows[i].means)) != 0 ||
		    (strncmp(means, "line ", 5) != 0 &&
			strcmp(means, rows[i].means) != 0))
			fail_msg("\"%s\" means \"%s\"", rows[i].text, means);
	}
	arena_free(arena);
}

#define COMPARE(rows) compare(rows, sizeof(rows) / sizeof((rows)[0]))

static void each_line_tells_its_drafts(void **state)
{
	static const struct row rows[] = {
	    {"1 approve", "1 approve"},
	    {"1 approve\n2 drop wrong-price", "1 approve; 2 drop[wrong-price]"},
	    {"2 drop\n1 approve", "1 approve; 2 drop"},
	    {"3-5 approve", "3 approve; 4 approve; 5 approve"},
	    {"3 - 5 approve", "3 approve; 4 approve; 5 approve"},
	    {"3\xe2\x80\x93"
	     "5 approve",
		"3 approve; 4 approve; 5 approve"},
	    {"1,3 a", "1 approve; 3 approve"},
	    {"1, 3-4 , 5 d too dear",
		"1 drop[too dear]; 3 drop[too dear]; 4 drop[too dear]; "
		"5 drop[too dear]"},
	    {"5-5 approve", "5 approve"},
	    {"01 approve", "1 approve"},
	    {" \t1\tapprove ", "1 approve"},
	    {"1: approve", "1 approve"},
	    {"1. approve", "1 approve"},
	    {"1) approve", "1 approve"},
	    {"#1 approve", "1 approve"},
	    {"#1, #2 approve", "1 approve; 2 approve"},
	    {"1 APPROVE K7Q4RM", "1 approve[K7Q4RM]"},
	    {"1 approve k7q4rm because sales agreed",
		"1 approve[k7q4rm]{sales agreed}"},
	    {"1,2 approve because sales agreed",
		"1 approve{sales agreed}; 2 approve{sales agreed}"},
	    {"1 ask is it true?\n2 claim\n3 delegate bob\n4 snooze 2h\n"
	     "5 revise be kinder",
		"1 ask[is it true?]; 2 claim; 3 delegate[bob]; 4 snooze[2h]; "
		"5 revise[be kinder]"},
	    {"1 undo\n2 fine\n3 wrong tone", "1 undo; 2 fine; 3 wrong[tone]"},
	    {"1 freigeben\n2 sp\xc3\xa4ter 3d", "1 approve; 2 snooze[3d]"},
	    {"1 approve\r\n2 approve\r\n", "1 approve; 2 approve"},
	    /* twice the same is once */
	    {"1 approve\n1 approve", "1 approve"},
	    {"1-3 drop no\n2 drop no", "1 drop[no]; 2 drop[no]; 3 drop[no]"},
	    {"1,1 approve", "1 approve"},
	};

	(void)state;
	COMPARE(rows);
}

static void the_commands_end_before_other_words(void **state)
{
	static const struct row rows[] = {
	    {"1 approve\n\n2 approve\n\n\n3 drop",
		"1 approve; 2 approve; 3 drop"},
	    {"1 approve\n\nThanks,\nAnna", "1 approve"},
	    {"1 approve\n\nAll the best\nAnna", "1 approve"},
	    {"1 approve\n  \n> 2 approve\n> 3 approve", "1 approve"},
	    {"1 approve\n\nOn Sat, Imprimatur wrote:\n1. high: a refund\n"
	     "2. low: a hint\n  1 approve",
		"line 6: it stands below words"},
	    {"1 approve\n\nOn Sat, Imprimatur wrote:\n1. high: a refund",
		"1 approve"},
	    {"1 approve\n\n-- \n24 Main Street", "1 approve"},
	};

	(void)state;
	COMPARE(rows);
}

static void all_means_the_low_ones_without_a_line(void **state)
{
	static const struct row rows[] = {
	    {"all approve", "2* approve; 4* approve; 5* approve"},
	    {"ALL drop too late",
		"2* drop[too late]; 4* drop[too late]; 5* drop[too late]"},
	    {"all: snooze 1d", "2* snooze[1d]; 4* snooze[1d]; 5* snooze[1d]"},
	    {"all claim\n\nbye", "2* claim; 4* claim; 5* claim"},
	    {"all undo", "2* undo; 4* undo; 5* undo"},
	    {"all freigeben", "2* approve; 4* approve; 5* approve"},
	    {"all approve because it is Friday",
		"2* approve{it is Friday}; 4* approve{it is Friday}; "
		"5* approve{it is Friday}"},
	    {"2 drop no\nall approve", "2 drop[no]; 4* approve; 5* approve"},
	    {"all approve\n2 drop no", "2 drop[no]; 4* approve; 5* approve"},
	    {"all drop\n1-2 approve", "1 approve; 2 approve; 4* drop; 5* drop"},
	    {"all approve\nall approve", "2* approve; 4* approve; 5* approve"},
	    {"all approve\nall drop", "line 2: \"all\" is told two"},
	    {"all approve k7q4rm", "line 1: a code is that of one"},
	    {"all edit\ntext", "line 1: an edit is of one"},
	    {"all revise be kinder", "line 1: \"all\" can only"},
	    {"all ask why?", "line 1: \"all\" can only"},
	    {"all wrong", "line 1: \"all\" can only"},
	    {"all delegate bob", "line 1: \"all\" can only"},
	    {"all approve it", "line 1: it begins like"},
	    {"all 1 approve", "line 1: it is no command"},
	    {"all", "line 1: it is no command"},
	    {"allapprove", "line 1: it is no command"},
	    {"all, approve", "line 1: it is no command"},
	};

	(void)state;
	COMPARE(rows);
}

static void one_mistake_undoes_all(void **state)
{
	static const struct row rows[] = {
	    {"", "line 0: it had no text of your own"},
	    {"\n \n", "line 2: it had no text of your own"},
	    {"approve", "line 1: it is no command"},
	    {"approve 1", "line 1: it is no command"},
	    {"Hello,\n1 approve", "line 1: it is no command"},
	    {"> 1 approve", "line 1: it is no command"},
	    {"| 1 approve", "line 1: it is no command"},
	    {"item 1 approve", "line 1: it is no command"},
	    {"please 1 approve", "line 1: it is no command"},
	    {"1", "line 1: it begins like"},
	    {"1 ", "line 1: it begins like"},
	    {"1approve", "line 1: it begins like"},
	    {"1 aprove", "line 1: it begins like"},
	    {"1 approve.", "line 1: it begins like"},
	    {"1 approve it", "line 1: it begins like"},
	    {"1 do not approve", "line 1: it begins like"},
	    {"1 help", "line 1: it begins like"},
	    {"1 2 approve", "line 1: it begins like"},
	    {"1 and 2 approve", "line 1: it begins like"},
	    {"1+2 approve", "line 1: it begins like"},
	    {"1.5 approve", "line 1: it begins like"},
	    {"1- approve", "line 1: it begins like"},
	    {"1, approve", "line 1: it begins like"},
	    {"1-2-3 approve", "line 1: it begins like"},
	    {"1: : approve", "line 1: it begins like"},
	    {"1 snooze", "line 1: it begins like"},
	    {"1 revise", "line 1: say in the same line"},
	    {"1 r \t", "line 1: say in the same line"},
	    {"0 approve", "line 1: there is no number 0"},
	    {"6 approve", "line 1: there is no number 6"},
	    {"3-7 approve", "line 1: there is no number 6"},
	    {"0-2 approve", "line 1: there is no number 0"},
	    {"4294967297 approve", "line 1: there is no number"},
	    {"18446744073709551617 approve", "line 1: there is no number"},
	    {"1-99999999999999999999 approve", "line 1: there is no number"},
	    {"5-3 approve", "line 1: a range goes from"},
	    {"1 approve\n1 drop", "line 2: it tells draft number 1 something"},
	    {"1 drop no\n1 drop never", "line 2: it tells draft number 1"},
	    {"1 claim\n1-2 approve", "line 2: it tells draft number 1"},
	    {"1 approve\n1 approve k7q4rm", "line 2: it tells draft number 1"},
	    {"1 approve\n2 aprove", "line 2: it begins like"},
	    {"1 approve\n\n2 aprove", "line 3: it begins like"},
	    {"1 approve\nall approve it", "line 2: it begins like"},
	    {"1 approve\n7 drop", "line 2: there is no number"},
	    {"1-5 approve\nbut not 3", "line 2: it is no command, and stands"},
	    {"1-5 approve\nexcept the refund",
		"line 2: it is no command, and stands"},
	    {"1 approve\napprove", "line 2: it is no command, and stands"},
	    {"1 approve\nThanks", "line 2: it is no command, and stands"},
	    {"1 approve\n\nplease look at 2\n3 approve",
		"line 4: it stands below words"},
	    {"1 approve\n\nthank you\n\n\n1 drop",
		"line 6: it stands below words"},
	    {"1 approve\n\nwait\n\n\n1 drop", "line 3: it seems to bind"},
	    {"1 approve\n\nBut not before Monday", "line 3: it seems to bind"},
	    {"1,2 approve k7q4rm", "line 1: a code is that of one"},
	    {"1-2 approve k7q4rm", "line 1: a code is that of one"},
	};

	(void)state;
	COMPARE(rows);
}

static void an_edit_comes_last(void **state)
{
	static const struct row rows[] = {
	    {"6 edit\ntext", "line 1: there is no number"},
	    {"3 edit\nDear Max,\n\nnew text", "3 edit <Dear Max,\n\nnew text>"},
	    {"3 edit", "3 edit"},
	    {"1 approve\n\n3 edit\n\nDear Max,\n3 is right, and so is all\n",
		"1 approve; 3 edit <\nDear Max,\n3 is right, and so is all\n>"},
	    {"3 edit\napprove", "3 edit <approve>"},
	    {"1,2 edit\ntext", "line 1: an edit is of one"},
	    {"1-2 edit\ntext", "line 1: an edit is of one"},
	    {"3 edit\n4 approve", "line 2: it stands in the text of an edit"},
	    {"3 edit\nDear Max,\n4 edit\nDear Eva",
		"line 3: it stands in the text of an edit"},
	    {"3 edit\nDear Max\n\nall approve",
		"line 4: it stands in the text of an edit"},
	    {"3 edit please\ntext", "line 1: it begins like"},
	    {"3 approve\n3 edit\ntext", "line 2: it tells draft number 3"},
	    {"all approve\n4 edit\nDear Max",
		"2* approve; 4 edit; 5* approve <Dear Max>"},
	};

	(void)state;
	COMPARE(rows);
}

/* No byte beside a command makes it another one, or somebody else's. */
static void no_byte_may_stand_beside_it(void **state)
{
	struct arena *arena = arena_new();
	const char *means;
	char line[32];
	int c, at;

	(void)state;
	for (c = 0; c < 256; c++)
		for (at = 0; at <= 9; at++) {
			memcpy(line, "2 approve", 9);
			memmove(line + at + 1, line + at, (size_t)(9 - at));
			line[at] = (char)c;
			means = read_them(arena, (struct span){line, 10});
			if (strncmp(means, "line ", 5) != 0 &&
			    strcmp(means, "2 approve") != 0 &&
			    /* "2 a pprove": a code, and a wrong one */
			    strcmp(means, "2 approve[pprove]") != 0)
				fail_msg("\"%.10s\" means \"%s\"", line, means);
		}
	arena_free(arena);
}

static void a_number_that_is_gone_is_no_other(void **state)
{
	static const struct orders_item gaps[] = {{2, true}, {5, true}};
	static const struct row rows[] = {
	    {"2,5 approve", NULL},
	    {"all approve", NULL},
	    {"1 approve", "there is no number 1"},
	    {"2-5 approve", "there is no number 3"},
	    {"5-9 approve", "there is no number 6"},
	};
	struct arena *arena = arena_new();
	struct orders orders;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct orders_request request = {
		    .text = text_span(rows[i].text),
		    .n_items = 2,
		    .items = gaps,
		    .words = &words};

		orders_read(&request, arena, &orders);
		if (rows[i].means == NULL)
			assert_int_equal(orders.n, 2);
		else
			assert_non_null(strstr(orders.fault, rows[i].means));
	}
	arena_free(arena);
}

static void a_long_answer_is_read_in_time(void **state)
{
	struct arena *arena = arena_new();
	struct buf text;
	const char *means;
	int i;

	(void)state;
	buf_init(&text, (size_t)64 << 20);
	for (i = 0; i < 200000; i++)
		buf_add_str(&text, "1-5 approve\n");
	assert_string_equal(read_them(arena, buf_span(&text)),
	    "1 approve; 2 approve; 3 approve; 4 approve; 5 approve");
	buf_clear(&text);
	for (i = 0; i < 1000000; i++)
		buf_add_str(&text, "1,");
	means = read_them(arena, buf_span(&text));
	assert_memory_equal(means, "line 1: it begins like", 22);
	buf_release(&text);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_line_tells_its_drafts),
	    cmocka_unit_test(the_commands_end_before_other_words),
	    cmocka_unit_test(all_means_the_low_ones_without_a_line),
	    cmocka_unit_test(one_mistake_undoes_all),
	    cmocka_unit_test(an_edit_comes_last),
	    cmocka_unit_test(no_byte_may_stand_beside_it),
	    cmocka_unit_test(a_number_that_is_gone_is_no_other),
	    cmocka_unit_test(a_long_answer_is_read_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
