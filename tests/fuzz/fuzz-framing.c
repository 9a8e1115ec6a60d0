/*
 * Fuzzes the reader of mails: it must find the end that a plain search finds,
 * whatever the pieces in which bytes arrive, and pass on exactly what stands
 * before it.
 *
 * The first byte chooses DATA or chunks and how the rest is cut into pieces.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "accept/framing.h"

#include "util/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST (64u * 1024)

static void expect(bool right)
{
	if (!right)
		abort();
}

static size_t piece_size(unsigned cut, size_t at, size_t left)
{
	size_t n = 1 + (cut + at * 7) % (1 + cut / 2);

	return n < left ? n : left;
}

/* Where the mail ends, by a search; 0 when it does not. */
static size_t true_end(const char *s, size_t n)
{
	const char *end;

	if (n >= 3 && memcmp(s, ".\r\n", 3) == 0)
		return 3;
	end = memmem(s, n, "\r\n.\r\n", 5);
	return end == NULL ? 0 : (size_t)(end - s) + 5;
}

static unsigned true_marks(const char *s, size_t n)
{
	unsigned marks = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '\r' && i + 1 < n && s[i + 1] != '\n')
			marks |= FRAMING_BARE_CR;
		if (s[i] == '\n' && (i == 0 || s[i - 1] != '\r'))
			marks |= FRAMING_BARE_LF;
		if (s[i] == '\0')
			marks |= FRAMING_NUL;
		if ((s[i] & 0x80) != 0)
			marks |= FRAMING_8BIT;
	}
	return marks;
}

/* What a server of any sort could take for an end must not be in a mail. */
static void check_mail(const char *s, size_t n, const struct buf *mail)
{
	size_t i, at = 0;
	bool start = true;

	for (i = 0; i < n; i++) {
		if (start && s[i] == '.' && ++i == n)
			break;
		expect(at < mail->len && mail->data[at++] == s[i]);
		start = i > 0 && s[i] == '\n' && s[i - 1] == '\r';
	}
	expect(at == mail->len);
}

static void try_data(const char *s, size_t n, unsigned cut)
{
	size_t wanted = true_end(s, n), at = 0, used;
	struct framing framing;
	struct span piece;
	struct buf mail;
	bool end = false;

	framing_init(&framing);
	buf_init(&mail, MOST);
	while (at < n && !end) {
		used = framing_data(&framing,
		    (struct span){s + at, piece_size(cut, at, n - at)}, &piece,
		    &end);
		expect(used > 0);
		expect(buf_add_span(&mail, piece) == 0);
		at += used;
	}
	expect(end == (wanted > 0));
	if (end) {
		unsigned marks = framing.marks & ~FRAMING_LONG_LINE;

		expect(at == wanted);
		expect(marks == true_marks(s, wanted));
		if ((marks & (FRAMING_BARE_CR | FRAMING_BARE_LF)) == 0)
			check_mail(s, wanted - 3, &mail);
	}
	buf_release(&mail);
}

static void try_chunks(const char *s, size_t n, unsigned cut)
{
	size_t at = 0, used, chunk;
	struct framing framing;
	struct span piece;
	struct buf mail;
	unsigned marks;

	framing_init(&framing);
	buf_init(&mail, MOST);
	while (at < n) {
		if (framing.left == 0) {
			chunk = piece_size(cut * 3, at, n - at);
			framing_chunk(&framing, chunk);
		}
		used = framing_bdat(&framing,
		    (struct span){s + at, piece_size(cut, at, n - at)}, &piece);
		expect(used > 0 && piece.len == used);
		expect(buf_add_span(&mail, piece) == 0);
		at += used;
	}
	framing_end(&framing);
	expect(mail.len == n && memcmp(mail.data, s, n) == 0);
	marks = true_marks(s, n);
	if (n > 0 && s[n - 1] == '\r')
		marks |= FRAMING_BARE_CR;
	if (n > 0 && (n < 2 || memcmp(s + n - 2, "\r\n", 2) != 0))
		marks |= FRAMING_OPEN_END;
	expect((framing.marks & ~FRAMING_LONG_LINE) == marks);
	buf_release(&mail);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > MOST)
		return 0;
	if ((data[0] & 1) != 0)
		try_data((const char *)data + 1, size - 1, data[0] >> 1);
	else
		try_chunks((const char *)data + 1, size - 1, data[0] >> 1);
	return 0;
}
