/*
 * program: the line protocol with one long-lived child: greeting, questions,
 * answers, deadlines, and its next life when it ends.  Processes are child.c's,
 * what an answer means is said.c's.
 */
#include "check/question.h"

#include <event2/event.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/child.h"
#include "check/shown.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define HELLO_MS	 30000 /* to say hello; slow languages, large models */
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MOST_MS	 60000
#define LATE_MOST	 3     /* answers in a row, then it is started anew */
#define USELESS_MOST	 1000  /* lines in a row that answer nothing */
#define UNREAD_MOST	 10000 /* results that it does not read */

enum program_state { PROGRAM_DOWN, PROGRAM_STARTING, PROGRAM_UP };

struct program {
	struct event_base *base;
	const struct config_program *config;
	struct child *child;
	enum program_state state;
	bool tried;		       /* it came up, or it did not */
	bool checks, cases, wants_raw; /* as its hello says */
	bool is_medium;		       /* as that and the admin say */
	const struct check_media *media;
	unsigned n_unread;		/* results since it read all */
	struct event *turn;		/* start it, or: it says no hello */
	struct event *late;		/* the next deadline */
	struct question *first, **last; /* in the order in which they came */
	unsigned n_sent;
	int64_t last_id;
	unsigned n_late, n_useless, backoff_ms;
	char why[96]; /* it is down */
};

static void after(struct event *event, int64_t ms)
{
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_add(event, &tv);
}

/* ---- the questions it has ----------------------------------------------- */

/* It waits for others to be answered; its own time has not begun. */
static bool must_wait(const struct program *p, const struct question *q)
{
	return p->state == PROGRAM_UP && !q->sent &&
	       p->n_sent >= p->config->waiting;
}

/* What waits for others to be answered has all its time before it. */
static void renew(struct program *p)
{
	int64_t due = clock_mono_ms() + p->config->deadline_ms;
	struct question *q;

	for (q = p->first; q != NULL; q = q->next)
		if (must_wait(p, q))
			q->due_ms = due;
}

static void set_deadline(struct program *p)
{
	const struct question *q;
	int64_t first = INT64_MAX, now = clock_mono_ms();

	for (q = p->first; q != NULL; q = q->next)
		if (!must_wait(p, q) && q->due_ms < first)
			first = q->due_ms;
	if (first == INT64_MAX)
		event_del(p->late);
	else
		after(p->late, first > now ? first - now : 0);
}

/* Is it a medium now?  Tell who would use it. */
static void be_medium(struct program *p, bool is)
{
	if (p->is_medium == is)
		return;
	p->is_medium = is;
	p->media->changed(p->config->name,
	    is ? CHECK_MEDIUM_UP : CHECK_MEDIUM_DOWN, p->media->context);
}

/* No more of this child; on_ended() follows. */
static void stop(struct program *p, const char *why)
{
	renew(p);
	be_medium(p, false);
	p->state = PROGRAM_DOWN;
	event_del(p->turn);
	child_stop(p->child, why);
}

/* Take it out of the list and give it back. */
static void finish(struct program *p, struct question *q)
{
	struct question **at = &p->first;

	renew(p);
	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	if (q->next == NULL)
		p->last = at;
	p->n_sent -= q->sent;
	set_deadline(p);
	check_answered(q);
}

static const char *what_of(const struct question *q)
{
	return q->of_case ? "case" : "check";
}

static char *write_question(const struct program *p, const struct question *q)
{
	json_t *line = json_pack("{s:I, s:i, s:o}", what_of(q),
	    (json_int_t)q->id, "deadline_ms", (int)p->config->deadline_ms,
	    "draft", shown_draft(q->shown, p->wants_raw));
	char *text = json_dumps(line, JSON_COMPACT);

	json_decref(line);
	return text;
}

/* Can it be asked this at all?  If not it is answered. */
static bool can_answer(struct program *p, struct question *q)
{
	if (q->of_case ? p->cases : p->checks)
		return true;
	said_failed(&q->said, "cannot answer '%s': its hello does not say so",
	    what_of(q));
	finish(p, q);
	return false;
}

static void send_one(struct program *p, struct question *q)
{
	char *line = write_question(p, q);

	child_tell(p->child, (struct span){line, strlen(line)});
	free(line);
	q->sent = true;
	q->due_ms = clock_mono_ms() + p->config->deadline_ms;
	p->n_sent++;
	set_deadline(p);
}

