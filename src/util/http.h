/*
 * http: reads the head of an HTTP/1.1 request (RFC 9110, RFC 9112), strictly:
 * what two programs could read in two ways is refused, never guessed.  Pure
 * functions; sockets are httpd's.
 */
#ifndef UTIL_HTTP_H
#define UTIL_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/buf.h"

#define HTTP_HEAD_MAX	((size_t)16 * 1024) /* bytes, else 431 */
#define HTTP_FIELDS_MAX 100		    /* header fields, else 431 */

/* What the server needs to know of a head; all text lives in an arena. */
struct http_head {
	const char *method; /* "GET", "HEAD", "POST" or "PUT" */
	const char *path;   /* decoded; begins with '/', no "." or ".." in it */
	const char *query;  /* as sent, without '?'; "" when there is none */
	uint64_t length;    /* bytes of the body */
	bool keep;	    /* another request may follow */
	bool expects_continue;	   /* RFC 9110 10.1.1 */
	const char *authorization; /* RFC 9110 11.6.2, or NULL */
	/* those that we do not know, as they came */
	size_t n_others;
	struct http_field {
		const char *name, *value;
	} * others;
};

/* The value of such a field; NULL: it did not come, or came twice. */
const char *http_field(const struct http_head *head, const char *name);

/*
 * Read a head, its final empty line included.  0, or the status with which the
 * request is to be refused and the connection closed: 400, 411, 417, 431, 501,
 * 505.
 */
int http_head_read(
    struct http_head *head, struct arena *arena, struct span bytes);

/*
 * The first value of a parameter in a query, decoded into the arena; NULL when
 * it is absent or badly encoded.
 */
const char *http_query_value(
    struct arena *arena, const char *query, const char *name);

/* An answer before its body. */
struct http_answer {
	int status;
	const char *type; /* media type */
	struct span body;
	const char *allow; /* methods, in a 405; else NULL */
};

/*
 * Name and password of "Basic ..." (RFC 7617), in the arena; -1: there are
 * none, or not well formed.
 */
struct http_basic {
	const char *name;
	struct span password;
};
int http_basic_read(
    struct http_basic *out, struct arena *arena, const char *authorization);

/* Append the head of an answer; keep: the connection stays open after it. */
void http_answer_head(
    struct buf *out, const struct http_answer *answer, bool keep);

/* "Not Found": the reason phrase of a status that httpd sends. */
const char *http_status_text(int status);

#endif
