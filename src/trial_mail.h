/*
 * trial_mail: the mail of a test that stands beside the rules, as bytes with
 * an envelope.
 */
#ifndef TRIAL_MAIL_H
#define TRIAL_MAIL_H

#include "config/channel.h"
#include "config/config.h"
#include "message.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/error.h"

#define TRIAL_MAIL_MAX ((size_t)100 * 1024 * 1024) /* bytes */

struct trial_mail {
	const char *agent;
	struct envelope envelope;
	struct buf bytes; /* the caller's to release, after an error too */
};

/*
 * Make the mail of a test; what the test leaves out is taken from its channel:
 * an agent, a sender and a recipient that fit, the context that it requires.
 * All but the bytes lives in the arena.  -1 and err: its file cannot be read.
 */
int trial_mail_make(struct trial_mail *mail, const struct config *config,
    const struct channel *channel, const struct channel_test *test,
    struct arena *arena, struct error *err);

/* Append a file; line ends become CRLF.  -1 and err: it cannot be read. */
int trial_mail_read(const char *file, struct buf *out, struct error *err);

#endif
