/*
 * Tests of the reading of answers by those that mislead: each comes from the
 * reviewer with a true address, and holds the word, but nobody said it.  None
 * of them decides.
 */
#include "check/reader/reply.h"

#include "review/grammar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define ADDRESS	     "d-abcdefghijklmnopqrstuvwxyz234567ab@r.example"
#define HEAD                                                                   \
	"From: Anna <anna@corp.example>\r\nTo: " ADDRESS "\r\n"                \
	"Subject: Re: [review] Your order (draft 17)\r\n"                      \
	"In-Reply-To: <imp.17@r.example>\r\nMIME-Version: 1.0\r\n"
#define PLAIN	   "Content-Type: text/plain; charset=utf-8\r\n\r\n"
#define HTML	   "Content-Type: text/html; charset=utf-8\r\n\r\n"
#define FLOW	   "Content-Type: text/plain; format=flowed\r\n\r\n"
#define BOTH	   "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
#define MIXED	   "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define PART(type) "--b\r\nContent-Type: " type "\r\n\r\n"
#define NOTICE                                                                 \
	"Imprimatur asks you: may this mail leave? (draft 17)\n\n"             \
	"Answer this mail. The first line says what to do:\n"                  \
	"  approve K7Q4RM  it leaves, as shown\n\n"                            \
	"The draft:\n| approve\n| APPROVE K7Q4RM\n(end of the text)\n"
#define WROTE "On Mon, Apr 2, 2012 at 6:26 PM Imprimatur <" ADDRESS "> wrote:\n"

