/*
 * owed: one draft after the other: view, load, post.  How a report reads is
 * report.c's.
 */
#include "send/owed.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "send/clean.h"
#include "send/internal.h"
#include "send/outbox.h"
#include "send/report.h"

#include "util/arena.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define AT_A_TIME   64
#define AGAIN_S	    30	/* after trouble */
#define REASON_SIZE 500 /* of a reviewer's reason, in a report */

/*
 * One walk over the drafts.  It is never freed while a call is under way:
 * without send it ends with that call.
 */
struct owed {
	struct send *send; /* NULL: the room is gone */
	bool busy, kicked, trouble;
	struct event *timer;
	struct hold_owed list;
	size_t next; /* of list */
	struct hold_view view;
	struct hold_load load;
	struct hold_post post;
	struct hold_waive waive;
	struct buf mail;
};

static void next_draft(struct owed *o);

static struct owed *owed_of(void *member, size_t offset)
{
	return (void *)((char *)member - offset);
}

#define OWED(member, pointer) owed_of(pointer, offsetof(struct owed, member))

static void release_draft(struct owed *o)
{
	hold_view_release(&o->view);
	free(o->load.bytes);
	o->load.bytes = NULL;
	buf_release(&o->mail);
}

/* Is the room gone?  Then so is this. */
static bool is_orphan(struct owed *o)
{
	if (o->send != NULL)
		return false;
	release_draft(o);
	free(o);
	return true;
}

static void end_walk(struct owed *o)
{
	o->busy = false;
	if (o->trouble)
		send_wake_at(o->timer, clock_now_ms() + AGAIN_S * 1000);
	else if (o->kicked)
		owed_kick(o);
	send_ended(o->send);
}

/* The draft is dealt with; err tells how. */
static void end_draft(struct owed *o, const struct error *err)
{
	if (err->kind != ERROR_NONE) {
		log_warning("draft %" PRId64 " unreported reason=\"%s\"",
		    o->view.draft, err->text);
		o->trouble = true;
	}
	release_draft(o);
	next_draft(o);
}

/* ---- the report
 * ------------------------------------------------------------------- */

static void on_waived(struct hold_call *call)
{
	struct owed *o = OWED(waive.call, call);

	if (!is_orphan(o))
		end_draft(o, &call->error);
}

static void waive(struct owed *o)
{
	o->waive.call.done = on_waived;
	o->waive.draft = o->view.draft;
	hold_waive(o->send->hold, &o->waive);
}

static void on_posted(struct hold_call *call)
{
	struct owed *o = OWED(post.call, call);

	if (is_orphan(o))
		return;
	if (call->error.kind == ERROR_NONE) {
		log_info("draft %" PRId64 " reported to=%s", o->view.draft,
		    o->view.from);
		outbox_kick(o->send->outbox);
	}
	end_draft(o, &call->error);
}

/* Somebody, or nobody in time, decided that it does not leave. */
static bool was_not_sent(enum hold_state state)
{
	return state == HOLD_DROPPED || state == HOLD_EXPIRED;
}

/* Those that the report is about; how many. */
static size_t choose(struct report_recipient *out, const struct hold_view *view)
{
	const struct hold_recipient *r;
	size_t i, n = 0;

	for (i = 0; i < view->n_recipients; i++) {
		r = &view->recipients[i];
		if (was_not_sent(view->state) ? strcmp(r->state, "sent") == 0
					      : strcmp(r->state, "failed") != 0)
			continue;
		out[n] = (struct report_recipient){
		    .address = r->address,
		    .orcpt = r->orcpt,
		    .notify = r->notify,
		    .answer = r->answer,
		};
		if (report_is_wanted(&out[n]))
			n++;
	}
	return n;
}

/* The decision that dropped it last, or NULL. */
static const struct hold_decision *drop_of(const struct hold_view *view)
{
	size_t i = view->n_decisions;

	while (i-- > 0)
		if (view->decisions[i].verb == HOLD_DROP)
			return &view->decisions[i];
	return NULL;
}

/* What was said with it, as one line. */
static const char *reason_of(const struct hold_decision *drop, char *line)
{
	const char *text = drop == NULL ? NULL : drop->text;

	if (text == NULL || *text == '\0')
		return NULL;
	clean_line(line, REASON_SIZE, (struct span){text, strlen(text)});
	return line;
}

