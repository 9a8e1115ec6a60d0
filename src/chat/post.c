/*
 * post: brings one message to where it is wanted, a step at a time: does the
 * ledger know it, post it, with its parts, rewrite it, write down where it
 * stands, add words for who is asked later.  What happens meanwhile is done
 * with the next step; what a crash left half is done again under the same
 * names.
 */
#include "chat/room.h"

#include "util/log.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTE_TRIES 20
#define GONE_MOST  2 /* posted anew so often, when somebody deletes it */
#define SHOW_MOST  200

#define PLACE(call, member)                                                    \
	((struct chat_place *)(void *)((char *)(call)-offsetof(                \
	    struct chat_place, member)))

/* ---- what to send ------------------------------------------------------- */

/* The form for where it stands, or NULL: that was not made. */
static const struct chat_content *form(
    const struct chat_place *place, const struct chat_made *made)
{
	bool item = made->item.main != NULL;

	if (made->closed)
		return &made->content;
	if (place->n > 0)
		return made->n != place->n ? NULL
		       : item		   ? &made->item
					   : &made->content;
	return made->content.main != NULL ? &made->content : NULL;
}

/* One that has not been told yet. */
static bool has_early(const struct chat_place *place)
{
	size_t i;

	for (i = 0; i < place->n_notices; i++)
		if (place->notices[i].id < place->chat->chats->first_notice)
			return true;
	return false;
}

void chat_post_name(struct chats *chats, char *out, size_t size)
{
	snprintf(out, size, "%s-%" PRIx64 "-%" PRIu64, chats->tag, chats->epoch,
	    ++chats->n_names);
}

/* The same in every life of ours. */
static void name_step(struct chat_place *place)
{
	char salt[40] = "";

	if (place->salt != 0)
		snprintf(salt, sizeof(salt), "%" PRId64 ".%u-", place->salt,
		    place->gone);
	snprintf(place->once, sizeof(place->once), "%s-%" PRId64 "-%u-%d-%s%zu",
	    place->chat->chats->tag, place->draft, place->number,
	    (int)place->kind, salt, place->step);
}

static void put(struct chat_place *place, enum chat_rank rank,
    void (*done)(struct chat_message *message))
{
	struct chat_message *message = &place->message;

	message->rank = rank;
	message->done = done;
	message->context = place;
	message->send.once = place->once;
	place->busy = true;
	chat_queue_put(place->chat->queue, message);
}

bool chat_post_ended(struct chat_place *place)
{
	place->busy = false;
	if (!place->chat->stopped)
		return false;
	/* chat_places_free() frees what is not busy, and has not come yet when
	 * there are places still */
	if (place->chat->places == NULL)
		chat_place_end(place);
	return true;
}

/* ---- posting ------------------------------------------------------------ */

/* In the thread that it stands in, or that it begins. */
static const char *thread_of(const struct chat_place *place)
{
	if (!place->chat->kind->rewrites)
		return NULL; /* there are none */
	return place->root != NULL ? place->root : place->remote;
}

static void fill(
    struct chat_place *place, enum chat_send_what what, const char *content)
{
	place->message.send = (struct chat_send){
	    .what = what,
	    .remote = what == CHAT_REPLACE ? place->remote : NULL,
	    .root = what == CHAT_REPLACE ? place->root : thread_of(place),
	    .early = has_early(place),
	    .content = content,
	};
}

static bool is_same_root(const struct chat_place *place, const char *root)
{
	return strcmp(place->root == NULL ? "" : place->root, root) == 0;
}

static void keep_remote(struct chat_place *place)
{
	const struct chat_send *send = &place->message.send;
	const char *made = send->remote_made;

	free(place->remote);
	/* where messages have no names it has ours */
	place->remote = mem_strdup(made[0] != '\0' ? made : place->once);
	if (!send->was_there || is_same_root(place, send->root_made))
		return;
	/* the number it has there may be another's by now */
	free(place->root);
	place->root =
	    mem_strdup(send->root_made[0] == '\0' ? NULL : send->root_made);
	place->elsewhere = true;
}

/* Nobody can see it there: that is said, and where to look. */
static void on_refusal_told(struct chat_message *message)
{
	struct chat_place *place = message->context;

	arena_free(place->words);
	place->words = NULL;
	place->refused = true;
	place->hopeless = message->send.sent != CHAT_SENT;
	if (!chat_post_ended(place))
		chat_post_go(place);
}

