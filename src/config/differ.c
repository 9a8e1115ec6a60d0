/*
 * differ: a table of the options that are looked at once, at start.  Lists of
 * listeners are compared row by row.
 */
#include "config/differ.h"

#include <stddef.h>
#include <string.h>

enum sort { TEXT, NUMBER, SIZE, FLAG };

struct row {
	const char *name;
	enum sort sort;
	size_t offset;
};

#define ROW(n, s, f)                                                           \
	{                                                                      \
		n, s, offsetof(struct config, f)                               \
	}

static const struct row rows[] = {
    ROW("hostname", TEXT, hostname),
    ROW("state_dir", TEXT, state_dir),
    ROW("control", TEXT, control),
    ROW("user", TEXT, user),
    ROW("http.address", TEXT, http_address),
    ROW("http.port", NUMBER, http_port),
    ROW("http.tls", FLAG, http_tls),
    ROW("tls.certificate", TEXT, certificate),
    ROW("tls.key", TEXT, key),
    ROW("relay.host", TEXT, relay.host),
    ROW("relay.port", NUMBER, relay.port),
    ROW("relay.tls", NUMBER, relay.tls),
    ROW("relay.ca_file", TEXT, relay.ca_file),
    ROW("relay.user", TEXT, relay.user),
    ROW("relay.password_file", TEXT, relay.password),
    ROW("relay.maildir", TEXT, relay.maildir),
    ROW("relay.connections", NUMBER, relay.connections),
    ROW("relay.connect_timeout", NUMBER, relay.connect_timeout_s),
    ROW("relay.command_timeout", NUMBER, relay.command_timeout_s),
    ROW("relay.dot_timeout", NUMBER, relay.dot_timeout_s),
    ROW("relay.idle", NUMBER, relay.idle_s),
    ROW("relay.retry_first", NUMBER, relay.retry_first_s),
    ROW("relay.retry_most", NUMBER, relay.retry_most_s),
    ROW("relay.retry_lifetime", NUMBER, relay.retry_lifetime_s),
    ROW("review.domain", TEXT, review.domain),
    ROW("review.from", TEXT, review.from),
    ROW("dns.deadline", NUMBER, dns.deadline_ms),
    ROW("limits.memory", SIZE, limits.memory),
    ROW("limits.body_file_above", SIZE, limits.body_file_above),
    ROW("limits.disk_reserve", SIZE, limits.disk_reserve),
    ROW("limits.command_timeout", NUMBER, limits.command_timeout_s),
    ROW("limits.data_timeout", NUMBER, limits.data_timeout_s),
    ROW("limits.auth_failures", NUMBER, limits.auth_failures),
    ROW("check.reader", TEXT, check.reader),
};

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_texts(const char *const *a, const char *const *b)
{
	while (a != NULL && b != NULL && *a != NULL && *b != NULL)
		if (strcmp(*a++, *b++) != 0)
			return false;
	return (a == NULL || *a == NULL) && (b == NULL || *b == NULL);
}

static bool same(
    const struct row *row, const struct config *a, const struct config *b)
{
	const void *x = (const char *)a + row->offset;
	const void *y = (const char *)b + row->offset;

	switch (row->sort) {
	case TEXT:
		return same_text(
		    *(const char *const *)x, *(const char *const *)y);
	case NUMBER:
		return *(const unsigned *)x == *(const unsigned *)y;
	case SIZE:
		return *(const uint64_t *)x == *(const uint64_t *)y;
	case FLAG:
		return *(const bool *)x == *(const bool *)y;
	}
	return false;
}

static bool same_listener(
    const struct config_listener *a, const struct config_listener *b)
{
	return same_text(a->address, b->address) && a->port == b->port &&
	       a->tls == b->tls && a->clear_auth == b->clear_auth &&
	       a->agents == b->agents && a->reviews == b->reviews &&
	       same_texts(a->review_networks, b->review_networks);
}

static bool same_listeners(const struct config *a, const struct config *b)
{
	size_t i;

	if (a->n_listeners != b->n_listeners)
		return false;
	for (i = 0; i < a->n_listeners; i++)
		if (!same_listener(&a->listeners[i], &b->listeners[i]))
			return false;
	return true;
}

int differ_check(
    const struct config *old, const struct config *new_one, struct error *err)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!same(&rows[i], old, new_one))
			return error_set(err, ERROR_INVALID,
			    "%s: %s is looked at only at start: restart, or "
			    "set it back and reload again",
			    new_one->file, rows[i].name);
	if (!same_texts(old->dns.servers, new_one->dns.servers))
		return error_set(err, ERROR_INVALID,
		    "%s: dns.servers is looked at only at start: restart, or "
		    "set it back and reload again",
		    new_one->file);
	if (!same_listeners(old, new_one))
		return error_set(err, ERROR_INVALID,
		    "%s: the listeners are looked at only at start: restart, "
		    "or set them back and reload again",
		    new_one->file);
	return 0;
}
