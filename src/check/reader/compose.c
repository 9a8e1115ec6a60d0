/*
 * compose: reads a person's list of addresses strictly, and writes fields.
 * What is done with them is left to heading.c and whole.c.
 */
#include "check/reader/compose.h"

#include "check/reader/charset.h"
#include "check/reader/encode.h"
#include "check/reader/field.h"

#include "message.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define LINE_SHOULD 76	/* RFC 5322 2.1.1 */
#define WORD_MOST   200 /* bytes of a plain word; longer: encoded */
#define WORD_BYTES  42	/* that one encoded-word carries: 56 of base64 */
#define ADDRESS_MAX 254 /* RFC 5321 4.5.3.1 */
#define LOCAL_MAX   64

static struct compose refused(const char *why)
{
	return (struct compose){.refusal = why};
}

/* NULL, or why the text cannot stand in a header. */
static const char *refuse_text(const char *text, size_t most)
{
	const char *p = text, *end = text + strlen(text);
	size_t size;

	if ((size_t)(end - text) > most)
		return "a header field would be too long";
	for (; p < end; p += size) {
		size = charset_utf8(p, end);
		if (size == 0)
			return "a header field would not be valid UTF-8";
		if ((unsigned char)*p < 0x20 || *p == 0x7F ||
		    (size == 2 && (unsigned char)p[0] == 0xC2 &&
			(unsigned char)p[1] < 0xA0))
			return "a header field would hold control characters";
	}
	return NULL;
}

/* ---- RFC 2047 ---------------------------------------------------------- */

/* Whole characters of some bytes, at most so many. */
static size_t take_whole(const char *p, const char *end, size_t most)
{
	size_t n = 0, size;

	while (p + n < end) {
		size = charset_utf8(p + n, end);
		if (n + size > most)
			break;
		n += size;
	}
	return n;
}

/* All of it in encoded-words, each on a line of its own but the first. */
static void add_encoded(struct buf *out, const char *text)
{
	const char *p = text, *end = text + strlen(text);
	bool first = true;
	struct buf word;
	size_t n;

	for (; p < end; p += n) {
		n = take_whole(p, end, WORD_BYTES);
		buf_init(&word, 256);
		encode_base64((struct span){p, n}, &word);
		while (word.len > 0 && (word.data[word.len - 1] == '\n' ||
					   word.data[word.len - 1] == '\r'))
			buf_cut(&word, word.len - 1);
		buf_add_str(out, first ? "=?utf-8?B?" : "\r\n =?utf-8?B?");
		buf_add_span(out, buf_span(&word));
		buf_add_str(out, "?=");
		buf_release(&word);
		first = false;
	}
}

/* May it stand as it is?  ASCII, no word too long, nothing like "=?". */
static bool is_plain(const char *text)
{
	size_t run = 0;

	if (strstr(text, "=?") != NULL)
		return false;
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x7F)
			return false;
		run = *text == ' ' ? 0 : run + 1;
		if (run > WORD_MOST)
			return false;
	}
	return true;
}

/* Words with a line end before a blank where a line would grow too long. */
static void add_folded(struct buf *out, const char *text, size_t column)
{
	while (*text != '\0') {
		size_t blanks = strspn(text, " ");
		size_t word = strcspn(text + blanks, " ");

		if (column + blanks + word > LINE_SHOULD && blanks > 0) {
			buf_add_str(out, "\r\n");
			column = 0;
		}
		buf_add(out, text, blanks + word);
		column += blanks + word;
		text += blanks + word;
	}
}

static const char *take(struct arena *arena, struct buf *out)
{
	const char *text = arena_dup(arena, out->data, out->len);

	buf_release(out);
	return text;
}

struct compose compose_text(struct arena *arena, const char *text)
{
	struct span all = field_trim((struct span){text, strlen(text)});
	const char *trimmed = arena_dup(arena, all.data, all.len);
	const char *why = refuse_text(trimmed, COMPOSE_SUBJECT_MAX);
	struct buf out;

	if (why != NULL)
		return refused(why);
	if (*trimmed == '\0')
		return (struct compose){.value = NULL};
	buf_init(&out, 16 * COMPOSE_SUBJECT_MAX);
	buf_add_char(&out, ' ');
	if (is_plain(trimmed))
		add_folded(&out, trimmed, strlen("Subject: "));
	else
		add_encoded(&out, trimmed);
	return (struct compose){.value = take(arena, &out)};
}

