/*
 * outbox: takes system mail from the ledger and writes back what came of it.
 * It needs no record of the dot.
 */
#include "send/outbox.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "send/clean.h"
#include "send/internal.h"
#include "send/parcel.h"
#include "send/relay.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define AGAIN_S	  5  /* after trouble with the ledger */
#define AT_A_TIME 32 /* the relay's connections are a limit of their own */

/* RFC 3463 X.4.7: delivery time expired. */
#define EXPIRED "4.4.7 tried for too long"

/* One mail under way. */
struct errand {
	LIST_ENTRY(errand) link;
	struct outbox *outbox; /* NULL: the room is gone */
	struct hold_take take;
	struct hold_taken taken;
	struct hold_target target;
	struct parcel parcel;
};

struct outbox {
	struct send *send;
	LIST_HEAD(, errand) errands;
	unsigned n_errands; /* the one that takes is among them */
	bool taking, kicked;
	struct event *timer;
};

static void take_next(struct outbox *o);

static struct errand *errand_of(void *member, size_t offset)
{
	return (void *)((char *)member - offset);
}

#define ERRAND(member, pointer)                                                \
	errand_of(pointer, offsetof(struct errand, member))

static void errand_free(struct errand *e)
{
	if (e->outbox != NULL) {
		LIST_REMOVE(e, link);
		e->outbox->n_errands--;
	}
	arena_free(e->take.arena);
	free(e);
}

/* ---- what came of it ---------------------------------------------------- */

static void log_result(const struct errand *e)
{
	const char *answer = e->taken.answer == NULL ? "" : e->taken.answer;

	if (e->taken.result == HOLD_RESULT_SENT)
		log_info(
		    "mail %" PRId64 " sent to=%s", e->take.id, e->take.mail.to);
	else
		log_warning("mail %" PRId64 " %s to=%s reason=\"%s\"",
		    e->take.id,
		    e->taken.result == HOLD_RESULT_FAILED ? "failed"
							  : "deferred",
		    e->take.mail.to, answer);
}

/* Not written down it is sent once more, which does no harm. */
static void on_taken(struct hold_call *call)
{
	struct errand *e = ERRAND(taken.call, call);
	struct outbox *o = e->outbox;

	if (call->error.kind != ERROR_NONE)
		log_error("mail %" PRId64 " unsettled reason=\"%s\"",
		    e->take.id, call->error.text);
	else
		log_result(e);
	errand_free(e);
	if (o == NULL)
		return;
	o->kicked = true; /* also to learn when it is due again */
	take_next(o);
	send_ended(o->send);
}

static bool is_too_old(const struct errand *e)
{
	const struct config_relay *relay = &e->outbox->send->config->relay;

	return clock_now_ms() - e->take.put_ms >=
	       (int64_t)relay->retry_lifetime_s * 1000;
}

static void on_carried(struct parcel *parcel)
{
	struct errand *e = ERRAND(parcel, parcel);
	struct send *send;

	if (e->outbox == NULL) {
		errand_free(e);
		return;
	}
	send = e->outbox->send;
	e->taken.call.done = on_taken;
	e->taken.id = e->take.id;
	e->taken.result = e->target.result;
	e->taken.answer = e->target.answer;
	if (e->taken.result == HOLD_RESULT_IN_DOUBT)
		e->taken.result = HOLD_RESULT_PENDING;
	if (e->taken.result == HOLD_RESULT_PENDING && is_too_old(e)) {
		e->taken.result = HOLD_RESULT_FAILED;
		e->taken.answer = EXPIRED;
	}
	e->taken.again_ms =
	    send->stopping
		? clock_now_ms()
		: parcel_again_ms(&send->config->relay, e->take.tries);
	hold_taken(send->hold, &e->taken);
}

/* ---- take and carry ----------------------------------------------------- */

static void on_ready(struct parcel *parcel)
{
	struct errand *e = ERRAND(parcel, parcel);

	if (e->outbox == NULL) {
		parcel_drop(parcel);
		errand_free(e);
	} else {
		parcel_go(parcel);
	}
}

static struct span span_of(const char *s)
{
	return (struct span){s, strlen(s)};
}

static void carry(struct errand *e)
{
	const struct hold_mail *mail = &e->take.mail;
	struct parcel *p = &e->parcel;

	p->envelope.from = mail->from;
	p->envelope.smtputf8 = !clean_is_ascii(span_of(mail->from)) ||
			       !clean_is_ascii(span_of(mail->to));
	p->bytes = mail->bytes;
	p->targets = &e->target;
	p->n_targets = 1;
	p->arena = e->take.arena;
	p->maildir = mail->maildir != NULL
			 ? mail->maildir
			 : e->outbox->send->config->relay.maildir;
	p->ready = on_ready;
	p->done = on_carried;
	e->target.recipient.address = mail->to;
	/* a report about a report would go to nobody (RFC 3461 4.1) */
	e->target.recipient.notify =
	    *mail->from == '\0' ? MESSAGE_NOTIFY_NEVER : 0;
	parcel_start(e->outbox->send, p);
}

static void on_nothing_due(struct outbox *o, struct errand *e)
{
	int64_t next_ms = e->take.next_ms;

	if (e->take.call.error.kind != ERROR_NONE) {
		log_warning(
		    "send take-failed reason=\"%s\"", e->take.call.error.text);
		next_ms = clock_now_ms() + AGAIN_S * 1000;
	}
	errand_free(e);
	if (o->kicked)
		take_next(o);
	else
		send_wake_at(o->timer, next_ms);
	send_ended(o->send);
}

static void on_take(struct hold_call *call)
{
	struct errand *e = ERRAND(take.call, call);
	struct outbox *o = e->outbox;

	if (o == NULL) {
		errand_free(e);
		return;
	}
	o->taking = false;
	if (call->error.kind != ERROR_NONE || e->take.id == 0) {
		on_nothing_due(o, e);
		return;
	}
	carry(e);
	o->kicked = true; /* there may be more */
	take_next(o);
}

static void take_next(struct outbox *o)
{
	struct errand *e;

	if (o->taking || !o->kicked || o->send->stopping ||
	    o->n_errands >= AT_A_TIME)
		return;
	e = mem_zalloc(sizeof(*e));
	e->outbox = o;
	LIST_INSERT_HEAD(&o->errands, e, link);
	o->n_errands++;
	o->taking = true;
	o->kicked = false;
	e->take.call.done = on_take;
	hold_take(o->send->hold, &e->take);
}

/* ---- life --------------------------------------------------------------- */

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	outbox_kick(context);
}

struct outbox *outbox_new(struct send *send)
{
	struct outbox *o = mem_zalloc(sizeof(*o));

	o->send = send;
	LIST_INIT(&o->errands);
	o->timer = evtimer_new(send->base, on_timer, o);
	return o;
}

void outbox_kick(struct outbox *outbox)
{
	outbox->kicked = true;
	take_next(outbox);
}

bool outbox_is_busy(const struct outbox *outbox)
{
	return outbox->n_errands > 0;
}

void outbox_free(struct outbox *outbox)
{
	struct errand *e;

	if (outbox == NULL)
		return;
	LIST_FOREACH(e, &outbox->errands, link)
	e->outbox = NULL;
	event_free(outbox->timer);
	free(outbox);
}
