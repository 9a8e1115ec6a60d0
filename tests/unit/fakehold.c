/*
 * fakehold: see fakehold.h.  Calls are queued, as the real ones are: no done()
 * runs inside the verb.
 */
#include "fakehold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/mem.h"

struct hold {
	int unused;
};

struct fake fake;

static struct hold the_hold;
#define QUEUE_MAX 256
static struct hold_call *queue[QUEUE_MAX];
static size_t n_queue;

void fake_init(void)
{
	fake = (struct fake){.decide_state = HOLD_APPROVED};
	fake.answered = (struct hold_answered){
	    .reviewer = "anna",
	    .message_id = "<imp.17.r1.x@relay.corp.example>",
	    .medium = HOLD_MAIL,
	    .draft = 17,
	    .number = 1,
	    .code = "k7q4rm",
	    .kind = HOLD_PROMPT_DECIDE,
	    .state = HOLD_HELD,
	};
	memset(fake.answered.revision, 0x17, DIGEST_SIZE);
	n_queue = 0;
}

void fake_release(void)
{
	size_t i;

	for (i = 0; i < fake.n_mails; i++)
		free(fake.mails[i].bytes);
	fake.n_mails = 0;
}

struct hold *fake_hold(void)
{
	return &the_hold;
}

static void submit(struct hold_call *call, enum error_kind kind)
{
	assert_true(n_queue < QUEUE_MAX);
	call->error = (struct error)ERROR_INIT;
	if (kind != ERROR_NONE)
		error_set(&call->error, kind, "%s",
		    *fake.decide_text != '\0' ? fake.decide_text : "fake");
	queue[n_queue++] = call;
}

bool fake_step(void)
{
	struct hold_call *call;

	if (n_queue == 0)
		return false;
	call = queue[0];
	memmove(queue, queue + 1, --n_queue * sizeof(queue[0]));
	call->done(call);
	return true;
}

void fake_run(void)
{
	unsigned steps = 0;

	while (fake_step())
		assert_true(++steps < 10000);
}

const char *hold_state_name(enum hold_state state)
{
	return state == HOLD_HELD ? "held" : "other";
}

const char *hold_verb_name(enum hold_verb verb)
{
	return verb == HOLD_APPROVE ? "approve" : "other";
}

const unsigned char *hold_token_key(const struct hold *hold)
{
	static const unsigned char key[32] = "a key that only tests have ....";

	assert_ptr_equal(hold, &the_hold);
	return key;
}

/* Those of the test, or the only one, which stands in the answer itself. */
static void give_items(struct hold_answered *answered)
{
	const struct hold_answered *a = &fake.answered;
	struct hold_answered_item *only;

	answered->n_items = a->n_items;
	answered->items = a->items;
	if (a->items != NULL)
		return;
	only = arena_alloc(answered->arena, sizeof(*only));
	*only = (struct hold_answered_item){
	    .n = 1,
	    .draft = a->draft,
	    .number = a->number,
	    .kind = a->kind,
	    .state = a->state,
	    .cut = a->cut,
	    .subject = "Your order",
	};
	memcpy(only->revision, a->revision, DIGEST_SIZE);
	memcpy(only->code, a->code, HOLD_CODE_SIZE);
	answered->n_items = 1;
	answered->items = only;
}

void hold_answered(struct hold *hold, struct hold_answered *answered)
{
	struct hold_answered *a = &fake.answered;

	(void)hold;
	answered->arena = arena_new();
	answered->reviewer = arena_strdup(answered->arena, a->reviewer);
	answered->message_id = a->message_id;
	answered->medium = a->medium;
	answered->digest = a->digest;
	give_items(answered);
	answered->draft = a->draft;
	answered->number = a->number;
	memcpy(answered->revision, a->revision, DIGEST_SIZE);
	memcpy(answered->code, a->code, HOLD_CODE_SIZE);
	answered->kind = a->kind;
	answered->state = a->state;
	answered->cut = a->cut;
	submit(&answered->call, fake.answered_error);
}

void hold_recent(struct hold *hold, struct hold_recent *recent)
{
	size_t i;

	(void)hold;
	recent->arena = arena_new();
	recent->notices = arena_alloc(
	    recent->arena, (fake.n_recent + 1) * sizeof(*recent->notices));
	for (i = 0; i < fake.n_recent; i++) {
		recent->notices[i].reviewer = "anna";
		recent->notices[i].at_ms = clock_now_ms() - fake.recent_age_ms;
	}
	recent->n_notices = fake.n_recent;
	submit(&recent->call, ERROR_NONE);
}

void hold_decide(struct hold *hold, struct hold_decide *decide)
{
	(void)hold;
	fake.n_decided++;
	fake.decided = *decide;
	snprintf(fake.decided_text, sizeof(fake.decided_text), "%s",
	    decide->text == NULL ? "(null)" : decide->text);
	snprintf(fake.decided_answer, sizeof(fake.decided_answer), "%s",
	    decide->answer == NULL ? "(null)" : decide->answer);
	decide->state = fake.decide_state;
	decide->prior = fake.prior;
	decide->missing = fake.decide_missing;
	memcpy(decide->code, fake.answered.code, HOLD_CODE_SIZE);
	submit(&decide->call,
	    fake.decide == NULL ? fake.decide_error : fake.decide(decide));
}

