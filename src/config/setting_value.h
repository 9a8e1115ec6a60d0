/*
 * setting_value: single values of a configuration.  With setting.c behind
 * libconfig's door; for setting.c alone.
 */
#ifndef SETTING_VALUE_H
#define SETTING_VALUE_H

#include <jansson.h>
#include <libconfig.h>

#include "config/setting.h"

/* One run over a file. */
struct setting_reader {
	const struct setting_file *file;
	struct error *err;
};

/* Fill err with "file:line: 'name' ..."; returns -1. */
int setting_value_complain(const struct setting_reader *r,
    const config_setting_t *at, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Store the value where the row says; rows of groups and lists are setting.c's
 * own.  -1 and err when it is not what the row asks for. */
int setting_value_take(const struct setting_reader *r,
    const struct setting *row, const config_setting_t *s, void *into);

/* Store the row's default, which is there. */
void setting_value_fallback(const struct setting *row, void *into);

/* An option that no row names, a text or a list of texts with numbers written
 * out; the caller's reference.  NULL and err when it is neither. */
json_t *setting_value_free(const struct setting_reader *r, const char *name,
    const config_setting_t *s);

#endif
