/*
 * sanity: one function per group of options, called in the order in which an
 * admin reads the file.  Single values are checked by setting.c before.
 */
#include "config/sanity.h"

#include <string.h>
#include <strings.h>

#include "config/chat_written.h"
#include "config/network.h"
#include "config/rule.h"
#include "config/sanity_people.h"
#include "config/sanity_proof.h"
#include "config/sanity_secret.h"
#include "config/sanity_service.h"
#include "config/sanity_word.h"
#include "config/word.h"
#include "message.h"
#include "util/digest.h"

/* Every complaint begins with the file's name, and the line if there is one. */
#define WRONG(...)                                                             \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s", config->file))
#define WRONG_AT(line, ...)                                                    \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s:%u", config->file, line))

#define FEED_LEAST 16 /* characters */
#define FEED_MOST  64

struct networks {
	const char *owner;
	unsigned line;
	const char *const *list; /* or NULL */
};

static int check_networks(const struct config *config,
    const struct networks *networks, struct error *err)
{
	const char *const *name = networks->list;
	struct network n;

	for (; name != NULL && *name != NULL; name++) {
		if (network_parse(&n, *name, err))
			return error_prefix(err, "%s:%u: %s", config->file,
			    networks->line, networks->owner);
		if (network_is_wide(&n))
			return WRONG_AT(networks->line,
			    "'%s' trusts the network '%s': that would be an "
			    "open relay; list only networks of your own",
			    networks->owner, *name);
	}
	return 0;
}

static int check_listener(const struct config *config,
    const struct config_listener *l, struct error *err)
{
	struct network address;
	const struct networks networks = {
	    l->address, l->line, l->review_networks};
	bool loopback = config_is_loopback(l->address);

	if (network_parse(&address, l->address, NULL))
		return WRONG_AT(l->line,
		    "the listener address '%s' is not numeric; write "
		    "\"127.0.0.1\", \"0.0.0.0\" or \"::\"",
		    l->address);
	if (l->tls != CONFIG_TLS_NONE &&
	    (config->certificate == NULL || config->key == NULL))
		return WRONG_AT(l->line,
		    "the listener on '%s' wants TLS: set tls.certificate "
		    "and tls.key, or tls = \"none\" on a loopback address",
		    l->address);
	if (l->clear_auth && !loopback)
		return WRONG_AT(l->line,
		    "the listener on '%s' has clear_auth: passwords would "
		    "cross the network in clear; use tls = \"starttls\"",
		    l->address);
	if (!l->agents && !l->reviews)
		return WRONG_AT(l->line,
		    "the listener on '%s' takes neither agents nor "
		    "reviews",
		    l->address);
	return check_networks(config, &networks, err);
}

static int check_listeners(const struct config *config, struct error *err)
{
	bool reviews = false, agents = false;
	size_t i;

	for (i = 0; i < config->n_listeners; i++) {
		if (check_listener(config, &config->listeners[i], err))
			return -1;
		reviews = reviews || config->listeners[i].reviews;
		agents = agents || config->listeners[i].agents;
	}
	if (config->http_tls && config->http_address == NULL)
		return WRONG_AT(config->http_tls_line,
		    "http.tls stands there without http.address, so there is "
		    "no port; write address = \"0.0.0.0\"; or leave tls out");
	if (config->http_tls &&
	    (config->certificate == NULL || config->key == NULL))
		return WRONG_AT(config->http_tls_line,
		    "http.tls wants a certificate: set tls.certificate and "
		    "tls.key");
	if (!agents)
		return WRONG("no listener takes agents; write listeners = ( { "
			     "address = \"127.0.0.1\"; port = 2525; tls = "
			     "\"none\"; } )");
	for (i = 0; i < config->n_mailboxes; i++)
		reviews = reviews ||
			  config->mailboxes[i].use == CONFIG_MAILBOX_REPLIES;
	if (!reviews)
		return WRONG("no listener has reviews = true, and no mailbox "
			     "is read for replies: nobody could answer a "
			     "notice by mail");
	return 0;
}

