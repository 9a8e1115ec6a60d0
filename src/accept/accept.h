/*
 * accept: the room that speaks SMTP submission (RFC 5321, 6409) with agents
 * and takes reviewers' replies.  It frames, authenticates and limits; what a
 * mail means is left to whoever gave it the hooks.
 *
 * All functions and hooks run on the loop.
 */
#ifndef ACCEPT_ACCEPT_H
#define ACCEPT_ACCEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "message.h"
#include "util/buf.h"
#include "util/error.h"

struct accept;
struct auth_login;
struct peer;
struct session_room;
struct accept_ticket;
struct event_base;
struct job_queue;
struct tls_server;

/* What an address is to the review room. */
enum accept_address {
	ACCEPT_NOT_REVIEW, /* no review address at all */
	ACCEPT_REVIEW,	   /* a reply to the notice that was filled in */
	ACCEPT_FORGED	   /* looks like one, but its token is wrong */
};

struct accept_hooks {
	/*
	 * A whole mail of a logged-in or trusted agent.  The message is the
	 * hook's; the session keeps its reply open until accept_answer().
	 */
	void (*draft)(struct accept_ticket *ticket, struct message *message,
	    void *context);
	/* A whole mail to one review address, from nobody in particular. */
	void (*reply)(struct accept_ticket *ticket, struct message *message,
	    int64_t notice, void *context);
	/*
	 * What is this recipient?  Cheap; fills notice for ACCEPT_REVIEW, which
	 * means what whoever gave the hooks wants it to.
	 */
	enum accept_address (*address)(
	    const char *address, int64_t *notice, void *context);
	/* The client read the 250 that carried this draft's id. */
	void (*confirmed)(int64_t draft, void *context);
	void *context;
};

/*
 * Ready to listen.  tls may be NULL when no listener wants it.  jobs: the pool
 * on which scrypt runs.
 */
struct accept *accept_new(struct event_base *base, const struct config *config,
    struct tls_server *tls, struct job_queue *jobs,
    const struct accept_hooks *hooks);

/*
 * Listen on every listener of the configuration.  inherited: sockets of a
 * service manager, used in place of an own one where address and port match.
 */
int accept_listen(struct accept *accept, const int *inherited,
    size_t n_inherited, struct error *err);

/*
 * The answer to a mail.  code and text go out as "250 2.0.0 text"; draft: its
 * id when code is 250, for confirmed(), else 0.  Ends the ticket; harmless
 * when the client has gone.
 */
struct accept_answer {
	int code;	      /* 250, 451, 452, 550, 554 ... */
	const char *enhanced; /* "2.0.0" */
	const char *text;     /* one line */
	int64_t draft;
};
void accept_answer(
    struct accept_ticket *ticket, const struct accept_answer *answer);

/*
 * A ticket for a mail that came another way: answered() is called once, in the
 * place of an answer to a client.
 */
struct accept_ticket *accept_ticket_new(
    void (*answered)(const struct accept_answer *answer, void *context),
    void *context);

/*
 * Another configuration is in force: sessions take it between two mails.  Its
 * listeners are those of the first one, which must outlive the room.
 */
void accept_renew(struct accept *accept, const struct config *config);

/*
 * Stop: no new connections; idle sessions get 421 now, others at their next
 * step; those that wait for an answer still get it.  For shutdown, and when
 * the disk failed.  why: lives as long as the room.
 */
void accept_close(struct accept *accept, const char *why);

/*
 * An agent shows its credential elsewhere than over SMTP.  done() is called
 * once, maybe from within; the struct and what it points to must stay until
 * then.  Failures count against the peer as those over SMTP do.
 */
enum accept_granted {
	ACCEPT_LOGIN_REFUSED,
	ACCEPT_LOGIN_GRANTED,
	ACCEPT_LOGIN_BUSY, /* try again in a moment */
	ACCEPT_LOGIN_OFTEN /* too many failures from this address */
};
struct accept_login {
	const char *name;
	struct span secret;
	const char *peer; /* numeric address */
	void (*done)(struct accept_login *login);
	void *context;

	/* results */
	enum accept_granted granted;
	const struct config_agent *agent; /* GRANTED; look at it in done() */

	/* the room's own */
	struct session_room *room;
	struct auth_login *asked;
	struct peer *peer_entry;
	struct accept_login *prev, *next;
};
void accept_login(struct accept *accept, struct accept_login *login);

/* Sessions open now, and drafts that wait for their answer. */
size_t accept_sessions(const struct accept *accept);
size_t accept_waiting(const struct accept *accept);

/* End all sessions at once and free.  NULL is harmless. */
void accept_free(struct accept *accept);

#endif
