/*
 * trial: one test after the other.  Writing its mail is left to trial_mail.c,
 * reading and judging it to check/.
 */
#include "trial.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remark.h"
#include "trial_mail.h"
#include "util/clock.h"
#include "util/mem.h"

/* Dice that no share of a sample takes, unless it is all. */
#define NOT_PICKED ((uint64_t)AMOUNT_ONE - 1)

/* One test under way; it outlives its trial while a reader has it. */
struct run {
	struct check_request read;
	struct trial *trial; /* NULL: nobody waits for it any more */
	struct arena *arena;
	const struct channel *channel;
	const struct channel_test *test;
	struct trial_mail mail;
	struct judge_chosen chosen;
};

struct trial {
	const struct config *config;
	struct check *check;
	struct event *next;
	trial_done *done;
	void *context;
	struct arena *arena;
	size_t channel, test; /* the next one */
	struct run *run;
	struct trial_result result;
	struct trial_failure *failures;
	size_t room;
};

static void run_free(struct run *run)
{
	reading_free(run->read.reading);
	buf_release(&run->mail.bytes);
	arena_free(run->arena);
	free(run);
}

static void go_on(struct trial *trial)
{
	const struct timeval now = {0, 0};

	event_add(trial->next, &now);
}

static void fail(struct trial *trial, const struct run *run, const char *text,
    const char *trace)
{
	struct trial_failure *more;

	if (trial->result.n_failures == trial->room) {
		trial->room = 2 * trial->room + 8;
		more = arena_alloc(trial->arena, trial->room * sizeof(*more));
		if (trial->result.n_failures > 0)
			memcpy(more, trial->failures,
			    trial->result.n_failures * sizeof(*more));
		trial->failures = more;
	}
	trial->failures[trial->result.n_failures++] = (struct trial_failure){
	    .file = run->channel->file,
	    .line = run->test->line,
	    .channel = run->channel->name,
	    .test = run->test->name,
	    .text = arena_strdup(trial->arena, text),
	    .trace = arena_strdup(trial->arena, trace),
	};
	trial->result.failures = trial->failures;
}

/* ---- what came of it ---------------------------------------------------- */

/* "rule a", "mode confidence", "no rule". */
static const char *by(const char *rule, char out[96])
{
	static const char mode[] = "mode-";

	if (strcmp(rule, "default") == 0)
		snprintf(out, 96, "no rule");
	else if (strncmp(rule, mode, strlen(mode)) == 0)
		snprintf(out, 96, "mode %s", rule + strlen(mode));
	else if (strcmp(rule, "sample") == 0)
		snprintf(out, 96, "the sample");
	else
		snprintf(out, 96, "rule %s", rule);
	return out;
}

static bool was_found(const struct reading *reading,
    const struct verdict_history *history, const char *name)
{
	size_t i;

	for (i = 0; i < history->n_findings; i++)
		if (strcmp(history->findings[i].name, name) == 0)
			return true;
	return reading_find(reading, name) != NULL;
}

/* The first finding that the test wants and that is not there, or NULL. */
static const char *missing_finding(
    const struct run *run, const struct verdict_history *history)
{
	const char *const *name = run->test->findings;

	for (; name != NULL && *name != NULL; name++)
		if (!was_found(run->read.reading, history, *name))
			return *name;
	return NULL;
}

static void compare(struct trial *trial, const struct run *run,
    const struct verdict_history *history, const struct verdict *verdict)
{
	const struct channel_test *test = run->test;
	const char *missing = missing_finding(run, history);
	char text[600], who[96], wanted[96];

	if (verdict->kind != test->expect ||
	    (test->rule != NULL && strcmp(test->rule, verdict->rule) != 0)) {
		snprintf(text, sizeof(text),
		    "expected %s%s%s, got %s by %s%s%s",
		    verdict_name(test->expect), test->rule ? " by " : "",
		    test->rule ? by(test->rule, wanted) : "",
		    verdict_name(verdict->kind), by(verdict->rule, who),
		    *verdict->reason ? ": " : "", verdict->reason);
		fail(trial, run, text, verdict->trace);
	} else if (missing != NULL) {
		snprintf(text, sizeof(text),
		    "expected the finding %.100s, which is not there", missing);
		fail(trial, run, text, verdict->trace);
	} else {
		trial->result.n_right++;
	}
}

/* ---- judging ------------------------------------------------------------ */

static bool is_known(const struct channel_test *test, const char *address)
{
	const char *const *known = test->known;

	for (; known != NULL && *known != NULL; known++)
		if (message_same_address(*known, address))
			return true;
	return false;
}

/* As the ledger would have it: whom nobody wrote to, and nothing else. */
static void make_history(struct run *run, struct verdict_history *history)
{
	const struct envelope *e = &run->mail.envelope;
	size_t i, n_rates = run->chosen.n_rates;
	struct finding *findings =
	    arena_alloc(run->arena, e->n_recipients * sizeof(*findings));
	uint64_t *counts;

	*history = (struct verdict_history){.findings = findings};
	for (i = 0; i < e->n_recipients; i++)
		if (!is_known(run->test, e->recipients[i].address))
			findings[history->n_findings++] =
			    (struct finding){.name = "first-contact",
				.detail = "nobody wrote to this address before",
				.weight = FINDING_NOTE,
				.value = e->recipients[i].address};
	counts = arena_alloc(run->arena, (n_rates + 1) * sizeof(*counts));
	for (i = 0; i < n_rates; i++)
		counts[i] = 1;
	history->counts = counts;
}

