/*
 * domain: names of hosts, for the plug-ins that compare them: one spelling for
 * all, what a name looks like, and which part of it somebody registered.
 */
#ifndef DOMAIN_H
#define DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#define DOMAIN_MAX  256	 /* bytes of a name in its ASCII form, NUL too */
#define DOMAIN_LOOK 1024 /* bytes of a look or of a name as it is shown */

/* What is opened once: Unicode's tables. */
struct domain_tables;

/*
 * Open and touch every table, so that nothing is loaded later.  NULL: they
 * could not be had.  One thread at a time.
 */
struct domain_tables *domain_open(void);

/* NULL is harmless. */
void domain_close(struct domain_tables *tables);

/*
 * The one spelling of a name: small letters, each label in its ASCII form
 * ("xn--..."), no dot at the end.  False: it can be no name; out then holds
 * what there is, in small letters.
 */
bool domain_name(const struct domain_tables *tables, const char *text,
    size_t size, char out[DOMAIN_MAX]);

/* The name as people are shown it, in UTF-8. */
void domain_shown(const struct domain_tables *tables, const char *name,
    char out[DOMAIN_LOOK]);

/*
 * What a text looks like (UTS 39, without accents, letters all small): texts
 * that a hasty eye takes for each other have the same look.  text is UTF-8 as
 * it was written.  "" when it is too long to tell.
 */
void domain_look(const struct domain_tables *tables, const char *text,
    size_t size, char out[DOMAIN_LOOK]);

/* What is wrong with a name (ASCII form) by itself: "mixes scripts", or NULL.
 */
const char *domain_odd(const struct domain_tables *tables, const char *name);

/* Does text (no name of a host: "anna") mix scripts, or only look like
 * Latin letters? */
bool domain_text_odd(
    const struct domain_tables *tables, const char *text, size_t size);

/* The part of a name that somebody registered: "a.b.co.uk" gives "b.co.uk". */
const char *domain_base(const char *name);

/* Is name the same as parent, or below it? */
bool domain_under(const char *name, const char *parent);

/*
 * Are two registered names one letter apart in what was chosen freely: one
 * changed, added, left out, or two swapped?  Short names never are: there are
 * too many of them.
 */
bool domain_near(const char *a, const char *b);

/* Does a name end as many do, such as in "com" or "de"? */
bool domain_usual(const char *name);

/*
 * A text with "@" and "." for their wide forms, and nothing that has no width;
 * out has room bytes, DOMAIN_LOOK at most.  False: it is too long.
 */
bool domain_plain(const char *text, char *out, size_t room);

#endif
