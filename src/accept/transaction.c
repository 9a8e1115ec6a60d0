/*
 * transaction: gathers envelope and bytes, and finds the words for refusing a
 * mail at its end.  Commands and their order are left to command.c.
 */
#include "accept/transaction.h"

#include <stdlib.h>
#include <string.h>

#include "util/digest.h"
#include "util/mem.h"

#define RECIPIENTS_FIRST 4

static const char *keep(struct message *message, struct span s)
{
	return s.len == 0 ? NULL : arena_dup(message->arena, s.data, s.len);
}

struct transaction *transaction_new(
    const struct params_mail *mail, size_t max_bytes)
{
	struct transaction *tx = mem_zalloc(sizeof(*tx));
	struct message *message = message_new(max_bytes);
	struct envelope *envelope = &message->envelope;

	tx->message = message;
	framing_init(&tx->framing);
	tx->digest = digest_new();
	envelope->from = arena_dup(
	    message->arena, mail->from.address.data, mail->from.address.len);
	envelope->envid = keep(message, mail->envid);
	envelope->ret = mail->ret;
	envelope->body = mail->body;
	envelope->smtputf8 = mail->smtputf8;
	return tx;
}

void transaction_free(struct transaction *tx)
{
	if (tx == NULL)
		return;
	message_free(tx->message);
	digest_free(tx->digest);
	free(tx);
}

size_t transaction_recipients(const struct transaction *tx)
{
	return tx->message->envelope.n_recipients;
}

static struct recipient *new_recipient(struct transaction *tx)
{
	struct envelope *envelope = &tx->message->envelope;
	struct recipient *old = envelope->recipients;
	size_t n = envelope->n_recipients;

	if (n == tx->room) {
		tx->room = n == 0 ? RECIPIENTS_FIRST : n * 2;
		envelope->recipients =
		    arena_alloc(tx->message->arena, tx->room * sizeof(*old));
		if (n > 0)
			memcpy(envelope->recipients, old, n * sizeof(*old));
	}
	envelope->n_recipients++;
	return &envelope->recipients[n];
}

bool transaction_has(const struct transaction *tx, struct span address)
{
	const struct envelope *envelope = &tx->message->envelope;
	char *text = mem_dup(address.data, address.len);
	bool found = false;
	size_t i;

	for (i = 0; i < envelope->n_recipients && !found; i++)
		found =
		    message_same_address(envelope->recipients[i].address, text);
	free(text);
	return found;
}

void transaction_add(struct transaction *tx, const struct params_rcpt *rcpt)
{
	struct recipient *to;

	if (transaction_has(tx, rcpt->to.address))
		return;
	to = new_recipient(tx);
	to->address = keep(tx->message, rcpt->to.address);
	to->orcpt = keep(tx->message, rcpt->orcpt);
	to->notify = rcpt->notify;
}

/* A mail that found no room is read on to its end, but no longer kept. */
static void keep_piece(struct transaction *tx, struct span piece)
{
	if (tx->message == NULL || piece.len == 0)
		return;
	if (message_add(tx->message, piece.data, piece.len) == 0) {
		digest_add(tx->digest, piece.data, piece.len);
		return;
	}
	tx->no_memory = !tx->message->bytes.overflow;
	message_free(tx->message);
	tx->message = NULL;
}

size_t transaction_feed(struct transaction *tx, struct span in, bool *end)
{
	struct framing *framing = &tx->framing;
	struct span piece;
	size_t used;

	if (!tx->chunked) {
		used = framing_data(framing, in, &piece, end);
	} else {
		used = framing_bdat(framing, in, &piece);
		*end = framing->left == 0;
		if (*end && tx->last)
			framing_end(framing);
	}
	keep_piece(tx, piece);
	return used;
}

/* Why a mail is refused, worst first. */
static const struct fault {
	unsigned marks;
	const char *enhanced, *text;
} faults[] = {
    {FRAMING_BARE_LF, "5.6.0", "a line ends with a bare LF; use CRLF"},
    {FRAMING_BARE_CR, "5.6.0", "a CR stands without its LF; use CRLF"},
    {FRAMING_NUL, "5.6.0", "the mail has a NUL byte; encode it"},
    {FRAMING_OPEN_END, "5.6.0", "the last line does not end with CRLF"},
};

int transaction_check(const struct transaction *tx, struct reply *reply)
{
	unsigned marks = tx->framing.marks;
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if ((marks & faults[i].marks) != 0)
			return reply_refuse(
			    reply, 550, faults[i].enhanced, faults[i].text);
	/* relay hosts fold such lines, which would change an approved mail */
	if ((marks & FRAMING_LONG_LINE) != 0 && !tx->review)
		return reply_refuse(reply, 550, "5.6.0",
		    "a line is longer than 998 bytes; encode it as "
		    "quoted-printable or base64");
	if (tx->message == NULL && tx->no_memory)
		return reply_refuse(reply, 452, "4.3.1",
		    "too much mail is on its way in, try again later");
	if (tx->message == NULL)
		return reply_refuse(
		    reply, 552, "5.3.4", "the mail is too large");
	return 0;
}

struct message *transaction_take(struct transaction *tx)
{
	struct message *message = tx->message;

	tx->message = NULL;
	digest_end(tx->digest, message->sha256);
	if ((tx->framing.marks & FRAMING_8BIT) != 0)
		message->envelope.body = MESSAGE_BODY_8BITMIME;
	return message;
}
