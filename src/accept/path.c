/*
 * path: one function per rule of the grammar.  Each takes what it understands
 * from the front of the text.  Who may use an address is left to command.c.
 */
#include "accept/path.h"

#include <arpa/inet.h>
#include <string.h>

#include "accept/words.h"

#define LABEL_MOST 63 /* RFC 1035 2.3.4 */

/* RFC 5322 3.2.3 */
static bool is_atext(char c)
{
	return words_alnum(c) ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Drop one character of a word; false when it may not stand there. */
static bool take(struct span *text, bool (*ascii)(char c), bool *utf8)
{
	size_t len;

	if (text->len > 0 && ascii(*text->data)) {
		words_drop(text, 1);
		return true;
	}
	len = words_utf8(*text);
	words_drop(text, len);
	*utf8 = *utf8 || len > 0;
	return len > 0;
}

/* atom *("." atom) */
static int read_dotted(struct span *text, bool *utf8)
{
	do {
		if (!take(text, is_atext, utf8))
			return -1;
		while (take(text, is_atext, utf8))
			;
	} while (words_begin(text, "."));
	return 0;
}

static bool is_qtext(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* The rest of a quoted string, its end included; it may not be empty. */
static int read_quoted(struct span *text, bool *utf8)
{
	bool high = false, any = false;

	while (!words_begin(text, "\"")) {
		if (words_begin(text, "\\")) {
			if (!take(text, is_printable, &high) || high)
				return -1;
		} else if (!take(text, is_qtext, utf8)) {
			return -1;
		}
		any = true;
	}
	return any ? 0 : -1;
}

static bool is_label(char c)
{
	return words_alnum(c) || c == '-';
}

/* sub-domain *("." sub-domain) */
static int read_domain(struct span *text, bool *utf8)
{
	const char *label;
	size_t len;

	do {
		label = text->data;
		while (take(text, is_label, utf8))
			;
		len = (size_t)(text->data - label);
		if (len == 0 || len > LABEL_MOST || label[0] == '-' ||
		    label[len - 1] == '-')
			return -1;
	} while (words_begin(text, "."));
	return 0;
}

/* The rest of "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321 4.1.3). */
static int read_literal(struct span *text)
{
	unsigned char out[sizeof(struct in6_addr)];
	char copy[INET6_ADDRSTRLEN];
	struct span inside;
	bool v6;

	if (text->len == 0 || memchr(text->data, ']', text->len) == NULL)
		return -1;
	inside = words_cut(text, ']');
	v6 = words_begin(&inside, "IPv6:");
	if (inside.len >= sizeof(copy) ||
	    memchr(inside.data, '\0', inside.len) != NULL)
		return -1;
	memcpy(copy, inside.data, inside.len);
	copy[inside.len] = '\0';
	return inet_pton(v6 ? AF_INET6 : AF_INET, copy, out) == 1 ? 0 : -1;
}

static int read_mailbox(struct span *text, struct path *path, const char **why)
{
	const char *start = text->data, *domain;

	*why = "the part before the @ is not well formed";
	if (words_begin(text, "\"") ? read_quoted(text, &path->utf8)
				    : read_dotted(text, &path->utf8))
		return -1;
	if (text->data - start > PATH_LOCAL_MOST) {
		*why = "the part before the @ is longer than 64 bytes";
		return -1;
	}
	*why = "the address has no domain";
	if (!words_begin(text, "@"))
		return -1;
	domain = text->data;
	*why = "the domain is not well formed";
	if (words_begin(text, "[") ? read_literal(text)
				   : read_domain(text, &path->utf8))
		return -1;
	*why = "the address is too long";
	path->address = (struct span){start, (size_t)(text->data - start)};
	return text->data - domain > PATH_DOMAIN_MOST ||
		       path->address.len > PATH_MOST
		   ? -1
		   : 0;
}

int path_read(struct span *text, struct path *path, const char **why)
{
	*path = (struct path){{text->data, 0}, false};
	*why = "the address must stand in <>, without a space before it";
	if (!words_begin(text, "<"))
		return -1;
	if (words_begin(text, ">"))
		return 0;
	*why = "source routes are not taken";
	if (text->len > 0 && *text->data == '@')
		return -1;
	if (read_mailbox(text, path, why))
		return -1;
	*why = "the address is not well formed";
	return words_begin(text, ">") ? 0 : -1;
}
