/*
 * slack_call: one call of Slack's Web API, and what its errors mean.  What is
 * called for, and what becomes of the chat, is left to the others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack.h"

#include "util/fetch.h"
#include "util/mem.h"

#define ANSWER_MAX ((size_t)4 * 1024 * 1024)

struct slack_job {
	struct fetch_ask ask;
	struct chat *chat;
	struct slack_call *call; /* NULL: it was given back */
	char *url, *body, *token;
	const char *headers[3];
	struct slack_job *next;
};

/* ---- what Slack's words mean --------------------------------------------- */

#define APP "https://api.slack.com/apps"

/* Of each: what is to become of the call, and what is to be done. */
static const struct meaning {
	const char *code;
	enum chat_sent sent;
	const char *advice; /* somebody must mend the app; NULL: not so */
} meanings[] = {
    {"ratelimited", CHAT_LATER, NULL},
    {"rate_limited", CHAT_LATER, NULL},
    {"message_limit_exceeded", CHAT_LATER, NULL},
    {"internal_error", CHAT_LATER, NULL},
    {"fatal_error", CHAT_LATER, NULL},
    {"service_unavailable", CHAT_LATER, NULL},
    {"request_timeout", CHAT_LATER, NULL},
    {"team_added_to_org", CHAT_LATER, NULL},
    {"external_channel_migrating", CHAT_LATER, NULL},
    {"message_not_found", CHAT_GONE, NULL},
    {"cant_update_message", CHAT_GONE, NULL},
    {"edit_window_closed", CHAT_GONE, NULL},
    {"thread_not_found", CHAT_GONE, NULL},
    {"cannot_reply_to_message", CHAT_GONE, NULL},
    {"invalid_auth", CHAT_LATER,
	"its token is not accepted: install the app once more at " APP
	" and write the new token into token_file"},
    {"not_authed", CHAT_LATER, "its token did not reach Slack: see token_file"},
    {"token_revoked", CHAT_LATER,
	"its token was revoked: install the app once more at " APP
	" and write the new token into token_file"},
    {"token_expired", CHAT_LATER,
	"its token has expired: switch token rotation off at " APP
	" and write the new token into token_file"},
    {"account_inactive", CHAT_LATER,
	"the app was removed from the workspace: install it once more at " APP
	" and write the new token into token_file"},
    {"not_allowed_token_type", CHAT_LATER,
	"its token is of the wrong kind: token_file wants the bot's, which "
	"begins with xoxb-"},
    {"missing_scope", CHAT_LATER,
	"the app lacks a scope: add it under OAuth & Permissions at " APP
	" and install the app once more"},
    {"no_permission", CHAT_LATER,
	"the app may not do that: see its scopes under OAuth & Permissions "
	"at " APP},
    {"not_in_channel", CHAT_LATER,
	"the app is not in its channel: write /invite and its name there"},
    {"channel_not_found", CHAT_LATER,
	"there is no such channel, or it is private and the app is not in it: "
	"write /invite and its name there, and see the option channel"},
    {"is_archived", CHAT_LATER,
	"its channel is archived: give another one, or bring it back"},
    {"restricted_action", CHAT_LATER,
	"the workspace does not let apps post in this channel: ask its "
	"administrator"},
    {"restricted_action_read_only_channel", CHAT_LATER,
	"its channel is read-only: give another one"},
    {"restricted_action_thread_locked", CHAT_GONE, NULL},
    {"team_access_not_granted", CHAT_LATER,
	"the app is not approved for this workspace: ask its administrator"},
    {"org_login_required", CHAT_LATER,
	"the workspace is being moved: ask its administrator"},
    {"ekm_access_denied", CHAT_LATER,
	"the workspace's administrator has stopped all posting"},
    {"access_denied", CHAT_LATER,
	"the workspace does not let the app in: ask its administrator"},
};

static const struct meaning *meaning_of(const char *code)
{
	size_t i;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(meanings[i].code, code) == 0)
			return &meanings[i];
	return NULL;
}

/* The same of the app's own token, which opens the socket. */
static const char app_token[] =
    "its app-level token is not accepted: make one with the scope "
    "connections:write at " APP ", Basic Information, and write it into "
    "app_token_file";

static const char *advice_of(
    const struct slack_call *call, const struct meaning *meaning)
{
	static const char *const of_tokens[] = {"invalid_auth", "not_authed",
	    "token_revoked", "token_expired", "not_allowed_token_type",
	    "missing_scope", "no_permission"};
	size_t i;

	for (i = 0; call->app && i < sizeof(of_tokens) / sizeof(*of_tokens);
	     i++)
		if (strcmp(of_tokens[i], meaning->code) == 0)
			return app_token;
	return meaning->advice;
}

/* Only what is a word of theirs: it goes into logs. */
static void copy_word(char *out, size_t size, const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_:.,-");

	snprintf(out, size, "%.*s", (int)(n < size ? n : size - 1), word);
}

