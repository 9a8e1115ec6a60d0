/*
 * deliver: the attempt, step by step; each step is one function and names the
 * next.  How a mail is carried is parcel.c's, what a result means for the
 * draft's state is the ledger's.
 */
#include "send/deliver.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "send/internal.h"
#include "send/parcel.h"
#include "send/relay.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define AGAIN_S 5 /* after trouble with the ledger */

/* One attempt. */
struct attempt {
	LIST_ENTRY(attempt) link;
	struct deliver *deliver; /* NULL: the room is gone */
	struct hold_claim claim;
	struct hold_load load;
	struct send_signing signing;
	struct hold_dot dot;
	struct hold_settle settle;
	struct parcel parcel;
	struct event *timer; /* settles again */
};

struct deliver {
	struct send *send;
	LIST_HEAD(, attempt) attempts;
	unsigned n_attempts; /* the one that claims is among them */
	bool claiming, kicked;
	struct event *timer;
};

static void claim_next(struct deliver *d);

static struct attempt *attempt_of(void *member, size_t offset)
{
	return (void *)((char *)member - offset);
}

#define ATTEMPT(member, pointer)                                               \
	attempt_of(pointer, offsetof(struct attempt, member))

/* ---- the end of an attempt ---------------------------------------------- */

static void attempt_free(struct attempt *a)
{
	if (a->deliver != NULL) {
		LIST_REMOVE(a, link);
		a->deliver->n_attempts--;
	}
	if (a->timer != NULL)
		event_free(a->timer);
	arena_free(a->claim.arena);
	free(a->load.bytes);
	free(a);
}

static void attempt_end(struct attempt *a)
{
	struct deliver *d = a->deliver;

	attempt_free(a);
	if (d == NULL)
		return;
	d->kicked = true; /* also to learn when it is due again */
	claim_next(d);
	send_ended(d->send);
}

static void settle_again(evutil_socket_t fd, short what, void *context)
{
	struct attempt *a = context;

	(void)fd;
	(void)what;
	hold_settle(a->deliver->send->hold, &a->settle);
}

/* What came of it must not be lost while there is hope to write it. */
static void on_unsettled(struct attempt *a)
{
	const struct error *err = &a->settle.call.error;
	const struct timeval soon = {AGAIN_S, 0};

	log_error("draft %" PRId64 " unsettled attempt=%" PRId64
		  " reason=\"%s\"",
	    a->claim.draft, a->claim.attempt, err->text);
	if (a->deliver == NULL || a->deliver->send->stopping ||
	    (err->kind != ERROR_BUSY && err->kind != ERROR_FULL)) {
		attempt_end(a);
		return;
	}
	if (a->timer == NULL)
		a->timer = evtimer_new(a->deliver->send->base, settle_again, a);
	evtimer_add(a->timer, &soon);
}

static void on_settled(struct hold_call *call)
{
	struct attempt *a = ATTEMPT(settle.call, call);
	const struct hold_target *t = a->claim.targets;
	const struct send_hooks *hooks;

	if (call->error.kind != ERROR_NONE) {
		on_unsettled(a);
		return;
	}
	log_info("draft %" PRId64 " %s attempt=%" PRId64
		 " recipients=%zu first=\"%s\"",
	    a->claim.draft,
	    a->settle.state == HOLD_APPROVED ? "deferred"
					     : hold_state_name(a->settle.state),
	    a->claim.attempt, a->claim.n_targets,
	    a->claim.n_targets == 0 || t->answer == NULL ? "" : t->answer);
	if (a->deliver != NULL) {
		hooks = &a->deliver->send->hooks;
		hooks->settled(a->claim.draft, a->settle.state, hooks->context);
	}
	attempt_end(a);
}

/* A retry after a stop is due at the next start. */
static int64_t again_ms(const struct attempt *a)
{
	const struct send *send = a->deliver->send;
	int64_t now = clock_now_ms(), ms;

	if (send->stopping)
		return now;
	ms = parcel_again_ms(&send->config->relay, a->claim.tries);
	if (send->relay != NULL && ms < now + relay_pause_ms(send->relay))
		ms = now + relay_pause_ms(send->relay);
	return ms;
}

static void settle(struct attempt *a)
{
	free(a->load.bytes); /* large, and not needed any more */
	a->load.bytes = NULL;
	a->settle.call.done = on_settled;
	a->settle.draft = a->claim.draft;
	a->settle.attempt = a->claim.attempt;
	a->settle.targets = a->claim.targets;
	a->settle.n_targets = a->claim.n_targets;
	a->settle.again_ms = again_ms(a);
	hold_settle(a->deliver->send->hold, &a->settle);
}

