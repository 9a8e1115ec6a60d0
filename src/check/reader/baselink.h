/*
 * baselink: relative links, which lead where <base> says.
 */
#ifndef CHECK_READER_BASELINK_H
#define CHECK_READER_BASELINK_H

#include <stdbool.h>

#include "util/buf.h"

/*
 * Write to out where href leads from base; out has room for both.  False:
 * without base, or it is no relative one.
 */
bool baselink_join(struct span base, struct span href, struct buf *out);

#endif
