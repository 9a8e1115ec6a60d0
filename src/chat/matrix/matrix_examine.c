/*
 * matrix_examine: what the doctor asks of an account at a homeserver, one
 * question after the other, each with what to do.  It mends nothing.
 */
#include "chat/matrix/matrix.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkup.h"
#include "util/clock.h"
#include "util/digest.h"
#include "util/mem.h"

#define CLOCK_MOST_MS ((int64_t)60 * 1000)
#define BACK_MOST_S   30 /* until a message must have come back */
#define N_SEEN	      16 /* our own events, lately */

/* One visit of the doctor: exactly one question is open at a time. */
struct matrix_exam {
	struct matrix_exam *next;
	struct matrix *matrix;
	struct checkup *checkup;
	struct checkup_item *item;
	unsigned step;
	const char *silent; /* why nothing more is asked, or NULL */
	const char *closed; /* why nothing is asked of the room, or NULL */
	/* the probe */
	struct event *timer;
	int64_t began_ms;
	char message[MATRIX_ID_MAX + 1], reaction[MATRIX_ID_MAX + 1];
	char seen[N_SEEN][MATRIX_ID_MAX + 1];
	unsigned n_seen;
};

static void ask_next(struct matrix_exam *exam);

/* ---- questions and answers
 * ------------------------------------------------------------------
 */

static void forget(struct matrix_exam *exam)
{
	struct matrix_exam **at = &exam->matrix->exams;

	while (*at != exam)
		at = &(*at)->next;
	*at = exam->next;
	if (exam->timer != NULL)
		event_free(exam->timer);
	free(exam);
}

struct question {
	const char *what;
	/* after the base; "/..." of the room when it begins with "R" */
	const char *path;
	void (*take)(struct matrix_exam *exam, struct matrix_call *call);
};
static const struct question questions[];

/* That is answered; on to the next, which keeps the checkup alive. */
static void answer(struct matrix_exam *exam, enum checkup_state state,
    const char *found, const char *advice)
{
	struct checkup_item *item = exam->item;
	const struct question *next = &questions[++exam->step];
	bool more = next->what != NULL &&
		    (next->path != NULL || checkup_probes(exam->checkup));

	exam->item = more ? checkup_begin(exam->checkup, exam->matrix->chat->of,
				next->what)
			  : NULL;
	checkup_end(item, state, found, advice);
	if (more)
		ask_next(exam);
	else
		forget(exam);
}

/* It did not say what we asked. */
static void no_answer(struct matrix_exam *exam, const struct matrix_call *call)
{
	const char *account = matrix_account_trouble(call);
	char found[600];

	snprintf(found, sizeof(found), "it %s",
	    call->error.text[0] == '\0' ? "answered what makes no sense"
					: call->error.text);
	if (account != NULL)
		answer(exam, CHECKUP_BAD, found, account);
	else if (call->result == MATRIX_LATER)
		answer(exam, CHECKUP_BAD, found,
		    "look whether the homeserver runs, whether url names it, "
		    "and whether its certificate is one that ca_file or the "
		    "system knows");
	else
		answer(exam, CHECKUP_BAD, found,
		    "see imprimatur-matrix(7) for how the account and its "
		    "room are set up");
}

static void take_versions(struct matrix_exam *exam, struct matrix_call *call)
{
	/* what is wrong with the token, its own question tells */
	if ((call->result == MATRIX_DONE &&
		json_is_array(json_object_get(call->answer, "versions"))) ||
	    (call->result != MATRIX_DONE &&
		matrix_account_trouble(call) != NULL))
		answer(exam, CHECKUP_GOOD, NULL, NULL);
	else {
		exam->silent = "its homeserver does not answer";
		no_answer(exam, call);
	}
}

