/*
 * admin: the kill switch, the audit log, reloading and passwords.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "ctl/call.h"
#include "ctl/ctl.h"

#include "util/digest.h"

#define SECRET_BYTES 16 /* 128 bits */

static void put_past_dot(const json_t *answer)
{
	const json_t *list = json_object_get(answer, "past_dot"), *draft;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	printf("already handed to the relay host:");
	json_array_foreach(list, i, draft)
	    printf(" %" JSON_INTEGER_FORMAT, json_integer_value(draft));
	putchar('\n');
}

static int gate(struct ctl *ctl, bool stop)
{
	const char *agent = ctl->argc > 0 ? ctl->argv[0] : NULL;
	struct error err = ERROR_INIT;
	json_t *answer;

	if (ctl->argc > 1)
		return ctl_usage(stop ? "stop" : "start", "one agent at most");
	answer = call_post(stop ? "/v1/stop" : "/v1/start",
	    json_pack("{s:s*}", "agent", agent), NULL, &err);
	if (answer == NULL)
		return ctl_fail(&err);
	if (ctl->json)
		return ctl_print(answer);
	printf(stop ? "stopped: nothing of %s leaves; intake and review go on\n"
		    : "started: what was approved of %s leaves again\n",
	    agent ? agent : "any agent");
	put_past_dot(answer);
	json_decref(answer);
	return EX_OK;
}

int ctl_stop(struct ctl *ctl)
{
	return gate(ctl, true);
}

int ctl_start(struct ctl *ctl)
{
	return gate(ctl, false);
}

int ctl_audit(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	json_t *answer;
	bool right;

	if (ctl->argc != 1 || strcmp(ctl->argv[0], "verify") != 0)
		return ctl_usage("audit", "the one thing to do is verify");
	answer = call_get("/v1/audit", &err);
	if (answer == NULL)
		return ctl_fail(&err);
	right = json_is_true(json_object_get(answer, "right"));
	if (ctl->json) {
		ctl_print(answer);
		return right ? EX_OK : EX_DATAERR;
	}
	if (right)
		printf("the audit log is whole: %" JSON_INTEGER_FORMAT
		       " rows\nhead %s\nkeep the head elsewhere, to prove "
		       "later that nothing was cut off\n",
		    json_integer_value(json_object_get(answer, "rows")),
		    ctl_text(answer, "head"));
	else
		printf("THE LEDGER WAS CHANGED: row %" JSON_INTEGER_FORMAT
		       " of the audit log: %s\n",
		    json_integer_value(json_object_get(answer, "first_bad")),
		    ctl_text(answer, "why"));
	json_decref(answer);
	return right ? EX_OK : EX_DATAERR;
}

int ctl_reload(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	json_int_t channels;
	json_t *answer;

	if (ctl->argc > 0)
		return ctl_usage("reload", "it takes no arguments: the daemon "
					   "knows its configuration");
	answer = call_post("/v1/reload", json_object(), NULL, &err);
	if (answer == NULL) {
		ctl_fail(&err);
		return err.kind == ERROR_INVALID ? EX_CONFIG : EX_UNAVAILABLE;
	}
	if (ctl->json) {
		ctl_print(answer);
		return EX_OK;
	}
	channels = json_integer_value(json_object_get(answer, "channels"));
	printf("reloaded: configuration %.12s, %" JSON_INTEGER_FORMAT
	       " channel%s\n",
	    ctl_text(answer, "config"), channels, channels == 1 ? "" : "s");
	json_decref(answer);
	return EX_OK;
}

static int chosen_password(char *secret, size_t size)
{
	char *typed;

	if (!isatty(STDIN_FILENO)) {
		if (fgets(secret, (int)size, stdin) == NULL)
			return -1;
		secret[strcspn(secret, "\r\n")] = '\0';
	} else {
		typed = getpass("password: ");
		if (typed == NULL)
			return -1;
		snprintf(secret, size, "%s", typed);
		explicit_bzero(typed, strlen(typed));
	}
	return strlen(secret) < 8 ? -1 : 0;
}

int ctl_password(struct ctl *ctl)
{
	bool chosen = ctl_take_flag(ctl, "--chosen");
	unsigned char bytes[SECRET_BYTES];
	char secret[256], *stored;

	if (ctl->argc > 0)
		return ctl_usage("password", "it takes no arguments: a secret "
					     "on a command line is none");
	if (chosen && chosen_password(secret, sizeof(secret)))
		return ctl_usage("password", "at least 8 characters");
	if (!chosen) {
		digest_random(bytes, sizeof(bytes));
		digest_base32(bytes, sizeof(bytes), secret);
	}
	stored = digest_secret_store(secret, chosen);
	if (ctl->json)
		ctl_print(json_pack("{s:s*, s:s}", "secret",
		    chosen ? NULL : secret, "stored", stored));
	else if (chosen)
		printf("password = \"%s\";\n", stored);
	else
		printf("for the agent:      %s\n"
		       "for the config:     password = \"%s\";\n",
		    secret, stored);
	explicit_bzero(secret, sizeof(secret));
	free(stored);
	return EX_OK;
}
