/*
 * Tests of check/reader/quoted by way of reply: where the person's own words
 * end in the quoting styles of common mail programs, and real replies.
 */
#include "check/reader/quoted.h"

#include "check/reader/encode.h"
#include "check/reader/reply.h"
#include "review/grammar.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CORPORA	     TOP_SRCDIR "/tests/corpora"
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define HEAD                                                                   \
	"From: Anna <anna@corp.example>\r\nTo: d+x@review.example\r\n"         \
	"Subject: Re: may this go?\r\nMIME-Version: 1.0\r\n"

static struct reading_reply *read_str(const char *mail)
{
	return reply_read((struct span){mail, strlen(mail)});
}

/* --- the person's words ------------------------------------------------ */

/* What is below the person's text, in the style of a mail program. */
static const struct {
	const char *program, *below;
} styles[] = {
    {"gmail", "\nOn Mon, Apr 2, 2012 at 6:26 PM Imprimatur <d+x@r.example> "
	      "wrote:\n\n> Imprimatur asks you: x\n> | old text\n"},
    {"outlook, two fields",
	"\n________________________________\nVon: Imprimatur\n"
	"Gesendet: x\n\nold text\n"},
    {"gmail wrapped",
	"\nOn Mon, Apr 2, 2012 at 6:26 PM A Very Long Name Indeed\n"
	"<d+x@review.example> wrote:\n\n> Imprimatur asks you: x\n"},
    {"gmail, html made plain",
	"\nOn Mon, Apr 2, 2012 at 6:26 PM Imprimatur <d+x@r.example> wrote:\n"
	"Imprimatur asks you: x\nold text\n"},
    {"apple mail", "\n> On 3 Apr 2012, at 16:19, Imprimatur <d+x@r.example> "
		   "wrote:\n> \n> Imprimatur asks you: x\n"},
    {"apple mail, old",
	"\nOn Apr 3, 2012, at 4:19 PM, Imprimatur wrote:\n\n> Imprimatur\n"},
    {"thunderbird",
	"\nOn 04/02/2012 06:26 PM, Imprimatur wrote:\n> Imprimatur asks\n"},
    {"thunderbird, German",
	"\nAm 02.04.12 um 18:26 schrieb Imprimatur:\n> Imprimatur asks\n"},
    {"thunderbird, French",
	"\nLe 02/04/2012 \xC3\xA0 18:26, Imprimatur a \xC3\xA9"
	"crit\xC2\xA0:\n> Imprimatur\n"},
    {"thunderbird, Spanish",
	"\nEl 2/4/12 a las 18:26, Imprimatur escribi\xC3\xB3:\n> Imprimatur\n"},
    {"gmail, German", "\nAm Mo., 2. Apr. 2012 um 18:26 Uhr schrieb Imprimatur "
		      "<\nd+x@review.example>:\n\n> Imprimatur asks\n"},
    {"gmail, German, wrapped to the colon",
	"\nAm Mo., 2. Apr. 2012 um 18:26 Uhr schrieb Imprimatur "
	"<d+x@review.example\n>:\n\n> Imprimatur asks\n"},
    {"gmail, French", "\nLe lun. 2 avr. 2012 \xC3\xA0 18:26, Imprimatur "
		      "<d+x@r.example>\na \xC3\xA9"
		      "crit :\n\n> Imprimatur\n"},
    {"gmail, Spanish",
	"\nEl lun, 2 abr 2012 a las 18:26, Imprimatur (<d+x@r.example>)\n"
	"escribi\xC3\xB3:\n\n> Imprimatur\n"},
    {"gmail, Italian", "\nIl giorno lun 2 apr 2012 alle ore 18:26 Imprimatur "
		       "<d+x@r.example>\nha scritto:\n\n> Imprimatur\n"},
    {"gmail, Portuguese", "\nEm seg., 2 de abr. de 2012 \xC3\xA0s 18:26, "
			  "Imprimatur <d+x@r.example>\nescreveu:\n\n> x\n"},
    {"gmail, Dutch", "\nOp ma 2 apr 2012 om 18:26 schreef Imprimatur "
		     "<d+x@r.example>:\n\n> x\n"},
    {"gmail, Swedish", "\nDen m\xC3\xA5n 2 apr. 2012 kl 18:26 skrev Imprimatur "
		       "<d+x@r.example>:\n\n> x\n"},
    {"gmail, Polish", "\npon., 2 kwi 2012 o 18:26 Imprimatur <d+x@r.example> "
		      "napisa\xC5\x82(a):\n\n> x\n"},
    {"gmail, Russian",
	"\n\xD0\xBF\xD0\xBD, 2 \xD0\xB0\xD0\xBF\xD1\x80. 2012 "
	"\xD0\xB3. \xD0\xB2 18:26, Imprimatur <d+x@r.example>:\n\n> x\n"},
    {"gmail, Japanese", "\n2012\xE5\xB9\xB4"
			"4\xE6\x9C\x88"
			"2\xE6\x97\xA5(\xE6\x9C\x88) "
			"18:26 Imprimatur <d+x@r.example>:\n\n> x\n"},
    {"gmail, Chinese", "\nImprimatur <d+x@r.example> \xE4\xBA\x8E"
		       "2012\xE5"
		       "\xB9\xB4"
		       "4\xE6\x9C\x88"
		       "2\xE6\x97\xA5\xE5\x91\xA8"
		       "\xE4\xB8\x80 18:26\xE5\x86\x99\xE9\x81\x93\xEF\xBC\x9A"
		       "\n\n> x\n"},
    {"mutt", "\nOn Mon, Apr 02, 2012 at 06:26:11PM +0400, Imprimatur wrote:\n"
	     "> Imprimatur asks\n"},
    {"no attribution", "\n> Imprimatur asks you: x\n> old text\n"},
    {"outlook", "\n-----Original Message-----\nFrom: Imprimatur "
		"[mailto:d+x@r.example]\nSent: Monday, April 2, 2012 6:26 PM\n"
		"To: Anna\nSubject: may this go?\n\nImprimatur asks you: x\n"},
    {"outlook, new",
	"\nFrom: Imprimatur <d+x@r.example>\nSent: Monday, April 2, 2012\n"
	"To: Anna <anna@corp.example>\nSubject: may this go?\n\nold text\n"},
    {"outlook, rule",
	"\n________________________________\nFrom: Imprimatur <d+x@r.example>\n"
	"Sent: Monday, April 2, 2012\nTo: Anna\nSubject: x\n\nold text\n"},
    {"outlook, bold", "\n*From:* Imprimatur <d+x@r.example>\n*Sent:* Monday\n"
		      "*To:* Anna\n*Subject:* x\n\nold text\n"},
    {"outlook, German",
	"\nVon: Imprimatur <d+x@r.example>\nGesendet: Montag, 2. April 2012\n"
	"An: Anna\nBetreff: x\n\nold text\n"},
    {"outlook, German, old",
	"\n-----Urspr\xC3\xBCngliche Nachricht-----\nVon: Imprimatur\n"
	"Gesendet: Montag\nAn: Anna\nBetreff: x\n\nold text\n"},
    {"outlook, French",
	"\nDe : Imprimatur <d+x@r.example>\nEnvoy\xC3\xA9 : lundi 2 avril\n"
	"\xC3\x80 : Anna\nObjet : x\n\nold text\n"},
    {"outlook, French, narrow spaces",
	"\nDe\xC2\xA0: Imprimatur <d+x@r.example>\nEnvoy\xC3\xA9\xC2\xA0: lundi"
	"\n\xC3\x80\xC2\xA0: Anna\nObjet\xC2\xA0: x\n\nold text\n"},
    {"outlook, Spanish",
	"\nDe: Imprimatur <d+x@r.example>\nEnviado: lunes, 2 de abril\n"
	"Para: Anna\nAsunto: x\n\nold text\n"},
    {"outlook, Russian",
	"\n\xD0\x9E\xD1\x82: Imprimatur <d+x@r.example>\n"
	"\xD0\x9E\xD1\x82\xD0\xBF\xD1\x80\xD0\xB0\xD0\xB2\xD0\xBB\xD0\xB5\xD0"
	"\xBD\xD0\xBE: 2\n\xD0\x9A\xD0\xBE\xD0\xBC\xD1\x83: Anna\n\xD0\xA2"
	"\xD0\xB5\xD0\xBC\xD0\xB0: x\n\nold text\n"},
    {"hotmail", "\n----------------------------------------\n"
		"Date: Mon, 2 Apr 2012 17:44:22 +0400\nFrom: d+x@r.example\n"
		"To: anna@corp.example\nSubject: x\n\nold text\n"},
    {"yahoo", "\n----- Original Message -----\nFrom: \"x\" <d+x@r.example>\n"
	      "To: Anna\nSent: Monday\nSubject: x\n\nold text\n"},
    {"gmail forward", "\n---------- Forwarded message ---------\n"
		      "From: Imprimatur <d+x@r.example>\nDate: x\n\nold\n"},
    {"apple forward", "\nBegin forwarded message:\n\n> From: Imprimatur\n"},
    {"zoho", "\n---- On Mon, 02 Apr 2012 18:26:00 +0400 d+x@r.example wrote "
	     "----\n\nold text\n"},
    {"our notice, bare",
	"\nImprimatur asks you: may this go? (draft 12)\n\nold text\n"},
    {"our lines, bare", "\n| old text\n| more\n"},
    {"signature", "\n-- \nAnna Example\nExample Corp\n"},
    {"signature and quote",
	"\n-- \nAnna\n\nOn Apr 3, 2012, at 4:19 PM, Imprimatur wrote:\n> x\n"},
};

