/*
 * condition: the table of all conditions, and what they become.  Which of them
 * fit a draft is left to check/judge.c and to the sealed reader.
 */
#include "config/condition.h"

#include <stdio.h>
#include <string.h>

#include "config/condition_text.h"
#include "config/setting_row.h"
#include "util/nearest.h"

#define GB	    (INT64_C(1) << 30)
#define NESTING_MAX 16

static const char *const rate_names[] = {
    "agent", "channel", "recipient", "domain", NULL};
static const char *const hours_names[] = {"inside", "outside", NULL};
static const char *const context_names[] = {
    "why", "sources", "confidence", "prompt", "case", "action", NULL};

#define CONDITION(n, kind, field, ...)                                         \
	ROW(n, kind, condition_written, field, __VA_ARGS__)
#define AT_LINE(field) ROW_LINE(condition_written, field)
#define TEXTS(n, field)                                                        \
	CONDITION(n, STRINGS, field.list, AT_LINE(field.line), .least = 1)
#define NESTED(option, field)                                                  \
	CONDITION(option, LIST, field.items, AT_LINE(field.line),              \
	    .count = offsetof(struct condition_written, field.n),              \
	    .group = &condition_group)

static const struct setting header_options[] = {
    ROW("name", STRING, condition_header, name, .required = true,
	.example = "name = \"X-Priority\";"),
    ROW("matches", STRINGS, condition_header, matches, .required = true,
	.least = 1, .example = "matches = \"^1\";"),
    ROW_END,
};

static const struct setting_group header_group = {
    "header", header_options, sizeof(struct condition_header), 0, false, 0};

static const struct setting rate_options[] = {
    ROW("of", ENUM, condition_rate, of, .names = rate_names, .required = true,
	.example = "of = \"agent\";"),
    ROW("per", SECONDS, condition_rate, per_s, .least = 1,
	.most = INT64_C(31) * 86400, .required = true,
	.example = "per = \"1h\";"),
    ROW("above", NUMBER, condition_rate, above, .most = 1000000,
	.required = true, .example = "above = 20;"),
    ROW_END,
};

static const struct setting_group rate_group = {
    "rate", rate_options, sizeof(struct condition_rate), 0, false, 0};

static const struct setting condition_options[] = {
    CONDITION("", LINE, line),
    TEXTS("agent", agent),
    TEXTS("sender", sender),
    TEXTS("from", author),
    TEXTS("recipient", recipient),
    TEXTS("subject", subject),
    TEXTS("body", body),
    TEXTS("text", text),
    TEXTS("own", own),
    CONDITION("header", GROUP, header, AT_LINE(header_line),
	.group = &header_group,
	.example = "header = { name = \"X-Priority\"; matches = \"^1\"; };"),
    TEXTS("words", words),
    TEXTS("attachment", attachment),
    CONDITION("attachments_above", NUMBER, attachments.above,
	AT_LINE(attachments.above_line), .most = 100000),
    CONDITION("attachments_below", NUMBER, attachments.below,
	AT_LINE(attachments.below_line), .least = 1, .most = 100000),
    TEXTS("finding", finding),
    CONDITION("above", AMOUNT, amount.above, AT_LINE(amount.above_line)),
    CONDITION("below", AMOUNT, amount.below, AT_LINE(amount.below_line)),
    CONDITION("size_above", SIZE, size.above_bytes, AT_LINE(size.above_line),
	.most = 4 * GB),
    CONDITION("size_below", SIZE, size.below_bytes, AT_LINE(size.below_line),
	.least = 1, .most = 4 * GB),
    CONDITION("recipients_above", NUMBER, recipients.above,
	AT_LINE(recipients.above_line), .most = 100000),
    CONDITION("recipients_below", NUMBER, recipients.below,
	AT_LINE(recipients.below_line), .least = 1, .most = 100000),
    CONDITION("confidence_above", AMOUNT, confidence.above,
	AT_LINE(confidence.above_line), .most = 1),
    CONDITION("confidence_below", AMOUNT, confidence.below,
	AT_LINE(confidence.below_line), .most = 1),
    TEXTS("missing", missing),
    CONDITION("rate", GROUP, rate, AT_LINE(rate_line), .group = &rate_group,
	.example = "rate = { of = \"agent\"; per = \"1h\"; above = 20; };"),
    CONDITION("hours", ENUM, hours, AT_LINE(hours_line), .names = hours_names),
    NESTED("any", any),
    NESTED("all", all),
    NESTED("none", none),
    ROW_END,
};

