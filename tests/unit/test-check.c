/*
 * test-check: the pool with real processes: evil-reader does what its mails
 * say, and every request must still be answered, once, and rightly.
 */
#include "check/check.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_MS 1000
#define PATIENT_MS  30000 /* where no mail hangs */
#define GUARD_S	    60	  /* a test that takes so long has failed */

static char evil[1024]; /* path of evil-reader */

struct fixture {
	struct event_base *base;
	struct check *check;
	unsigned open; /* requests not answered yet */
	bool guarded;
};

/* One request and the mail it points to. */
struct item {
	struct check_request request;
	struct fixture *fixture;
	char *mail;
	unsigned answers;
};

static void on_done(struct check_request *request)
{
	struct item *item = request->context;

	item->answers++;
	if (--item->fixture->open == 0)
		event_base_loopbreak(item->fixture->base);
}

static void on_guard(evutil_socket_t fd, short what, void *context)
{
	struct fixture *f = context;

	(void)fd;
	(void)what;
	f->guarded = true;
	event_base_loopbreak(f->base);
}

/* Run the loop until all are answered; tells whether they were. */
static bool run(struct fixture *f)
{
	const struct timeval most = {GUARD_S, 0};
	struct event *guard = evtimer_new(f->base, on_guard, f);

	f->guarded = false;
	event_add(guard, &most);
	while (f->open > 0 && !f->guarded)
		event_base_loop(f->base, EVLOOP_ONCE);
	event_free(guard);
	return !f->guarded;
}

static const char *setup = ""; /* for the next check */

static struct fixture *start_with(const char *reader, unsigned readers,
    unsigned waiting_max, unsigned deadline_ms)
{
	const struct check_settings settings = {
	    .setup = {setup, strlen(setup)},
	    .reader = reader,
	    .readers = readers,
	    .deadline_ms = deadline_ms,
	    .memory_max_bytes = (uint64_t)1 << 30,
	    .waiting_max = waiting_max,
	};
	struct fixture *f = mem_zalloc(sizeof(*f));
	struct error err = ERROR_INIT;

	f->base = event_base_new();
	f->check = check_new(f->base, &settings, &err);
	if (f->check == NULL)
		print_message("%s\n", err.text);
	assert_non_null(f->check);
	return f;
}

static struct fixture *start(unsigned readers, unsigned deadline_ms)
{
	struct fixture *f = start_with(evil, readers, 5000, deadline_ms);

	while (!check_ready(f->check))
		event_base_loop(f->base, EVLOOP_ONCE);
	return f;
}

static void stop(struct fixture *f)
{
	check_free(f->check);
	event_base_free(f->base);
	free(f);
}

typedef int (*asker)(
    struct check *check, struct check_request *request, struct error *err);

static int try_ask(struct fixture *f, struct item *item, asker ask, char *mail)
{
	struct error err = ERROR_INIT;
	int rc;

	*item = (struct item){.fixture = f, .mail = mail};
	item->request.bytes = (struct span){mail, strlen(mail)};
	item->request.text = (struct span){"text\n", 5};
	item->request.done = on_done;
	item->request.context = item;
	f->open++;
	rc = ask(f->check, &item->request, &err);
	if (rc) {
		assert_int_equal(err.kind, ERROR_BUSY);
		f->open--;
	}
	return rc;
}

static void ask(
    struct fixture *f, struct item *item, asker how, const char *line)
{
	char *mail = mem_printf("%s\nbody\n", line);

	assert_int_equal(try_ask(f, item, how, mail), 0);
}

static void clear(struct item *item)
{
	assert_int_equal(item->answers, 1);
	reading_free(item->request.reading);
	reading_reply_free(item->request.reply);
	reading_edit_free(item->request.edit);
	free(item->mail);
}

static const char *checksum(const char *mail, char out[9])
{
	uint32_t sum = 0;

	for (; *mail != '\0'; mail++)
		sum = sum * 31 + (unsigned char)*mail;
	snprintf(out, 9, "%08" PRIx32, sum);
	return out;
}

