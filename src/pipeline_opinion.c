/*
 * pipeline_opinion: leads held drafts from hold to the programs and back.  What
 * a program says and what the judge makes of it is left to check, that nothing
 * is lowered to hold.
 *
 * The ledger is the list of what waits: a draft that is not answered for,
 * because we end or the disk fails, is found there again.
 */
#include "pipeline_opinion.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/judge.h"
#include "check/opinion.h"
#include "hold/hold.h"

#include "config/people.h"
#include "house.h"
#include "pipeline.h"

#include "util/digest.h"
#include "util/log.h"
#include "util/mem.h"

#define DRAFTS_MOST 48u		/* asked about at a time */
#define RAW_MOST    (64u << 20) /* bytes of mail that are kept for it */
#define LIST_MOST   64u
#define AGAIN_S	    10 /* after the ledger could not be read or written */
#define ASK_MAX	    ((size_t)64 * 1024)

/* A draft on its way through this file. */
struct opinion {
	struct hold_view view;
	struct hold_load load;
	struct hold_consider consider;
	struct check_opinions asked;
	struct check_shown shown;
	struct envelope envelope;
	struct pipeline_opinions *all;
	const struct config *config; /* that it is asked under */
	const char **names;	     /* programs and services */
	struct judge_chosen chosen;
	uint64_t dice;
	char program[80]; /* that refuses it */
	struct opinion *next;
};

struct pipeline_opinions {
	struct house *house;
	struct hold_waiting waiting;
	struct event *again;
	bool listing, wanted, stopped, paused;
	int64_t queue[LIST_MOST];
	size_t n_queue, at;	 /* from queue[at] on */
	struct opinion *open;	 /* all of them */
	struct opinion *loading; /* one at a time, or NULL */
	size_t n_open, raw_bytes;
};

static void pump(struct pipeline_opinions *all);

/* ---- the end of one ----------------------------------------------------- */

static void finish(struct opinion *o)
{
	struct pipeline_opinions *all = o->all;
	struct opinion **at = &all->open;

	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
	all->n_open--;
	all->raw_bytes -= o->load.size;
	if (all->loading == o)
		all->loading = NULL;
	verdict_release(&o->consider.verdict);
	arena_free(o->asked.arena);
	hold_view_release(&o->view);
	free(o->load.bytes);
	free(o->names);
	config_unref(o->config);
	free(o);
}

/* The ledger does not work now: not to be asked at full speed. */
static void pause_for(struct pipeline_opinions *all, const struct error *err)
{
	const struct timeval tv = {AGAIN_S, 0};

	log_warning("opinions wait reason=\"%s\"", err->text);
	all->paused = all->wanted = true;
	event_add(all->again, &tv);
}

static void on_again(evutil_socket_t fd, short what, void *context)
{
	struct pipeline_opinions *all = context;

	(void)fd;
	(void)what;
	all->paused = false;
	pump(all);
}

/* CONFLICT, MISSING: it waits no more, or another revision does. */
static void give_up(struct opinion *o, const struct error *err)
{
	struct pipeline_opinions *all = o->all;

	all->wanted = true;
	if (!all->stopped && err->kind != ERROR_CONFLICT &&
	    err->kind != ERROR_MISSING)
		pause_for(all, err);
	finish(o);
	pump(all);
}

/* ---- judged again ------------------------------------------------------- */

/* Whom they want to be asked, besides those whom the rules ask. */
static void add_asked(const struct opinion *o, struct verdict *v)
{
	const struct people_demand demand = {
	    v->channel, v->ask, v->demand, v->persons};
	const char *names[2] = {NULL, NULL};
	char *list = arena_strdup(v->arena, o->asked.ask), *rest = list;
	struct buf out;

	buf_init(&out, ASK_MAX);
	buf_add_str(&out, v->ask == NULL ? "" : v->ask);
	while (v->kind == VERDICT_HOLD && rest != NULL && *rest != '\0') {
		names[0] = strsep(&rest, "\n");
		people_ask(o->config,
		    o->chosen.n > 0 ? o->chosen.channels[0] : NULL, names,
		    &demand, o->view.received_ms, o->dice, &out);
	}
	v->ask = arena_dup(v->arena, out.data, out.len + 1);
	buf_release(&out);
}

static void add_wishes(struct opinion *o, struct verdict *v)
{
	if (o->asked.has_severity && o->asked.severity > v->severity)
		v->severity = o->asked.severity;
	if (v->arena == NULL)
		v->arena = arena_new();
	if (o->asked.refuse != NULL && v->kind != VERDICT_REFUSE) {
		v->kind = VERDICT_REFUSE;
		snprintf(v->rule, sizeof(v->rule), "program:%.50s",
		    o->asked.refuse_by);
		snprintf(v->say, sizeof(v->say), "%s", o->asked.refuse);
		snprintf(v->reason, sizeof(v->reason), "%.64s refuses it",
		    o->asked.refuse_by);
		snprintf(
		    o->program, sizeof(o->program), "%s", o->asked.refuse_by);
		o->consider.program = o->program;
	}
	add_asked(o, v);
}

