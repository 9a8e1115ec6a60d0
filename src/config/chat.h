/*
 * chat: the option "chats": accounts at Slack and Matrix, and webhooks into
 * such rooms, that show reviewers what waits and hear what they answer.
 * Part of config/config.h.
 */
#ifndef CONFIG_CHAT_H
#define CONFIG_CHAT_H

#include <stdbool.h>
#include <stdint.h>

enum config_chat_kind {
	CONFIG_CHAT_SLACK,	   /* an app: it posts, and people answer */
	CONFIG_CHAT_SLACK_WEBHOOK, /* an incoming webhook: it only posts */
	CONFIG_CHAT_MATRIX,	   /* an account at a homeserver */
	CONFIG_CHAT_HOOKSHOT	   /* webhooks of a Matrix bridge */
};

/* One place where reviewers talk: a channel, or a room. */
struct config_chat {
	const char *name; /* as reviewers' media have it */
	enum config_chat_kind kind;
	const char *url;     /* matrix: the homeserver; slack: its Web API */
	const char *channel; /* slack: its id, "C0123ABCD"; else NULL */
	/* matrix: "!id:host", "!id" or "#alias:host"; hookshot, if it hears:
	 * an id */
	const char *room;
	/* read from their files at load; NULL: not given */
	const char *token_file, *token; /* slack: xoxb-...; matrix: access */
	const char *secret_file,
	    *secret;				/* slack: signs requests to us;
						 * hookshot: X-Matrix-Hookshot-Token */
	const char *app_token_file, *app_token; /* slack: Socket Mode */
	const char *hook_file, *hook;		/* webhooks: their secret URL */
	const char *ca_file;			/* NULL: the system's */
	/* prompts are gathered: by the clock, and when more than so many wait
	 * to be posted; calendar as in config_reviewer */
	const struct config_digest *digest; /* NULL: each at once */
	const struct calendar *calendar;
	unsigned gather_above;
	unsigned waiting;     /* prompts under way at a time */
	unsigned per_minute;  /* messages that it posts */
	uint64_t text_size;   /* bytes of a draft that are shown; more is cut */
	unsigned deadline_ms; /* of one request */
	unsigned poll_s;      /* matrix: of one long poll */
	unsigned retry_most_s; /* between attempts */
	unsigned line;
};

/* Can people answer there, beside by mail? */
bool config_chat_hears(const struct config_chat *chat);

#endif
