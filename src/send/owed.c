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
	size_t next;		/* of list */
	struct hold_word *word; /* it is about */
	enum report_event event;
	unsigned *told; /* recipients whose success it tells */
	size_t n_told;
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
	/* CONFLICT: the draft moved on, and its agent need not hear it */
	if (err->kind != ERROR_NONE && err->kind != ERROR_CONFLICT) {
		log_warning("draft %" PRId64 " unreported reason=\"%s\"",
		    o->word->draft, err->text);
		o->trouble = true;
	}
	release_draft(o);
	next_draft(o);
}

/* ---- the report --------------------------------------------------------- */

static void on_waived(struct hold_call *call)
{
	struct owed *o = OWED(waive.call, call);

	if (!is_orphan(o))
		end_draft(o, &call->error);
}

static void waive(struct owed *o)
{
	o->waive.call.done = on_waived;
	o->waive.word = o->word->id;
	hold_waive(o->send->hold, &o->waive);
}

static void on_posted(struct hold_call *call)
{
	struct owed *o = OWED(post.call, call);

	if (is_orphan(o))
		return;
	if (call->error.kind == ERROR_NONE) {
		log_info("draft %" PRId64 " reported event=%s to=%s",
		    o->word->draft, o->word->event, o->view.from);
		outbox_kick(o->send->outbox);
	}
	end_draft(o, &call->error);
}

/* Is the event so of this recipient? */
static bool concerns(const struct owed *o, const struct hold_recipient *r)
{
	switch (o->event) {
	case REPORT_SENT:
		return false; /* that is success() */
	case REPORT_FAILED:
		return strcmp(r->state, "failed") == 0;
	case REPORT_IN_DOUBT:
		return strcmp(r->state, "in-doubt") == 0;
	default:
		return strcmp(r->state, "sent") != 0;
	}
}

static bool is_edited(const struct hold_view *view)
{
	return view->number > 1;
}

/*
 * Is this recipient's success to be told: not yet told, and asked for; or a
 * changed text reached it, and the agent wants to hear of all of those?
 */
static bool is_success(const struct owed *o, const struct hold_recipient *r,
    const struct report_recipient *to)
{
	const struct config_agent *agent =
	    config_agent(o->send->current, o->view.agent);

	if (strcmp(r->state, "sent") != 0 || r->told ||
	    (o->event != REPORT_SENT && o->event != REPORT_FAILED))
		return false;
	if (report_is_wanted(to, REPORT_SENT))
		return agent == NULL || config_agent_reports(agent, "sent");
	return is_edited(&o->view) && r->notify != MESSAGE_NOTIFY_NEVER &&
	       agent != NULL && config_agent_reports(agent, HOLD_EDITED);
}

/* Those that the report is about; how many. */
static size_t choose(struct owed *o, struct report_recipient *out)
{
	const struct hold_view *view = &o->view;
	const struct hold_recipient *r;
	size_t i, n = 0;

	o->n_told = 0;
	for (i = 0; i < view->n_recipients; i++) {
		r = &view->recipients[i];
		out[n] = (struct report_recipient){
		    .address = r->address,
		    .orcpt = r->orcpt,
		    .notify = r->notify,
		    .answer = r->answer,
		};
		if (is_success(o, r, &out[n])) {
			out[n++].sent = true;
			o->told[o->n_told++] = (unsigned)i;
		} else if (concerns(o, r) &&
			   report_is_wanted(&out[n], o->event)) {
			n++;
		}
	}
	return n;
}

/* The decision that made the event, or NULL. */
static const struct hold_decision *decision_of(const struct owed *o)
{
	size_t i = o->view.n_decisions;

	while (i-- > 0)
		if (o->view.decisions[i].at_ms == o->word->at_ms)
			return &o->view.decisions[i];
	return NULL;
}

/* What was said with it, as one line. */
static const char *reason_of(const struct hold_decision *decision, char *line)
{
	const char *text =
	    decision == NULL ? NULL : hold_decision_words(decision);

	if (text == NULL)
		return NULL;
	clean_line(line, REASON_SIZE, (struct span){text, strlen(text)});
	return line;
}

