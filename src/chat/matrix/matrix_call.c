/*
 * matrix_call: asks the homeserver one thing, and says in four words what came
 * of it.  What is asked, and what follows, is left to the others.
 */
#include "chat/matrix/matrix.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

/* A page of events with all that the server bundles with each of them. */
#define ANSWER_MAX  ((size_t)16 * 1024 * 1024)
#define RETRY_MOST  ((int64_t)3600 * 1000) /* that we believe it */
#define EXCERPT_MAX 120 /* of what the server says in words */
#define DEPTH_MAX   500 /* of values within values */

/* ---- paths ----------------------------------------------------------------
 */

const char *matrix_call_escape(struct arena *arena, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~";
	char *out = arena_alloc(arena, strlen(s) * 3 + 1), *to = out;

	for (; *s != '\0'; s++) {
		if (strchr(plain, *s) != NULL) {
			*to++ = *s;
			continue;
		}
		*to++ = '%';
		*to++ = hex[(unsigned char)*s >> 4];
		*to++ = hex[(unsigned char)*s & 15];
	}
	return out;
}

const char *matrix_call_path(
    const struct matrix *matrix, struct arena *arena, const char *fmt, ...)
{
	va_list ap, again;
	char *rest;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	rest = arena_alloc(arena, (size_t)n + 1);
	vsnprintf(rest, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return arena_printf(arena, "/_matrix/client/v3/rooms/%s%s",
	    matrix_call_escape(arena, matrix->room), rest);
}

/* ---- answers ----------------------------------------------------------------
 */

/* The UTF-16 unit of a \\uXXXX that stands at i; else more than any. */
static unsigned unit_at(struct span in, size_t i)
{
	unsigned unit = 0;
	size_t k;

	if (i > in.len || in.len - i < 6 || memcmp(in.data + i, "\\u", 2) != 0)
		return 0x10000;
	for (k = i + 2; k < i + 6; k++) {
		if (!isxdigit((unsigned char)in.data[k]))
			return 0x10000;
		unit =
		    unit << 4 | (unsigned)(in.data[k] <= '9'
					       ? in.data[k] - '0'
					       : (in.data[k] | 32) - 'a' + 10);
	}
	return unit;
}

/* The string whose quote stands at i, without NUL (in a key) and halves of
 * pairs; returns where it ends. */
static size_t tame_string(char *s, size_t n, size_t i)
{
	const struct span in = {s, n};
	unsigned unit;

	for (i++; i < n && s[i] != '"'; i++) {
		if (s[i] != '\\')
			continue;
		unit = unit_at(in, i);
		if (unit >> 10 == 0x36 && unit_at(in, i + 6) >> 10 == 0x37)
			i += 6;
		else if (unit == 0 || unit >> 11 == 0x1b)
			memcpy(s + i, "\\ufffd", 6);
		i += unit < 0x10000 ? 5 : 1;
	}
	return i;
}

static size_t tame_number(char *s, size_t n, size_t i)
{
	size_t len = 0;

	while (i + len < n && s[i + len] != '\0' &&
	       strchr("+-.0123456789eE", s[i + len]) != NULL)
		len++;
	if (len > 18 || memchr(s + i, 'e', len) != NULL ||
	    memchr(s + i, 'E', len) != NULL) {
		memset(s + i, ' ', len);
		s[i] = '0';
	}
	return i + len - 1;
}

/*
 * One event that no reader takes would make a whole answer unreadable, and any
 * person of the room can write such a one: numbers that no double holds, values
 * within values without end, strings that are none.  Something harmless stands
 * in for these.
 */
static char *tame(struct span body)
{
	char *s = mem_dup(body.data, body.len);
	size_t i, depth = 0, from = 0;

	for (i = 0; i < body.len; i++) {
		switch (s[i]) {
		case '"':
			i = tame_string(s, body.len, i);
			break;
		case '[':
		case '{':
			if (depth++ == DEPTH_MAX)
				from = i;
			break;
		case ']':
		case '}':
			if (depth > 0 && --depth == DEPTH_MAX) {
				memset(s + from, ' ', i - from + 1);
				s[from] = '0';
			}
			break;
		default:
			if (s[i] == '-' || isdigit((unsigned char)s[i]))
				i = tame_number(s, body.len, i);
		}
	}
	return s;
}

static json_t *read_object(struct span body)
{
	json_t *answer = json_loadb(body.data, body.len, JSON_ALLOW_NUL, NULL);
	char *copy;

	if (answer == NULL && body.len > 0) {
		copy = tame(body);
		answer = json_loadb(copy, body.len, JSON_ALLOW_NUL, NULL);
		free(copy);
	}
	if (json_is_object(answer))
		return answer;
	json_decref(answer);
	return NULL;
}

/* What a stranger said, so that it may stand in a line of ours. */
static void excerpt(const json_t *of, const char *key, char *out, size_t size)
{
	const char *s = json_string_value(json_object_get(of, key));
	size_t i;

	snprintf(out, size, "%s", s == NULL ? "" : s);
	for (i = 0; out[i] != '\0'; i++)
		if (out[i] < ' ' || out[i] > '~')
			out[i] = '?';
}

static void read_refusal(struct matrix_call *call)
{
	char words[EXCERPT_MAX];

	excerpt(call->answer, "errcode", call->code, sizeof(call->code));
	excerpt(call->answer, "error", words, sizeof(words));
	if (call->code[0] == '\0')
		error_set(&call->error, ERROR_BUSY,
		    "answered with HTTP status %ld", call->status);
	else
		error_set(&call->error, ERROR_BUSY,
		    "answered with HTTP status %ld, %s%s%s", call->status,
		    call->code, words[0] == '\0' ? "" : ": ", words);
}

/* Refused because of who asks (specification 5.2, 5.7 and errors of 4). */
static bool is_of_account(const struct matrix_call *call)
{
	static const char *const codes[] = {"M_UNKNOWN_TOKEN",
	    "M_MISSING_TOKEN", "M_USER_LOCKED", "M_USER_SUSPENDED",
	    "M_USER_DEACTIVATED", NULL};
	size_t i;

	for (i = 0; codes[i] != NULL; i++)
		if (strcmp(call->code, codes[i]) == 0)
			return true;
	return call->status == 401;
}

static enum matrix_result result_of(const struct matrix_call *call)
{
	if (is_of_account(call))
		return MATRIX_ACCOUNT;
	if (call->status == 429 || call->status >= 500 ||
	    strcmp(call->code, "M_LIMIT_EXCEEDED") == 0)
		return MATRIX_LATER;
	/* what no homeserver says stands before one: a proxy, a wrong page */
	return call->code[0] == '\0' ? MATRIX_LATER : MATRIX_REFUSED;
}

void matrix_call_read(struct matrix_call *call, long status, struct span body)
{
	json_int_t asked;

	call->status = status;
	call->code[0] = '\0';
	call->answer = read_object(body);
	if (status == 200 && call->answer != NULL) {
		call->result = MATRIX_DONE;
		return;
	}
	if (status == 200) {
		call->result = MATRIX_LATER;
		error_set(&call->error, ERROR_BUSY,
		    "answered what is no JSON object");
		return;
	}
	read_refusal(call);
	call->result = result_of(call);
	/* before Retry-After it was said here (specification 4.1) */
	asked =
	    json_integer_value(json_object_get(call->answer, "retry_after_ms"));
	if (call->retry_ms == 0 && asked > 0)
		call->retry_ms = asked < RETRY_MOST ? asked : RETRY_MOST;
}

/* ---- a call
 * -------------------------------------------------------------------
 */

static void unlink_call(struct matrix_call *call)
{
	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		call->matrix->calls = call->next;
	if (call->next != NULL)
		call->next->previous = call->previous;
}

static void on_answer(struct fetch_ask *ask)
{
	struct matrix_call *call = ask->context;
	struct matrix *matrix = call->matrix;

	unlink_call(call);
	if (call->done != NULL && !matrix->stopped) {
		call->retry_ms =
		    ask->retry_ms < RETRY_MOST ? ask->retry_ms : RETRY_MOST;
		call->date_ms = ask->date_ms;
		call->error = ask->error;
		if (ask->error.kind == ERROR_NONE)
			matrix_call_read(
			    call, ask->status, buf_span(&ask->answer));
		else
			call->result = MATRIX_LATER;
		call->done(call);
	}
	json_decref(call->answer);
	buf_release(&ask->answer);
	free(call->url);
	free(call->body);
	free(call);
	matrix_unref(matrix);
}

void matrix_call_ask(
    struct matrix *matrix, const struct matrix_request *request)
{
	const struct config_chat *config = matrix->chat->config;
	struct matrix_call *call = mem_zalloc(sizeof(*call));

	call->matrix = matrix_ref(matrix);
	call->done = request->done;
	call->context = request->context;
	call->url = mem_printf("%s%s", matrix->base, request->path);
	call->headers[0] = matrix->bearer;
	if (request->body != NULL) {
		call->body = json_dumps(request->body, JSON_COMPACT);
		call->headers[1] = "Content-Type: application/json";
		call->ask.body = (struct span){call->body, strlen(call->body)};
		json_decref(request->body);
	}
	call->next = matrix->calls;
	if (call->next != NULL)
		call->next->previous = call;
	matrix->calls = call;
	call->ask.url = call->url;
	call->ask.method = request->method;
	call->ask.headers = call->headers;
	call->ask.deadline_ms = request->deadline_ms != 0 ? request->deadline_ms
							  : config->deadline_ms;
	call->ask.answer_max = ANSWER_MAX;
	call->ask.ca_file = config->ca_file;
	call->ask.done = on_answer;
	call->ask.context = call;
	fetch_ask(matrix->chat->fetch, &call->ask);
}

void matrix_call_drop(struct matrix *matrix)
{
	struct matrix_call *call;

	for (call = matrix->calls; call != NULL; call = call->next) {
		call->done = NULL;
		fetch_cancel(&call->ask);
	}
}
