/*
 * odd: a table from the splitter's marks to words for people.
 */
#include "check/reader/odd.h"

#include "check/reader/field.h"
#include "check/reader/note.h"

#include <string.h>

static const struct mark {
	unsigned odd;
	enum finding_weight weight;
	const char *name;
	const char *detail;
} marks[] = {
    {MIME_TWO_TYPES, FINDING_TRIPWIRE, "mime-ambiguous",
	"Content-Type is given more than once"},
    {MIME_TWO_ENCODINGS, FINDING_TRIPWIRE, "mime-ambiguous",
	"Content-Transfer-Encoding is given more than once"},
    {MIME_TWO_BOUNDARIES, FINDING_TRIPWIRE, "mime-ambiguous",
	"a multipart has two boundaries"},
    {MIME_ODD_BOUNDARY, FINDING_TRIPWIRE, "mime-ambiguous",
	"a boundary is written oddly, too long, or used twice"},
    {MIME_NO_BOUNDARY, FINDING_TRIPWIRE, "mime-ambiguous",
	"a multipart has no boundary"},
    {MIME_NO_PARTS, FINDING_TRIPWIRE, "mime-ambiguous",
	"the boundary of a multipart never comes"},
    {MIME_UNCLOSED, FINDING_CAUTION, "mime-ambiguous",
	"a multipart has no end"},
    {MIME_ENCODED_TREE, FINDING_TRIPWIRE, "mime-ambiguous",
	"a multipart or message is encoded as a whole"},
    {MIME_BAD_TYPE, FINDING_CAUTION, "mime-ambiguous",
	"a Content-Type is malformed"},
    {MIME_TWO_PARAMS, FINDING_CAUTION, "mime-ambiguous",
	"a charset or a file name is given more than once"},
    {MIME_BAD_ENCODING, FINDING_CAUTION, "mime-ambiguous",
	"a transfer encoding is not known"},
    {MIME_NEAR_BOUNDARY, FINDING_CAUTION, "mime-ambiguous",
	"a line only begins like a boundary"},
    {MIME_JUNK_IN_HEADER, FINDING_TRIPWIRE, "mime-ambiguous",
	"a header has a line that is no field"},
    {MIME_BLANK_IN_FIELD, FINDING_CAUTION, "mime-ambiguous",
	"a header has a line of blanks"},
    {MIME_HEADER_CUT, FINDING_CAUTION, "mime-ambiguous",
	"a header has no empty line at its end"},
    {MIME_TOO_DEEP, FINDING_TRIPWIRE, "mime-too-deep",
	"what is nested deeper is shown as it stands"},
    {MIME_HEADER_LARGE, FINDING_TRIPWIRE, "header-too-large",
	"the rest of the header is shown as it stands"},
};

/*
 * Sentences that mail programs write for those that know no MIME, in small
 * letters, with one blank for all that is no letter or digit.
 */
static const char *const ordinary[] = {
    "this is a multi part message in mime format ",
    "this is a multipart message in mime format ",
    "this is a multi part message ",
    "this is a multipart message ",
    "this is a mime formatted message ",
    "this is a mime encapsulated message ",
    "this is a mime encoded message ",
    "this is a mime multipart message ",
    "this is a mime message ",
    "this is a message in mime format ",
    "this message is in mime format ",
    "this is an openpgp mime signed message rfc 2440 and 3156 ",
    "this is an openpgp mime signed message rfc 4880 and 3156 ",
    "this is an openpgp mime encrypted message rfc 2440 and 3156 ",
    "this is an openpgp mime encrypted message rfc 4880 and 3156 ",
    "this is a cryptographically signed message in mime format ",
    "this is an s mime signed message ",
    "your mail reader does not understand mime message format ",
    "since your mail reader does not understand this format some or all of "
    "this message may not be legible ",
    "portions of this message may be unreadable without a mime capable mail "
    "program ",
    "the first part should be readable text while the remaining parts are "
    "likely unreadable without mime aware tools ",
    "if you see this text it means that your e mail software does not "
    "support mime formatted messages ",
    "if you are reading this your mail reader does not support mime ",
    "send mail to mime docserver cac washington edu for more info ",
};

/* So many bytes at most are compared; the above need less. */
#define ORDINARY_MAX 400

/* Small letters and digits, one blank between words and one at the end. */
static bool simplify(struct span bytes, char out[ORDINARY_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		char c = bytes.data[i];

		if (len + 2 >= ORDINARY_MAX || (c & 0x80) != 0)
			return false;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[len++] = c;
		else if (len > 0 && out[len - 1] != ' ')
			out[len++] = ' ';
	}
	if (len > 0 && out[len - 1] != ' ')
		out[len++] = ' ';
	out[len] = '\0';
	return true;
}

/* The length of the ordinary sentence at s, 0 when there is none. */
static size_t sentence(const char *s)
{
	for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++) {
		size_t len = strlen(ordinary[i]);

		if (strncmp(s, ordinary[i], len) == 0)
			return len;
	}
	return 0;
}

bool odd_is_text(struct span bytes)
{
	char words[ORDINARY_MAX];
	const char *p = words;
	size_t len;

	bytes = field_trim(bytes);
	if (bytes.len == 0)
		return false;
	if (!simplify(bytes, words))
		return true;
	while ((len = sentence(p)) > 0)
		p += len;
	return *p != '\0' || p == words;
}

void odd_report(struct reading *reading, const struct mime *mime)
{
	unsigned odd = 0;

	for (size_t i = 0; i < mime->n_nodes; i++)
		odd |= mime->nodes[i].odd;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if ((odd & marks[i].odd) != 0)
			note_add(reading, marks[i].weight, marks[i].name, "%s",
			    marks[i].detail);
	if (mime->too_many_parts)
		note_add(reading, FINDING_TRIPWIRE, "mime-too-many-parts",
		    "from part %d on it is shown as it stands", MIME_NODES_MAX);
}
