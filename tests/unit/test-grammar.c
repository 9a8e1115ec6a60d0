/*
 * Tests of the grammar of answers: a table of lines and what each must mean.
 * Whatever is not exactly a command is none.
 */
#include "review/grammar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define ROW(line, verb, rest)                                                  \
	{                                                                      \
		line, sizeof(line) - 1, GRAMMAR_##verb, rest                   \
	}

static const struct row {
	const char *line;
	size_t len;
	enum grammar_verb verb;
	const char *rest;
} rows[] = {
    ROW("approve", APPROVE, ""),
    ROW("a", APPROVE, ""),
    ROW("Approve", APPROVE, ""),
    ROW("APPROVE", APPROVE, ""),
    ROW("aPpRoVe", APPROVE, ""),
    ROW("A", APPROVE, ""),
    ROW("  approve", APPROVE, ""),
    ROW("approve  ", APPROVE, ""),
    ROW("\x09"
	"approve\x09",
	APPROVE, ""),
    ROW(" a ", APPROVE, ""),
    ROW("approve k7q4rm", APPROVE, "k7q4rm"),
    ROW("a k7q4rm", APPROVE, "k7q4rm"),
    ROW("approve  k7q4rm", APPROVE, "k7q4rm"),
    ROW("approve\x09k7q4rm", APPROVE, "k7q4rm"),
    ROW("approve k7q4rm ", APPROVE, "k7q4rm"),
    ROW("APPROVE K7Q4RM", APPROVE, "K7Q4RM"),
    ROW("approve 234567", APPROVE, "234567"),
    ROW("approve please", APPROVE, "please"),
    ROW("approve thanks", APPROVE, "thanks"),
    ROW("drop", DROP, ""),
    ROW("d", DROP, ""),
    ROW("Drop", DROP, ""),
    ROW("DROP", DROP, ""),
    ROW("D", DROP, ""),
    ROW(" d\x09", DROP, ""),
    ROW("drop wrong price", DROP, "wrong price"),
    ROW("d no", DROP, "no"),
    ROW("drop  two  blanks ", DROP, "two  blanks"),
    ROW("drop approve", DROP, "approve"),
    ROW("drop do not approve", DROP, "do not approve"),
    ROW("Drop: no", NONE, ""),
    ROW("drop\x09Tab", DROP, "Tab"),
    ROW("drop zu teuer f\xc3\xbcr uns", DROP, "zu teuer f\xc3\xbcr uns"),
    ROW("drop \xf0\x9f\x91\x8e", DROP, "\xf0\x9f\x91\x8e"),
    ROW("edit", EDIT, ""),
    ROW("Edit", EDIT, ""),
    ROW(" EDIT ", EDIT, ""),
    ROW("ask is this right?", ASK, "is this right?"),
    ROW("ASK anna", ASK, "anna"),
    ROW("ask approve", ASK, "approve"),
    ROW("ask   x", ASK, "x"),
    ROW("undo", UNDO, ""),
    ROW("Undo", UNDO, ""),
    ROW("UNDO", UNDO, ""),
    ROW("help", HELP, ""),
    ROW("Help", HELP, ""),
    ROW("HELP", HELP, ""),
    ROW("approve.", NONE, ""),
    ROW("approve!", NONE, ""),
    ROW("approve?", NONE, ""),
    ROW("approve,", NONE, ""),
    ROW("approve;", NONE, ""),
    ROW("approve:", NONE, ""),
    ROW("approved", NONE, ""),
    ROW("approves", NONE, ""),
    ROW("approving", NONE, ""),
    ROW("approve it", NONE, ""),
    ROW("approve this", NONE, ""),
    ROW("approve now", NONE, ""),
    ROW("approve please!", NONE, ""),
    ROW("approve 17", NONE, ""),
    ROW("approve 4711", NONE, ""),
    ROW("approve #17", NONE, ""),
    ROW("approve draft 17", NONE, ""),
    ROW("approve k7q4r", NONE, ""),
    ROW("approve k7q4rmm", NONE, ""),
    ROW("approve k7q4rm.", NONE, ""),
    ROW("approve k7q4rm now", NONE, ""),
    ROW("approve k7q4rm k7q4rm", NONE, ""),
    ROW("approve k7q 4rm", NONE, ""),
    ROW("approve k7q4r1", NONE, ""),
    ROW("approve k7q4r0", NONE, ""),
    ROW("approve k7q4r8", NONE, ""),
    ROW("approve k7q4r9", NONE, ""),
    ROW("approve k7q4r-", NONE, ""),
    ROW("approve <k7q4rm>", NONE, ""),
    ROW("approve \"k7q4rm\"", NONE, ""),
    ROW("approve code k7q4rm", NONE, ""),
    ROW("approve, k7q4rm", NONE, ""),
    ROW("approve / drop", NONE, ""),
    ROW("approve or drop", NONE, ""),
    ROW("approve and drop", NONE, ""),
    ROW("approve drop", NONE, ""),
    ROW("approve approve", NONE, ""),
    ROW("approve? drop?", NONE, ""),
    ROW("\"approve\"", NONE, ""),
    ROW("'approve'", NONE, ""),
    ROW("`approve`", NONE, ""),
    ROW("*approve*", NONE, ""),
    ROW("**approve**", NONE, ""),
    ROW("_approve_", NONE, ""),
    ROW("<approve>", NONE, ""),
    ROW("[approve]", NONE, ""),
    ROW("(approve)", NONE, ""),
    ROW("> approve", NONE, ""),
    ROW(">approve", NONE, ""),
    ROW("| approve", NONE, ""),
    ROW("|approve", NONE, ""),
    ROW("- approve", NONE, ""),
    ROW("* approve", NONE, ""),
    ROW("1. approve", NONE, ""),
    ROW("1 approve", NONE, ""),
    ROW("#approve", NONE, ""),
    ROW("/approve", NONE, ""),
    ROW("!approve", NONE, ""),
    ROW(".approve", NONE, ""),
    ROW("=approve", NONE, ""),
    ROW("approve-", NONE, ""),
    ROW("-approve", NONE, ""),
    ROW("do not approve", NONE, ""),
    ROW("don't approve", NONE, ""),
    ROW("Do not approve this!", NONE, ""),
    ROW("not approved", NONE, ""),
    ROW("not approve", NONE, ""),
    ROW("never approve", NONE, ""),
    ROW("please approve", NONE, ""),
    ROW("I approve", NONE, ""),
    ROW("I approve this", NONE, ""),
    ROW("we approve", NONE, ""),
    ROW("you can approve", NONE, ""),
    ROW("ok approve", NONE, ""),
    ROW("yes, approve", NONE, ""),
    ROW("Approved if you fix X", NONE, ""),
    ROW("Approved, but change the date", NONE, ""),
    ROW("approve if anna agrees", NONE, ""),
    ROW("approve unless it is late", NONE, ""),
    ROW("approve after lunch", NONE, ""),
    ROW("approve tomorrow", NONE, ""),
    ROW("approve everything", NONE, ""),
    ROW("approve all", NONE, ""),
    ROW("approve both", NONE, ""),
    ROW("approve?!", NONE, ""),
    ROW("yes", NONE, ""),
    ROW("yes!", NONE, ""),
    ROW("y", NONE, ""),
    ROW("ok", NONE, ""),
    ROW("OK", NONE, ""),
    ROW("ok.", NONE, ""),
    ROW("okay", NONE, ""),
    ROW("k", NONE, ""),
    ROW("sure", NONE, ""),
    ROW("fine", FINE, ""),
    ROW(" Fine ", FINE, ""),
    ROW("fine by me", NONE, ""),
    ROW("fine.", NONE, ""),
    ROW("wrong", WRONG, ""),
    ROW("wrong wrong-price it was 80", WRONG, "wrong-price it was 80"),
    ROW("wrong!", NONE, ""),
    ROW("claim", CLAIM, ""),
    ROW("CLAIM", CLAIM, ""),
    ROW("claim it", NONE, ""),
    ROW("claimed", NONE, ""),
    ROW("delegate bob", DELEGATE, "bob"),
    ROW("Delegate \tBob ", DELEGATE, "Bob"),
    ROW("delegate", NONE, ""),
    ROW("delegate to bob", NONE, ""),
    ROW("delegate bob please", NONE, ""),
    ROW("approve because", NONE, ""),
    ROW("approve because ", NONE, ""),
    ROW("approve k7q4rm because", NONE, ""),
    ROW("approve because: it is right", NONE, ""),
    ROW("approve it because it is right", NONE, ""),
    ROW("approve k7q4rm, because it is right", NONE, ""),
    ROW("approve k7q4rm k7q4rm because", NONE, ""),
    ROW("because approve", NONE, ""),
    ROW("looks good", NONE, ""),
    ROW("lgtm", NONE, ""),
    ROW("LGTM", NONE, ""),
    ROW("+1", NONE, ""),
    ROW("thanks", NONE, ""),
    ROW("thank you", NONE, ""),
    ROW("send", NONE, ""),
    ROW("send it", NONE, ""),
    ROW("go", NONE, ""),
    ROW("go ahead", NONE, ""),
    ROW("release", NONE, ""),
    ROW("accept", NONE, ""),
    ROW("accepted", NONE, ""),
    ROW("confirm", NONE, ""),
    ROW("confirmed", NONE, ""),
    ROW("agree", NONE, ""),
    ROW("no", NONE, ""),
    ROW("No!", NONE, ""),
    ROW("nope", NONE, ""),
    ROW("stop", NONE, ""),
    ROW("stop!", NONE, ""),
    ROW("reject", NONE, ""),
    ROW("rejected", NONE, ""),
    ROW("deny", NONE, ""),
    ROW("cancel", NONE, ""),
    ROW("delete", NONE, ""),
    ROW("aapprove", NONE, ""),
    ROW("approvee", NONE, ""),
    ROW("apprve", NONE, ""),
    ROW("approv", NONE, ""),
    ROW("ap", NONE, ""),
    ROW("aa", NONE, ""),
    ROW("ad", NONE, ""),
    ROW("a.", NONE, ""),
    ROW("a)", NONE, ""),
    ROW("a?", NONE, ""),
    ROW("a,", NONE, ""),
    ROW("a: yes", NONE, ""),
    ROW("a good idea", NONE, ""),
    ROW("a question", NONE, ""),
    ROW("A question: why?", NONE, ""),
    ROW("an", NONE, ""),
    ROW("dropped", NONE, ""),
    ROW("drops", NONE, ""),
    ROW("droppp", NONE, ""),
    ROW("drop.", NONE, ""),
    ROW("drop,", NONE, ""),
    ROW("drop?", NONE, ""),
    ROW("drop!", NONE, ""),
    ROW("d.", NONE, ""),
    ROW("dd", NONE, ""),
    ROW("d'accord", NONE, ""),
    ROW("don't drop", NONE, ""),
    ROW("please drop", NONE, ""),
    ROW("edit this", NONE, ""),
    ROW("edit: new text", NONE, ""),
    ROW("edit k7q4rm", NONE, ""),
    ROW("edit please", NONE, ""),
    ROW("edits", NONE, ""),
    ROW("edited", NONE, ""),
    ROW("edit.", NONE, ""),
    ROW("ask", NONE, ""),
    ROW("ask?", NONE, ""),
    ROW("ask.", NONE, ""),
    ROW("asked", NONE, ""),
    ROW("asking anna", NONE, ""),
    ROW("undo k7q4rm", NONE, ""),
    ROW("undo it", NONE, ""),
    ROW("undo!", NONE, ""),
    ROW("undone", NONE, ""),
    ROW("help me", NONE, ""),
    ROW("help!", NONE, ""),
    ROW("help?", NONE, ""),
    ROW("helpful", NONE, ""),
    ROW("revise", REVISE, ""),
    ROW("Revise name the price", REVISE, "name the price"),
    ROW("r be kinder", REVISE, "be kinder"),
    ROW("R", REVISE, ""),
    ROW("revise: be kinder", NONE, ""),
    ROW("revised", NONE, ""),
    ROW("re approve", NONE, ""),
    ROW("Re: approve", NONE, ""),
    ROW("snooze 2h", SNOOZE, "2h"),
    ROW("SNOOZE 30M", SNOOZE, "30M"),
    ROW("snooze  3d ", SNOOZE, "3d"),
    ROW("snooze", NONE, ""),
    ROW("snooze 0h", NONE, ""),
    ROW("snooze 2", NONE, ""),
    ROW("snooze h", NONE, ""),
    ROW("snooze -2h", NONE, ""),
    ROW("snooze 2 h", NONE, ""),
    ROW("snooze 2h please", NONE, ""),
    ROW("snooze 2hh", NONE, ""),
    ROW("snooze 2.5h", NONE, ""),
    ROW("snooze 2w", NONE, ""),
    ROW("snooze 99999h", NONE, ""),
    ROW("snooze until monday", NONE, ""),
    ROW("freigeben", NONE, ""),
    ROW("genehmigt", NONE, ""),
    ROW("Freigabe erteilt", NONE, ""),
    ROW("einverstanden", NONE, ""),
    ROW("ja", NONE, ""),
    ROW("ja, bitte", NONE, ""),
    ROW("nein", NONE, ""),
    ROW("nicht freigeben", NONE, ""),
    ROW("bitte senden", NONE, ""),
    ROW("approuver", NONE, ""),
    ROW("approuv\xc3\xa9", NONE, ""),
    ROW("aprobar", NONE, ""),
    ROW("zustimmen", NONE, ""),
    ROW("verwerfen", NONE, ""),
    ROW("a k7q4r", NONE, ""),
    ROW("a k7q4rmm", NONE, ""),
    ROW("a 123456", NONE, ""),
    ROW("a approve", NONE, ""),
    ROW("a a", NONE, ""),
    ROW("a d", NONE, ""),
    ROW("On Sat, 21 Nov 2026, Imprimatur wrote:", NONE, ""),
    ROW("Imprimatur asks you: may this mail leave?", NONE, ""),
    ROW("-----Original Message-----", NONE, ""),
    ROW("Sent from my iPhone", NONE, ""),
    ROW("--", NONE, ""),
    ROW("-- ", NONE, ""),
    ROW("Out of office", NONE, ""),
    ROW("Automatic reply: approve", NONE, ""),
    ROW("Subject: approve", NONE, ""),
    ROW("approve=20", NONE, ""),
    ROW("approve=", NONE, ""),
    ROW("approve\\n", NONE, ""),
    ROW("approve%20k7q4rm", NONE, ""),
    ROW("mailto:approve", NONE, ""),
    ROW("https://approve", NONE, ""),
    ROW("approve@corp.example", NONE, ""),
    ROW("approve k7q4rm\\r", NONE, ""),
    ROW("a\\0b", NONE, ""),
    ROW("approve\xc2\xa0k7q4rm", NONE, ""),
    ROW("\xc2\xa0"
	"approve",
	NONE, ""),
    ROW("approve\xc2\xa0", NONE, ""),
    ROW("app\xe2\x80\x8brove", NONE, ""),
    ROW("approve\xe2\x80\x8b", NONE, ""),
    ROW("\xe2\x80\x8b"
	"approve",
	NONE, ""),
    ROW("\xef\xbb\xbf"
	"approve",
	NONE, ""),
    ROW("approve \xe2\x80\x8bk7q4rm", NONE, ""),
    ROW("approve k7q4r\xe2\x80\x8bm", NONE, ""),
    ROW("approve\xe2\x80\x83k7q4rm", NONE, ""),
    ROW("approve\xe3\x80\x80", NONE, ""),
    ROW("\xe2\x80\xae"
	"approve",
	NONE, ""),
    ROW("approve\xe2\x80\xac", NONE, ""),
    ROW("\xef\xbd\x81\xef\xbd\x90\xef\xbd\x90\xef\xbd\x92\xef\xbd\x8f\xef\xbd"
	"\x96\xef\xbd\x85",
	NONE, ""),
    ROW("\xd0\xb0pprove", NONE, ""),
    ROW("\xd0\xb0\xd1\x80\xd1\x80r\xd0\xbev\xd0\xb5", NONE, ""),
    ROW("approve k7q4r\xd0\xbc", NONE, ""),
    ROW("\xf0\x9f\x91\x8d", NONE, ""),
    ROW("\xe2\x9c\x85", NONE, ""),
    ROW("\xf0\x9f\x91\x8d approve", NONE, ""),
    ROW("approve \xf0\x9f\x91\x8d", NONE, ""),
    ROW("\xe2\x9c\x94\xef\xb8\x8f", NONE, ""),
    ROW("\xe2\x9d\x8c", NONE, ""),
    ROW("approve\xe2\x80\xa6", NONE, ""),
    ROW("approve\xe2\x80\x93k7q4rm", NONE, ""),
    ROW("approve\x00", NONE, ""),
    ROW("approve\x0b", NONE, ""),
    ROW("approve\x0c", NONE, ""),
    ROW("approve\x0d", NONE, ""),
    ROW("appr\xc2\xadove", NONE, ""),
    ROW("\xef\xbd\x81", NONE, ""),
    ROW("\xd0\xb0", NONE, ""),
    ROW("drop\xc2\xa0no", NONE, ""),
    ROW("d\xe2\x80\x8b", NONE, ""),
    ROW("\xe2\x80\x8b"
	"drop",
	NONE, ""),
    ROW("edit\xc2\xa0", NONE, ""),
    ROW("\xc3\xbcnd", NONE, ""),
    ROW("undo\xc2\xa0", NONE, ""),
    ROW("un\xe1\xb8\x8bo", NONE, ""),
    ROW("\xe2\x93\x90", NONE, ""),
    ROW("", NONE, ""),
    ROW("   ", NONE, ""),
    ROW("\x09", NONE, ""),
    ROW(" \x09 ", NONE, ""),
};

