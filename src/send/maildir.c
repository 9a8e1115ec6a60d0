/*
 * maildir: files, in two steps.  What is delivered where is left to deliver.c
 * and outbox.c.
 */
#include "send/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "send/bytes.h"
#include "send/parcel.h"

#include "util/buf.h"
#include "util/clock.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/job.h"
#include "util/mem.h"

#define HEAD_MOST   ((size_t)64 * 1024 * 1024)
#define FOLDER_MODE 0700
#define FILE_MODE   0600
#define NAME_BYTES  12 /* of chance in a file's name */

struct maildir_job {
	struct job job;
	struct job_queue *jobs;
	struct parcel *parcel;
	char *tmp, *final; /* paths */
	bool in_doubt;
	struct error error;
};

/* ---- on a thread -------------------------------------------------------- */

static int fail(struct maildir_job *m, const char *what, const char *path)
{
	return error_set(&m->error, ERROR_INTERNAL, "cannot %s \"%s\": %s",
	    what, path, strerror(errno));
}

static int make_folder(struct maildir_job *m, const char *path)
{
	if (mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST)
		return 0;
	return fail(m, "make folder", path);
}

static int make_folders(struct maildir_job *m)
{
	static const char *const names[] = {"", "/tmp", "/new", "/cur"};
	char *path;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(names) / sizeof(names[0]); i++) {
		path = mem_printf("%s%s", m->parcel->maildir, names[i]);
		rc = make_folder(m, path);
		free(path);
	}
	return rc;
}

/* Time and chance: no two files have the same, on no host. */
static void name_file(struct maildir_job *m)
{
	unsigned char chance[NAME_BYTES];
	char hex[2 * NAME_BYTES + 1];
	int64_t now = clock_now_ms();

	digest_random(chance, sizeof(chance));
	digest_hex(chance, sizeof(chance), hex);
	m->tmp = mem_printf("%s/tmp/%" PRId64 ".M%" PRId64 "R%s",
	    m->parcel->maildir, now / 1000, now % 1000 * 1000, hex);
	m->final = mem_printf(
	    "%s/new/%s", m->parcel->maildir, strrchr(m->tmp, '/') + 1);
}

static void write_head(const struct parcel *p, struct buf *head)
{
	size_t i;

	buf_addf(head, "Return-Path: <%s>\r\n", p->envelope.from);
	for (i = 0; i < p->n_targets; i++)
		buf_addf(head, "X-Envelope-To: <%s>\r\n",
		    p->targets[i].recipient.address);
}

static int write_all(struct maildir_job *m, int fd, struct span bytes)
{
	ssize_t n;

	while (bytes.len > 0) {
		n = write(fd, bytes.data, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(m, "write", m->tmp);
		bytes.data += n;
		bytes.len -= (size_t)n;
	}
	return 0;
}

static int write_file(struct maildir_job *m)
{
	int fd =
	    open(m->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	struct buf head;
	int rc;

	if (fd < 0)
		return fail(m, "make", m->tmp);
	buf_init(&head, HEAD_MOST);
	write_head(m->parcel, &head);
	rc = write_all(m, fd, buf_span(&head));
	if (rc == 0)
		rc = write_all(m, fd, m->parcel->bytes);
	if (rc == 0 && fsync(fd) != 0)
		rc = fail(m, "sync", m->tmp);
	buf_release(&head);
	close(fd);
	if (rc != 0)
		unlink(m->tmp);
	return rc;
}

static void run_write(struct job *job)
{
	struct maildir_job *m = (struct maildir_job *)job;

	if (make_folders(m))
		return;
	name_file(m);
	write_file(m);
}

static int sync_folder_of(struct maildir_job *m, const char *path)
{
	char *folder = mem_strdup(path);
	int fd, rc = 0;

	*strrchr(folder, '/') = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		rc = fail(m, "sync folder", folder);
	if (fd >= 0)
		close(fd);
	free(folder);
	return rc;
}

/* Once it has its name it is delivered, but may not outlive a power cut. */
static void run_rename(struct job *job)
{
	struct maildir_job *m = (struct maildir_job *)job;

	if (rename(m->tmp, m->final) != 0) {
		fail(m, "rename", m->tmp);
		unlink(m->tmp);
	} else if (sync_folder_of(m, m->final)) {
		m->in_doubt = true;
	}
}

static void run_remove(struct job *job)
{
	unlink(((struct maildir_job *)job)->tmp);
}

/* ---- on the loop -------------------------------------------------------- */

static void free_job(struct maildir_job *m)
{
	free(m->tmp);
	free(m->final);
	free(m);
}

static void end(
    struct maildir_job *m, enum hold_result result, const char *answer)
{
	struct parcel *p = m->parcel;

	parcel_results(p, result, answer);
	p->file = NULL;
	free_job(m);
	p->done(p);
}

static void on_written(struct job *job)
{
	struct maildir_job *m = (struct maildir_job *)job;

	if (m->error.kind != ERROR_NONE)
		end(m, HOLD_RESULT_PENDING, m->error.text);
	else
		m->parcel->ready(m->parcel);
}

static void on_renamed(struct job *job)
{
	struct maildir_job *m = (struct maildir_job *)job;

	if (m->error.kind == ERROR_NONE)
		end(m, HOLD_RESULT_SENT, NULL);
	else
		end(m, m->in_doubt ? HOLD_RESULT_IN_DOUBT : HOLD_RESULT_PENDING,
		    m->error.text);
}

static void on_removed(struct job *job)
{
	end((struct maildir_job *)job, HOLD_RESULT_PENDING,
	    "it was held back before it was delivered");
}

static void submit(struct maildir_job *m, void (*run)(struct job *job),
    void (*done)(struct job *job))
{
	m->job.run = run;
	m->job.done = done;
	job_submit(m->jobs, &m->job);
}

void maildir_start(struct job_queue *jobs, struct parcel *parcel)
{
	struct maildir_job *m = mem_zalloc(sizeof(*m));
	const char *fault = bytes_fault(parcel->bytes);
	char why[160];

	m->jobs = jobs;
	m->parcel = parcel;
	parcel->file = m;
	if (fault == NULL) {
		submit(m, run_write, on_written);
		return;
	}
	snprintf(why, sizeof(why), "5.6.0 the mail is not fit to be sent: %s",
	    fault);
	end(m, HOLD_RESULT_FAILED, why);
}

void maildir_go(struct parcel *parcel)
{
	submit(parcel->file, run_rename, on_renamed);
}

void maildir_abandon(struct parcel *parcel)
{
	submit(parcel->file, run_remove, on_removed);
}

/*
 * House: this may block the loop for a moment.  It happens only while the
 * daemon ends, when jobs can no longer be submitted.
 */
void maildir_drop(struct parcel *parcel)
{
	struct maildir_job *m = parcel->file;

	unlink(m->tmp);
	parcel->file = NULL;
	free_job(m);
}
