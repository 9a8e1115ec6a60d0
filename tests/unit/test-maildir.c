/*
 * Tests of send/maildir: what a file holds, when it appears, and what happens
 * when it cannot be written.
 */
#include "send/maildir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "send/parcel.h"

#include "util/arena.h"
#include "util/job.h"
#include "util/mem.h"

#define MAIL	 "Subject: x\r\n\r\n.dot\r\ngr\xc3\xbc\xc3\x9f\r\n"
#define PATIENCE 20

static struct event_base *base;
static struct job_queue *jobs;
static char top[64];

struct delivery {
	struct parcel parcel; /* first */
	struct hold_target targets[2];
	unsigned ready, done;
};

static void on_ready(struct parcel *parcel)
{
	((struct delivery *)parcel)->ready++;
}

static void on_done(struct parcel *parcel)
{
	((struct delivery *)parcel)->done++;
}

static void start(struct delivery *d, const char *maildir, const char *mail)
{
	memset(d, 0, sizeof(*d));
	d->targets[0].recipient.address = "jane@customer.example";
	d->targets[1].recipient.address = "joe@customer.example";
	d->parcel.envelope.from = "bot@agents.example";
	d->parcel.bytes = (struct span){mail, strlen(mail)};
	d->parcel.targets = d->targets;
	d->parcel.n_targets = 2;
	d->parcel.arena = arena_new();
	d->parcel.maildir = maildir;
	d->parcel.ready = on_ready;
	d->parcel.done = on_done;
	maildir_start(jobs, &d->parcel);
}

static void finish(struct delivery *d)
{
	assert_int_equal(d->done, 1);
	arena_free(d->parcel.arena);
}

#define UNTIL(condition)                                                       \
	do {                                                                   \
		alarm(PATIENCE);                                               \
		while (!(condition))                                           \
			event_base_loop(base, EVLOOP_ONCE);                    \
		alarm(0);                                                      \
	} while (0)

/* Files in a folder of the Maildir; the path of one of them into path. */
static unsigned count(const char *maildir, const char *name, char *path)
{
	char *folder = mem_printf("%s/%s", maildir, name);
	DIR *dir = opendir(folder);
	struct dirent *e;
	unsigned n = 0;

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.') {
			n++;
			if (path != NULL)
				snprintf(
				    path, 300, "%s/%.200s", folder, e->d_name);
		}
	closedir(dir);
	free(folder);
	return n;
}

static void expect_file(const char *path, const char *text)
{
	char bytes[4096];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof(bytes) - 1);
	struct stat st;

	assert_true(n >= 0);
	bytes[n] = '\0';
	assert_string_equal(bytes, text);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	close(fd);
}

static void a_mail_appears_when_it_may(void **state)
{
	char path[300], *maildir = mem_printf("%s/good", top);
	struct delivery d;

	(void)state;
	start(&d, maildir, MAIL); /* the folder is made */
	UNTIL(d.ready == 1);
	assert_int_equal(d.done, 0);
	assert_int_equal(count(maildir, "tmp", NULL), 1);
	assert_int_equal(count(maildir, "new", NULL), 0);
	maildir_go(&d.parcel);
	UNTIL(d.done == 1);
	assert_int_equal(count(maildir, "tmp", NULL), 0);
	assert_int_equal(count(maildir, "new", path), 1);
	assert_int_equal(count(maildir, "cur", NULL), 0);
	expect_file(path, "Return-Path: <bot@agents.example>\r\n"
			  "X-Envelope-To: <jane@customer.example>\r\n"
			  "X-Envelope-To: <joe@customer.example>\r\n" MAIL);
	assert_int_equal(d.targets[0].result, HOLD_RESULT_SENT);
	assert_int_equal(d.targets[1].result, HOLD_RESULT_SENT);
	finish(&d);
	free(maildir);
}

