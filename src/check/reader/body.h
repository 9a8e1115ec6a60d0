/*
 * body: what the bytes of a leaf are, once they are decoded.
 */
#ifndef CHECK_READER_BODY_H
#define CHECK_READER_BODY_H

#include "check/reader/mime.h"
#include "util/buf.h"

/* How people see a leaf. */
enum body_kind {
	BODY_NOTHING, /* not at all: a file */
	BODY_TEXT,    /* as it stands */
	BODY_HTML
};

/* By its media type. */
enum body_kind body_kind(const struct mime_node *node);

/*
 * Transfer encoding undone: a view into the mail, or into store, which needs
 * room for the body's length.  With store NULL an encoded body comes back as
 * a length without bytes.  wrong: places that are not what the encoding says.
 */
struct span body_bytes(const struct mime *mime, const struct mime_node *node,
    struct buf *store, size_t *wrong);

/* Without the byte order mark of UTF-8, if there is one. */
struct span body_without_bom(struct span bytes);

/*
 * Its charset by Content-Type, or as HTML itself names it; NULL: neither.
 * Lives in the mime's arena.
 */
const char *body_charset(
    const struct mime *mime, const struct mime_node *node, struct span bytes);

/* A charset_sink that keeps what fits into out and counts the rest. */
struct body_cap {
	struct buf *out;
	size_t lost; /* bytes */
};
void body_cap_add(void *cap, struct span piece);

/*
 * A leaf's content as UTF-8 with line ends as they are, up to out's maximum.
 * Returns the number of places that were bad (encoding, charset).
 */
size_t body_utf8(
    const struct mime *mime, const struct mime_node *node, struct buf *out);

#endif
