/*
 * test-plugin: real readers with real plug-ins: the skeleton, and some that
 * misbehave.  Each answer is still there, and says what happened.
 */
#include "check/check.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <event2/event.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_MS 30000 /* which only a plug-in without end meets */
#define HURRY_MS    1000
#define GUARD_MS    60000

#define HEAD                                                                   \
	"From: bot@agent.example\r\nTo: bob@customer.example\r\n"              \
	"Subject: Your order\r\nX-Owner: Anna\r\n"
#define CALM HEAD "\r\nDear Bob, your order is on its way to you.\r\n"
#define LOUD HEAD "\r\nDEAR BOB, YOUR ORDER IS ON ITS WAY TO YOU.\r\n"

static char build[1024];			  /* folder */
static char folder[] = "/tmp/test-plugin-XXXXXX"; /* of plug-ins */

struct fixture {
	struct event_base *base;
	struct check *check;
	struct check_request request;
	bool done;
	char *setup;
};

/* ---- the setup ----------------------------------------------------------- */

/* Quotes are written as ' here. */
static char *json_of(const char *channels, const char *conditions)
{
	char *json = mem_printf("{'plugin_dir':'%s','channels':[%s],"
				"'conditions':[%s]}",
	    folder, channels, conditions);

	for (char *p = json; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return json;
}

#define CHANNEL(plugins)                                                       \
	"{'name':'one','file':'/x/one.conf','plugins':[" plugins "]}"
#define NASTY(deed)                                                            \
	CHANNEL("{'name':'nasty','line':7,'options':{'deed':'" deed "'}}")
#define SHOUT "{'name':'skeleton','line':3,'options':{}}"

static struct fixture *begin(const char *channels, const char *conditions)
{
	char *reader = mem_printf("%s/imprimatur-check", build);
	struct fixture *f = mem_zalloc(sizeof(*f));
	struct check_settings settings = {.reader = reader,
	    .readers = 1,
	    .deadline_ms =
		strstr(channels, "loop") != NULL ? HURRY_MS : DEADLINE_MS,
	    .memory_max_bytes = (uint64_t)512 * 1024 * 1024,
	    .waiting_max = 10};
	struct error err = ERROR_INIT;

	f->setup = json_of(channels, conditions);
	settings.setup = (struct span){f->setup, strlen(f->setup)};
	f->base = event_base_new();
	f->check = check_new(f->base, &settings, &err);
	assert_non_null(f->check);
	free(reader);
	return f;
}

static void end(struct fixture *f)
{
	check_free(f->check);
	event_base_free(f->base);
	free(f->setup);
	free(f);
}

static struct fixture *start(const char *channels, const char *conditions)
{
	struct fixture *f = begin(channels, conditions);
	int64_t until = clock_mono_ms() + GUARD_MS;

	while (!check_ready(f->check) && check_refused(f->check) == NULL &&
	       clock_mono_ms() < until)
		event_base_loop(f->base, EVLOOP_ONCE);
	if (check_refused(f->check) != NULL)
		print_message("%s\n", check_refused(f->check));
	assert_true(check_ready(f->check));
	return f;
}

/* ---- asking -------------------------------------------------------------- */

static void on_done(struct check_request *request)
{
	struct fixture *f = request->context;

	f->done = true;
}

static void ask(struct fixture *f, const char *mail, const char *text)
{
	static struct recipient recipients[] = {
	    {.address = "Bob@Customer.example"}};
	static const struct envelope envelope = {.from = "bot@agent.example",
	    .n_recipients = 1,
	    .recipients = recipients};
	static const unsigned channels[] = {0, 1};
	struct error err = ERROR_INIT;
	int64_t until = clock_mono_ms() + GUARD_MS;

	f->done = false;
	f->request = (struct check_request){.bytes = {mail, strlen(mail)},
	    .agent = "bot",
	    .envelope = &envelope,
	    .n_channels = 2,
	    .channels = channels,
	    .done = on_done,
	    .context = f};
	if (text != NULL) {
		f->request.text = (struct span){text, strlen(text)};
		assert_int_equal(check_edit(f->check, &f->request, &err), 0);
	} else {
		assert_int_equal(check_draft(f->check, &f->request, &err), 0);
	}
	while (!f->done && clock_mono_ms() < until)
		event_base_loop(f->base, EVLOOP_ONCE);
	assert_true(f->done);
}

static struct reading *read_draft(struct fixture *f, const char *mail)
{
	ask(f, mail, NULL);
	assert_non_null(f->request.reading);
	if (f->request.reading->trouble != NULL)
		print_message("%s\n", f->request.reading->trouble);
	assert_null(f->request.reading->trouble);
	return f->request.reading;
}

static size_t count(const struct reading *reading, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < reading->n_findings; i++)
		n += strcmp(reading->findings[i].name, name) == 0;
	return n;
}

