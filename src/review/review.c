/*
 * review: the door: life of the room, reply addresses, and the one way by
 * which its mail gets into the outbox.  Notices are pass.c's, answers are
 * mail.c's, the HTTP API is api.c's.
 */
#include "review/review.h"

#include "review/hearing.h"
#include "review/internal.h"
#include "review/ladder.h"
#include "review/mail.h"
#include "review/media.h"
#include "review/pass.h"
#include "review/said.h"

#include "message.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <event2/event.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	review_kick(context);
}

/* ---- what the life before this one sent ---- */

#define HOUR_MS ((int64_t)3600000)

struct memory {
	struct hold_recent recent;
	struct review *review; /* NULL: the room has gone */
};

/* Read before the first prompts are: calls that read keep their order. */
static void on_recent(struct hold_call *call)
{
	struct memory *memory = (struct memory *)(void *)call;
	const struct hold_recent *r = &memory->recent;
	struct review *review = memory->review;
	const struct config_reviewer *who;
	size_t i;

	if (call->error.kind != ERROR_NONE && review != NULL)
		log_warning(
		    "review memory-failed reason=\"%s\"", call->error.text);
	for (i = 0; review != NULL && i < r->n_notices; i++) {
		who = config_reviewer(review->config, r->notices[i].reviewer);
		if (who != NULL)
			rate_add_past(&review_person(review, who)->notices,
			    clock_mono_ms(),
			    clock_now_ms() - r->notices[i].at_ms);
	}
	if (review != NULL)
		review->memory = NULL;
	arena_free(memory->recent.arena);
	free(memory);
}

static void remember(struct review *review)
{
	struct memory *memory = mem_zalloc(sizeof(*memory));

	review->memory = memory;
	memory->review = review;
	memory->recent.call.done = on_recent;
	memory->recent.since_ms = clock_now_ms() - HOUR_MS;
	hold_recent(review->hold, &memory->recent);
}

static struct review_person *people_new(const struct config *config)
{
	return mem_zalloc(
	    (config->n_reviewers + 1) * sizeof(struct review_person));
}

struct review *review_new(struct event_base *base, const struct config *config,
    struct hold *hold, const struct review_hooks *hooks)
{
	struct review *review = mem_zalloc(sizeof(*review));

	review->base = base;
	review->config = config_ref(config);
	review->hold = hold;
	review->hooks = *hooks;
	review->key = hold_token_key(hold);
	review->people = people_new(config);
	review->timer = evtimer_new(base, on_timer, review);
	remember(review);
	review->ladder = ladder_new(review, NULL);
	review->media = media_new(review, NULL);
	return review;
}

void review_reload(struct review *review, const struct config *config)
{
	struct media *media = review->media;
	struct review_person *people = people_new(config);
	const struct config_reviewer *old;
	size_t i;

	for (i = 0; i < config->n_reviewers; i++) {
		old =
		    config_reviewer(review->config, config->reviewers[i].name);
		if (old != NULL)
			people[i] = *review_person(review, old);
	}
	free(review->people);
	review->people = people;
	config_unref(review->config);
	review->config = config_ref(config);
	review->media = media_new(review, media);
	media_free(media);
	/* a round with the old reviewers ends by itself, and changes nothing
	 * that a new one would not find */
	pass_forget(review);
	review_kick(review);
}

void review_free(struct review *review)
{
	if (review == NULL)
		return;
	ladder_forget(review->ladder);
	media_free(review->media);
	pass_forget(review);
	if (review->memory != NULL)
		review->memory->review = NULL;
	hearing_forget(review);
	event_free(review->timer);
	free(review->people);
	config_unref(review->config);
	free(review);
}

void review_kick(struct review *review)
{
	ladder_kick(review->ladder);
	media_kick(review->media);
	if (review->pass != NULL)
		review->again = true;
	else
		pass_start(review);
}

enum review_address review_address(
    const struct review *review, const char *address, int64_t *notice)
{
	const char *domain = message_domain(address);

	if (!message_same_address(domain, review->config->review.domain))
		return REVIEW_NOT_OURS;
	switch (token_read(
	    review->key, address, (size_t)(domain - address) - 1, notice)) {
	case TOKEN_GOOD:
		return REVIEW_NOTICE;
	case TOKEN_FORGED:
		return REVIEW_FORGED;
	case TOKEN_NONE:
		break;
	}
	return REVIEW_NOT_OURS;
}

void review_answer(struct review *review, struct review_answer *answer)
{
	if (answer->said != NULL)
		said_hear(review, answer);
	else
		mail_hear(review, answer);
}

void review_medium(
    struct review *review, const char *medium, enum review_medium what)
{
	media_changed(review->media, medium, what);
}

bool review_medium_up(const struct review *review, const char *medium)
{
	return media_is_up(review->media, medium);
}

bool review_medium_heard(
    struct review *review, const char *medium, int64_t notice, bool over)
{
	return media_heard(review->media, medium, notice, over);
}

struct review_person *review_person(
    struct review *review, const struct config_reviewer *reviewer)
{
	const struct config *config = review->config;
	const struct config_reviewer *now;

	now = config_reviewer(config, reviewer->name);
	return &review->people[now == NULL ? config->n_reviewers
					   : (size_t)(now - config->reviewers)];
}

const char *review_reply_to(
    const struct review *review, int64_t notice, char *out)
{
	char local[TOKEN_SIZE];

	snprintf(out, REVIEW_ADDRESS_SIZE, "%s@%s",
	    token_make(review->key, notice, local),
	    review->config->review.domain);
	return out;
}

void review_moved(
    const struct review *review, int64_t draft, enum hold_state state)
{
	review->hooks.moved(draft, state, review->hooks.context);
}

/* ---- the outbox ---- */

struct posting {
	struct hold_post call;
	char *bytes, *once;
	void (*done)(const struct error *err, void *context);
	void *context;
};

static void on_posted(struct hold_call *call)
{
	struct posting *posting =
	    (struct posting *)(void *)((char *)call -
				       offsetof(struct posting, call));

	if (call->error.kind != ERROR_NONE)
		log_warning("outbox put-failed once=\"%s\" reason=\"%s\"",
		    posting->once, call->error.text);
	if (posting->done != NULL)
		posting->done(&call->error, posting->context);
	free(posting->bytes);
	free(posting->once);
	free(posting);
}

void review_post(struct review *review, const struct review_post *post)
{
	struct posting *posting = mem_zalloc(sizeof(*posting));

	posting->bytes = mem_dup(post->bytes.data, post->bytes.len);
	posting->once = mem_strdup(post->once);
	posting->done = post->done;
	posting->context = post->context;
	posting->call.call.done = on_posted;
	posting->call.once = posting->once;
	posting->call.mail.from = "";
	posting->call.mail.to = post->to->address;
	posting->call.mail.maildir = post->to->maildir;
	posting->call.mail.bytes =
	    (struct span){posting->bytes, post->bytes.len};
	hold_post(review->hold, &posting->call);
}
