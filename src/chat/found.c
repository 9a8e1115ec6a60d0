/*
 * found: does a message for a place stand there already?  The ledger knows, and
 * knows it after a crash, too.
 */
#include "chat/room.h"

#include "util/log.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static bool is_same(
    const struct chat_place *place, const struct hold_shown_row *row)
{
	enum hold_prompt_kind kind =
	    row->kind == HOLD_PROMPT_REMIND ? HOLD_PROMPT_DECIDE : row->kind;

	return kind == place->kind && row->draft == place->draft &&
	       row->number == place->number;
}

/* The message of the newest notice; where nothing is rewritten, of ours. */
static const struct hold_shown_row *best_row(const struct chat_place *place)
{
	const struct hold_shown *shown = &place->shown;
	const struct hold_shown_row *best = NULL, *row;
	size_t i;

	for (i = 0; i < shown->n_rows; i++) {
		row = &shown->rows[i];
		if (is_same(place, row) &&
		    (best == NULL || row->notice > best->notice))
			best = row;
	}
	return best;
}

static void take_row(
    struct chat_place *place, const struct hold_shown_row *best)
{
	const struct hold_shown *shown = &place->shown;
	struct chat_notice *notice;
	size_t i;

	place->remote = mem_strdup(best->remote);
	place->root = mem_strdup(best->root);
	place->n = best->n;
	place->was_ended = best->ended;
	place->begun = place->whole = true;
	for (i = 0; i < shown->n_rows; i++) {
		notice = chat_place_notice(place, shown->rows[i].notice);
		if (notice != NULL &&
		    strcmp(shown->rows[i].remote, best->remote) == 0)
			notice->written = notice->known = true;
	}
}

static void on_looked(struct hold_call *call)
{
	struct chat_place *place =
	    (struct chat_place *)(void *)((char *)call -
					  offsetof(struct chat_place, shown));
	const struct hold_shown_row *row;

	if (call->error.kind != ERROR_NONE)
		log_warning("draft %" PRId64 " look-failed chat=%s kind=%s"
			    " reason=\"%s\"",
		    place->draft, place->chat->config->name,
		    error_kind_name(call->error.kind), call->error.text);
	row = call->error.kind != ERROR_NONE ? NULL : best_row(place);
	if (row != NULL)
		take_row(place, row);
	place->hopeless = call->error.kind != ERROR_NONE;
	place->looked = true;
	arena_free(place->shown.arena);
	place->shown.arena = NULL;
	if (!chat_post_ended(place))
		chat_post_go(place);
}

void chat_found_look(struct chat_place *place)
{
	place->busy = true;
	place->shown = (struct hold_shown){
	    .call.done = on_looked,
	    .chat = place->chat->config->name,
	    .draft = place->draft,
	    .number = place->number,
	};
	hold_shown(place->chat->hold, &place->shown);
}
