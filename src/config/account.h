/*
 * account: the options of the IMAP mailboxes, and whether they fit together.
 */
#ifndef CONFIG_ACCOUNT_H
#define CONFIG_ACCOUNT_H

#include "config/config.h"

/* The rows of struct config_mailbox. */
extern const struct setting account_rows[];

/*
 * Check them, read their passwords, make paths absolute.  -1 and err (INVALID,
 * "file:line: ...").
 */
int account_check(struct config *config, struct error *err);

#endif
