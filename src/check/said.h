/*
 * said: the answer of a program or service, made findings and wishes.  What it
 * may say is imprimatur-program(7); nothing that it says lets go of a mail.
 * Pure; any thread.
 */
#ifndef CHECK_SAID_H
#define CHECK_SAID_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "reading.h"
#include "util/arena.h"
#include "verdict.h"

#define SAID_FINDINGS_MAX 64 /* of one answer; more are nonsense */

/* All texts are in the arena, cut, and without control characters. */
struct said {
	struct arena *arena; /* the asker's */
	const char *by;	     /* who says it */
	size_t n_findings;
	struct finding findings[SAID_FINDINGS_MAX + 1]; /* trouble has room */
	const char *refuse;				/* or NULL */
	bool has_severity;
	enum verdict_severity severity;
	const char *ask; /* LF between, or NULL */
};

/* Nothing said yet.  by is copied. */
void said_init(struct said *said, struct arena *arena, const char *by);

/* The answer to a check: an object. */
void said_check(struct said *said, const json_t *answer);

/* The answer to a case: an object. */
void said_case(struct said *said, const json_t *answer);

/* What rspamd answers to /checkv2. */
void said_rspamd(struct said *said, const json_t *answer);

/* One finding; dropped when there are too many.  Texts are cleaned. */
void said_add(struct said *said, const char *name, enum finding_weight weight,
    const char *value, const char *detail);

/* It failed: tripwire "program-failed"; the text goes on from its name. */
void said_failed(struct said *said, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* It talks nonsense: tripwire "program-nonsense". */
void said_nonsense(struct said *said, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
