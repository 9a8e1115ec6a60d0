/*
 * equip: what a reader was given to look at drafts with: the plug-ins of each
 * channel, and text conditions.  Made once, before the seal.
 */
#ifndef CHECK_READER_EQUIP_H
#define CHECK_READER_EQUIP_H

#include <stdbool.h>

#include "check/reader/about.h"
#include "check/reader/sight.h"
#include "util/buf.h"
#include "util/error.h"

/*
 * Load all that the setup (setup.h; empty: nothing) names.  NULL and err when
 * something in it cannot be used; err names file and line.
 */
struct equip *equip_new(struct span setup, struct error *err);

/* Unload it.  NULL is harmless. */
void equip_free(struct equip *equip);

/*
 * Append what its plug-ins say they find, lines of "PLUGIN FINDING".  A plug-in
 * that does not say, or for which there is no room, is left out.
 */
void equip_finds(const struct equip *equip, struct buf *out);

/* Is there a plug-in that looks at this mail? */
bool equip_has_plugins(const struct about *about);

/*
 * Look at a draft with what concerns its channels: marks, findings, and who
 * owns the case by a field.
 */
void equip_look(const struct sight *sight);

#endif