static void each_line_means_what_the_table_says(void **state)
{
	struct grammar_command command;
	size_t i, n = sizeof(rows) / sizeof(rows[0]);

	(void)state;
	assert_true(n >= 150);
	for (i = 0; i < n; i++) {
		grammar_read(
		    (struct span){rows[i].line, rows[i].len}, &command);
		if (command.verb != rows[i].verb)
			fail_msg("\"%s\" is read as verb %d", rows[i].line,
			    (int)command.verb);
		assert_int_equal(command.rest.len, strlen(rows[i].rest));
		assert_memory_equal(
		    command.rest.data, rows[i].rest, command.rest.len);
	}
}

/* An approval may say why, behind one word alone. */
static void an_approval_may_have_a_reason(void **state)
{
	static const struct {
		const char *line, *code, *because;
	} lines[] = {
	    {"approve", "", ""},
	    {"approve k7q4rm", "k7q4rm", ""},
	    {"approve because it is right", "", "it is right"},
	    {"a K7Q4RM  Because\tthe price  is right ", "K7Q4RM",
		"the price  is right"},
	    {"approve because because", "", "because"},
	    {"approve because k7q4rm", "", "k7q4rm"},
	};
	struct grammar_command c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		grammar_read(
		    (struct span){lines[i].line, strlen(lines[i].line)}, &c);
		assert_int_equal(c.verb, GRAMMAR_APPROVE);
		assert_int_equal(c.rest.len, strlen(lines[i].code));
		assert_memory_equal(c.rest.data, lines[i].code, c.rest.len);
		assert_int_equal(c.because.len, strlen(lines[i].because));
		assert_memory_equal(
		    c.because.data, lines[i].because, c.because.len);
	}
}