/* ---- one mailbox ------------------------------------------------------- */

static bool is_atom(char c)
{
	return isalnum((unsigned char)c) ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* "a.b", or a quoted string; length of it, 0: it is neither. */
static size_t local_length(const char *p)
{
	size_t n = 0;

	if (*p == '"') {
		for (n = 1; p[n] != '\0' && p[n] != '"'; n++)
			if (p[n] == '\\' && p[++n] == '\0')
				return 0;
		return p[n] == '"' && n > 1 ? n + 1 : 0;
	}
	while (is_atom(p[n]) ||
	       (p[n] == '.' && n > 0 && p[n - 1] != '.' && is_atom(p[n + 1])))
		n++;
	return n;
}

static bool is_domain(const char *p)
{
	size_t n = strlen(p), label = 0, i;

	if (*p == '[') {
		n = strspn(p + 1, "0123456789abcdefABCDEFIPv:.");
		return n > 1 && p[n + 1] == ']' && p[n + 2] == '\0';
	}
	for (i = 0; i < n; i++) {
		if (p[i] == '.' ? label == 0 || p[i - 1] == '-'
				: !isalnum((unsigned char)p[i]) &&
				      (p[i] != '-' || label == 0))
			return false;
		label = p[i] == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return n > 0 && label > 0 && p[n - 1] != '-';
}

bool compose_is_address(const char *text)
{
	size_t local = local_length(text);

	return local > 0 && local <= LOCAL_MAX && text[local] == '@' &&
	       strlen(text) <= ADDRESS_MAX && is_domain(text + local + 1);
}

struct listing {
	struct arena *arena;
	const char *const *known;
	size_t n_known;
	struct buf out;
	size_t column;
	struct compose made;
};

static bool is_known(const struct listing *l, const char *address)
{
	size_t i;

	for (i = 0; i < l->n_known; i++)
		if (message_same_address(l->known[i], address) &&
		    strpbrk(address, " \t<>(),;:\\\"[]") == NULL)
			return true;
	return false;
}

/* Quotes and backslashes away. */
static const char *plain_name(struct arena *arena, struct span name)
{
	struct buf out;
	size_t i;

	name = field_trim(name);
	if (name.len < 2 || *name.data != '"' || name.data[name.len - 1] != '"')
		return arena_dup(arena, name.data, name.len);
	buf_init(&out, name.len);
	for (i = 1; i + 1 < name.len; i++) {
		if (name.data[i] == '\\' && i + 2 < name.len)
			i++;
		buf_add_char(&out, name.data[i]);
	}
	return take(arena, &out);
}

static bool is_phrase(const char *name)
{
	for (; *name != '\0'; name++)
		if (*name != ' ' && !is_atom(*name))
			return false;
	return true;
}

/* As an atom, a quoted string or encoded-words (RFC 5322 3.2.5). */
static void add_name(struct buf *out, const char *name)
{
	if (!is_plain(name)) {
		add_encoded(out, name);
	} else if (is_phrase(name)) {
		buf_add_str(out, name);
	} else {
		buf_add_char(out, '"');
		for (; *name != '\0'; name++) {
			if (*name == '"' || *name == '\\')
				buf_add_char(out, '\\');
			buf_add_char(out, *name);
		}
		buf_add_char(out, '"');
	}
}

static void add_mailbox(
    struct listing *l, const char *name, const char *address)
{
	struct buf one;
	bool named = *name != '\0';

	buf_init(&one, 16 * COMPOSE_SUBJECT_MAX);
	if (named)
		add_name(&one, name);
	buf_addf(&one, named ? " <%s>" : "%s", address);
	if (l->made.n > 0)
		buf_add_char(&l->out, ',');
	if (l->made.n > 0 && l->column + one.len > LINE_SHOULD) {
		buf_add_str(&l->out, "\r\n");
		l->column = 0;
	}
	buf_add_char(&l->out, ' ');
	buf_add_span(&l->out, buf_span(&one));
	l->column += one.len + 2;
	buf_release(&one);
	l->made.address[l->made.n++] = address;
}

static const char *no_address(
    const struct listing *l, const char *what, struct span item)
{
	return arena_printf(l->arena,
	    "'%.*s' %s; write addresses as name@domain or Name <name@domain>, "
	    "with commas between",
	    (int)(item.len > 100
		      ? take_whole(item.data, item.data + item.len, 100)
		      : item.len),
	    item.data, what);
}

/* What a person may have meant that is no address here. */
static const char *why_none(const char *address)
{
	const char *c = address;

	while (*c != '\0' && (unsigned char)*c < 0x80)
		c++;
	if (*c != '\0')
		return strchr(address, '@') != NULL && strrchr(address, '@') < c
			   ? "has a domain with letters that are not of ASCII, "
			     "which has to be written as xn--..."
			   : "has letters that are not of ASCII, which only "
			     "the agent itself can send to";
	c = strchr(address, ':');
	if (c != NULL && c[1 + strspn(c + 1, " ")] == '\0')
		return "is the name of a group, and groups are not written "
		       "here";
	return "is no address";
}

/* "a@b <c@d>": a comma was forgotten, or the name deceives. */
static bool is_address_too(struct span name)
{
	name = field_trim(name);
	if (name.len > 0 && *name.data == '"')
		return false;
	return name.len > 0 && (memchr(name.data, '@', name.len) != NULL ||
				   memchr(name.data, '<', name.len) != NULL ||
				   memchr(name.data, '>', name.len) != NULL);
}

/* One item between separators.  NULL, or why not. */
static const char *take_item(struct listing *l, struct span item)
{
	const char *open, *address, *name = "";

	item = field_trim(item);
	if (item.len == 0)
		return NULL;
	open = item.data[item.len - 1] == '>'
		   ? memrchr(item.data, '<', item.len)
		   : NULL;
	if (open != NULL) {
		if (is_address_too(
			(struct span){item.data, (size_t)(open - item.data)}))
			return no_address(l, "is more than one address", item);
		name = plain_name(l->arena,
		    (struct span){item.data, (size_t)(open - item.data)});
		address = arena_dup(l->arena, open + 1,
		    item.len - (size_t)(open - item.data) - 2);
	} else {
		address = arena_dup(l->arena, item.data, item.len);
	}
	if (strlen(name) > COMPOSE_SUBJECT_MAX / 4)
		return no_address(l, "has a name that is too long", item);
	if (!is_known(l, address) && !compose_is_address(address))
		return no_address(l, why_none(address), item);
	if (l->made.n == COMPOSE_MOST)
		return "there are more than 1000 addresses in one field";
	add_mailbox(l, name, address);
	return NULL;
}

/* Length of the item at p: up to a separator outside of quotes and <>. */
static size_t item_length(const char *p)
{
	bool quoted = false, angled = false;
	size_t i;

	for (i = 0; p[i] != '\0'; i++) {
		if (p[i] == '\\' && quoted && p[i + 1] != '\0')
			i++;
		else if (p[i] == '"')
			quoted = !quoted;
		else if (!quoted && (p[i] == '<' || p[i] == '>'))
			angled = p[i] == '<';
		else if (!quoted && !angled && strchr(",;\n", p[i]) != NULL)
			break;
	}
	return i;
}

struct compose compose_list(struct arena *arena, const char *text,
    const char *const *known, size_t n_known)
{
	struct listing l = {.arena = arena, .known = known, .n_known = n_known};
	char *copy = arena_strdup(arena, text), *c;
	const char *p = copy;
	size_t n;

	/* what a mail program folded, or a person wrote on several lines */
	for (c = copy; *c != '\0'; c++)
		if (*c == '\r' || *c == '\t' ||
		    (*c == '\n' && (c[1] == ' ' || c[1] == '\t')))
			*c = ' ';
	for (c = copy; (c = strchr(c, '\n')) != NULL;)
		*c = ',';
	l.made.refusal = refuse_text(copy, COMPOSE_LIST_MAX);
	l.made.address =
	    arena_alloc(arena, COMPOSE_MOST * sizeof(*l.made.address));
	buf_init(&l.out, 64 * COMPOSE_LIST_MAX);
	while (l.made.refusal == NULL && *p != '\0') {
		n = item_length(p);
		l.made.refusal = take_item(&l, (struct span){p, n});
		p += n + (p[n] != '\0');
	}
	if (l.made.n > 0 && l.made.refusal == NULL)
		l.made.value = take(arena, &l.out);
	else
		buf_release(&l.out);
	return l.made;
}
