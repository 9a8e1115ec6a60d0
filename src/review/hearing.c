/*
 * hearing: life of an answer and its endings.  What the steps between are is
 * left to mail.c, what a receipt says to receipt.c.
 */
#include "review/hearing.h"

#include "review/brief.h"
#include "review/letter.h"
#include "review/many.h"

#include "util/clock.h"
#include "util/digest.h"
#include "util/log.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void release(struct hearing *h)
{
	if (h->viewed)
		hold_view_release(&h->view);
	arena_free(h->answered.arena);
	arena_free(h->arena);
	config_unref(h->config);
	free(h);
}

static void unlink_it(struct hearing *h)
{
	*h->link = h->next;
	if (h->next != NULL)
		h->next->link = h->link;
}

struct hearing *hearing_new(struct review *review, struct review_answer *answer)
{
	struct hearing *h = mem_zalloc(sizeof(*h));

	h->review = review;
	h->answer = answer;
	h->config = config_ref(review->config);
	h->arena = arena_new();
	h->link = &review->hearings;
	h->next = review->hearings;
	if (h->next != NULL)
		h->next->link = &h->next;
	review->hearings = h;
	return h;
}

void hearing_begin(struct hearing *h)
{
	if (h->answered.n_items != 1)
		return;
	h->item = h->answered.items[0];
	h->state = h->item.state;
}

void hearing_end(struct hearing *h)
{
	struct review_answer *answer = h->answer;
	struct review *review = h->review;
	int64_t draft = h->item.draft;
	enum hold_state state = h->state;
	bool moved = state != 0 || h->told; /* or there is a receipt */

	answer->error = h->error;
	unlink_it(h);
	release(h);
	if (moved)
		review_moved(review, draft, state);
	answer->done(answer);
}

void hearing_fail(struct hearing *h, const struct error *err)
{
	if (h->many != NULL && !h->told) {
		many_fail(h, err);
		return;
	}
	h->answer->ok = h->answer->silent = false;
	free(h->answer->text);
	h->answer->text = NULL;
	h->error = *err;
	if (err->kind != ERROR_INTERNAL)
		h->error.kind = ERROR_BUSY;
	log_warning("notice %" PRId64 " answer-failed kind=%s reason=\"%s\"",
	    h->answer->notice, error_kind_name(err->kind), err->text);
	hearing_end(h);
}

void hearing_forget(struct review *review)
{
	struct hearing *h;
	struct review_answer *answer;

	while ((h = review->hearings) != NULL) {
		unlink_it(h);
		answer = h->answer;
		h->answer = NULL;
		h->review = NULL;
		error_set(&answer->error, ERROR_BUSY, "stopping");
		answer->done(answer);
	}
}

bool hearing_gone(struct hearing *h)
{
	if (h->review != NULL)
		return false;
	if (h->posts == 0)
		release(h);
	return true;
}

static void on_posted(const struct error *err, void *context)
{
	struct hearing *h = context;
	struct error first;

	h->posts--;
	if (hearing_gone(h))
		return;
	if (err->kind != ERROR_NONE)
		h->error = *err;
	if (h->posts > 0)
		return;
	if (!h->told) {
		many_go_on(h);
		return;
	}
	first = h->error;
	if (first.kind == ERROR_NONE || first.kind == ERROR_DENIED)
		hearing_end(h);
	else
		hearing_fail(h, &first);
}

void hearing_post(struct hearing *h, const struct config_reviewer *to,
    struct span bytes, const char *once)
{
	const struct review_post post = {
	    .to = to,
	    .bytes = bytes,
	    .once = once,
	    .done = on_posted,
	    .context = h,
	};

	h->posts++;
	review_post(h->review, &post);
}

/* By what its own signature says, as far as there is one that holds. */
static bool is_proven(const struct hearing *h)
{
	return h->answer->level >= REVIEW_LEVEL_ALIGNED &&
	       h->answer->reply->origin.once != NULL;
}

static bool is_known(const struct hearing *h)
{
	const struct review_said *said = h->answer->said;

	if (said != NULL)
		return said->once != NULL;
	return h->answer->reply->message_id != NULL || is_proven(h);
}

const char *hearing_once(const struct hearing *h, const char *what)
{
	const struct reading_reply *reply = h->answer->reply;
	unsigned char hash[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE];
	const char *name = reply->message_id;
	int64_t notice = h->answer->notice;

	if (h->answer->move != NULL) {
		name = h->answer->move->once;
	} else if (h->answer->said != NULL && h->answer->said->once != NULL) {
		name = arena_printf(
		    h->arena, "%s\n%s", h->medium, h->answer->said->once);
		notice = 0; /* asked again meanwhile, it has another */
	} else if (is_proven(h)) {
		/* who brings a copy may give it another id, but that is not
		 * proven */
		name = reply->origin.once;
	} else if (name == NULL) {
		name = arena_printf(h->arena, "%s\n%s",
		    reply->line == NULL ? "" : reply->line,
		    reply->words == NULL ? "" : reply->words);
	}
	digest_of(name, strlen(name), hash);
	digest_hex(hash, 16, hex);
	return arena_printf(h->arena, "%s %" PRId64 " %s", what, notice, hex);
}

bool hearing_by_chat(const struct hearing *h)
{
	const struct review_answer *answer = h->answer;

	return answer->said != NULL && answer->move == NULL &&
	       config_chat(h->config, answer->said->medium) != NULL;
}

const struct channel *hearing_channel(const struct hearing *h)
{
	if (!h->viewed || h->view.channel == NULL)
		return NULL;
	return config_channel(h->config, h->view.channel);
}

const char *hearing_answer(const struct hearing *h)
{
	return is_known(h) ? hearing_once(h, "answer") : NULL;
}

