/*
 * house: the rooms, opened and closed.
 *
 * All functions run on the loop, or before it runs.
 */
#ifndef HOUSE_H
#define HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "util/error.h"

struct event;
struct event_base;

struct house_hooks {
	/* Every room is up and ready for mail. */
	void (*ready)(void *context);
	/* The disk failed: intake is closed, the process must end. */
	void (*failed)(const struct error *err, void *context);
	/* The readers cannot work with this configuration. */
	void (*refused)(const struct error *err, void *context);
	void *context;
};

/* Who holds what; pipeline.c goes from one to the next. */
struct house {
	struct event_base *base;
	const struct config *config; /* in force; a reference, as the others */
	const struct config *first;  /* with which we started */
	const struct config *people; /* that the store goes by */
	struct job_queue *jobs;
	struct dns *dns;
	struct tls_server *tls;
	struct httpd *httpd;
	struct accept *accept;
	struct check *check;
	struct check_programs *programs;
	struct pipeline_opinions *opinions;
	struct reload *reload;
	struct doctor *doctor;
	struct hold *hold;
	struct review *review;
	struct chats *chats;
	struct mailboxes *mailboxes;
	struct send *send;

	unsigned n_sayings; /* pipeline_medium.c's: decisions under way */

	/* house.c's own */
	struct house_hooks hooks;
	struct event *tick; /* waits for readiness, then for the end */
	bool ready, send_idle;
	void (*stopped)(void *context);
	void *stopped_context;
	int64_t stop_by_ms; /* monotonic */
};

/*
 * A house without ledger and readers yet.
 * NULL and err when a certificate cannot be loaded.
 */
struct house *house_new(struct event_base *base, const struct config *config,
    const struct house_hooks *hooks, struct error *err);

/*
 * Bind the sockets (as root, if need be).  inherited: listening sockets of a
 * service manager.
 */
int house_bind(struct house *house, const int *inherited, size_t n_inherited,
    struct error *err);

/* Open the ledger, start the readers, serve the control socket. */
int house_open(struct house *house, struct error *err);

/* Read the configuration anew and put it into force, see reload.h. */
void house_reload(struct house *house);

/* Readers for a configuration, beside those in force.  NULL and err. */
struct check *house_start_readers(
    struct house *house, const struct config *config, struct error *err);

/*
 * Put a configuration into force; its readers are house->check already, and
 * the store is told by whoever calls.
 */
void house_renew(struct house *house, const struct config *config);

/*
 * No new mail and no new dots; done is called when nothing is under way, or
 * after ten seconds.
 */
void house_stop(
    struct house *house, void (*done)(void *context), void *context);

/* Close everything at once; what is past its dot is in doubt. */
void house_free(struct house *house);

#endif
