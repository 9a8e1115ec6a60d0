/*
 * waiting_ledger: what the thread of a reviewer's mailbox asks the ledger.
 * Each call waits for the answer; -1 and err, also when the thread must end.
 */
#ifndef MAILBOX_WAITING_LEDGER_H
#define MAILBOX_WAITING_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "hold/hold.h"

#include "mailbox/internal.h"
#include "mailbox/waiting_mail.h"
#include "util/error.h"

/* What is to stand in the folder, and what not any more. */
struct waiting_list {
	struct hold_untold verb; /* its rows; folder */
	char name[64], reviewer[64];
	const char *reviewers[1];
	unsigned char key[WAITING_KEY_SIZE]; /* that signs tokens */
};
struct waiting_list *waiting_ledger_list(
    struct mailbox_worker *worker, unsigned limit, struct error *err);
void waiting_ledger_list_free(struct waiting_list *list);

/* Write the notice of a row that has none.  1: it is over by now. */
int waiting_ledger_notice(struct mailbox_worker *worker,
    const struct hold_due_prompt *prompt, int64_t *notice, struct error *err);

/* What a notice of this mailbox is about.  1: there is none. */
int waiting_ledger_item(struct mailbox_worker *worker, int64_t notice,
    struct waiting_item *item, struct error *err);

/* The bytes of that revision; free() its bytes, then it. */
struct hold_load *waiting_ledger_load(struct mailbox_worker *worker,
    const struct waiting_item *item, struct error *err);

/* It is in the folder; or (over) gone from there. */
int waiting_ledger_heard(struct mailbox_worker *worker, int64_t notice,
    bool over, struct error *err);

#endif
