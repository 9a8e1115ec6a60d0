/*
 * Tests of check/reader/mime: trees, ranges, limits, and that no byte is ever
 * without a place.
 */
#include "check/reader/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "mimecover.h"

static struct mime *split(struct arena *arena, const char *mail)
{
	struct mime *mime =
	    mime_split(arena, (struct span){mail, strlen(mail)});
	const char *why = mimecover(mime);

	if (why != NULL)
		fail_msg("%s in:\n%s", why, mail);
	return mime;
}

/* The tree as text: kind, type, body; children in brackets by depth. */
static void describe(const struct mime *mime, struct buf *out)
{
	static const char kinds[] = {'-', '+', '@'};
	static const char outside[] = {'<', '>', '?', '!', '#'};

	for (size_t i = 0; i < mime->n_nodes; i++) {
		const struct mime_node *node = &mime->nodes[i];

		buf_addf(
		    out, "%u%c%s", node->depth, kinds[node->kind], node->type);
		if (node->kind == MIME_LEAF)
			buf_addf(out, "(%.*s)", (int)node->body.length,
			    mime->mail.data + node->body.offset);
		buf_add_str(out, " ");
	}
	for (size_t i = 0; i < mime->n_outside; i++)
		buf_addf(out, "%c%d(%.*s) ", outside[mime->outside[i].kind],
		    mime->outside[i].node, (int)mime->outside[i].range.length,
		    mime->mail.data + mime->outside[i].range.offset);
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define PLAIN "Content-Type: text/plain\r\n\r\n"

static const struct {
	const char *mail, *tree;
	unsigned odd; /* of all nodes together */
} trees[] = {
    {"", "0-text/plain() ", 0},
    {"\r\n", "0-text/plain() ", 0},
    {"\r\nhello", "0-text/plain(hello) ", 0},
    {"A: b\r\n\r\nhello\r\n", "0-text/plain(hello\r\n) ", 0},
    {"A: b", "0-text/plain() ", 0},
    {"A: b\n\nhello\n", "0-text/plain(hello\n) ", 0},
    {"Content-Type: TEXT/Html (x); CharSet=\"Utf-8\"\r\n\r\nx",
	"0-text/html(x) ", 0},
    {MIXED "--b\r\n\r\none\r\n--b\r\n" PLAIN "two\r\n\r\n--b--\r\n",
	"0+multipart/mixed 1-text/plain(one) 1-text/plain(two\r\n) ", 0},
    {MIXED "pre\r\n--b \t\r\n\r\none\r\n--b-- \r\npost\r\n",
	"0+multipart/mixed 1-text/plain(one) <0(pre) >0(post\r\n) ", 0},
    {MIXED "--b\r\n\r\none\r\n", "0+multipart/mixed 1-text/plain(one\r\n) ",
	MIME_UNCLOSED},
    {MIXED "no part at all\r\n", "0-multipart/mixed(no part at all\r\n) ",
	MIME_NO_PARTS},
    {MIXED "--c\r\n\r\nhello\r\n--c--\r\n",
	"0-multipart/mixed(--c\r\n\r\nhello\r\n--c--\r\n) ", MIME_NO_PARTS},
    {"Content-Type: multipart/mixed\r\n\r\nx", "0-multipart/mixed(x) ",
	MIME_NO_BOUNDARY},
    {MIXED "--b\r\n\r\none\r\n--bb\r\ntwo\r\n--b--\r\n",
	"0+multipart/mixed 1-text/plain(one\r\n--bb\r\ntwo) ",
	MIME_NEAR_BOUNDARY},
    {MIXED "--b\r\nContent-Type: multipart/mixed; boundary=b2\r\n\r\n"
	   "--b2\r\n\r\nin\r\n--b2--\r\n--b\r\n\r\nout\r\n--b--",
	"0+multipart/mixed 1+multipart/mixed 2-text/plain(in) "
	"1-text/plain(out) ",
	0},
    /* an inner multipart is ended by the outer one's delimiter */
    {MIXED "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
	   "--c\r\n\r\nin\r\n--b\r\n\r\nout\r\n--b--",
	"0+multipart/mixed 1+multipart/mixed 2-text/plain(in) "
	"1-text/plain(out) ",
	MIME_UNCLOSED},
    {MIXED "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
	   "--b\r\n\r\nx\r\n--b--\r\n--b--\r\n",
	"0+multipart/mixed 1+multipart/mixed 2-text/plain(x) ",
	MIME_ODD_BOUNDARY},
    {MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: i\r\n\r\n"
	   "inner\r\n--b--",
	"0+multipart/mixed 1@message/rfc822 2-text/plain(inner) ", 0},
    {MIXED "--b\r\nContent-Type: message/rfc822\r\n"
	   "Content-Transfer-Encoding: base64\r\n\r\nQTogYg0K\r\n--b--",
	"0+multipart/mixed 1-message/rfc822(QTogYg0K) ", MIME_ENCODED_TREE},
    {"Content-Type: multipart/digest; boundary=b\r\n\r\n"
     "--b\r\n\r\nSubject: i\r\n\r\ninner\r\n--b--",
	"0+multipart/digest 1@message/rfc822 2-text/plain(inner) ", 0},
    {"Content-Type: text/html\r\nContent-Type: text/plain\r\n\r\nx",
	"0-text/html(x) ", MIME_TWO_TYPES},
    {"Content-Type: multipart/mixed; boundary=b; boundary=c\r\n\r\n"
     "--b\r\n\r\nx\r\n--b--",
	"0+multipart/mixed 1-text/plain(x) ", MIME_TWO_BOUNDARIES},
    {"Content-Type: multipart/mixed; boundary*=us-ascii''b\r\n\r\n"
     "--b\r\n\r\nx\r\n--b--",
	"0+multipart/mixed 1-text/plain(x) ", MIME_ODD_BOUNDARY},
    {"A: b\r\nnot a field\r\nC: d\r\n\r\nx",
	"0-text/plain(x) ?0(not a field\r\n) ", MIME_JUNK_IN_HEADER},
    {"A: b\r\n \r\nC: d\r\n\r\nx", "0-text/plain(x) ", MIME_BLANK_IN_FIELD},
    {MIXED "--b\r\nA: b\r\n--b--", "0+multipart/mixed 1-text/plain() ",
	MIME_HEADER_CUT},
    {MIXED "--b\r\n--b--", "0+multipart/mixed 1-text/plain() ",
	MIME_HEADER_CUT},
    {"Content-Type: nonsense\r\n\r\nx", "0-text/plain(x) ", MIME_BAD_TYPE},
    {"Content-Transfer-Encoding: x-uue\r\n\r\nx", "0-text/plain(x) ",
	MIME_BAD_ENCODING},
    {"Content-Transfer-Encoding: 7bit\r\n"
     "Content-Transfer-Encoding: base64\r\n\r\nx",
	"0-text/plain(x) ", MIME_TWO_ENCODINGS},
};

static void trees_come_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		struct arena *arena = arena_new();
		struct mime *mime = split(arena, trees[i].mail);
		unsigned odd = 0;
		struct buf tree;

		buf_init(&tree, 10000);
		describe(mime, &tree);
		for (size_t n = 0; n < mime->n_nodes; n++)
			odd |= mime->nodes[n].odd;
		assert_string_equal(tree.data, trees[i].tree);
		if (odd != trees[i].odd)
			fail_msg("odd is %x, not %x: %s", odd, trees[i].odd,
			    trees[i].mail);
		buf_release(&tree);
		arena_free(arena);
	}
}

