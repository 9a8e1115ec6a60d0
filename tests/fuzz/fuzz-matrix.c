/*
 * Fuzzes drafts as a room of Matrix is shown them: every message is JSON, is
 * not too large, and has no tag or mention that is the draft's.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "chat/matrix/matrix.h"
#include "chat/matrix/matrix_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool right)
{
	if (!right)
		abort();
}

static void check_tags(const char *html)
{
	static const char *const ours[] = {"<p>", "</p>", "<strong>",
	    "</strong>", "<em>", "</em>", "<ul>", "</ul>", "<li>", "</li>",
	    "<blockquote>", "</blockquote>", "<br>", "<code>", "</code>",
	    "<del>", "</del>"};
	size_t i;

	while ((html = strchr(html, '<')) != NULL) {
		for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			if (strncmp(html, ours[i], strlen(ours[i])) == 0)
				break;
		expect(i < sizeof(ours) / sizeof(ours[0]));
		html++;
	}
}

static void check(const char *content)
{
	json_t *json = json_loads(content, 0, NULL);
	const char *body, *html;

	expect(json != NULL && strlen(content) <= MATRIX_PAGE_MOST + 1000);
	body = json_string_value(json_object_get(json, "body"));
	html = json_string_value(json_object_get(json, "formatted_body"));
	expect(body != NULL && html != NULL);
	expect(strcasestr(body, "@room") == NULL);
	check_tags(html);
	expect(json_object_size(json_object_get(json, "m.mentions")) == 0);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct config_chat place = {
	    .name = "room", .kind = CONFIG_CHAT_MATRIX};
	static const struct chat chat = {.config = &place};
	struct arena *arena = arena_new();
	const char *bytes = size > 0 ? (const char *)data : "";
	const char *half = memchr(bytes, 0, size);
	size_t n = half == NULL ? 0 : (size_t)(half - bytes);
	struct span old = {bytes, n}, text = {bytes + n, size - n};
	struct card card = {.question = arena_dup(arena, bytes, size),
	    .why = {arena_dup(arena, bytes, size)},
	    .diff_title = "What changed",
	    .draft_title = "The draft",
	    .draft = text,
	    .last = "Draft 17"};
	const struct hold_view view = {.draft = 17, .number = 2};
	const struct chat_card shown = {.card = &card, .view = &view};
	struct chat_content content;
	size_t i;

	card.diff = diff_make(arena, old, text);
	matrix_card(&chat, arena, &shown, &content);
	check(content.main);
	if (content.n_parts > 0)
		check(content.first);
	for (i = 0; i < content.n_parts; i++)
		check(content.parts[i]);
	check(matrix_text(&chat, arena, card.question, NULL));
	arena_free(arena);
	return 0;
}
