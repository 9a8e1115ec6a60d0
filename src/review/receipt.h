/*
 * receipt: what a reviewer hears after an answer: what was decided, or why
 * nothing was.  One short text, plain and as HTML, in the thread of the answer.
 *
 * Pure but for random ids; any thread.
 */
#ifndef REVIEW_RECEIPT_H
#define REVIEW_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hold/hold.h"
#include "review/review.h"

#include "config/config.h"

#include "util/arena.h"
#include "util/buf.h"

enum receipt_kind {
	RECEIPT_APPROVED,
	RECEIPT_PART_APPROVED, /* missing: so many people more must */
	RECEIPT_DROPPED,       /* text: the reason, or NULL */
	RECEIPT_UNDONE,
	RECEIPT_ASKED,	   /* text: who was asked, or NULL: nobody */
	RECEIPT_CLAIMED,   /* text: who was on it before, or NULL */
	RECEIPT_DELEGATED, /* text: to whom */
	RECEIPT_REVISING,  /* text: the remark; until_ms */
	RECEIPT_SNOOZED,   /* until_ms */
	RECEIPT_FINE,
	RECEIPT_WRONG, /* text: the reason, or NULL */
	RECEIPT_NEEDS_REASON,
	RECEIPT_WHICH_REASON, /* text: the category that may be meant */
	RECEIPT_EDITED,	      /* number, code; text: the note, or NULL */
	RECEIPT_EDIT_EMPTY,
	RECEIPT_EDIT_REFUSED, /* text: why */
	RECEIPT_TOO_LATE,     /* prior; verb: what was wanted */
	RECEIPT_WRONG_CODE,   /* text: the code that was written */
	RECEIPT_REFUSED,      /* text: why */
	RECEIPT_HELP,
	RECEIPT_NOT_A_COMMAND,	 /* text: the line that was read */
	RECEIPT_UNREADABLE,	 /* text: why */
	RECEIPT_MAYBE_AUTOMATIC, /* text: why */
	/* of a mail of many drafts */
	RECEIPT_MANY,	    /* outcomes */
	RECEIPT_MANY_FAULT, /* text: what is wrong; at */
	RECEIPT_MANY_NONE,  /* text: the line that was read */
	RECEIPT_MANY_HELP,
	RECEIPT_MANY_REFUSED, /* text: why nothing of it could be done */
	RECEIPT_STRANGER,     /* text: who answered in the reviewer's place */
	RECEIPT_UNBELIEVED    /* text: the peer that brought the answer */
};

/* A line of an answer. */
struct receipt_line {
	unsigned number;
	const char *said; /* what stands in it */
};

struct receipt;

/* A draft of a mail of many, and what became of it by this answer. */
struct receipt_item {
	unsigned n;		       /* as the mail numbers it */
	const char *subject;	       /* of the draft, never NULL */
	bool cut, low, waits;	       /* waits: for a decision, as we know */
	const struct receipt *outcome; /* NULL: the answer did not name it */
};

struct receipt {
	enum receipt_kind kind;
	const struct config *config;
	const struct config_reviewer *reviewer;
	const char *reply_to; /* the notice's token address */
	int64_t draft;	      /* 0: of many */
	unsigned number;      /* revision: the notice's, or the new one */
	const char *code;     /* likewise */
	enum hold_prompt_kind prompt; /* what the notice asked */
	enum hold_state state;	      /* of the draft now */
	bool cut; /* the notice did not show all: no approval by mail */
	enum hold_verb verb; /* that was wanted, or 0 */
	const char *text;
	const struct hold_prior *prior; /* or NULL */
	const char *notice;		/* Message-ID of the notice, or NULL */
	const char *answers;		/* Message-ID of the answer, or NULL */
	const char *subject;		/* of the answer, or NULL */
	int64_t at_ms;			/* wall time */
	/* of an edit or a remark: words of the answer that were left out */
	const char *signature, *below;
	bool needs_reason; /* a decision must say why */
	bool by_program;   /* not by mail */
	bool by_chat;	   /* likewise: brief.h has the words */
	bool lower;	   /* below the line that was read is a command */
	const struct review_move *move; /* but by moving one, or NULL */
	unsigned missing;
	int64_t until_ms; /* wall time; 0: not known */
	/* of a mail of many drafts */
	struct receipt_line at;
	size_t n_items;
	const struct receipt_item *items;
	const struct channel *channel; /* for its reasons, or NULL */
};

/* Write the mail.  -1: it would not fit into out. */
int receipt_write(
    const struct receipt *receipt, struct arena *arena, struct buf *out);

/* Was it done? */
bool receipt_done(enum receipt_kind kind);

/* The words alone, for a program; lives in the arena, NULL: too long. */
const char *receipt_text(const struct receipt *receipt, struct arena *arena);

/* Words of the answer that were left out: what they are; NULL: none were. */
const char *receipt_left_out(const struct receipt *receipt);

/* How long before the answer its prior was: ", 5 min before your answer". */
const char *receipt_before(const struct receipt *receipt, struct arena *arena);

/* What a draft in that state does or is: "waits for a decision". */
const char *receipt_state(enum hold_state state);

#endif