void hold_view(struct hold *hold, struct hold_view *view)
{
	struct hold_call call = view->call;
	int64_t draft = view->draft;
	struct arena *arena;

	(void)hold;
	fake.n_views++;
	if (fake.view_error == ERROR_NONE) {
		arena = arena_new();
		*view = *fake.view(arena);
		view->arena = arena;
		view->call = call;
		view->draft = draft;
	}
	submit(&view->call, fake.view_error);
}

void hold_view_release(struct hold_view *view)
{
	arena_free(view->arena);
	view->arena = NULL;
}

/* RFC 5322: our mail has CRLF and no other CR or LF. */
static void check_lines(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (s.data[i] == '\n')
			assert_true(i > 0 && s.data[i - 1] == '\r');
		if (s.data[i] == '\r')
			assert_true(i + 1 < s.len && s.data[i + 1] == '\n');
	}
}

static struct fake_mail *keep(const struct hold_mail *mail)
{
	struct fake_mail *kept = &fake.mails[fake.n_mails++];

	assert_true(fake.n_mails <= FAKE_MAX);
	check_lines(mail->bytes);
	*kept = (struct fake_mail){.notice = 0};
	snprintf(kept->from, sizeof(kept->from), "%s", mail->from);
	snprintf(kept->to, sizeof(kept->to), "%s", mail->to);
	snprintf(kept->maildir, sizeof(kept->maildir), "%s",
	    mail->maildir == NULL ? "" : mail->maildir);
	kept->bytes = mem_dup(mail->bytes.data, mail->bytes.len);
	return kept;
}

void hold_post(struct hold *hold, struct hold_post *post)
{
	struct fake_mail *kept;

	(void)hold;
	if (fake.post_error == ERROR_NONE) {
		kept = keep(&post->mail);
		snprintf(kept->once, sizeof(kept->once), "%s", post->once);
	}
	submit(&post->call, fake.post_error);
}

int64_t hold_notice_id(struct hold *hold)
{
	(void)hold;
	return ++fake.last_notice;
}

/* The prompt is carried now: it is not due any more. */
static void settle(int64_t prompt)
{
	size_t i, kept = 0;

	for (i = 0; i < fake.n_due; i++)
		if (fake.due[i].prompt != prompt)
			fake.due[kept++] = fake.due[i];
	assert_int_equal(kept + 1, fake.n_due);
	fake.n_due = kept;
}

/* A program has it now. */
static void tell(const struct hold_notice *notice)
{
	struct fake_told *told = &fake.told[fake.n_told++];
	size_t i;

	assert_true(fake.n_told <= FAKE_MAX);
	assert_int_equal(notice->n_items, 1);
	for (i = 0; fake.due[i].prompt != notice->items[0].prompt; i++)
		assert_true(i < fake.n_due);
	*told =
	    (struct fake_told){.notice = notice->notice, .prompt = fake.due[i]};
	snprintf(told->medium, sizeof(told->medium), "%s", notice->medium);
}

void hold_notice(struct hold *hold, struct hold_notice *notice)
{
	struct fake_mail *kept;
	size_t i;

	(void)hold;
	if (notice->medium != NULL) {
		if (fake.notice_error == ERROR_NONE)
			tell(notice);
		submit(&notice->call, fake.notice_error);
		return;
	}
	assert_true(notice->n_items > 0 && notice->n_items < FAKE_MAX);
	for (i = 0; i < notice->n_items; i++)
		if (fake.notice_error == ERROR_NONE ||
		    fake.notice_error == ERROR_CONFLICT)
			settle(notice->items[i].prompt);
	if (fake.notice_error == ERROR_NONE) {
		kept = keep(&notice->mail);
		kept->notice = notice->notice;
		kept->digest = notice->digest;
		kept->n_items = notice->n_items;
		memcpy(kept->items, notice->items,
		    notice->n_items * sizeof(*notice->items));
		snprintf(kept->reviewer, sizeof(kept->reviewer), "%s",
		    notice->reviewer);
		snprintf(kept->message_id, sizeof(kept->message_id), "%s",
		    notice->message_id);
	}
	submit(&notice->call, fake.notice_error);
}

void hold_due(struct hold *hold, struct hold_due *due)
{
	size_t i;

	(void)hold;
	fake.n_dues++;
	due->arena = arena_new();
	due->n_prompts = 0;
	due->next_ms = fake.next_wake_ms;
	due->prompts =
	    arena_alloc(due->arena, sizeof(fake.due[0]) * (fake.n_due + 1));
	for (i = 0; i < fake.n_due && due->n_prompts < due->limit; i++)
		if (fake.due_error == ERROR_NONE &&
		    strcmp(fake.due[i].reviewer, due->reviewer) == 0)
			due->prompts[due->n_prompts++] = fake.due[i];
	submit(&due->call, fake.due_error);
}