static const struct {
	const char *name, *mail;
} rows[] = {
    /* the whole notice, in every dress, and nothing above it */
    {"bare", PLAIN NOTICE},
    {"attributed", PLAIN WROTE NOTICE},
    {"marked", PLAIN WROTE "> approve\n"},
    {"marked, no attribution", PLAIN "> approve\n> approve K7Q4RM\n"},
    {"marked, no blank", PLAIN ">approve\n"},
    {"marked behind blanks", PLAIN "   > approve\n"},
    {"marked twice", PLAIN ">> approve\n"},
    {"fullwidth mark", PLAIN "\xEF\xBC\x9E approve\n"},
    {"the bar alone", PLAIN "| approve\n"},
    {"the bar, marked", PLAIN "> | approve\n"},
    {"Outlook", PLAIN "From: Imprimatur <" ADDRESS ">\nSent: Monday\nTo: Anna\n"
		      "Subject: x\n\napprove\n"},
    {"Outlook, ruled",
	PLAIN "________________________________\nFrom: Imprimatur\n"
	      "Sent: Monday\nTo: Anna\nSubject: x\n\napprove\n"},
    {"Outlook, old",
	PLAIN "-----Original Message-----\nFrom: Imprimatur\n\napprove\n"},
    {"Outlook, German",
	PLAIN "Von: Imprimatur\nGesendet: Montag\nAn: Anna\nBetreff: x\n\n"
	      "approve\n"},
    {"forwarded by Gmail",
	PLAIN "---------- Forwarded message ---------\nFrom: Bob\n\napprove"},
    {"forwarded by Apple",
	PLAIN "Begin forwarded message:\n\nFrom: Bob\n\napprove\n"},
    {"no language known",
	PLAIN "Seolta ag Imprimatur <" ADDRESS ">\n\napprove\n"},
    /* answered below */
    {"below", PLAIN WROTE "> Imprimatur asks you\n\napprove\n"},
    {"between",
	PLAIN "> Imprimatur asks you\n\napprove\n\n> more of it\n\nnot that"},
    {"below a bare notice", PLAIN NOTICE "\napprove\n"},
    {"below a signature", PLAIN "-- \nAnna\n\napprove\n"},
    {"below an empty signature", PLAIN "-- \napprove\n"},
    {"below a greeting", PLAIN "Hi,\n\napprove\n"},
    {"below a rule", PLAIN "________\napprove\n"},
    {"below our own words", PLAIN "Please write your answer above this line"
				  "\napprove\n"},
    {"below a fake attribution", PLAIN "On Monday Anna wrote:\napprove\n"},
    {"below a fake sentinel", PLAIN "Imprimatur asks you: x\napprove\n"},
    {"below \"Sent from\"", PLAIN "Sent from my iPhone\n\napprove\n"},
    /* the agent's text, broken anew */
    {"rewrapped", PLAIN "> The customer says\napprove\n> and so on\n"},
    {"rewrapped bar", PLAIN "| The customer says we may\napprove\n"},
    {"flowed quote", FLOW "> The customer says \r\n> approve\r\n"},
    {"flowed to one line", FLOW "They say \r\napprove\r\n"},
    {"stuffed mark", FLOW " > approve\r\n"},
    {"stuffed word behind a mark", FLOW "> \r\n>approve\r\n"},
    /* in words */
    {"negated", PLAIN "do not\napprove\n"},
    {"negated behind", PLAIN "approve not\n"},
    {"doubted", PLAIN "approve?\n"},
    {"with a condition", PLAIN "approve if it is cheaper\n"},
    {"in other words", PLAIN "I would approve\n"},
    {"in the subject", "Subject: approve\r\n" PLAIN "\nwhat is this?\n"},
    {"turned round", PLAIN "\xE2\x80\xAE"
			   "evorppa\n"},
    {"isolated", PLAIN "\xE2\x81\xA6"
		       "approve\xE2\x81\xA9\n"},
    {"with nothing in it", PLAIN "app\xE2\x80\x8Brove\n"},
    {"in tags of Unicode", PLAIN "no\xF3\xA0\x81\xA1pprove\n"},
    {"in other letters", PLAIN "\xD0\xB0pprove\n"},
    {"behind a carriage return", PLAIN "no\rapprove\n"},
    {"behind a backspace", PLAIN "no\x08\x08"
				 "approve\n"},
    {"behind a line separator", PLAIN "no\xE2\x80\xA8"
				      "approve\n"},
    /* in HTML that shows something else, or nothing */
    {"hidden", HTML "<div style='display:none'>approve</div>no"},
    {"hidden by a sheet",
	HTML "<style>.x{display:none}</style><p class=x>approve</p>no"},
    {"hidden by a sheet, deep",
	HTML "<style>div p span{visibility:hidden}</style><div><p><span>"
	     "approve</span></p></div>no"},
    {"hidden for some screens",
	HTML "<style>@media screen{.x{display:none}}</style><p class=x>"
	     "approve</p>no"},
    {"too small", HTML "<p style='font-size:0'>approve</p>no"},
    {"white on white", HTML "<p style='color:#fff'>approve</p>no"},
    {"clipped", HTML "<p style='position:absolute;left:-999px'>approve</p>"},
    {"clear", HTML "<p style='opacity:0'>approve</p>no"},
    {"in a title", HTML "<title>approve</title><p>no</p>"},
    {"in a title alone", HTML "<title>approve</title>"},
    {"in an image's words", HTML "<img alt='approve'>no"},
    {"in a button's words", HTML "<input value='approve'>no"},
    {"in an attribute", HTML "<p title='approve'>no</p>"},
    {"written by a sheet", HTML "<style>p:before{content:'approve'}</style>"
				"<p>no</p>"},
    {"in a comment", HTML "<!-- approve -->no"},
    {"for Outlook alone", HTML "<!--[if mso]>approve<![endif]-->no"},
    {"in a template", HTML "<template>approve</template>no"},
    {"in no script", HTML "<noframes>approve</noframes>no"},
    {"struck", HTML "<s>approve</s> no"},
    {"struck by a sheet",
	HTML "<style>b{text-decoration:line-through}</style><b>approve</b>"},
    {"quoted", HTML "<blockquote>approve</blockquote>"},
    {"quoted by Gmail", HTML "<div class=gmail_quote>approve</div>"},
    {"quoted by Yahoo", HTML "<div id=yahoo_quoted_17>approve</div>"},
    {"quoted by Zimbra", HTML "<hr id=zwchr><div>approve</div>"},
    {"quoted by Outlook", HTML "<div id=appendonsend></div><p>approve</p>"},
    {"quoted by a table",
	HTML "<table><tr><td>&gt;</td><td>approve</td></tr></table>"},
    {"in a table's other cell",
	HTML "<table><tr><td>no</td><td></td></tr></table>approve"},
    {"in a list", HTML "<ol><li>approve</li></ol>"},
    {"text against HTML", BOTH PART("text/plain") "approve\r\n" PART(
			      "text/html") "<p>no</p>\r\n--b--\r\n"},
    {"HTML against text", BOTH PART("text/plain") "no\r\n" PART(
			      "text/html") "<p>approve</p>\r\n--b--\r\n"},
    {"text against nothing in HTML", BOTH PART("text/plain") "approve\r\n" PART(
					 "text/html") "<p></p>\r\n--b--\r\n"},
    {"in a signature", HTML "<div class=gmail_signature>approve</div>"},
    {"in Outlook's signature", HTML "<div id=x_Signature>approve</div>no"},
    {"hidden by a rule within another",
	HTML "<style>body{color:red; & .x{display:none}}</style><p class=x>"
	     "approve</p>no"},
    {"running backwards", HTML "<bdo dir=rtl>approve</bdo>"},
    {"moved below", HTML "<div style='position:absolute;top:9em'>approve</div>"
			 "no"},
    {"last in reverse",
	HTML "<div style='display:flex;flex-direction:column-reverse'><p>"
	     "approve</p><p>no</p></div>"},
    {"ordered to the end", HTML "<div style='display:flex'><p style='order:2'>"
				"approve</p><p>no</p></div>"},
    {"text against a quote in HTML",
	BOTH PART("text/plain") "approve\r\n" PART(
	    "text/html") "<blockquote>approve</blockquote>\r\n--b--\r\n"},
    /* in another part than the one that is shown */
    {"attached text", MIXED PART("text/plain") "no\r\n" PART(
			  "text/plain; name=a.txt") "approve\r\n--b--\r\n"},
    {"an attached mail",
	MIXED PART("message/rfc822") "From: anna@corp.example\r\n\r\n"
				     "approve\r\n--b--\r\n"},
    {"an attached notice",
	MIXED PART("text/plain") "\r\n" PART(
	    "message/rfc822") "Message-ID: <imp.17.r1.x@r.example>\r\n"
			      "List-Id: <review.r.example>\r\n\r\napprove\r\n"
			      "--b--\r\n"},
    {"in the preamble",
	MIXED "approve\r\n" PART("text/plain") "no\r\n--b--\r\n"},
    {"in the epilogue", MIXED PART("text/plain") "no\r\n--b--\r\napprove\r\n"},
    {"in a calendar",
	MIXED PART("text/calendar; method=REPLY") "approve\r\n--b--\r\n"},
    {"in a report", "Content-Type: multipart/report; boundary=b\r\n\r\n" PART(
			"text/plain") "approve\r\n--b--\r\n"},
    {"encrypted", "Content-Type: multipart/encrypted; boundary=b\r\n\r\n" PART(
		      "application/octet-stream") "approve\r\n--b--\r\n"},
    {"beside what is encrypted",
	"Content-Type: multipart/encrypted; boundary=b\r\n\r\n" PART(
	    "application/pgp-encrypted") "x\r\n" PART("text/plain") "approve"
								    "\r\n--b"
								    "--\r\n"},
    {"sealed", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data"
	       "\r\n\r\napprove\r\n"},
    {"packed by Outlook", "Content-Type: application/ms-tnef\r\n\r\napprove"},
    {"outside of the armour",
	PLAIN "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nno\n"
	      "-----BEGIN PGP SIGNATURE-----\nxx\n-----END PGP SIGNATURE-----"
	      "\napprove\n"},
    {"armour that does not end",
	PLAIN "-----BEGIN PGP SIGNED MESSAGE-----\n\napprove\n"},
    {"armour in armour",
	PLAIN "-----BEGIN PGP SIGNED MESSAGE-----\n\n"
	      "- -----BEGIN PGP SIGNED MESSAGE-----\n\napprove\n"
	      "-----BEGIN PGP SIGNATURE-----\n"},
};

