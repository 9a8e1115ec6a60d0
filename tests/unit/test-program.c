/*
 * test-program: real children, most of them wicked: every question must still
 * be answered, once, and trouble must hold.
 */
#include "asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/log.h"

#define EVIL	   TOP_SRCDIR "/tests/unit/evil-program.py"
#define PATIENT_MS 60000
#define SHORT_MS   300

static struct asking a;

/* Programs "x" that start in this way. */
static void start_with(
    const char *const *command, unsigned deadline_ms, unsigned waiting)
{
	static struct config_program program;

	asking_start(&a);
	program = (struct config_program){.name = "x",
	    .command = command,
	    .deadline_ms = deadline_ms,
	    .waiting = waiting};
	a.config.n_programs = 1;
	a.config.programs = &program;
	a.programs = check_programs_new(a.base, &a.config);
}

static void start(const char *way, unsigned deadline_ms)
{
	static const char *command[] = {
	    "/usr/bin/env", "python3", EVIL, NULL, "x", NULL};

	command[3] = way;
	start_with(command, deadline_ms, 100);
}

static void up(void)
{
	while (!check_programs_tried(a.programs))
		event_base_loop(a.base, EVLOOP_ONCE);
}

static void stop(void)
{
	asking_stop(&a);
}

static void expect_trouble(const struct asked *asked, const char *detail)
{
	const struct finding *f = asking_found(asked, "program-failed");

	if (strstr(f->detail, detail) == NULL)
		print_message("# %s\n", f->detail);
	assert_non_null(strstr(f->detail, detail));
	assert_int_equal(f->weight, FINDING_TRIPWIRE);
	assert_string_equal(f->value, "x");
	assert_string_equal(f->by, "x");
}

static void test_fine(void **state)
{
	struct asked asked;
	char text[200];

	(void)state;
	start("well", PATIENT_MS);
	asking_about(&a, &asked, "fine", "x");
	assert_int_equal(asked.opinions.n_findings, 0);
	assert_null(asked.opinions.refuse);
	assert_false(asked.opinions.cancelled);
	check_programs_describe(a.programs, text, sizeof(text));
	assert_string_equal(text, "x up");
	asking_free(&asked);
	stop();
}

static void test_grave(void **state)
{
	const struct finding *f;
	struct asked asked;

	(void)state;
	start("well", PATIENT_MS);
	asking_about(&a, &asked, "grave", "x");
	assert_int_equal(asked.opinions.n_findings, 1);
	f = asking_found(&asked, "risk");
	assert_int_equal(f->weight, FINDING_TRIPWIRE);
	assert_string_equal(f->value, "0.9");
	assert_string_equal(f->detail, "looks bad");
	assert_string_equal(f->by, "x");
	assert_string_equal(asked.opinions.refuse, "no thank you");
	assert_string_equal(asked.opinions.refuse_by, "x");
	assert_true(asked.opinions.has_severity);
	assert_int_equal(asked.opinions.severity, SEVERITY_CRITICAL);
	assert_string_equal(asked.opinions.ask, "anna\nleads");
	asking_free(&asked);
	stop();
}

/* What it is shown. */
static void test_echo(void **state)
{
	static const char *const expected[][2] = {{"id", "17"},
	    {"revision", "1"}, {"code", "\"abc234\""}, {"agent", "\"bot\""},
	    {"channel", "\"support\""}, {"sender", "\"bot@agents.example\""},
	    {"recipients",
		"[\"jane@customer.example\", \"joe@customer.example\"]"},
	    {"subject", "\"echo\""}, {"from", "null"}, {"size", "40"},
	    {"text", "\"Hello J\\u00e4ne\\n\""}, {"findings", "1"},
	    {"text-cut", "false"}};
	struct asked asked;
	size_t i;

	(void)state;
	start("well", PATIENT_MS);
	asking_about(&a, &asked, "echo", "x");
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_string_equal(asking_found(&asked, expected[i][0])->value,
		    expected[i][1]);
	asking_free(&asked);
	stop();
}

