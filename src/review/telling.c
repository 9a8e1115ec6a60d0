/*
 * telling: one round for one program or chat: find what it does not know, look
 * at the draft, write the notice, hand it over.  What a notice says is
 * shown.c's, what it has acknowledged media.c's.
 */
#include "review/medium.h"

#include "review/card.h"
#include "review/schedule.h"
#include "review/shown.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE	       32    /* rows looked for, besides those it has */
#define GATHERED_PAGE  1000  /* likewise, where some wait to be gathered */
#define TROUBLE_GAP_MS 30000 /* then we try again */
#define LOOK_SHARE     10    /* most of the ledger's time is others' */

struct telling {
	struct medium *medium;
	struct hold_untold untold;
	size_t next; /* row */
	bool told;   /* any */
	bool refused, failed;
	int64_t wake_ms; /* until more is due; 0: nothing is known to be */
	struct hold_view view;
	struct hold_notice_item item;
	struct hold_notice notice;
};

#define TELLING(call, member)                                                  \
	((struct telling *)(void *)((char *)(call)-offsetof(                   \
	    struct telling, member)))

static void next(struct telling *t);

static void add_given(struct telling *t, const struct hold_untold_row *row)
{
	struct medium *m = t->medium;
	const struct config_reviewer *who =
	    config_reviewer(m->media->config, row->prompt.reviewer);

	m->given[m->n_given++] = (struct given){
	    .notice = t->notice.notice,
	    .over = row->over,
	    .waits = row->waits,
	    .alone = who != NULL && !config_reviewer_has(who, CONFIG_MAIL),
	};
	if (m->silent_ms == 0)
		media_be_silent(m, clock_mono_ms());
}

/* ---- its end ------------------------------------------------------------- */

bool telling_has_room(const struct medium *m)
{
	return m->up && m->n_given < m->most;
}

static void end(struct telling *t)
{
	struct medium *m = t->medium;
	struct media *media = m->media;
	bool more;

	arena_free(t->untold.arena);
	m->telling = NULL;
	if (media->review != NULL)
		media_settle(m);
	more = (t->told && !t->refused) || m->again;
	if (media->review != NULL && t->wake_ms != 0)
		media_wait(m->wake, t->wake_ms);
	if (media->review != NULL && m->up && m->n_given == 0 && !t->told &&
	    !t->refused && !t->failed)
		media_be_heard(m);
	if (media->review != NULL && t->failed)
		media_wait(m->retry, TROUBLE_GAP_MS);
	else if (media->review != NULL && more && telling_has_room(m))
		telling_look(m);
	media_unref(media);
	free(t);
}

/* In every callback first: has all this gone?  Then it ends here. */
static bool gone(struct telling *t)
{
	if (t->medium->media->review != NULL)
		return false;
	end(t);
	return true;
}

static void fail(struct telling *t, const char *what, const struct error *err)
{
	log_warning("medium %s %s-failed kind=%s reason=\"%s\"",
	    t->medium->name, what, error_kind_name(err->kind), err->text);
	t->failed = true;
}

/* ---- what is gathered ---------------------------------------------------- */

static struct schedule schedule_here(const struct medium *m)
{
	const struct config_chat *chat = m->chat;

	if (chat == NULL)
		return (struct schedule){NULL, NULL};
	return (struct schedule){chat->digest, chat->calendar};
}

static bool is_gathered(
    const struct medium *m, const struct hold_untold_row *row)
{
	const struct schedule schedule = schedule_here(m);

	return !row->over &&
	       !schedule_alone(&schedule, &row->prompt, clock_now_ms());
}

static void wake_in(struct telling *t, int64_t ms)
{
	if (t->wake_ms == 0 || ms < t->wake_ms)
		t->wake_ms = ms;
}

/* Is it to wait for others still? */
static bool must_wait(struct telling *t, const struct hold_untold_row *row)
{
	const struct schedule schedule = schedule_here(t->medium);
	int64_t wait;

	/* what stands behind so many could not be seen */
	if (row->notice != 0 || t->untold.n_rows == t->untold.limit ||
	    !is_gathered(t->medium, row))
		return false;
	wait = schedule_wait(&schedule, &row->prompt, clock_now_ms());
	if (wait > 0)
		wake_in(t, wait);
	return wait > 0;
}

/* ---- telling it ---------------------------------------------------------- */

/* False: it takes nothing now. */
static bool show(struct telling *t, const struct hold_untold_row *row)
{
	struct medium *m = t->medium;
	const struct review_hooks *hooks = &m->media->review->hooks;
	char reply_to[REVIEW_ADDRESS_SIZE];
	const struct shown_request request = {
	    .config = m->media->config,
	    .medium = m->name,
	    .chat = m->chat,
	    .row = row,
	    .view = &t->view,
	    .notice = t->notice.notice,
	    .reply_to =
		review_reply_to(m->media->review, t->notice.notice, reply_to),
	};
	struct arena *arena = arena_new();
	struct review_shown shown;
	bool taken = false;

	if (shown_make(arena, &request, &shown)) {
		log_error("draft %" PRId64 " notice-too-long", t->view.draft);
		arena_free(arena);
		t->failed = true;
		return true;
	}
	shown.gathered = is_gathered(m, row);
	if (hooks->show != NULL)
		taken = hooks->show(&shown, hooks->context);
	arena_free(arena);
	if (!taken)
		return false;
	log_info("notice %" PRId64 " %s draft=%" PRId64
		 " revision=%u reviewer=%s medium=%s",
	    t->notice.notice, row->over ? "over" : "shown", t->view.draft,
	    row->prompt.revision, row->prompt.reviewer, m->name);
	add_given(t, row);
	t->told = true;
	return true;
}

