/*
 * matrix_page: lines laid on messages, as many as they need, none larger than a
 * room takes.  A long draft has parts, which are shown before it is asked
 * about.
 *
 * Pure; any thread.
 */
#ifndef CHAT_MATRIX_PAGE_H
#define CHAT_MATRIX_PAGE_H

#include <stddef.h>

#include "chat/matrix/matrix_answer.h"
#include "chat/matrix/matrix_line.h"

#include "util/arena.h"
#include "util/buf.h"

/*
 * Bytes of both forms as JSON.  An event may have 65,536, with all that servers
 * add; a message that takes another's place has everything twice, and a bridge
 * adds what it was given.
 */
#define MATRIX_PAGE_MOST 20000

/* One message, both forms in the arena. */
struct matrix_page {
	struct span plain, html;
};

struct matrix_pages {
	struct matrix_page main;
	struct matrix_page first; /* if there are parts */
	size_t n_parts;
	struct matrix_page *parts;
};

/* Lay out a card. */
void matrix_page_card(struct arena *arena, const struct chat *chat,
    const struct chat_card *card, const struct matrix_answer_style *style,
    struct matrix_pages *out);

/* Lay out the head of a digest: what does not fit is counted. */
void matrix_page_digest(struct arena *arena, const struct chat *chat,
    const struct chat_digest *digest, const struct matrix_answer_style *style,
    struct matrix_page *out);

#endif
