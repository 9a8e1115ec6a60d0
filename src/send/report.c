/*
 * report: writes the three parts: words for people, fields for programs, the
 * header of the message.  Who gets one is owed.c's.
 */
#include "send/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "message.h"

#include "send/answer.h"
#include "send/clean.h"
#include "send/written.h"

#include "util/clock.h"
#include "util/digest.h"

#define LINE_MOST    998 /* RFC 5322 2.1.1 */
#define UNIQUE_BYTES 16
#define ID_MOST	     250

/*
 * What each event is called, in the subject, in the action of a recipient whom
 * it did not reach, and in the codes (RFC 3463): delayed or refused for a rule
 * of ours, a lost connection.
 */
static const struct kind {
	const char *name, *subject, *action;
	const char *status;	/* NULL: the relay host's */
	const char *diagnostic; /* NULL: likewise */
	unsigned notify;	/* MESSAGE_NOTIFY_* that asks for it */
} kinds[REPORT_EVENTS] = {
    [REPORT_HELD] = {"held", "Your message waits for review", "delayed",
	"4.7.1", "450 4.7.1 waits for review", MESSAGE_NOTIFY_DELAY},
    [REPORT_REVISING] = {"revising", "Your message is to be revised", "delayed",
	"4.7.1", "450 4.7.1 sent back by review", MESSAGE_NOTIFY_DELAY},
    [REPORT_DROPPED] = {"dropped", "Your message was not sent", "failed",
	"5.7.1", "550 5.7.1 dropped in review", MESSAGE_NOTIFY_FAILURE},
    [REPORT_EXPIRED] = {"expired", "Your message was not sent", "failed",
	"5.7.1", "550 5.7.1 nobody decided about it in time",
	MESSAGE_NOTIFY_FAILURE},
    [REPORT_FAILED] = {"failed", "Your message could not be delivered",
	"failed", NULL, NULL, MESSAGE_NOTIFY_FAILURE},
    [REPORT_IN_DOUBT] = {"in-doubt", "Your message may have been sent",
	"delayed", "4.4.2", "450 4.4.2 the relay host did not answer",
	MESSAGE_NOTIFY_DELAY},
    [REPORT_SENT] = {"sent", "Your message was sent", "relayed", "2.0.0", NULL,
	MESSAGE_NOTIFY_SUCCESS},
};

