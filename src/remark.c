/*
 * remark: findings of the daemon's own.  What they lead to is left to the
 * rules.
 */
#include "remark.h"

#include <stdio.h>

/* Who the mail says it is from must be somebody the agent may be. */
static void check_authors(
    const struct config *config, const char *name, struct reading *reading)
{
	const struct config_agent *agent =
	    name == NULL ? NULL : config_agent(config, name);
	char detail[400];
	size_t i;

	for (i = 0; i < reading->n_authors; i++) {
		if (agent != NULL &&
		    config_agent_may_send_as(agent, reading->authors[i]))
			continue;
		snprintf(detail, sizeof(detail),
		    "the mail says it is from %.200s, which agent %.64s may "
		    "not use",
		    reading->authors[i], name ? name : "?");
		reading_add_finding(
		    reading, FINDING_TRIPWIRE, "from-not-authorised", detail);
	}
}

void remark_intake(const struct config *config, const char *agent, bool mixed,
    struct reading *reading)
{
	check_authors(config, agent, reading);
	remark_edit(mixed, reading);
}

void remark_folder(const char *where, struct reading *reading)
{
	char detail[200];

	snprintf(detail, sizeof(detail),
	    "it lay in %.100s, so it goes to whom its To, Cc and Bcc name",
	    where);
	reading_add_finding(
	    reading, FINDING_NOTE, "from-drafts-folder", detail);
}

void remark_edit(bool mixed, struct reading *reading)
{
	if (mixed)
		reading_add_finding(reading, FINDING_CAUTION, "mixed-channels",
		    "its recipients are not all of one channel");
}
