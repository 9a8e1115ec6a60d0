/*
 * doctor_look: looks at files on a thread, and at who can be reached.  What
 * lies beyond this machine is left to doctor_dns.c, doctor_mail.c and the
 * rooms.
 */
#include "doctor_look.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "check/opinion.h"
#include "mailbox/mailbox.h"
#include "review/review.h"

#include "checkup.h"
#include "config/config.h"
#include "house.h"

#include "util/clock.h"
#include "util/job.h"
#include "util/mem.h"
#include "util/tls.h"

#define DAY_MS	 ((int64_t)24 * 60 * 60 * 1000)
#define SOON_MS	 (14 * DAY_MS) /* a certificate is to be renewed */
#define MEBIBYTE ((uint64_t)1024 * 1024)

/* ---- files -------------------------------------------------------------- */

struct files {
	struct job job;
	const struct config *config; /* in force; a reference */
	struct checkup_item *file, *disk, *certificate; /* last: or NULL */

	/* results */
	char hash[65]; /* of the file as it is now, "": it does not load */
	struct error wrong, no_disk, no_certificate;
	uint64_t free_bytes;
	int64_t until_ms;
	bool fits;
};

static void look_at_file(struct files *f)
{
	struct config *config = config_load(f->config->file, &f->wrong);

	if (config == NULL)
		return;
	memcpy(f->hash, config->hash, sizeof(f->hash));
	config_unref(config);
}

static void run(struct job *job)
{
	struct files *f = (struct files *)job;
	struct statvfs fs;

	look_at_file(f);
	if (statvfs(f->config->state_dir, &fs))
		error_set(&f->no_disk, ERROR_INTERNAL, "%s: %s",
		    f->config->state_dir, strerror(errno));
	else
		f->free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (f->certificate != NULL)
		(void)tls_look(f->config->certificate, f->config->hostname,
		    &f->until_ms, &f->fits, &f->no_certificate);
}

static void tell_file(const struct files *f)
{
	if (*f->hash == '\0')
		checkup_end(f->file, CHECKUP_BAD, f->wrong.text,
		    "mend it; what is in force goes on until then, but the "
		    "daemon would not start again");
	else if (strcmp(f->hash, f->config->hash) != 0)
		checkup_end(f->file, CHECKUP_DOUBT,
		    "the file loads, but is not what is in force",
		    "\"imprimatur reload\" puts it into force");
	else
		checkup_end(f->file, CHECKUP_GOOD, f->config->file, NULL);
}

static void tell_disk(const struct files *f)
{
	uint64_t reserve = f->config->limits.disk_reserve;
	enum checkup_state state = CHECKUP_GOOD;
	char text[400];

	if (f->no_disk.kind != ERROR_NONE) {
		checkup_end(f->disk, CHECKUP_BAD, f->no_disk.text,
		    "make the folder of state_dir readable");
		return;
	}
	snprintf(text, sizeof(text),
	    "%" PRIu64 " MiB are free for %.200s, %" PRIu64
	    " MiB are the reserve",
	    f->free_bytes / MEBIBYTE, f->config->state_dir, reserve / MEBIBYTE);
	if (f->free_bytes < reserve)
		state = CHECKUP_BAD;
	else if (f->free_bytes / 2 < reserve)
		state = CHECKUP_DOUBT;
	checkup_end(f->disk, state, text,
	    state == CHECKUP_GOOD
		? NULL
		: "make room: below limits.disk_reserve agents are told to "
		  "come again later");
}

static void tell_certificate(const struct files *f)
{
	int64_t left = f->until_ms - clock_now_ms();
	char text[400], until[CLOCK_ISO_SIZE];

	if (f->no_certificate.kind != ERROR_NONE) {
		checkup_end(f->certificate, CHECKUP_BAD, f->no_certificate.text,
		    "put the chain into the file of tls.certificate, as PEM");
		return;
	}
	snprintf(text, sizeof(text), "%s %s%s%.100s",
	    left < 0 ? "it ended on" : "it is good until",
	    clock_iso(f->until_ms, until),
	    f->fits ? ", for " : ", but not for ", f->config->hostname);
	if (left < 0)
		checkup_end(f->certificate, CHECKUP_BAD, text,
		    "renew the certificate and start the daemon anew: no "
		    "agent that verifies it can log in");
	else if (!f->fits)
		checkup_end(f->certificate, CHECKUP_DOUBT, text,
		    "agents must connect by a name that is in the "
		    "certificate; else have it made for this one, too");
	else if (left < SOON_MS)
		checkup_end(f->certificate, CHECKUP_DOUBT, text,
		    "renew the certificate and start the daemon anew");
	else
		checkup_end(f->certificate, CHECKUP_GOOD, text, NULL);
}

