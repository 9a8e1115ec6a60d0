/*
 * test-prompts: real children that are media: what they are told, what is
 * taken from them, and what is not.
 */
#include "asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/medium.h"
#include "util/clock.h"

#define EVIL	   TOP_SRCDIR "/tests/unit/evil-program.py"
#define PATIENT_MS 60000

static struct asking a;
static struct asked asked;

/* What was heard of it, in one text. */
static char told[4096];
static int64_t known; /* the only id that it is believed to have */

static void add(const char *name, const char *what, int64_t id, const char *s)
{
	size_t used = strlen(told);

	if (used < sizeof(told) - 200)
		snprintf(told + used, sizeof(told) - used, "%s %s %d %s; ",
		    name, what, (int)id, s == NULL ? "-" : s);
}

static void on_changed(const char *name, enum check_medium what, void *context)
{
	(void)context;
	if (what != CHECK_MEDIUM_READY)
		add(name, what == CHECK_MEDIUM_UP ? "up" : "down", 0, NULL);
}

static bool on_heard(const char *name, int64_t id, bool over, void *context)
{
	(void)context;
	if (id == known || id == known + 1000)
		add(name, over ? "over" : "has", id, NULL);
	return id == known || id == known + 1000;
}

static bool flooded;

static void on_decide(
    const char *name, const struct check_decide *d, void *context)
{
	char text[200];

	(void)context;
	snprintf(text, sizeof(text), "%s %s %s %s %s", d->reviewer, d->verb,
	    d->code == NULL ? "-" : d->code, d->text == NULL ? "-" : d->text,
	    d->category == NULL ? "-" : d->category);
	if (!flooded)
		add(name, "decides", d->id, text);
	check_programs_decided(a.programs, name, d->id, true, "fine");
}

static void start(const char *way, bool medium)
{
	static const char *command[] = {
	    "/usr/bin/env", "python3", EVIL, NULL, "x", NULL};
	static struct config_program program;
	const struct check_media media = {
	    on_changed, on_heard, on_decide, NULL};

	command[3] = way;
	program = (struct config_program){.name = "x",
	    .command = command,
	    .deadline_ms = 60000,
	    .waiting = 10,
	    .medium = medium};
	asking_start(&a);
	a.config.n_programs = 1;
	a.config.programs = &program;
	a.programs = check_programs_new(a.base, &a.config);
	check_programs_media(a.programs, &media);
	told[0] = '\0';
	known = 7;
	flooded = false;
	asking_draft(&a, &asked, "fine", NULL);
	while (!check_programs_tried(a.programs))
		event_base_loop(a.base, EVLOOP_ONCE);
}

static void stop(void)
{
	asking_free(&asked);
	asking_stop(&a);
}

static bool prompt(int64_t id, bool over, const char *subject)
{
	const struct check_prompt p = {
	    .id = id,
	    .over = over,
	    .draft = &asked.shown,
	    .reviewer = "anna",
	    .kind = "decide",
	    .code = "ABC234",
	    .subject = subject,
	    .text = "words",
	    .state = "held",
	};

	return check_programs_prompt(a.programs, "x", &p);
}

static void wait_for(const char *what)
{
	const struct timeval soon = {0, 10000};
	int64_t until = clock_mono_ms() + PATIENT_MS;

	while (strstr(told, what) == NULL) {
		if (clock_mono_ms() > until)
			fail_msg("no '%s' in '%s'", what, told);
		event_base_loopexit(a.base, &soon);
		event_base_loop(a.base, 0);
	}
}

static void test_lines(void **state)
{
	const char *const reasons[] = {"tone", "price", NULL};
	struct check_prompt p = {.id = 7,
	    .reviewer = "anna",
	    .kind = "remind",
	    .code = "ABC234",
	    .subject = "a\xc3\xa4",
	    .text = "b\nc",
	    .state = "held",
	    .cut = true,
	    .reasons = reasons};
	char *line, *draft;
	json_t *value;

	(void)state;
	start("medium", true);
	p.draft = &asked.shown;
	line = medium_prompt(&p);
	value = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	assert_null(strchr(line, '\n'));
	assert_int_equal(strncmp(line, "{\"prompt\":7,", 12), 0);
	free(line);
	draft =
	    json_dumps(json_object_get(json_object_get(value, "draft"), "id"),
		JSON_ENCODE_ANY);
	assert_string_equal(draft, "17");
	free(draft);
	json_object_del(value, "draft");
	line = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(line,
	    "{\"code\":\"ABC234\",\"cut\":true,\"kind\":\"remind\","
	    "\"prompt\":7,\"reasons\":[\"tone\",\"price\"],\"reviewer\":"
	    "\"anna\",\"state\":\"held\",\"subject\":\"a\xc3\xa4\","
	    "\"text\":\"b\\nc\"}");
	free(line);
	json_decref(value);
	p.over = true;
	p.who = "ben";
	line = medium_prompt(&p);
	assert_int_equal(strncmp(line, "{\"outcome\":7,", 13), 0);
	assert_non_null(strstr(line, "\"who\":\"ben\""));
	assert_null(strstr(line, "ABC234"));
	free(line);
	line = medium_decided(7, false, "no\n\"x\"");
	assert_string_equal(
	    line, "{\"decided\":7,\"ok\":false,\"text\":\"no\\n\\\"x\\\"\"}");
	free(line);
	stop();
}

static void test_told_and_heard(void **state)
{
	(void)state;
	start("medium", true);
	assert_true(prompt(7, false, "fine"));
	wait_for("x has 7");
	assert_true(prompt(7, true, "fine"));
	wait_for("x over 7");
	assert_true(prompt(7, false, "decide"));
	wait_for("x decides 7 anna drop - x\ny tone");
	wait_for("x has 1007"); /* it was told what came of that */
	assert_false(check_programs_prompt(a.programs, "y", NULL));
	check_programs_decided(a.programs, "y", 7, true, "");
	stop();
}

static void test_nonsense(void **state)
{
	(void)state;
	start("medium", true);
	assert_true(prompt(7, false, "odd"));
	wait_for("x has 7");
	assert_null(strstr(told, "decides"));
	assert_true(prompt(7, false, "useless"));
	wait_for("x down");
	stop();
}

static void test_end(void **state)
{
	(void)state;
	start("medium", true);
	assert_string_equal(told, "x up 0 -; ");
	assert_true(prompt(7, false, "die"));
	wait_for("x down 0 -; ");
	assert_false(prompt(7, false, "fine"));
	wait_for("x down 0 -; x up");
	assert_true(prompt(7, false, "fine"));
	wait_for("x has 7");
	stop();
}

/* It decides without end, and reads nothing of what came of it. */
static void test_flood(void **state)
{
	(void)state;
	start("medium", true);
	flooded = true;
	assert_true(prompt(7, false, "deaf"));
	wait_for("x down");
	stop();
}

/* The admin does not want it to be one, or it is none. */
static void test_none(void **state)
{
	(void)state;
	start("medium", false);
	assert_false(prompt(7, false, "fine"));
	assert_string_equal(told, "");
	stop();
	start("well", true);
	assert_false(prompt(7, false, "fine"));
	assert_string_equal(told, "");
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_told_and_heard),
	    cmocka_unit_test(test_nonsense),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_flood),
	    cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
