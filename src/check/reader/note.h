/*
 * note: findings with a formatted detail, and never a flood of one kind.
 */
#ifndef CHECK_READER_NOTE_H
#define CHECK_READER_NOTE_H

#include "reading.h"

#define NOTE_SAME_MAX 5 /* findings of one name; the last says "more" */

/* Add a finding; the detail is cut to one line of at most 300 bytes. */
void note_add(struct reading *reading, enum finding_weight weight,
    const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Findings for the odd characters (VISIBLE_*) of a text; where: "the Subject
 * field", "part 2".
 */
void note_header_characters(
    struct reading *reading, unsigned odd, const char *where);
void note_body_characters(
    struct reading *reading, unsigned odd, const char *where);

#endif
