/*
 * account: what may be said of an IMAP mailbox in the configuration.  What is
 * done with it is left to the room mailbox.
 */
#include "config/account.h"

#include <string.h>

#include "config/rule.h"
#include "config/sanity_secret.h"
#include "config/sanity_url.h"
#include "config/setting_row.h"
#include "config/setting_source.h"
#include "util/nearest.h"

#define KB INT64_C(1024)
#define MB (KB * 1024)

#define WRONG(line, ...)                                                       \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", config->file, line))

/* enum config_tls has "none", too: IMAP in clear is not spoken */
static const char *const tls_names[] = {"none", "starttls", "implicit", NULL};
static const char *const use_names[] = {
    "replies", "sent", "drafts", "feed", "review", NULL};
static const char *const level_names[] = {"token", "aligned", NULL};

const struct setting account_rows[] = {
    ROW("", LINE, config_mailbox, line),
    ROW("name", STRING, config_mailbox, name, .required = true,
	.example = "name = \"replies\";"),
    ROW("use", ENUM, config_mailbox, use, .required = true, .names = use_names,
	.example = "use = \"replies\";"),
    ROW("host", STRING, config_mailbox, host, .required = true,
	.example = "host = \"imap.example.com\";"),
    ROW("port", NUMBER, config_mailbox, port, .fallback = "0", .most = 65535),
    ROW("tls", ENUM, config_mailbox, tls, .fallback = "implicit",
	.names = tls_names),
    ROW("ca_file", STRING, config_mailbox, ca_file),
    ROW("user", STRING, config_mailbox, user, .required = true,
	.example = "user = \"review@example.com\";"),
    ROW("password_file", STRING, config_mailbox, password_file,
	.example = "password_file = \"imap.password\";"),
    ROW("token_file", STRING, config_mailbox, token_file),
    ROW("folder", STRING, config_mailbox, folder),
    ROW("done", STRING, config_mailbox, done),
    ROW("failed", STRING, config_mailbox, failed),
    ROW("agent", STRING, config_mailbox, agent),
    ROW("reviewer", STRING, config_mailbox, reviewer),
    ROW("approve", STRING, config_mailbox, approve),
    ROW("drop", STRING, config_mailbox, drop),
    ROW("level", ENUM, config_mailbox, level, .fallback = "aligned",
	.names = level_names),
    ROW("mail_size", SIZE, config_mailbox, mail_size, .fallback = "25M",
	.least = 64 * KB, .most = 100 * MB),
    ROW("settle", SECONDS, config_mailbox, settle_s, .fallback = "10s",
	.most = 3600),
    ROW("timeout", SECONDS, config_mailbox, timeout_s, .fallback = "1m",
	.least = 1, .most = 600),
    ROW("poll", SECONDS, config_mailbox, poll_s, .fallback = "5m", .least = 1,
	.most = 86400),
    ROW("retry_most", SECONDS, config_mailbox, retry_most_s, .fallback = "5m",
	.least = 1, .most = 3600),
    ROW_END,
};

static void give(const char **option, const char *fallback)
{
	if (*option == NULL)
		*option = fallback;
}

/* What follows from the use and from TLS, where nothing is written. */
static void derive(struct config_mailbox *m)
{
	bool review = m->use == CONFIG_MAILBOX_REVIEW;

	if (m->port == 0)
		m->port = m->tls == CONFIG_TLS_IMPLICIT ? 993 : 143;
	give(&m->folder, m->use == CONFIG_MAILBOX_SENT	   ? "Sent"
			 : m->use == CONFIG_MAILBOX_DRAFTS ? "Drafts"
			 : review ? "Imprimatur/Waiting"
				  : "INBOX");
	if (review || m->use == CONFIG_MAILBOX_REPLIES ||
	    m->use == CONFIG_MAILBOX_DRAFTS)
		give(&m->done, "Imprimatur/Done");
	if (review || m->use == CONFIG_MAILBOX_DRAFTS)
		give(&m->failed, "Imprimatur/Failed");
	if (review) {
		give(&m->approve, "Imprimatur/Approve");
		give(&m->drop, "Imprimatur/Drop");
	}
}

/* INBOX is one folder however it is written (RFC 9051, 5.1). */
static bool same_folder(const char *a, const char *b)
{
	return strcmp(a, b) == 0 ||
	       (strcasecmp(a, "INBOX") == 0 && strcasecmp(b, "INBOX") == 0);
}

static int check_folder(const struct config *config,
    const struct config_mailbox *m, const char *option, const char *folder,
    struct error *err)
{
	const char *c;

