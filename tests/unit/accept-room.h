/*
 * accept-room: the real room on a port of loopback, with hooks that note what
 * they are given, and clients on the same loop.
 */
#ifndef TESTS_UNIT_ACCEPT_ROOM_H
#define TESTS_UNIT_ACCEPT_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "accept/accept.h"
#include "config/config.h"
#include "message.h"
#include "util/buf.h"

struct event_base;
struct job_queue;

struct room {
	struct event_base *base;
	struct job_queue *jobs;
	struct config *config;
	struct tls_server *tls;
	struct accept *accept;
	unsigned port;
	bool wait;		      /* mails are answered by room_answer() */
	unsigned drafts, replies;     /* given to the hooks */
	struct message *mail;	      /* the last one */
	int64_t notice;		      /* of the last reply */
	struct accept_ticket *ticket; /* that waits */
	unsigned confirmed;	      /* how often; */
	int64_t confirmed_draft;      /* the last */
};

/* Make a room with the configuration of accept-fixture; change it now. */
void room_init(struct room *room, bool slow);
/* Open it. */
void room_open(struct room *room);
/* Answer the mail that waits; draft is 42 when the code is 250. */
void room_answer(struct room *room, int code);
/* Close and free it. */
void room_release(struct room *room);
/* Let the loop do what can be done now. */
void room_run(struct room *room);

struct client {
	struct room *room;
	int fd;
	struct buf in;
	bool closed; /* by the room */
};

/* Connect; the banner is not read. */
void client_open(struct client *client, struct room *room);
/* Connect, read the banner, say EHLO. */
void client_greet(struct client *client, struct room *room);
/* The same, and log in as demo. */
void client_login(struct client *client, struct room *room);
void client_close(struct client *client);

/* Send all of it, letting the room run. */
void client_send(struct client *client, const char *bytes, size_t size);
void client_say(struct client *client, const char *text);

/* Wait for one whole reply; fail the test unless it begins like that. */
void client_expect(struct client *client, const char *begin);
/* Say a line (without CRLF), wait for its reply. */
void client_try(struct client *client, const char *line, const char *begin);
/* Wait until the room closes; fail the test if anything more is said. */
void client_expect_end(struct client *client);
/* Fail the test if anything was said that nobody expected. */
void client_expect_nothing(struct client *client);

/* Take what has arrived; the number of bytes that wait to be looked at. */
size_t client_take(struct client *client);

#endif
