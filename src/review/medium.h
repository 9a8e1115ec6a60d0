/*
 * medium: one program or chat that asks people, as media.c and telling.c share
 * it.  Loop.
 */
#ifndef REVIEW_MEDIUM_H
#define REVIEW_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/internal.h"

struct event;
struct telling;

/* What it was given, and has not acknowledged in this life. */
struct given {
	int64_t notice;
	bool over, waits;
	bool alone; /* its reviewer gets no mail */
	bool heard; /* that is being written */
	bool done;  /* it was; kept while rows read before may name it */
};

struct medium {
	struct media *media;
	const char *name;
	const struct config_chat *chat; /* NULL: it is a program */
	bool up;
	/* since when (monotonic) it is down, or has not acknowledged anything;
	 * 0: it owes nothing */
	int64_t silent_ms;
	bool is_late;	     /* for too long */
	struct event *late;  /* then it is */
	struct event *retry; /* after trouble */
	struct event *wake;  /* what was snoozed, or is gathered, is due */
	struct telling *telling;
	bool again;	 /* there may be more than it knows of */
	int64_t look_ms; /* at the ledger, not before that; monotonic */
	size_t n_given, most;
	struct given *given;
	size_t n_reviewers; /* whom it may ask */
	const char **reviewers;
	int64_t complained_ms;
};

/* Kept by its calls, too. */
struct media {
	unsigned refs;
	struct review *review; /* NULL: it is no more */
	const struct config *config;
	size_t n;
	struct medium all[];
};

/* ---- media.c ------------------------------------------------------------ */

/* A reference less. */
void media_unref(struct media *media);

/* Call its event's function in so many milliseconds. */
void media_wait(struct event *event, int64_t ms);

/* It is silent since then (monotonic); it acknowledged something, or owes
 * nothing. */
void media_be_silent(struct medium *m, int64_t since_ms);
void media_be_heard(struct medium *m);

/* What it was given and has not acknowledged, or NULL. */
struct given *media_find_given(
    const struct medium *m, int64_t notice, bool over);

/* Forget what it has acknowledged; then there may be room for more. */
void media_settle(struct medium *m);

/* ---- telling.c ---------------------------------------------------------- */

/* Could it be given more now? */
bool telling_has_room(const struct medium *m);

/* Look for what it is to be told, now or when it is time for that; only when
 * none is under way. */
void telling_look(struct medium *m);

#endif
