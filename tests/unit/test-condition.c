/*
 * test-condition: patterns over drafts, and what comes of those that have no
 * end.
 */
#include "check/reader/draft.h"
#include "check/reader/equip.h"

#include "util/clock.h"
#include "util/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A backslash in a pattern is written four times: C, then JSON. */
static struct equip *equip_of(const char *where, const char *pattern)
{
	struct error err = ERROR_INIT;
	struct equip *equip;
	char *json = mem_printf(
	    "{\"conditions\":[{\"mark\":7,\"where\":\"%s\",\"pattern\":\"%s\","
	    "\"file\":\"f\",\"line\":1}]}",
	    where, pattern);

	equip = equip_new((struct span){json, strlen(json)}, &err);
	if (equip == NULL)
		print_message("%s\n", err.text);
	assert_non_null(equip);
	free(json);
	return equip;
}

enum { NO, YES, UNSURE };

static int run(const char *where, const char *pattern, const char *mail)
{
	struct equip *equip = equip_of(where, pattern);
	const struct about about = {.equip = equip};
	struct reading *reading =
	    draft_read((struct span){mail, strlen(mail)}, &about);
	int answer = NO;

	assert_in_range(reading->n_marks, 0, 1);
	if (reading->n_marks == 1) {
		assert_int_equal(reading->marks[0].mark, 7);
		answer = reading->marks[0].unsure ? UNSURE : YES;
	}
	reading_free(reading);
	equip_free(equip);
	return answer;
}

#define MAIL                                                                   \
	"From: a@b.example\r\nSubject: Your =?utf-8?Q?R=C3=89FUND?=\r\n"       \
	"X-Class: gold\r\nX-Class: silver\r\nMIME-Version: 1.0\r\n"            \
	"Content-Type: multipart/mixed; boundary=m\r\n\r\n"                    \
	"--m\r\n\r\nfirst line\r\nsecond line\r\n> an old one\r\n"             \
	"--m\r\nContent-Type: application/zip; name=\"Prices.ZIP\"\r\n\r\nx"   \
	"\r\n--m--\r\n"

static void test_where(void **state)
{
	static const struct {
		const char *where, *pattern;
		int answer;
	} rows[] = {
	    {"subject",
		"r\xc3\xa9"
		"fund",
		YES},
	    {"subject", "^your", YES},
	    {"subject", "second", NO},
	    {"body", "refund|fund", NO},
	    {"body", "^SECOND line$", YES},
	    {"body", "first.*second", NO},
	    {"body", "old one", YES},
	    {"text",
		"r\xc3\xa9"
		"fund",
		YES},
	    {"text", "second", YES},
	    {"text", "third", NO},
	    {"own", "second", YES},
	    {"own", "old one", NO},
	    {"attachment", "\\\\.zip$", YES},
	    {"attachment", "exe", NO},
	    {"header:x-class", "^silver$", YES},
	    {"header:x-class", "copper", NO},
	    {"header:x-none", ".*", NO},
	    {"body", "\\\\bfirst\\\\b.*\\\\w+", YES},
	    {"body", "", YES},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int answer = run(rows[i].where, rows[i].pattern, MAIL);

		if (answer != rows[i].answer)
			print_message(
			    "%s: %s\n", rows[i].where, rows[i].pattern);
		assert_int_equal(answer, rows[i].answer);
	}
}

static char *mail_of(char c, size_t size)
{
	static const char head[] = "From: a@b.example\r\n\r\n";
	char *mail = mem_zalloc(size + sizeof(head));

	memset(mail, c, size + sizeof(head) - 1);
	memcpy(mail, head, sizeof(head) - 1);
	return mail;
}

/* What would take for ever is given up, soon, and is neither yes nor no. */
static void test_endless(void **state)
{
	static const char *const patterns[] = {"(a+)+[xyz]", "(a|aa)+[bc]",
	    "(?:a*)*?[bc]\\\\d", "[\\\\s\\\\S]*a[\\\\s\\\\S]*[bc]",
	    "(?:a?){40}a{40}[bc]"};
	char *mail = mail_of('a', 200000);
	int64_t from_ms = clock_mono_ms();

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (run("body", patterns[i], mail) != UNSURE)
			fail_msg("%s", patterns[i]);
	/* each has 100 ms of its own; machines are slow and busy */
	assert_in_range(clock_mono_ms() - from_ms, 0, 20000);
	free(mail);
}

