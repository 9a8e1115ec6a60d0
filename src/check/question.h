/*
 * question: one question to one program or service, and what came of it.  Only
 * for opinion.c, program.c and service.c.
 */
#ifndef CHECK_QUESTION_H
#define CHECK_QUESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "check/medium.h"
#include "check/opinion.h"
#include "check/said.h"

struct fetch;
struct program;
struct round;

struct question {
	const struct check_shown *shown;
	bool of_case; /* whose case it is; else: what is to be found */
	struct said said;
	struct check_programs *programs;
	struct round *round;   /* opinion.c's */
	struct question *next; /* of those that wait, or are done */

	/* program.c's */
	int64_t id, due_ms;
	bool sent;
};

/* It is answered, or never will be; from here on it is opinion.c's. */
void check_answered(struct question *question);

/* ---- program.c ---------------------------------------------------------- */

/* Start it; it comes up in the background.  config must outlive it. */
struct program *program_new(
    struct event_base *base, const struct config_program *config);
/* Every question it has is answered as failed first.  NULL is harmless. */
void program_free(struct program *program);

/* Ask; check_answered() comes later, or at once when nothing can be asked. */
void program_ask(struct program *program, struct question *question);

/* Up, or has failed to come up once? */
bool program_tried(const struct program *program);
/* Does it want the mail itself, or may it yet say so? */
bool program_wants_raw(const struct program *program);
const char *program_name(const struct program *program); /* as configured */
/* If it is a medium, it speaks to these, which must outlive it. */
void program_set_media(
    struct program *program, const struct check_media *media);
/* As check_programs_prompt() and check_programs_decided(). */
bool program_prompt(struct program *program, const struct check_prompt *prompt);
void program_decided(
    struct program *program, int64_t id, bool ok, const char *text);
bool program_is_up(const struct program *program);
/* "judge up", "judge down (why)"; returns out. */
const char *program_describe(
    const struct program *program, char *out, size_t size);

/* ---- service.c ---------------------------------------------------------- */

/* Ask a service; as program_ask(). */
void service_ask(struct fetch *fetch, const struct config_service *config,
    struct question *question);
/* Does it want the mail itself? */
bool service_wants_raw(const struct config_service *config);

#endif