static int check_agent(
    const struct config *config, struct config_agent *a, struct error *err)
{
	const struct networks networks = {a->name, a->line, a->networks};
	size_t i;

	if (!rule_plain_name(a->name))
		return WRONG_AT(a->line,
		    "the agent's name '%s' has characters that names "
		    "in the log must not have",
		    a->name);
	if (config_agent(config, a->name) != a)
		return WRONG_AT(a->line, "two agents are called '%s'", a->name);
	if (a->password == NULL && (a->networks == NULL || !*a->networks))
		return WRONG_AT(a->line,
		    "agent '%s' has neither password nor networks: run "
		    "\"imprimatur password\" and paste its second line",
		    a->name);
	if (a->password != NULL && !digest_secret_valid(a->password))
		return WRONG_AT(a->line,
		    "the password of agent '%s' is not in stored form: "
		    "run \"imprimatur password\" and paste its second "
		    "line",
		    a->name);
	if (a->senders == NULL || *a->senders == NULL)
		return WRONG_AT(a->line,
		    "agent '%s' may use no sender address: set senders = "
		    "[ \"*@example.com\" ]",
		    a->name);
	for (i = 0; i < config->n_reviewers; i++)
		if (config_agent_may_send_as(a, config->reviewers[i].address))
			return WRONG_AT(a->line,
			    "agent '%s' may send as '%s', who is a reviewer: "
			    "it "
			    "could answer for that person; narrow senders",
			    a->name, config->reviewers[i].address);
	return check_networks(config, &networks, err) ||
		       sanity_word(config, a, err)
		   ? -1
		   : 0;
}

static int check_agents(const struct config *config, struct error *err)
{
	size_t i;

	if (config->n_agents == 0)
		return WRONG("there are no agents: nobody could submit mail");
	for (i = 0; i < config->n_agents; i++)
		if (check_agent(config, &config->agents[i], err))
			return -1;
	return 0;
}

/* Addresses go into headers and SMTP commands as they stand. */
static bool plain_address(const char *address)
{
	const char *at = strchr(address, '@');
	const unsigned char *c = (const unsigned char *)address;

	for (; *c != '\0'; c++)
		if (*c <= ' ' || *c >= 0x7f || strchr("<>()[],;:\\\"", *c))
			return false;
	return at != NULL && at > address && at[1] != '\0' &&
	       strchr(at + 1, '@') == NULL;
}

/* One address or one user that would be two people counts them wrongly. */
static int check_twins(const struct config *config,
    const struct config_reviewer *r, struct error *err)
{
	const struct config_reviewer *other;
	size_t k;

	for (other = config->reviewers; other < r; other++)
		if (message_same_address(other->address, r->address))
			return WRONG_AT(r->line,
			    "reviewers '%s' and '%s' have the same "
			    "address",
			    other->name, r->name);
	for (k = 0; k < r->users.n; k++)
		if (config_reviewer_of_uid(config, r->users.uids[k]) != r)
			return WRONG_AT(r->line,
			    "a user of reviewer '%s' is another "
			    "reviewer's too",
			    r->name);
	if (r->maildir != NULL && *r->maildir != '/')
		return WRONG_AT(r->line,
		    "the maildir of reviewer '%s' must be an absolute "
		    "path",
		    r->name);
	return 0;
}

static int check_reviewers(const struct config *config, struct error *err)
{
	const struct config_reviewer *r;
	size_t i;

	if (config->n_reviewers == 0)
		return WRONG("there are no reviewers: nothing could ever be "
			     "approved");
	for (i = 0; i < config->n_reviewers; i++) {
		r = &config->reviewers[i];
		if (config_reviewer(config, r->name) != r)
			return WRONG_AT(
			    r->line, "two reviewers are called '%s'", r->name);
		if (config_agent(config, r->name) != NULL)
			return WRONG_AT(r->line,
			    "the reviewer '%s' has the name of an agent, and "
			    "agents never decide; rename one of them",
			    r->name);
		if (!rule_plain_name(r->name))
			return WRONG_AT(r->line,
			    "the reviewer's name '%s' has characters "
			    "that names in the log must not have",
			    r->name);
		if (check_twins(config, r, err))
			return -1;
		if (!plain_address(r->address))
			return WRONG_AT(r->line,
			    "reviewer '%s' has the address '%s', which is no "
			    "plain mail address",
			    r->name, r->address);
	}
	return 0;
}

