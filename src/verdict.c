/*
 * verdict: the names of the verdicts.  Who gives one is left to check/judge.
 */
#include "verdict.h"

const char *verdict_name(enum verdict_kind kind)
{
	static const char *const names[] = {
	    [VERDICT_HOLD] = "hold",
	    [VERDICT_PASS] = "pass",
	    [VERDICT_REFUSE] = "refuse",
	};

	return names[kind];
}
