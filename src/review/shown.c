/*
 * shown: puts together what notice.c, card.c and outcome.c say.  Who is told
 * what, and when, is left to media.c.
 */
#include "review/shown.h"

#include "review/card.h"
#include "review/notice.h"
#include "review/outcome.h"

#include "util/clock.h"

/* The reasons of a draft's channel, as it is now. */
static const char *const *reasons_of(const struct shown_request *request)
{
	const struct hold_view *view = request->view;
	const struct channel *channel =
	    view->channel == NULL
		? NULL
		: config_channel(request->config, view->channel);

	return channel == NULL ? NULL : channel->reasons;
}

static const struct card *card_of(
    struct arena *arena, const struct shown_request *request)
{
	const struct hold_untold_row *row = request->row;
	struct card *card = arena_alloc(arena, sizeof(*card));
	const struct card_request card_request = {
	    .kind = row->over && !row->waits ? HOLD_PROMPT_OUTCOME
					     : row->prompt.kind,
	    .view = request->view,
	    .config = request->config,
	    .reviewer = config_reviewer(request->config, row->prompt.reviewer),
	    .now_ms = clock_now_ms(),
	    .text_most = request->chat->text_size,
	};

	card_make(arena, &card_request, card);
	return card;
}

static void tell_end(struct arena *arena, const struct shown_request *request,
    struct review_shown *out)
{
	const struct hold_decision *cause = card_cause(request->view);
	const struct outcome_request outcome = {
	    .config = request->config,
	    .reviewer =
		config_reviewer(request->config, request->row->prompt.reviewer),
	    .view = request->view,
	};

	out->who = cause == NULL ? NULL : cause->actor;
	out->outcome = outcome_text(arena, &outcome);
}

int shown_make(struct arena *arena, const struct shown_request *request,
    struct review_shown *out)
{
	const struct hold_untold_row *row = request->row;
	const struct hold_view *view = request->view;
	struct notice notice = {
	    .config = request->config,
	    .reviewer = config_reviewer(request->config, row->prompt.reviewer),
	    .kind = row->over ? HOLD_PROMPT_OUTCOME : row->prompt.kind,
	    .view = view,
	    .at_ms = clock_now_ms(),
	};

	*out = (struct review_shown){
	    .medium = request->medium,
	    .notice = request->notice,
	    .over = row->over,
	    .waits = row->over && row->waits,
	    .kind = row->prompt.kind,
	    .reviewer = row->prompt.reviewer,
	    .view = view,
	    .cut = view->reading->text_total > view->reading->text.len,
	    .reasons = reasons_of(request),
	};
	if (row->over)
		tell_end(arena, request, out);
	if (request->chat != NULL) {
		out->card = card_of(arena, request);
		out->cut = out->card->cut;
		if (!config_chat_hears(request->chat))
			out->reply_to = request->reply_to;
	}
	out->text = notice_text(&notice, arena, &out->subject);
	return out->text == NULL ? -1 : 0;
}
