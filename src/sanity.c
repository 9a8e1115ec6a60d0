/*
 * sanity: one function per group of options, called in the order in which an
 * admin reads the file.  Single values are checked by setting.c before.
 */
#include "sanity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "message.h"
#include "network.h"
#include "util/digest.h"

/* Every complaint begins with the file's name. */
#define WRONG(...)                                                             \
	(error_set(err, ERROR_INVALID, __VA_ARGS__),                           \
	    error_prefix(err, "%s", config->file))

static int check_networks(const struct config *config, const char *owner,
    const char *const *networks, struct error *err)
{
	struct network n;

	for (; networks != NULL && *networks != NULL; networks++) {
		if (network_parse(&n, *networks, err))
			return error_prefix(err, "%s: %s", config->file, owner);
		if (network_is_wide(&n))
			return WRONG("'%s' trusts the network '%s': that would "
				     "be an open "
				     "relay; list only networks of your own",
			    owner, *networks);
	}
	return 0;
}

static int check_listener(const struct config *config,
    const struct config_listener *l, struct error *err)
{
	struct network address;
	bool loopback = config_is_loopback(l->address);

	if (network_parse(&address, l->address, NULL))
		return WRONG("the listener address '%s' is not numeric; write "
			     "\"127.0.0.1\", \"0.0.0.0\" or \"::\"",
		    l->address);
	if (l->tls != CONFIG_TLS_NONE &&
	    (config->certificate == NULL || config->key == NULL))
		return WRONG(
		    "the listener on '%s' wants TLS: set tls.certificate "
		    "and tls.key, or tls = \"none\" on a loopback address",
		    l->address);
	if (l->clear_auth && !loopback)
		return WRONG(
		    "the listener on '%s' has clear_auth: passwords would "
		    "cross the network in clear; use tls = \"starttls\"",
		    l->address);
	if (!l->agents && !l->reviews)
		return WRONG("the listener on '%s' takes neither agents nor "
			     "reviews",
		    l->address);
	if (l->reviews && !loopback &&
	    (l->review_networks == NULL || *l->review_networks == NULL))
		return WRONG(
		    "the listener on '%s' takes reviews from anywhere: a "
		    "reply's sender could be forged; listen on 127.0.0.1 "
		    "behind your mail server, or name that server in "
		    "review_networks",
		    l->address);
	return check_networks(config, l->address, l->review_networks, err);
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
	if (!agents)
		return WRONG("no listener takes agents; write listeners = ( { "
			     "address = \"127.0.0.1\"; port = 2525; tls = "
			     "\"none\"; } )");
	if (!reviews)
		return WRONG(
		    "no listener has reviews = true: nobody could answer "
		    "a notice by mail");
	return 0;
}

/* Names stand in the log and in lists; no separator may be in them. */
static bool plain_name(const char *name)
{
	const unsigned char *c = (const unsigned char *)name;

	for (; *c != '\0'; c++)
		if (*c <= ' ' || *c == 0x7f || strchr("\",:=", *c) != NULL)
			return false;
	return name[0] != '\0';
}

static int check_agent(const struct config *config,
    const struct config_agent *a, struct error *err)
{
	size_t i;

	if (!plain_name(a->name))
		return WRONG("the agent's name '%s' has characters that names "
			     "in the log must not have",
		    a->name);
	if (config_agent(config, a->name) != a)
		return WRONG("two agents are called '%s'", a->name);
	if (a->password == NULL && (a->networks == NULL || !*a->networks))
		return WRONG(
		    "agent '%s' has neither password nor networks: run "
		    "\"imprimatur password\" and paste its second line",
		    a->name);
	if (a->password != NULL && !digest_secret_valid(a->password))
		return WRONG(
		    "the password of agent '%s' is not in stored form: "
		    "run \"imprimatur password\" and paste its second "
		    "line",
		    a->name);
	if (a->senders == NULL || *a->senders == NULL)
		return WRONG(
		    "agent '%s' may use no sender address: set senders = "
		    "[ \"*@example.com\" ]",
		    a->name);
	for (i = 0; i < config->n_reviewers; i++)
		if (config_agent_may_send_as(a, config->reviewers[i].address))
			return WRONG(
			    "agent '%s' may send as '%s', who is a reviewer: "
			    "it "
			    "could answer for that person; narrow senders",
			    a->name, config->reviewers[i].address);
	return check_networks(config, a->name, a->networks, err);
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
			return WRONG("reviewers '%s' and '%s' have the same "
				     "address",
			    other->name, r->name);
	for (k = 0; k < r->users.n; k++)
		if (config_reviewer_of_uid(config, r->users.uids[k]) != r)
			return WRONG("a user of reviewer '%s' is another "
				     "reviewer's too",
			    r->name);
	if (r->maildir != NULL && *r->maildir != '/')
		return WRONG("the maildir of reviewer '%s' must be an absolute "
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
			return WRONG("two reviewers are called '%s'", r->name);
		if (!plain_name(r->name))
			return WRONG("the reviewer's name '%s' has characters "
				     "that names in the log must not have",
			    r->name);
		if (check_twins(config, r, err))
			return -1;
		if (!plain_address(r->address))
			return WRONG(
			    "reviewer '%s' has the address '%s', which is no "
			    "plain mail address",
			    r->name, r->address);
	}
	return 0;
}

static int read_password(struct config *config, struct error *err)
{
	struct config_relay *relay = &config->relay;
	char line[512] = "";
	struct stat st;
	FILE *in = fopen(relay->password_file, "re");
	bool ok;

	if (in == NULL)
		return WRONG("cannot read relay.password_file '%s': %s",
		    relay->password_file, strerror(errno));
	ok = fstat(fileno(in), &st) == 0 && (st.st_mode & 07) == 0;
	if (ok && fgets(line, sizeof(line), in) != NULL)
		line[strcspn(line, "\r\n")] = '\0';
	fclose(in);
	if (!ok)
		return WRONG(
		    "relay.password_file '%s' can be read by everybody: "
		    "chmod o= it",
		    relay->password_file);
	if (*line == '\0')
		return WRONG("relay.password_file '%s' has an empty first line",
		    relay->password_file);
	relay->password = arena_strdup(config->arena, line);
	explicit_bzero(line, sizeof(line));
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
	return read_password(config, err);
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
	return 0;
}

int sanity_check(struct config *config, struct error *err)
{
	return check_names(config, err) || check_listeners(config, err) ||
		       check_reviewers(config, err) ||
		       check_agents(config, err) || check_relay(config, err)
		   ? -1
		   : 0;
}
