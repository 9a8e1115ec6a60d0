/*
 * entity: reads Content-Type, Content-Transfer-Encoding and
 * Content-Disposition of one node.  The first of several counts.
 */
#include "check/reader/entity.h"

#include "check/reader/param.h"

#include <string.h>

#define TOKEN_MAX 127 /* bytes; RFC 6838 4.2 */

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* RFC 2046 5.1.5: parts of a digest are messages if nothing else is said. */
static const char *default_type(
    const struct mime *mime, const struct mime_node *node)
{
	if (node->parent >= 0 &&
	    strcmp(mime->nodes[node->parent].type, "multipart/digest") == 0)
		return "message/rfc822";
	return "text/plain";
}

/* Visible ASCII without specials; RFC 2045 5.1 calls it a token. */
static bool is_token(const char *s)
{
	const char *p = s;

	while (*p > ' ' && *p < 0x7f && strchr("\"<>@,:[]?=\\", *p) == NULL)
		p++;
	return p > s && *p == '\0' && p - s <= TOKEN_MAX;
}

static bool is_type(const char *type)
{
	const char *slash = strchr(type, '/');

	return is_token(type) && slash != NULL && slash > type &&
	       slash[1] != '\0' && strchr(slash + 1, '/') == NULL;
}

static void read_boundary(
    struct mime_node *node, const struct param_value *value)
{
	const struct param *param = param_find(value, "boundary");
	size_t len;

	if (param == NULL || *param->value == '\0') {
		node->odd |= MIME_NO_BOUNDARY;
		return;
	}
	len = strlen(param->value);
	if (param->twice)
		node->odd |= MIME_TWO_BOUNDARIES;
	if (param->extended || len > MIME_BOUNDARY_MAX)
		node->odd |= MIME_ODD_BOUNDARY;
	if (len <= MIME_BOUNDARY_MAX)
		node->boundary = param->value;
	else
		node->odd |= MIME_NO_BOUNDARY;
}

static const char *lower(struct arena *arena, const char *s)
{
	char *copy = arena_strdup(arena, s);

	for (char *p = copy; p != NULL && *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p | 0x20);
	return copy;
}

static bool is_twice(const struct param_value *value, const char *name)
{
	const struct param *param = param_find(value, name);

	return param != NULL && param->twice;
}

static void read_type(struct mime *mime, struct mime_node *node)
{
	const struct field *field = mime_field(mime, node, "content-type");
	struct param_value value;
	const char *format;

	node->type = default_type(mime, node);
	if (field == NULL)
		return;
	node->typed = true;
	if (mime_field_after(mime, node, field) != NULL)
		node->odd |= MIME_TWO_TYPES;
	param_read(mime->arena, field->value, &value);
	if (is_type(value.value))
		node->type = value.value;
	if (!is_type(value.value) || value.broken)
		node->odd |= MIME_BAD_TYPE;
	if (is_twice(&value, "charset") || is_twice(&value, "name"))
		node->odd |= MIME_TWO_PARAMS;
	node->charset = lower(mime->arena, param_text(&value, "charset"));
	node->filename = param_text(&value, "name");
	format = lower(mime->arena, param_text(&value, "format"));
	node->flowed = format != NULL && strcmp(format, "flowed") == 0;
	format = lower(mime->arena, param_text(&value, "delsp"));
	node->delsp = format != NULL && strcmp(format, "yes") == 0;
	if (starts(node->type, "multipart/"))
		read_boundary(node, &value);
}

static enum mime_encoding encoding_of(const char *name)
{
	static const struct {
		const char *name;
		enum mime_encoding encoding;
	} table[] = {
	    {"7bit", MIME_PLAIN},
	    {"8bit", MIME_PLAIN},
	    {"binary", MIME_PLAIN},
	    {"", MIME_PLAIN},
	    {"base64", MIME_BASE64},
	    {"quoted-printable", MIME_QUOTED},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].encoding;
	return MIME_UNKNOWN;
}

static void read_encoding(struct mime *mime, struct mime_node *node)
{
	const struct field *field =
	    mime_field(mime, node, "content-transfer-encoding");
	struct param_value value;

	if (field == NULL)
		return;
	if (mime_field_after(mime, node, field) != NULL)
		node->odd |= MIME_TWO_ENCODINGS;
	param_read(mime->arena, field->value, &value);
	node->encoding = encoding_of(value.value);
	if (node->encoding == MIME_UNKNOWN)
		node->odd |= MIME_BAD_ENCODING;
}

static void read_disposition(struct mime *mime, struct mime_node *node)
{
	const struct field *field =
	    mime_field(mime, node, "content-disposition");
	struct param_value value;
	const char *name;

	if (field == NULL)
		return;
	param_read(mime->arena, field->value, &value);
	node->disposition = is_token(value.value) ? value.value : NULL;
	if (is_twice(&value, "filename") ||
	    mime_field_after(mime, node, field) != NULL)
		node->odd |= MIME_TWO_PARAMS;
	name = param_text(&value, "filename");
	if (name != NULL)
		node->filename = name;
}

/* An encoded tree is against RFC 2045 6.4; some readers decode it. */
static void read_kind(struct mime_node *node)
{
	bool message = strcmp(node->type, "message/rfc822") == 0 ||
		       strcmp(node->type, "message/global") == 0;

	if (node->boundary != NULL)
		node->kind = MIME_MULTIPART;
	else if (message)
		node->kind = MIME_MESSAGE;
	if ((message || starts(node->type, "multipart/")) &&
	    (node->encoding == MIME_BASE64 || node->encoding == MIME_QUOTED)) {
		node->odd |= MIME_ENCODED_TREE;
		node->kind = MIME_LEAF;
	}
}

void entity_read(struct mime *mime, struct mime_node *node)
{
	read_type(mime, node);
	read_encoding(mime, node);
	read_disposition(mime, node);
	read_kind(node);
}
