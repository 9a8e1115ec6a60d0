/*
 * line: one connection to the relay host, from the moment that it is open: it
 * moves bytes between the socket and client.c, watches the time, and gives the
 * parcel back.  Opening and securing it are relay.c's, which this header also
 * tells what a relay is made of.  Loop only.
 */
#ifndef SEND_LINE_H
#define SEND_LINE_H

#include <stdbool.h>
#include <sys/queue.h>

#include "send/client.h"
#include "send/parcel.h"
#include "send/standing.h"
#include "util/lookup.h"

#include "util/tls.h"

#define LINE_REASON_SIZE STANDING_REASON_SIZE

enum line_stage {
	LINE_CONNECTING,
	LINE_SECURING,
	LINE_OPEN,
	LINE_CLOSING /* QUIT was said */
};

struct relay_line {
	TAILQ_ENTRY(relay_line) link;
	struct relay *relay;
	struct client *client;
	struct bufferevent *bev; /* NULL: not yet */
	struct event *timer;
	enum line_stage stage;

	/* while connecting */
	struct lookup *lookup;
	struct lookup_address addresses[LOOKUP_ADDRESSES_MOST];
	size_t n_addresses, address; /* address: the one that is tried */
	int64_t connect_by_ms;	     /* monotonic */
	char why[LINE_REASON_SIZE];  /* the last address's trouble */

	struct relay_exam *exam; /* how it goes is asked, until it is open */

	struct parcel *parcel;
	bool begun; /* the client has had it */
	bool told;  /* its ready() was called, nobody has answered */
	bool ours;  /* it ends because we hold its mail back */
	bool going; /* leave was given, the end is about to be said */
	unsigned answers_before; /* replies when the client got it */
	unsigned answers_seen;	 /* replies when the timer was set */
	unsigned parcels;	 /* so far */
};

TAILQ_HEAD(line_list, relay_line);

struct relay {
	struct event_base *base;
	const struct config_relay *config;
	struct client_settings settings; /* of every line's client */
	struct tls_client *tls;		 /* NULL: in clear */
	struct evdns_base *resolver;
	struct standing standing;
	struct line_list lines;
	unsigned n_lines;
	struct parcel_list queue; /* no line has them */
	bool stopping;
};

/* A line for a parcel (which waits in it) or NULL, without a connection. */
struct relay_line *line_new(struct relay *relay, struct parcel *parcel);

/* Use this bufferevent from now on. */
void line_use(struct relay_line *line, struct bufferevent *bev);

/* The present stage may last that long. */
void line_set_timer(struct relay_line *line, int64_t ms);

/*
 * The functions below may end in the line being freed, and in done() of
 * parcels.
 */

/* The connection is ready for the dialogue. */
void line_open(struct relay_line *line);

/* It can take a parcel at once. */
bool line_is_free(const struct relay_line *line);
void line_start(struct relay_line *line, struct parcel *parcel);

/* See parcel.h. */
void line_go(struct relay_line *line);

/* Say QUIT; the line must be free. */
void line_quit(struct relay_line *line);

/* We do not want to use it any more. */
void line_give_up(struct relay_line *line, const char *why);

/* ---- relay.c's, for line.c ---------------------------------------------- */

/* Put TLS on the connection. */
void relay_secure(struct relay_line *line);
/* A connection could not be made; try the next address. */
void relay_connect_failed(struct relay_line *line, const char *why);
/* The connection was made. */
void relay_connected(struct relay_line *line);
/* Give parcels of the queue to lines. */
void relay_dispatch(struct relay *relay);

#endif
