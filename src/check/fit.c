/*
 * fit: one function per kind of condition.  What a fitting rule does is
 * left to judge.c.
 */
#include "check/fit.h"

#include "check/confidence.h"
#include "check/money.h"
#include "check/trace.h"

#include "util/clock.h"

#include <string.h>
#include <strings.h>

typedef enum fit fit_function(
    const struct condition *condition, const struct fit_view *view, char *why);

#define SAY(...) trace_write(why, FIT_WHY, __VA_ARGS__)

static enum fit of(bool fits)
{
	return fits ? FIT_YES : FIT_NOT;
}

/* A pattern has "*" at an end; ASCII case is ignored. */
static bool fits_pattern(const char *name, const char *pattern)
{
	size_t name_len = strlen(name), len = strlen(pattern);
	bool head = len > 0 && pattern[0] == '*';
	bool tail = len > 1 && pattern[len - 1] == '*';
	size_t fixed = len - head - tail, at;

	pattern += head;
	if (!head && !tail)
		return strcasecmp(name, pattern) == 0;
	if (name_len < fixed)
		return false;
	if (head != tail)
		return strncasecmp(name + (head ? name_len - fixed : 0),
			   pattern, fixed) == 0;
	for (at = 0; at + fixed <= name_len; at++)
		if (strncasecmp(name + at, pattern, fixed) == 0)
			return true;
	return false;
}

static bool is_listed(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++)
		if (fits_pattern(name, *list))
			return true;
	return false;
}

static bool address_listed(const char *const *list, const char *address)
{
	for (; list != NULL && *list != NULL; list++)
		if (message_address_fits(address, *list))
			return true;
	return false;
}

/* ---- the envelope ------------------------------------------------------- */

static enum fit fit_agent(
    const struct condition *c, const struct fit_view *view, char *why)
{
	const char *agent = view->facts->agent;
	const char *const *name = c->list;

	for (; agent != NULL && name != NULL && *name != NULL; name++)
		if (strcmp(*name, agent) == 0) {
			SAY("agent %.64s", agent);
			return FIT_YES;
		}
	SAY("agent %.64s is not on its list", agent ? agent : "?");
	return FIT_NOT;
}

static enum fit fit_sender(
    const struct condition *c, const struct fit_view *view, char *why)
{
	const char *from = view->facts->envelope->from;
	bool fits = address_listed(c->list, from);

	SAY(fits ? "sender <%.200s>" : "sender <%.200s> is not on its list",
	    from);
	return of(fits);
}

/* Addresses of either list, one by one. */
static const char *address_at(
    const struct judge_facts *facts, bool authors, size_t i)
{
	if (authors)
		return i < facts->reading->n_authors
			   ? facts->reading->authors[i]
			   : NULL;
	return i < facts->envelope->n_recipients
		   ? facts->envelope->recipients[i].address
		   : NULL;
}

static enum fit fit_addresses(
    const struct condition *c, const struct fit_view *view, char *why)
{
	bool authors = c->kind == CONDITION_AUTHOR;
	const char *what = authors ? "author" : "recipient", *address;
	size_t i;

	if (authors && view->facts->reading->trouble != NULL) {
		SAY("the mail could not be read");
		return FIT_MAYBE;
	}
	for (i = 0; (address = address_at(view->facts, authors, i)) != NULL;
	     i++) {
		if (address_listed(c->list, address) == view->all)
			continue;
		SAY(view->all ? "%s <%.200s> is not on its list"
			      : "%s <%.200s>",
		    what, address);
		return of(!view->all);
	}
	if (view->all && i > 0)
		SAY("each %s is on its list", what);
	else
		SAY("no %s is on its list", what);
	return of(view->all && i > 0);
}

/* ---- comparisons -------------------------------------------------------- */

static const char *limit_text(
    const struct condition *c, bool fits, char out[3 * AMOUNT_SIZE])
{
	char a[AMOUNT_SIZE], b[AMOUNT_SIZE];
	const char *is = fits ? "is" : "is not";

	if (c->has_above && c->has_below)
		trace_write(out, 3 * AMOUNT_SIZE, "%s between %s and %s", is,
		    amount_print(&c->above, a), amount_print(&c->below, b));
	else if (c->has_above)
		trace_write(out, 3 * AMOUNT_SIZE, "%s above %s", is,
		    amount_print(&c->above, a));
	else
		trace_write(out, 3 * AMOUNT_SIZE, "%s below %s", is,
		    amount_print(&c->below, b));
	return out;
}

