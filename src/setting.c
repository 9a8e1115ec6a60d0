/*
 * setting: from libconfig's settings to structs, by tables.  What a value
 * means, and whether values fit together, is left to config.c.
 */
#include "setting.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <libconfig.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

struct reader {
	const struct setting_file *file;
	struct error *err;
};

/* Every mistake reads "file:line: option: what is wrong". */
static int complain(const struct reader *r, const config_setting_t *at,
    const char *name, const char *what)
{
	return error_set(r->err, ERROR_INVALID, "%s:%u: '%s' %s", r->file->name,
	    (unsigned)config_setting_source_line(at), name, what);
}

static int complain_value(const struct reader *r, const config_setting_t *at,
    const struct setting *o, const char *value)
{
	return error_set(r->err, ERROR_INVALID,
	    "%s:%u: '%s' is '%s'; it must be a %s from %" PRId64 " to %" PRId64,
	    r->file->name, (unsigned)config_setting_source_line(at), o->name,
	    value,
	    o->type == SETTING_SECONDS ? "time such as 90, \"15m\" or \"2h\""
	    : o->type == SETTING_SIZE  ? "size such as 4096 or \"25M\""
				       : "number",
	    o->least, o->most);
}

/* "25M" times its unit; -1 when it is no such thing. */
static int64_t with_unit(
    const char *s, const char *letters, const int64_t *factors)
{
	char *end;
	const char *letter;
	long long n;
	int64_t factor = 1;

	if (!isdigit((unsigned char)*s))
		return -1;
	errno = 0;
	n = strtoll(s, &end, 10);
	if (*end != '\0') {
		letter = strchr(letters, *end);
		if (letter == NULL || end[1] != '\0')
			return -1;
		factor = factors[letter - letters];
	}
	if (errno != 0 || n > INT64_MAX / factor)
		return -1;
	return n * factor;
}

static int64_t number_of(enum setting_type type, const char *s)
{
	static const int64_t times[] = {1, 60, 3600, 86400};
	static const int64_t sizes[] = {1024, 1024 * 1024, 1024 * 1024 * 1024};

	if (type == SETTING_SECONDS)
		return with_unit(s, "smhd", times);
	if (type == SETTING_SIZE)
		return with_unit(s, "KMG", sizes);
	return with_unit(s, "", NULL);
}

static void store_number(const struct setting *o, void *into, int64_t n)
{
	char *at = (char *)into + o->offset;

	if (o->type == SETTING_SIZE)
		*(uint64_t *)(void *)at = (uint64_t)n;
	else
		*(unsigned *)(void *)at = (unsigned)n;
}

static int take_number(const struct reader *r, const struct setting *o,
    const config_setting_t *s, void *into)
{
	char shown[32];
	const char *text = shown;
	int64_t n;

	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
		n = config_setting_get_int(s);
		snprintf(shown, sizeof(shown), "%" PRId64, n);
		break;
	case CONFIG_TYPE_INT64:
		n = config_setting_get_int64(s);
		snprintf(shown, sizeof(shown), "%" PRId64, n);
		break;
	case CONFIG_TYPE_STRING:
		text = config_setting_get_string(s);
		n = number_of(o->type, text);
		break;
	default:
		return complain_value(r, s, o, "something else");
	}
	if (n < o->least || n > o->most)
		return complain_value(r, s, o, text);
	store_number(o, into, n);
	return 0;
}

