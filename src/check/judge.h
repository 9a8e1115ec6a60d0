/*
 * judge: a pure function from rules and facts to a verdict.  It compares
 * facts; it reads no mail and runs no regular expression.  Any thread.
 *
 * All rules are looked at, in order: the global ones, then the channel's own.
 * Each that fits adds its severity (the highest counts), whom to ask, how many
 * persons, a needed reason, not-before (the latest) and not-after (the
 * earliest).  What becomes of the mail, the first of these that applies:
 *
 *   1. a fitting refuse rule refuses
 *   2. what nothing may lower holds: a mail that could not be read, a tripwire
 *      finding, a fitting hold rule with tripwire, a refuse rule that may fit,
 *      an equal draft
 *   3. the first fitting hold or pass rule decides
 *   4. the mode of the channel; no channel: hold
 *
 * What would pass by 3 or 4 is still held when the sample takes it.  "May fit"
 * (a search that hit a limit, a currency without a rate, a confidence that is
 * not calibrated) counts as fitting, but never lets anything go.
 *
 * Recipients of different channels: each channel is judged by itself, the
 * strictest outcome counts, everybody whom one of them asks is asked.
 */
#ifndef CHECK_JUDGE_H
#define CHECK_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "message.h"
#include "reading.h"
#include "verdict.h"

#define JUDGE_TRACE_MAX ((size_t)32 * 1024) /* bytes of a verdict's trace */
#define JUDGE_ASK_MAX	((size_t)64 * 1024) /* bytes of names to ask */

struct judge_facts {
	const char *agent; /* or NULL */
	const struct envelope *envelope;
	uint64_t size; /* bytes as received */
	const struct reading *reading;
	/* counts: of the rates of the first channel, or else of the global
	 * ones, in their order; or NULL */
	const struct verdict_history *history;
	const struct config *config; /* rates of exchange, people */
	size_t n_rules;
	const struct rule *rules; /* of all channels: the global ones */
	size_t n_channels;
	const struct channel *const *channels; /* judge_channels() */
	int64_t now_ms;			       /* wall time of intake */
	uint64_t dice;	 /* for the sample and for groups that take turns */
	bool considered; /* the programs were asked: opinions are in */
};

/*
 * Fill every field of the verdict, which is the caller's to release.  Its rule
 * is the name of the rule that decided, "mode-review" and the like, "sample",
 * or "default" for what no rule said.
 */
void judge(const struct judge_facts *facts, struct verdict *verdict);

/* The channels of a mail. */
struct judge_chosen {
	size_t n;
	const unsigned *indices; /* in the configuration; ascending */
	const struct channel *const *channels;
	bool mixed; /* different channels, or some of one and some of none */
	const char *name; /* of the first, or "" */
	/* what is to be counted: for the first, or else for all mail */
	size_t n_rates;
	const struct verdict_rate *rates;
};

/*
 * Choose them, by agent and envelope alone: for each recipient the first whose
 * patterns fit.  In the arena.
 */
void judge_choose(const struct config *config, const char *agent,
    const struct envelope *envelope, struct arena *arena,
    struct judge_chosen *chosen);

#endif
