/*
 * verdict: what is to become of a draft at intake, and why.  check/judge makes
 * it, hold stores it, accept answers with it.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stddef.h>
#include <stdint.h>

enum verdict_kind { VERDICT_HOLD, VERDICT_PASS, VERDICT_REFUSE };

struct verdict {
	enum verdict_kind kind;
	char rule[64];	  /* name of the rule that said so, or "default" */
	char reason[256]; /* for the reviewer: why it is held */
	char say[256];	  /* for the agent, when refused */
};

/* What the ledger knows that bears on a draft; filled inside the commit. */
struct verdict_history {
	int64_t duplicate_of; /* id of an earlier equal draft, or 0 */
};

/* "hold", "pass", "refuse". */
const char *verdict_name(enum verdict_kind kind);

#endif