const struct setting_group condition_group = {"conditions", condition_options,
    sizeof(struct condition_written), 0, false, 0};

/* Conditions that are being gathered for one ALL, ANY or NONE. */
struct making {
	const struct condition_maker *maker;
	struct error *err;
	struct condition *of;
	size_t n, room;
	unsigned depth;
};

#define WRONG(m, line, ...)                                                    \
	(error_set((m)->err, ERROR_INVALID, __VA_ARGS__),                      \
	    error_prefix((m)->err, "%s:%u", (m)->maker->file, line))

static struct condition *add(struct making *m, enum condition_kind kind,
    const char *option, unsigned line)
{
	struct condition *c;

	if (m->n == m->room) {
		struct condition *old = m->of;

		m->room = m->room * 2 + 4;
		m->of = arena_alloc(
		    m->maker->config->arena, m->room * sizeof(*m->of));
		if (m->n > 0)
			memcpy(m->of, old, m->n * sizeof(*m->of));
	}
	c = &m->of[m->n++];
	*c = (struct condition){.kind = kind, .option = option, .line = line};
	return c;
}

/* Nothing fits: a list from a file that has no lines. */
static void add_never(struct making *m, const char *option, unsigned line)
{
	add(m, CONDITION_ANY, option, line);
}

static int no_empty(struct making *m, const struct condition_list *written,
    const char *option, const char *example)
{
	const char *const *s;

	for (s = written->list; *s != NULL; s++)
		if ((*s)[strspn(*s, " \t\r\n")] == '\0')
			return WRONG(m, written->line,
			    "'%s' has an empty text, which would fit "
			    "everything; write %s",
			    option, example);
	return 0;
}

int condition_check_patterns(const struct condition_list *written,
    const char *option, const char *file, struct error *err)
{
	const char *const *s;

	for (s = written->list; s != NULL && *s != NULL; s++) {
		const char *p = *s, *at = strchr(p, '@');
		size_t star = strcspn(p, "*");

		if (strcmp(p, "*") == 0)
			continue;
		if (at == NULL || at == p || at[1] == '\0' ||
		    strpbrk(p, " <>,;") != NULL ||
		    (p[star] != '\0' && strncmp(p, "*@", 2) != 0) ||
		    strchr(p + (p[0] == '*'), '*') != NULL)
			return error_set(err, ERROR_INVALID,
			    "%s:%u: '%s' has \"%.60s\", which fits no address; "
			    "write \"name@example.com\", \"*@example.com\" or "
			    "\"*\"",
			    file, written->line, option, p);
	}
	return 0;
}

int condition_check_agents(const struct config *config,
    const struct condition_list *written, const char *file, struct error *err)
{
	const char *const *s;
	struct nearest nearest;
	char near[NEAREST_SIZE];
	size_t i;

	for (s = written->list; s != NULL && *s != NULL; s++) {
		if (config_agent(config, *s) != NULL)
			continue;
		nearest_init(&nearest, *s);
		for (i = 0; i < config->n_agents; i++)
			nearest_try(&nearest, config->agents[i].name);
		return error_set(err, ERROR_INVALID,
		    "%s:%u: 'agent' names '%.60s', but there is no such "
		    "agent%s",
		    file, written->line, *s, nearest_text(&nearest, near));
	}
	return 0;
}

int condition_check_context(const struct condition_list *written,
    const char *option, const char *file, struct error *err)
{
	const char *const *s, *const *name;
	struct nearest nearest;
	char near[NEAREST_SIZE];

	for (s = written->list; s != NULL && *s != NULL; s++) {
		nearest_init(&nearest, *s);
		for (name = context_names; *name != NULL; name++) {
			if (strcmp(*s, *name) == 0)
				break;
			nearest_try(&nearest, *name);
		}
		if (*name == NULL)
			return error_set(err, ERROR_INVALID,
			    "%s:%u: '%s' names '%.60s', which no agent can "
			    "say%s%s",
			    file, written->line, option, *s,
			    nearest_text(&nearest, near),
			    *near ? ""
				  : "; there are why, sources, confidence, "
				    "prompt, case and action");
	}
	return 0;
}

