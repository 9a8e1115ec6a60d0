/*
 * test-wire: frames and packed readings: what is packed comes back equal, and
 * whatever else a reader may send is refused.
 */
#include "check/wire.h"
#include "pack.h"
#include "pack_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAIL_SIZE 5000

static struct reading_cut cuts[] = {{0, 10}, {10, 5}, {4000, 1000}};
static const char *authors[] = {"a@example.com", "b@example.com", ""};
static struct reading_part parts[] = {
    {0, "multipart/mixed", NULL, NULL, 4711, false},
    {1, "text/plain", "utf-8", "r\xc3\xa9sum\xc3\xa9.txt", 1ull << 40, true},
    {UINT32_MAX, "", "", "", 0, true},
};
static struct finding findings[] = {
    {"mime-ambiguous", "two\tboundaries", FINDING_TRIPWIRE, NULL, NULL},
    {"note", "", FINDING_NOTE, NULL, NULL},
    {"note", "again", FINDING_CAUTION, NULL, NULL},
};

static struct reading full_reading(void)
{
	return (struct reading){
	    .trouble = "trouble",
	    .n_cuts = 3,
	    .cuts = cuts,
	    .message_id = "<1@example.com>",
	    .subject = "\xf0\x9f\x90\x81",
	    .date = "date",
	    .from = "from",
	    .sender = "sender",
	    .to = "",
	    .cc = "cc",
	    .reply_to = "reply-to",
	    .in_reply_to = "in-reply-to",
	    .references = "references",
	    .n_authors = 3,
	    .authors = authors,
	    .n_received = 17,
	    .n_parts = 3,
	    .parts = parts,
	    .context = {"why\nso", "one\ntwo", "0.9", "prompt", "case", "act"},
	    .n_findings = 3,
	    .findings = findings,
	    .text = {"Hello\n\tworld\n", 13},
	    .text_total = 14,
	};
}

static struct buf packed_reading(const struct reading *reading)
{
	struct buf buf;

	buf_init(&buf, 1 << 20);
	pack_reading(&buf, reading);
	assert_false(buf.overflow);
	return buf;
}

static void assert_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void assert_lists(const struct reading *a, const struct reading *b)
{
	size_t i;

	assert_int_equal(a->n_cuts, b->n_cuts);
	for (i = 0; i < a->n_cuts; i++) {
		assert_int_equal(a->cuts[i].offset, b->cuts[i].offset);
		assert_int_equal(a->cuts[i].length, b->cuts[i].length);
	}
	assert_int_equal(a->n_authors, b->n_authors);
	for (i = 0; i < a->n_authors; i++)
		assert_text(a->authors[i], b->authors[i]);
	assert_int_equal(a->n_parts, b->n_parts);
	for (i = 0; i < a->n_parts; i++) {
		assert_int_equal(a->parts[i].depth, b->parts[i].depth);
		assert_text(a->parts[i].type, b->parts[i].type);
		assert_text(a->parts[i].charset, b->parts[i].charset);
		assert_text(a->parts[i].filename, b->parts[i].filename);
		assert_int_equal(a->parts[i].size, b->parts[i].size);
		assert_int_equal(a->parts[i].in_text, b->parts[i].in_text);
	}
	assert_int_equal(a->n_findings, b->n_findings);
	for (i = 0; i < a->n_findings; i++) {
		assert_text(a->findings[i].name, b->findings[i].name);
		assert_text(a->findings[i].detail, b->findings[i].detail);
		assert_int_equal(a->findings[i].weight, b->findings[i].weight);
	}
}

static void assert_reading(const struct reading *a, const struct reading *b)
{
	assert_text(a->trouble, b->trouble);
	assert_text(a->message_id, b->message_id);
	assert_text(a->subject, b->subject);
	assert_text(a->date, b->date);
	assert_text(a->from, b->from);
	assert_text(a->sender, b->sender);
	assert_text(a->to, b->to);
	assert_text(a->cc, b->cc);
	assert_text(a->reply_to, b->reply_to);
	assert_text(a->in_reply_to, b->in_reply_to);
	assert_text(a->references, b->references);
	assert_text(a->context.why, b->context.why);
	assert_text(a->context.sources, b->context.sources);
	assert_text(a->context.confidence, b->context.confidence);
	assert_text(a->context.prompt, b->context.prompt);
	assert_text(a->context.case_id, b->context.case_id);
	assert_text(a->context.action, b->context.action);
	assert_int_equal(a->n_received, b->n_received);
	assert_int_equal(a->text.len, b->text.len);
	assert_memory_equal(a->text.data, b->text.data, a->text.len);
	assert_int_equal(a->text_total, b->text_total);
	assert_lists(a, b);
}

