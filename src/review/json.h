/*
 * json: what the HTTP API says of drafts, as jansson values.  The manual page
 * imprimatur(1) and doc/api.md name the members.
 *
 * Each function returns a new reference that the caller gives up.  Pure; any
 * thread.
 */
#ifndef REVIEW_JSON_H
#define REVIEW_JSON_H

#include <jansson.h>

#include "hold/hold.h"

#include "config/channel.h"

/* One row of a list. */
json_t *json_row(const struct hold_row *row);

/* All of a draft; facts: the list that people see, taken over; channel: the
 * draft's, or NULL. */
json_t *json_view(
    const struct hold_view *view, const struct channel *channel, json_t *facts);

/* One event of the log. */
json_t *json_event(const struct hold_event *event);

/* Counters and gates. */
json_t *json_status(const struct hold_status *status);

/* {"actor", "verb", "medium", "at"}, or null when nobody was first. */
json_t *json_prior(const struct hold_prior *prior);

/* A wall time as text, null for 0. */
json_t *json_time(int64_t wall_ms);

/* A string, null for NULL; what is no UTF-8 becomes null, too. */
json_t *json_text(const char *s);

#endif
