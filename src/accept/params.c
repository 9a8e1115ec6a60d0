/*
 * params: two tables of parameters and the loop that walks them.  Limits on
 * size and who may send are left to command.c.
 */
#include "accept/params.h"

#include <string.h>

#include "accept/words.h"
#include "util/clock.h"

#define ENVID_MOST 100 /* RFC 3461 4.4 */
#define ORCPT_MOST 500 /* RFC 3461 4.2 */
#define AUTH_MOST  500 /* RFC 4954 5 */
/* digits */
#define HOLD_DIGITS 9 /* RFC 4865 4.1 */
#define BY_DIGITS   9 /* RFC 2852 4 */

/* What the readers of single parameters share. */
struct reader {
	struct params_mail *mail; /* one of the two */
	struct params_rcpt *rcpt;
	bool smtputf8;
	struct reply *reply;
};

struct param {
	const char *name;
	bool wants_value;
	int (*read)(struct reader *r, struct span value);
};

static int bad_value(struct reader *r, const char *text)
{
	return reply_refuse(r->reply, 501, "5.5.4", text);
}

/* The value of an upper-case hexadecimal digit, or -1. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * RFC 3461 4: xtext.  Stricter than that in one point: a hexchar may not stand
 * for a control character, which would be an injection into some later report.
 */
static bool is_xtext(struct span s, bool utf8)
{
	int high, low;
	size_t len;

	while (s.len > 0) {
		if (*s.data == '+') {
			high = s.len > 2 ? hex_digit(s.data[1]) : -1;
			low = high >= 0 ? hex_digit(s.data[2]) : -1;
			if (low < 0 || high < 2 || high * 16 + low == 0x7f)
				return false;
			words_drop(&s, 3);
		} else if (*s.data >= '!' && *s.data <= '~') {
			words_drop(&s, 1);
		} else {
			len = utf8 ? words_utf8(s) : 0;
			if (len == 0)
				return false;
			words_drop(&s, len);
		}
	}
	return true;
}

/* ---- MAIL ---------------------------------------------------------------- */

static int read_size(struct reader *r, struct span value)
{
	return words_number(value, &r->mail->size) == 0
		   ? 0
		   : bad_value(r, "SIZE must be a number");
}

static int read_body(struct reader *r, struct span value)
{
	if (words_same(value, "7BIT"))
		r->mail->body = MESSAGE_BODY_7BIT;
	else if (words_same(value, "8BITMIME"))
		r->mail->body = MESSAGE_BODY_8BITMIME;
	else if (words_same(value, "BINARYMIME"))
		return reply_refuse(
		    r->reply, 555, "5.5.4", "BODY=BINARYMIME is not offered");
	else
		return bad_value(r, "BODY must be 7BIT or 8BITMIME");
	return 0;
}

static int read_smtputf8(struct reader *r, struct span value)
{
	(void)value;
	r->mail->smtputf8 = true;
	return 0;
}

static int read_ret(struct reader *r, struct span value)
{
	if (words_same(value, "FULL"))
		r->mail->ret = MESSAGE_RET_FULL;
	else if (words_same(value, "HDRS"))
		r->mail->ret = MESSAGE_RET_HDRS;
	else
		return bad_value(r, "RET must be FULL or HDRS");
	return 0;
}

static int read_envid(struct reader *r, struct span value)
{
	if (value.len > ENVID_MOST || !is_xtext(value, false))
		return bad_value(
		    r, "ENVID must be xtext of at most 100 characters");
	r->mail->envid = value;
	return 0;
}

/* Whoever submitted it first: we know our agents and believe nobody else. */
static int read_auth(struct reader *r, struct span value)
{
	return value.len <= AUTH_MOST && is_xtext(value, false)
		   ? 0
		   : bad_value(r, "AUTH must be xtext");
}

