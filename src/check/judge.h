/*
 * judge: a pure function from rules and facts to a verdict.  It compares
 * facts; it reads no mail and runs no regular expression.  Any thread.
 */
#ifndef CHECK_JUDGE_H
#define CHECK_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "message.h"
#include "reading.h"
#include "verdict.h"

/* Empty lists and zeroes ask nothing. */
struct config_rule {
	const char *name;
	const char *const *agents;     /* NULL-terminated, or NULL */
	const char *const *senders;    /* patterns, as message_address_fits */
	const char *const *recipients; /* patterns */
	uint64_t size_above;	       /* bytes; 0: not asked */
	enum verdict_kind then;
	const char *say; /* for the agent or the reviewer, or NULL */
};

struct judge_facts {
	const char *agent;
	const struct envelope *envelope;
	uint64_t size; /* bytes as received */
	const struct reading *reading;
	const struct verdict_history *history;
};

/*
 * First rule that fits wins; none: hold.  Before any rule: a mail that could
 * not be read, or that has a tripwire finding, is held unless a rule refuses
 * it.
 */
void judge(const struct config_rule *rules, size_t n_rules,
    const struct judge_facts *facts, struct verdict *verdict);

#endif
