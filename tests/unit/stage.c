/*
 * stage: a chat whose messages are in memory, for tests of the room.
 */
#include "stage.h"

#include "sample.h"

#include "util/clock.h"
#include "util/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 120000

static struct stage *current;

/* ---- the kind ----------------------------------------------------------- */

static const char *people_of(
    struct arena *arena, const struct config_reviewer *const *asked)
{
	const char *out = "";

	for (; *asked != NULL; asked++)
		out = arena_printf(arena, "%s @%s", out, (*asked)->name);
	return out;
}

static void kind_card(const struct chat *chat, struct arena *arena,
    const struct chat_card *card, struct chat_content *out)
{
	const char *n =
	    card->n == 0 ? "" : arena_printf(arena, "%u. ", card->n);
	unsigned i;

	(void)chat;
	memset(out, 0, sizeof(*out));
	assert_non_null(card->card);
	out->main = arena_printf(arena, "%sdraft %" PRId64 ".%u kind %d%s: %s",
	    n, card->view->draft, card->view->number, (int)card->kind,
	    people_of(arena, card->asked),
	    card->outcome != NULL ? card->outcome : "waits");
	if (current->parts == 0 || card->outcome != NULL)
		return;
	out->first =
	    arena_printf(arena, "%sfirst of %" PRId64, n, card->view->draft);
	out->n_parts = current->parts;
	out->parts = arena_alloc(arena, current->parts * sizeof(*out->parts));
	for (i = 0; i < current->parts; i++)
		out->parts[i] = arena_printf(
		    arena, "part %u of %" PRId64, i + 1, card->view->draft);
}

static const char *kind_digest(const struct chat *chat, struct arena *arena,
    const struct chat_digest *digest)
{
	const char *out = arena_printf(arena, "digest of %zu%s", digest->n,
	    people_of(arena, digest->asked));
	size_t i;

	(void)chat;
	for (i = 0; i < digest->n; i++)
		out = arena_printf(arena, "%s %u:%s", out, digest->items[i].n,
		    digest->items[i].outcome != NULL ? "over" : "waits");
	return out;
}

static const char *kind_text(const struct chat *chat, struct arena *arena,
    const char *text, const struct config_reviewer *to)
{
	(void)chat;
	return arena_printf(arena, "text%s%s: %s", to == NULL ? "" : " @",
	    to == NULL ? "" : to->name, text);
}

static void kind_start(struct chat *chat)
{
	if (!current->deaf)
		chat_is(chat, CHAT_UP, NULL);
}

static struct stage_message *find_id(struct stage *s, const char *id)
{
	size_t i;

	for (i = 0; i < s->n_messages; i++)
		if (strcmp(s->messages[i].id, id) == 0)
			return &s->messages[i];
	fail_msg("no message %s", id);
	return NULL;
}

/* As a place does that knows names: what was posted before is not twice. */
static void post(struct stage *s, struct chat_send *send)
{
	struct stage_message *m;
	size_t i;

	for (i = 0; i < s->n_messages; i++)
		if (strcmp(s->messages[i].once, send->once) == 0)
			break;
	m = &s->messages[i];
	if (i == s->n_messages) {
		assert_true(s->n_messages < STAGE_MESSAGES);
		s->n_messages++;
		snprintf(m->id, sizeof(m->id), "m%zu", s->n_messages);
		snprintf(m->once, sizeof(m->once), "%s", send->once);
		snprintf(m->root, sizeof(m->root), "%s",
		    send->root == NULL ? "" : send->root);
		snprintf(m->person, sizeof(m->person), "%s",
		    send->person == NULL ? "" : send->person);
		snprintf(m->content, sizeof(m->content), "%s", send->content);
	}
	m->again = send->again || send->early;
	if (send->what == CHAT_POST && !s->nameless)
		snprintf(
		    send->remote_made, sizeof(send->remote_made), "%s", m->id);
}

/* Where one of that name is. */
static enum chat_sent seek(const struct stage *s, struct chat_send *send)
{
	size_t i;

	for (i = 0; i < s->n_messages; i++)
		if (strcmp(s->messages[i].once, send->once) == 0) {
			snprintf(send->remote_made, sizeof(send->remote_made),
			    "%s", s->messages[i].id);
			snprintf(send->root_made, sizeof(send->root_made), "%s",
			    s->messages[i].root);
			send->was_there = true;
			return CHAT_SENT;
		}
	return CHAT_GONE;
}

static bool take(unsigned *n)
{
	if (*n == 0)
		return false;
	--*n;
	return true;
}