#define WORDS                                                                  \
	"Dear Bob,\n\nthe price is 12 \xE2\x82\xAC.\n    indented\n"           \
	"On Monday you wrote: all is well.\nFrom: here to there\n\n\n"         \
	"Bye"

static void words_end_where_quotes_begin(void **state)
{
	struct reading_reply *reply;
	struct buf mail, text;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(styles); i++) {
		buf_init(&text, 65536);
		buf_addf(&text, "edit\n\n%s\n%s", WORDS, styles[i].below);
		buf_init(&mail, 1 << 20);
		buf_add_str(&mail,
		    HEAD "Content-Type: text/plain; charset=utf-8\r\n"
			 "Content-Transfer-Encoding: base64\r\n\r\n");
		encode_base64(buf_span(&text), &mail);
		reply = reply_read(buf_span(&mail));
		assert_string_equal(reply->line, "edit");
		if (strcmp(reply->words, WORDS) != 0)
			fail_msg("%s: '%s'", styles[i].program, reply->words);
		reading_reply_free(reply);
		buf_release(&text);
		buf_release(&mail);
	}
}

/* Lines of a person that look nearly like a mail program's. */
static void no_line_is_lost(void **state)
{
	static const char *const texts[] = {
	    "On Monday 3 March you wrote:\nthat all is well",
	    "As Bob wrote:\nno", "In 2019 Smith wrote:\nyes",
	    "From: Berlin\nTo: Rome\nDate: May", "From here\nTo there",
	    "____\nunder a rule", "________\nFrom: Berlin\nto the sea",
	    "____\nVon: A\nGesendet: B", "-----\nunder another",
	    "Original message was better", "a > b\nc >= d", "|x| is a norm",
	    "--\nno signature", "x\n-- not one either", "On reflection:\nno",
	    "10:30 is fine:\nsee you", "To: all\nSubject: lunch",
	    "Imprimatur asks too much", "Dear Bob,\n\n\n\nmany empty lines",
	    "  two spaces in front"};
	struct arena *arena = arena_new();
	struct quoted quoted;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		quoted_read(
		    arena, (struct span){texts[i], strlen(texts[i])}, &quoted);
		assert_int_equal(quoted.signature.len, 0);
		assert_int_equal(quoted.below.len, 0);
		if (quoted.words.len != strlen(texts[i]))
			fail_msg("'%s' is cut to '%.*s'", texts[i],
			    (int)quoted.words.len, quoted.words.data);
	}
	arena_free(arena);
}

