/*
 * chat: what may be said of a chat in the configuration, and whether it fits
 * together.  Speaking to it is left to the room chat.
 */
#include "config/chat_written.h"

#include <string.h>

#include "config/chat_place.h"
#include "config/rule.h"
#include "config/sanity_secret.h"
#include "config/sanity_url.h"
#include "config/setting_row.h"
#include "config/setting_source.h"

#define KB  INT64_C(1024)
#define MB  (KB * 1024)
#define DAY INT64_C(86400)

#ifdef HAVE_WEBSOCKETS
#define SOCKET_MODE true
#else
#define SOCKET_MODE false
#endif

#define SLACK_API    "https://slack.com/api"
#define SECRET_LEAST 16 /* bytes */

#define WRONG(line, ...)                                                       \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", config->file, line))

/* As enum config_chat_kind has them. */
static const char *const kind_names[] = {
    "slack", "slack-webhook", "matrix", "hookshot", NULL};
static const char *const severity_names[] = {
    "low", "normal", "high", "critical", NULL};

#define DIGEST(n, kind, field, ...)                                            \
	ROW(n, kind, config_written_digest, field, __VA_ARGS__)

static const struct setting digest_rows[] = {
    DIGEST("every", SECONDS, digest.every_s, .least = 1, .most = DAY),
    DIGEST("at", STRINGS, digest.at, ROW_LINE(config_written_digest, at_line),
	.least = 1),
    DIGEST("above", ENUM, digest.above, .fallback = "high",
	.names = severity_names),
    DIGEST("items", NUMBER, digest.items, .fallback = "50", .least = 1,
	.most = CONFIG_DIGEST_ITEMS),
    ROW_END,
};

static const struct setting_group digest_group = {.name = "digest",
    .options = digest_rows,
    .size = sizeof(struct config_written_digest)};

#define CHAT(n, kind, field, ...)                                              \
	ROW(n, kind, config_written_chat, field, __VA_ARGS__)

const struct setting chat_rows[] = {
    CHAT("", LINE, chat.line),
    CHAT("name", STRING, chat.name, .required = true,
	.example = "name = \"team\";"),
    CHAT("kind", ENUM, chat.kind, .required = true, .names = kind_names,
	.example = "kind = \"slack\";"),
    CHAT("url", STRING, chat.url),
    CHAT("channel", STRING, chat.channel),
    CHAT("room", STRING, chat.room),
    CHAT("token_file", STRING, chat.token_file),
    CHAT("secret_file", STRING, chat.secret_file),
    CHAT("app_token_file", STRING, chat.app_token_file),
    CHAT("hook_file", STRING, chat.hook_file),
    CHAT("ca_file", STRING, chat.ca_file),
    CHAT("digest", GROUP, digest, .group = &digest_group,
	.example = "digest = { every = \"30m\"; };"),
    CHAT("calendar", STRING, calendar),
    CHAT("gather_above", NUMBER, chat.gather_above, .fallback = "5", .least = 1,
	.most = 1000),
    CHAT("waiting", NUMBER, chat.waiting, .fallback = "200", .least = 1,
	.most = 1000),
    CHAT("per_minute", NUMBER, chat.per_minute, .fallback = "50", .least = 1,
	.most = 6000),
    CHAT("text", SIZE, chat.text_size, .fallback = "64K", .least = KB,
	.most = MB),
    CHAT("deadline", MILLISECONDS, chat.deadline_ms, .fallback = "10s",
	.least = 10, .most = 60000),
    CHAT("poll", SECONDS, chat.poll_s, .fallback = "30s", .least = 1,
	.most = 120),
    CHAT("retry_most", SECONDS, chat.retry_most_s, .fallback = "5m", .least = 1,
	.most = 3600),
    ROW_END,
};

/* ---- which options a kind has ------------------------------------------- */

enum need { LEAVE_OUT, MAY, MUST };

