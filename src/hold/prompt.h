/*
 * prompt: who is to be asked what, the notices that ask, and what an answer to
 * one is about.  Part of hold/hold.h.
 */
#ifndef HOLD_PROMPT_H
#define HOLD_PROMPT_H

#include "hold/outbox.h"
#include "hold/state.h"
#include "util/digest.h"
#include "verdict.h"

enum hold_prompt_kind {
	HOLD_PROMPT_DECIDE = 1, /* approve, edit or drop this revision */
	HOLD_PROMPT_DOUBT,	/* the relay host may have it */
	HOLD_PROMPT_FAILED,	/* the relay host refused; told, may retry */
	HOLD_PROMPT_OUTCOME,	/* somebody else decided; only told */
	HOLD_PROMPT_AFTER,	/* it was sent: was that right? */
	HOLD_PROMPT_REMIND	/* as DECIDE, once more: it is (nearly) late */
};

struct hold_due_prompt {
	int64_t prompt, draft;
	enum hold_prompt_kind kind;
	const char *reviewer;
	unsigned revision; /* number */
	enum verdict_severity severity;
	int64_t at_ms; /* wall time when it was made */
	bool woken;    /* it was snoozed, and that is over */
	/* of hold_untold, only while there is no notice */
	bool own;	     /* it shows what this reviewer edited */
	int64_t deadline_ms; /* of the draft while it is HELD; 0: none */
	/* hold_due alone tells this: Message-ID of the first mail that showed
	 * this reviewer the draft, as item or alone; NULL: none did */
	const char *first_id;
};

/*
 * Prompts to one reviewer that no notice carries yet: gravest first, then
 * oldest first.  Those that are snoozed are not among them.
 */
struct hold_due {
	struct hold_call call;
	const char *reviewer;
	unsigned limit;	     /* at most 1000 */
	struct arena *arena; /* results */
	size_t n_prompts;
	struct hold_due_prompt *prompts;
	int64_t next_ms; /* when the next snoozed one wakes, 0: none */
};
void hold_due(struct hold *hold, struct hold_due *due);

/* An id for the next notice: known before it is written, never used again.
 * Loop. */
int64_t hold_notice_id(struct hold *hold);

/* A prompt as a notice shows it. */
struct hold_notice_item {
	int64_t prompt;
	bool cut; /* it asks for a decision, but cannot show all of it */
	bool low; /* "all" of a digest means it too */
};

/*
 * Write a notice and the mail that carries it, and bind its prompts to it, in
 * one commit.  Prompts that died meanwhile are not bound; when none is left,
 * nothing is written and the error is CONFLICT.  An item is known by its place
 * in the mail, from 1, also one whose prompt has died.
 *
 * With a medium it is of one prompt, which a program or chat shows: no mail,
 * and what waits for mail still does.  CONFLICT then: it is over, or that
 * medium has it.
 */
struct hold_notice {
	struct hold_call call;
	int64_t notice; /* from hold_notice_id() */
	const char *reviewer;
	const char *message_id; /* with <> */
	size_t n_items;
	const struct hold_notice_item *items;
	bool digest;	    /* of many drafts, answered by number */
	const char *medium; /* name of a program or chat; NULL: mail */
	struct hold_mail mail;
};
void hold_notice(struct hold *hold, struct hold_notice *notice);

/* The medium that is no program or chat. */
#define HOLD_MAIL "mail"

/* One of the prompts that a notice showed, as it stands now. */
struct hold_answered_item {
	unsigned n; /* its number in the mail, from 1; rises, may have gaps */
	int64_t draft;
	unsigned number;		     /* of the revision */
	unsigned char revision[DIGEST_SIZE]; /* that was shown */
	char code[HOLD_CODE_SIZE];	     /* of that */
	enum hold_prompt_kind kind;
	enum hold_state state; /* of the draft now */
	bool cut, low;	       /* as in hold_notice_item */
	const char *subject;   /* of that revision, cut; "": none */
};

/* What a notice was about, for the reader of an answer. */
struct hold_answered {
	struct hold_call call;
	int64_t notice;
	/* or the notices that stand together in a thread, answered as one
	 * digest: n is the place here, from 1; 0: none for this reviewer.  At
	 * least one, at most 200, all of one reviewer and medium, which is
	 * not mail (else MISSING); results but digest and the items are those
	 * of the last */
	size_t n_notices;
	const int64_t *notices;
	/* results */
	struct arena *arena;
	const char *reviewer, *message_id;
	const char *medium; /* HOLD_MAIL, or what shows it */
	int64_t at_ms;	    /* when the notice was made */
	bool digest;
	size_t n_items; /* 1 unless it is a digest */
	struct hold_answered_item *items;
	/* the only item again; draft 0: there are several */
	int64_t draft;
	unsigned number;
	unsigned char revision[DIGEST_SIZE];
	char code[HOLD_CODE_SIZE];
	enum hold_prompt_kind kind;
	enum hold_state state;
	bool cut;
};
void hold_answered(struct hold *hold, struct hold_answered *answered);

/*
 * What a program or chat that is a medium is to be told, in this order: what
 * it was told of and is over, what it has not acknowledged, what it was never
 * told; the last gravest first.  over: decided, or out of date; the prompt of
 * a person who approved is over when the draft no longer waits for others.
 */
struct hold_untold {
	struct hold_call call;
	const char *medium;
	/*
	 * It is a folder, which a person may change: what it has acknowledged
	 * and is not over comes, too (told), and nothing but what asks to
	 * decide; over also when its reviewer has approved and others have not
	 */
	bool folder;
	/*
	 * It is a chat, which takes back a question as soon as its reviewer
	 * has nothing more to do (over, waits): who approved as one of
	 * several, gave it to somebody else, or put it off; and tells once
	 * more how it ended.  What was asked again meanwhile is not over, and
	 * what was put off comes anew when it is time
	 */
	bool chat;
	size_t n_reviewers; /* who may be told more by it */
	const char *const *reviewers;
	unsigned limit;	     /* at most 2000 */
	struct arena *arena; /* results */
	size_t n_rows;
	struct hold_untold_row {
		int64_t notice; /* 0: there is none yet */
		bool over;
		bool waits; /* of a chat, over: the draft waits for others */
		bool told;  /* of a folder: it has acknowledged it */
		struct hold_due_prompt prompt;
	} * rows;
	int64_t next_ms; /* when the next snoozed one wakes, 0: none */
	int64_t took_ms; /* it is longer the more prompts wait */
};
void hold_untold(struct hold *hold, struct hold_untold *untold);

/*
 * The medium has a prompt, or (over) knows that it is over; waits: as in its
 * row.  alone: nothing else but such media reaches the reviewer, so mail about
 * the outcome is no longer due.
 */
struct hold_heard {
	struct hold_call call;
	int64_t notice;
	bool over, waits, alone;
};
void hold_heard(struct hold *hold, struct hold_heard *heard);

/* The notices by mail of some time, digests apart: newest first, 10000 at
 * most. */
struct hold_recent {
	struct hold_call call;
	int64_t since_ms; /* wall time */
	/* results */
	struct arena *arena;
	size_t n_notices;
	struct hold_recent_notice {
		const char *reviewer;
		int64_t at_ms;
	} * notices;
};
void hold_recent(struct hold *hold, struct hold_recent *recent);

#endif
