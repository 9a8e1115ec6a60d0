/*
 * setting: from libconfig's settings to structs, by tables.  What a value
 * is, is left to setting_value.c; whether values fit together to config.c and
 * channel.c; files to setting_source.c.
 */
#include "config/setting.h"

#include <stdlib.h>
#include <string.h>

#include "config/setting_source.h"
#include "config/setting_syntax.h"
#include "config/setting_value.h"
#include "util/nearest.h"

#define complain setting_value_complain

/* A row of a table, and the struct that it is about. */
struct place {
	const struct setting *row;
	void *into;
};

static int fill(const struct setting_reader *r,
    const struct setting_group *group, const config_setting_t *settings,
    void *into);

static int complain_list(
    const struct setting_reader *r, const config_setting_t *s, const char *name)
{
	return complain(
	    r, s, name, "must be a list of groups: ( { ... }, { ... } )");
}

/* A list of groups into an array of structs; n are written to *count. */
static void *fill_items(const struct setting_reader *r,
    const struct setting_group *group, const config_setting_t *s, size_t *count)
{
	int i, n = s == NULL ? 0 : config_setting_length(s);
	char *items = arena_alloc(r->file->arena, (size_t)n * group->size);

	if (s != NULL && !config_setting_is_list(s)) {
		complain_list(r, s, config_setting_name(s));
		return NULL;
	}
	for (i = 0; i < n; i++) {
		const config_setting_t *item =
		    config_setting_get_elem(s, (unsigned)i);

		if (!config_setting_is_group(item)) {
			complain_list(r, item, config_setting_name(s));
			return NULL;
		}
		if (fill(r, group, item, items + (size_t)i * group->size))
			return NULL;
	}
	*count = (size_t)n;
	return items;
}

static int take_list(const struct setting_reader *r, const struct setting *row,
    const config_setting_t *s, void *into)
{
	void *items = fill_items(
	    r, row->group, s, (size_t *)(void *)((char *)into + row->count));

	*(void **)(void *)((char *)into + row->offset) = items;
	return items == NULL ? -1 : 0;
}

static int take_group(const struct setting_reader *r, const struct setting *row,
    const config_setting_t *s, void *into)
{
	if (!config_setting_is_group(s))
		return complain(r, s, row->name, "must be a group; write %s",
		    row->example != NULL ? row->example : "{ ... };");
	return fill(r, row->group, s, (char *)into + row->offset);
}

static int take(const struct setting_reader *r, const struct place *place,
    const config_setting_t *s)
{
	const struct setting *row = place->row;
	void *into = place->into;

	if (row->line != 0)
		*(unsigned *)(void *)((char *)into + row->line) =
		    (unsigned)config_setting_source_line(s);
	if (row->type == SETTING_GROUP)
		return take_group(r, row, s, into);
	if (row->type == SETTING_LIST)
		return take_list(r, row, s, into);
	return setting_value_take(r, row, s, into);
}

static void take_fallbacks(const struct setting *rows, void *into)
{
	for (; rows != NULL && rows->name != NULL; rows++)
		if (rows->type == SETTING_INLINE || rows->type == SETTING_GROUP)
			take_fallbacks(
			    rows->group->options, (char *)into + rows->offset);
		else if (rows->fallback != NULL)
			setting_value_fallback(rows, into);
}

/*
 * The row of that name.  Of two, one is for lists of groups, the other for
 * everything else.
 */
static bool find(const struct setting *rows, const config_setting_t *s,
    void *into, struct place *place)
{
	const char *name = config_setting_name(s);
	bool found = false;

	for (; rows != NULL && rows->name != NULL; rows++) {
		if (rows->type == SETTING_INLINE &&
		    find(rows->group->options, s, (char *)into + rows->offset,
			place))
			return true;
		if (*rows->name == '\0' || strcmp(rows->name, name) != 0 ||
		    (found && (rows->type == SETTING_LIST) !=
				  (config_setting_is_list(s) != 0)))
			continue;
		*place = (struct place){rows, into};
		found = true;
	}
	return found;
}

static const struct setting *find_rest(const struct setting *rows)
{
	for (; rows != NULL && rows->name != NULL; rows++)
		if (rows->type == SETTING_OPTIONS)
			return rows;
	return NULL;
}

static void try_names(struct nearest *nearest, const struct setting *rows)
{
	for (; rows != NULL && rows->name != NULL; rows++)
		if (rows->type == SETTING_INLINE)
			try_names(nearest, rows->group->options);
		else
			nearest_try(nearest, rows->name);
}

