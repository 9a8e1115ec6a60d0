/*
 * deception: what would make a reviewer approve one thing and a recipient read
 * another.  What is hidden, active or broken in a mail the reader finds by
 * itself; this looks at what can be seen.
 */
#include "blanks.h"
#include "mixed.h"
#include "twins.h"

#include <imprimatur/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS_MOST 5  /* parts that are compared with their other form */
#define SHOWN_MOST 80 /* bytes of an example */

enum kind { PARTS, BLANK, MIXED, REVIEWER, NOTICE, KINDS };

struct deception {
	const struct imprimatur_host *host;
	struct mixed_tables *tables;
	bool off[KINDS];
};

static const struct imprimatur_option options[] = {
    {"except", "list", "findings that are not wanted; none"},
    {NULL, NULL, NULL},
};

static const struct imprimatur_finding findings[] = {
    [PARTS] = {"parts-differ",
	"plain text and HTML do not say the same; the value is the number of "
	"words in one only"},
    [BLANK] = {"text-below-blank-block",
	"text that stands far below or beside the rest; the value is the "
	"number of lines, columns or pixels between"},
    [MIXED] = {"mixed-script-words",
	"words of letters that only look alike; the value is their number"},
    [REVIEWER] = {"addressed-to-reviewer",
	"words that are for whoever approves, not for the recipient"},
    [NOTICE] = {"fake-notice", "words of Imprimatur's own notices"},
    {NULL, NULL},
};

/* ---- configure ---- */

static int switch_off(
    struct deception *self, const struct imprimatur_options *given)
{
	const char *item;

	for (size_t n = 0;
	     (item = self->host->item(given, "except", n)) != NULL; n++) {
		size_t i = 0;

		while (i < KINDS && strcmp(findings[i].name, item) != 0)
			i++;
		if (i < KINDS) {
			self->off[i] = true;
			continue;
		}
		self->host->complain(given,
		    "except has '%s', which is no finding of this plug-in; "
		    "there are %s, %s, %s, %s and %s",
		    item, findings[0].name, findings[1].name, findings[2].name,
		    findings[3].name, findings[4].name);
		return -1;
	}
	return 0;
}

static void release(void *state)
{
	struct deception *self = state;

	mixed_close(self->tables);
	free(self);
}

static int configure(const struct imprimatur_host *host,
    const struct imprimatur_options *given, void **state)
{
	struct deception *self = calloc(1, sizeof(*self));

	if (self == NULL)
		return -1;
	self->host = host;
	self->tables = mixed_open();
	*state = self;
	if (self->tables == NULL)
		host->complain(given, "ICU's tables cannot be opened");
	else if (switch_off(self, given) == 0)
		return 0;
	release(self);
	*state = NULL;
	return -1;
}

/* ---- two forms of one text ---- */

static bool is_type(const struct imprimatur_part *part, const char *type)
{
	return part->text != NULL && strcmp(part->type, type) == 0;
}

/* Is it another form of a plain text, which says the same? */
static bool is_pair(const struct imprimatur_mail *mail, size_t form)
{
	const struct imprimatur_part *part = &mail->parts[form], *other;
	bool plain = is_type(part, "text/plain");

	if (part->text == NULL || part->alternative < 0 ||
	    (size_t)part->alternative >= mail->n_parts)
		return false;
	other = &mail->parts[part->alternative];
	if (is_type(other, "text/plain"))
		return !plain || (size_t)part->alternative < form;
	/* two pages, or a page with something else */
	return !plain && is_type(other, "text/html") &&
	       ((size_t)part->alternative < form ||
		   strcmp(part->type, "text/html") != 0);
}

static void look_at_parts(const struct deception *self,
    const struct imprimatur_mail *mail, struct imprimatur_report *report)
{
	struct twins twins;
	unsigned pairs = 0;
	char value[24];

	for (size_t i = 0; i < mail->n_parts; i++) {
		if (!is_pair(mail, i))
			continue;
		if (++pairs > PAIRS_MOST) {
			self->host->find(report, IMPRIMATUR_CAUTION,
			    findings[PARTS].name, NULL,
			    "there are more than %d, and not all were compared",
			    PAIRS_MOST);
			return;
		}
		if (!twins_differ(self->host, report, mail, i, &twins))
			continue;
		snprintf(value, sizeof(value), "%zu", twins.differences);
		if (twins.order)
			self->host->find(report, IMPRIMATUR_CAUTION,
			    findings[PARTS].name, value,
			    "words or figures stand in another order in the "
			    "HTML");
		else
			self->host->find(report,
			    twins.footer ? IMPRIMATUR_NOTE : IMPRIMATUR_CAUTION,
			    findings[PARTS].name, value,
			    "only in the plain text: \"%s\"; only in the HTML: "
			    "\"%s\"",
			    twins.plain, twins.html);
	}
}