static void fields_are_found(void **state)
{
	static const char mail[] = "X: 0\r\nSubject : one\r\n two\r\n"
				   "subject: three\r\n\r\nSubject: body\r\n";
	struct arena *arena = arena_new();
	struct mime *mime = split(arena, mail);
	const struct field *first =
	    mime_field(mime, &mime->nodes[0], "SUBJECT");
	const struct field *second;
	struct mime_range range;

	(void)state;
	assert_non_null(first);
	assert_int_equal(first->name.len, 7);
	assert_int_equal(first->value.len, strlen(" one\r\n two"));
	range = mime_field_range(mime, first);
	assert_int_equal(range.offset, 6);
	assert_int_equal(range.length, strlen("Subject : one\r\n two\r\n"));
	second = mime_field_after(mime, &mime->nodes[0], first);
	assert_non_null(second);
	assert_memory_equal(second->value.data, " three", 6);
	assert_null(mime_field_after(mime, &mime->nodes[0], second));
	assert_null(mime_field(mime, &mime->nodes[0], "Sub"));
	arena_free(arena);
}

static void parameters_are_kept(void **state)
{
	static const char mail[] =
	    "Content-Type: text/plain; charset=ISO-8859-1; format=Flowed;\r\n"
	    " delsp=yes; name=a.txt\r\n"
	    "Content-Disposition: ATTACHMENT; filename*=utf-8''%e2%82%ac.txt"
	    "\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\nx";
	struct arena *arena = arena_new();
	const struct mime_node *node = split(arena, mail)->nodes;

	(void)state;
	assert_string_equal(node->charset, "iso-8859-1");
	assert_true(node->flowed && node->delsp && node->typed);
	assert_string_equal(node->filename, "\xe2\x82\xac.txt");
	assert_string_equal(node->disposition, "attachment");
	assert_int_equal(node->encoding, MIME_QUOTED);
	arena_free(arena);
}

