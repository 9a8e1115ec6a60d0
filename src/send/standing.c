/*
 * standing: keeps and tells what is known of the relay host.  How it is found
 * out is left to relay.c and line.c.
 */
#include "send/standing.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"

#include "util/clock.h"
#include "util/log.h"

static void keep(struct standing *s, const char *why)
{
	snprintf(s->reason, sizeof(s->reason), "%s", why);
}

void standing_fine(struct standing *standing)
{
	struct standing *s = standing;

	if (s->now != STANDING_FINE)
		log_notice("relay ok host=%s port=%u", s->config->host,
		    s->config->port);
	s->now = STANDING_FINE;
	s->pause_ms = 0;
}

void standing_trouble(struct standing *standing, const char *why)
{
	struct standing *s = standing;

	if (s->now != STANDING_TROUBLE || strcmp(s->reason, why) != 0)
		log_warning("relay trouble host=%s port=%u reason=\"%s\"",
		    s->config->host, s->config->port, why);
	if (s->now != STANDING_TROUBLE)
		s->since_ms = clock_now_ms();
	s->now = STANDING_TROUBLE;
	keep(s, why);
}

void standing_denied(struct standing *standing, const char *why)
{
	struct standing *s = standing;
	int64_t most = (int64_t)s->config->retry_most_s * 1000;
	char span[CLOCK_ISO_SIZE];

	if (standing_pause_ms(s) > 0)
		return; /* several connections heard it */
	s->pause_ms = s->pause_ms == 0
			  ? (int64_t)s->config->retry_first_s * 1000
			  : 2 * s->pause_ms;
	if (s->pause_ms > most)
		s->pause_ms = most;
	s->pause_until_ms = clock_mono_ms() + s->pause_ms;
	s->now = STANDING_DENIED;
	keep(s, why);
	log_error("relay login-refused host=%s port=%u reason=\"%s\" "
		  "paused=\"%s\"",
	    s->config->host, s->config->port, why,
	    clock_span(s->pause_ms, span));
}

int64_t standing_pause_ms(const struct standing *standing)
{
	int64_t left = standing->pause_until_ms - clock_mono_ms();

	return standing->pause_ms > 0 && left > 0 ? left : 0;
}

void standing_describe(const struct standing *standing, char *out, size_t size)
{
	const struct standing *s = standing;
	const char *host = s->config->host;
	unsigned port = s->config->port;
	char when[CLOCK_ISO_SIZE];

	switch (s->now) {
	case STANDING_UNTRIED:
		snprintf(out, size, "%s:%u not tried yet", host, port);
		break;
	case STANDING_FINE:
		snprintf(out, size, "%s:%u ok", host, port);
		break;
	case STANDING_TROUBLE:
		snprintf(out, size, "%s:%u in trouble since %s: %s", host, port,
		    clock_iso(s->since_ms, when), s->reason);
		break;
	case STANDING_DENIED:
		snprintf(out, size,
		    "%s:%u refused our login (%s), next try in %s", host, port,
		    s->reason, clock_span(standing_pause_ms(s), when));
		break;
	}
}