/* Store thread, inside the commit: pure. */
static void judge_again(struct hold_consider *consider,
    const struct reading *reading, const struct verdict_history *history,
    struct verdict *verdict)
{
	struct opinion *o = consider->context;
	const struct judge_facts facts = {
	    .agent = o->view.agent,
	    .envelope = &o->envelope,
	    .size = o->view.size,
	    .reading = reading,
	    .history = history,
	    .config = o->config,
	    .n_rules = o->config->n_rules,
	    .rules = o->config->rules,
	    .n_channels = o->chosen.n,
	    .channels = o->chosen.channels,
	    .now_ms = o->view.received_ms,
	    .dice = o->dice,
	    .considered = true,
	};

	judge(&facts, verdict);
	add_wishes(o, verdict);
}

static void on_considered(struct hold_call *call)
{
	struct opinion *o =
	    (struct opinion *)(void *)((char *)call -
				       offsetof(struct opinion, consider));
	struct pipeline_opinions *all = o->all;
	struct house *house = all->house;
	int64_t draft = o->consider.draft;
	enum hold_state state = o->consider.state;

	if (call->error.kind != ERROR_NONE) {
		give_up(o, &call->error);
		return;
	}
	log_info("draft %" PRId64 " considered state=%s rule=%s findings=%zu",
	    draft, hold_state_name(state), o->consider.verdict.rule,
	    o->asked.n_findings);
	finish(o);
	if (all->stopped)
		return;
	pipeline_moved(draft, state, house);
	pump(all);
}

/* ---- asked -------------------------------------------------------------- */

static bool is_somebody(const struct config *config, const char *name)
{
	return config_reviewer(config, name) != NULL ||
	       config_group(config, name) != NULL;
}

/* Names of people who are nobody are nonsense, and that is a finding. */
static void check_names(struct opinion *o)
{
	struct check_opinions *asked = &o->asked;
	char *list = arena_strdup(asked->arena, asked->ask), *name;
	struct finding *all =
	    arena_alloc(asked->arena, (asked->n_findings + 1) * sizeof(*all));
	const char *nobody = NULL;
	size_t i;

	while (nobody == NULL && (name = strsep(&list, "\n")) != NULL)
		if (*name != '\0' && !is_somebody(o->config, name))
			nobody = name;
	for (i = 0; i < asked->n_findings; i++) {
		all[i] = asked->findings[i];
		if (strcmp(all[i].name, "case-owner") == 0 &&
		    (all[i].value == NULL ||
			!is_somebody(o->config, all[i].value)))
			nobody = all[i].value == NULL ? "?" : all[i].value;
	}
	if (nobody != NULL)
		all[asked->n_findings++] =
		    (struct finding){.name = "program-nonsense",
			.weight = FINDING_TRIPWIRE,
			.value = nobody,
			.detail = arena_printf(asked->arena,
			    "a program names '%s', who is neither reviewer nor "
			    "group",
			    nobody)};
	asked->findings = all;
}

static void on_asked(struct check_opinions *asked)
{
	struct opinion *o = asked->context;
	struct pipeline_opinions *all = o->all;
	struct hold_consider *consider = &o->consider;

	/* who asks again is whoever kicks next */
	if (asked->cancelled || all->stopped) {
		all->wanted = true;
		finish(o);
		return;
	}
	check_names(o);
	consider->call.done = on_considered;
	consider->draft = o->view.draft;
	memcpy(consider->revision, o->view.sha256, DIGEST_SIZE);
	consider->n_findings = asked->n_findings;
	consider->findings = asked->findings;
	consider->judge = judge_again;
	consider->context = o;
	consider->n_rates = o->chosen.n_rates;
	consider->rates = o->chosen.rates;
	hold_consider(all->house->hold, consider);
}

static void ask(struct opinion *o)
{
	struct pipeline_opinions *all = o->all;
	const struct hold_view *view = &o->view;

	o->shown = (struct check_shown){.draft = view->draft,
	    .number = view->number,
	    .code = view->code,
	    .agent = view->agent,
	    .channel = view->channel,
	    .envelope = &o->envelope,
	    .reading = view->reading,
	    .size = view->size,
	    .raw = {o->load.bytes, o->load.size}};
	o->asked.shown = &o->shown;
	o->asked.names = o->names;
	o->asked.done = on_asked;
	o->asked.context = o;
	all->loading = NULL;
	check_opinions(all->house->programs, &o->asked);
	pump(all);
}

/* ---- loaded ------------------------------------------------------------- */

static void add_name(const char **names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return;
	*names = name;
}

