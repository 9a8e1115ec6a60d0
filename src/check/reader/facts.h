/*
 * facts: what the mail's own header says, for people and for rules.
 */
#ifndef CHECK_READER_FACTS_H
#define CHECK_READER_FACTS_H

#include "check/reader/mime.h"
#include "reading.h"

/* Fill subject, date, from ... n_received, with findings about the header. */
void facts_read(struct reading *reading, const struct mime *mime);

#endif