static int take_enum(const struct reader *r, const struct setting *o,
    const config_setting_t *s, void *into)
{
	const char *value = config_setting_get_string(s);
	char list[160] = "must be one of";
	int i;

	for (i = 0; o->names[i] != NULL; i++) {
		size_t used = strlen(list);

		if (value != NULL && strcmp(value, o->names[i]) == 0) {
			*(int *)(void *)((char *)into + o->offset) = i;
			return 0;
		}
		snprintf(
		    list + used, sizeof(list) - used, " \"%s\"", o->names[i]);
	}
	return complain(r, s, o->name, list);
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

static int take_strings(const struct reader *r, const struct setting *o,
    const config_setting_t *s, void *into)
{
	int i, n = values(s);
	const char **list;

	list = arena_alloc(r->file->arena, ((size_t)n + 1) * sizeof(*list));
	for (i = 0; i < n; i++) {
		const char *text = config_setting_get_string(value(s, i));

		if (text == NULL)
			return complain(r, s, o->name,
			    "must be a text in quotes, or a list of them: "
			    "[ \"a\", \"b\" ]");
		list[i] = arena_strdup(r->file->arena, text);
	}
	*(const char ***)(void *)((char *)into + o->offset) = list;
	return 0;
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

static int take_users(const struct reader *r, const struct setting *o,
    const config_setting_t *s, void *into)
{
	struct setting_users *users = (void *)((char *)into + o->offset);
	int i, n = values(s);
	unsigned *uids;

	uids = arena_alloc(r->file->arena, (size_t)n * sizeof(*uids));
	for (i = 0; i < n; i++)
		if (user_id(value(s, i), &uids[i]))
			return complain(r, s, o->name,
			    "must list users of this machine, by name or "
			    "number");
	users->uids = uids;
	users->n = (size_t)n;
	return 0;
}

static int take_string(const struct reader *r, const struct setting *o,
    const config_setting_t *s, void *into)
{
	const char *text = config_setting_get_string(s);

	if (text == NULL)
		return complain(r, s, o->name, "must be a text in quotes");
	*(const char **)(void *)((char *)into + o->offset) =
	    arena_strdup(r->file->arena, text);
	return 0;
}

static int take_bool(const struct reader *r, const struct setting *o,
    const config_setting_t *s, void *into)
{
	if (config_setting_type(s) != CONFIG_TYPE_BOOL)
		return complain(r, s, o->name, "must be true or false");
	*(bool *)((char *)into + o->offset) = config_setting_get_bool(s) != 0;
	return 0;
}

static int take(const struct reader *r, const struct setting *o,
    const config_setting_t *s, void *into)
{
	switch (o->type) {
	case SETTING_STRING:
		return take_string(r, o, s, into);
	case SETTING_STRINGS:
		return take_strings(r, o, s, into);
	case SETTING_NUMBER:
	case SETTING_SECONDS:
	case SETTING_SIZE:
		return take_number(r, o, s, into);
	case SETTING_BOOL:
		return take_bool(r, o, s, into);
	case SETTING_ENUM:
		return take_enum(r, o, s, into);
	case SETTING_USERS:
		return take_users(r, o, s, into);
	}
	return -1;
}

static void take_fallback(const struct setting *o, void *into)
{
	char *at = (char *)into + o->offset;
	int i;

	if (o->fallback == NULL)
		return;
	switch (o->type) {
	case SETTING_STRING:
		*(const char **)(void *)at = o->fallback;
		break;
	case SETTING_NUMBER:
	case SETTING_SECONDS:
	case SETTING_SIZE:
		store_number(o, into, number_of(o->type, o->fallback));
		break;
	case SETTING_BOOL:
		*(bool *)at = strcmp(o->fallback, "true") == 0;
		break;
	case SETTING_ENUM:
		for (i = 0; o->names[i] != NULL; i++)
			if (strcmp(o->names[i], o->fallback) == 0)
				*(int *)(void *)at = i;
		break;
	case SETTING_STRINGS:
	case SETTING_USERS:
		break;
	}
}

/* Levenshtein's distance of two short names, for "did you mean". */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[64], left, up, i, j;
	size_t n = strlen(b);

	if (n >= 63 || strlen(a) >= 63)
		return 99;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		up = row[0];
		row[0] = i;
		for (j = 1; j <= n; j++) {
			left = row[j - 1] + 1;
			if (row[j] + 1 < left)
				left = row[j] + 1;
			if (up + (a[i - 1] != b[j - 1]) < left)
				left = up + (a[i - 1] != b[j - 1]);
			up = row[j];
			row[j] = left;
		}
	}
	return row[n];
}

