/*
 * enclosed: finds the attached mail and undoes its encoding.  What is made of
 * it, review decides.
 */
#include "check/reader/enclosed.h"

#include "check/reader/body.h"
#include "check/reader/chosen.h"
#include "check/reader/field.h"
#include "check/reader/fold.h"

#include <string.h>
#include <strings.h>

#define NOTICE_ID   "<imp."    /* how the ids of our notices begin */
#define NOTICE_LIST "<review." /* and their List-Id */

static bool is_eml(const char *filename)
{
	size_t len = filename != NULL ? strlen(filename) : 0;

	return len > 4 && strcasecmp(filename + len - 4, ".eml") == 0;
}

static bool is_candidate(const struct mime *mime, size_t i)
{
	const struct mime_node *node = &mime->nodes[i];

	if (node->parent < 0 || node->kind == MIME_MULTIPART ||
	    chosen_inner(mime, (int)i))
		return false;
	return node->kind == MIME_MESSAGE ||
	       strcmp(node->type, "message/rfc822") == 0 ||
	       strcmp(node->type, "message/global") == 0 ||
	       is_eml(node->filename);
}

/* Its bytes as they were before it was attached; empty: it has none. */
static struct span bytes_of(
    const struct mime *mime, const struct mime_node *node)
{
	struct span bytes;
	struct buf store;
	size_t wrong;

	if (node->kind == MIME_MESSAGE)
		return mime_bytes(mime, node->body);
	buf_init(&store, node->body.length + 1);
	bytes = body_bytes(mime, node, &store, &wrong);
	bytes.data = arena_dup(mime->arena, bytes.data, bytes.len);
	buf_release(&store);
	return bytes;
}

static const char *value_of(const struct mime *mail, const char *name)
{
	const struct field *field = mime_field(mail, &mail->nodes[0], name);

	return field == NULL ? NULL
			     : field_text(mail->arena, field->value).text;
}

static bool begins(const char *text, const char *with)
{
	return text != NULL && strncmp(text, with, strlen(with)) == 0;
}

static bool is_notice(const struct mime *mail, const char *id)
{
	return begins(id, NOTICE_ID) &&
	       begins(value_of(mail, "List-Id"), NOTICE_LIST);
}

static void look_at(
    struct enclosed *out, const struct mime *mime, const struct mime_node *node)
{
	struct span bytes = bytes_of(mime, node);
	struct mime *mail = mime_split(mime->arena, bytes);
	const char *id = value_of(mail, "Message-ID");

	if (bytes.len == 0 || is_notice(mail, id))
		return;
	out->n++;
	out->mail = bytes;
	out->id = id;
	out->from = value_of(mail, "From");
}

void enclosed_find(const struct mime *mime, struct enclosed *out)
{
	size_t i, seen = 0;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < mime->n_nodes && seen < ENCLOSED_MAX; i++) {
		if (!is_candidate(mime, i))
			continue;
		look_at(out, mime, &mime->nodes[i]);
		seen++;
	}
	if (out->n != 1) {
		out->mail = (struct span){NULL, 0};
		out->id = out->from = NULL;
	}
}