static void tell_refusal(struct chat_place *place)
{
	struct chat *chat = place->chat;
	struct arena *arena = arena_new();
	const char *text = arena_printf(arena,
	    "Draft %" PRId64 " waits for people, but this chat refuses to "
	    "show it. Answer it by mail, or look at it on the server: "
	    "imprimatur show %" PRId64,
	    place->draft, place->draft);

	log_error("draft %" PRId64 " not-shown chat=%s revision=%u",
	    place->draft, chat->config->name, place->number);
	place->words = arena;
	fill(place, CHAT_POST, chat->kind->text(chat, arena, text, NULL));
	place->message.tries_most = 0;
	snprintf(place->once, sizeof(place->once), "%s-%" PRId64 "-%u-%d-no",
	    chat->chats->tag, place->draft, place->number, (int)place->kind);
	put(place, CHAT_RANK_GO_ON, on_refusal_told);
}

/* Once more, and alone: it, or the thread it stood in, is gone. */
static void anew(struct chat_place *place)
{
	size_t i;

	free(place->remote);
	free(place->root);
	place->remote = place->root = NULL;
	place->n = 0;
	place->begun = place->whole = place->elsewhere = false;
	place->ours = true;
	place->step = 0;
	for (i = 0; i < place->n_notices; i++) {
		place->notices[i].written = false;
		if (place->notices[i].id > place->salt)
			place->salt = place->notices[i].id;
	}
}

static void on_step(struct chat_message *message)
{
	struct chat_place *place = message->context;
	const struct chat_send *send = &message->send;

	if (chat_post_ended(place))
		return;
	switch (send->sent) {
	case CHAT_SENT:
		if (send->what == CHAT_POST &&
		    (place->remote == NULL || place->step == 0 ||
			!place->chat->kind->rewrites))
			keep_remote(place);
		place->step++;
		chat_post_go(place);
		return;
	case CHAT_GONE:
		if (place->gone++ < GONE_MOST) {
			anew(place);
			chat_post_go(place);
			return;
		}
		/* fall through */
	case CHAT_NEVER:
	case CHAT_LATER:
		tell_refusal(place);
	}
}

/* What there is to send at this step, or NULL: all is there. */
static const char *step_content(
    const struct chat_place *place, enum chat_send_what *what)
{
	const struct chat_content *c = form(place, place->using);
	bool rewrites = place->chat->kind->rewrites;
	size_t lead = rewrites ? 1 : 0;

	*what = CHAT_POST;
	if (c->first == NULL || c->n_parts == 0)
		return place->step == 0 ? c->main : NULL;
	if (place->step < lead)
		return c->first;
	if (place->step - lead < c->n_parts)
		return c->parts[place->step - lead];
	if (place->step - lead > c->n_parts)
		return NULL;
	*what = rewrites ? CHAT_REPLACE : CHAT_POST;
	return c->main;
}

static void name_all(struct chat_place *place)
{
	size_t n = 0;

	while (place->asked[n] != NULL)
		n++;
	free(place->named);
	place->named = mem_zalloc((n + 1) * sizeof(*place->named));
	memcpy(place->named, place->asked, n * sizeof(*place->named));
}

/* The form that is posted now, whatever comes meanwhile. */
static void use(struct chat_place *place)
{
	struct chat_made *old = place->using;

	if (form(place, place->want) == NULL)
		place->n = place->want->n;
	place->using = place->want;
	if (old != NULL)
		chat_place_drop_made(place, old);
}

static void set_has(struct chat_place *place)
{
	struct chat_made *old = place->has;

	place->has = place->using;
	place->using = NULL;
	if (old != NULL)
		chat_place_drop_made(place, old);
}

/* The next message of it; when all are there, it is whole. */
static void post(struct chat_place *place)
{
	enum chat_send_what what;
	const char *content;

	if (place->using == NULL || place->step == 0) {
		use(place);
		name_all(place);
	}
	place->begun = true;
	content = place->want->closed && place->step > 0
		      ? NULL
		      : step_content(place, &what);
	if (content == NULL) {
		place->whole = true;
		set_has(place);
		chat_post_go(place);
		return;
	}
	fill(place, what, content);
	place->message.tries_most = 0;
	name_step(place);
	put(place, place->step == 0 ? CHAT_RANK_PROMPT : CHAT_RANK_GO_ON,
	    on_step);
}

