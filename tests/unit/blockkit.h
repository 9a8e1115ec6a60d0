/*
 * blockkit: does a message or a form keep the limits that Slack publishes, and
 * is nothing in it that comes alive?  Fails the test that asks.
 */
#ifndef TESTS_BLOCKKIT_H
#define TESTS_BLOCKKIT_H

#include <jansson.h>
#include <stdbool.h>

#include "util/buf.h"

/* A message, as chat.postMessage takes it.  The JSON is the caller's. */
json_t *blockkit_message(const char *text);
/* A form, as views.open takes it. */
json_t *blockkit_view(const char *text);

/* All words that people see, in order: free(). */
char *blockkit_words(const json_t *json);

/* The element whose action_id that is, or NULL. */
const json_t *blockkit_element(const json_t *json, const char *action);

#endif