/* Did it wait for its agent when its time was over? */
static bool is_lapsed(const struct hold_view *view)
{
	return view->n_decisions > 0 &&
	       view->decisions[view->n_decisions - 1].verb == HOLD_REVISE;
}

static void write_report(struct owed *o, struct report *report)
{
	const struct config *config = o->send->config;
	const struct hold_decision *decision = decision_of(o);
	char reason[REASON_SIZE];

	report->draft = o->view.draft;
	report->code = o->view.code;
	report->event = o->event;
	report->reason = reason_of(decision, reason);
	report->category = decision == NULL ? NULL : decision->category;
	report->by_program = strncmp(o->word->actor, "program:", 8) == 0;
	report->edited = is_edited(&o->view);
	report->lapsed = is_lapsed(&o->view);
	report->until_ms = o->event == REPORT_REVISING ? o->view.revise_ms
						       : o->view.deadline_ms;
	report->hostname = config->hostname;
	report->remote = config->relay.host;
	report->from = config->review.from;
	report->to = o->view.from;
	report->envid = o->view.envid;
	report->received_ms = o->view.received_ms;
	report->now_ms = clock_now_ms();
	report->whole = o->view.ret == MESSAGE_RET_FULL;
	report->message_id =
	    o->view.reading == NULL ? NULL : o->view.reading->message_id;
	report->mail = (struct span){o->load.bytes, o->load.size};
	buf_init(&o->mail, REPORT_MOST);
	report_write(&o->mail, report);
}

/* One event, one report. */
static const char *once_of(const struct owed *o)
{
	return arena_printf(o->view.arena, "report %" PRId64, o->word->id);
}

/* Only to an address of the agent's own, as the configuration is now. */
static bool may_hear(const struct owed *o)
{
	const struct config_agent *agent =
	    config_agent(o->send->current, o->view.agent);

	return agent == NULL || config_agent_may_send_as(agent, o->view.from);
}

static void post(struct owed *o)
{
	struct hold_view *v = &o->view;
	struct report report = {0};
	struct report_recipient *to =
	    arena_alloc(v->arena, (v->n_recipients + 1) * sizeof(*to));

	o->told =
	    arena_alloc(v->arena, (v->n_recipients + 1) * sizeof(*o->told));
	report.recipients = to;
	report.n_recipients = choose(o, to);
	if (*v->from == '\0' || report.n_recipients == 0 || !may_hear(o)) {
		waive(o);
		return;
	}
	write_report(o, &report);
	o->post.call.done = on_posted;
	o->post.mail = (struct hold_mail){
	    .from = "", .to = v->from, .bytes = buf_span(&o->mail)};
	o->post.once = once_of(o);
	o->post.reported = o->word->id;
	o->post.told = o->told;
	o->post.n_told = o->n_told;
	hold_post(o->send->hold, &o->post);
}

/* ---- the walk ----------------------------------------------------------- */

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
	int event;

	if (is_orphan(o))
		return;
	if (call->error.kind != ERROR_NONE) {
		end_draft(o, &call->error);
		return;
	}
	/* of an event that is never reported: an older program's */
	event = report_event_of(o->word->event);
	if (event < 0) {
		waive(o);
		return;
	}
	o->event = (enum report_event)event;
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
		o->list.n_words = 0;
	}
	o->next = 0;
	/* a full page: there may be another one */
	o->kicked |= o->list.n_words == AT_A_TIME;
	next_draft(o);
}

static void next_draft(struct owed *o)
{
	if (o->send->stopping || o->next == o->list.n_words) {
		end_walk(o);
		return;
	}
	o->view.call.done = on_viewed;
	o->word = &o->list.words[o->next++];
	o->view.draft = o->word->draft;
	o->view.revision = o->word->number;
	hold_view(o->send->hold, &o->view);
}

/* ---- life --------------------------------------------------------------- */

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
