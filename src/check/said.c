/*
 * said: reads answers with suspicion.  Who asked and how it came is left to
 * program.c and service.c.
 */
#include "check/said.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 64
#define VALUE_MAX    200
#define DETAIL_MAX   400
#define REFUSE_MAX   250
#define ASK_MAX	     16
#define SYMBOLS	     5 /* of rspamd's that are shown */

/* ---- texts -------------------------------------------------------------- */

/* Bytes of a character that must not be shown as it is; 0: it may. */
static size_t bad_character(const unsigned char *s)
{
	if (*s < 0x20 || *s == 0x7f)
		return 1;
	if (s[0] == 0xc2 && s[1] < 0xa0)
		return 2; /* C1 */
	if (s[0] == 0xd8 && s[1] == 0x9c)
		return 2; /* Arabic letter mark */
	/* marks and orders of direction, separators of lines */
	if (s[0] == 0xe2 && s[1] == 0x80 &&
	    ((s[2] >= 0x8e && s[2] <= 0x8f) || (s[2] >= 0xa8 && s[2] <= 0xae)))
		return 3;
	if (s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9)
		return 3;
	return 0;
}

/* A copy fit to be shown on one line, max bytes long; s is valid UTF-8. */
static char *clean(struct arena *arena, const char *s, size_t max)
{
	size_t len = strnlen(s, max + 1), n, i, to = 0;
	char *out;

	if (len > max) {
		len = max;
		while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80)
			len--;
	}
	out = arena_dup(arena, s, len);
	for (i = 0; i < len;) {
		n = bad_character((unsigned char *)out + i);
		out[to++] = n == 0 ? out[i] : n == 1 ? ' ' : '?';
		i += n == 0 ? 1 : n;
	}
	out[to] = '\0';
	return out;
}

static bool is_name(const char *s)
{
	size_t i, len = strlen(s);

	if (len == 0 || len > NAME_MAX_LEN || *s == '-')
		return false;
	for (i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
			(s[i] >= '0' && s[i] <= '9') || s[i] == '-'))
			return false;
	return true;
}

/* ---- findings ----------------------------------------------------------- */

void said_init(struct said *said, struct arena *arena, const char *by)
{
	said->arena = arena;
	said->by = arena_strdup(arena, by);
	said->n_findings = 0;
	said->refuse = said->ask = NULL;
	said->has_severity = false;
	said->severity = SEVERITY_LOW;
}

static void put(struct said *said, const struct finding *finding)
{
	said->findings[said->n_findings++] = *finding;
}

void said_add(struct said *said, const char *name, enum finding_weight weight,
    const char *value, const char *detail)
{
	const struct finding finding = {
	    .name = clean(said->arena, name, NAME_MAX_LEN),
	    .detail = clean(said->arena, detail, DETAIL_MAX),
	    .weight = weight,
	    .value =
		value == NULL ? NULL : clean(said->arena, value, VALUE_MAX),
	    .by = said->by};

	if (said->n_findings < SAID_FINDINGS_MAX)
		put(said, &finding);
}

/* Trouble is always told, if need be in place of the last finding. */
static void __attribute__((format(printf, 3, 0)))
trouble(struct said *said, const char *name, const char *fmt, va_list ap)
{
	struct finding finding = {
	    .name = name, .weight = FINDING_TRIPWIRE, .by = said->by};
	char text[DETAIL_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	finding.value = said->by;
	finding.detail = clean(said->arena,
	    arena_printf(said->arena, "'%s' %s", said->by, text), DETAIL_MAX);
	if (said->n_findings > SAID_FINDINGS_MAX)
		said->n_findings = SAID_FINDINGS_MAX;
	put(said, &finding);
}

void said_failed(struct said *said, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	trouble(said, "program-failed", fmt, ap);
	va_end(ap);
}

void said_nonsense(struct said *said, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	trouble(said, "program-nonsense", fmt, ap);
	va_end(ap);
}

/* ---- an answer to a check ----------------------------------------------- */

static int weight_of(const json_t *value)
{
	static const char *const names[] = {"note", "caution", "tripwire"};
	const char *s = json_string_value(value);
	int i;

	if (value == NULL)
		return FINDING_CAUTION;
	for (i = 0; s != NULL && i < 3; i++)
		if (strcmp(s, names[i]) == 0)
			return i;
	return -1;
}

/* A text, or a number as text; NULL for anything else. */
static const char *value_of(struct arena *arena, const json_t *value)
{
	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_integer(value))
		return arena_printf(
		    arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_real(value))
		return arena_printf(arena, "%.4f", json_real_value(value));
	return NULL;
}

