/*
 * test-said: what is made of the answers of programs, services and rspamd.
 */
#include "check/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static struct arena *arena;
static struct said said;
static char text[100000];

static int start(void **state)
{
	(void)state;
	arena = arena_new();
	said_init(&said, arena, "x");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Findings as "name weight value by: detail" lines, and wishes. */
static const char *describe(void)
{
	size_t i, n = 0;

	text[0] = '\0';
	for (i = 0; i < said.n_findings && n < sizeof(text); i++) {
		const struct finding *f = &said.findings[i];

		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%s %d %s: %s\n", f->name, (int)f->weight,
		    f->value == NULL ? "-" : f->value, f->detail);
		assert_string_equal(f->by, "x");
	}
	if (said.refuse != NULL)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "refuse: %s\n", said.refuse);
	if (said.has_severity)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "severity: %s\n", verdict_severity_name(said.severity));
	if (said.ask != NULL)
		snprintf(text + n, sizeof(text) - n, "ask: %s\n", said.ask);
	return text;
}

static void take(
    const char *answer, void (*how)(struct said *said, const json_t *answer))
{
	json_t *json = json_loads(answer, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(json);
	said_init(&said, arena, "x");
	how(&said, json);
	json_decref(json);
}

#define NONSENSE "program-nonsense 2 x: 'x' "

static void test_check(void **state)
{
	static const char *const table[][2] = {
	    {"{}", ""},
	    {"{\"findings\": []}", ""},
	    {"{\"findings\": null, \"refuse\": null, \"later\": 1}", ""},
	    {"{\"findings\": [{\"name\": \"a-1\"}]}", "a-1 1 -: \n"},
	    {"{\"findings\": [{\"name\": \"a\", \"weight\": \"note\", "
	     "\"value\": \"12.50 EUR\", \"detail\": \"d\"}]}",
		"a 0 12.50 EUR: d\n"},
	    {"{\"findings\": [{\"name\": \"a\", \"value\": 17}, "
	     "{\"name\": \"b\", \"weight\": \"tripwire\", \"value\": 0.5}]}",
		"a 1 17: \nb 2 0.5000: \n"},
	    {"{\"findings\": [{\"name\": \"a\", \"detail\": "
	     "\"one\\ntwo\\u202e\\u0085\\u001b[1m \xc3\xa4\"}]}",
		"a 1 -: one two?? [1m \xc3\xa4\n"},
	    /* nonsense */
	    {"{\"findings\": {\"name\": \"a\"}}",
		NONSENSE "answered with findings that are no list\n"},
	    {"{\"findings\": [{\"name\": \"a\"}, {\"name\": \"No\"}]}",
		"a 1 -: \n" NONSENSE
		"answered with a finding that is none (number 2)\n"},
	    {"{\"findings\": [{\"name\": \"a\", \"weight\": \"pass\"}]}",
		NONSENSE "answered with a finding that is none (number 1)\n"},
	    {"{\"findings\": [{\"name\": \"a\", \"value\": true}]}",
		NONSENSE "answered with a finding that is none (number 1)\n"},
	    {"{\"findings\": [{\"name\": \"a\", \"detail\": 1}]}",
		NONSENSE "answered with a finding that is none (number 1)\n"},
	    {"{\"findings\": [17]}",
		NONSENSE "answered with a finding that is none (number 1)\n"},
	    {"{\"approve\": true}",
		NONSENSE "answered with 'approve', which no program may\n"},
	    {"{\"pass\": true}",
		NONSENSE "answered with 'pass', which no program may\n"},
	    {"{\"text\": \"better\"}",
		NONSENSE "answered with 'text', which no program may\n"},
	    /* wishes */
	    {"{\"refuse\": \"not\\r\\nso\"}", "refuse: not  so\n"},
	    {"{\"refuse\": \"\"}",
		NONSENSE "refuses, but gives no text for the agent\n"},
	    {"{\"refuse\": true}",
		NONSENSE "refuses, but gives no text for the agent\n"},
	    {"{\"severity\": \"high\"}", "severity: high\n"},
	    {"{\"severity\": \"none\"}",
		NONSENSE "names a severity that there is not\n"},
	    {"{\"severity\": 3}",
		NONSENSE "names a severity that there is not\n"},
	    {"{\"ask\": [\"anna\", \"leads\"]}", "ask: anna\nleads\n"},
	    {"{\"ask\": \"anna\"}",
		NONSENSE "names too many people, or none, to ask\n"},
	    {"{\"ask\": [\"a\\nb\", \"anna\"]}",
		NONSENSE "names somebody to ask by no name\nask: anna\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		take(table[i][0], said_check);
		assert_string_equal(describe(), table[i][1]);
	}
}

static void test_limits(void **state)
{
	json_t *json =
	    json_loads("{\"findings\": [{\"name\": \"a\"}]}", 0, NULL);
	json_t *list, *one;
	int i;

	(void)state;
	list = json_object_get(json, "findings");
	for (i = 1; i < 100; i++) {
		one = json_deep_copy(json_array_get(list, 0));
		json_array_append_new(list, one);
	}
	said_check(&said, json);
	assert_int_equal(said.n_findings, SAID_FINDINGS_MAX + 1);
	assert_string_equal(
	    said.findings[SAID_FINDINGS_MAX].name, "program-nonsense");
	/* more trouble takes the place of trouble */
	said_failed(&said, "%s", "fell over");
	assert_int_equal(said.n_findings, SAID_FINDINGS_MAX + 1);
	assert_string_equal(
	    said.findings[SAID_FINDINGS_MAX].detail, "'x' fell over");
	json_decref(json);
}

/* Long texts are cut between characters. */
static void test_long(void **state)
{
	char long_text[1001];
	size_t i, len;

	(void)state;
	for (i = 0; i < 1000; i += 2)
		memcpy(long_text + i, "\xc3\xa4", 2);
	long_text[1000] = '\0';
	said_add(&said, "a", FINDING_NOTE, long_text, long_text + 1000);
	said_add(&said, "b", FINDING_NOTE, NULL, long_text);
	len = strlen(said.findings[0].value);
	assert_int_equal(len, 200);
	said_init(&said, arena, "x");
	memmove(long_text + 1, long_text, 999);
	long_text[0] = 'a';
	said_add(&said, "a", FINDING_NOTE, long_text, "");
	assert_int_equal(strlen(said.findings[0].value), 199);
}

static void test_case(void **state)
{
	static const char *const table[][2] = {
	    {"{\"reviewer\": \"anna\"}",
		"case-owner 0 anna: whose case it is\n"},
	    {"{\"reviewer\": null}", ""},
	    {"{\"reviewer\": \"\"}", ""},
	    {"{}", ""},
	    {"{\"reviewer\": 1}",
		NONSENSE "names the owner of a case by no name\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		take(table[i][0], said_case);
		assert_string_equal(describe(), table[i][1]);
	}
}

static void test_rspamd(void **state)
{
	static const char *const table[][2] = {
	    {"{\"score\": 0.1, \"required_score\": 15.0, "
	     "\"action\": \"no action\", \"symbols\": {}}",
		"rspamd-score 0 0.10: no action, score 0.10 of 15.00\n"},
	    {"{\"score\": 16, \"required_score\": 15.0, \"action\": "
	     "\"reject\", \"symbols\": {\"A\": {\"score\": 1.5}, "
	     "\"B\": {\"score\": -2}, \"C\": {\"score\": 0.5}, \"D\": "
	     "{\"score\": 0.1}, \"E\": {\"score\": 9}, \"F\": {\"score\": "
	     "0.3}, \"G\": {}}}",
		"rspamd-reject 1 16.00: reject, score 16.00 of 15.00: E 9.00, "
		"B -2.00, A 1.50, C 0.50, F 0.30\n"},
	    {"{\"score\": 7, \"action\": \"add header\"}",
		"rspamd-add-header 1 7.00: add header, score 7.00 of 0.00\n"},
	    {"{\"score\": 7, \"action\": \"rewrite subject\"}",
		"rspamd-rewrite-subject 1 7.00: rewrite subject, score 7.00 of "
		"0.00\n"},
	    {"{\"score\": 7, \"action\": \"soft reject\"}",
		"rspamd-soft-reject 1 7.00: soft reject, score 7.00 of 0.00\n"},
	    {"{\"score\": 7, \"action\": \"greylist\"}",
		"rspamd-greylist 1 7.00: greylist, score 7.00 of 0.00\n"},
	    /* it skips the rest of what it rejects at first sight */
	    {"{\"is_skipped\": true, \"score\": 15.0, \"required_score\": 15, "
	     "\"action\": \"reject\"}",
		"rspamd-reject 1 15.00: reject, score 15.00 of 15.00\n"},
	    {"{\"is_skipped\": true, \"score\": 0, \"action\": \"no action\"}",
		"program-failed 2 x: 'x' did not look at the mail\n"},
	    {"{\"error\": \"no\"}",
		NONSENSE "answered with no action or score that is known\n"},
	    {"{\"score\": 1, \"action\": \"dance\"}",
		NONSENSE "answered with no action or score that is known\n"},
	    {"{\"score\": \"1\", \"action\": \"reject\"}",
		NONSENSE "answered with no action or score that is known\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		take(table[i][0], said_rspamd);
		assert_string_equal(describe(), table[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_check, start, stop),
	    cmocka_unit_test_setup_teardown(test_limits, start, stop),
	    cmocka_unit_test_setup_teardown(test_long, start, stop),
	    cmocka_unit_test_setup_teardown(test_case, start, stop),
	    cmocka_unit_test_setup_teardown(test_rspamd, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
