/*
 * near: which known name somebody may have meant, for "did you mean".  Pure.
 */
#ifndef UTIL_NEAR_H
#define UTIL_NEAR_H

#define NEAR_FAR 99u /* not the same at all */

/*
 * How many letters must be added, left out or changed to make b of a
 * (Levenshtein's distance), case apart; NEAR_FAR for names above 62 bytes.
 */
unsigned near_distance(const char *a, const char *b);

/*
 * Is candidate nearer to what was written than *least?  Then it becomes *best
 * and *least its distance.  Begin with *best NULL and *least one more than what
 * still counts as near (4 for long names, 3 for short ones).
 */
void near_try(const char *written, const char *candidate, const char **best,
    unsigned *least);

#endif