struct receipt hearing_receipt(const struct hearing *h, enum receipt_kind kind)
{
	const struct reading_reply *reply = h->answer->reply;

	return (struct receipt){
	    .kind = kind,
	    .config = h->config,
	    .reviewer = h->reviewer,
	    .reply_to = h->reply_to,
	    .draft = h->item.draft,
	    .number = h->item.number,
	    .code = h->item.code,
	    .prompt = h->item.kind,
	    .state = h->state,
	    .cut = h->item.cut,
	    .needs_reason = h->viewed && h->view.needs_reason,
	    .channel = hearing_channel(h),
	    .notice = h->answered.message_id,
	    .answers = reply->message_id,
	    .subject = reply->subject,
	    .at_ms = clock_now_ms(),
	    .by_program = h->answer->said != NULL,
	    .by_chat = hearing_by_chat(h),
	    .move = h->answer->move,
	};
}

/* Of many drafts: was something done, or was all of it heard before? */
static void sum_up(struct review_answer *answer, const struct receipt *receipt)
{
	const struct receipt *one;
	size_t i, n = 0, again = 0;

	for (i = 0; i < receipt->n_items; i++) {
		one = receipt->items[i].outcome;
		if (one == NULL)
			continue;
		n++;
		answer->ok = answer->ok || receipt_done(one->kind);
		again += one->prior != NULL && one->prior->again;
	}
	if (n > 0 && again == n)
		answer->ok = answer->silent = true;
}

/* What a program is told instead. */
static void tell(struct hearing *h, const struct receipt *receipt)
{
	const char *text = receipt->by_chat ? brief_text(receipt, h->arena)
					    : receipt_text(receipt, h->arena);

	h->answer->ok = receipt_done(receipt->kind);
	if (receipt->kind == RECEIPT_MANY)
		sum_up(h->answer, receipt);
	if (!h->answer->silent)
		h->answer->text = mem_strdup(text == NULL ? "" : text);
	if (h->posts == 0)
		hearing_end(h); /* else with the last of its mails */
}

static void send_receipt(
    struct hearing *h, const struct receipt *receipt, const char *once)
{
	struct error err = ERROR_INIT;
	struct buf bytes;

	if (h->many != NULL) {
		many_take(h, receipt);
		return;
	}
	h->told = true;
	if (h->answer->said != NULL && h->answer->move == NULL) {
		tell(h, receipt);
		return;
	}
	h->answer->ok = receipt_done(receipt->kind);
	buf_init(&bytes, LETTER_MAX);
	if (receipt_write(receipt, h->arena, &bytes)) {
		error_set(&err, ERROR_INTERNAL, "a receipt grew too long");
		hearing_fail(h, &err);
	} else {
		hearing_post(h, h->reviewer, buf_span(&bytes), once);
	}
	buf_release(&bytes);
}

void hearing_finish_with(struct hearing *h, const struct receipt *receipt)
{
	/* the same answer again may come to something else: too late */
	send_receipt(h, receipt,
	    hearing_once(
		h, arena_printf(h->arena, "receipt %d", (int)receipt->kind)));
}

void hearing_finish(struct hearing *h, enum receipt_kind kind, const char *text)
{
	struct receipt receipt = hearing_receipt(h, kind);

	receipt.text = text;
	hearing_finish_with(h, &receipt);
}

void hearing_finish_seldom_with(
    struct hearing *h, const struct receipt *receipt)
{
	struct review_person *person = review_person(h->review, h->reviewer);
	int64_t now = clock_mono_ms();
	int64_t gap = (int64_t)h->config->review.help_s * 1000;

	if (h->answer->said == NULL && person->helped &&
	    now - person->help_ms < gap) {
		log_info("notice %" PRId64 " help-withheld reviewer=%s",
		    h->answer->notice, h->reviewer->name);
		hearing_end(h);
		return;
	}
	person->helped = true;
	person->help_ms = now;
	hearing_finish_with(h, receipt);
}

void hearing_finish_seldom(
    struct hearing *h, enum receipt_kind kind, const char *text)
{
	struct receipt receipt = hearing_receipt(h, kind);

	receipt.text = text;
	hearing_finish_seldom_with(h, &receipt);
}

void hearing_finish_about_other(
    struct hearing *h, enum receipt_kind kind, const char *text)
{
	struct receipt receipt = hearing_receipt(h, kind);
	const char *what = kind == RECEIPT_STRANGER ? "stranger" : "unbelieved";

	receipt.text = text;
	receipt.answers = NULL;
	receipt.subject = NULL;
	send_receipt(h, &receipt,
	    arena_printf(h->arena, "%s %" PRId64, what, h->answer->notice));
}

void hearing_finish_too_late(
    struct hearing *h, enum hold_verb verb, const struct hold_prior *prior)
{
	struct receipt receipt = hearing_receipt(h, RECEIPT_TOO_LATE);

	if (h->answer->said != NULL && prior->again && h->many == NULL) {
		h->answer->ok = h->answer->silent = true;
		hearing_end(h);
		return;
	}
	if (h->answer->move != NULL && prior->verb == verb &&
	    strcmp(prior->actor, h->reviewer->name) == 0 &&
	    strcmp(prior->medium, h->medium) == 0) {
		/* the same move: we ended before its mail was put away */
		h->answer->ok = true;
		hearing_end(h);
		return;
	}
	receipt.verb = verb;
	receipt.prior = prior;
	hearing_finish_with(h, &receipt);
}

void hearing_finish_error(
    struct hearing *h, const struct error *err, enum receipt_kind kind)
{
	switch (err->kind) {
	case ERROR_DENIED:
	case ERROR_MISSING:
	case ERROR_INVALID:
		hearing_finish(h, kind, err->text);
		return;
	default:
		hearing_fail(h, err);
	}
}