static int check_relay(struct config *config, struct error *err)
{
	struct config_relay *relay = &config->relay;

	if ((relay->host == NULL) == (relay->maildir == NULL))
		return WRONG("set either relay.host or relay.maildir: where "
			     "approved mail goes");
	if (relay->maildir != NULL && *relay->maildir != '/')
		return WRONG("relay.maildir '%s' must be an absolute path",
		    relay->maildir);
	if (relay->user == NULL && relay->password_file == NULL)
		return 0;
	if (relay->user == NULL || relay->password_file == NULL)
		return WRONG("relay.user and relay.password_file go together");
	if (relay->tls == CONFIG_TLS_NONE)
		return WRONG(
		    "relay.user needs TLS: the password would cross the "
		    "network in clear");
	return sanity_secret(config->arena, "relay.password_file",
		   relay->password_file, &relay->password, err)
		   ? error_prefix(err, "%s", config->file)
		   : 0;
}

/* Its local part is a secret, so it is not repeated. */
static int check_feed(const struct config *config, struct error *err)
{
	const struct config_review *review = &config->review;
	size_t len;

	if (review->feed == NULL)
		return 0;
	len = strlen(review->feed);
	if (strspn(review->feed,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-") != len)
		return WRONG_AT(review->feed_line,
		    "review.feed is the part before the @ of an address in "
		    "review.domain: letters, digits and hyphens alone");
	if (len < FEED_LEAST || len > FEED_MOST)
		return WRONG_AT(review->feed_line,
		    "review.feed must have %d to %d characters that nobody "
		    "can guess, such as the output of: openssl rand -hex 12",
		    FEED_LEAST, FEED_MOST);
	if (strncasecmp(review->feed, "d-", 2) == 0)
		return WRONG_AT(review->feed_line,
		    "review.feed must not begin with \"d-\", as reply "
		    "addresses do");
	return 0;
}

static int check_names(const struct config *config, struct error *err)
{
	if (strpbrk(config->hostname, " \t\r\n<>@") != NULL ||
	    *config->hostname == '\0')
		return WRONG(
		    "hostname '%s' is no name of a host", config->hostname);
	if (*config->state_dir != '/')
		return WRONG("state_dir '%s' must be an absolute path",
		    config->state_dir);
	if (*config->control != '/' || strlen(config->control) > 100)
		return WRONG(
		    "control '%s' must be an absolute path of at most 100 "
		    "characters",
		    config->control);
	if (!plain_address(config->review.from))
		return WRONG("review.from '%s' is no plain mail address",
		    config->review.from);
	if (config->review.domain[0] == '\0' ||
	    strpbrk(config->review.domain, "@<> \t\r\n") != NULL)
		return WRONG(
		    "review.domain '%s' is no domain", config->review.domain);
	if (check_feed(config, err))
		return -1;
	if (word_check(config->file, config->review.words,
		config->review.n_words, err))
		return -1;
	if (word_check_banners(config->review.banners, config->review.words,
		config->review.n_words, err))
		return error_prefix(err, "%s:%u: review.banners", config->file,
		    config->review.banners_line);
	return 0;
}

int sanity_check(struct config *config, struct error *err)
{
	return check_names(config, err) || check_listeners(config, err) ||
		       check_reviewers(config, err) ||
		       check_agents(config, err) ||
		       sanity_service(config, err) || chat_check(config, err) ||
		       sanity_people(config, err) ||
		       sanity_proof(config, err) || check_relay(config, err)
		   ? -1
		   : 0;
}
