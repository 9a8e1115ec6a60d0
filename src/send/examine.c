/*
 * examine: looks for the doctor whether mail can leave.  The connection is
 * relay.c's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "send/internal.h"
#include "send/relay.h"

#include "checkup.h"

#include "util/mem.h"

struct examination {
	struct relay_exam exam;
	struct checkup_item *item;
	const struct config_relay *config;
};

/* What helps, by what went wrong. */
static const char *advice_of(const struct examination *e)
{
	const char *why = e->exam.why;

	if (e->exam.denied)
		return "set relay.user and what relay.password_file holds as "
		       "the relay host has them, and start the daemon anew";
	if (strncmp(why, "cannot find", 11) == 0)
		return "correct relay.host, or this machine's name servers";
	if (strncmp(why, "cannot connect", 14) == 0)
		return "look whether the relay host runs, and whether a "
		       "firewall lets us reach relay.host at relay.port";
	if (strncmp(why, "no TLS", 6) == 0)
		return "set relay.host to a name in the relay host's "
		       "certificate, or relay.ca_file to who made that";
	if (strstr(why, "STARTTLS") != NULL)
		return "have the relay host offer STARTTLS, or set relay.tls "
		       "to \"implicit\" and relay.port to 465";
	return "ask whoever runs the relay host; its log tells more";
}

static void on_exam(struct relay_exam *exam)
{
	struct examination *e = (struct examination *)exam;
	const struct config_relay *c = e->config;
	char found[600];

	if (exam->stopping)
		checkup_end(
		    e->item, CHECKUP_SKIPPED, "the daemon is ending", NULL);
	else if (exam->why != NULL)
		checkup_end(e->item, CHECKUP_BAD, exam->why, advice_of(e));
	else {
		snprintf(found, sizeof(found), "%s port %u%s%s%s%s%s", c->host,
		    c->port, *exam->tls == '\0' ? "" : ", ", exam->tls,
		    c->user == NULL ? "" : ", logged in as \"",
		    c->user == NULL ? "" : c->user,
		    c->user == NULL ? "" : "\"");
		checkup_end(e->item, CHECKUP_GOOD, found, NULL);
	}
	free(e);
}

/* Approved mail goes into a folder; the first makes it. */
static void examine_maildir(
    const char *maildir, const char *trouble, struct checkup *checkup)
{
	char found[600];
	bool good =
	    *trouble == '\0' && (access(maildir, W_OK) == 0 || errno == ENOENT);

	snprintf(found, sizeof(found), "%s%s%s", maildir, good ? "" : ": ",
	    good	       ? ""
	    : *trouble != '\0' ? trouble
			       : strerror(errno));
	checkup_note(checkup, "relay", "its Maildir can be written",
	    good ? CHECKUP_GOOD : CHECKUP_BAD, found,
	    good ? NULL
		 : "make the folder of relay.maildir and give it to the "
		   "user of the daemon");
}

void send_examine(struct send *send, struct checkup *checkup)
{
	struct examination *e;

	if (send->relay == NULL) {
		examine_maildir(send->config->relay.maildir,
		    send->maildir_trouble, checkup);
		return;
	}
	e = mem_zalloc(sizeof(*e));
	e->exam.done = on_exam;
	e->config = &send->config->relay;
	e->item =
	    checkup_begin(checkup, "relay", "the relay host takes our mail");
	relay_examine(send->relay, &e->exam);
}
