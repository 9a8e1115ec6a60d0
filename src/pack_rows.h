/*
 * pack_rows: one table per struct says which field has which tag.  pack.c and
 * pack_get.c walk the same tables, so that they cannot differ.
 */
#ifndef PACK_ROWS_H
#define PACK_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACK_HEAD_SIZE	 5 /* of a field: tag and length */
#define PACK_TAG_READING 5 /* in an edit, after its rows: a packed reading */

enum pack_kind {
	PACK_LINE,   /* text without line ends, or NULL */
	PACK_LINES,  /* text, or NULL */
	PACK_BYTES,  /* struct span, anything */
	PACK_PROSE,  /* struct span of text */
	PACK_NUMBER, /* 1, 4 or 8 bytes wide; 0 is not written */
	PACK_LIST
};

struct pack_row {
	unsigned char tag; /* ascending; 0 ends a table */
	enum pack_kind kind;
	size_t offset; /* in the struct; of a list: of the pointer */
	bool needed;   /* a text that is never NULL */
	size_t width;  /* of a number, or of a list's items */
	uint64_t most; /* of a number */
	size_t count;  /* of a list: offset of the count */
	const struct pack_row *items;
};

extern const struct pack_row pack_rows_reading[];
extern const struct pack_row pack_rows_reply[];
extern const struct pack_row pack_rows_edit[];

#endif
