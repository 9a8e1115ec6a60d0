/*
 * mime: where everything stands in a mail.  The mail is split, never copied:
 * all ranges are byte offsets into it.
 *
 * Every byte has one place: in the delimiter, header, blank line or body of a
 * node, in the closing delimiter of a multipart, or in one of the "outside"
 * ranges, which list what a mail program may or may not show: preambles,
 * epilogues, header lines that are no fields, and what lies behind a limit.
 * Nothing is dropped in silence.  Time is linear in the size of the mail, and
 * no recursion follows the mail's nesting.
 */
#ifndef CHECK_READER_MIME_H
#define CHECK_READER_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "check/reader/field.h"
#include "util/arena.h"
#include "util/buf.h"

#define MIME_DEPTH_MAX	      100	   /* multiparts within multiparts */
#define MIME_NODES_MAX	      1000	   /* in one mail */
#define MIME_FIELDS_MAX	      20000	   /* in one mail */
#define MIME_HEADER_MAX	      (256 * 1024) /* bytes of one header section */
#define MIME_HEADER_LINES_MAX 2000	   /* fields of one header section */
#define MIME_BOUNDARY_MAX     200	   /* bytes; RFC 2046 5.1.1 allows 70 */

struct mime_range {
	size_t offset, length;
};

enum mime_kind {
	MIME_LEAF,	/* body is content */
	MIME_MULTIPART, /* body holds preamble, children, epilogue */
	MIME_MESSAGE	/* message/rfc822: body is its only child */
};

enum mime_encoding {
	MIME_PLAIN, /* 7bit, 8bit, binary or none given */
	MIME_BASE64,
	MIME_QUOTED, /* quoted-printable */
	MIME_UNKNOWN /* something else; taken as it stands */
};

/* What is odd about a node; several may be set. */
#define MIME_TWO_TYPES	    0x0001u  /* Content-Type more than once */
#define MIME_TWO_ENCODINGS  0x0002u  /* likewise the transfer encoding */
#define MIME_TWO_BOUNDARIES 0x0004u  /* parameter more than once */
#define MIME_ODD_BOUNDARY   0x0008u  /* too long, or in RFC 2231 form */
#define MIME_NO_BOUNDARY    0x0010u  /* a multipart without one: a leaf */
#define MIME_NO_PARTS	    0x0020u  /* its boundary never comes: a leaf */
#define MIME_UNCLOSED	    0x0040u  /* no closing delimiter */
#define MIME_ENCODED_TREE   0x0080u  /* base64 or such of a multipart */
#define MIME_BAD_TYPE	    0x0100u  /* Content-Type cannot be read */
#define MIME_BAD_ENCODING   0x0200u  /* transfer encoding is not known */
#define MIME_NEAR_BOUNDARY  0x0400u  /* a line only begins like a delimiter */
#define MIME_JUNK_IN_HEADER 0x0800u  /* a line that is no field */
#define MIME_BLANK_IN_FIELD 0x1000u  /* a folded line of blanks only */
#define MIME_HEADER_CUT	    0x2000u  /* a delimiter within the header */
#define MIME_TOO_DEEP	    0x4000u  /* not looked into: a leaf */
#define MIME_HEADER_LARGE   0x8000u  /* fields not looked at: see outside */
#define MIME_TWO_PARAMS	    0x10000u /* charset or file name, with two values */

struct mime_node {
	int parent;	/* index; -1: this is the mail itself */
	unsigned depth; /* 0: the mail itself */
	enum mime_kind kind;
	unsigned odd;		      /* MIME_TWO_TYPES ... */
	struct mime_range delimiter;  /* the line that opens it, or empty */
	struct mime_range header;     /* its field lines, no blank line */
	struct mime_range body;	      /* without the CRLF of a delimiter */
	size_t first_field, n_fields; /* in mime->fields */
	const char *type;	      /* "text/plain", lower case; never NULL */
	const char *charset;	      /* lower case, or NULL */
	const char *boundary;	      /* of a multipart, or NULL */
	const char *filename;	      /* decoded UTF-8, not cleaned, or NULL */
	const char *disposition;      /* "attachment", lower case, or NULL */
	bool flowed, delsp;	      /* RFC 3676 */
	bool typed;		      /* it has a Content-Type field */
	enum mime_encoding encoding;
};

enum mime_outside_kind {
	MIME_PREAMBLE,
	MIME_EPILOGUE,
	MIME_JUNK,	    /* a header line that is no field */
	MIME_UNREAD_HEADER, /* fields behind a limit */
	MIME_UNREAD	    /* parts behind the limit, to the mail's end */
};

struct mime_outside {
	enum mime_outside_kind kind;
	int node;
	struct mime_range range;
};

struct mime {
	struct arena *arena; /* the caller's */
	struct span mail;
	size_t n_nodes; /* at least 1; parents before children, mail's order */
	struct mime_node *nodes;
	size_t n_fields;
	struct field *fields;
	size_t n_outside;
	struct mime_outside *outside;
	bool too_many_parts;
	/* mime.c's own */
	size_t room_nodes, room_fields, room_outside;
};

/*
 * Split a mail.  Never fails.  What it finds lives in the arena, the mail's
 * bytes must outlive it.
 */
struct mime *mime_split(struct arena *arena, struct span mail);

/* The bytes of a range. */
struct span mime_bytes(const struct mime *mime, struct mime_range range);

/*
 * The first field of that name (any case) in a node's header, or NULL; then
 * the next one after a field.
 */
const struct field *mime_field(
    const struct mime *mime, const struct mime_node *node, const char *name);
const struct field *mime_field_after(const struct mime *mime,
    const struct mime_node *node, const struct field *field);

/* Where a field's lines stand in the mail, line ends included. */
struct mime_range mime_field_range(
    const struct mime *mime, const struct field *field);

/*
 * From the node's opening delimiter up to the next delimiter line of its
 * parent: what to take out so that the rest stays well formed.  Length 0 when
 * there is no such range: the mail itself, an inner message, an only child,
 * or a last child that no delimiter ends.
 */
struct mime_range mime_whole_part(
    const struct mime *mime, const struct mime_node *node);

#endif