static void assert_begins(const char *text, const char *begins)
{
	if (text == NULL || strncmp(text, begins, strlen(begins)) != 0)
		print_message("%s\n", text == NULL ? "nothing" : text);
	assert_non_null(text);
	assert_int_equal(strncmp(text, begins, strlen(begins)), 0);
}

/* ---- the skeleton -------------------------------------------------------- */

static void test_skeleton(void **state)
{
	struct fixture *f = start(CHANNEL(SHOUT), "");
	struct reading *r = read_draft(f, LOUD);
	const struct finding *found = reading_find(r, "shouting");

	(void)state;
	assert_non_null(found);
	assert_string_equal(found->by, "skeleton");
	assert_string_equal(found->value, "1.00");
	assert_int_equal(found->weight, FINDING_CAUTION);
	assert_string_equal(found->detail, "31 of 31 letters are capitals");
	assert_int_equal(r->n_keys, 1);
	assert_string_equal(r->keys[0].address, "bob@customer.example");
	reading_free(r);
	r = read_draft(f, CALM "> DEAR ALL, THIS IS AN EARLIER MAIL OF "
			       "SOMEBODY ELSE IN CAPITALS\r\n");
	assert_null(reading_find(r, "shouting"));
	reading_free(r);

	ask(f, CALM, "NOW IT SHOUTS AT YOU IN CAPITALS");
	assert_null(f->request.edit->refusal);
	assert_non_null(reading_find(f->request.edit->reading, "shouting"));
	assert_int_equal(f->request.edit->reading->n_keys, 1);
	reading_edit_free(f->request.edit);
	end(f);
}

/* One finding of two channels is one; what is asked of neither is none. */
static void test_two_channels(void **state)
{
	struct fixture *f =
	    start("{'name':'one','file':'/x/one.conf','case_header':'x-owner',"
		  "'plugins':[" SHOUT "]},"
		  "{'name':'two','file':'/x/two.conf','case_header':'x-owner',"
		  "'plugins':[" SHOUT "]},"
		  "{'name':'three','file':'/x/3.conf','plugins':["
		  "{'name':'nasty','line':1,'options':{'deed':'crash'}}]}",
		"{'mark':4,'channels':[1],'where':'body','pattern':'BOB',"
		"'file':'f','line':1},"
		"{'mark':2,'where':'subject','pattern':'order','file':'f',"
		"'line':1},"
		"{'mark':3,'channels':[2],'where':'body','pattern':'bob',"
		"'file':'f','line':1}");
	struct reading *r = read_draft(f, LOUD);

	(void)state;
	assert_int_equal(count(r, "shouting"), 1);
	assert_int_equal(count(r, "case-owner"), 1);
	assert_string_equal(reading_find(r, "case-owner")->value, "Anna");
	assert_int_equal(r->n_marks, 2);
	assert_int_equal(r->marks[0].mark, 2);
	assert_int_equal(r->marks[1].mark, 4);
	reading_free(r);
	end(f);
}

/* ---- what is no setup ---------------------------------------------------- */

