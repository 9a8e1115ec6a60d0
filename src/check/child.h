/*
 * child: a program of the admin's, started and talked to in lines.
 *
 * It gets as little of the daemon as can be: three pipes, PATH, LANG and HOME,
 * a process group of its own, the folder "/"; and it dies with the daemon.
 * What it says on its standard error goes to our log.  All functions: loop
 * only.
 */
#ifndef CHECK_CHILD_H
#define CHECK_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"
#include "util/error.h"

#define CHILD_LINE_MAX ((size_t)1024 * 1024) /* bytes of a line from it */

struct event_base;
struct child;

struct child_hooks {
	/*
	 * A whole line, without its LF.  The child may be stopped from within,
	 * but not freed.
	 */
	void (*line)(char *line, size_t len, void *context);
	/* All that was given to it is in the pipe; there is room for more. */
	void (*drained)(void *context);
	/*
	 * It is no more; why: for people ("ended (status 1)").  Once, the last
	 * call of all; the child may be freed from within.
	 */
	void (*ended)(const char *why, void *context);
	void *context;
};

/*
 * Start it.  command: absolute path, arguments, NULL; name: for the log; both
 * and the hooks' context must outlive the child.  NULL and err (INTERNAL)
 * when there is no process to be had; a path that leads nowhere is told by
 * ended().
 */
struct child *child_new(struct event_base *base, const char *name,
    const char *const *command, const struct child_hooks *hooks,
    struct error *err);

/* Kill it if it still runs, and what it started; free.  No hook is called. */
void child_free(struct child *child);

/* Give it a line; the LF is added.  One that was stopped gets it no more. */
void child_tell(struct child *child, struct span line);

/* Has it taken all that it was told? */
bool child_idle(const struct child *child);

/* Is less than that waiting to be taken by it?  drained() comes at zero. */
#define CHILD_BACKLOG ((size_t)1024 * 1024)
bool child_has_room(const struct child *child);

/* End it: ended() follows from the loop, with this why. */
void child_stop(struct child *child, const char *why);

#endif
