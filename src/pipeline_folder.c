/*
 * pipeline_folder: makes a submission of a mail that has no envelope.  What
 * becomes of it then is the same as over SMTP: the ticket's answer is only
 * read by us instead of by a client.
 */
#include "pipeline_folder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accept/accept.h"
#include "check/check.h"

#include "house.h"
#include "message.h"
#include "pipeline.h"
#include "pipeline_again.h"
#include "reading.h"

#include "util/clock.h"
#include "util/digest.h"
#include "util/mem.h"

#define SUBJECT_MOST 200 /* bytes of it that an explanation repeats */

/* ---- drafts ------------------------------------------------------------- */

struct submission {
	struct check_request read;
	struct house *house;
	struct mailbox_hear *hear;
	struct message *message; /* until it is given on */
	char source[80];
	char subject[SUBJECT_MOST + 1];
};

static void end(struct submission *s, enum mailbox_outcome outcome)
{
	struct mailbox_hear *hear = s->hear;

	hear->outcome = outcome;
	reading_free(s->read.reading);
	message_free(s->message);
	free(s);
	mailbox_heard(hear);
}

static void later(struct submission *s, const char *why)
{
	snprintf(s->hear->why, sizeof(s->hear->why), "%.199s", why);
	end(s, MAILBOX_AGAIN);
}

static void head(struct submission *s, struct buf *out)
{
	const struct config *config = s->house->config;
	const char *user = s->hear->mailbox->user;
	unsigned char random[8];
	char date[CLOCK_MAIL_SIZE], hex[2 * sizeof(random) + 1];

	digest_random(random, sizeof(random));
	digest_hex(random, sizeof(random), hex);
	buf_addf(out,
	    "From: Imprimatur <%s>\r\nTo: <%s%s%s>\r\n"
	    "Subject: Not taken: a draft\r\nDate: %s\r\n"
	    "Message-ID: <imp.folder.%s@%s>\r\n"
	    "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n",
	    config->review.from, user, strchr(user, '@') ? "" : "@",
	    strchr(user, '@') ? "" : s->hear->mailbox->host,
	    clock_mail(clock_now_ms(), date), hex, config->hostname);
}

/* It is never taken as it is.  why: one clean line. */
static void refuse(struct submission *s, const char *why)
{
	const struct config_mailbox *mailbox = s->hear->mailbox;
	struct buf *out = &s->hear->explanation;

	snprintf(s->hear->why, sizeof(s->hear->why), "%.199s", why);
	head(s, out);
	buf_addf(out,
	    "This draft was not taken: nobody reviews it, and it is not "
	    "sent.\r\n\r\n"
	    "  Subject: %s\r\n"
	    "  Why:     %s\r\n\r\n"
	    "Mend it and put it back into \"%s\", where drafts are taken from; "
	    "what\r\nis in this folder is never looked at again.\r\n",
	    s->subject, why, mailbox->folder);
	end(s, MAILBOX_OTHERS);
}

/* The pipeline's answer, as an SMTP client would have got it. */
static void on_answered(const struct accept_answer *answer, void *context)
{
	struct submission *s = context;

	if (answer->code >= 500) {
		refuse(s, answer->text);
	} else if (answer->code >= 400) {
		later(s, answer->text);
	} else {
		snprintf(
		    s->hear->why, sizeof(s->hear->why), "%.199s", answer->text);
		end(s, MAILBOX_DONE);
	}
}

/* The author that the agent may send as, or NULL. */
static const char *sender_of(const struct submission *s)
{
	const struct config_agent *agent =
	    config_agent(s->house->config, s->hear->mailbox->agent);
	const struct reading *reading = s->read.reading;
	size_t i;

	for (i = 0; agent != NULL && i < reading->n_authors; i++)
		if (config_agent_may_send_as(agent, reading->authors[i]))
			return reading->authors[i];
	return NULL;
}

static void address(struct submission *s, const char *sender)
{
	const struct reading *reading = s->read.reading;
	struct envelope *e = &s->message->envelope;
	struct arena *arena = s->message->arena;
	size_t i;

	e->from = arena_strdup(arena, sender);
	e->n_recipients = reading->n_addressees;
	e->recipients =
	    arena_alloc(arena, e->n_recipients * sizeof(*e->recipients));
	for (i = 0; i < e->n_recipients; i++)
		e->recipients[i] = (struct recipient){
		    .address = arena_strdup(arena, reading->addressees[i])};
	s->message->agent = arena_strdup(arena, s->hear->mailbox->agent);
	s->message->peer = arena_strdup(arena, s->source);
	s->message->tls = true;
	s->message->received_ms = clock_now_ms();
}

