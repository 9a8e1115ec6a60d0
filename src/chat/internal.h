/*
 * internal: what the files of this room share: a chat as the room sees it, the
 * messages it is given, the words it brings.
 *
 * chat.c holds the list; place.c, found.c, gather.c, head.c, known.c and post.c
 * bring about what is shown where, queue.c sends it, word.c hears what people
 * answer: room.h is theirs alone.  In slack/ and matrix/
 * are the kinds.
 */
#ifndef CHAT_INTERNAL_H
#define CHAT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chat/chat.h"
#include "review/card.h"

#include "util/arena.h"
#include "util/error.h"

struct fetch;
struct chat;

/* ---- what is shown ------------------------------------------------------ */

/*
 * One draft for one place, before it becomes JSON of some kind.  With an
 * outcome main alone is used: it takes the message's place, or follows it
 * where nothing can be rewritten.
 */
struct chat_card {
	const struct card *card;
	const struct hold_view *view;
	enum hold_prompt_kind kind;
	const char *subject; /* as in mail */
	/* who is asked in this chat, NULL-terminated; the first may be NULL */
	const struct config_reviewer *const *asked;
	/* what became of it, a sentence; NULL: it waits */
	const char *outcome;
	unsigned n; /* its number in a digest, 0: it stands alone */
	/* a chat that hears nothing: where mail is answered, for asked[i];
	 * NULL: none of them has mail */
	const char *const *reply_to;
};

/*
 * Messages, each as JSON of the kind, in the arena.  A long draft has parts,
 * which stand in the thread of the first; only when they are there does main
 * take its place, with the buttons: nobody approves what is not shown yet.
 */
struct chat_content {
	const char *main;
	const char *first; /* what stands until the parts do; NULL: no parts */
	size_t n_parts;
	const char **parts;
};

/* The head of a digest: its items stand in its thread.  It is rewritten when
 * one of them is over. */
#define CHAT_DIGEST_MOST 40
struct chat_digest {
	/* at most CHAT_DIGEST_MOST; n rises and may have gaps */
	size_t n;
	const struct chat_digest_item {
		unsigned n; /* from 1 */
		int64_t draft;
		const char *subject, *agent;
		enum verdict_severity severity;
		const char *outcome; /* NULL: it waits */
	} * items;
	const struct config_reviewer *const *asked;
};

/* ---- a message on its way ----------------------------------------------- */

enum chat_send_what {
	CHAT_POST,    /* a message, in the thread of root if there is one */
	CHAT_REPLACE, /* what remote says from now on */
	CHAT_WHISPER, /* in that thread, to one person, if the kind can */
	/* Nothing: only where a POST of that name put it, in an earlier life;
	 * GONE: it is nowhere.  Of kinds that rewrite. */
	CHAT_FIND
};

enum chat_sent {
	CHAT_SENT,
	CHAT_LATER, /* try again after retry_ms (0: as the back-off has it) */
	CHAT_GONE,  /* the message is not there any more */
	CHAT_NEVER  /* refused for good: the error tells */
};

/*
 * Fill the input, hand it to the kind's send(), keep all alive until done():
 * on the loop, exactly once, also when the chat is stopped (CHAT_LATER).
 */
struct chat_send {
	enum chat_send_what what;
	/* of REPLACE: the message; POST: its thread, or NULL; WHISPER: the
	 * thread, or NULL, and who, as in chat_word */
	const char *remote, *root, *person;
	/* it may be there already, we do not know: look first, if there is
	 * a way */
	bool again;
	/* likewise, by an earlier life of ours, and perhaps in another thread
	 * than root */
	bool early;
	/* the same when the same message is sent again: a place that knows it
	 * takes it once; [a-z0-9.-], at most 60 */
	const char *once;
	const char *content; /* JSON, as the kind made it */
	void (*done)(struct chat_send *send);
	void *context;

	/* results */
	enum chat_sent sent;
	/* POST, FIND: what the place calls the message; "": it does not say */
	char remote_made[256];
	/* POST, FIND: it was there already, in this thread ("": in none); else
	 * it is where it was to be */
	bool was_there;
	char root_made[256];
	int64_t retry_ms;
	struct error error; /* for the log and for doctor; no secrets */
};

/* ---- what people answer ------------------------------------------------- */

/*
 * One answer: a button or a modal (verb), or text (words).  The requester's
 * until done(), exactly once, on the loop.
 *
 * What came of it is told by the room, in the thread, or privately when it was
 * not done; a kind that shows `told` itself (in a form that is still open)
 * sets `shows`, and the room whispers nothing.
 */
