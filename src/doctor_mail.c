/*
 * doctor_mail: the mails on their way.  How such a mail is written is left to
 * review, its way out and back to the rooms that every mail goes through.
 */
#include "doctor_mail.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "review/review.h"
#include "send/send.h"

#include "checkup.h"
#include "house.h"
#include "pipeline.h"
#include "pipeline_hear.h"

#include "util/clock.h"
#include "util/digest.h"
#include "util/log.h"
#include "util/mem.h"

/* One, kept by the list and by its post until that is done. */
struct probe {
	struct doctor_mail *mail; /* NULL: it waits no more */
	struct probe *next;
	int64_t notice;
	int64_t wait_ms;
	struct checkup_item *item; /* NULL: it has ended */
	struct event *late;
	unsigned refs;
};

struct doctor_mail {
	struct house *house;
	struct probe *probes;
};

struct doctor_mail *doctor_mail_new(struct house *house)
{
	struct doctor_mail *mail = mem_zalloc(sizeof(*mail));

	mail->house = house;
	return mail;
}

static void unref(struct probe *p)
{
	if (--p->refs == 0)
		free(p);
}

/* It is known how it went; the list's reference goes. */
static void end(struct probe *p, enum checkup_state state, const char *found,
    const char *advice)
{
	struct probe **at;

	if (p->mail == NULL)
		return;
	for (at = &p->mail->probes; *at != p; at = &(*at)->next)
		;
	*at = p->next;
	p->mail = NULL;
	event_free(p->late);
	checkup_end(p->item, state, found, advice);
	unref(p);
}

void doctor_mail_free(struct doctor_mail *mail)
{
	if (mail == NULL)
		return;
	while (mail->probes != NULL)
		end(mail->probes, CHECKUP_SKIPPED, "the daemon is ending",
		    NULL);
	free(mail);
}

/* ---- back --------------------------------------------------------------- */

/* Would a reviewer's answer be believed that came this way? */
static const struct config_reviewer *not_believed(
    const struct config *config, const struct hear *hear)
{
	size_t i;

	for (i = 0; i < config->n_reviewers; i++)
		if (hear->vouched == REVIEW_LEVEL_NONE &&
		    config->reviewers[i].level == CONFIG_LEVEL_TOKEN)
			return &config->reviewers[i];
	return NULL;
}

static void came_back(struct probe *p, const struct hear *hear)
{
	const struct config_reviewer *who =
	    not_believed(p->mail->house->config, hear);
	char found[400], span[CLOCK_ISO_SIZE];

	snprintf(found, sizeof(found), "it came back by %.100s after %s",
	    hear->source,
	    clock_span(clock_mono_ms() - p->item->since_ms, span));
	if (who == NULL)
		end(p, CHECKUP_GOOD, found, NULL);
	else
		end(p, CHECKUP_DOUBT, found,
		    "whoever comes that way must prove who they are, by DKIM; "
		    "if it is your own mail server, list its address in "
		    "review_networks of the listener, or set level = \"token\" "
		    "of the mailbox");
}

bool doctor_mail_heard(
    struct doctor_mail *mail, int64_t notice, const struct hear *hear)
{
	struct probe *p;

	if (notice < REVIEW_PROBES)
		return false;
	for (p = mail->probes; p != NULL && p->notice != notice; p = p->next)
		;
	log_info("doctor probe-heard source=\"%s\" %s", hear->source,
	    p == NULL ? "too-late" : "in-time");
	if (p != NULL)
		came_back(p, hear);
	return true;
}

/* ---- out ---------------------------------------------------------------- */

static void on_late(evutil_socket_t fd, short what, void *context)
{
	struct probe *p = context;
	char relay[300], found[500], span[CLOCK_ISO_SIZE];

	(void)fd;
	(void)what;
	send_describe(p->mail->house->send, relay, sizeof(relay));
	snprintf(found, sizeof(found),
	    "it did not come back within %s; relay host: %s",
	    clock_span(p->wait_ms, span), relay);
	end(p, CHECKUP_BAD, found,
	    "follow it: the log has what became of it in the outbox, the log "
	    "of the relay host where it went from there; mail to review.domain "
	    "must get to a listener with reviews = true, or into a mailbox "
	    "with use = \"replies\".  A slow way: give it more time with "
	    "--wait");
}

static void on_put(const struct error *err, void *context)
{
	struct probe *p = context;

	if (p->mail != NULL && err->kind != ERROR_NONE)
		end(p, CHECKUP_BAD, err->text, "see the log of the daemon");
	else if (p->mail != NULL)
		pipeline_moved(0, 0, p->mail->house);
	unref(p);
}

static void put(
    struct doctor_mail *mail, struct checkup_item *item, int64_t wait_ms)
{
	const struct timeval late = {wait_ms / 1000, wait_ms % 1000 * 1000};
	struct probe *p = mem_zalloc(sizeof(*p));
	uint64_t chance;

	digest_random(&chance, sizeof(chance));
	p->mail = mail;
	p->next = mail->probes;
	mail->probes = p;
	p->refs = 2;
	p->item = item;
	p->wait_ms = wait_ms;
	p->notice =
	    REVIEW_PROBES | (int64_t)(chance & (uint64_t)(REVIEW_PROBES - 1));
	p->late = evtimer_new(mail->house->base, on_late, p);
	evtimer_add(p->late, &late);
	review_probe(mail->house->review, p->notice, on_put, p);
}

void doctor_mail_start(
    struct doctor_mail *mail, struct checkup *checkup, int64_t wait_ms)
{
	const struct config *config = mail->house->config;
	struct checkup_item *item =
	    checkup_begin(checkup, "answers", "mail to us comes back to us");

	if (!checkup_probes(checkup))
		checkup_end(
		    item, CHECKUP_SKIPPED, "no mail was to be sent", NULL);
	else if (config->relay.maildir != NULL)
		checkup_end(item, CHECKUP_SKIPPED,
		    "there is no relay host: mail goes into a Maildir", NULL);
	else
		put(mail, item, wait_ms);
}
