/*
 * enclosed: a whole mail that a person attached to an answer: the draft as
 * they want it.
 */
#ifndef CHECK_READER_ENCLOSED_H
#define CHECK_READER_ENCLOSED_H

#include "check/reader/mime.h"

#define ENCLOSED_MAX 20 /* attached mails that are looked at */

struct enclosed {
	unsigned n; /* that are no notices of ours */
	/* the mail when n is 1, decoded; in the mime's arena */
	struct span mail;
	const char *id, *from; /* its Message-ID and From, shown; or NULL */
};

/*
 * Look for message/rfc822 and *.eml parts, not for those that stand inside of
 * another.  Whatever has the id and the list of our notices is none: mail
 * programs attach what they answer to.
 */
void enclosed_find(const struct mime *mime, struct enclosed *out);

#endif
