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

#include "config.h"
#include "util/error.h"

struct event;
struct event_base;

struct house_hooks {
	/* Every room is up and ready for mail. */
	void (*ready)(void *context);
	/* The disk failed: intake is closed, the process must end. */
	void (*failed)(const struct error *err, void *context);
	void *context;
};

/* Who holds what; pipeline.c goes from one to the next. */
struct house {
	struct event_base *base;
	const struct config *config;
	struct job_queue *jobs;
	struct tls_server *tls;
	struct httpd *httpd;
	struct accept *accept;
	struct check *check;
	struct hold *hold;
	struct review *review;
	struct send *send;

	/* house.c's own */
	struct house_hooks hooks;
	struct event *tick; /* waits for readiness, then for the end */
	bool ready, send_idle;
	void (*stopped)(void *context);
	void *stopped_context;
	int64_t stop_by_ms; /* monotonic */
};

/*
 * A house without ledger and readers yet.  The configuration must outlive it.
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

/*
 * No new mail and no new dots; done is called when nothing is under way, or
 * after ten seconds.
 */
void house_stop(
    struct house *house, void (*done)(void *context), void *context);

/* Close everything at once; what is past its dot is in doubt. */
void house_free(struct house *house);

#endif