static void take_clock(struct matrix_exam *exam, struct matrix_call *call)
{
	int64_t apart = call->date_ms - clock_now_ms();
	char found[100], span[CLOCK_ISO_SIZE];

	if (call->date_ms == 0) {
		answer(
		    exam, CHECKUP_SKIPPED, "it does not tell the time", NULL);
		return;
	}
	snprintf(found, sizeof(found), "its clock is %s %s ours",
	    clock_span(apart < 0 ? -apart : apart, span),
	    apart < 0 ? "behind" : "ahead of");
	if (apart > CLOCK_MOST_MS || apart < -CLOCK_MOST_MS)
		answer(exam, CHECKUP_DOUBT, found,
		    "set both clocks by NTP: what is written in the room has "
		    "its time, what is decided has ours");
	else
		answer(exam, CHECKUP_GOOD, NULL, NULL);
}

static void take_whoami(struct matrix_exam *exam, struct matrix_call *call)
{
	const char *self = matrix_event_id(call->answer, "user_id", '@');

	if (call->result == MATRIX_DONE && self != NULL)
		answer(exam, CHECKUP_GOOD, self, NULL);
	else {
		exam->closed = "it cannot look without its token";
		no_answer(exam, call);
	}
}

/* Those who are asked here and do not see it. */
static size_t absent(
    const struct matrix_exam *exam, const json_t *joined, struct buf *names)
{
	const struct chat *chat = exam->matrix->chat;
	const struct config *config = chat->whole;
	const char *id;
	size_t i, n = 0;

	for (i = 0; config != NULL && i < config->n_reviewers; i++) {
		id = chat_id(chat, &config->reviewers[i]);
		if (id != NULL && json_object_get(joined, id) == NULL)
			buf_addf(names, "%s%s", n++ == 0 ? "" : ", ", id);
	}
	return n;
}

static void is_outside(struct matrix_exam *exam)
{
	const char *self = exam->matrix->self;
	char advice[400];

	exam->closed = "it is not in the room";
	snprintf(advice, sizeof(advice),
	    "invite %s into the room, and it joins by itself; or see whether "
	    "room names the right one",
	    self[0] == '\0' ? "the account" : self);
	answer(exam, CHECKUP_BAD, exam->closed, advice);
}

static void take_members(struct matrix_exam *exam, struct matrix_call *call)
{
	const json_t *joined = json_object_get(call->answer, "joined");
	struct buf names;

	if (call->result == MATRIX_REFUSED &&
	    matrix_account_trouble(call) == NULL) {
		is_outside(exam);
		return;
	}
	if (call->result != MATRIX_DONE || !json_is_object(joined)) {
		no_answer(exam, call);
		return;
	}
	buf_init(&names, 400);
	buf_add_str(&names, "not there: ");
	if (absent(exam, joined, &names) > 0)
		answer(exam, CHECKUP_BAD, names.data,
		    "invite them into the room: they cannot read what they "
		    "are asked");
	else
		answer(exam, CHECKUP_GOOD, NULL, NULL);
	buf_release(&names);
}

static void take_encryption(struct matrix_exam *exam, struct matrix_call *call)
{
	if (call->result == MATRIX_DONE)
		answer(exam, CHECKUP_BAD,
		    "it is encrypted, so answers there cannot be read",
		    "make a new room without encryption and name that one: "
		    "encryption cannot be taken off again");
	else if (call->result == MATRIX_REFUSED && call->status == 404)
		answer(exam, CHECKUP_GOOD, NULL, NULL);
	else
		no_answer(exam, call);
}

static void take_levels(struct matrix_exam *exam, struct matrix_call *call)
{
	json_int_t has, needs;
	char found[100];

	if (call->result == MATRIX_REFUSED && call->status == 404) {
		answer(exam, CHECKUP_GOOD, NULL, NULL);
		return;
	}
	if (call->result != MATRIX_DONE) {
		no_answer(exam, call);
		return;
	}
	/* a creator has no level and all power: then it is up */
	if (matrix_may_post(exam->matrix, call->answer, &has, &needs) ||
	    exam->matrix->ready) {
		answer(exam, CHECKUP_GOOD, NULL, NULL);
		return;
	}
	snprintf(found, sizeof(found),
	    "its power level is %" JSON_INTEGER_FORMAT
	    ", posting needs %" JSON_INTEGER_FORMAT,
	    has, needs);
	answer(exam, CHECKUP_BAD, found,
	    "raise the account's power level in the settings of the room");
}

