/*
 * cuts: what of a submission must never leave: Bcc fields, fields that are
 * ours, and the context part with its delimiter.
 */
#ifndef CHECK_READER_CUTS_H
#define CHECK_READER_CUTS_H

#include "check/reader/mime.h"
#include "reading.h"

/*
 * Find all cuts, in the mail's own header (also behind the limits) and in
 * those of its parts, and put them into the reading in order, with their
 * findings and the context they hold.  What could not be cut is leave.c's.
 */
void cuts_find(struct reading *reading, const struct mime *mime);

#endif
