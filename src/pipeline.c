/*
 * pipeline: the sentence as code.  A mail's way reads from top to bottom: taken
 * from accept, read by check, put and judged in hold, asked about by review,
 * released by send.  What each room does is left to the room, how the rooms
 * come to life to house.c.
 */
#include "pipeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accept/accept.h"
#include "check/check.h"
#include "hold/hold.h"
#include "mailbox/mailbox.h"
#include "review/review.h"
#include "send/send.h"

#include "house.h"
#include "message.h"
#include "pipeline_again.h"
#include "pipeline_agent.h"
#include "pipeline_hear.h"
#include "pipeline_opinion.h"
#include "reading.h"
#include "remark.h"

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

/* ---- a draft's way in: accept -> check -> hold -> accept ---------------- */

struct intake {
	struct hold_put put;
	struct check_request read;
	struct house *house;
	struct accept_ticket *ticket;
	struct message *message;
	const struct config *config; /* that was in force when it came */
	struct judge_chosen chosen;
	uint64_t dice;
	char received[1024];
};

static void intake_free(struct intake *in)
{
	verdict_release(&in->put.verdict);
	reading_free(in->read.reading);
	message_free(in->message);
	config_unref(in->config);
	free(in);
}

static void answer(struct accept_ticket *ticket, int code, const char *enhanced,
    const char *text)
{
	const struct accept_answer a = {code, enhanced, text, 0};

	accept_answer(ticket, &a);
}

static void answer_error(struct accept_ticket *ticket, const struct error *err)
{
	if (err->kind == ERROR_FULL)
		answer(ticket, 452, "4.3.1",
		    "no room to hold this mail safely, try again later");
	else
		answer(ticket, 451, "4.3.0",
		    "this mail could not be put on disk, try again later");
}

void pipeline_moved(int64_t draft, enum hold_state state, void *context)
{
	struct house *house = context;

	(void)draft;
	(void)state;
	review_kick(house->review);
	mailbox_kick(house->mailboxes);
	if (house->send != NULL)
		send_kick(house->send);
}

static void on_put(struct hold_call *call)
{
	struct intake *in = (struct intake *)call;
	const struct hold_put *put = &in->put;

	if (call->error.kind != ERROR_NONE) {
		log_warning("intake failed agent=%s reason=\"%s\"",
		    in->message->agent, call->error.text);
		answer_error(in->ticket, &call->error);
		intake_free(in);
		return;
	}
	log_info("draft %" PRId64 " %s agent=%s code=%s rule=%s size=%zu "
		 "recipients=%zu%s",
	    put->draft, hold_state_name(put->state), in->message->agent,
	    put->code, put->repeated ? "-" : put->verdict.rule,
	    in->message->bytes.len, in->message->envelope.n_recipients,
	    put->repeated ? " repeated=true" : "");
	pipeline_agent_answer(in->ticket, put);
	if (!put->repeated && put->verdict.opinions)
		pipeline_opinion_kick(in->house->opinions);
	if (!put->repeated)
		pipeline_moved(put->draft, put->state, in->house);
	intake_free(in);
}

/* Runs on the store thread, inside the commit: pure. */
static void judge_put(struct hold_put *put,
    const struct verdict_history *history, struct verdict *verdict)
{
	const struct intake *in = put->context;
	const struct judge_facts facts = {
	    .agent = in->message->agent,
	    .envelope = &in->message->envelope,
	    .size = in->message->bytes.len,
	    .reading = in->read.reading,
	    .history = history,
	    .config = in->config,
	    .n_rules = in->config->n_rules,
	    .rules = in->config->rules,
	    .n_channels = in->chosen.n,
	    .channels = in->chosen.channels,
	    .now_ms = in->message->received_ms,
	    .dice = in->dice,
	};

	judge(&facts, verdict);
}

/* RFC 5321 4.4, RFC 3848: our one line on top of what leaves. */
static void write_received(struct intake *in)
{
	const struct message *m = in->message;
	char date[CLOCK_MAIL_SIZE];

	if (m->helo == NULL) {
		snprintf(in->received, sizeof(in->received),
		    "Received: by %.255s with IMAP;\r\n\t%s\r\n",
		    in->config->hostname, clock_mail(m->received_ms, date));
		return;
	}
	snprintf(in->received, sizeof(in->received),
	    "Received: from %.255s ([%s%s])\r\n"
	    "\tby %.255s with %s%s%s;\r\n\t%s\r\n",
	    m->helo, strchr(m->peer, ':') ? "IPv6:" : "", m->peer,
	    in->config->hostname, m->esmtp ? "ESMTP" : "SMTP",
	    m->tls ? "S" : "", m->esmtp ? "A" : "",
	    clock_mail(m->received_ms, date));
}

