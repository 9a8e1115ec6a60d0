/*
 * place: what is to be shown where.  Prompts about one draft, revision and
 * question share a message, however many people are asked; here they are put
 * together and made content.  How a message gets there is post.c's, which go
 * together gather.c's.
 */
#include "chat/room.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_SHARE 2 /* places for each prompt that may wait */

/* ---- life --------------------------------------------------------------- */

/* Not from within chat_show(): review does not expect an answer yet. */
static void on_go(evutil_socket_t fd, short what, void *context)
{
	struct chat_places *places = context;
	struct chat_place *place, *next;

	(void)fd;
	(void)what;
	for (place = places->first; place != NULL; place = next) {
		next = place->next;
		if (!place->due)
			continue;
		place->due = false;
		chat_post_go(place);
	}
}

struct chat_places *chat_places_new(struct chat *chat)
{
	struct chat_places *places = mem_zalloc(sizeof(*places));

	places->chat = chat;
	places->go = evtimer_new(chat->base, on_go, places);
	places->known = chat_known_new();
	return places;
}

static void free_made(struct chat_made *made)
{
	if (made == NULL)
		return;
	arena_free(made->arena);
	free(made);
}

void chat_place_drop_made(struct chat_place *place, struct chat_made *made)
{
	if (made != place->want && made != place->has && made != place->using)
		free_made(made);
}

static void free_place(struct chat_place *place)
{
	struct chat_note *note;
	size_t i;

	if (place->has != place->want)
		free_made(place->has);
	if (place->using != place->want && place->using != place->has)
		free_made(place->using);
	free_made(place->want);
	while ((note = place->notes) != NULL) {
		place->notes = note->next;
		arena_free(note->arena);
		free(note);
	}
	for (i = 0; i < place->n_notices; i++)
		free(place->notices[i].reply_to);
	free(place->notices);
	free(place->remote);
	free(place->root);
	free(place->named);
	free(place->subject);
	free(place->agent);
	free(place->asked);
	free(place->ids);
	arena_free(place->words);
	chat_unref(place->chat);
	free(place);
}

static void unlink_place(
    struct chat_places *places, const struct chat_place *place)
{
	struct chat_place **at = &places->first;

	while (*at != place)
		at = &(*at)->next;
	*at = place->next;
	places->n--;
}

void chat_places_free(struct chat_places *places)
{
	struct chat_place *place;

	if (places == NULL)
		return;
	chat_gather_free(places);
	while ((place = places->first) != NULL) {
		unlink_place(places, place);
		/* else it ends when the ledger has answered */
		if (!place->busy)
			free_place(place);
	}
	event_free(places->go);
	chat_known_free(places->known);
	free(places);
}

/* All that it was given is there. */
static void say_heard(const struct chat_place *place)
{
	const struct chat *chat = place->chat;
	size_t i;

	for (i = 0; i < place->n_notices; i++) {
		const struct chat_notice *notice = &place->notices[i];

		review_medium_heard(
		    chat->review, chat->config->name, notice->id, false);
		if (notice->over)
			review_medium_heard(
			    chat->review, chat->config->name, notice->id, true);
	}
}

void chat_place_end(struct chat_place *place)
{
	struct chat *chat = place->chat;
	struct chat_places *places = chat->places;

	if (chat->stopped) {
		free_place(place);
		return;
	}
	unlink_place(places, place);
	if (!place->hopeless)
		say_heard(place);
	free_place(place);
	if (places->refused) {
		places->refused = false;
		review_medium(
		    chat->review, chat->config->name, REVIEW_MEDIUM_READY);
	}
	chat_gather_kick(places);
}

static struct chat_place *find(const struct chat_places *places, int64_t draft,
    unsigned number, enum hold_prompt_kind kind)
{
	struct chat_place *place = places->first;

	while (place != NULL &&
	       (place->draft != draft || place->number != number ||
		   place->kind != kind))
		place = place->next;
	return place;
}

/* The first is posted first. */
static struct chat_place *add(struct chat_places *places)
{
	struct chat_place *place = mem_zalloc(sizeof(*place)),
			  **at = &places->first;

	while (*at != NULL)
		at = &(*at)->next;
	*at = place;
	places->n++;
	place->chat = chat_ref(places->chat);
	return place;
}

/* ---- notices ------------------------------------------------------------ */

