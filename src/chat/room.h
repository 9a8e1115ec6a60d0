/*
 * room: what the room's own files share, and the kinds do not see: the queue,
 * the places, the answers.
 *
 * All functions: loop only.
 */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include "chat/internal.h"

struct event;

/* All of config->chats.  Kept by every chat, too. */
struct chats {
	unsigned refs;
	struct event_base *base;
	const struct config *config;
	struct hold *hold;
	struct review *review;
	struct fetch *fetch;
	const struct chat_kind *(*kind_of)(enum config_chat_kind kind);
	/* notices with smaller numbers are of an earlier life, or of an earlier
	 * configuration */
	int64_t first_notice;
	char tag[9]; /* of this ledger: no other's names are ours */
	/* since we began; beside the clock it makes a name that is new */
	uint64_t n_names, epoch;
	size_t n;
	struct chat **all;
};

/* As chat_new(), with kinds of the caller's. */
struct chats *chat_new_of(struct event_base *base, const struct config *config,
    struct hold *hold, struct review *review,
    const struct chat_kind *(*kind_of)(enum config_chat_kind kind));

/* May something be sent there now? */
bool chat_is_open(const struct chat *chat);

/* ---- queue.c ------------------------------------------------------------- */

/* What goes first. */
enum chat_rank {
	CHAT_RANK_ANSWER,  /* to what somebody just did */
	CHAT_RANK_REWRITE, /* of what is over, or has changed */
	CHAT_RANK_GO_ON,   /* with what was begun */
	CHAT_RANK_PROMPT,
	CHAT_RANKS /* how many */
};

/*
 * A message on its way.  Fill send (not its done and context) and the rest;
 * alive until done(): send.sent is LATER only when it was tried often enough,
 * or the chat has stopped.
 */
struct chat_message {
	struct chat_send send;
	enum chat_rank rank;
	unsigned tries_most; /* 0: as often as it takes */
	void (*done)(struct chat_message *message);
	void *context;

	/* queue.c's own */
	struct chat *chat;
	unsigned tries;
	struct chat_message *next;
};

/* An empty queue. */
struct chat_queue *chat_queue_new(struct chat *chat);
/* Everything that waits is done first, LATER.  NULL is harmless. */
void chat_queue_free(struct chat_queue *queue);
void chat_queue_put(struct chat_queue *queue, struct chat_message *message);
/* Nothing waits, and nothing is on its way. */
bool chat_queue_is_empty(const struct chat_queue *queue);
/* The chat is open, or may be. */
void chat_queue_kick(struct chat_queue *queue);

/* ---- place.c, found.c, post.c, gather.c --------------------------------- */

/* What a message is to say, in one arena. */
struct chat_made {
	struct arena *arena;
	struct chat_content content; /* main NULL: only item was made */
	struct chat_content item; /* as the n-th of a digest; main NULL: no */
	unsigned n;		  /* of item, or of content if that is all */
	bool closed; /* it asks nobody any more, at least not here */
	bool ended;  /* and that is how it ended */
	const char *outcome;
};

/* A notice of a place. */
struct chat_notice {
	int64_t id;
	bool over;
	bool written; /* the ledger knows which message shows it */
	bool known;   /* and did so before we began */
	const struct config_reviewer *reviewer;
	char *reply_to; /* or NULL */
};

/* Words to stand below a message, for one person. */
struct chat_note {
	struct chat_note *next;
	int64_t notice;
	struct arena *arena;
	const char *content;
	bool remind; /* else it only says that they are asked, too */
};

/*
 * A message that is to be there, or to be changed: of one draft, revision and
 * kind of question.  It lives until the chat shows what is wanted and the
 * ledger knows.
 */
struct chat_place {
	struct chat *chat;
	struct chat_place *next;
	int64_t draft;
	unsigned number;
	enum hold_prompt_kind kind; /* REMIND: DECIDE */

	/* what is wanted, what stands there, what is being posted */
	struct chat_made *want, *has, *using;
	size_t n_notices, room;
	struct chat_notice *notices;
	struct chat_note *notes;

	/* where it stands; NULL: nowhere yet */
	char *remote, *root;
	unsigned n;
	/* who stands in the form that we posted */
	const struct config_reviewer **named;

	/* how far it is */
	bool due;	/* something new is wanted of it */
	bool busy;	/* something is under way, and then nothing else */
	bool looked;	/* the ledger was asked whether it stands somewhere */
	bool waiting;	/* for its batch */
	bool ours;	/* we post it, it was not there before */
	bool begun;	/* its first message is on its way, or there */
	bool whole;	/* and all others */
	bool sought;	/* an earlier life may have posted it: we looked */
	bool elsewhere; /* an earlier life posted it, in another thread */
	bool was_ended; /* as the ledger has it */
	bool refused;	/* for good: words of ours stand in its place */
	bool hopeless;	/* not even these */
	unsigned gone;	/* how often */
	int64_t salt;	/* a message of this name is gone: another name */
	size_t step;	/* of posting it */
	unsigned batch;
	struct chat_head *head; /* it waits for it */

	/* for a head */
	char *subject, *agent;
	enum verdict_severity severity;
	bool gathered;
	const struct config_reviewer **asked;