static int64_t time_of(const struct channel_test *test)
{
	return test->at == NULL ? clock_now_ms() : clock_parse(test->at);
}

static void judge_run(struct trial *trial, struct run *run)
{
	const struct config *config = trial->config;
	struct verdict_history history;
	struct verdict verdict;
	const struct judge_facts facts = {
	    .agent = run->mail.agent,
	    .envelope = &run->mail.envelope,
	    .size = run->mail.bytes.len,
	    .reading = run->read.reading,
	    .history = &history,
	    .config = config,
	    .n_rules = config->n_rules,
	    .rules = config->rules,
	    .n_channels = run->chosen.n,
	    .channels = run->chosen.channels,
	    .now_ms = time_of(run->test),
	    .dice = NOT_PICKED,
	};

	make_history(run, &history);
	remark_intake(
	    config, run->mail.agent, run->chosen.mixed, run->read.reading);
	judge(&facts, &verdict);
	compare(trial, run, &history, &verdict);
	verdict_release(&verdict);
}

static void on_read(struct check_request *request)
{
	struct run *run = request->context;
	struct trial *trial = run->trial;

	if (trial != NULL) {
		judge_run(trial, run);
		trial->run = NULL;
		go_on(trial);
	}
	run_free(run);
}

/* ---- starting ----------------------------------------------------------- */

/* Does its mail come to the channel beside whose rules it stands? */
static bool choose_channels(struct trial *trial, struct run *run)
{
	size_t i;

	judge_choose(trial->config, run->mail.agent, &run->mail.envelope,
	    run->arena, &run->chosen);
	for (i = 0; i < run->chosen.n; i++)
		if (run->chosen.channels[i] == run->channel)
			return true;
	return false;
}

static void tell_elsewhere(struct trial *trial, const struct run *run)
{
	const struct envelope *e = &run->mail.envelope;
	char text[600];

	snprintf(text, sizeof(text),
	    "its mail (agent %.64s, from <%.100s>, to <%.100s>) goes to %s%.64s"
	    ", not to channel %.64s; set agent, from or to, or mend match",
	    run->mail.agent ? run->mail.agent : "?", e->from,
	    e->recipients[0].address, run->chosen.n ? "channel " : "none",
	    run->chosen.name, run->channel->name);
	fail(trial, run, text, "");
}

static int start(struct trial *trial, struct run *run)
{
	struct error err = ERROR_INIT;

	if (trial_mail_make(&run->mail, trial->config, run->channel, run->test,
		run->arena, &err)) {
		fail(trial, run, err.text, "");
		return -1;
	}
	if (!choose_channels(trial, run)) {
		tell_elsewhere(trial, run);
		return -1;
	}
	run->read.bytes = buf_span(&run->mail.bytes);
	run->read.agent = run->mail.agent;
	run->read.envelope = &run->mail.envelope;
	run->read.n_channels = run->chosen.n;
	run->read.channels = run->chosen.indices;
	run->read.done = on_read;
	run->read.context = run;
	trial->run = run;
	if (check_draft(trial->check, &run->read, &err)) {
		trial->run = NULL;
		fail(trial, run, err.text, "");
		return -1;
	}
	return 0;
}

/* The next test, or the end. */
static void on_next(evutil_socket_t fd, short what, void *context)
{
	struct trial *trial = context;
	const struct config *config = trial->config;
	struct run *run;

	(void)fd;
	(void)what;
	while (trial->channel < config->n_channels &&
	       trial->test >= config->channels[trial->channel].n_tests) {
		trial->channel++;
		trial->test = 0;
	}
	if (trial->channel >= config->n_channels) {
		trial->done(&trial->result, trial->context);
		return;
	}
	run = mem_zalloc(sizeof(*run));
	run->trial = trial;
	run->arena = arena_new();
	run->channel = &config->channels[trial->channel];
	run->test = &run->channel->tests[trial->test++];
	trial->result.n++;
	if (start(trial, run)) {
		run_free(run);
		go_on(trial);
	}
}

struct trial *trial_new(struct event_base *base, const struct config *config,
    struct check *check, trial_done *done, void *context)
{
	struct trial *trial = mem_zalloc(sizeof(*trial));

	trial->config = config;
	trial->check = check;
	trial->done = done;
	trial->context = context;
	trial->arena = arena_new();
	trial->next = evtimer_new(base, on_next, trial);
	go_on(trial);
	return trial;
}

void trial_free(struct trial *trial)
{
	if (trial == NULL)
		return;
	if (trial->run != NULL)
		trial->run->trial = NULL;
	event_free(trial->next);
	arena_free(trial->arena);
	free(trial);
}
