/*
 * origin: To, DKIM-Signature and Authentication-Results of a reply.  Keys,
 * policies and whom to believe are left to the daemon.
 */
#include "check/reader/origin.h"

#include "check/reader/address.h"
#include "check/reader/keys.h"

#include "util/digest.h"

#include <string.h>
#include <strings.h>

#define HOST_MAX  253	      /* characters of a domain, RFC 1035 2.3.4 */
#define VALUE_MAX (64 * 1024) /* bytes of Authentication-Results */

/* ---- recipients --------------------------------------------------------- */

static void add_addresses(
    const struct mime *mime, const char *name, struct reading_origin *origin)
{
	const struct mime_node *root = &mime->nodes[0];
	const struct field *field = mime_field(mime, root, name);
	struct address_list list;

	for (; field != NULL; field = mime_field_after(mime, root, field)) {
		memset(&list, 0, sizeof(list));
		address_read(mime->arena, field->value, &list);
		for (size_t i = 0; i < list.n && origin->n_to < ORIGIN_TO_MAX;
		     i++)
			if (list.address[i][0] != '\0')
				origin->to[origin->n_to++] = list.address[i];
	}
}

static void read_recipients(
    const struct mime *mime, struct reading_origin *origin)
{
	origin->to =
	    arena_alloc(mime->arena, ORIGIN_TO_MAX * sizeof(*origin->to));
	add_addresses(mime, "To", origin);
	add_addresses(mime, "Cc", origin);
	origin->n_named = origin->n_to;
	add_addresses(mime, "Delivered-To", origin);
	add_addresses(mime, "X-Original-To", origin);
}

/* ---- names of hosts ----------------------------------------------------- */

static bool is_host(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= HOST_MAX && s[0] != '.' && s[n - 1] != '.' &&
	       strstr(s, "..") == NULL &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == n;
}

/* In small letters, in the arena; NULL: it is no name of a host. */
static const char *host(struct arena *arena, struct span s)
{
	char *copy = arena_dup(arena, s.data, s.len);

	for (char *c = copy; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return strlen(copy) == s.len && is_host(copy) ? copy : NULL;
}

static const char *domain_of(struct arena *arena, const char *address)
{
	const char *at = address == NULL ? NULL : strrchr(address, '@');
	const char *ascii;

	if (at == NULL)
		return NULL;
	ascii = keys_domain(arena, at + 1);
	return host(arena, (struct span){ascii, strlen(ascii)});
}

/* ---- DKIM-Signature ----------------------------------------------------- */

/* The value of a tag in a list of tags (RFC 6376 3.2), blanks taken out. */
static struct span tag_of(struct arena *arena, struct span list, char tag)
{
	struct span none = {"", 0}, item, name;
	const char *stop, *equal;
	size_t n = 0;
	char *out;

	while (list.len > 0) {
		stop = memchr(list.data, ';', list.len);
		item.data = list.data;
		item.len = stop == NULL ? list.len : (size_t)(stop - list.data);
		list.data += item.len + (stop != NULL);
		list.len -= item.len + (stop != NULL);
		equal = memchr(item.data, '=', item.len);
		if (equal == NULL)
			continue;
		name = field_trim(
		    (struct span){item.data, (size_t)(equal - item.data)});
		if (name.len != 1 || name.data[0] != tag)
			continue;
		item.len -= (size_t)(equal + 1 - item.data);
		out = arena_dup(arena, equal + 1, item.len);
		for (size_t i = 0; i < item.len; i++)
			if (strchr(" \t\r\n", equal[1 + i]) == NULL ||
			    equal[1 + i] == '\0')
				out[n++] = equal[1 + i];
		return (struct span){out, n};
	}
	return none;
}

static void read_signatures(
    const struct mime *mime, struct reading_origin *origin)
{
	const struct mime_node *root = &mime->nodes[0];
	const struct field *field = mime_field(mime, root, "DKIM-Signature");
	struct reading_signature s;

	origin->signatures = arena_alloc(
	    mime->arena, ORIGIN_SIGNATURES_MAX * sizeof(*origin->signatures));
	for (; field != NULL && origin->n_signatures < ORIGIN_SIGNATURES_MAX;
	     field = mime_field_after(mime, root, field)) {
		s.domain =
		    host(mime->arena, tag_of(mime->arena, field->value, 'd'));
		s.selector =
		    host(mime->arena, tag_of(mime->arena, field->value, 's'));
		if (s.domain != NULL && s.selector != NULL)
			origin->signatures[origin->n_signatures++] = s;
	}
}

/* ---- Authentication-Results --------------------------------------------- */

/* The length of a comment and what is nested in it; 0: it has no end. */
static size_t comment_length(struct span s)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '\\')
			i++;
		else if (s.data[i] == '(')
			depth++;
		else if (s.data[i] == ')' && --depth == 0)
			return i + 1;
	}
	return 0;
}

/* A quoted string's content goes to out, but nothing in it that divides. */
static size_t take_quoted(struct span s, struct buf *out)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.data[i] == '"')
			return i + 1;
		if (s.data[i] == '\\' && i + 1 < s.len)
			i++;
		buf_add_char(
		    out, strchr(" \t\r\n;=", s.data[i]) ? '?' : s.data[i]);
	}
	return 0;
}

