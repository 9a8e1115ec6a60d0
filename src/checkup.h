/*
 * checkup: the questions of "imprimatur doctor" and what was found: a list that
 * grows while the rooms look at what they depend on.  Loop.
 */
#ifndef CHECKUP_H
#define CHECKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum checkup_state {
	CHECKUP_OPEN, /* under way */
	CHECKUP_GOOD,
	CHECKUP_DOUBT, /* works, but look at it */
	CHECKUP_BAD,
	CHECKUP_SKIPPED /* could not be tried; the text says why */
};

struct checkup;

struct checkup_item {
	struct checkup *checkup;
	const char *of;	  /* "slack", "relay", "mailbox replies" */
	const char *what; /* "its token is accepted" */
	enum checkup_state state;
	const char *found;  /* a sentence, or NULL */
	const char *advice; /* what to do, or NULL: nothing */
	int64_t since_ms;   /* monotonic: when the question was asked */
	int64_t took_ms;    /* until it ended */
};

/* Kept by who holds it, and by every item that is open. */
struct checkup *checkup_new(bool probe);
void checkup_unref(struct checkup *checkup);

/* May messages and mails be sent for it? */
bool checkup_probes(const struct checkup *checkup);

/* Ask a question; it is open until checkup_end(), which is called once.  The
 * texts are copied. */
struct checkup_item *checkup_begin(
    struct checkup *checkup, const char *of, const char *what);
/* found and advice are copied; advice NULL: nothing to do.  No secrets. */
void checkup_end(struct checkup_item *item, enum checkup_state state,
    const char *found, const char *advice);
/* Both at once. */
void checkup_note(struct checkup *checkup, const char *of, const char *what,
    enum checkup_state state, const char *found, const char *advice);

/* What there is so far, in the order of the questions. */
size_t checkup_n(const struct checkup *checkup);
const struct checkup_item *checkup_at(const struct checkup *checkup, size_t i);
/* Is one of them open? */
bool checkup_is_open(const struct checkup *checkup);
/* "open", "good", "doubt", "bad", "skipped" */
const char *checkup_state_name(enum checkup_state state);

#endif
