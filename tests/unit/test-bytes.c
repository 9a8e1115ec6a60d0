/*
 * Tests of send/bytes: what must not leave, and dot-stuffing in pieces of any
 * size.
 */
#include "send/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define SPAN(s) ((struct span){s, sizeof(s) - 1})

static void faults_are_found(void **state)
{
	static const struct {
		struct span mail;
		const char *fault; /* a word of it, NULL: none */
	} rows[] = {
	    {SPAN("\r\n"), NULL},
	    {SPAN("a\r\n\r\nb\r\n"), NULL},
	    {SPAN("a\r\n.\r\nb\r\n"), NULL},
	    {SPAN(""), "end"},
	    {SPAN("\n"), "end"},
	    {SPAN("a"), "end"},
	    {SPAN("a\n"), "end"},
	    {SPAN("a\r"), "end"},
	    {SPAN("a\r\nb"), "end"},
	    {SPAN("a\r\n\n"), "end"},
	    {SPAN("a\nb\r\n"), "LF without CR"},
	    {SPAN("\na\r\n"), "LF without CR"},
	    {SPAN("a\n.\r\nb\r\n"), "LF without CR"},
	    {SPAN("a\r\n.\nb\r\n"), "LF without CR"},
	    {SPAN("a\n.\nb\r\n"), "LF without CR"},
	    {SPAN("a\rb\r\n"), "CR without LF"},
	    {SPAN("a\r.\r\nb\r\n"), "CR without LF"},
	    {SPAN("a\r\n.\rb\r\n"), "CR without LF"},
	    {SPAN("a\r.\rb\r\n"), "CR without LF"},
	    {SPAN("a\r\r\n"), "CR without LF"},
	    {SPAN("\r\r\n"), "CR without LF"},
	    {SPAN("a\r\r\n.\r\nb\r\n"), "CR without LF"},
	    {SPAN("a\0b\r\n"), "NUL"},
	    {SPAN("a\r\0\nb\r\n"), "NUL"},
	};
	const char *fault;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fault = bytes_fault(rows[i].mail);
		if (rows[i].fault == NULL)
			assert_null(fault);
		else if (fault == NULL || !strstr(fault, rows[i].fault))
			fail_msg("row %zu: %s", i, fault ? fault : "none");
	}
}

static void dots_are_doubled_in_any_pieces(void **state)
{
	static const struct {
		struct span mail, stuffed;
	} rows[] = {
	    {SPAN(""), SPAN("")},
	    {SPAN("\r\n"), SPAN("\r\n")},
	    {SPAN("."), SPAN("..")},
	    {SPAN(".\r\n.\r\n"), SPAN("..\r\n..\r\n")},
	    {SPAN("a.b\r\n..c\r\n"), SPAN("a.b\r\n...c\r\n")},
	    {SPAN("a\r\n.\r\nMAIL FROM:<x>\r\n"),
		SPAN("a\r\n..\r\nMAIL FROM:<x>\r\n")},
	    {SPAN("\r\n\r\n...\r\n"), SPAN("\r\n\r\n....\r\n")},
	};
	struct bytes_stuffer stuffer;
	struct buf out;
	size_t i, most, before;
	bool end;

	(void)state;
	buf_init(&out, 1000);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (most = 1; most < 20; most++) {
			buf_clear(&out);
			stuffer = (struct bytes_stuffer){0, false};
			do {
				before = out.len;
				end = bytes_stuff(
				    &stuffer, rows[i].mail, &out, most);
				assert_true(out.len - before <= most + 1);
			} while (!end);
			assert_int_equal(out.len, rows[i].stuffed.len);
			assert_memory_equal(
			    out.data, rows[i].stuffed.data, out.len);
		}
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_are_found),
	    cmocka_unit_test(dots_are_doubled_in_any_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
