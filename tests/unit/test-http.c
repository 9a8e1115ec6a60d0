/*
 * Tests of util/http: heads that are read, and the many that are refused
 * because another program might read them differently.
 */
#include "util/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static struct arena *arena;
static struct http_head head;

static int start(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static int read_bytes(const char *bytes, size_t len)
{
	return http_head_read(&head, arena, (struct span){bytes, len});
}

static int read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void reads_a_get(void **state)
{
	(void)state;
	assert_int_equal(read_text("GET /v1/drafts/7%20a?page=2&x= HTTP/1.1\r\n"
				   "Host: localhost\r\n"
				   "User-Agent: curl/7.88\r\n"
				   "Accept: */*\r\n\r\n"),
	    0);
	assert_string_equal(head.method, "GET");
	assert_string_equal(head.path, "/v1/drafts/7 a");
	assert_string_equal(head.query, "page=2&x=");
	assert_int_equal(head.length, 0);
	assert_true(head.keep);
	assert_false(head.expects_continue);
}

static void reads_a_post(void **state)
{
	(void)state;
	assert_int_equal(read_text("POST / HTTP/1.1\r\n"
				   "content-length:\t 12 \t\r\n"
				   "HOST:\r\n"
				   "Expect: 100-Continue\r\n"
				   "Connection: foo, Close\r\n\r\n"),
	    0);
	assert_int_equal(head.length, 12);
	assert_string_equal(head.query, "");
	assert_true(head.expects_continue);
	assert_false(head.keep);
}

static void old_clients_are_served_once(void **state)
{
	(void)state;
	assert_int_equal(read_text("HEAD / HTTP/1.0\r\n\r\n"), 0);
	assert_string_equal(head.method, "HEAD");
	assert_false(head.keep);
}

static void refuses(void **state)
{
#define H "Host: x\r\n"
	static const struct {
		int status;
		const char *text;
	} rows[] = {
	    {400, "\r\n\r\n"},
	    {400, "GET\r\n\r\n"},
	    {400, "GET /\r\n\r\n"},
	    {400, "GET  / HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /  HTTP/1.1\r\n" H "\r\n"},
	    {505, "GET / HTTP/1.1 \r\n" H "\r\n"},
	    {400, " GET / HTTP/1.1\r\n" H "\r\n"},
	    {400, "G(T / HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET\t/\tHTTP/1.1\r\n" H "\r\n"},
	    {400, "GET / http/1.1\r\n" H "\r\n"},
	    {505, "GET / HTTP/2.0\r\n" H "\r\n"},
	    {505, "GET / HTTP/1.10\r\n" H "\r\n"},
	    {501, "BREW / HTTP/1.1\r\n" H "\r\n"},
	    {501, "DELETE / HTTP/1.1\r\n" H "\r\n"},
	    {501, "PUTT / HTTP/1.1\r\n" H "\r\n"},
	    {501, "get / HTTP/1.1\r\n" H "\r\n"},
	    {501, "CONNECT / HTTP/1.1\r\n" H "\r\n"},
	    {400, "CONNECT x:25 HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET http://x/ HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET * HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET v1 HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /a#b HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /% HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /%4 HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /%zz HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /a%00b HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /a%0d%0aX HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /.. HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /a/../b HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /a/%2e%2E/b HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /a/%2e%2e%2fb HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET /a/./b HTTP/1.1\r\n" H "\r\n"},
	    {400, "GET / HTTP/1.1\r\n\r\n"}, /* no Host */
	    {400, "GET / HTTP/1.1\r\n" H H "\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H " folded\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost : x\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "no colon\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H ": no name\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "X: a\rb\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "X: a\nb\r\n\r\n"},
	    {400, "GET / HTTP/1.1\n" H "\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: x\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "X: \x7f\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H "X: \x1b[2J\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n" H}, /* no end */
	    {400, "POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\n" H "Content-Length: 1 1\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\n" H
		  "Content-Length: 18446744073709551616\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\n" H
		  "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\n" H
		  "Content-Length: 1\r\ncontent-length: 2\r\n\r\n"},
	    {411, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"},
	    {411, "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\n"
		  "transfer-encoding: identity\r\n\r\n"},
	    {417, "POST / HTTP/1.1\r\n" H "Expect: miracles\r\n\r\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int status = read_text(rows[i].text);

		if (status != rows[i].status)
			fail_msg("%d, not %d: %s", status, rows[i].status,
			    rows[i].text);
	}
	assert_int_equal(
	    read_bytes("GET / HTTP/1.1\r\n" H "X: a\0b\r\n\r\n", 36), 400);
#undef H
}

static void limits_the_fields(void **state)
{
	struct buf text;
	int n;

	(void)state;
	buf_init(&text, HTTP_HEAD_MAX);
	buf_add_str(&text, "GET / HTTP/1.1\r\nHost: x\r\n");
	for (n = 1; n < HTTP_FIELDS_MAX; n++)
		buf_addf(&text, "X-%d: y\r\n", n);
	buf_add_str(&text, "\r\n");
	assert_int_equal(read_text(text.data), 0);
	buf_cut(&text, text.len - 2);
	buf_add_str(&text, "Y: one more\r\n\r\n");
	assert_int_equal(read_text(text.data), 431);
	buf_release(&text);
}

static void finds_query_values(void **state)
{
	static const struct {
		const char *query, *name, *value;
	} rows[] = {
	    {"a=1&b=2", "a", "1"},
	    {"a=1&b=2", "b", "2"},
	    {"aa=1&a=2", "a", "2"},
	    {"a=1&a=2", "a", "1"},
	    {"a=", "a", ""},
	    {"a", "a", NULL},
	    {"", "a", NULL},
	    {"&&a=x+y%2B%26", "a", "x y+&"},
	    {"a=%", "a", NULL},
	    {"a=%00", "a", NULL},
	    {"b=a=1", "a", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *value =
		    http_query_value(arena, rows[i].query, rows[i].name);

		if (rows[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, rows[i].value);
	}
}

static void reads_who_asks(void **state)
{
	static const struct {
		const char *field;
		int rc;
		const char *name, *password;
	} rows[] = {
	    {"Basic Ym90OnNlY3JldA==", 0, "bot", "secret"},
	    {"basic  Ym90OnNlY3JldA==", 0, "bot", "secret"},
	    {"Basic Ym90Og==", 0, "bot", ""},
	    {"Basic Ym90OmE6Yg==", 0, "bot", "a:b"},
	    {"Basic Om8=", 0, "", "o"},
	    {"Basic", -1, NULL, NULL},
	    {"Basic ", -1, NULL, NULL},
	    {"Basic Ym90", -1, NULL, NULL},		  /* no colon */
	    {"Basic Ym90OnNlY3JldA", -1, NULL, NULL},	  /* no padding */
	    {"Basic Ym90OnNlY3JldA== x", -1, NULL, NULL}, /* and more */
	    {"Basic YgB0OnNlY3JldA==", -1, NULL, NULL},	  /* NUL in the name */
	    {"Basic YmnlOmQA", -1, NULL, NULL},		  /* NUL behind it */
	    {"Bearer Ym90OnNlY3JldA==", -1, NULL, NULL},
	};
	struct http_basic basic;
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
		    "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n",
		    rows[i].field);
		assert_int_equal(read_text(text), 0);
		assert_int_equal(
		    http_basic_read(&basic, arena, head.authorization),
		    rows[i].rc);
		if (rows[i].rc != 0)
			continue;
		assert_string_equal(basic.name, rows[i].name);
		assert_int_equal(basic.password.len, strlen(rows[i].password));
		assert_memory_equal(
		    basic.password.data, rows[i].password, basic.password.len);
	}
	assert_int_equal(read_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 0);
	assert_null(head.authorization);
	assert_int_equal(http_basic_read(&basic, arena, NULL), -1);
	assert_int_equal(read_text("GET / HTTP/1.1\r\nHost: x\r\n"
				   "Authorization: Basic YTpi\r\n"
				   "authorization: Basic YTpi\r\n\r\n"),
	    400);
}

static void writes_answer_heads(void **state)
{
	struct http_answer answer = {
	    405, "text/plain", {"body", 4}, "GET, HEAD"};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	http_answer_head(&out, &answer, false);
	assert_ptr_equal(
	    strstr(out.data, "HTTP/1.1 405 Method Not Allowed\r\n"), out.data);
	assert_non_null(strstr(out.data, " GMT\r\n"));
	assert_non_null(strstr(out.data, "\r\nContent-Length: 4\r\n"));
	assert_non_null(strstr(out.data, "\r\nContent-Type: text/plain\r\n"));
	assert_non_null(strstr(out.data, "\r\nAllow: GET, HEAD\r\n"));
	assert_non_null(strstr(out.data, "\r\nCache-Control: no-store\r\n"));
	assert_non_null(
	    strstr(out.data, "\r\nX-Content-Type-Options: nosniff\r\n"));
	assert_non_null(strstr(out.data, "\r\nConnection: close\r\n\r\n"));
	buf_clear(&out);
	answer.allow = NULL;
	http_answer_head(&out, &answer, true);
	assert_null(strstr(out.data, "Connection:"));
	assert_null(strstr(out.data, "Allow:"));
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_a_get),
	    cmocka_unit_test(reads_a_post),
	    cmocka_unit_test(old_clients_are_served_once),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(limits_the_fields),
	    cmocka_unit_test(finds_query_values),
	    cmocka_unit_test(reads_who_asks),
	    cmocka_unit_test(writes_answer_heads),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
