/*
 * pass: due prompts, one after the other: look at the draft, compose, write
 * the notice and its mail in one commit.  What a notice says is left to
 * notice.c and bundle.c, which prompts are gathered to schedule.c.
 */
#include "review/pass.h"

#include "review/bundle.h"
#include "review/card.h"
#include "review/letter.h"
#include "review/media.h"
#include "review/notice.h"
#include "review/schedule.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PROMPTS_MAX    1000		/* looked at in one go */
#define TROUBLE_GAP_MS ((int64_t)30000) /* then we try again */
#define FAILURES_MAX                                                           \
	10 /* drafts in a row that cannot be read, then it is us               \
	    */
/* what is above the limit waits for no critical draft longer than this, and
 * comes no more often for one */
#define CRITICAL_GAP_MS ((int64_t)60000)
#define MANY		100 /* prompts that are gathered, then looking costs time: */
#define LOOK_SHARE	10 /* most of the ledger's time is others' */

struct pass {
	struct review *review;	     /* NULL: the room has gone */
	const struct config *config; /* that it goes by; a reference */
	size_t person;		     /* reviewer whose prompts are looked at */
	struct hold_due due;	     /* these */
	int64_t took_ms;	     /* to find them */
	int64_t asked_ms;	     /* monotonic time when they were */
	size_t next;		     /* prompt to look at */
	/* what is gathered of them: their places, in the order of the mail */
	size_t n_list, list_next;
	unsigned short list[PROMPTS_MAX];
	struct bundle bundle;

	/* of the notice that is being made */
	struct arena *arena;
	const struct config_reviewer *reviewer;
	struct hold_view view;
	struct hold_notice_item item;
	struct hold_notice notice;
	struct buf bytes;
	int64_t again_ms; /* look again after so long, 0: no need */
	unsigned failures;
	bool progress;
};

#define PASS(call, member)                                                     \
	((struct pass *)(void *)((char *)(call)-offsetof(struct pass, member)))

static void next_prompt(struct pass *pass);
static void next_item(struct pass *pass);
static void gather(struct pass *pass);
static void next_person(struct pass *pass);

static void pass_free(struct pass *pass)
{
	arena_free(pass->due.arena);
	arena_free(pass->arena);
	buf_release(&pass->bytes);
	bundle_release(&pass->bundle);
	config_unref(pass->config);
	free(pass);
}

/* In every callback first: has the room gone?  Then the pass ends here. */
static bool gone(struct pass *pass)
{
	if (pass->review != NULL)
		return false;
	pass_free(pass);
	return true;
}

static void again_in(struct pass *pass, int64_t ms)
{
	if (pass->again_ms == 0 || ms < pass->again_ms)
		pass->again_ms = ms;
}

