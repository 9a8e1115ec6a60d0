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

static bool is_edit(const struct ask *ask)
{
	return ask->type == WIRE_EDIT;
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

/* A piece that stands in the head, or says that this stays. */
static void add_piece(struct buf *out, const char *text)
{
	add_u32(out, text == NULL ? WIRE_NO_PIECE : strlen(text));
	buf_add_str(out, text == NULL ? "" : text);
}

/* The length of a piece that is sent from where it lies. */
static void add_length(struct buf *out, struct span piece)
{
	add_u32(out, piece.data == NULL ? WIRE_NO_PIECE : piece.len);
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
	buf_clear(&ask->between);
	ask->size = r->bytes.len;
	if (is_edit(ask)) {
		add_piece(out, r->subject);
		add_piece(out, r->to);
		add_piece(out, r->cc);
		add_piece(out, r->bcc);
		add_length(out, r->text);
		add_length(&ask->between, r->mail);
		ask->size += r->text.len + ask->between.len + r->mail.len;
	}
	ask->size += out->len;
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
	buf_init(&ask->between, WIRE_U32_SIZE);
	make_head(ask);
	request->reading = NULL;
	request->reply = NULL;
	request->edit = NULL;
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
	    {r->text.data, is_edit(ask) ? r->text.len : 0},
	    buf_span(&ask->between),
	    {r->mail.data, is_edit(ask) ? r->mail.len : 0},
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
	return ask->type == WIRE_DRAFT ? WIRE_READING_MAX : WIRE_EDITED_MAX;
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

int ask_answer(struct ask *ask, const struct wire_head *head,
    struct span payload, struct error *err)
{
	struct check_request *r = ask->request;
	enum wire_type wanted = ask->type == WIRE_DRAFT	  ? WIRE_READING
				: ask->type == WIRE_REPLY ? WIRE_REPLY_READ
							  : WIRE_EDITED;

	if (head->type != wanted || head->serial != ask->serial)
		return error_set(
		    err, ERROR_INVALID, "an answer that was not asked for");
	if (wanted == WIRE_READING)
		r->reading = pack_get_reading(payload, r->bytes.len, err);
	else if (wanted == WIRE_REPLY_READ)
		r->reply = pack_get_reply(payload, err);
	else
		r->edit = pack_get_edit(payload, err);
	note_spared(ask, r->edit != NULL ? r->edit->reading : r->reading);
	return r->reading || r->reply || r->edit ? 0 : -1;
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

void ask_trouble(struct ask *ask, const char *why)
{
	struct check_request *r = ask->request;

	if (ask->type == WIRE_DRAFT)
		r->reading = trouble_reading(why);
	else if (ask->type == WIRE_REPLY)
		r->reply = trouble_reply(why);
	else
		r->edit = trouble_edit(why);
}

void ask_done(struct ask *ask)
{
	struct check_request *request = ask->request;

	buf_release(&ask->head);
	buf_release(&ask->between);
	free(ask);
	request->done(request);
}
