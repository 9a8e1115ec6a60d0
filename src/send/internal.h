/*
 * internal.h: what the files of the room share and nobody else sees.
 *
 * The room's parts (deliver, outbox, owed) have calls to the ledger under way
 * that end on the loop after send_free(); each such struct has a pointer to
 * its room, which is cleared then.
 */
#ifndef SEND_INTERNAL_H
#define SEND_INTERNAL_H

#include "send/send.h"

struct deliver;
struct desk_visit;
struct event;
struct event_base;
struct hook;
struct owed;
struct outbox;
struct relay;

struct send {
	struct event_base *base;
	const struct config *config;  /* with which we started */
	const struct config *current; /* agents go by this one; a reference */
	struct hold *hold;
	struct job_queue *jobs;
	struct send_hooks hooks;
	struct relay *relay; /* NULL: approved mail goes into a Maildir */
	struct deliver *deliver;
	struct outbox *outbox;
	struct owed *owed;
	struct hook *hook;
	struct desk_visit *visits; /* requests under way */
	char maildir_trouble[200]; /* of the relay's Maildir; "": none */
	bool stopping;
	void (*stopped)(void *context);
	void *stopped_context;
};

/* Something ended: if the room is stopping and empty, say so. */
void send_ended(struct send *send);

/*
 * Start timer so that it runs at a wall time (0: not at all), but within a
 * minute, since that clock may jump.
 */
void send_wake_at(struct event *timer, int64_t wall_ms);

/* Why sending is put off, for the answer of a recipient. */
#define SEND_STOPPING "the daemon is stopping"

#endif
