/*
 * remark: what the daemon itself adds to what a sealed reader saw in a draft,
 * because only the configuration knows it.
 */
#ifndef REMARK_H
#define REMARK_H

#include <stdbool.h>

#include "config/config.h"
#include "reading.h"

/*
 * Add the findings "from-not-authorised" (an author whom this agent may not
 * use; a tripwire) and, if its recipients are not all of one channel,
 * "mixed-channels" (caution).  agent: a name, or NULL.
 */
void remark_intake(const struct config *config, const char *agent, bool mixed,
    struct reading *reading);

/* It has no envelope of its own: it lay in that place, "mailbox NAME". */
void remark_folder(const char *where, struct reading *reading);

/* The same for an edited mail, whose authors are those of the first. */
void remark_edit(bool mixed, struct reading *reading);

#endif
