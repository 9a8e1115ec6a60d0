/*
 * ask: a request as a frame, and an answer as the request's result.  Nothing
 * in an answer is believed: pack.c checks it, here it is compared with what
 * was asked.
 */
#include "check/internal.h"

#include "pack.h"

#include "util/clock.h"
#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Does a text stand before the mail? */
static bool has_text(const struct ask *ask)
{
	return ask->type == WIRE_EDIT || ask->type == WIRE_PROVE ||
	       ask->type == WIRE_SIGN;
}

/* A line of what is known; its text can hold no other. */
static void add_line(struct buf *out, char letter, const char *text)
{
	buf_add_char(out, letter);
	buf_add_char(out, ' ');
	buf_add(out, text, strcspn(text, "\n"));
	buf_add_char(out, '\n');
}

static void add_about(struct buf *out, const struct ask *ask)
{
	const struct check_request *r = ask->request;
	const struct envelope *envelope = r->envelope;

	if (r->agent != NULL)
		add_line(out, 'a', r->agent);
	if (envelope != NULL)
		add_line(out, 'f', envelope->from);
	for (size_t i = 0; envelope != NULL && i < envelope->n_recipients; i++)
		add_line(out, 't', envelope->recipients[i].address);
	for (size_t i = 0; i < r->n_channels; i++)
		buf_addf(out, "c %u\n", r->channels[i]);
	if (ask->without[0] != '\0')
		add_line(out, 'w', ask->without);
}

static void add_u32(struct buf *out, size_t value)
{
	unsigned char bytes[WIRE_U32_SIZE];

	wire_u32_put((uint32_t)value, bytes);
	buf_add(out, bytes, sizeof(bytes));
}

/* All that comes before the request's own bytes. */
static void make_head(struct ask *ask)
{
	static const unsigned char blank[WIRE_HEAD_SIZE];
	const struct check_request *r = ask->request;
	struct wire_head head = {0, (uint8_t)ask->type, ask->serial};
	size_t start = WIRE_HEAD_SIZE + WIRE_U32_SIZE;
	struct buf *out = &ask->head;

	buf_clear(out);
	buf_add(out, blank, sizeof(blank));
	if (ask->type != WIRE_REPLY) {
		add_u32(out, 0);
		add_about(out, ask);
		wire_u32_put((uint32_t)(out->len - start),
		    (unsigned char *)out->data + WIRE_HEAD_SIZE);
	}
	if (has_text(ask))
		add_u32(out, r->text.len);
	ask->size = out->len + r->bytes.len + (has_text(ask) ? r->text.len : 0);
	head.length = (uint32_t)(ask->size - WIRE_HEAD_SIZE);
	wire_head_put(&head, (unsigned char *)out->data);
}

struct ask *ask_new(
    struct check_request *request, enum wire_type type, uint32_t serial)
{
	struct ask *ask = mem_zalloc(sizeof(*ask));

	ask->request = request;
	ask->type = type;
	ask->serial = serial;
	ask->since_ms = clock_mono_ms();
	buf_init(&ask->head, WIRE_ABOUT_MAX);
	make_head(ask);
	request->reading = NULL;
	request->reply = NULL;
	request->edit = NULL;
	request->signature = NULL;
	return ask;
}

void ask_spare(struct ask *ask, const char *plugin, const char *how)
{
	snprintf(ask->without, sizeof(ask->without), "%s", plugin);
	ask->how = how;
	ask->since_ms = clock_mono_ms();
	make_head(ask);
}

void ask_push(struct ask_list *list, struct ask *ask)
{
	ask->next = NULL;
	if (list->last == NULL)
		list->first = ask;
	else
		list->last->next = ask;
	list->last = ask;
	list->n++;
	list->bytes += ask->size;
}

struct ask *ask_pop(struct ask_list *list)
{
	struct ask *ask = list->first;

	if (ask == NULL)
		return NULL;
	list->first = ask->next;
	if (list->first == NULL)
		list->last = NULL;
	list->n--;
	list->bytes -= ask->size;
	ask->next = NULL;
	return ask;
}

void ask_prepend(struct ask_list *list, struct ask_list *front)
{
	if (front->first == NULL)
		return;
	front->last->next = list->first;
	if (list->last == NULL)
		list->last = front->last;
	list->first = front->first;
	list->n += front->n;
	list->bytes += front->bytes;
	*front = (struct ask_list){0};
}