/* One option and what each kind makes of it, in the order of the enum. */
struct need_row {
	const char *option;
	size_t offset;
	enum need of[4];
	const char *example; /* where it must be */
};

#define NEED(o, field, slack, webhook, matrix, hookshot, e)                    \
	{                                                                      \
		o, offsetof(struct config_chat, field),                        \
		    {slack, webhook, matrix, hookshot}, e                      \
	}

static const struct need_row needs[] = {
    NEED("url", url, MAY, LEAVE_OUT, MUST, LEAVE_OUT,
	"url = \"https://matrix.example.com\";"),
    NEED("channel", channel, MUST, LEAVE_OUT, LEAVE_OUT, LEAVE_OUT,
	"channel = \"C0123ABCD\";"),
    NEED("room", room, LEAVE_OUT, LEAVE_OUT, MUST, MAY,
	"room = \"#review:example.com\";"),
    NEED("token_file", token_file, MUST, LEAVE_OUT, MUST, LEAVE_OUT,
	"token_file = \"chat.token\";"),
    NEED("secret_file", secret_file, MAY, LEAVE_OUT, LEAVE_OUT, MAY, NULL),
    NEED("app_token_file", app_token_file, MAY, LEAVE_OUT, LEAVE_OUT, LEAVE_OUT,
	NULL),
    NEED("hook_file", hook_file, LEAVE_OUT, MUST, LEAVE_OUT, MUST,
	"hook_file = \"chat.hook\";"),
};

static int check_need(const struct config *config, const struct config_chat *c,
    const struct need_row *row, struct error *err)
{
	const char *value =
	    *(const char *const *)(const void *)((const char *)c + row->offset);
	const char *kind = kind_names[c->kind];

	if (value == NULL && row->of[c->kind] == MUST)
		return WRONG(c->line, "chat '%s' of kind %s needs %s; write %s",
		    c->name, kind, row->option, row->example);
	if (value != NULL && row->of[c->kind] == LEAVE_OUT)
		return WRONG(c->line,
		    "chat '%s': %s has no meaning for kind %s; leave it out",
		    c->name, row->option, kind);
	return 0;
}

static int check_needs(
    const struct config *config, const struct config_chat *c, struct error *err)
{
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (check_need(config, c, &needs[i], err))
			return -1;
	if (c->kind == CONFIG_CHAT_SLACK &&
	    (c->secret_file == NULL) == (c->app_token_file == NULL))
		return WRONG(c->line,
		    "chat '%s' needs one way by which Slack brings answers: "
		    "app_token_file, for Socket Mode, or secret_file, the "
		    "signing secret, for requests to /slack/%s; to post alone, "
		    "write kind = \"slack-webhook\";",
		    c->name, c->name);
	if (c->app_token_file != NULL && !SOCKET_MODE)
		return WRONG(c->line,
		    "chat '%s' has app_token_file, but this imprimaturd was "
		    "built without Socket Mode; build it with libwebsockets, "
		    "or write secret_file, for requests to /slack/%s",
		    c->name, c->name);
	if (c->kind == CONFIG_CHAT_HOOKSHOT &&
	    (c->secret_file == NULL) != (c->room == NULL))
		return WRONG(c->line,
		    "chat '%s' needs both secret_file and room, to hear what "
		    "people answer there, or neither, to post alone",
		    c->name);
	return 0;
}

/* ---- names and places --------------------------------------------------- */

static int check_name(
    const struct config *config, const struct config_chat *c, struct error *err)
{
	if (!rule_plain_name(c->name) || strpbrk(c->name, "/?#%") != NULL)
		return WRONG(c->line,
		    "the chat's name '%.80s' has characters that names in the "
		    "log and in URLs must not have, or more than 63 of them",
		    c->name);
	if (config_chat(config, c->name) != c)
		return WRONG(c->line, "two chats are called '%s'", c->name);
	if (strcmp(c->name, CONFIG_MAIL) == 0)
		return WRONG(c->line,
		    "a chat must not be called '%s', which is a medium "
		    "already; give it another name",
		    CONFIG_MAIL);
	if (config_program(config, c->name) != NULL)
		return WRONG(c->line,
		    "chat '%s' has the name of a program; name it otherwise",
		    c->name);
	return 0;
}

