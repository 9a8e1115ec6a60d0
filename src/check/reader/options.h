/*
 * options: what a channel's stanza says to a plug-in: compared with the
 * plug-in's own table, files read, and handed out.
 */
#ifndef CHECK_READER_OPTIONS_H
#define CHECK_READER_OPTIONS_H

#include <imprimatur/plugin.h>

#include <stddef.h>

#include "util/arena.h"
#include "util/error.h"

#define OPTIONS_FILE_MAX ((size_t)4 * 1024 * 1024) /* bytes of one file */

struct json_t;

struct option {
	const char *name;
	size_t n;
	const char **values; /* at least one */
};

struct imprimatur_options {
	struct arena *arena;
	size_t n;
	struct option *list;
	char complaint[300]; /* of the plug-in, or "" */
};

/*
 * Take the options out of the JSON object (NULL: none), if the table
 * (NULL-named at its end, or NULL) has them.  "file:NAME" becomes the file's
 * lines but for empty ones and those that begin with '#'; NAME without a slash
 * in front is sought in folder.  -1 and err, without file and line: one is
 * wrong.
 */
int options_read(struct imprimatur_options *options, const struct json_t *json,
    const struct imprimatur_option *table, const char *folder,
    struct error *err);

/* The host's functions of plugin.h. */
const char *options_option(
    const struct imprimatur_options *options, const char *name);
const char *options_item(
    const struct imprimatur_options *options, const char *name, size_t n);
void options_complain(const struct imprimatur_options *options,
    const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
