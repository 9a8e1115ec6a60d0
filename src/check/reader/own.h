/*
 * own: what a draft says itself, without what it quotes of earlier mails.
 */
#ifndef CHECK_READER_OWN_H
#define CHECK_READER_OWN_H

#include <stdint.h>

#include "check/reader/text.h"
#include "util/arena.h"
#include "util/buf.h"

/*
 * The text of a reading without quoted lines, attributions above them, what
 * HTML marks as quoted, and the headings that were put between parts.  It is
 * text itself or lives in the arena.
 */
struct span own_text(
    struct arena *arena, struct span text, const struct text_more *more);

#define OWN_WORDS_MIN 20 /* fewer tell nothing */

/*
 * 64 bits of which few differ between texts that share most of their words in
 * their order (simhash over three words in a row, case ignored, digits kept).
 * 0 for less than OWN_WORDS_MIN words.
 */
uint64_t own_fingerprint(struct span text);

#endif
