/*
 * editable: what an edit refuses.  A signature would break, an encrypted mail
 * cannot be read, and where two programs may see two mails, changing the text
 * of one would leave the other as it was.
 */
#include "check/reader/editable.h"

#include "check/reader/charset.h"
#include "check/reader/chosen.h"
#include "check/reader/field.h"
#include "check/reader/fold.h"

#include <string.h>

static const char is_signed[] =
    "the mail is signed by its sender, and an edit would break that";
static const char is_secret[] = "the mail is encrypted or signed by its sender";
static const char is_doubtful[] =
    "the mail's structure is ambiguous: programs may read it differently";
static const char old_text_stays[] =
    "the mail says its text also in a form that cannot be edited";

const char editable_same[] = "the new text is the same as the old one";

/* --- the new text ------------------------------------------------------ */

/* Tabs and line ends are text, other control characters are not. */
static bool is_text(const char *p, size_t size)
{
	if (size == 1)
		return ((unsigned char)*p >= 0x20 && *p != 0x7F) ||
		       *p == '\t' || *p == '\n' || *p == '\r';
	return size > 2 || (unsigned char)p[0] != 0xC2 ||
	       (unsigned char)p[1] >= 0xA0;
}

const char *editable_text(struct span text)
{
	const char *p = text.data, *end = p + text.len;
	size_t size;

	if (field_trim(text).len == 0)
		return "the new text is empty";
	if (text.len > CHOSEN_INPUT_MAX / 2)
		return "the new text is longer than 128 KB";
	for (; p < end; p += size) {
		size = charset_utf8(p, end);
		if (size == 0)
			return "the new text is not valid UTF-8";
		if (!is_text(p, size))
			return "the new text holds control characters";
	}
	return NULL;
}

/* --- the mail ---------------------------------------------------------- */

static const struct type_row {
	const char *type;
	const char *refusal;
} type_rows[] = {
    {"multipart/signed", is_signed},
    {"application/pgp-signature", is_signed},
    {"application/pkcs7-signature", is_signed},
    {"application/x-pkcs7-signature", is_signed},
    {"multipart/encrypted", is_secret},
    {"application/pgp-encrypted", is_secret},
    {"application/pkcs7-mime", is_secret},
    {"application/x-pkcs7-mime", is_secret},
    {"application/ms-tnef", old_text_stays},
    {"application/vnd.ms-tnef", old_text_stays},
};

static const char *refuse_type(const struct mime_node *node)
{
	size_t i;

	for (i = 0; i < sizeof(type_rows) / sizeof(type_rows[0]); i++)
		if (strcmp(node->type, type_rows[i].type) == 0)
			return type_rows[i].refusal;
	return NULL;
}

#define DOUBTFUL                                                               \
	(MIME_TWO_TYPES | MIME_TWO_ENCODINGS | MIME_TWO_BOUNDARIES |           \
	    MIME_ODD_BOUNDARY | MIME_NO_BOUNDARY | MIME_NO_PARTS |             \
	    MIME_ENCODED_TREE | MIME_BAD_TYPE | MIME_BAD_ENCODING |            \
	    MIME_HEADER_CUT | MIME_TOO_DEEP | MIME_HEADER_LARGE)

/* An alternative that a program may show, and that the edit cannot reach. */
static bool is_other_form(const struct mime *mime, int index, int chosen)
{
	const struct mime_node *node = &mime->nodes[index];
	int alternative = chosen_alternative(mime, chosen);

	if (index == chosen || alternative < 0 || node->kind != MIME_LEAF ||
	    !chosen_within(mime, index, alternative) ||
	    (node->disposition != NULL &&
		strcmp(node->disposition, "attachment") == 0))
		return false;
	if (strcmp(node->type, "text/html") == 0)
		return !chosen_is_text(node);
	return strncmp(node->type, "text/", 5) == 0 || /* AMP among them */
	       strcmp(node->type, "application/rtf") == 0;
}

/* A signature or a secret in the words themselves. */
static const char *refuse_words(const struct mime *mime)
{
	int chosen = chosen_first(mime);
	struct span words;

	if (chosen < 0)
		return NULL;
	words = chosen_read(mime, &mime->nodes[chosen]).text;
	if (fold_holds(words, "-----BEGIN PGP SIGNED MESSAGE-----"))
		return is_signed;
	if (fold_holds(words, "-----BEGIN PGP MESSAGE-----"))
		return is_secret;
	return NULL;
}

const char *editable_whole(const struct mime *mime)
{
	const char *refusal = NULL;
	int i;

	if (mime->too_many_parts)
		return is_doubtful;
	for (i = 0; i < (int)mime->n_nodes && refusal == NULL; i++) {
		if (chosen_inner(mime, i))
			continue;
		refusal = refuse_type(&mime->nodes[i]);
		if (refusal == NULL && (mime->nodes[i].odd & DOUBTFUL) != 0)
			refusal = is_doubtful;
	}
	return refusal != NULL ? refusal : refuse_words(mime);
}

const char *editable_mail(const struct mime *mime, int *chosen)
{
	const char *refusal = editable_whole(mime);
	int i;

	*chosen = chosen_first(mime);
	for (i = 0; i < (int)mime->n_nodes && refusal == NULL; i++)
		if (!chosen_inner(mime, i) && *chosen >= 0 &&
		    is_other_form(mime, i, *chosen))
			refusal =
			    arena_printf(mime->arena, "%s (a part of type %s)",
				old_text_stays, mime->nodes[i].type);
	if (refusal == NULL && *chosen < 0)
		refusal = "the mail has no text part";
	return refusal;
}

/* --- old against new --------------------------------------------------- */

/* One line off the front, without the blanks at its end. */
static struct span take_line(struct span *rest)
{
	struct span line = field_line(rest);

	while (
	    line.len > 0 && strchr(" \t\r\n", line.data[line.len - 1]) != NULL)
		line.len--;
	return line;
}

bool editable_same_text(struct span a, struct span b)
{
	struct span x, y;

	while (a.len > 0 || b.len > 0) {
		x = take_line(&a);
		y = take_line(&b);
		if (x.len != y.len ||
		    (x.len > 0 && memcmp(x.data, y.data, x.len) != 0))
			return false;
	}
	return true;
}

const char *editable_change(
    const struct mime *mime, int chosen, struct span text)
{
	struct span old = chosen_read(mime, &mime->nodes[chosen]).text;

	if (editable_same_text(old, text))
		return editable_same;
	return NULL;
}
