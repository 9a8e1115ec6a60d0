/*
 * setup: the configuration as far as a sealed reader must know it.
 */
#include "config/setup.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/condition.h"
#include "config/config.h"

/* Conditions of one list of rules. */
struct conditions {
	json_t *all;
	const char *file;
	int channel; /* index, or -1: of every mail */
};

static void add(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, json_string(text));
}

static void add_condition(const struct condition *condition, void *context)
{
	const struct conditions *to = context;
	json_t *one;

	if (condition->kind != CONDITION_TEXT)
		return;
	one = json_object();
	json_object_set_new(one, "mark", json_integer(condition->mark));
	if (to->channel >= 0)
		json_object_set_new(
		    one, "channels", json_pack("[i]", to->channel));
	add(one, "where", condition->where);
	add(one, "pattern", condition->pattern);
	add(one, "file", to->file);
	json_object_set_new(one, "line", json_integer(condition->line));
	json_array_append_new(to->all, one);
}

static void add_rules(
    const struct rule *rules, size_t n, const struct conditions *to)
{
	struct conditions context = *to;
	size_t i;

	for (i = 0; i < n; i++)
		condition_each(&rules[i].when, add_condition, &context);
}

static json_t *plugins_of(const struct channel *channel)
{
	json_t *all = json_array(), *one;
	size_t i;

	for (i = 0; i < channel->n_plugins; i++) {
		const struct channel_plugin *plugin = &channel->plugins[i];

		one = json_object();
		add(one, "name", plugin->name);
		json_object_set_new(one, "line", json_integer(plugin->line));
		json_object_set_new(one, "options",
		    json_loads(plugin->options, JSON_DECODE_ANY, NULL));
		json_array_append_new(all, one);
	}
	return all;
}

static json_t *whole(const struct config *config)
{
	json_t *root = json_object(), *channels = json_array(), *one;
	json_t *conditions = json_array();
	struct conditions to = {conditions, config->file, -1};
	size_t i;

	add_rules(config->rules, config->n_rules, &to);
	for (i = 0; i < config->n_channels; i++) {
		const struct channel *channel = &config->channels[i];

		one = json_object();
		add(one, "name", channel->name);
		add(one, "file", channel->file);
		if (channel->case_header != NULL)
			add(one, "case_header", channel->case_header);
		json_object_set_new(one, "plugins", plugins_of(channel));
		json_array_append_new(channels, one);
		to = (struct conditions){conditions, channel->file, (int)i};
		add_rules(channel->rules, channel->n_rules, &to);
	}
	add(root, "plugin_dir", config->plugin_dir);
	json_object_set_new(root, "channels", channels);
	json_object_set_new(root, "conditions", conditions);
	return root;
}

int setup_make(struct config *config, struct error *err)
{
	json_t *root = whole(config);
	char *text = json_dumps(root, JSON_COMPACT);
	size_t len = strlen(text);

	json_decref(root);
	if (len <= SETUP_MAX) {
		config->setup.data = arena_dup(config->arena, text, len);
		config->setup.len = len;
	}
	free(text);
	if (len > SETUP_MAX)
		return error_set(err, ERROR_INVALID,
		    "%s: lists and patterns of all channels together are "
		    "larger than %zu MB; shorten the lists",
		    config->file, SETUP_MAX / 1024 / 1024);
	return 0;
}
