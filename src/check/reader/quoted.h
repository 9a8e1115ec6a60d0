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

/* The first words of every notice of ours, in small letters, and what stands
 * before each line of a draft in it. */
#define QUOTED_NOTICE "imprimatur asks you"
#define QUOTED_DRAFT  "| "

/*
 * The person's own lines at the beginning of a text (UTF-8, LF between
 * lines), without blank lines at the end.  Time is linear in the text.  What
 * is needed meanwhile lives in the arena.  signature_cut: words were left out
 * because they stand below the "-- " of a signature.
 */
struct span quoted_before(
    struct arena *arena, struct span text, bool *signature_cut);

/*
 * A whole text without its lines that begin with ">" and the attribution lines
 * above them, wherever they stand.  Linear; text itself, or in the arena.
 */
struct span quoted_without(struct arena *arena, struct span text);

#endif
