/*
 * config: what the admin wrote, checked and immutable.
 *
 * One table of options (config.c) loads, checks and prints them; it is the
 * whole truth on names, defaults and ranges, and tests/house compares it with
 * the manual and the sample.  Times are kept in the unit that the name tells,
 * sizes in bytes.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "config/calendar.h"
#include "config/channel.h"
#include "config/chat.h"
#include "config/setting.h"
#include "config/word.h"
#include "util/amount.h"
#include "util/buf.h"
#include "util/error.h"
#include "verdict.h"

enum config_tls { CONFIG_TLS_NONE, CONFIG_TLS_STARTTLS, CONFIG_TLS_IMPLICIT };

/* The medium of a reviewer that is no program. */
#define CONFIG_MAIL "mail"

/* What a reviewer's reply has to prove beside its token. */
enum config_level {
	CONFIG_LEVEL_TOKEN,   /* nothing, if who brings it is trusted; else: */
	CONFIG_LEVEL_ALIGNED, /* DKIM or DMARC, aligned with From */
	CONFIG_LEVEL_SIGNED   /* S/MIME by the reviewer's certificate */
};

/* A place where SMTP is spoken to us. */
struct config_listener {
	const char *address; /* numeric; "::" for all */
	unsigned port;
	enum config_tls tls;
	bool clear_auth; /* AUTH without TLS; loopback only */
	bool agents;	 /* agents may submit here */
	bool reviews;	 /* reviewers' replies may come in here */
	/* networks ("192.0.2.0/24") from which replies are believed on the
	 * strength of their token; loopback always is */
	const char *const *review_networks;
	unsigned line; /* in the file; so below */
};

/* Where an agent's own program hears of its drafts. */
struct config_webhook {
	const char *url;	 /* NULL: nowhere */
	const char *secret_file; /* signs what is said there */
	const char *secret;
	const char *ca_file;	   /* NULL: the system's */
	const char *const *events; /* NULL: all */
	unsigned deadline_ms;	   /* of one answer */
	unsigned retry_first_s, retry_most_s, retry_lifetime_s;
	unsigned line;
};

struct config_agent {
	const char *name;
	const char *password;	     /* stored form (util/digest.h), or NULL */
	const char *const *networks; /* trusted without AUTH, or NULL */
	const char *const *senders;  /* patterns of addresses it may use */
	/* events of which a mail tells it; empty: none; NULL: the usual ones */
	const char *const *reports;
	struct config_webhook webhook;
	unsigned line;
};

#define CONFIG_DIGEST_ITEMS 200 /* most that one mail asks about */

/*
 * When notices to one reviewer are gathered, and into what.  Neither every_s
 * nor times: each prompt has a notice of its own, at once.
 */
struct config_digest {
	unsigned every_s;	 /* since midnight there; 0: not so */
	const char *const *at;	 /* "09:00", of business days, or NULL */
	const unsigned *minutes; /* the same, of the day */
	size_t n_minutes;
	int above;     /* enum verdict_severity: from here on, at once */
	uint64_t size; /* bytes of text and HTML of one mail */
	unsigned items;
};

struct config_reviewer {
	const char *name;
	const char *address; /* where notices go, and From of replies */
	const char *maildir; /* notices go into this Maildir; NULL: relay */
	/* "mail", programs and chats; NULL: mail alone */
	const char *const *media;
	enum config_level level; /* of their replies by mail */
	const char *certificate_file;
	const char *certificate; /* PEM, read from it at load; or NULL */
	bool admin;		 /* may stop and start, and decide anything */
	struct setting_users users; /* local users that are this person */
	/* may approve amounts up to these, one per currency; none: any */
	size_t n_limits;
	const struct amount *limits;
	const char *const *except; /* findings that are beyond them, or NULL */
	size_t n_absences;	   /* when they are away */
	const struct config_absence {
		int64_t from_ms, to_ms; /* wall; from <= t < to */
	} * absences;
	const char *deputy;		 /* who stands in, or NULL */
	const struct calendar *calendar; /* whose zone their times are in */
	struct config_digest digest;
	const char *slack;  /* "T0123/U0456", team and member, or NULL */
	const char *matrix; /* "@anna:example.com", or NULL */
	unsigned line;
};

struct config_calendar {
	const char *name;
	const struct calendar *calendar;
};

struct config_group {
	const char *name;
	const char *const *members;
	bool by_turns; /* one of them is asked, else all */
	unsigned line;
};

/* A program that is asked about held drafts, in JSON lines. */
struct config_program {
	const char *name;
	const char *const *command; /* absolute path, arguments */
	unsigned deadline_ms;	    /* of one answer */
	unsigned waiting;	    /* questions to it at a time */
	bool medium;		    /* it prompts people and may decide */
	unsigned line;
};

/* The same over HTTP. */
struct config_service {
	const char *name, *url;
	int kind; /* index of "json", "rspamd" */
	unsigned deadline_ms;
	const char *token_file, *token; /* Authorization: Bearer, or NULL */
	const char *ca_file;
	unsigned line;
};