/* ---- what comes back ---------------------------------------------------- */

static void test_head(void **state)
{
	const struct wire_head head = {0x01020304, WIRE_EDITED, 0xfffefdfc};
	static const unsigned char bytes[WIRE_HEAD_SIZE] = {
	    4, 3, 2, 1, WIRE_EDITED, 0xfc, 0xfd, 0xfe, 0xff};
	unsigned char out[WIRE_HEAD_SIZE];
	struct wire_head back;

	(void)state;
	wire_head_put(&head, out);
	assert_memory_equal(out, bytes, sizeof(out));
	assert_int_equal(wire_head_get(&back, out, 0x01020304), 0);
	assert_int_equal(back.length, head.length);
	assert_int_equal(back.type, head.type);
	assert_int_equal(back.serial, head.serial);
	assert_int_equal(wire_head_get(&back, out, 0x01020303), -1);
}

static void test_reading(void **state)
{
	const struct reading none = {0}, full = full_reading();
	const struct reading *const both[] = {&none, &full};
	struct error err = ERROR_INIT;
	struct reading *back;
	struct buf buf;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		buf = packed_reading(both[i]);
		back = pack_get_reading(buf_span(&buf), MAIL_SIZE, &err);
		assert_non_null(back);
		assert_reading(back, both[i]);
		/* it can grow as any reading */
		reading_add_finding(back, FINDING_NOTE, "more", "");
		assert_non_null(reading_find(back, "more"));
		reading_free(back);
		buf_release(&buf);
	}
}

static void test_reply(void **state)
{
	const struct reading_reply reply = {
	    .automatic = "Auto-Submitted",
	    .maybe_automatic = "no-reply",
	    .n_from = 3,
	    .from = "a@b.example",
	    .message_id = "<1@b>",
	    .subject = "Re: x",
	    .line = "",
	    .words = "one\ntwo\n",
	    .signature_cut = true,
	    .mail = {"A: b\r\n\r\n\0\xFF", 10},
	    .mail_id = "<2@b>",
	    .mail_from = "Agent <agent@b.example>",
	    .edit_anyway = true,
	    .line_quoted = true,
	    .signature = "-- \nAnna",
	    .below = "list",
	};
	struct error err = ERROR_INIT;
	struct reading_reply *back;
	struct buf buf;

	(void)state;
	buf_init(&buf, 1 << 20);
	pack_reply(&buf, &reply);
	back = pack_get_reply(buf_span(&buf), &err);
	assert_non_null(back);
	assert_null(back->trouble);
	assert_string_equal(back->automatic, reply.automatic);
	assert_string_equal(back->maybe_automatic, reply.maybe_automatic);
	assert_int_equal(back->n_from, 3);
	assert_string_equal(back->from, reply.from);
	assert_string_equal(back->message_id, reply.message_id);
	assert_string_equal(back->subject, reply.subject);
	assert_string_equal(back->line, "");
	assert_string_equal(back->words, reply.words);
	assert_true(back->signature_cut);
	assert_int_equal(back->mail.len, reply.mail.len);
	assert_memory_equal(back->mail.data, reply.mail.data, reply.mail.len);
	assert_string_equal(back->mail_id, reply.mail_id);
	assert_string_equal(back->mail_from, reply.mail_from);
	assert_true(back->edit_anyway);
	assert_true(back->line_quoted);
	assert_string_equal(back->signature, reply.signature);
	assert_string_equal(back->below, reply.below);
	reading_reply_free(back);
	buf_release(&buf);
}

static void test_edit(void **state)
{
	struct reading full = full_reading();
	char mail[MAIL_SIZE];
	const struct reading_edit edit = {
	    .bytes = {mail, sizeof(mail)}, .note = "note", .reading = &full};
	struct error err = ERROR_INIT;
	struct reading_edit *back;
	struct buf buf;

	(void)state;
	memset(mail, 0, sizeof(mail)); /* a mail may be any bytes */
	buf_init(&buf, 1 << 20);
	pack_edit(&buf, &edit);
	back = pack_get_edit(buf_span(&buf), &err);
	assert_non_null(back);
	assert_null(back->refusal);
	assert_string_equal(back->note, "note");
	assert_int_equal(back->bytes.len, sizeof(mail));
	assert_memory_equal(back->bytes.data, mail, sizeof(mail));
	assert_reading(back->reading, &full);
	reading_edit_free(back);
	buf_release(&buf);
}

