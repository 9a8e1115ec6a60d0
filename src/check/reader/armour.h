/*
 * armour: the frame that OpenPGP sets around a text that is signed in the
 * mail itself (RFC 9580 section 7).
 */
#ifndef CHECK_READER_ARMOUR_H
#define CHECK_READER_ARMOUR_H

#include "util/arena.h"
#include "util/buf.h"

/*
 * What stands in the frame, when the text (LF between lines) begins with one:
 * what is around it is not signed, and left out.  Nothing is verified.  Text
 * itself when there is no whole frame, else in the arena.
 */
struct span armour_inside(struct arena *arena, struct span text);

#endif
