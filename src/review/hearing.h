/*
 * hearing: one answer on its way through mail.c, and the ways in which it may
 * end: with a receipt, with nothing, or given back to come again.  Loop.
 */
#ifndef REVIEW_HEARING_H
#define REVIEW_HEARING_H

#include <stdbool.h>
#include <stddef.h>

#include "review/grammar.h"
#include "review/internal.h"
#include "review/receipt.h"

#include "util/arena.h"

struct many;

struct hearing {
	struct review *review;	      /* NULL: the room has gone */
	struct review_answer *answer; /* NULL: given back */
	struct hearing *next, **link;
	struct arena *arena;
	const struct config *config; /* in force when it came; a reference */
	const struct config_reviewer *reviewer;
	const char *medium;   /* by which it came */
	const char *reply_to; /* address of the notice; NULL: not mail */
	struct hold_answered answered;
	/* the draft that is spoken of now, what is said of it, and the text
	 * below that command, or NULL */
	struct hold_answered_item item;
	struct grammar_command command;
	const char *words;
	const char *line; /* the answer's first line, if it is their own */
	bool apart;	  /* an empty line is below it */
	struct hold_decide decide;
	struct hold_view view;
	struct review_edit edit;
	bool viewed;
	void (*then)(struct hearing *); /* when it was */
	unsigned posts;			/* mails on their way into the outbox */
	bool told;	   /* the receipt is among them, or was given */
	struct many *many; /* of a mail of many drafts: takes the receipts */
	enum hold_state state; /* of that draft, as last heard; 0: none */
	struct error error;    /* for the answer */
};

/* The hearing that a call of its (its member of that name) is part of. */
#define HEARING(call, member)                                                  \
	((struct hearing *)(void *)((char *)(call)-offsetof(                   \
	    struct hearing, member)))

/* Begin one; the answer stays its requester's. */
struct hearing *hearing_new(
    struct review *review, struct review_answer *answer);

/* The notice is known: h->item is what it showed, if that is one draft. */
void hearing_begin(struct hearing *h);

/*
 * The room is about to be freed: give every open answer back (BUSY), so that
 * nothing that is still under way touches the room.
 */
void hearing_forget(struct review *review);

/*
 * The first thing that every callback asks: has the room gone meanwhile?  Then
 * the hearing may be freed already and is not to be touched again.
 */
bool hearing_gone(struct hearing *h);

/* Give the answer back, dealt with (h->error tells how), and free all. */
void hearing_end(struct hearing *h);

/* Give it back to come again: something could not be written. */
void hearing_fail(struct hearing *h, const struct error *err);

/* Put a mail into the outbox; the hearing goes on when the last is there. */
void hearing_post(struct hearing *h, const struct config_reviewer *to,
    struct span bytes, const char *once);

/* What is the same when the answer comes again; NULL: nobody could tell. */
const char *hearing_answer(const struct hearing *h);

/*
 * A key that is the same when the same answer comes again, so that it gets one
 * receipt, however often it is delivered.  In the hearing's arena.
 */
const char *hearing_once(const struct hearing *h, const char *what);

/* Did it come by a chat, where people also talk? */
bool hearing_by_chat(const struct hearing *h);

/* A receipt with all that receipts have in common. */
struct receipt hearing_receipt(const struct hearing *h, enum receipt_kind kind);

/* The channel of the draft that was viewed; NULL: none, or it has gone. */
const struct channel *hearing_channel(const struct hearing *h);

/* Each of these sends one receipt and ends the hearing. */
void hearing_finish_with(struct hearing *h, const struct receipt *receipt);
void hearing_finish(
    struct hearing *h, enum receipt_kind kind, const char *text);
/* Not more often than help_s for one reviewer; else without a receipt. */
void hearing_finish_seldom(
    struct hearing *h, enum receipt_kind kind, const char *text);
void hearing_finish_seldom_with(
    struct hearing *h, const struct receipt *receipt);
/* About somebody else's answer: once for a notice, and in no thread, because
 * what that mail says of itself is not to be repeated. */
void hearing_finish_about_other(
    struct hearing *h, enum receipt_kind kind, const char *text);
/* Somebody was first, or the draft changed. */
void hearing_finish_too_late(
    struct hearing *h, enum hold_verb verb, const struct hold_prior *prior);
/* An error of the ledger: in a person's words, or given back. */
void hearing_finish_error(
    struct hearing *h, const struct error *err, enum receipt_kind kind);

#endif