static bool has_name(const struct setting *rows, const char *name)
{
	for (; rows != NULL && rows->name != NULL; rows++)
		if (rows->type == SETTING_INLINE
			? has_name(rows->group->options, name)
			: strcmp(rows->name, name) == 0)
			return true;
	return false;
}

/* All of them, when they are few enough to be read. */
static void list_names(const struct setting *rows, char out[NEAREST_SIZE])
{
	const char *comma = "";
	size_t len = 0, most = NEAREST_SIZE;

	len += (size_t)snprintf(out, most, "; there is ");
	for (; rows != NULL && rows->name != NULL && len < most; rows++) {
		if (rows->type == SETTING_INLINE)
			len = most;
		if (*rows->name == '\0')
			continue;
		len += (size_t)snprintf(
		    out + len, most - len, "%s%s", comma, rows->name);
		comma = ", ";
	}
	if (len >= most || *comma == '\0')
		snprintf(out, most, "; imprimatur.conf(5) lists them all");
}

/* The only other group that has it, or NULL. */
static const char *find_elsewhere(
    const struct setting_reader *r, const char *name)
{
	const struct setting_group *g;
	const char *found = NULL;

	for (g = r->file->groups; g->name != NULL; g++) {
		if (*g->name == '\0' || !has_name(g->options, name))
			continue;
		if (found != NULL)
			return NULL;
		found = g->name;
	}
	return found;
}

static int complain_unknown(const struct setting_reader *r,
    const config_setting_t *s, const struct setting_group *group)
{
	const char *name = config_setting_name(s), *other;
	const struct setting_group *g, *only = r->file->groups;
	char near[NEAREST_SIZE];
	struct nearest nearest;

	nearest_init(&nearest, name);
	try_names(&nearest, group->options);
	if (*group->name == '\0')
		for (g = r->file->groups; g->name != NULL; g++)
			nearest_try(&nearest, g->name);
	nearest_text(&nearest, near);
	if (*group->name == '\0' && strcmp(name, "channel") == 0 &&
	    config_setting_is_group(s))
		return complain(r, s, name,
		    "stands in a file of its own in the folder that channels "
		    "names, not here; this is to be the main configuration, "
		    "imprimatur.conf");
	if (*group->name == '\0' && group->options == NULL && *near == '\0')
		return complain(r, s, name,
		    "stands outside of the braces; all of it stands in "
		    "%s: { ... };",
		    only[1].name);
	other = find_elsewhere(r, name);
	if (*near == '\0' && other == NULL)
		list_names(group->options, near);
	return complain(r, s, name, "is no option%s%s%s%s%s",
	    *group->name ? " of " : "", group->name,
	    other != NULL ? ", but one of " : "", other != NULL ? other : "",
	    near);
}

static bool is_group(const struct setting_reader *r, const char *name)
{
	const struct setting_group *g;

	for (g = r->file->groups; g->name != NULL; g++)
		if (*g->name != '\0' && strcmp(g->name, name) == 0)
			return true;
	return false;
}

/* What no row names, as JSON. */
static int take_rest(const struct setting_reader *r,
    const struct setting_group *group, const config_setting_t *settings,
    void *into)
{
	const struct setting *rest = find_rest(group->options);
	int i, n = settings == NULL ? 0 : config_setting_length(settings);
	json_t *all = json_object(), *one;
	struct place place;
	char *text;

	for (i = 0; i < n; i++) {
		const config_setting_t *s =
		    config_setting_get_elem(settings, (unsigned)i);

		if (find(group->options, s, into, &place))
			continue;
		one = setting_value_free(r, config_setting_name(s), s);
		if (one == NULL) {
			json_decref(all);
			return -1;
		}
		json_object_set_new(all, config_setting_name(s), one);
	}
	text = json_dumps(all, JSON_COMPACT);
	*(const char **)(void *)((char *)into + rest->offset) =
	    arena_strdup(r->file->arena, text);
	free(text);
	json_decref(all);
	return 0;
}

static int check_required(const struct setting_reader *r, const char *group,
    const struct setting *rows, const config_setting_t *settings)
{
	const struct setting *row;

	for (row = rows; row != NULL && row->name != NULL; row++) {
		if (row->type == SETTING_INLINE &&
		    check_required(r, group, row->group->options, settings))
			return -1;
		if (row->required &&
		    config_setting_get_member(settings, row->name) == NULL)
			return complain(r, settings, row->name,
			    "is missing in %s%s%s", group,
			    row->example ? "; write " : "",
			    row->example ? row->example : "");
	}
	return 0;
}

/* Where the group begins, wherever a row asks for it. */
static void fill_lines(const struct setting *rows, unsigned line, void *into)
{
	for (; rows != NULL && rows->name != NULL; rows++) {
		char *at = (char *)into + rows->offset;

		if (rows->type == SETTING_INLINE)
			fill_lines(rows->group->options, line, at);
		else if (rows->type == SETTING_LINE)
			*(unsigned *)(void *)at = line;
	}
}

