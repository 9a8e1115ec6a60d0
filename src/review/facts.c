/*
 * facts: turns a view of the ledger into what people are told.  How facts are
 * laid out as HTML is left to html.c, as JSON to the HTTP API.
 */
#include "review/facts.h"

#include "review/goesto.h"
#include "review/text.h"

#include "config/calendar.h"
#include "message.h"
#include "verdict.h"

#include "util/clock.h"

#include <inttypes.h>
#include <string.h>

#define FACTS_MAX	 32
#define LINES_MAX	 40   /* of one fact, recipients apart */
#define COLUMNS_MAX	 400u /* of one line of a fact */
#define BRIEF_RECIPIENTS 3

struct maker {
	struct arena *arena;
	const struct facts_request *request;
	const struct hold_view *view;
	const struct reading *reading;
	const struct channel *channel; /* NULL: none, or it has gone */
	struct facts *facts;
	struct fact *list;
	size_t room; /* lines that the last fact's array can take */
};

static void begin(struct maker *m, const char *label)
{
	if (m->facts->n == FACTS_MAX)
		return;
	m->list[m->facts->n++] = (struct fact){label, 0, NULL};
	m->room = 0;
}

/* Add a line, which is clean, to the fact that was begun last. */
static void add(struct maker *m, bool warn, const char *text)
{
	struct fact *fact = &m->list[m->facts->n - 1];
	struct fact_line *grown;

	if (fact->n_lines == m->room) {
		m->room = m->room == 0 ? 4 : m->room * 2;
		grown = arena_alloc(m->arena, m->room * sizeof(*grown));
		if (fact->n_lines > 0)
			memcpy(
			    grown, fact->lines, fact->n_lines * sizeof(*grown));
		fact->lines = grown;
	}
	fact->lines[fact->n_lines++] = (struct fact_line){text, warn};
}

/* Add one line of somebody else's; what is cut off is counted. */
static void add_foreign(struct maker *m, bool warn, struct span s)
{
	const char *line = text_line(m->arena, s, COLUMNS_MAX);
	size_t all = text_columns(text_line(m->arena, s, SIZE_MAX));

	if (all > COLUMNS_MAX)
		line = arena_printf(m->arena, "%s (%zu more characters)", line,
		    all - COLUMNS_MAX + 1);
	add(m, warn, line);
}

/* A fact of one or more lines of somebody else's; none for NULL or "". */
static void fact(struct maker *m, const char *label, const char *value)
{
	struct span rest = text_span(value), line;
	size_t left = 0, n = 0;

	if (rest.len == 0)
		return;
	begin(m, label);
	while (text_next_line(&rest, &line))
		if (n++ < LINES_MAX)
			add_foreign(m, false, line);
		else
			left++;
	if (left > 0)
		add(m, true, arena_printf(m->arena, "(%zu more lines)", left));
}

/* The recipients; as many as max, the others stay for the end. */
static void add_goes_to(
    struct maker *m, const struct goesto *goesto, size_t max)
{
	size_t i, n = goesto->n;

	begin(m, "Goes to");
	if (goesto->count != NULL)
		add(m, goesto->warn, goesto->count);
	if (max == 0 || n <= max)
		max = n;
	for (i = 0; i < max; i++)
		add(m, goesto->lines[i].warn, goesto->lines[i].text);
	if (goesto->alone != NULL)
		add(m, true, goesto->alone);
	if (n == max)
		return;
	add(m, true, arena_printf(m->arena, "and %zu more", n - max));
	m->facts->left = goesto->lines + max;
	m->facts->n_left = n - max;
}

/* Is it one recipient, written as what it is? */
static bool says_nothing_new(const struct maker *m, const char *to)
{
	return m->view->n_recipients == 1 &&
	       message_same_address(to, m->view->recipients[0].address);
}

/* What To and Cc say, and whom they name who does not get it. */
static void add_header_lines(struct maker *m, const struct goesto *goesto)
{
	const struct reading *r = m->reading;
	size_t i;

	if (r->to != NULL && !says_nothing_new(m, r->to))
		fact(m, "To, as written", r->to);
	fact(m, "Cc, as written", r->cc);
	if (goesto->n_unsent > 0)
		begin(m, "Named, but does not get it");
	for (i = 0; i < goesto->n_unsent; i++)
		add_foreign(m, true, text_span(goesto->unsent[i]));
}

