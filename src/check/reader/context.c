/*
 * context: claims of the agent as texts.  Cutting them out of the mail is
 * cuts.c's.
 */
#include "check/reader/context.h"

#include "check/reader/note.h"
#include "check/reader/visible.h"

#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PREFIX "Imprimatur-"

/* One thing that an agent may say: its field, its key, where it goes. */
static const struct claim {
	const char *field; /* behind the prefix */
	const char *key;
	size_t offset;
} claims[] = {
    {"Why", "why", offsetof(struct reading_context, why)},
    {"Sources", "sources", offsetof(struct reading_context, sources)},
    {"Confidence", "confidence", offsetof(struct reading_context, confidence)},
    {"Prompt", "prompt", offsetof(struct reading_context, prompt)},
    {"Case", "case", offsetof(struct reading_context, case_id)},
    {"Action", "action", offsetof(struct reading_context, action)},
    {"Revises", "revises", offsetof(struct reading_context, replaces)},
    {"Supersedes", "supersedes", offsetof(struct reading_context, replaces)},
    {"Withdraw", "withdraw", offsetof(struct reading_context, withdraw)},
};

#define N_CLAIMS (sizeof(claims) / sizeof(claims[0]))

void context_warm(void)
{
	json_object_seed(0);
}

static const char **slot(struct reading *reading, const struct claim *claim)
{
	char *base = (char *)&reading->context;

	return (const char **)(void *)(base + claim->offset);
}

bool context_is_field(const struct field *field)
{
	return field_begins(field, PREFIX) || field_begins(field, "X-" PREFIX);
}

static const struct claim *claim_of_field(const struct field *field)
{
	struct span name = field->name;

	if (name.len < strlen(PREFIX) || !field_begins(field, PREFIX))
		return NULL;
	name.data += strlen(PREFIX);
	name.len -= strlen(PREFIX);
	for (size_t i = 0; i < N_CLAIMS; i++)
		if (strlen(claims[i].field) == name.len &&
		    strncasecmp(claims[i].field, name.data, name.len) == 0)
			return &claims[i];
	return NULL;
}

static size_t lines_of(const char *text)
{
	size_t n = 1;

	while ((text = strchr(text, '\n')) != NULL) {
		text++;
		n++;
	}
	return n;
}

void context_take_field(struct reading *reading, const struct field *field)
{
	const struct claim *claim = claim_of_field(field);
	struct field_text text;
	const char **to;

	if (field_begins(field, "X-"))
		return;
	if (claim == NULL) {
		text = field_plain(reading->arena, field->name);
		note_add(reading, FINDING_NOTE, "context-unknown",
		    "no such field of context: \"%s\"", text.text);
		return;
	}
	to = slot(reading, claim);
	text = field_text(reading->arena, field->value);
	if (*to == NULL)
		*to = text.text;
	else if (lines_of(*to) < CONTEXT_LINES_MAX)
		*to = arena_printf(reading->arena, "%s\n%s", *to, text.text);
}

bool context_is_part(const struct mime_node *node)
{
	return strcmp(node->type, CONTEXT_TYPE) == 0;
}

/* Text of one or more lines, cleaned; what is too long is cut. */
static void add_text(struct buf *out, const char *s, size_t len)
{
	struct visible visible;

	visible_init(&visible, out, false);
	visible_add(&visible, (struct span){s, len});
	visible_end(&visible);
}

static void add_json(struct buf *out, const json_t *value)
{
	char *dump;

	if (json_is_string(value)) {
		add_text(
		    out, json_string_value(value), json_string_length(value));
		return;
	}
	dump = json_dumps(
	    value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
	if (dump != NULL)
		add_text(out, dump, strlen(dump));
	free(dump);
}

/* A list is one item per line. */
static const char *value_text(struct arena *arena, const json_t *value)
{
	const char *text;
	struct buf out;

	buf_init(&out, CONTEXT_TEXT_MAX);
	if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++) {
			if (i > 0 && out.len < out.max_bytes)
				buf_add_char(&out, '\n');
			add_json(&out, json_array_get(value, i));
		}
	} else {
		add_json(&out, value);
	}
	text = arena_printf(
	    arena, "%s%s", out.data, out.len + 8 > out.max_bytes ? " ..." : "");
	buf_release(&out);
	return text;
}

static void take_object(struct reading *reading, const json_t *object)
{
	for (size_t i = 0; i < N_CLAIMS; i++) {
		const json_t *value = json_object_get(object, claims[i].key);
		const char **to = slot(reading, &claims[i]);

		if (value != NULL && !json_is_null(value) && *to == NULL)
			*to = value_text(reading->arena, value);
	}
}

void context_take_part(struct reading *reading, struct span json)
{
	json_error_t why;
	json_t *object = NULL;

	if (json.len > CONTEXT_JSON_MAX) {
		note_add(reading, FINDING_CAUTION, "context-unreadable",
		    "%zu bytes of JSON are too many", json.len);
		return;
	}
	object = json_loadb(
	    json.data, json.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
	if (json_is_object(object))
		take_object(reading, object);
	else
		note_add(reading, FINDING_CAUTION, "context-unreadable",
		    "line %d is not the JSON that is expected", why.line);
	json_decref(object);
}
