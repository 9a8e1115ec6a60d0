/*
 * bench-store: what the ledger costs: drafts put per second and processor time
 * per 1,000, with 1, 10 and 50 at a time; the first page of a long list; and
 * claims with a long queue, one agent's stopped.
 *
 *     bench-store [drafts per run] [body bytes] [drafts in list and queue]
 */
#include <event2/event.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "hold/hold.h"
#include "util/clock.h"
#include "util/mem.h"

#define PEOPLE 1000 /* who are written to */

struct one {
	struct hold_put put;
	struct message *message;
	struct reading *reading;
};

static struct event_base *base;
static struct hold *hold;
static size_t left, open_calls, group;
static enum verdict_kind says = VERDICT_HOLD;
static size_t body_size = 4096;
static int64_t serial;
static bool with_rates;

static int authority(const char *actor, const struct hold_demand *demand,
    bool approve, struct error *err, const void *context)
{
	(void)actor;
	(void)demand;
	(void)approve;
	(void)err;
	(void)context;
	return 0;
}

static void failed(const struct error *err, void *context)
{
	(void)context;
	fprintf(stderr, "bench-store: %s\n", err->text);
	exit(1);
}

/* What a channel with a cap of each kind asks about. */
static const struct verdict_rate rates[] = {
    {VERDICT_BY_AGENT, 3600},
    {VERDICT_BY_CHANNEL, 3600},
    {VERDICT_BY_RECIPIENT, 86400},
    {VERDICT_BY_DOMAIN, 86400},
};

static void judge(struct hold_put *put, const struct verdict_history *history,
    struct verdict *verdict)
{
	(void)put;
	(void)history;
	verdict->kind = says;
	snprintf(verdict->rule, sizeof(verdict->rule), "default");
	snprintf(verdict->reason, sizeof(verdict->reason),
	    "everything is held by default");
	verdict->arena = arena_new();
	verdict->ask = arena_strdup(verdict->arena, "anna");
}

static struct message *make_message(void)
{
	struct message *m = message_new((size_t)64 * 1024 * 1024);
	char line[80];

	m->agent = serial % 2 ? "demo" : "other";
	m->peer = "192.0.2.1";
	m->helo = "agent.example";
	m->received_ms = clock_now_ms();
	m->envelope.from = "demo@corp.example";
	m->envelope.n_recipients = 1;
	m->envelope.recipients =
	    arena_alloc(m->arena, sizeof(struct recipient));
	m->envelope.recipients[0].address = arena_printf(m->arena,
	    "somebody%" PRId64 "@dest%" PRId64 ".example", serial % PEOPLE,
	    serial % (PEOPLE / 10));
	snprintf(
	    line, sizeof(line), "Subject: mail %" PRId64 "\r\n\r\n", serial++);
	message_add(m, line, strlen(line));
	memset(line, 'x', sizeof(line));
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	while (m->bytes.len < body_size)
		message_add(m, line, sizeof(line));
	digest_of(m->bytes.data, m->bytes.len, m->sha256);
	return m;
}

static struct reading *make_reading(const struct message *m)
{
	struct arena *arena = arena_new();
	struct reading *r = arena_alloc(arena, sizeof(*r));
	char *text = arena_alloc(arena, m->bytes.len + 1);

	r->arena = arena;
	r->message_id = "<one@corp.example>";
	r->subject = "a subject of the usual length";
	r->from = "Demo <demo@corp.example>";
	r->to = "Somebody <somebody@dest.example>";
	r->date = "Sat, 21 Nov 2026 06:55:40 +0000";
	r->text.len =
	    m->bytes.len < READING_TEXT_MAX ? m->bytes.len : READING_TEXT_MAX;
	r->text.data = memset(text, 'x', r->text.len);
	r->text_total = m->bytes.len;
	r->keys = arena_alloc(arena, sizeof(*r->keys));
	r->keys[0].address = r->keys[0].skeleton =
	    arena_strdup(arena, m->envelope.recipients[0].address);
	r->n_keys = 1;
	/* as many bits differ as in unrelated texts */
	memcpy(&r->fingerprint, m->sha256, sizeof(r->fingerprint));
	return r;
}

static void put_one(struct one *one);

static void on_put(struct hold_call *call)
{
	struct one *one = (struct one *)call;

	if (call->error.kind != ERROR_NONE)
		failed(&call->error, NULL);
	hold_confirm(hold, one->put.draft);
	verdict_release(&one->put.verdict);
	message_free(one->message);
	reading_free(one->reading);
	open_calls--;
	if (left > 0)
		put_one(one);
	else
		free(one);
}

