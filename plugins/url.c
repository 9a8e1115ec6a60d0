/*
 * url: cuts addresses into pieces.  What a piece means is for others.
 */
#include "url.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define URL_MOST 2000 /* bytes that are looked at */

static bool is_one_of(unsigned char c, const char *list)
{
	return c != '\0' && strchr(list, c) != NULL;
}

/* Without blanks around it, and without line ends and tabs anywhere. */
static size_t clean(const char *text, char out[URL_MOST])
{
	size_t n = 0;

	while (*text != '\0' && (unsigned char)*text <= ' ')
		text++;
	for (; *text != '\0' && n < URL_MOST - 1; text++)
		if (!is_one_of((unsigned char)*text, "\t\r\n"))
			out[n++] = *text;
	while (n > 0 && (unsigned char)out[n - 1] <= ' ')
		n--;
	out[n] = '\0';
	return n;
}

/* Bytes of "scheme:", which is written down; 0: none. */
static size_t read_scheme(const char *text, char scheme[16])
{
	size_t n = 0;

	scheme[0] = '\0';
	while (isalnum((unsigned char)text[n]) ||
	       is_one_of((unsigned char)text[n], "+-."))
		n++;
	/* "a.example:8080" has a port, not a scheme */
	if (n == 0 || n >= 16 || text[n] != ':' ||
	    !isalpha((unsigned char)text[0]) ||
	    isdigit((unsigned char)text[n + 1]))
		return 0;
	for (size_t i = 0; i < n; i++)
		scheme[i] = (char)tolower((unsigned char)text[i]);
	scheme[n] = '\0';
	return n + 1;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "%65" as "e"; what does not fit is left out. */
static void decode(const char *text, size_t size, char out[DOMAIN_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < size && n < DOMAIN_MAX - 1; i++) {
		out[n] = text[i];
		if (text[i] == '%' && i + 2 < size && hex(text[i + 1]) >= 0 &&
		    hex(text[i + 2]) >= 0) {
			out[n] =
			    (char)(hex(text[i + 1]) << 4 | hex(text[i + 2]));
			i += 2;
		}
		if ((unsigned char)out[n] > ' ')
			n++;
	}
	out[n] = '\0';
}

/* "3232235777", "0x7f.1", "[::1]": the one spelling of it. */
static bool read_number(struct url *url)
{
	struct in6_addr six;
	struct in_addr four;
	size_t n = strlen(url->host);
	const char *last = strrchr(url->host, '.');

	if (n > 2 && url->host[0] == '[' && url->host[n - 1] == ']') {
		url->host[n - 1] = '\0';
		url->valid = inet_pton(AF_INET6, url->host + 1, &six) == 1;
		memmove(url->host, url->host + 1, n - 1);
		return true;
	}
	last = last != NULL ? last + 1 : url->host;
	if (!isdigit((unsigned char)last[0]) ||
	    last[strspn(last, "0123456789abcdefx")] != '\0')
		return false;
	if (inet_aton(url->host, &four) != 0)
		inet_ntop(AF_INET, &four, url->host, DOMAIN_MAX);
	else if (strspn(last, "0123456789") != strlen(last))
		return false;
	return true;
}

static void read_host(const struct domain_tables *tables, const char *text,
    size_t size, struct url *url)
{
	const char *port = memrchr(text, ':', size);

	if (port != NULL &&
	    memchr(port, ']', size - (size_t)(port - text)) == NULL)
		size = (size_t)(port - text);
	decode(text, size, url->written);
	url->valid =
	    domain_name(tables, url->written, strlen(url->written), url->host);
	for (char *p = url->host; *p != '\0' && !url->valid; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
			*p = '?';
	url->numeric = url->host[0] != '\0' && read_number(url);
}

/* Behind the scheme: "//user@host:80/path". */
static void read_authority(
    const struct domain_tables *tables, const char *text, struct url *url)
{
	size_t size;
	const char *at;

	while (*text == '/' || *text == '\\')
		text++;
	size = strcspn(text, "/\\?#");
	at = memrchr(text, '@', size);
	if (at != NULL) {
		url->user = true;
		size -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	read_host(tables, text, size, url);
}

static void read_mailbox(const struct domain_tables *tables, const char *text,
    size_t size, struct url *url)
{
	const char *at = memrchr(text, '@', size);

	if (at == NULL)
		return;
	decode(text, (size_t)(at - text), url->mailbox);
	for (char *p = url->mailbox; *p != '\0'; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + ('a' - 'A') : *p);
	read_host(tables, at + 1, size - (size_t)(at + 1 - text), url);
}

static bool has_authority(const char *scheme)
{
	static const char *const schemes[] = {
	    "http", "https", "ftp", "ftps", "ws", "wss"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strcmp(scheme, schemes[i]) == 0)
			return true;
	return false;
}

bool url_read(
    const struct domain_tables *tables, const char *text, struct url *url)
{
	char whole[URL_MOST];
	const char *rest = whole;

	memset(url, 0, sizeof(*url));
	url->valid = true;
	clean(text, whole);
	rest += read_scheme(whole, url->scheme);
	if (strcmp(url->scheme, "mailto") == 0)
		read_mailbox(tables, rest, strcspn(rest, "?,"), url);
	else if (has_authority(url->scheme) ||
		 (url->scheme[0] == '\0' &&
		     is_one_of((unsigned char)*rest, "/\\") &&
		     is_one_of((unsigned char)rest[1], "/\\")) ||
		 strncasecmp(rest, "www.", 4) == 0)
		read_authority(tables, rest, url);
	return url->scheme[0] != '\0' || url->host[0] != '\0';
}

/* ---- addresses that people see ---- */

/* Names of things that only look like names of hosts. */
static bool is_no_host(const char *host)
{
	static const char *const names[] = {
	    "asp.net", "ado.net", "vb.net", "ml.net", "paint.net"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(host, names[i]) == 0)
			return true;
	return false;
}

/* "a.example" or "a.example/x" without a scheme. */
static bool is_bare_host(const char *word, bool alone, const struct url *url)
{
	const char *dot = strrchr(url->written, '.');
	bool slash = strchr(word, '/') != NULL;

	if (dot == NULL || !domain_usual(url->host) || !url->valid ||
	    is_no_host(url->host) || url->numeric)
		return false;
	if (alone || slash)
		return strcspn(domain_base(url->host), ".") > 1 || slash;
	/* "the end.It goes on", "version 2.in use": sentences, not hosts */
	return strlen(dot) > 3 && !isupper((unsigned char)dot[1]) &&
	       strcspn(domain_base(url->host), ".") > 2;
}

static bool read_word(const struct domain_tables *tables, const char *word,
    bool alone, struct url *url)
{
	const char *at = strchr(word, '@');

	memset(url, 0, sizeof(*url));
	url->valid = true;
	if (strstr(word, "://") != NULL || strncasecmp(word, "www.", 4) == 0) {
		url_read(tables, word, url);
		return url->valid &&
		       (strchr(url->host, '.') != NULL || url->numeric);
	}
	if (at != NULL && at > word) {
		read_mailbox(tables, word, strlen(word), url);
		return url->valid && domain_usual(url->host);
	}
	if (strchr(word, '.') == NULL || at != NULL)
		return false;
	read_authority(tables, word, url);
	return is_bare_host(word, alone, url);
}

/* The next word, without punctuation around it; 0: there is none. */
static size_t next_word(const char **text, char word[URL_MOST])
{
	static const char ends[] = " \t\r\n<>\"()[]{},;|";
	const char *from;
	size_t n;

	for (;;) {
		*text += strspn(*text, ends);
		*text += strspn(*text, "'.:!?*_");
		if (**text == '\0')
			return 0;
		from = *text;
		n = strcspn(from, ends);
		*text += n;
		while (
		    n > 0 && is_one_of((unsigned char)from[n - 1], "'.:!?*_"))
			n--;
		if (n == 0)
			continue;
		n = n < URL_MOST ? n : URL_MOST - 1;
		memcpy(word, from, n);
		word[n] = '\0';
		return n;
	}
}

/* Is there no more than one word? */
static bool is_alone(const char *text)
{
	char word[URL_MOST];

	return next_word(&text, word) == 0 || next_word(&text, word) == 0;
}

bool url_in_text(
    const struct domain_tables *tables, const char *text, struct url *url)
{
	bool alone = is_alone(text);
	char word[URL_MOST];

	while (next_word(&text, word) > 0)
		if (read_word(tables, word, alone, url))
			return true;
	return false;
}

void url_shown(const char *text, char out[URL_SHOWN])
{
	size_t n = 0;

	for (; *text != '\0' && n < URL_SHOWN - 4; text++) {
		unsigned char c = (unsigned char)*text;

		if (c <= ' ' || c == 0x7f) {
			if (n > 0 && out[n - 1] != ' ')
				out[n++] = ' ';
			continue;
		}
		out[n++] = *text;
	}
	if (*text != '\0') {
		while (n > 0 && ((unsigned char)out[n - 1] & 0xc0) == 0x80)
			n--;
		if (n > 0 && (unsigned char)out[n - 1] >= 0xc0)
			n--;
		memcpy(out + n, "...", 3);
		n += 3;
	}
	out[n] = '\0';
}