static int read_hold_for(struct reader *r, struct span value)
{
	struct params_mail *mail = r->mail;

	if (mail->hold_until_ms != 0)
		return bad_value(r, "say HOLDFOR or HOLDUNTIL, not both");
	if (value.len > HOLD_DIGITS || words_number(value, &mail->hold_for_s) ||
	    mail->hold_for_s == 0)
		return bad_value(r, "HOLDFOR must be a number of seconds");
	return 0;
}

/* RFC 3339; UTC alone, as we say it ourselves. */
static int read_hold_until(struct reader *r, struct span value)
{
	char text[CLOCK_ISO_SIZE] = "";

	if (r->mail->hold_for_s != 0)
		return bad_value(r, "say HOLDFOR or HOLDUNTIL, not both");
	if (value.len < sizeof(text))
		memcpy(text, value.data, value.len);
	r->mail->hold_until_ms = clock_parse(text);
	if (r->mail->hold_until_ms <= 0)
		return bad_value(r, "HOLDUNTIL must be a time in UTC such as "
				    "2026-11-21T10:00:00Z");
	return 0;
}

/*
 * RFC 2852 4: seconds, ";", R (return it then) or N (tell me then), and T for
 * a trace.  With N nothing ends, so there is nothing to keep: that a mail
 * waits, an agent is told anyway.
 */
static int read_by(struct reader *r, struct span value)
{
	bool negative = value.len > 0 && *value.data == '-';
	struct span mode = value, number;
	uint64_t seconds;
	bool back;

	number = words_cut(&mode, ';');
	if (negative)
		words_drop(&number, 1);
	if (number.len == 0 || number.len > BY_DIGITS ||
	    words_number(number, &seconds) || mode.len < 1 || mode.len > 2 ||
	    strchr("RrNn", *mode.data) == NULL ||
	    (mode.len == 2 && mode.data[1] != 'T' && mode.data[1] != 't'))
		return bad_value(r,
		    "BY must be seconds, a semicolon and R or N, such as "
		    "BY=3600;R");
	back = *mode.data == 'R' || *mode.data == 'r';
	if (back && (negative || seconds == 0))
		return bad_value(r, "with R the time of BY must be to come");
	r->mail->by_s = back ? seconds : 0;
	return 0;
}

static const struct param mail_params[] = {
    {"SIZE", true, read_size},
    {"BODY", true, read_body},
    {"SMTPUTF8", false, read_smtputf8},
    {"RET", true, read_ret},
    {"ENVID", true, read_envid},
    {"AUTH", true, read_auth},
    {"HOLDFOR", true, read_hold_for},
    {"HOLDUNTIL", true, read_hold_until},
    {"BY", true, read_by},
    {NULL, false, NULL},
};

/* ---- RCPT ---------------------------------------------------------------- */

static unsigned notify_flag(struct span word)
{
	if (words_same(word, "SUCCESS"))
		return MESSAGE_NOTIFY_SUCCESS;
	if (words_same(word, "FAILURE"))
		return MESSAGE_NOTIFY_FAILURE;
	return words_same(word, "DELAY") ? MESSAGE_NOTIFY_DELAY : 0;
}

static int read_notify(struct reader *r, struct span value)
{
	bool more = true;
	unsigned flag;

	if (words_same(value, "NEVER")) {
		r->rcpt->notify = MESSAGE_NOTIFY_NEVER;
		return 0;
	}
	while (more) {
		more = memchr(value.data, ',', value.len) != NULL;
		flag = notify_flag(words_cut(&value, ','));
		if (flag == 0 || (r->rcpt->notify & flag) != 0)
			return bad_value(r,
			    "NOTIFY must be NEVER or a list of SUCCESS, "
			    "FAILURE, DELAY");
		r->rcpt->notify |= flag;
	}
	return 0;
}

static bool is_type(struct span type)
{
	size_t i;

	for (i = 0; i < type.len; i++)
		if (!words_alnum(type.data[i]) && type.data[i] != '-')
			return false;
	return type.len > 0;
}