static void test_refused_edit(void **state)
{
	const struct reading_edit edit = {.refusal = "it is signed"};
	struct error err = ERROR_INIT;
	struct reading_edit *back;
	struct buf buf;

	(void)state;
	buf_init(&buf, 1 << 20);
	pack_edit(&buf, &edit);
	back = pack_get_edit(buf_span(&buf), &err);
	assert_non_null(back);
	assert_string_equal(back->refusal, "it is signed");
	assert_null(back->reading);
	reading_edit_free(back);
	buf_release(&buf);
}

/* Every byte at every place of a text: control characters are found. */
static void test_each_byte(void **state)
{
	struct reading reading = {0}, *back;
	char subject[21];
	struct buf buf;
	bool good;

	(void)state;
	reading.subject = subject;
	for (size_t at = 0; at < sizeof(subject) - 1; at++)
		for (int c = 1; c < 256; c++) {
			memset(subject, 'x', sizeof(subject) - 1);
			subject[sizeof(subject) - 1] = '\0';
			subject[at] = (char)c;
			good = c == '\t' || (c >= 0x20 && c < 0x7f);
			buf = packed_reading(&reading);
			back = pack_get_reading(buf_span(&buf), 0, NULL);
			assert_int_equal(back != NULL, good);
			reading_free(back);
			buf_release(&buf);
		}
}

/* ---- what is refused ---------------------------------------------------- */

static void refuse_reading(struct span packed)
{
	struct error err = ERROR_INIT;

	assert_null(pack_get_reading(packed, MAIL_SIZE, &err));
	assert_int_equal(err.kind, ERROR_INVALID);
	assert_true(err.text[0] != '\0');
}

/* A copy of exact size, so that a sanitizer sees one byte too many. */
static struct span exact(struct span from)
{
	char *copy = malloc(from.len + 1);

	memcpy(copy + 1, from.data, from.len);
	return (struct span){copy + 1, from.len};
}

static void free_exact(struct span span)
{
	union {
		const char *data;
		char *p;
	} at = {.data = span.data - 1};

	free(at.p);
}

/* Where a field of the top level begins. */
static bool begins_field(struct span packed, size_t at)
{
	size_t i = 0;

	while (i < at)
		i += 5 + wire_u32_get(packed.data + i + 1);
	return i == at;
}

static void test_truncations(void **state)
{
	const struct reading full = full_reading();
	struct buf buf = packed_reading(&full);
	struct error err = ERROR_INIT;
	struct reading *back;
	struct span span;
	size_t len;

	(void)state;
	for (len = 0; len < buf.len; len++) {
		span = exact((struct span){buf.data, len});
		back = pack_get_reading(span, MAIL_SIZE, &err);
		/* whole fields alone are a reading; without its total not */
		if (begins_field(buf_span(&buf), len) && len < buf.len - 13)
			assert_non_null(back);
		else
			assert_null(back);
		reading_free(back);
		free_exact(span);
	}
	buf_release(&buf);
}

static void test_reply_and_edit_truncations(void **state)
{
	struct reading full = full_reading();
	const struct reading_reply reply = {.line = "approve", .words = "w"};
	const struct reading_edit edit = {
	    .bytes = {"mail", 4}, .note = "n", .reading = &full};
	struct buf a, b;
	struct span span;

	(void)state;
	full.n_cuts = 0;
	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	pack_reply(&a, &reply);
	pack_edit(&b, &edit);
	for (size_t len = 0; len < a.len; len++) {
		span = exact((struct span){a.data, len});
		assert_null(pack_get_reply(span, NULL));
		free_exact(span);
	}
	for (size_t len = 0; len < b.len; len++) {
		span = exact((struct span){b.data, len});
		assert_null(pack_get_edit(span, NULL));
		free_exact(span);
	}
	buf_release(&a);
	buf_release(&b);
}

/* Every single-byte change is refused or gives a reading; never a crash. */
static void test_changes(void **state)
{
	const struct reading full = full_reading();
	struct buf buf = packed_reading(&full);
	char was;

	(void)state;
	for (size_t i = 0; i < buf.len; i++) {
		was = buf.data[i];
		for (int bit = 0; bit < 8; bit++) {
			buf.data[i] = (char)(was ^ (1 << bit));
			reading_free(
			    pack_get_reading(buf_span(&buf), MAIL_SIZE, NULL));
		}
		buf.data[i] = was;
	}
	buf_release(&buf);
}

