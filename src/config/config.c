/*
 * config: the tables of all options, and the questions that other rooms ask
 * of a configuration.  Reading by the tables is left to setting.c, what needs
 * making to config_make.c, channels to channel.c, whether the values fit
 * together to sanity*.c.
 */
#include "config/config.h"

#include <string.h>
#include <unistd.h>

#include "config/account.h"
#include "config/channel_written.h"
#include "config/chat_written.h"
#include "config/config_written.h"
#include "config/network.h"
#include "config/sanity.h"
#include "config/setting_row.h"
#include "config/setting_source.h"
#include "config/setup.h"
#include "message.h"
#include "util/digest.h"

#define KB  INT64_C(1024)
#define MB  (KB * 1024)
#define GB  (MB * 1024)
#define DAY INT64_C(86400)

static const char *const tls_names[] = {"none", "starttls", "implicit", NULL};
static const char *const level_names[] = {"token", "aligned", "signed", NULL};
static const char *const http_tls_names[] = {"none", "implicit", NULL};
static const char *const share_names[] = {"all", "turns", NULL};
static const char *const severity_names[] = {
    "low", "normal", "high", "critical", NULL};
static const char *const kind_names[] = {"json", "rspamd", NULL};

static const struct setting top[] = {
    ROW("hostname", STRING, config, hostname),
    ROW("state_dir", STRING, config, state_dir,
	.fallback = "/var/lib/imprimatur"),
    ROW("control", STRING, config, control, .fallback = CONTROL_PATH),
    ROW("user", STRING, config, user),
    ROW("channels", STRING, config, channel_dir,
	ROW_LINE(config_written, channels_line)),
    ROW("plugins", STRING, config, plugin_dir, .fallback = PLUGIN_PATH),
    ROW_END,
};

static const struct setting http[] = {
    ROW("address", STRING, config, http_address),
    ROW("port", NUMBER, config, http_port, .fallback = "8025", .most = 65535),
    ROW("tls", ENUM, config_written, http_tls, .fallback = "none",
	.names = http_tls_names,
	ROW_LINE(config_written, config.http_tls_line)),
    ROW_END,
};

static const struct setting tls[] = {
    ROW("certificate", STRING, config, certificate),
    ROW("key", STRING, config, key),
    ROW_END,
};

static const struct setting listeners[] = {
    ROW("", LINE, config_listener, line),
    ROW("address", STRING, config_listener, address, .required = true,
	.example = "address = \"127.0.0.1\";"),
    ROW("port", NUMBER, config_listener, port, .fallback = "587",
	.most = 65535),
    ROW("tls", ENUM, config_listener, tls, .fallback = "starttls",
	.names = tls_names),
    ROW("clear_auth", BOOL, config_listener, clear_auth, .fallback = "false"),
    ROW("agents", BOOL, config_listener, agents, .fallback = "true"),
    ROW("reviews", BOOL, config_listener, reviews, .fallback = "false"),
    ROW("review_networks", STRINGS, config_listener, review_networks),
    ROW_END,
};

static const struct setting webhook[] = {
    ROW("", LINE, config_webhook, line),
    ROW("url", STRING, config_webhook, url, .required = true,
	.example = "url = \"https://agents.example.com/imprimatur\";"),
    ROW("secret_file", STRING, config_webhook, secret_file, .required = true,
	.example = "secret_file = \"support-bot.secret\";"),
    ROW("ca_file", STRING, config_webhook, ca_file),
    ROW("events", STRINGS, config_webhook, events, .least = 1),
    ROW("deadline", MILLISECONDS, config_webhook, deadline_ms,
	.fallback = "10s", .least = 10, .most = 60000),
    ROW("retry_first", SECONDS, config_webhook, retry_first_s, .fallback = "5s",
	.least = 1, .most = 3600),
    ROW("retry_most", SECONDS, config_webhook, retry_most_s, .fallback = "10m",
	.least = 1, .most = DAY),
    ROW("retry_lifetime", SECONDS, config_webhook, retry_lifetime_s,
	.fallback = "3d", .least = 1, .most = 30 * DAY),
    ROW_END,
};

static const struct setting_group webhook_group = {.name = "webhook",
    .options = webhook,
    .size = sizeof(struct config_webhook)};