/* Anything before or after "approve" but blanks makes it something else. */
static void no_byte_may_stand_beside_a_command(void **state)
{
	struct grammar_command command;
	char line[32];
	int c, n;

	(void)state;
	for (c = 0; c < 256; c++) {
		if (c == ' ' || c == '\t')
			continue;
		n = snprintf(line, sizeof(line), "%capprove", c);
		grammar_read((struct span){line, (size_t)n}, &command);
		assert_int_equal(command.verb, GRAMMAR_NONE);
		memcpy(line, "approve", 7);
		line[7] = (char)c;
		grammar_read((struct span){line, 8}, &command);
		assert_int_equal(command.verb, GRAMMAR_NONE);
	}
}

static void a_long_line_is_read_in_time(void **state)
{
	static char line[1 << 20];
	struct grammar_command command;

	(void)state;
	memset(line, 'a', sizeof(line));
	grammar_read((struct span){line, sizeof(line)}, &command);
	assert_int_equal(command.verb, GRAMMAR_NONE);
	memset(line, ' ', sizeof(line));
	line[sizeof(line) / 2] = 'a';
	grammar_read((struct span){line, sizeof(line)}, &command);
	assert_int_equal(command.verb, GRAMMAR_APPROVE);
}

static void a_time_is_minutes_hours_or_days(void **state)
{
	(void)state;
	assert_int_equal(grammar_span((struct span){"30m", 3}), 1800);
	assert_int_equal(grammar_span((struct span){"2H", 2}), 7200);
	assert_int_equal(grammar_span((struct span){"9999d", 5}), 863913600);
	assert_int_equal(grammar_span((struct span){"00m", 3}), 0);
	assert_int_equal(grammar_span((struct span){"", 0}), 0);
}

