/*
 * equip: reads the setup and lets each thing in it do its work.  What a
 * plug-in or a condition is, is left to plugin.c and condition.c.
 */
#include "check/reader/equip.h"

#include "check/reader/condition.h"
#include "check/reader/field.h"
#include "check/reader/note.h"
#include "check/reader/plugin.h"
#include "check/reader/view.h"

#include "util/mem.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct channel {
	const char *name, *file;
	const char *case_header; /* or NULL */
	size_t n;
	struct plugin_stanza *stanzas;
};

struct equip {
	struct arena *arena;
	const char *plugin_dir;
	size_t n_channels;
	struct channel *channels;
	size_t n_plugins, plugins_room;
	struct plugin **plugins; /* each loaded once */
	struct condition_set *conditions;
};

/* ---- the setup ---------------------------------------------------------- */

static int complain_setup(const char *what, struct error *err)
{
	return error_set(err, ERROR_INVALID,
	    "the setup from the daemon has no proper %s", what);
}

/* A text of an object; NULL and err: there is none. */
static const char *text_of(struct equip *equip, const json_t *object,
    const char *name, struct error *err)
{
	const char *text = json_string_value(json_object_get(object, name));

	if (text == NULL)
		complain_setup(name, err);
	return arena_strdup(equip->arena, text);
}

static unsigned line_of(const json_t *object)
{
	json_int_t line = json_integer_value(json_object_get(object, "line"));

	return line > 0 && line < INT32_MAX ? (unsigned)line : 0;
}

static const char *folder_of(struct equip *equip, const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash == NULL
		   ? "."
		   : arena_dup(equip->arena, file, (size_t)(slash - file));
}

/* The plug-in of that name, loaded now or before. */
static const struct plugin *take_plugin(
    struct equip *equip, const char *name, struct error *err)
{
	struct plugin *plugin;

	for (size_t i = 0; i < equip->n_plugins; i++)
		if (strcmp(plugin_name(equip->plugins[i]), name) == 0)
			return equip->plugins[i];
	plugin = plugin_open(equip->plugin_dir, name, err);
	if (plugin == NULL)
		return NULL;
	if (equip->n_plugins == equip->plugins_room) {
		equip->plugins_room = 2 * equip->n_plugins + 8;
		equip->plugins = mem_grow(equip->plugins, equip->plugins_room,
		    sizeof(struct plugin *));
	}
	equip->plugins[equip->n_plugins++] = plugin;
	return plugin;
}

static int take_stanza(struct equip *equip, struct channel *channel,
    const json_t *object, struct error *err)
{
	const struct plugin_options told = {json_object_get(object, "options"),
	    folder_of(equip, channel->file), equip->arena};
	struct plugin_stanza *stanza = &channel->stanzas[channel->n];
	const char *name = text_of(equip, object, "name", err);

	if (name == NULL)
		return -1;
	stanza->plugin = take_plugin(equip, name, err);
	if (stanza->plugin == NULL || plugin_configure(stanza, &told, err))
		return error_prefix(err, "%s:%u: plug-in '%.60s'",
		    channel->file, line_of(object), name);
	channel->n++;
	return 0;
}

static int take_channel(
    struct equip *equip, const json_t *object, struct error *err)
{
	struct channel *channel = &equip->channels[equip->n_channels++];
	const json_t *plugins = json_object_get(object, "plugins");
	size_t n = json_array_size(plugins);

	channel->name = text_of(equip, object, "name", err);
	channel->file = text_of(equip, object, "file", err);
	if (channel->name == NULL || channel->file == NULL)
		return -1;
	channel->case_header = arena_strdup(equip->arena,
	    json_string_value(json_object_get(object, "case_header")));
	channel->stanzas =
	    arena_alloc(equip->arena, (n + 1) * sizeof(*channel->stanzas));
	for (size_t i = 0; i < n; i++)
		if (take_stanza(
			equip, channel, json_array_get(plugins, i), err))
			return -1;
	return 0;
}

static int take_channels(
    struct equip *equip, const json_t *list, struct error *err)
{
	size_t n = json_array_size(list);

	equip->channels =
	    arena_alloc(equip->arena, (n + 1) * sizeof(*equip->channels));
	for (size_t i = 0; i < n; i++)
		if (take_channel(equip, json_array_get(list, i), err))
			return -1;
	return 0;
}

static int take_condition(
    struct equip *equip, const json_t *object, struct error *err)
{
	const json_t *mark = json_object_get(object, "mark");
	const json_t *channels = json_object_get(object, "channels");
	size_t n = json_array_size(channels);
	unsigned *numbers =
	    arena_alloc(equip->arena, (n + 1) * sizeof(*numbers));
	struct condition_row row = {
	    .n_channels = n, .channels = numbers, .line = line_of(object)};

