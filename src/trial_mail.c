/*
 * trial_mail: writes the mail of a test.  Bodies are base64, so that what the
 * readers see is exactly what the test says.  Who judges it: trial.c.
 */
#include "trial_mail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/digest.h"

#define LINE_BYTES 57 /* of a base64 line of 76 characters, RFC 2045 6.8 */
#define WORD_BYTES 45 /* of an encoded-word of 75 characters, RFC 2047 2 */
#define BOUNDARY   "imprimatur-test"

/* ---- the envelope ------------------------------------------------------- */

/* An address that fits a pattern: "*@b" becomes "somebody@b". */
static const char *concrete(
    struct arena *arena, const char *const *patterns, const char *otherwise)
{
	if (patterns == NULL || *patterns == NULL)
		return otherwise;
	if (strcmp(*patterns, "*") == 0)
		return "somebody@example.com";
	if (**patterns == '*')
		return arena_printf(arena, "somebody%s", *patterns + 1);
	return *patterns;
}

static void make_recipients(struct trial_mail *mail,
    const struct channel *channel, const struct channel_test *test,
    struct arena *arena)
{
	struct envelope *e = &mail->envelope;
	const char *const *to = test->to;
	size_t n = 0;

	while (to != NULL && to[n] != NULL)
		n++;
	e->n_recipients = n > 0 ? n : 1;
	e->recipients =
	    arena_alloc(arena, e->n_recipients * sizeof(*e->recipients));
	if (n == 0)
		e->recipients[0].address = concrete(
		    arena, channel->recipients, "somebody@example.com");
	while (n-- > 0)
		e->recipients[n].address = to[n];
}

static void make_envelope(struct trial_mail *mail, const struct config *config,
    const struct channel *channel, const struct channel_test *test,
    struct arena *arena)
{
	const struct config_agent *agent;

	mail->agent = test->agent != NULL ? test->agent
		      : channel->agents != NULL && *channel->agents != NULL
			  ? *channel->agents
		      : config->n_agents > 0 ? config->agents[0].name
					     : NULL;
	agent = mail->agent == NULL ? NULL : config_agent(config, mail->agent);
	mail->envelope.from = test->from;
	if (mail->envelope.from == NULL)
		mail->envelope.from = concrete(arena, channel->senders,
		    concrete(arena, agent == NULL ? NULL : agent->senders,
			"somebody@example.com"));
	make_recipients(mail, channel, test, arena);
}

/* ---- the bytes ---------------------------------------------------------- */

static void add_base64(struct buf *out, const char *text)
{
	size_t len = strlen(text), n;
	char line[(LINE_BYTES + 2) / 3 * 4 + 1];

	for (; len > 0; text += n, len -= n) {
		n = len < LINE_BYTES ? len : LINE_BYTES;
		digest_base64(text, n, line);
		buf_addf(out, "%s\r\n", line);
	}
}

static bool is_plain(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	for (; *c != '\0'; c++)
		if (*c < ' ' || *c >= 0x7f)
			return false;
	return strlen(text) < 900 && strstr(text, "=?") == NULL;
}

/* As much as an encoded-word holds, whole characters only. */
static size_t word_len(const char *text)
{
	size_t n = strlen(text);

	if (n <= WORD_BYTES)
		return n;
	for (n = WORD_BYTES; n > 1 && ((unsigned char)text[n] & 0xc0) == 0x80;)
		n--;
	return n;
}

/* RFC 2047, where it must be. */
static void add_field(struct buf *out, const char *name, const char *text)
{
	char word[(WORD_BYTES + 2) / 3 * 4 + 1];
	size_t n;

	buf_addf(out, "%s:", name);
	if (is_plain(text)) {
		buf_addf(out, " %s\r\n", text);
		return;
	}
	for (; *text != '\0'; text += n) {
		n = word_len(text);
		digest_base64(text, n, word);
		buf_addf(out, "%s =?utf-8?B?%s?=",
		    out->data[out->len - 1] == ':' ? "" : "\r\n", word);
	}
	buf_add_str(out, "\r\n");
}

