/*
 * told: from the ledger's structs to what the agent may know.  Where it goes
 * is hook.c's and the API's.
 */
#include "send/told.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "send/unified.h"

#include "util/clock.h"
#include "util/digest.h"

#define DIFF_MOST ((size_t)1024 * 1024)

static json_t *text_or_null(const char *s)
{
	json_t *value = s == NULL || *s == '\0' ? NULL : json_string(s);

	return value == NULL ? json_null() : value;
}

static json_t *span_or_null(struct span s)
{
	json_t *value = json_stringn(s.data == NULL ? "" : s.data, s.len);

	return value == NULL ? json_null() : value;
}

static json_t *time_or_null(int64_t wall_ms)
{
	char iso[CLOCK_ISO_SIZE];

	return wall_ms == 0 ? json_null()
			    : json_string(clock_iso(wall_ms, iso));
}

static json_t *id_or_null(int64_t draft)
{
	return draft == 0 ? json_null() : json_integer((json_int_t)draft);
}

/* Who did it, by role. */
static const char *role_of(const char *actor, const char *event)
{
	if (strncmp(actor, "rule:", 5) == 0)
		return "rule";
	if (strncmp(actor, "program:", 8) == 0)
		return "program";
	if (strcmp(actor, "deadline") == 0)
		return "deadline";
	if (strcmp(actor, "imprimaturd") == 0)
		return strcmp(event, "sent") == 0 ||
			       strcmp(event, "failed") == 0 ||
			       strcmp(event, "in-doubt") == 0
			   ? "relay"
			   : "rule";
	return strncmp(actor, "agent:", 6) == 0 ? "agent" : "reviewer";
}

/* ---- a draft ------------------------------------------------------------ */

static json_t *recipients(const struct hold_view *view)
{
	json_t *list = json_array();
	const struct hold_recipient *r;
	size_t i;

	for (i = 0; i < view->n_recipients; i++) {
		r = &view->recipients[i];
		json_array_append_new(
		    list, json_pack("{s:o, s:o, s:o}", "address",
			      text_or_null(r->address), "state",
			      text_or_null(r->state), "answer",
			      text_or_null(r->answer)));
	}
	return list;
}

/* What was said when it was dropped, or sent back; NULL: nothing. */
static const struct hold_decision *last_reason(const struct hold_view *view)
{
	enum hold_verb verb = view->state == HOLD_DROPPED    ? HOLD_DROP
			      : view->state == HOLD_REVISING ? HOLD_REVISE
							     : HOLD_VERBS;
	size_t i = view->n_decisions;

	while (i-- > 0)
		if (view->decisions[i].verb == verb)
			return &view->decisions[i];
	return NULL;
}

static json_t *reason_of(const struct hold_decision *decision)
{
	if (decision == NULL)
		return json_null();
	return json_pack("{s:o, s:o}", "category",
	    text_or_null(decision->category), "text",
	    text_or_null(hold_decision_words(decision)));
}

/* How many mails of the other side the ledger knows that are newer than it. */
static int wrote_again(const struct reading *reading)
{
	const struct finding *f;
	size_t i;
	int n = 0;

	for (i = 0; reading != NULL && i < reading->n_findings; i++) {
		f = &reading->findings[i];
		n += strcmp(f->name, "customer-wrote-again") == 0 &&
		     f->by != NULL && strcmp(f->by, "ledger") == 0;
	}
	return n;
}

json_t *told_draft(const struct hold_view *view)
{
	const struct reading *reading = view->reading;
	char hash[DIGEST_HEX_SIZE];

	digest_hex(view->sha256, DIGEST_SIZE, hash);
	return json_pack("{s:I, s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:i, s:b,"
			 " s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i,"
			 " s:o, s:i}",
	    "id", (json_int_t)view->draft, "state",
	    hold_state_name(view->state), "agent", text_or_null(view->agent),
	    "message_id",
	    text_or_null(reading == NULL ? NULL : reading->message_id),
	    "subject", text_or_null(reading == NULL ? NULL : reading->subject),
	    "envid", text_or_null(view->envid), "code", view->code, "sha256",
	    hash, "revision", (int)view->number, "edited", view->number > 1,
	    "received", time_or_null(view->received_ms), "deadline",
	    time_or_null(view->deadline_ms), "leaves",
	    time_or_null(view->state == HOLD_APPROVED ? view->due_ms : 0),
	    "not_before", time_or_null(view->not_before_ms), "not_after",
	    time_or_null(view->not_after_ms), "reason",
	    reason_of(last_reason(view)), "recipients", recipients(view),
	    "replaces", id_or_null(view->replaces), "replaced_by",
	    id_or_null(view->replaced_by), "rounds", (int)view->rounds,
	    "revise_until", time_or_null(view->revise_ms), "wrote_again",
	    wrote_again(reading));
}

/* ---- an event ----------------------------------------------------------- */

/* The decision that made it, or NULL. */
static const struct hold_decision *decision_of(const struct told_event *e)
{
	size_t i = e->view->n_decisions;

	while (i-- > 0)
		if (e->view->decisions[i].at_ms == e->word->at_ms)
			return &e->view->decisions[i];
	return NULL;
}

static bool is(const struct told_event *e, const char *event)
{
	return strcmp(e->word->event, event) == 0;
}

/* What left, or would now, and what was changed in it. */
static void add_text(json_t *out, const struct told_event *e)
{
	const struct reading *now = e->view->reading;
	const struct reading *first =
	    e->first == NULL ? NULL : e->first->reading;
	struct buf diff;

	json_object_set_new(out, "text", span_or_null(now->text));
	json_object_set_new(
	    out, "text_cut", json_boolean(now->text_total > now->text.len));
	if (first == NULL)
		return;
	buf_init(&diff, DIFF_MOST);
	unified_write(&diff, first->text, now->text);
	json_object_set_new(out, "diff",
	    diff.overflow ? json_null() : span_or_null(buf_span(&diff)));
	json_object_set_new(
	    out, "subject_before", text_or_null(first->subject));
	buf_release(&diff);
}

int told_event(struct buf *out, const struct told_event *event)
{
	const struct hold_word *word = event->word;
	const struct hold_decision *decision = decision_of(event);
	json_t *json;
	char *text;
	int rc;

	if (!is(event, "dropped") && !is(event, "revising"))
		decision = NULL;
	json = json_pack("{s:I, s:s, s:o, s:s, s:o, s:o}", "event_id",
	    (json_int_t)word->id, "event", word->event, "at",
	    time_or_null(word->at_ms), "who", role_of(word->actor, word->event),
	    "reason", reason_of(decision), "draft", told_draft(event->view));
	if ((is(event, "sent") || is(event, HOLD_EDITED)) &&
	    event->view->reading != NULL)
		add_text(json, event);
	text = json_dumps(json, JSON_COMPACT);
	rc = text == NULL ? -1 : buf_add_str(out, text);
	free(text);
	json_decref(json);
	return rc;
}
