/*
 * letter: writes mail.  It is the only place in this room where header lines
 * are made; what the lines say is left to notice.c and receipt.c.
 */
#include "review/letter.h"

#include "review/text.h"

#include "util/clock.h"
#include "util/digest.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* RFC 2047 2: an encoded word has at most 75 characters; so 45 bytes. */
#define WORD_BYTES 45
/* RFC 2045 6.7: lines of at most 76 characters, a soft break's "=" too. */
#define QUOTED_COLUMNS 75
/* RFC 5322 2.1.1: 998 characters a line; a foreign id beyond this is none. */
#define ID_MAX	      250
#define BOUNDARY_SIZE 40

static bool is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f)
			return false;
	return true;
}

/* Is it safe to repeat an id that came from outside? */
static bool is_id(const char *id)
{
	size_t len = strlen(id);

	return len > 2 && len <= ID_MAX && id[0] == '<' && id[len - 1] == '>' &&
	       is_plain(id) && strcspn(id + 1, " <>\"") == len - 2;
}

/* Bytes of s that make whole code points and fit into one encoded word. */
static size_t word_bytes(struct span s)
{
	struct span rest = s;
	uint32_t point;
	size_t n;

	while (rest.len > 0) {
		n = text_point(rest, &point);
		if (s.len - rest.len + n > WORD_BYTES)
			break;
		rest.data += n;
		rest.len -= n;
	}
	return s.len - rest.len;
}

static void add_subject(struct buf *out, const char *subject)
{
	struct span rest = text_span(subject);
	char base64[(WORD_BYTES + 2) / 3 * 4 + 1];
	size_t n;

	buf_add_str(out, "Subject:");
	/* "=?" in it would be read as ours */
	if (is_plain(subject) && strstr(subject, "=?") == NULL &&
	    rest.len < 200) {
		buf_addf(out, " %s\r\n", subject);
		return;
	}
	while (rest.len > 0) {
		n = word_bytes(rest);
		digest_base64(rest.data, n, base64);
		buf_addf(out, " =?utf-8?B?%s?=\r\n", base64);
		rest.data += n;
		rest.len -= n;
	}
	if (*subject == '\0')
		buf_add_str(out, "\r\n");
}

/* RFC 5322 3.6.4: the thread from its first mail on. */
static void add_references(struct buf *out, const struct letter *letter)
{
	const char *const ids[] = {
	    letter->root, letter->thread, letter->answers};
	const char *last = NULL, *before = "References: ";
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (ids[i] != NULL && is_id(ids[i]))
			last = ids[i];
	if (last == NULL)
		return;
	buf_addf(out, "In-Reply-To: %s\r\n", last);
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (ids[i] == NULL || !is_id(ids[i]))
			continue;
		buf_addf(out, "%s%s\r\n", before, ids[i]);
		before = " ";
	}
}

static void add_header(struct buf *out, const struct letter *letter)
{
	char date[CLOCK_MAIL_SIZE];

	buf_addf(out, "From: Imprimatur <%s>\r\n", letter->from);
	buf_addf(out, "To: <%s>\r\n", letter->to);
	if (letter->reply_to != NULL)
		buf_addf(out, "Reply-To: <%s>\r\n", letter->reply_to);
	add_subject(out, letter->subject);
	buf_addf(out, "Date: %s\r\n", clock_mail(letter->at_ms, date));
	buf_addf(out, "Message-ID: %s\r\n", letter->message_id);
	add_references(out, letter);
	buf_addf(out, "Auto-Submitted: %s\r\n",
	    letter->kind == LETTER_NOTICE ? "auto-generated" : "auto-replied");
	buf_add_str(out, "X-Auto-Response-Suppress: All\r\n");
	buf_addf(out, "List-Id: <review.%s>\r\n", letter->hostname);
	buf_add_str(out, "Precedence: list\r\n");
	buf_add_str(out, "MIME-Version: 1.0\r\n");
}

/* Must this byte of a line be written as =XX?  RFC 2045 6.7, (2) and (3). */
static bool needs_quoting(unsigned char c, bool last)
{
	if (c == ' ' || c == '\t')
		return last;
	return c < ' ' || c >= 0x7f || c == '=';
}

/* A dot or "From " at the front of a line trips old mail programs. */
static bool trips(struct span line, size_t at)
{
	return line.data[at] == '.' ||
	       (line.len - at >= 5 && memcmp(line.data + at, "From ", 5) == 0);
}

static void add_quoted_line(struct buf *out, struct span line)
{
	size_t i, need, column = 0;
	unsigned char c;
	bool quote;

	for (i = 0; i < line.len; i++) {
		c = (unsigned char)line.data[i];
		quote = needs_quoting(c, i + 1 == line.len);
		need = quote ? 3 : 1;
		if (column + need > QUOTED_COLUMNS) {
			buf_add_str(out, "=\r\n");
			column = 0;
		}
		if (column == 0 && trips(line, i)) {
			quote = true;
			need = 3;
		}
		if (quote)
			buf_addf(out, "=%02X", c);
		else
			buf_add_char(out, (char)c);
		column += need;
	}
	buf_add_str(out, "\r\n");
}

static void add_part(struct buf *out, const char *type, struct span body)
{
	struct span line;

	buf_addf(out, "Content-Type: %s; charset=utf-8\r\n", type);
	buf_add_str(out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	while (text_next_line(&body, &line))
		add_quoted_line(out, line);
}

int letter_write(const struct letter *letter, struct buf *out)
{
	unsigned char random[16];
	char boundary[BOUNDARY_SIZE];

	add_header(out, letter);
	if (letter->html.len == 0) {
		add_part(out, "text/plain", letter->text);
		return out->overflow ? -1 : 0;
	}
	/* "=_" never stands in quoted-printable text (RFC 2045 6.7) */
	digest_random(random, sizeof(random));
	memcpy(boundary, "=_", 2);
	digest_base32(random, sizeof(random), boundary + 2);
	buf_addf(out,
	    "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n",
	    boundary);
	buf_addf(out, "--%s\r\n", boundary);
	add_part(out, "text/plain", letter->text);
	buf_addf(out, "--%s\r\n", boundary);
	add_part(out, "text/html", letter->html);
	buf_addf(out, "--%s--\r\n", boundary);
	return out->overflow ? -1 : 0;
}

const char *letter_new_id(
    struct arena *arena, const char *hostname, int64_t draft, const char *tag)
{
	unsigned char random[10];
	char text[17];

	digest_random(random, sizeof(random));
	digest_base32(random, sizeof(random), text);
	return arena_printf(
	    arena, "<imp.%" PRId64 ".%s.%s@%s>", draft, tag, text, hostname);
}

const char *letter_root(
    struct arena *arena, const char *hostname, int64_t draft)
{
	return arena_printf(arena, "<imp.%" PRId64 "@%s>", draft, hostname);
}
