/*
 * element: the table of elements, and the search in it.
 */
#include "check/reader/element.h"

#include <string.h>
#include <strings.h>

/* Short names, so that the table reads as one. */
#define LINE   ELEMENT_LINE
#define SPACED ELEMENT_SPACED
#define VOID   ELEMENT_VOID
#define RAW    ELEMENT_RAW
#define DROP   ELEMENT_DROP
#define UNSEEN ELEMENT_UNSEEN
#define ACTIVE ELEMENT_ACTIVE
#define PRE    ELEMENT_PRE
#define CELL   ELEMENT_CELL
#define ITEM   ELEMENT_ITEM
#define SHUTS  ELEMENT_SHUTS

/* In the order of their names. */
static const struct element {
	const char *name;
	unsigned does;
} elements[] = {
    {"a", 0},
    {"address", LINE},
    {"applet", ACTIVE},
    {"area", VOID},
    {"article", LINE},
    {"aside", LINE},
    {"base", VOID},
    {"blockquote", LINE | SPACED},
    {"br", VOID},
    {"center", LINE},
    {"col", VOID},
    {"dd", LINE | SHUTS},
    {"div", LINE},
    {"dl", LINE | SPACED},
    {"dt", LINE | SHUTS},
    {"embed", VOID | ACTIVE},
    {"fieldset", LINE},
    {"figure", LINE},
    {"footer", LINE},
    {"form", LINE | ACTIVE},
    {"h1", LINE | SPACED},
    {"h2", LINE | SPACED},
    {"h3", LINE | SPACED},
    {"h4", LINE | SPACED},
    {"h5", LINE | SPACED},
    {"h6", LINE | SPACED},
    {"header", LINE},
    {"hr", LINE | VOID},
    {"iframe", RAW | UNSEEN | ACTIVE},
    {"img", VOID},
    {"input", VOID},
    {"li", LINE | ITEM | SHUTS},
    {"link", VOID},
    {"main", LINE},
    {"meta", VOID},
    {"nav", LINE},
    {"noembed", RAW | UNSEEN},
    {"noframes", RAW | UNSEEN},
    {"object", ACTIVE},
    {"ol", LINE | SPACED},
    {"option", LINE | SHUTS},
    {"p", LINE | SPACED | SHUTS},
    {"pre", LINE | SPACED | PRE},
    {"script", RAW | DROP | ACTIVE},
    {"section", LINE},
    {"source", VOID},
    {"style", RAW | DROP},
    {"table", LINE},
    {"td", CELL | SHUTS},
    {"template", UNSEEN},
    {"textarea", RAW | LINE},
    {"th", CELL | SHUTS},
    {"title", RAW | UNSEEN},
    {"tr", LINE | SHUTS},
    {"ul", LINE | SPACED},
    {"wbr", VOID},
    {"xml", DROP},
    {"xmp", RAW | LINE},
};

unsigned element_does(struct span name)
{
	size_t low = 0, high = sizeof(elements) / sizeof(elements[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;
		const char *other = elements[middle].name;
		size_t len = strlen(other);
		int order = strncasecmp(
		    name.data, other, name.len < len ? name.len : len);

		if (order == 0)
			order = (name.len > len) - (name.len < len);
		if (order == 0)
			return elements[middle].does;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}