/* Found behind many pieces, and in the midst of characters. */
static void test_long(void **state)
{
	char *mail = mail_of('a', 200001);

	(void)state;
	memcpy(mail + 150000, "NEEDLE", 6);
	assert_int_equal(run("body", "needle", mail), YES);
	assert_int_equal(run("body", "needles", mail), NO);
	for (size_t i = 22; i + 2 < 200000; i += 2)
		memcpy(mail + i, "\xc3\xa4", 2);
	assert_int_equal(run("body", "\xc3\xa4x", mail), NO);
	assert_int_equal(run("body", "^[a\xc3\xa4]+$", mail), YES);
	free(mail);
}

/* What nobody could look at may hold anything. */
static void test_cut(void **state)
{
	char *mail = mail_of('a', 400000);

	(void)state;
	assert_int_equal(run("body", "needle", mail), UNSURE);
	assert_int_equal(run("own", "needle", mail), UNSURE);
	assert_int_equal(run("subject", "needle", mail), NO);
	assert_int_equal(run("body", "aaa", mail), YES);
	free(mail);
}

/* A subject in lines of so many letters, with a word at its end. */
static char *long_subject(size_t lines, const char *word)
{
	static const char head[] = "From: a@b.example\r\nSubject: x\r\n";
	size_t room = sizeof(head) + lines * 903 + 100, n = sizeof(head) - 1;
	char *mail = mem_zalloc(room);

	memcpy(mail, head, n);
	for (size_t i = 0; i < lines; i++) {
		mail[n] = ' ';
		memset(mail + n + 1, 'a', 900);
		memcpy(mail + n + 901, "\r\n", 2);
		n += 903;
	}
	snprintf(mail + n, room - n, " %s\r\n\r\ntext\r\n", word);
	return mail;
}

/* The end of a long subject was not looked at. */
static void test_subject(void **state)
{
	static const size_t lines[] = {1, 30, 1200};
	static const int found[] = {YES, UNSURE, UNSURE};
	static const int missed[] = {NO, UNSURE, UNSURE};
	static const char many[] = "Subject: a\r\nSubject: needle\r\n\r\nx";

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *mail = long_subject(lines[i], "needle");

		assert_int_equal(run("subject", "needle", mail), found[i]);
		assert_int_equal(run("text", "needle", mail), found[i]);
		assert_int_equal(run("subject", "nothing", mail), missed[i]);
		assert_int_equal(run("subject", "(a+)+[xyz]", mail), UNSURE);
		free(mail);
	}
	assert_int_equal(run("subject", "needle", many), YES);
	assert_int_equal(run("subject", "^$", "From: a@b\r\n\r\nx"), YES);
}

/* Characters that nobody sees part no words; wrong bytes end nothing. */
static void test_unseen(void **state)
{
	static const char mail[] =
	    "From: a@b\r\nSubject: =?utf-8?q?gu=E2=80=8Barantee?=\r\n"
	    "X-A: =?utf-8?q?go=CD=8Fld?=\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n\r\n"
	    "we re\xe2\x80\x8d"
	    "fund \xff\xfe all, s\xe2\x81\xa0ure\r\n";

	(void)state;
	assert_int_equal(run("subject", "guarantee", mail), YES);
	assert_int_equal(run("header:x-a", "gold", mail), YES);
	assert_int_equal(run("body", "refund", mail), YES);
	assert_int_equal(run("own", "refund.*sure", mail), YES);
	assert_int_equal(run("body", "all, sure", mail), YES);
	assert_int_equal(run("body", "U\\\\+200D", mail), YES);
	assert_int_equal(run("body", "\xef\xbf\xbd", mail), YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_where),
	    cmocka_unit_test(test_subject),
	    cmocka_unit_test(test_unseen),
	    cmocka_unit_test(test_endless),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_cut),
	};
	int failed;

	draft_warm();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	draft_release();
	return failed;
}