/* What a currency is worth in another. */
struct config_exchange {
	const char *currency;
	struct amount is; /* one of it */
	unsigned line;
};

/* What is done in an IMAP mailbox. */
enum config_mailbox_use {
	CONFIG_MAILBOX_REPLIES, /* answers to notices are read from it */
	CONFIG_MAILBOX_SENT,	/* copies of what was released go there */
	CONFIG_MAILBOX_DRAFTS,	/* what an agent leaves there is submitted */
	CONFIG_MAILBOX_FEED,	/* mail of people outside is looked at */
	CONFIG_MAILBOX_REVIEW	/* a reviewer decides in it, by moving */
};

/* An account on an IMAP server, and one thing that is done in it. */
struct config_mailbox {
	const char *name;
	const char *host; /* name or numeric; its certificate has it */
	unsigned port;
	enum config_tls tls; /* never NONE */
	const char *ca_file; /* NULL: the system's */
	const char *user;
	const char *password_file, *token_file; /* one of them is NULL */
	const char *password;			/* what was in it at load */
	enum config_mailbox_use use;
	const char *folder; /* UTF-8, "/" between levels */
	const char *done;   /* where what was dealt with goes, or NULL */
	const char *failed; /* where the rest goes; NULL: it stays */
	const char *agent;  /* whose drafts these are, or NULL */
	/* review: whose own account it is, and what moving a mail there means
	 */
	const char *reviewer, *approve, *drop;
	/* replies: TOKEN: its server vouches for who wrote them; ALIGNED: no */
	enum config_level level;
	/* drafts, and what is changed in review: how long a mail must lie
	 * there unchanged */
	unsigned settle_s;
	unsigned timeout_s;    /* the server may be silent so long */
	unsigned poll_s;       /* look again after so long in any case */
	uint64_t mail_size;    /* larger ones are not fetched */
	unsigned retry_most_s; /* between attempts to connect */
	unsigned line;
};

/* Where released mail goes: a relay host, or a Maildir. */
struct config_relay {
	const char *host; /* NULL: none */
	unsigned port;
	enum config_tls tls;
	const char *ca_file; /* NULL: the system's */
	const char *user, *password_file;
	const char *password; /* read from password_file at load */
	const char *maildir;  /* deliver here instead; NULL: no */
	unsigned connections; /* at a time */
	unsigned connect_timeout_s, command_timeout_s, dot_timeout_s;
	unsigned idle_s; /* an unused connection is kept so long */
	unsigned retry_first_s, retry_most_s; /* back-off from, to */
	unsigned retry_lifetime_s;	      /* after that it has failed */
};

struct config_limits {
	uint64_t message_size;
	uint64_t memory;	  /* mail in memory, all together */
	uint64_t body_file_above; /* bodies larger than this become files */
	uint64_t disk_reserve;	  /* below this much free space: 452 */
	unsigned recipients;	  /* of one mail */
	unsigned connections, connections_per_peer;
	unsigned errors;	    /* of one session, then 421 */
	unsigned command_timeout_s; /* waiting for a command */
	unsigned data_timeout_s;    /* waiting for more of a mail */
	unsigned message_timeout_s; /* for a whole mail */
	unsigned auth_failures;	    /* per peer and minute */
	unsigned received;	    /* Received fields, then it is a loop */
	unsigned hold_for_s;	    /* an agent may have a mail wait so long */
};

struct config_review {
	const char *domain; /* of reply addresses: d-<token>@domain */
	const char *from;   /* sender of system mail */
	/* local part, in that domain, where copies of what people outside
	 * write are taken; NULL: nowhere */
	const char *feed;
	unsigned feed_line;
	unsigned notices_per_hour; /* to one reviewer, then a digest */
	unsigned digest_s;	   /* what is above is gathered for so long */
	unsigned undo_s;	   /* an approved mail waits so long */
	unsigned help_s;	   /* one help answer per reviewer in so long */
	unsigned mail_after_s;	   /* a medium's silence, then there is mail */
	unsigned snooze_s;	   /* a prompt may be put off for so long */
	size_t n_words;		   /* of answers, beside those built in */
	const struct config_word *words;
	/* what gateways put above an answer, or NULL */
	const char *const *banners;
	unsigned banners_line;
	/* hosts whose Authentication-Results are believed, or NULL */
	const char *const *authserv;
	unsigned authserv_line;
};

/* Where keys and policies of other domains are asked for. */
struct config_dns {
	const char *const *servers; /* "192.0.2.1", "192.0.2.1:5353"; NULL:
				     * those of /etc/resolv.conf */
	unsigned servers_line;
	unsigned deadline_ms; /* of one question */
};

/* Mail from a domain is signed as it leaves. */
struct config_dkim {
	const char *domain, *selector, *key_file;
	const char *key; /* PEM, read from it at load */
	bool edited;	 /* only what a person has edited */
	unsigned line;
};

