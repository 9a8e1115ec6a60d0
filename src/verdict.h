/*
 * verdict: what is to become of a draft at intake, and why.  check/judge makes
 * it, hold stores it, accept answers with it.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"

/* NOTE is a rule's only: it adds, and decides nothing. */
enum verdict_kind { VERDICT_HOLD, VERDICT_PASS, VERDICT_REFUSE, VERDICT_NOTE };

enum verdict_severity {
	SEVERITY_LOW,
	SEVERITY_NORMAL,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL
};

struct verdict {
	enum verdict_kind kind;
	char channel[64]; /* or "": none */
	char rule[64];	  /* name of the rule that said so, or "default" */
	char reason[256]; /* for the reviewer: why it is held */
	char say[256];	  /* for the agent, when refused */
	enum verdict_severity severity;
	unsigned persons;  /* who must approve; 0 is 1 */
	bool needs_reason; /* a decision must say why */
	bool opinions;	   /* programs are to be asked before it is decided */
	bool after;	   /* PASS: ask for a look when it was sent */
	/* wall times, 0: none */
	int64_t not_before_ms, not_after_ms, deadline_ms;
	int64_t step_ms; /* when the first step of the ladder is due */
	/* texts of any length, in the arena, which the verdict owns; NULL: ""
	 */
	struct arena *arena;
	const char *ask;    /* whom to ask if it is held; LF between */
	const char *demand; /* as people.h has it */
	const char *trace;  /* what each rule said; lines for people */
};

/* What a rate counts: drafts of the same ... */
enum verdict_rate_of {
	VERDICT_BY_AGENT,
	VERDICT_BY_CHANNEL,
	VERDICT_BY_RECIPIENT, /* the largest count of all recipients */
	VERDICT_BY_DOMAIN     /* likewise */
};

struct verdict_rate {
	enum verdict_rate_of of;
	unsigned per_s; /* in the last so many seconds */
};

struct finding;

/*
 * What the ledger knows that bears on a draft; filled inside the commit, so
 * that caps are exact.
 */
struct verdict_history {
	int64_t duplicate_of; /* id of an earlier equal draft, or 0 */
	/*
	 * first-contact, known-thread, duplicate, near-duplicate, resubmitted,
	 * same-message-id, replaces, replaces-nothing, customer-wrote-again,
	 * lookalike-of-known-recipient; value: the address or the draft's id
	 */
	size_t n_findings;
	const struct finding *findings;
	const uint64_t *counts; /* of each rate asked about, this draft too */
	const char *hold; /* why it must be held, whatever a rule says; NULL */
};

/* "hold", "pass", "refuse", "note". */
const char *verdict_name(enum verdict_kind kind);

/* "low", "normal", "high", "critical". */
const char *verdict_severity_name(enum verdict_severity severity);

/* Free its texts.  A zeroed verdict is harmless. */
void verdict_release(struct verdict *verdict);

#endif