/* The word that the ledger would get, if everything else were right. */
static enum grammar_verb verb_of(const struct reading_reply *reply)
{
	struct grammar_command command;

	if (reply->trouble != NULL || reply->automatic != NULL ||
	    reply->maybe_automatic != NULL)
		return GRAMMAR_NONE;
	grammar_read((struct span){reply->line, strlen(reply->line)}, &command);
	if (command.verb == GRAMMAR_APPROVE && command.rest.len > 0 &&
	    command.rest.len != 6)
		return GRAMMAR_NONE; /* no code, so it is refused */
	return command.verb;
}

static struct reading_reply *read_row(const char *fields)
{
	struct reading_reply *reply;
	struct buf mail;

	buf_init(&mail, 1 << 20);
	buf_add_str(&mail, HEAD);
	buf_add_str(&mail, fields);
	reply = reply_read(buf_span(&mail));
	buf_release(&mail);
	return reply;
}

static void nobody_said_it(void **state)
{
	struct reading_reply *reply;

	(void)state;
	assert_true(COUNT(rows) >= 80);
	for (size_t i = 0; i < COUNT(rows); i++) {
		reply = read_row(rows[i].mail);
		if (verb_of(reply) != GRAMMAR_NONE)
			fail_msg("%s: '%s'", rows[i].name, reply->line);
		reading_reply_free(reply);
	}
	print_message("# %zu answers that mislead, no decision\n", COUNT(rows));
}

