/*
 * test-service: questions over HTTP to a server of our own on the same loop,
 * and to rspamd itself where it is installed, else to a stand-in that speaks
 * its protocol.
 */
#include "asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/event.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/httpd.h"
#include "util/listen.h"

#define PATIENT_MS 60000
#define SHORT_MS   300
#define GTUBE                                                                  \
	"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

static struct asking a;
static struct httpd *httpd;
static struct config_service service;
static char url[200];
static const char *answer; /* what the server says; NULL: nothing */
static int status;
static struct httpd_request *kept;
static json_t *seen; /* the last question */

static void handle(struct httpd_request *r, void *context)
{
	(void)context;
	json_decref(seen);
	seen = json_loadb(r->body.data, r->body.len, 0, NULL);
	if (answer == NULL)
		kept = httpd_keep(r);
	else
		httpd_reply(r, status, "application/json",
		    (struct span){answer, strlen(answer)});
}

static const struct httpd_route routes[] = {
    {"POST", "/ask", false, handle},
    {NULL, NULL, false, NULL},
};

static unsigned listen_somewhere(void)
{
	struct sockaddr_in sin;
	socklen_t size = sizeof(sin);
	struct error err = ERROR_INIT;
	int fd = listen_tcp("127.0.0.1", 0, &err);

	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &size), 0);
	assert_int_equal(httpd_listen_fd(httpd, fd, &err), 0);
	return ntohs(sin.sin_port);
}

static int start(void **state)
{
	(void)state;
	asking_start(&a);
	httpd = httpd_new(a.base, 1 << 20, 30, 10);
	httpd_add_routes(httpd, routes, NULL);
	snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u/ask", listen_somewhere());
	service = (struct config_service){.name = "s",
	    .url = url,
	    .deadline_ms = PATIENT_MS,
	    .token = "secret"};
	a.config.n_services = 1;
	a.config.services = &service;
	a.programs = check_programs_new(a.base, &a.config);
	status = 200;
	kept = NULL;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	check_programs_free(a.programs);
	a.programs = NULL;
	if (kept != NULL)
		httpd_reply(kept, 200, "text/plain", (struct span){"", 0});
	httpd_free(httpd);
	json_decref(seen);
	seen = NULL;
	asking_stop(&a);
	return 0;
}

static void expect_trouble(
    const char *said, int code, const char *name, const char *detail)
{
	const struct finding *f;
	struct asked asked;

	answer = said;
	status = code;
	asking_about(&a, &asked, "x", "s");
	f = asking_found(&asked, name);
	if (strstr(f->detail, detail) == NULL)
		print_message("# %s\n", f->detail);
	assert_non_null(strstr(f->detail, detail));
	assert_int_equal(f->weight, FINDING_TRIPWIRE);
	asking_free(&asked);
}

static void test_ask(void **state)
{
	const json_t *draft;
	struct asked asked;

	(void)state;
	answer = "{\"check\": 17, \"findings\": [{\"name\": \"tone\"}], "
		 "\"severity\": \"high\"}";
	asking_about(&a, &asked, "the subject", "s");
	asking_found(&asked, "tone");
	assert_int_equal(asked.opinions.severity, SEVERITY_HIGH);
	assert_int_equal(
	    json_integer_value(json_object_get(seen, "check")), 17);
	draft = json_object_get(seen, "draft");
	assert_string_equal(
	    json_string_value(json_object_get(draft, "subject")),
	    "the subject");
	assert_null(json_object_get(draft, "raw"));
	asking_free(&asked);
}

static void test_case(void **state)
{
	struct asked asked;

	(void)state;
	answer = "{\"case\": 17, \"reviewer\": \"anna\"}";
	asking_draft(&a, &asked, "x", NULL);
	asked.opinions.case_program = "s";
	asking_ask(&asked);
	asking_wait(&a);
	assert_string_equal(asking_found(&asked, "case-owner")->value, "anna");
	asking_free(&asked);
}

