/*
 * keys: the recipients of an envelope in the forms by which the ledger
 * remembers people and knows look-alikes.
 */
#ifndef CHECK_READER_KEYS_H
#define CHECK_READER_KEYS_H

#include "reading.h"

/* Load what ICU loads late.  Before the reader seals itself. */
void keys_warm(void);

/* Free that.  For tests. */
void keys_release(void);

/*
 * Fill the reading's keys.  address: small letters, the domain in its ASCII
 * form (UTS 46) where it has one.  skeleton: of the address with its domain in
 * Unicode, as of UTS 39, so that letters that look alike are the same; then
 * small letters again, and 0 is o, 1 and | are l, 5 is s, rn is m, vv is w.
 */
void keys_read(
    struct reading *reading, const char *const *recipients, size_t n);

/* A domain in its ASCII form (UTS 46), or as it is. */
const char *keys_domain(struct arena *arena, const char *domain);

/* The same of one address that is of no envelope, in the arena. */
struct reading_key keys_one(struct arena *arena, const char *address);

#endif