	char once[64];
	struct chat_message message;
	struct hold_shown shown;
	struct hold_show show;
	struct hold_ended ended;
	int64_t *ids;
	struct arena *words; /* of ours, in its stead */
};

struct chat_places {
	struct chat *chat;
	struct chat_place *first;
	size_t n;
	bool refused;	  /* review is owed a READY */
	struct event *go; /* for those that are due */

	/* gather.c's: the batch that is open, how many got a number in it,
	 * since when its first waits (monotonic) */
	unsigned batch, in_batch;
	int64_t since_ms;
	struct event *flush;
	struct chat_head *heads;
	struct chat_known *known;
};

/* None yet. */
struct chat_places *chat_places_new(struct chat *chat);
/* What is under way ends by itself; nothing more begins.  NULL is harmless. */
void chat_places_free(struct chat_places *places);
/* As chat_show(). */
bool chat_places_show(
    struct chat_places *places, const struct review_shown *shown);

/* Free what a message said, unless it says so still.  place.c */
void chat_place_drop_made(struct chat_place *place, struct chat_made *made);
/* Review is told that its notices were heard (unless hopeless), and it is
 * forgotten; it must not be busy.  place.c */
void chat_place_end(struct chat_place *place);

/* Its notice of that number, or NULL.  place.c */
struct chat_notice *chat_place_notice(
    const struct chat_place *place, int64_t id);

/* Ask the ledger where it stands; chat_post_go() when it answered.  found.c */
void chat_found_look(struct chat_place *place);
/* In every callback of what was under way: it no longer is.  True: the chat
 * has ended, and the place may be gone.  post.c */
bool chat_post_ended(struct chat_place *place);
/* Do the next thing that is to be done, if nothing is under way.  The place
 * may be gone then.  post.c */
void chat_post_go(struct chat_place *place);
/* "Nothing of this name was sent before"; at most 60 bytes.  post.c */
void chat_post_name(struct chats *chats, char *out, size_t size);

/* The number it has in a thread, or else (fresh) in the batch that is open.
 * gather.c */
void chat_gather_number(struct chat_place *place, bool fresh);
/* Is its form without a number needed, too? */
bool chat_gather_alone(const struct chat_place *place);
/* It is to be posted: chat_post_go() is called when it is its turn. */
void chat_gather_add(struct chat_place *place);
/* It may be somebody's turn. */
void chat_gather_kick(struct chat_places *places);
/* End all of it, as chat_places_free() does. */
void chat_gather_free(struct chat_places *places);

/* ---- head.c -------------------------------------------------------------- */

/* One of those that a head lists. */
struct chat_item {
	unsigned n, number;
	int64_t draft;
	enum hold_prompt_kind kind;
	char *subject, *agent, *outcome;
	enum verdict_severity severity;
};

/* The message whose thread they stand in. */
struct chat_head {
	struct chat_places *places;
	struct chat_head *next; /* newest first */
	char *remote;		/* NULL: on its way */
	bool busy, dirty;
	size_t n_items;
	struct chat_item items[CHAT_DIGEST_MOST];
	const struct config_reviewer **asked;
	struct arena *arena; /* of what is on its way */
	char once[64];
	struct chat_message message;
};

/* Free it and all it has. */
void chat_head_free(struct chat_head *head);
/* When there are too many: the oldest that nothing happens with. */
void chat_head_forget(struct chat_places *places);
/* What lists that place, and of which head; or NULL. */
struct chat_item *chat_head_item(const struct chat_places *places,
    const struct chat_place *place, struct chat_head **of);
/* Send it; it is busy until chat_head_ended(). */
void chat_head_put(struct chat_head *head, enum chat_send_what what,
    void (*done)(struct chat_message *message));
/* It is busy no more.  True: the chat has ended. */
bool chat_head_ended(struct chat_head *head);
/* If it is not as it should be, and nothing is under way. */
void chat_head_rewrite(struct chat_head *head);
/* A place is over, or lives again: its head is to say so. */
void chat_head_over(const struct chat_place *place);

/* ---- known.c ------------------------------------------------------------- */

/* What the latest messages say. */
struct chat_known *chat_known_new(void);
/* NULL is harmless. */
void chat_known_free(struct chat_known *known);
/* The place's message says main; if it was posted, its named are taken over. */
void chat_known_keep(
    struct chat_known *known, struct chat_place *place, const char *main);
/* Does the message say so, as far as we know? */
bool chat_known_says(
    struct chat_known *known, const char *remote, const char *main);
/* Was that reviewer named when it was posted?  Then they were made aware. */
bool chat_known_names(struct chat_known *known, const char *remote,
    const struct config_reviewer *reviewer);

/* ---- word.c -------------------------------------------------------------- */

/* Who was told what they may not, so that nobody is told twice. */
struct chat_told {
	char *person, *remote;
};
#define CHAT_TOLD_MOST 512
struct chat_ears {
	struct chat_told told[CHAT_TOLD_MOST];
	size_t n;	  /* ever */
	unsigned open;	  /* answers under way */
	unsigned telling; /* what came of them, on its way to people */
};
struct chat_ears *chat_ears_new(void);
/* NULL is harmless. */
void chat_ears_free(struct chat_ears *ears);

#endif
