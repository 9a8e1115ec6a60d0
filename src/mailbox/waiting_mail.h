/*
 * waiting_mail: a held draft as it stands in a reviewer's folder: the bytes of
 * one revision, below fields of ours that say which, and prove it.  Pure.
 */
#ifndef MAILBOX_WAITING_MAIL_H
#define MAILBOX_WAITING_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hold/hold.h"

#include "config/config.h"
#include "util/buf.h"
#include "util/digest.h"

#define WAITING_KEY_SIZE 32
#define WAITING_MAC_SIZE 16
#define WAITING_HEAD_MAX ((size_t)4096)

/* What a notice by folder is about. */
struct waiting_item {
	int64_t notice, draft;
	unsigned number; /* of the revision */
	unsigned char revision[DIGEST_SIZE];
	char code[HOLD_CODE_SIZE];
	bool cut; /* not to be approved there */
};

/* Which notice a mail says that it is of; anybody can write that. */
struct waiting_claim {
	int64_t notice;
	unsigned char mac[WAITING_MAC_SIZE];
};

/* Append the fields that stand above the revision. */
void waiting_mail_head(
    struct buf *out, const struct waiting_item *item, const unsigned char *key);

/* The claim in its header; false: there is none, or more than one. */
bool waiting_mail_claim(struct span mail, struct waiting_claim *claim);

/* Did we make that claim for this item? */
bool waiting_mail_ours(const struct waiting_claim *claim,
    const struct waiting_item *item, const unsigned char *key);

/* Is it what we put: the revision to the last byte, below fields of ours? */
bool waiting_mail_same(struct span mail, struct span revision);

/*
 * Does a mail program show whom and what it is about?  A recipient that stands
 * in no To or Cc, a text that was not read to its end and parts that programs
 * read in several ways it does not.
 */
bool waiting_mail_tells(const struct hold_view *view);

/* Append a mail that says why one that lies beside it decided nothing. */
void waiting_mail_explain(struct buf *out, const struct config *config,
    const struct config_mailbox *mailbox, const char *moved_to);

#endif