static void end(struct pass *pass)
{
	struct review *review = pass->review;
	int64_t ms = pass->again_ms;
	struct timeval later = {
	    .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	review->pass = NULL;
	pass_free(pass);
	if (review->again)
		pass_start(review);
	else if (ms > 0)
		event_add(review->timer, &later);
}

/* Nothing can be written now: leave the rest for later. */
static void give_up(
    struct pass *pass, const char *what, const struct error *err)
{
	log_warning("review %s-failed kind=%s reason=\"%s\"", what,
	    error_kind_name(err->kind), err->text);
	again_in(pass, TROUBLE_GAP_MS);
	end(pass);
}

static const struct hold_due_prompt *prompt_at(
    const struct pass *pass, size_t i)
{
	return &pass->due.prompts[i];
}

/* ---- one notice ---- */

/* Forget the last notice, make room for one. */
static void clear(struct pass *pass)
{
	arena_free(pass->arena);
	pass->arena = arena_new();
	buf_clear(&pass->bytes);
	pass->notice = (struct hold_notice){.notice = 0};
}

/* Address and write the notice whose bytes are composed. */
static void write_notice(struct pass *pass, const char *message_id,
    void (*done)(struct hold_call *call))
{
	struct hold_notice *n = &pass->notice;
	char reply_to[REVIEW_ADDRESS_SIZE];

	n->call.done = done;
	n->reviewer = pass->reviewer->name;
	n->message_id = message_id;
	/* a bounce comes back to the notice, where it can be seen */
	n->mail.from = arena_strdup(
	    pass->arena, review_reply_to(pass->review, n->notice, reply_to));
	n->mail.to = pass->reviewer->address;
	n->mail.maildir = pass->reviewer->maildir;
	n->mail.bytes = buf_span(&pass->bytes);
	hold_notice(pass->review->hold, n);
}

static void on_noticed(struct hold_call *call)
{
	struct pass *pass = PASS(call, notice);
	const struct hold_due_prompt *prompt;

	if (gone(pass))
		return;
	prompt = prompt_at(pass, pass->next);
	if (call->error.kind == ERROR_NONE) {
		log_info("notice %" PRId64 " made draft=%" PRId64
			 " revision=%u reviewer=%s",
		    pass->notice.notice, prompt->draft, prompt->revision,
		    prompt->reviewer);
		rate_add(&review_person(pass->review, pass->reviewer)->notices,
		    clock_mono_ms());
		pass->progress = true;
		review_moved(pass->review, prompt->draft, pass->view.state);
	} else if (call->error.kind != ERROR_CONFLICT) {
		give_up(pass, "notice", &call->error);
		return;
	}
	pass->next++;
	next_prompt(pass);
}

/* A draft could not be looked at.  False: nor will the others be. */
static bool view_failed(struct pass *pass, const struct error *err)
{
	log_warning("draft %" PRId64 " view-failed kind=%s reason=\"%s\"",
	    pass->view.draft, error_kind_name(err->kind), err->text);
	again_in(pass, TROUBLE_GAP_MS);
	if (++pass->failures < FAILURES_MAX)
		return true;
	end(pass);
	return false;
}

static void on_viewed(struct hold_call *call)
{
	struct pass *pass = PASS(call, view);
	struct notice notice;
	char reply_to[REVIEW_ADDRESS_SIZE];
	const char *id;

	if (call->error.kind != ERROR_NONE) {
		if (gone(pass) || !view_failed(pass, &call->error))
			return;
		pass->next++;
		next_prompt(pass);
		return;
	}
	if (pass->review == NULL) {
		hold_view_release(&pass->view);
		pass_free(pass);
		return;
	}
	pass->failures = 0;
	pass->notice.notice = hold_notice_id(pass->review->hold);
	notice = (struct notice){
	    .config = pass->config,
	    .reviewer = pass->reviewer,
	    .kind = prompt_at(pass, pass->next)->kind,
	    .view = &pass->view,
	    .reply_to =
		review_reply_to(pass->review, pass->notice.notice, reply_to),
	    .first_id = prompt_at(pass, pass->next)->first_id,
	    .at_ms = clock_now_ms(),
	};
	id = notice_write(&notice, pass->arena, &pass->bytes);
	pass->item = (struct hold_notice_item){
	    .prompt = prompt_at(pass, pass->next)->prompt,
	    .cut = card_is_cut(notice.kind, &pass->view, 0),
	};
	hold_view_release(&pass->view);
	if (id == NULL) {
		log_error(
		    "draft %" PRId64 " notice-too-long", notice.view->draft);
		again_in(pass, TROUBLE_GAP_MS);
		pass->next++;
		next_prompt(pass);
		return;
	}
	pass->notice.n_items = 1;
	pass->notice.items = &pass->item;
	write_notice(pass, id, on_noticed);
}

static void look_at(struct pass *pass, const struct hold_due_prompt *prompt,
    void (*done)(struct hold_call *call))
{
	pass->view = (struct hold_view){.call.done = done};
	pass->view.draft = prompt->draft;
	pass->view.revision = prompt->revision;
	hold_view(pass->review->hold, &pass->view);
}

static struct review_person *person_of(const struct pass *pass)
{
	return &pass->review->people[pass->person];
}

/* Had this person enough notices for now? */
static bool had_enough(const struct pass *pass)
{
	return rate_count(&person_of(pass)->notices, clock_mono_ms()) >=
	       pass->config->review.notices_per_hour;
}

static bool is_alone(const struct pass *pass, size_t i)
{
	const struct schedule schedule = schedule_of(pass->reviewer);

	return schedule_alone(&schedule, prompt_at(pass, i), clock_now_ms());
}

/* The next prompt that gets a notice of its own; then what is gathered. */
static void next_prompt(struct pass *pass)
{
	while (pass->next < pass->due.n_prompts && !is_alone(pass, pass->next))
		pass->next++;
	if (pass->next == pass->due.n_prompts || had_enough(pass)) {
		gather(pass);
		return;
	}
	clear(pass);
	look_at(pass, prompt_at(pass, pass->next), on_viewed);
}

/* ---- digests ----------------------------------------------------------- */

/* List what goes alone, or what does not, from pass->next on: what asks, then
 * what only tells. */
static void list(struct pass *pass, bool alone)
{
	size_t i, round;

	pass->n_list = pass->list_next = 0;
	for (round = 0; round < 2; round++)
		for (i = alone ? pass->next : 0; i < pass->due.n_prompts; i++)
			if ((prompt_at(pass, i)->kind == HOLD_PROMPT_OUTCOME) ==
				(round == 1) &&
			    is_alone(pass, i) == alone)
				pass->list[pass->n_list++] = (unsigned short)i;
}

/* Milliseconds until what is above the limit is sent, which is planned from
 * the first prompt on. */
static int64_t crowd_wait(const struct pass *pass)
{
	struct review_person *person = person_of(pass);
	int64_t now = clock_mono_ms();

	if (person->crowd_ms == 0)
		person->crowd_ms =
		    now + (int64_t)pass->config->review.digest_s * 1000;
	return person->crowd_ms <= now ? 0 : person->crowd_ms - now;
}

/* Is a critical draft among what is left?  Then it is sent soon: the gravest
 * stand first. */
static bool is_urgent(const struct pass *pass)
{
	return pass->next < pass->due.n_prompts &&
	       prompt_at(pass, pass->next)->severity == SEVERITY_CRITICAL;
}

static int64_t urgent_wait(const struct pass *pass, int64_t wait)
{
	const struct review_person *person = person_of(pass);
	int64_t soon = 0;

	if (!is_urgent(pass))
		return wait;
	if (person->crowded)
		soon = person->crowded_ms + CRITICAL_GAP_MS - clock_mono_ms();
	return soon < 0 ? 0 : soon < wait ? soon : wait;
}

static void begin_bundle(struct pass *pass, bool because_many)
{
	struct bundle *bundle = &pass->bundle;
	char reply_to[REVIEW_ADDRESS_SIZE];

	clear(pass);
	bundle_clear(bundle);
	pass->notice.notice = hold_notice_id(pass->review->hold);
	bundle->config = pass->config;
	bundle->reviewer = pass->reviewer;
	bundle->reply_to = arena_strdup(pass->arena,
	    review_reply_to(pass->review, pass->notice.notice, reply_to));
	bundle->at_ms = clock_now_ms();
	bundle->because_many = because_many;
	next_item(pass);
}

/* Milliseconds until the first of the list is to be sent. */
static int64_t list_wait(const struct pass *pass)
{
	const struct schedule schedule = schedule_of(pass->reviewer);
	int64_t now = clock_now_ms(), wait = INT64_MAX, one;
	size_t i;

	/* what stands behind so many could not be seen */
	if (pass->due.n_prompts == PROMPTS_MAX)
		return 0;
	for (i = 0; i < pass->n_list; i++) {
		one = schedule_wait(
		    &schedule, prompt_at(pass, pass->list[i]), now);
		wait = one < wait ? one : wait;
	}
	return wait;
}

static void leave_person(struct pass *pass)
{
	/* a full page that moved has another behind it */
	if (pass->due.n_prompts < PROMPTS_MAX || !pass->progress)
		pass->person++;
	next_person(pass);
}

/* What the reviewer wants gathered, now or when it is time for it. */
static void gather_wanted(struct pass *pass)
{
	int64_t wait;

	list(pass, false);
	wait = pass->n_list == 0 ? INT64_MAX : list_wait(pass);
	if (wait == 0) {
		begin_bundle(pass, false);
		return;
	}
	if (wait < INT64_MAX)
		again_in(pass, wait);
	if (pass->n_list > MANY)
		person_of(pass)->look_ms =
		    clock_mono_ms() + pass->took_ms * LOOK_SHARE;
	leave_person(pass);
}

/* What is above the limit, now or when it is time; then what is wanted so. */
static void gather(struct pass *pass)
{
	int64_t wait;

	list(pass, true);
	if (pass->n_list > 0) {
		wait = urgent_wait(pass, crowd_wait(pass));
		person_of(pass)->looked_ms = clock_mono_ms();
		if (wait == 0) {
			begin_bundle(pass, true);
			return;
		}
		again_in(pass, wait);
	}
	gather_wanted(pass);
}

static void note_crowd(struct pass *pass)
{
	struct review_person *person = person_of(pass);

	person->crowd_ms = 0;
	person->crowded = true;
	person->crowded_ms = clock_mono_ms();
	if (pass->list_next < pass->n_list)
		again_in(pass, crowd_wait(pass));
}

/* It was made: the rest of the list has another, if it is not too many. */
static void after_bundle(struct pass *pass)
{
	if (pass->bundle.because_many) {
		note_crowd(pass);
		gather_wanted(pass);
	} else if (pass->list_next < pass->n_list) {
		begin_bundle(pass, false);
	} else {
		leave_person(pass);
	}
}

static void on_bundled(struct hold_call *call)
{
	struct pass *pass = PASS(call, notice);

	if (gone(pass))
		return;
	if (call->error.kind == ERROR_NONE) {
		pass->progress = true;
		log_info("notice %" PRId64 " made drafts=%zu reviewer=%s",
		    pass->notice.notice, bundle_n(&pass->bundle),
		    pass->reviewer->name);
		review_moved(pass->review, 0, 0);
	} else if (call->error.kind != ERROR_CONFLICT) {
		give_up(pass, "digest", &call->error);
		return;
	}
	after_bundle(pass);
}

static void write_bundle(struct pass *pass)
{
	const char *id = bundle_write(&pass->bundle, pass->arena, &pass->bytes);

	if (id == NULL) {
		log_error("digest too-long reviewer=%s", pass->reviewer->name);
		again_in(pass, TROUBLE_GAP_MS);
		after_bundle(pass);
		return;
	}
	pass->notice.digest = true;
	pass->notice.n_items = bundle_n(&pass->bundle);
	pass->notice.items = pass->bundle.items;
	write_notice(pass, id, on_bundled);
}

static void on_item_viewed(struct hold_call *call)
{
	struct pass *pass = PASS(call, view);
	const struct hold_due_prompt *prompt;
	bool taken;

	if (call->error.kind != ERROR_NONE) {
		if (gone(pass) || !view_failed(pass, &call->error))
			return;
		pass->list_next++; /* it stays due */
		next_item(pass);
		return;
	}
	if (pass->review == NULL) {
		hold_view_release(&pass->view);
		pass_free(pass);
		return;
	}
	pass->failures = 0;
	prompt = prompt_at(pass, pass->list[pass->list_next]);
	taken = bundle_add(&pass->bundle, prompt, &pass->view);
	hold_view_release(&pass->view);
	if (!taken) {
		write_bundle(pass);
		return;
	}
	pass->list_next++;
	next_item(pass);
}

/* Look at the next draft that the digest shows, or write it. */
static void next_item(struct pass *pass)
{
	const struct hold_due_prompt *prompt = NULL;

	if (pass->list_next < pass->n_list)
		prompt = prompt_at(pass, pass->list[pass->list_next]);
	if (prompt != NULL && bundle_has_room(&pass->bundle, prompt->kind))
		look_at(pass, prompt, on_item_viewed);
	else if (bundle_n(&pass->bundle) > 0)
		write_bundle(pass);
	else
		after_bundle(pass); /* none of them could be looked at */
}

/* ---- the whole ---- */

/* Milliseconds until a wall time; at least 1. */
static int64_t until(int64_t wall_ms)
{
	int64_t ms = wall_ms - clock_now_ms();

	return ms < 1 ? 1 : ms;
}

static void on_due(struct hold_call *call)
{
	struct pass *pass = PASS(call, due);
	int64_t now;

	if (gone(pass))
		return;
	if (call->error.kind != ERROR_NONE) {
		give_up(pass, "due", &call->error);
		return;
	}
	now = clock_mono_ms();
	pass->took_ms = now - pass->asked_ms;
	if (pass->due.next_ms != 0)
		again_in(pass, until(pass->due.next_ms));
	pass->next = 0;
	pass->progress = false;
	next_prompt(pass);
}

/*
 * Is what is above the limit still to come?  Then nothing is looked up, however
 * many prompts wait; but once in a while, for a critical one.  Nor more often
 * than the ledger can bear when many are gathered.
 */
static bool waits(struct pass *pass)
{
	struct review_person *person = person_of(pass);
	int64_t now = clock_mono_ms(), wait = person->look_ms - now, crowd,
		look;

	if (person->crowd_ms != 0 && had_enough(pass)) {
		crowd = crowd_wait(pass);
		look = person->looked_ms + CRITICAL_GAP_MS - now;
		crowd = look < crowd ? look : crowd;
		wait = crowd > wait ? crowd : wait;
	}
	if (wait > 0)
		again_in(pass, wait);
	return wait > 0;
}

/* The next person whose prompts are looked at; then the pass is over. */
static void next_person(struct pass *pass)
{
	const struct config *config = pass->config;

	for (; pass->person < config->n_reviewers; pass->person++) {
		pass->reviewer = &config->reviewers[pass->person];
		if (waits(pass) ||
		    media_spare_mail(pass->review->media, pass->reviewer))
			continue;
		arena_free(pass->due.arena);
		pass->due = (struct hold_due){
		    .call.done = on_due,
		    .reviewer = pass->reviewer->name,
		    .limit = PROMPTS_MAX,
		};
		pass->asked_ms = clock_mono_ms();
		hold_due(pass->review->hold, &pass->due);
		return;
	}
	end(pass);
}

void pass_start(struct review *review)
{
	struct pass *pass = mem_zalloc(sizeof(*pass));

	review->pass = pass;
	review->again = false;
	event_del(review->timer);
	pass->review = review;
	pass->config = config_ref(review->config);
	buf_init(&pass->bytes, LETTER_MAX);
	bundle_init(&pass->bundle);
	next_person(pass);
}

void pass_forget(struct review *review)
{
	if (review->pass != NULL)
		review->pass->review = NULL;
	review->pass = NULL;
}
