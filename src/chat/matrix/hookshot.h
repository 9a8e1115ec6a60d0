/*
 * hookshot: what the files of the kind "hookshot" share: webhooks of a bridge
 * into a room of Matrix.  hookshot.c posts, hookshot_card.c makes what is
 * posted, hookshot_http.c is told what people write, hookshot_event.c reads it.
 */
#ifndef CHAT_HOOKSHOT_H
#define CHAT_HOOKSHOT_H

#include "chat/internal.h"

#include "util/buf.h"

/* ---- what is posted: {"text": ..., "html": ...} ---------------------------
 */

/* Pure: of struct chat_kind. */
void hookshot_card(const struct chat *chat, struct arena *arena,
    const struct chat_card *card, struct chat_content *out);
const char *hookshot_card_digest(const struct chat *chat, struct arena *arena,
    const struct chat_digest *digest);
const char *hookshot_card_text(const struct chat *chat, struct arena *arena,
    const char *text, const struct config_reviewer *to);

/* ---- what people write ----------------------------------------------------
 */

/* A message of the room that is about a draft; all in the arena. */
struct hookshot_event {
	bool heard; /* it begins with a draft's number, and words follow */
	const char *id, *sender;
	int64_t draft;
	const char *words; /* behind the number, and the lines below */
};

/*
 * Read the body of such a request, multipart/form-data (RFC 7578) with a part
 * "event".  room: its id, or NULL when it is not known.  id: what a header
 * says the event is, or NULL.  0, or -1 and err (INVALID).  Pure.
 */
int hookshot_event_read(struct arena *arena, const char *type, struct span body,
    const char *room, const char *id, struct hookshot_event *out,
    struct error *err);

#endif
