/*
 * intake: takes in the bytes of mails and hands whole ones over.  Where a mail
 * ends and whether it may stand is left to transaction.c.
 */
#include <event2/buffer.h>
#include <inttypes.h>

#include "accept/internal.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define SEGMENTS 8 /* of what has arrived, looked at in one step */

/* ---- beginning and end --------------------------------------------------- */

static void begin(struct session *s, enum session_state state)
{
	if (s->mail_by_ms == 0)
		s->mail_by_ms =
		    clock_mono_ms() +
		    (int64_t)s->room->config->limits.message_timeout_s * 1000;
	session_enter(s, state);
}

void intake_begin(struct session *s)
{
	begin(s, SESSION_MAIL);
}

void intake_skip(struct session *s, const struct command *command)
{
	s->skip = command->chunk;
	s->skip_reply = command->reply;
	begin(s, SESSION_SKIP);
}

static void end_transaction(struct session *s)
{
	transaction_free(s->command.transaction);
	s->command.transaction = NULL;
	s->mail_by_ms = 0;
}

static struct accept_ticket *ticket_new(struct session *s)
{
	struct accept_ticket *ticket = mem_zalloc(sizeof(*ticket));
	struct session_room *room = s->room;

	ticket->room = room;
	ticket->session = s;
	ticket->next = room->tickets;
	if (room->tickets != NULL)
		room->tickets->prev = ticket;
	room->tickets = ticket;
	room->n_tickets++;
	s->ticket = ticket;
	return ticket;
}

/* Say on the mail where it came from. */
static void sign(const struct session *s, struct message *message,
    const struct config_agent *agent)
{
	struct arena *arena = message->arena;

	message->agent = agent ? arena_strdup(arena, agent->name) : NULL;
	message->peer = arena_strdup(arena, s->address);
	message->helo = arena_strdup(arena, s->command.helo);
	message->tls = s->command.tls;
	message->esmtp = s->command.esmtp;
	message->received_ms = clock_now_ms();
}

static void hand_over(struct session *s)
{
	struct transaction *tx = s->command.transaction;
	const struct accept_hooks *hooks = &s->room->hooks;
	struct message *message = transaction_take(tx);
	bool review = tx->review;
	int64_t notice = tx->notice;

	sign(s, message, tx->agent);
	end_transaction(s);
	session_enter(s, SESSION_ANSWER);
	if (review)
		hooks->reply(ticket_new(s), message, notice, hooks->context);
	else
		hooks->draft(ticket_new(s), message, hooks->context);
}

static void refuse_mail(struct session *s, const struct reply *reply)
{
	struct transaction *tx = s->command.transaction;

	log_info("session %" PRIu64 " mail-refused from=%s agent=%s code=%u "
		 "reason=\"%s\"",
	    s->id, s->address, tx->agent ? tx->agent->name : "-", reply->code,
	    reply->text);
	/* further chunks may be on their way: they will be skipped */
	tx->refused = true;
	if (!tx->chunked || tx->last)
		end_transaction(s);
	session_say(s, reply);
	session_enter(s, SESSION_COMMAND);
}

/* The mail's end, or a chunk's, was reached. */
static void finish(struct session *s)
{
	struct transaction *tx = s->command.transaction;
	struct reply reply = {250, "2.0.0", "go on", REPLY_GO_ON};

	if (transaction_check(tx, &reply)) {
		refuse_mail(s, &reply);
	} else if (tx->chunked && !tx->last) {
		session_say(s, &reply);
		session_enter(s, SESSION_COMMAND);
	} else if (s->room->closing != NULL) {
		session_close(s, 421, "4.3.2", s->room->closing);
	} else {
		hand_over(s);
	}
}

/* ---- bytes --------------------------------------------------------------- */

static bool too_late(struct session *s)
{
	if (clock_mono_ms() < s->mail_by_ms)
		return false;
	log_info("session %" PRIu64 " too-slow from=%s", s->id, s->address);
	session_close(s, 421, "4.4.2", "the mail took too long");
	return true;
}

/* Feed one segment; returns the bytes used. */
static size_t feed(
    struct transaction *tx, const struct evbuffer_iovec *v, bool *end)
{
	size_t used = 0;

	while (used < v->iov_len && !*end)
		used += transaction_feed(tx,
		    (struct span){
			(const char *)v->iov_base + used, v->iov_len - used},
		    end);
	return used;
}

static bool step_mail(struct session *s)
{
	struct transaction *tx = s->command.transaction;
	struct evbuffer *in = connection_input(&s->connection);
	struct evbuffer_iovec v[SEGMENTS];
	size_t used = 0;
	bool end = false;
	int i, n;

	if (tx->chunked && tx->framing.left == 0)
		transaction_feed(tx, (struct span){"", 0}, &end);
	n = evbuffer_peek(in, -1, NULL, v, SEGMENTS);
	for (i = 0; i < n && i < SEGMENTS && !end; i++)
		used += feed(tx, &v[i], &end);
	evbuffer_drain(in, used);
	if (end)
		finish(s);
	else if (used > 0 && !too_late(s))
		session_enter(s, SESSION_MAIL);
	return end || used > 0;
}

static bool step_skip(struct session *s)
{
	struct evbuffer *in = connection_input(&s->connection);
	size_t n = evbuffer_get_length(in);

	if (n > s->skip)
		n = (size_t)s->skip;
	evbuffer_drain(in, n);
	s->skip -= n;
	if (s->skip == 0) {
		s->mail_by_ms = 0;
		session_enter(s, SESSION_COMMAND);
		/* what was sent along with a refused chunk is no new error */
		if (s->command.transaction != NULL &&
		    s->command.transaction->refused)
			session_say(s, &s->skip_reply);
		else
			session_reply(s, &s->skip_reply);
		return true;
	}
	if (n > 0 && !too_late(s))
		session_enter(s, SESSION_SKIP);
	return n > 0;
}

bool intake_step(struct session *s)
{
	return s->state == SESSION_MAIL ? step_mail(s) : step_skip(s);
}
