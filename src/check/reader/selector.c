/*
 * selector: compares from the right, compound by compound.  Siblings and most
 * pseudo-classes are not looked at.
 */
#include "check/reader/selector.h"

#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == SELECTOR_ANY || ((unsigned char)c & 0x80) != 0;
}

static bool has(struct span s, const char *what, size_t n)
{
	for (size_t i = 0; i + n <= s.len; i++)
		if (strncasecmp(s.data + i, what, n) == 0)
			return true;
	return false;
}

bool selector_counts(struct span selector)
{
	static const char *const others[] = {"::", ":before", ":after",
	    ":first-l", ":hover", ":visited", ":focus", ":active", ":checked",
	    ":target", ":disabled", ":enabled"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (has(selector, others[i], strlen(others[i])))
			return false;
	return true;
}

static bool same(struct span name, struct span word)
{
	if (name.len != word.len)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] != SELECTOR_ANY &&
		    strncasecmp(name.data + i, word.data + i, 1) != 0)
			return false;
	return true;
}

/* Is the name among words?  With a reference in them nobody can tell. */
static bool among(struct span name, struct span words)
{
	const char *p = words.data, *end = p + words.len, *from;

	if (words.len > 0 && memchr(p, '&', words.len) != NULL)
		return true;
	while (p < end) {
		for (from = p; p < end && !is_space(*p);)
			p++;
		if (same(name, (struct span){from, (size_t)(p - from)}))
			return true;
		p += p < end;
	}
	return false;
}

/* "title^='x'" of "[title^='x']": do both stand in the tag? */
static bool fits_attribute(
    struct span wanted, const struct sheet_element *element)
{
	const char *p = wanted.data, *end = p + wanted.len;
	struct span value;

	while (p < end && (is_name(*p) || *p == ':'))
		p++;
	if (!has(element->tag, wanted.data, (size_t)(p - wanted.data)))
		return false;
	while (p < end && (is_space(*p) || strchr("~|^$*=\"'", *p) != NULL))
		p++;
	value = (struct span){p, (size_t)(end - p)};
	while (value.len > 0 && (is_space(value.data[value.len - 1]) ||
				    value.data[value.len - 1] == '"' ||
				    value.data[value.len - 1] == '\''))
		value.len--;
	return memchr(element->tag.data, '&', element->tag.len) != NULL ||
	       has(element->tag, value.data, value.len);
}

/* Behind ":not(...)". */
static const char *behind_pseudo(const char *p, const char *end)
{
	int depth = 0;

	for (; p < end; p++) {
		depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
		if (depth == 0 && *p != ':' && *p != ')' && !is_name(*p))
			break;
	}
	return p;
}

/* One compound, such as "p.a#b[c]". */
static bool fits_one(struct span one, const struct sheet_element *element)
{
	const char *p = one.data, *end = p + one.len;

	while (p < end) {
		const char mark = *p, *from = p;

		if (mark == '[') {
			const char *close = memchr(p, ']', (size_t)(end - p));

			if (close == NULL)
				return true;
			if (!fits_attribute(
				(struct span){p + 1, (size_t)(close - p - 1)},
				element))
				return false;
			p = close + 1;
			continue;
		}
		if (mark == ':') {
			p = behind_pseudo(p, end);
			continue;
		}
		p += !is_name(mark);
		for (from = p; p < end && is_name(*p);)
			p++;
		one = (struct span){from, (size_t)(p - from)};
		if (mark == '*' || one.len == 0)
			continue;
		if (mark == '.'	  ? !among(one, element->classes)
		    : mark == '#' ? !among(one, element->id)
				  : is_name(mark) && !same(one, element->name))
			return false;
	}
	return true;
}

/* Take the last compound off; sibling: nothing before it counts. */
static struct span take_last(struct span *rest, bool *sibling)
{
	const char *from = rest->data, *end = from + rest->len, *p;
	int depth = 0;

	*sibling = false;
	for (p = end; p > from; p--) {
		char c = p[-1];

		depth += c == ')' || c == ']' ? 1 : 0;
		depth -= c == '(' || c == '[' ? 1 : 0;
		if (depth <= 0 &&
		    (is_space(c) || c == '>' || c == '+' || c == '~'))
			break;
	}
	*rest = (struct span){from, (size_t)(p - from)};
	while (rest->len > 0 && (is_space(from[rest->len - 1]) ||
				    strchr(">+~", from[rest->len - 1]))) {
		*sibling = *sibling || from[rest->len - 1] == '+' ||
			   from[rest->len - 1] == '~';
		rest->len--;
	}
	return (struct span){p, (size_t)(end - p)};
}

bool selector_fits(struct span selector, const struct sheet_element *element)
{
	bool sibling;
	struct span one = take_last(&selector, &sibling);

	if (!fits_one(one, element))
		return false;
	while (selector.len > 0 && !sibling) {
		one = take_last(&selector, &sibling);
		do
			element = element->around;
		while (element != NULL && !fits_one(one, element));
		if (element == NULL)
			return false;
	}
	return true;
}
