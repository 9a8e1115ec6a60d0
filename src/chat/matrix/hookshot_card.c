/*
 * hookshot_card: a card as a bridge's webhook takes it.  There are no threads,
 * reactions or rewriting: answers begin with the draft's number, or come by
 * mail.  How it is laid out is left to matrix_page.c.
 */
#include "chat/matrix/hookshot.h"

#include "chat/matrix/matrix_page.h"
#include "chat/matrix/matrix_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

static struct matrix_answer_style style_of(
    const struct chat *chat, struct arena *arena, int64_t draft)
{
	return (struct matrix_answer_style){
	    .hears = config_chat_hears(chat->config),
	    .prefix = arena_printf(arena, "%" PRId64 " ", draft),
	};
}

static const char *content_of(
    struct arena *arena, const struct matrix_page *page)
{
	json_t *content = json_object();
	const char *made;
	char *text;

	json_object_set_new(content, "text",
	    json_string(matrix_text_quiet(arena, page->plain)));
	json_object_set_new(
	    content, "html", json_stringn(page->html.data, page->html.len));
	text = json_dumps(content, JSON_COMPACT);
	json_decref(content);
	made = arena_strdup(arena, text);
	free(text);
	return made;
}

void hookshot_card(const struct chat *chat, struct arena *arena,
    const struct chat_card *card, struct chat_content *out)
{
	const struct matrix_answer_style style =
	    style_of(chat, arena, card->view->draft);
	struct matrix_pages pages;
	size_t i;

	matrix_page_card(arena, chat, card, &style, &pages);
	*out = (struct chat_content){.n_parts = pages.n_parts};
	out->main = content_of(arena, &pages.main);
	if (pages.n_parts == 0)
		return;
	out->first = content_of(arena, &pages.first);
	out->parts = arena_alloc(arena, pages.n_parts * sizeof(*out->parts));
	for (i = 0; i < pages.n_parts; i++)
		out->parts[i] = content_of(arena, &pages.parts[i]);
}

const char *hookshot_card_digest(const struct chat *chat, struct arena *arena,
    const struct chat_digest *digest)
{
	const struct matrix_answer_style style = style_of(chat, arena, 0);
	struct matrix_page page;

	matrix_page_digest(arena, chat, digest, &style, &page);
	return content_of(arena, &page);
}

const char *hookshot_card_text(const struct chat *chat, struct arena *arena,
    const char *text, const struct config_reviewer *to)
{
	const char *id = to == NULL ? NULL : chat_id(chat, to);
	struct matrix_text_said said;

	matrix_text_words(arena, text, id, to == NULL ? NULL : to->name, &said);
	return content_of(arena, &(struct matrix_page){said.plain, said.html});
}
