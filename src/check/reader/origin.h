/*
 * origin: what a reply's header says about where it is from, and what is there
 * to prove it with.  Nothing is verified here.
 */
#ifndef CHECK_READER_ORIGIN_H
#define CHECK_READER_ORIGIN_H

#include "check/reader/mime.h"
#include "reading.h"

#define ORIGIN_TO_MAX	      1000 /* addresses that are looked at */
#define ORIGIN_SIGNATURES_MAX 16
#define ORIGIN_RESULTS_MAX    64

/* Fill origin; from: the one address in From, or NULL. */
void origin_read(
    const struct mime *mime, const char *from, struct reading_origin *origin);

/*
 * One text for each pair of these, blanks and line ends apart: the time and the
 * bytes of what somebody signed.  Lives in the arena.
 */
const char *origin_once(
    struct arena *arena, struct span when, struct span what);

/*
 * Read the value of one Authentication-Results field (RFC 8601 2.2) into
 * authserv, results and n_results.  What cannot be read leaves all empty.
 */
void origin_results(
    struct arena *arena, struct span value, struct reading_origin *origin);

#endif