static void do_send(struct stage *s, struct chat_send *send)
{
	struct stage_message *m;

	send->sent = take(&s->later)   ? CHAT_LATER
		     : take(&s->never) ? CHAT_NEVER
		     : take(&s->gone)  ? CHAT_GONE
				       : CHAT_SENT;
	if (send->sent == CHAT_LATER)
		send->retry_ms = 1;
	if (send->sent != CHAT_SENT) {
		error_set(&send->error, ERROR_BUSY, "as the test has it");
	} else if (send->what == CHAT_FIND) {
		send->sent = seek(s, send);
	} else if (send->what == CHAT_REPLACE) {
		m = find_id(s, send->remote);
		m->rewritten++;
		snprintf(m->content, sizeof(m->content), "%s", send->content);
	} else {
		post(s, send);
	}
}

static void answer(struct stage *s)
{
	struct chat_send *send = s->open;
	struct stage_sent *sent = &s->sent[s->n_sent];

	s->open = NULL;
	assert_true(s->n_sent++ < STAGE_MESSAGES);
	sent->what = send->what;
	sent->sent = send->sent;
	sent->again = send->again || send->early;
	sent->at_ms = clock_mono_ms();
	snprintf(sent->once, sizeof(sent->once), "%s", send->once);
	send->done(send);
}

static void on_answer(evutil_socket_t fd, short what, void *context)
{
	struct stage *s = context;

	(void)fd;
	(void)what;
	if (s->open == NULL || s->mute)
		return;
	do_send(s, s->open);
	answer(s);
}

static void kind_send(struct chat *chat, struct chat_send *send)
{
	const struct timeval now = {0, 0};

	(void)chat;
	assert_null(current->open); /* one at a time */
	assert_true(chat_is_open(chat));
	assert_true((send->content == NULL) == (send->what == CHAT_FIND));
	assert_in_range(strlen(send->once), 1, 60);
	assert_int_equal(strspn(send->once, "abcdefghijklmnopqrstuvwxyz"
					    "0123456789.-"),
	    strlen(send->once));
	current->open = send;
	event_add(current->answer, &now);
}

static void kind_stop(struct chat *chat)
{
	(void)chat;
	if (current->open == NULL)
		return;
	current->open->sent = CHAT_LATER;
	answer(current);
}

static void kind_examine(struct chat *chat, struct checkup *checkup)
{
	(void)chat;
	(void)checkup;
}

static const struct chat_kind *kind_of(enum config_chat_kind kind)
{
	(void)kind;
	return &current->kind;
}

/* ---- the rooms ---------------------------------------------------------- */

static void on_moved(int64_t draft, enum hold_state state, void *context)
{
	struct stage *s = context;

	(void)draft;
	(void)state;
	if (s->review != NULL)
		review_kick(s->review);
}

static bool on_show(const struct review_shown *shown, void *context)
{
	struct stage *s = context;

	return s->chats != NULL && chat_show(s->chats, shown);
}

void stage_init(struct stage *s)
{
	static const char *const media[] = {"room", NULL};
	static const char *const ids[] = {"@anna", "@bob", "@carol"};
	size_t i;

	memset(s, 0, sizeof(*s));
	current = s;
	ledger_init(&s->ledger);
	s->config = *sample_config();
	memcpy(s->reviewers, s->config.reviewers, sizeof(s->reviewers));
	for (i = 0; i < 3; i++) {
		s->reviewers[i].media = media;
		s->reviewers[i].matrix = ids[i];
	}
	s->chat = (struct config_chat){.name = "room",
	    .kind = CONFIG_CHAT_MATRIX,
	    .calendar = calendar_always(),
	    .gather_above = 5,
	    .waiting = 200,
	    .per_minute = 60000,
	    .text_size = 65536,
	    .retry_most_s = 1};
	s->config.reviewers = s->reviewers;
	s->config.chats = &s->chat;
	s->config.n_chats = 1;
	s->config.review.mail_after_s = 600;
	s->kind = (struct chat_kind){
	    .card = kind_card,
	    .digest = kind_digest,
	    .text = kind_text,
	    .start = kind_start,
	    .stop = kind_stop,
	    .send = kind_send,
	    .examine = kind_examine,
	    .hears = true,
	    .rewrites = true,
	};
}

void stage_open(struct stage *s)
{
	const struct review_hooks hooks = {
	    .moved = on_moved, .show = on_show, .context = s};

	if (ledger_open(&s->ledger))
		fail_msg("%s", s->ledger.error.text);
	s->answer = evtimer_new(s->ledger.base, on_answer, s);
	s->review =
	    review_new(s->ledger.base, &s->config, s->ledger.hold, &hooks);
	s->chats = chat_new_of(
	    s->ledger.base, &s->config, s->ledger.hold, s->review, kind_of);
}

void stage_close(struct stage *s)
{
	struct review *review = s->review;

	chat_free(s->chats);
	s->chats = NULL;
	ledger_close(&s->ledger);
	s->review = NULL;
	review_free(review);
	event_free(s->answer);
	assert_null(s->open);
}