static void test_raw(void **state)
{
	const char *const names[] = {"x", NULL};
	struct asked asked;

	(void)state;
	start("well", PATIENT_MS);
	assert_true(check_programs_want_raw(a.programs, names));
	up();
	assert_false(check_programs_want_raw(a.programs, names));
	asking_about(&a, &asked, "rawmail", "x");
	assert_string_equal(asking_found(&asked, "raw")->value, "-");
	asking_free(&asked);
	stop();
	start("raw", PATIENT_MS);
	up();
	assert_true(check_programs_want_raw(a.programs, names));
	asking_about(&a, &asked, "rawmail", "x");
	assert_string_equal(
	    asking_found(&asked, "raw")->value, "Subject: x    Hello  ");
	asking_free(&asked);
	stop();
}

static void test_case(void **state)
{
	const struct finding *f;
	struct asked asked;

	(void)state;
	start("well", PATIENT_MS);
	asking_draft(&a, &asked, "fine", NULL);
	asked.opinions.case_program = "x";
	asking_ask(&asked);
	asking_wait(&a);
	f = asking_found(&asked, "case-owner");
	assert_string_equal(f->value, "anna");
	assert_int_equal(f->weight, FINDING_NOTE);
	asking_free(&asked);
	asking_draft(&a, &asked, "fine", "x");
	asked.opinions.case_program = "x";
	asked.reading->context.case_id = "C-2";
	asking_ask(&asked);
	asking_wait(&a);
	assert_int_equal(asked.opinions.n_findings, 0);
	asking_free(&asked);
	stop();
}

static void test_nobody(void **state)
{
	struct asked asked;

	(void)state;
	start("well", PATIENT_MS);
	asking_about(&a, &asked, "fine", NULL);
	assert_int_equal(asked.opinions.n_findings, 0);
	asking_free(&asked);
	asking_about(&a, &asked, "fine", "y");
	assert_non_null(strstr(
	    asking_found(&asked, "program-failed")->detail, "'y' is no"));
	asking_free(&asked);
	stop();
}

/* Each of these, and then it is there again for the next draft. */
static void test_evil(void **state)
{
	static const char *const ways[][2] = {
	    {"die", "'x' ended (status 3)"},
	    {"kill", "'x' died (signal 9)"},
	    {"garbage", "'x' answered what is no JSON object"},
	    {"list", "'x' answered what is no JSON object"},
	    {"double", "'x' answered what is no JSON object"},
	    {"utf8", "'x' answered what is no JSON object"},
	    {"huge", "'x' answered with too long a line"},
	    {"endless", "'x' answered with too long a line"},
	    {"half", "'x' ended (status 0)"},
	    {"flood", "'x' talks and does not answer"},
	};
	struct asked asked;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		start("well", PATIENT_MS);
		asking_about(&a, &asked, ways[i][0], "x");
		expect_trouble(&asked, ways[i][1]);
		assert_int_equal(asked.opinions.n_findings, 1);
		asking_free(&asked);
		if (i == 0) {
			asking_about(&a, &asked, "fine", "x");
			assert_int_equal(asked.opinions.n_findings, 0);
			asking_free(&asked);
		}
		stop();
	}
}

static void test_late(void **state)
{
	struct asked asked;
	unsigned i;

	(void)state;
	start("well", SHORT_MS);
	up();
	/* the third time it is started anew */
	for (i = 0; i < 3; i++) {
		asking_about(&a, &asked, "late", "x");
		expect_trouble(&asked, "'x' did not answer within");
		asking_free(&asked);
	}
	asking_about(&a, &asked, "fine", "x");
	expect_trouble(&asked, "did not answer any more");
	asking_free(&asked);
	stop();
}

/* It reads nothing: more waits than a pipe takes. */
static void test_deaf(void **state)
{
	static struct asked asked[40];
	static char text[100000];
	size_t i;

	(void)state;
	memset(text, 'x', sizeof(text));
	start("well", SHORT_MS);
	up();
	for (i = 0; i < 40; i++) {
		asking_draft(&a, &asked[i], "deaf", "x");
		asked[i].reading->text = (struct span){text, sizeof(text)};
		asking_ask(&asked[i]);
	}
	asking_wait(&a);
	for (i = 0; i < 40; i++) {
		assert_int_equal(asked[i].answers, 1);
		expect_trouble(&asked[i], "'x' ");
		asking_free(&asked[i]);
	}
	stop();
}

