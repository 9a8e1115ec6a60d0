/*
 * matrix_text: words as Matrix shows them: escaped for its subset of HTML, and
 * plain beside that; who is meant; the content of a message.  Text may come
 * from a draft: what is written has no control or bidi character but LF, calls
 * nobody, and opens no tag.
 *
 * Pure; any thread.
 */
#ifndef CHAT_MATRIX_TEXT_H
#define CHAT_MATRIX_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "chat/internal.h"

#include "util/arena.h"
#include "util/buf.h"

/*
 * Append a draft's line as HTML, its blanks as many as they are: clients run
 * them together.  No line ends are in it.  front: the line begins here.
 */
void matrix_text_add_exact(struct buf *out, struct span line, bool front);

/* Append text of ours as HTML; LF becomes a break. */
void matrix_text_add_html(struct buf *out, const char *s);

/* Append a person: a link to the account that clients show as a name, or the
 * bare name if id is NULL. */
void matrix_text_add_person(struct buf *out, const char *id, const char *name);

/* Bytes that it takes within a string of JSON. */
size_t matrix_text_json_size(struct span s);

/*
 * The plain form as it may be sent: "@room" calls a whole room where a server
 * or bridge goes by the old rules, so a blank parts it.  In the arena.
 */
const char *matrix_text_quiet(struct arena *arena, struct span plain);

/* A message: both forms, and whom it makes aware. */
struct matrix_text_said {
	struct span plain, html;
	bool notice;	   /* of no weight: clients make no sound */
	size_t n_mentions; /* at most 50 are taken */
	const char *const *mentions;
};

/* Both forms of a text of ours, for that person; id and name: or NULL. */
void matrix_text_words(struct arena *arena, const char *text, const char *id,
    const char *name, struct matrix_text_said *said);

/* The content of its m.room.message, as JSON in the arena. */
const char *matrix_text_content(
    struct arena *arena, const struct matrix_text_said *said);

#endif