struct chat_notice *chat_place_notice(
    const struct chat_place *place, int64_t id)
{
	size_t i;

	for (i = 0; i < place->n_notices; i++)
		if (place->notices[i].id == id)
			return &place->notices[i];
	return NULL;
}

static void add_notice(
    struct chat_place *place, const struct review_shown *shown)
{
	struct chat_notice *notice = chat_place_notice(place, shown->notice);

	if (notice != NULL) {
		notice->over = notice->over || shown->over;
		return;
	}
	if (place->n_notices == place->room) {
		place->room = place->room == 0 ? 4 : place->room * 2;
		place->notices = mem_grow(
		    place->notices, place->room, sizeof(*place->notices));
	}
	place->notices[place->n_notices++] = (struct chat_notice){
	    .id = shown->notice,
	    .over = shown->over,
	    .reviewer = config_reviewer(place->chat->whole, shown->reviewer),
	    .reply_to = mem_strdup(shown->reply_to),
	};
}

/* ---- who is asked ------------------------------------------------------- */

static enum hold_prompt_kind kind_of(enum hold_prompt_kind kind)
{
	return kind == HOLD_PROMPT_REMIND ? HOLD_PROMPT_DECIDE : kind;
}

/* People, each once, ended by NULL. */
struct people {
	size_t n;
	const struct config_reviewer **all;
	const char **reply_to;
};

static void add_person(struct people *people,
    const struct config_reviewer *reviewer, const char *reply_to)
{
	size_t i;

	for (i = 0; i < people->n; i++)
		if (people->all[i] == reviewer)
			return;
	people->all[people->n] = reviewer;
	people->reply_to[people->n++] = reply_to;
}

/* Whom the draft waits for, who are asked in this chat, too. */
static void add_asked(struct people *people, const struct chat_place *place,
    const struct review_shown *shown)
{
	const struct hold_view *view = shown->view;
	const struct config_reviewer *reviewer;
	int64_t now = clock_now_ms();
	size_t i;

	for (i = 0; i < view->n_asked; i++) {
		const struct hold_asked *asked = &view->asked[i];

		reviewer = config_reviewer(place->chat->whole, asked->reviewer);
		if (reviewer != NULL && kind_of(asked->kind) == place->kind &&
		    asked->wake_ms <= now &&
		    (!shown->over ||
			strcmp(asked->reviewer, shown->reviewer) != 0) &&
		    config_reviewer_has(reviewer, place->chat->config->name))
			add_person(people, reviewer, NULL);
	}
}

/* Whose notices it has: only of these we know where their mail goes. */
static void add_noticed(struct people *people, const struct chat_place *place)
{
	size_t i;

	for (i = 0; i < place->n_notices; i++)
		if (!place->notices[i].over &&
		    place->notices[i].reviewer != NULL)
			add_person(people, place->notices[i].reviewer,
			    place->notices[i].reply_to);
}

static void list_people(struct arena *arena, const struct chat_place *place,
    const struct review_shown *shown, struct people *out)
{
	size_t most = place->n_notices + shown->view->n_asked + 1;

	out->n = 0;
	out->all = arena_alloc(arena, most * sizeof(*out->all));
	out->reply_to = arena_alloc(arena, most * sizeof(*out->reply_to));
	if (!config_chat_hears(place->chat->config)) {
		add_noticed(out, place);
		return;
	}
	add_asked(out, place, shown);
	if (!shown->over)
		add_person(out,
		    config_reviewer(place->chat->whole, shown->reviewer), NULL);
}

static void keep_asked(struct chat_place *place, const struct people *people)
{
	free(place->asked);
	place->asked = mem_zalloc((people->n + 1) * sizeof(*place->asked));
	memcpy(place->asked, people->all, people->n * sizeof(*people->all));
}

/* ---- content ------------------------------------------------------------ */

static const char *outcome_of(const struct review_shown *shown)
{
	return shown->outcome != NULL ? shown->outcome
				      : "This is over: no answer is needed.";
}

static bool has_mail(const struct people *people)
{
	size_t i;

	for (i = 0; i < people->n; i++)
		if (people->reply_to[i] != NULL)
			return true;
	return false;
}

/* In which forms: it is not known yet whether it comes alone. */
static void make_content(const struct chat_place *place, struct chat_card *card,
    struct chat_made *made)
{
	const struct chat *chat = place->chat;
	bool settled = place->begun || card->outcome != NULL;

