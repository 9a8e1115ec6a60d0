/*
 * waiting_place: what a thread remembers of one folder of a reviewer, from
 * round to round: its mails and what each was found to be.
 */
#ifndef MAILBOX_WAITING_PLACE_H
#define MAILBOX_WAITING_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mailbox/session.h"
#include "mailbox/waiting_mail.h"
#include "util/error.h"

enum waiting_kind {
	WAITING_NEW,	 /* nobody has looked at it */
	WAITING_FOREIGN, /* none of ours */
	WAITING_SAME,	 /* as we put it */
	WAITING_CHANGED
};

struct waiting_mail {
	uint32_t uid;
	enum waiting_kind kind;
	struct waiting_item item; /* of SAME and CHANGED */
	int64_t due_ms;		  /* monotonic: to be dealt with then; 0: no */
	const char *goes;	  /* it was: it only has to go there, or NULL */
	unsigned tries;
};

struct waiting_place {
	const char *folder;
	uint32_t validity;
	size_t n, room;
	struct waiting_mail *mails; /* ascending UIDs */
};

/*
 * Select the folder, which is made if it is not there, and see which mails
 * have come (NEW) and gone.
 */
int waiting_place_look(struct waiting_place *place,
    struct mailbox_session *session, const char *name, struct error *err);

/* The first mail of a notice that is of that kind, or NULL. */
struct waiting_mail *waiting_place_find(
    const struct waiting_place *place, int64_t notice, enum waiting_kind kind);

/* It is gone: do not wait for the next look to see that. */
void waiting_place_forget(struct waiting_mail *mail);

#endif
