/*
 * matrix: what the files of the kind "matrix" share.  matrix.c connects and
 * keeps the state, matrix_call.c asks the homeserver, matrix_send.c posts,
 * matrix_sync.c and matrix_gap.c read the room, matrix_event.c understands an
 * event, matrix_examine.c looks for the doctor, matrix_card.c and
 * matrix_text.c make content.  Client-Server API of the Matrix specification.
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
extern const struct matrix_reaction matrix_reactions[];

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
	const char *words;  /* of WORDS, without quotes of others */
	const char *verb;   /* of VERB */
};

/*
 * Pure: read one event of a room's timeline, whatever is in it.  self is our
 * own id, room the room's: what we say, and what happens elsewhere, is NOTHING.
 */
void matrix_event_read(struct arena *arena, const json_t *event,
    const char *self, const char *room, struct matrix_event *out);

/* A string of such an object that is an id: at most MATRIX_ID_MAX bytes that
 * begin with sigil, no control characters; else NULL.  Pure. */
const char *matrix_id(const json_t *object, const char *key, char sigil);

#endif
