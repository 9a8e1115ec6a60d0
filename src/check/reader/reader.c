/*
 * reader: main() of imprimatur-check.  It names the functions that read, and
 * reads one mail of its own before it is sealed, so that all that libraries
 * load late is there; the rest is left to process.c.
 */
#include "check/reader/draft.h"
#include "check/reader/edit.h"
#include "check/reader/equip.h"
#include "check/reader/process.h"
#include "check/reader/reply.h"

#include <stdio.h>
#include <string.h>

static const char sample[] =
    "From: =?utf-8?Q?J=C3=B6rg?= <a@example.com>\r\n"
    "To: b@example.com\r\n"
    "Subject: =?iso-8859-2?B?4Q==?=\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/alternative; boundary=b\r\n"
    "\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=iso-2022-jp\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "YXBwcm92ZQ==\r\n"
    "--b\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "<html><body><p style=3D\"color:red\">a&ouml;<br>b</body></html>\r\n"
    "--b--\r\n";

static struct equip *equip;

/* The sample is looked at by everything that runs without plug-ins, which are
 * not to see a mail before the seal. */
static void warm(void)
{
	static const struct span mail = {sample, sizeof(sample) - 1};
	static const struct edit_wish wish = {
	    .text = {"new\n", 4},
	    .subject = "\xc3\xbc",
	    .to = "a@x.example",
	};
	static const struct edit_wish whole = {
	    .mail = {sample, sizeof(sample) - 1}};
	const char *recipient = "J\xc3\xb6rg@b\xc3\xbc.example";
	const struct about about = {
	    .equip = equip, .recipients = &recipient, .n_recipients = 1};

	draft_warm();
	reading_free(draft_read(mail, &about));
	reading_reply_free(reply_read(mail));
	reading_edit_free(edit_apply(mail, &wish, &about));
	reading_edit_free(edit_apply(mail, &whole, &about));
}

static int set_up(struct span setup, struct buf *finds, struct error *err)
{
	equip = equip_new(setup, err);
	if (equip == NULL)
		return -1;
	equip_finds(equip, finds);
	warm();
	return 0;
}

static struct reading *read_draft(struct span mail, struct about *about)
{
	about->equip = equip;
	return draft_read(mail, about);
}

static struct reading_edit *apply_edit(
    struct span mail, const struct edit_wish *wish, struct about *about)
{
	about->equip = equip;
	return edit_apply(mail, wish, about);
}

int main(int argc, char **argv)
{
	static const struct serve_calls calls = {
	    set_up, read_draft, reply_read, apply_edit};

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("imprimatur-check " PACKAGE_VERSION);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		puts("imprimaturd starts this program to read mail; it is of "
		     "no use by hand.\nSee imprimatur-check(8).");
		return 0;
	}
	process_run(argc, argv, &calls);
}
