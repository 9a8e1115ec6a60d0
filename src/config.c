/*
 * config: the tables of all options, and the questions that other rooms ask
 * of a configuration.  Reading by the tables is left to setting.c, whether the
 * values fit together to sanity.c.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "network.h"
#include "sanity.h"
#include "setting.h"
#include "util/digest.h"
#include "util/mem.h"

#define AT(type, field) offsetof(struct type, field)
#define END                                                                    \
	{                                                                      \
		NULL, SETTING_STRING, 0, NULL, 0, 0, NULL, false               \
	}

/* The rows: name, type, where, default, least, most. */
#define STRING(n, t, f, d)                                                     \
	{                                                                      \
		n, SETTING_STRING, AT(t, f), d, 0, 0, NULL, false              \
	}
#define NEEDED(n, t, f)                                                        \
	{                                                                      \
		n, SETTING_STRING, AT(t, f), NULL, 0, 0, NULL, true            \
	}
#define STRINGS(n, t, f)                                                       \
	{                                                                      \
		n, SETTING_STRINGS, AT(t, f), NULL, 0, 0, NULL, false          \
	}
#define NUMBER(n, t, f, d, lo, hi)                                             \
	{                                                                      \
		n, SETTING_NUMBER, AT(t, f), d, lo, hi, NULL, false            \
	}
#define SECONDS(n, t, f, d, lo, hi)                                            \
	{                                                                      \
		n, SETTING_SECONDS, AT(t, f), d, lo, hi, NULL, false           \
	}
#define SIZE(n, t, f, d, lo, hi)                                               \
	{                                                                      \
		n, SETTING_SIZE, AT(t, f), d, lo, hi, NULL, false              \
	}
#define BOOL(n, t, f, d)                                                       \
	{                                                                      \
		n, SETTING_BOOL, AT(t, f), d, 0, 0, NULL, false                \
	}
#define ENUM(n, t, f, d, e)                                                    \
	{                                                                      \
		n, SETTING_ENUM, AT(t, f), d, 0, 0, e, false                   \
	}

#define KB  INT64_C(1024)
#define MB  (KB * 1024)
#define GB  (MB * 1024)
#define DAY INT64_C(86400)

static const char *const tls_names[] = {"none", "starttls", "implicit", NULL};

static const struct setting top[] = {
    STRING("hostname", config, hostname, NULL),
    STRING("state_dir", config, state_dir, "/var/lib/imprimatur"),
    STRING("control", config, control, CONTROL_PATH),
    STRING("user", config, user, NULL),
    END,
};

static const struct setting http[] = {
    STRING("address", config, http_address, NULL),
    NUMBER("port", config, http_port, "8025", 0, 65535),
    END,
};

static const struct setting tls[] = {
    STRING("certificate", config, certificate, NULL),
    STRING("key", config, key, NULL),
    END,
};

static const struct setting listeners[] = {
    NEEDED("address", config_listener, address),
    NUMBER("port", config_listener, port, "587", 0, 65535),
    ENUM("tls", config_listener, tls, "starttls", tls_names),
    BOOL("clear_auth", config_listener, clear_auth, "false"),
    BOOL("agents", config_listener, agents, "true"),
    BOOL("reviews", config_listener, reviews, "false"),
    STRINGS("review_networks", config_listener, review_networks),
    END,
};

static const struct setting agents[] = {
    NEEDED("name", config_agent, name),
    STRING("password", config_agent, password, NULL),
    STRINGS("networks", config_agent, networks),
    STRINGS("senders", config_agent, senders),
    END,
};

static const struct setting reviewers[] = {
    NEEDED("name", config_reviewer, name),
    NEEDED("address", config_reviewer, address),
    STRING("maildir", config_reviewer, maildir, NULL),
    BOOL("admin", config_reviewer, admin, "false"),
    {"users", SETTING_USERS, AT(config_reviewer, users), NULL, 0, 0, NULL,
	false},
    END,
};

