/*
 * word: what people answer.  Who it is is known by the id that the place has
 * for them, and by nothing else; what it is about by the message.  What it
 * means and whether it counts is review's.  Then they are told what came of
 * it.
 */
#include "chat/room.h"

#include "util/log.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEARD_MOST   256 /* under way at a time, of one chat; so are told */
#define NUMBERS_MOST 200
#define TELL_TRIES   5

struct chat_ears *chat_ears_new(void)
{
	return mem_zalloc(sizeof(struct chat_ears));
}

void chat_ears_free(struct chat_ears *ears)
{
	size_t i;

	if (ears == NULL)
		return;
	for (i = 0; i < CHAT_TOLD_MOST; i++) {
		free(ears->told[i].person);
		free(ears->told[i].remote);
	}
	free(ears);
}

/* Is it the first time that they are told so about it?  From now on not. */
static bool is_first(
    struct chat_ears *ears, const char *person, const char *remote)
{
	struct chat_told *told;
	size_t i;

	for (i = 0; i < CHAT_TOLD_MOST && i < ears->n; i++)
		if (strcmp(ears->told[i].person, person) == 0 &&
		    strcmp(ears->told[i].remote, remote) == 0)
			return false;
	told = &ears->told[ears->n++ % CHAT_TOLD_MOST];
	free(told->person);
	free(told->remote);
	told->person = mem_strdup(person);
	told->remote = mem_strdup(remote);
	return true;
}

/* ---- finding the message ------------------------------------------------ */

/* What is asked of the ledger, one after the other, until it knows some. */
enum way { BY_REMOTE, BY_ROOT, BY_HEAD, BY_DRAFT, BY_NOTHING };

/* Looking for what somebody means. */
struct search {
	struct hold_shown shown; /* its rows are what was found */
	struct chat *chat;
	enum way way;
	const char *remote, *root;
	int64_t draft;
	unsigned number;
	void (*found)(struct search *search);
};

static bool set_way(struct search *s)
{
	struct hold_shown *shown = &s->shown;

	shown->remote = shown->root = NULL;
	shown->draft = 0;
	shown->number = 0;
	switch (s->way) {
	case BY_REMOTE:
		shown->remote = s->remote;
		return s->remote != NULL;
	case BY_ROOT:
		shown->remote = s->root;
		return s->root != NULL &&
		       (s->remote == NULL || strcmp(s->root, s->remote) != 0);
	case BY_HEAD:
		shown->root = s->root != NULL ? s->root : s->remote;
		return shown->root != NULL;
	case BY_DRAFT:
		shown->draft = s->draft;
		shown->number = s->number;
		return s->draft > 0; /* number 0: whichever is asked about */
	case BY_NOTHING:
		break;
	}
	return false;
}

static void on_shown(struct hold_call *call);

static void search(struct search *s)
{
	while (s->way != BY_NOTHING && !set_way(s))
		s->way++;
	if (s->way == BY_NOTHING) {
		s->found(s);
		return;
	}
	s->shown.call.done = on_shown;
	s->shown.chat = s->chat->config->name;
	hold_shown(s->chat->hold, &s->shown);
}

static void on_shown(struct hold_call *call)
{
	struct search *s = (struct search *)(void *)call;

	if (call->error.kind != ERROR_NONE || s->shown.n_rows > 0 ||
	    s->chat->stopped) {
		s->found(s);
		return;
	}
	arena_free(s->shown.arena);
	s->shown.arena = NULL;
	s->way++;
	search(s);
}

/* The notice of that reviewer: one that waits, or else the newest. */
static const struct hold_shown_row *row_of(
    const struct search *s, const char *reviewer, unsigned n)
{
	const struct hold_shown_row *best = NULL, *row;
	size_t i;

	for (i = 0; i < s->shown.n_rows; i++) {
		row = &s->shown.rows[i];
		if ((n != 0 && row->n != n) ||
		    strcmp(row->reviewer, reviewer) != 0)
			continue;
		if (best == NULL || row->open > best->open ||
		    (row->open == best->open && row->notice > best->notice))
			best = row;
	}
	return best;
}

