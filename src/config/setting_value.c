/*
 * setting_value: one value, from libconfig's setting to what a row asks for.
 * Groups and tables are left to setting.c.
 */
#include "config/setting_value.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/setting_number.h"
#include "config/setting_source.h"
#include "util/mem.h"
#include "util/nearest.h"

#define complain setting_value_complain

/* Texts that are being gathered. */
struct texts {
	const char **text;
	size_t n, room;
};

/* Which file a setting stands in; @include has others. */
static const char *file_of(
    const struct setting_reader *r, const config_setting_t *at)
{
	const char *included = config_setting_source_file(at);

	return included != NULL ? included : r->file->name;
}

/* Every mistake reads "file:line: 'option' what is wrong". */
int setting_value_complain(const struct setting_reader *r,
    const config_setting_t *at, const char *name, const char *fmt, ...)
{
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return error_set(r->err, ERROR_INVALID, "%s:%u: '%s' %s",
	    file_of(r, at), (unsigned)config_setting_source_line(at), name,
	    what);
}

/* A number out of its range, or something else. */
static int complain_value(const struct setting_reader *r,
    const config_setting_t *at, const struct setting *row, const char *value)
{
	char least[SETTING_NUMBER_SIZE], most[SETTING_NUMBER_SIZE];
	const char *kind = "whole number";

	if (row->type == SETTING_SECONDS)
		kind = "time such as 90, \"15m\" or \"2h\",";
	else if (row->type == SETTING_MILLISECONDS)
		kind = "time such as \"500ms\" or \"5s\",";
	else if (row->type == SETTING_SIZE)
		kind = "size such as 4096 or \"25M\",";
	else if (row->type == SETTING_AMOUNT)
		kind = row->most == 1 ? "number such as 0.85 for 85 %,"
				      : "number such as 12.5,";
	return complain(r, at, row->name,
	    "is %s; it must be a %s from %s to %s", value, kind,
	    setting_number_text(row->type, row->least, least),
	    setting_number_text(row->type, row->most, most));
}

/*
 * A text, or NULL with err set when it is none.  libconfig's \x.. can write
 * what is no UTF-8.
 */
static const char *text_of(const struct setting_reader *r, const char *name,
    const config_setting_t *s, const char *wanted)
{
	const char *text = config_setting_get_string(s);

	if (text == NULL)
		complain(r, s, name, "%s", wanted);
	else if (!setting_source_is_text(text))
		complain(r, s, name,
		    "has bytes that are no UTF-8; write the letters "
		    "themselves, not \\x..");
	else
		return text;
	return NULL;
}

/* What was written, for a message. */
static const char *shown(const config_setting_t *s, char *out, size_t size)
{
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		snprintf(out, size, "%lld", config_setting_get_int64(s));
		break;
	case CONFIG_TYPE_FLOAT:
		snprintf(out, size, "%g", config_setting_get_float(s));
		break;
	case CONFIG_TYPE_STRING:
		snprintf(out, size, "\"%.60s\"", config_setting_get_string(s));
		break;
	case CONFIG_TYPE_BOOL:
		snprintf(out, size, "%s",
		    config_setting_get_bool(s) ? "true" : "false");
		break;
	default:
		snprintf(out, size, "%s",
		    config_setting_is_group(s) ? "a group" : "a list");
	}
	return out;
}

static int take_number(const struct setting_reader *r,
    const struct setting *row, const config_setting_t *s, void *into)
{
	char out[80];
	int64_t n = -1;

	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		n = setting_number_plain(
		    row->type, config_setting_get_int64(s));
		break;
	case CONFIG_TYPE_STRING:
		n = setting_number_read(
		    row->type, config_setting_get_string(s));
		break;
	}
	if (n < 0 || n < row->least || n > row->most)
		return complain_value(r, s, row, shown(s, out, sizeof(out)));
	setting_number_store(row, into, n);
	return 0;
}