/* Is one of those whom the mail says it is from the envelope's sender? */
static bool sender_is_author(const struct maker *m)
{
	size_t i;

	for (i = 0; i < m->reading->n_authors; i++)
		if (message_same_address(m->reading->authors[i], m->view->from))
			return true;
	return false;
}

/*
 * Whom the reader will believe it is from, and the agent; the envelope's
 * sender and Reply-To where they say something else.
 */
static void add_from(struct maker *m)
{
	const struct reading *r = m->reading;
	const char *from = m->view->from;
	struct span agent = text_span(m->view->agent);
	const char *author = r->from == NULL ? "(nobody)" : r->from;
	bool same = sender_is_author(m);

	if (r->trouble != NULL) { /* then only the envelope is known */
		same = true;
		author = from;
	}
	begin(m, "From");
	add(m, !same,
	    arena_printf(m->arena, "%s (agent %s)",
		text_line(m->arena, text_span(author), COLUMNS_MAX),
		agent.len == 0 ? "unknown" : text_line(m->arena, agent, 64)));
	if (!same) {
		begin(m, "Sender");
		add_foreign(m, true, text_span(*from == '\0' ? "<>" : from));
	}
	fact(m, "Sender, as written", r->sender);
	if (r->reply_to != NULL) {
		begin(m, "Answers go to");
		add_foreign(m, strstr(r->reply_to, from) == NULL,
		    text_span(r->reply_to));
	}
}

/* Does the reason name its rule already? */
static bool names_rule(struct arena *arena, const struct hold_view *view)
{
	return strstr(view->reason,
		   arena_printf(arena, "(rule %s)", view->rule)) != NULL;
}

static void add_why_held(struct maker *m)
{
	const struct hold_view *view = m->view;
	struct arena *arena = m->arena;

	if (view->reason == NULL || *view->reason == '\0')
		return;
	begin(m, "Held because");
	if (view->rule == NULL || strcmp(view->rule, "default") == 0 ||
	    names_rule(arena, view))
		add_foreign(m, false, text_span(view->reason));
	else
		add(m, false,
		    arena_printf(arena, "%s (rule %s)",
			text_line(arena, text_span(view->reason), COLUMNS_MAX),
			text_line(arena, text_span(view->rule), 64)));
}

/* ---- on what terms it waits ---- */

const struct calendar *facts_calendar(
    const struct config_reviewer *reviewer, const struct channel *channel)
{
	/* who has said nothing of their zone reads the channel's */
	if (reviewer != NULL && reviewer->calendar != NULL &&
	    reviewer->calendar != calendar_always())
		return reviewer->calendar;
	if (channel != NULL && channel->calendar != NULL)
		return channel->calendar;
	return calendar_always();
}

/* A time in the reader's zone. */
static const char *local_time(struct maker *m, int64_t wall_ms)
{
	char out[CALENDAR_TEXT_SIZE];

	return arena_strdup(m->arena,
	    calendar_text(facts_calendar(m->request->reviewer, m->channel),
		wall_ms, out));
}

static void add_channel(struct maker *m)
{
	const char *name = m->view->channel;
	const char *about = m->channel == NULL ? NULL : m->channel->about;

	if (name == NULL || *name == '\0')
		return;
	name = text_line(m->arena, text_span(name), 64);
	begin(m, "Channel");
	if (m->channel == NULL)
		add(m, true,
		    arena_printf(
			m->arena, "%s, which is no longer configured", name));
	else if (about == NULL)
		add(m, false, name);
	else
		add(m, false,
		    arena_printf(m->arena, "%s (%s)", name,
			text_line(m->arena, text_span(about), 200)));
}

static void add_severity(struct maker *m)
{
	enum verdict_severity severity = m->view->severity;

	if (m->channel == NULL && severity == SEVERITY_LOW)
		return;
	begin(m, "Severity");
	add(m, severity >= SEVERITY_HIGH, verdict_severity_name(severity));
}

