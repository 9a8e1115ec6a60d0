/*
 * element: the table of elements, and the search in it.
 */
#include "check/reader/element.h"

#include <stdbool.h>
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
#define STRUCK ELEMENT_STRUCK
#define QUOTED ELEMENT_QUOTED

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
    {"audio", UNSEEN},
    {"base", VOID},
    {"blockquote", LINE | SPACED | QUOTED},
    {"br", VOID},
    {"canvas", UNSEEN},
    {"center", LINE},
    {"cite", QUOTED},
    {"col", VOID},
    {"datalist", UNSEEN},
    {"dd", LINE | SHUTS},
    {"del", STRUCK},
    {"dialog", UNSEEN},
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
    {"meter", UNSEEN},
    {"nav", LINE},
    {"noembed", RAW | UNSEEN},
    {"noframes", RAW | UNSEEN},
    {"object", ACTIVE},
    {"ol", LINE | SPACED},
    {"option", LINE | SHUTS},
    {"p", LINE | SPACED | SHUTS},
    {"plaintext", RAW | LINE},
    {"pre", LINE | SPACED | PRE},
    {"progress", UNSEEN},
    {"q", QUOTED},
    {"s", STRUCK},
    {"script", RAW | DROP | ACTIVE},
    {"section", LINE},
    {"source", VOID},
    {"strike", STRUCK},
    {"style", RAW | DROP},
    {"table", LINE},
    {"td", CELL | SHUTS},
    {"template", UNSEEN},
    {"textarea", RAW | LINE},
    {"th", CELL | SHUTS},
    {"title", RAW | UNSEEN},
    {"tr", LINE | SHUTS},
    {"ul", LINE | SPACED},
    {"video", UNSEEN},
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

/* Classes and ids of the containers that mail programs quote or sign in. */
static const struct {
	const char *name;
	unsigned does;
} containers[] = {
    {"appendonsend", ELEMENT_QUOTED_ON},  /* Outlook on the web */
    {"clean_bq", ELEMENT_QUOTED},	  /* Airmail */
    {"divrplyfwdmsg", ELEMENT_QUOTED_ON}, /* Outlook: the fields, then all */
    {"front-blockquote", ELEMENT_QUOTED},
    {"gmail_attr", ELEMENT_QUOTED},
    {"gmail_quote", ELEMENT_QUOTED},
    {"gmail_quote_container", ELEMENT_QUOTED},
    {"isreplycontent", ELEMENT_QUOTED},	     /* NetEase */
    {"mail-app-auto-quote", ELEMENT_QUOTED}, /* mail.ru */
    {"mail-editor-reference-message-container", ELEMENT_QUOTED},
    {"messagereplysection", ELEMENT_QUOTED}, /* Spark */
    {"moz-cite-prefix", ELEMENT_QUOTED},
    {"moz-forward-container", ELEMENT_QUOTED},
    {"olk_src_body_section", ELEMENT_QUOTED},
    {"protonmail_quote", ELEMENT_QUOTED},
    {"qt", ELEMENT_QUOTED},	     /* Fastmail */
    {"reply-intro", ELEMENT_QUOTED}, /* Roundcube */
    {"tutanota_quote", ELEMENT_QUOTED},
    {"zmail_extra", ELEMENT_QUOTED}, /* Zoho */
    {"zwchr", ELEMENT_QUOTED_ON},    /* Zimbra's line across */
    {"applemailsignature", ELEMENT_SIGNED},
    {"bloop_sign", ELEMENT_SIGNED},
    {"composer_signature", ELEMENT_SIGNED}, /* Samsung */
    {"gmail_signature", ELEMENT_SIGNED},
    {"moz-signature", ELEMENT_SIGNED},
    {"ms-outlook-mobile-signature", ELEMENT_SIGNED},
    {"protonmail_signature_block", ELEMENT_SIGNED},
    {"signature", ELEMENT_SIGNED}, /* Outlook on the web, GMX */
    {"tutanota_signature", ELEMENT_SIGNED},
    {"zmail_signature_below", ELEMENT_SIGNED},
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool holds(struct span name, const char *word)
{
	size_t len = strlen(word);

	for (; name.len >= len; name.data++, name.len--)
		if (strncasecmp(name.data, word, len) == 0)
			return true;
	return false;
}

/* Outlook sets "x_" before the names in what it quotes, each time anew. */
static unsigned container(struct span name)
{
	while (name.len > 2 && strncasecmp(name.data, "x_", 2) == 0)
		name = (struct span){name.data + 2, name.len - 2};
	if (holds(name, "yahoo_quoted")) /* with a number behind or before */
		return ELEMENT_QUOTED;
	for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++)
		if (strlen(containers[i].name) == name.len &&
		    strncasecmp(containers[i].name, name.data, name.len) == 0)
			return containers[i].does;
	return 0;
}

unsigned element_quotes(struct span names)
{
	const char *p = names.data, *end = p + names.len, *from;
	unsigned does = 0;

	while (p < end) {
		for (from = p; p < end && !is_space(*p);)
			p++;
		does |= container((struct span){from, (size_t)(p - from)});
		while (p < end && is_space(*p))
			p++;
	}
	return does;
}