/*
 * A scalar as text.  libconfig has fractions as floats only: one that four
 * digits cannot write exactly is refused, so that nothing is rounded.
 */
static const char *scalar(
    const struct setting_reader *r, const char *name, const config_setting_t *s)
{
	char out[512];
	struct amount amount;

	if (config_setting_type(s) == CONFIG_TYPE_STRING)
		return text_of(r, name, s, "");
	if (config_setting_is_aggregate(s)) {
		complain(r, s, name, "must be a single value");
		return NULL;
	}
	if (config_setting_type(s) == CONFIG_TYPE_FLOAT) {
		double value = config_setting_get_float(s);

		snprintf(out, sizeof(out), "%.4f", value);
		if (strtod(out, NULL) < value || strtod(out, NULL) > value ||
		    amount_parse(&amount, out, NULL)) {
			complain(r, s, name,
			    "has more than four digits behind the point, or is "
			    "too large; write it in quotes");
			return NULL;
		}
		amount_print(&amount, out);
	} else {
		shown(s, out, sizeof(out));
	}
	return arena_strdup(r->file->arena, out);
}

static int read_amount(const struct setting_reader *r,
    const struct setting *row, const config_setting_t *s, struct amount *amount)
{
	const char *text;
	struct error why = ERROR_INIT;
	char out[80];

	if (config_setting_type(s) == CONFIG_TYPE_BOOL)
		return complain(r, s, row->name,
		    "must be an amount, such as 5 or \"10000.00 EUR\"");
	text = scalar(r, row->name, s);
	if (text == NULL)
		return -1;
	if (row->most > 0 &&
	    (amount_parse(amount, text, NULL) || amount->currency[0] != '\0' ||
		amount->value < row->least * AMOUNT_ONE ||
		amount->value > row->most * AMOUNT_ONE))
		return complain_value(r, s, row, shown(s, out, sizeof(out)));
	if (amount_parse(amount, text, &why))
		return complain(r, s, row->name, "is wrong: %s", why.text);
	return 0;
}

/* How many values: a list's or an array's elements, or the one. */
static int values(const config_setting_t *s)
{
	return config_setting_is_aggregate(s) ? config_setting_length(s) : 1;
}

static const config_setting_t *value(const config_setting_t *s, int i)
{
	return config_setting_is_aggregate(s)
		   ? config_setting_get_elem(s, (unsigned)i)
		   : s;
}

static int take_amounts(const struct setting_reader *r,
    const struct setting *row, const config_setting_t *s, void *into)
{
	struct setting_amounts *to = (void *)((char *)into + row->offset);
	int i, n = values(s);
	struct amount *amounts =
	    arena_alloc(r->file->arena, (size_t)n * sizeof(*amounts));

	for (i = 0; i < n; i++)
		if (read_amount(r, row, value(s, i), &amounts[i]))
			return -1;
	to->amounts = amounts;
	to->n = (size_t)n;
	return 0;
}

static int take_enum(const struct setting_reader *r, const struct setting *row,
    const config_setting_t *s, void *into)
{
	const char *name = config_setting_get_string(s);
	char list[160] = "must be one of", near[NEAREST_SIZE] = "";
	struct nearest nearest;
	int i;

	nearest_init(&nearest, name == NULL ? "" : name);
	for (i = 0; row->names[i] != NULL; i++) {
		size_t used = strlen(list);

		if (name != NULL && strcmp(name, row->names[i]) == 0) {
			*(int *)(void *)((char *)into + row->offset) = i;
			return 0;
		}
		nearest_try(&nearest, row->names[i]);
		snprintf(list + used, sizeof(list) - used, "%s \"%s\"",
		    i > 0 ? "," : "", row->names[i]);
	}
	return complain(
	    r, s, row->name, "%s%s", list, nearest_text(&nearest, near));
}

