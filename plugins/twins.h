/*
 * twins: do the plain text and the HTML of a mail say the same?
 */
#ifndef TWINS_H
#define TWINS_H

#include <imprimatur/plugin.h>

#include <stdbool.h>
#include <stddef.h>

#define TWINS_WORDS 3	/* different words of weight that are too many */
#define TWINS_SHOWN 160 /* bytes of the words that are shown, NUL too */

struct twins {
	size_t differences; /* words and figures that stand in one only */
	bool strong;	    /* a figure, an address or a "not" is among them */
	char plain[TWINS_SHOWN]; /* the first that stand in one only, or "" */
	char html[TWINS_SHOWN];
	bool footer; /* it is the end of the page, as pages end, and no sum */
	bool order;  /* only the order of words or figures differs */
};

/*
 * Compare the part of that index, a page or another text, with the part whose
 * alternative it is.  True: they differ.  What mail programs make of a page by
 * themselves counts as the same: link targets, list numbers, names of
 * pictures.  O(n log n).
 */
bool twins_differ(const struct imprimatur_host *host,
    struct imprimatur_report *report, const struct imprimatur_mail *mail,
    size_t html, struct twins *twins);

#endif