static void test_refusals(void **state)
{
	static const struct {
		const char *channels, *conditions, *why;
	} rows[] = {
	    {CHANNEL("{'name':'skeletom','line':9}"), "",
		"/x/one.conf:9: plug-in 'skeletom': there is no '"},
	    {CHANNEL("{'name':'../skeleton','line':9}"), "",
		"/x/one.conf:9: plug-in '../skeleton': names of plug-ins"},
	    {CHANNEL("{'name':'skeleton','line':4,'options':{'shar':'1'}}"), "",
		"/x/one.conf:4: plug-in 'skeleton': it has no option 'shar'; "
		"did you mean 'share'?"},
	    {CHANNEL("{'name':'skeleton','line':4,'options':{'share':'x'}}"),
		"",
		"/x/one.conf:4: plug-in 'skeleton': option 'share' must be a "
		"number, not 'x'"},
	    {CHANNEL("{'name':'skeleton','line':4,'options':"
		     "{'share':['1','2']}}"),
		"",
		"/x/one.conf:4: plug-in 'skeleton': option 'share' takes one "
		"value, a number, and has 2"},
	    {CHANNEL("{'name':'skeleton','line':4,'options':{'share':'7'}}"),
		"",
		"/x/one.conf:4: plug-in 'skeleton': share is '7'; it must be "
		"above 0, at most 1"},
	    {NASTY("silent-failure"), "",
		"/x/one.conf:7: plug-in 'nasty': its configure() failed"},
	    {NASTY("early-crash"), "",
		"plug-in 'nasty' crashed while it was set up"},
	    {NASTY("x','strict':'yes"), "",
		"/x/one.conf:7: plug-in 'nasty': option 'strict' must be true "
		"or false, not 'yes'"},
	    {NASTY("file:/no/such/file"), "",
		"/x/one.conf:7: plug-in 'nasty': option 'deed': cannot open "
		"'/no/such/file': No such file"},
	    {CHANNEL("{'name':'other','line':1}"), "",
		"/x/one.conf:1: plug-in 'other': the file calls itself "
		"'nasty'"},
	    {CHANNEL("{'name':'text','line':1}"), "",
		"/x/one.conf:1: plug-in 'text': it cannot be loaded: "},
	    {CHANNEL("{'name':'lie-abi','line':1}"), "",
		"/x/one.conf:1: plug-in 'lie-abi': it speaks ABI 2, and this "
		"is ABI 1"},
	    {CHANNEL("{'name':'lie-size','line':1}"), "",
		"/x/one.conf:1: plug-in 'lie-size': its table is "},
	    {CHANNEL("{'name':'lie-tiny','line':1}"), "",
		"/x/one.conf:1: plug-in 'lie-tiny': its table is 8 bytes"},
	    {CHANNEL("{'name':'lie-symbol','line':1}"), "",
		"/x/one.conf:1: plug-in 'lie-symbol': it exports no "
		"imprimatur_plugin"},
	    {"",
		"{'mark':1,'where':'body','pattern':'a(b','file':'/x/y.conf',"
		"'line':5}",
		"/x/y.conf:5: pattern 'a(b': missing closing parenthesis (at "
		"character 4)"},
	    {"",
		"{'mark':1,'where':'boddy','pattern':'a','file':'/x/y.conf',"
		"'line':5}",
		"/x/y.conf:5: a condition cannot look at 'boddy'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = begin(rows[i].channels, rows[i].conditions);
		int64_t until = clock_mono_ms() + GUARD_MS;

		while (!check_ready(f->check) &&
		       check_refused(f->check) == NULL &&
		       clock_mono_ms() < until)
			event_base_loop(f->base, EVLOOP_ONCE);
		assert_begins(check_refused(f->check), rows[i].why);
		end(f);
	}
}

/* ---- what misbehaves ----------------------------------------------------- */

static void test_nasty(void **state)
{
	static const struct {
		const char *channels, *detail;
	} rows[] = {
		{NASTY("crash"), "plug-in 'nasty' crashed"},
		{NASTY("abort"), "plug-in 'nasty' crashed"},
		{NASTY("exit"), "plug-in 'nasty' crashed"},
		{NASTY("loop"), "plug-in 'nasty' took too long"},
		{NASTY("memory"), "plug-in 'nasty' used too much memory"},
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
		/* no limit holds in what sanitizers map */
		{NASTY("eat"), "plug-in 'nasty' crashed"},
#endif
		{NASTY("socket"), "plug-in 'nasty' crashed"},
		{NASTY("exec"), "plug-in 'nasty' crashed"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = start(rows[i].channels, "");
		struct reading *r = read_draft(f, CALM);
		const struct finding *found = reading_find(r, "plugin-failed");

		assert_non_null(found);
		assert_begins(found->detail, rows[i].detail);
		assert_int_equal(found->weight, FINDING_TRIPWIRE);
		assert_string_equal(found->value, "nasty");
		reading_free(r);

		ask(f, CALM, "Another text");
		assert_null(f->request.edit->refusal);
		assert_non_null(
		    reading_find(f->request.edit->reading, "plugin-failed"));
		reading_edit_free(f->request.edit);
		end(f);
	}
}

/* Files and processes are denied without a fuss. */
static void test_denied(void **state)
{
	struct fixture *f = start(NASTY("try"), "");
	struct reading *r = read_draft(f, CALM);

	(void)state;
	assert_non_null(reading_find(r, "denied"));
	assert_null(reading_find(r, "allowed"));
	assert_null(reading_find(r, "plugin-failed"));
	reading_free(r);
	end(f);
}

static void test_babble(void **state)
{
	struct fixture *f = start(NASTY("babble"), "");
	struct reading *r = read_draft(f, CALM);

	(void)state;
	assert_int_equal(strlen(reading_find(r, "huge")->detail), 300);
	assert_int_equal(strlen(reading_find(r, "huge")->value), 200);
	assert_string_equal(
	    reading_find(r, "bytes")->value, "\xef\xbf\xbd\xef\xbf\xbd");
	assert_non_null(strstr(reading_find(r, "bytes")->detail, "[U+0001]"));
	assert_int_equal(count(r, "same"), 1);
	assert_int_equal(reading_find(r, "heavy")->weight, FINDING_TRIPWIRE);
	assert_int_equal(count(r, "plugin-failed"), 1);
	assert_begins(reading_find(r, "plugin-failed")->detail,
	    "plug-in 'nasty' reported a finding without a proper name");
	reading_free(r);
	end(f);
}

static void test_flood(void **state)
{
	struct fixture *f = start(NASTY("flood"), "");
	struct reading *r = read_draft(f, CALM);

	(void)state;
	assert_int_equal(count(r, "flood"), 100);
	assert_int_equal(count(r, "plugin-failed"), 1);
	assert_int_equal(
	    reading_find(r, "plugin-failed")->weight, FINDING_TRIPWIRE);
	reading_free(r);
	end(f);
}

/* What was loaded in configure() works behind the seal. */
static void test_libraries(void **state)
{
	struct fixture *f = start(NASTY("libraries"), "");
	struct reading *r = read_draft(f, CALM);

	(void)state;
	assert_non_null(reading_find(r, "type"));
	assert_string_equal(reading_find(r, "type")->value, "application/pdf");
	assert_string_equal(reading_find(r, "type")->detail, "small");
	reading_free(r);
	end(f);
}

/* The lines of a file are a list, beside what else is in it. */
static void test_file_option(void **state)
{
	char *path = mem_printf("%s/deeds", folder);
	FILE *out = fopen(path, "w");
	struct fixture *f;
	struct reading *r;
	char *channel;

	(void)state;
	assert_non_null(out);
	fputs("\n# which\n  nothing  \r\n\ntry", out);
	fclose(out);
	channel = mem_printf("{'name':'one','file':'%s/one.conf','plugins':["
			     "{'name':'nasty','line':7,'options':{'deed':'x',"
			     "'list':['file:deeds']}}]}",
	    folder);
	f = start(channel, "");
	r = read_draft(f, CALM);
	assert_non_null(reading_find(r, "denied"));
	reading_free(r);
	end(f);
	unlink(path);
	free(path);
	free(channel);
}

/* ---- the folder ---------------------------------------------------------- */

static const struct {
	const char *name, *file;
} links[] = {
    {"skeleton.so", "plugins/.libs/skeleton.so"},
    {"nasty.so", "tests/plugins/.libs/nasty.so"},
    {"other.so", "tests/plugins/.libs/nasty.so"},
    {"lie-abi.so", "tests/plugins/.libs/lie-abi.so"},
    {"lie-size.so", "tests/plugins/.libs/lie-size.so"},
    {"lie-symbol.so", "tests/plugins/.libs/lie-symbol.so"},
    {"lie-tiny.so", "tests/plugins/.libs/lie-tiny.so"},
    {"text.so", "Makefile"},
};

#define N_LINKS (sizeof(links) / sizeof(links[0]))

static int make_folder(void **state)
{
	char *to, *from;
	int rc = mkdtemp(folder) == NULL;

	(void)state;
	for (size_t i = 0; i < N_LINKS; i++) {
		from = mem_printf("%s/%s", build, links[i].file);
		to = mem_printf("%s/%s", folder, links[i].name);
		rc |= access(from, R_OK) | symlink(from, to);
		free(from);
		free(to);
	}
	return rc;
}

static int remove_folder(void **state)
{
	char *path;

	(void)state;
	for (size_t i = 0; i < N_LINKS; i++) {
		path = mem_printf("%s/%s", folder, links[i].name);
		unlink(path);
		free(path);
	}
	return rmdir(folder);
}

/* This program stands in tests/unit below it. */
static void find_build(void)
{
	ssize_t n = readlink("/proc/self/exe", build, sizeof(build) - 1);

	assert_in_range(n, 1, sizeof(build) - 1);
	build[n] = '\0';
	for (int up = 0; up < 3; up++)
		*strrchr(build, '/') = '\0';
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_skeleton),
	    cmocka_unit_test(test_two_channels),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_nasty),
	    cmocka_unit_test(test_denied),
	    cmocka_unit_test(test_babble),
	    cmocka_unit_test(test_flood),
	    cmocka_unit_test(test_libraries),
	    cmocka_unit_test(test_file_option),
	};

	find_build();
	log_init(getenv("VERBOSE") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