/* ---- looking for it ----------------------------------------------------- */

/* It was posted and then not written down.  Nobody else will close it. */
static void on_sought(struct chat_message *message)
{
	struct chat_place *place = message->context;

	if (chat_post_ended(place))
		return;
	if (message->send.sent == CHAT_SENT) {
		keep_remote(place);
		place->begun = place->whole = true;
	}
	chat_post_go(place);
}

/* False: there is no life that could have posted it. */
static bool seek(struct chat_place *place)
{
	if (place->sought || !place->chat->kind->rewrites || !has_early(place))
		return false;
	place->sought = true;
	fill(place, CHAT_FIND, NULL);
	place->message.tries_most = 0;
	place->step = 0;
	name_step(place);
	put(place, CHAT_RANK_REWRITE, on_sought);
	return true;
}

/* ---- rewriting ---------------------------------------------------------- */

static bool has_new(const struct chat_place *place)
{
	size_t i;

	for (i = 0; i < place->n_notices; i++)
		if (!place->notices[i].over && !place->notices[i].written)
			return true;
	return false;
}

static bool has_over(const struct chat_place *place)
{
	size_t i;

	for (i = 0; i < place->n_notices; i++)
		if (place->notices[i].over)
			return true;
	return false;
}

/* Does it say what is wanted, word for word? */
static bool says_so(const struct chat_place *place)
{
	const struct chat_content *has, *want = form(place, place->want);

	if (place->has == NULL && want != NULL && !place->was_ended)
		return chat_known_says(
		    place->chat->places->known, place->remote, want->main);
	if (place->has == NULL || place->has->closed != place->want->closed)
		return false;
	has = form(place, place->has);
	return has != NULL && want != NULL &&
	       strcmp(has->main, want->main) == 0;
}

static bool wants_rewrite(const struct chat_place *place)
{
	const struct chat_made *want = place->want;
	bool rewrites = place->chat->kind->rewrites;

	if (place->has == want || says_so(place))
		return false;
	if (want->closed)
		return (rewrites || want->ended) &&
		       !(place->was_ended && want->ended);
	return rewrites && form(place, want) != NULL &&
	       (place->has != NULL || place->was_ended || has_new(place) ||
		   has_over(place));
}

static void on_rewritten(struct chat_message *message)
{
	struct chat_place *place = message->context;

	if (chat_post_ended(place))
		return;
	if (message->send.sent == CHAT_GONE && !place->using->closed &&
	    place->gone++ < GONE_MOST)
		anew(place);
	else
		set_has(place);
	chat_post_go(place);
}

static void rewrite(struct chat_place *place)
{
	bool rewrites = place->chat->kind->rewrites;

	use(place);
	fill(place, rewrites ? CHAT_REPLACE : CHAT_POST,
	    form(place, place->using)->main);
	place->message.tries_most = 0;
	chat_post_name(place->chat->chats, place->once, sizeof(place->once));
	put(place, CHAT_RANK_REWRITE, on_rewritten);
}

/* ---- writing it down ---------------------------------------------------- */

static void on_written(struct hold_call *call)
{
	struct chat_place *place = PLACE(call, show);
	size_t i;

	if (call->error.kind != ERROR_NONE) {
		log_warning("draft %" PRId64 " message-not-written chat=%s"
			    " kind=%s reason=\"%s\"",
		    place->draft, place->chat->config->name,
		    error_kind_name(call->error.kind), call->error.text);
		place->hopeless = true;
	}
	for (i = 0; i < place->n_notices; i++) {
		size_t k;

		for (k = 0; k < place->show.n_notices; k++)
			if (place->ids[k] == place->notices[i].id)
				place->notices[i].written = true;
	}
	free(place->ids);
	place->ids = NULL;
	if (!chat_post_ended(place))
		chat_post_go(place);
}