	made->n = card->n = place->n;
	if (!settled && place->n > 0)
		chat->kind->card(chat, made->arena, card, &made->item);
	if (!settled)
		card->n = 0;
	if (settled || chat_gather_alone(place))
		chat->kind->card(chat, made->arena, card, &made->content);
}

static struct chat_made *make(
    struct chat_place *place, const struct review_shown *shown)
{
	struct chat_made *made = mem_zalloc(sizeof(*made));
	struct people people;
	struct chat_card card = {
	    .card = shown->card,
	    .view = shown->view,
	    .kind = shown->kind,
	    .subject = shown->subject,
	};

	made->arena = arena_new();
	list_people(made->arena, place, shown, &people);
	made->closed = shown->over && (!shown->waits || people.n == 0);
	made->ended = shown->over && !shown->waits;
	if (made->closed) {
		people.n = 0;
		people.all[0] = NULL;
		card.outcome = made->outcome =
		    arena_strdup(made->arena, outcome_of(shown));
	}
	card.asked = people.all;
	if (!config_chat_hears(place->chat->config) && has_mail(&people))
		card.reply_to = people.reply_to;
	make_content(place, &card, made);
	keep_asked(place, &people);
	return made;
}

static void want(struct chat_place *place, struct chat_made *made)
{
	struct chat_made *old = place->want;

	place->want = made;
	if (old != NULL)
		chat_place_drop_made(place, old);
}

/* What the head of a digest says of it. */
static void describe(struct chat_place *place, const struct review_shown *shown)
{
	const struct hold_view *view = shown->view;
	const char *subject = view->reading->subject;

	place->gathered = shown->gathered;
	place->severity = view->severity;
	place->subject = mem_strdup(
	    subject == NULL || subject[0] == '\0' ? "(no subject)" : subject);
	place->agent = mem_strdup(view->agent);
}

/* ---- notes -------------------------------------------------------------- */

static const char *note_text(
    struct arena *arena, const struct review_shown *shown)
{
	int64_t left = shown->view->deadline_ms - clock_now_ms();
	char span[CLOCK_ISO_SIZE];

	if (shown->kind != HOLD_PROMPT_REMIND)
		return "You are asked about this one, too.";
	if (shown->view->deadline_ms == 0)
		return "A reminder: this still waits for a decision.";
	if (left <= 0)
		return "A reminder: this still waits for a decision, and it is "
		       "late.";
	return arena_printf(arena,
	    "A reminder: this still waits for a decision. There are %s left.",
	    clock_span(left, span));
}

/* For who is asked when the message stands there already. */
static void add_note(struct chat_place *place, const struct review_shown *shown)
{
	const struct chat *chat = place->chat;
	struct chat_note *note = mem_zalloc(sizeof(*note)), **at;

	note->arena = arena_new();
	note->notice = shown->notice;
	note->remind = shown->kind == HOLD_PROMPT_REMIND;
	note->content =
	    chat->kind->text(chat, note->arena, note_text(note->arena, shown),
		config_reviewer(chat->whole, shown->reviewer));
	for (at = &place->notes; *at != NULL; at = &(*at)->next)
		;
	*at = note;
}

/* ---- the door ----------------------------------------------------------- */

static struct chat_place *place_of(
    struct chat_places *places, const struct review_shown *shown)
{
	const struct hold_view *view = shown->view;
	enum hold_prompt_kind kind = kind_of(shown->kind);
	struct chat_place *place =
	    find(places, view->draft, view->number, kind);

	if (place != NULL)
		return place;
	if (places->n >= (size_t)places->chat->config->waiting * PLACES_SHARE) {
		places->refused = true;
		return NULL;
	}
	place = add(places);
	place->draft = view->draft;
	place->number = view->number;
	place->kind = kind;
	describe(place, shown);
	chat_gather_number(place, !shown->over);
	return place;
}

bool chat_places_show(
    struct chat_places *places, const struct review_shown *shown)
{
	static const struct timeval now = {0, 0};
	struct chat_place *place = place_of(places, shown);
	const struct chat_notice *before;

	if (place == NULL)
		return false;
	before = chat_place_notice(place, shown->notice);
	if (before != NULL && !shown->over)
		return true; /* it is on its way */
	add_notice(place, shown);
	want(place, make(place, shown));
	if (!shown->over)
		add_note(place, shown);
	place->due = true;
	event_add(places->go, &now);
	return true;
}
