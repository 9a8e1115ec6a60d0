/*
 * confidence: how sure the agent says it is.  Its number counts only where the
 * admin wrote that it is calibrated; else it is unknown.
 */
#ifndef CHECK_CONFIDENCE_H
#define CHECK_CONFIDENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/channel.h"
#include "reading.h"
#include "util/amount.h"

/*
 * Read "0.93", ".9", "93%", "92.5 %": from 0 to 1, more than four digits behind
 * the point are cut.  False for anything else.
 */
bool confidence_read(const char *text, struct amount *number);

/*
 * The number that may be believed.  False when there is none, and then why
 * says so.  channel: or NULL.
 */
bool confidence_known(const struct reading *reading,
    const struct channel *channel, struct amount *number, char *why,
    size_t why_size);

#endif