static void on_looked(struct job *job)
{
	struct files *f = (struct files *)job;

	tell_file(f);
	tell_disk(f);
	if (f->certificate != NULL)
		tell_certificate(f);
	config_unref(f->config);
	free(f);
}

void doctor_look_files(struct house *house, struct checkup *checkup)
{
	struct files *f = mem_zalloc(sizeof(*f));

	f->config = config_ref(house->config);
	f->file = checkup_begin(checkup, "configuration", "it loads");
	f->disk = checkup_begin(checkup, "disk", "there is room");
	if (house->tls != NULL)
		f->certificate = checkup_begin(
		    checkup, "certificate", "our own is good for agents");
	f->job.run = run;
	f->job.done = on_looked;
	job_submit(house->jobs, &f->job);
}

/* ---- mailboxes, programs ------------------------------------------------ */

/* By how the mailbox itself says it is. */
static enum checkup_state mailbox_is(const char *state)
{
	if (strncmp(state, "in ", 3) == 0)
		return strstr(state, ", but ") == NULL ? CHECKUP_GOOD
						       : CHECKUP_DOUBT;
	return strncmp(state, "not ", 4) == 0 ? CHECKUP_BAD : CHECKUP_DOUBT;
}

static void look_at_mailboxes(
    const struct house *house, struct checkup *checkup)
{
	const struct config *config = house->config;
	const char *name, *found;
	enum checkup_state state;
	char of[100];
	size_t i;

	for (i = 0; i < config->n_mailboxes; i++) {
		name = config->mailboxes[i].name;
		found = mailbox_state(house->mailboxes, name);
		state = mailbox_is(found);
		snprintf(of, sizeof(of), "mailbox %.80s", name);
		checkup_note(checkup, of, "it is connected", state, found,
		    state == CHECKUP_GOOD ? NULL
		    : state == CHECKUP_BAD
			? "look at its host, user and password_file in "
			  "mailboxes: imprimatur.conf(5) tells what they are"
			: "call the doctor again in a minute; if it stays so, "
			  "do what it says");
	}
}

static void look_at_programs(const struct house *house, struct checkup *checkup)
{
	const struct config *config = house->config;
	char of[100], found[256];
	size_t i;
	bool up;

	for (i = 0; i < config->n_programs; i++) {
		up =
		    check_programs_up(house->programs, i, found, sizeof(found));
		snprintf(
		    of, sizeof(of), "program %.80s", config->programs[i].name);
		checkup_note(checkup, of, "it is up",
		    up ? CHECKUP_GOOD : CHECKUP_BAD, found,
		    up ? NULL
		       : "run its command by hand, as the user of the daemon; "
			 "what it says on standard error is in the log");
	}
}

/* ---- reviewers ---------------------------------------------------------- */

/* Adds a name, with a comma between. */
static void add(char *list, size_t size, const char *name)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s", used == 0 ? "" : ", ", name);
}

static void look_at_reviewer(const struct house *house,
    const struct config_reviewer *who, struct checkup *checkup)
{
	char up[300] = "", down[300] = "", of[100], found[800], advice[500];
	const char *const *medium = who->media;
	bool works;

	for (; medium != NULL && *medium != NULL; medium++) {
		works = strcmp(*medium, CONFIG_MAIL) == 0 ||
			review_medium_up(house->review, *medium);
		add(works ? up : down, works ? sizeof(up) : sizeof(down),
		    *medium);
	}
	if (who->media == NULL)
		add(up, sizeof(up), CONFIG_MAIL);
	snprintf(found, sizeof(found), "%s%s%s%s", *up == '\0' ? "" : "by ", up,
	    *down == '\0' ? ""
	    : *up == '\0' ? "not by "
			  : ", not by ",
	    down);
	snprintf(of, sizeof(of), "reviewer %.80s", who->name);
	snprintf(advice, sizeof(advice), "mend what is wrong with %s%s", down,
	    *up != '\0' ? ""
			: "; until then notices go by mail, after "
			  "review.mail_after");
	checkup_note(checkup, of, "what is to be decided gets there",
	    *down == '\0' ? CHECKUP_GOOD : CHECKUP_DOUBT, found,
	    *down == '\0' ? NULL : advice);
}

void doctor_look_people(struct house *house, struct checkup *checkup)
{
	const struct config *config = house->config;
	size_t i;

	look_at_mailboxes(house, checkup);
	look_at_programs(house, checkup);
	for (i = 0; i < config->n_reviewers; i++)
		look_at_reviewer(house, &config->reviewers[i], checkup);
	if (config->n_reviewers == 0)
		checkup_note(checkup, "reviewers", "there are some",
		    CHECKUP_BAD, "nobody is there to decide",
		    "add one to reviewers");
}
