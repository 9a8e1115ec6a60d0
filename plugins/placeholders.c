/*
 * placeholders: finds what should have been filled in before a mail was sent:
 * {{name}}, [Your Name], "Dear ,", TODO, and what a language model says around
 * its draft.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <imprimatur/plugin.h>

#include <unicode/utf8.h>

#include "placeholders_look.h"

#define FOUND_MOST 20

struct placeholders {
	const struct imprimatur_host *host;
	bool code; /* mails about programs: braces are ordinary */
	char (*ignored)[PLACEHOLDERS_SPAN + 1];
	size_t n_ignored;
};

struct look {
	const struct placeholders *own;
	struct imprimatur_report *report;
	struct placeholders_look at;
	const char *where; /* "in the subject" */
	char found[FOUND_MOST][PLACEHOLDERS_SPAN + 1];
	size_t n_found;
};

/* ---- the scan ---- */

/* One line of valid text, at most PLACEHOLDERS_SPAN bytes. */
static void copy(char out[PLACEHOLDERS_SPAN + 1], const char *text, size_t size)
{
	size_t n = 0;

	while (n < size && n < PLACEHOLDERS_SPAN) {
		size_t next = n;

		U8_FWD_1((const uint8_t *)text, next, size);
		if (next > PLACEHOLDERS_SPAN)
			break;
		for (; n < next; n++)
			out[n] = (unsigned char)text[n] < ' ' ? ' ' : text[n];
	}
	out[n] = '\0';
}

static void keep(struct look *look, size_t at, size_t size)
{
	const struct placeholders *own = look->own;
	char value[PLACEHOLDERS_SPAN + 1];

	if (look->n_found == FOUND_MOST)
		return;
	copy(value, look->at.text + at, size);
	for (size_t i = 0; i < own->n_ignored; i++)
		if (strcmp(own->ignored[i], value) == 0)
			return;
	for (size_t i = 0; i < look->n_found; i++)
		if (strcmp(look->found[i], value) == 0)
			return;
	memcpy(look->found[look->n_found++], value, sizeof(value));
	own->host->find(look->report, IMPRIMATUR_CAUTION, "placeholder", value,
	    "'%s' stands %s", value, look->where);
}

static void scan(struct look *look, const char *text, size_t size)
{
	bool inside = false,
	     line = true; /* of a word; at the start of a line */

	look->at.text = text;
	look->at.size = size;
	look->at.open = false;
	for (size_t at = 0; at < size && look->n_found < FOUND_MOST;) {
		size_t n = placeholders_code(&look->at, at);
		char c = text[at];

		if (n > 0) {
			at += n;
			continue;
		}
		n = placeholders_sign(&look->at, at);
		if (n == 0 && !inside && placeholders_is_letter(c))
			n = placeholders_word(&look->at, at, line);
		if (n > 0) {
			keep(look, at, n);
			at += n;
			c = text[at - 1];
		} else {
			at++;
		}
		inside = placeholders_is_part(c);
		line = c == '\n' || (line && (c == ' ' || c == '\t'));
	}
}

/* Behind a tag's last byte: a '>' in quotes does not end it. */
static size_t tag_end(const char *text, size_t size, size_t at)
{
	char quote = '\0';

	for (; at < size; at++) {
		char c = text[at];

		if (quote != '\0')
			quote = c == quote ? '\0' : quote;
		else if (c == '>' || c == '<')
			break;
		else if ((c == '"' || c == '\'') && text[at - 1] == '=')
			quote = c;
	}
	return at;
}

/* "&#123;" and "&lcub;" as "{", in place; returns the size. */
static size_t resolve(char *text, size_t size)
{
	static const struct {
		const char *name;
		char c;
	} rows[] = {{"&#123;", '{'}, {"&#125;", '}'}, {"&#x7b;", '{'},
	    {"&#x7d;", '}'}, {"&lcub;", '{'}, {"&rcub;", '}'},
	    {"&lbrace;", '{'}, {"&rbrace;", '}'}, {"&#91;", '['},
	    {"&#93;", ']'}, {"&lsqb;", '['}, {"&rsqb;", ']'}, {"&#36;", '$'},
	    {"&#37;", '%'}, {"&dollar;", '$'}, {"&percnt;", '%'}};
	size_t n = 0;

	for (size_t at = 0; at < size;) {
		size_t i = 0, count = sizeof(rows) / sizeof(rows[0]), len = 0;

		for (; text[at] == '&' && i < count; i++) {
			len = strlen(rows[i].name);
			if (size - at >= len &&
			    strncasecmp(text + at, rows[i].name, len) == 0)
				break;
		}
		if (text[at] != '&' || i == count) {
			text[n++] = text[at++];
			continue;
		}
		text[n++] = rows[i].c;
		at += len;
	}
	return n;
}

/* Signs only, no words. */
static void scan_signs(struct look *look, const char *text, size_t size)
{
	look->at.text = text;
	look->at.size = size;
	look->at.tag = true;
	for (size_t at = 0; at < size && look->n_found < FOUND_MOST; at++) {
		size_t n = text[at] != '\0' && strchr("{$%[*", text[at]) != NULL
			       ? placeholders_sign(&look->at, at)
			       : 0;

		if (n > 0) {
			keep(look, at, n);
			at += n - 1;
		}
	}
	look->at.tag = false;
}