static int read_orcpt(struct reader *r, struct span value)
{
	struct span rest = value, type;

	if (value.len > ORCPT_MOST ||
	    memchr(value.data, ';', value.len) == NULL)
		return bad_value(r, "ORCPT must be type;address in xtext");
	type = words_cut(&rest, ';');
	/* RFC 6533 3: only this type may hold raw UTF-8 */
	if (!is_type(type) || rest.len == 0 ||
	    !is_xtext(rest, r->smtputf8 && words_same(type, "utf-8")))
		return bad_value(r, "ORCPT must be type;address in xtext");
	r->rcpt->orcpt = value;
	return 0;
}

static const struct param rcpt_params[] = {
    {"NOTIFY", true, read_notify},
    {"ORCPT", true, read_orcpt},
    {NULL, false, NULL},
};

/* ---- both ---------------------------------------------------------------- */

static int read_param(const struct param *table, unsigned *seen,
    struct span word, struct reader *r)
{
	bool has_value = memchr(word.data, '=', word.len) != NULL;
	struct span name = words_cut(&word, '=');
	size_t i;

	for (i = 0; table[i].name != NULL; i++)
		if (words_same(name, table[i].name))
			break;
	if (table[i].name == NULL)
		return reply_refuse(
		    r->reply, 555, "5.5.4", "a parameter is not known here");
	if ((*seen & 1u << i) != 0)
		return bad_value(r, "a parameter is given twice");
	*seen |= 1u << i;
	if (has_value != table[i].wants_value || (has_value && word.len == 0))
		return bad_value(r, has_value
					? "a parameter has no or a wrong value"
					: "a parameter lacks its value");
	return table[i].read(r, word);
}

static int read_all(const struct param *table, struct span text, bool extended,
    struct reader *r)
{
	unsigned seen = 0;
	struct span word;

	if (text.len == 0)
		return 0;
	if (!words_begin(&text, " "))
		return bad_value(r, "a space must follow the address");
	while (text.len > 0) {
		word = words_cut(&text, ' ');
		if (word.len == 0)
			continue;
		if (!extended)
			return reply_refuse(r->reply, 555, "5.5.4",
			    "parameters need EHLO, not HELO");
		if (read_param(table, &seen, word, r))
			return -1;
	}
	return 0;
}

/* RFC 6531 3.5: the code for an address that SMTPUTF8 would have allowed. */
static int refuse_utf8(struct reply *reply)
{
	return reply_refuse(reply, 553, "5.6.7",
	    "this address needs SMTPUTF8 in the MAIL command");
}

int params_read_mail(struct span text, bool extended, struct params_mail *mail,
    struct reply *reply)
{
	struct reader r = {.mail = mail, .reply = reply};
	const char *why;

	memset(mail, 0, sizeof(*mail));
	if (path_read(&text, &mail->from, &why))
		return reply_refuse(reply, 501, "5.1.7", why);
	if (read_all(mail_params, text, extended, &r))
		return -1;
	return mail->from.utf8 && !mail->smtputf8 ? refuse_utf8(reply) : 0;
}

int params_read_rcpt(struct span text, bool extended, bool smtputf8,
    struct params_rcpt *rcpt, struct reply *reply)
{
	struct reader r = {.rcpt = rcpt, .smtputf8 = smtputf8, .reply = reply};
	const char *why;

	memset(rcpt, 0, sizeof(*rcpt));
	if (path_read(&text, &rcpt->to, &why))
		return reply_refuse(reply, 501, "5.1.3", why);
	if (rcpt->to.address.len == 0)
		return reply_refuse(
		    reply, 501, "5.1.3", "a recipient cannot be the null path");
	if (read_all(rcpt_params, text, extended, &r))
		return -1;
	return rcpt->to.utf8 && !smtputf8 ? refuse_utf8(reply) : 0;
}
