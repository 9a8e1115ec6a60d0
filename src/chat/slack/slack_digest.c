/*
 * slack_digest: the head of a digest, whose items stand in its thread.
 */
#include <inttypes.h>

#include "chat/slack/slack.h"
#include "chat/slack/slack_card.h"

#include "review/text.h"

#define ROOM_SPARE   600 /* bytes for what stands around the list */
#define LINE_COLUMNS 140

/* "3. high: Your order (draft 17, agent shop)", or what became of it. */
static void write_item(
    struct slack_paper *paper, const struct chat_digest_item *item)
{
	struct arena *arena = paper->arena;
	bool over = item->outcome != NULL;
	const char *line =
	    arena_printf(arena, "%s (draft %" PRId64 ", agent %s)",
		text_line(arena, text_span(item->subject), LINE_COLUMNS),
		item->draft, text_line(arena, text_span(item->agent), 64));

	slack_add_str(paper, arena_printf(arena, "%u.  ", item->n), SLACK_BOLD);
	if (!over && item->severity >= SEVERITY_HIGH) {
		slack_add_warning(paper);
		slack_add_str(paper,
		    arena_printf(
			arena, "%s: ", verdict_severity_name(item->severity)),
		    SLACK_BOLD);
	}
	slack_add_str(paper, line, over ? SLACK_STRUCK : SLACK_PLAIN);
	if (over)
		slack_add_str(paper,
		    arena_printf(arena, "\n     %s",
			text_line(
			    arena, text_span(item->outcome), LINE_COLUMNS)),
		    SLACK_PLAIN);
	slack_add_str(paper, "\n", SLACK_PLAIN);
}

/* Write as many as fit into one message; those that are over yield to those
 * that wait. */
static size_t write_items(
    struct slack_paper *paper, const struct chat_digest *digest, bool all)
{
	size_t i, left = 0;

	slack_begin(paper, SLACK_SECTION);
	for (i = 0; i < digest->n; i++) {
		if (paper->left < 1000 ||
		    (!all && digest->items[i].outcome != NULL))
			left++;
		else
			write_item(paper, &digest->items[i]);
	}
	return left;
}

static size_t count_waiting(const struct chat_digest *digest)
{
	size_t i, n = 0;

	for (i = 0; i < digest->n; i++)
		n += digest->items[i].outcome == NULL;
	return n;
}

static const char *title_of(struct arena *arena, size_t waiting)
{
	if (waiting == 0)
		return "All of these are decided";
	return waiting == 1 ? "One draft waits for a decision"
			    : arena_printf(arena,
				  "%zu drafts wait for a decision", waiting);
}

/* A webhook hears nothing. */
static const char *advice_of(const struct chat *chat)
{
	return chat != NULL && chat->config->kind == CONFIG_CHAT_SLACK_WEBHOOK
		   ? "Each follows in a message of its own, with how to answer "
		     "it."
		   : "Each stands in this thread, with its buttons. Or answer "
		     "there by number: \"1 approve\", \"2-4 drop <reason>\". "
		     "\"all approve\" means those of low severity.";
}

static void begin_list(struct slack_paper *paper, struct arena *arena)
{
	slack_paper_begin(paper, arena, slack_room(NULL, NULL) - ROOM_SPARE,
	    slack_room(NULL, NULL));
}

const char *slack_digest(const struct chat *chat, struct arena *arena,
    const struct chat_digest *digest)
{
	size_t left, waiting = count_waiting(digest);
	const char *mentions =
	    waiting > 0 ? slack_mentions(arena, digest->asked) : "";
	const char *title = title_of(arena, waiting);
	json_t *blocks = json_array();
	struct slack_paper paper;

	json_array_append_new(blocks, slack_header(arena, title));
	if (*mentions != '\0')
		json_array_append_new(blocks,
		    slack_markup(arena_printf(arena, "For %s", mentions)));
	begin_list(&paper, arena);
	left = write_items(&paper, digest, true);
	if (left > 0 && waiting > 0) {
		slack_paper_end(&paper);
		begin_list(&paper, arena);
		left = write_items(&paper, digest, false);
	}
	json_array_extend(blocks, slack_paper_at(&paper, 0));
	if (left > 0)
		json_array_append_new(
		    blocks, slack_context(arena,
				arena_printf(arena, "%zu more follow.", left)));
	if (waiting > 0)
		json_array_append_new(
		    blocks, slack_context(arena, advice_of(chat)));
	slack_paper_end(&paper);
	return slack_message(arena,
	    *mentions == '\0' ? title
			      : arena_printf(arena, "%s %s", mentions, title),
	    blocks);
}
