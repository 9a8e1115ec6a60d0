/*
 * asking: a draft to ask programs and services about, and a loop in which to
 * wait for what they say.
 */
#ifndef TESTS_UNIT_ASKING_H
#define TESTS_UNIT_ASKING_H

#include <stdbool.h>

#include "check/opinion.h"
#include "config/config.h"

struct event_base;

struct asking {
	struct event_base *base;
	struct config config;
	struct check_programs *programs;
	unsigned open; /* drafts that are asked about */
	bool late;     /* the test's patience is over */
};

/* One draft and what is said of it. */
struct asked {
	struct check_opinions opinions;
	struct check_shown shown;
	struct envelope envelope;
	struct recipient recipients[2];
	struct reading *reading;
	struct asking *asking;
	const char *names[4];
	unsigned answers;
};

/* A loop, no programs yet: fill config, then check_programs_new(). */
void asking_start(struct asking *asking);
void asking_stop(struct asking *asking);

/* A draft with that subject, asked of one name. */
void asking_draft(struct asking *asking, struct asked *asked,
    const char *subject, const char *name);

/* Ask about it. */
void asking_ask(struct asked *asked);

/* Run the loop until all are answered. */
void asking_wait(struct asking *asking);

/* All three. */
void asking_about(struct asking *asking, struct asked *asked,
    const char *subject, const char *name);

/* The finding of that name; fails when there is none. */
const struct finding *asking_found(const struct asked *asked, const char *name);

void asking_free(struct asked *asked);

#endif
