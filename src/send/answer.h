/*
 * answer: reads the relay host's replies (RFC 5321 4.2), strictly: a reply
 * that two programs could read in two ways is no reply.  Pure; fed with
 * whatever has arrived, in any pieces.
 */
#ifndef SEND_ANSWER_H
#define SEND_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

#define ANSWER_LINE_MOST                                                       \
	2048 /* bytes with CRLF; RFC 5321 4.5.3.1.5 has 512                    \
	      */
#define ANSWER_LINES_MOST  100
#define ANSWER_WORDS_SIZE  400 /* of a reply as one line for people */
#define ANSWER_STATUS_SIZE 12  /* "5.123.123" and NUL */

struct answer {
	unsigned code;	 /* 200 to 599 */
	struct buf text; /* of all lines, without codes; LF between */

	/* the reader's own */
	char line[ANSWER_LINE_MOST];
	size_t used;
	unsigned lines; /* of this reply so far */
	bool whole;	/* the next byte begins another reply */
};

enum answer_state {
	ANSWER_MORE,  /* all bytes were used; more are needed */
	ANSWER_WHOLE, /* a reply is complete */
	ANSWER_BAD    /* this is not SMTP; read no further */
};

/* Make an empty reader; answer_release() frees what it holds. */
void answer_init(struct answer *answer);
void answer_release(struct answer *answer);

/*
 * Read from the front of in and drop what was used from it.  After
 * ANSWER_WHOLE the next call begins another reply.  ANSWER_BAD: *why tells
 * what is wrong, a constant.
 */
enum answer_state answer_read(
    struct answer *answer, struct span *in, const char **why);

/*
 * The reply as one clean line of UTF-8, "550 5.1.1 no such user": control
 * characters and broken UTF-8 become '?', what does not fit is cut.
 */
void answer_words(const struct answer *answer, char out[ANSWER_WORDS_SIZE]);

/*
 * The enhanced status code at the front of the text (RFC 3463, RFC 2034), or
 * "" when there is none or its class is not that of the code.
 */
void answer_status(const struct answer *answer, char out[ANSWER_STATUS_SIZE]);

/* Does text begin with such a status?  Its length, or 0. */
size_t answer_status_length(const char *text);

#endif
