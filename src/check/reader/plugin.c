/*
 * plugin: dlopen's door.  What plug-ins may call is in options.c and report.c,
 * what they see is made in view.c.
 */
#include "check/reader/plugin.h"

#include "check/reader/options.h"
#include "check/reader/report.h"
#include "check/reader/running.h"

#include "check/wire.h"

#include "util/mem.h"
#include "util/nearest.h"

#include <dirent.h>
#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYMBOL "imprimatur_plugin"
#define SUFFIX ".so"

struct plugin {
	char name[WIRE_NAME_MAX];
	void *library;
	struct imprimatur_plugin table; /* as far as we know it */
};

static const struct imprimatur_host host = {
    .size = sizeof(host),
    .option = options_option,
    .item = options_item,
    .complain = options_complain,
    .find = report_find,
    .memory = report_memory,
};

/* ---- loading ------------------------------------------------------------ */

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < WIRE_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* There is no such file: say which there are. */
static void say_missing(const char *folder, const char *name, struct error *err)
{
	DIR *dir = opendir(folder);
	const struct dirent *d;
	char names[64][WIRE_NAME_MAX], hint[NEAREST_SIZE];
	struct nearest nearest;
	size_t n = 0, len;

	nearest_init(&nearest, name);
	while (dir != NULL && n < 64 && (d = readdir(dir)) != NULL) {
		len = strlen(d->d_name);
		if (len <= strlen(SUFFIX) || len > WIRE_NAME_MAX ||
		    strcmp(d->d_name + len - strlen(SUFFIX), SUFFIX) != 0)
			continue;
		len -= strlen(SUFFIX);
		memcpy(names[n], d->d_name, len);
		names[n][len] = '\0';
		nearest_try(&nearest, names[n++]);
	}
	if (dir != NULL)
		closedir(dir);
	error_set(err, ERROR_INVALID, "there is no '%s/%s%s'%s", folder, name,
	    SUFFIX,
	    n == 0 ? "; the folder is said by 'plugins' in imprimatur.conf"
		   : nearest_text(&nearest, hint));
}

/* How large the library's symbol is, whatever it says itself. */
static size_t symbol_size(void *symbol)
{
	const ElfW(Sym) * entry;
	Dl_info info;
	void *extra;

	if (dladdr1(symbol, &info, &extra, RTLD_DL_SYMENT) == 0 ||
	    extra == NULL || info.dli_saddr != symbol)
		return 0;
	entry = extra;
	return entry->st_size;
}

static int check_table(struct plugin *plugin, struct error *err)
{
	const struct imprimatur_plugin *table = &plugin->table;

	if (table->name == NULL || strcmp(table->name, plugin->name) != 0)
		return error_set(err, ERROR_INVALID,
		    "the file calls itself '%.60s'; it must have the name of "
		    "its file",
		    table->name == NULL ? "" : table->name);
	if (table->configure == NULL || table->check == NULL)
		return error_set(
		    err, ERROR_INVALID, "it has no configure() or no check()");
	return 0;
}

static int take_table(struct plugin *plugin, struct error *err)
{
	const size_t least =
	    offsetof(struct imprimatur_plugin, release) + sizeof(void *);
	const struct imprimatur_plugin *table = dlsym(plugin->library, SYMBOL);
	size_t size;

	if (table == NULL)
		return error_set(err, ERROR_INVALID,
		    "it exports no " SYMBOL "; this is no plug-in");
	size = symbol_size(dlsym(plugin->library, SYMBOL));
	if (size < sizeof(table->abi) || table->abi != IMPRIMATUR_PLUGIN_ABI)
		return error_set(err, ERROR_INVALID,
		    "it speaks ABI %u, and this is ABI %d; build it anew",
		    size < sizeof(table->abi) ? 0 : table->abi,
		    IMPRIMATUR_PLUGIN_ABI);
	if (size < least || table->size < least || table->size > size)
		return error_set(err, ERROR_INVALID,
		    "its table is %zu bytes and says %u, and must have %zu; "
		    "build it anew",
		    size, table->size, least);
	memcpy(&plugin->table, table,
	    table->size < sizeof(*table) ? table->size : sizeof(*table));
	return check_table(plugin, err);
}

static int load(struct plugin *plugin, const char *folder, struct error *err)
{
	char *path = mem_printf("%s/%s%s", folder, plugin->name, SUFFIX);
	int rc = 0;

	if (access(path, F_OK)) {
		say_missing(folder, plugin->name, err);
		rc = -1;
	}
	if (rc == 0)
		plugin->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (rc == 0 && plugin->library == NULL)
		rc = error_set(
		    err, ERROR_INVALID, "it cannot be loaded: %s", dlerror());
	free(path);
	return rc ? rc : take_table(plugin, err);
}

struct plugin *plugin_open(
    const char *folder, const char *name, struct error *err)
{
	struct plugin *plugin;
	int rc;

	if (!is_name(name)) {
		error_set(err, ERROR_INVALID,
		    "names of plug-ins are at most %d of a-z, 0-9 and '-'",
		    WIRE_NAME_MAX - 1);
		return NULL;
	}
	plugin = mem_zalloc(sizeof(*plugin));
	snprintf(plugin->name, sizeof(plugin->name), "%s", name);
	running_set(name);
	rc = load(plugin, folder, err);
	running_set(NULL);
	if (rc == 0)
		return plugin;
	plugin_close(plugin);
	return NULL;
}

void plugin_close(struct plugin *plugin)
{
	if (plugin == NULL)
		return;
	if (plugin->library != NULL)
		dlclose(plugin->library);
	free(plugin);
}

const char *plugin_name(const struct plugin *plugin)
{
	return plugin->name;
}

/* All of it or nothing: half a list would make findings unknown. */
void plugin_finds(const struct plugin *plugin, struct buf *out)
{
	const struct imprimatur_finding *f = plugin->table.findings;
	size_t before = out->len, room = out->max_bytes - out->len;

	for (; f != NULL && f->name != NULL; f++) {
		size_t line = strlen(plugin->name) + strlen(f->name) + 2;

		if (!is_name(f->name) || line > room) {
			buf_cut(out, before);
			return;
		}
		buf_addf(out, "%s %s\n", plugin->name, f->name);
		room -= line;
	}
}

/* ---- using -------------------------------------------------------------- */

int plugin_configure(struct plugin_stanza *stanza,
    const struct plugin_options *told, struct error *err)
{
	const struct imprimatur_plugin *table = &stanza->plugin->table;
	struct imprimatur_options *options =
	    arena_alloc(told->arena, sizeof(*options));
	int rc;

	options->arena = told->arena;
	if (options_read(
		options, told->json, table->options, told->folder, err))
		return -1;
	running_set(stanza->plugin->name);
	rc = table->configure(&host, options, &stanza->state);
	running_set(NULL);
	if (options->complaint[0] != '\0')
		return error_set(err, ERROR_INVALID, "%s", options->complaint);
	if (rc)
		return error_set(err, ERROR_INVALID,
		    "its configure() failed and did not say why");
	return 0;
}

void plugin_check(const struct plugin_stanza *stanza,
    const struct imprimatur_mail *mail, struct reading *reading)
{
	struct imprimatur_report report;

	report_begin(&report, reading, stanza->plugin->name);
	running_set(stanza->plugin->name);
	stanza->plugin->table.check(stanza->state, mail, &report);
	running_set(NULL);
	report_end(&report);
}

void plugin_release(struct plugin_stanza *stanza)
{
	if (stanza->plugin->table.release != NULL)
		stanza->plugin->table.release(stanza->state);
	stanza->state = NULL;
}
