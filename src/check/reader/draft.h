/*
 * draft: reads an agent's draft: what must not leave, what the header says,
 * the parts and their text, and what is odd about any of it.
 */
#ifndef CHECK_READER_DRAFT_H
#define CHECK_READER_DRAFT_H

#include "check/reader/about.h"
#include "reading.h"
#include "util/buf.h"

/*
 * Load what is loaded lazily otherwise, before the reader seals itself.
 * Reading works without it where files may be opened.
 */
void draft_warm(void);

/* Free what draft_warm() and reading have loaded.  For tests. */
void draft_release(void);

/*
 * Read a draft.  Never fails: what could not be made out is a finding, or
 * trouble when the mail must not be approved.  about: what is known of it, and
 * the plug-ins and conditions that are to look at it; NULL: nothing.  The
 * mail's bytes are not needed afterwards.  The caller ends it with
 * reading_free().
 */
struct reading *draft_read(struct span mail, const struct about *about);

#endif