static void add_names(struct opinion *o, const struct channel *channel)
{
	const char *const *p;
	size_t i, n = 0;

	for (p = channel->programs; p != NULL && *p != NULL; p++)
		n++;
	for (i = 0; o->names != NULL && o->names[i] != NULL; i++)
		n++;
	o->names = mem_grow(o->names, n + 1, sizeof(*o->names));
	memset(o->names + i, 0, (n + 1 - i) * sizeof(*o->names));
	for (p = channel->programs; p != NULL && *p != NULL; p++)
		add_name(o->names, *p);
}

/* Those of all its channels, as they are now. */
static void choose(struct opinion *o)
{
	const struct config *config = o->config;
	const struct channel *channel;
	size_t i;

	judge_choose(
	    config, o->view.agent, &o->envelope, o->view.arena, &o->chosen);
	for (i = 0; i < o->chosen.n; i++) {
		channel = o->chosen.channels[i];
		add_names(o, channel);
		if (o->asked.case_program == NULL &&
		    o->view.reading->context.case_id != NULL)
			o->asked.case_program = channel->case_program;
	}
}

static void on_loaded(struct hold_call *call)
{
	struct opinion *o =
	    (struct opinion *)(void *)((char *)call -
				       offsetof(struct opinion, load));

	if (call->error.kind != ERROR_NONE || o->all->stopped) {
		o->load.size = 0;
		give_up(o, &call->error);
		return;
	}
	o->all->raw_bytes += o->load.size;
	ask(o);
}

static void on_viewed(struct hold_call *call)
{
	struct opinion *o =
	    (struct opinion *)(void *)((char *)call -
				       offsetof(struct opinion, view));
	struct pipeline_opinions *all = o->all;
	struct house *house = all->house;

	if (call->error.kind != ERROR_NONE || all->stopped) {
		give_up(o, &call->error);
		return;
	}
	if (o->view.state != HOLD_HELD || !o->view.opinions) {
		finish(o);
		pump(all);
		return;
	}
	hold_view_envelope(&o->view, &o->envelope);
	choose(o);
	if (!check_programs_want_raw(house->programs, o->names)) {
		ask(o);
		return;
	}
	o->load.call.done = on_loaded;
	o->load.draft = o->view.draft;
	o->load.revision = o->view.number;
	hold_load(house->hold, &o->load);
}

/* ---- found -------------------------------------------------------------- */

static bool is_open(const struct pipeline_opinions *all, int64_t draft)
{
	const struct opinion *o;

	for (o = all->open; o != NULL; o = o->next)
		if (o->view.draft == draft)
			return true;
	return false;
}

static void begin(struct pipeline_opinions *all, int64_t draft)
{
	struct opinion *o;

	if (is_open(all, draft))
		return;
	o = mem_zalloc(sizeof(*o));
	o->all = all;
	o->config = config_ref(all->house->config);
	digest_random(&o->dice, sizeof(o->dice));
	o->next = all->open;
	all->open = all->loading = o;
	all->n_open++;
	o->view.call.done = on_viewed;
	o->view.draft = draft;
	hold_view(all->house->hold, &o->view);
}

static void on_waiting(struct hold_call *call)
{
	struct pipeline_opinions *all = (struct pipeline_opinions *)(void
		*)((char *)call - offsetof(struct pipeline_opinions, waiting));

	all->listing = false;
	if (all->stopped)
		return;
	if (call->error.kind != ERROR_NONE) {
		pause_for(all, &call->error);
		return;
	}
	all->n_queue = all->waiting.n_drafts;
	all->at = 0;
	memcpy(all->queue, all->waiting.drafts,
	    all->n_queue * sizeof(all->queue[0]));
	if (all->n_queue == LIST_MOST)
		all->wanted = true; /* there are more */
	pump(all);
}

/* As much as may be under way, and then a look for more. */
static void pump(struct pipeline_opinions *all)
{
	while (!all->stopped && !all->paused && all->at < all->n_queue &&
	       all->loading == NULL && all->n_open < DRAFTS_MOST &&
	       all->raw_bytes < RAW_MOST)
		begin(all, all->queue[all->at++]);
	if (all->stopped || all->paused || all->listing || !all->wanted ||
	    all->at < all->n_queue)
		return;
	all->wanted = false;
	all->listing = true;
	memset(&all->waiting, 0, sizeof(all->waiting));
	all->waiting.call.done = on_waiting;
	all->waiting.limit = LIST_MOST;
	hold_waiting(all->house->hold, &all->waiting);
}

/* ---- the door ----------------------------------------------------------- */

void pipeline_opinion_kick(struct pipeline_opinions *all)
{
	all->wanted = true;
	pump(all);
}

struct pipeline_opinions *pipeline_opinion_new(struct house *house)
{
	struct pipeline_opinions *all = mem_zalloc(sizeof(*all));

	all->house = house;
	all->again = evtimer_new(house->base, on_again, all);
	return all;
}

void pipeline_opinion_stop(struct pipeline_opinions *all)
{
	if (all != NULL)
		all->stopped = true;
}

void pipeline_opinion_free(struct pipeline_opinions *all)
{
	if (all == NULL)
		return;
	event_free(all->again);
	free(all);
}