/* Fill one struct from one group of settings (NULL: defaults alone). */
static int fill(const struct setting_reader *r,
    const struct setting_group *group, const config_setting_t *settings,
    void *into)
{
	int i, n = settings == NULL ? 0 : config_setting_length(settings);
	bool rest = find_rest(group->options) != NULL;
	struct place place;

	take_fallbacks(group->options, into);
	if (settings != NULL)
		fill_lines(group->options,
		    (unsigned)config_setting_source_line(settings), into);
	for (i = 0; i < n; i++) {
		const config_setting_t *s =
		    config_setting_get_elem(settings, (unsigned)i);

		if (find(group->options, s, into, &place)) {
			if (take(r, &place, s))
				return -1;
		} else if (!rest && (*group->name != '\0' ||
					!is_group(r, config_setting_name(s)))) {
			return complain_unknown(r, s, group);
		}
	}
	if (rest && take_rest(r, group, settings, into))
		return -1;
	return settings == NULL
		   ? 0
		   : check_required(r, group->name, group->options, settings);
}

static int fill_group(const struct setting_reader *r,
    const struct setting_group *group, const config_t *config)
{
	char *into = r->file->into;
	const config_setting_t *s = *group->name == '\0'
					? config_root_setting(config)
					: config_lookup(config, group->name);
	void *items;

	if (group->list) {
		items = fill_items(r, group, s,
		    (size_t *)(void *)(into + group->count_offset));
		*(void **)(void *)(into + group->offset) = items;
		return items == NULL ? -1 : 0;
	}
	if (s != NULL && !config_setting_is_group(s))
		return complain(r, s, group->name, "must be a group: { ... }");
	return fill(r, group, s, into + group->offset);
}

/* Files named by @include belong to the configuration like any other. */
static int read_included(
    const struct setting_file *file, const config_t *config, struct error *err)
{
	struct buf text;
	unsigned i;
	int rc = 0;

	for (i = 0; rc == 0 && i < config->num_filenames; i++) {
		buf_init(&text, SETTING_SOURCE_MAX);
		rc = setting_source_read(
		    config->filenames[i], file->digest, &text, err);
		if (rc == 0)
			rc = setting_source_numbers(
			    config->filenames[i], buf_span(&text), err);
		buf_release(&text);
	}
	return rc;
}

/* text: of the file itself, whose @include may be what is wrong. */
static int complain_syntax(const struct setting_file *file, struct span text,
    const config_t *config, struct error *err)
{
	const char *what = config_error_text(config);
	const char *name = config_error_file(config);
	unsigned line = (unsigned)config_error_line(config), at = 0;
	char hint[SETTING_SYNTAX_HINT];

	if (strstr(what, "duplicate") != NULL)
		what = "the option in this line stands twice in its group; "
		       "delete one of the two";
	else if (strstr(what, "include file") != NULL)
		what = "the file that @include names cannot be read";
	else if (name == NULL)
		at = setting_syntax_why(text, line, hint);
	if (at > 0)
		return error_set(
		    err, ERROR_INVALID, "%s:%u: %s", file->name, at, hint);
	return error_set(err, ERROR_INVALID, "%s:%u: %s%s",
	    name != NULL ? name : file->name, line, what,
	    strcmp(what, "syntax error") == 0
		? "; is an equals sign, a quote, a comma or a brace missing "
		  "here or in the lines before?"
		: "");
}

static int parse(
    const struct setting_file *file, config_t *config, struct error *err)
{
	struct buf text;
	int rc;

	buf_init(&text, SETTING_SOURCE_MAX);
	rc = setting_source_read(file->name, file->digest, &text, err);
	if (rc == 0)
		rc = setting_source_numbers(file->name, buf_span(&text), err);
	if (rc == 0)
		rc = setting_syntax_check(file->name, buf_span(&text), err);
	if (rc == 0 && config_read_string(config, text.data) != CONFIG_TRUE)
		rc = complain_syntax(file, buf_span(&text), config, err);
	buf_release(&text);
	return rc ? rc : read_included(file, config, err);
}

int setting_load(const struct setting_file *file, struct error *err)
{
	const struct setting_reader r = {file, err};
	const struct setting_group *g;
	config_t config;
	int rc;

	config_init(&config);
	rc = parse(file, &config, err);
	for (g = file->groups; rc == 0 && g->name != NULL; g++)
		rc = fill_group(&r, g, &config);
	config_destroy(&config);
	return rc;
}