	if (folder == NULL)
		return 0;
	for (c = folder; (unsigned char)*c >= 0x20 && *c != 0x7f; c++)
		;
	if (*c != '\0' || *folder == '\0' || strlen(folder) > 255 ||
	    *folder == '/' || c[-1] == '/' || strstr(folder, "//") != NULL)
		return WRONG(m->line,
		    "mailbox '%s': %s '%.80s' is no name of a folder; write "
		    "the levels with '/' between, as in \"Imprimatur/Done\"",
		    m->name, option, folder);
	if (folder != m->folder && same_folder(folder, m->folder))
		return WRONG(m->line,
		    "mailbox '%s': %s is the folder that is read, so mails "
		    "would never leave it; name another",
		    m->name, option);
	return 0;
}

static int check_agent(const struct config *config,
    const struct config_mailbox *m, struct error *err)
{
	struct nearest nearest;
	char near[NEAREST_SIZE];
	size_t i;

	if (config_agent(config, m->agent) != NULL)
		return 0;
	nearest_init(&nearest, m->agent);
	for (i = 0; i < config->n_agents; i++)
		nearest_try(&nearest, config->agents[i].name);
	return WRONG(m->line, "mailbox '%s': there is no agent '%.60s'%s",
	    m->name, m->agent, nearest_text(&nearest, near));
}

/* Many servers know a user by a name in any case, and on several ports. */
static bool same_account(
    const struct config_mailbox *a, const struct config_mailbox *b)
{
	return strcasecmp(a->host, b->host) == 0 &&
	       strcasecmp(a->user, b->user) == 0;
}

/* Where a mail lies is who said what of it. */
static int check_folders_differ(const struct config *config,
    const struct config_mailbox *m, struct error *err)
{
	const char *const folders[] = {
	    m->folder, m->approve, m->drop, m->done, m->failed};
	size_t i, k;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		for (k = 0; k < i; k++)
			if (same_folder(folders[i], folders[k]))
				return WRONG(m->line,
				    "mailbox '%s': folder, approve, drop, done "
				    "and failed must be five folders, '%.80s' "
				    "is two of them",
				    m->name, folders[i]);
	return 0;
}

/* Whoever can write there decides: nobody but the reviewer may. */
static int check_own_account(const struct config *config,
    const struct config_mailbox *m, struct error *err)
{
	const struct config_mailbox *o;
	size_t i;

	for (i = 0; i < config->n_mailboxes; i++) {
		o = &config->mailboxes[i];
		if (o == m || !same_account(o, m))
			continue;
		if (o->use != CONFIG_MAILBOX_REVIEW)
			return WRONG(m->line,
			    "mailbox '%s' has the account of mailbox '%s': "
			    "whoever reaches that could decide; give the "
			    "reviewer an account of their own",
			    m->name, o->name);
		if (o->reviewer != NULL &&
		    strcmp(o->reviewer, m->reviewer) != 0)
			return WRONG(m->line,
			    "mailboxes '%s' and '%s' are the same account, but "
			    "of two reviewers; each needs an own one",
			    o->name, m->name);
	}
	return 0;
}

static int check_review(const struct config *config,
    const struct config_mailbox *m, struct error *err)
{
	struct nearest nearest;
	char near[NEAREST_SIZE];
	size_t i;

	if (m->reviewer == NULL)
		return WRONG(m->line,
		    "mailbox '%s' does not say whose it is; write the "
		    "reviewer's name: reviewer = \"anna\";",
		    m->name);
	nearest_init(&nearest, m->reviewer);
	for (i = 0; i < config->n_reviewers; i++)
		nearest_try(&nearest, config->reviewers[i].name);
	if (config_reviewer(config, m->reviewer) == NULL)
		return WRONG(m->line,
		    "mailbox '%s': there is no reviewer '%.60s'%s", m->name,
		    m->reviewer, nearest_text(&nearest, near));
	if (m->agent != NULL)
		return WRONG(m->line,
		    "mailbox '%s' is a reviewer's, no agent may reach it; "
		    "leave agent out",
		    m->name);
	for (i = 0; i < config->n_programs; i++)
		if (strcmp(config->programs[i].name, m->name) == 0)
			return WRONG(m->line,
			    "mailbox '%s' has the name of a program; name it "
			    "otherwise",
			    m->name);
	if (config_chat(config, m->name) != NULL)
		return WRONG(m->line,
		    "mailbox '%s' has the name of a chat; name it otherwise",
		    m->name);
	if (strcmp(m->name, CONFIG_MAIL) == 0)
		return WRONG(m->line,
		    "'%s' is what answers to notices come by; name the mailbox "
		    "otherwise",
		    m->name);
	return check_folders_differ(config, m, err) ||
		       check_own_account(config, m, err)
		   ? -1
		   : 0;
}