static const struct setting agents[] = {
    ROW("", LINE, config_agent, line),
    ROW("name", STRING, config_agent, name, .required = true,
	.example = "name = \"support-bot\";"),
    ROW("password", STRING, config_agent, password),
    ROW("networks", STRINGS, config_agent, networks),
    ROW("senders", STRINGS, config_agent, senders),
    ROW("reports", STRINGS, config_agent, reports),
    ROW("webhook", GROUP, config_agent, webhook, .group = &webhook_group,
	.example = "webhook = { url = \"https://...\"; secret_file = "
		   "\"...\"; };"),
    ROW_END,
};

#define DIGEST(n, kind, field, ...)                                            \
	ROW(n, kind, config_written_digest, field, __VA_ARGS__)

static const struct setting digest_options[] = {
    DIGEST("every", SECONDS, digest.every_s, .least = 1, .most = DAY),
    DIGEST("at", STRINGS, digest.at, ROW_LINE(config_written_digest, at_line),
	.least = 1),
    DIGEST("above", ENUM, digest.above, .fallback = "high",
	.names = severity_names),
    DIGEST("size", SIZE, digest.size, .fallback = "200K", .least = 16 * KB,
	.most = 4 * MB),
    DIGEST("items", NUMBER, digest.items, .fallback = "50", .least = 1,
	.most = CONFIG_DIGEST_ITEMS),
    ROW_END,
};

static const struct setting_group digest_group = {"digest", digest_options,
    sizeof(struct config_written_digest), 0, false, 0};

#define REVIEWER(n, kind, field, ...)                                          \
	ROW(n, kind, config_written_reviewer, field, __VA_ARGS__)

static const struct setting reviewers[] = {
    REVIEWER("", LINE, reviewer.line),
    REVIEWER("name", STRING, reviewer.name, .required = true,
	.example = "name = \"anna\";"),
    REVIEWER("address", STRING, reviewer.address, .required = true,
	.example = "address = \"anna@example.com\";"),
    REVIEWER("maildir", STRING, reviewer.maildir),
    REVIEWER("media", STRINGS, reviewer.media, .least = 1),
    REVIEWER("level", ENUM, reviewer.level, .fallback = "token",
	.names = level_names),
    REVIEWER("certificate", STRING, reviewer.certificate_file),
    REVIEWER("admin", BOOL, reviewer.admin, .fallback = "false"),
    REVIEWER("users", USERS, reviewer.users),
    REVIEWER("limit", AMOUNTS, limit),
    REVIEWER("except", STRINGS, reviewer.except, .least = 1),
    REVIEWER("absent", STRINGS, absent,
	ROW_LINE(config_written_reviewer, absent_line)),
    REVIEWER("deputy", STRING, reviewer.deputy),
    REVIEWER("calendar", STRING, calendar),
    REVIEWER("slack", STRING, reviewer.slack),
    REVIEWER("matrix", STRING, reviewer.matrix),
    REVIEWER("digest", GROUP, digest, .group = &digest_group,
	.example = "digest = { every = \"30m\"; };"),
    ROW_END,
};

static const struct setting calendars[] = {
    ROW("", LINE, config_written_calendar, line),
    ROW("name", STRING, config_written_calendar, plan.name, .required = true,
	.example = "name = \"berlin\";"),
    ROW("zone", STRING, config_written_calendar, plan.zone, .required = true,
	.example = "zone = \"Europe/Berlin\";"),
    ROW("hours", STRINGS, config_written_calendar, plan.hours, .least = 1),
    ROW("holidays", STRINGS, config_written_calendar, plan.holidays),
    ROW_END,
};

static const struct setting people[] = {
    ROW("", LINE, config_group, line),
    ROW("name", STRING, config_group, name, .required = true,
	.example = "name = \"leads\";"),
    ROW("members", STRINGS, config_group, members, .required = true, .least = 1,
	.example = "members = [ \"anna\", \"ben\" ];"),
    ROW("share", ENUM, config_written_group, share, .fallback = "all",
	.names = share_names),
    ROW_END,
};

static const struct setting programs[] = {
    ROW("", LINE, config_program, line),
    ROW("name", STRING, config_program, name, .required = true,
	.example = "name = \"tone\";"),
    ROW("command", STRINGS, config_program, command, .required = true,
	.least = 1, .example = "command = [ \"/usr/local/bin/tone\" ];"),
    ROW("deadline", MILLISECONDS, config_program, deadline_ms, .fallback = "5s",
	.least = 10, .most = 600000),
    ROW("waiting", NUMBER, config_program, waiting, .fallback = "16",
	.least = 1, .most = 1000),
    ROW("medium", BOOL, config_program, medium, .fallback = "false"),
    ROW_END,
};