/* ---- text out of sight ---- */

/* The beginning of a text, as one line. */
static void example(const char *text, size_t size, char out[SHOWN_MOST + 1])
{
	size_t n = size < SHOWN_MOST ? size : SHOWN_MOST;

	while (n > 0 && n < size && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
	out[n] = '\0';
}

static void look_at_blanks(const struct deception *self,
    const struct imprimatur_mail *mail, struct imprimatur_report *report)
{
	struct blanks found;
	char text[SHOWN_MOST + 1], value[24];

	for (size_t i = 0; i < mail->n_parts; i++) {
		const struct imprimatur_part *part = &mail->parts[i];
		unsigned pixels = 0;

		if (part->text == NULL)
			continue;
		if (blanks_in_text(part->text, part->text_size, &found)) {
			example(found.text, found.size, text);
			snprintf(value, sizeof(value), "%u",
			    found.lines + found.columns);
			self->host->find(report, IMPRIMATUR_CAUTION,
			    findings[BLANK].name, value,
			    found.lines > 0 ? "after %u empty lines: \"%s\""
					    : "after %u blanks: \"%s\"",
			    found.lines + found.columns, text);
			return;
		}
		if (is_type(part, "text/html"))
			pixels =
			    blanks_in_html(part->source, part->source_size);
		if (pixels == 0)
			continue;
		snprintf(value, sizeof(value), "%u", pixels);
		self->host->find(report, IMPRIMATUR_CAUTION,
		    findings[BLANK].name, value,
		    "a style leaves %u pixels of the page empty", pixels);
		return;
	}
}

/* ---- letters of others ---- */

static void look_at_letters(const struct deception *self,
    const struct imprimatur_mail *mail, struct imprimatur_report *report)
{
	struct mixed_found found = {.words = 0};
	char value[24];

	mixed_look(self->tables, mail->text, mail->text_size, &found);
	mixed_look(self->tables, mail->subject, strlen(mail->subject), &found);
	for (size_t i = 0; i < mail->n_addresses; i++)
		mixed_look(self->tables, mail->addresses[i].display,
		    strlen(mail->addresses[i].display), &found);
	if (found.genuine == 0)
		found.words += found.borrowed;
	if (found.words == 0)
		return;
	snprintf(value, sizeof(value), "%zu", found.words);
	self->host->find(report, IMPRIMATUR_CAUTION, findings[MIXED].name,
	    value, "%zu word%s of letters that only look Latin, such as \"%s\"",
	    found.words, found.words == 1 ? "" : "s",
	    found.first[0] != '\0' ? found.first : found.borrowed_first);
}

/* ---- words for the reviewer ---- */

/* In small letters, one blank between words, no punctuation. */
static const struct {
	enum kind kind;
	const char *text;
} phrases[] = {
    {NOTICE, "imprimatur asks you"},
    {NOTICE, "answer this mail the first line says what to do"},
    {NOTICE, "answer above this line"},
    {NOTICE, "the first line of your answer says what to do"},
    {REVIEWER, "already approved by"},
    {REVIEWER, "already been approved by"},
    {REVIEWER, "pre approved by"},
    {REVIEWER, "preapproved by"},
    {REVIEWER, "cleared by legal"},
    {REVIEWER, "cleared by compliance"},
    {REVIEWER, "approved by legal"},
    {REVIEWER, "approved by compliance"},
    {REVIEWER, "approved by the reviewer"},
    {REVIEWER, "dear reviewer"},
    {REVIEWER, "dear approver"},
    {REVIEWER, "note to reviewer"},
    {REVIEWER, "note to the reviewer"},
    {REVIEWER, "note for the reviewer"},
    {REVIEWER, "note for reviewers"},
    {REVIEWER, "message to the reviewer"},
    {REVIEWER, "attention reviewer"},
    {REVIEWER, "reviewer please"},
    {REVIEWER, "reviewers please"},
    {REVIEWER, "reviewer approve"},
    {REVIEWER, "please approve this"},
    {REVIEWER, "approve this draft"},
    {REVIEWER, "approve this email"},
    {REVIEWER, "approve this e mail"},
    {REVIEWER, "approve this mail"},
    {REVIEWER, "approve without review"},
    {REVIEWER, "no review needed"},
    {REVIEWER, "no review is needed"},
    {REVIEWER, "no review required"},
    {REVIEWER, "no need to review"},
    {REVIEWER, "does not need review"},
    {REVIEWER, "skip review"},
    {REVIEWER, "skip the review"},
    {REVIEWER, "do not hold this"},
    {REVIEWER, "safe to send"},
    {REVIEWER, "safe to approve"},
    {REVIEWER, "ignore previous instructions"},
    {REVIEWER, "ignore all previous instructions"},
    {REVIEWER, "ignore the previous instructions"},
    {REVIEWER, "ignore the above instructions"},
    {REVIEWER, "ignore all prior instructions"},
    {REVIEWER, "disregard previous instructions"},
    {REVIEWER, "disregard all previous instructions"},
    {REVIEWER, "disregard the above instructions"},
    {REVIEWER, "forget all previous instructions"},
    {REVIEWER, "forget your instructions"},
    {REVIEWER, "override the policy"},
    {REVIEWER, "you are an ai"},
    {REVIEWER, "system prompt"},
    {REVIEWER, "bereits freigegeben"},
    {REVIEWER, "bitte diese mail freigeben"},
    {REVIEWER, "keine pr\xc3\xbc"
	       "fung n\xc3\xb6tig"},
    {REVIEWER, "ignoriere alle vorherigen anweisungen"},
    {REVIEWER, "d\xc3\xa9j\xc3\xa0 approuv\xc3\xa9"},
    {REVIEWER, "ignorez les instructions pr\xc3\xa9"
	       "c\xc3\xa9"
	       "dentes"},
    {REVIEWER, "ya aprobado por"},
    {REVIEWER, "ignora las instrucciones anteriores"},
    {REVIEWER, "gi\xc3\xa0 approvato da"},
    {REVIEWER, "reeds goedgekeurd door"},
};

/* Small letters; all that is no letter, digit or other byte is one blank. */
static size_t make_even(const char *text, size_t size, char *out)
{
	size_t n = 0;

	out[n++] = ' ';
	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		/* a blank that does not break */
		if (c == '\xc2' && i + 1 < size && text[i + 1] == '\xa0') {
			c = ' ';
			i++;
		}
		if (c >= 'A' && c <= 'Z')
			c = (char)(c + ('a' - 'A'));
		if ((unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') ||
		    (c >= '0' && c <= '9'))
			out[n++] = c;
		else if (out[n - 1] != ' ' && c != '\'')
			out[n++] = ' ';
	}
	out[n++] = ' ';
	out[n] = '\0';
	return n;
}

static bool stands_at(const char *p, const char *phrase)
{
	size_t n = strlen(phrase);

	return p[0] == ' ' && strncmp(p + 1, phrase, n) == 0 && p[n + 1] == ' ';
}

static void say_phrase(const struct deception *self,
    struct imprimatur_report *report, enum kind kind, const char *phrase)
{
	self->host->find(report,
	    kind == NOTICE ? IMPRIMATUR_CAUTION : IMPRIMATUR_NOTE,
	    findings[kind].name, NULL, "the text says \"%s\"", phrase);
}

static void look_for_phrases(const struct deception *self,
    const struct imprimatur_mail *mail, struct imprimatur_report *report)
{
	size_t subject = strlen(mail->subject);
	size_t size = mail->text_size + subject + 2;
	char *whole = self->host->memory(report, size);
	char *even = self->host->memory(report, size + 4);
	bool told[KINDS] = {false};

	memcpy(whole, mail->subject, subject);
	whole[subject] = '\n';
	memcpy(whole + subject + 1, mail->text, mail->text_size);
	size = make_even(whole, subject + 1 + mail->text_size, even);
	for (size_t at = 0; at < size; at++) {
		if (even[at] != ' ')
			continue;
		for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]);
		     i++) {
			enum kind kind = phrases[i].kind;

			if (self->off[kind] || told[kind] ||
			    !stands_at(even + at, phrases[i].text))
				continue;
			told[kind] = true;
			say_phrase(self, report, kind, phrases[i].text);
		}
	}
}

static void check(void *state, const struct imprimatur_mail *mail,
    struct imprimatur_report *report)
{
	const struct deception *self = state;

	if (!self->off[PARTS])
		look_at_parts(self, mail, report);
	if (!self->off[BLANK])
		look_at_blanks(self, mail, report);
	if (!self->off[MIXED])
		look_at_letters(self, mail, report);
	look_for_phrases(self, mail, report);
}

const struct imprimatur_plugin imprimatur_plugin = {
    .abi = IMPRIMATUR_PLUGIN_ABI,
    .size = sizeof(imprimatur_plugin),
    .name = "deception",
    .version = "1",
    .about = "what would let a reviewer read something else than a recipient",
    .options = options,
    .findings = findings,
    .configure = configure,
    .check = check,
    .release = release,
};