static void write_report(struct owed *o, struct report *report)
{
	const struct config *config = o->send->config;
	const struct hold_decision *drop = drop_of(&o->view);
	char reason[REASON_SIZE];

	report->draft = o->view.draft;
	report->code = o->view.code;
	report->dropped = was_not_sent(o->view.state);
	report->expired = o->view.state == HOLD_EXPIRED;
	report->reason = reason_of(drop, reason);
	report->by_program =
	    drop != NULL && strncmp(drop->actor, "program:", 8) == 0;
	report->hostname = config->hostname;
	report->remote = config->relay.host;
	report->from = config->review.from;
	report->to = o->view.from;
	report->envid = o->view.envid;
	report->received_ms = o->view.received_ms;
	report->now_ms = clock_now_ms();
	report->mail = (struct span){o->load.bytes, o->load.size};
	buf_init(&o->mail, REPORT_MOST);
	report_write(&o->mail, report);
}

/* Each decision may lead to one more report. */
static const char *once_of(const struct hold_view *view)
{
	return arena_printf(view->arena, "report %" PRId64 " %s %zu",
	    view->draft, hold_state_name(view->state), view->n_decisions);
}

static void post(struct owed *o)
{
	struct hold_view *v = &o->view;
	struct report report = {0};
	struct report_recipient *to =
	    arena_alloc(v->arena, (v->n_recipients + 1) * sizeof(*to));

	report.recipients = to;
	report.n_recipients = choose(to, v);
	if (*v->from == '\0' || report.n_recipients == 0) {
		waive(o);
		return;
	}
	write_report(o, &report);
	o->post.call.done = on_posted;
	o->post.mail = (struct hold_mail){
	    .from = "", .to = v->from, .bytes = buf_span(&o->mail)};
	o->post.once = once_of(v);
	o->post.reported = v->draft;
	hold_post(o->send->hold, &o->post);
}

/* ---- the walk
 * ------------------------------------------------------------------------ */

/* Damaged bytes are no reason to say nothing: it goes without a header. */
static void on_loaded(struct hold_call *call)
{
	struct owed *o = OWED(load.call, call);

	if (is_orphan(o))
		return;
	if (call->error.kind == ERROR_BUSY)
		end_draft(o, &call->error);
	else
		post(o);
}

static void on_viewed(struct hold_call *call)
{
	struct owed *o = OWED(view.call, call);

	if (is_orphan(o))
		return;
	/*
	 * Undone meanwhile: nothing is owed any more.  Sent: it was taken as
	 * done before those who were refused were reported.
	 */
	if (call->error.kind != ERROR_NONE ||
	    (!was_not_sent(o->view.state) && o->view.state != HOLD_FAILED &&
		o->view.state != HOLD_SENT)) {
		end_draft(o, &call->error);
		return;
	}
	o->load.call.done = on_loaded;
	o->load.draft = o->view.draft;
	o->load.revision = o->view.number;
	hold_load(o->send->hold, &o->load);
}

static void on_listed(struct hold_call *call)
{
	struct owed *o = OWED(list.call, call);

	if (is_orphan(o))
		return;
	if (call->error.kind != ERROR_NONE) {
		o->trouble = true;
		o->list.n_drafts = 0;
	}
	o->next = 0;
	/* a full page: there may be another one */
	o->kicked |= o->list.n_drafts == AT_A_TIME;
	next_draft(o);
}

static void next_draft(struct owed *o)
{
	if (o->send->stopping || o->next == o->list.n_drafts) {
		end_walk(o);
		return;
	}
	o->view.call.done = on_viewed;
	o->view.draft = o->list.drafts[o->next++];
	o->view.revision = 0;
	hold_view(o->send->hold, &o->view);
}

/* ---- life
 * ------------------------------------------------------------------------------
 */

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	owed_kick(context);
}

struct owed *owed_new(struct send *send)
{
	struct owed *o = mem_zalloc(sizeof(*o));

	o->send = send;
	o->timer = evtimer_new(send->base, on_timer, o);
	buf_init(&o->mail, REPORT_MOST);
	return o;
}

void owed_kick(struct owed *owed)
{
	owed->kicked = true;
	if (owed->busy || owed->send->stopping)
		return;
	owed->busy = true;
	owed->kicked = owed->trouble = false;
	owed->list.call.done = on_listed;
	owed->list.limit = AT_A_TIME;
	hold_owed(owed->send->hold, &owed->list);
}

bool owed_is_busy(const struct owed *owed)
{
	return owed->busy;
}

void owed_free(struct owed *owed)
{
	if (owed == NULL)
		return;
	event_free(owed->timer);
	owed->timer = NULL;
	owed->send = NULL;
	if (!owed->busy)
		is_orphan(owed);
}