/* The reading of this very mail. */
static void assert_read(const struct item *item)
{
	const struct reading *r = item->request.reading;
	char sum[9];

	assert_non_null(r);
	if (r->trouble != NULL)
		print_message("%.40s: %s\n", item->mail, r->trouble);
	assert_null(r->trouble);
	assert_string_equal(r->date, checksum(item->mail, sum));
	assert_int_equal(r->text_total, strlen(item->mail));
}

static void assert_trouble(const struct item *item, const char *begins)
{
	const struct reading *r = item->request.reading;

	assert_non_null(r);
	assert_non_null(r->trouble);
	if (strncmp(r->trouble, begins, strlen(begins)) != 0)
		print_message("%.40s: %s\n", item->mail, r->trouble);
	assert_int_equal(strncmp(r->trouble, begins, strlen(begins)), 0);
	assert_string_equal(r->text.data, "");
}

/* ---- drafts -------------------------------------------------------------- */

static void test_thousand(void **state)
{
	enum { N = 1000 };
	static struct item items[N];
	struct fixture *f = start(2, PATIENT_MS);
	char line[40];

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(line, sizeof(line), "mail %d", i);
		ask(f, &items[i], check_draft, line);
	}
	assert_true(run(f));
	for (int i = 0; i < N; i++) {
		assert_read(&items[i]);
		clear(&items[i]);
	}
	assert_true(check_ready(f->check));
	stop(f);
}

/* Requests made before any reader is up wait for it. */
static void test_early(void **state)
{
	struct fixture *f = start_with(evil, 1, 10, PATIENT_MS);
	struct item draft, reply;

	(void)state;
	assert_false(check_ready(f->check));
	ask(f, &draft, check_draft, "early");
	ask(f, &reply, check_reply, "early");
	assert_true(run(f));
	assert_read(&draft);
	assert_string_equal(reply.request.reply->line, "early");
	clear(&draft);
	clear(&reply);
	stop(f);
}

struct row {
	const char *line, *trouble;
};

static const struct row evil_rows[] = {
    {"crash", "the reader died (signal "},
    {"exit", "the reader ended (status 7)"},
    {"hang", "the reader did not finish within 1 s"},
    {"garbage", "the reader's answer could not be understood"},
    {"serial", "the reader's answer could not be understood"},
    {"type", "the reader's answer could not be understood"},
    {"half", "the reader"},
    {"cut", "the reader's answer could not be understood"},
    {"utf8", "the reader's answer could not be understood"},
    {"escape", "the reader's answer could not be understood"},
};

/* One evil mail among good ones: it alone is to blame. */
static void test_evil(void **state)
{
	enum { N = 12 };
	struct item items[N];
	struct fixture *f = start(2, DEADLINE_MS);
	char line[40];

	(void)state;
	for (size_t r = 0; r < sizeof(evil_rows) / sizeof(evil_rows[0]); r++) {
		for (int i = 0; i < N; i++) {
			snprintf(line, sizeof(line), "good %d", i);
			ask(f, &items[i], check_draft,
			    i == 3 ? evil_rows[r].line : line);
		}
		assert_true(run(f));
		for (int i = 0; i < N; i++) {
			if (i == 3)
				assert_trouble(&items[i], evil_rows[r].trouble);
			else
				assert_read(&items[i]);
			clear(&items[i]);
		}
	}
	stop(f);
}

/* Many evil mails at once do not drag a good one down. */
static void test_many_evil(void **state)
{
	enum { N = 40 };
	struct item items[N];
	struct fixture *f = start(1, PATIENT_MS);

	(void)state;
	for (int i = 0; i < N; i++)
		ask(f, &items[i], check_draft, i % 4 == 3 ? "good" : "crash");
	assert_true(run(f));
	for (int i = 0; i < N; i++) {
		if (i % 4 == 3)
			assert_read(&items[i]);
		else
			assert_trouble(&items[i], "the reader died");
		clear(&items[i]);
	}
	stop(f);
}

