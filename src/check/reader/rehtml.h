/*
 * rehtml: an HTML part that is to say what a person's new text says.
 */
#ifndef CHECK_READER_REHTML_H
#define CHECK_READER_REHTML_H

#include "check/reader/mime.h"

#include "util/arena.h"
#include "util/buf.h"

enum rehtml_way {
	REHTML_SAME,  /* no word of it changes: its bytes stay */
	REHTML_WORDS, /* the changed words, in their places */
	REHTML_ANEW,  /* written from the text, without its formatting */
	REHTML_REFUSED,
	REHTML_WAYS
};

struct rehtml_wish {
	struct arena *arena;
	const struct mime *mime;
	int chosen;	  /* the part whose text the person was shown */
	struct span text; /* what it is to say: UTF-8, LF */
};

struct rehtml {
	enum rehtml_way way;
	struct span lines;   /* UTF-8, LF; in the arena */
	const char *charset; /* that the part must be labelled with, or NULL */
	const char *refusal;
};

/* Make it for the part with this index, which may be the chosen one. */
struct rehtml rehtml_make(const struct rehtml_wish *wish, int index);

#endif
