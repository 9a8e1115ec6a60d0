/*
 * cuts: what of a submission must never leave: Bcc fields, fields that are
 * ours, and the context part with its delimiter.
 */
#ifndef CHECK_READER_CUTS_H
#define CHECK_READER_CUTS_H

#include "check/reader/mime.h"
#include "reading.h"

/*
 * Find all cuts, also in header lines behind the limits, and put them into
 * the reading in order, with their findings and the context they hold.
 */
void cuts_find(struct reading *reading, const struct mime *mime);

#endif