void stage_release(struct stage *s)
{
	ledger_release(&s->ledger);
}

struct chat *stage_chat(struct stage *s)
{
	return s->chats->all[0];
}

int64_t stage_draft(struct stage *s, const char *text)
{
	int64_t draft = draft_held(&s->ledger, text);

	stage_kick(s);
	return draft;
}

void stage_kick(struct stage *s)
{
	review_kick(s->review);
}

static void on_guard(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	(void)context;
}

bool stage_turn(struct stage *s, int64_t since_ms)
{
	const struct timeval soon = {0, 5000};
	struct event *guard = evtimer_new(s->ledger.base, on_guard, NULL);

	event_add(guard, &soon);
	event_base_loop(s->ledger.base, EVLOOP_ONCE);
	event_free(guard);
	return clock_mono_ms() - since_ms < PATIENCE_MS;
}

/* For their batch, with both who are asked. */
static unsigned n_waiting(struct stage *s)
{
	const struct chat_place *place = stage_chat(s)->places->first;
	unsigned n = 0;

	for (; place != NULL; place = place->next)
		n += place->waiting && place->n_notices == 2;
	return n;
}

void stage_many(struct stage *s, unsigned n)
{
	char text[32];
	unsigned i;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "mail %u\r\n", i);
		draft_held(&s->ledger, text);
	}
	stage_together(s, n);
}

void stage_together(struct stage *s, unsigned n)
{
	struct chat *chat = stage_chat(s);

	/* closed until all are there, however slow this machine is */
	chat->state = CHAT_STARTING;
	stage_kick(s);
	stage_until(s, n_waiting(s) == n);
	s->opened_ms = clock_mono_ms();
	chat->state = CHAT_UP;
	chat_gather_kick(chat->places);
	stage_settle(s);
}

/* Is there anything that the ledger says is to be told? */
static bool is_told(struct stage *s)
{
	static const char *const names[] = {"anna", "bob", "carol"};
	struct hold_untold untold = {.medium = "room",
	    .chat = true,
	    .n_reviewers = 3,
	    .reviewers = names,
	    .limit = 10};
	bool none;

	assert_int_equal(ledger_do(&s->ledger, untold, &untold), ERROR_NONE);
	none = untold.n_rows == 0;
	arena_free(untold.arena);
	return none;
}

bool stage_is_quiet(struct stage *s)
{
	return s->open == NULL && stage_chat(s)->places->first == NULL &&
	       stage_chat(s)->ears->open == 0 && is_told(s) &&
	       chat_queue_is_empty(stage_chat(s)->queue);
}

void stage_settle(struct stage *s)
{
	stage_until(s, stage_is_quiet(s));
}

struct stage_message *stage_find(struct stage *s, const char *text)
{
	size_t i;

	for (i = 0; i < s->n_messages; i++)
		if (strstr(s->messages[i].content, text) != NULL)
			return &s->messages[i];
	return NULL;
}

unsigned stage_count(struct stage *s, const char *text)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < s->n_messages; i++)
		n += strstr(s->messages[i].content, text) != NULL;
	return n;
}

unsigned stage_shown(struct stage *s, const char *remote, int64_t draft,
    unsigned *n_open, bool *ended)
{
	struct hold_shown shown = {.chat = "room",
	    .remote = remote,
	    .draft = draft,
	    .number = remote == NULL ? 1 : 0};
	unsigned n, i;

	assert_int_equal(ledger_do(&s->ledger, shown, &shown), ERROR_NONE);
	n = (unsigned)shown.n_rows;
	*n_open = 0;
	*ended = false;
	for (i = 0; i < n; i++) {
		*n_open += shown.rows[i].open;
		*ended = shown.rows[i].ended;
	}
	arena_free(shown.arena);
	return n;
}

static void on_word(struct chat_word *word)
{
	*(bool *)word->context = true;
}

void stage_say(struct stage *s, struct chat_word *word)
{
	bool done = false;

	free(word->told);
	word->told = NULL;
	word->done = on_word;
	word->context = &done;
	chat_hear(stage_chat(s), word);
	stage_until(s, done);
}

void stage_press(struct stage *s, struct chat_word *word, const char *person,
    const struct stage_button *button)
{
	static unsigned n;
	static char code[HOLD_CODE_SIZE];
	const int64_t draft = button->draft;
	static char once[32];
	char *told = word->told;
	struct hold_view view = {.draft = draft};

	assert_int_equal(ledger_do(&s->ledger, view, &view), ERROR_NONE);
	snprintf(code, sizeof(code), "%s", view.code);
	hold_view_release(&view);
	snprintf(once, sizeof(once), "press-%u", ++n);
	*word = (struct chat_word){.person = person,
	    .remote = button->remote,
	    .verb = button->verb,
	    .code = code,
	    .once = once,
	    .told = told};
	stage_say(s, word);
}
