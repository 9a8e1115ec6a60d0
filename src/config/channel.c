/*
 * channel: the table of a channel's options, and the way from its file to
 * struct channel.  Rules are left to rule.c, whether the people and programs
 * exist to sanity_channel.c.
 */
#include "config/channel_written.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/sanity_channel.h"
#include "config/setting_row.h"
#include "config/setting_source.h"
#include "util/nearest.h"

#define DAY INT64_C(86400)

static const char *const mode_names[] = {
    "review", "confidence", "exception", "after", NULL};
static const char *const cost_names[] = {"low", "medium", "high", NULL};
static const char *const final_names[] = {"hold", "expire", "approve", NULL};
static const char *const expect_names[] = {"hold", "pass", "refuse", NULL};
static const char *const severity_names[] = {
    "low", "normal", "high", "critical", NULL};

#define CHANNEL(n, kind, field, ...)                                           \
	ROW(n, kind, channel_written, field, __VA_ARGS__)
#define AT_LINE(field) ROW_LINE(channel_written, field)
#define STEP(n, kind, field, ...)                                              \
	ROW(n, kind, channel_written_step, field, __VA_ARGS__)
#define SAMPLE(n, kind, field, ...)                                            \
	ROW(n, kind, channel_written_sample, field, __VA_ARGS__)
#define TEST(n, kind, field, ...) ROW(n, kind, channel_test, field, __VA_ARGS__)
#define GROUP(n, options, of)                                                  \
	{                                                                      \
		n, options, sizeof(struct of), 0, false, 0                     \
	}

static const struct setting match_options[] = {
    CHANNEL("agent", STRINGS, agent.list, AT_LINE(agent.line), .least = 1),
    CHANNEL("sender", STRINGS, sender.list, AT_LINE(sender.line), .least = 1),
    CHANNEL("recipient", STRINGS, recipient.list, AT_LINE(recipient.line),
	.least = 1),
    ROW_END,
};

static const struct setting_group match_group =
    GROUP("match", match_options, channel_written);

static const struct setting sample_options[] = {
    SAMPLE("", LINE, line),
    SAMPLE("severity", ENUM, sample.severity,
	ROW_LINE(channel_written_sample, severity_line),
	.names = severity_names),
    SAMPLE("from", AMOUNT, sample.from, .most = 1),
    SAMPLE("to", AMOUNT, sample.to, ROW_LINE(channel_written_sample, to_line),
	.most = 1),
    SAMPLE("share", AMOUNT, sample.share, .most = 1, .required = true,
	.example = "share = 0.05;"),
    ROW_END,
};

static const struct setting_group sample_group =
    GROUP("sample", sample_options, channel_written_sample);

static const struct setting step_options[] = {
    STEP("", LINE, line),
    STEP("at", SECONDS, at_s, .least = 1, .most = 366 * DAY, .required = true,
	.example = "at = \"1h\";"),
    STEP("remind", BOOL, remind, .fallback = "false"),
    STEP("ask", STRINGS, ask, ROW_LINE(channel_written_step, ask_line),
	.least = 1),
    STEP("do", ENUM, final, ROW_LINE(channel_written_step, final_line),
	.names = final_names),
    ROW_END,
};

static const struct setting_group step_group =
    GROUP("ladder", step_options, channel_written_step);

static const struct setting plugin_options[] = {
    ROW("", LINE, channel_plugin, line),
    ROW("name", STRING, channel_plugin, name, .required = true,
	.example = "name = \"amount\";"),
    ROW("", OPTIONS, channel_plugin, options),
    ROW_END,
};

static const struct setting_group plugin_group =
    GROUP("plugins", plugin_options, channel_plugin);

static const struct setting case_options[] = {
    ROW("table", STRING, channel_written_case, table,
	ROW_LINE(channel_written_case, table_line)),
    ROW("header", STRING, channel_written_case, header,
	ROW_LINE(channel_written_case, header_line)),
    ROW("program", STRING, channel_written_case, program,
	ROW_LINE(channel_written_case, program_line)),
    ROW_END,
};

static const struct setting_group case_group =
    GROUP("case", case_options, channel_written_case);

