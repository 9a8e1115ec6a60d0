/*
 * Tests of accept/framing: every known false end of data, in every split of
 * what arrives; random bytes against a reader that is too simple to be wrong;
 * chunks.
 */
#include "accept/framing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"

#define SEED 20240117u

#define BARE (FRAMING_BARE_CR | FRAMING_BARE_LF)

/* ---- a reader of one byte at a time -------------------------------------- */

struct simple {
	char last[5]; /* the bytes before, oldest first; CRLF at the start */
	struct buf mail;
	unsigned marks;
	bool end;
};

static void simple_init(struct simple *r)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->last + 3, "\r\n", 2);
	buf_init(&r->mail, 1 << 20);
}

static bool ends_with(const struct simple *r, const char *tail)
{
	size_t n = strlen(tail);

	return memcmp(r->last + 5 - n, tail, n) == 0;
}

/* All of the raw bytes are kept; dots are taken out at the end. */
static void simple_feed(struct simple *r, char c)
{
	if (c != '\n' && r->last[4] == '\r')
		r->marks |= FRAMING_BARE_CR;
	if (c == '\n' && r->last[4] != '\r')
		r->marks |= FRAMING_BARE_LF;
	if (c == '\0')
		r->marks |= FRAMING_NUL;
	if ((c & 0x80) != 0)
		r->marks |= FRAMING_8BIT;
	memmove(r->last, r->last + 1, 4);
	r->last[4] = c;
	buf_add_char(&r->mail, c);
	r->end = ends_with(r, "\r\n.\r\n");
}

static void simple_unstuff(struct simple *r)
{
	char *s = r->mail.data, *to = s;
	size_t i, n = r->mail.len - 3;

	for (i = 0; i < n; i++)
		if (s[i] != '.' ||
		    (i > 0 && (i < 2 || s[i - 1] != '\n' || s[i - 2] != '\r')))
			*to++ = s[i];
	buf_cut(&r->mail, (size_t)(to - s));
}

/* ---- ours ---------------------------------------------------------------- */

struct ours {
	struct framing framing;
	struct buf mail;
	size_t used;
	bool end;
};

static void ours_init(struct ours *r)
{
	memset(r, 0, sizeof(*r));
	framing_init(&r->framing);
	buf_init(&r->mail, 1 << 20);
}

static void ours_feed(struct ours *r, const char *bytes, size_t n)
{
	struct span in = {bytes, n}, piece;
	size_t used;

	while (in.len > 0 && !r->end) {
		used = framing_data(&r->framing, in, &piece, &r->end);
		assert_true(used <= in.len);
		assert_true(piece.len <= used);
		buf_add_span(&r->mail, piece);
		r->used += used;
		in.data += used;
		in.len -= used;
	}
}

/* ---- false ends --------------------------------------------------------- */

struct variant {
	const char *bytes;
	size_t len;
	unsigned marks; /* that it must leave */
};

#define V(s, marks)                                                            \
	{                                                                      \
		s, sizeof(s) - 1, marks                                        \
	}

static const struct variant variants[] = {
    V("\n.\n", FRAMING_BARE_LF),
    V("\n.\r\n", FRAMING_BARE_LF),
    V("\n.\r", BARE),
    V("\r.\r", FRAMING_BARE_CR),
    V("\r.\n", BARE),
    V("\r.\r\n", FRAMING_BARE_CR),
    V("\r\n.\n", FRAMING_BARE_LF),
    V("\r\n.\r", FRAMING_BARE_CR),
    V("\n\n.\n\n", FRAMING_BARE_LF),
    V("\n\n.\r\n", FRAMING_BARE_LF),
    V("\r\r.\r\r", FRAMING_BARE_CR),
    V("\r\n.\r\r\n", FRAMING_BARE_CR),
    V("\r\n.\n\r\n", FRAMING_BARE_LF),
    V("\n\r.\r\n", BARE),
    V("\n\r.\n\r", BARE),
    V("\r\n\0.\r\n", FRAMING_NUL),
    V("\r\n.\0\r\n", FRAMING_NUL),
    V("\r\0\n.\r\n", BARE | FRAMING_NUL),
    V("\r\n.\r\0\n", BARE | FRAMING_NUL),
    V("\0\n.\0\n", FRAMING_BARE_LF | FRAMING_NUL),
    V("\n.\r\n\r\n", FRAMING_BARE_LF),
    V("\r\n. \r\n", 0),
    V("\r\n.\t\r\n", 0),
    V("\r\n .\r\n", 0),
    V("\x0b.\x0b", 0),
    V("\r\n.\x0c\r\n", 0),
    V("\x85.\x85", FRAMING_8BIT),
    V("\xc2\x85.\xc2\x85", FRAMING_8BIT),
    V("\xe2\x80\xa8.\xe2\x80\xa8", FRAMING_8BIT),
};
#define N_VARIANTS (sizeof(variants) / sizeof(variants[0]))

static const char smuggled[] = "MAIL FROM:<evil@example>\r\n"
			       "RCPT TO:<you@example>\r\nDATA\r\nno\r\n.\r\n";

