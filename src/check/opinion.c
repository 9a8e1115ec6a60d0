/*
 * opinion: asks everybody who is to be asked about a draft, and gathers what
 * they say.  How they are spoken to is left to program.c and service.c, what
 * becomes of it to the judge.
 */
#include "check/opinion.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/question.h"
#include "util/fetch.h"
#include "util/mem.h"

struct check_programs {
	struct event_base *base;
	const struct config *config;
	struct program **programs;
	struct fetch *fetch; /* NULL: no services */
	struct event *soon;  /* there are answers */
	struct question *answered;
	struct check_media media; /* of programs that ask people */
	bool closing;
};

/* A draft that is asked about. */
struct round {
	struct check_opinions *opinions;
	size_t n_open, n_questions;
	struct question questions[];
};

/* ---- gathering ---------------------------------------------------------- */

static size_t count_names(const char *const *names)
{
	size_t n = 0;

	while (names != NULL && names[n] != NULL)
		n++;
	return n;
}

static void gather_one(struct check_opinions *o, const struct said *said)
{
	size_t i;

	for (i = 0; i < said->n_findings; i++)
		o->findings[o->n_findings++] = said->findings[i];
	if (said->refuse != NULL && o->refuse == NULL) {
		o->refuse = said->refuse;
		o->refuse_by = said->by;
	}
	if (said->has_severity &&
	    (!o->has_severity || said->severity > o->severity)) {
		o->has_severity = true;
		o->severity = said->severity;
	}
	if (said->ask != NULL)
		o->ask = arena_printf(o->arena, "%s%s%s", o->ask,
		    *o->ask == '\0' ? "" : "\n", said->ask);
}

static void gather(struct round *round, bool cancelled)
{
	struct check_opinions *o = round->opinions;
	size_t i, n = 0;

	for (i = 0; i < round->n_questions; i++)
		n += round->questions[i].said.n_findings;
	o->findings = arena_alloc(o->arena, (n + 1) * sizeof(*o->findings));
	for (i = 0; i < round->n_questions; i++)
		gather_one(o, &round->questions[i].said);
	o->cancelled = cancelled;
	free(round);
	o->done(o);
}

static void take_answered(struct check_programs *programs)
{
	struct question *q;
	struct round *round;

	while ((q = programs->answered) != NULL) {
		programs->answered = q->next;
		round = q->round;
		if (--round->n_open == 0)
			gather(round, programs->closing);
	}
}

static void on_soon(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	take_answered(context);
}

void check_answered(struct question *q)
{
	struct check_programs *programs = q->programs;

	q->next = programs->answered;
	programs->answered = q;
	event_active(programs->soon, EV_TIMEOUT, 0);
}

/* ---- asking ------------------------------------------------------------- */

static struct program *find_program(
    const struct check_programs *programs, const char *name)
{
	size_t i;

	for (i = 0; i < programs->config->n_programs; i++)
		if (strcmp(program_name(programs->programs[i]), name) == 0)
			return programs->programs[i];
	return NULL;
}

void check_programs_media(
    struct check_programs *programs, const struct check_media *media)
{
	size_t i;

	programs->media = *media;
	for (i = 0; i < programs->config->n_programs; i++)
		program_set_media(programs->programs[i], &programs->media);
}

bool check_programs_prompt(struct check_programs *programs, const char *name,
    const struct check_prompt *prompt)
{
	struct program *program = find_program(programs, name);

	return program != NULL && program_prompt(program, prompt);
}

void check_programs_decided(struct check_programs *programs, const char *name,
    int64_t id, bool ok, const char *text)
{
	struct program *program = find_program(programs, name);

	if (program != NULL)
		program_decided(program, id, ok, text);
}

static const struct config_service *find_service(
    const struct check_programs *programs, const char *name)
{
	size_t i;

	for (i = 0; i < programs->config->n_services; i++)
		if (strcmp(programs->config->services[i].name, name) == 0)
			return &programs->config->services[i];
	return NULL;
}