int report_event_of(const char *name)
{
	int i;

	for (i = 0; i < REPORT_EVENTS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return i;
	return -1;
}

bool report_is_wanted(
    const struct report_recipient *recipient, enum report_event event)
{
	unsigned asked = kinds[event].notify;

	return recipient->notify == 0 ? asked != MESSAGE_NOTIFY_SUCCESS
				      : (recipient->notify & asked) != 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Is it a reply of the relay host, "550 5.1.1 no such user"? */
static bool is_reply(const char *answer)
{
	return answer != NULL && answer[0] >= '2' && answer[0] <= '5' &&
	       is_digit(answer[1]) && is_digit(answer[2]) &&
	       (answer[3] == ' ' || answer[3] == '\0');
}

static void add_status(struct buf *out, const char *answer)
{
	const char *text = is_reply(answer) && answer[3] == ' ' ? answer + 4
			   : answer == NULL			? ""
								: answer;
	size_t n = answer_status_length(text);

	if (n > 0)
		buf_add(out, text, n);
	else
		buf_addf(out, "%c.0.0", is_reply(answer) ? answer[0] : '5');
}

/* ---- the second part: fields -------------------------------------------- */

/* "550 5.7.1 dropped in review (price): too cheap", one line. */
static void add_own_diagnostic(struct buf *out, const struct report *r)
{
	bool reasoned =
	    r->event == REPORT_DROPPED || r->event == REPORT_REVISING;

	buf_addf(out, "Diagnostic-Code: x-imprimatur; %s",
	    r->event == REPORT_DROPPED && r->by_program
		? "550 5.7.1 refused by a program"
	    : r->event == REPORT_EXPIRED && r->lapsed
		? "550 5.7.1 no revised message came in time"
		: kinds[r->event].diagnostic);
	if (reasoned && r->category != NULL) {
		buf_add_str(out, " (");
		written_text(out, r->category);
		buf_add_str(out, ")");
	}
	if (reasoned && (r->reason != NULL || r->category == NULL)) {
		buf_add_str(out, ": ");
		written_text(
		    out, r->reason == NULL ? "no reason given" : r->reason);
	}
	buf_add_str(out, "\r\n");
}

static bool is_of_relay(
    const struct report *r, const struct report_recipient *to)
{
	return to->sent || kinds[r->event].diagnostic == NULL;
}

static void add_diagnostic(
    struct buf *out, const struct report *r, const struct report_recipient *to)
{
	if (!is_of_relay(r, to)) {
		add_own_diagnostic(out, r);
		return;
	}
	if (to->sent && to->answer == NULL)
		return;
	buf_addf(out, "Diagnostic-Code: %s; ",
	    is_reply(to->answer) ? "smtp" : "x-imprimatur");
	written_text(out, to->answer == NULL ? "no answer" : to->answer);
	buf_add_str(out, "\r\n");
}

static bool is_numeric(const char *host)
{
	return strchr(host, ':') != NULL ||
	       host[strspn(host, "0123456789.")] == '\0';
}

static void add_recipient(
    struct buf *out, const struct report *r, const struct report_recipient *to)
{
	char date[CLOCK_MAIL_SIZE];

	buf_add_str(out, "\r\n");
	if (to->orcpt != NULL && strchr(to->orcpt, ';') != NULL) {
		buf_add_str(out, "Original-Recipient: ");
		written_orcpt(out, to->orcpt);
		buf_add_str(out, "\r\n");
	}
	buf_add_str(out, "Final-Recipient: ");
	written_address(out, to->address);
	buf_addf(out, "\r\nAction: %s\r\nStatus: ",
	    kinds[to->sent ? REPORT_SENT : r->event].action);
	if (to->sent)
		buf_add_str(out, kinds[REPORT_SENT].status);
	else if (kinds[r->event].status != NULL)
		buf_add_str(out, kinds[r->event].status);
	else
		add_status(out, to->answer);
	buf_add_str(out, "\r\n");
	if (is_of_relay(r, to) && is_reply(to->answer) && r->remote != NULL)
		buf_addf(out,
		    is_numeric(r->remote) ? "Remote-MTA: dns; [%s]\r\n"
					  : "Remote-MTA: dns; %s\r\n",
		    r->remote);
	add_diagnostic(out, r, to);
	if (r->until_ms != 0 && !to->sent &&
	    kinds[r->event].notify == MESSAGE_NOTIFY_DELAY)
		buf_addf(out, "Will-Retry-Until: %s\r\n",
		    clock_mail(r->until_ms, date));
}

static void add_marks(struct buf *out, const struct report *r)
{
	buf_addf(out,
	    "X-Imprimatur-Draft: %" PRId64 "\r\nX-Imprimatur-Code: %s\r\n"
	    "X-Imprimatur-Event: %s\r\n",
	    r->draft, r->code, kinds[r->event].name);
	if (r->category != NULL) {
		buf_add_str(out, "X-Imprimatur-Reason: ");
		written_text(out, r->category);
		buf_add_str(out, "\r\n");
	}
	if (r->edited)
		buf_add_str(out, "X-Imprimatur-Edited: yes\r\n");
}

static void add_fields(struct buf *out, const struct report *r)
{
	char date[CLOCK_MAIL_SIZE];
	size_t i;

	buf_add_str(out, "Content-Type: message/delivery-status\r\n\r\n");
	if (r->envid != NULL) {
		buf_add_str(out, "Original-Envelope-Id: ");
		written_xtext(out, r->envid);
		buf_add_str(out, "\r\n");
	}
	buf_addf(out, "Reporting-MTA: dns; %s\r\nArrival-Date: %s\r\n",
	    r->hostname, clock_mail(r->received_ms, date));
	add_marks(out, r);
	for (i = 0; i < r->n_recipients; i++)
		add_recipient(out, r, &r->recipients[i]);
}

/* ---- the first part: words ---------------------------------------------- */

static void add_reason(struct buf *text, const struct report *r)
{
	if (r->category != NULL)
		buf_addf(text, "Reason: %s%s%s\r\n\r\n", r->category,
		    r->reason == NULL ? "" : ", ",
		    r->reason == NULL ? "" : r->reason);
	else if (r->reason != NULL)
		buf_addf(text, "Reason: %s\r\n\r\n", r->reason);
	else
		buf_add_str(text, "No reason was given.\r\n\r\n");
}

/* Those whom it reached, or did not; what the relay host said of them. */
static void add_list(
    struct buf *text, const struct report *r, bool sent, bool answers)
{
	const struct report_recipient *to;
	size_t i;

	for (i = 0; i < r->n_recipients; i++) {
		to = &r->recipients[i];
		if (to->sent != sent)
			continue;
		buf_addf(text, "    %s\r\n", to->address);
		if (answers)
			buf_addf(text, "        %s\r\n",
			    to->answer == NULL ? "no answer" : to->answer);
	}
}

static bool any_sent(const struct report *r)
{
	size_t i;

	for (i = 0; i < r->n_recipients; i++)
		if (r->recipients[i].sent)
			return true;
	return false;
}

static void add_held(struct buf *text, const struct report *r)
{
	char date[CLOCK_MAIL_SIZE];

	buf_add_str(text,
	    "Your message waits for a reviewer.  You need not do "
	    "anything; sending it\r\nagain would not make it faster.  It goes "
	    "to:\r\n\r\n");
	add_list(text, r, false, false);
	if (r->until_ms != 0)
		buf_addf(text, "\r\nThat should be decided by %s.\r\n",
		    clock_mail(r->until_ms, date));
}

static void add_revising(struct buf *text, const struct report *r)
{
	buf_add_str(text, "A reviewer looked at your message and sends it back "
			  "to you: it is not to be\r\nsent as it is.\r\n\r\n");
	if (r->reason != NULL)
		buf_addf(text, "Remark: %s\r\n\r\n", r->reason);
	buf_addf(text,
	    "Send a better one with this field in its header:\r\n\r\n"
	    "    Imprimatur-Revises: %" PRId64 "\r\n\r\n"
	    "Until then nothing goes to:\r\n\r\n",
	    r->draft);
	add_list(text, r, false, false);
}

static void add_dropped(struct buf *text, const struct report *r)
{
	buf_add_str(
	    text, r->by_program
		      ? "A program that looks at messages of this kind refused "
			"yours.\r\n\r\n"
		      : "A reviewer looked at your message and decided that it "
			"should not be sent.\r\n\r\n");
	add_reason(text, r);
	buf_add_str(text, "It was not sent to:\r\n\r\n");
	add_list(text, r, false, false);
	buf_add_str(text,
	    "\r\nThe same message, sent again, will be refused.  Send "
	    "a changed one,\r\nwhich will be reviewed anew.\r\n");
}

static void add_expired(struct buf *text, const struct report *r)
{
	buf_add_str(text,
	    r->lapsed
		? "Your message was sent back to be revised, and no better one "
		  "came in time.\r\n\r\nIt was not sent to:\r\n\r\n"
		: "Nobody decided about your message in time, so it is given "
		  "back to you.\r\n\r\nIt was not sent to:\r\n\r\n");
	add_list(text, r, false, false);
	buf_add_str(text, "\r\nSent again, it will be reviewed anew.\r\n");
}

static void add_failed(struct buf *text, const struct report *r)
{
	buf_add_str(text,
	    "Your message was approved, but it could not be delivered "
	    "to:\r\n\r\n");
	add_list(text, r, false, true);
	buf_add_str(text,
	    "\r\nIt will not be tried again by itself; the reviewers know of "
	    "it.\r\n");
	if (!any_sent(r))
		return;
	buf_add_str(text, "\r\nIt was sent to:\r\n\r\n");
	add_list(text, r, true, false);
}

static void add_in_doubt(struct buf *text, const struct report *r)
{
	buf_add_str(text,
	    "Your message was handed to the relay host, which did not say "
	    "whether it took\r\nit.  A reviewer is asked whether to send it "
	    "again; do not do so yourself, or\r\nthese may get it "
	    "twice:\r\n\r\n");
	add_list(text, r, false, false);
}

static void add_sent(struct buf *text, const struct report *r)
{
	buf_add_str(text,
	    "Your message was approved and handed to the relay host, which "
	    "delivers it to:\r\n\r\n");
	add_list(text, r, true, false);
	buf_add_str(
	    text, "\r\nNothing more will be heard of it from here.\r\n");
}

static void add_words(struct buf *out, const struct report *r)
{
	static void (*const words[REPORT_EVENTS])(
	    struct buf * text, const struct report *r) = {
	    [REPORT_HELD] = add_held,
	    [REPORT_REVISING] = add_revising,
	    [REPORT_DROPPED] = add_dropped,
	    [REPORT_EXPIRED] = add_expired,
	    [REPORT_FAILED] = add_failed,
	    [REPORT_IN_DOUBT] = add_in_doubt,
	    [REPORT_SENT] = add_sent,
	};
	struct buf text;

	buf_init(&text, REPORT_MOST);
	buf_addf(&text, "This is the review relay %s.\r\n\r\n", r->hostname);
	words[r->event](&text, r);
	if (r->edited)
		buf_add_str(
		    &text, r->event == REPORT_SENT
			       ? "\r\nA reviewer changed its text before.\r\n"
			       : "\r\nA reviewer had changed its text.\r\n");
	buf_addf(
	    &text, "\r\nDraft %" PRId64 ", code %s.\r\n", r->draft, r->code);
	buf_add_str(out, "Content-Type: text/plain; charset=utf-8\r\n"
			 "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	written_quoted(out, buf_span(&text));
	buf_release(&text);
}

/* ---- the third part: the message, or its header ------------------------- */

/* The lines before the first empty one, whole lines only, not too many. */
static struct span header_of(struct span mail)
{
	struct span header = {mail.len == 0 ? "" : mail.data, 0};
	const char *at = header.data, *end = header.data + mail.len, *lf;

	while (at < end && !(end - at >= 2 && at[0] == '\r' && at[1] == '\n')) {
		lf = memchr(at, '\n', (size_t)(end - at));
		if (lf == NULL ||
		    (size_t)(lf + 1 - mail.data) > REPORT_HEADER_MOST)
			break;
		at = lf + 1;
		header.len = (size_t)(at - mail.data);
	}
	return header;
}

static bool has_long_line(struct span text)
{
	const char *at = text.data, *end = text.data + text.len, *lf;

	for (; at < end; at = lf + 1) {
		lf = memchr(at, '\n', (size_t)(end - at));
		if (lf == NULL || lf - at > LINE_MOST)
			return true;
	}
	return false;
}

/*
 * Is the whole message to be returned (RFC 3461 6.2), and can it be, as it is?
 * One whose header is not ASCII would be of a type that few can read.
 */
static bool returns_whole(const struct report *r)
{
	const struct span header = header_of(r->mail);

	return r->whole && kinds[r->event].notify == MESSAGE_NOTIFY_FAILURE &&
	       r->mail.len > header.len && r->mail.len <= REPORT_WHOLE_MOST &&
	       clean_is_ascii(header) && !has_long_line(r->mail);
}

static bool is_eightbit(const struct report *r)
{
	return returns_whole(r) && !clean_is_ascii(r->mail);
}

static void add_whole_mail(struct buf *out, const struct report *r)
{
	buf_add_str(out, "Content-Type: message/rfc822\r\n");
	if (is_eightbit(r))
		buf_add_str(out, "Content-Transfer-Encoding: 8bit\r\n");
	buf_add_str(out, "\r\n");
	buf_add_span(out, r->mail);
}

static void add_mail(struct buf *out, const struct report *r)
{
	struct span header = header_of(r->mail);

	if (returns_whole(r)) {
		add_whole_mail(out, r);
		return;
	}

	buf_add_str(out, "Content-Type: text/rfc822-headers\r\n");
	if (clean_is_ascii(header) && !has_long_line(header)) {
		buf_add_str(out, "\r\n");
		buf_add_span(out, header);
	} else {
		buf_add_str(
		    out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
		written_quoted(out, header);
	}
}

/* ---- the whole ---------------------------------------------------------- */

/* Is it safe to repeat an id that came from outside? */
static bool is_id(const char *id)
{
	size_t i, len = strlen(id);

	if (len < 3 || len > ID_MOST || id[0] != '<' || id[len - 1] != '>')
		return false;
	for (i = 1; i < len - 1; i++)
		if (id[i] <= ' ' || id[i] >= 0x7f || strchr("<>\"", id[i]))
			return false;
	return true;
}

static void add_header(
    struct buf *out, const struct report *r, const char *unique)
{
	char date[CLOCK_MAIL_SIZE];

	buf_addf(out,
	    "From: Review relay <%s>\r\n"
	    "To: <%s>\r\n"
	    "Subject: %s (draft %" PRId64 ")\r\n"
	    "Date: %s\r\n"
	    "Message-ID: <report.%" PRId64 ".%s@%s>\r\n"
	    "Auto-Submitted: auto-replied\r\n",
	    r->from, r->to, kinds[r->event].subject, r->draft,
	    clock_mail(r->now_ms, date), r->draft, unique, r->hostname);
	if (r->message_id != NULL && is_id(r->message_id))
		buf_addf(out, "In-Reply-To: %s\r\nReferences: %s\r\n",
		    r->message_id, r->message_id);
	add_marks(out, r);
	buf_addf(out,
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\r\n"
	    "\tboundary=\"=_%s\"\r\n%s",
	    unique,
	    is_eightbit(r) ? "Content-Transfer-Encoding: 8bit\r\n" : "");
}

void report_write(struct buf *out, const struct report *report)
{
	static void (*const parts[])(struct buf * out,
	    const struct report *r) = {add_words, add_fields, add_mail};
	unsigned char chance[UNIQUE_BYTES];
	char unique[2 * UNIQUE_BYTES + 1];
	size_t i;

	digest_random(chance, sizeof(chance));
	digest_hex(chance, sizeof(chance), unique);
	add_header(out, report, unique);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		buf_addf(out, "\r\n--=_%s\r\n", unique);
		parts[i](out, report);
	}
	buf_addf(out, "\r\n--=_%s--\r\n", unique);
}
