/*
 * matrix_digest: the head of a digest as an event of a room.  How it is laid
 * out is left to matrix_page.c.
 */
#include "chat/matrix.h"

#include "chat/matrix_page.h"
#include "chat/matrix_text.h"

const char *matrix_digest(const struct chat *chat, struct arena *arena,
    const struct chat_digest *digest)
{
	const struct matrix_answer_style style = {
	    .hears = true, .reacts = true, .threads = true, .prefix = ""};
	struct matrix_text_said said = {.n_mentions = 0};
	struct matrix_page page;
	const char **ids, *id;
	bool open = false;
	size_t i, n = 0;

	for (i = 0; i < digest->n; i++)
		open = open || digest->items[i].outcome == NULL;
	while (digest->asked != NULL && digest->asked[n] != NULL)
		n++;
	ids = arena_alloc(arena, (n + 1) * sizeof(*ids));
	for (i = 0; open && i < n; i++) {
		id = chat_id(chat, digest->asked[i]);
		if (id != NULL)
			ids[said.n_mentions++] = id;
	}
	matrix_page_digest(arena, chat, digest, &style, &page);
	said.plain = page.plain;
	said.html = page.html;
	said.mentions = ids;
	return matrix_text_content(arena, &said);
}
