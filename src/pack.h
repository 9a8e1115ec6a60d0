/*
 * pack: a reading and its kin as bytes, for the wall between processes and
 * for the ledger.  Fields are a tag byte, a 4-byte little-endian length and
 * bytes; what is unknown is refused.  A reader trusts nothing in them: every
 * length is checked, every text is checked for UTF-8 and for NUL, every cut
 * for order and range.
 */
#ifndef PACK_H
#define PACK_H

#include <stdint.h>

#include "reading.h"
#include "util/buf.h"
#include "util/error.h"

/* Append the packed form to buf. */
void pack_reading(struct buf *buf, const struct reading *reading);
void pack_reply(struct buf *buf, const struct reading_reply *reply);
void pack_edit(struct buf *buf, const struct reading_edit *edit);
void pack_signed(struct buf *buf, const struct reading_signed *sign);

/*
 * Read it back, into an arena of its own.  mail_size: bytes of the mail, for
 * the cuts.  NULL and err (INVALID) on anything that pack_ would not write.
 */
struct reading *pack_get_reading(
    struct span packed, uint64_t mail_size, struct error *err);
struct reading_reply *pack_get_reply(struct span packed, struct error *err);
struct reading_edit *pack_get_edit(struct span packed, struct error *err);
struct reading_signed *pack_get_signed(struct span packed, struct error *err);

#endif
