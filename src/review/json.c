/*
 * json: from the ledger's structs to JSON.  Which route says what is left to
 * api.c.
 */
#include "review/json.h"

#include <string.h>

#include "verdict.h"

#include "util/clock.h"
#include "util/digest.h"

json_t *json_time(int64_t wall_ms)
{
	char iso[CLOCK_ISO_SIZE];

	return wall_ms == 0 ? json_null()
			    : json_string(clock_iso(wall_ms, iso));
}

json_t *json_text(const char *s)
{
	json_t *value = s == NULL ? NULL : json_string(s);

	return value == NULL ? json_null() : value;
}

static json_t *span_text(struct span s)
{
	json_t *value = json_stringn(s.data == NULL ? "" : s.data, s.len);

	return value == NULL ? json_null() : value;
}

/* "" is no name. */
static json_t *name_or_null(const char *name)
{
	return json_text(name == NULL || *name == '\0' ? NULL : name);
}

json_t *json_row(const struct hold_row *row)
{
	return json_pack("{s:I, s:s, s:s, s:o, s:o, s:o, s:i, s:o, s:o, s:o, "
			 "s:I, s:o, s:s, s:o, s:o}",
	    "id", (json_int_t)row->draft, "state", hold_state_name(row->state),
	    "code", row->code, "agent", json_text(row->agent), "from",
	    json_text(row->from), "to", json_text(row->to), "recipients",
	    (int)row->n_recipients, "subject", json_text(row->subject),
	    "reason", json_text(row->reason), "received",
	    json_time(row->received_ms), "size", (json_int_t)row->size,
	    "channel", name_or_null(row->channel), "severity",
	    verdict_severity_name(row->severity), "deadline",
	    json_time(row->deadline_ms), "claimed_by",
	    json_text(row->claimed_by));
}

static json_t *envelope(const struct hold_view *view)
{
	static const char *const rets[] = {NULL, "FULL", "HDRS"};
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < view->n_recipients; i++) {
		const struct hold_recipient *r = &view->recipients[i];

		json_array_append_new(list,
		    json_pack("{s:o, s:o, s:o}", "address",
			json_text(r->address), "state", json_text(r->state),
			"answer", json_text(r->answer)));
	}
	return json_pack("{s:o, s:o, s:o, s:o}", "from", json_text(view->from),
	    "recipients", list, "ret", json_text(rets[view->ret]), "envid",
	    json_text(view->envid));
}

static json_t *findings(const struct reading *reading)
{
	static const char *const weights[] = {"note", "caution", "tripwire"};
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < reading->n_findings; i++) {
		const struct finding *f = &reading->findings[i];

		json_array_append_new(list,
		    json_pack("{s:o, s:o, s:s, s:o, s:o}", "name",
			json_text(f->name), "detail", json_text(f->detail),
			"weight", weights[f->weight], "value",
			json_text(f->value), "by", json_text(f->by)));
	}
	return list;
}

static json_t *parts(const struct reading *reading)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < reading->n_parts; i++) {
		const struct reading_part *p = &reading->parts[i];

		json_array_append_new(
		    list, json_pack("{s:i, s:o, s:o, s:o, s:I, s:b}", "depth",
			      (int)p->depth, "type", json_text(p->type),
			      "charset", json_text(p->charset), "filename",
			      json_text(p->filename), "size",
			      (json_int_t)p->size, "in_text", p->in_text));
	}
	return list;
}

static json_t *context(const struct reading_context *c)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "why",
	    json_text(c->why), "sources", json_text(c->sources), "confidence",
	    json_text(c->confidence), "prompt", json_text(c->prompt), "case",
	    json_text(c->case_id), "action", json_text(c->action));
}

static json_t *decisions(const struct hold_view *view)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < view->n_decisions; i++) {
		const struct hold_decision *d = &view->decisions[i];

		json_array_append_new(
		    list, json_pack("{s:s, s:o, s:o, s:o, s:s, s:o}", "verb",
			      hold_verb_name(d->verb), "actor",
			      json_text(d->actor), "medium",
			      json_text(d->medium), "text", json_text(d->text),
			      "code", d->code, "at", json_time(d->at_ms)));
	}
	return list;
}

