/*
 * local: readers and judge without a daemon, for the command line: are the
 * plug-ins fine, do the tests pass, what would become of this mail?
 *
 * Blocks; not for the daemon.
 */
#ifndef LOCAL_H
#define LOCAL_H

#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "trial.h"
#include "util/error.h"
#include "verdict.h"

struct local;

/*
 * Start a reader with the configuration's setup.  NULL and err: the reader
 * cannot start, or refuses the setup (INVALID, "file:line: ...").  The
 * configuration must outlive it.
 */
struct local *local_new(const struct config *config, struct error *err);
void local_free(struct local *local);

/* What its plug-ins say they find, as check_finds(). */
const char *local_finds(const struct local *local);

/* Run all tests; the result lives as long as local. */
const struct trial_result *local_trial(struct local *local);

/* A mail that is to be explained; what is NULL is taken from the mail. */
struct local_mail {
	const char *file;
	const char *agent, *from;
	const char *const *to; /* NULL-terminated, or NULL */
	const char *used;      /* result, in the verdict's arena: who sends it
				  to whom */
};

/*
 * What would become of it now, with an empty ledger?  The verdict is the
 * caller's to release, but after -1 (err: the file cannot be read, no sender
 * or no recipient is known).
 */
int local_explain(struct local *local, struct local_mail *mail,
    struct verdict *verdict, struct error *err);

#endif