/* A list that judge compares with a fact. */
static void add_list(struct making *m, enum condition_kind kind,
    const char *option, const struct condition_list *written)
{
	if (*written->list == NULL)
		add_never(m, option, written->line);
	else
		add(m, kind, option, written->line)->list = written->list;
}

static int make_envelope(struct making *m, const struct condition_written *w)
{
	const struct {
		const char *option;
		enum condition_kind kind;
		const struct condition_list *written;
	} rows[] = {
	    {"sender", CONDITION_SENDER, &w->sender},
	    {"from", CONDITION_AUTHOR, &w->author},
	    {"recipient", CONDITION_RECIPIENT, &w->recipient},
	};
	const char *file = m->maker->file;
	size_t i;

	if (w->agent.line != 0) {
		if (condition_check_agents(
			m->maker->config, &w->agent, file, m->err))
			return -1;
		add_list(m, CONDITION_AGENT, "agent", &w->agent);
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].written->line == 0)
			continue;
		if (condition_check_patterns(
			rows[i].written, rows[i].option, file, m->err))
			return -1;
		add_list(m, rows[i].kind, rows[i].option, rows[i].written);
	}
	return 0;
}

static void set_text(struct making *m, struct condition *c, const char *where,
    const char *pattern)
{
	c->where = where;
	c->pattern = pattern;
	c->mark = (*m->maker->marks)++;
}

/* One pattern, or any of several, each with a mark of its own. */
static void add_patterns(struct making *m, const char *option,
    const struct condition_list *written, const char *where)
{
	struct making any = {
	    .maker = m->maker, .err = m->err, .depth = m->depth};
	struct condition *c;
	size_t i;

	if (written->list[0] != NULL && written->list[1] == NULL) {
		c = add(m, CONDITION_TEXT, option, written->line);
		set_text(m, c, where, written->list[0]);
		return;
	}
	for (i = 0; written->list[i] != NULL; i++) {
		c = add(&any, CONDITION_TEXT, option, written->line);
		set_text(&any, c, where, written->list[i]);
	}
	c = add(m, CONDITION_ANY, option, written->line);
	c->of = any.of;
	c->n = any.n;
}

static int make_words(struct making *m, const struct condition_list *written)
{
	struct arena *arena = m->maker->config->arena;
	const char *const *rest = written->list;
	struct condition_list patterns = {NULL, written->line};
	const char **list;
	size_t n = 0;

	if (no_empty(
		m, written, "words", "words = [ \"legal\", \"contract\" ]"))
		return -1;
	for (n = 0; written->list[n] != NULL; n++)
		;
	list = arena_alloc(arena, (n + 1) * sizeof(*list));
	for (n = 0; (list[n] = condition_text_words(arena, &rest)) != NULL; n++)
		;
	patterns.list = list;
	add_patterns(m, "words", &patterns, "text");
	return 0;
}

static int make_header(struct making *m, const struct condition_written *w)
{
	const struct condition_list patterns = {
	    w->header.matches, w->header_line};
	const char *name = w->header.name, *c;

	for (c = name; *c > ' ' && *c < 0x7f && *c != ':'; c++)
		;
	if (*c != '\0' || c == name)
		return WRONG(m, w->header_line,
		    "'header' names \"%.60s\", which is no field's name; write "
		    "header = { name = \"X-Priority\"; matches = \"^1\"; }",
		    name);
	if (no_empty(m, &patterns, "header.matches", "matches = \"^1\""))
		return -1;
	add_patterns(m, "header", &patterns,
	    arena_printf(m->maker->config->arena, "header:%s", name));
	return 0;
}

static int make_texts(struct making *m, const struct condition_written *w)
{
	const struct {
		const char *option;
		const struct condition_list *written;
	} rows[] = {
	    {"subject", &w->subject},
	    {"body", &w->body},
	    {"text", &w->text},
	    {"own", &w->own},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].written->line == 0)
			continue;
		if (no_empty(m, rows[i].written, rows[i].option,
			"a regular expression, such as \"refund\""))
			return -1;
		add_patterns(
		    m, rows[i].option, rows[i].written, rows[i].option);
	}
	if (w->header_line != 0 && make_header(m, w))
		return -1;
	return w->words.line != 0 ? make_words(m, &w->words) : 0;
}

