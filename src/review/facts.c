/*
 * facts: turns a view of the ledger into what people are told.  How facts are
 * laid out as HTML is left to html.c, as JSON to the HTTP API.
 */
#include "review/facts.h"

#include <inttypes.h>
#include <string.h>

#include "message.h"
#include "review/names.h"
#include "review/text.h"

#define FACTS_MAX   24
#define LINES_MAX   40	 /* of one fact, recipients apart */
#define COLUMNS_MAX 400u /* of one line of a fact */
#define MANY	    10	 /* recipients that are worth a warning */

struct maker {
	struct arena *arena;
	const struct hold_view *view;
	const struct reading *reading;
	struct facts *facts;
	struct fact *list;
	size_t room;	  /* lines that the last fact's array can take */
	const char *home; /* the sender's domain, or "" */
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

static bool outside(const struct maker *m, const char *address)
{
	return *m->home != '\0' &&
	       !message_same_address(message_domain(address), m->home);
}

static const char *outcome(struct arena *arena, const struct hold_recipient *to)
{
	if (to->state == NULL || strcmp(to->state, "pending") == 0)
		return "";
	if (to->answer == NULL || *to->answer == '\0')
		return arena_printf(arena, " - %s", to->state);
	return arena_printf(arena, " - %s: %s", to->state,
	    text_line(arena, text_span(to->answer), COLUMNS_MAX));
}

static bool hidden(
    const struct maker *m, struct names *written, const char *address)
{
	return m->reading->trouble == NULL && !names_have(written, address);
}

static size_t count_hidden(const struct maker *m, struct names *written)
{
	size_t i, n = 0;

	for (i = 0; i < m->view->n_recipients; i++)
		n += hidden(m, written, m->view->recipients[i].address);
	return n;
}

/* mark: hidden ones are to be told from the others. */
static struct fact_line recipient_line(
    const struct maker *m, const struct hold_recipient *to, bool mark)
{
	bool inside = *m->home != '\0' && !outside(m, to->address);
	bool bad = to->state != NULL && (strcmp(to->state, "failed") == 0 ||
					    strcmp(to->state, "in-doubt") == 0);

	return (struct fact_line){
	    .text = arena_printf(m->arena, "%s%s%s%s",
		text_line(m->arena, text_span(to->address), COLUMNS_MAX),
		inside && m->view->n_recipients > 1 ? " (inside)" : "",
		mark ? " (hidden)" : "", outcome(m->arena, to)),
	    .warn = mark || bad,
	};
}

/* All recipients, those outside the sender's domain first. */
static struct fact_line *recipient_lines(const struct maker *m,
    struct names *written, bool all_hidden, size_t *n_outside)
{
	const struct hold_view *view = m->view;
	const struct hold_recipient *to;
	struct fact_line *lines =
	    arena_alloc(m->arena, view->n_recipients * sizeof(*lines));
	size_t i, n = 0;
	int inside;

