/*
 * fetch: asks other servers over HTTP and HTTPS, by libcurl's multi interface
 * on the loop.  It does not follow redirects, takes no proxy and no password
 * from the environment, and always verifies certificates.
 *
 * All functions: loop only.
 */
#ifndef UTIL_FETCH_H
#define UTIL_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/error.h"

struct event_base;
struct fetch;

/*
 * One request.  Fill the input, call fetch_ask(), keep it and all that it
 * points to alive until done() is called: on the loop, exactly once, never
 * from within fetch_ask().
 */
struct fetch_ask {
	const char *url;    /* http://, https:// */
	const char *method; /* "GET" and "PUT"; NULL: POST */
	/* "Name: value" each, NULL-terminated, or NULL; no control characters
	 */
	const char *const *headers;
	struct span body;     /* not of a GET */
	unsigned deadline_ms; /* for all of it, more than 0 */
	size_t answer_max;    /* bytes; a longer answer is an error */
	const char *ca_file;  /* who may vouch for the server; NULL: system */
	const char *wants;    /* name of a field of the answer, or NULL */
	/* Twice would be once too often: on a connection of its own.  On one
	 * that was kept it is sent again, when that dies before the answer. */
	bool once;
	void (*done)(struct fetch_ask *ask);
	void *context;

	/* results */
	/* NONE: there is an answer, of any status.  The text tells what the
	 * server did: "did not answer within 5 s" */
	struct error error;
	long status;	   /* 200 ... */
	int64_t retry_ms;  /* Retry-After (RFC 9110 10.2.3), 0: it said none */
	int64_t date_ms;   /* Date, wall time by its clock; 0: none */
	char found[512];   /* the value of the field it wants, cut; "": none */
	struct buf answer; /* the requester's to release, after errors too */

	/* fetch.c's own */
	struct fetch *fetch;
	void *easy, *fields;
	char reason[256];
	bool cancelled;
	struct fetch_ask *next, *previous;
};

/* Ready for requests.  Out of memory ends the process. */
struct fetch *fetch_new(struct event_base *base);

/*
 * Every request still open is done first, with error BUSY; its done() may
 * post nothing more.  NULL is harmless.
 */
void fetch_free(struct fetch *fetch);

/*
 * Send it.  Errors come by done(): INVALID (a header with control characters,
 * a URL that is none), BUSY (no answer in time, refused, broken off, not
 * trusted, too long).
 */
void fetch_ask(struct fetch *fetch, struct fetch_ask *ask);

/* End it now: done() is called soon, with error BUSY, unless it was already. */
void fetch_cancel(struct fetch_ask *ask);

#endif
