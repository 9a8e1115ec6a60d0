/*
 * setting_number: numbers with units, as people write them in a configuration.
 * For setting*.c alone.
 */
#ifndef SETTING_NUMBER_H
#define SETTING_NUMBER_H

#include <stdint.h>

#include "config/setting.h"

#define SETTING_NUMBER_SIZE 32

/*
 * A text as whole units of that type (NUMBER, SECONDS, MILLISECONDS, SIZE), or
 * -1 when it is no such thing.
 */
int64_t setting_number_read(enum setting_type type, const char *text);

/* A plain number of that type in its own unit: of times, seconds. */
int64_t setting_number_plain(enum setting_type type, int64_t n);

/* As people would write it: "90s", "2h", "25M"; returns out. */
const char *setting_number_text(
    enum setting_type type, int64_t n, char out[SETTING_NUMBER_SIZE]);

/* Put it where the row says. */
void setting_number_store(const struct setting *row, void *into, int64_t n);

#endif
