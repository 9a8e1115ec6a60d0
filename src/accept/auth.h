/*
 * auth: is this the agent that it says it is?  Random secrets are checked at
 * once; chosen passwords (scrypt) on a job thread, behind a bounded queue, with
 * a short memory of those that were right.
 *
 * Whether an agent exists cannot be told from the time that a refusal takes:
 * each is as dear as the dearest in use.  All functions: loop only.
 */
#ifndef ACCEPT_AUTH_H
#define ACCEPT_AUTH_H

#include "config/config.h"
#include "util/buf.h"

#define AUTH_WAITING_MOST 64		   /* passwords on the way, then busy */
#define AUTH_MEMORY_MS	  (10 * 60 * 1000) /* of a right one */

struct auth;
struct auth_login;
struct job_queue;

/* Ready at once. */
struct auth *auth_new(const struct config *config, struct job_queue *jobs);

/* Logins that are asked about from now on are those of this configuration. */
void auth_renew(struct auth *auth, const struct config *config);

/* Logins on their way are never answered.  NULL is harmless. */
void auth_free(struct auth *auth);

enum auth_result { AUTH_REFUSED, AUTH_GRANTED, AUTH_BUSY, AUTH_PENDING };

/* What is asked; done() is called, once, only after AUTH_PENDING. */
struct auth_question {
	const char *name;
	struct span secret; /* copied where it must live on */
	/* agent: who it is, or NULL: refused */
	void (*done)(const struct config_agent *agent, void *context);
	void *context;
};

/*
 * agent is filled on AUTH_GRANTED, login on AUTH_PENDING: it is the handle for
 * auth_forget(), until done() is called.
 */
enum auth_result auth_check(struct auth *auth,
    const struct auth_question *question, const struct config_agent **agent,
    struct auth_login **login);

/* Whoever asked has gone: done() will not be called.  NULL is harmless. */
void auth_forget(struct auth_login *login);

#endif