static const char *thread_of(const struct search *s)
{
	const struct hold_shown *shown = &s->shown;

	if (s->way == BY_HEAD)
		return shown->root;
	if (shown->n_rows == 0)
		return s->root != NULL ? s->root : s->remote;
	return shown->rows[0].root != NULL ? shown->rows[0].root
					   : shown->rows[0].remote;
}

/* "anna, bob": who is asked, or was when nobody is any more. */
static const char *names(struct arena *arena, const struct search *s, bool open)
{
	const char *out = NULL;
	size_t i, k;

	for (i = 0; i < s->shown.n_rows; i++) {
		const struct hold_shown_row *row = &s->shown.rows[i];

		for (k = 0; k < i; k++)
			if (strcmp(s->shown.rows[k].reviewer, row->reviewer) ==
				0 &&
			    s->shown.rows[k].open >= open)
				break;
		if (k < i || (open && !row->open))
			continue;
		out = out == NULL
			  ? row->reviewer
			  : arena_printf(arena, "%s, %s", out, row->reviewer);
	}
	return out;
}

/* Why this person may not answer. */
static char *refusal(const struct search *s,
    const struct config_reviewer *reviewer, const char *person)
{
	struct arena *arena = arena_new();
	const char *who = names(arena, s, true);
	char *text;

	if (s->shown.n_rows == 0)
		text = mem_strdup("Nothing was done: this message is not one "
				  "that can be answered, or it was not "
				  "recorded yet. Try again in a minute.");
	else if (reviewer == NULL)
		text = mem_printf(
		    "Nothing was done: your account, %.300s, is not one of "
		    "the reviewers who decide here. If it should be, tell "
		    "your administrator this id.",
		    person);
	else if (who == NULL)
		text = mem_strdup("Nothing was done: it waits for nobody's "
				  "answer any more, and you were not asked.");
	else
		text = mem_printf(
		    "Nothing was done: you were not asked about this. It "
		    "waits for %s, who may answer \"delegate %s\".",
		    who, reviewer->name);
	arena_free(arena);
	return text;
}

/* ---- telling them ------------------------------------------------------- */

struct telling {
	struct chat_message message;
	struct arena *arena;
};

static void on_told(struct chat_message *message)
{
	struct telling *t = message->context;

	message->chat->ears->telling--;
	arena_free(t->arena);
	free(t);
}

/* The same name for the same answer, whenever it comes again. */
static const char *name_of(
    struct arena *arena, const struct chat *chat, const char *once)
{
	unsigned char hash[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE];

	digest_of(once, strlen(once), hash);
	digest_hex(hash, 12, hex);
	return arena_printf(arena, "%s-w%s", chat->chats->tag, hex);
}

static void tell(struct chat *chat, const struct chat_word *word,
    const char *thread, bool whisper)
{
	const struct config_reviewer *to =
	    whisper ? chat_person(chat, word->person) : NULL;
	struct telling *t;

	if (chat->ears->telling >= HEARD_MOST) {
		log_notice("chat %s not-told person=%.64s", chat->config->name,
		    word->person);
		return;
	}
	chat->ears->telling++;
	t = mem_zalloc(sizeof(*t));
	t->arena = arena_new();
	t->message.rank = CHAT_RANK_ANSWER;
	t->message.tries_most = TELL_TRIES;
	t->message.done = on_told;
	t->message.context = t;
	t->message.send = (struct chat_send){
	    .what = whisper ? CHAT_WHISPER : CHAT_POST,
	    .root = arena_strdup(t->arena, thread),
	    .person = arena_strdup(t->arena, word->person),
	    .once = name_of(t->arena, chat, word->once),
	    .content = chat->kind->text(chat, t->arena, word->told, to),
	};
	chat_queue_put(chat->queue, &t->message);
}

/* ---- hearing ------------------------------------------------------------ */

struct hearing {
	struct search search;
	struct chat_word *word;
	const struct config_reviewer *reviewer;
	struct review_answer answer;
	struct review_said said;
	int64_t *notices;
	bool talk; /* it may be no try to decide anything */
};

static void end(struct hearing *h)
{
	struct chat *chat = h->search.chat;
	struct chat_word *word = h->word;
	bool whisper = !word->ok;

	if (!chat->stopped) {
		chat->ears->open--;
		if (word->told != NULL && !word->silent &&
		    !(whisper && word->shows))
			tell(chat, word, thread_of(&h->search), whisper);
	}
	arena_free(h->search.shown.arena);
	free(h->notices);
	free(h);
	word->done(word);
	chat_unref(chat);
}