static const struct setting test_options[] = {
    TEST("", LINE, line),
    TEST("name", STRING, name, .required = true,
	.example = "name = \"a refund over the limit\";"),
    TEST("agent", STRING, agent),
    TEST("from", STRING, from),
    TEST("to", STRINGS, to),
    TEST("subject", STRING, subject),
    TEST("text", STRING, text),
    TEST("html", STRING, html),
    TEST("file", STRING, file),
    TEST("confidence", SCALAR, confidence),
    TEST("known", STRINGS, known),
    TEST("at", STRING, at),
    TEST("expect", ENUM, expect, .names = expect_names, .required = true,
	.example = "expect = \"hold\";"),
    TEST("rule", STRING, rule),
    TEST("findings", STRINGS, findings),
    ROW_END,
};

static const struct setting_group test_group =
    GROUP("tests", test_options, channel_test);

static const struct setting channel_options[] = {
    CHANNEL("", LINE, channel.line),
    CHANNEL("name", STRING, channel.name, AT_LINE(name_line), .required = true,
	.example = "name = \"support\";"),
    CHANNEL("about", STRING, channel.about),
    CHANNEL("owner", STRING, channel.owner, AT_LINE(owner_line),
	.required = true,
	.example = "the reviewer who answers for this channel, such as "
		   "owner = \"anna\";"),
    CHANNEL("mode", ENUM, channel.mode, AT_LINE(mode_line), .names = mode_names,
	.required = true,
	.example =
	    "mode = \"review\"; or \"confidence\", \"exception\", \"after\""),
    CHANNEL("match", GROUP, channel.name, .group = &match_group,
	.example = "match = { agent = [ \"support-bot\" ]; };"),
    CHANNEL("threshold", AMOUNT, channel.threshold, AT_LINE(threshold_line),
	.most = 1),
    CHANNEL("calibrated", BOOL, channel.calibrated, .fallback = "false"),
    CHANNEL("sample", AMOUNT, share, AT_LINE(share_line), .most = 1),
    CHANNEL("sample", LIST, samples,
	.count = offsetof(struct channel_written, n_samples),
	.group = &sample_group),
    CHANNEL("cost", ENUM, channel.cost, AT_LINE(cost_line),
	.fallback = "medium", .names = cost_names),
    CHANNEL("reversible", BOOL, channel.reversible, .fallback = "false"),
    CHANNEL("reviewers", STRINGS, channel.reviewers, AT_LINE(reviewers_line),
	.least = 1),
    CHANNEL("persons", NUMBER, channel.persons, AT_LINE(persons_line),
	.fallback = "1", .least = 1, .most = 2),
    CHANNEL("reason", BOOL, channel.needs_reason, .fallback = "false"),
    CHANNEL("deadline", SECONDS, channel.deadline_s, AT_LINE(deadline_line),
	.least = 1, .most = 366 * DAY, .required = true,
	.example = "when it must be decided, such as deadline = \"4h\";"),
    CHANNEL("revise_rounds", NUMBER, channel.revise_rounds, .fallback = "3",
	.most = 20),
    CHANNEL("revise_within", SECONDS, channel.revise_within_s, .fallback = "1d",
	.least = 1, .most = 30 * DAY),
    CHANNEL("calendar", STRING, calendar, AT_LINE(calendar_line)),
    CHANNEL("ladder", LIST, steps, AT_LINE(ladder_line),
	.count = offsetof(struct channel_written, n_steps),
	.group = &step_group, .required = true,
	.example = "what happens when nobody answers, such as ladder = ( { at "
		   "= \"1h\"; remind = true; }, { at = \"1d\"; do = \"hold\"; "
		   "} );"),
    CHANNEL("reasons", STRINGS, channel.reasons, AT_LINE(reasons_line),
	.least = 1, .required = true,
	.example = "the errors that reviewers may name, such as reasons = [ "
		   "\"wrong-price\", \"wrong-recipient\", \"tone\" ];"),
    CHANNEL(
	"require", STRINGS, channel.require, AT_LINE(require_line), .least = 1),
    CHANNEL("plugins", LIST, channel.plugins,
	.count = offsetof(struct channel_written, n_plugins),
	.group = &plugin_group),
    CHANNEL("programs", STRINGS, channel.programs, AT_LINE(programs_line),
	.least = 1),
    CHANNEL("case", GROUP, of_case, .group = &case_group,
	.example = "case = { table = \"cases\"; };"),
    CHANNEL("rules", LIST, rules,
	.count = offsetof(struct channel_written, n_rules),
	.group = &rule_group),
    CHANNEL("tests", LIST, channel.tests,
	.count = offsetof(struct channel_written, channel.n_tests),
	.group = &test_group),
    ROW_END,
};