static void test_lie(void **state)
{
	const struct finding *f;
	struct asked asked;

	(void)state;
	start("well", PATIENT_MS);
	asking_about(&a, &asked, "approve", "x");
	asking_found(&asked, "seen");
	f = asking_found(&asked, "program-nonsense");
	assert_int_equal(f->weight, FINDING_TRIPWIRE);
	assert_string_equal(
	    f->detail, "'x' answered with 'approve', which no program may");
	asking_free(&asked);
	stop();
}

static void test_unknown(void **state)
{
	struct asked asked;

	(void)state;
	start("well", PATIENT_MS);
	asking_about(&a, &asked, "unknown", "x");
	assert_int_equal(asked.opinions.n_findings, 1);
	asking_found(&asked, "right");
	asking_free(&asked);
	stop();
}

static void test_out_of_order(void **state)
{
	struct asked asked[2];

	(void)state;
	start("well", PATIENT_MS);
	asking_draft(&a, &asked[0], "reverse", "x");
	asking_draft(&a, &asked[1], "reverse", "x");
	asking_ask(&asked[0]);
	asking_ask(&asked[1]);
	asking_wait(&a);
	assert_int_equal(asked[0].opinions.n_findings, 0);
	asking_found(&asked[1], "seen");
	asking_free(&asked[0]);
	asking_free(&asked[1]);
	stop();
}

/* More than it is asked at a time. */
static void test_many(void **state)
{
	static const unsigned waiting[] = {1, 16, 1000};
	static struct asked asked[300];
	size_t i, n;

	(void)state;
	for (n = 0; n < 3; n++) {
		start("well", PATIENT_MS);
		a.config.programs->waiting = waiting[n];
		for (i = 0; i < 300; i++) {
			asking_draft(&a, &asked[i], "fine", "x");
			asking_ask(&asked[i]);
		}
		asking_wait(&a);
		for (i = 0; i < 300; i++) {
			assert_int_equal(asked[i].opinions.n_findings, 0);
			asking_free(&asked[i]);
		}
		stop();
	}
}

/* Asked one by one: what waits for another is not late. */
static void test_one_by_one(void **state)
{
	struct asked asked[2];

	(void)state;
	start("well", SHORT_MS);
	a.config.programs->waiting = 1;
	up();
	asking_draft(&a, &asked[0], "reverse", "x");
	asking_draft(&a, &asked[1], "reverse", "x");
	asking_ask(&asked[0]);
	asking_ask(&asked[1]);
	asking_wait(&a);
	expect_trouble(&asked[0], "'x' did not answer within");
	asking_found(&asked[1], "seen");
	asking_free(&asked[0]);
	asking_free(&asked[1]);
	stop();
}

static void test_hello(void **state)
{
	static const char *const ways[][2] = {{"ends", "ended (status 1)"},
	    {"rude", "answered what is no JSON object"},
	    {"mute", "was not there"}};
	struct asked asked;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		start(ways[i][0], SHORT_MS);
		if (i < 2)
			up();
		asking_about(&a, &asked, "fine", "x");
		expect_trouble(&asked, ways[i][1]);
		expect_trouble(&asked, "was not there within");
		asking_free(&asked);
		stop();
	}
	start("unable", PATIENT_MS);
	asking_about(&a, &asked, "fine", "x");
	expect_trouble(&asked, "cannot answer 'check'");
	asking_free(&asked);
	stop();
}

static void test_no_command(void **state)
{
	static const char *const command[] = {"/nonexistent/program", NULL};
	struct asked asked;
	char text[200];

	(void)state;
	start_with(command, SHORT_MS, 10);
	up();
	check_programs_describe(a.programs, text, sizeof(text));
	assert_string_equal(text,
	    "x down (could not be started: is its command "
	    "there, and may we run it?)");
	asking_about(&a, &asked, "fine", "x");
	expect_trouble(&asked, "could not be started");
	asking_free(&asked);
	stop();
}

