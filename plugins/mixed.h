/*
 * mixed: words whose letters come from two alphabets so that they look like
 * one.
 */
#ifndef MIXED_H
#define MIXED_H

#include <stdbool.h>
#include <stddef.h>

struct mixed_tables;

struct mixed_found {
	size_t words;	 /* that mix */
	char first[100]; /* one of them, or "" */
	/* words without a Latin letter that could be taken for Latin ones, and
	 * words that could not: where there are none of these, those lie */
	size_t borrowed, genuine;
	char borrowed_first[100];
};

/* NULL: ICU's tables cannot be had. */
struct mixed_tables *mixed_open(void);

/* NULL is harmless. */
void mixed_close(struct mixed_tables *tables);

/* Add what a text has.  found was zeroed by the caller.  Linear time. */
void mixed_look(const struct mixed_tables *tables, const char *text,
    size_t size, struct mixed_found *found);

#endif