static pid_t pid_of(const struct item *item)
{
	return (pid_t)atoi(item->request.reading->message_id);
}

/* A reader that dies while nobody needs it is replaced. */
static void test_idle_death(void **state)
{
	struct fixture *f = start(1, PATIENT_MS);
	struct item item;
	pid_t pid, old = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		ask(f, &item, check_draft, "mail");
		assert_true(run(f));
		assert_read(&item);
		pid = pid_of(&item);
		clear(&item);
		assert_int_not_equal(pid, old);
		old = pid;
		assert_int_equal(kill(pid, SIGKILL), 0);
		/* half of the times it is noticed before the next mail */
		if (i == 1)
			while (check_ready(f->check))
				event_base_loop(f->base, EVLOOP_ONCE);
	}
	stop(f);
}

static void test_large(void **state)
{
	enum { SIZE = 20 * 1024 * 1024 };
	struct fixture *f = start(1, PATIENT_MS);
	struct item large, small, edit;
	char *mail = mem_grow(NULL, SIZE + 1, 1);
	char *copy;

	(void)state;
	for (int i = 0; i < SIZE; i++)
		mail[i] = (char)('a' + i % 26);
	memcpy(mail, "large\n", 6);
	mail[SIZE] = '\0';
	copy = mem_strdup(mail);
	assert_int_equal(try_ask(f, &edit, check_edit, copy), 0);
	assert_int_equal(try_ask(f, &large, check_draft, mail), 0);
	ask(f, &small, check_draft, "small");
	assert_true(run(f));
	assert_read(&large);
	assert_read(&small);
	assert_null(edit.request.edit->refusal);
	assert_int_equal(edit.request.edit->bytes.len, SIZE + 5);
	assert_memory_equal(edit.request.edit->bytes.data + 5, mail, SIZE);
	clear(&large);
	clear(&small);
	clear(&edit);
	stop(f);
}

static void test_busy(void **state)
{
	enum { N = 20 };
	struct fixture *f = start_with(evil, 1, 3, PATIENT_MS);
	struct item items[N];
	char mail[] = "mail\n";
	unsigned taken = 0;

	(void)state;
	/* nobody reads yet, so three wait and the others are turned away */
	for (int i = 0; i < N; i++)
		taken += try_ask(f, &items[taken], check_draft, mail) == 0;
	assert_int_equal(taken, 3);
	assert_int_equal(try_ask(f, &items[3], check_reply, mail), 0);
	assert_true(run(f));
	for (int i = 0; i < 4; i++) {
		items[i].mail = NULL;
		clear(&items[i]);
	}
	stop(f);
}

/* ---- replies and edits --------------------------------------------------- */

/* Each in a process that has seen nothing else. */
static void test_nursery(void **state)
{
	enum { N = 30 };
	struct item items[N];
	struct fixture *f = start(2, PATIENT_MS);
	struct item draft;
	char line[40], sum[9];

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(line, sizeof(line), "reply %d", i);
		ask(f, &items[i], i % 3 == 2 ? check_edit : check_reply, line);
	}
	ask(f, &draft, check_draft, "draft");
	assert_true(run(f));
	for (int i = 0; i < N; i++) {
		const struct check_request *r = &items[i].request;

		checksum(items[i].mail, sum);
		if (i % 3 == 2) {
			assert_null(r->edit->refusal);
			assert_string_equal(r->edit->note, sum);
			assert_int_equal(r->edit->reading->n_received, 1);
		} else {
			assert_null(r->reply->trouble);
			assert_string_equal(r->reply->words, sum);
			assert_int_equal(r->reply->n_from, 1);
		}
		clear(&items[i]);
	}
	assert_read(&draft);
	clear(&draft);
	stop(f);
}

