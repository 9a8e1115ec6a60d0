/*
 * pipeline_medium: leads what review asks to the programs and chats that are
 * media, and what people answer to programs back: check -> review -> check.
 * Who may decide what is left to review and hold.
 */
#include "pipeline_medium.h"

#include <stdlib.h>
#include <string.h>

#include "chat/chat.h"
#include "check/medium.h"
#include "hold/hold.h"
#include "review/review.h"

#include "house.h"

#include "util/mem.h"

#define DECISIONS_MOST 256u /* under way at a time */

/* ---- review -> check ---------------------------------------------------- */

static const char *kind_name(enum hold_prompt_kind kind)
{
	static const char *const names[] = {
	    [HOLD_PROMPT_DECIDE] = "decide",
	    [HOLD_PROMPT_DOUBT] = "doubt",
	    [HOLD_PROMPT_FAILED] = "failed",
	    [HOLD_PROMPT_OUTCOME] = "outcome",
	    [HOLD_PROMPT_AFTER] = "after",
	    [HOLD_PROMPT_REMIND] = "remind",
	};

	return names[kind];
}

static bool show_program(
    const struct house *house, const struct review_shown *s)
{
	const struct hold_view *view = s->view;
	struct envelope envelope;
	const struct check_shown draft = {
	    .draft = view->draft,
	    .number = view->number,
	    .code = view->code,
	    .agent = view->agent,
	    .channel = view->channel,
	    .envelope = &envelope,
	    .reading = view->reading,
	    .size = view->size,
	};
	const struct check_prompt prompt = {
	    .id = s->notice,
	    .over = s->over,
	    .draft = &draft,
	    .reviewer = s->reviewer,
	    .subject = s->subject,
	    .text = s->text,
	    .state = hold_state_name(view->state),
	    .kind = kind_name(s->kind),
	    .code = view->code,
	    .cut = s->cut,
	    .reasons = s->reasons,
	    .who = s->who,
	};

	hold_view_envelope(view, &envelope);
	return house->programs != NULL &&
	       check_programs_prompt(house->programs, s->medium, &prompt);
}

bool pipeline_medium_show(const struct review_shown *s, void *context)
{
	const struct house *house = context;

	if (config_chat(house->config, s->medium) != NULL)
		return house->chats != NULL && chat_show(house->chats, s);
	return show_program(house, s);
}

/* ---- check -> review ---------------------------------------------------- */

static void changed(const char *name, enum check_medium what, void *context)
{
	static const enum review_medium means[] = {
	    [CHECK_MEDIUM_DOWN] = REVIEW_MEDIUM_DOWN,
	    [CHECK_MEDIUM_UP] = REVIEW_MEDIUM_UP,
	    [CHECK_MEDIUM_READY] = REVIEW_MEDIUM_READY,
	};
	const struct house *house = context;

	review_medium(house->review, name, means[what]);
}

static bool heard(const char *name, int64_t id, bool over, void *context)
{
	const struct house *house = context;

	return review_medium_heard(house->review, name, id, over);
}

/* A decision on its way; all its texts are in the arena. */
struct saying {
	struct review_answer answer;
	struct review_said said;
	struct arena *arena;
	struct house *house;
};

static void on_said(struct review_answer *answer)
{
	struct saying *s = answer->context;
	struct house *house = s->house;
	const char *text = answer->text;

	if (text == NULL)
		text = "Nothing was decided: it could not be recorded. Try "
		       "again later.";
	house->n_sayings--;
	if (house->programs != NULL)
		check_programs_decided(house->programs, s->said.medium,
		    answer->notice, answer->ok, text);
	free(answer->text);
	arena_free(s->arena);
	free(s);
}

static void decide(
    const char *name, const struct check_decide *d, void *context)
{
	struct house *house = context;
	struct arena *arena;
	struct saying *s;

	if (house->n_sayings >= DECISIONS_MOST) {
		check_programs_decided(house->programs, name, d->id, false,
		    "Nothing was decided: too many answers at a time. Wait "
		    "for those before.");
		return;
	}
	house->n_sayings++;
	arena = arena_new();
	s = mem_zalloc(sizeof(*s));
	s->arena = arena;
	s->house = house;
	s->said = (struct review_said){
	    .medium = arena_strdup(arena, name),
	    .reviewer = arena_strdup(arena, d->reviewer),
	    .verb = arena_strdup(arena, d->verb),
	    .code = arena_strdup(arena, d->code),
	    .text = arena_strdup(arena, d->text),
	    .category = arena_strdup(arena, d->category),
	};
	s->answer.notice = d->id;
	s->answer.said = &s->said;
	s->answer.done = on_said;
	s->answer.context = s;
	review_answer(house->review, &s->answer);
}

void pipeline_medium_join(struct house *house)
{
	const struct check_media media = {changed, heard, decide, house};

	check_programs_media(house->programs, &media);
}
