/*
 * slack_http: requests of Slack to us, for buttons, forms and events alike.
 * They are believed when their bytes are signed; what they say is left to
 * slack_act.c.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/slack/slack_ear.h"
#include "chat/slack/slack_sign.h"

#include "util/clock.h"
#include "util/httpd.h"
#include "util/log.h"
#include "util/mem.h"

/* a long text in no Latin script, twice, each sign escaped twice over */
#define BODY_MOST      ((size_t)4 * 1024 * 1024)
#define CHALLENGE_MOST 1000
#define COMPLAIN_MS    60000 /* one line in the log for so long */

struct pending {
	struct slack_take take;
	struct chat *chat;
	struct httpd_request *request;
	char *name; /* its signature */
};

static void reply(struct httpd_request *request, int status, const char *text)
{
	httpd_reply(
	    request, status, "text/plain", (struct span){text, strlen(text)});
}

/* Who sent it learns nothing; the log does, now and then. */
static void refuse(
    struct chat *chat, struct httpd_request *request, const char *why)
{
	struct slack_ear *ear = ((struct slack *)chat->own)->ear;
	int64_t now = clock_now_ms();

	if (ear->refused_ms == 0 || now - ear->refused_ms > COMPLAIN_MS ||
	    now < ear->refused_ms) {
		log_notice("chat %s request-refused peer=%s reason=\"%s\"",
		    chat->config->name, request->peer, why);
		ear->refused_ms = now;
	}
	snprintf(ear->refused, sizeof(ear->refused), "%s", why);
	reply(request, 401, "");
}

/* ---- what stands in it ----------------------------------------------------
 */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode a value of application/x-www-form-urlencoded.  -1: it is none. */
static int decode(struct span value, struct buf *out)
{
	size_t i;
	int high, low;

	for (i = 0; i < value.len; i++) {
		if (value.data[i] == '+') {
			buf_add_char(out, ' ');
		} else if (value.data[i] != '%') {
			buf_add_char(out, value.data[i]);
		} else {
			if (value.len - i < 3)
				return -1;
			high = hex_digit(value.data[i + 1]);
			low = hex_digit(value.data[i + 2]);
			if (high < 0 || low < 0 || high + low == 0)
				return -1;
			buf_add_char(out, (char)(high * 16 + low));
			i += 2;
		}
	}
	return out->overflow ? -1 : 0;
}

/* The field "payload" of a form, which is there once. */
static int payload_of(struct span body, struct span *payload)
{
	static const char name[] = "payload=";
	const char *s = body.data, *end = s + body.len, *stop;
	unsigned n = 0;

	for (; s < end; s = stop + 1) {
		stop = memchr(s, '&', (size_t)(end - s));
		if (stop == NULL)
			stop = end;
		if ((size_t)(stop - s) < sizeof(name) - 1 ||
		    memcmp(s, name, sizeof(name) - 1) != 0)
			continue;
		s += sizeof(name) - 1;
		*payload = (struct span){s, (size_t)(stop - s)};
		n++;
	}
	return n == 1 ? 0 : -1;
}

/* The JSON in a body: bare, of an event; in a form, of an interaction. */
static json_t *read_body(struct span body)
{
	struct span payload;
	json_t *json = NULL;
	struct buf text;

	if (body.len > 0 && body.data[0] == '{')
		return json_loadb(
		    body.data, body.len, JSON_REJECT_DUPLICATES, NULL);
	if (payload_of(body, &payload))
		return NULL;
	buf_init(&text, BODY_MOST);
	if (decode(payload, &text) == 0)
		json = json_loadb(
		    text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	buf_release(&text);
	return json;
}

/* ---- dealing with it ------------------------------------------------------
 */

static void on_taken(struct slack_take *take)
{
	struct pending *p = take->context;
	struct slack *slack = p->chat->own;

	if (take->lost)
		slack_seen_forget(slack->ear->seen, p->name);
	if (take->lost)
		reply(p->request, 503, "");
	else if (take->answer == NULL)
		reply(p->request, 200, "");
	else
		httpd_reply(p->request, 200, "application/json",
		    (struct span){take->answer, strlen(take->answer)});
	chat_unref(p->chat);
	free(p->name);
	free(p);
}

static void take_it(struct chat *chat, struct httpd_request *request,
    const json_t *json, const char *signature)
{
	struct pending *p = mem_zalloc(sizeof(*p));

	p->chat = chat_ref(chat);
	p->request = httpd_keep(request);
	p->name = mem_strdup(signature);
	p->take = (struct slack_take){
	    .payload = json, .done = on_taken, .context = p};
	slack_act(chat, &p->take);
}

/* The address is being set in the app's settings: say it back. */
static bool is_challenge(struct httpd_request *request, const json_t *json)
{
	const char *type = json_string_value(json_object_get(json, "type"));
	const char *challenge =
	    json_string_value(json_object_get(json, "challenge"));

	if (type == NULL || strcmp(type, "url_verification") != 0)
		return false;
	if (challenge == NULL || strlen(challenge) > CHALLENGE_MOST)
		reply(request, 400, "");
	else
		reply(request, 200, challenge);
	return true;
}

static void believe(
    struct chat *chat, struct httpd_request *request, const char *signature)
{
	struct slack_ear *ear = ((struct slack *)chat->own)->ear;
	json_t *json;

	ear->heard_ms = clock_now_ms();
	/* what came already was answered, or will be */
	if (!slack_seen_add(ear->seen, signature, clock_mono_ms())) {
		log_info("chat %s request-again", chat->config->name);
		reply(request, 200, "");
		return;
	}
	json = read_body(request->body);
	if (!json_is_object(json)) {
		log_notice("chat %s request-damaged", chat->config->name);
		reply(request, 400, "");
	} else if (!is_challenge(request, json)) {
		take_it(chat, request, json, signature);
	}
	json_decref(json);
}

void slack_http(struct httpd_request *request, void *chats)
{
	struct chat *chat = chat_named(chats, request->tail, CONFIG_CHAT_SLACK);
	const char *signature = httpd_field(request, "X-Slack-Signature"), *why;
	struct slack *slack;

	if (chat == NULL || chat->config->secret == NULL) {
		reply(request, 404, "");
		return;
	}
	slack = chat->own;
	if (chat->stopped || slack == NULL || slack->ear == NULL) {
		/* it does not know yet whose app it is: Slack tries again */
		reply(request, 503, "");
		return;
	}
	if (request->body.len > BODY_MOST) {
		refuse(chat, request, "it is too long");
		return;
	}
	why = slack_sign_wrong(chat->config->secret,
	    httpd_field(request, "X-Slack-Request-Timestamp"), signature,
	    request->body, clock_now_ms());
	if (why != NULL)
		refuse(chat, request, why);
	else
		believe(chat, request, signature);
}