/* ---- words of the house ---- */

#define SPAN(s) ((struct span){s, sizeof(s) - 1})

static const struct config_word house[] = {
    {1, "freigeben", "approve"},
    {2, "\xc3\x84ndern", "edit"},
    {3, "\xd0\xbe\xd0\xb4\xd0\xbe\xd0\xb1\xd1\x80\xd0\xb8\xd1\x82\xd1\x8c",
	"approve"},
    {4, "verwerfen", "drop"},
    {5, "sp\xc3\xa4ter", "snooze"},
};

static void a_house_has_its_own_words(void **state)
{
	static const struct {
		struct span line;
		enum grammar_verb verb;
		const char *rest;
	} lines[] = {
	    {SPAN("freigeben"), GRAMMAR_APPROVE, ""},
	    {SPAN(" FreiGeben  k7q4rm"), GRAMMAR_APPROVE, "k7q4rm"},
	    {SPAN("approve"), GRAMMAR_APPROVE, ""},
	    {SPAN("freigeben because es stimmt"), GRAMMAR_APPROVE, ""},
	    {SPAN("freigeben bitte"), GRAMMAR_NONE, ""},
	    {SPAN("freigeben!"), GRAMMAR_NONE, ""},
	    {SPAN("freigebe"), GRAMMAR_NONE, ""},
	    {SPAN("nicht freigeben"), GRAMMAR_NONE, ""},
	    {SPAN("\xc3\xa4NDERN"), GRAMMAR_EDIT, ""},
	    {SPAN("\xc3\x84ndern"), GRAMMAR_EDIT, ""},
	    {SPAN("a\xcc\x88ndern"), GRAMMAR_NONE, ""},
	    {SPAN("\xd0\x9e\xd0\x94\xd0\x9e\xd0\x91\xd0\xa0\xd0\x98\xd0"
		  "\xa2\xd0\xac"),
		GRAMMAR_APPROVE, ""},
	    {SPAN("Verwerfen zu teuer"), GRAMMAR_DROP, "zu teuer"},
	    {SPAN("sp\xc3\x84ter 2h"), GRAMMAR_SNOOZE, "2h"},
	    {SPAN("sp\xc3\xa4ter"), GRAMMAR_NONE, ""},
	    {SPAN("freigeben\xff"), GRAMMAR_NONE, ""},
	    {SPAN("freigeben\xc3"), GRAMMAR_NONE, ""},
	};
	const struct grammar_words words = {
	    sizeof(house) / sizeof(house[0]), house};
	struct grammar_command c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		grammar_read_with(&words, lines[i].line, &c);
		if (c.verb != lines[i].verb)
			fail_msg("\"%s\" is read as verb %d",
			    lines[i].line.data, (int)c.verb);
		assert_int_equal(c.rest.len, strlen(lines[i].rest));
		assert_memory_equal(c.rest.data, lines[i].rest, c.rest.len);
	}
}