static int check_place(
    const struct config *config, const struct config_chat *c, struct error *err)
{
	if (c->channel != NULL && !chat_place_channel(c->channel))
		return WRONG(c->line,
		    "chat '%s': '%.60s' is no channel's id; it stands at the "
		    "end of \"About\" in the channel's details; write channel "
		    "= \"C0123ABCD\";",
		    c->name, c->channel);
	if (c->room != NULL && !chat_place_room(c->room))
		return WRONG(c->line,
		    "chat '%s': '%.80s' is no room; write its id, room = "
		    "\"!abc:example.com\"; or its alias, room = "
		    "\"#review:example.com\";",
		    c->name, c->room);
	if (c->kind == CONFIG_CHAT_HOOKSHOT && c->room != NULL &&
	    *c->room != '!')
		return WRONG(c->line,
		    "chat '%s': the bridge names rooms by their ids; write the "
		    "room's id, room = \"!abc:example.com\";",
		    c->name);
	return 0;
}

static bool same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* What is posted twice, and answered once, confuses. */
static int check_alone(
    const struct config *config, const struct config_chat *c, struct error *err)
{
	const struct config_chat *o;

	for (o = config->chats; o < c; o++) {
		if (o->kind == CONFIG_CHAT_SLACK && c->kind == o->kind &&
		    same(o->token, c->token))
			return WRONG(c->line,
			    "chats '%s' and '%s' have the same token: Slack "
			    "brings an app's answers to one place; create an "
			    "app for each channel",
			    o->name, c->name);
		if (o->kind == CONFIG_CHAT_MATRIX && c->kind == o->kind &&
		    same(o->url, c->url) && same(o->room, c->room))
			return WRONG(c->line,
			    "chats '%s' and '%s' are the same room; leave one "
			    "out",
			    o->name, c->name);
		if (same(o->hook, c->hook))
			return WRONG(c->line,
			    "chats '%s' and '%s' have the same URL in "
			    "hook_file; leave one out",
			    o->name, c->name);
	}
	return 0;
}

/* ---- secrets and URLs --------------------------------------------------- */

/* What is read, and how it must look. */
struct secret {
	const char *option;
	const char **file, **text;
	const char *begins; /* with that, or NULL */
	const char *what;   /* it is, for people */
	size_t least;
};

static int read_secret(const struct config *config, const struct config_chat *c,
    const struct secret *s, struct error *err)
{
	const char *at;

	if (*s->file == NULL)
		return 0;
	*s->file = setting_source_path(config->arena, config->file, *s->file);
	if (sanity_secret(config->arena, s->option, *s->file, s->text, err))
		return error_prefix(
		    err, "%s:%u: chat '%s'", config->file, c->line, c->name);
	for (at = *s->text; *at > ' ' && *at < 0x7f; at++)
		;
	if (*at != '\0' || (size_t)(at - *s->text) < s->least ||
	    (s->begins != NULL &&
		strncmp(*s->text, s->begins, strlen(s->begins)) != 0))
		return WRONG(c->line,
		    "chat '%s': the first line of %s is not %s", c->name,
		    s->option, s->what);
	return 0;
}

