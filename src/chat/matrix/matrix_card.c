/*
 * matrix_card: a card, or the head of a digest, as events of a room.  How it is
 * laid out is left to matrix_page.c, the envelope of an event to matrix_send.c.
 */
#include "chat/matrix/matrix.h"

#include "chat/matrix/matrix_page.h"
#include "chat/matrix/matrix_text.h"

#include <string.h>

/* How a room answers. */
static const struct matrix_answer_style answers = {
    .hears = true, .reacts = true, .threads = true, .prefix = ""};

/* Who is asked, as the room knows them: how many, and their ids in the arena.
 */
static size_t mentions_of(const struct chat *chat, struct arena *arena,
    const struct config_reviewer *const *asked, const char *const **out)
{
	const char **ids, *id;
	size_t i, n = 0;

	for (i = 0; asked != NULL && asked[i] != NULL; i++)
		;
	ids = arena_alloc(arena, (i + 1) * sizeof(*ids));
	for (i = 0; asked != NULL && asked[i] != NULL; i++) {
		id = chat_id(chat, asked[i]);
		if (id != NULL)
			ids[n++] = id;
	}
	*out = ids;
	return n;
}

static const char *content_of(struct arena *arena,
    const struct matrix_page *page, size_t n, const char *const *mentions)
{
	const struct matrix_text_said said = {
	    .plain = page->plain,
	    .html = page->html,
	    .n_mentions = n,
	    .mentions = mentions,
	};

	return matrix_text_content(arena, &said);
}

void matrix_card(const struct chat *chat, struct arena *arena,
    const struct chat_card *card, struct chat_content *out)
{
	struct matrix_answer_style style = answers;
	struct matrix_pages pages;
	const char *const *ids = NULL;
	size_t i, n = 0;

	if (card->n > 0)
		style.prefix = arena_printf(arena, "%u ", card->n);
	matrix_page_card(arena, chat, card, &style, &pages);
	if (card->outcome == NULL)
		n = mentions_of(chat, arena, card->asked, &ids);
	*out = (struct chat_content){.n_parts = pages.n_parts};
	out->main = content_of(arena, &pages.main, n, ids);
	if (pages.n_parts == 0)
		return;
	out->first = content_of(arena, &pages.first, n, ids);
	out->parts = arena_alloc(arena, pages.n_parts * sizeof(*out->parts));
	for (i = 0; i < pages.n_parts; i++)
		out->parts[i] = content_of(arena, &pages.parts[i], 0, NULL);
}

static bool waits(const struct chat_digest *digest)
{
	size_t i;

	for (i = 0; i < digest->n; i++)
		if (digest->items[i].outcome == NULL)
			return true;
	return false;
}

const char *matrix_digest(const struct chat *chat, struct arena *arena,
    const struct chat_digest *digest)
{
	const char *const *ids = NULL;
	struct matrix_page page;
	size_t n = 0;

	if (waits(digest))
		n = mentions_of(chat, arena, digest->asked, &ids);
	matrix_page_digest(arena, chat, digest, &answers, &page);
	return content_of(arena, &page, n, ids);
}
