/*
 * chat: what the ledger knows of messages in chats: which notice is shown by
 * which, and how far a chat was read.  Part of hold/hold.h.
 */
#ifndef HOLD_CHAT_H
#define HOLD_CHAT_H

#include "hold/prompt.h"
#include "hold/state.h"

/*
 * A message of the chat shows these notices, from now on; one that another
 * message of that chat showed moves to this one.  remote: what the chat calls
 * the message; root: the message whose thread it stands in, or NULL; n: its
 * number there, as people call it, from 1, or 0.  One commit.
 */
struct hold_show {
	struct hold_call call;
	const char *chat, *remote, *root;
	unsigned n;
	size_t n_notices; /* at most 200 */
	const int64_t *notices;
};
void hold_show(struct hold *hold, struct hold_show *show);

/* A notice as a chat shows it, and as its prompt stands now. */
struct hold_shown_row {
	int64_t notice;
	const char *remote, *root; /* root: or NULL */
	unsigned n;
	const char *reviewer;
	int64_t draft;
	unsigned number; /* of the revision shown */
	char code[HOLD_CODE_SIZE];
	enum hold_prompt_kind kind;
	enum hold_state state; /* of the draft */
	bool open;	       /* its prompt still wants an answer */
	bool ended;	       /* hold_ended said so of the message */
};

/*
 * What is shown: by that message; else by all messages in the thread of root;
 * else of that draft and revision; else in place of that notice.  Ordered by
 * n, then notice.  No row: we never showed it, which is no error.
 */
struct hold_shown {
	struct hold_call call;
	const char *chat;
	const char *remote, *root;
	int64_t draft;
	unsigned number;
	int64_t notice;
	/* results */
	struct arena *arena;
	size_t n_rows;
	struct hold_shown_row *rows;
};
void hold_shown(struct hold *hold, struct hold_shown *shown);

/* The message now tells how it ended, and asks no more; or (open) asks again.
 */
struct hold_ended {
	struct hold_call call;
	const char *chat, *remote;
	bool open;
};
void hold_ended(struct hold *hold, struct hold_ended *ended);

/*
 * How far a chat was read: text of its own, kept over restarts.  set NULL:
 * only ask.  It is set after all that stands before it was dealt with; what is
 * read again after a crash is known by the name of its answer.
 */
struct hold_mark {
	struct hold_call call;
	const char *chat;
	const char *set;
	/* results, of a question */
	struct arena *arena;
	const char *mark; /* NULL: it was never read */
};
void hold_mark(struct hold *hold, struct hold_mark *mark);

#endif