static void test_evil_replies(void **state)
{
	struct fixture *f = start(2, DEADLINE_MS);
	struct item crash, hang, exits, good, edit;

	(void)state;
	ask(f, &hang, check_reply, "hang");
	ask(f, &crash, check_reply, "crash");
	ask(f, &exits, check_reply, "exit");
	ask(f, &edit, check_edit, "crash");
	ask(f, &good, check_reply, "good");
	assert_true(run(f));
	assert_string_equal(hang.request.reply->trouble,
	    "the reader did not finish within 1 s");
	assert_string_equal(crash.request.reply->trouble, "the reader died");
	assert_string_equal(exits.request.reply->trouble, "the reader died");
	assert_string_equal(edit.request.edit->refusal, "the reader died");
	assert_null(good.request.reply->trouble);
	clear(&crash);
	clear(&hang);
	clear(&exits);
	clear(&edit);
	clear(&good);
	stop(f);
}

/* Its parent; 0 when there is no such process, or only its corpse. */
static pid_t parent_of(pid_t pid)
{
	char path[64], line[512], *after;
	int parent = 0;
	char what = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	in = fopen(path, "r");
	if (in == NULL)
		return 0;
	if (fgets(line, sizeof(line), in) != NULL &&
	    (after = strrchr(line, ')')) != NULL &&
	    sscanf(after, ") %c %d", &what, &parent) != 2)
		parent = 0;
	fclose(in);
	return what == 'Z' ? 0 : parent;
}

/* Calls see() for every process; returns how many times it said true. */
static unsigned each_process(bool (*see)(pid_t pid))
{
	DIR *proc = opendir("/proc");
	const struct dirent *d;
	unsigned n = 0;

	assert_non_null(proc);
	while ((d = readdir(proc)) != NULL)
		if (atoi(d->d_name) > 0)
			n += see((pid_t)atoi(d->d_name));
	closedir(proc);
	return n;
}

static bool is_child(pid_t pid)
{
	return parent_of(pid) == getpid();
}

static bool kill_child(pid_t pid)
{
	return is_child(pid) && kill(pid, SIGKILL) == 0;
}

/* Everybody dies at once, the nursery too; all is served all the same. */
static void test_all_die(void **state)
{
	struct fixture *f = start(2, PATIENT_MS);
	struct item draft, reply;

	(void)state;
	assert_int_equal(each_process(kill_child), 3);
	ask(f, &draft, check_draft, "draft");
	ask(f, &reply, check_reply, "reply");
	assert_true(run(f));
	assert_non_null(draft.request.reading);
	assert_null(reply.request.reply->trouble);
	clear(&draft);
	clear(&reply);
	stop(f);
}

static bool has_children(pid_t pid)
{
	char path[64];
	int c;
	FILE *in;

	if (!is_child(pid))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
	    (int)pid);
	in = fopen(path, "r");
	if (in == NULL)
		return false;
	c = fgetc(in);
	fclose(in);
	return c != EOF;
}

/* A fork that hangs is not only given up: it ends, and leaves no corpse. */
static void test_no_forks_left(void **state)
{
	struct fixture *f = start(1, DEADLINE_MS);
	struct item item;
	int64_t until;

	(void)state;
	ask(f, &item, check_reply, "hang");
	assert_true(run(f));
	clear(&item);
	until = clock_mono_ms() + GUARD_S * 1000;
	while (each_process(has_children) > 0 && clock_mono_ms() < until)
		usleep(10000);
	assert_int_equal(each_process(has_children), 0);
	stop(f);
	assert_int_equal(each_process(is_child), 0);
}

/* ---- plug-ins ------------------------------------------------------------ */

static const struct finding *failure_of(const struct reading *reading)
{
	const struct finding *f = reading_find(reading, "plugin-failed");

	assert_non_null(f);
	assert_int_equal(f->weight, FINDING_TRIPWIRE);
	assert_string_equal(f->value, "amount");
	assert_null(f->by);
	return f;
}