static void ask_one(struct check_programs *programs, struct question *q)
{
	struct program *program = find_program(programs, q->said.by);
	const struct config_service *service =
	    find_service(programs, q->said.by);

	if (program != NULL)
		program_ask(program, q);
	else if (service != NULL)
		service_ask(programs->fetch, service, q);
	else {
		said_failed(&q->said, "is no program or service any more");
		check_answered(q);
	}
}

static void add_question(struct check_programs *programs, struct round *round,
    const char *name, bool of_case)
{
	struct check_opinions *o = round->opinions;
	struct question *q;
	size_t i;

	for (i = 0; i < round->n_questions; i++)
		if (round->questions[i].of_case == of_case &&
		    strcmp(round->questions[i].said.by, name) == 0)
			return; /* two channels name it */
	q = &round->questions[round->n_questions++];
	q->shown = o->shown;
	q->of_case = of_case;
	q->programs = programs;
	q->round = round;
	said_init(&q->said, o->arena, name);
}

void check_opinions(struct check_programs *programs, struct check_opinions *o)
{
	size_t i, n = count_names(o->names);
	struct round *round =
	    mem_zalloc(sizeof(*round) + (n + 1) * sizeof(round->questions[0]));

	o->arena = arena_new();
	o->n_findings = 0;
	o->refuse = o->refuse_by = NULL;
	o->has_severity = o->cancelled = false;
	o->ask = "";
	round->opinions = o;
	for (i = 0; i < n; i++)
		add_question(programs, round, o->names[i], false);
	if (o->case_program != NULL)
		add_question(programs, round, o->case_program, true);
	round->n_open = round->n_questions;
	for (i = 0; i < round->n_questions; i++)
		ask_one(programs, &round->questions[i]);
	if (i == 0) { /* nobody: then that is the answer */
		add_question(programs, round, "", false);
		round->n_open = 1;
		check_answered(&round->questions[0]);
	}
}

/* ---- life --------------------------------------------------------------- */

struct check_programs *check_programs_new(
    struct event_base *base, const struct config *config)
{
	struct check_programs *programs = mem_zalloc(sizeof(*programs));
	size_t i;

	programs->base = base;
	programs->config = config;
	programs->soon = evtimer_new(base, on_soon, programs);
	programs->programs =
	    mem_zalloc((config->n_programs + 1) * sizeof(struct program *));
	for (i = 0; i < config->n_programs; i++)
		programs->programs[i] = program_new(base, &config->programs[i]);
	if (config->n_services > 0)
		programs->fetch = fetch_new(base);
	return programs;
}

void check_programs_free(struct check_programs *programs)
{
	size_t i;

	if (programs == NULL)
		return;
	programs->closing = true;
	for (i = 0; i < programs->config->n_programs; i++)
		program_free(programs->programs[i]);
	fetch_free(programs->fetch);
	take_answered(programs);
	event_free(programs->soon);
	free(programs->programs);
	free(programs);
}

bool check_programs_tried(const struct check_programs *programs)
{
	size_t i;

	for (i = 0; i < programs->config->n_programs; i++)
		if (!program_tried(programs->programs[i]))
			return false;
	return true;
}

bool check_programs_up(
    const struct check_programs *programs, size_t n, char *out, size_t size)
{
	program_describe(programs->programs[n], out, size);
	return program_is_up(programs->programs[n]);
}

void check_programs_describe(
    const struct check_programs *programs, char *out, size_t size)
{
	size_t i, used = 0;
	char one[256];

	out[0] = '\0';
	for (i = 0; i < programs->config->n_programs && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s",
		    i == 0 ? "" : "; ",
		    program_describe(programs->programs[i], one, sizeof(one)));
}

bool check_programs_want_raw(
    const struct check_programs *programs, const char *const *names)
{
	const struct config_service *service;
	const struct program *program;
	size_t i;

	for (i = 0; names != NULL && names[i] != NULL; i++) {
		program = find_program(programs, names[i]);
		service = find_service(programs, names[i]);
		if (program != NULL
			? program_wants_raw(program)
			: service != NULL && service_wants_raw(service))
			return true;
	}
	return false;
}
