/*
 * process: what a reader does before its first mail, and how it ends.  The
 * mails are left to serve.c and nursery.c.
 */
#include "check/reader/process.h"

#include "check/reader/nursery.h"
#include "check/reader/running.h"
#include "check/reader/seal.h"
#include "check/wire.h"

#include "util/error.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* Memory that one mail used is kept for the next one up to here. */
#define MEMORY_KEPT (16 * 1024 * 1024)
#define MAPPED_FROM (1024 * 1024)

/* _exit: a sealed process can do nothing of what exit() would. */
static void __attribute__((noreturn)) fail(const char *why)
{
	fprintf(stderr, "imprimatur-check: %s\n", why);
	_exit(EX_USAGE);
}

static void check_socket(void)
{
	struct stat st;

	if (fstat(WIRE_FD, &st) || !S_ISSOCK(st.st_mode))
		fail("this program is started by imprimaturd(8) alone");
}

/* Die with the daemon, even in the midst of a mail that has no end. */
static void prepare(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
	mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN); /* no corpses: wait(2), NOTES */
}

/* Take the setup and make use of it; the daemon hears of what is wrong. */
static void set_up(const struct serve_calls *calls, struct buf *finds)
{
	struct error err = ERROR_INIT;
	size_t size;
	char *json = serve_setup(&size);

	if (json == NULL)
		_exit(EX_IOERR);
	if (calls->setup((struct span){json, size}, finds, &err)) {
		serve_refused(err.text);
		_exit(EX_CONFIG);
	}
	free(json);
}

void process_run(int argc, char **argv, const struct serve_calls *calls)
{
	struct error err = ERROR_INIT;
	uint64_t memory_max_bytes;
	struct buf finds;
	bool nursery;
	int rc;

	if (argc != 3)
		fail("this program is started by imprimaturd(8) alone");
	check_socket();
	nursery = strcmp(argv[1], "nursery") == 0;
	memory_max_bytes = strtoull(argv[2], NULL, 10);
	prepare();
	if (running_map(WIRE_PAGE_FD) || close(WIRE_PAGE_FD))
		fail("there is no page to share");
	buf_init(&finds, WIRE_FINDS_MAX);
	set_up(calls, &finds);
	rc = nursery ? seal_nursery(memory_max_bytes, &err)
		     : seal_reader(memory_max_bytes, &err);
	if (rc)
		fail(err.text);
	if (serve_ready(finds.len > 0 ? finds.data : ""))
		_exit(EX_IOERR);
	buf_release(&finds);
	rc = nursery ? nursery_run(calls) : serve_requests(calls, 0);
	_exit(rc ? EX_PROTOCOL : EXIT_SUCCESS);
}
