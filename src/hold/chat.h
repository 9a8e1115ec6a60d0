/*
 * chat: what the ledger knows of messages in chats: which notice is shown by
 * which, and how far a chat was read.  Part of hold/hold.h.
 */
#ifndef HOLD_CHAT_H
#define HOLD_CHAT_H

#include "hold/prompt.h"
#include "hold/state.h"

/* What a chat calls a message, and its mark, are no longer; else INVALID. */
#define HOLD_REMOTE_MOST 255u
#define HOLD_MARK_MOST	 4096u

/*
 * A message of the chat shows these notices, from now on; one that another
 * message of that chat showed moves to this one.  remote: what the chat calls
 * the message; root: the message whose thread it stands in, or NULL; n: its
 * number there, as people call it, from 1, or 0.  One commit.  MISSING when
 * one of them is no notice of that chat: none is written then.
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
	/* its reviewer is still asked: the prompt is open, or was asked again;
	 * not while it is snoozed */
	bool open;
	bool ended; /* hold_ended said so of the message */
};

/*
 * What is shown: by that message; or, that being NULL, by all messages in the
 * thread of root; or, both being NULL, of that draft and revision (0: of any);
 * or, draft being 0 too, by the message that shows that notice.  Ordered by n,
 * then notice; at most 2000, those of the newest notices.  No row: we never
 * showed it, which is no error.
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

/*
 * The message now tells how it ended, and asks no more; or (open) asks again.
 * What it comes to show later is as it is.  One that shows nothing: no error.
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
	/* results; arena NULL when it was set */
	struct arena *arena;
	const char *mark; /* NULL: it was never read */
};
void hold_mark(struct hold *hold, struct hold_mark *mark);

#endif
