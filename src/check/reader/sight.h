/*
 * sight: all that is known of a draft when plug-ins and conditions look at it.
 */
#ifndef CHECK_READER_SIGHT_H
#define CHECK_READER_SIGHT_H

#include "check/reader/about.h"
#include "check/reader/mime.h"
#include "check/reader/text.h"
#include "reading.h"
#include "util/buf.h"

struct sight {
	struct reading *reading; /* to which findings and marks are added */
	const struct mime *mime;
	const struct text_more *more;
	struct span own;  /* own.h; without what nobody sees */
	struct span bare; /* likewise, all of the text */
	const struct about *about;
};

#endif
