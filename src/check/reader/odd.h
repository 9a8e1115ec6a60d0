/*
 * odd: what two mail programs could read in two ways, as findings.
 */
#ifndef CHECK_READER_ODD_H
#define CHECK_READER_ODD_H

#include "check/reader/mime.h"
#include "reading.h"

/* Findings for what the splitter marked. */
void odd_report(struct reading *reading, const struct mime *mime);

/*
 * Is this preamble or epilogue worth showing?  Not when it is blank or only
 * says that this is a message in MIME format, as many programs write.
 */
bool odd_is_text(struct span bytes);

#endif