static void nearer(
    const char *name, const char *candidate, const char **best, unsigned *least)
{
	unsigned d = distance(name, candidate);

	if (d < *least) {
		*least = d;
		*best = candidate;
	}
}

static int complain_unknown(const struct reader *r, const config_setting_t *s,
    const struct setting_group *group)
{
	const char *name = config_setting_name(s), *best = NULL;
	const struct setting_group *g;
	const struct setting *o;
	unsigned least = 4;
	char what[160];

	for (o = group->options; o != NULL && o->name != NULL; o++)
		nearer(name, o->name, &best, &least);
	if (*group->name == '\0')
		for (g = r->file->groups; g->name != NULL; g++)
			nearer(name, g->name, &best, &least);
	snprintf(what, sizeof(what), "is no option%s%s%s%s%s%s",
	    *group->name ? " of " : "", group->name,
	    best != NULL ? "; did you mean '" : "", best != NULL ? best : "",
	    best != NULL ? "'?" : "",
	    best != NULL ? "" : "; imprimatur.conf(5) lists them all");
	return complain(r, s, name, what);
}

static bool is_group(const struct reader *r, const char *name)
{
	const struct setting_group *g;

	for (g = r->file->groups; g->name != NULL; g++)
		if (*g->name != '\0' && strcmp(g->name, name) == 0)
			return true;
	return false;
}

static const struct setting *find(
    const struct setting *options, const char *name)
{
	for (; options != NULL && options->name != NULL; options++)
		if (strcmp(options->name, name) == 0)
			return options;
	return NULL;
}

/* Fill one struct from one group of settings (NULL: defaults alone). */
static int fill(const struct reader *r, const struct setting_group *group,
    const config_setting_t *settings, void *into)
{
	int i, n = settings == NULL ? 0 : config_setting_length(settings);
	const struct setting *o;

	for (o = group->options; o != NULL && o->name != NULL; o++)
		take_fallback(o, into);
	for (i = 0; i < n; i++) {
		const config_setting_t *s =
		    config_setting_get_elem(settings, (unsigned)i);
		const char *name = config_setting_name(s);

		o = name == NULL ? NULL : find(group->options, name);
		if (o != NULL ? take(r, o, s, into)
		    : *group->name != '\0' || !is_group(r, name)
			? complain_unknown(r, s, group)
			: 0)
			return -1;
	}
	for (o = group->options; o != NULL && o->name != NULL; o++)
		if (o->required && settings != NULL &&
		    config_setting_get_member(settings, o->name) == NULL)
			return complain(
			    r, settings, o->name, "is missing here");
	return 0;
}

static int fill_list(const struct reader *r, const struct setting_group *group,
    const config_setting_t *settings)
{
	char *into = r->file->into;
	int i, n = settings == NULL ? 0 : config_setting_length(settings);
	char *items = arena_alloc(r->file->arena, (size_t)n * group->size);

	if (settings != NULL && !config_setting_is_list(settings))
		return complain(r, settings, group->name,
		    "must be a list of groups: ( { ... }, { ... } )");
	for (i = 0; i < n; i++) {
		const config_setting_t *s =
		    config_setting_get_elem(settings, (unsigned)i);

		if (!config_setting_is_group(s))
			return complain(r, settings, group->name,
			    "must be a list of groups: ( { ... }, { ... } )");
		if (fill(r, group, s, items + (size_t)i * group->size))
			return -1;
	}
	*(void **)(void *)(into + group->offset) = items;
	*(size_t *)(void *)(into + group->count_offset) = (size_t)n;
	return 0;
}

