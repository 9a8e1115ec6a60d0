/*
 * accept-fixture: the values that most tries of the room share; a test changes
 * what it is about.
 */
#include "accept-fixture.h"

#include <stdlib.h>

#include "message.h"
#include "util/arena.h"
#include "util/digest.h"

static const char *secret(struct arena *arena, const char *text, bool chosen)
{
	char *stored = digest_secret_store(text, chosen);
	const char *copy = arena_strdup(arena, stored);

	free(stored);
	return copy;
}

static const char *const demo_senders[] = {
    "*@demo.example", "*@corp.example", NULL};
static const char *const slow_senders[] = {"s@slow.example", NULL};
static const char *const local_senders[] = {"*@local.example", NULL};
static const char *const local_networks[] = {"192.0.2.0/24", NULL};

static void add_agents(struct config *config, bool slow)
{
	struct config_agent *agents =
	    arena_alloc(config->arena, 3 * sizeof(*agents));

	agents[0] = (struct config_agent){.name = "demo",
	    .password = secret(config->arena, "demo", false),
	    .senders = demo_senders};
	agents[1] = (struct config_agent){.name = "local",
	    .networks = local_networks,
	    .senders = local_senders};
	config->n_agents = 2;
	if (slow) {
		agents[2] = (struct config_agent){.name = "slow",
		    .password = secret(config->arena, "slow", true),
		    .senders = slow_senders};
		config->n_agents = 3;
	}
	config->agents = agents;
}

struct config *fixture_config(bool slow)
{
	struct arena *arena = arena_new();
	struct config *config = arena_alloc(arena, sizeof(*config));

	config->arena = arena;
	config->hostname = "mx.test";
	config->n_listeners = 1;
	config->listeners = arena_alloc(arena, sizeof(*config->listeners));
	config->listeners[0] = (struct config_listener){
	    .address = "127.0.0.1",
	    .clear_auth = true,
	    .agents = true,
	    .reviews = true,
	};
	config->limits = (struct config_limits){
	    .message_size = 1024 * 1024,
	    .recipients = 100,
	    .connections = 1000,
	    .connections_per_peer = 200,
	    .errors = 10,
	    .command_timeout_s = 300,
	    .data_timeout_s = 180,
	    .message_timeout_s = 1800,
	    .auth_failures = 10,
	    .received = 30,
	};
	add_agents(config, slow);
	return config;
}

void fixture_free(struct config *config)
{
	if (config != NULL)
		arena_free(config->arena);
}

enum accept_address fixture_address(
    const char *address, int64_t *notice, void *context)
{
	(void)context;
	if (message_same_address(address, FIXTURE_REVIEW)) {
		*notice = 7;
		return ACCEPT_REVIEW;
	}
	return message_address_fits(address, "*@review.localhost")
		   ? ACCEPT_FORGED
		   : ACCEPT_NOT_REVIEW;
}
