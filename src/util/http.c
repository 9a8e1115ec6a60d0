/*
 * http: the grammar of heads.  What a path means is left to routes, who may
 * connect and for how long to httpd.
 */
#include "util/http.h"

#include <event2/util.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "util/digest.h"

#define DATE_SIZE 32 /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/* One head while it is read: what may come once has come. */
struct reader {
	struct http_head *head;
	struct arena *arena;
	bool host, length, connection_close;
};

struct field {
	const char *name;
	int (*read)(struct reader *reader, const char *value);
};

/* RFC 9110 5.6.2. */
static bool is_token(const char *s)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	const char *p;

	for (p = s; *p != '\0'; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			(*p >= '0' && *p <= '9') || strchr(others, *p)))
			return false;
	return p != s;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Percent-decode; NULL when it is malformed or hides a control character. */
static char *decode(
    struct arena *arena, const char *s, size_t len, bool plus_is_blank)
{
	char *out = arena_alloc(arena, len + 1), *to = out;
	size_t i;
	int high, low;

	for (i = 0; i < len; i++, to++) {
		*to = plus_is_blank && s[i] == '+' ? ' ' : s[i];
		if (s[i] != '%')
			continue;
		high = i + 2 < len ? hex_digit(s[i + 1]) : -1;
		low = i + 2 < len ? hex_digit(s[i + 2]) : -1;
		if (high < 0 || low < 0)
			return NULL;
		*to = (char)(high << 4 | low);
		if ((unsigned char)*to < 0x20 || *to == 0x7f)
			return NULL;
		i += 2;
	}
	return out;
}