/* Exclusive bounds between which nothing lies are a mistake. */
static int add_bounds(struct making *m, enum condition_kind kind,
    const char *option, const struct condition_bounds *b)
{
	unsigned line = b->above_line != 0 ? b->above_line : b->below_line;
	struct condition *c;

	if (line == 0)
		return 0;
	if (b->above_line != 0 && b->below_line != 0 &&
	    strcmp(b->above.currency, b->below.currency) != 0)
		return WRONG(m, line,
		    "'above' and 'below' are in different currencies; write "
		    "two rules");
	if (b->above_line != 0 && b->below_line != 0 &&
	    b->above.value >= b->below.value)
		return WRONG(m, line,
		    "nothing is above the one and below the other number of "
		    "'%s'; exchange the two",
		    option);
	c = add(m, kind, option, line);
	c->has_above = b->above_line != 0;
	c->has_below = b->below_line != 0;
	c->above = b->above;
	c->below = b->below;
	return 0;
}

static struct condition_bounds bounds_of(const struct condition_counts *counts)
{
	return (struct condition_bounds){
	    .above.value =
		((int64_t)counts->above_bytes + counts->above) * AMOUNT_ONE,
	    .below.value =
		((int64_t)counts->below_bytes + counts->below) * AMOUNT_ONE,
	    .above_line = counts->above_line,
	    .below_line = counts->below_line,
	};
}

static int make_counts(struct making *m, const struct condition_written *w)
{
	const struct condition_bounds size = bounds_of(&w->size),
				      recipients = bounds_of(&w->recipients),
				      attachments = bounds_of(&w->attachments);

	return add_bounds(m, CONDITION_SIZE, "size", &size) ||
		       add_bounds(m, CONDITION_RECIPIENTS, "recipients",
			   &recipients) ||
		       add_bounds(m, CONDITION_ATTACHMENTS, "attachments",
			   &attachments) ||
		       add_bounds(m, CONDITION_CONFIDENCE, "confidence",
			   &w->confidence)
		   ? -1
		   : 0;
}

/* Names of findings are lower case and hyphens; "*" may stand at the end. */
static bool is_finding(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return name[0] != '\0' &&
	       (name[n] == '\0' || strcmp(name + n, "*") == 0);
}

static int make_finding(struct making *m, const struct condition_written *w)
{
	const char *const *name;
	unsigned line = w->amount.above_line != 0 ? w->amount.above_line
						  : w->amount.below_line;

	if (w->finding.line == 0 && line != 0)
		return WRONG(m, line,
		    "'%s' compares a finding, but there is no 'finding' "
		    "beside it; write finding = \"amount\"; or mean "
		    "size_above, recipients_above or confidence_above",
		    w->amount.above_line != 0 ? "above" : "below");
	if (w->finding.line == 0)
		return 0;
	for (name = w->finding.list; *name != NULL; name++)
		if (!is_finding(*name))
			return WRONG(m, w->finding.line,
			    "'finding' names \"%.60s\"; names of findings are "
			    "lower case with hyphens, such as "
			    "\"first-contact\" or \"link-*\"",
			    *name);
	if (*w->finding.list == NULL)
		add_never(m, "finding", w->finding.line);
	else if (line == 0)
		add(m, CONDITION_FINDING, "finding", w->finding.line);
	else if (add_bounds(m, CONDITION_FINDING, "finding", &w->amount))
		return -1;
	m->of[m->n - 1].line = w->finding.line;
	m->of[m->n - 1].list = w->finding.list;
	return 0;
}