static void lose(struct chat_word *word)
{
	word->lost = true;
	word->told = mem_strdup("Nothing was done: your answer could not be "
				"recorded. Please try again in a minute.");
}

static void on_answered(struct review_answer *answer)
{
	struct hearing *h = answer->context;
	struct chat_word *word = h->word;

	word->ok = answer->ok && answer->error.kind == ERROR_NONE;
	word->silent = answer->silent;
	if (answer->error.kind != ERROR_NONE) {
		free(answer->text);
		lose(word);
	} else {
		word->told = answer->text;
	}
	end(h);
}

/* A number that two of them have means neither. */
static bool is_unclear(const struct search *s, unsigned n)
{
	const struct hold_shown_row *first = NULL, *row;
	size_t i;

	for (i = 0; i < s->shown.n_rows; i++) {
		row = &s->shown.rows[i];
		if (row->n != n)
			continue;
		if (first != NULL && row->draft != first->draft)
			return true;
		first = row;
	}
	return false;
}

/* The notices of this reviewer by their numbers, as in a digest. */
static void number(struct hearing *h)
{
	const struct hold_shown *shown = &h->search.shown;
	const struct hold_shown_row *row;
	size_t i;

	h->notices = mem_zalloc(NUMBERS_MOST * sizeof(*h->notices));
	h->said.notices = h->notices;
	for (i = 0; i < shown->n_rows; i++) {
		unsigned n = shown->rows[i].n;

		if (n == 0 || n > NUMBERS_MOST || is_unclear(&h->search, n))
			continue;
		row = row_of(&h->search, h->reviewer->name, n);
		h->notices[n - 1] = row == NULL ? 0 : row->notice;
		if (n > h->said.n_notices)
			h->said.n_notices = n;
	}
}

static void answer(struct hearing *h, int64_t notice)
{
	const struct chat_word *word = h->word;
	struct chat *chat = h->search.chat;

	h->said = (struct review_said){
	    .medium = chat->config->name,
	    .reviewer = h->reviewer->name,
	    .verb = word->verb,
	    .code = word->code,
	    .text = word->text,
	    .category = word->category,
	    .subject = word->subject,
	    .words = word->words,
	    .once = word->once,
	};
	if (h->search.way == BY_HEAD)
		number(h);
	h->answer = (struct review_answer){
	    .notice = notice,
	    /* a draft's number alone does not tell which revision they read */
	    .unbound = h->search.way == BY_DRAFT && word->number == 0,
	    .said = &h->said,
	    .done = on_answered,
	    .context = h,
	};
	review_answer(chat->review, &h->answer);
}

/* They may not.  Who only talks to others is told once, not each time. */
static void refuse(struct hearing *h)
{
	const struct search *s = &h->search;
	struct chat_word *word = h->word;
	const char *about = thread_of(s);

	if (s->shown.n_rows == 0 && word->words != NULL &&
	    (word->draft == 0 || h->reviewer == NULL)) {
		word->silent = true; /* it is not about us */
	} else {
		word->told = refusal(s, h->reviewer, h->word->person);
		word->silent = (s->shown.n_rows > 0 || h->reviewer == NULL) &&
			       !is_first(s->chat->ears, word->person,
				   about == NULL ? "" : about) &&
			       (word->words != NULL || h->reviewer == NULL);
		log_notice("chat %s not-asked person=%.64s draft=%" PRId64
			   " reviewer=%s",
		    s->chat->config->name, word->person,
		    s->shown.n_rows == 0 ? 0 : s->shown.rows[0].draft,
		    h->reviewer == NULL ? "none" : h->reviewer->name);
	}
	end(h);
}

/* Why it does nothing, although this person may answer; NULL: it may do. */
static const char *idle(const struct hearing *h)
{
	if (h->word->changed)
		return "Nothing was done: you changed your answer before it "
		       "was read. Write what you mean as a new reply.";
	if (h->word->sign && h->search.way != BY_REMOTE)
		return "Nothing was done: a reaction counts only at the "
		       "message that asks about one draft. React there, or "
		       "reply in words.";
	return NULL;
}

