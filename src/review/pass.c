/*
 * pass: due prompts, one after the other: look at the draft, compose, write
 * the notice and its mail in one commit.  What a notice says is left to
 * notice.c and summary.c.
 */
#include "review/pass.h"

#include "review/card.h"
#include "review/letter.h"
#include "review/media.h"
#include "review/notice.h"
#include "review/summary.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PROMPTS_MAX    1000		/* looked at in one go */
#define TROUBLE_GAP_MS ((int64_t)30000) /* then we try again */
#define FAILURES_MAX   10 /* drafts that cannot be read, then it is us */
/* a summary waits for no critical draft longer than this, and comes no more
 * often for one */
#define CRITICAL_GAP_MS ((int64_t)60000)

struct pass {
	struct review *review;	     /* NULL: the room has gone */
	const struct config *config; /* that it goes by; a reference */
	size_t person;		     /* reviewer whose prompts are looked at */
	struct hold_due due;	     /* these */
	size_t next;		     /* prompt to look at */
	struct summary summary;
	struct hold_notice_item items[PROMPTS_MAX]; /* of the notice */

	/* of the notice that is being made */
	struct arena *arena;
	const struct config_reviewer *reviewer;
	struct hold_view view;
	struct hold_notice notice;
	struct buf bytes;
	int64_t again_ms; /* look again after so long, 0: no need */
	unsigned failures;
	bool progress;
};

#define PASS(call, member)                                                     \
	((struct pass *)(void *)((char *)(call)-offsetof(struct pass, member)))

static void next_prompt(struct pass *pass);
static void next_row(struct pass *pass);
static void next_person(struct pass *pass);

