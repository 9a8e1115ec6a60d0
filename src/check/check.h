/*
 * check: the room that looks at a mail.  It keeps the pool of sealed readers
 * (separate processes that may be killed by what they read) and judges.
 *
 * A reader that crashes, hangs or answers nonsense yields a reading whose
 * trouble says so; the draft is then held.  Nothing here ever lets go of a
 * mail because something failed.
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "check/judge.h"
#include "message.h"
#include "reading.h"
#include "util/error.h"

struct check;
struct event_base;

struct check_settings {
	const char *reader;   /* path of imprimatur-check */
	unsigned readers;     /* how many for drafts */
	unsigned deadline_ms; /* to read one mail; it may wait twice that */
	uint64_t memory_max_bytes; /* address space of one reader */
	unsigned waiting_max;	   /* requests that may wait; more: BUSY */
	struct span setup; /* setup.h; must outlive the check; empty: none */
};

/*
 * Start the readers; they load and seal themselves in the background.
 * Requests made before the first is ready wait.  NULL and err when the
 * program cannot be started at all.
 */
struct check *check_new(struct event_base *base,
    const struct check_settings *settings, struct error *err);

/*
 * Why no reader can start, in words for an admin ("channels/a.conf:12: plug-in
 * 'amount': ..."), or NULL.  A setup that a reader refuses is not tried again.
 */
const char *check_refused(const struct check *check);

/*
 * End the readers.  Every request still open is answered with trouble first.
 */
void check_free(struct check *check);

/* Is nothing being read, and does nothing wait? */
bool check_idle(const struct check *check);

/* Are all readers up and sealed?  For status and readiness. */
bool check_ready(const struct check *check);

/*
 * What the plug-ins of the setup say that they find: lines of "PLUGIN FINDING",
 * "" before the readers are ready.  A plug-in that does not say is left out.
 * Good until the loop goes on.
 */
const char *check_finds(const struct check *check);

/*
 * One request.  Fill the input, call, keep it alive until done() is called on
 * the loop, exactly once.  bytes must stay valid until then.
 */
struct check_request {
	struct span bytes; /* the mail */
	/* check_edit: the new text, UTF-8; data NULL: it stays */
	struct span text;
	/* likewise, as a person writes them, UTF-8; NULL: it stays, "": none */
	const char *subject, *to, *cc, *bcc;
	struct span mail; /* likewise, a whole mail instead; data NULL: none */
	/* check_draft and check_edit: what plug-ins and conditions may know */
	const char *agent;		 /* or NULL */
	const struct envelope *envelope; /* or NULL */
	size_t n_channels;
	const unsigned *channels; /* indices in the setup */
	void (*done)(struct check_request *request);
	void *context;

	/* results, the requester's to free; the others stay NULL */
	struct reading *reading;     /* check_draft; never NULL then */
	struct reading_reply *reply; /* check_reply; never NULL then */
	struct reading_edit *edit;   /* check_edit; never NULL then */
};

/*
 * Read a draft in the pool; a reply or an edit in a fresh fork of a reader
 * that has never seen a mail.  0, or -1 with BUSY when too many wait: then
 * done() is not called.  Of an edit each text may be of 64 KB, else INVALID.
 */
int check_draft(
    struct check *check, struct check_request *request, struct error *err);
int check_reply(
    struct check *check, struct check_request *request, struct error *err);
int check_edit(
    struct check *check, struct check_request *request, struct error *err);

#endif