static int fill_group(const struct reader *r, const struct setting_group *group,
    const config_t *config)
{
	const config_setting_t *s = *group->name == '\0'
					? config_root_setting(config)
					: config_lookup(config, group->name);

	if (group->list)
		return fill_list(r, group, s);
	if (s != NULL && !config_setting_is_group(s))
		return complain(r, s, group->name, "must be a group: { ... }");
	return fill(r, group, s, (char *)r->file->into + group->offset);
}

/* Skip a comment that begins with c; returns the character after it. */
static int skip_comment(FILE *in, int c, unsigned *line)
{
	int before = 0;

	if (c == '/') {
		c = getc(in);
		if (c == '*') {
			while ((c = getc(in)) != EOF &&
			       !(before == '*' && c == '/')) {
				*line += c == '\n';
				before = c;
			}
			return getc(in);
		}
		if (c != '/')
			return c;
	}
	while (c != EOF && c != '\n')
		c = getc(in);
	return c;
}

/* Skip a text in quotes; returns the character after it. */
static int skip_text(FILE *in, unsigned *line)
{
	int c;

	while ((c = getc(in)) != EOF && c != '"') {
		if (c == '\\')
			c = getc(in);
		*line += c == '\n';
	}
	return getc(in);
}

/*
 * libconfig 1.5 wraps an integer above 2^31 without a word, so a plain number
 * of more than nine digits is refused before it gets there.
 */
static int refuse_long_numbers(
    const struct setting_file *file, FILE *in, struct error *err)
{
	unsigned line = 1, digits = 0;
	bool word = false;
	int c = getc(in);

	while (c != EOF) {
		if (c == '#' || c == '/') {
			c = skip_comment(in, c, &line);
			continue;
		}
		if (c == '"') {
			c = skip_text(in, &line);
			continue;
		}
		line += c == '\n';
		word = isalpha(c) || c == '_' || (word && isdigit(c));
		digits = !word && isdigit(c) ? digits + 1 : 0;
		if (digits > 9)
			return error_set(err, ERROR_INVALID,
			    "%s:%u: a number of more than nine digits; write "
			    "sizes and times with a unit, such as \"25M\"",
			    file->name, line);
		c = getc(in);
	}
	rewind(in);
	return 0;
}

static int parse(const struct setting_file *file, config_t *config, FILE *in,
    struct error *err)
{
	if (refuse_long_numbers(file, in, err))
		return -1;
	if (config_read(config, in) == CONFIG_TRUE)
		return 0;
	return error_set(err, ERROR_INVALID, "%s:%d: %s; see the lines before",
	    config_error_file(config) ? config_error_file(config) : file->name,
	    config_error_line(config), config_error_text(config));
}

int setting_load(const struct setting_file *file, struct error *err)
{
	const struct reader r = {file, err};
	const struct setting_group *g;
	config_t config;
	FILE *in = fopen(file->name, "re");
	int rc;

	if (in == NULL)
		return error_set(err, ERROR_INVALID,
		    "cannot read the configuration '%s': %s", file->name,
		    strerror(errno));
	config_init(&config);
	rc = parse(file, &config, in, err);
	for (g = file->groups; rc == 0 && g->name != NULL; g++)
		rc = fill_group(&r, g, &config);
	config_destroy(&config);
	fclose(in);
	return rc;
}

void setting_print(const struct setting_group *groups, FILE *out)
{
	static const char *const types[] = {"string", "strings", "number",
	    "time", "size", "bool", "choice", "users"};
	const struct setting *o;

	for (; groups->name != NULL; groups++)
		for (o = groups->options; o != NULL && o->name != NULL; o++) {
			fprintf(out, "%s%s%s %s %s", groups->name,
			    *groups->name ? "." : "", o->name, types[o->type],
			    o->fallback ? o->fallback : "-");
			if (o->most > 0)
				fprintf(out, " %" PRId64 "..%" PRId64, o->least,
				    o->most);
			fputc('\n', out);
		}
}
