/*
 * auth: the check of one name and secret.  How they are said on the wire is
 * left to sasl.c, how often a peer may be wrong to peer.c.
 */
#include "accept/auth.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/digest.h"
#include "util/job.h"
#include "util/mem.h"

#define MEMORY_SLOTS 256
#define KEY_SIZE     32

/* A password that was right; told by an HMAC with a key of this process. */
struct memory {
	unsigned char mac[DIGEST_SIZE];
	int64_t until_ms;
};

struct auth {
	const struct config *config;
	struct job_queue *jobs;
	char *nobody; /* stored form of a secret that nobody has */
	bool slow;    /* some agent's password is dear to check */
	unsigned char key[KEY_SIZE];
	struct memory memory[MEMORY_SLOTS];
	struct auth_login *logins; /* on their way */
	unsigned n_logins;
};

struct auth_login {
	struct job job;
	struct auth *auth;	     /* NULL: it has gone */
	const struct config *config; /* agent's; a reference */
	struct auth_login *prev, *next;
	const struct config_agent
	    *agent; /* NULL: whatever is checked, refuse */
	char *stored, *secret;
	size_t secret_len;
	bool match; /* result */
	unsigned char mac[DIGEST_SIZE];
	void (*done)(const struct config_agent *agent, void *context);
	void *context;
};

static bool any_slow(const struct config *config)
{
	size_t i;

	for (i = 0; i < config->n_agents; i++)
		if (config->agents[i].password != NULL &&
		    digest_secret_slow(config->agents[i].password))
			return true;
	return false;
}

struct auth *auth_new(const struct config *config, struct job_queue *jobs)
{
	struct auth *auth = mem_zalloc(sizeof(*auth));

	auth->config = config_ref(config);
	auth->jobs = jobs;
	auth->slow = any_slow(config);
	digest_random(auth->key, sizeof(auth->key));
	auth->nobody = digest_secret_nobody(auth->slow);
	return auth;
}

void auth_renew(struct auth *auth, const struct config *config)
{
	bool slow = any_slow(config);

	config_unref(auth->config);
	auth->config = config_ref(config);
	if (slow == auth->slow)
		return;
	auth->slow = slow;
	free(auth->nobody);
	auth->nobody = digest_secret_nobody(slow);
}

void auth_free(struct auth *auth)
{
	struct auth_login *login;

	if (auth == NULL)
		return;
	for (login = auth->logins; login != NULL; login = login->next) {
		login->auth = NULL;
		login->done = NULL;
	}
	free(auth->nobody);
	config_unref(auth->config);
	explicit_bzero(auth, sizeof(*auth));
	free(auth);
}

/* Name, stored form and secret in one value, so that no change is missed. */
static void mac_of(const struct auth *auth, const struct config_agent *agent,
    struct span secret, unsigned char mac[DIGEST_SIZE])
{
	struct buf all;

	buf_init(&all, 64 * 1024);
	buf_add(&all, agent->name, strlen(agent->name) + 1);
	buf_add(&all, agent->password, strlen(agent->password) + 1);
	buf_add_span(&all, secret);
	digest_hmac(auth->key, KEY_SIZE, all.data, all.len, mac);
	if (all.len > 0)
		explicit_bzero(all.data, all.len);
	buf_release(&all);
}

static bool remembered(
    const struct auth *auth, const unsigned char mac[DIGEST_SIZE])
{
	const struct memory *m = &auth->memory[mac[0] % MEMORY_SLOTS];

	return clock_mono_ms() < m->until_ms &&
	       digest_equal(m->mac, mac, DIGEST_SIZE);
}

static void remember(struct auth *auth, const unsigned char mac[DIGEST_SIZE])
{
	struct memory *m = &auth->memory[mac[0] % MEMORY_SLOTS];

	memcpy(m->mac, mac, DIGEST_SIZE);
	m->until_ms = clock_mono_ms() + AUTH_MEMORY_MS;
}

/* ---- the dear way -------------------------------------------------------- */

static void on_thread(struct job *job)
{
	struct auth_login *login = (struct auth_login *)job;

	login->match = digest_secret_match(
	    login->stored, login->secret, login->secret_len);
}

static void unlink_login(struct auth_login *login)
{
	struct auth *auth = login->auth;

	if (login->prev != NULL)
		login->prev->next = login->next;
	else
		auth->logins = login->next;
	if (login->next != NULL)
		login->next->prev = login->prev;
	auth->n_logins--;
}

static void on_loop(struct job *job)
{
	struct auth_login *login = (struct auth_login *)job;
	const struct config_agent *agent = login->match ? login->agent : NULL;

	if (login->auth != NULL) {
		unlink_login(login);
		if (agent != NULL)
			remember(login->auth, login->mac);
	}
	if (login->done != NULL)
		login->done(agent, login->context);
	config_unref(login->config);
	explicit_bzero(login->secret, login->secret_len);
	free(login->secret);
	free(login->stored);
	free(login);
}

/* agent: NULL when the result is to be a refusal in any case. */
static enum auth_result check_on_thread(struct auth *auth,
    const struct auth_question *question, const struct config_agent *agent,
    struct auth_login **out)
{
	struct auth_login *login;

	if (auth->n_logins == AUTH_WAITING_MOST)
		return AUTH_BUSY;
	login = mem_zalloc(sizeof(*login));
	login->job.run = on_thread;
	login->job.done = on_loop;
	login->auth = auth;
	login->config = config_ref(auth->config);
	login->agent = agent;
	login->stored = mem_strdup(agent ? agent->password : auth->nobody);
	login->secret = mem_dup(question->secret.data, question->secret.len);
	login->secret_len = question->secret.len;
	if (agent != NULL)
		mac_of(auth, agent, question->secret, login->mac);
	login->done = question->done;
	login->context = question->context;
	login->next = auth->logins;
	if (auth->logins != NULL)
		auth->logins->prev = login;
	auth->logins = login;
	auth->n_logins++;
	job_submit(auth->jobs, &login->job);
	*out = login;
	return AUTH_PENDING;
}

void auth_forget(struct auth_login *login)
{
	if (login != NULL)
		login->done = NULL;
}

/* ---- both ways ----------------------------------------------------------- */

enum auth_result auth_check(struct auth *auth,
    const struct auth_question *question, const struct config_agent **agent,
    struct auth_login **login)
{
	const struct config_agent *known =
	    config_agent(auth->config, question->name);
	unsigned char mac[DIGEST_SIZE];
	const char *stored;

	if (known != NULL && known->password == NULL)
		known = NULL;
	stored = known ? known->password : auth->nobody;
	if (!digest_secret_slow(stored)) {
		if (digest_secret_match(
			stored, question->secret.data, question->secret.len) &&
		    known != NULL) {
			*agent = known;
			return AUTH_GRANTED;
		}
		/* a refusal costs the same for everybody */
		return auth->slow ? check_on_thread(auth, question, NULL, login)
				  : AUTH_REFUSED;
	}
	if (known != NULL) {
		mac_of(auth, known, question->secret, mac);
		if (remembered(auth, mac)) {
			*agent = known;
			return AUTH_GRANTED;
		}
	}
	return check_on_thread(auth, question, known, login);
}