static void test_trouble(void **state)
{
	(void)state;
	expect_trouble("no", 200, "program-failed",
	    "'s' answered what is no "
	    "JSON object");
	expect_trouble(
	    "{}", 500, "program-failed", "'s' answered with HTTP status 500");
	expect_trouble(
	    "{}", 302, "program-failed", "'s' answered with HTTP status 302");
	expect_trouble("{\"check\": 18}", 200, "program-nonsense",
	    "answered another question");
	expect_trouble("{\"approve\": true}", 200, "program-nonsense",
	    "'approve', which no program may");
	service.deadline_ms = SHORT_MS;
	expect_trouble(NULL, 0, "program-failed", "'s' did not answer within");
	service.deadline_ms = PATIENT_MS;
	service.url = "http://127.0.0.1:1/";
	expect_trouble("", 0, "program-failed", "'s' could not be asked");
}

static void test_at_the_end(void **state)
{
	struct asked asked;

	(void)state;
	answer = NULL;
	asking_draft(&a, &asked, "x", "s");
	asking_ask(&asked);
	while (kept == NULL)
		event_base_loop(a.base, EVLOOP_ONCE);
	check_programs_free(a.programs);
	a.programs = NULL;
	assert_int_equal(asked.answers, 1);
	assert_true(asked.opinions.cancelled);
	asking_free(&asked);
}

/* ---- rspamd ------------------------------------------------------------- */

static pid_t rspamd;
static int rspamd_input;

/* Its port.  It ends when its input does. */
static unsigned start_rspamd(const char *folder)
{
	int in[2], out[2];
	char what[20];
	unsigned port = 0;
	FILE *f;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	rspamd = fork();
	if (rspamd == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		execlp("python3", "python3", TOP_SRCDIR "/tests/unit/rspamd.py",
		    folder, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	rspamd_input = in[1];
	f = fdopen(out[0], "r");
	assert_int_equal(fscanf(f, "%19s %u", what, &port), 2);
	fclose(f);
	print_message("# rspamd: %s\n", what);
	return port;
}

static void ask_rspamd(struct asked *asked, const char *mail)
{
	const char *const names[] = {"s", NULL};

	asking_draft(&a, asked, "x", "s");
	asked->shown.raw = (struct span){mail, strlen(mail)};
	assert_true(check_programs_want_raw(a.programs, names));
	asking_ask(asked);
	asking_wait(&a);
}

static void test_rspamd(void **state)
{
	static const char head[] = "From: bot@agents.example\r\n"
				   "To: jane@customer.example\r\n"
				   "Subject: x\r\n\r\n";
	char folder[] = "/tmp/test-service.XXXXXX", mail[400], command[100];
	const struct finding *f;
	struct asked asked;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u/", start_rspamd(folder));
	service.kind = 1;
	snprintf(mail, sizeof(mail), "%s%s\r\n", head, GTUBE);
	ask_rspamd(&asked, mail);
	f = asking_found(&asked, "rspamd-reject");
	assert_int_equal(f->weight, FINDING_CAUTION);
	assert_string_equal(f->value, "15.00");
	assert_non_null(strstr(f->detail, "GTUBE"));
	asking_free(&asked);
	snprintf(mail, sizeof(mail), "%sHello\r\n", head);
	ask_rspamd(&asked, mail);
	f = asking_found(&asked, "rspamd-score");
	assert_int_equal(f->weight, FINDING_NOTE);
	asking_free(&asked);
	close(rspamd_input);
	assert_int_equal(waitpid(rspamd, NULL, 0), rspamd);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_ask, start, stop),
	    cmocka_unit_test_setup_teardown(test_case, start, stop),
	    cmocka_unit_test_setup_teardown(test_trouble, start, stop),
	    cmocka_unit_test_setup_teardown(test_at_the_end, start, stop),
	    cmocka_unit_test_setup_teardown(test_rspamd, start, stop),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
