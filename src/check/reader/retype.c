/*
 * retype: surgery on header fields.  Every other byte of a field stays, so
 * that folding, order and parameters are what the sender chose.
 */
#include "check/reader/retype.h"

#include "check/reader/field.h"
#include "check/reader/fold.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static struct mime_range range_of(const struct mime *mime, struct span bytes)
{
	return (struct mime_range){
	    (size_t)(bytes.data - mime->mail.data), bytes.len};
}

static void add_str(
    struct splices *splices, struct mime_range range, const char *text)
{
	splice_add(splices, range, (struct span){text, strlen(text)});
}

static void insert_field(
    struct splices *splices, const struct mime_node *node, const char *line)
{
	struct mime_range end = {node->header.offset + node->header.length, 0};

	add_str(splices, end, line);
}

/* --- parameters -------------------------------------------------------- */

/*
 * Length of one parameter at p: up to the ';' that ends it, which may not
 * stand in a quoted string or comment.
 */
static size_t parameter_length(struct span rest)
{
	size_t i, comments = 0;
	bool quoted = false;

	for (i = 0; i < rest.len; i++) {
		char c = rest.data[i];

		if (c == '\\' && (quoted || comments > 0))
			i++;
		else if (c == '"' && comments == 0)
			quoted = !quoted;
		else if (!quoted && c == '(')
			comments++;
		else if (!quoted && c == ')' && comments > 0)
			comments--;
		else if (!quoted && comments == 0 && c == ';')
			return i;
	}
	return rest.len;
}

/* "charset=x", "charset*=x", "charset*0=x". */
static bool is_charset(struct span parameter)
{
	static const char name[] = "charset";
	size_t i = strlen(name);

	parameter = field_trim(parameter);
	if (parameter.len <= i || strncasecmp(parameter.data, name, i) != 0)
		return false;
	return strchr("=* \t\r\n", parameter.data[i]) != NULL &&
	       parameter.data[i] != '\0';
}

/* Text NULL takes the parameter away, with the ';' before it. */
static void replace_charset(struct splices *splices, const struct mime *mime,
    struct span parameter, const char *text)
{
	struct span whole = {parameter.data - 1, parameter.len + 1};

	if (text == NULL)
		add_str(splices, range_of(mime, whole), "");
	else
		add_str(splices, range_of(mime, field_trim(parameter)), text);
}

/* The first charset becomes the new one, others go. */
static void change_charset(struct splices *splices, const struct mime *mime,
    const struct field *field, const char *charset)
{
	const char *text = arena_printf(splices->arena, "charset=%s", charset);
	struct span rest = field->value, parameter = rest;
	bool done = false;

	while (rest.len > 0) {
		parameter = (struct span){rest.data, parameter_length(rest)};
		if (parameter.data != field->value.data &&
		    is_charset(parameter)) {
			replace_charset(
			    splices, mime, parameter, done ? NULL : text);
			done = true;
		}
		rest.data += parameter.len;
		rest.len -= parameter.len;
		if (rest.len > 0) {
			rest.data++;
			rest.len--;
			parameter = (struct span){rest.data, 0};
		}
	}
	if (done)
		return;
	parameter = field_trim(parameter);
	add_str(splices,
	    range_of(mime, (struct span){parameter.data + parameter.len, 0}),
	    arena_printf(
		splices->arena, "%s%s", parameter.len > 0 ? "; " : " ", text));
}

/* --- a node ------------------------------------------------------------ */

static bool retype_charset(struct splices *splices, const struct mime *mime,
    const struct mime_node *node, const char *charset)
{
	const struct field *field = mime_field(mime, node, "Content-Type");

	if (field != NULL) {
		change_charset(splices, mime, field, charset);
		return false;
	}
	insert_field(splices, node,
	    arena_printf(splices->arena, "Content-Type: %s; charset=%s\r\n",
		node->type, charset));
	return true;
}

static bool retype_encoding(struct splices *splices, const struct mime *mime,
    const struct mime_node *node, const char *encoding)
{
	const struct field *field =
	    mime_field(mime, node, "Content-Transfer-Encoding");

	if (field != NULL) {
		add_str(splices, range_of(mime, field_trim(field->value)),
		    encoding);
		return false;
	}
	insert_field(splices, node,
	    arena_printf(
		splices->arena, "Content-Transfer-Encoding: %s\r\n", encoding));
	return true;
}

void retype_node(struct splices *splices, const struct mime *mime, int node,
    const struct retype *retype)
{
	const struct mime_node *root = &mime->nodes[0];
	bool added = false;

	if (retype->charset != NULL)
		added |= retype_charset(
		    splices, mime, &mime->nodes[node], retype->charset);
	if (retype->encoding != NULL)
		added |= retype_encoding(
		    splices, mime, &mime->nodes[node], retype->encoding);
	if (added && mime_field(mime, root, "MIME-Version") == NULL)
		insert_field(splices, root, "MIME-Version: 1.0\r\n");
}

/* --- fields that are wrong now ----------------------------------------- */

static const struct drop_row {
	const char *name;
	bool signature; /* over the whole mail: in its own header only */
} drop_rows[] = {
    {"Content-Length", false},
    {"Lines", false},
    {"Content-MD5", false},
    {"DKIM-Signature", true}, /* RFC 6376 */
    {"DomainKey-Signature", true},
    {"X-Google-DKIM-Signature", true},
    {"ARC-Seal", true}, /* RFC 8617 */
    {"ARC-Message-Signature", true},
    {"ARC-Authentication-Results", true},
};

static const struct drop_row *drop_row_of(const struct field *field)
{
	size_t row;

	for (row = 0; row < sizeof(drop_rows) / sizeof(drop_rows[0]); row++)
		if (field_is(field, drop_rows[row].name))
			return &drop_rows[row];
	return NULL;
}

bool retype_is_broken(const struct field *field)
{
	return drop_row_of(field) != NULL;
}

unsigned retype_drop(
    struct splices *splices, const struct mime *mime, int node, bool body)
{
	const struct mime_node *at = &mime->nodes[node];
	const struct drop_row *row;
	const struct field *field;
	unsigned signatures = 0;
	size_t i;

	for (i = 0; i < at->n_fields; i++) {
		field = &mime->fields[at->first_field + i];
		row = drop_row_of(field);
		if (row == NULL || (row->signature ? node != 0 : !body))
			continue;
		add_str(splices, mime_field_range(mime, field), "");
		signatures += row->signature;
	}
	return signatures;
}
