/*
 * context: what the agent says of its draft, in "Imprimatur-*" fields or in
 * one JSON part.  Neither ever leaves.
 */
#ifndef CHECK_READER_CONTEXT_H
#define CHECK_READER_CONTEXT_H

#include <stdbool.h>

#include "check/reader/field.h"
#include "check/reader/mime.h"
#include "reading.h"

#define CONTEXT_TYPE	  "application/vnd.imprimatur.context+json"
#define CONTEXT_JSON_MAX  (256 * 1024) /* bytes */
#define CONTEXT_TEXT_MAX  (16 * 1024)  /* bytes of one value; then "..." */
#define CONTEXT_LINES_MAX 50	       /* fields of one name that are kept */

/* Before the reader seals itself: jansson asks the system for a seed. */
void context_warm(void);

/* Is it a field of ours: "Imprimatur-..." or "X-Imprimatur-..."? */
bool context_is_field(const struct field *field);

/*
 * Take its value over.  The same field several times is several lines.  An
 * unknown name is a finding.
 */
void context_take_field(struct reading *reading, const struct field *field);

/* Is this node the context part? */
bool context_is_part(const struct mime_node *node);

/*
 * Read the JSON (transfer encoding undone) into what the fields left open.
 * What cannot be read is a finding.
 */
void context_take_part(struct reading *reading, struct span json);

#endif
