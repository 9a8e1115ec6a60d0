/*
 * review: the room that asks people and hears their answers.  It composes
 * notices, receipts and help, knows the grammar of answers and the HTTP API
 * of the command line.
 *
 * It reads no mail: replies reach it as a struct reading_reply, edits go
 * through a hook.  It sends nothing: mail is put into the ledger's outbox.
 * All functions and hooks run on the loop.
 */
#ifndef REVIEW_REVIEW_H
#define REVIEW_REVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hold/hold.h"

#include "config/config.h"
#include "reading.h"

#include "util/error.h"
#include "util/httpd.h"

struct event_base;
struct review;

/*
 * What a person changes in a draft, on its way through reader and ledger: any
 * of text, subject and recipients, or a whole mail in its place.  Recipients
 * that the header does not show stay unless bcc says who they are to be.
 * Owned by the requester until done() is called, exactly once.
 */
struct review_edit {
	int64_t draft;
	unsigned char revision[DIGEST_SIZE]; /* the one that was shown */
	const char *actor, *medium;
	const char *answer; /* as in hold_decide, or NULL */
	/* UTF-8, the whole new body text; data NULL: it stays */
	struct span text;
	/* as a person writes them, UTF-8; NULL: it stays, "": it goes */
	const char *subject, *to, *cc, *bcc;
	/* a whole mail instead of all these; data NULL: none */
	struct span mail;
	/* words, ended by NULL, that must not be in the result; or NULL */
	const char *const *never;
	void (*done)(struct review_edit *edit);
	void *context;

	/* results */
	struct error error; /* kind NONE: a new revision was made */
	unsigned number;
	char code[HOLD_CODE_SIZE];
	enum hold_state state;
	struct hold_prior prior; /* on CONFLICT */
	char note[512];		 /* how it was edited, or "" */
	bool readdressed;	 /* it goes to others than before */
};

/* What a medium that is not mail, a program or a chat, is to show to a person.
 */
struct card;
struct review_shown {
	const char *medium; /* its name */
	int64_t notice;	    /* its number; again the same, until it is over */
	bool over;	    /* it was decided, or is out of date */
	enum hold_prompt_kind kind;
	const char *reviewer;
	const struct hold_view *view; /* of the draft */
	const char *subject, *text;   /* as in the mail */
	/* the same for a chat, which makes its own form of it: alive during the
	 * call; a program: NULL.  Over: who it was and what came of it, but (if
	 * it waits) the question as it stands for those who are asked still */
	const struct card *card;
	/* over for this person, but the draft waits for others; it is over once
	 * more when it does not */
	bool waits;
	bool gathered;	 /* it waited for others: they are to come together */
	bool cut;	 /* the text is not all of it */
	const char *who; /* over: by whom, or NULL */
	/* over: what became of it, a sentence: "Approved by anna in slack at
	 * 14:03." */
	const char *outcome;
	/* where this person's mail answers it, at a chat that hears nothing;
	 * else NULL */
	const char *reply_to;
	const char *const *reasons; /* the channel's, or NULL */
};

struct review_hooks {
	/* Apply an edit: load, reader, hold_revise. */
	void (*edit)(struct review_edit *edit, void *context);
	/* A draft moved, prompts or system mail may be due. */
	void (*moved)(int64_t draft, enum hold_state state, void *context);
	/* Lines for status: the relay host, open sessions ... */
	void (*describe)(char *out, size_t size, void *context);
	/* How the mailbox of that name is, for people. */
	const char *(*mailbox)(const char *name, void *context);
	/* Give this to the program or chat.  False: not now, it will be READY.
	 * NULL when there is no such medium. */
	bool (*show)(const struct review_shown *shown, void *context);
	void *context;
};

/* Ready at once; the configuration and the hold must outlive it. */
struct review *review_new(struct event_base *base, const struct config *config,
    struct hold *hold, const struct review_hooks *hooks);
/* Open answers are given back (BUSY) first.  NULL is harmless. */
void review_free(struct review *review);

/* Go on with another configuration; what is under way ends under the old. */
void review_reload(struct review *review, const struct config *config);

/* Prompts may be due: compose and post their notices.  Cheap. */
void review_kick(struct review *review);

