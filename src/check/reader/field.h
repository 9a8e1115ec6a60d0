/*
 * field: header fields: where they begin and end, and what they say.  Texts
 * come back as valid UTF-8 on one line, with control characters made visible
 * (check/reader/visible.h).
 */
#ifndef CHECK_READER_FIELD_H
#define CHECK_READER_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/buf.h"

#define FIELD_TEXT_MAX (16 * 1024) /* bytes of one shown value; then "..." */

/* One field, as views into the mail. */
struct field {
	struct span raw;   /* all its lines, line ends included */
	struct span name;  /* without blanks before the colon */
	struct span value; /* behind the colon, folded, no last line end */
	bool blank_line;   /* has a folded line of blanks only */
};

enum field_step {
	FIELD_END, /* the blank line, or nothing left */
	FIELD_ONE, /* a field */
	FIELD_JUNK /* a line that is no field; only raw is set */
};

/*
 * Take one field, folded lines included, off the front of rest.  The blank
 * line that ends a header section is not taken.  No allocation.
 */
enum field_step field_next(struct span *rest, struct field *field);

/* One line off the front of rest, line end included.  Empty: none left. */
struct span field_line(struct span *rest);

/* A line without its LF or CRLF. */
struct span field_chomp(struct span line);

/* Without blanks and line ends at both ends. */
struct span field_trim(struct span s);

/* Is it this name, in whatever case?  And does it begin so? */
bool field_is(const struct field *field, const char *name);
bool field_begins(const struct field *field, const char *prefix);

/* What odd characters a text had: an or of VISIBLE_* (visible.h). */
struct field_text {
	const char *text; /* never NULL */
	unsigned odd;
	bool cut; /* longer than FIELD_TEXT_MAX */
};

/*
 * An unstructured value (Subject): unfolded, blanks trimmed, encoded-words of
 * RFC 2047 decoded, those split within a character joined.
 */
struct field_text field_text(struct arena *arena, struct span value);

/* As field_text(), but nothing is decoded: ids, dates. */
struct field_text field_plain(struct arena *arena, struct span value);

/*
 * A value unfolded, trimmed and decoded as by field_text(), but of any length
 * and with all its characters as they are; only a NUL becomes U+FFFD.
 */
const char *field_decoded(struct arena *arena, struct span value);

/* The message ids "<...>" in a value, one space between. */
const char *field_ids(struct arena *arena, struct span value);

#endif