/* Add a blank where there may be one: not at a divider, not after another. */
static void add_blank(struct buf *out)
{
	if (out->len > 0 && strchr(" ;=", out->data[out->len - 1]) == NULL)
		buf_add_char(out, ' ');
}

static void add_divider(struct buf *out, char c)
{
	if (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
	buf_add_char(out, c);
}

/* The value without comments and quotes, single blanks, none around = and ;
 * -1: it cannot be read. */
static int flatten(struct span s, struct buf *out)
{
	size_t n;

	while (s.len > 0) {
		n = 1;
		if (*s.data == '(') {
			n = comment_length(s);
			add_blank(out);
		} else if (*s.data == '"') {
			n = take_quoted(s, out);
		} else if (strchr(" \t\r\n", *s.data) && *s.data != '\0') {
			add_blank(out);
		} else if (*s.data == ';' || *s.data == '=') {
			add_divider(out, *s.data);
		} else if (*s.data > ' ' && *s.data < 0x7f) {
			buf_add_char(out, *s.data);
		} else {
			return -1;
		}
		if (n == 0)
			return -1;
		s.data += n;
		s.len -= n;
	}
	return out->overflow ? -1 : 0;
}

/* The next piece of text up to the divider; *text moves behind it. */
static struct span piece(const char **text, const char *dividers)
{
	struct span s = {*text, strcspn(*text, dividers)};

	*text += s.len;
	if (**text != '\0')
		(*text)++;
	return s;
}

/* If the word is "name=value": its value. */
static bool value_of(struct span word, const char *name, struct span *value)
{
	size_t n = strlen(name);

	if (word.len <= n || strncasecmp(word.data, name, n) != 0 ||
	    word.data[n] != '=')
		return false;
	*value = (struct span){word.data + n + 1, word.len - n - 1};
	return true;
}

static const char *small(struct arena *arena, struct span s)
{
	char *copy = arena_dup(arena, s.data, s.len);

	for (char *c = copy; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return copy;
}

/* "dkim=pass header.d=example.com ...".  False: about something else. */
static bool read_result(
    struct arena *arena, struct span text, struct reading_result *result)
{
	const char *rest = arena_dup(arena, text.data, text.len), *of;
	struct span word = piece(&rest, " "), value;

	*result = (struct reading_result){0};
	if (value_of(word, "dkim", &value) || value_of(word, "dkim/1", &value))
		result->method = "dkim";
	else if (value_of(word, "dmarc", &value) ||
		 value_of(word, "dmarc/1", &value))
		result->method = "dmarc";
	else
		return false;
	result->result = small(arena, value);
	of = result->method[1] == 'k' ? "header.d" : "header.from";
	while (*rest != '\0')
		if (value_of(piece(&rest, " "), of, &value))
			result->domain = host(arena, value);
	return true;
}

void origin_results(
    struct arena *arena, struct span value, struct reading_origin *origin)
{
	struct span item;
	const char *rest;
	struct buf flat;

	buf_init(&flat, VALUE_MAX);
	if (flatten(field_trim(value), &flat) == 0) {
		rest = flat.data;
		item = piece(&rest, ";");
		/* a version may follow the name */
		item.len = strcspn(item.data, " ;");
		origin->authserv = small(arena, item);
		origin->results = arena_alloc(
		    arena, ORIGIN_RESULTS_MAX * sizeof(*origin->results));
		while (*rest != '\0' && origin->n_results < ORIGIN_RESULTS_MAX)
			origin->n_results +=
			    read_result(arena, field_trim(piece(&rest, ";")),
				&origin->results[origin->n_results]);
	}
	buf_release(&flat);
}

/* Without the blanks and line ends, which a signature may leave open. */
static void add_solid(struct digest *digest, struct span s)
{
	const char *p = s.data, *end = p + s.len, *from;

	while (p < end) {
		for (from = p; p < end && strchr(" \t\r\n", *p) == NULL;)
			p++;
		digest_add(digest, from, (size_t)(p - from));
		while (p < end && *p != '\0' && strchr(" \t\r\n", *p) != NULL)
			p++;
		if (p < end && *p == '\0')
			digest_add(digest, p++, 1);
	}
}

const char *origin_once(struct arena *arena, struct span when, struct span what)
{
	unsigned char hash[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE];
	struct digest *digest = digest_new();

	add_solid(digest, when);
	digest_add(digest, "\n", 1);
	add_solid(digest, what);
	digest_end(digest, hash);
	digest_free(digest);
	digest_hex(hash, DIGEST_SIZE, hex);
	return arena_strdup(arena, hex);
}

static void read_once(const struct mime *mime, struct reading_origin *origin)
{
	const struct mime_node *root = &mime->nodes[0];
	const struct field *date = mime_field(mime, root, "Date");
	size_t start = root->body.offset;

	if (date != NULL)
		origin->once = origin_once(mime->arena, date->value,
		    (struct span){
			mime->mail.data + start, mime->mail.len - start});
}

void origin_read(
    const struct mime *mime, const char *from, struct reading_origin *origin)
{
	const struct field *field =
	    mime_field(mime, &mime->nodes[0], "Authentication-Results");

	origin->domain = domain_of(mime->arena, from);
	read_recipients(mime, origin);
	read_signatures(mime, origin);
	read_once(mime, origin);
	if (field != NULL)
		origin_results(mime->arena, field->value, origin);
}
