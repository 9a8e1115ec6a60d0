/*
 * standing: how we stand with the relay host: fine, in trouble, or refused,
 * and then for how long nothing is tried.  It logs each change.  Loop only.
 */
#ifndef SEND_STANDING_H
#define SEND_STANDING_H

#include <stddef.h>
#include <stdint.h>

struct config_relay;

#define STANDING_REASON_SIZE 400

struct standing {
	const struct config_relay *config;
	enum {
		STANDING_UNTRIED,
		STANDING_FINE,
		STANDING_TROUBLE,
		STANDING_DENIED
	} now;
	int64_t since_ms;	/* wall time, of TROUBLE */
	int64_t pause_ms;	/* the last pause, 0: none */
	int64_t pause_until_ms; /* monotonic */
	char reason[STANDING_REASON_SIZE];
};

/* It works. */
void standing_fine(struct standing *standing);

/* It cannot be reached, or does not do what it should. */
void standing_trouble(struct standing *standing, const char *why);

/*
 * It refused our login, which does not get better by being tried again and
 * again: pause, from retry_first_s doubling to retry_most_s.
 */
void standing_denied(struct standing *standing, const char *why);

/* Milliseconds of the pause that are left, or 0. */
int64_t standing_pause_ms(const struct standing *standing);

/* One line for people. */
void standing_describe(const struct standing *standing, char *out, size_t size);

#endif
