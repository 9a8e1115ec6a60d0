/*
 * greet: one function for each reply that is waited for.  The handshake itself
 * is relay.c's.
 */
#include "send/greet.h"

#include <stdio.h>

#include "send/say.h"

static enum greet_next stop(
    struct greet *g, enum greet_next next, const char *why)
{
	snprintf(g->why, sizeof(g->why), "%s", why);
	return next;
}

/* Anything but what was hoped for. */
static enum greet_next rebuffed(struct greet *g, const struct answer *answer)
{
	if (answer->code < 400)
		return GREET_NONSENSE;
	answer_words(answer, g->why);
	return GREET_BROKEN;
}

static enum greet_next say_ehlo(struct greet *g, struct buf *out)
{
	buf_addf(out, "EHLO %s\r\n", g->settings->hostname);
	g->at = GREET_AT_EHLO;
	return GREET_MORE;
}

static enum greet_next on_greeting(
    struct greet *g, const struct answer *answer, struct buf *out)
{
	return answer->code == 220 ? say_ehlo(g, out) : rebuffed(g, answer);
}

static enum greet_next log_in(struct greet *g, struct buf *out)
{
	const struct client_settings *s = g->settings;

	if (!g->secure)
		return stop(
		    g, GREET_DENIED, "the password is not sent without TLS");
	if (g->offer.plain) {
		say_plain(out, s->user, s->password);
		g->at = GREET_AT_PLAIN;
	} else if (g->offer.login) {
		buf_add_str(out, "AUTH LOGIN\r\n");
		g->at = GREET_AT_LOGIN;
	} else {
		return stop(g, GREET_DENIED,
		    "the relay host offers neither AUTH PLAIN nor AUTH LOGIN");
	}
	return GREET_MORE;
}

static enum greet_next on_ehlo(
    struct greet *g, const struct answer *answer, struct buf *out)
{
	if (answer->code != 250)
		return rebuffed(g, answer);
	offer_read(&g->offer, answer);
	if (g->settings->tls != CONFIG_TLS_NONE && !g->secure) {
		if (!g->offer.starttls)
			return stop(g, GREET_BROKEN,
			    "the relay host does not offer STARTTLS");
		buf_add_str(out, "STARTTLS\r\n");
		g->at = GREET_AT_STARTTLS;
		return GREET_MORE;
	}
	return g->settings->user == NULL ? GREET_DONE : log_in(g, out);
}

static enum greet_next on_starttls(
    struct greet *g, const struct answer *answer, struct buf *out)
{
	(void)out;
	if (answer->code != 220)
		return rebuffed(g, answer);
	g->at = GREET_AT_HANDSHAKE;
	return GREET_SECURE;
}

/* A hostile host could echo the password: only the numbers are kept. */
static enum greet_next denied(struct greet *g, const struct answer *answer)
{
	char status[ANSWER_STATUS_SIZE];

	if (answer->code < 400)
		return GREET_NONSENSE;
	answer_status(answer, status);
	snprintf(g->why, sizeof(g->why), "AUTH was answered with %u%s%s",
	    answer->code, *status == '\0' ? "" : " ", status);
	return answer->code >= 500 ? GREET_DENIED : GREET_BROKEN;
}

static enum greet_next on_last_of_auth(
    struct greet *g, const struct answer *answer, struct buf *out)
{
	(void)out;
	return answer->code == 235 ? GREET_DONE : denied(g, answer);
}

static enum greet_next on_login(
    struct greet *g, const struct answer *answer, struct buf *out)
{
	if (answer->code != 334)
		return denied(g, answer);
	say_base64(out, g->settings->user);
	g->at = GREET_AT_USER;
	return GREET_MORE;
}

static enum greet_next on_user(
    struct greet *g, const struct answer *answer, struct buf *out)
{
	if (answer->code != 334)
		return denied(g, answer);
	say_base64(out, g->settings->password);
	g->at = GREET_AT_PASSWORD;
	return GREET_MORE;
}

enum greet_next greet_hear(
    struct greet *greet, const struct answer *answer, struct buf *out)
{
	static enum greet_next (*const hear[])(
	    struct greet * g, const struct answer *answer, struct buf *out) = {
	    [GREET_AT_GREETING] = on_greeting,
	    [GREET_AT_EHLO] = on_ehlo,
	    [GREET_AT_STARTTLS] = on_starttls,
	    [GREET_AT_PLAIN] = on_last_of_auth,
	    [GREET_AT_LOGIN] = on_login,
	    [GREET_AT_USER] = on_user,
	    [GREET_AT_PASSWORD] = on_last_of_auth,
	};

	/* in the handshake: CVE-2011-0411 */
	if (greet->at == GREET_AT_HANDSHAKE)
		return GREET_NONSENSE;
	return hear[greet->at](greet, answer, out);
}

void greet_secured(struct greet *greet, struct buf *out)
{
	greet->secure = true;
	if (greet->at == GREET_AT_HANDSHAKE)
		say_ehlo(greet, out);
}