/* A mail with that variant inside; returns where it truly ends. */
static size_t compose(const struct variant *v, struct buf *out)
{
	size_t end;

	buf_init(out, 4096);
	buf_add_str(out, "Subject: x\r\n\r\n..b");
	buf_add(out, v->bytes, v->len);
	buf_add(out, smuggled, sizeof(smuggled) - 1);
	end = out->len;
	buf_add_str(out, "NOOP\r\n");
	return end;
}

static void try_split(
    const struct buf *all, size_t a, size_t b, size_t end, unsigned marks)
{
	struct ours r;

	ours_init(&r);
	ours_feed(&r, all->data, a);
	ours_feed(&r, all->data + r.used, b - r.used);
	ours_feed(&r, all->data + r.used, all->len - r.used);
	assert_true(r.end);
	assert_int_equal(r.used, end);
	assert_int_equal(r.framing.marks, marks);
	buf_release(&r.mail);
}

static void variants_end_nothing(void **state)
{
	struct buf all;
	size_t i, a, b, end;

	(void)state;
	assert_int_equal(N_VARIANTS, 29);
	for (i = 0; i < N_VARIANTS; i++) {
		end = compose(&variants[i], &all);
		for (a = 0; a <= end; a++)
			for (b = a; b <= end; b++)
				try_split(&all, a, b, end, variants[i].marks);
		buf_release(&all);
	}
}

static void feed_bytes(struct ours *r, const char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n && !r->end; i++)
		ours_feed(r, bytes + i, 1);
}

static void variants_byte_by_byte(void **state)
{
	struct buf all;
	struct ours r;
	size_t i, end;

	(void)state;
	for (i = 0; i < N_VARIANTS; i++) {
		end = compose(&variants[i], &all);
		ours_init(&r);
		feed_bytes(&r, all.data, all.len);
		assert_true(r.end);
		assert_int_equal(r.used, end);
		assert_int_equal(r.framing.marks, variants[i].marks);
		buf_release(&r.mail);
		buf_release(&all);
	}
}

/* A CR before the true end changes nothing: it is the end, and marked. */
static void control_ends(void **state)
{
	const char text[] = "Subject: x\r\n\r\nb\r\r\n.\r\nQUIT\r\n";
	struct ours r;
	size_t a;

	(void)state;
	for (a = 0; a <= sizeof(text) - 1 - 6; a++) {
		ours_init(&r);
		ours_feed(&r, text, a);
		ours_feed(&r, text + r.used, sizeof(text) - 1 - r.used);
		assert_true(r.end);
		assert_int_equal(r.used, sizeof(text) - 1 - 6);
		assert_int_equal(r.framing.marks, FRAMING_BARE_CR);
		buf_release(&r.mail);
	}
}

/* ---- content ------------------------------------------------------------ */

struct content {
	const char *wire, *mail;
	unsigned marks;
};

static const struct content contents[] = {
    {".\r\n", "", 0},
    {"\r\n.\r\n", "\r\n", 0},
    {"a\r\n.\r\n", "a\r\n", 0},
    {"..\r\n.\r\n", ".\r\n", 0},
    {"..a\r\n..\r\n...\r\n.\r\n", ".a\r\n.\r\n..\r\n", 0},
    {"a.\r\n.b\r\n.\r\n", "a.\r\nb\r\n", 0},
    {"a..b\r\n.\r\n", "a..b\r\n", 0},
    {"\xc3\xa9\r\n.\r\n", "\xc3\xa9\r\n", FRAMING_8BIT},
};

static void dots_are_unstuffed(void **state)
{
	const struct content *c;
	struct ours r;
	size_t i, a, n;

	(void)state;
	for (i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		c = &contents[i];
		n = strlen(c->wire);
		for (a = 0; a <= n; a++) {
			ours_init(&r);
			ours_feed(&r, c->wire, a);
			ours_feed(&r, c->wire + a, n - a);
			assert_true(r.end);
			assert_string_equal(r.mail.data, c->mail);
			assert_int_equal(r.framing.marks, c->marks);
			buf_release(&r.mail);
		}
	}
}

static unsigned marks_of_line(size_t length, size_t pieces)
{
	char *line = malloc(length + 2);
	struct ours r;
	size_t i;

	memset(line, 'x', length);
	memcpy(line + length, "\r\n", 2);
	ours_init(&r);
	for (i = 0; i < length + 2; i += pieces)
		ours_feed(&r, line + i,
		    i + pieces > length + 2 ? length + 2 - i : pieces);
	buf_release(&r.mail);
	free(line);
	return r.framing.marks;
}

static void long_lines_are_marked(void **state)
{
	struct ours r;
	size_t pieces, i;

	(void)state;
	/* each line counts for itself */
	ours_init(&r);
	for (i = 0; i < 100; i++)
		ours_feed(&r, "a line of some length\r\n", 23);
	assert_int_equal(r.framing.marks, 0);
	buf_release(&r.mail);
	for (pieces = 1; pieces < 2000; pieces += 37) {
		assert_int_equal(marks_of_line(998, pieces), 0);
		assert_int_equal(marks_of_line(999, pieces), FRAMING_LONG_LINE);
		assert_int_equal(
		    marks_of_line(5000, pieces), FRAMING_LONG_LINE);
	}
}