struct chat_word {
	/* as the place knows them: "T0123/U0456", "@anna:example.com" */
	const char *person;
	const char *remote; /* the message that they answer, or the root of the
			     * thread they wrote in */
	/* remote may be any reply in this thread: when it is no message of
	 * ours, they wrote to the thread; or NULL */
	const char *root;
	/* what the button said it is about, when remote is not known; or 0.
	 * number 0: no revision was said */
	int64_t draft;
	unsigned number;
	/* names this answer and no other, whenever it is delivered */
	const char *once;
	const char *verb, *code, *text, *category, *subject; /* or NULL */
	const char *words; /* of a reply; NULL: a verb */
	bool sign;    /* it counts at the message alone, not in its thread */
	bool changed; /* they changed it before it was heard: it is told so,
		       * and decides nothing */
	bool shows;
	void (*done)(struct chat_word *word);
	void *context;

	/* results */
	bool ok;     /* it was done */
	bool lost;   /* it could not be written down: ask to try again */
	bool silent; /* it was not for us: say nothing */
	char *told;  /* what to tell that person; free() it, or NULL */
};
void chat_hear(struct chat *chat, struct chat_word *word);

/* Like it, but only looks: for a form that is to be filled in. */
struct chat_look {
	const char *person, *remote;
	int64_t draft;
	unsigned number;
	void (*done)(struct chat_look *look);
	void *context;

	/* results; hold_view_release(&view) if it is viewed */
	bool viewed;
	struct hold_view view;
	char *why; /* not viewed: what to tell that person; free() it */
	const char *const *reasons; /* of its channel, or NULL */
	bool needs_reason;
};
void chat_look(struct chat *chat, struct chat_look *look);

/* ---- a kind of chat ------------------------------------------------------ */

struct chat_kind {
	/* Pure: make content in the arena. */
	void (*card)(const struct chat *chat, struct arena *arena,
	    const struct chat_card *card, struct chat_content *out);
	const char *(*digest)(const struct chat *chat, struct arena *arena,
	    const struct chat_digest *digest);
	/* text of ours, plain; to: who is meant and made aware, or NULL */
	const char *(*text)(const struct chat *chat, struct arena *arena,
	    const char *text, const struct config_reviewer *to);

	/* Connect, and go on trying; chat_is() tells how it is. */
	void (*start)(struct chat *chat);
	/* Every send is done first (LATER); no call after it returns. */
	void (*stop)(struct chat *chat);
	void (*send)(struct chat *chat, struct chat_send *send);
	void (*examine)(struct chat *chat, struct checkup *checkup);
	/* people may answer there (config_chat_hears() tells of one) */
	bool hears;
	bool rewrites; /* REPLACE works; else the outcome is a new message */
};

extern const struct chat_kind slack_kind, webhook_kind, matrix_kind,
    hookshot_kind;

enum chat_state {
	CHAT_STARTING,
	CHAT_UP,
	CHAT_TROUBLED, /* it tries again by itself */
	/* until somebody mends it: review is told DOWN, nothing is sent.  The
	 * kind looks again by itself, at least every retry_most_s */
	CHAT_BROKEN
};

/* One of config->chats, alive. */
struct chat {
	struct chats *chats;
	const struct config_chat *config;
	const struct config *whole; /* that it is part of */
	const struct chat_kind *kind;
	struct event_base *base;
	struct hold *hold;
	struct review *review;
	struct fetch *fetch; /* for all of the room */
	enum chat_state state;
	char why[200]; /* when not UP, a sentence for people */
	char of[80];   /* "chat team", for the doctor */
	bool stopped;  /* renewed or freed: hear and send no more */
	unsigned refs; /* by what is under way */
	void *own;     /* the kind's */
	/* the room's */
	bool told_up; /* review was */
	struct chat_queue *queue;
	struct chat_places *places;
	struct chat_ears *ears;
};

/* Kept by what is under way; its config and hold are there as long. */
struct chat *chat_ref(struct chat *chat);
void chat_unref(struct chat *chat);

/* It is so now: log it once, tell review UP or DOWN. */
void chat_is(struct chat *chat, enum chat_state state, const char *why);

/* The reviewer that a place calls so, or NULL: exactly, never by name. */
const struct config_reviewer *chat_person(
    const struct chat *chat, const char *person);
/* What the place calls that reviewer, or NULL. */
const char *chat_id(
    const struct chat *chat, const struct config_reviewer *reviewer);

/* The chat of that name and kind, or NULL.  For requests that come to us. */
struct chat *chat_named(
    struct chats *chats, const char *name, enum config_chat_kind kind);

/* Handlers of chat_routes; the tail is the chat's name. */
void slack_http(struct httpd_request *request, void *chats);
void hookshot_http(struct httpd_request *request, void *chats);

#endif