/* Its notice is written: hand it over, go on. */
static void tell(struct telling *t)
{
	struct medium *m = t->medium;
	const struct hold_untold_row *row = &t->untold.rows[t->next++];

	t->refused = !telling_has_room(m) || !show(t, row);
	if (t->refused)
		t->next = t->untold.n_rows; /* it will say when */
	hold_view_release(&t->view);
	next(t);
}

static void on_noticed(struct hold_call *call)
{
	struct telling *t = TELLING(call, notice);

	if (t->medium->media->review == NULL ||
	    call->error.kind != ERROR_NONE) {
		hold_view_release(&t->view);
		if (gone(t))
			return;
		if (call->error.kind != ERROR_CONFLICT)
			fail(t, "notice", &call->error);
		t->next++;
		next(t);
		return;
	}
	tell(t);
}

static void write_notice(struct telling *t, const struct hold_untold_row *row)
{
	const struct medium *m = t->medium;
	struct hold *hold = m->media->review->hold;

	t->item = (struct hold_notice_item){
	    .prompt = row->prompt.prompt,
	    .cut = card_is_cut(row->prompt.kind, &t->view,
		m->chat == NULL ? 0 : m->chat->text_size),
	};
	t->notice = (struct hold_notice){
	    .call.done = on_noticed,
	    .notice = row->notice,
	    .reviewer = row->prompt.reviewer,
	    .n_items = 1,
	    .items = &t->item,
	    .medium = t->untold.medium,
	};
	if (row->notice != 0) {
		tell(t);
		return;
	}
	t->notice.notice = hold_notice_id(hold);
	hold_notice(hold, &t->notice);
}

static void on_viewed(struct hold_call *call)
{
	struct telling *t = TELLING(call, view);

	if (call->error.kind != ERROR_NONE) {
		if (gone(t))
			return;
		fail(t, "view", &call->error);
		t->next++;
		next(t);
		return;
	}
	if (t->medium->media->review == NULL) {
		hold_view_release(&t->view);
		end(t);
		return;
	}
	write_notice(t, &t->untold.rows[t->next]);
}

/* Whom it is for is a reviewer still; else it can be told nothing. */
static bool is_for_somebody(
    const struct medium *m, const struct hold_untold_row *row)
{
	return config_reviewer(m->media->config, row->prompt.reviewer) != NULL;
}

/* The next row that it was not given. */
static void next(struct telling *t)
{
	struct medium *m = t->medium;
	const struct hold_untold_row *row;

	for (; t->next < t->untold.n_rows && telling_has_room(m); t->next++) {
		row = &t->untold.rows[t->next];
		if (!is_for_somebody(m, row) || must_wait(t, row) ||
		    (row->notice != 0 &&
			media_find_given(m, row->notice, row->over) != NULL))
			continue;
		t->view = (struct hold_view){.call.done = on_viewed};
		t->view.draft = row->prompt.draft;
		t->view.revision = row->prompt.revision;
		hold_view(m->media->review->hold, &t->view);
		return;
	}
	end(t);
}

static void on_untold(struct hold_call *call)
{
	struct telling *t = TELLING(call, untold);
	struct medium *m = t->medium;
	int64_t left;

	if (gone(t))
		return;
	m->look_ms = clock_mono_ms() + t->untold.took_ms * LOOK_SHARE;
	if (call->error.kind != ERROR_NONE) {
		fail(t, "untold", &call->error);
		end(t);
		return;
	}
	if (t->untold.next_ms != 0) {
		left = t->untold.next_ms - clock_now_ms();
		wake_in(t, left < 1 ? 1 : left);
	}
	next(t);
}

static void begin(struct medium *m)
{
	struct telling *t = mem_zalloc(sizeof(*t));

	m->again = false;
	m->telling = t;
	m->media->refs++;
	t->medium = m;
	t->untold.call.done = on_untold;
	t->untold.medium = m->name;
	t->untold.reviewers = m->reviewers;
	t->untold.n_reviewers = m->n_reviewers;
	t->untold.chat = m->chat != NULL;
	t->untold.limit =
	    (unsigned)m->n_given + (m->chat == NULL ? PAGE : GATHERED_PAGE);
	hold_untold(m->media->review->hold, &t->untold);
}

/* Begin, now or when it is time for it. */
void telling_look(struct medium *m)
{
	int64_t left = m->look_ms - clock_mono_ms();

	if (left > 0)
		media_wait(m->retry, left);
	else
		begin(m);
}