static const struct setting_group groups[] = {
    {"", NULL, 0, 0, false, 0},
    GROUP("channel", channel_options, channel_written),
    {NULL, NULL, 0, 0, false, 0},
};

void channel_print_options(FILE *out)
{
	setting_print(groups, out);
}

#define WRONG(line, ...)                                                       \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", w->channel.file, line))

/* ---- the ladder ---- */

static int check_step(
    const struct channel_written *w, size_t i, struct error *err)
{
	const struct channel_written_step *step = &w->steps[i];
	bool last = i + 1 == w->n_steps;

	if (i > 0 && step->at_s <= w->steps[i - 1].at_s)
		return WRONG(step->line,
		    "the steps of 'ladder' must come later and later, but "
		    "this one is not after the one before; 'at' counts from "
		    "the arrival of the draft");
	if (!last && step->final_line != 0)
		return WRONG(step->final_line,
		    "'do' ends the ladder, but other steps stand behind it; "
		    "make it the last one");
	if (last && step->final_line == 0)
		return WRONG(step->line,
		    "the last step of 'ladder' must say what becomes of the "
		    "draft; write { at = \"1d\"; do = \"hold\"; } or do = "
		    "\"expire\"");
	if (step->final_line == 0 && !step->remind && step->ask == NULL)
		return WRONG(step->line,
		    "this step of 'ladder' does nothing; write remind = true; "
		    "or ask = [ \"leads\" ];");
	return 0;
}

static int check_ladder(const struct channel_written *w, struct error *err)
{
	const struct channel_written_step *last;
	size_t i;

	if (w->n_steps == 0)
		return WRONG(w->ladder_line,
		    "'ladder' is empty; write ladder = ( { at = \"1d\"; do = "
		    "\"hold\"; } );");
	for (i = 0; i < w->n_steps; i++)
		if (check_step(w, i, err))
			return -1;
	last = &w->steps[w->n_steps - 1];
	if (last->at_s < w->channel.deadline_s)
		return WRONG(last->line,
		    "the ladder ends before the deadline of line %u; let the "
		    "last step come at the deadline or later",
		    w->deadline_line);
	if (last->final + 1 != (int)CHANNEL_APPROVE)
		return 0;
	if (w->channel.cost == CHANNEL_HIGH)
		return WRONG(last->final_line,
		    "do = \"approve\" would let mail go that nobody looked at, "
		    "where cost = \"high\"; write do = \"hold\" or \"expire\"");
	if (!w->channel.reversible)
		return WRONG(last->final_line,
		    "do = \"approve\" would let mail go that nobody looked at; "
		    "write do = \"hold\" or \"expire\", or reversible = true "
		    "in the channel if a mistake can be undone");
	if (w->channel.persons > 1)
		return WRONG(last->final_line,
		    "do = \"approve\" would stand for the two persons that "
		    "'persons' asks for; write do = \"hold\" or \"expire\"");
	return 0;
}

/* A warning where no step stands yet, before the end. */
static void add_warning(struct channel *c, unsigned after_s)
{
	size_t i = 0;

	while (i < c->n_steps && c->steps[i].after_s < after_s)
		i++;
	if (after_s == 0 || i == c->n_steps)
		return;
	if (c->steps[i].after_s == after_s)
		return;
	memmove(&c->steps[i + 1], &c->steps[i],
	    (c->n_steps - i) * sizeof(*c->steps));
	c->steps[i] = (struct channel_step){
	    .after_s = after_s, .remind = true, .warning = true};
	c->n_steps++;
}