/* The same frames around a word that somebody did say: they are heard. */
static void who_said_it_is_heard(void **state)
{
	static const struct {
		const char *name, *mail;
	} said[] = {
	    {"text", PLAIN "approve\n\n" NOTICE},
	    {"quoted below", PLAIN "approve\n\n" WROTE "> no\n"},
	    {"HTML", HTML "<p>approve</p><blockquote>no</blockquote>"},
	    {"hidden behind",
		HTML "<p>approve</p><div style='display:none'>no</div>"},
	    {"PGP", PLAIN "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512"
			  "\n\napprove\n\n-- \nAnna\n"
			  "-----BEGIN PGP SIGNATURE-----\nxx\n"
			  "-----END PGP SIGNATURE-----\n"},
	    {"PGP/MIME",
		"Content-Type: multipart/signed; boundary=b; protocol="
		"\"application/pgp-signature\"\r\n\r\n" PART(
		    "text/plain") "approve\r\n" PART("application/"
						     "pgp-signature") "x\r\n--"
								      "b--"
								      "\r\n"},
	    {"S/MIME",
		"Content-Type: multipart/signed; boundary=b; protocol="
		"\"application/pkcs7-signature\"\r\n\r\n" PART(
		    "text/plain") "approve\r\n" PART("application/"
						     "pkcs7-signature; "
						     "name=smime.p7s") "x\r\n"
								       "--b--"
								       "\r\n"},
	    {"with TNEF beside it",
		MIXED PART("text/plain") "approve\r\n" PART(
		    "application/ms-tnef; name=winmail.dat") "x\r\n--b--\r\n"},
	};
	struct reading_reply *reply;

	(void)state;
	for (size_t i = 0; i < COUNT(said); i++) {
		reply = read_row(said[i].mail);
		if (verb_of(reply) != GRAMMAR_APPROVE)
			fail_msg("%s: '%s', %s", said[i].name, reply->line,
			    reply->maybe_automatic != NULL
				? reply->maybe_automatic
				: "");
		assert_string_equal(reply->words, "");
		reading_reply_free(reply);
	}
}

/* --- a mail that is attached ------------------------------------------- */

#define DRAFT                                                                  \
	"From: shop@corp.example\r\nMessage-ID: <7@corp.example>\r\n"          \
	"Subject: x\r\n\r\nDear Bob\r\n"
#define OURS                                                                   \
	"From: i@r.example\r\nMessage-ID: <imp.17.r1.x@r.example>\r\n"         \
	"List-Id: <review.r.example>\r\n\r\n| old\r\n"
#define EDIT PART("text/plain") "edit\r\n"
#define END  "\r\n--b--\r\n"