/* A mail that a plug-in dies of is read once more, without it. */
static void test_plugin_fails(void **state)
{
	static const struct {
		const char *line, *detail;
	} rows[] = {
	    {"plugin amount crash", "plug-in 'amount' crashed"},
	    {"plugin amount exit", "plug-in 'amount' crashed"},
	    {"plugin amount hang", "plug-in 'amount' took too long"},
	    {"plugin amount memory", "plug-in 'amount' used too much memory"},
	};
	enum { N = sizeof(rows) / sizeof(rows[0]) };
	struct item drafts[N], edits[N], good[N];
	struct fixture *f = start(2, DEADLINE_MS);
	const char *detail;

	(void)state;
	for (int i = 0; i < N; i++) {
		ask(f, &drafts[i], check_draft, rows[i].line);
		ask(f, &good[i], check_draft, "good");
		ask(f, &edits[i], check_edit, rows[i].line);
	}
	assert_true(run(f));
	for (int i = 0; i < N; i++) {
		assert_read(&drafts[i]);
		assert_read(&good[i]);
		assert_int_equal(good[i].request.reading->n_findings, 0);
		detail = failure_of(drafts[i].request.reading)->detail;
		assert_int_equal(
		    strncmp(detail, rows[i].detail, strlen(rows[i].detail)), 0);
		assert_null(edits[i].request.edit->refusal);
		failure_of(edits[i].request.edit->reading);
		clear(&drafts[i]);
		clear(&edits[i]);
		clear(&good[i]);
	}
	stop(f);
}

/* Two bad plug-ins are one too many. */
static void test_plugins_fail(void **state)
{
	struct fixture *f = start(1, PATIENT_MS);
	struct item two, odd, edit, reply;

	(void)state;
	ask(f, &two, check_draft, "plugin amount crash;plugin links exit;");
	ask(f, &odd, check_draft, "plugin Amount\001 crash;");
	ask(f, &edit, check_edit, "plugin amount crash;plugin links crash;");
	ask(f, &reply, check_reply, "crash");
	assert_true(run(f));
	assert_trouble(&two, "plug-in 'links' crashed");
	assert_trouble(&odd, "the reader died (signal ");
	assert_string_equal(
	    edit.request.edit->refusal, "plug-in 'links' crashed");
	assert_string_equal(reply.request.reply->trouble, "the reader died");
	clear(&two);
	clear(&odd);
	clear(&edit);
	clear(&reply);
	stop(f);
}

/* What is known of a mail goes with it, and no line can be smuggled in. */
static void test_about(void **state)
{
	struct recipient recipients[] = {
	    {.address = "a@b.example"}, {.address = "x@y\nc 9"}};
	const struct envelope envelope = {
	    .from = "", .n_recipients = 2, .recipients = recipients};
	const unsigned channels[] = {3, 5};
	struct fixture *f = start(1, PATIENT_MS);
	struct item item;
	struct error err = ERROR_INIT;
	const struct reading *r;

	(void)state;
	item = (struct item){.fixture = f, .mail = mem_strdup("mail")};
	item.request = (struct check_request){.bytes = {item.mail, 4},
	    .agent = "bot",
	    .envelope = &envelope,
	    .n_channels = 2,
	    .channels = channels,
	    .done = on_done,
	    .context = &item};
	f->open++;
	assert_int_equal(check_draft(f->check, &item.request, &err), 0);
	assert_true(run(f));
	assert_read(&item);
	r = item.request.reading;
	assert_string_equal(r->from, "bot");
	assert_string_equal(r->sender, "");
	assert_int_equal(r->n_authors, 2);
	assert_string_equal(r->authors[0], "a@b.example");
	assert_string_equal(r->authors[1], "x@y");
	assert_string_equal(r->cc, "3 of 2");
	clear(&item);
	stop(f);
}