static void the_same_word_in_either_case(void **state)
{
	static const struct {
		struct span a, b;
		bool same;
	} pairs[] = {
	    {SPAN("\xc3\x9c"), SPAN("\xc3\xbc"), true},
	    {SPAN("\xc5\xa0"), SPAN("\xc5\xa1"), true},
	    {SPAN("\xc4\xb9"), SPAN("\xc4\xba"), true},
	    {SPAN("\xce\xa3"), SPAN("\xcf\x82"), true},
	    {SPAN("\xce\x86"), SPAN("\xce\xac"), true},
	    {SPAN("\xd0\x81"), SPAN("\xd1\x91"), true},
	    {SPAN("\xd2\x90"), SPAN("\xd2\x91"), true},
	    {SPAN("\xe1\xba\x9e"), SPAN("\xc3\x9f"), true},
	    {SPAN("\xe1\xba\xa0"), SPAN("\xe1\xba\xa1"), true},
	    {SPAN("\xd4\xb1"), SPAN("\xd5\xa1"), true},
	    {SPAN("\xc3\x97"), SPAN("\xc3\xb7"), false},
	    {SPAN("\xd0\xb0"), SPAN("a"), false},
	    {SPAN("a"), SPAN("ab"), false},
	    {SPAN("\xff"), SPAN("\xff"), false},
	    {SPAN("\xc0\xa1"), SPAN("\xc0\xa1"), false},
	    {SPAN("\xed\xa0\x80"), SPAN("\xed\xa0\x80"), false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (word_same(pairs[i].a, pairs[i].b) != pairs[i].same)
			fail_msg("pair %zu", i);
		assert_int_equal(
		    word_same(pairs[i].b, pairs[i].a), pairs[i].same);
	}
}

/* Every word that the table of lines knows as one is out of a house's reach. */
static void no_word_of_the_house_hides_a_verb(void **state)
{
	struct config_word word = {7, NULL, "drop"};
	struct error err = ERROR_INIT;
	char one[64];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].verb == GRAMMAR_NONE)
			continue;
		n = strspn(rows[i].line, " \t");
		snprintf(one, sizeof(one), "%.*s",
		    (int)strcspn(rows[i].line + n, " \t"), rows[i].line + n);
		word.word = one;
		assert_int_equal(word_check("f.conf", &word, 1, &err), -1);
	}
}