/* What such a medium does. */
enum review_medium {
	REVIEW_MEDIUM_DOWN,
	REVIEW_MEDIUM_UP,   /* it begins, and remembers nothing */
	REVIEW_MEDIUM_READY /* it took all that it was given */
};
void review_medium(
    struct review *review, const char *medium, enum review_medium what);
/* It acknowledges a notice, or (over) its end.  False: it was not given that.
 */
bool review_medium_heard(
    struct review *review, const char *medium, int64_t notice, bool over);

/* Is there such a medium, and is it up? */
bool review_medium_up(const struct review *review, const char *medium);

/*
 * Put a mail into the outbox to the address of a notice that there is not, to
 * see whether it comes back: the doctor's.  notice: from REVIEW_PROBES on,
 * below 2^40.  done(): it was put, or err says why not.
 */
#define REVIEW_PROBES ((int64_t)1 << 39)
void review_probe(struct review *review, int64_t notice,
    void (*done)(const struct error *err, void *context), void *context);

/* Is this recipient a reply address of ours, and of which notice? */
enum review_address { REVIEW_NOT_OURS, REVIEW_NOTICE, REVIEW_FORGED };
enum review_address review_address(
    const struct review *review, const char *address, int64_t *notice);

/* What a reviewer said by a program or chat; NULL: left out. */
struct review_said {
	const char *medium, *reviewer;
	/* code: NULL: of what the notice showed, in a chat; a program must
	 * give it to approve */
	const char *verb, *code, *text, *category;
	/* of an edit by a chat: the new one; "": it goes; NULL: it stays, and
	 * so does the body when text is NULL.  There text is the body exactly,
	 * without header lines */
	const char *subject;
	/* instead of a verb: what they wrote, read as an answer by mail is:
	 * the first line says what, an edit's text stands below it.  People
	 * also talk to each other: see review_answer.silent */
	const char *words;
	/* names this answer and no other: it decides once, however often it
	 * comes; NULL: it comes once */
	const char *once;
	/* it answers many drafts at a time, by number, as a digest is: the
	 * notices of this reviewer, 0 where one was not asked; n_notices 0:
	 * answer->notice alone */
	size_t n_notices;
	const int64_t *notices;
};

/* A mail was moved into a folder: who did so hears by mail what comes of it. */
struct review_move {
	const char *what; /* what was done, a sentence for who did it */
	const char *back; /* where it is when nothing came of it: a sentence */
	const char *once; /* this move and no other, for one receipt */
	struct span mail; /* of an edit: as it is now; length 0: none */
};

/* How surely a reply is from whom its From names; each includes those before.
 */
enum review_level {
	REVIEW_LEVEL_NONE,    /* it only says so */
	REVIEW_LEVEL_TOKEN,   /* who brought it is trusted to have looked */
	REVIEW_LEVEL_ALIGNED, /* DKIM or DMARC, aligned with From */
	REVIEW_LEVEL_SIGNED   /* S/MIME by the reviewer's certificate */
};

/*
 * A reply came in and was read.  The reply stays the requester's until done()
 * is called: error NONE means that the mail was dealt with (answer 250),
 * whatever it said; DENIED that this peer may not bring answers (550, the text
 * says so); BUSY or INTERNAL that it should come again later.
 */
struct review_answer {
	const struct reading_reply *reply;
	int64_t notice;
	const char *peer;	 /* numeric address, or mailbox, it came from */
	enum review_level level; /* that it reached */
	const char *how; /* by what, or why not more; for people, or NULL */
	/* nothing proves which notice it answers: an approval needs the code */
	bool unbound;
	/* or it came over a program that is a medium; also the requester's */
	const struct review_said *said;
	const struct review_move
	    *move; /* by moving a mail: said, too; or NULL */
	void (*done)(struct review_answer *answer);
	void *context;
	struct error error; /* result */
	bool ok;	    /* of said: it was done */
	/* of said: say nothing.  Their words were no try at a command, or (ok)
	 * it is an answer that was heard before */
	bool silent;
	char *text; /* of said: what came of it; free() it, or NULL */
};
void review_answer(struct review *review, struct review_answer *answer);

/* The HTTP API; context of each route is the struct review. */
extern const struct httpd_route review_routes[];

#endif