static void add_part(struct buf *out, const char *type, const char *text)
{
	buf_addf(out,
	    "Content-Type: text/%s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n",
	    type);
	add_base64(out, text);
}

static void add_body(struct buf *out, const struct channel_test *test)
{
	if (test->html == NULL || test->text == NULL) {
		add_part(out, test->html ? "html" : "plain",
		    test->html	 ? test->html
		    : test->text ? test->text
				 : "");
		return;
	}
	buf_add_str(out,
	    "Content-Type: multipart/alternative; boundary=\"" BOUNDARY
	    "\"\r\n\r\n--" BOUNDARY "\r\n");
	add_part(out, "plain", test->text);
	buf_add_str(out, "\r\n--" BOUNDARY "\r\n");
	add_part(out, "html", test->html);
	buf_add_str(out, "\r\n--" BOUNDARY "--\r\n");
}

/* What the channel requires is there, but for a confidence: that is the
 * test's to say. */
static void add_required(struct buf *out, const struct channel *channel)
{
	static const char *const fields[][2] = {{"why", "Imprimatur-Why"},
	    {"sources", "Imprimatur-Sources"}, {"prompt", "Imprimatur-Prompt"},
	    {"case", "Imprimatur-Case"}, {"action", "Imprimatur-Action"}};
	const char *const *name = channel->require;
	size_t i;

	for (; name != NULL && *name != NULL; name++)
		for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			if (strcmp(fields[i][0], *name) == 0)
				add_field(out, fields[i][1], "test");
}

static void add_mail(struct trial_mail *mail, const struct channel *channel,
    const struct channel_test *test)
{
	struct buf *out = &mail->bytes;
	const struct envelope *e = &mail->envelope;
	size_t i;

	buf_addf(out,
	    "From: <%s>\r\nTo: ", *e->from ? e->from : "somebody@example.com");
	for (i = 0; i < e->n_recipients; i++)
		buf_addf(
		    out, "%s<%s>", i ? ",\r\n " : "", e->recipients[i].address);
	buf_add_str(out, "\r\n");
	add_field(out, "Subject", test->subject ? test->subject : test->name);
	buf_add_str(out, "Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
			 "Message-ID: <test@imprimatur.invalid>\r\n"
			 "MIME-Version: 1.0\r\n");
	if (test->confidence != NULL)
		add_field(out, "Imprimatur-Confidence", test->confidence);
	add_required(out, channel);
	add_body(out, test);
}

int trial_mail_read(const char *file, struct buf *out, struct error *err)
{
	FILE *in = fopen(file, "re");
	int c, last = '\n', failed;

	if (in == NULL)
		return error_set(err, ERROR_MISSING, "cannot read '%s': %s",
		    file, strerror(errno));
	for (; (c = getc(in)) != EOF; last = c) {
		if (c == '\n' && last != '\r')
			buf_add_char(out, '\r');
		buf_add_char(out, (char)c);
	}
	failed = ferror(in);
	fclose(in);
	if (failed)
		return error_set(err, ERROR_MISSING, "cannot read '%s'", file);
	if (out->overflow)
		return error_set(err, ERROR_INVALID,
		    "'%s' is larger than %zu MB", file,
		    TRIAL_MAIL_MAX / 1024 / 1024);
	return 0;
}

int trial_mail_make(struct trial_mail *mail, const struct config *config,
    const struct channel *channel, const struct channel_test *test,
    struct arena *arena, struct error *err)
{
	*mail = (struct trial_mail){0};
	buf_init(&mail->bytes, TRIAL_MAIL_MAX);
	make_envelope(mail, config, channel, test, arena);
	if (test->file != NULL)
		return trial_mail_read(test->file, &mail->bytes, err);
	add_mail(mail, channel, test);
	return 0;
}
