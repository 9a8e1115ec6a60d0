/*
 * send: the room through which everything leaves: approved drafts and system
 * mail, to a relay host over SMTP or into a Maildir; and word back to the
 * agent (DSN, RFC 3464).
 *
 * Only send/relay.c opens a connection to the relay host.  A draft leaves by
 * claim, load (hashed again), attempt, hold_dot, dot, settle; nothing else
 * can make it leave.  All functions run on the loop.
 */
#ifndef SEND_SEND_H
#define SEND_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "hold/hold.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/httpd.h"

struct event_base;
struct job_queue;
struct send;
struct send_login;

/*
 * A mail that is about to leave, for which a signature may be made.  The
 * room's until done() is called, exactly once, on the loop; it may be at once.
 */
struct send_signing {
	int64_t draft;
	unsigned revision; /* 1: as the agent submitted it */
	struct span bytes;
	void (*done)(struct send_signing *signing);
	void *context;

	/* results */
	struct error error; /* it must not leave now, and why */
	struct span field;  /* to be put in front; until done() returns */
};

struct send_hooks {
	/* A draft's attempt ended and was written, or it may not leave any
	 * more and is held again; state as it is now. */
	void (*settled)(int64_t draft, enum hold_state state, void *context);
	/* Sign it.  NULL: nothing is signed. */
	void (*sign)(struct send_signing *signing, void *context);
	/* Whose credential is this?  Calls login->done() once, maybe at once.
	 */
	void (*login)(struct send_login *login, void *context);
	void *context;
};

/* An agent's credential; stays with all it points to until done(). */
struct send_login {
	const char *name;
	struct span secret;
	const char *peer; /* numeric address */
	void (*done)(struct send_login *login);

	/* results: NONE, or DENIED, CONFLICT (too often), BUSY */
	struct error error;
	char agent[64]; /* its name */
};

/*
 * jobs: the pool on which Maildir files are written.  NULL and err when the
 * relay's settings cannot be used (CA file unreadable ...).
 */
struct send *send_new(struct event_base *base, const struct config *config,
    struct hold *hold, struct job_queue *jobs, const struct send_hooks *hooks,
    struct error *err);

/*
 * Agents, their webhooks and reports are those of this configuration now; the
 * rest stays.
 */
void send_renew(struct send *send, const struct config *config);

/*
 * Something may be due: a draft was approved, system mail was put, the gate
 * was opened, its agent is to hear of a draft.  Cheap; call it freely.
 */
void send_kick(struct send *send);

/*
 * No new claims and no new dots; what is past its dot may still hear its
 * answer.  done is called once nothing is under way.
 */
void send_stop(struct send *send, void (*done)(void *context), void *context);

/* The relay host as last seen, one line for status: "relay.example.com:587
 * ok", "refused our password", "unreachable since ...". */
void send_describe(const struct send *send, char *out, size_t size);

/* Look for the doctor whether the relay host takes our mail, sending none. */
struct checkup;
void send_examine(struct send *send, struct checkup *checkup);

/*
 * The HTTP API of agents, on any listener that is TLS, local or loopback;
 * context of each route is the struct send.
 */
extern const struct httpd_route send_routes[];

/* Close all connections at once and free.  NULL is harmless. */
void send_free(struct send *send);

#endif