static void wait_refused(struct fixture *f)
{
	int64_t until = clock_mono_ms() + GUARD_S * 1000;

	while (check_refused(f->check) == NULL && clock_mono_ms() < until)
		event_base_loop(f->base, EVLOOP_ONCE);
	assert_non_null(check_refused(f->check));
}

/* A setup that is of no use is not tried again, and all mail has trouble. */
static void test_refused(void **state)
{
	struct item early, late, reply;
	struct fixture *f;

	(void)state;
	setup = "refuse\nthis";
	f = start_with(evil, 2, 10, PATIENT_MS);
	ask(f, &early, check_draft, "early");
	assert_true(run(f));
	wait_refused(f);
	assert_string_equal(check_refused(f->check), "a.conf:7: 11 bytes ");
	assert_false(check_ready(f->check));
	ask(f, &late, check_draft, "late");
	ask(f, &reply, check_reply, "late");
	assert_true(run(f));
	assert_trouble(&early, "no reader works with the configuration");
	assert_trouble(&late, "no reader works with the configuration");
	assert_string_equal(reply.request.reply->trouble,
	    "no reader works with the configuration");
	while (each_process(is_child) > 0)
		event_base_loop(f->base, EVLOOP_ONCE);
	clear(&early);
	clear(&late);
	clear(&reply);
	stop(f);

	setup = "crash";
	f = start_with(evil, 1, 10, PATIENT_MS);
	wait_refused(f);
	assert_string_equal(check_refused(f->check),
	    "plug-in 'early' crashed while it was set up");
	stop(f);
	setup = "";
}

/* More than a socket holds at once. */
static void test_large_setup(void **state)
{
	enum { SIZE = 3 * 1024 * 1024 };
	char *large = mem_zalloc(SIZE + 1);
	struct fixture *f;
	struct item item;

	(void)state;
	memset(large, ' ', SIZE);
	setup = large;
	f = start(2, PATIENT_MS);
	ask(f, &item, check_draft, "mail");
	assert_true(run(f));
	assert_read(&item);
	clear(&item);
	stop(f);
	setup = "";
	free(large);
}

/* ---- beginnings and ends ------------------------------------------------- */

static void test_no_program(void **state)
{
	const struct check_settings settings = {.reader = "/no/such/program",
	    .readers = 1,
	    .deadline_ms = DEADLINE_MS,
	    .waiting_max = 1};
	struct event_base *base = event_base_new();
	struct error err = ERROR_INIT;

	(void)state;
	assert_null(check_new(base, &settings, &err));
	assert_string_equal(err.text, "cannot start the reader "
				      "'/no/such/program': No such file or "
				      "directory");
	event_base_free(base);
}

/* A copy of evil-reader under a name that makes it fail. */
static char *copy_evil(const char *folder, const char *name)
{
	char *path = mem_printf("%s/%s", folder, name), bytes[65536];
	int in = open(evil, O_RDONLY | O_CLOEXEC);
	int out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)n), n);
	close(in);
	close(out);
	return path;
}

/* Readers that fail at once are not started again and again in a hurry. */
static void test_failing_start(void **state)
{
	char folder[] = "/tmp/test-check-XXXXXX";
	char *path, *starts;
	struct fixture *f;
	struct item draft, reply;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = copy_evil(folder, "evil-at-start");
	starts = mem_printf("%s/starts", folder);
	f = start_with(path, 1, 10, DEADLINE_MS);
	ask(f, &draft, check_draft, "draft");
	ask(f, &reply, check_reply, "reply");
	assert_true(run(f));
	assert_trouble(&draft, "no reader was free within 2000 ms");
	assert_string_equal(
	    reply.request.reply->trouble, "no reader was free within 2000 ms");
	clear(&draft);
	clear(&reply);
	/* in 2 s: at 0, 0.1, 0.3, 0.7 and 1.5 s, by reader and nursery */
	assert_int_equal(stat(starts, &st), 0);
	assert_in_range(st.st_size, 2, 10);
	assert_false(check_ready(f->check));
	stop(f);
	unlink(starts);
	unlink(path);
	rmdir(folder);
	free(starts);
	free(path);
}