/* The draft's own signature is the person's text; the last is not. */
static void last_signature_is_cut(void **state)
{
	static const char text[] = "Dear Bob,\n-- \nShop\n\n-- \nAnna\n";
	struct arena *arena = arena_new();
	struct quoted quoted;

	(void)state;
	quoted_read(arena, (struct span){text, strlen(text)}, &quoted);
	assert_int_equal(quoted.words.len, strlen("Dear Bob,\n-- \nShop"));
	assert_int_equal(quoted.signature.len, strlen("-- \nAnna"));
	/* an empty one leaves nothing out */
	quoted_read(arena, (struct span){"a\n-- \n \n", 8}, &quoted);
	assert_int_equal(quoted.words.len, 1);
	assert_int_equal(quoted.signature.len, 0);
	arena_free(arena);
}

static void words_are_what_was_written(void **state)
{
	struct reading_reply *reply = read_str(HEAD
	    "Content-Type: text/plain; charset=utf-8\r\n\r\n"
	    "edit\r\n\r\n \xC2\xA0one\xE2\x80\x8B\ttwo\x01\r\n\r\nlast \r\n"
	    " \r\n\r\n");

	(void)state;
	assert_string_equal(
	    reply->words, " \xC2\xA0one\xE2\x80\x8B\ttwo\xEF\xBF\xBD\n\nlast ");
	reading_reply_free(reply);
}

/* --- corpora ----------------------------------------------------------- */

static void load(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rb");
	int c, last = 0;

	assert_non_null(file);
	buf_init(out, 64 * 1024 * 1024);
	for (; (c = getc(file)) != EOF; last = c) {
		if (c == '\r' || (c == '\n' && last != '\r'))
			buf_add_str(out, "\r\n");
		else if (c != '\n')
			buf_add_char(out, (char)c);
	}
	fclose(file);
}