static void texts_add(struct texts *texts, const char *text)
{
	if (texts->n == texts->room) {
		texts->room = texts->room * 2 + 8;
		texts->text =
		    mem_grow(texts->text, texts->room, sizeof(*texts->text));
	}
	texts->text[texts->n++] = text;
}

/* The lines of a file, in place of "file:NAME". */
static int add_file(const struct setting_reader *r, const char *option,
    const config_setting_t *s, struct texts *texts)
{
	struct arena *arena = r->file->arena;
	const char *path = setting_source_path(
	    arena, file_of(r, s), config_setting_get_string(s) + 5);
	struct error why = ERROR_INIT;
	struct span rest, line;
	struct buf text;
	int rc = 0;

	buf_init(&text, SETTING_SOURCE_MAX);
	if (setting_source_read(path, r->file->digest, &text, &why))
		rc = complain(r, s, option, "names a file: %s", why.text);
	rest = buf_span(&text);
	while (rc == 0 && setting_source_line(&rest, &line))
		texts_add(texts, arena_dup(arena, line.data, line.len));
	buf_release(&text);
	return rc;
}

/* One text of a list, or the lines of the file that it names. */
static int add_text(const struct setting_reader *r, const char *option,
    const config_setting_t *s, struct texts *texts)
{
	const char *text = text_of(r, option, s,
	    "must be a text in quotes, or a list of them: [ \"a\", \"b\" ]");

	if (text == NULL)
		return -1;
	if (strncmp(text, "file:", 5) == 0)
		return add_file(r, option, s, texts);
	texts_add(texts, arena_strdup(r->file->arena, text));
	return 0;
}

static int take_strings(const struct setting_reader *r,
    const struct setting *row, const config_setting_t *s, void *into)
{
	struct texts texts = {NULL, 0, 0};
	int i, n = values(s), rc = 0;
	const char **list;

	if (n < row->least)
		return complain(r, s, row->name, "is an empty list%s%s",
		    row->example ? "; write "
				 : ", which fits nothing; leave it out, or "
				   "name something",
		    row->example ? row->example : "");
	for (i = 0; rc == 0 && i < n; i++)
		rc = add_text(r, row->name, value(s, i), &texts);
	list = arena_alloc(r->file->arena, (texts.n + 1) * sizeof(*list));
	if (texts.n > 0)
		memcpy(list, texts.text, texts.n * sizeof(*list));
	free(texts.text);
	*(const char ***)(void *)((char *)into + row->offset) = list;
	return rc;
}

static int user_id(const config_setting_t *s, unsigned *uid)
{
	const char *name = config_setting_get_string(s);
	const struct passwd *pw;

	if (name == NULL) {
		*uid = (unsigned)config_setting_get_int(s);
		return config_setting_type(s) == CONFIG_TYPE_INT ? 0 : -1;
	}
	pw = getpwnam(name);
	if (pw == NULL)
		return -1;
	*uid = pw->pw_uid;
	return 0;
}

static int take_users(const struct setting_reader *r, const struct setting *row,
    const config_setting_t *s, void *into)
{
	struct setting_users *users = (void *)((char *)into + row->offset);
	int i, n = values(s);
	unsigned *uids;

	uids = arena_alloc(r->file->arena, (size_t)n * sizeof(*uids));
	for (i = 0; i < n; i++)
		if (user_id(value(s, i), &uids[i]))
			return complain(r, s, row->name,
			    "must list users of this machine, by name or "
			    "number");
	users->uids = uids;
	users->n = (size_t)n;
	return 0;
}

static int take_string(const struct setting_reader *r,
    const struct setting *row, const config_setting_t *s, void *into)
{
	const char *text = text_of(r, row->name, s, "must be a text in quotes");

	if (text == NULL)
		return -1;
	*(const char **)(void *)((char *)into + row->offset) =
	    arena_strdup(r->file->arena, text);
	return 0;
}