/* Tags of HTML: their attributes. */
static void scan_tags(struct look *look, const char *text, size_t size)
{
	size_t at = 0, end, n;
	char *tag;

	while (at < size && look->n_found < FOUND_MOST) {
		const char *open = memchr(text + at, '<', size - at);

		if (open == NULL)
			break;
		at = (size_t)(open - text) + 1;
		end = tag_end(text, size, at);
		if (memchr(text + at, '&', end - at) == NULL) {
			scan_signs(look, text + at, end - at);
			at = end;
			continue;
		}
		tag = look->own->host->memory(look->report, end - at + 1);
		memcpy(tag, text + at, end - at);
		n = resolve(tag, end - at);
		scan_signs(look, tag, n);
		at = end;
	}
}

/* Fields that a template fills in: how to leave, whom to ask. */
static void scan_fields(struct look *look, const struct imprimatur_mail *mail)
{
	look->where = "in a field of the header";
	for (size_t i = 0; i < mail->n_fields; i++) {
		const char *name = mail->fields[i].name;

		if (strncasecmp(name, "List-", 5) == 0 ||
		    strncasecmp(name, "X-", 2) == 0 ||
		    strcasecmp(name, "Message-ID") == 0 ||
		    strcasecmp(name, "Organization") == 0 ||
		    strcasecmp(name, "Feedback-ID") == 0)
			scan_signs(look, mail->fields[i].value,
			    strlen(mail->fields[i].value));
	}
}

static void scan_line(struct look *look, const char *text, const char *where)
{
	look->where = where;
	if (text != NULL)
		scan(look, text, strlen(text));
}

static void check(void *state, const struct imprimatur_mail *mail,
    struct imprimatur_report *report)
{
	const struct placeholders *own = state;
	struct look *look = own->host->memory(report, sizeof(*look));

	look->own = own;
	look->report = report;
	look->at.code = own->code;
	scan_line(look, mail->subject, "in the subject");
	look->where = "in the text";
	scan(look, mail->own_text, mail->own_text_size);
	for (size_t i = 0; i < mail->n_parts; i++) {
		const struct imprimatur_part *part = &mail->parts[i];

		scan_line(look, part->filename, "in the name of a file");
		look->where = "in the HTML, in a link or another attribute";
		if (strcmp(part->type, "text/html") == 0 &&
		    part->source != NULL)
			scan_tags(look, part->source, part->source_size);
	}
	scan_fields(look, mail);
	for (size_t i = 0; i < mail->n_addresses; i++) {
		scan_line(look, mail->addresses[i].display,
		    "in the name before an address");
		scan_line(look, mail->addresses[i].address, "in an address");
	}
}

/* ---- options ---- */

static void release(void *state)
{
	struct placeholders *own = state;

	free(own->ignored);
	free(own);
}

static int take_ignored(
    struct placeholders *own, const struct imprimatur_options *options)
{
	const char *item;
	size_t n = 0;

	while (own->host->item(options, "ignore", n) != NULL)
		n++;
	own->ignored = calloc(n + 1, sizeof(*own->ignored));
	if (own->ignored == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		item = own->host->item(options, "ignore", i);
		if (strlen(item) > PLACEHOLDERS_SPAN) {
			own->host->complain(options,
			    "ignore: '%s' is too long; %d bytes at most", item,
			    PLACEHOLDERS_SPAN);
			return -1;
		}
		copy(own->ignored[own->n_ignored++], item, strlen(item));
	}
	return 0;
}

static int configure(const struct imprimatur_host *host,
    const struct imprimatur_options *options, void **state)
{
	const char *code = host->option(options, "code");
	struct placeholders *own = calloc(1, sizeof(*own));

	if (own == NULL)
		return -1;
	own->host = host;
	own->code = code != NULL && strcmp(code, "true") == 0;
	if (code != NULL && !own->code && strcmp(code, "false") != 0) {
		host->complain(
		    options, "code is '%s'; it must be true or false", code);
	} else if (take_ignored(own, options) == 0) {
		*state = own;
		return 0;
	}
	release(own);
	return -1;
}

static const struct imprimatur_option options[] = {
    {"code", "true or false",
	"mails are about programs: {x}, ${x}, code in backticks and TODO are "
	"ordinary; false"},
    {"ignore", "list", "placeholders that are none, as they stand; none"},
    {NULL, NULL, NULL},
};

static const struct imprimatur_finding findings[] = {
    {"placeholder",
	"something was not filled in; the value is what stands there"},
    {NULL, NULL},
};

const struct imprimatur_plugin imprimatur_plugin = {
    .abi = IMPRIMATUR_PLUGIN_ABI,
    .size = sizeof(imprimatur_plugin),
    .name = "placeholders",
    .version = "1",
    .about = "finds what should have been filled in",
    .options = options,
    .findings = findings,
    .configure = configure,
    .check = check,
    .release = release,
};
