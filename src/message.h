/*
 * message: the noun that all rooms share: a mail as bytes, and its envelope.
 *
 * Bytes are counted against one budget for the whole daemon
 * (message_budget_*), so that a crowd of senders meets a 452 and not the
 * kernel's OOM killer.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/digest.h"

/* RFC 3461: RET= and NOTIFY= as given; 0 is "not given". */
enum message_ret { MESSAGE_RET_NONE, MESSAGE_RET_FULL, MESSAGE_RET_HDRS };
#define MESSAGE_NOTIFY_NEVER   1u
#define MESSAGE_NOTIFY_SUCCESS 2u
#define MESSAGE_NOTIFY_FAILURE 4u
#define MESSAGE_NOTIFY_DELAY   8u

/* BODY= of RFC 6152. */
enum message_body { MESSAGE_BODY_7BIT, MESSAGE_BODY_8BITMIME };

struct recipient {
	const char *address; /* without <>; as given */
	const char *orcpt;   /* ORCPT= as given (xtext), or NULL */
	unsigned notify;     /* MESSAGE_NOTIFY_*, 0: not given */
};

struct envelope {
	const char *from;  /* without <>; "" is the null path */
	const char *envid; /* ENVID= as given (xtext), or NULL */
	enum message_ret ret;
	enum message_body body;
	bool smtputf8;
	size_t n_recipients;
	struct recipient *recipients; /* in order, no duplicates */
};

/*
 * One mail on its way in.  Made by accept, owned by whoever holds the
 * pointer; all its strings live in its arena.
 */
struct message {
	struct arena *arena;
	struct envelope envelope;
	struct buf bytes; /* exactly as received, dots unstuffed */
	unsigned char sha256[DIGEST_SIZE]; /* of bytes */
	const char *agent; /* account name; NULL: nobody logged in */
	const char *peer;  /* "192.0.2.1" or "2001:db8::1" */
	const char *helo;  /* as the client said; NULL: not by SMTP */
	bool tls;
	bool esmtp;	     /* EHLO, not HELO */
	int64_t received_ms; /* wall time */
	/* as its agent wishes; wall times, 0: none */
	int64_t not_before_ms, not_after_ms;
	size_t budget; /* bytes counted for it */
};

/* An empty message that may grow to max_bytes. */
struct message *message_new(size_t max_bytes);

/* Free it and give its budget back.  NULL is harmless. */
void message_free(struct message *message);

/*
 * Append received bytes.  0, or -1 when the mail or the daemon's budget is
 * full (bytes.overflow tells which: true for the mail).
 */
int message_add(struct message *message, const void *bytes, size_t size);

/* Set the daemon's budget for mail in memory.  At start, before any mail. */
void message_budget_init(size_t max_bytes);

/* The part behind the last '@', or "" when there is none. */
const char *message_domain(const char *address);

/* Do two addresses name the same mailbox?  Local part by bytes except for
 * ASCII case, domain without regard to ASCII case. */
bool message_same_address(const char *a, const char *b);

/*
 * Does an address fit a pattern: "a@b", "*@b", "*"?  ASCII case is ignored.
 */
bool message_address_fits(const char *address, const char *pattern);

#endif