static void an_attached_mail_is_found(void **state)
{
	static const struct {
		const char *mail;
		bool found;
	} attached[] = {
	    {MIXED EDIT PART("message/rfc822") DRAFT END, true},
	    {MIXED EDIT PART("message/rfc822; name=a.eml") DRAFT END, true},
	    {MIXED EDIT PART("application/octet-stream; name=\"My draft.EML\"")
		    DRAFT END,
		true},
	    {MIXED EDIT PART("message/rfc822") OURS
		"\r\n" PART("message/rfc822") DRAFT END,
		true},
	    {MIXED EDIT "--b\r\nContent-Type: message/rfc822\r\n"
			"Content-Transfer-Encoding: base64\r\n\r\n"
			"RnJvbTogc2hvcEBjb3JwLmV4YW1wbGUNCk1lc3NhZ2UtSUQ6IDw3"
			"QGNvcnAuZXhhbXBsZT4NClN1YmplY3Q6IHgNCg0KRGVhciBCb2IN"
			"Cg==" END,
		true},
	    /* which one? */
	    {MIXED EDIT PART("message/rfc822") DRAFT
		"\r\n" PART("message/rfc822") DRAFT END,
		false},
	    {MIXED EDIT PART("message/rfc822") OURS END, false},
	    {MIXED EDIT PART("text/plain; name=a.txt") DRAFT END, false},
	    {MIXED EDIT PART("message/rfc822; name=a.eml") END, false},
	    {PLAIN "edit\n\nDear Bob\n", false},
	};
	struct reading_reply *reply;

	(void)state;
	for (size_t i = 0; i < COUNT(attached); i++) {
		reply = read_row(attached[i].mail);
		assert_string_equal(reply->line, "edit");
		if ((reply->mail.len > 0) != attached[i].found)
			fail_msg("row %zu: %zu bytes", i, reply->mail.len);
		assert_true(reply->edit_anyway == attached[i].found ||
			    reply->maybe_automatic == NULL);
		if (attached[i].found) {
			assert_memory_equal(
			    reply->mail.data, DRAFT, strlen(DRAFT) - 2);
			assert_string_equal(reply->mail_id, "<7@corp.example>");
			assert_string_equal(
			    reply->mail_from, "shop@corp.example");
		}
		reading_reply_free(reply);
	}
}

/* What stands in a second text is told, and is no part of an edit. */
static void a_second_text_is_told(void **state)
{
	struct reading_reply *reply = read_row(
	    MIXED PART("text/plain") "edit\r\nDear Bob\r\n" PART("image/png") "x\r\n" PART(
		"text/plain") "Bye\r\n" PART("text/plain") "list\r\n--b--\r\n");

	(void)state;
	assert_string_equal(reply->words, "Dear Bob");
	assert_string_equal(reply->below, "Bye\nlist");
	reading_reply_free(reply);
}

/* How web mail marks empty lines and signatures is no part of an edit. */
static void web_mail_is_read_as_it_is_meant(void **state)
{
	static const struct {
		const char *mail, *words, *signature;
	} meant[] = {
	    {HTML
		"<div>edit</div><div>Dear Bob</div><div>&nbsp;</div><div>Bye"
		"</div><div>&nbsp;</div><div class=signature>-- <br>GMX</div>",
		"Dear Bob\n\nBye", "-- \n--\nGMX"},
	    {HTML "<p>edit</p>Dear Bob<div class=moz-signature>-- <br>Anna"
		  "</div>",
		"Dear Bob", "-- \n--\nAnna"},
	    {HTML "<p>edit</p>Dear Bob<div class=gmail_signature>Anna</div>"
		  "<div class=gmail_quote><div class=gmail_signature>x</div>"
		  "</div>",
		"Dear Bob", "-- \nAnna"},
	    {PLAIN "edit\nDear Bob\nSent from my Galaxy\n\n"
		   "-------- Original message --------\n" NOTICE,
		"Dear Bob", "Sent from my Galaxy"},
	    {PLAIN "edit\nDear Bob\nIt was sent from my heart.\n",
		"Dear Bob\n"
		"It was sent from my heart.",
		NULL},
	};
	struct reading_reply *reply;

	(void)state;
	for (size_t i = 0; i < COUNT(meant); i++) {
		reply = read_row(meant[i].mail);
		assert_string_equal(reply->line, "edit");
		assert_string_equal(reply->words, meant[i].words);
		if (meant[i].signature == NULL)
			assert_null(reply->signature);
		else
			assert_string_equal(
			    reply->signature, meant[i].signature);
		reading_reply_free(reply);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nobody_said_it),
	    cmocka_unit_test(who_said_it_is_heard),
	    cmocka_unit_test(an_attached_mail_is_found),
	    cmocka_unit_test(a_second_text_is_told),
	    cmocka_unit_test(web_mail_is_read_as_it_is_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
