/*
 * plugin: plug-ins as loaded libraries, and stanzas of channels that use them.
 */
#ifndef CHECK_READER_PLUGIN_H
#define CHECK_READER_PLUGIN_H

#include <imprimatur/plugin.h>

#include "check/reader/sight.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/error.h"

struct json_t;
struct plugin;

/*
 * Load FOLDER/NAME.so and look whether it is what it says.  NULL and err
 * otherwise.  Before the seal.
 */
struct plugin *plugin_open(
    const char *folder, const char *name, struct error *err);

/* Unload it.  NULL is harmless. */
void plugin_close(struct plugin *plugin);

/* Its name. */
const char *plugin_name(const struct plugin *plugin);

/* What equip_finds() says of one. */
void plugin_finds(const struct plugin *plugin, struct buf *out);

/* One use of a plug-in. */
struct plugin_stanza {
	const struct plugin *plugin;
	void *state;
};

/* What it is told. */
struct plugin_options {
	const struct json_t *json; /* an object, or NULL */
	const char *folder;	   /* where files in it are sought */
	struct arena *arena;	   /* for the values; must outlive the stanza */
};

/* Configure it.  -1 and err: it complains.  Before the seal. */
int plugin_configure(struct plugin_stanza *stanza,
    const struct plugin_options *options, struct error *err);

/* Let it look at a mail; its findings go to the reading. */
void plugin_check(const struct plugin_stanza *stanza,
    const struct imprimatur_mail *mail, struct reading *reading);

/* Give its state back. */
void plugin_release(struct plugin_stanza *stanza);

#endif
