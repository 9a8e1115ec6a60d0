/*
 * armour: takes the frame off.  Whether the signature holds is left to those
 * who have the key.
 */
#include "check/reader/armour.h"

#include "check/reader/field.h"
#include "check/reader/fold.h"

#include <stdbool.h>

#define BEGIN "-----BEGIN PGP SIGNED MESSAGE-----"
#define END   "-----BEGIN PGP SIGNATURE-----"

static bool is_line(struct span line, const char *text)
{
	return fold_is(field_trim(line), text);
}

/* Up to the blank line behind the fields ("Hash: SHA256"); false: none. */
static bool take_fields(struct span *rest)
{
	struct span line;

	while ((line = field_line(rest)).len > 0)
		if (field_trim(line).len == 0)
			return true;
	return false;
}

/* Lines up to the signature; those that begin with a dash have "- " before
 * it.  false: no signature. */
static bool take_text(struct span *rest, struct buf *out)
{
	struct span line;

	while ((line = field_line(rest)).len > 0) {
		if (is_line(line, END))
			return true;
		if (fold_begins(line, "- "))
			line = (struct span){line.data + 2, line.len - 2};
		buf_add_span(out, line);
	}
	return false;
}

struct span armour_inside(struct arena *arena, struct span text)
{
	struct span rest = text, line;
	struct buf out;
	bool whole;

	do
		line = field_line(&rest);
	while (line.len > 0 && field_trim(line).len == 0);
	if (!is_line(line, BEGIN))
		return text;
	buf_init(&out, text.len + 1);
	whole = take_fields(&rest) && take_text(&rest, &out);
	if (whole)
		text =
		    (struct span){arena_dup(arena, out.data, out.len), out.len};
	buf_release(&out);
	return text;
}
