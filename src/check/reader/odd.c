/*
 * odd: a table from the splitter's marks to words for people.
 */
#include "check/reader/odd.h"

#include "check/reader/field.h"
#include "check/reader/note.h"

#include <string.h>
#include <strings.h>

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

/* Lines that mail programs write for those that know no MIME. */
static const char *const ordinary[] = {
    "This is a multi-part message in MIME format",
    "This is a multipart message in MIME format",
    "This is a multi-part message in MIME-format",
    "This message is in MIME format",
    "This is a MIME-formatted message",
    "This is a MIME formatted message",
    "This is a MIME-encapsulated message",
    "This is a MIME encapsulated message",
    "This is a MIME encoded message",
    "This is a MIME-encoded message",
    "This is a MIME multipart message",
    "This is a MIME message",
    "This is a multi-part message",
    "This is an OpenPGP/MIME signed message (RFC 2440 and 3156)",
    "This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
    "This is an OpenPGP/MIME encrypted message (RFC 2440 and 3156)",
    "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)",
    "This is a cryptographically signed message in MIME format",
    "This is an S/MIME signed message",
    "If you are reading this, your mail reader does not support MIME",
    "If you can read this, your mailer does not support MIME",
    "Your mail reader does not understand MIME message format",
    "This message is in MIME format. Since your mail reader does not "
    "understand",
    "this format, some or all of this message may not be legible",
};

static bool is_ordinary(struct span line)
{
	while (
	    line.len > 0 && strchr(".!- \t", line.data[line.len - 1]) != NULL)
		line.len--;
	if (line.len == 0)
		return true;
	for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++)
		if (strlen(ordinary[i]) == line.len &&
		    strncasecmp(ordinary[i], line.data, line.len) == 0)
			return true;
	return false;
}

bool odd_is_text(struct span bytes)
{
	while (bytes.len > 0)
		if (!is_ordinary(field_trim(field_line(&bytes))))
			return true;
	return false;
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
