/*
 * element: what each element of HTML means for reading.
 */
#ifndef CHECK_READER_ELEMENT_H
#define CHECK_READER_ELEMENT_H

#include "util/buf.h"

/* What an element does; an or of these. */
#define ELEMENT_LINE   0x001u /* stands on lines of its own */
#define ELEMENT_SPACED 0x002u /* with an empty line around */
#define ELEMENT_VOID   0x004u /* has no content and no end tag */
#define ELEMENT_RAW    0x008u /* content is no markup */
#define ELEMENT_DROP   0x010u /* content is not for reading */
#define ELEMENT_UNSEEN 0x020u /* content is text that nobody sees */
#define ELEMENT_ACTIVE 0x040u /* does something */
#define ELEMENT_PRE    0x080u /* white space counts */
#define ELEMENT_CELL   0x100u /* apart from the text before it */
#define ELEMENT_ITEM   0x200u /* with a "* " */
#define ELEMENT_SHUTS  0x400u /* ends an open one of its own name, or a p */

#define ELEMENT_STRUCK	  0x800u  /* a line is drawn through its text */
#define ELEMENT_QUOTED	  0x1000u /* what it holds is somebody else's */
#define ELEMENT_QUOTED_ON 0x2000u /* and so is all that follows */
#define ELEMENT_SIGNED	  0x4000u /* it holds a signature */

/* What an element of that name (any case) does; 0 for unknown ones. */
unsigned element_does(struct span name);

/*
 * Does one of these names, of a class="" or id="", say that a mail program
 * put there what it answers to, or a signature?  ELEMENT_QUOTED,
 * ELEMENT_QUOTED_ON, ELEMENT_SIGNED; 0: no.
 */
unsigned element_quotes(struct span names);

#endif
