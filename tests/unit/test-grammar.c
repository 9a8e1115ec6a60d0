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
    ROW("revise", NONE, ""),
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_line_means_what_the_table_says),
	    cmocka_unit_test(an_approval_may_have_a_reason),
	    cmocka_unit_test(no_byte_may_stand_beside_a_command),
	    cmocka_unit_test(a_long_line_is_read_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
