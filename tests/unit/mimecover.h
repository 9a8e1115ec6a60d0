/*
 * mimecover: the promise of check/reader/mime.h that every byte has a place,
 * as a function for tests and for the fuzzer.
 */
#ifndef TESTS_UNIT_MIMECOVER_H
#define TESTS_UNIT_MIMECOVER_H

#include <stdlib.h>
#include <string.h>

#include "check/reader/mime.h"
#include "util/mem.h"

static inline void mimecover_mark(
    char *seen, size_t size, struct mime_range range, const char **why)
{
	if (range.offset > size || range.length > size - range.offset) {
		*why = "a range lies outside of the mail";
		return;
	}
	if (memchr(seen + range.offset, 1, range.length) != NULL)
		*why = "two ranges overlap";
	memset(seen + range.offset, 1, range.length);
}

/* What is in no range must be line ends and closing delimiters. */
static inline void mimecover_rest(
    struct span mail, const char *seen, const char **why)
{
	for (size_t i = 0; i < mail.len; i++) {
		size_t from = i;

		while (i < mail.len && !seen[i])
			i++;
		while (from < i &&
		       (mail.data[from] == '\r' || mail.data[from] == '\n'))
			from++;
		if (from < i && (i - from < 2 || mail.data[from] != '-' ||
				    mail.data[from + 1] != '-'))
			*why = "bytes are in no range";
	}
}

/* NULL when the split is sound, else what is wrong with it. */
static inline const char *mimecover(const struct mime *mime)
{
	struct span mail = mime->mail;
	char *seen = mem_zalloc(mail.len + 1);
	const char *why = NULL;

	for (size_t i = 0; i < mime->n_nodes; i++) {
		const struct mime_node *node = &mime->nodes[i];

		if (node->parent >= (int)i || (i > 0 && node->parent < 0))
			why = "a child stands before its parent";
		mimecover_mark(seen, mail.len, node->delimiter, &why);
		mimecover_mark(seen, mail.len, node->header, &why);
		if (node->kind == MIME_LEAF)
			mimecover_mark(seen, mail.len, node->body, &why);
	}
	for (size_t i = 0; i < mime->n_outside; i++) {
		enum mime_outside_kind kind = mime->outside[i].kind;

		if (kind != MIME_JUNK && kind != MIME_UNREAD_HEADER)
			mimecover_mark(
			    seen, mail.len, mime->outside[i].range, &why);
	}
	mimecover_rest(mail, seen, &why);
	free(seen);
	return why;
}

#endif
