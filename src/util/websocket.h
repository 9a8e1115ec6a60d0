/*
 * websocket: the client's end of a WebSocket (RFC 6455) that carries text, by
 * libwebsockets on a thread of its own.  It resolves names as the rest of us
 * does, follows no redirects, takes no proxy from the environment, and always
 * verifies certificates.
 *
 * All functions and hooks: loop only.
 */
#ifndef UTIL_WEBSOCKET_H
#define UTIL_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

struct event_base;
struct websocket;

struct websocket_hooks {
	/* The server agreed. */
	void (*opened)(void *context);
	/* A whole message; the text lives during the call. */
	void (*heard)(struct span text, void *context);
	/* It is over, or never began: once, and nothing comes after it.  why:
	 * "did not answer within 10 s"; no part of the URL's path. */
	void (*closed)(const char *why, void *context);
	void *context;
};

struct websocket_place {
	const char *url;      /* ws://, wss://; may hold secrets */
	const char *ca_file;  /* who may vouch for it; NULL: the system's */
	unsigned deadline_ms; /* until it is open, more than 0 */
	size_t heard_max;     /* bytes of a message; a longer one ends it */
	unsigned silence_s;   /* without a sign of life; half of it: a ping */
};

/* Was it built with libwebsockets?  Else every websocket is closed at once. */
bool websocket_built(void);

/*
 * Begin to connect; place and hooks are copied, hooks are never called from
 * within.  Each hook may call websocket_free().
 */
struct websocket *websocket_new(struct event_base *base,
    const struct websocket_place *place, const struct websocket_hooks *hooks);

/* Send a text, which is copied; dropped when it closes before. */
void websocket_send(struct websocket *websocket, struct span text);

/* End it; no hook is called any more.  NULL is harmless. */
void websocket_free(struct websocket *websocket);

#endif