/* Taking the whole part out leaves a mail that splits the same way. */
static void whole_parts_can_go(void **state)
{
	static const struct {
		const char *mail;
		int node;
		const char *gone; /* NULL: cannot go */
	} table[] = {
	    {MIXED "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", 1,
		"--b\r\n\r\none\r\n"},
	    {MIXED "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", 2,
		"--b\r\n\r\ntwo\r\n"},
	    {MIXED "--b\r\n\r\none\r\n--b\r\n\r\n\r\n--b--\r\n", 2,
		"--b\r\n\r\n\r\n"},
	    {MIXED "--b\r\n\r\none\r\n--b\r\n\r\n--b--\r\n", 2, "--b\r\n\r\n"},
	    {MIXED "--b\r\n\r\none\r\n--b--\r\n", 1, NULL},
	    {MIXED "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n", 2, NULL},
	    {MIXED "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n", 1,
		"--b\r\n\r\none\r\n"},
	    {MIXED "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
		   "--c\r\n\r\none\r\n--c\r\n\r\ntwo\r\n--b--\r\n",
		3, NULL},
	    {"A: b\r\n\r\nx", 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena *arena = arena_new();
		struct mime *mime = split(arena, table[i].mail);
		struct mime_range range =
		    mime_whole_part(mime, &mime->nodes[table[i].node]);

		if (table[i].gone == NULL) {
			assert_int_equal(range.length, 0);
		} else {
			assert_int_equal(range.length, strlen(table[i].gone));
			assert_memory_equal(table[i].mail + range.offset,
			    table[i].gone, range.length);
		}
		arena_free(arena);
	}
}

static void repeat(struct buf *mail, const char *s, size_t times)
{
	for (size_t i = 0; i < times; i++)
		buf_add_str(mail, s);
}

static void parts_stop_at_the_limit(void **state)
{
	struct arena *arena = arena_new();
	struct buf mail;
	struct mime *mime;

	(void)state;
	buf_init(&mail, 1 << 20);
	buf_add_str(&mail, MIXED);
	repeat(&mail, "--b\r\n\r\nx\r\n", 10000);
	buf_add_str(&mail, "--b--\r\n");
	mime = split(arena, mail.data);
	assert_int_equal(mime->n_nodes, MIME_NODES_MAX);
	assert_true(mime->too_many_parts);
	assert_int_equal(mime->n_outside, 1);
	assert_int_equal(mime->outside[0].kind, MIME_UNREAD);
	buf_release(&mail);
	arena_free(arena);
}

static void depth_stops_at_the_limit(void **state)
{
	struct arena *arena = arena_new();
	const struct mime_node *last;
	struct buf mail;
	struct mime *mime;

	(void)state;
	buf_init(&mail, 1 << 20);
	for (int i = 0; i < 2000; i++)
		buf_addf(&mail,
		    "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n"
		    "--b%d\r\n",
		    i, i);
	mime = split(arena, mail.data);
	assert_int_equal(mime->n_nodes, MIME_DEPTH_MAX + 1);
	last = &mime->nodes[mime->n_nodes - 1];
	assert_true((last->odd & MIME_TOO_DEEP) != 0);
	assert_int_equal(last->kind, MIME_LEAF);
	buf_clear(&mail);
	repeat(&mail, "Content-Type: message/rfc822\r\n\r\n", 50000);
	mime = split(arena, mail.data);
	assert_int_equal(mime->n_nodes, MIME_DEPTH_MAX + 1);
	buf_release(&mail);
	arena_free(arena);
}

static void headers_stop_at_the_limit(void **state)
{
	struct arena *arena = arena_new();
	struct buf mail;
	struct mime *mime;

	(void)state;
	buf_init(&mail, 1 << 22);
	buf_add_str(&mail, "X: ");
	repeat(&mail, "y", 1000000);
	buf_add_str(&mail, "\r\nContent-Type: text/html\r\n\r\nhi");
	mime = split(arena, mail.data);
	assert_int_equal(mime->nodes[0].odd, MIME_HEADER_LARGE);
	assert_string_equal(mime->nodes[0].type, "text/html");
	assert_int_equal(mime->outside[0].kind, MIME_UNREAD_HEADER);
	assert_int_equal(mime->outside[0].range.length, 1000005);
	buf_clear(&mail);
	repeat(&mail, "X: y\r\n", 200000);
	mime = split(arena, mail.data);
	assert_int_equal(mime->n_fields, MIME_HEADER_LINES_MAX);
	assert_int_equal(mime->n_outside, 1);
	buf_release(&mail);
	arena_free(arena);
}

/* CPU time for so many lines that are nearly delimiters. */
static double seconds(size_t times)
{
	struct timespec from, to;
	struct arena *arena = arena_new();
	struct buf mail;

	buf_init(&mail, 1 << 26);
	for (int i = 0; i < 99; i++)
		buf_addf(&mail,
		    "Content-Type: multipart/mixed; boundary=%070d\r\n\r\n"
		    "--%070d\r\n",
		    i, i);
	for (size_t i = 0; i < times; i++)
		buf_addf(&mail, "--%070d\r\n", 999);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	mime_split(arena, buf_span(&mail));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	buf_release(&mail);
	arena_free(arena);
	return (double)(to.tv_sec - from.tv_sec) +
	       (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Ten times the input may not take a hundred times as long. */
static void time_is_linear(void **state)
{
	double small, large;

	(void)state;
	seconds(2000);
	small = seconds(2000);
	large = seconds(20000);
	if (large > 40 * small + 0.05)
		fail_msg("%f s, then %f s", small, large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trees_come_out),
	    cmocka_unit_test(fields_are_found),
	    cmocka_unit_test(parameters_are_kept),
	    cmocka_unit_test(whole_parts_can_go),
	    cmocka_unit_test(parts_stop_at_the_limit),
	    cmocka_unit_test(depth_stops_at_the_limit),
	    cmocka_unit_test(headers_stop_at_the_limit),
	    cmocka_unit_test(time_is_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