static const struct setting services[] = {
    ROW("", LINE, config_service, line),
    ROW("name", STRING, config_service, name, .required = true,
	.example = "name = \"rspamd\";"),
    ROW("url", STRING, config_service, url, .required = true,
	.example = "url = \"https://scan.example.com/check\";"),
    ROW("kind", ENUM, config_service, kind, .fallback = "json",
	.names = kind_names),
    ROW("deadline", MILLISECONDS, config_service, deadline_ms, .fallback = "5s",
	.least = 10, .most = 600000),
    ROW("token_file", STRING, config_service, token_file),
    ROW("ca_file", STRING, config_service, ca_file),
    ROW_END,
};

static const struct setting exchange[] = {
    ROW("", LINE, config_exchange, line),
    ROW("currency", STRING, config_exchange, currency, .required = true,
	.example = "currency = \"USD\";"),
    ROW("is", AMOUNT, config_exchange, is, .required = true,
	.example = "is = \"0.92 EUR\";"),
    ROW_END,
};

static const struct setting relay[] = {
    ROW("host", STRING, config_relay, host),
    ROW("port", NUMBER, config_relay, port, .fallback = "587", .least = 1,
	.most = 65535),
    ROW("tls", ENUM, config_relay, tls, .fallback = "starttls",
	.names = tls_names),
    ROW("ca_file", STRING, config_relay, ca_file),
    ROW("user", STRING, config_relay, user),
    ROW("password_file", STRING, config_relay, password_file),
    ROW("maildir", STRING, config_relay, maildir),
    ROW("connections", NUMBER, config_relay, connections, .fallback = "4",
	.least = 1, .most = 100),
    ROW("connect_timeout", SECONDS, config_relay, connect_timeout_s,
	.fallback = "30s", .least = 1, .most = 600),
    ROW("command_timeout", SECONDS, config_relay, command_timeout_s,
	.fallback = "5m", .least = 1, .most = 3600),
    ROW("dot_timeout", SECONDS, config_relay, dot_timeout_s, .fallback = "10m",
	.least = 1, .most = 7200),
    ROW("idle", SECONDS, config_relay, idle_s, .fallback = "30s", .most = 600),
    ROW("retry_first", SECONDS, config_relay, retry_first_s, .fallback = "1m",
	.least = 1, .most = DAY),
    ROW("retry_most", SECONDS, config_relay, retry_most_s, .fallback = "1h",
	.least = 1, .most = DAY),
    ROW("retry_lifetime", SECONDS, config_relay, retry_lifetime_s,
	.fallback = "5d", .least = 1, .most = 30 * DAY),
    ROW_END,
};

static const struct setting words[] = {
    ROW("", LINE, config_word, line),
    ROW("word", STRING, config_word, word, .required = true,
	.example = "word = \"freigeben\";"),
    ROW("means", STRING, config_word, means, .required = true,
	.example = "means = \"approve\";"),
    ROW_END,
};

static const struct setting_group words_group = {
    "words", words, sizeof(struct config_word), 0, false, 0};

static const struct setting review[] = {
    ROW("domain", STRING, config_review, domain),
    ROW("from", STRING, config_review, from),
    ROW("feed", STRING, config_review, feed,
	ROW_LINE(config_review, feed_line)),
    ROW("notices_per_hour", NUMBER, config_review, notices_per_hour,
	.fallback = "60", .least = 1, .most = 10000),
    ROW("digest_every", SECONDS, config_review, digest_s, .fallback = "10m",
	.least = 1, .most = DAY),
    ROW("undo", SECONDS, config_review, undo_s, .fallback = "0", .most = DAY),
    ROW("help_every", SECONDS, config_review, help_s, .fallback = "1h",
	.most = DAY),
    ROW("mail_after", SECONDS, config_review, mail_after_s, .fallback = "10m",
	.least = 1, .most = DAY),
    ROW("snooze", SECONDS, config_review, snooze_s, .fallback = "3d",
	.least = 60, .most = 30 * DAY),
    ROW("words", LIST, config_review, words, .group = &words_group,
	.count = offsetof(struct config_review, n_words)),
    ROW("banners", STRINGS, config_review, banners, .least = 1,
	ROW_LINE(config_review, banners_line)),
    ROW("authserv", STRINGS, config_review, authserv, .least = 1,
	ROW_LINE(config_review, authserv_line)),
    ROW_END,
};