	for (inside = 0; inside <= 1; inside++) {
		for (i = 0; i < view->n_recipients; i++) {
			to = &view->recipients[i];
			if (outside(m, to->address) != inside)
				lines[n++] = recipient_line(m, to,
				    !all_hidden &&
					hidden(m, written, to->address));
		}
		if (!inside)
			*n_outside = n;
	}
	return lines;
}

/* "30 addresses, 20 outside corp.example, 3 hidden (in no To or Cc line)" */
static void add_count(struct maker *m, size_t n_outside, size_t n_hidden)
{
	size_t n = m->view->n_recipients;
	const char *text = arena_printf(m->arena, "%zu addresses", n);

	if (n_outside > 0)
		text = arena_printf(m->arena, "%s, %zu outside %s", text,
		    n_outside, text_line(m->arena, text_span(m->home), 60));
	if (n_hidden == n && n > 0)
		text = arena_printf(
		    m->arena, "%s, all hidden (in no To or Cc line)", text);
	else if (n_hidden > 0)
		text = arena_printf(m->arena,
		    "%s, %zu hidden (in no To or Cc line)", text, n_hidden);
	add(m, n_hidden > 0 || n > MANY, text);
}

static void add_goes_to(struct maker *m, struct names *written, size_t max)
{
	size_t i, n_outside, n = m->view->n_recipients;
	size_t n_hidden = count_hidden(m, written);
	struct fact_line *lines =
	    recipient_lines(m, written, n_hidden == n, &n_outside);

	begin(m, "Goes to");
	if (n != 1)
		add_count(m, n_outside, n_hidden);
	if (max == 0 || n <= max)
		max = n;
	for (i = 0; i < max; i++)
		add(m, lines[i].warn, lines[i].text);
	if (n == 1 && n_hidden == 1)
		add(m, true, "(hidden: in no To or Cc line)");
	if (n == max)
		return;
	add(m, true, arena_printf(m->arena, "and %zu more", n - max));
	m->facts->left = lines + max;
	m->facts->n_left = n - max;
}

/* Is it one recipient, written as what it is? */
static bool says_nothing_new(const struct maker *m, const char *to)
{
	return m->view->n_recipients == 1 &&
	       message_same_address(to, m->view->recipients[0].address);
}

/* What To and Cc say, and whom they name who does not get it. */
static void add_header_lines(struct maker *m)
{
	const struct reading *r = m->reading;
	struct names *envelope = names_new(m->arena);
	struct names *named = names_new(m->arena);
	size_t i, n = 0;

	if (r->to != NULL && !says_nothing_new(m, r->to))
		fact(m, "To, as written", r->to);
	fact(m, "Cc, as written", r->cc);
	for (i = 0; i < m->view->n_recipients; i++)
		names_add(envelope, m->view->recipients[i].address);
	names_find(named, r->to);
	names_find(named, r->cc);
	for (i = 0; i < names_count(named) && n < LINES_MAX; i++) {
		if (names_have(envelope, names_at(named, i)))
			continue;
		if (n++ == 0)
			begin(m, "Named, but does not get it");
		add_foreign(m, true, text_span(names_at(named, i)));
	}
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
	bool same = sender_is_author(m);

	begin(m, "From");
	add(m, !same,
	    arena_printf(m->arena, "%s (agent %s)",
		text_line(m->arena,
		    text_span(r->from == NULL ? "(nobody)" : r->from),
		    COLUMNS_MAX),
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

static void add_why_held(struct maker *m)
{
	const struct hold_view *view = m->view;
	struct arena *arena = m->arena;

	if (view->reason == NULL || *view->reason == '\0')
		return;
	begin(m, "Held because");
	if (view->rule == NULL || strcmp(view->rule, "default") == 0)
		add_foreign(m, false, text_span(view->reason));
	else
		add(m, false,
		    arena_printf(arena, "%s (rule %s)",
			text_line(arena, text_span(view->reason), COLUMNS_MAX),
			text_line(arena, text_span(view->rule), 64)));
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

static void add_finding(struct maker *m, const struct finding *finding)
{
	const char *name = text_line(m->arena, text_span(finding->name), 64);
	bool bare = finding->detail == NULL || *finding->detail == '\0';

	add(m, finding->weight != FINDING_NOTE,
	    bare ? name
		 : arena_printf(m->arena, "%s (%s)",
		       text_line(
			   m->arena, text_span(finding->detail), COLUMNS_MAX),
		       name));
}

/* The heaviest first. */
static void add_findings(struct maker *m)
{
	const struct reading *r = m->reading;
	size_t i, n = 0;
	int weight;

	if (r->n_findings == 0)
		return;
	begin(m, "Checks found");
	for (weight = FINDING_TRIPWIRE; weight >= FINDING_NOTE; weight--)
		for (i = 0; i < r->n_findings; i++)
			if ((int)r->findings[i].weight == weight &&
			    n++ < LINES_MAX)
				add_finding(m, &r->findings[i]);
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
	}
	return "changed";
}

/* Who did what so far. */
static void add_history(struct maker *m)
{
	const struct hold_view *view = m->view;
	struct arena *arena = m->arena;
	char when[TEXT_TIME_SIZE];
	size_t i;

	for (i = 0; i < view->n_decisions; i++) {
		const struct hold_decision *d = &view->decisions[i];
		bool words = d->text != NULL && *d->text != '\0';

		if (i == 0)
			begin(m, "So far");
		add(m, false,
		    arena_printf(arena, "%s: %s %s it by %s%s%s",
			text_time(d->at_ms, when),
			text_line(arena, text_span(d->actor), 64),
			facts_did(d->verb),
			text_line(arena, text_span(d->medium), 32),
			words ? ": " : "",
			words
			    ? text_line(arena, text_span(d->text), COLUMNS_MAX)
			    : ""));
	}
}

static void add_times(struct maker *m)
{
	char size[TEXT_SIZE_SIZE], when[TEXT_TIME_SIZE];

	begin(m, "Size");
	add(m, false, arena_strdup(m->arena, text_size(m->view->size, size)));
	begin(m, "Received");
	add(m, false,
	    arena_strdup(m->arena, text_time(m->view->received_ms, when)));
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

/* The domain that counts as inside. */
static const char *home_of(const struct hold_view *view)
{
	const char *home = message_domain(view->from);

	if (*home == '\0' && view->reading->n_authors > 0)
		home = message_domain(view->reading->authors[0]);
	return home;
}

static void add_subject(struct maker *m)
{
	const char *subject = m->reading->subject;

	fact(m, "Subject",
	    subject == NULL || *subject == '\0' ? "(none)" : subject);
}

static void start(struct maker *m, struct arena *arena,
    const struct hold_view *view, size_t recipients_max)
{
	struct names *written = names_new(arena);

	*m = (struct maker){
	    .arena = arena,
	    .view = view,
	    .reading = view->reading,
	    .facts = arena_alloc(arena, sizeof(*m->facts)),
	    .list = arena_alloc(arena, FACTS_MAX * sizeof(struct fact)),
	    .home = home_of(view),
	};
	m->facts->list = m->list;
	names_find(written, view->reading->to);
	names_find(written, view->reading->cc);
	add_goes_to(m, written, recipients_max);
}

const struct facts *facts_make(
    struct arena *arena, const struct hold_view *view, size_t recipients_max)
{
	struct maker m;

	start(&m, arena, view, recipients_max);
	add_header_lines(&m);
	add_from(&m);
	add_subject(&m);
	add_why_held(&m);
	add_context(&m);
	add_findings(&m);
	add_attachments(&m);
	add_times(&m);
	add_history(&m);
	add_revision(&m);
	return m.facts;
}

const struct facts *facts_brief(
    struct arena *arena, const struct hold_view *view)
{
	struct maker m;

	start(&m, arena, view, 3);
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