static void settle_all(
    struct attempt *a, enum hold_result result, const char *answer)
{
	parcel_results(&a->parcel, result, answer);
	settle(a);
}

/* ---- the dot ------------------------------------------------------------ */

static void note_maildir(struct send *send, const struct parcel *parcel)
{
	const struct hold_target *t = parcel->targets;

	if (parcel->maildir == NULL || parcel->n_targets == 0)
		return;
	snprintf(send->maildir_trouble, sizeof(send->maildir_trouble), "%s",
	    t->result == HOLD_RESULT_SENT || t->answer == NULL ? ""
							       : t->answer);
}

static void on_carried(struct parcel *parcel)
{
	struct attempt *a = ATTEMPT(parcel, parcel);

	if (a->deliver == NULL) { /* the ledger may be gone too */
		attempt_free(a);
		return;
	}
	if (a->dot.call.error.kind != ERROR_NONE)
		parcel_results(
		    parcel, HOLD_RESULT_PENDING, a->dot.call.error.text);
	note_maildir(a->deliver->send, parcel);
	settle(a);
}

/* From here on an answer that is not read leaves it in doubt. */
static void on_dot(struct hold_call *call)
{
	struct attempt *a = ATTEMPT(dot.call, call);

	if (a->deliver == NULL) {
		parcel_drop(&a->parcel);
		attempt_free(a);
		return;
	}
	if (call->error.kind != ERROR_NONE)
		log_notice("draft %" PRId64 " held-back attempt=%" PRId64
			   " reason=\"%s\"",
		    a->claim.draft, a->claim.attempt, call->error.text);
	if (call->error.kind != ERROR_NONE || a->deliver->send->stopping)
		parcel_abandon(&a->parcel);
	else
		parcel_go(&a->parcel);
}

static void on_ready(struct parcel *parcel)
{
	struct attempt *a = ATTEMPT(parcel, parcel);

	if (a->deliver == NULL) {
		parcel_drop(parcel);
		attempt_free(a);
		return;
	}
	if (a->deliver->send->stopping) {
		parcel_abandon(parcel);
		return;
	}
	a->dot.call.done = on_dot;
	a->dot.draft = a->claim.draft;
	a->dot.attempt = a->claim.attempt;
	hold_dot(a->deliver->send->hold, &a->dot);
}

/* ---- claim and load ----------------------------------------------------- */

static void carry(struct attempt *a)
{
	a->parcel.bytes = (struct span){a->load.bytes, a->load.size};
	a->parcel.ready = on_ready;
	a->parcel.done = on_carried;
	parcel_start(a->deliver->send, &a->parcel);
}

/* What was approved, byte for byte, under the signature. */
static void put_in_front(struct attempt *a, struct span field)
{
	char *bytes;

	if (field.len == 0)
		return;
	bytes = mem_grow(NULL, field.len + a->load.size, 1);
	memcpy(bytes, field.data, field.len);
	memcpy(bytes + field.len, a->load.bytes, a->load.size);
	a->dot.front = (struct span){bytes, field.len};
	free(a->load.bytes);
	a->load.bytes = bytes;
	a->load.size += field.len;
}

static void on_signed(struct send_signing *signing)
{
	struct attempt *a = ATTEMPT(signing, signing);

	if (a->deliver == NULL) {
		attempt_free(a);
	} else if (signing->error.kind != ERROR_NONE) {
		log_warning("draft %" PRId64 " not-signed attempt=%" PRId64
			    " reason=\"%s\"",
		    a->claim.draft, a->claim.attempt, signing->error.text);
		settle_all(a, HOLD_RESULT_PENDING,
		    arena_printf(
			a->claim.arena, "not signed: %s", signing->error.text));
	} else if (a->deliver->send->stopping) {
		settle_all(a, HOLD_RESULT_PENDING, SEND_STOPPING);
	} else {
		put_in_front(a, signing->field);
		carry(a);
	}
}

static void sign(struct attempt *a)
{
	const struct send_hooks *hooks = &a->deliver->send->hooks;

	if (hooks->sign == NULL) {
		carry(a);
		return;
	}
	a->signing.draft = a->claim.draft;
	a->signing.revision = a->claim.revision;
	a->signing.bytes = (struct span){a->load.bytes, a->load.size};
	a->signing.done = on_signed;
	hooks->sign(&a->signing, hooks->context);
}

/*
 * Bytes that are not what was approved never leave; a person must look.  What
 * may pass is tried again.
 */