/* By when somebody should have decided; and when it may leave at all. */
static void add_deadline(struct maker *m)
{
	const struct hold_view *view = m->view;
	bool late = view->deadline_ms <= m->request->now_ms;

	if (view->state == HOLD_HELD && view->deadline_ms != 0) {
		begin(m, "Decide by");
		add(m, late,
		    arena_printf(m->arena, "%s%s",
			local_time(m, view->deadline_ms),
			late ? ", which has passed" : ""));
	}
	if (view->not_before_ms != 0) {
		begin(m, "Leaves not before");
		add(m, false, local_time(m, view->not_before_ms));
	}
	if (view->not_after_ms != 0) {
		begin(m, "Leaves not after");
		add(m, view->not_after_ms <= m->request->now_ms,
		    local_time(m, view->not_after_ms));
	}
}

const char *facts_approvers(struct arena *arena, const struct hold_view *view)
{
	const char *list = NULL;
	size_t i;

	for (i = 0; i < view->n_decisions; i++) {
		const struct hold_decision *d = &view->decisions[i];
		const char *actor;

		if (d->verb == HOLD_UNDO)
			list = NULL;
		if (d->verb != HOLD_APPROVE || strcmp(d->code, view->code) != 0)
			continue;
		actor = text_line(arena, text_span(d->actor), 64);
		list = list == NULL
			   ? actor
			   : arena_printf(arena, "%s, %s", list, actor);
	}
	return list;
}

size_t facts_overtaken(const struct hold_view *view)
{
	const struct reading *r = view->reading;
	size_t i, n = 0;

	for (i = 0; i < r->n_findings; i++)
		n += strcmp(r->findings[i].name, "customer-wrote-again") == 0 &&
		     r->findings[i].by != NULL &&
		     strcmp(r->findings[i].by, "ledger") == 0;
	return n;
}

/* "1 of 2 people approved: anna" */
static void add_approvals(struct maker *m)
{
	const struct hold_view *view = m->view;
	const char *who = facts_approvers(m->arena, view);

	if (view->persons < 2 || view->state != HOLD_HELD)
		return;
	begin(m, "Approvals");
	if (view->approvals == 0 || who == NULL)
		add(m, false,
		    arena_printf(m->arena,
			"%u people must approve; nobody has yet",
			view->persons));
	else
		add(m, false,
		    arena_printf(m->arena, "%u of %u people approved: %s",
			view->approvals, view->persons, who));
}

/* "bob opened it 2 min ago" */
static void add_claim(struct maker *m)
{
	const struct hold_view *view = m->view;
	const struct config_reviewer *reader = m->request->reviewer;
	int64_t ago = m->request->now_ms - view->claimed_ms;
	char span[CLOCK_ISO_SIZE];
	bool self;

	if (view->claimed_by == NULL || view->state != HOLD_HELD)
		return;
	self = reader != NULL && strcmp(reader->name, view->claimed_by) == 0;
	begin(m, "Claimed");
	add(m, !self,
	    arena_printf(m->arena, "%s opened it %s ago",
		self ? "you"
		     : text_line(m->arena, text_span(view->claimed_by), 64),
		clock_span(ago < 0 ? 0 : ago, span)));
}

static void add_context(struct maker *m)
{
	const struct reading_context *c = &m->reading->context;

	fact(m, "Agent's reason", c->why);
	fact(m, "Agent's sources", c->sources);
	fact(m, "Agent's confidence", c->confidence);
	fact(m, "Agent's prompt", c->prompt);
	fact(m, "Agent's case", c->case_id);
	fact(m, "Agent's action", c->action);
}

/* "amount", "amount: 12000.00 EUR", "url: evil.example, by rspamd" */
static const char *finding_name(
    struct maker *m, const struct finding *finding, bool with_value)
{
	const char *out = text_line(m->arena, text_span(finding->name), 64);