/* -1: it is no finding. */
static int take_finding(struct said *said, const json_t *one)
{
	const char *name = json_string_value(json_object_get(one, "name"));
	const json_t *value = json_object_get(one, "value");
	const json_t *detail = json_object_get(one, "detail");
	int weight = weight_of(json_object_get(one, "weight"));
	const char *text = value_of(said->arena, value);

	if (name == NULL || !is_name(name) || weight < 0 ||
	    (value != NULL && !json_is_null(value) && text == NULL) ||
	    (detail != NULL && !json_is_string(detail)))
		return -1;
	said_add(said, name, (enum finding_weight)weight, text,
	    detail == NULL ? "" : json_string_value(detail));
	return 0;
}

static void take_findings(struct said *said, const json_t *list)
{
	size_t i, n = json_array_size(list);

	if (list == NULL || json_is_null(list))
		return;
	if (!json_is_array(list))
		said_nonsense(said, "answered with findings that are no list");
	for (i = 0; i < n && i < SAID_FINDINGS_MAX; i++)
		if (take_finding(said, json_array_get(list, i))) {
			said_nonsense(said,
			    "answered with a finding that is none (number %zu)",
			    i + 1);
			return;
		}
	if (n > SAID_FINDINGS_MAX)
		said_nonsense(said, "answered with %zu findings; %d are read",
		    n, SAID_FINDINGS_MAX);
}

static void take_refuse(struct said *said, const json_t *value)
{
	const char *text = json_string_value(value);

	if (value == NULL || json_is_null(value))
		return;
	if (text == NULL || *text == '\0')
		said_nonsense(said, "refuses, but gives no text for the agent");
	else
		said->refuse = clean(said->arena, text, REFUSE_MAX);
}

static void take_severity(struct said *said, const json_t *value)
{
	const char *text = json_string_value(value);
	int i;

	if (value == NULL || json_is_null(value))
		return;
	for (i = SEVERITY_LOW; text != NULL && i <= SEVERITY_CRITICAL; i++)
		if (strcmp(text,
			verdict_severity_name((enum verdict_severity)i)) == 0) {
			said->has_severity = true;
			said->severity = (enum verdict_severity)i;
			return;
		}
	said_nonsense(said, "names a severity that there is not");
}

static void take_ask(struct said *said, const json_t *list)
{
	size_t i, n = json_array_size(list);
	const char *all = "", *name;

	if (list == NULL || json_is_null(list))
		return;
	if (!json_is_array(list) || n > ASK_MAX)
		said_nonsense(said, "names too many people, or none, to ask");
	for (i = 0; i < n && i < ASK_MAX; i++) {
		name = json_string_value(json_array_get(list, i));
		if (name == NULL || *name == '\0' ||
		    strlen(name) > NAME_MAX_LEN || strchr(name, '\n') != NULL) {
			said_nonsense(said, "names somebody to ask by no name");
			continue;
		}
		all = arena_printf(
		    said->arena, "%s%s%s", all, *all == '\0' ? "" : "\n", name);
	}
	if (*all != '\0')
		said->ask = all;
}