static struct fake_told *told_of(const char *medium, int64_t prompt)
{
	size_t i;

	for (i = 0; i < fake.n_told; i++)
		if (strcmp(fake.told[i].medium, medium) == 0 &&
		    fake.told[i].prompt.prompt == prompt)
			return &fake.told[i];
	return NULL;
}

static void add_untold(struct hold_untold *untold, int64_t notice, bool over,
    const struct hold_due_prompt *prompt)
{
	if (untold->n_rows < untold->limit)
		untold->rows[untold->n_rows++] = (struct hold_untold_row){
		    .notice = notice, .over = over, .prompt = *prompt};
}

static void find_untold(struct hold_untold *untold)
{
	const struct fake_told *t;
	size_t i, k;

	for (i = 0; i < fake.n_told; i++) {
		t = &fake.told[i];
		if (strcmp(t->medium, untold->medium) == 0 &&
		    t->heard < (t->over ? 2 : 1))
			add_untold(untold, t->notice, t->over, &t->prompt);
	}
	for (i = 0; i < fake.n_due; i++)
		for (k = 0; k < untold->n_reviewers; k++)
			if (strcmp(fake.due[i].reviewer,
				untold->reviewers[k]) == 0 &&
			    told_of(untold->medium, fake.due[i].prompt) == NULL)
				add_untold(untold, 0, false, &fake.due[i]);
}

void hold_untold(struct hold *hold, struct hold_untold *untold)
{
	(void)hold;
	fake.n_untolds++;
	untold->arena = arena_new();
	untold->rows = arena_alloc(
	    untold->arena, (untold->limit + 1) * sizeof(*untold->rows));
	untold->n_rows = 0;
	if (fake.untold_error == ERROR_NONE)
		find_untold(untold);
	submit(&untold->call, fake.untold_error);
}

void hold_heard(struct hold *hold, struct hold_heard *heard)
{
	size_t i;

	(void)hold;
	for (i = 0; i < fake.n_told && fake.heard_error == ERROR_NONE; i++)
		if (fake.told[i].notice == heard->notice) {
			fake.told[i].heard = heard->over ? 2 : 1;
			fake.told[i].alone = heard->alone;
		}
	submit(&heard->call, fake.heard_error);
}

void hold_lapse(struct hold *hold, struct hold_lapse *lapse)
{
	(void)hold;
	lapse->n_drafts = fake.lapsing;
	lapse->next_ms = fake.lapse_ms;
	fake.jump_ms += lapse->jump_ms;
	fake.lapsing = 0;
	submit(&lapse->call, fake.lapse_error);
}

void hold_overdue(struct hold *hold, struct hold_overdue *overdue)
{
	size_t i;

	(void)hold;
	fake.n_overdues++;
	overdue->arena = arena_new();
	overdue->drafts = arena_alloc(
	    overdue->arena, (fake.n_late + 1) * sizeof(*overdue->drafts));
	overdue->n_drafts = 0;
	overdue->next_ms = 0;
	for (i = 0; i < fake.n_late && fake.overdue_error == ERROR_NONE; i++) {
		const struct fake_late *late = &fake.late[i];

		if (late->due_ms <= overdue->now_ms &&
		    overdue->n_drafts < overdue->limit)
			overdue->drafts[overdue->n_drafts++] = late->draft;
		else if (overdue->next_ms == 0 ||
			 late->due_ms < overdue->next_ms)
			overdue->next_ms = late->due_ms;
	}
	submit(&overdue->call, fake.overdue_error);
}

/* The draft's ladder goes on, or has ended. */
static void step_on(const struct hold_step *step)
{
	size_t i;

	for (i = 0; i < fake.n_late; i++)
		if (fake.late[i].draft.draft == step->draft)
			break;
	assert_true(i < fake.n_late);
	assert_int_equal(fake.late[i].draft.step, step->step);
	if (step->next_ms != 0) {
		fake.late[i].draft.step++;
		fake.late[i].due_ms = step->next_ms;
		return;
	}
	fake.n_late--;
	memmove(&fake.late[i], &fake.late[i + 1],
	    (fake.n_late - i) * sizeof(fake.late[0]));
}

void hold_step(struct hold *hold, struct hold_step *step)
{
	struct fake_step *kept;

	(void)hold;
	step->state = step->final;
	if (fake.step_error == ERROR_NONE) {
		assert_true(fake.n_steps < FAKE_MAX * 4);
		kept = &fake.steps[fake.n_steps++];
		*kept = (struct fake_step){.draft = step->draft,
		    .next_ms = step->next_ms,
		    .step = step->step,
		    .remind = step->remind,
		    .final = step->final};
		snprintf(kept->ask, sizeof(kept->ask), "%s",
		    step->ask == NULL ? "" : step->ask);
		snprintf(kept->text, sizeof(kept->text), "%s", step->text);
	}
	if (fake.step_error == ERROR_NONE || fake.step_error == ERROR_CONFLICT)
		step_on(step);
	submit(&step->call, fake.step_error);
}