/* What it gets of us: three variables, the root, three descriptors, a group. */
static void test_world(void **state)
{
	struct asked asked;

	(void)state;
	setenv("SECRET", "x", 1);
	start("well", PATIENT_MS);
	asking_about(&a, &asked, "world", "x");
	assert_string_equal(asking_found(&asked, "world")->value,
	    "[[\"HOME\", \"LANG\", \"PATH\"], \"/\", [0, 1, 2], true]");
	asking_free(&asked);
	stop();
}

static bool is_gone(pid_t pid)
{
	char path[64], text[256];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return true;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return strstr(text, ") Z ") != NULL;
}

/* What it started ends with it. */
static void test_group(void **state)
{
	int64_t until = clock_mono_ms() + PATIENT_MS;
	struct asked asked;
	pid_t pid;

	(void)state;
	start("well", PATIENT_MS);
	asking_about(&a, &asked, "child", "x");
	pid = (pid_t)atoi(asking_found(&asked, "child")->value);
	assert_true(pid > 1);
	assert_false(is_gone(pid));
	asking_free(&asked);
	stop();
	while (!is_gone(pid) && clock_mono_ms() < until)
		;
	assert_true(is_gone(pid));
}

static void test_noise(void **state)
{
	struct asked asked;

	(void)state;
	start("well", PATIENT_MS);
	asking_about(&a, &asked, "noise", "x");
	assert_int_equal(asked.opinions.n_findings, 0);
	asking_free(&asked);
	stop();
}

static void test_at_the_end(void **state)
{
	struct asked asked[3];
	unsigned i;

	(void)state;
	start("well", PATIENT_MS);
	up();
	for (i = 0; i < 3; i++) {
		asking_draft(&a, &asked[i], "late", "x");
		asking_ask(&asked[i]);
	}
	check_programs_free(a.programs);
	a.programs = NULL;
	for (i = 0; i < 3; i++) {
		assert_int_equal(asked[i].answers, 1);
		assert_true(asked[i].opinions.cancelled);
		asking_free(&asked[i]);
	}
	stop();
}

/* The programs that are there to be copied. */
static void test_examples(void **state)
{
	char words[] = "/tmp/test-program.XXXXXX";
	const char *python[] = {"/usr/bin/env", "python3",
	    TOP_SRCDIR "/plugins/program/keywords.py", words, NULL};
	const char *shell[] = {
	    "/bin/sh", TOP_SRCDIR "/plugins/program/check.sh", "Hello", NULL};
	const struct finding *f;
	struct asked asked;
	FILE *out = fdopen(mkstemp(words), "w");

	(void)state;
	assert_non_null(out);
	fputs("# nothing\nno note bye\nhail tripwire hello\n", out);
	fclose(out);
	start_with(python, PATIENT_MS, 10);
	asking_about(&a, &asked, "fine", "x");
	assert_int_equal(asked.opinions.n_findings, 1);
	f = asking_found(&asked, "hail");
	assert_int_equal(f->weight, FINDING_TRIPWIRE);
	assert_string_equal(f->value, "hello");
	asking_free(&asked);
	stop();
	unlink(words);
	start_with(shell, PATIENT_MS, 10);
	asking_about(&a, &asked, "fine", "x");
	assert_int_equal(asked.opinions.n_findings, 1);
	f = asking_found(&asked, "has-text");
	assert_int_equal(f->weight, FINDING_CAUTION);
	asking_free(&asked);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fine),
	    cmocka_unit_test(test_grave),
	    cmocka_unit_test(test_echo),
	    cmocka_unit_test(test_raw),
	    cmocka_unit_test(test_case),
	    cmocka_unit_test(test_nobody),
	    cmocka_unit_test(test_evil),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_deaf),
	    cmocka_unit_test(test_lie),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_out_of_order),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_one_by_one),
	    cmocka_unit_test(test_hello),
	    cmocka_unit_test(test_no_command),
	    cmocka_unit_test(test_world),
	    cmocka_unit_test(test_group),
	    cmocka_unit_test(test_noise),
	    cmocka_unit_test(test_at_the_end),
	    cmocka_unit_test(test_examples),
	};

	signal(SIGPIPE, SIG_IGN);
	log_init(getenv("VERBOSE") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