static void on_read(struct check_request *request)
{
	struct intake *in = request->context;
	struct hold_put *put = &in->put;

	if (request->reading->n_received > in->config->limits.received) {
		/* RFC 5321 6.3 */
		answer(in->ticket, 554, "5.4.6",
		    "too many Received fields: this mail is going in circles");
		intake_free(in);
		return;
	}
	if (request->reading->context.withdraw != NULL) {
		pipeline_agent_withdraw(in->house, in->ticket,
		    in->message->agent, &request->reading->context);
		intake_free(in);
		return;
	}
	remark_intake(
	    in->config, in->message->agent, in->chosen.mixed, request->reading);
	if (in->message->helo == NULL)
		remark_folder(in->message->peer, request->reading);
	write_received(in);
	put->call.done = on_put;
	put->message = in->message;
	put->reading = request->reading;
	put->received = in->received;
	put->judge = judge_put;
	put->context = in;
	put->config = in->config->hash;
	put->channel = in->chosen.name;
	put->n_rates = in->chosen.n_rates;
	put->rates = in->chosen.rates;
	hold_put(in->house->hold, put);
}

void pipeline_take(
    struct accept_ticket *ticket, struct message *message, void *context)
{
	struct intake *in = mem_zalloc(sizeof(*in));
	struct error err = ERROR_INIT;

	in->house = context;
	in->ticket = ticket;
	in->message = message;
	in->config = config_ref(in->house->config);
	digest_random(&in->dice, sizeof(in->dice));
	judge_choose(in->config, message->agent, &message->envelope,
	    message->arena, &in->chosen);
	in->read.agent = message->agent;
	in->read.envelope = &message->envelope;
	in->read.n_channels = in->chosen.n;
	in->read.channels = in->chosen.indices;
	in->read.bytes = buf_span(&message->bytes);
	in->read.done = on_read;
	in->read.context = in;
	if (check_draft(in->house->check, &in->read, &err)) {
		answer(ticket, 451, "4.3.2",
		    "too busy to read mail, try "
		    "again in a moment");
		intake_free(in);
	}
}

/* ---- a reviewer's reply: accept -> check -> review -> accept ------------ */

struct hearing {
	struct hear hear;
	struct accept_ticket *ticket;
	struct message *message;
};

static void on_heard(struct hear *hear)
{
	struct hearing *h = hear->context;
	const struct error *err = &hear->error;

	if (err->kind == ERROR_NONE || err->kind == ERROR_INVALID)
		answer(h->ticket, 250, "2.0.0", "thank you, it was read");
	else if (err->kind == ERROR_DENIED)
		answer(h->ticket, 550, "5.7.1", err->text);
	else
		answer(h->ticket, 451, "4.3.0",
		    "your answer could not be dealt with, try again later");
	message_free(h->message);
	free(h);
}

/*
 * Who is trusted to bring replies: whoever reached us on loopback, or from a
 * network that some listener for reviews lists.
 */
static bool vouches(const struct config *config, const char *peer)
{
	size_t i;

	for (i = 0; i < config->n_listeners; i++)
		if (config->listeners[i].reviews &&
		    config_in_networks(
			peer, config->listeners[i].review_networks))
			return true;
	return config_is_loopback(peer);
}

void pipeline_hear(struct accept_ticket *ticket, struct message *message,
    int64_t notice, void *context)
{
	struct hearing *h;
	struct house *house = context;

	if (notice == PIPELINE_FEED) {
		pipeline_again_take(house, ticket, message);
		return;
	}
	h = mem_zalloc(sizeof(*h));
	h->ticket = ticket;
	h->message = message;
	h->hear.bytes = buf_span(&message->bytes);
	h->hear.source = message->peer;
	h->hear.null_path = *message->envelope.from == '\0';
	h->hear.through_server = vouches(house->config, message->peer);
	h->hear.vouched =
	    h->hear.through_server ? REVIEW_LEVEL_TOKEN : REVIEW_LEVEL_NONE;
	h->hear.notice = notice;
	h->hear.done = on_heard;
	h->hear.context = h;
	pipeline_hear_mail(house, &h->hear);
}

enum accept_address pipeline_address(
    const char *address, int64_t *notice, void *context)
{
	const struct house *house = context;

	if (pipeline_again_address(house, address)) {
		*notice = PIPELINE_FEED;
		return ACCEPT_REVIEW;
	}
	switch (review_address(house->review, address, notice)) {
	case REVIEW_NOTICE:
		return ACCEPT_REVIEW;
	case REVIEW_FORGED:
		return ACCEPT_FORGED;
	case REVIEW_NOT_OURS:
		break;
	}
	return ACCEPT_NOT_REVIEW;
}

void pipeline_confirmed(int64_t draft, void *context)
{
	const struct house *house = context;

	hold_confirm(house->hold, draft);
}