static int make_others(struct making *m, const struct condition_written *w)
{
	struct condition *c;

	if (w->attachment.line != 0) {
		if (no_empty(m, &w->attachment, "attachment",
			"attachment = [ \"*.exe\", \"application/zip\" ]"))
			return -1;
		add_list(m, CONDITION_ATTACHMENT, "attachment", &w->attachment);
	}
	if (w->missing.line != 0) {
		if (condition_check_context(
			&w->missing, "missing", m->maker->file, m->err))
			return -1;
		add_list(m, CONDITION_CONTEXT, "missing", &w->missing);
	}
	if (w->rate_line != 0) {
		c = add(m, CONDITION_RATE, "rate", w->rate_line);
		c->rate.of = (enum verdict_rate_of)w->rate.of;
		c->rate.per_s = w->rate.per_s;
		c->has_above = true;
		c->above.value = w->rate.above * AMOUNT_ONE;
	}
	if (w->hours_line == 0)
		return 0;
	if (m->maker->no_calendar)
		return WRONG(m, w->hours_line,
		    "'hours' asks for business hours, but the channel has no "
		    "calendar; write calendar = \"...\"; in the channel");
	add(m, CONDITION_HOURS, "hours", w->hours_line)->inside = w->hours == 0;
	return 0;
}

static int make_within(struct making *m, const struct condition_written *w,
    struct condition *condition);

static int make_nested(struct making *m, enum condition_kind kind,
    const char *option, const struct condition_nested *nested)
{
	struct making inner = {
	    .maker = m->maker, .err = m->err, .depth = m->depth + 1};
	struct condition one, *c;
	size_t i;

	if (nested->line == 0)
		return 0;
	if (m->depth >= NESTING_MAX)
		return WRONG(m, nested->line,
		    "'%s' is nested more than %d deep; write several rules",
		    option, NESTING_MAX);
	if (nested->n == 0)
		return WRONG(m, nested->line,
		    "'%s' is an empty list; write %s = ( { subject = \"...\"; "
		    "}, { finding = \"...\"; } );",
		    option, option);
	for (i = 0; i < nested->n; i++) {
		if (make_within(&inner, &nested->items[i], &one))
			return -1;
		if (one.n == 0)
			return WRONG(m, nested->items[i].line,
			    "there is no condition in these braces of '%s'; "
			    "write one, such as finding = \"legal\";",
			    option);
		*add(&inner, one.kind, one.option, one.line) = one;
	}
	c = add(m, kind, option, nested->line);
	c->of = inner.of;
	c->n = inner.n;
	return 0;
}

/* ALL of what stands in one pair of braces. */
static int make_within(struct making *m, const struct condition_written *w,
    struct condition *condition)
{
	struct making all = {
	    .maker = m->maker, .err = m->err, .depth = m->depth};

	if (make_envelope(&all, w) || make_texts(&all, w) ||
	    make_finding(&all, w) || make_counts(&all, w) ||
	    make_others(&all, w) ||
	    make_nested(&all, CONDITION_ANY, "any", &w->any) ||
	    make_nested(&all, CONDITION_ALL, "all", &w->all) ||
	    make_nested(&all, CONDITION_NONE, "none", &w->none))
		return -1;
	*condition = (struct condition){
	    .kind = CONDITION_ALL,
	    .option = "all",
	    .line = w->line,
	    .n = all.n,
	    .of = all.of,
	};
	return 0;
}

int condition_make(const struct condition_maker *maker,
    const struct condition_written *written, struct condition *condition,
    struct error *err)
{
	struct making m = {.maker = maker, .err = err};

	return make_within(&m, written, condition);
}

static bool has_star(const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, "*") == 0)
			return true;
	return false;
}

bool condition_narrows(const struct condition *c)
{
	size_t i, narrow = 0;

	for (i = 0; i < c->n; i++)
		narrow += condition_narrows(&c->of[i]);
	switch (c->kind) {
	case CONDITION_ALL:
		return narrow > 0;
	case CONDITION_ANY:
		return narrow == c->n;
	case CONDITION_NONE:
		return c->n > 0;
	case CONDITION_AGENT:
		return true;
	case CONDITION_SENDER:
	case CONDITION_AUTHOR:
	case CONDITION_RECIPIENT:
		return !has_star(c->list);
	case CONDITION_SIZE:
	case CONDITION_RECIPIENTS:
		return c->has_below || c->above.value > 0;
	default:
		return true;
	}
}

void condition_each(const struct condition *condition,
    void (*call)(const struct condition *condition, void *context),
    void *context)
{
	size_t i;

	call(condition, context);
	for (i = 0; i < condition->n; i++)
		condition_each(&condition->of[i], call, context);
}
