/*
 * local: a loop of its own around check and trial.  What is printed is left to
 * ctl/.
 */
#include "local.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "remark.h"
#include "trial_mail.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define START_MAX_MS 30000 /* plug-ins may read long lists */
#define POLL_MS	     20

struct local {
	const struct config *config;
	struct event_base *base;
	struct check *check;
	struct trial *trial;
	const struct trial_result *result;
};

/* ---- start -------------------------------------------------------------- */

static int open_readers(struct local *local, struct error *err)
{
	const struct config_check *check = &local->config->check;
	const struct check_settings settings = {
	    .reader = check->reader,
	    .readers = 1,
	    .deadline_ms = check->deadline_ms,
	    .memory_max_bytes = check->memory,
	    .waiting_max = check->waiting,
	    .setup = local->config->setup,
	};

	local->check = check_new(local->base, &settings, err);
	return local->check == NULL ? -1 : 0;
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	(void)context;
}

static int wait_ready(struct local *local, struct error *err)
{
	const struct timeval poll = {0, POLL_MS * 1000};
	int64_t until = clock_mono_ms() + START_MAX_MS;
	struct event *tick =
	    event_new(local->base, -1, EV_PERSIST, on_tick, NULL);

	event_add(tick, &poll);
	while (!check_ready(local->check) &&
	       check_refused(local->check) == NULL && clock_mono_ms() < until)
		event_base_loop(local->base, EVLOOP_ONCE);
	event_free(tick);
	if (check_refused(local->check) != NULL)
		return error_set(
		    err, ERROR_INVALID, "%s", check_refused(local->check));
	if (!check_ready(local->check))
		return error_set(err, ERROR_INTERNAL,
		    "the reader '%s' does not become ready; is it the one of "
		    "this version?",
		    local->config->check.reader);
	return 0;
}

struct local *local_new(const struct config *config, struct error *err)
{
	struct local *local = mem_zalloc(sizeof(*local));

	log_init(LOG_LEVEL_SILENT); /* whatever is wrong comes back as err */
	local->config = config;
	local->base = event_base_new();
	if (open_readers(local, err) || wait_ready(local, err)) {
		local_free(local);
		return NULL;
	}
	return local;
}

void local_free(struct local *local)
{
	if (local == NULL)
		return;
	trial_free(local->trial);
	check_free(local->check);
	event_base_free(local->base);
	free(local);
}

const char *local_finds(const struct local *local)
{
	return check_finds(local->check);
}

/* ---- tests -------------------------------------------------------------- */

static void on_trial(const struct trial_result *result, void *context)
{
	struct local *local = context;

	local->result = result;
}

const struct trial_result *local_trial(struct local *local)
{
	trial_free(local->trial);
	local->result = NULL;
	local->trial = trial_new(
	    local->base, local->config, local->check, on_trial, local);
	while (local->result == NULL)
		event_base_loop(local->base, EVLOOP_ONCE);
	return local->result;
}

/* ---- one mail ----------------------------------------------------------- */

struct explaining {
	struct local *local;
	struct arena *arena;
	const char *agent;
	struct envelope envelope;
	struct buf bytes;
	struct judge_chosen chosen;
	bool answered;
};

static void on_read(struct check_request *request)
{
	struct explaining *e = request->context;

	e->answered = true;
}

/* NULL and err: the queue is full, which it never is here. */
static struct reading *read_mail(
    struct explaining *e, bool envelope, struct error *err)
{
	struct check_request request = {
	    .bytes = buf_span(&e->bytes),
	    .agent = e->agent,
	    .envelope = envelope ? &e->envelope : NULL,
	    .n_channels = e->chosen.n,
	    .channels = e->chosen.indices,
	    .done = on_read,
	    .context = e,
	};

	e->answered = false;
	if (check_draft(e->local->check, &request, err))
		return NULL;
	while (!e->answered)
		event_base_loop(e->local->base, EVLOOP_ONCE);
	return request.reading;
}

/*
 * House: takes addresses out of what the reader made of To and Cc, for want of
 * an envelope.  It only explains; nothing is sent to them.
 */
static void take_addresses(struct explaining *e, const char *shown)
{
	static const char apart[] = " \t,;<>\"()";
	size_t len;

	for (; shown != NULL && *shown != '\0'; shown += len) {
		shown += strspn(shown, apart);
		len = strcspn(shown, apart);
		if (memchr(shown, '@', len) != NULL)
			e->envelope.recipients[e->envelope.n_recipients++]
			    .address =
			    arena_printf(e->arena, "%.*s", (int)len, shown);
	}
}

static size_t count_at(const char *text)
{
	size_t n = 0;

	for (; text != NULL && *text != '\0'; text++)
		n += *text == '@';
	return n;
}