static void on_loaded(struct hold_call *call)
{
	struct attempt *a = ATTEMPT(load.call, call);

	if (a->deliver == NULL) {
		attempt_free(a);
	} else if (call->error.kind == ERROR_BUSY ||
		   call->error.kind == ERROR_FULL) {
		settle_all(a, HOLD_RESULT_PENDING, call->error.text);
	} else if (call->error.kind != ERROR_NONE ||
		   memcmp(a->load.sha256, a->claim.sha256, DIGEST_SIZE) != 0) {
		log_error("draft %" PRId64 " damaged attempt=%" PRId64
			  " reason=\"%s\"",
		    a->claim.draft, a->claim.attempt, call->error.text);
		settle_all(a, HOLD_RESULT_FAILED,
		    "5.6.0 the stored mail is not what was approved");
	} else if (a->deliver->send->stopping) {
		settle_all(a, HOLD_RESULT_PENDING, SEND_STOPPING);
	} else {
		sign(a);
	}
}

static void load(struct attempt *a)
{
	struct send *send = a->deliver->send;

	a->parcel.envelope = a->claim.envelope;
	a->parcel.targets = a->claim.targets;
	a->parcel.n_targets = a->claim.n_targets;
	a->parcel.arena = a->claim.arena;
	a->parcel.maildir = send->config->relay.maildir;
	a->load.call.done = on_loaded;
	a->load.draft = a->claim.draft;
	a->load.revision = a->claim.revision;
	hold_load(send->hold, &a->load);
}

/* Who may decide is to hear of it. */
static void tell_put_back(const struct attempt *a)
{
	const struct send_hooks *hooks = &a->deliver->send->hooks;
	int64_t draft;
	size_t i;

	if (a->claim.call.error.kind != ERROR_NONE)
		return;
	for (i = 0; i < a->claim.n_put_back; i++) {
		draft = a->claim.put_back[i];
		log_notice("draft %" PRId64 " held again: it may not leave "
			   "any more as it was approved",
		    draft);
		hooks->settled(draft, HOLD_HELD, hooks->context);
	}
}

static void on_nothing_due(struct deliver *d, struct attempt *a)
{
	int64_t next_ms = a->claim.next_ms;

	if (a->claim.call.error.kind != ERROR_NONE) {
		log_warning("send claim-failed reason=\"%s\"",
		    a->claim.call.error.text);
		next_ms = clock_now_ms() + AGAIN_S * 1000;
	}
	attempt_free(a);
	if (d->kicked)
		claim_next(d);
	else
		send_wake_at(d->timer, next_ms);
	send_ended(d->send);
}

static void on_claimed(struct hold_call *call)
{
	struct attempt *a = ATTEMPT(claim.call, call);
	struct deliver *d = a->deliver;

	if (d == NULL) {
		attempt_free(a);
		return;
	}
	d->claiming = false;
	tell_put_back(a);
	if (call->error.kind != ERROR_NONE || a->claim.draft == 0) {
		on_nothing_due(d, a);
		return;
	}
	load(a);
	d->kicked = true; /* there may be more */
	claim_next(d);
}

/* Is it worth to claim one?  Else set the timer if that helps. */
static bool may_claim(struct deliver *d)
{
	const struct send *send = d->send;
	int64_t pause_ms =
	    send->relay == NULL ? 0 : relay_pause_ms(send->relay);

	if (d->claiming || !d->kicked || send->stopping ||
	    d->n_attempts >= send->config->relay.connections)
		return false;
	if (pause_ms > 0)
		send_wake_at(d->timer, clock_now_ms() + pause_ms);
	return pause_ms == 0;
}

static void claim_next(struct deliver *d)
{
	struct attempt *a;

	if (!may_claim(d))
		return;
	a = mem_zalloc(sizeof(*a));
	a->deliver = d;
	LIST_INSERT_HEAD(&d->attempts, a, link);
	d->n_attempts++;
	d->claiming = true;
	d->kicked = false;
	a->claim.call.done = on_claimed;
	hold_claim(d->send->hold, &a->claim);
}

/* ---- life --------------------------------------------------------------- */

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	deliver_kick(context);
}

struct deliver *deliver_new(struct send *send)
{
	struct deliver *d = mem_zalloc(sizeof(*d));

	d->send = send;
	LIST_INIT(&d->attempts);
	d->timer = evtimer_new(send->base, on_timer, d);
	return d;
}

void deliver_kick(struct deliver *deliver)
{
	deliver->kicked = true;
	claim_next(deliver);
}

bool deliver_is_busy(const struct deliver *deliver)
{
	return deliver->n_attempts > 0;
}

void deliver_free(struct deliver *deliver)
{
	struct attempt *a, *next;

	if (deliver == NULL)
		return;
	for (a = LIST_FIRST(&deliver->attempts); a != NULL; a = next) {
		next = LIST_NEXT(a, link);
		a->deliver = NULL;
		if (a->timer != NULL && evtimer_pending(a->timer, NULL))
			attempt_free(a);
	}
	event_free(deliver->timer);
	free(deliver);
}
