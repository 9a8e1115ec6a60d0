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
	    [VERDICT_NOTE] = "note",
	};

	return names[kind];
}

const char *verdict_severity_name(enum verdict_severity severity)
{
	static const char *const names[] = {
	    [SEVERITY_LOW] = "low",
	    [SEVERITY_NORMAL] = "normal",
	    [SEVERITY_HIGH] = "high",
	    [SEVERITY_CRITICAL] = "critical",
	};

	return names[severity];
}

void verdict_release(struct verdict *verdict)
{
	arena_free(verdict->arena);
	verdict->arena = NULL;
	verdict->ask = verdict->demand = verdict->trace = NULL;
}