/* What is written, and warnings at half and four fifths of the deadline. */
static void make_ladder(
    struct arena *arena, const struct channel_written *w, struct channel *c)
{
	uint64_t deadline_s = c->deadline_s;
	size_t i;

	c->steps = arena_alloc(arena, (w->n_steps + 3) * sizeof(*c->steps));
	c->n_steps = w->n_steps;
	for (i = 0; i < w->n_steps; i++)
		c->steps[i] = (struct channel_step){
		    .after_s = w->steps[i].at_s,
		    .remind = w->steps[i].remind,
		    .ask = w->steps[i].ask,
		    .final = w->steps[i].final_line == 0
				 ? CHANNEL_GO_ON
				 : (enum channel_final)(w->steps[i].final + 1),
		};
	add_warning(c, (unsigned)(deadline_s / 2));
	add_warning(c, (unsigned)(deadline_s * 4 / 5));
	add_warning(c, c->deadline_s);
}

/* ---- the rest ---- */

static int find_calendar(const struct config *config,
    const struct channel_written *w, struct channel *c, struct error *err)
{
	struct nearest nearest;
	char near[NEAREST_SIZE];
	size_t i;

	if (w->calendar == NULL)
		return 0;
	nearest_init(&nearest, w->calendar);
	for (i = 0; i < config->n_calendars; i++) {
		nearest_try(&nearest, config->calendars[i].name);
		if (strcmp(config->calendars[i].name, w->calendar) == 0) {
			c->calendar = config->calendars[i].calendar;
			return 0;
		}
	}
	return WRONG(w->calendar_line, "there is no calendar '%.60s'%s%s%s",
	    w->calendar, nearest_text(&nearest, near),
	    *near ? "" : "; 'calendars' lists them in ",
	    *near ? "" : config->file);
}

static int make_samples(struct arena *arena, const struct channel_written *w,
    struct channel *c, struct error *err)
{
	const struct channel_written_sample *s;
	size_t i;

	c->n_samples = w->share_line != 0 ? 1 : w->n_samples;
	c->samples = arena_alloc(arena, c->n_samples * sizeof(*c->samples));
	if (w->share_line != 0)
		c->samples[0].share = w->share;
	for (i = 0; w->share_line == 0 && i < w->n_samples; i++) {
		s = &w->samples[i];
		if (s->to_line != 0 &&
		    s->sample.from.value >= s->sample.to.value)
			return WRONG(s->to_line,
			    "no confidence lies between 'from' and 'to' of "
			    "this sample; write from = 0.8; to = 0.9;");
		c->samples[i] = s->sample;
		c->samples[i].has_severity = s->severity_line != 0;
		/* 1 itself is not left out */
		if (s->to_line == 0 ? s->sample.from.value > 0
				    : s->sample.to.value == AMOUNT_ONE)
			c->samples[i].to.value = AMOUNT_ONE + 1;
	}
	return 0;
}

static int check_mode(const struct channel_written *w, struct error *err)
{
	const struct channel *c = &w->channel;

	if (!rule_plain_name(c->name))
		return WRONG(w->name_line,
		    "the channel's name '%.80s' has characters that names in "
		    "the log must not have, or more than 63 of them; write "
		    "name = \"support\";",
		    c->name);
	if (c->mode == CHANNEL_CONFIDENCE && w->threshold_line == 0)
		return WRONG(w->mode_line,
		    "mode = \"confidence\" needs a threshold; write threshold "
		    "= 0.85;");
	return 0;
}

static int make_rules(struct config *config, uint32_t *marks,
    const struct channel_written *w, struct channel *c, struct error *err)
{
	const struct condition_maker maker = {
	    config, c->file, marks, w->calendar_line == 0};

	c->n_rules = w->n_rules;
	c->rules = arena_alloc(config->arena, w->n_rules * sizeof(*c->rules));
	if (rule_make_all(&maker, w->rules, w->n_rules, c->rules, err))
		return -1;
	rule_rates(config->arena, config->rules, config->n_rules, &c->rates,
	    &c->n_rates);
	rule_rates(config->arena, c->rules, c->n_rules, &c->rates, &c->n_rates);
	return 0;
}

/* Names of files become absolute, or as the configuration's own is. */
static void make_paths(
    struct arena *arena, const struct channel_written *w, struct channel *c)
{
	size_t i;

