/*
 * quoted: where in an answer the person's own words end and what a mail
 * program put below them begins: the quoted notice, its attribution line, a
 * header block, a signature.
 *
 * When in doubt a line is taken for the person's: too much is seen and can be
 * mended, a lost line cannot.
 */
#ifndef CHECK_READER_QUOTED_H
#define CHECK_READER_QUOTED_H

#include <stdbool.h>

#include "util/arena.h"
#include "util/buf.h"

/* An answer taken apart; blank lines at the ends are left out. */
struct quoted {
	struct span words;     /* the person's own lines at the beginning */
	struct span signature; /* what was cut off below them (signoff.h) */
	/* what the person wrote below or between lines that are quoted with
	 * ">"; it may hold other things that stand there, such as the last
	 * lines of a mailing list */
	struct span below;
};

/*
 * Take a text (UTF-8, LF between lines) apart.  Time is linear in the text.
 * words and signature are parts of it; what else there is lives in the arena.
 */
void quoted_read(struct arena *arena, struct span text, struct quoted *out);

/*
 * A whole text without its lines that begin with ">" and the attribution lines
 * above them, wherever they stand.  Linear; text itself, or in the arena.
 */
struct span quoted_without(struct arena *arena, struct span text);

#endif