	row.where = text_of(equip, object, "where", err);
	row.pattern = text_of(equip, object, "pattern", err);
	row.file = text_of(equip, object, "file", err);
	if (row.where == NULL || row.pattern == NULL || row.file == NULL)
		return -1;
	if (!json_is_integer(mark) || json_integer_value(mark) < 0 ||
	    json_integer_value(mark) > UINT32_MAX)
		return complain_setup("mark", err);
	row.mark = (uint32_t)json_integer_value(mark);
	for (size_t i = 0; i < n; i++)
		numbers[i] =
		    (unsigned)json_integer_value(json_array_get(channels, i));
	return condition_add(equip->conditions, &row, err);
}

static int take_conditions(
    struct equip *equip, const json_t *list, struct error *err)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (take_condition(equip, json_array_get(list, i), err))
			return -1;
	return 0;
}

static int take_setup(
    struct equip *equip, const json_t *setup, struct error *err)
{
	if (json_array_size(json_object_get(setup, "channels")) > 0) {
		equip->plugin_dir = text_of(equip, setup, "plugin_dir", err);
		if (equip->plugin_dir == NULL)
			return -1;
	}
	return take_channels(equip, json_object_get(setup, "channels"), err) ||
		       take_conditions(
			   equip, json_object_get(setup, "conditions"), err)
		   ? -1
		   : 0;
}

/* ---- life --------------------------------------------------------------- */

struct equip *equip_new(struct span setup, struct error *err)
{
	struct equip *equip = mem_zalloc(sizeof(*equip));
	json_error_t why;
	json_t *json;
	int rc;

	equip->arena = arena_new();
	equip->conditions = condition_set_new();
	if (setup.len == 0)
		return equip;
	json = json_loadb(setup.data, setup.len, JSON_REJECT_DUPLICATES, &why);
	if (json_is_object(json))
		rc = take_setup(equip, json, err);
	else
		rc = complain_setup("JSON", err);
	json_decref(json);
	if (rc) {
		equip_free(equip);
		return NULL;
	}
	condition_ready(equip->conditions);
	return equip;
}

void equip_free(struct equip *equip)
{
	if (equip == NULL)
		return;
	for (size_t i = 0; i < equip->n_channels; i++)
		for (size_t k = 0; k < equip->channels[i].n; k++)
			plugin_release(&equip->channels[i].stanzas[k]);
	for (size_t i = 0; i < equip->n_plugins; i++)
		plugin_close(equip->plugins[i]);
	free(equip->plugins);
	condition_set_free(equip->conditions);
	arena_free(equip->arena);
	free(equip);
}

void equip_finds(const struct equip *equip, struct buf *out)
{
	for (size_t i = 0; i < equip->n_plugins; i++)
		plugin_finds(equip->plugins[i], out);
}

/* ---- a draft ------------------------------------------------------------ */

/* The i-th channel of the mail, or NULL: the setup has no such. */
static const struct channel *channel_at(const struct about *about, size_t i)
{
	const struct equip *equip = about->equip;

	return about->channels[i] < equip->n_channels
		   ? &equip->channels[about->channels[i]]
		   : NULL;
}

bool equip_has_plugins(const struct about *about)
{
	if (about == NULL || about->equip == NULL)
		return false;
	for (size_t i = 0; i < about->n_channels; i++) {
		const struct channel *channel = channel_at(about, i);

		if (channel != NULL && channel->n > 0)
			return true;
	}
	return false;
}

static void run_plugins(
    struct view *view, const struct channel *channel, const struct sight *sight)
{
	const char *without = sight->about->without;

	for (size_t i = 0; i < channel->n; i++) {
		const struct plugin_stanza *stanza = &channel->stanzas[i];

		if (without == NULL ||
		    strcmp(without, plugin_name(stanza->plugin)) != 0)
			plugin_check(stanza, view_mail(view, channel->name),
			    sight->reading);
	}
}

static void find_owner(const struct channel *channel, const struct sight *sight)
{
	const struct mime_node *root = &sight->mime->nodes[0];
	struct finding finding = {.name = "case-owner"};
	const struct finding *known;
	const struct field *field;

	if (channel->case_header == NULL)
		return;
	field = mime_field(sight->mime, root, channel->case_header);
	known = reading_find(sight->reading, finding.name);
	if (field == NULL)
		return;
	finding.value = field_text(sight->reading->arena, field->value).text;
	finding.detail = arena_printf(sight->reading->arena, "%s: %s",
	    channel->case_header, finding.value);
	if (known == NULL || strcmp(known->detail, finding.detail) != 0)
		reading_report(sight->reading, &finding);
}

void equip_look(const struct sight *sight)
{
	const struct about *about = sight->about;
	struct view *view = NULL;

	if (about->equip == NULL)
		return;
	condition_run(about->equip->conditions, sight);
	for (size_t i = 0; i < about->n_channels; i++)
		if (channel_at(about, i) != NULL)
			find_owner(channel_at(about, i), sight);
	if (!equip_has_plugins(about))
		return;
	view = view_new(sight);
	for (size_t i = 0; i < about->n_channels; i++)
		if (channel_at(about, i) != NULL)
			run_plugins(view, channel_at(about, i), sight);
	view_free(view);
}