/* What the reader saw. */
static void add_reading(json_t *out, const struct reading *reading)
{
	json_object_set_new(out, "subject", json_text(reading->subject));
	json_object_set_new(out, "to", json_text(reading->to));
	json_object_set_new(out, "cc", json_text(reading->cc));
	json_object_set_new(out, "message_id", json_text(reading->message_id));
	json_object_set_new(out, "trouble", json_text(reading->trouble));
	json_object_set_new(out, "findings", findings(reading));
	json_object_set_new(out, "parts", parts(reading));
	json_object_set_new(out, "context", context(&reading->context));
	json_object_set_new(out, "text", span_text(reading->text));
	json_object_set_new(out, "editable",
	    span_text((struct span){reading->text.data + reading->edit_offset,
		reading->edit_length}));
	json_object_set_new(
	    out, "text_total", json_integer((json_int_t)reading->text_total));
}

/* Lines as a list. */
static json_t *lines(const char *text)
{
	json_t *list = json_array();
	size_t n;

	while (text != NULL && *text != '\0') {
		n = strcspn(text, "\n");
		json_array_append_new(list, span_text((struct span){text, n}));
		text += n;
		text += *text == '\n';
	}
	return list;
}

/* What the revision before said, and whom it went to. */
static json_t *before_header(const struct hold_view *view)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < view->n_before; i++)
		json_array_append_new(
		    list, json_text(view->before_recipients[i]));
	if (view->n_before == 0)
		for (i = 0; i < view->n_recipients; i++)
			json_array_append_new(
			    list, json_text(view->recipients[i].address));
	return json_pack("{s:o, s:o, s:o, s:o}", "subject",
	    json_text(view->before_subject), "to", json_text(view->before_to),
	    "cc", json_text(view->before_cc), "recipients", list);
}

/* What is asked of whoever decides, and why it was judged so. */
static void add_terms(
    json_t *out, const struct hold_view *view, const struct channel *channel)
{
	const char *const *r = channel == NULL ? NULL : channel->reasons;
	json_t *reasons = json_array();

	for (; r != NULL && *r != NULL; r++)
		json_array_append_new(reasons, json_text(*r));
	json_object_set_new(out, "reasons", reasons);
	json_object_set_new(out, "channel", name_or_null(view->channel));
	json_object_set_new(out, "severity",
	    json_string(verdict_severity_name(view->severity)));
	json_object_set_new(
	    out, "persons", json_integer((json_int_t)view->persons));
	json_object_set_new(
	    out, "approvals", json_integer((json_int_t)view->approvals));
	json_object_set_new(
	    out, "needs_reason", json_boolean(view->needs_reason));
	json_object_set_new(out, "opinions", json_boolean(view->opinions));
	json_object_set_new(out, "ask", lines(view->ask));
	json_object_set_new(out, "demand", lines(view->demand));
	json_object_set_new(out, "deadline", json_time(view->deadline_ms));
	json_object_set_new(out, "next_step", json_time(view->step_ms));
	json_object_set_new(out, "not_before", json_time(view->not_before_ms));
	json_object_set_new(out, "not_after", json_time(view->not_after_ms));
	json_object_set_new(out, "claimed_by", json_text(view->claimed_by));
	json_object_set_new(out, "claimed", json_time(view->claimed_ms));
	json_object_set_new(out, "trace", lines(view->trace));
	json_object_set_new(out, "config", name_or_null(view->config));
}

static json_t *asked(const struct hold_view *view)
{
	const struct hold_asked *a;
	json_t *list = json_array();

	for (a = view->asked; a < view->asked + view->n_asked; a++)
		json_array_append_new(list,
		    json_pack("{s:o, s:o, s:o, s:o}", "reviewer",
			json_text(a->reviewer), "since", json_time(a->at_ms),
			"told", json_time(a->told_ms), "snoozed_until",
			json_time(a->wake_ms)));
	return list;
}

