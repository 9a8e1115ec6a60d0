/*
 * route: whom a verdict asks, what it demands of them, and by when.
 */
#ifndef CHECK_ROUTE_H
#define CHECK_ROUTE_H

#include "check/judge.h"
#include "check/trace.h"

/* A rule that fits, and the channel for which it does. */
struct route_rule {
	const struct rule *rule;
	const struct channel *channel; /* or NULL */
};

struct route {
	const struct judge_facts *facts;
	struct verdict *verdict;
	struct trace *trace;
	size_t n_fitting;
	const struct route_rule *fitting;
	bool outsiders; /* there are recipients that no channel takes */
};

/*
 * Fill ask, demand, persons, needs_reason, opinions, deadline and step of a
 * verdict whose kind is known.
 */
void route_people(const struct route *route);

#endif