static void a_word_of_the_house_is_looked_at(void **state)
{
	static const struct {
		const char *word, *means, *why;
	} wrong[] = {
	    {"", "drop", "empty"},
	    {"ja bitte", "drop", "without blanks"},
	    {"ja!\n", "drop", "without blanks"},
	    {"ja\xe2\x80\x8b", "drop", "without blanks"},
	    {"\xff", "drop", "UTF-8"},
	    {"1a", "drop", "begins with a digit"},
	    {"ALL", "drop", "has a meaning already"},
	    {"Approve", "drop", "has a meaning already"},
	    {"R", "drop", "has a meaning already"},
	    {"because", "drop", "has a meaning already"},
	    {"ja", "aprove", "did you mean 'approve'"},
	    {"ja", "a", "is no verb"},
	    {"VERWERFEN", "drop", "twice"},
	};
	struct config_word words[2] = {house[3]};
	struct error err = ERROR_INIT;
	size_t i;

	(void)state;
	assert_int_equal(
	    word_check("f.conf", house, sizeof(house) / sizeof(house[0]), &err),
	    0);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		words[1] =
		    (struct config_word){9, wrong[i].word, wrong[i].means};
		err = (struct error)ERROR_INIT;
		assert_int_equal(word_check("f.conf", words, 2, &err), -1);
		if (strstr(err.text, wrong[i].why) == NULL)
			fail_msg("%s", err.text);
		assert_memory_equal(err.text, "f.conf:9: ", 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_line_means_what_the_table_says),
	    cmocka_unit_test(an_approval_may_have_a_reason),
	    cmocka_unit_test(no_byte_may_stand_beside_a_command),
	    cmocka_unit_test(a_long_line_is_read_in_time),
	    cmocka_unit_test(a_time_is_minutes_hours_or_days),
	    cmocka_unit_test(a_house_has_its_own_words),
	    cmocka_unit_test(the_same_word_in_either_case),
	    cmocka_unit_test(no_word_of_the_house_hides_a_verb),
	    cmocka_unit_test(a_word_of_the_house_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