/* As much of it as fits, whole characters. */
static void keep_subject(struct submission *s, const char *subject)
{
	size_t len = subject == NULL ? 0 : strlen(subject);

	if (len > SUBJECT_MOST)
		len = SUBJECT_MOST;
	while (len > 0 && ((unsigned char)subject[len] & 0xC0) == 0x80)
		len--;
	if (len > 0)
		memcpy(s->subject, subject, len);
	s->subject[len] = '\0';
}

static void on_read(struct check_request *request)
{
	struct submission *s = request->context;
	const struct reading *reading = request->reading;
	const char *sender = sender_of(s);
	struct message *message;

	keep_subject(s, reading->subject);
	if (reading->trouble != NULL)
		refuse(s, reading->trouble);
	else if (reading->unaddressed != NULL)
		refuse(s, reading->unaddressed);
	else if (reading->n_addressees > s->house->config->limits.recipients)
		refuse(s, "it is for more people than one mail may be "
			  "(limits.recipients)");
	else if (sender == NULL)
		refuse(s, "its From is no address that this agent may send as "
			  "(agents.senders)");
	else {
		address(s, sender);
		message = s->message;
		s->message = NULL;
		pipeline_take(
		    accept_ticket_new(on_answered, s), message, s->house);
	}
}

/* Lines end with CRLF on their way.  NULL, or why it cannot be sent. */
static const char *take_bytes(struct submission *s, bool *again)
{
	struct span mail = s->hear->bytes;
	const char *p = mail.data, *end = p + mail.len, *stop;
	bool high = false;

	if (mail.len == 0)
		return "it is larger than this mailbox takes (mail_size)";
	if (memchr(p, '\0', mail.len) != NULL)
		return "it has a NUL, which no mail may have";
	for (; p < end; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		size_t len = (size_t)(stop - p);
		if (len > 0 && p[len - 1] == '\r')
			len--;
		if (len > 0 && memchr(p, '\r', len) != NULL)
			return "it has a CR that ends no line";
		if (message_add(s->message, p, len) ||
		    message_add(s->message, "\r\n", 2)) {
			*again = !s->message->bytes.overflow;
			return "it is larger than a mail may be "
			       "(limits.message_size)";
		}
		for (size_t i = 0; i < len && !high; i++)
			high = (unsigned char)p[i] >= 0x80;
	}
	s->message->envelope.body =
	    high ? MESSAGE_BODY_8BITMIME : MESSAGE_BODY_7BIT;
	digest_of(
	    s->message->bytes.data, s->message->bytes.len, s->message->sha256);
	return NULL;
}

void pipeline_folder_take(struct mailbox_hear *hear, void *context)
{
	struct submission *s = mem_zalloc(sizeof(*s));
	struct error err = ERROR_INIT;
	bool again = false;
	const char *why;

	s->house = context;
	s->hear = hear;
	s->message = message_new((size_t)s->house->config->limits.message_size);
	snprintf(
	    s->source, sizeof(s->source), "mailbox %.63s", hear->mailbox->name);
	why = take_bytes(s, &again);
	if (again) {
		later(s, "too much mail is being dealt with");
	} else if (why != NULL) {
		refuse(s, why);
	} else {
		s->read.bytes = buf_span(&s->message->bytes);
		s->read.agent = hear->mailbox->agent;
		s->read.done = on_read;
		s->read.context = s;
		if (check_draft(s->house->check, &s->read, &err))
			later(s, err.text);
	}
}

/* ---- what people outside wrote ------------------------------------------- */

struct overheard {
	struct again again;
	struct mailbox_hear *hear;
	char source[80];
};

static void on_looked(struct again *again)
{
	struct overheard *o = again->context;
	struct mailbox_hear *hear = o->hear;

	if (again->error.kind != ERROR_NONE) {
		hear->outcome = MAILBOX_AGAIN;
		snprintf(
		    hear->why, sizeof(hear->why), "%.199s", again->error.text);
	} else if (again->ignored != NULL) {
		hear->outcome = MAILBOX_OTHERS;
		snprintf(
		    hear->why, sizeof(hear->why), "%.199s", again->ignored);
	} else {
		hear->outcome = MAILBOX_DONE;
		snprintf(hear->why, sizeof(hear->why),
		    "%zu drafts are looked at once more", again->n_drafts);
	}
	free(o);
	mailbox_heard(hear);
}

void pipeline_folder_wrote(struct mailbox_hear *hear, void *context)
{
	struct overheard *o = mem_zalloc(sizeof(*o));

	snprintf(
	    o->source, sizeof(o->source), "mailbox %.63s", hear->mailbox->name);
	o->hear = hear;
	o->again.bytes = hear->bytes;
	o->again.source = o->source;
	o->again.done = on_looked;
	o->again.context = o;
	pipeline_again_mail(context, &o->again);
}