static int read_secrets(
    const struct config *config, struct config_chat *c, struct error *err)
{
	bool slack = c->kind == CONFIG_CHAT_SLACK;
	const struct secret secrets[] = {
	    {"token_file", &c->token_file, &c->token, slack ? "xoxb-" : NULL,
		slack ? "the bot token of an app, which begins with \"xoxb-\" "
			"(OAuth & Permissions; without token rotation)"
		      : "an access token, without blanks",
		4},
	    {"secret_file", &c->secret_file, &c->secret, NULL,
		slack ? "the signing secret of an app (Basic Information), 32 "
			"letters and digits"
		      : "the token of an outbound webhook of the bridge, 16 "
			"characters or more without blanks",
		SECRET_LEAST},
	    {"app_token_file", &c->app_token_file, &c->app_token, "xapp-",
		"the app-level token of an app, which begins with \"xapp-\" "
		"(Basic Information; scope connections:write)",
		6},
	    {"hook_file", &c->hook_file, &c->hook, NULL,
		"a URL, without blanks", 1},
	};
	size_t i;

	for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		if (read_secret(config, c, &secrets[i], err))
			return -1;
	return 0;
}

/* The secret is in its path, so the URL is not repeated. */
static int check_hook(
    const struct config *config, const struct config_chat *c, struct error *err)
{
	const struct sanity_url url = {
	    "a hook", c->hook, c->line, "a secret", "hook_file"};

	if (c->hook == NULL || sanity_url(config, &url, NULL) == 0)
		return 0;
	return WRONG(c->line,
	    "chat '%s': the first line of hook_file must be a URL that begins "
	    "with https:// and a host, without name and password; http:// is "
	    "for loopback alone",
	    c->name);
}

/* Paths are put behind it. */
static int check_base(
    const struct config *config, struct config_chat *c, struct error *err)
{
	const struct sanity_url url = {
	    arena_printf(config->arena, "chat '%s'", c->name), c->url, c->line,
	    "a token", "token_file"};
	size_t n;

	if (c->url == NULL)
		return 0;
	if (sanity_url(config, &url, err))
		return -1;
	n = strlen(c->url);
	if (strpbrk(c->url, "?#") != NULL || strstr(c->url, "/_matrix") != NULL)
		return WRONG(c->line,
		    "the url of chat '%s' must be the server's own, without "
		    "'?', '#' and '/_matrix'; write url = \"%s\";",
		    c->name,
		    c->kind == CONFIG_CHAT_SLACK
			? SLACK_API
			: "https://matrix.example.com");
	while (c->url[n - 1] == '/')
		n--;
	c->url = arena_dup(config->arena, c->url, n);
	return 0;
}

static int check_urls(
    const struct config *config, struct config_chat *c, struct error *err)
{
	const struct sanity_url server = {
	    .owner = arena_printf(config->arena, "chat '%s'", c->name),
	    .line = c->line};

	return check_base(config, c, err) || check_hook(config, c, err) ||
		       sanity_url_ca(config, &server, &c->ca_file, err)
		   ? -1
		   : 0;
}

int chat_check(struct config *config, struct error *err)
{
	struct config_chat *c;
	size_t i;

	for (i = 0; i < config->n_chats; i++) {
		c = &config->chats[i];
		if (c->kind == CONFIG_CHAT_SLACK && c->url == NULL)
			c->url = SLACK_API;
		if (check_name(config, c, err) || check_needs(config, c, err) ||
		    check_place(config, c, err) ||
		    read_secrets(config, c, err) ||
		    check_urls(config, c, err) || check_alone(config, c, err))
			return -1;
	}
	return 0;
}

/* ---- questions ---------------------------------------------------------- */

const struct config_chat *config_chat(
    const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->n_chats; i++)
		if (strcmp(config->chats[i].name, name) == 0)
			return &config->chats[i];
	return NULL;
}

bool config_chat_hears(const struct config_chat *chat)
{
	switch (chat->kind) {
	case CONFIG_CHAT_SLACK:
	case CONFIG_CHAT_MATRIX:
		return true;
	case CONFIG_CHAT_HOOKSHOT:
		return chat->secret_file != NULL;
	case CONFIG_CHAT_SLACK_WEBHOOK:
		break;
	}
	return false;
}