/* what: the thing with its value, as "size 12". */
static enum fit compare(const struct condition *c, const struct fit_view *view,
    const struct amount *value, const char *what, char *why)
{
	const struct config *config = view->facts->config;
	char limit[3 * AMOUNT_SIZE];
	bool fits = true;
	int sign;

	if (c->has_above) {
		if (!money_compare(config, value, &c->above, &sign))
			goto no_rate;
		fits = sign > 0;
	}
	if (c->has_below) {
		if (!money_compare(config, value, &c->below, &sign))
			goto no_rate;
		fits = fits && sign < 0;
	}
	SAY("%s %s", what, limit_text(c, fits, limit));
	return of(fits);
no_rate:
	SAY("%s cannot be compared with %s: there is no rate of exchange", what,
	    amount_print(c->has_above ? &c->above : &c->below, limit));
	return FIT_MAYBE;
}

static enum fit compare_number(const struct condition *c,
    const struct fit_view *view, uint64_t n, const char *label, char *why)
{
	struct amount value = {INT64_MAX, ""};
	char what[160];

	if (n < (uint64_t)(INT64_MAX / AMOUNT_ONE))
		value.value = (int64_t)n * AMOUNT_ONE;
	trace_write(
	    what, sizeof(what), "%s %llu", label, (unsigned long long)n);
	return compare(c, view, &value, what, why);
}

/* A file, not a part of what is read? */
static bool is_attachment(const struct reading_part *part)
{
	return part->filename != NULL ||
	       strncasecmp(part->type, "text/", 5) != 0;
}

static uint64_t count_attachments(const struct reading *reading)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < reading->n_parts; i++)
		count += is_attachment(&reading->parts[i]);
	return count;
}

static enum fit fit_number(
    const struct condition *c, const struct fit_view *view, char *why)
{
	const struct judge_facts *facts = view->facts;

	if (c->kind == CONDITION_SIZE)
		return compare_number(
		    c, view, facts->size, "the size in bytes", why);
	if (c->kind == CONDITION_RECIPIENTS)
		return compare_number(c, view, facts->envelope->n_recipients,
		    "the number of recipients", why);
	if (facts->reading->trouble != NULL) {
		SAY("the mail could not be read");
		return FIT_MAYBE;
	}
	return compare_number(c, view, count_attachments(facts->reading),
	    "the number of attachments", why);
}

static enum fit fit_confidence(
    const struct condition *c, const struct fit_view *view, char *why)
{
	struct amount number;
	char what[64], text[AMOUNT_SIZE];

	if (!confidence_known(
		view->facts->reading, view->channel, &number, why, FIT_WHY))
		return FIT_MAYBE;
	trace_write(
	    what, sizeof(what), "confidence %s", amount_print(&number, text));
	return compare(c, view, &number, what, why);
}

static bool same_rate(
    const struct verdict_rate *a, const struct verdict_rate *b)
{
	return a->of == b->of && a->per_s == b->per_s;
}

/* Of the first channel's rates, or of the global ones if there is none. */
static const uint64_t *count_of(
    const struct judge_facts *facts, const struct verdict_rate *rate)
{
	const struct channel *first =
	    facts->n_channels > 0 ? facts->channels[0] : NULL;
	const struct verdict_rate *rates =
	    first != NULL ? first->rates : facts->config->rates;
	size_t i, n = first != NULL ? first->n_rates : facts->config->n_rates;

	for (i = 0; i < n && facts->history->counts != NULL; i++)
		if (same_rate(&rates[i], rate))
			return &facts->history->counts[i];
	return NULL;
}

static enum fit fit_rate(
    const struct condition *c, const struct fit_view *view, char *why)
{
	static const char *const by[] = {
	    [VERDICT_BY_AGENT] = "agent",
	    [VERDICT_BY_CHANNEL] = "channel",
	    [VERDICT_BY_RECIPIENT] = "recipient",
	    [VERDICT_BY_DOMAIN] = "domain",
	};
	const uint64_t *count = count_of(view->facts, &c->rate);
	char span[CLOCK_ISO_SIZE], label[128];

	clock_span((int64_t)c->rate.per_s * 1000, span);
	trace_write(
	    label, sizeof(label), "drafts by %s in %s:", by[c->rate.of], span);
	if (count != NULL)
		return compare_number(c, view, *count, label, why);
	SAY("%s how many is not known", label);
	return FIT_MAYBE;
}