/* Told while it matters. */
static void say_idle(struct hearing *h, const char *why, bool open)
{
	h->word->told = mem_strdup(why);
	h->word->silent = !open;
	end(h);
}

static void on_found(struct search *s)
{
	struct hearing *h = (struct hearing *)(void *)s;
	const struct hold_shown_row *row = NULL;

	if (s->shown.call.error.kind != ERROR_NONE || s->chat->stopped) {
		lose(h->word);
		end(h);
		return;
	}
	if (h->reviewer != NULL)
		row = row_of(s, h->reviewer->name, 0);
	if (row == NULL)
		refuse(h);
	else if (idle(h) != NULL)
		say_idle(h, idle(h), row->open);
	else
		answer(h, row->notice);
}

void chat_hear(struct chat *chat, struct chat_word *word)
{
	struct hearing *h;

	word->ok = word->lost = word->silent = false;
	word->told = NULL;
	if (chat->stopped || chat->ears->open >= HEARD_MOST) {
		lose(word);
		word->done(word);
		return;
	}
	chat->ears->open++;
	h = mem_zalloc(sizeof(*h));
	h->word = word;
	h->reviewer = chat_person(chat, word->person);
	h->search = (struct search){
	    .chat = chat_ref(chat),
	    .remote = word->remote,
	    .root = word->root,
	    .draft = word->draft,
	    .number = word->number,
	    .found = on_found,
	};
	search(&h->search);
}

/* ---- looking ------------------------------------------------------------ */

struct looking {
	struct search search;
	struct chat_look *look;
	const struct config_reviewer *reviewer;
	struct hold_view view;
};

static void end_look(struct looking *l)
{
	struct chat_look *look = l->look;
	struct chat *chat = l->search.chat;

	arena_free(l->search.shown.arena);
	free(l);
	look->done(look);
	chat_unref(chat);
}

static void refuse_look(struct looking *l, char *why)
{
	l->look->why = why;
	end_look(l);
}

#define LOOKING(call)                                                          \
	((struct looking *)(void *)((char *)(call)-offsetof(                   \
	    struct looking, view)))

static void on_viewed(struct hold_call *call)
{
	struct looking *l = LOOKING(call);
	struct chat_look *look = l->look;
	const struct channel *channel;

	if (call->error.kind != ERROR_NONE) {
		refuse_look(l,
		    mem_strdup("The draft could not be read. Please try again "
			       "in a minute."));
		return;
	}
	look->viewed = true;
	look->view = l->view;
	channel = config_channel(l->search.chat->whole, l->view.channel);
	look->reasons = channel == NULL ? NULL : channel->reasons;
	look->needs_reason = l->view.needs_reason;
	end_look(l);
}

static void on_look_found(struct search *s)
{
	struct looking *l = (struct looking *)(void *)s;
	const struct hold_shown_row *row = NULL;

	if (s->shown.call.error.kind != ERROR_NONE || s->chat->stopped) {
		refuse_look(l, mem_strdup("Please try again in a minute."));
		return;
	}
	if (l->reviewer != NULL)
		row = row_of(s, l->reviewer->name, 0);
	if (row == NULL) {
		refuse_look(l, refusal(s, l->reviewer, l->look->person));
		return;
	}
	if (!row->open) {
		refuse_look(
		    l, mem_printf("Draft %" PRId64 " no longer waits for your "
				  "answer: it is %s.",
			   row->draft, hold_state_name(row->state)));
		return;
	}
	l->view = (struct hold_view){
	    .call.done = on_viewed,
	    .draft = row->draft,
	    .revision = row->number,
	};
	hold_view(s->chat->hold, &l->view);
}

void chat_look(struct chat *chat, struct chat_look *look)
{
	struct looking *l;

	look->viewed = false;
	look->why = NULL;
	look->reasons = NULL;
	if (chat->stopped) {
		look->why = mem_strdup("Please try again in a minute.");
		look->done(look);
		return;
	}
	l = mem_zalloc(sizeof(*l));
	l->look = look;
	l->reviewer = chat_person(chat, look->person);
	l->search = (struct search){
	    .chat = chat_ref(chat),
	    .remote = look->remote,
	    .draft = look->draft,
	    .number = look->number,
	    .found = on_look_found,
	};
	search(&l->search);
}
