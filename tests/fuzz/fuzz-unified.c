/*
 * Fuzzes unified differences: applied to the old text, one has to make the new
 * one, byte for byte.  A byte 0xff parts the two texts.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "send/unified.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool right)
{
	if (!right)
		abort();
}

/* One line off the front, its LF included. */
static struct span take_line(struct span *rest)
{
	const char *lf =
	    rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
	struct span line = *rest;

	if (lf != NULL)
		line.len = (size_t)(lf - rest->data) + 1;
	rest->data += line.len;
	rest->len -= line.len;
	return line;
}

/* Do "\ No newline" and what it is about follow? */
static bool is_open(struct span rest)
{
	return rest.len > 0 && rest.data[0] == '\\';
}

struct patching {
	struct span old_text;
	struct buf made;
	unsigned long at; /* the line of the old text, from 1 */
};

static void copy_until(struct patching *p, unsigned long line)
{
	while (p->at < line) {
		expect(p->old_text.len > 0);
		buf_add_span(&p->made, take_line(&p->old_text));
		p->at++;
	}
}

static void open_hunk(struct patching *p, struct span line)
{
	unsigned long at, n = 1;
	char text[80], *end;

	expect(line.len < sizeof(text));
	snprintf(text, sizeof(text), "%.*s", (int)line.len, line.data);
	expect(strncmp(text, "@@ -", 4) == 0);
	at = strtoul(text + 4, &end, 10);
	if (*end == ',')
		n = strtoul(end + 1, &end, 10);
	copy_until(p, n == 0 ? at + 1 : at);
}

static void take_body(struct patching *p, struct span line, bool open)
{
	struct span text = {line.data + 1, line.len - 1}, old_line;

	if (open)
		text.len--;
	if (line.data[0] != '+') {
		old_line = take_line(&p->old_text);
		p->at++;
		expect(old_line.len == text.len &&
		       memcmp(old_line.data, text.data, text.len) == 0);
	}
	if (line.data[0] != '-')
		buf_add_span(&p->made, text);
}

static void patch(struct patching *p, struct span difference)
{
	struct span line;
	bool open;

	while (difference.len > 0) {
		line = take_line(&difference);
		if (line.data[0] == '@') {
			open_hunk(p, line);
			continue;
		}
		expect(line.data[0] == ' ' || line.data[0] == '-' ||
		       line.data[0] == '+');
		open = is_open(difference);
		take_body(p, line, open);
		if (open)
			take_line(&difference);
	}
	buf_add_span(&p->made, p->old_text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span old_text = {size > 0 ? (const char *)data : "", size};
	struct span new_text = {"", 0};
	struct patching p = {.at = 1};
	struct buf difference;
	const char *mark;

	mark = size > 0 ? memchr(data, 0xff, size) : NULL;
	if (mark != NULL) {
		old_text.len = (size_t)(mark - old_text.data);
		new_text.data = mark + 1;
		new_text.len = size - old_text.len - 1;
	}
	p.old_text = old_text;
	buf_init(&difference, 64 * size + 4096);
	buf_init(&p.made, 2 * size + 1);
	unified_write(&difference, old_text, new_text);
	patch(&p, buf_span(&difference));
	expect(p.made.len == new_text.len);
	expect(new_text.len == 0 ||
	       memcmp(p.made.data, new_text.data, new_text.len) == 0);
	buf_release(&difference);
	buf_release(&p.made);
	return 0;
}
