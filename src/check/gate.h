/*
 * gate: what a channel's mode lets pass when no rule decides, and which share
 * of what passes is reviewed all the same.
 */
#ifndef CHECK_GATE_H
#define CHECK_GATE_H

#include <stdbool.h>

#include "check/judge.h"
#include "check/trace.h"

#define GATE_WHY 256 /* bytes of a reason */

struct gate {
	const struct judge_facts *facts;
	const struct channel *channel; /* or NULL */
	bool mixed; /* its recipients are not all of this channel */
	enum verdict_severity severity;
	struct trace *trace; /* gets what each signal says */
};

/* Does the mode let it pass?  why: the first reason against it. */
bool gate_opens(const struct gate *gate, char why[GATE_WHY]);

/* Is it among the share that is reviewed?  why: which share. */
bool gate_samples(const struct gate *gate, char why[GATE_WHY]);

/* "review", "confidence", "exception", "after". */
const char *gate_mode_name(enum channel_mode mode);

#endif
