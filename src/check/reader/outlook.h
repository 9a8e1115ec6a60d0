/*
 * outlook: comments that Outlook heeds: "<!--[if mso]> text <![endif]-->".
 */
#ifndef CHECK_READER_OUTLOOK_H
#define CHECK_READER_OUTLOOK_H

#include "check/reader/markup.h"
#include "util/buf.h"

enum outlook {
	OUTLOOK_NOTHING, /* a comment for all */
	OUTLOOK_INSIDE,	 /* Outlook alone shows what is in it */
	OUTLOOK_SKIPS,	 /* Outlook skips what follows, up to the end */
	OUTLOOK_TAKES,	 /* what follows is for all, up to the end */
	OUTLOOK_END
};

/* What a comment means; inner: the markup that is in it. */
enum outlook outlook_read(
    const struct markup_token *comment, struct span *inner);

#endif