static const struct setting relay[] = {
    STRING("host", config_relay, host, NULL),
    NUMBER("port", config_relay, port, "587", 1, 65535),
    ENUM("tls", config_relay, tls, "starttls", tls_names),
    STRING("ca_file", config_relay, ca_file, NULL),
    STRING("user", config_relay, user, NULL),
    STRING("password_file", config_relay, password_file, NULL),
    STRING("maildir", config_relay, maildir, NULL),
    NUMBER("connections", config_relay, connections, "4", 1, 100),
    SECONDS("connect_timeout", config_relay, connect_timeout_s, "30s", 1, 600),
    SECONDS("command_timeout", config_relay, command_timeout_s, "5m", 1, 3600),
    SECONDS("dot_timeout", config_relay, dot_timeout_s, "10m", 1, 7200),
    SECONDS("idle", config_relay, idle_s, "30s", 0, 600),
    SECONDS("retry_first", config_relay, retry_first_s, "1m", 1, DAY),
    SECONDS("retry_most", config_relay, retry_most_s, "1h", 1, DAY),
    SECONDS(
	"retry_lifetime", config_relay, retry_lifetime_s, "5d", 1, 30 * DAY),
    END,
};

static const struct setting review[] = {
    STRING("domain", config_review, domain, NULL),
    STRING("from", config_review, from, NULL),
    NUMBER("notices_per_hour", config_review, notices_per_hour, "60", 1, 10000),
    SECONDS("summary_every", config_review, summary_s, "10m", 1, DAY),
    SECONDS("undo", config_review, undo_s, "0", 0, DAY),
    SECONDS("help_every", config_review, help_s, "1h", 0, DAY),
    END,
};

static const struct setting limits[] = {
    SIZE("message_size", config_limits, message_size, "25M", 64 * KB, 100 * MB),
    SIZE("memory", config_limits, memory, "256M", 1 * MB, 64 * GB),
    SIZE("body_file_above", config_limits, body_file_above, "128K", 4 * KB,
	100 * MB),
    SIZE("disk_reserve", config_limits, disk_reserve, "64M", 0, 1024 * GB),
    NUMBER("recipients", config_limits, recipients, "100", 100, 10000),
    NUMBER("connections", config_limits, connections, "1000", 1, 100000),
    NUMBER("connections_per_peer", config_limits, connections_per_peer, "200",
	1, 100000),
    NUMBER("errors", config_limits, errors, "10", 1, 1000),
    SECONDS("command_timeout", config_limits, command_timeout_s, "5m", 1, 3600),
    SECONDS("data_timeout", config_limits, data_timeout_s, "3m", 1, 3600),
    SECONDS("message_timeout", config_limits, message_timeout_s, "30m", 1, DAY),
    NUMBER("auth_failures", config_limits, auth_failures, "10", 1, 10000),
    NUMBER("received", config_limits, received, "30", 1, 100),
    END,
};

static const struct setting check[] = {
    STRING("reader", config_check, reader, NULL),
    NUMBER("readers", config_check, readers, "0", 0, 64),
    NUMBER("deadline", config_check, deadline_ms, "5000", 100, 60000),
    SIZE("memory", config_check, memory, "512M", 64 * MB, 8 * GB),
    NUMBER("waiting", config_check, waiting, "1000", 1, 100000),
    END,
};

#define GROUP(n, t, s, f)                                                      \
	{                                                                      \
		n, t, sizeof(struct s), f, false, 0                            \
	}
#define LIST(n, t, s, f, c)                                                    \
	{                                                                      \
		n, t, sizeof(struct s), AT(config, f), true, AT(config, c)     \
	}

static const struct setting_group groups[] = {
    GROUP("", top, config, 0),
    GROUP("http", http, config, 0),
    GROUP("tls", tls, config, 0),
    LIST("listeners", listeners, config_listener, listeners, n_listeners),
    LIST("agents", agents, config_agent, agents, n_agents),
    LIST("reviewers", reviewers, config_reviewer, reviewers, n_reviewers),
    GROUP("relay", relay, config_relay, AT(config, relay)),
    GROUP("review", review, config_review, AT(config, review)),
    GROUP("limits", limits, config_limits, AT(config, limits)),
    GROUP("check", check, config_check, AT(config, check)),
    {NULL, NULL, 0, 0, false, 0},
};