static int take_scalar(const struct setting_reader *r,
    const struct setting *row, const config_setting_t *s, void *into)
{
	const char *text = scalar(r, row->name, s);

	*(const char **)(void *)((char *)into + row->offset) =
	    arena_strdup(r->file->arena, text);
	return text == NULL ? -1 : 0;
}

static int take_bool(const struct setting_reader *r, const struct setting *row,
    const config_setting_t *s, void *into)
{
	if (config_setting_type(s) != CONFIG_TYPE_BOOL)
		return complain(
		    r, s, row->name, "must be true or false, without quotes");
	*(bool *)((char *)into + row->offset) = config_setting_get_bool(s) != 0;
	return 0;
}

int setting_value_take(const struct setting_reader *r,
    const struct setting *row, const config_setting_t *s, void *into)
{
	switch (row->type) {
	case SETTING_STRING:
		return take_string(r, row, s, into);
	case SETTING_STRINGS:
		return take_strings(r, row, s, into);
	case SETTING_NUMBER:
	case SETTING_SECONDS:
	case SETTING_MILLISECONDS:
	case SETTING_SIZE:
		return take_number(r, row, s, into);
	case SETTING_AMOUNT:
		return read_amount(r, row, s,
		    (struct amount *)(void *)((char *)into + row->offset));
	case SETTING_AMOUNTS:
		return take_amounts(r, row, s, into);
	case SETTING_SCALAR:
		return take_scalar(r, row, s, into);
	case SETTING_BOOL:
		return take_bool(r, row, s, into);
	case SETTING_ENUM:
		return take_enum(r, row, s, into);
	case SETTING_USERS:
		return take_users(r, row, s, into);
	default:
		return -1;
	}
}

void setting_value_fallback(const struct setting *row, void *into)
{
	char *at = (char *)into + row->offset;
	int i;

	switch (row->type) {
	case SETTING_STRING:
		*(const char **)(void *)at = row->fallback;
		break;
	case SETTING_NUMBER:
	case SETTING_SECONDS:
	case SETTING_MILLISECONDS:
	case SETTING_SIZE:
		setting_number_store(
		    row, into, setting_number_read(row->type, row->fallback));
		break;
	case SETTING_AMOUNT:
		amount_parse((struct amount *)(void *)at, row->fallback, NULL);
		break;
	case SETTING_BOOL:
		*(bool *)at = strcmp(row->fallback, "true") == 0;
		break;
	case SETTING_ENUM:
		for (i = 0; row->names[i] != NULL; i++)
			if (strcmp(row->names[i], row->fallback) == 0)
				*(int *)(void *)at = i;
		break;
	default:
		break;
	}
}

/* A free option: a text, or a list of them, with numbers written out. */
json_t *setting_value_free(
    const struct setting_reader *r, const char *name, const config_setting_t *s)
{
	const char *text = config_setting_get_string(s);
	bool list = config_setting_is_aggregate(s) ||
		    (text != NULL && strncmp(text, "file:", 5) == 0);
	struct texts texts = {NULL, 0, 0};
	json_t *json = list ? json_array() : NULL;
	int i, n = values(s), rc = config_setting_is_group(s) ? -1 : 0;
	size_t k;

	if (rc)
		complain(r, s, name,
		    "is a group; an option of a plug-in is a text, a number, "
		    "true or false, or a list of them");
	for (i = 0; rc == 0 && i < n; i++) {
		const config_setting_t *item = value(s, i);
		const char *one = scalar(r, name, item);

		if (one == NULL)
			rc = -1;
		else if (strncmp(one, "file:", 5) == 0)
			rc = add_file(r, name, item, &texts);
		else
			texts_add(&texts, one);
	}
	for (k = 0; rc == 0 && list && k < texts.n; k++)
		json_array_append_new(json, json_string(texts.text[k]));
	if (rc == 0 && !list)
		json = json_string(texts.text[0]);
	free(texts.text);
	if (rc == 0)
		return json;
	json_decref(json);
	return NULL;
}