static void what_is_held_back_leaves_nothing(void **state)
{
	char *maildir = mem_printf("%s/held", top);
	struct delivery d;

	(void)state;
	start(&d, maildir, MAIL);
	UNTIL(d.ready == 1);
	maildir_abandon(&d.parcel);
	UNTIL(d.done == 1);
	assert_int_equal(d.targets[0].result, HOLD_RESULT_PENDING);
	finish(&d);
	start(&d, maildir, MAIL);
	UNTIL(d.ready == 1);
	maildir_drop(&d.parcel);
	assert_int_equal(d.done, 0);
	arena_free(d.parcel.arena);
	assert_int_equal(count(maildir, "tmp", NULL), 0);
	assert_int_equal(count(maildir, "new", NULL), 0);
	free(maildir);
}

static void trouble_is_for_another_time(void **state)
{
	char *file = mem_printf("%s/file", top), *in_it, *long_name;
	char name[400];
	struct delivery d;
	FILE *f = fopen(file, "w");

	(void)state;
	assert_non_null(f);
	fclose(f);
	in_it = mem_printf("%s/maildir", file);
	start(&d, in_it, MAIL);
	UNTIL(d.done == 1);
	assert_int_equal(d.ready, 0);
	assert_int_equal(d.targets[1].result, HOLD_RESULT_PENDING);
	assert_non_null(strstr(d.targets[1].answer, "cannot make folder"));
	finish(&d);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	long_name = mem_printf("%s/%s", top, name);
	start(&d, long_name, MAIL);
	UNTIL(d.done == 1);
	assert_int_equal(d.targets[0].result, HOLD_RESULT_PENDING);
	finish(&d);
	free(file);
	free(in_it);
	free(long_name);
}

/* The folder goes away between the two steps. */
static void the_last_step_can_fail(void **state)
{
	char *maildir = mem_printf("%s/moved", top), *new;
	struct delivery d;

	(void)state;
	start(&d, maildir, MAIL);
	UNTIL(d.ready == 1);
	new = mem_printf("%s/new", maildir);
	assert_int_equal(rmdir(new), 0);
	maildir_go(&d.parcel);
	UNTIL(d.done == 1);
	assert_int_equal(d.targets[0].result, HOLD_RESULT_PENDING);
	assert_int_equal(count(maildir, "tmp", NULL), 0);
	finish(&d);
	free(new);
	free(maildir);
}

static void unfit_bytes_are_not_written(void **state)
{
	char *maildir = mem_printf("%s/unfit", top);
	struct delivery d;

	(void)state;
	start(&d, maildir, "a\n.\r\nb\r\n");
	assert_int_equal(d.done, 1);
	assert_int_equal(d.targets[0].result, HOLD_RESULT_FAILED);
	assert_int_equal(access(maildir, F_OK), -1);
	finish(&d);
	free(maildir);
}

static void many_at_once_have_names_of_their_own(void **state)
{
	enum { MANY = 200 };
	static struct delivery d[MANY];
	char *maildir = mem_printf("%s/many", top);
	unsigned i;

	(void)state;
	for (i = 0; i < MANY; i++)
		start(&d[i], maildir, MAIL);
	for (i = 0; i < MANY; i++) {
		UNTIL(d[i].ready == 1);
		maildir_go(&d[i].parcel);
	}
	for (i = 0; i < MANY; i++) {
		UNTIL(d[i].done == 1);
		assert_int_equal(d[i].targets[0].result, HOLD_RESULT_SENT);
		finish(&d[i]);
	}
	assert_int_equal(count(maildir, "new", NULL), MANY);
	free(maildir);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "/tmp/test-maildir.XXXXXX");
	if (mkdtemp(top) == NULL)
		return -1;
	base = event_base_new();
	jobs = job_pool_new(base, 2);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	job_queue_free(jobs);
	event_base_free(base);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_mail_appears_when_it_may),
	    cmocka_unit_test(what_is_held_back_leaves_nothing),
	    cmocka_unit_test(trouble_is_for_another_time),
	    cmocka_unit_test(the_last_step_can_fail),
	    cmocka_unit_test(unfit_bytes_are_not_written),
	    cmocka_unit_test(many_at_once_have_names_of_their_own),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