static const struct setting dns[] = {
    ROW("servers", STRINGS, config_dns, servers, .least = 1,
	ROW_LINE(config_dns, servers_line)),
    ROW("deadline", MILLISECONDS, config_dns, deadline_ms, .fallback = "10s",
	.least = 100, .most = 60000),
    ROW_END,
};

static const struct setting dkim[] = {
    ROW("", LINE, config_dkim, line),
    ROW("domain", STRING, config_dkim, domain, .required = true,
	.example = "domain = \"example.com\";"),
    ROW("selector", STRING, config_dkim, selector, .required = true,
	.example = "selector = \"s1\";"),
    ROW("key_file", STRING, config_dkim, key_file, .required = true,
	.example = "key_file = \"/etc/imprimatur/s1.pem\";"),
    ROW("edited", BOOL, config_dkim, edited, .fallback = "false"),
    ROW_END,
};

static const struct setting limits[] = {
    ROW("message_size", SIZE, config_limits, message_size, .fallback = "25M",
	.least = 64 * KB, .most = 100 * MB),
    ROW("memory", SIZE, config_limits, memory, .fallback = "256M",
	.least = 1 * MB, .most = 64 * GB),
    ROW("body_file_above", SIZE, config_limits, body_file_above,
	.fallback = "128K", .least = 4 * KB, .most = 100 * MB),
    ROW("disk_reserve", SIZE, config_limits, disk_reserve, .fallback = "64M",
	.most = 1024 * GB),
    ROW("recipients", NUMBER, config_limits, recipients, .fallback = "100",
	.least = 100, .most = 10000),
    ROW("connections", NUMBER, config_limits, connections, .fallback = "1000",
	.least = 1, .most = 100000),
    ROW("connections_per_peer", NUMBER, config_limits, connections_per_peer,
	.fallback = "200", .least = 1, .most = 100000),
    ROW("errors", NUMBER, config_limits, errors, .fallback = "10", .least = 1,
	.most = 1000),
    ROW("command_timeout", SECONDS, config_limits, command_timeout_s,
	.fallback = "5m", .least = 1, .most = 3600),
    ROW("data_timeout", SECONDS, config_limits, data_timeout_s,
	.fallback = "3m", .least = 1, .most = 3600),
    ROW("message_timeout", SECONDS, config_limits, message_timeout_s,
	.fallback = "30m", .least = 1, .most = DAY),
    ROW("auth_failures", NUMBER, config_limits, auth_failures, .fallback = "10",
	.least = 1, .most = 10000),
    ROW("received", NUMBER, config_limits, received, .fallback = "30",
	.least = 1, .most = 100),
    ROW("hold_for", SECONDS, config_limits, hold_for_s, .fallback = "30d",
	.most = 366 * DAY),
    ROW_END,
};

static const struct setting check[] = {
    ROW("reader", STRING, config_check, reader),
    ROW("readers", NUMBER, config_check, readers, .fallback = "0", .most = 64),
    ROW("deadline", NUMBER, config_check, deadline_ms, .fallback = "5000",
	.least = 100, .most = 60000),
    ROW("memory", SIZE, config_check, memory, .fallback = "512M",
	.least = 64 * MB, .most = 8 * GB),
    ROW("waiting", NUMBER, config_check, waiting, .fallback = "1000",
	.least = 1, .most = 100000),
    ROW_END,
};

#define GROUP(n, t, s, f)                                                      \
	{                                                                      \
		n, t, sizeof(struct s), f, false, 0                            \
	}
#define AT(field) offsetof(struct config_written, field)
#define LIST(n, t, s, f, c)                                                    \
	{                                                                      \
		n, t, sizeof(struct s), AT(f), true, AT(c)                     \
	}

/* The rules' table stands in rule.c. */
static const struct setting any_rule[] = {
    {.name = "", .type = SETTING_INLINE, .group = &rule_group},
    ROW_END,
};

