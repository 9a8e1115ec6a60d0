/*
 * accept-stand: a session without a socket, put into some state, for tables of
 * lines and the exact replies that are wanted.
 */
#ifndef TESTS_UNIT_ACCEPT_STAND_H
#define TESTS_UNIT_ACCEPT_STAND_H

#include <stddef.h>

#include "accept/command.h"

/* States that a row may begin in; each includes those before it. */
enum stand_start {
	NEW,	 /* just connected */
	GREETED, /* EHLO was said */
	AGENT,	 /* demo is logged in */
	MAILED,	 /* MAIL FROM:<a@demo.example> */
	UTF8,	 /* the same with SMTPUTF8 */
	READY,	 /* and one recipient */
	CHUNKED, /* and a first chunk */
	/* others */
	HELO,	 /* HELO was said */
	NULLED,	 /* nobody in particular said MAIL FROM:<> */
	OUTSIDE, /* EHLO on a listener that is not for reviews */
	ANSWERS, /* EHLO on a listener for reviews alone */
	SECURE	 /* EHLO on a listener with STARTTLS */
};

struct stand_row {
	enum stand_start start;
	const char *line;
	size_t len;
	unsigned code;
	const char *enhanced;
};

#define R(start, line, code, enhanced)                                         \
	{                                                                      \
		start, line, sizeof(line) - 1, code, enhanced                  \
	}

struct stand {
	struct config *config;
	struct config_listener listener;
	struct accept_hooks hooks;
	struct command_session session;
};

/* A session that has just begun, on the listener of accept-fixture. */
void stand_up(struct stand *stand);
void stand_down(struct stand *stand);

/* Bring it into a state, once. */
void stand_go_to(struct stand *stand, enum stand_start start);
/* Agent demo is logged in. */
void stand_log_in(struct stand *stand);

/* Say a line; the code of the reply. */
unsigned stand_say(
    struct stand *stand, const char *line, size_t len, struct command *c);
/* Say a line; fail the test when another code comes. */
void stand_must(struct stand *stand, const char *line, unsigned code);

/* Try each row on a session of its own; fail the test if any is wrong. */
void stand_walk(const struct stand_row *rows, size_t n);

#define WALK(name, table)                                                      \
	static void name(void **state)                                         \
	{                                                                      \
		(void)state;                                                   \
		stand_walk(table, sizeof(table) / sizeof(table[0]));           \
	}

#endif
