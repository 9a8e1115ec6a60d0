/*
 * rule: what may stand in a list of rules, a channel's or the global one, and
 * the way from there to struct rule (channel.h).
 */
#ifndef RULE_H
#define RULE_H

#include "config/channel.h"
#include "config/condition.h"
#include "config/config.h"
#include "config/setting.h"

struct rule_written {
	struct rule rule; /* without its condition */
	struct condition_written when;
	unsigned then_line, say_line, severity_line, ask_line, persons_line;
	unsigned not_after_line, tripwire_line;
};

/* The table of one rule. */
extern const struct setting_group rule_group;

/*
 * Make the rules.  -1 and err (INVALID, "file:line: ...") when one has no
 * name, the name of another, refuses without saying why, or passes everything.
 */
int rule_make_all(const struct condition_maker *maker,
    const struct rule_written *written, size_t n, struct rule *rules,
    struct error *err);

/*
 * What the rules' CONDITION_RATE ask about, each once, added to the *n at
 * *rates, which grow in the arena.
 */
void rule_rates(struct arena *arena, const struct rule *rules, size_t n_rules,
    struct verdict_rate **rates, size_t *n);

/* May it stand in the log and in lists: no blanks, quotes, colons, and at most
 * 63 bytes? */
bool rule_plain_name(const char *name);

#endif
