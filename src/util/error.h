/*
 * error: why something did not work, and what the other side should do.
 *
 * A function that can fail returns 0 or -1 and fills a struct error that its
 * caller owns.  The kind becomes a number only at the edges: an SMTP code, an
 * HTTP status, an exit code.  The text is lower case, has no full stop, and
 * never holds a secret or a line of a mail.
 */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

enum error_kind {
	ERROR_NONE = 0,
	ERROR_BUSY,	/* try again later: 4xx, 503 */
	ERROR_DENIED,	/* you may not: 550 5.7.1, 403 */
	ERROR_INVALID,	/* mend what you sent: 5xx, 400 */
	ERROR_MISSING,	/* no such thing: 550, 404 */
	ERROR_CONFLICT, /* somebody was first, or it changed: 409 */
	ERROR_FULL,	/* no room: 452, 507 */
	ERROR_INTERNAL	/* our fault; a peer never sees the text: 451, 500 */
};

struct error {
	enum error_kind kind;
	char text[496];
};

#define ERROR_INIT                                                             \
	{                                                                      \
		ERROR_NONE, ""                                                 \
	}

/*
 * Fill err (which may be NULL) with a kind and a formatted text, cut to fit.
 * Always returns -1, so that "return error_set(...)" reads well.
 */
int error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "prefix: " before the text that err already has.  Returns -1. */
int error_prefix(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The lower-case name of a kind, for logs and JSON ("busy", "denied" ...). */
const char *error_kind_name(enum error_kind kind);

#endif