static void put_one(struct one *one)
{
	memset(one, 0, sizeof(*one));
	one->message = make_message();
	one->reading = make_reading(one->message);
	one->put.message = one->message;
	one->put.reading = one->reading;
	one->put.received = "Received: from agent.example ([192.0.2.1])\r\n"
			    "\tby relay.example with ESMTPA id 4711;\r\n"
			    "\tSat, 21 Nov 2026 06:55:40 +0000\r\n";
	one->put.judge = judge;
	one->put.channel = "bench";
	one->put.rates = rates;
	one->put.n_rates = with_rates ? sizeof(rates) / sizeof(rates[0]) : 0;
	one->put.call.done = on_put;
	left--;
	open_calls++;
	hold_put(hold, &one->put);
}

static double cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

static void run_puts(size_t n)
{
	size_t i;

	left = n;
	for (i = 0; i < group && left > 0; i++)
		put_one(mem_zalloc(sizeof(struct one)));
	while (open_calls > 0)
		event_base_loop(base, EVLOOP_ONCE);
}

/* What the bench itself costs: making mails and freeing them. */
static double overhead_ms(size_t n)
{
	double from = cpu_ms();
	struct message *m;
	size_t i;

	for (i = 0; i < n; i++) {
		m = make_message();
		reading_free(make_reading(m));
		message_free(m);
	}
	return cpu_ms() - from;
}

static void measure(size_t n)
{
	double cpu;
	int64_t from;

	from = clock_mono_ms();
	cpu = cpu_ms();
	run_puts(n);
	cpu = cpu_ms() - cpu;
	from = clock_mono_ms() - from;
	cpu -= overhead_ms(n);
	printf("%2zu at a time: %7.0f drafts/s  %6.1f ms CPU per 1,000 (%zu "
	       "bytes, "
	       "%zu drafts)\n",
	    group, (double)n * 1e3 / (double)(from > 0 ? from : 1),
	    cpu * 1e3 / (double)n, body_size, n);
	fflush(stdout);
}

static void on_done(struct hold_call *call)
{
	(void)call;
	open_calls--;
}

static void measure_list(enum hold_state state, const char *name)
{
	struct hold_list list = {.state = state, .limit = 50};
	int64_t from = clock_mono_ms();
	int i;

	for (i = 0; i < 20; i++) {
		list.call.done = on_done;
		open_calls++;
		hold_list(hold, &list);
		while (open_calls > 0)
			event_base_loop(base, EVLOOP_ONCE);
		arena_free(list.arena);
	}
	printf("list %s: first page of %zu rows in %.2f ms\n", name,
	    list.n_rows, (double)(clock_mono_ms() - from) / 20);
}

static int remove_one(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void with_ledger(void (*work)(size_t n), size_t n)
{
	char dir[] = "bench-store-XXXXXX";
	struct hold_settings settings = {
	    .body_file_above = 64 * 1024,
	    .received_max_age_days = 7,
	    .retry_lifetime_ms = 1,
	    .authority = authority,
	    .failed = failed,
	};
	struct error err;

	settings.dir = mkdtemp(dir);
	hold = hold_open(base, &settings, &err);
	if (hold == NULL)
		failed(&err, NULL);
	work(n);
	hold_close(hold);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void lists(size_t n)
{
	group = 50;
	run_puts(n);
	printf("list of %zu held drafts:\n", n);
	measure_list((enum hold_state)0, "waiting");
	measure_list(HOLD_HELD, "held");
	measure_list(HOLD_STATES, "all");
}

#define CLAIMS 200

/* All but the claimed ones wait; half of them are of the stopped agent. */
static void claims(size_t n)
{
	static struct hold_claim claims[CLAIMS];
	struct hold_gate gate = {
	    .agent = "other",
	    .stop = true,
	    .actor = "bench",
	    .medium = "bench",
	    .call.done = on_done,
	};
	double cpu;
	size_t i, got = 0;

	group = 50;
	says = VERDICT_PASS;
	run_puts(n);
	open_calls = 1 + CLAIMS;
	hold_gate(hold, &gate);
	cpu = cpu_ms();
	for (i = 0; i < CLAIMS; i++) {
		claims[i].call.done = on_done;
		hold_claim(hold, &claims[i]);
	}
	while (open_calls > 0)
		event_base_loop(base, EVLOOP_ONCE);
	for (i = 0; i < CLAIMS; i++) {
		got += claims[i].draft != 0;
		arena_free(claims[i].arena);
	}
	printf("queue of %zu, half of it stopped: %zu claims, %.3f ms CPU "
	       "each\n",
	    n, got, (cpu_ms() - cpu) / CLAIMS);
}

int main(int argc, char **argv)
{
	static const size_t groups[] = {1, 10, 50};
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000;
	size_t in_list = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	size_t i;

	if (argc > 2)
		body_size = strtoul(argv[2], NULL, 10);
	message_budget_init((size_t)1024 * 1024 * 1024);
	base = event_base_new();
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		group = groups[i];
		with_ledger(measure, n);
	}
	with_rates = true;
	printf("with four rates:\n");
	with_ledger(measure, n);
	with_rates = false;
	if (in_list > 0) {
		with_ledger(lists, in_list);
		with_ledger(claims, in_list);
	}
	event_base_free(base);
	return 0;
}