/* Has it a segment "." or ".."? */
static bool climbs(const char *path)
{
	size_t len;

	for (; *path == '/'; path += len) {
		path++;
		len = strcspn(path, "/");
		if ((len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return true;
	}
	return false;
}

static int read_target(
    struct http_head *head, struct arena *arena, const char *target)
{
	size_t len = strcspn(target, "?");
	const char *p;

	/* only the origin form of RFC 9112 3.2.1: we are no proxy */
	if (*target != '/')
		return 400;
	for (p = target; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f || *p == '#')
			return 400;
	head->path = decode(arena, target, len, false);
	if (head->path == NULL || climbs(head->path))
		return 400;
	head->query = target[len] == '?' ? target + len + 1 : "";
	return 0;
}

static int read_version(struct http_head *head, const char *version)
{
	if (strcmp(version, "HTTP/1.1") == 0)
		head->keep = true;
	else if (strcmp(version, "HTTP/1.0") == 0)
		head->keep = false;
	else
		return strncmp(version, "HTTP/", 5) == 0 ? 505 : 400;
	return 0;
}

static int read_request_line(
    struct http_head *head, struct arena *arena, char *line)
{
	char *target = strchr(line, ' ');
	char *version = target == NULL ? NULL : strchr(target + 1, ' ');
	int status;

	if (version == NULL)
		return 400;
	*target++ = '\0';
	*version++ = '\0';
	if (!is_token(line))
		return 400;
	status = read_version(head, version);
	if (status == 0)
		status = read_target(head, arena, target);
	if (status != 0)
		return status;
	head->method = line;
	if (strcmp(line, "GET") != 0 && strcmp(line, "HEAD") != 0 &&
	    strcmp(line, "POST") != 0 && strcmp(line, "PUT") != 0)
		return 501;
	return 0;
}

static int read_host(struct reader *reader, const char *value)
{
	(void)value;
	if (reader->host)
		return 400;
	reader->host = true;
	return 0;
}

/* One list of digits, once: RFC 9112 6.3 lets us refuse all else. */
static int read_length(struct reader *reader, const char *value)
{
	size_t len = strlen(value);

	if (reader->length || len == 0 || len > 18 ||
	    strspn(value, "0123456789") != len)
		return 400;
	reader->length = true;
	reader->head->length = strtoull(value, NULL, 10);
	return 0;
}

/* Every client of ours knows how long its body is. */
static int read_transfer_encoding(struct reader *reader, const char *value)
{
	(void)reader;
	(void)value;
	return 411;
}

static int read_connection(struct reader *reader, const char *value)
{
	size_t len;

	for (; *value != '\0'; value += len) {
		value += strspn(value, " \t,");
		len = strcspn(value, " \t,");
		if (len == 5 && strncasecmp(value, "close", len) == 0)
			reader->connection_close = true;
	}
	return 0;
}

/* Two could be two persons. */
static int read_authorization(struct reader *reader, const char *value)
{
	if (reader->head->authorization != NULL)
		return 400;
	reader->head->authorization = value;
	return 0;
}

static int read_expect(struct reader *reader, const char *value)
{
	if (strcasecmp(value, "100-continue") != 0)
		return 417;
	reader->head->expects_continue = true;
	return 0;
}

static const struct field fields[] = {
    {"Authorization", read_authorization},
    {"Connection", read_connection},
    {"Content-Length", read_length},
    {"Expect", read_expect},
    {"Host", read_host},
    {"Transfer-Encoding", read_transfer_encoding},
};

static void keep_other(
    struct reader *reader, const char *name, const char *value)
{
	struct http_head *head = reader->head;

	if (head->others == NULL)
		head->others = arena_alloc(
		    reader->arena, HTTP_FIELDS_MAX * sizeof(*head->others));
	head->others[head->n_others++] = (struct http_field){name, value};
}

/* A blank before the colon or at the line's begin is no token, so a 400. */
static int read_field(struct reader *reader, char *line)
{
	char *value = strchr(line, ':'), *end;
	size_t i;

	if (value == NULL)
		return 400;
	*value++ = '\0';
	if (!is_token(line))
		return 400;
	value += strspn(value, " \t");
	for (end = value + strlen(value);
	     end > value && (end[-1] == ' ' || end[-1] == '\t'); end--)
		end[-1] = '\0';
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcasecmp(line, fields[i].name) == 0)
			return fields[i].read(reader, value);
	keep_other(reader, line, value);
	return 0;
}

/* The next line, ended by a NUL; NULL when it is not ended by CRLF or holds a
 * control character, bare CR and bare LF among them. */
static char *take_line(char **text)
{
	char *line = *text, *p;

	for (p = line; (unsigned char)*p >= ' ' || *p == '\t'; p++)
		if (*p == 0x7f)
			return NULL;
	if (p[0] != '\r' || p[1] != '\n')
		return NULL;
	*p = '\0';
	*text = p + 2;
	return line;
}

int http_head_read(
    struct http_head *head, struct arena *arena, struct span bytes)
{
	char *text = arena_dup(arena, bytes.data, bytes.len);
	struct reader reader = {.head = head, .arena = arena};
	unsigned n = 0;
	char *line;
	int status;

	*head = (struct http_head){.query = ""};
	line = take_line(&text);
	if (line == NULL)
		return 400;
	status = read_request_line(head, arena, line);
	while (status == 0) {
		line = take_line(&text);
		if (line == NULL)
			return 400;
		if (*line == '\0')
			break;
		status =
		    n++ == HTTP_FIELDS_MAX ? 431 : read_field(&reader, line);
	}
	if (status != 0)
		return status;
	if (head->keep && !reader.host) /* 1.1: RFC 9112 3.2 */
		return 400;
	head->keep = head->keep && !reader.connection_close;
	return 0;
}

const char *http_field(const struct http_head *head, const char *name)
{
	const char *value = NULL;
	size_t i;

	for (i = 0; i < head->n_others; i++) {
		if (strcasecmp(head->others[i].name, name) != 0)
			continue;
		if (value != NULL)
			return NULL;
		value = head->others[i].value;
	}
	return value;
}

int http_basic_read(
    struct http_basic *out, struct arena *arena, const char *authorization)
{
	const char *text = authorization;
	size_t len;
	char *plain, *colon;
	int n;

	if (text == NULL || strncasecmp(text, "Basic ", 6) != 0)
		return -1;
	text += 6 + strspn(text + 6, " ");
	len = strlen(text);
	plain = arena_alloc(arena, len + 1);
	n = digest_base64_read(text, len, plain, len);
	if (n < 0)
		return -1;
	plain[n] = '\0';
	colon = strchr(plain, ':');
	if (colon == NULL || strlen(plain) != (size_t)n) /* RFC 7617 2 */
		return -1;
	*colon = '\0';
	out->name = plain;
	out->password.data = colon + 1;
	out->password.len = (size_t)(plain + n - colon - 1);
	return 0;
}

const char *http_query_value(
    struct arena *arena, const char *query, const char *name)
{
	size_t len, name_len = strlen(name);

	for (; *query != '\0'; query += len + (query[len] == '&')) {
		len = strcspn(query, "&");
		if (len > name_len && query[name_len] == '=' &&
		    strncmp(query, name, name_len) == 0)
			return decode(arena, query + name_len + 1,
			    len - name_len - 1, true);
	}
	return NULL;
}

const char *http_status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
	    {200, "OK"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {408, "Request Timeout"},
	    {409, "Conflict"},
	    {411, "Length Required"},
	    {413, "Content Too Large"},
	    {417, "Expectation Failed"},
	    {429, "Too Many Requests"},
	    {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"},
	    {501, "Not Implemented"},
	    {503, "Service Unavailable"},
	    {505, "HTTP Version Not Supported"},
	    {507, "Insufficient Storage"},
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "Status";
}

/* RFC 9110 5.6.7; the names are English whatever the locale. */
static const char *http_date(char out[DATE_SIZE])
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	evutil_date_rfc1123(out, DATE_SIZE, &tm);
	return out;
}

void http_answer_head(
    struct buf *out, const struct http_answer *answer, bool keep)
{
	char date[DATE_SIZE];

	buf_addf(out,
	    "HTTP/1.1 %d %s\r\n"
	    "Date: %s\r\n"
	    "Content-Type: %s\r\n"
	    "Content-Length: %zu\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n",
	    answer->status, http_status_text(answer->status), http_date(date),
	    answer->type, answer->body.len);
	if (answer->allow != NULL)
		buf_addf(out, "Allow: %s\r\n", answer->allow);
	if (answer->status == 401) /* RFC 7617 2.1 */
		buf_add_str(out, "WWW-Authenticate: Basic "
				 "realm=\"imprimatur\", charset=\"UTF-8\"\r\n");
	if (!keep)
		buf_add_str(out, "Connection: close\r\n");
	buf_add_str(out, "\r\n");
}