	if (with_value)
		out = arena_printf(m->arena, "%s: %s", out,
		    text_line(m->arena, text_span(finding->value), 120));
	if (finding->by != NULL && strcmp(finding->by, finding->name) != 0)
		out = arena_printf(m->arena, "%s, by %s", out,
		    text_line(m->arena, text_span(finding->by), 64));
	return out;
}

static void add_finding(struct maker *m, const struct finding *finding)
{
	const char *detail = finding->detail == NULL ? "" : finding->detail;
	bool has = finding->value != NULL && *finding->value != '\0';
	const char *name = finding_name(
	    m, finding, has && strstr(detail, finding->value) == NULL);

	add(m, finding->weight != FINDING_NOTE,
	    *detail == '\0'
		? name
		: arena_printf(m->arena, "%s (%s)",
		      text_line(m->arena, text_span(detail), COLUMNS_MAX),
		      name));
}

/* Those of one weight, with a value or without; counts them. */
static void add_findings_of(
    struct maker *m, int weight, bool with_value, size_t *n)
{
	const struct reading *r = m->reading;
	size_t i;

	for (i = 0; i < r->n_findings; i++)
		if ((int)r->findings[i].weight == weight &&
		    (r->findings[i].value != NULL) == with_value &&
		    (*n)++ < LINES_MAX)
			add_finding(m, &r->findings[i]);
}

/* The heaviest first, and of those the ones that name a value. */
static void add_findings(struct maker *m)
{
	size_t n = 0;
	int weight;

	if (m->reading->n_findings == 0)
		return;
	begin(m, "Checks found");
	for (weight = FINDING_TRIPWIRE; weight >= FINDING_NOTE; weight--) {
		add_findings_of(m, weight, true, &n);
		add_findings_of(m, weight, false, &n);
	}
	if (n > LINES_MAX)
		add(m, true,
		    arena_printf(m->arena, "(%zu more)", n - LINES_MAX));
}

static void add_attachments(struct maker *m)
{
	const struct reading *r = m->reading;
	char size[TEXT_SIZE_SIZE];
	const char *name;
	size_t i, n = 0;

	for (i = 0; i < r->n_parts; i++) {
		const struct reading_part *part = &r->parts[i];

		if (part->in_text || n++ >= LINES_MAX)
			continue;
		if (n == 1)
			begin(m, "Attachments");
		name = part->filename == NULL ? "no name" : part->filename;
		add(m, false,
		    arena_printf(m->arena, "%s, %s, %s",
			text_line(m->arena, text_span(name), 120),
			text_line(m->arena, text_span(part->type), 80),
			text_size(part->size, size)));
	}
	if (n > LINES_MAX)
		add(m, true,
		    arena_printf(m->arena, "(%zu more)", n - LINES_MAX));
}

const char *facts_did(enum hold_verb verb)
{
	switch (verb) {
	case HOLD_APPROVE:
		return "approved";
	case HOLD_DROP:
		return "dropped";
	case HOLD_UNDO:
		return "took back the decision on";
	case HOLD_ASK:
		return "asked about";
	case HOLD_EDIT:
		return "edited";
	case HOLD_CLAIM:
		return "opened";
	case HOLD_DELEGATE:
		return "handed over";
	case HOLD_FINE:
		return "was content with";
	case HOLD_WRONG:
		return "objected to";
	case HOLD_SNOOZE:
		return "snoozed";
	case HOLD_REVISE:
		return "returned";
	case HOLD_VERBS:
		break;
	}
	return "changed";
}

const char *facts_where(
    struct arena *arena, const struct config *config, const char *medium)
{
	const char *name = text_line(arena, text_span(medium), 32);

	if (config != NULL && config_chat(config, medium) != NULL)
		return arena_printf(arena, "in %s", name);
	if (strcmp(medium, "command line") == 0)
		return "on the command line";
	return arena_printf(arena, "by %s", name);
}

