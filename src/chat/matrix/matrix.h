/*
 * matrix: what the files of the kind "matrix" share.  matrix.c connects and
 * keeps the state, matrix_call.c asks the homeserver, matrix_send.c posts,
 * matrix_past.c finds what was posted, matrix_sync.c reads the room,
 * matrix_batch.c has what was read heard, matrix_event.c understands an event,
 * matrix_examine.c looks for the doctor, matrix_card.c makes content, of what
 * matrix_page.c, matrix_line.c, matrix_answer.c and matrix_text.c lay out.
 * Client-Server API of the Matrix specification.
 *
 * All on the loop; what is called pure may run anywhere.
 */
#ifndef CHAT_MATRIX_H
#define CHAT_MATRIX_H

#include "chat/internal.h"

#include <jansson.h>

#include "util/fetch.h"

#define MATRIX_ID_MAX	   255	 /* bytes of any id (specification, A.4) */
#define MATRIX_EVENT_MAX   65536 /* bytes of a whole event (6.3) */
#define MATRIX_CONTENT_MAX 60000 /* of a content that matrix_send.c takes */

/* ---- content: matrix_card.c, matrix_text.c ------------------------------ */

/*
 * Pure: the members card, digest and text of matrix_kind.  Each content is
 * that of an m.room.message {msgtype, body, format, formatted_body,
 * m.mentions}, at most MATRIX_CONTENT_MAX bytes of JSON, without m.relates_to
 * and m.new_content: matrix_send.c adds these.
 */
void matrix_card(const struct chat *chat, struct arena *arena,
    const struct chat_card *card, struct chat_content *out);
const char *matrix_digest(const struct chat *chat, struct arena *arena,
    const struct chat_digest *digest);
const char *matrix_text(const struct chat *chat, struct arena *arena,
    const char *text, const struct config_reviewer *to);

/* ---- what an event says: matrix_event.c ---------------------------------- */

/* The reactions that decide: the first of each verb is the one to show people.
 * Ended by a NULL key; without U+FE0F and skin tones. */
struct matrix_reaction {
	const char *key, *verb;
};
extern const struct matrix_reaction matrix_event_reactions[];

enum matrix_heard {
	MATRIX_NOTHING, /* not for us */
	MATRIX_WORDS,	/* a reply */
	MATRIX_VERB,	/* a reaction that decides */
	MATRIX_EDITED,	/* they changed what they had said: remote */
	MATRIX_REDACTED /* they took back what they had said: remote */
};

/* What happened in a room, in the arena of the reader. */
struct matrix_event {
	enum matrix_heard what;
	const char *id, *sender;
	const char *remote; /* what it is about: an event's id */
	const char *root;   /* of the thread it stands in, or NULL */
	const char *words;  /* of WORDS, without quotes of others */
	const char *verb;   /* of VERB */
	bool sign;	    /* a reaction, which is to that very message */
	bool changed;	    /* it was changed since, the homeserver says */
};

/*
 * Pure: read one event of a room's timeline, whatever is in it.  self is our
 * own id, room the room's: what we say, and what happens elsewhere, is NOTHING.
 */
void matrix_event_read(struct arena *arena, const json_t *event,
    const char *self, const char *room, struct matrix_event *out);

/* The root of the thread that an event of that content stands in, or what it
 * takes the place of; or NULL.  Pure. */
const char *matrix_event_root(const json_t *content);

/* A string of such an object that is an id: at most MATRIX_ID_MAX bytes that
 * begin with sigil, no control characters; else NULL.  Pure. */
const char *matrix_event_id(const json_t *object, const char *key, char sigil);

/* Is that member a string, and exactly this one?  Pure. */
bool matrix_event_says(
    const json_t *object, const char *key, const char *value);

/* ---- one account at a homeserver ------------------------------------------
 */

struct matrix_call;
struct matrix_post;
struct matrix_exam;
struct matrix_batch;

/* What was heard lately and dealt with: so that its edit is answered. */
#define MATRIX_MEMORY 256
struct matrix_memory {
	char id[MATRIX_ID_MAX + 1], person[MATRIX_ID_MAX + 1];
	char remote[MATRIX_ID_MAX + 1]; /* what it was about */
	char root[MATRIX_ID_MAX + 1];	/* its thread, or "" */
};

