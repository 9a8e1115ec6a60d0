/*
 * serve: the reader's end of the wire: takes requests, has them read, writes
 * the answers.  One after the other; an answer is written before the next mail
 * is looked at, so that the daemon knows which mail ended a reader.
 */
#ifndef CHECK_READER_SERVE_H
#define CHECK_READER_SERVE_H

#include "reading.h"
#include "util/buf.h"

/* What reads; each returns a new reading, never NULL. */
struct serve_calls {
	void (*warm)(void); /* load all that is loaded late, before sealing */
	struct reading *(*draft)(struct span mail);
	struct reading_reply *(*reply)(struct span mail);
	struct reading_edit *(*edit)(struct span mail, struct span text);
};

/* Say READY.  0, or -1 when the daemon is gone. */
int serve_ready(void);

/*
 * Serve requests from descriptor WIRE_FD until the daemon closes it, or until
 * n were served (0: no end).  0, or -1 when a request made no sense or the
 * socket failed.
 */
int serve_requests(const struct serve_calls *calls, unsigned n);

#endif
