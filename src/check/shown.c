/*
 * shown: from the nouns to JSON.  Who is asked, and when, is left to
 * program.c and service.c.
 */
#include "check/shown.h"

#include <inttypes.h>
#include <stdlib.h>

#include "util/digest.h"
#include "util/mem.h"

/* null for NULL, and for what is no UTF-8 */
static json_t *text(const char *s)
{
	json_t *value = s == NULL ? NULL : json_string(s);

	return value == NULL ? json_null() : value;
}

static json_t *span_text(struct span s)
{
	json_t *value = json_stringn(s.data == NULL ? "" : s.data, s.len);

	return value == NULL ? json_null() : value;
}

static json_t *recipients(const struct envelope *envelope)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < envelope->n_recipients; i++)
		json_array_append_new(
		    list, text(envelope->recipients[i].address));
	return list;
}

static json_t *findings(const struct reading *reading)
{
	static const char *const weights[] = {"note", "caution", "tripwire"};
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < reading->n_findings; i++) {
		const struct finding *f = &reading->findings[i];

		json_array_append_new(
		    list, json_pack("{s:o, s:s, s:o, s:o, s:o}", "name",
			      text(f->name), "weight", weights[f->weight],
			      "value", text(f->value), "detail",
			      text(f->detail), "by", text(f->by)));
	}
	return list;
}

static json_t *context(const struct reading_context *c)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "why", text(c->why),
	    "sources", text(c->sources), "confidence", text(c->confidence),
	    "prompt", text(c->prompt), "case", text(c->case_id), "action",
	    text(c->action));
}

static json_t *parts(const struct reading *reading)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < reading->n_parts; i++) {
		const struct reading_part *p = &reading->parts[i];

		json_array_append_new(
		    list, json_pack("{s:o, s:o, s:I, s:b}", "type",
			      text(p->type), "name", text(p->filename), "size",
			      (json_int_t)p->size, "in_text", p->in_text));
	}
	return list;
}

static json_t *base64(struct span raw)
{
	char *out = mem_zalloc((raw.len + 2) / 3 * 4 + 1);
	json_t *value;

	digest_base64(raw.data, raw.len, out);
	value = json_string_nocheck(out);
	free(out);
	return value;
}

json_t *shown_draft(const struct check_shown *shown, bool raw)
{
	const struct reading *r = shown->reading;
	json_t *draft = json_pack("{s:I, s:i, s:o, s:o, s:o, s:I}", "id",
	    (json_int_t)shown->draft, "revision", (int)shown->number, "code",
	    text(shown->code), "agent", text(shown->agent), "channel",
	    text(shown->channel), "size", (json_int_t)shown->size);

	json_object_set_new(draft, "sender", text(shown->envelope->from));
	json_object_set_new(draft, "recipients", recipients(shown->envelope));
	json_object_set_new(draft, "subject", text(r->subject));
	json_object_set_new(draft, "from", text(r->from));
	json_object_set_new(draft, "to", text(r->to));
	json_object_set_new(draft, "cc", text(r->cc));
	json_object_set_new(draft, "reply_to", text(r->reply_to));
	json_object_set_new(draft, "unreadable", text(r->trouble));
	json_object_set_new(draft, "text", span_text(r->text));
	json_object_set_new(
	    draft, "text_cut", json_boolean(r->text_total > r->text.len));
	json_object_set_new(draft, "parts", parts(r));
	json_object_set_new(draft, "findings", findings(r));
	json_object_set_new(draft, "context", context(&r->context));
	if (raw && shown->raw.data != NULL)
		json_object_set_new(draft, "raw", base64(shown->raw));
	return draft;
}

const char **shown_rspamd(
    struct arena *arena, const struct check_shown *shown, const char *password)
{
	const struct envelope *e = shown->envelope;
	const char **fields =
	    arena_alloc(arena, (e->n_recipients + 6) * sizeof(*fields));
	size_t n = 0, i;

	fields[n++] = "Content-Type: application/octet-stream";
	fields[n++] = arena_printf(arena, "From: %s", e->from);
	for (i = 0; i < e->n_recipients; i++)
		fields[n++] =
		    arena_printf(arena, "Rcpt: %s", e->recipients[i].address);
	fields[n++] = arena_printf(arena, "Queue-Id: %" PRId64, shown->draft);
	if (shown->agent != NULL)
		fields[n++] = arena_printf(arena, "User: %s", shown->agent);
	if (password != NULL)
		fields[n++] = arena_printf(arena, "Password: %s", password);
	return fields;
}