/* Words with every run of blanks and line ends made one space. */
static void squeeze(const char *text, struct buf *out)
{
	for (; *text != '\0'; text++) {
		if (strchr(" \t\r\n", *text) == NULL)
			buf_add_char(out, *text);
		else if (out->len > 0 && out->data[out->len - 1] != ' ')
			buf_add_char(out, ' ');
	}
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
}

static void add_squeezed(struct buf *out, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	if (out->len > 0)
		buf_add_char(out, ' ');
	squeeze(text, out);
}

/* Does the answer hold these lines of the person, and no other? */
static bool reads_as(const struct reading_reply *reply, const char *expected)
{
	struct buf got, want, text;
	bool same;

	buf_init(&got, 1 << 20);
	buf_init(&want, 1 << 20);
	load(expected, &text);
	if (!reply->line_quoted)
		squeeze(reply->line, &got);
	add_squeezed(&got, reply->words);
	add_squeezed(&got, reply->signature);
	add_squeezed(&got, reply->below);
	squeeze(text.data, &want);
	same = strcmp(got.data, want.data) == 0;
	buf_release(&got);
	buf_release(&want);
	buf_release(&text);
	return same;
}

/* Every file of a folder; head goes in front.  Counts those read exactly. */
static unsigned count_exact(
    const char *set, const char *input, const char *head, unsigned *n)
{
	char path[1024], name[256], expected[1024];
	const struct dirent *entry;
	struct reading_reply *reply;
	struct buf body, mail;
	unsigned exact = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/replies/%s/%s", CORPORA, set, input);
	dir = opendir(path);
	assert_non_null(dir);
	for (*n = 0; (entry = readdir(dir)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/replies/%s/%s/%s", CORPORA,
		    set, input, entry->d_name);
		snprintf(name, sizeof(name), "%s", entry->d_name);
		*strchr(name, '.') = '\0';
		snprintf(expected, sizeof(expected),
		    "%s/replies/%s/expected/%s.txt", CORPORA, set, name);
		load(path, &body);
		buf_init(&mail, body.len + 4096);
		buf_add_str(&mail, head);
		buf_add_span(&mail, buf_span(&body));
		reply = reply_read(buf_span(&mail));
		exact += reads_as(reply, expected);
		++*n;
		reading_reply_free(reply);
		buf_release(&body);
		buf_release(&mail);
	}
	closedir(dir);
	return exact;
}

static void real_replies_are_read(void **state)
{
	unsigned n, exact;

	(void)state;
	exact = count_exact("talon-plain-12", "eml", "", &n);
	print_message("# talon plain, mails: %u of %u exact\n", exact, n);
	assert_int_equal(n, 12);
	assert_true(exact == 12);
	exact = count_exact("talon-plain-12", "input", HEAD "\r\n", &n);
	print_message("# talon plain, texts: %u of %u exact\n", exact, n);
	assert_true(exact == 12);
	exact = count_exact("talon-html-9", "input",
	    HEAD "Content-Type: text/html; charset=utf-8\r\n\r\n", &n);
	print_message("# talon html: %u of %u exact\n", exact, n);
	assert_int_equal(n, 9);
	assert_true(exact == 9);
}

static unsigned n_read, n_decided;

static int read_one(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct reading_reply *reply;
	struct grammar_command command;
	struct buf mail;

	(void)st;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	load(path, &mail);
	reply = reply_read(buf_span(&mail));
	command.verb = GRAMMAR_NONE;
	if (reply->trouble == NULL && reply->automatic == NULL &&
	    reply->maybe_automatic == NULL && reply->from != NULL)
		grammar_read(
		    (struct span){reply->line, strlen(reply->line)}, &command);
	n_read++;
	n_decided += command.verb == GRAMMAR_APPROVE ||
		     command.verb == GRAMMAR_DROP ||
		     command.verb == GRAMMAR_EDIT;
	reading_reply_free(reply);
	buf_release(&mail);
	return 0;
}

static void corpora_decide_nothing(void **state)
{
	(void)state;
	assert_int_equal(nftw(CORPORA, read_one, 16, FTW_PHYS), 0);
	print_message("# %u files read, %u decisions\n", n_read, n_decided);
	assert_true(n_read > 1000);
	/* one of the hostile drafts has the word for its text */
	assert_true(n_decided <= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_end_where_quotes_begin),
	    cmocka_unit_test(no_line_is_lost),
	    cmocka_unit_test(last_signature_is_cut),
	    cmocka_unit_test(words_are_what_was_written),
	    cmocka_unit_test(real_replies_are_read),
	    cmocka_unit_test(corpora_decide_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