struct config_check {
	const char *reader; /* path of imprimatur-check; NULL: as installed */
	unsigned readers;   /* 0: as many as processors */
	unsigned deadline_ms;
	uint64_t memory; /* of one reader */
	unsigned waiting;
};

struct config {
	struct arena *arena;
	unsigned *refs;	  /* NULL: nobody counts them */
	const char *file; /* its name */
	const char *hostname;
	const char *state_dir;	  /* ledger, bodies, keys; absolute */
	const char *control;	  /* unix socket of the command line */
	const char *http_address; /* NULL: no TCP */
	unsigned http_port;
	unsigned http_tls_line;
	bool http_tls;
	const char *certificate, *key; /* for listeners with TLS */
	const char *user; /* to become after start as root, or NULL */
	size_t n_listeners;
	struct config_listener *listeners;
	size_t n_agents;
	struct config_agent *agents;
	size_t n_reviewers;
	struct config_reviewer *reviewers;
	size_t n_rules;
	struct rule *rules; /* of every draft, before its channel's */
	size_t n_rates;
	struct verdict_rate *rates; /* that these rules ask about */
	struct config_relay relay;
	struct config_review review;
	struct config_limits limits;
	struct config_check check;
	struct config_dns dns;
	size_t n_dkim;
	struct config_dkim *dkim;
	const char *channel_dir; /* folder of channels/NAME.conf */
	const char *plugin_dir;
	size_t n_channels;
	struct channel *channels; /* in file-name order */
	size_t n_calendars;
	struct config_calendar *calendars;
	size_t n_groups;
	struct config_group *groups;
	size_t n_programs;
	struct config_program *programs;
	size_t n_services;
	struct config_service *services;
	size_t n_exchanges;
	struct config_exchange *exchanges;
	size_t n_mailboxes;
	struct config_mailbox *mailboxes;
	size_t n_chats;
	struct config_chat *chats;
	struct span setup; /* for the readers: setup.h */
	char hash[65];	   /* of all files that were read, hexadecimal */
};

/*
 * Read and check a file.  NULL and err (INVALID, "file:line: what and what to
 * do") on the first thing that is wrong.
 */
struct config *config_load(const char *file, struct error *err);

/*
 * It is shared by whatever began while it was in force, and freed with the
 * last.  config_load() gives the first reference.  Loop only.
 */
const struct config *config_ref(const struct config *config);
/* NULL is harmless. */
void config_unref(const struct config *config);

/* Every option with type, default and range, one per line, for tests. */
void config_print_options(FILE *out);

/* Whoever has that name, or NULL. */
const struct config_agent *config_agent(
    const struct config *config, const char *name);
const struct config_reviewer *config_reviewer(
    const struct config *config, const char *name);
/* Is the reviewer to be reached by "mail", or by the program or chat of that
 * name? */
bool config_reviewer_has(
    const struct config_reviewer *reviewer, const char *medium);
/* The reviewer that a local user is, or NULL. */
const struct config_reviewer *config_reviewer_of_uid(
    const struct config *config, uid_t uid);

/* The channel, group, chat, program or service of that name, or NULL. */
const struct channel *config_channel(
    const struct config *config, const char *name);
const struct config_group *config_group(
    const struct config *config, const char *name);
const struct config_chat *config_chat(
    const struct config *config, const char *name);
const struct config_program *config_program(
    const struct config *config, const char *name);
const struct config_service *config_service(
    const struct config *config, const char *name);
/* The mailbox of that name, or NULL; do two say the same? */
const struct config_mailbox *config_mailbox(
    const struct config *config, const char *name);
bool config_mailbox_same(
    const struct config_mailbox *a, const struct config_mailbox *b);
/* What is in its password_file or token_file now; may block.  -1: INVALID. */
int config_mailbox_secret(const struct config_mailbox *mailbox,
    struct arena *arena, const char **secret, struct error *err);
/* May this reviewer answer there: a program of theirs, or a mailbox? */
bool config_reviewer_answers(const struct config *config,
    const struct config_reviewer *reviewer, const char *medium);
/* The n-th mailbox that takes copies of what this agent sent, or NULL. */
const char *config_mailbox_copy(
    const struct config *config, size_t n, const char *agent);

/* May this agent use this address as sender? */
bool config_agent_may_send_as(
    const struct config_agent *agent, const char *address);

/* Is the agent to hear of an event (see hold_word), by mail or webhook? */
bool config_agent_reports(const struct config_agent *agent, const char *event);
bool config_agent_hooks(const struct config_agent *agent, const char *event);

/*
 * Is a numeric address inside one of the networks ("192.0.2.0/24", "::1")?
 * networks: NULL-terminated, or NULL for none.
 */
bool config_in_networks(const char *address, const char *const *networks);

/* 127.0.0.0/8 or ::1? */
bool config_is_loopback(const char *address);

#endif