/* Who did what so far. */
static void add_history(struct maker *m)
{
	const struct hold_view *view = m->view;
	struct arena *arena = m->arena;
	size_t i;

	for (i = 0; i < view->n_decisions; i++) {
		const struct hold_decision *d = &view->decisions[i];
		bool words = d->text != NULL && *d->text != '\0';

		if (i == 0)
			begin(m, "So far");
		add(m, false,
		    arena_printf(arena, "%s: %s %s it %s%s%s",
			local_time(m, d->at_ms),
			text_line(arena, text_span(d->actor), 64),
			facts_did(d->verb),
			facts_where(arena, m->request->config, d->medium),
			words ? ": " : "",
			words
			    ? text_line(arena, text_span(d->text), COLUMNS_MAX)
			    : ""));
	}
}

static void add_times(struct maker *m)
{
	char size[TEXT_SIZE_SIZE];

	begin(m, "Size");
	add(m, false, arena_strdup(m->arena, text_size(m->view->size, size)));
	begin(m, "Received");
	add(m, false, local_time(m, m->view->received_ms));
}

static void add_revision(struct maker *m)
{
	const struct hold_view *view = m->view;
	struct arena *arena = m->arena;

	begin(m, "Revision");
	if (view->editor == NULL)
		add(m, false,
		    arena_printf(
			arena, "%u, code %s", view->number, view->code));
	else
		add(m, false,
		    arena_printf(arena, "%u, code %s, edited by %s",
			view->number, view->code,
			text_line(arena, text_span(view->editor), 64)));
	if (view->note != NULL && *view->note != '\0')
		add_foreign(m, false, text_span(view->note));
	if (view->number != view->current)
		add(m, true,
		    arena_printf(arena, "not the newest: that is revision %u",
			view->current));
}

static void add_subject(struct maker *m)
{
	const char *subject = m->reading->subject;

	fact(m, "Subject",
	    subject == NULL || *subject == '\0' ? "(none)" : subject);
}

static void start(
    struct maker *m, struct arena *arena, const struct facts_request *request)
{
	const struct hold_view *view = request->view;

	*m = (struct maker){
	    .arena = arena,
	    .request = request,
	    .view = view,
	    .reading = view->reading,
	    .facts = arena_alloc(arena, sizeof(*m->facts)),
	    .list = arena_alloc(arena, FACTS_MAX * sizeof(struct fact)),
	};
	m->facts->list = m->list;
	if (request->config != NULL && view->channel != NULL)
		m->channel = config_channel(request->config, view->channel);
}

const struct facts *facts_make(
    struct arena *arena, const struct facts_request *request)
{
	const struct goesto goesto = goesto_make(arena, request->view);
	struct maker m;

	start(&m, arena, request);
	add_goes_to(&m, &goesto, request->recipients_max);
	add_header_lines(&m, &goesto);
	add_from(&m);
	add_subject(&m);
	add_severity(&m);
	add_channel(&m);
	add_deadline(&m);
	add_approvals(&m);
	add_claim(&m);
	add_why_held(&m);
	add_findings(&m);
	add_context(&m);
	add_attachments(&m);
	add_times(&m);
	add_history(&m);
	add_revision(&m);
	return m.facts;
}

const struct facts *facts_brief(
    struct arena *arena, const struct hold_view *view)
{
	const struct facts_request request = {.view = view};
	const struct goesto goesto = goesto_make(arena, view);
	struct maker m;

	start(&m, arena, &request);
	add_goes_to(&m, &goesto, BRIEF_RECIPIENTS);
	add_subject(&m);
	add_revision(&m);
	return m.facts;
}

void facts_add_text(struct buf *out, const struct facts *facts)
{
	const struct fact *fact;
	const char *mark;
	size_t i, j, used;

	for (i = 0; i < facts->n; i++) {
		fact = &facts->list[i];
		mark = fact->lines[0].warn ? "! " : "";
		used = text_columns(fact->label) + 2 + strlen(mark) +
		       text_columns(fact->lines[0].text);
		if (fact->n_lines == 1 && used <= TEXT_COLUMNS) {
			buf_addf(out, "%s: %s%s\n", fact->label, mark,
			    fact->lines[0].text);
			continue;
		}
		buf_addf(out, "%s:\n", fact->label);
		for (j = 0; j < fact->n_lines; j++)
			text_add_wrapped(out,
			    fact->lines[j].warn ? "| ! " : "| ",
			    text_span(fact->lines[j].text));
	}
}