/* One at a time goes into the pipe, so that the others take no memory. */
static void send_next(struct program *p)
{
	struct question *q, *next;

	for (q = p->first; q != NULL; q = next) {
		next = q->next;
		if (p->state != PROGRAM_UP || !child_idle(p->child) ||
		    p->n_sent >= p->config->waiting)
			return;
		if (!q->sent && can_answer(p, q))
			send_one(p, q);
	}
}

static void on_drained(void *context)
{
	struct program *p = context;

	p->n_unread = 0;
	send_next(p);
	if (p->is_medium && child_idle(p->child))
		p->media->changed(
		    p->config->name, CHECK_MEDIUM_READY, p->media->context);
}

/* ---- what it says ------------------------------------------------------- */

static bool has_word(const json_t *list, const char *word)
{
	size_t i;
	const char *s;

	for (i = 0; i < json_array_size(list); i++) {
		s = json_string_value(json_array_get(list, i));
		if (s != NULL && strcmp(s, word) == 0)
			return true;
	}
	return false;
}

static void take_hello(struct program *p, const json_t *line)
{
	const json_t *can = json_object_get(line, "can");

	if (json_integer_value(json_object_get(line, "imprimatur")) != 1 ||
	    !json_is_string(json_object_get(line, "hello")) ||
	    !json_is_array(can)) {
		stop(p, "did not say hello as it should");
		return;
	}
	p->checks = has_word(can, "check");
	p->cases = has_word(can, "case");
	p->wants_raw = json_is_true(json_object_get(line, "raw"));
	p->state = PROGRAM_UP;
	p->tried = true;
	p->n_late = p->n_useless = 0;
	event_del(p->turn);
	p->n_unread = 0;
	log_info("program %s up", p->config->name);
	if (has_word(can, "medium") != p->config->medium)
		log_warning("program %s medium-%s", p->config->name,
		    p->config->medium ? "unwilling: its hello does not say "
					"that it can be one"
				      : "unwanted: 'medium = true' is not in "
					"its configuration");
	be_medium(p,
	    p->media != NULL && p->config->medium && has_word(can, "medium"));
	send_next(p);
}

static struct question *find(
    const struct program *p, const json_t *id, bool of_case)
{
	struct question *q;

	for (q = p->first; q != NULL; q = q->next)
		if (q->sent && q->of_case == of_case &&
		    q->id == json_integer_value(id))
			return q;
	return NULL;
}

static void take_answer(struct program *p, const json_t *line)
{
	const json_t *check = json_object_get(line, "check");
	const json_t *of_case = json_object_get(line, "case");
	const json_t *id = check != NULL ? check : of_case;
	struct question *q =
	    json_is_integer(id) ? find(p, id, check == NULL) : NULL;

	if (id == NULL && p->is_medium &&
	    medium_take(line, p->config->name, p->media)) {
		p->n_useless = 0;
		p->backoff_ms = BACKOFF_FIRST_MS;
		return;
	}
	if (q == NULL) {
		/* late perhaps; or it only likes to talk */
		if (json_is_integer(id))
			p->n_late = 0;
		if (++p->n_useless > USELESS_MOST)
			stop(p, "talks and does not answer");
		return;
	}
	p->n_late = p->n_useless = 0;
	p->backoff_ms = BACKOFF_FIRST_MS;
	if (q->of_case)
		said_case(&q->said, line);
	else
		said_check(&q->said, line);
	finish(p, q);
	send_next(p);
}

static void on_line(char *text, size_t len, void *context)
{
	struct program *p = context;
	json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(line))
		stop(p, "answered what is no JSON object");
	else if (p->state == PROGRAM_STARTING)
		take_hello(p, line);
	else
		take_answer(p, line);
	json_decref(line);
}

/* ---- its lives ---------------------------------------------------------- */

/* It is no more: what it was asked fails, what it was not can wait. */
static void on_ended(const char *why, void *context)
{
	struct program *p = context;
	struct question *q, *next;

	snprintf(p->why, sizeof(p->why), "%s", why);
	child_free(p->child); /* and its why */
	p->child = NULL;
	renew(p);
	be_medium(p, false);
	p->state = PROGRAM_DOWN;
	p->tried = true;
	log_warning("program %s %s, again in %u s", p->config->name, p->why,
	    p->backoff_ms / 1000);
	after(p->turn, p->backoff_ms);
	p->backoff_ms *= 2;
	if (p->backoff_ms > BACKOFF_MOST_MS)
		p->backoff_ms = BACKOFF_MOST_MS;
	for (q = p->first; q != NULL; q = next) {
		next = q->next;
		if (!q->sent)
			continue;
		said_failed(&q->said, "%s", p->why);
		finish(p, q);
	}
}