/* False: the ledger knows all of them. */
static bool write_down(struct chat_place *place)
{
	struct hold_show *show = &place->show;
	size_t i;

	*show = (struct hold_show){
	    .call.done = on_written,
	    .chat = place->chat->config->name,
	    .remote = place->remote,
	    .root = place->root,
	    .n = place->elsewhere ? 0 : place->n,
	};
	place->ids = mem_zalloc((place->n_notices + 1) * sizeof(int64_t));
	for (i = 0; i < place->n_notices && show->n_notices < SHOW_MOST; i++)
		if (!place->notices[i].written)
			place->ids[show->n_notices++] = place->notices[i].id;
	if (show->n_notices == 0) {
		free(place->ids);
		place->ids = NULL;
		return false;
	}
	show->notices = place->ids;
	place->busy = true;
	hold_show(place->chat->hold, show);
	return true;
}

static void on_ended(struct hold_call *call)
{
	struct chat_place *place = PLACE(call, ended);

	if (call->error.kind != ERROR_NONE)
		log_warning("draft %" PRId64 " end-not-written chat=%s"
			    " reason=\"%s\"",
		    place->draft, place->chat->config->name, call->error.text);
	if (!chat_post_ended(place))
		chat_post_go(place);
}

static bool write_end(struct chat_place *place)
{
	bool ended = place->want->closed && place->want->ended;

	if (ended == place->was_ended)
		return false;
	place->was_ended = ended;
	place->busy = true;
	place->ended = (struct hold_ended){
	    .call.done = on_ended,
	    .chat = place->chat->config->name,
	    .remote = place->remote,
	    .open = !ended,
	};
	hold_ended(place->chat->hold, &place->ended);
	return true;
}

/* ---- notes -------------------------------------------------------------- */

static void drop_note(struct chat_place *place)
{
	struct chat_note *note = place->notes;

	place->notes = note->next;
	arena_free(note->arena);
	free(note);
}

/* They stand in what we posted, or were told before, or it is over. */
static bool is_needless(
    const struct chat_place *place, const struct chat_note *note)
{
	const struct chat_notice *notice =
	    chat_place_notice(place, note->notice);
	size_t i;

	if (place->want->closed || notice == NULL || notice->over ||
	    notice->known)
		return true;
	if (!place->ours)
		return !note->remind &&
		       chat_known_names(place->chat->places->known,
			   place->remote, notice->reviewer);
	for (i = 0; place->named != NULL && place->named[i] != NULL; i++)
		if (place->named[i] == notice->reviewer)
			return true;
	return false;
}

static void on_noted(struct chat_message *message)
{
	struct chat_place *place = message->context;

	drop_note(place);
	if (!chat_post_ended(place))
		chat_post_go(place);
}

/* False: there is none. */
static bool add_words(struct chat_place *place)
{
	const struct chat_note *note;

	while (place->notes != NULL && is_needless(place, place->notes))
		drop_note(place);
	note = place->notes;
	if (note == NULL)
		return false;
	fill(place, CHAT_POST, note->content);
	place->message.tries_most = NOTE_TRIES;
	snprintf(place->once, sizeof(place->once), "%s-n%" PRId64,
	    place->chat->chats->tag, note->notice);
	put(place, CHAT_RANK_GO_ON, on_noted);
	return true;
}

/* ---- the steps ---------------------------------------------------------- */

/* Nothing can be added to what stands there: it comes once more, for them. */
static bool comes_again(struct chat_place *place)
{
	if (place->chat->kind->rewrites || place->want->closed ||
	    !place->whole || place->ours || !has_new(place))
		return false;
	anew(place);
	return true;
}

void chat_post_go(struct chat_place *place)
{
	if (place->waiting && place->want->closed) {
		place->waiting = false;
		chat_head_over(place);
		place->head = NULL;
	}
	if (place->busy || place->waiting)
		return;
	if (!place->looked) {
		chat_found_look(place);
	} else if (place->refused || place->hopeless) {
		chat_place_end(place);
	} else if (!place->begun && place->want->closed) {
		if (!seek(place))
			chat_place_end(place);
	} else if (!place->begun && !place->ours) {
		chat_gather_add(place);
	} else if (comes_again(place) || !place->whole) {
		post(place);
	} else if (wants_rewrite(place)) {
		rewrite(place);
	} else if (!write_down(place) && !write_end(place) &&
		   !add_words(place)) {
		chat_head_over(place);
		if (place->has != NULL)
			chat_known_keep(place->chat->places->known, place,
			    form(place, place->has)->main);
		chat_place_end(place);
	}
}
