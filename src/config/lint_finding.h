/*
 * lint_finding: is there anything that could report a finding of that name?
 */
#ifndef LINT_FINDING_H
#define LINT_FINDING_H

#include <stdbool.h>

#include "config/config.h"
#include "util/arena.h"

#define LINT_FINDING_HINT 256

struct lint_findings;

/*
 * Who finds what: the core, and plug-ins as lines of "PLUGIN FINDING" say;
 * NULL: not known.  Lives in the arena; the configuration must outlive it.
 */
const struct lint_findings *lint_finding_read(
    const struct config *config, const char *lines, struct arena *arena);

/*
 * Could something of this channel (NULL: of any) report a finding of that name,
 * which may end in '*'?  Yes where not all is known.  If not, hint is "; did
 * you mean ...?", or what else would help.
 */
bool lint_finding_known(const struct lint_findings *findings,
    const struct channel *channel, const char *name,
    char hint[LINT_FINDING_HINT]);

#endif