/* Kept by its chat until stop(), and by all that is under way. */
struct matrix {
	struct chat *chat;
	unsigned refs;
	bool stopped; /* nothing more may be called */
	char *base;   /* URL of the homeserver, without "/" at its end */
	char *bearer; /* a header field */
	char self[MATRIX_ID_MAX + 1];
	char room[MATRIX_ID_MAX + 1];
	bool ready;	  /* it may post */
	bool connecting;  /* the steps of matrix.c */
	bool asked_in;	  /* it tried to join */
	bool told_absent; /* who is not in the room */
	unsigned tries;
	struct event *timer; /* connects again */
	/* who is in the room, as it was when we connected: ids */
	json_t *members;
	struct matrix_call *calls;
	struct matrix_post *posts;
	struct event *posted; /* posts that are to be done */
	struct matrix_exam *exams;

	/* matrix_sync.c */
	struct event *poll; /* the next step of reading */
	unsigned poll_tries;
	bool caught_up;		    /* a sync was answered since we began */
	char *since;		    /* NULL: from now on */
	char *last;		    /* id of the last event read; NULL: none */
	struct matrix_batch *batch; /* being dealt with */
	unsigned reading;	    /* rises with each start and stop */
	struct matrix_past *past;
	struct matrix_memory memory[MATRIX_MEMORY];
	unsigned n_memory; /* next place */
};

/* Why a room is refused, and what to do. */
#define MATRIX_ENCRYPTED                                                       \
	"its room is encrypted, so answers there cannot be read: make a new "  \
	"room without encryption and name that one"

/* One more, or one less, who keeps it. */
struct matrix *matrix_ref(struct matrix *matrix);
void matrix_unref(struct matrix *matrix);

/* Connect anew, in a moment: what we knew of the room is no longer so. */
void matrix_again(struct matrix *matrix);

/*
 * It does not work: back-off, then connect anew.  broken: until somebody does
 * what why says; else it may pass by itself.
 */
void matrix_fail(struct matrix *matrix, bool broken, const char *why);

/* What to say of a call that was refused because of the account: NULL, it was
 * not. */
const char *matrix_account_trouble(const struct matrix_call *call);

/* Pure: may this account post, as these m.room.power_levels have it? */
bool matrix_may_post(const struct matrix *matrix, const json_t *levels,
    json_int_t *has, json_int_t *needs);

/* Milliseconds before try n (from 0): 1 s, doubled up to most_s, then a
 * quarter more or less by chance. */
int64_t matrix_backoff(unsigned n, unsigned most_s);

/* ---- a request: matrix_call.c ---------------------------------------------
 */

enum matrix_result {
	MATRIX_DONE,	/* 200, and an object */
	MATRIX_LATER,	/* try again */
	MATRIX_REFUSED, /* for good: see status and code */
	MATRIX_ACCOUNT	/* the token, or the account, is refused */
};

struct matrix_call {
	enum matrix_result result;
	long status;
	char code[64];	  /* "M_FORBIDDEN", or "" */
	int64_t retry_ms; /* LATER: what the server asks for, or 0 */
	int64_t date_ms;  /* its clock; 0: it did not say */
	json_t *answer;	  /* an object, or NULL */
	struct error error;
	struct matrix *matrix;
	void *context;
	void (*done)(struct matrix_call *call);

	/* its own */
	struct fetch_ask ask;
	char *url, *body;
	const char *headers[3];
	struct matrix_call *next, *previous;
};

/*
 * Ask: path is what follows the base, escaped; body an object whose reference
 * is taken, or NULL.  done() is called once, on the loop, with the call, which
 * ends after it; not at all once the matrix is stopped.
 */
struct matrix_request {
	const char *method;
	const char *path;
	json_t *body;
	unsigned deadline_ms; /* 0: that of the configuration */
	void (*done)(struct matrix_call *call);
	void *context;
};
void matrix_call_ask(
    struct matrix *matrix, const struct matrix_request *request);

/* No call of this matrix is done any more. */
void matrix_call_drop(struct matrix *matrix);