/* ---- what the reader saw ------------------------------------------------ */

static enum fit fit_text(
    const struct condition *c, const struct fit_view *view, char *why)
{
	const struct reading *reading = view->facts->reading;
	const char *where = c->where	? c->where
			    : c->option ? c->option
					: "text";
	const char *pattern = c->pattern ? c->pattern : "";
	const struct reading_mark *mark = reading->marks;
	const struct reading_mark *end = mark + reading->n_marks;

	if (reading->trouble != NULL) {
		SAY("the mail could not be read");
		return FIT_MAYBE;
	}
	while (mark < end && mark->mark != c->mark)
		mark++;
	if (mark == end)
		SAY("%s does not have \"%.120s\"", where, pattern);
	else if (mark->unsure)
		SAY("%s could not be searched to the end for \"%.120s\"", where,
		    pattern);
	else
		SAY("%s has \"%.120s\"", where, pattern);
	return mark == end ? FIT_NOT : mark->unsure ? FIT_MAYBE : FIT_YES;
}

static enum fit fit_finding(const struct condition *c,
    const struct fit_view *view, const struct finding *f, char *why)
{
	struct amount value;
	char what[160];

	if (!c->has_above && !c->has_below) {
		SAY(*f->detail ? "%.60s: %.200s" : "finding %.60s%s", f->name,
		    f->detail);
		return FIT_YES;
	}
	if (f->value == NULL || amount_parse(&value, f->value, NULL)) {
		SAY("%.60s has no value that can be compared", f->name);
		return FIT_MAYBE;
	}
	trace_write(what, sizeof(what), "%.60s %.60s", f->name, f->value);
	return compare(c, view, &value, what, why);
}

/* The findings of the reader, then those of the ledger; NULL at the end. */
static const struct finding *finding_at(
    const struct judge_facts *facts, size_t i)
{
	if (i < facts->reading->n_findings)
		return &facts->reading->findings[i];
	i -= facts->reading->n_findings;
	return i < facts->history->n_findings ? &facts->history->findings[i]
					      : NULL;
}

/*
 * One value of many is enough to hold; to pass on a value, all must fit.  That
 * there is such a finding is enough in any case.
 */
static enum fit fit_findings(
    const struct condition *c, const struct fit_view *view, char *why)
{
	bool all = view->all && (c->has_above || c->has_below);
	enum fit best = FIT_NOT, one;
	const struct finding *f;
	char words[FIT_WHY];
	size_t i, n = 0;

	SAY("no finding %.60s%s", c->list && *c->list ? *c->list : "at all",
	    c->list && *c->list && c->list[1] ? " nor another of its list"
					      : "");
	for (i = 0; (f = finding_at(view->facts, i)) != NULL; i++) {
		if (!is_listed(c->list, f->name))
			continue;
		one = fit_finding(c, view, f, words);
		if (n++ == 0 || (all ? one < best : one > best)) {
			best = one;
			memcpy(why, words, sizeof(words));
		}
	}
	if (view->facts->reading->trouble != NULL && best == FIT_NOT) {
		SAY("the mail could not be read");
		return FIT_MAYBE;
	}
	return best;
}

static bool attachment_listed(
    const struct condition *c, const struct reading_part *part)
{
	return is_listed(c->list, part->type) ||
	       (part->filename != NULL && is_listed(c->list, part->filename));
}

static enum fit fit_attachment(
    const struct condition *c, const struct fit_view *view, char *why)
{
	const struct reading *reading = view->facts->reading;
	const struct reading_part *part;
	size_t n = 0;

	if (reading->trouble != NULL) {
		SAY("the mail could not be read");
		return FIT_MAYBE;
	}
	for (part = reading->parts; part < reading->parts + reading->n_parts;
	     part++) {
		if (!is_attachment(part))
			continue;
		n++;
		if (attachment_listed(c, part) == view->all)
			continue;
		SAY("attachment %.160s (%.60s)%s",
		    part->filename ? part->filename : "without a name",
		    part->type, view->all ? " is not on its list" : "");
		return of(!view->all);
	}
	SAY("%s attachment is on its list", view->all && n > 0 ? "each" : "no");
	return of(view->all && n > 0);
}

