/*
 * opinion: what programs and services of the admin's say of a draft that is
 * held already.  They are asked in parallel, over JSON (imprimatur-program(7));
 * rspamd is spoken to in its own words.
 *
 * They can raise scrutiny, never lower it: what comes back is findings and
 * wishes for more care.  Whoever fails, is late or talks nonsense yields a
 * tripwire finding.  All functions: loop only.
 */
#ifndef CHECK_OPINION_H
#define CHECK_OPINION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "message.h"
#include "reading.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/error.h"
#include "verdict.h"

struct check_programs;
struct event_base;

/* What they are shown of a draft. */
struct check_shown {
	int64_t draft;
	unsigned number; /* of the revision */
	const char *code, *agent, *channel;
	const struct envelope *envelope; /* from and recipients */
	const struct reading *reading;
	uint64_t size;	 /* bytes of the revision */
	struct span raw; /* the revision itself; NULL: not loaded */
};

/*
 * Start the programs of a configuration; they come up in the background.  What
 * is started later is told by check_programs_describe().  The configuration
 * must outlive the result.
 */
struct check_programs *check_programs_new(
    struct event_base *base, const struct config *config);

/*
 * Kill the programs.  Every question still open is done first, with cancelled
 * set.  NULL is harmless.
 */
void check_programs_free(struct check_programs *programs);

/* Are all programs up, or have failed to come up once?  For readiness. */
bool check_programs_tried(const struct check_programs *programs);

/* Is the n-th program of the configuration up?  out: in words. */
bool check_programs_up(
    const struct check_programs *programs, size_t n, char *out, size_t size);

/* "judge up; scanner down (ended (status 1))": for the status page. */
void check_programs_describe(
    const struct check_programs *programs, char *out, size_t size);

/* Does any of these, NULL-terminated, want the mail itself? */
bool check_programs_want_raw(
    const struct check_programs *programs, const char *const *names);

/*
 * One draft.  Fill the input, call check_opinions(), keep it and all that it
 * points to alive until done() is called: on the loop, exactly once, never
 * from within check_opinions(), at the latest when the longest of their
 * deadlines has passed.
 */
struct check_opinions {
	const struct check_shown *shown;
	const char *const *names; /* programs and services; NULL-terminated */
	const char *case_program; /* whom to ask for the case's owner, or NULL
				   */
	void (*done)(struct check_opinions *opinions);
	void *context;

	/* results, in the arena, which is the requester's to free */
	struct arena *arena;
	bool cancelled; /* nobody was heard to the end: ask again later */
	size_t n_findings;
	struct finding *findings; /* by: the program's name */
	/* the gravest that any of them wished */
	const char *refuse, *refuse_by; /* text for the agent, or NULL */
	bool has_severity;
	enum verdict_severity severity;
	const char *ask; /* reviewers and groups, LF between, or "" */
};
void check_opinions(
    struct check_programs *programs, struct check_opinions *opinions);

#endif
