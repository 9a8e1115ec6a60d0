/*
 * editable: may this mail get this new text?  Each answer is NULL for yes or
 * a constant text for the reviewer that says why not.
 */
#ifndef CHECK_READER_EDITABLE_H
#define CHECK_READER_EDITABLE_H

#include <stdbool.h>

#include "check/reader/mime.h"

#include "util/buf.h"

/* Is the new text one that can stand in a mail? */
const char *editable_text(struct span text);

/*
 * Is the mail one that can be changed at all, by whatever edit?  And is it one
 * whose text can be, and nothing else with it?  Writes the node that gets the
 * text to chosen, or -1.
 */
const char *editable_whole(const struct mime *mime);
const char *editable_mail(const struct mime *mime, int *chosen);

/* What editable_change() says of a text that changes nothing. */
extern const char editable_same[];

/* Is the text (tidied, LF at the end) another than the chosen part has? */
const char *editable_change(
    const struct mime *mime, int chosen, struct span text);

/* Do two texts say the same, spaces and line ends at the end of lines aside? */
bool editable_same_text(struct span a, struct span b);

#endif