	if (w->of_case.table != NULL)
		c->case_table =
		    setting_source_path(arena, c->file, w->of_case.table);
	c->case_header = w->of_case.header;
	c->case_program = w->of_case.program;
	for (i = 0; i < c->n_tests; i++)
		if (c->tests[i].file != NULL)
			c->tests[i].file = setting_source_path(
			    arena, c->file, c->tests[i].file);
}

/* The lines of the table of cases; sanity.c sees that each is right. */
static void read_cases(struct arena *arena, struct channel *c)
{
	struct span rest, line;
	const char **cases;
	struct buf text;
	size_t n = 0;

	buf_init(&text, SETTING_SOURCE_MAX);
	if (c->case_table != NULL &&
	    setting_source_read(c->case_table, NULL, &text, NULL) == 0) {
		for (rest = buf_span(&text); setting_source_line(&rest, &line);)
			n++;
		cases = arena_alloc(arena, (n + 1) * sizeof(*cases));
		n = 0;
		for (rest = buf_span(&text); setting_source_line(&rest, &line);)
			cases[n++] = arena_printf(
			    arena, "%.*s", (int)line.len, line.data);
		c->cases = cases;
	}
	buf_release(&text);
}

static int make(struct config *config, uint32_t *marks,
    struct channel_written *w, struct error *err)
{
	struct channel *c = &config->channels[config->n_channels];
	struct arena *arena = config->arena;
	const char **owner;

	*c = w->channel;
	c->agents = w->agent.list;
	c->senders = w->sender.list;
	c->recipients = w->recipient.list;
	c->n_plugins = w->n_plugins;
	if (c->reviewers == NULL) {
		owner = arena_alloc(arena, 2 * sizeof(*owner));
		owner[0] = c->owner;
		c->reviewers = owner;
	}
	if (check_mode(w, err) || find_calendar(config, w, c, err) ||
	    check_ladder(w, err) || make_samples(arena, w, c, err) ||
	    make_rules(config, marks, w, c, err))
		return -1;
	make_ladder(arena, w, c);
	make_paths(arena, w, c);
	read_cases(arena, c);
	if (sanity_channel(config, w, c, err))
		return -1;
	config->n_channels++;
	return 0;
}

static int load(struct config *config, const char *file, struct digest *digest,
    uint32_t *marks, struct error *err)
{
	struct channel_written written, *w = &written;
	const struct setting_file of = {file, groups, config->arena, w, digest};

	memset(w, 0, sizeof(*w));
	w->channel.calendar = calendar_always();
	w->channel.file = file;
	if (setting_load(&of, err))
		return -1;
	if (w->channel.line == 0)
		return WRONG(1,
		    "there is no channel in this file; write channel: { name = "
		    "\"support\"; owner = \"anna\"; mode = \"review\"; ... };");
	return make(config, marks, w, err);
}

static int is_channel(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return entry->d_name[0] != '.' && n > 5 &&
	       strcmp(entry->d_name + n - 5, ".conf") == 0;
}

/* By bytes, not by what the locale makes of them. */
static int compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int channel_load_all(struct config *config, unsigned line,
    struct digest *digest, uint32_t *marks, struct error *err)
{
	struct dirent **entries = NULL;
	int i, n = scandir(config->channel_dir, &entries, is_channel, compare);
	int rc = 0;

	if (n < 0 && errno == ENOENT && line == 0)
		return 0;
	if (n < 0) {
		error_set(err, ERROR_INVALID,
		    "cannot read the folder of the channels '%s': %s; make "
		    "it, or name another: channels = "
		    "\"/etc/imprimatur/channels\";",
		    config->channel_dir, strerror(errno));
		return line == 0
			   ? error_prefix(err, "%s", config->file)
			   : error_prefix(err, "%s:%u", config->file, line);
	}
	config->channels =
	    arena_alloc(config->arena, (size_t)n * sizeof(*config->channels));
	for (i = 0; i < n; i++) {
		if (rc == 0)
			rc = load(config,
			    arena_printf(config->arena, "%s/%s",
				config->channel_dir, entries[i]->d_name),
			    digest, marks, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}
