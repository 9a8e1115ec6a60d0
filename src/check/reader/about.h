/*
 * about: what the daemon says of a mail beside its bytes (check/wire.h), and
 * what there is to look at it with.
 */
#ifndef CHECK_READER_ABOUT_H
#define CHECK_READER_ABOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/buf.h"

struct equip;

struct about {
	const struct equip *equip; /* the caller's to set; NULL: nothing */
	const char *agent;	   /* or NULL */
	const char *sender;	   /* of the envelope, or NULL: there is none */
	size_t n_recipients;
	const char **recipients; /* of the envelope, in order */
	size_t n_channels;
	unsigned *channels;  /* indices in the setup */
	const char *without; /* a plug-in that is to be left out, or NULL */
};

/*
 * Read the lines.  All texts become valid UTF-8 and live in the arena.  -1:
 * they are not what the daemon writes.
 */
int about_read(struct arena *arena, struct span lines, struct about *about);

#endif