static int check_use(const struct config *config,
    const struct config_mailbox *m, struct error *err)
{
	bool people =
	    m->use == CONFIG_MAILBOX_REPLIES || m->use == CONFIG_MAILBOX_FEED;

	if (m->use != CONFIG_MAILBOX_REPLIES && m->level == CONFIG_LEVEL_TOKEN)
		return WRONG(m->line,
		    "mailbox '%s': level is for use replies alone; leave it "
		    "out",
		    m->name);
	if (m->use == CONFIG_MAILBOX_REVIEW)
		return check_review(config, m, err);
	if (m->reviewer != NULL || m->approve != NULL || m->drop != NULL)
		return WRONG(m->line,
		    "mailbox '%s': reviewer, approve and drop are for use "
		    "review alone; leave them out",
		    m->name);
	if (people && m->agent != NULL)
		return WRONG(m->line,
		    "mailbox '%s' is for what people write, which is no "
		    "agent's; leave agent out",
		    m->name);
	if (m->use == CONFIG_MAILBOX_DRAFTS && m->agent == NULL)
		return WRONG(m->line,
		    "mailbox '%s' does not say whose drafts it has; write "
		    "agent = \"NAME\"; with the name of one of agents",
		    m->name);
	if (m->use == CONFIG_MAILBOX_SENT &&
	    (m->done != NULL || m->failed != NULL))
		return WRONG(m->line,
		    "mailbox '%s' takes copies, nothing is read from it; leave "
		    "done and failed out",
		    m->name);
	return m->agent == NULL ? 0 : check_agent(config, m, err);
}

/* Does b put into the folder that a reads what a must not read? */
static bool feeds(
    const struct config_mailbox *a, const struct config_mailbox *b)
{
	return a->use != CONFIG_MAILBOX_SENT &&
	       ((b->done != NULL && same_folder(a->folder, b->done)) ||
		   (b->failed != NULL && same_folder(a->folder, b->failed)));
}

/* Copies of two agents' mail may lie in one folder; copies twice may not. */
static bool clash(
    const struct config_mailbox *a, const struct config_mailbox *b)
{
	return same_folder(a->folder, b->folder) &&
	       (a->use != CONFIG_MAILBOX_SENT ||
		   b->use != CONFIG_MAILBOX_SENT || a->agent == NULL ||
		   b->agent == NULL || strcmp(a->agent, b->agent) == 0);
}

/* The same folder twice would be dealt with twice. */
static int check_alone(const struct config *config,
    const struct config_mailbox *m, struct error *err)
{
	const struct config_mailbox *o;

	for (o = config->mailboxes; o != m; o++) {
		if (strcmp(o->name, m->name) == 0)
			return WRONG(
			    m->line, "two mailboxes are called '%s'", m->name);
		if (!same_account(o, m))
			continue;
		if (clash(o, m))
			return WRONG(m->line,
			    "mailboxes '%s' and '%s' are the same folder '%s'; "
			    "leave one out, or give it a folder of its own",
			    o->name, m->name, m->folder);
		if (feeds(o, m) || feeds(m, o))
			return WRONG(m->line,
			    "of mailboxes '%s' and '%s' one puts into a folder "
			    "what the other would read there; give each "
			    "folders of its own",
			    o->name, m->name);
	}
	return 0;
}

static bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int read_files(
    const struct config *config, struct config_mailbox *m, struct error *err)
{
	const struct sanity_url server = {
	    .owner = arena_printf(config->arena, "mailbox '%s'", m->name),
	    .line = m->line};

	if (sanity_url_ca(config, &server, &m->ca_file, err))
		return -1;
	if ((m->password_file == NULL) == (m->token_file == NULL))
		return WRONG(m->line,
		    "mailbox '%s' needs either password_file or token_file "
		    "(a bearer token of OAuth 2)",
		    m->name);
	if (m->password_file != NULL)
		m->password_file = setting_source_path(
		    config->arena, config->file, m->password_file);
	else
		m->token_file = setting_source_path(
		    config->arena, config->file, m->token_file);
	return config_mailbox_secret(m, config->arena, &m->password, err)
		   ? error_prefix(err, "%s:%u: mailbox '%s'", config->file,
			 m->line, m->name)
		   : 0;
}