int ask_frame(
    const struct ask *ask, size_t skip, struct iovec pieces[ASK_PIECES])
{
	const struct check_request *r = ask->request;
	const struct span spans[ASK_PIECES] = {
	    buf_span(&ask->head),
	    {r->text.data, has_text(ask) ? r->text.len : 0},
	    r->bytes,
	};
	int n = 0;

	for (int i = 0; i < ASK_PIECES; i++) {
		if (skip >= spans[i].len) {
			skip -= spans[i].len;
			continue;
		}
		/* sendmsg() only reads, but struct iovec is for both ways */
		union {
			const char *from;
			char *p;
		} at = {.from = spans[i].data + skip};

		pieces[n++] = (struct iovec){at.p, spans[i].len - skip};
		skip = 0;
	}
	return n;
}

size_t ask_answer_max(const struct ask *ask)
{
	return ask->type == WIRE_EDIT ? WIRE_EDITED_MAX : WIRE_READING_MAX;
}

/* A reading that one plug-in is missing from must not pass for whole. */
static void note_spared(const struct ask *ask, struct reading *reading)
{
	struct finding finding = {
	    .name = "plugin-failed",
	    .weight = FINDING_TRIPWIRE,
	    .value = ask->without,
	};

	if (ask->without[0] == '\0' || reading == NULL)
		return;
	finding.detail = arena_printf(reading->arena,
	    "plug-in '%s' %s with this mail; the others have looked at it",
	    ask->without, ask->how);
	reading_report(reading, &finding);
}

static enum wire_type answer_of(enum wire_type asked)
{
	switch (asked) {
	case WIRE_DRAFT:
		return WIRE_READING;
	case WIRE_REPLY:
	case WIRE_PROVE:
		return WIRE_REPLY_READ;
	case WIRE_SIGN:
		return WIRE_SIGNED;
	default:
		return WIRE_EDITED;
	}
}

int ask_answer(struct ask *ask, const struct wire_head *head,
    struct span payload, struct error *err)
{
	struct check_request *r = ask->request;
	enum wire_type wanted = answer_of(ask->type);

	if (head->type != wanted || head->serial != ask->serial)
		return error_set(
		    err, ERROR_INVALID, "an answer that was not asked for");
	if (wanted == WIRE_READING)
		r->reading = pack_get_reading(payload, r->bytes.len, err);
	else if (wanted == WIRE_REPLY_READ)
		r->reply = pack_get_reply(payload, err);
	else if (wanted == WIRE_EDITED)
		r->edit = pack_get_edit(payload, err);
	else
		r->signature = pack_get_signed(payload, err);
	note_spared(ask, r->edit != NULL ? r->edit->reading : r->reading);
	return r->reading || r->reply || r->edit || r->signature ? 0 : -1;
}

static struct reading *trouble_reading(const char *why)
{
	struct arena *arena = arena_new();
	struct reading *reading = arena_alloc(arena, sizeof(*reading));

	reading->arena = arena;
	reading->trouble = arena_strdup(arena, why);
	reading->text.data = "";
	return reading;
}

static struct reading_reply *trouble_reply(const char *why)
{
	struct arena *arena = arena_new();
	struct reading_reply *reply = arena_alloc(arena, sizeof(*reply));

	reply->arena = arena;
	reply->trouble = arena_strdup(arena, why);
	return reply;
}

static struct reading_edit *trouble_edit(const char *why)
{
	struct arena *arena = arena_new();
	struct reading_edit *edit = arena_alloc(arena, sizeof(*edit));

	edit->arena = arena;
	edit->refusal = arena_strdup(arena, why);
	return edit;
}

static struct reading_signed *trouble_signed(const char *why)
{
	struct arena *arena = arena_new();
	struct reading_signed *sign = arena_alloc(arena, sizeof(*sign));

	sign->arena = arena;
	sign->trouble = arena_strdup(arena, why);
	return sign;
}

void ask_trouble(struct ask *ask, const char *why)
{
	struct check_request *r = ask->request;

	switch (answer_of(ask->type)) {
	case WIRE_READING:
		r->reading = trouble_reading(why);
		break;
	case WIRE_REPLY_READ:
		r->reply = trouble_reply(why);
		break;
	case WIRE_SIGNED:
		r->signature = trouble_signed(why);
		break;
	default:
		r->edit = trouble_edit(why);
	}
}

void ask_done(struct ask *ask)
{
	struct check_request *request = ask->request;

	buf_release(&ask->head);
	free(ask);
	request->done(request);
}
