/*
 * condition: the text conditions of the rules: patterns of PCRE2 that are run
 * over a draft.
 */
#ifndef CHECK_READER_CONDITION_H
#define CHECK_READER_CONDITION_H

#include <stddef.h>
#include <stdint.h>

#include "check/reader/sight.h"
#include "util/error.h"

/* In imprimatur.conf(5), CONDITIONS. */
#define CONDITION_PATTERN_MAX 65536  /* bytes of one */
#define CONDITION_STEPS_MAX   100000 /* of backtracking from one place */
#define CONDITION_HEAP_KIB    16384  /* memory of one match */
#define CONDITION_DEPTH_MAX   10000  /* nested backtracking points */
#define CONDITION_MS	      100    /* CPU time of one, per mail */
#define CONDITION_ALL_MS      1000   /* of all, per mail */

struct condition_set;

/* As it stands in the setup. */
struct condition_row {
	uint32_t mark;
	size_t n_channels;
	const unsigned *channels; /* none: it is about every mail */
	const char *where, *pattern, *file;
	unsigned line;
};

/* An empty set. */
struct condition_set *condition_set_new(void);

/*
 * Compile one into the set; everything is copied.  -1 and err when that cannot
 * be: "file:line: ...".
 */
int condition_add(struct condition_set *set, const struct condition_row *row,
    struct error *err);

/* No more are added. */
void condition_ready(struct condition_set *set);

/* Free it.  NULL is harmless. */
void condition_set_free(struct condition_set *set);

/*
 * Run those that concern the draft's channels, and fill the reading's marks.
 * One that met a limit, or text that was cut, is unsure unless it fits.
 */
void condition_run(const struct condition_set *set, const struct sight *sight);

#endif
