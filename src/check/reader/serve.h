/*
 * serve: the reader's end of the wire: takes requests, has them read, writes
 * the answers.  One after the other; an answer is written before the next mail
 * is looked at, so that the daemon knows which mail ended a reader.
 */
#ifndef CHECK_READER_SERVE_H
#define CHECK_READER_SERVE_H

#include "reading.h"
#include "util/buf.h"
#include "util/error.h"

struct about;
struct edit_wish;

/* What reads; each of the last three returns something new, never NULL. */
struct serve_calls {
	/*
	 * Make use of the setup (setup.h) and load all that is loaded late,
	 * before sealing; finds (wire.h) is what its plug-ins say they find.
	 * -1 and err: it is of no use, and why.
	 */
	int (*setup)(struct span setup, struct buf *finds, struct error *err);
	/* about is good until they return; they may set its equip */
	struct reading *(*draft)(struct span mail, struct about *about);
	struct reading_reply *(*reply)(struct span mail);
	struct reading_edit *(*edit)(struct span mail,
	    const struct edit_wish *wish, struct about *about);
};

/* Take the setup, which comes first; the caller frees it.  NULL: none came. */
char *serve_setup(size_t *size);

/* Say READY, and what plug-ins find (wire.h); or that the setup is of no use,
 * and why.  0, or -1 when the daemon is gone. */
int serve_ready(const char *finds);
int serve_refused(const char *why);

/*
 * Serve requests from descriptor WIRE_FD until the daemon closes it, or until
 * n were served (0: no end).  0, or -1 when a request made no sense or the
 * socket failed.
 */
int serve_requests(const struct serve_calls *calls, unsigned n);

#endif