/* ---- the probe
 * --------------------------------------------------------------------------------
 */

/* They have served; nobody waits for that. */
static void take_back(struct matrix_exam *exam, const char *id)
{
	struct matrix *matrix = exam->matrix;
	struct arena *arena = arena_new();

	if (id[0] != '\0')
		matrix_call_ask(matrix,
		    &(struct matrix_request){.method = "PUT",
			.path = matrix_call_path(matrix, arena,
			    "/redact/%s/imprimatur.doctor",
			    matrix_call_escape(arena, id)),
			.body = json_pack("{s:s}", "reason", "a test")});
	arena_free(arena);
}

static void end_probe(struct matrix_exam *exam, enum checkup_state state,
    const char *found, const char *advice)
{
	take_back(exam, exam->reaction);
	take_back(exam, exam->message);
	answer(exam, state, found, advice);
}

static bool has_seen(const struct matrix_exam *exam, const char *id)
{
	size_t i;

	for (i = 0; id[0] != '\0' && i < N_SEEN; i++)
		if (strcmp(exam->seen[i], id) == 0)
			return true;
	return false;
}

static void look_back(struct matrix_exam *exam)
{
	char found[100];

	if (!has_seen(exam, exam->message) || !has_seen(exam, exam->reaction))
		return;
	snprintf(found, sizeof(found),
	    "a message and a reaction came back after %lld ms",
	    (long long)(clock_mono_ms() - exam->began_ms));
	end_probe(exam, CHECKUP_GOOD, found, NULL);
}

static void on_late(evutil_socket_t fd, short what, void *context)
{
	const struct timeval most = {BACK_MOST_S, 0};
	struct matrix_exam *exam = context;

	(void)fd;
	(void)what;
	if (exam->reaction[0] == '\0') {
		/* an answer is under way, and says more */
		event_add(exam->timer, &most);
		return;
	}
	end_probe(exam, CHECKUP_BAD,
	    "a message was posted, and did not come back by /sync",
	    "look into the homeserver's log: answers would not reach us "
	    "either");
}

static void on_reacted(struct matrix_call *call)
{
	struct matrix_exam *exam = call->context;
	const char *id = matrix_event_id(call->answer, "event_id", '$');

	if (call->result != MATRIX_DONE || id == NULL) {
		end_probe(exam, CHECKUP_BAD, call->error.text,
		    "allow the account to react in the room");
		return;
	}
	snprintf(exam->reaction, sizeof(exam->reaction), "%s", id);
	look_back(exam);
}

static void put_event(struct matrix_exam *exam, const char *type,
    json_t *content, void (*done)(struct matrix_call *))
{
	struct matrix *matrix = exam->matrix;
	struct arena *arena = arena_new();
	unsigned char random[10];
	char hex[2 * sizeof(random) + 1];

	digest_random(random, sizeof(random));
	digest_hex(random, sizeof(random), hex);
	matrix_call_ask(
	    matrix, &(struct matrix_request){.method = "PUT",
			.path = matrix_call_path(matrix, arena,
			    "/send/%s/imprimatur.doctor.%s", type, hex),
			.body = content,
			.done = done,
			.context = exam});
	arena_free(arena);
}

static void on_posted(struct matrix_call *call)
{
	struct matrix_exam *exam = call->context;
	const char *id = matrix_event_id(call->answer, "event_id", '$');

	if (call->result != MATRIX_DONE || id == NULL) {
		end_probe(exam, CHECKUP_BAD, call->error.text,
		    "allow the account to post in the room");
		return;
	}
	snprintf(exam->message, sizeof(exam->message), "%s", id);
	put_event(exam, "m.reaction",
	    json_pack("{s:{s:s, s:s, s:s}}", "m.relates_to", "rel_type",
		"m.annotation", "event_id", id, "key",
		matrix_event_reactions[0].key),
	    on_reacted);
}

