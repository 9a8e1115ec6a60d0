/*
 * options: JSON values as lists of texts.  What they mean is the plug-in's.
 */
#include "check/reader/options.h"

#include "check/reader/charset.h"

#include "util/buf.h"
#include "util/nearest.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MARK "file:"

/* ---- files -------------------------------------------------------------- */

static int read_file(const char *path, struct buf *out, struct error *err)
{
	char piece[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	if (fd < 0)
		return error_set(err, ERROR_INVALID, "cannot open '%s': %s",
		    path, strerror(errno));
	while (!out->overflow && (n = read(fd, piece, sizeof(piece))) > 0)
		buf_add(out, piece, (size_t)n);
	if (n < 0)
		error_set(err, ERROR_INVALID, "cannot read '%s': %s", path,
		    strerror(errno));
	else if (out->overflow)
		error_set(err, ERROR_INVALID,
		    "'%s' is larger than %zu bytes; make it shorter", path,
		    OPTIONS_FILE_MAX);
	close(fd);
	return n < 0 || out->overflow ? -1 : 0;
}

static int check_text(const char *path, const struct buf *text, struct error *e)
{
	const char *p = text->data, *end = p + text->len;
	size_t line = 1, n;

	for (; p < end; p += n) {
		n = charset_utf8(p, end);
		if (n == 0 || *p == '\0')
			return error_set(e, ERROR_INVALID,
			    "'%s', line %zu: this is not UTF-8 text; convert "
			    "the file",
			    path, line);
		line += *p == '\n';
	}
	return 0;
}

static void add_value(struct arena *arena, struct option *option, char *value)
{
	const char **more;

	/* room doubles whenever n is a power of two */
	if ((option->n & (option->n - 1)) == 0) {
		more = arena_alloc(arena, (2 * option->n + 1) * sizeof(*more));
		if (option->n > 0)
			memcpy(more, option->values, option->n * sizeof(*more));
		option->values = more;
	}
	option->values[option->n++] = value;
}

static void add_lines(
    struct arena *arena, struct option *option, const struct buf *text)
{
	const char *p = text->data, *end = p + text->len;

	while (p < end) {
		size_t len = strcspn(p, "\n"), blank;
		const char *next = p + len + 1;

		blank = strspn(p, " \t\r");
		blank = blank < len ? blank : len;
		p += blank;
		len -= blank;
		while (len > 0 && strchr(" \t\r", p[len - 1]) != NULL)
			len--;
		if (len > 0 && *p != '#')
			add_value(arena, option, arena_dup(arena, p, len));
		p = next;
	}
}

static int add_file(struct imprimatur_options *options, struct option *option,
    const char *name, const char *folder, struct error *err)
{
	const char *path =
	    *name == '/' ? name
			 : arena_printf(options->arena, "%s/%s", folder, name);
	struct buf text;
	int rc;

	buf_init(&text, OPTIONS_FILE_MAX);
	rc = read_file(path, &text, err);
	if (rc == 0)
		rc = check_text(path, &text, err);
	if (rc == 0)
		add_lines(options->arena, option, &text);
	buf_release(&text);
	return rc;
}

/* ---- values ------------------------------------------------------------- */

static int add_text(struct imprimatur_options *options, struct option *option,
    const json_t *value, const char *folder, struct error *err)
{
	const char *text = json_string_value(value);

	if (text == NULL)
		return error_set(err, ERROR_INVALID,
		    "option '%s' must be a text or a list of texts",
		    option->name);
	if (strncmp(text, FILE_MARK, strlen(FILE_MARK)) != 0) {
		add_value(
		    options->arena, option, arena_strdup(options->arena, text));
		return 0;
	}
	if (add_file(options, option, text + strlen(FILE_MARK), folder, err))
		return error_prefix(err, "option '%s'", option->name);
	return 0;
}

static bool is_number(const char *text)
{
	char *end;

	if (*text == '\0' || strspn(text, "+-.0123456789") != strlen(text))
		return false;
	strtod(text, &end);
	return *end == '\0';
}

static int check_type(
    const struct option *option, const char *type, struct error *err)
{
	const char *value = option->n > 0 ? option->values[0] : "";

	if (type == NULL || strcmp(type, "list") == 0)
		return 0;
	if (option->n != 1)
		return error_set(err, ERROR_INVALID,
		    "option '%s' takes one value, a %s, and has %zu",
		    option->name, type, option->n);
	if ((strcmp(type, "number") == 0 && !is_number(value)) ||
	    (strcmp(type, "true or false") == 0 && strcmp(value, "true") != 0 &&
		strcmp(value, "false") != 0))
		return error_set(err, ERROR_INVALID,
		    "option '%s' must be %s%s, not '%.80s'", option->name,
		    strcmp(type, "number") == 0 ? "a " : "", type, value);
	return 0;
}

static const struct imprimatur_option *find_row(
    const struct imprimatur_option *table, const char *name, struct error *err)
{
	const struct imprimatur_option *row = table;
	struct nearest nearest;
	char hint[NEAREST_SIZE];

	nearest_init(&nearest, name);
	for (; row != NULL && row->name != NULL; row++) {
		if (strcmp(row->name, name) == 0)
			return row;
		nearest_try(&nearest, row->name);
	}
	error_set(err, ERROR_INVALID, "it has no option '%.60s'%s", name,
	    nearest_text(&nearest, hint));
	return NULL;
}

static int take_option(struct imprimatur_options *options, const char *type,
    const json_t *value, const char *folder, struct error *err)
{
	struct option *option = &options->list[options->n];
	size_t i;

	if (!json_is_array(value)) {
		if (add_text(options, option, value, folder, err))
			return -1;
	} else {
		for (i = 0; i < json_array_size(value); i++)
			if (add_text(options, option, json_array_get(value, i),
				folder, err))
				return -1;
	}
	options->n++;
	return check_type(option, type, err);
}

int options_read(struct imprimatur_options *options, const struct json_t *json,
    const struct imprimatur_option *table, const char *folder,
    struct error *err)
{
	union {
		const json_t *from;
		json_t *p;
	} object = {.from = json}; /* to iterate, jansson wants it writable */
	const struct imprimatur_option *row;
	const char *name;
	json_t *value;

	options->list = arena_alloc(options->arena,
	    (json_object_size(json) + 1) * sizeof(*options->list));
	json_object_foreach(object.p, name, value)
	{
		row = find_row(table, name, err);
		if (row == NULL)
			return -1;
		options->list[options->n].name = row->name;
		if (take_option(options, row->type, value, folder, err))
			return -1;
	}
	return 0;
}

/* ---- for the plug-in ---------------------------------------------------- */

static const struct option *find(
    const struct imprimatur_options *options, const char *name)
{
	for (size_t i = 0; i < options->n; i++)
		if (strcmp(options->list[i].name, name) == 0)
			return &options->list[i];
	return NULL;
}

const char *options_item(
    const struct imprimatur_options *options, const char *name, size_t n)
{
	const struct option *option = find(options, name);

	return option != NULL && n < option->n ? option->values[n] : NULL;
}

const char *options_option(
    const struct imprimatur_options *options, const char *name)
{
	return options_item(options, name, 0);
}

void options_complain(
    const struct imprimatur_options *options, const char *format, ...)
{
	/* the plug-in's pointer is to const, what it points to is not */
	union {
		const struct imprimatur_options *from;
		struct imprimatur_options *p;
	} to = {.from = options};
	va_list ap;

	va_start(ap, format);
	vsnprintf(to.p->complaint, sizeof(to.p->complaint), format, ap);
	va_end(ap);
}
