/*
 * length: lengths as CSS writes them.
 */
#ifndef CHECK_READER_LENGTH_H
#define CHECK_READER_LENGTH_H

#include <stdbool.h>

#include "util/buf.h"

/* The number at the value's start and its unit; false: it has none. */
bool length_number(struct span value, double *n, struct span *unit);

/* What one of a unit is in pixels, about; per cent are of a page's width. */
double length_pixels(struct span unit);

/* As a size of letters: smaller than anybody can read? */
bool length_tiny(struct span value);

/* As a height or width: no more than a line of dots? */
bool length_flat(struct span value);

/* Naught or less? */
bool length_zero(struct span value);

/* A list of lengths, one of which leads beyond any page's edge? */
bool length_far(struct span value);

/* Has it digits, and are they all naught? */
bool length_naught(struct span value);

/* As a share of all: so little that nothing is seen? */
bool length_faint(struct span value);

#endif