static void expect_no_greeting(const char *name)
{
	char folder[] = "/tmp/test-check-XXXXXX";
	struct fixture *f;
	struct item draft;
	char *path;

	assert_non_null(mkdtemp(folder));
	path = copy_evil(folder, name);
	f = start_with(path, 1, 10, DEADLINE_MS);
	ask(f, &draft, check_draft, "draft");
	assert_true(run(f));
	assert_trouble(&draft, "no reader was free");
	clear(&draft);
	stop(f);
	unlink(path);
	rmdir(folder);
	free(path);
}

static void test_other_version(void **state)
{
	(void)state;
	expect_no_greeting("evil-version");
}

/* Findings with an escape in a name. */
static void test_other_greeting(void **state)
{
	(void)state;
	expect_no_greeting("evil-finds");
}

/* At the end every open request is answered, wherever it is. */
static void test_open_at_end(void **state)
{
	enum { N = 20 };
	struct fixture *f = start(2, PATIENT_MS);
	struct item items[N];

	(void)state;
	for (int i = 0; i < N; i++)
		ask(f, &items[i], i % 2 ? check_draft : check_reply, "hang");
	for (int i = 0; i < 5; i++)
		event_base_loop(f->base, EVLOOP_ONCE);
	check_free(f->check);
	assert_int_equal(f->open, 0);
	for (int i = 0; i < N; i++) {
		if (i % 2)
			assert_trouble(&items[i], "the program ended");
		clear(&items[i]);
	}
	assert_int_equal(each_process(is_child), 0);
	event_base_free(f->base);
	free(f);
}

/* A reader has its socket and standard error, and nothing of ours. */
static bool has_only_its_own(pid_t pid)
{
	char path[64];
	const struct dirent *d;
	unsigned n = 0;
	DIR *fds;

	if (!is_child(pid))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	fds = opendir(path);
	if (fds == NULL) /* not dumpable, and we are not root */
		return true;
	while ((d = readdir(fds)) != NULL)
		if (d->d_name[0] != '.') {
			assert_in_range(atoi(d->d_name), 0, 3);
			n++;
		}
	closedir(fds);
	return n == 4;
}

static void test_descriptors(void **state)
{
	struct fixture *f;
	int fd = dup(STDERR_FILENO); /* would be inherited */

	(void)state;
	f = start(2, PATIENT_MS);
	assert_int_equal(each_process(has_only_its_own), 3);
	stop(f);
	close(fd);
}

/* It lies beside this program. */
static void find_evil(void)
{
	static const char name[] = "evil-reader";
	ssize_t n = readlink("/proc/self/exe", evil, sizeof(evil));

	assert_in_range(n, 1, sizeof(evil) - sizeof(name));
	evil[n] = '\0';
	memcpy(strrchr(evil, '/') + 1, name, sizeof(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_thousand),
	    cmocka_unit_test(test_early),
	    cmocka_unit_test(test_evil),
	    cmocka_unit_test(test_many_evil),
	    cmocka_unit_test(test_idle_death),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_busy),
	    cmocka_unit_test(test_nursery),
	    cmocka_unit_test(test_evil_replies),
	    cmocka_unit_test(test_all_die),
	    cmocka_unit_test(test_no_forks_left),
	    cmocka_unit_test(test_plugin_fails),
	    cmocka_unit_test(test_plugins_fail),
	    cmocka_unit_test(test_about),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_large_setup),
	    cmocka_unit_test(test_no_program),
	    cmocka_unit_test(test_failing_start),
	    cmocka_unit_test(test_other_version),
	    cmocka_unit_test(test_other_greeting),
	    cmocka_unit_test(test_open_at_end),
	    cmocka_unit_test(test_descriptors),
	};

	find_evil();
	log_init(getenv("VERBOSE") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
