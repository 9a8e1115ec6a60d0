/*
 * nursery: a sealed reader that never sees a mail.  For each reply or edit it
 * forks; the fork reads that one and ends.
 */
#ifndef CHECK_READER_NURSERY_H
#define CHECK_READER_NURSERY_H

#include "check/reader/serve.h"

/*
 * Serve WIRE_FORK frames from descriptor WIRE_FD until the daemon closes it.
 * 0, or -1 when a frame made no sense.  In a fork it does not return.
 */
int nursery_run(const struct serve_calls *calls);

#endif