static void test_lying_cuts(void **state)
{
	static const struct {
		struct reading_cut first, second;
	} rows[] = {
	    {{0, 10}, {9, 5}},		      /* overlap */
	    {{100, 10}, {50, 5}},	      /* order */
	    {{0, 10}, {4990, 11}},	      /* past the end */
	    {{0, 10}, {5001, 1}},	      /* begins past the end */
	    {{0, 10}, {UINT64_MAX, 2}},	      /* would wrap */
	    {{0, 10}, {20, UINT64_MAX - 10}}, /* likewise */
	    {{0, 10}, {20, 0}},		      /* empty */
	};
	struct reading_cut two[2];
	struct reading reading = {.n_cuts = 2, .cuts = two};
	struct buf buf;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		two[0] = rows[i].first;
		two[1] = rows[i].second;
		buf = packed_reading(&reading);
		refuse_reading(buf_span(&buf));
		buf_release(&buf);
	}
}

static void test_bad_text(void **state)
{
	static const char *const texts[] = {
	    "\xff",
	    "a\x80",
	    "\xc3",
	    "\xc0\xaf", /* broken, overlong */
	    "\xe0\x80\x80",
	    "\xed\xa0\x80", /* overlong, surrogate */
	    "\xf4\x90\x80\x80",
	    "\xf8\x88\x80\x80", /* beyond Unicode */
	    "\xe2\x82",
	    "\xf0\x9f\x90", /* cut short */
	    "two\nlines",
	    "\r",
	    "\033[2J",
	    "\177",
	    "\1",
	};
	struct reading reading = {0};
	struct buf buf;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		reading.subject = texts[i];
		buf = packed_reading(&reading);
		refuse_reading(buf_span(&buf));
		buf_release(&buf);
	}
	/* a NUL within: the C string would hide the rest */
	reading.subject = "abc";
	buf = packed_reading(&reading);
	buf.data[buf.len - 2] = '\0';
	refuse_reading(buf_span(&buf));
	buf_release(&buf);
}

static void add_field(struct buf *buf, int tag, const char *value, size_t size)
{
	unsigned char length[WIRE_U32_SIZE];

	wire_u32_put((uint32_t)size, length);
	buf_add_char(buf, (char)tag);
	buf_add(buf, length, sizeof(length));
	buf_add(buf, value, size);
}

/* Or the other side refuses what was written. */
static void check_order(const struct pack_row *rows)
{
	for (; rows->tag != 0; rows++) {
		assert_true(rows[1].tag == 0 || rows[1].tag > rows[0].tag);
		if (rows->kind == PACK_LIST)
			check_order(rows->items);
	}
}

static void test_order_of_tags(void **state)
{
	(void)state;
	check_order(pack_rows_reading);
	check_order(pack_rows_reply);
	check_order(pack_rows_edit);
	check_order(pack_rows_signed);
}

static void test_odd_fields(void **state)
{
	static const char one[8] = {1}, zero[8], two[8] = {2};
	struct buf buf, item;

	(void)state;
	buf_init(&buf, 1 << 20);
	buf_init(&item, 1 << 20);
	add_field(&buf, 4, "a", 1); /* twice */
	add_field(&buf, 4, "b", 1);
	refuse_reading(buf_span(&buf));
	buf_clear(&buf);
	add_field(&buf, 5, "a", 1); /* out of order */
	add_field(&buf, 4, "b", 1);
	refuse_reading(buf_span(&buf));
	buf_clear(&buf);
	add_field(&buf, 200, "a", 1); /* unknown */
	refuse_reading(buf_span(&buf));
	buf_clear(&buf);
	add_field(&buf, 0, "a", 1); /* the mark that ends our tables */
	refuse_reading(buf_span(&buf));
	buf_clear(&buf);
	add_field(&buf, 24, one, 8); /* likewise, behind the last row */
	add_field(&buf, 0, "a", 1);
	refuse_reading(buf_span(&buf));
	buf_clear(&buf);
	add_field(&buf, 14, one, 4); /* a number of odd size */
	refuse_reading(buf_span(&buf));
	buf_clear(&buf);
	add_field(&buf, 14, zero, 8); /* which is not written */
	refuse_reading(buf_span(&buf));
	buf_clear(&buf);
	add_field(&item, 2, "text/plain", 10);
	add_field(&item, 6, two, 8); /* a bool of 2 */
	add_field(&buf, 15, item.data, item.len);
	refuse_reading(buf_span(&buf));
	buf_clear(&buf);
	buf_clear(&item);
	add_field(&item, 1, "name", 4); /* a finding without detail */
	add_field(&buf, 22, item.data, item.len);
	refuse_reading(buf_span(&buf));
	buf_clear(&buf);
	add_field(&buf, 13, "", 0); /* an author without an address */
	refuse_reading(buf_span(&buf));
	buf_clear(&buf);
	add_field(&buf, 23, "abc", 3); /* a text without its total */
	refuse_reading(buf_span(&buf));
	buf_release(&buf);
	buf_release(&item);
}