bool fit_has_context(const struct reading_context *context, const char *name)
{
	const struct {
		const char *name, *value;
	} fields[] = {
	    {"why", context->why},
	    {"sources", context->sources},
	    {"confidence", context->confidence},
	    {"prompt", context->prompt},
	    {"case", context->case_id},
	    {"action", context->action},
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].value != NULL &&
			       *fields[i].value != '\0';
	return false;
}

static enum fit fit_context(
    const struct condition *c, const struct fit_view *view, char *why)
{
	const char *const *name = c->list;

	for (; name != NULL && *name != NULL; name++)
		if (!fit_has_context(&view->facts->reading->context, *name)) {
			SAY("the agent gave no \"%.40s\"", *name);
			return FIT_YES;
		}
	SAY("the agent's context is complete");
	return FIT_NOT;
}

static enum fit fit_hours(
    const struct condition *c, const struct fit_view *view, char *why)
{
	const struct calendar *calendar =
	    view->channel != NULL && view->channel->calendar != NULL
		? view->channel->calendar
		: calendar_always();
	bool open = calendar_open(calendar, view->facts->now_ms);
	char text[CALENDAR_TEXT_SIZE];

	SAY("%s is %s business hours",
	    calendar_text(calendar, view->facts->now_ms, text),
	    open ? "within" : "outside");
	return of(open == c->inside);
}

/* ---- several ------------------------------------------------------------ */

static void join(char *why, const char *more)
{
	size_t len = strlen(why);

	if (len < FIT_WHY / 2)
		trace_write(why + len, FIT_WHY - len, "%s%s",
		    len > 0 ? " and " : "", more);
}

static enum fit fit_all(
    const struct condition *c, const struct fit_view *view, char *why)
{
	enum fit worst = FIT_YES, one;
	char words[FIT_WHY];
	size_t i;

	SAY("%s", c->n == 0 ? "it is about every mail" : "");
	for (i = 0; i < c->n; i++) {
		one = fit_condition(&c->of[i], view, words);
		if (one < worst)
			memcpy(why, words, sizeof(words));
		else if (one == FIT_YES && worst == FIT_YES)
			join(why, words);
		worst = one < worst ? one : worst;
	}
	return worst;
}

static enum fit fit_any(
    const struct condition *c, const struct fit_view *view, char *why)
{
	enum fit best = FIT_NOT, one;
	char words[FIT_WHY];
	size_t i;

	SAY("none of its %zu conditions fits", c->n);
	for (i = 0; i < c->n && best != FIT_YES; i++) {
		one = fit_condition(&c->of[i], view, words);
		if (one > best || c->n == 1)
			memcpy(why, words, sizeof(words));
		best = one > best ? one : best;
	}
	return best;
}

static enum fit fit_none(
    const struct condition *c, const struct fit_view *view, char *why)
{
	const struct fit_view inner = {view->facts, view->channel, !view->all};
	enum fit best = fit_any(c, &inner, why);

	if (best == FIT_NOT)
		SAY("nothing that it excludes is there");
	return best == FIT_NOT	 ? FIT_YES
	       : best == FIT_YES ? FIT_NOT
				 : FIT_MAYBE;
}

enum fit fit_condition(
    const struct condition *condition, const struct fit_view *view, char *why)
{
	static fit_function *const functions[] = {
	    [CONDITION_ALL] = fit_all,
	    [CONDITION_ANY] = fit_any,
	    [CONDITION_NONE] = fit_none,
	    [CONDITION_AGENT] = fit_agent,
	    [CONDITION_SENDER] = fit_sender,
	    [CONDITION_AUTHOR] = fit_addresses,
	    [CONDITION_RECIPIENT] = fit_addresses,
	    [CONDITION_TEXT] = fit_text,
	    [CONDITION_FINDING] = fit_findings,
	    [CONDITION_SIZE] = fit_number,
	    [CONDITION_RECIPIENTS] = fit_number,
	    [CONDITION_ATTACHMENTS] = fit_number,
	    [CONDITION_ATTACHMENT] = fit_attachment,
	    [CONDITION_CONFIDENCE] = fit_confidence,
	    [CONDITION_CONTEXT] = fit_context,
	    [CONDITION_RATE] = fit_rate,
	    [CONDITION_HOURS] = fit_hours,
	};

	return functions[condition->kind](condition, view, why);
}