int config_mailbox_secret(const struct config_mailbox *mailbox,
    struct arena *arena, const char **secret, struct error *err)
{
	return mailbox->token_file != NULL
		   ? sanity_secret(
			 arena, "token_file", mailbox->token_file, secret, err)
		   : sanity_secret(arena, "password_file",
			 mailbox->password_file, secret, err);
}

/* A token is another one each hour, and read again at each connect. */
static bool same_secret(
    const struct config_mailbox *a, const struct config_mailbox *b)
{
	return a->token_file != NULL || b->token_file != NULL
		   ? same(a->token_file, b->token_file)
		   : same(a->password, b->password);
}

/* One colon; an IPv6 address has more. */
static bool has_port(const char *host)
{
	const char *colon = strchr(host, ':');

	return colon != NULL && strchr(colon + 1, ':') == NULL;
}

static int check(
    const struct config *config, struct config_mailbox *m, struct error *err)
{
	if (!rule_plain_name(m->name))
		return WRONG(m->line,
		    "the mailbox's name '%.80s' has characters that names in "
		    "the log must not have, or more than 63 of them",
		    m->name);
	if (m->tls == CONFIG_TLS_NONE)
		return WRONG(m->line,
		    "mailbox '%s' would send its password in clear; write "
		    "tls = \"implicit\"; or \"starttls\"",
		    m->name);
	if (*m->host == '\0' || strpbrk(m->host, " /@[]") != NULL ||
	    has_port(m->host))
		return WRONG(m->line,
		    "the host of mailbox '%s' must be a name or an address "
		    "alone; a port goes into port",
		    m->name);
	if (*m->user == '\0')
		return WRONG(m->line,
		    "mailbox '%s' has no user; write the name to log in with, "
		    "such as user = \"review@example.com\";",
		    m->name);
	return check_use(config, m, err) ||
		       check_folder(config, m, "folder", m->folder, err) ||
		       check_folder(config, m, "done", m->done, err) ||
		       check_folder(config, m, "failed", m->failed, err) ||
		       check_folder(config, m, "approve", m->approve, err) ||
		       check_folder(config, m, "drop", m->drop, err) ||
		       check_alone(config, m, err) || read_files(config, m, err)
		   ? -1
		   : 0;
}

int account_check(struct config *config, struct error *err)
{
	size_t i;

	for (i = 0; i < config->n_mailboxes; i++) {
		derive(&config->mailboxes[i]);
		if (check(config, &config->mailboxes[i], err))
			return -1;
	}
	return 0;
}

/* ---- questions ---------------------------------------------------------- */

const struct config_mailbox *config_mailbox(
    const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->n_mailboxes; i++)
		if (strcmp(config->mailboxes[i].name, name) == 0)
			return &config->mailboxes[i];
	return NULL;
}

bool config_mailbox_same(
    const struct config_mailbox *a, const struct config_mailbox *b)
{
	return same(a->name, b->name) && same(a->host, b->host) &&
	       a->port == b->port && a->tls == b->tls &&
	       same(a->ca_file, b->ca_file) && same(a->user, b->user) &&
	       same_secret(a, b) && a->use == b->use &&
	       same(a->folder, b->folder) && same(a->done, b->done) &&
	       same(a->failed, b->failed) && same(a->agent, b->agent) &&
	       same(a->reviewer, b->reviewer) && same(a->approve, b->approve) &&
	       same(a->drop, b->drop) && a->settle_s == b->settle_s &&
	       a->level == b->level && a->timeout_s == b->timeout_s &&
	       a->poll_s == b->poll_s && a->mail_size == b->mail_size &&
	       a->retry_most_s == b->retry_most_s;
}

const char *config_mailbox_copy(
    const struct config *config, size_t n, const char *agent)
{
	const struct config_mailbox *m;
	size_t i;

	for (i = 0; i < config->n_mailboxes; i++) {
		m = &config->mailboxes[i];
		if (m->use == CONFIG_MAILBOX_SENT &&
		    (m->agent == NULL || strcmp(m->agent, agent) == 0) &&
		    n-- == 0)
			return m->name;
	}
	return NULL;
}

bool config_reviewer_answers(const struct config *config,
    const struct config_reviewer *reviewer, const char *medium)
{
	const struct config_mailbox *m = config_mailbox(config, medium);

	return config_reviewer_has(reviewer, medium) ||
	       (m != NULL && m->use == CONFIG_MAILBOX_REVIEW &&
		   strcmp(m->reviewer, reviewer->name) == 0);
}