static void refused(struct slack_call *call)
{
	const char *code =
	    json_string_value(json_object_get(call->answer, "error"));
	const char *needed =
	    json_string_value(json_object_get(call->answer, "needed"));
	const struct meaning *meaning;
	char scope[64] = "";

	copy_word(call->code, sizeof(call->code), code == NULL ? "" : code);
	if (call->code[0] == '\0')
		memcpy(call->code, "unknown", sizeof("unknown"));
	meaning = meaning_of(call->code);
	call->sent = meaning == NULL ? CHAT_NEVER : meaning->sent;
	call->broken = meaning != NULL && meaning->advice != NULL;
	if (needed != NULL)
		copy_word(scope, sizeof(scope), needed);
	if (!call->broken)
		error_set(&call->error,
		    call->sent == CHAT_LATER ? ERROR_BUSY : ERROR_INVALID,
		    "Slack refused it: %s", call->code);
	else
		error_set(&call->error, ERROR_DENIED, "%s (%s%s%s)",
		    advice_of(call, meaning), call->code,
		    *scope == '\0' ? "" : ": ", scope);
}

/* ---- the answer ------------------------------------------------------------
 */

static void later(struct slack_call *call, const char *what)
{
	call->sent = CHAT_LATER;
	error_set(&call->error, ERROR_BUSY, "Slack %s", what);
}

static void read_answer(struct slack_call *call, const struct fetch_ask *ask)
{
	char what[64];

	call->retry_ms = ask->retry_ms;
	call->date_ms = ask->date_ms;
	call->scopes = ask->found[0] == '\0' ? NULL : ask->found;
	if (ask->error.kind != ERROR_NONE) {
		later(call, ask->error.text);
		return;
	}
	if (ask->status == 429) {
		memcpy(call->code, "ratelimited", sizeof("ratelimited"));
		later(call, "wants us to go slower");
		return;
	}
	if (ask->status != 200) {
		snprintf(what, sizeof(what), "answered with HTTP status %ld",
		    ask->status);
		later(call, what);
		return;
	}
	call->answer =
	    json_loadb(ask->answer.data, ask->answer.len, JSON_ALLOW_NUL, NULL);
	if (!json_is_object(call->answer)) {
		json_decref(call->answer);
		call->answer = NULL;
		later(call, "answered what is no JSON object");
	} else if (json_is_true(json_object_get(call->answer, "ok")))
		call->sent = CHAT_SENT;
	else
		refused(call);
}

/* done() may free the call. */
static void end_call(struct slack_call *call)
{
	json_t *answer = call->answer;

	call->done(call);
	json_decref(answer);
}

static void free_job(struct slack_job *job)
{
	struct chat *chat = job->chat;

	buf_release(&job->ask.answer);
	free(job->url);
	free(job->body);
	free(job->token);
	free(job);
	chat_unref(chat);
}

static void on_done(struct fetch_ask *ask)
{
	struct slack_job **at, *job = ask->context;
	struct slack_call *call = job->call;
	struct slack *slack = job->chat->own;

	if (call == NULL) { /* given back already */
		free_job(job);
		return;
	}
	for (at = &slack->jobs; *at != job; at = &(*at)->next)
		;
	*at = job->next;
	read_answer(call, ask);
	end_call(call);
	free_job(job);
}

void slack_call(struct chat *chat, struct slack_call *call)
{
	struct slack *slack = chat->own;
	struct slack_job *job = mem_zalloc(sizeof(*job));
	const struct config_chat *config = chat->config;
	const char *body = call->form != NULL	? call->form
			   : call->json != NULL ? call->json
						: "{}";
	size_t len = strlen(config->url);

	call->answer = NULL;
	call->scopes = NULL;
	call->code[0] = '\0';
	call->retry_ms = call->date_ms = 0;
	call->broken = false;
	call->error = (struct error)ERROR_INIT;
	job->chat = chat_ref(chat);
	job->call = call;
	job->url = mem_printf("%.*s/%s",
	    (int)(len > 0 && config->url[len - 1] == '/' ? len - 1 : len),
	    config->url, call->method);
	job->body = mem_strdup(body);
	job->token = mem_printf("Authorization: Bearer %s",
	    call->app ? config->app_token : config->token);
	job->headers[0] = job->token;
	job->headers[1] =
	    call->form != NULL
		? "Content-Type: application/x-www-form-urlencoded"
		: "Content-Type: application/json; charset=utf-8";
	job->ask = (struct fetch_ask){
	    .url = job->url,
	    .headers = job->headers,
	    .body = {job->body, strlen(job->body)},
	    .deadline_ms = config->deadline_ms,
	    .answer_max = ANSWER_MAX,
	    .ca_file = config->ca_file,
	    .wants = "X-OAuth-Scopes",
	    .once = call->form == NULL,
	    .done = on_done,
	    .context = job,
	};
	job->next = slack->jobs;
	slack->jobs = job;
	fetch_ask(chat->fetch, &job->ask);
}

void slack_call_stop(struct slack *slack)
{
	struct slack_job *job;
	struct slack_call *call;

	while ((job = slack->jobs) != NULL) {
		slack->jobs = job->next;
		call = job->call;
		job->call = NULL;
		fetch_cancel(&job->ask);
		later(call, "was not waited for: the chat was stopped");
		end_call(call);
	}
}