static void pass_free(struct pass *pass)
{
	arena_free(pass->due.arena);
	arena_free(pass->arena);
	buf_release(&pass->bytes);
	buf_release(&pass->summary.rows);
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
	pass->notice.notice = hold_notice_id(pass->review->hold);
	notice = (struct notice){
	    .config = pass->config,
	    .reviewer = pass->reviewer,
	    .kind = prompt_at(pass, pass->next)->kind,
	    .view = &pass->view,
	    .reply_to =
		review_reply_to(pass->review, pass->notice.notice, reply_to),
	    .at_ms = clock_now_ms(),
	};
	id = notice_write(&notice, pass->arena, &pass->bytes);
	pass->items[0] = (struct hold_notice_item){
	    .prompt = prompt_at(pass, pass->next)->prompt,
	    .cut = card_is_cut(notice.kind, &pass->view),
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
	pass->notice.items = pass->items;
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

/* Milliseconds until this person's summary is to be made, which are planned
 * from the first prompt that it gathers. */
static int64_t summary_wait(const struct pass *pass)
{
	struct review_person *person = person_of(pass);
	int64_t now = clock_mono_ms();

	if (person->summary_ms == 0)
		person->summary_ms =
		    now + (int64_t)pass->config->review.summary_s * 1000;
	return person->summary_ms <= now ? 0 : person->summary_ms - now;
}

static void start_summary(struct pass *pass)
{
	clear(pass);
	buf_clear(&pass->summary.rows);
	pass->summary.config = pass->config;
	pass->summary.reviewer = pass->reviewer;
	pass->summary.n = 0;
	pass->summary.at_ms = clock_now_ms();
	next_row(pass);
}

/* Is a critical draft among what is left?  Then the summary is made soon:
 * the gravest stand first. */
static bool is_urgent(const struct pass *pass)
{
	return pass->next < pass->due.n_prompts &&
	       prompt_at(pass, pass->next)->severity == SEVERITY_CRITICAL;
}

/* What is left goes into a summary, now or when it is time for one. */
static void gather(struct pass *pass)
{
	struct review_person *person = person_of(pass);
	int64_t wait = summary_wait(pass), now = clock_mono_ms(), soon;

	if (is_urgent(pass)) {
		soon = person->summarised
			   ? person->summarised_ms + CRITICAL_GAP_MS - now
			   : 0;
		soon = soon < 0 ? 0 : soon;
		wait = soon < wait ? soon : wait;
	}
	person->looked_ms = now;
	if (wait == 0) {
		start_summary(pass);
		return;
	}
	again_in(pass, wait);
	pass->person++;
	next_person(pass);
}

/* The next prompt that gets a notice of its own. */
static void next_prompt(struct pass *pass)
{
	if (pass->next == pass->due.n_prompts) {
		/* a full page that moved has another behind it */
		if (pass->due.n_prompts < PROMPTS_MAX || !pass->progress)
			pass->person++;
		next_person(pass);
	} else if (had_enough(pass)) {
		gather(pass);
	} else {
		clear(pass);
		look_at(pass, prompt_at(pass, pass->next), on_viewed);
	}
}

/* ---- summaries -------------------------------------------------------------
 */

static void on_summarised(struct hold_call *call)
{
	struct pass *pass = PASS(call, notice);

	if (gone(pass))
		return;
	if (call->error.kind == ERROR_NONE) {
		person_of(pass)->summary_ms = 0;
		person_of(pass)->summarised = true;
		person_of(pass)->summarised_ms = clock_mono_ms();
		pass->progress = true;
		log_info("notice %" PRId64 " made drafts=%zu reviewer=%s",
		    pass->notice.notice, pass->summary.n, pass->reviewer->name);
		review_moved(pass->review, 0, 0);
	} else if (call->error.kind != ERROR_CONFLICT) {
		give_up(pass, "summary", &call->error);
		return;
	}
	pass->person++;
	next_person(pass);
}

static void write_summary(struct pass *pass)
{
	struct error err = ERROR_INIT;
	char reply_to[REVIEW_ADDRESS_SIZE];
	const char *id;

	pass->notice.notice = hold_notice_id(pass->review->hold);
	pass->notice.digest = true;
	pass->notice.n_items = pass->summary.n;
	pass->notice.items = pass->items;
	pass->summary.reply_to = arena_strdup(pass->arena,
	    review_reply_to(pass->review, pass->notice.notice, reply_to));
	id = summary_write(&pass->summary, pass->arena, &pass->bytes);
	if (id == NULL) {
		error_set(&err, ERROR_INTERNAL, "a summary grew too long");
		give_up(pass, "summary", &err);
		return;
	}
	write_notice(pass, id, on_summarised);
}

static void on_row_viewed(struct hold_call *call)
{
	struct pass *pass = PASS(call, view);

	if (call->error.kind != ERROR_NONE) {
		if (gone(pass) || !view_failed(pass, &call->error))
			return;
		pass->summary.n--; /* it stays due */
		pass->next++;
		next_row(pass);
		return;
	}
	if (pass->review != NULL)
		summary_add_row(&pass->summary, pass->arena,
		    prompt_at(pass, pass->next)->kind, &pass->view);
	hold_view_release(&pass->view);
	if (gone(pass))
		return;
	pass->next++;
	next_row(pass);
}

/* Look at the next draft that the summary lists, or write it. */
static void next_row(struct pass *pass)
{
	for (; pass->next < pass->due.n_prompts; pass->next++) {
		pass->items[pass->summary.n++] = (struct hold_notice_item){
		    .prompt = prompt_at(pass, pass->next)->prompt, .cut = true};
		if (pass->summary.n > SUMMARY_SHOWN)
			continue;
		look_at(pass, prompt_at(pass, pass->next), on_row_viewed);
		return;
	}
	if (pass->summary.n > 0) {
		write_summary(pass);
		return;
	}
	pass->person++;
	next_person(pass);
}

/* ---- the whole ---- */

static void on_due(struct hold_call *call)
{
	struct pass *pass = PASS(call, due);

	if (gone(pass))
		return;
	if (call->error.kind != ERROR_NONE) {
		give_up(pass, "due", &call->error);
		return;
	}
	pass->next = 0;
	pass->progress = false;
	next_prompt(pass);
}

/*
 * Is this person's next summary still to come?  Then nothing is looked up,
 * however many prompts wait for it; but once in a while, for a critical one.
 */
static bool waits(struct pass *pass)
{
	struct review_person *person = person_of(pass);
	int64_t wait, look;

	if (person->summary_ms == 0 || !had_enough(pass))
		return false;
	wait = summary_wait(pass);
	look = person->looked_ms + CRITICAL_GAP_MS - clock_mono_ms();
	if (look < wait)
		wait = look;
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
	buf_init(&pass->summary.rows, LETTER_MAX);
	next_person(pass);
}

void pass_forget(struct review *review)
{
	if (review->pass != NULL)
		review->pass->review = NULL;
	review->pass = NULL;
}