/* As a part of a path (RFC 3986, 2.3), in the arena. */
const char *matrix_call_escape(struct arena *arena, const char *s);

/* "/_matrix/client/v3/rooms/ROOM" and what follows, in the arena. */
const char *matrix_call_path(const struct matrix *matrix, struct arena *arena,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Pure: what a status and a body mean; fills all results of the call. */
void matrix_call_read(struct matrix_call *call, long status, struct span body);

/* ---- posting: matrix_send.c ------------------------------------------------
 */

/* Once, before all else. */
void matrix_send_init(struct matrix *matrix);
/* As chat_kind has it. */
void matrix_send(struct chat *chat, struct chat_send *send);
/* Every post is done now, LATER. */
void matrix_send_stop(struct matrix *matrix);
/* We can post, or cannot: see to those that wait. */
void matrix_send_kick(struct matrix *matrix);

/* Pure: the event's content, with what relates it to others; NULL: it is no
 * content of an m.room.message, or too long. */
json_t *matrix_send_content(const struct chat_send *send);

/* ---- an earlier life: matrix_past.c ----------------------------------------
 */

/* Read what was posted lately.  True: that was done before; else done(), as of
 * a matrix_call: what was read stays.  One at a time. */
bool matrix_past_read(struct matrix *matrix,
    void (*done)(struct matrix_call *call, void *context), void *context);
/* Where what was sent with that transaction id was when it was read; root: of
 * its thread, or NULL. */
bool matrix_past_find(const struct matrix *matrix, const char *name,
    const char **id, const char **root);
/* NULL is harmless. */
void matrix_past_free(struct matrix_past *past);

/* ---- reading: matrix_sync.c ------------------------------------------------
 */

/* Once, before all else. */
void matrix_sync_init(struct matrix *matrix);
/* The room is known: read it from where we were, until it is stopped. */
void matrix_sync_start(struct matrix *matrix);
void matrix_sync_stop(struct matrix *matrix);
/* The batch was dealt with: on from there. */
void matrix_sync_on(struct matrix *matrix);
/* The homeserver did not answer as it should: TROUBLED, and again later. */
void matrix_sync_trouble(struct matrix *matrix, const struct matrix_call *call);

/* Pure: the filter of a sync, a JSON text in the arena. */
const char *matrix_sync_filter(struct arena *arena, const char *room);

/* ---- what was read: matrix_batch.c ------------------------------------------
 */

/* The events between two marks, oldest first: all are heard one by one, then
 * the next mark is written down. */
struct matrix_batch {
	struct matrix *matrix;
	struct arena *arena;
	const char *next; /* the mark */
	const char *last; /* id of the last event, or NULL */
	bool first;	  /* we read from now on: what is old decides nothing */
	bool written;	  /* the mark is worth a commit */
	const char *over; /* what ends it, when all is heard; or NULL */
	const char *older; /* more is to be fetched, from here back; or NULL */
	const char *until; /* as far as that mark; NULL: that event */
	unsigned n_pages, n_outsiders;
	size_t n_bytes;
	struct matrix_item {
		struct matrix_item *next;
		struct matrix_event event;
		bool looked; /* for the thread of what it answers */
	} * items, **tail;
	bool hearing; /* the word is on its way */
	bool orphan;  /* nobody waits for it any more */
	unsigned tries;
	struct chat_word word;
};

/* Empty; alive until it is freed. */
struct matrix_batch *matrix_batch_new(struct matrix *matrix);
/* At once, or when its word is done. */
void matrix_batch_free(struct matrix_batch *batch);

/* An event of the timeline, which comes last so far; older: first so far. */
void matrix_batch_add(
    struct matrix_batch *batch, const json_t *event, bool older);

/* Do what is next: fetch what is older, hear the next word, write the mark.
 * matrix->poll is to call it again. */
void matrix_batch_step(struct matrix_batch *batch);

/* ---- the doctor: matrix_examine.c ------------------------------------------
 */

/* As chat_kind has it. */
void matrix_examine(struct chat *chat, struct checkup *checkup);
/* An event of our own came by. */
void matrix_examine_saw(struct matrix *matrix, const char *id);
void matrix_examine_stop(struct matrix *matrix);

#endif
