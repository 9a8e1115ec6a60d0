/*
 * setup: what a sealed reader must know of the configuration, as one JSON text
 * that the daemon hands over before the reader seals itself.  No secrets are in
 * it.  config.c writes it, check/reader/ reads it, check/ only carries it.
 *
 * {
 *   "plugin_dir": "/usr/lib/imprimatur",
 *   "channels": [
 *     { "name": "support", "file": "/etc/.../support.conf",
 *       "case_header": "X-Owner",
 *       "plugins": [
 *         { "name": "amount", "line": 12,
 *           "options": { "currency": "EUR", "words": [ "a", "b" ] } } ] } ],
 *   "conditions": [
 *     { "mark": 0, "channels": [ 0 ], "where": "body", "pattern": "...",
 *       "file": "...", "line": 20 } ]
 * }
 *
 * case_header, if it is there: a field of the mail whose value (the first 64
 * bytes, blanks trimmed) becomes the value of a finding "case-owner", weight
 * note.
 *
 * channels stand in the order of config->channels; a request names them by
 * index.  A condition without "channels" is about every mail.  where:
 * "subject", "body" (the text that a reviewer reads), "text" (both), "own"
 * (text without what it quotes), "attachment" (file names) or "header:NAME".
 * Patterns are PCRE2, UTF and UCP on, case ignored.  Options are texts, or
 * lists of texts; numbers and truth values have been written out.  A text
 * "file:NAME" is replaced by the reader with the file's lines.  case_header
 * is left out where a channel has none.
 */
#ifndef SETUP_H
#define SETUP_H

#include <stddef.h>

#include "util/error.h"

#define SETUP_MAX ((size_t)16 * 1024 * 1024) /* bytes of JSON */

struct config;

/*
 * Write config->setup, in the configuration's arena.  -1 and err (INVALID)
 * when it is larger than SETUP_MAX.
 */
int setup_make(struct config *config, struct error *err);

#endif