static void take_recipients(struct explaining *e, const struct local_mail *mail,
    const struct reading *reading)
{
	size_t n = 0, room = count_at(reading->to) + count_at(reading->cc);

	while (mail->to != NULL && mail->to[n] != NULL)
		n++;
	e->envelope.recipients = arena_alloc(
	    e->arena, (room + n + 1) * sizeof(*e->envelope.recipients));
	for (e->envelope.n_recipients = 0; e->envelope.n_recipients < n;
	     e->envelope.n_recipients++)
		e->envelope.recipients[e->envelope.n_recipients].address =
		    mail->to[e->envelope.n_recipients];
	if (n == 0) {
		take_addresses(e, reading->to);
		take_addresses(e, reading->cc);
	}
}

/* The first agent that may be who the mail is from. */
static const char *agent_of(const struct config *config, const char *from)
{
	size_t i;

	for (i = 0; i < config->n_agents; i++)
		if (config_agent_may_send_as(&config->agents[i], from))
			return config->agents[i].name;
	return config->n_agents > 0 ? config->agents[0].name : NULL;
}

static int take_envelope(
    struct explaining *e, const struct local_mail *mail, struct error *err)
{
	struct reading *reading = read_mail(e, false, err);

	if (reading == NULL)
		return -1;
	e->envelope.from = mail->from;
	if (e->envelope.from == NULL && reading->n_authors > 0)
		e->envelope.from = arena_strdup(e->arena, reading->authors[0]);
	take_recipients(e, mail, reading);
	reading_free(reading);
	if (e->envelope.from == NULL)
		return error_set(err, ERROR_INVALID,
		    "the mail has no From; say who sends it with --from");
	if (e->envelope.n_recipients == 0)
		return error_set(err, ERROR_INVALID,
		    "the mail has no recipients; say who gets it with --to");
	e->agent = mail->agent != NULL
		       ? mail->agent
		       : agent_of(e->local->config, e->envelope.from);
	return 0;
}

/* Each draft is the first of its kind. */
static const uint64_t *count_ones(const struct explaining *e)
{
	size_t i, n = e->chosen.n_rates;
	uint64_t *counts = arena_alloc(e->arena, (n + 1) * sizeof(*counts));

	for (i = 0; i < n; i++)
		counts[i] = 1;
	return counts;
}

static void judge_mail(const struct explaining *e, struct reading *reading,
    struct verdict *verdict)
{
	const struct config *config = e->local->config;
	const struct verdict_history history = {.counts = count_ones(e)};
	const struct judge_facts facts = {
	    .agent = e->agent,
	    .envelope = &e->envelope,
	    .size = e->bytes.len,
	    .reading = reading,
	    .history = &history,
	    .config = config,
	    .n_rules = config->n_rules,
	    .rules = config->rules,
	    .n_channels = e->chosen.n,
	    .channels = e->chosen.channels,
	    .now_ms = clock_now_ms(),
	    .dice = (uint64_t)AMOUNT_ONE - 1,
	};

	remark_intake(config, e->agent, e->chosen.mixed, reading);
	judge(&facts, verdict);
}

static bool may_submit(const struct explaining *e)
{
	const struct config_agent *agent =
	    e->agent == NULL ? NULL : config_agent(e->local->config, e->agent);

	return agent != NULL &&
	       config_agent_may_send_as(agent, e->envelope.from);
}

/* "agent bot, from <a@b>, to <c@d>, <e@f>" */
static const char *describe(const struct explaining *e, struct arena *arena)
{
	const char *text = arena_printf(arena, "agent %s, from <%s>, to",
	    e->agent ? e->agent : "?", e->envelope.from);
	size_t i;

	for (i = 0; i < e->envelope.n_recipients; i++)
		text = arena_printf(arena, "%s%s <%s>", text, i ? "," : "",
		    e->envelope.recipients[i].address);
	if (!may_submit(e))
		text = arena_printf(arena,
		    "%s\nits submission would be refused: that agent may not "
		    "send as <%s>",
		    text, e->envelope.from);
	return text;
}

static int explain(struct explaining *e, struct local_mail *mail,
    struct verdict *verdict, struct error *err)
{
	struct reading *reading;

	if (trial_mail_read(mail->file, &e->bytes, err) ||
	    take_envelope(e, mail, err))
		return -1;
	judge_choose(
	    e->local->config, e->agent, &e->envelope, e->arena, &e->chosen);
	reading = read_mail(e, true, err);
	if (reading == NULL)
		return -1;
	judge_mail(e, reading, verdict);
	mail->used = describe(e, verdict->arena);
	reading_free(reading);
	return 0;
}

int local_explain(struct local *local, struct local_mail *mail,
    struct verdict *verdict, struct error *err)
{
	struct explaining e = {.local = local, .arena = arena_new()};
	int rc;

	buf_init(&e.bytes, TRIAL_MAIL_MAX);
	rc = explain(&e, mail, verdict, err);
	buf_release(&e.bytes);
	arena_free(e.arena);
	return rc;
}
