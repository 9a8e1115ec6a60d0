/*
 * say: composes commands.  When they are said is left to client.c.
 */
#include "send/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "send/bytes.h"
#include "send/clean.h"

#include "util/digest.h"
#include "util/mem.h"

/* Far above what RFC 5321 4.5.3.1 and RFC 3461 allow. */
#define VALUE_MOST 1000

static struct span span_of(const char *s)
{
	return (struct span){s, strlen(s)};
}

/* Printable, without blanks; characters above 127 only where they may be. */
static bool is_word(const char *s, bool utf8)
{
	struct span left = span_of(s);
	size_t width;
	uint32_t c;

	if (left.len > VALUE_MOST)
		return false;
	while (left.len > 0) {
		width = clean_char(left, &c);
		if (width == 0 || c <= 0x20 || c == 0x7f)
			return false;
		if (c > 0x7f && (!utf8 || c < 0xa0))
			return false;
		left.data += width;
		left.len -= width;
	}
	return true;
}

static bool is_address(const char *s, bool utf8)
{
	return is_word(s, utf8) && strpbrk(s, "<>") == NULL;
}

/* RFC 5321 4.1.2: esmtp-value has no "=". */
static bool is_value(const char *s, bool utf8)
{
	return s == NULL || (is_word(s, utf8) && strchr(s, '=') == NULL);
}

static bool envelope_obstacle(const struct envelope *envelope,
    const struct offer *offer, char reason[SAY_REASON_SIZE])
{
	const char *why = NULL;

	if (!is_address(envelope->from, envelope->smtputf8))
		why = "5.1.7 the sender's address cannot be put into a command";
	else if (!is_value(envelope->envid, false))
		why = "5.5.4 the envelope id cannot be put into a command";
	else if (envelope->smtputf8 && !offer->smtputf8)
		why = "5.6.7 the mail needs SMTPUTF8, which the relay host "
		      "does not offer";
	if (why != NULL)
		snprintf(reason, SAY_REASON_SIZE, "%s", why);
	return why != NULL;
}

bool say_obstacle(const struct parcel *parcel, const struct offer *offer,
    char reason[SAY_REASON_SIZE])
{
	const char *fault = bytes_fault(parcel->bytes);

	if (fault != NULL) {
		snprintf(reason, SAY_REASON_SIZE,
		    "5.6.0 the mail is not fit to be sent: %s", fault);
		return true;
	}
	if (envelope_obstacle(&parcel->envelope, offer, reason))
		return true;
	if (!offer->eightbit && !clean_is_ascii(parcel->bytes)) {
		snprintf(reason, SAY_REASON_SIZE,
		    "5.6.3 the mail has 8-bit characters and the relay host "
		    "does not offer 8BITMIME");
		return true;
	}
	if (offer->size_most > 0 && parcel->bytes.len > offer->size_most) {
		snprintf(reason, SAY_REASON_SIZE,
		    "5.3.4 the mail has %zu bytes and the relay host takes "
		    "%" PRIu64,
		    parcel->bytes.len, offer->size_most);
		return true;
	}
	return false;
}

const char *say_recipient_obstacle(
    const struct recipient *recipient, bool smtputf8)
{
	if (*recipient->address == '\0' ||
	    !is_address(recipient->address, smtputf8))
		return "5.1.3 the address cannot be put into a command";
	if (!is_value(recipient->orcpt, smtputf8))
		return "5.5.4 the original recipient cannot be put into a "
		       "command";
	return NULL;
}

void say_mail(
    struct buf *out, const struct parcel *parcel, const struct offer *offer)
{
	const struct envelope *e = &parcel->envelope;

	buf_addf(out, "MAIL FROM:<%s>", e->from);
	if (offer->size)
		buf_addf(out, " SIZE=%zu", parcel->bytes.len);
	if (offer->eightbit && (e->body == MESSAGE_BODY_8BITMIME ||
				   !clean_is_ascii(parcel->bytes)))
		buf_add_str(out, " BODY=8BITMIME");
	if (e->smtputf8)
		buf_add_str(out, " SMTPUTF8");
	if (offer->dsn && e->ret != MESSAGE_RET_NONE)
		buf_addf(out, " RET=%s",
		    e->ret == MESSAGE_RET_FULL ? "FULL" : "HDRS");
	if (offer->dsn && e->envid != NULL)
		buf_addf(out, " ENVID=%s", e->envid);
	buf_add_str(out, "\r\n");
}

static void add_notify(struct buf *out, unsigned notify)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {
	    {MESSAGE_NOTIFY_NEVER, "NEVER"},
	    {MESSAGE_NOTIFY_SUCCESS, "SUCCESS"},
	    {MESSAGE_NOTIFY_FAILURE, "FAILURE"},
	    {MESSAGE_NOTIFY_DELAY, "DELAY"},
	};
	const char *before = " NOTIFY=";
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (notify & names[i].flag) {
			buf_addf(out, "%s%s", before, names[i].name);
			before = ",";
		}
}

void say_rcpt(struct buf *out, const struct recipient *recipient,
    const struct offer *offer)
{
	buf_addf(out, "RCPT TO:<%s>", recipient->address);
	if (offer->dsn) {
		add_notify(out, recipient->notify);
		if (recipient->orcpt != NULL)
			buf_addf(out, " ORCPT=%s", recipient->orcpt);
	}
	buf_add_str(out, "\r\n");
}

static void add_base64(struct buf *out, const char *secret, size_t size)
{
	size_t room = (size + 2) / 3 * 4 + 1;
	char *text = mem_zalloc(room);

	digest_base64(secret, size, text);
	buf_add_str(out, text);
	buf_add_str(out, "\r\n");
	explicit_bzero(text, room);
	free(text);
}

void say_plain(struct buf *out, const char *user, const char *password)
{
	size_t n_user = strlen(user), n_password = strlen(password);
	size_t size = n_user + n_password + 2;
	char *text = mem_zalloc(size);

	memcpy(text + 1, user, n_user);
	memcpy(text + 2 + n_user, password, n_password);
	buf_add_str(out, "AUTH PLAIN ");
	add_base64(out, text, size);
	explicit_bzero(text, size);
	free(text);
}

void say_base64(struct buf *out, const char *secret)
{
	add_base64(out, secret, strlen(secret));
}