/* A short answer may not claim a huge list. */
static void test_long_lists(void **state)
{
	struct buf buf, item;

	(void)state;
	buf_init(&buf, 1 << 24);
	buf_init(&item, 100);
	add_field(&item, 1, "", 0);
	for (int i = 0; i < 200001; i++)
		add_field(&buf, 13, item.data, item.len);
	refuse_reading(buf_span(&buf));
	buf_release(&buf);
	buf_release(&item);
}

static void test_long_text(void **state)
{
	static char text[READING_TEXT_MAX + 1];
	struct reading reading = {
	    .text = {text, sizeof(text)}, .text_total = sizeof(text)};
	struct buf buf;

	(void)state;
	memset(text, 'x', sizeof(text));
	buf = packed_reading(&reading);
	refuse_reading(buf_span(&buf));
	buf_release(&buf);
	reading.text.len--;
	buf = packed_reading(&reading);
	struct reading *back =
	    pack_get_reading(buf_span(&buf), MAIL_SIZE, NULL);
	assert_non_null(back);
	reading_free(back);
	buf_release(&buf);
}

static void test_odd_edits(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1 << 20);
	assert_null(pack_get_edit(buf_span(&buf), NULL)); /* no result */
	add_field(&buf, 1, "no", 2);
	add_field(&buf, 2, "mail", 4); /* refused, yet a result */
	assert_null(pack_get_edit(buf_span(&buf), NULL));
	buf_clear(&buf);
	add_field(&buf, 1, "no", 2);
	add_field(&buf, 4, "", 0); /* likewise */
	assert_null(pack_get_edit(buf_span(&buf), NULL));
	buf_clear(&buf);
	add_field(&buf, 2, "mail", 4); /* not read */
	assert_null(pack_get_edit(buf_span(&buf), NULL));
	add_field(&buf, 4, "", 0);
	reading_edit_free(pack_get_edit(buf_span(&buf), NULL));
	add_field(&buf, 4, "", 0); /* read twice */
	assert_null(pack_get_edit(buf_span(&buf), NULL));
	buf_release(&buf);
}

/* A full buffer is said, not half filled in silence. */
static void test_overflow(void **state)
{
	const struct reading full = full_reading();
	struct buf buf = packed_reading(&full);
	size_t size = buf.len;

	(void)state;
	buf_release(&buf);
	for (size_t max = 0; max < size; max++) {
		buf_init(&buf, max);
		pack_reading(&buf, &full);
		assert_true(buf.overflow);
		buf_release(&buf);
	}
}

/* A reader goes on from row to row: one in the wrong place hides others. */
static void expect_ascending(const struct pack_row *rows)
{
	unsigned last = 0;

	for (; rows->tag != 0; rows++) {
		if (rows->tag <= last)
			fail_msg("row %u is behind row %u", rows->tag, last);
		last = rows->tag;
		if (rows->kind == PACK_LIST && rows->items != NULL)
			expect_ascending(rows->items);
	}
}

static void test_tables(void **state)
{
	(void)state;
	expect_ascending(pack_rows_reading);
	expect_ascending(pack_rows_reply);
	expect_ascending(pack_rows_edit);
	expect_ascending(pack_rows_signed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_head),
	    cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_reading),
	    cmocka_unit_test(test_reply),
	    cmocka_unit_test(test_edit),
	    cmocka_unit_test(test_refused_edit),
	    cmocka_unit_test(test_truncations),
	    cmocka_unit_test(test_reply_and_edit_truncations),
	    cmocka_unit_test(test_changes),
	    cmocka_unit_test(test_lying_cuts),
	    cmocka_unit_test(test_bad_text),
	    cmocka_unit_test(test_each_byte),
	    cmocka_unit_test(test_order_of_tags),
	    cmocka_unit_test(test_odd_fields),
	    cmocka_unit_test(test_long_lists),
	    cmocka_unit_test(test_long_text),
	    cmocka_unit_test(test_odd_edits),
	    cmocka_unit_test(test_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