void said_check(struct said *said, const json_t *answer)
{
	static const char *const forbidden[] = {
	    "approve", "pass", "decide", "verb", "outcome", "text"};
	size_t i;

	take_findings(said, json_object_get(answer, "findings"));
	take_refuse(said, json_object_get(answer, "refuse"));
	take_severity(said, json_object_get(answer, "severity"));
	take_ask(said, json_object_get(answer, "ask"));
	for (i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		if (json_object_get(answer, forbidden[i]) != NULL)
			said_nonsense(said,
			    "answered with '%s', which no program may",
			    forbidden[i]);
}

void said_case(struct said *said, const json_t *answer)
{
	const json_t *value = json_object_get(answer, "reviewer");
	const char *name = json_string_value(value);

	if (value == NULL || json_is_null(value) ||
	    (name != NULL && *name == '\0'))
		return; /* nobody has it */
	if (name == NULL || strlen(name) > NAME_MAX_LEN)
		said_nonsense(said, "names the owner of a case by no name");
	else
		said_add(
		    said, "case-owner", FINDING_NOTE, name, "whose case it is");
}

/* ---- rspamd ------------------------------------------------------------- */

struct symbol {
	const char *name;
	double score;
};

static int by_weight(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (fabs(x->score) != fabs(y->score))
		return fabs(x->score) < fabs(y->score) ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* " BAYES_SPAM 5.10, ..." of those that weigh most. */
static const char *symbols_of(struct said *said, json_t *symbols)
{
	struct symbol *all = arena_alloc(said->arena,
	    (json_object_size(symbols) + 1) * sizeof(struct symbol));
	const char *name, *text = "";
	json_t *one;
	size_t n = 0, i;

	json_object_foreach(symbols, name, one)
	{
		all[n].name = name;
		all[n++].score =
		    json_number_value(json_object_get(one, "score"));
	}
	qsort(all, n, sizeof(*all), by_weight);
	for (i = 0; i < n && i < SYMBOLS; i++)
		text = arena_printf(said->arena, "%s%s %.64s %.2f", text,
		    i == 0 ? ":" : ",", all[i].name, all[i].score);
	return text;
}

/* The finding that an action is; NULL: no such action. */
static const char *finding_of(const char *action)
{
	static const char *const names[][2] = {
	    {"no action", "rspamd-score"},
	    {"reject", "rspamd-reject"},
	    {"discard", "rspamd-discard"},
	    {"quarantine", "rspamd-quarantine"},
	    {"soft reject", "rspamd-soft-reject"},
	    {"greylist", "rspamd-greylist"},
	    {"add header", "rspamd-add-header"},
	    {"rewrite subject", "rspamd-rewrite-subject"},
	};
	size_t i;

	for (i = 0; action != NULL && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(action, names[i][0]) == 0)
			return names[i][1];
	return NULL;
}

void said_rspamd(struct said *said, const json_t *answer)
{
	const json_t *score = json_object_get(answer, "score");
	const json_t *required = json_object_get(answer, "required_score");
	const char *action =
	    json_string_value(json_object_get(answer, "action"));
	const char *name = finding_of(action);

	/* it also skips the rest of what it rejects at first sight */
	if (json_is_true(json_object_get(answer, "is_skipped")) &&
	    action != NULL && strcmp(action, "no action") == 0) {
		said_failed(said, "did not look at the mail");
		return;
	}
	if (name == NULL || !json_is_number(score)) {
		said_nonsense(
		    said, "answered with no action or score that is known");
		return;
	}
	said_add(said, name,
	    strcmp(name, "rspamd-score") == 0 ? FINDING_NOTE : FINDING_CAUTION,
	    arena_printf(said->arena, "%.2f", json_number_value(score)),
	    arena_printf(said->arena, "%s, score %.2f of %.2f%s", action,
		json_number_value(score), json_number_value(required),
		symbols_of(said, json_object_get(answer, "symbols"))));
}