/* ---- random bytes ------------------------------------------------------- */

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void compare_random(uint32_t *seed)
{
	static const char letters[] = "\r\r\n\n..a\0\x80";
	char bytes[64];
	size_t n = 1 + random_next(seed) % sizeof(bytes), i, step;
	struct simple simple;
	struct ours r;

	for (i = 0; i < n; i++)
		bytes[i] = letters[random_next(seed) % 9];
	simple_init(&simple);
	for (i = 0; i < n && !simple.end; i++)
		simple_feed(&simple, bytes[i]);
	ours_init(&r);
	for (i = 0; i < n && !r.end; i += step) {
		step = 1 + random_next(seed) % 9;
		if (step > n - i)
			step = n - i;
		ours_feed(&r, bytes + i, step);
	}
	assert_int_equal(r.end, simple.end);
	if (simple.end) {
		assert_int_equal(r.used, simple.mail.len);
		assert_int_equal(r.framing.marks, simple.marks);
		simple_unstuff(&simple);
		if ((simple.marks & BARE) == 0) {
			assert_int_equal(r.mail.len, simple.mail.len);
			assert_memory_equal(
			    r.mail.data, simple.mail.data, simple.mail.len);
		}
	}
	buf_release(&simple.mail);
	buf_release(&r.mail);
}

static void random_bytes_agree(void **state)
{
	uint32_t seed = SEED;
	size_t i;

	(void)state;
	for (i = 0; i < 400000; i++)
		compare_random(&seed);
}

/* ---- chunks ------------------------------------------------------------- */

static unsigned chunk(struct framing *f, const char *bytes, size_t n,
    size_t step, struct buf *mail)
{
	struct span piece;
	size_t i, used;

	framing_chunk(f, n);
	for (i = 0; i < n; i += used) {
		used = framing_bdat(f,
		    (struct span){bytes + i, n - i < step ? n - i : step},
		    &piece);
		assert_true(used > 0 && used <= step);
		assert_int_equal(piece.len, used);
		buf_add_span(mail, piece);
	}
	assert_int_equal(f->left, 0);
	return f->marks;
}

static void chunks_keep_every_byte(void **state)
{
	const char text[] = "a\r\n.\r\n..b\r\n\r\n.\r\nend\r\n";
	const size_t n = sizeof(text) - 1;
	struct framing f;
	struct buf mail;
	size_t cut, step;

	(void)state;
	for (cut = 0; cut <= n; cut++)
		for (step = 1; step < 9; step++) {
			framing_init(&f);
			buf_init(&mail, 1024);
			chunk(&f, text, cut, step, &mail);
			chunk(&f, text + cut, n - cut, step, &mail);
			framing_end(&f);
			assert_int_equal(f.marks, 0);
			assert_int_equal(mail.len, n);
			assert_memory_equal(mail.data, text, n);
			buf_release(&mail);
		}
}

static void chunk_takes_no_more_than_its_size(void **state)
{
	const struct span in = {"ab\r\nQUIT\r\n", 10};
	struct framing f;
	struct span piece;

	(void)state;
	framing_init(&f);
	framing_chunk(&f, 4);
	assert_int_equal(framing_bdat(&f, in, &piece), 4);
	assert_int_equal(piece.len, 4);
	assert_int_equal(f.left, 0);
	assert_int_equal(framing_bdat(&f, in, &piece), 0);
}

static void chunks_are_marked(void **state)
{
	static const struct content table[] = {
	    {"a\r", NULL, FRAMING_BARE_CR | FRAMING_OPEN_END},
	    {"a", NULL, FRAMING_OPEN_END},
	    {"a\n", NULL, FRAMING_BARE_LF | FRAMING_OPEN_END},
	    {"a\nb\r\n", NULL, FRAMING_BARE_LF},
	    {"a\rb\r\n", NULL, FRAMING_BARE_CR},
	    {"", NULL, 0},
	};
	struct framing f;
	struct buf mail;
	size_t i, step;

	(void)state;
	buf_init(&mail, 1024);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		for (step = 1; step < 5; step++) {
			framing_init(&f);
			chunk(&f, table[i].wire, strlen(table[i].wire), step,
			    &mail);
			framing_end(&f);
			assert_int_equal(f.marks, table[i].marks);
		}
	buf_release(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(variants_end_nothing),
	    cmocka_unit_test(variants_byte_by_byte),
	    cmocka_unit_test(control_ends),
	    cmocka_unit_test(dots_are_unstuffed),
	    cmocka_unit_test(long_lines_are_marked),
	    cmocka_unit_test(random_bytes_agree),
	    cmocka_unit_test(chunks_keep_every_byte),
	    cmocka_unit_test(chunk_takes_no_more_than_its_size),
	    cmocka_unit_test(chunks_are_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
