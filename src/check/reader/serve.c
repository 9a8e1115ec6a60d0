/*
 * serve: frames in, frames out, on a blocking socket.  What is in a mail is
 * left to the functions in the table.
 */
#include "check/reader/serve.h"

#include "check/reader/about.h"
#include "check/reader/edit.h"
#include "check/wire.h"
#include "config/setup.h"
#include "pack.h"

#include "util/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM_USUAL ((size_t)256 * 1024)

struct serving {
	const struct serve_calls *calls;
	char *in; /* what came and is not yet served */
	size_t start, end, room;
	struct buf out;
};

static int write_all(const char *bytes, size_t size)
{
	ssize_t n;

	while (size > 0) {
		n = write(WIRE_FD, bytes, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

int serve_ready(const char *finds)
{
	size_t size = strlen(finds);
	const struct wire_head head = {
	    (uint32_t)(WIRE_U32_SIZE + size), WIRE_READY, 0};
	unsigned char frame[WIRE_HEAD_SIZE + WIRE_U32_SIZE];

	wire_head_put(&head, frame);
	wire_u32_put(WIRE_VERSION, frame + WIRE_HEAD_SIZE);
	return write_all((const char *)frame, sizeof(frame)) ||
		       write_all(finds, size)
		   ? -1
		   : 0;
}

int serve_refused(const char *why)
{
	size_t size = strnlen(why, WIRE_REFUSED_MAX);
	const struct wire_head head = {(uint32_t)size, WIRE_REFUSED, 0};
	unsigned char bytes[WIRE_HEAD_SIZE];

	wire_head_put(&head, bytes);
	return write_all((const char *)bytes, sizeof(bytes)) ||
		       write_all(why, size)
		   ? -1
		   : 0;
}

/* ---- the setup ---------------------------------------------------------- */

static int read_all(char *bytes, size_t size)
{
	ssize_t n;

	while (size > 0) {
		n = read(WIRE_FD, bytes, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

char *serve_setup(size_t *size)
{
	unsigned char bytes[WIRE_HEAD_SIZE];
	struct wire_head head;
	char *json;

	if (read_all((char *)bytes, sizeof(bytes)) ||
	    wire_head_get(&head, bytes, SETUP_MAX) || head.type != WIRE_SETUP)
		return NULL;
	json = mem_zalloc(head.length);
	*size = head.length;
	if (read_all(json, head.length) == 0)
		return json;
	free(json);
	return NULL;
}

/* ---- answers ------------------------------------------------------------ */

/* An empty frame, to be filled up to so many bytes of payload. */
static void begin(struct serving *s, size_t max_bytes)
{
	static const char blank[WIRE_HEAD_SIZE];

	buf_clear(&s->out);
	s->out.max_bytes = WIRE_HEAD_SIZE + max_bytes;
	buf_add(&s->out, blank, sizeof(blank));
}

static int finish(struct serving *s, enum wire_type type, uint32_t serial)
{
	const struct wire_head head = {
	    (uint32_t)(s->out.len - WIRE_HEAD_SIZE), (uint8_t)type, serial};
	unsigned char bytes[WIRE_HEAD_SIZE];
	int rc;

	wire_head_put(&head, bytes);
	memcpy(s->out.data, bytes, sizeof(bytes));
	rc = write_all(s->out.data, s->out.len);
	if (s->out.room > ROOM_USUAL)
		buf_release(&s->out);
	return rc;
}

/* Take a piece with its length in front off a payload. */
static int take_piece(struct span *payload, struct span *piece)
{
	if (payload->len < WIRE_U32_SIZE)
		return -1;
	piece->len = wire_u32_get(payload->data);
	piece->data = payload->data + WIRE_U32_SIZE;
	payload->len -= WIRE_U32_SIZE;
	if (piece->len > payload->len)
		return -1;
	payload->data = piece->data + piece->len;
	payload->len -= piece->len;
	return 0;
}

/* The same, read into the arena. */
static int take_about(
    struct arena *arena, struct span *payload, struct about *about)
{
	struct span lines;

	return take_piece(payload, &lines) || about_read(arena, lines, about)
		   ? -1
		   : 0;
}

static void put_draft(struct serving *s, const struct reading *reading)
{
	static const struct reading too_large = {
	    .trouble = "there is more in it than a reading can hold"};

	begin(s, WIRE_READING_MAX);
	pack_reading(&s->out, reading);
	if (s->out.overflow) {
		begin(s, WIRE_READING_MAX);
		pack_reading(&s->out, &too_large);
	}
}

static int serve_draft(struct serving *s, uint32_t serial, struct span mail)
{
	struct arena *arena = arena_new();
	struct reading *reading;
	struct about about;

	if (take_about(arena, &mail, &about)) {
		arena_free(arena);
		return -1;
	}
	reading = s->calls->draft(mail, &about);
	put_draft(s, reading);
	reading_free(reading);
	arena_free(arena);
	return finish(s, WIRE_READING, serial);
}

static int serve_reply(struct serving *s, uint32_t serial, struct span mail)
{
	static const struct reading_reply too_large = {
	    .trouble = "there is more in it than a reading can hold"};
	struct reading_reply *reply = s->calls->reply(mail);

	begin(s, WIRE_EDITED_MAX);
	pack_reply(&s->out, reply);
	reading_reply_free(reply);
	if (s->out.overflow) {
		begin(s, WIRE_EDITED_MAX);
		pack_reply(&s->out, &too_large);
	}
	return finish(s, WIRE_REPLY_READ, serial);
}

static void put_edit(struct serving *s, const struct reading_edit *edit)
{
	static const struct reading_edit too_large = {
	    .refusal = "the result is too large"};

	begin(s, WIRE_EDITED_MAX);
	pack_edit(&s->out, edit);
	if (s->out.overflow) {
		begin(s, WIRE_EDITED_MAX);
		pack_edit(&s->out, &too_large);
	}
}

/* A piece that may be missing. */
static int take_wish(struct span *payload, struct span *piece)
{
	*piece = (struct span){NULL, 0};
	if (payload->len < WIRE_U32_SIZE)
		return -1;
	if (wire_u32_get(payload->data) != WIRE_NO_PIECE)
		return take_piece(payload, piece);
	payload->data += WIRE_U32_SIZE;
	payload->len -= WIRE_U32_SIZE;
	return 0;
}

/* All that is wished, in the order of enum wire_piece. */
static int take_wishes(
    struct arena *arena, struct span *payload, struct edit_wish *wish)
{
	const char **texts[WIRE_PIECES] = {
	    [WIRE_SUBJECT] = &wish->subject,
	    [WIRE_TO] = &wish->to,
	    [WIRE_CC] = &wish->cc,
	    [WIRE_BCC] = &wish->bcc,
	};
	struct span pieces[WIRE_PIECES];

	for (int i = 0; i < WIRE_PIECES; i++) {
		if (take_wish(payload, &pieces[i]))
			return -1;
		if (texts[i] != NULL && pieces[i].data != NULL)
			*texts[i] =
			    arena_dup(arena, pieces[i].data, pieces[i].len);
	}
	wish->text = pieces[WIRE_TEXT];
	wish->mail = pieces[WIRE_MAIL];
	return 0;
}

static int serve_edit(struct serving *s, uint32_t serial, struct span mail)
{
	struct arena *arena = arena_new();
	struct reading_edit *edit;
	struct edit_wish wish = {.subject = NULL};
	struct about about;

	if (take_about(arena, &mail, &about) ||
	    take_wishes(arena, &mail, &wish)) {
		arena_free(arena);
		return -1;
	}
	edit = s->calls->edit(mail, &wish, &about);
	put_edit(s, edit);
	reading_edit_free(edit);
	arena_free(arena);
	return finish(s, WIRE_EDITED, serial);
}

/* ---- requests ----------------------------------------------------------- */

/* Make room for size bytes from start on. */
static void make_room(struct serving *s, size_t size)
{
	size_t have = s->end - s->start;

	if (s->start > 0) {
		memmove(s->in, s->in + s->start, have);
		s->start = 0;
		s->end = have;
	}
	if (size <= s->room)
		return;
	s->in = mem_grow(s->in, size, 1);
	s->room = size;
}

/* A large mail's memory goes back when it is done. */
static void consume(struct serving *s, size_t size)
{
	s->start += size;
	if (s->start < s->end)
		return;
	s->start = s->end = 0;
	if (s->room > ROOM_USUAL) {
		free(s->in);
		s->in = mem_grow(NULL, ROOM_USUAL, 1);
		s->room = ROOM_USUAL;
	}
}

/* Read until size bytes are there.  1: they are; 0: the end; -1: broken. */
static int fill(struct serving *s, size_t size)
{
	ssize_t n;

	if (s->end - s->start < size && s->room - s->start < size)
		make_room(s, size);
	while (s->end - s->start < size) {
		n = read(WIRE_FD, s->in + s->end, s->room - s->end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			return s->end == s->start ? 0 : -1;
		s->end += (size_t)n;
	}
	return 1;
}

static int serve_one(struct serving *s)
{
	struct wire_head head;
	struct span payload;
	int rc = fill(s, WIRE_HEAD_SIZE);

	if (rc <= 0)
		return rc;
	if (wire_head_get(&head, (const unsigned char *)s->in + s->start,
		WIRE_REQUEST_MAX))
		return -1;
	if (fill(s, WIRE_HEAD_SIZE + head.length) <= 0)
		return -1;
	payload.data = s->in + s->start + WIRE_HEAD_SIZE;
	payload.len = head.length;
	rc = head.type == WIRE_DRAFT   ? serve_draft(s, head.serial, payload)
	     : head.type == WIRE_REPLY ? serve_reply(s, head.serial, payload)
	     : head.type == WIRE_EDIT  ? serve_edit(s, head.serial, payload)
				       : -1;
	consume(s, WIRE_HEAD_SIZE + head.length);
	return rc == 0 ? 1 : -1;
}

int serve_requests(const struct serve_calls *calls, unsigned n)
{
	struct serving s = {.calls = calls, .room = ROOM_USUAL};
	unsigned served = 0;
	int rc;

	s.in = mem_grow(NULL, s.room, 1);
	buf_init(&s.out, 0);
	do
		rc = serve_one(&s);
	while (rc == 1 && (++served < n || n == 0));
	buf_release(&s.out);
	free(s.in);
	return rc < 0 ? -1 : 0;
}