static json_t *id_or_null(int64_t draft)
{
	return draft == 0 ? json_null() : json_integer((json_int_t)draft);
}

/* What it replaces, what replaces it, and what was remarked. */
static void add_links(json_t *out, const struct hold_view *view)
{
	json_object_set_new(out, "replaces", id_or_null(view->replaces));
	json_object_set_new(out, "replaced_by", id_or_null(view->replaced_by));
	json_object_set_new(out, "remark", json_text(view->remark));
	json_object_set_new(out, "remark_by", json_text(view->remark_by));
	json_object_set_new(
	    out, "rounds", json_integer((json_int_t)view->rounds));
	json_object_set_new(out, "revise_until", json_time(view->revise_ms));
}

json_t *json_view(
    const struct hold_view *view, const struct channel *channel, json_t *facts)
{
	char hash[DIGEST_HEX_SIZE];
	json_t *out;

	digest_hex(view->sha256, DIGEST_SIZE, hash);
	out = json_pack("{s:I, s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:o, s:o, "
			"s:o, s:o, s:I, s:o, s:o, s:o, s:o}",
	    "id", (json_int_t)view->draft, "state",
	    hold_state_name(view->state), "code", view->code, "sha256", hash,
	    "revision", (int)view->number, "current", (int)view->current,
	    "agent", json_text(view->agent), "peer", json_text(view->peer),
	    "received", json_time(view->received_ms), "due",
	    json_time(view->due_ms), "rule", json_text(view->rule), "reason",
	    json_text(view->reason), "size", (json_int_t)view->size, "note",
	    json_text(view->note), "editor", json_text(view->editor),
	    "envelope", envelope(view), "decisions", decisions(view));
	add_terms(out, view, channel);
	if (view->reading != NULL)
		add_reading(out, view->reading);
	if (view->before.data != NULL)
		json_object_set_new(out, "before", span_text(view->before));
	if (view->number > 1)
		json_object_set_new(out, "before_header", before_header(view));
	add_links(out, view);
	json_object_set_new(out, "asked", asked(view));
	json_object_set_new(out, "facts", facts);
	return out;
}

json_t *json_event(const struct hold_event *event)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "id",
	    (json_int_t)event->id, "at", json_time(event->at_ms), "draft",
	    event->draft ? json_integer((json_int_t)event->draft) : json_null(),
	    "event", json_text(event->event), "actor", json_text(event->actor),
	    "medium", json_text(event->medium), "text", json_text(event->text),
	    "code", event->code);
}

static json_t *queue(int64_t waiting, int64_t failing)
{
	return json_pack("{s:I, s:I}", "waiting", (json_int_t)waiting,
	    "failing", (json_int_t)failing);
}

json_t *json_status(const struct hold_status *status)
{
	json_t *count = json_object();
	enum hold_state s;

	for (s = HOLD_HELD; s < HOLD_STATES; s++)
		json_object_set_new(count, hold_state_name(s),
		    json_integer((json_int_t)status->count[s]));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:b, s:s, s:I}",
	    "drafts", count, "oldest_held", json_time(status->oldest_held_ms),
	    "system_mail",
	    queue(status->outbox_waiting, status->outbox_failing), "words",
	    queue(status->words, status->words_failing), "copies",
	    queue(status->copies, status->copies_failing), "snoozed",
	    (json_int_t)status->snoozed, "audit_rows",
	    (json_int_t)status->audit_rows, "stopped", status->stopped,
	    "stopped_agents", status->stopped_agents, "disk_free",
	    (json_int_t)status->disk_free);
}

json_t *json_prior(const struct hold_prior *prior)
{
	if (prior->verb == 0)
		return json_null();
	return json_pack("{s:o, s:s, s:o, s:o}", "actor",
	    json_text(prior->actor), "verb", hold_verb_name(prior->verb),
	    "medium", json_text(prior->medium), "at", json_time(prior->at_ms));
}