static void start(struct program *p)
{
	const struct child_hooks hooks = {on_line, on_drained, on_ended, p};
	struct error err = ERROR_INIT;
	char *hello;
	json_t *line;

	p->child = child_new(
	    p->base, p->config->name, p->config->command, &hooks, &err);
	if (p->child == NULL) {
		on_ended(err.text, p);
		return;
	}
	p->state = PROGRAM_STARTING;
	line = json_pack("{s:i, s:s, s:s}", "imprimatur", 1, "hello", "program",
	    "name", p->config->name);
	hello = json_dumps(line, JSON_COMPACT);
	child_tell(p->child, (struct span){hello, strlen(hello)});
	free(hello);
	json_decref(line);
	after(p->turn, HELLO_MS);
}

static void on_turn(evutil_socket_t fd, short what, void *context)
{
	struct program *p = context;

	(void)fd;
	(void)what;
	if (p->state == PROGRAM_DOWN)
		start(p);
	else if (p->state == PROGRAM_STARTING)
		stop(p, "did not say hello");
}

static void say_late(struct program *p, struct question *q)
{
	char span[CLOCK_ISO_SIZE];

	clock_span(p->config->deadline_ms, span);
	if (p->state == PROGRAM_UP)
		said_failed(&q->said, "did not answer within %s", span);
	else
		said_failed(&q->said, "was not there within %s%s%s%s", span,
		    p->why[0] ? " (" : "", p->why, p->why[0] ? ")" : "");
}

static void on_late(evutil_socket_t fd, short what, void *context)
{
	struct program *p = context;
	struct question *q, *next;
	int64_t now = clock_mono_ms();

	(void)fd;
	(void)what;
	renew(p);
	for (q = p->first; q != NULL; q = next) {
		next = q->next;
		if (q->due_ms > now)
			continue;
		if (p->state == PROGRAM_UP)
			p->n_late++;
		say_late(p, q);
		finish(p, q);
	}
	send_next(p);
	set_deadline(p);
	if (p->state == PROGRAM_UP && p->n_late >= LATE_MOST)
		stop(p, "did not answer any more");
}

/* ---- the door ----------------------------------------------------------- */

struct program *program_new(
    struct event_base *base, const struct config_program *config)
{
	struct program *p = mem_zalloc(sizeof(*p));

	p->base = base;
	p->config = config;
	p->last = &p->first;
	p->backoff_ms = BACKOFF_FIRST_MS;
	p->turn = evtimer_new(base, on_turn, p);
	p->late = evtimer_new(base, on_late, p);
	after(p->turn, 0);
	return p;
}

void program_free(struct program *p)
{
	if (p == NULL)
		return;
	while (p->first != NULL) {
		said_failed(&p->first->said, "could not be asked: we are "
					     "closing");
		finish(p, p->first);
	}
	child_free(p->child);
	event_free(p->turn);
	event_free(p->late);
	free(p);
}

void program_ask(struct program *p, struct question *q)
{
	q->id = ++p->last_id;
	q->due_ms = clock_mono_ms() + p->config->deadline_ms;
	q->next = NULL;
	*p->last = q;
	p->last = &q->next;
	set_deadline(p);
	send_next(p);
}

void program_set_media(struct program *p, const struct check_media *media)
{
	p->media = media;
}

static void tell(struct program *p, char *line)
{
	child_tell(p->child, (struct span){line, strlen(line)});
	free(line);
}

bool program_prompt(struct program *p, const struct check_prompt *prompt)
{
	if (!p->is_medium || !child_has_room(p->child))
		return false;
	tell(p, medium_prompt(prompt));
	return true;
}

void program_decided(struct program *p, int64_t id, bool ok, const char *text)
{
	if (!p->is_medium)
		return;
	tell(p, medium_decided(id, ok, text));
	if (++p->n_unread > UNREAD_MOST)
		stop(p, "does not read what came of its decisions");
}

bool program_is_up(const struct program *p)
{
	return p->state == PROGRAM_UP;
}

bool program_tried(const struct program *p)
{
	return p->tried;
}

bool program_wants_raw(const struct program *p)
{
	return p->state != PROGRAM_UP || p->wants_raw;
}

const char *program_name(const struct program *p)
{
	return p->config->name;
}

const char *program_describe(const struct program *p, char *out, size_t size)
{
	if (p->state == PROGRAM_UP)
		snprintf(out, size, "%s up", p->config->name);
	else if (p->state == PROGRAM_STARTING)
		snprintf(out, size, "%s starting", p->config->name);
	else
		snprintf(out, size, "%s down (%s)", p->config->name, p->why);
	return out;
}