static int hash_file(struct config *config, struct error *err)
{
	struct digest *digest = digest_new();
	FILE *in = fopen(config->file, "re");
	char block[4096];
	size_t n;

	if (in == NULL) {
		digest_free(digest);
		return error_set(err, ERROR_INVALID,
		    "cannot read the configuration '%s': %s", config->file,
		    strerror(errno));
	}
	while ((n = fread(block, 1, sizeof(block), in)) > 0)
		digest_add(digest, block, n);
	digest_end(digest, config->sha256);
	digest_free(digest);
	fclose(in);
	return 0;
}

/* What is left out follows from what is there. */
static void derive(struct config *config)
{
	char host[256] = "localhost";

	if (config->hostname == NULL) {
		gethostname(host, sizeof(host) - 1);
		config->hostname = arena_strdup(config->arena, host);
	}
	if (config->review.domain == NULL)
		config->review.domain =
		    arena_printf(config->arena, "review.%s", config->hostname);
	if (config->review.from == NULL)
		config->review.from = arena_printf(
		    config->arena, "imprimatur@%s", config->hostname);
	if (config->check.reader == NULL)
		config->check.reader = READER_PATH;
	if (config->check.readers == 0) {
		long n = sysconf(_SC_NPROCESSORS_ONLN);

		config->check.readers = n < 1 ? 1 : n > 64 ? 64 : (unsigned)n;
	}
}

struct config *config_load(const char *file, struct error *err)
{
	struct arena *arena = arena_new();
	struct config *config = arena_alloc(arena, sizeof(*config));
	struct setting_file of = {NULL, groups, arena, config};

	config->arena = arena;
	config->file = arena_strdup(arena, file);
	of.name = config->file;
	if (hash_file(config, err) || setting_load(&of, err))
		goto fail;
	derive(config);
	if (sanity_check(config, err))
		goto fail;
	return config;
fail:
	config_free(config);
	return NULL;
}

void config_free(struct config *config)
{
	if (config != NULL)
		arena_free(config->arena);
}

void config_print_options(FILE *out)
{
	setting_print(groups, out);
}

const struct config_agent *config_agent(
    const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->n_agents; i++)
		if (strcmp(config->agents[i].name, name) == 0)
			return &config->agents[i];
	return NULL;
}

const struct config_reviewer *config_reviewer(
    const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->n_reviewers; i++)
		if (strcmp(config->reviewers[i].name, name) == 0)
			return &config->reviewers[i];
	return NULL;
}

const struct channel *config_channel(
    const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->n_channels; i++)
		if (strcmp(config->channels[i].name, name) == 0)
			return &config->channels[i];
	return NULL;
}

const struct config_group *config_group(
    const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->n_groups; i++)
		if (strcmp(config->groups[i].name, name) == 0)
			return &config->groups[i];
	return NULL;
}

const struct config_reviewer *config_reviewer_of_uid(
    const struct config *config, uid_t uid)
{
	const struct setting_users *users;
	size_t i, k;

	for (i = 0; i < config->n_reviewers; i++) {
		users = &config->reviewers[i].users;
		for (k = 0; k < users->n; k++)
			if (users->uids[k] == uid)
				return &config->reviewers[i];
	}
	return NULL;
}

bool config_agent_may_send_as(
    const struct config_agent *agent, const char *address)
{
	const char *const *s;

	for (s = agent->senders; s != NULL && *s != NULL; s++)
		if (message_address_fits(address, *s))
			return true;
	return false;
}

bool config_in_networks(const char *address, const char *const *networks)
{
	struct network network;

	for (; networks != NULL && *networks != NULL; networks++)
		if (network_parse(&network, *networks, NULL) == 0 &&
		    network_has(&network, address))
			return true;
	return false;
}

bool config_is_loopback(const char *address)
{
	return network_is_loopback(address);
}
