/*
 * check/internal.h: what the files of the room share.
 *
 * An ask is a request under way.  A worker is one reader process and the
 * socket to it.  check.c owns both: it gives asks to workers and decides what
 * becomes of them.  All functions: loop only.
 */
#ifndef CHECK_INTERNAL_H
#define CHECK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "check/check.h"
#include "check/wire.h"

#include "util/buf.h"

struct event;
struct event_base;

/* ---- ask.c -------------------------------------------------------------- */

#define ASK_PIECES 5 /* of a frame: head, text, what is between, two mails */

struct ask {
	struct check_request *request;
	enum wire_type type;
	uint32_t serial;
	int64_t since_ms; /* monotonic: when it was asked */
	bool retried;	  /* a reader that had it died, it is read alone */
	/* the plug-in that a reader died of with it, and how; or "" */
	char without[WIRE_NAME_MAX];
	const char *how;
	size_t size;	    /* of the whole frame */
	struct buf head;    /* of the frame, with what stands before a text */
	struct buf between; /* of an edit: what stands before its whole mail */
	struct ask *next;
};

/* First in, first out. */
struct ask_list {
	struct ask *first, *last;
	size_t n;
	size_t bytes; /* of all frames */
};

/* Of a request that stays where it is; its results are set to NULL. */
struct ask *ask_new(
    struct check_request *request, enum wire_type type, uint32_t serial);

/* To the end; from the front, where NULL means that the list is empty. */
void ask_push(struct ask_list *list, struct ask *ask);
struct ask *ask_pop(struct ask_list *list);
/* Put a whole list in front of another; it is empty after. */
void ask_prepend(struct ask_list *list, struct ask_list *front);

/*
 * The frame from byte skip on (less than its size); returns the number of
 * pieces.
 */
int ask_frame(
    const struct ask *ask, size_t skip, struct iovec pieces[ASK_PIECES]);

/*
 * Ask it once more without a plug-in, whose failure is a finding of the answer
 * then.  how: "crashed"; a constant.
 */
void ask_spare(struct ask *ask, const char *plugin, const char *how);

/* How long an answer to it may be. */
size_t ask_answer_max(const struct ask *ask);

/*
 * Unpack an answer into the request.  -1 and err when it is not one that a
 * reader would give to this ask.
 */
int ask_answer(struct ask *ask, const struct wire_head *head,
    struct span payload, struct error *err);

/* The answer is that it could not be read, and why. */
void ask_trouble(struct ask *ask, const char *why);

/* Free the ask and call the request's done(). */
void ask_done(struct ask *ask);

/* ---- page.c ------------------------------------------------------------- */

/* What a reader is given. */
struct page_fds {
	int socket, page;
};

/*
 * A new page, and a descriptor of it to give away, which the caller closes.
 * NULL and err when there is none to be had.
 */
struct wire_page *page_new(int *fd, struct error *err);

/* Unmap it.  NULL is harmless. */
void page_free(struct wire_page *page);

/*
 * The plug-in that runs, or ran when the reader died, into out; false: none.
 * What is no name of a plug-in counts as none.
 */
bool page_plugin(const struct wire_page *page, char out[WIRE_NAME_MAX]);

/* Was it being given memory? */
bool page_memory(const struct wire_page *page);

/* ---- spawn.c ------------------------------------------------------------ */

/*
 * Start a reader: role is "reader" or "nursery".  Its socket becomes its
 * descriptor WIRE_FD, the page WIRE_PAGE_FD; it inherits standard error and
 * nothing else.  Returns its process id, or -1 and err.
 */
pid_t spawn_reader(const struct check_settings *settings, const char *role,
    const struct page_fds *fds, struct error *err);

/* ---- worker.c ----------------------------------------------------------- */

enum worker_state {
	WORKER_DOWN,	 /* there is no process */
	WORKER_STARTING, /* not sealed yet */
	WORKER_READY,
	WORKER_DYING, /* killed or gone, not yet reaped */
	WORKER_ENDED  /* reaped; check.c is to look at asks and why */
};

struct worker {
	struct check *check;
	struct event_base *base;
	const char *name; /* "reader", "fork" or "nursery" */
	unsigned number;
	enum worker_state state;
	bool was_ready; /* this process was sealed */
	bool answered;	/* it has answered something */
	bool unread;	/* it ended with something of ours not read */
	pid_t pid;	/* 0: a fork of the nursery, whose pid we never learn */
	int fd, pidfd;
	struct event *readable, *writable, *exited;
	int64_t since_ms; /* monotonic: STARTING, or its first ask, began */
	char why[128];	  /* it ended, for people */
	bool late;	  /* it was killed because it took too long */
	char *refusal;	  /* why it will not work with the setup, or NULL */
	char *finds;	  /* what its plug-ins find (wire.h), or NULL */
	struct wire_page *page;
	char plugin[WIRE_NAME_MAX]; /* that ran when it ended, or "" */
	bool memory;		    /* which wanted more of it then */

	struct span setup; /* to be sent before all else */
	unsigned char setup_head[WIRE_HEAD_SIZE];
	size_t setup_sent; /* bytes of both */

	struct ask_list asks; /* given, not answered; the first is being read */
	struct ask *sending;  /* the first not wholly sent, or NULL */
	size_t sent;	      /* bytes of it */
	struct ask_list finished; /* answered; check.c takes them */

	char *in; /* what came of an unfinished frame */
	size_t in_len, in_room;

	unsigned failures;   /* starts in a row that were in vain */
	int64_t again_at_ms; /* DOWN: not started before */
};

/* From DOWN to STARTING; -1 and err: it stays DOWN. */
int worker_spawn(struct worker *worker, const struct check_settings *settings,
    const char *role, struct error *err);
int worker_fork(struct worker *worker, struct worker *nursery, uint32_t life_ms,
    struct error *err);

/* Add an ask; worker_flush() sends what was added, if the worker is READY. */
void worker_give(struct worker *worker, struct ask *ask);
void worker_flush(struct worker *worker);

/* End the process; why: for people.  The state becomes DYING or ENDED. */
void worker_kill(struct worker *worker, const char *why);

/* DYING: look whether it has gone, where the kernel cannot tell us. */
void worker_reap(struct worker *worker);

/* Kill, wait for it and free what it has but the asks.  For the end. */
void worker_release(struct worker *worker);

/* ---- check.c ------------------------------------------------------------ */

/* A worker became READY, has finished asks, or ENDED. */
void check_worker_moved(struct worker *worker);

#endif