static const struct setting_group groups[] = {
    GROUP("", top, config, 0),
    GROUP("http", http, config, 0),
    GROUP("tls", tls, config, 0),
    LIST("listeners", listeners, config_listener, config.listeners,
	config.n_listeners),
    LIST("agents", agents, config_agent, config.agents, config.n_agents),
    LIST("calendars", calendars, config_written_calendar, calendars,
	n_calendars),
    LIST("reviewers", reviewers, config_written_reviewer, reviewers,
	n_reviewers),
    LIST("groups", people, config_written_group, groups, n_groups),
    LIST("programs", programs, config_program, config.programs,
	config.n_programs),
    LIST("services", services, config_service, config.services,
	config.n_services),
    LIST("exchange", exchange, config_exchange, config.exchanges,
	config.n_exchanges),
    LIST("mailboxes", account_rows, config_mailbox, config.mailboxes,
	config.n_mailboxes),
    LIST("chats", chat_rows, config_written_chat, chats, n_chats),
    LIST("rules", any_rule, rule_written, rules, n_rules),
    GROUP("relay", relay, config_relay, AT(config.relay)),
    GROUP("review", review, config_review, AT(config.review)),
    GROUP("limits", limits, config_limits, AT(config.limits)),
    GROUP("dns", dns, config_dns, AT(config.dns)),
    LIST("dkim", dkim, config_dkim, config.dkim, config.n_dkim),
    GROUP("check", check, config_check, AT(config.check)),
    {NULL, NULL, 0, 0, false, 0},
};

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
	if (config->channel_dir == NULL)
		config->channel_dir = "channels";
	config->channel_dir = setting_source_path(
	    config->arena, config->file, config->channel_dir);
	if (config->check.reader == NULL)
		config->check.reader = READER_PATH;
	if (config->check.readers == 0) {
		long n = sysconf(_SC_NPROCESSORS_ONLN);

		config->check.readers = n < 1 ? 1 : n > 64 ? 64 : (unsigned)n;
	}
}

/* Everything after the file itself was read, in the order of need. */
static int make(
    struct config_written *written, struct digest *digest, struct error *err)
{
	struct config *config = &written->config;
	uint32_t marks = 0;

	return config_make_people(written, err) || sanity_check(config, err) ||
		       account_check(config, err) ||
		       config_make_rules(written, &marks, err) ||
		       channel_load_all(config, written->channels_line, digest,
			   &marks, err) ||
		       setup_make(config, err)
		   ? -1
		   : 0;
}

static void write_hash(struct config *config, struct digest *digest)
{
	unsigned char sha256[DIGEST_SIZE];

	digest_end(digest, sha256);
	digest_hex(sha256, sizeof(sha256), config->hash);
}

struct config *config_load(const char *file, struct error *err)
{
	struct arena *arena = arena_new();
	struct config_written *written = arena_alloc(arena, sizeof(*written));
	struct config *config = &written->config;
	struct digest *digest = digest_new();
	const struct setting_file of = {
	    arena_strdup(arena, file), groups, arena, written, digest};
	int rc;

	config->arena = arena;
	config->refs = arena_alloc(arena, sizeof(*config->refs));
	*config->refs = 1;
	config->file = of.name;
	rc = setting_load(&of, err);
	if (rc == 0) {
		config->http_tls = written->http_tls == 1;
		derive(config);
		rc = make(written, digest, err);
	}
	write_hash(config, digest);
	digest_free(digest);
	if (rc == 0)
		return config;
	config_unref(config);
	return NULL;
}

const struct config *config_ref(const struct config *config)
{
	if (config->refs != NULL)
		++*config->refs;
	return config;
}

void config_unref(const struct config *config)
{
	if (config != NULL && config->refs != NULL && --*config->refs == 0)
		arena_free(config->arena);
}

void config_print_options(FILE *out)
{
	setting_print(groups, out);
	channel_print_options(out);
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

bool config_reviewer_has(
    const struct config_reviewer *reviewer, const char *medium)
{
	const char *const *m;

	if (reviewer->media == NULL)
		return strcmp(medium, CONFIG_MAIL) == 0;
	for (m = reviewer->media; *m != NULL; m++)
		if (strcmp(*m, medium) == 0)
			return true;
	return false;
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

const struct config_program *config_program(
    const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->n_programs; i++)
		if (strcmp(config->programs[i].name, name) == 0)
			return &config->programs[i];
	return NULL;
}

const struct config_service *config_service(
    const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->n_services; i++)
		if (strcmp(config->services[i].name, name) == 0)
			return &config->services[i];
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

static bool is_in(const char *const *list, const char *word)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

bool config_agent_reports(const struct config_agent *agent, const char *event)
{
	static const char *const usual[] = {
	    "dropped", "expired", "failed", "revising", "sent", NULL};

	return is_in(agent->reports != NULL ? agent->reports : usual, event);
}

bool config_agent_hooks(const struct config_agent *agent, const char *event)
{
	const struct config_webhook *hook = &agent->webhook;

	return hook->url != NULL &&
	       (hook->events == NULL || is_in(hook->events, event));
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