static void probe(struct matrix_exam *exam)
{
	const struct timeval most = {BACK_MOST_S, 0};
	struct matrix *matrix = exam->matrix;

	if (!matrix->ready) {
		answer(exam, CHECKUP_SKIPPED,
		    matrix->chat->why[0] == '\0' ? "it is not connected yet"
						 : matrix->chat->why,
		    NULL);
		return;
	}
	exam->began_ms = clock_mono_ms();
	exam->timer = evtimer_new(matrix->chat->base, on_late, exam);
	event_add(exam->timer, &most);
	put_event(exam, "m.room.message",
	    json_pack("{s:s, s:s, s:{}}", "msgtype", "m.notice", "body",
		"A test of Imprimatur, which takes it back by itself: there "
		"is nothing to do.",
		"m.mentions"),
	    on_posted);
}

void matrix_examine_saw(struct matrix *matrix, const char *id)
{
	struct matrix_exam *exam, *next;

	for (exam = matrix->exams; exam != NULL; exam = next) {
		next = exam->next;
		if (exam->timer == NULL)
			continue;
		snprintf(exam->seen[exam->n_seen++ % N_SEEN],
		    sizeof(exam->seen[0]), "%s", id);
		look_back(exam);
	}
}

/* ---- in their order
 * ---------------------------------------------------------------------------
 */

static const struct question questions[] = {
    {"its homeserver answers", "/_matrix/client/versions", take_versions},
    {"its homeserver's clock agrees with ours", "/_matrix/client/versions",
	take_clock},
    {"its access token is accepted", "/_matrix/client/v3/account/whoami",
	take_whoami},
    {"it and its reviewers are in the room", "R/joined_members", take_members},
    {"the room is not encrypted", "R/state/m.room.encryption/",
	take_encryption},
    {"it may post in the room", "R/state/m.room.power_levels/", take_levels},
    {"what is written in the room reaches us", NULL, NULL},
    {NULL, NULL, NULL},
};

static void on_answer(struct matrix_call *call)
{
	struct matrix_exam *exam = call->context;

	questions[exam->step].take(exam, call);
}

/* What keeps us from the room is told once. */
static void skip_room(struct matrix_exam *exam)
{
	const struct chat *chat = exam->matrix->chat;

	if (exam->closed != NULL)
		answer(exam, CHECKUP_SKIPPED, exam->closed, NULL);
	else if (chat->state != CHAT_BROKEN)
		answer(exam, CHECKUP_SKIPPED,
		    "which room that is, is not known yet", NULL);
	else {
		exam->closed = "which room that is, is not known";
		answer(exam, CHECKUP_BAD, exam->closed, chat->why);
	}
}

static void ask_next(struct matrix_exam *exam)
{
	const struct question *question = &questions[exam->step];
	struct matrix *matrix = exam->matrix;
	const char *path = question->path;
	struct arena *arena;

	if (exam->silent != NULL) {
		answer(exam, CHECKUP_SKIPPED, exam->silent, NULL);
		return;
	}
	if (path == NULL) {
		probe(exam);
		return;
	}
	if (path[0] == 'R' &&
	    (exam->closed != NULL || matrix->room[0] == '\0')) {
		skip_room(exam);
		return;
	}
	arena = arena_new();
	if (path[0] == 'R')
		path = matrix_call_path(matrix, arena, "%s", path + 1);
	matrix_call_ask(matrix, &(struct matrix_request){.method = "GET",
				    .path = path,
				    .done = on_answer,
				    .context = exam});
	arena_free(arena);
}

void matrix_examine(struct chat *chat, struct checkup *checkup)
{
	struct matrix *matrix = chat->own;
	struct matrix_exam *exam;

	if (matrix == NULL)
		return;
	exam = mem_zalloc(sizeof(*exam));
	exam->matrix = matrix;
	exam->checkup = checkup;
	exam->item = checkup_begin(checkup, chat->of, questions[0].what);
	exam->next = matrix->exams;
	matrix->exams = exam;
	ask_next(exam);
}

void matrix_examine_stop(struct matrix *matrix)
{
	struct matrix_exam *exam;

	while ((exam = matrix->exams) != NULL) {
		checkup_end(exam->item, CHECKUP_SKIPPED,
		    "the configuration was read anew meanwhile", NULL);
		forget(exam);
	}
}
