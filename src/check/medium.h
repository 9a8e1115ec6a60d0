/*
 * medium: what passes between the daemon and a program that asks people: what
 * it is to show, what it acknowledges, what a person said there.  The messages
 * are those of imprimatur-program(7).  All functions: loop only.
 */
#ifndef CHECK_MEDIUM_H
#define CHECK_MEDIUM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "check/opinion.h"

/* Something to show, or that it is over. */
struct check_prompt {
	int64_t id;
	bool over;
	const struct check_shown *draft;
	const char *reviewer, *subject, *text, *state;
	const char *kind, *code; /* of what is not over */
	bool cut;
	const char *const *reasons; /* or NULL */
	const char *who;	    /* over: by whom; NULL: by nobody */
};

/* What a person said, as it came; NULL: it was left out. */
struct check_decide {
	int64_t id;
	const char *reviewer, *verb; /* never NULL */
	const char *code, *text, *category;
};

enum check_medium { CHECK_MEDIUM_DOWN, CHECK_MEDIUM_UP, CHECK_MEDIUM_READY };

struct check_media {
	/* It ended; it began; it took all that it was told. */
	void (*changed)(
	    const char *name, enum check_medium what, void *context);
	/* It has that prompt, or (over) knows the outcome.  False: it was not
	 * told of that. */
	bool (*heard)(const char *name, int64_t id, bool over, void *context);
	/* Answered once by check_programs_decided(). */
	void (*decide)(
	    const char *name, const struct check_decide *decide, void *context);
	void *context;
};

/* To be called before the loop runs; media is copied. */
void check_programs_media(
    struct check_programs *programs, const struct check_media *media);

/* Tell a program.  False: not now; it is down, or has not read the last. */
bool check_programs_prompt(struct check_programs *programs, const char *name,
    const struct check_prompt *prompt);

/* What came of a decision; nothing when the program is down. */
void check_programs_decided(struct check_programs *programs, const char *name,
    int64_t id, bool ok, const char *text);

/* The line of a prompt, and of a result; free() it.  Pure. */
char *medium_prompt(const struct check_prompt *prompt);
char *medium_decided(int64_t id, bool ok, const char *text);

/*
 * Read a line of the program's: "prompted", "outcome" or "decide".  False: it
 * is none of these, or not as it should be; or it names what there is not.
 */
bool medium_take(
    const json_t *line, const char *name, const struct check_media *media);

#endif
