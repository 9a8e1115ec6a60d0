/*
 * attached: phrases with which people point to an attachment, and the words
 * before them that make them mean something else.  Phrases, not words: a lamp
 * is attached to the wall too.
 */
#include "attached.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#define BEFORE_MOST 80 /* bytes of the same sentence that are looked at */

enum how {
	SURE,  /* nothing else is meant */
	MAYBE, /* unless it is said of something of the reader's */
	LAST   /* likewise, and not when "to something else" follows */
};

/* In small letters; "*" at the end: a word may go on. */
static const struct phrase {
	const char *text;
	enum how how;
} phrases[] = {
    /* English */
    {"find attached", SURE},
    {"find enclosed", SURE},
    {"find the attached", SURE},
    {"find the enclosed", SURE},
    {"find it attached", SURE},
    {"find them attached", SURE},
    {"attached please find", SURE},
    {"enclosed please find", SURE},
    {"attached you will find", SURE},
    {"attached you'll find", SURE},
    {"enclosed you will find", SURE},
    {"attached is", SURE},
    {"attached are", SURE},
    {"enclosed is", SURE},
    {"enclosed are", SURE},
    {"attached herewith", SURE},
    {"attached hereto", MAYBE},
    {"i have attached", SURE},
    {"i've attached", SURE},
    {"i attached", MAYBE},
    {"we have attached", SURE},
    {"we've attached", SURE},
    {"have also attached", SURE},
    {"i am attaching", SURE},
    {"i'm attaching", SURE},
    {"we are attaching", SURE},
    {"we're attaching", SURE},
    {"i have enclosed", SURE},
    {"i've enclosed", SURE},
    {"we have enclosed", SURE},
    {"i enclose", SURE},
    {"we enclose", SURE},
    {"see attached", SURE},
    {"see the attached", SURE},
    {"see attachment*", SURE},
    {"see the attachment*", MAYBE},
    {"see enclosed", SURE},
    {"the attached file*", MAYBE},
    {"the attached document*", MAYBE},
    {"the attached pdf", MAYBE},
    {"the attached invoice*", MAYBE},
    {"the attached report", MAYBE},
    {"the attached spreadsheet", MAYBE},
    {"the attached contract", MAYBE},
    {"the attached quote", MAYBE},
    {"the attached form", MAYBE},
    {"as an attachment", MAYBE},
    {"in the attachment", MAYBE},
    {"is attached", LAST},
    {"are attached", LAST},
    {"attached for your", SURE},
    {"attached below", MAYBE},
    /* German */
    {"im anhang", LAST},
    {"anbei", SURE},
    {"beigef\xc3\xbcgt*", MAYBE},
    {"beiliegend*", MAYBE},
    {"als anhang", MAYBE},
    {"als anlage", MAYBE},
    {"sie in der anlage", SURE},
    {"in der anlage finden", SURE},
    {"in der anlage erhalten", SURE},
    {"in der anlage sende", SURE},
    {"angeh\xc3\xa4ngt", MAYBE},
    {"habe ich angeh\xc3\xa4ngt", SURE},
    {"siehe anhang", MAYBE},
    {"siehe anlage", MAYBE},
    /* French */
    {"ci-joint*", SURE},
    {"ci joint*", SURE},
    {"en pi\xc3\xa8"
     "ce jointe",
	SURE},
    {"en pi\xc3\xa8"
     "ces jointes",
	SURE},
    {"en annexe", MAYBE},
    {"je joins", SURE},
    {"nous joignons", SURE},
    {"je vous joins", SURE},
    /* Spanish */
    {"adjunto encontrar*", SURE},
    {"encontrar\xc3\xa1 adjunt*", SURE},
    {"adjunto le*", SURE},
    {"adjunto te", SURE},
    {"adjunto env\xc3\xado", SURE},
    {"adjunto a este", SURE},
    {"adjunto a esta", SURE},
    {"adjunto la", SURE},
    {"adjunto el", SURE},
    {"adjunto los", SURE},
    {"adjunto las", SURE},
    {"adjunto una", SURE},
    {"adjunto un", SURE},
    {"le adjunto", SURE},
    {"les adjunto", SURE},
    {"te adjunto", SURE},
    {"os adjunto", SURE},
    {"se adjunta*", SURE},
    {"le adjuntamos", SURE},
    {"adjuntamos", SURE},
    {"en el adjunto", MAYBE},
    {"el archivo adjunto", MAYBE},
    {"el documento adjunto", MAYBE},
    /* Italian */
    {"in allegato", SURE},
    {"le allego", SURE},
    {"ti allego", SURE},
    {"vi allego", SURE},
    {"allego alla presente", SURE},
    {"alleghiamo", SURE},
    {"si allega", SURE},
    {"trova allegat*", SURE},
    {"troverete allegat*", SURE},
    /* Dutch */
    {"bijgevoegd*", MAYBE},
    {"in de bijlage", MAYBE},
    {"als bijlage", MAYBE},
    {"zie bijlage", MAYBE},
    {"bijgaand", SURE},
    {"ingesloten vindt u", SURE},
    /* Portuguese */
    {"em anexo", SURE},
    {"segue anexo", SURE},
    {"segue anexa", SURE},
    {"seguem anexos", SURE},
    {"anexo envio", SURE},
    {"envio anexo", SURE},
    /* others */
    {"w za\xc5\x82\xc4\x85"
     "czeniu",
	SURE},
    {"w za\xc5\x82\xc4\x85"
     "czniku",
	SURE},
    {"bifogar", SURE},
    {"bifogas", SURE},
    {"bifogat finns", SURE},
    {"vedh\xc3\xa6"
     "ftet",
	MAYBE},
    {"vedlagt", SURE},
    {"liitteen\xc3\xa4", SURE},
    {"v p\xc5\x99\xc3\xadloze", SURE},
    {"\xd0\xb2\xd0\xbe \xd0\xb2\xd0\xbb\xd0\xbe\xd0\xb6\xd0\xb5\xd0\xbd\xd0"
     "\xb8\xd0\xb8",
	SURE},
};

/* Before any phrase: nothing is attached, or not yet. */
static const char *const denials[] = {"not", "n't", "never", "nothing",
    "without", "if", "unless", "once", "whether", "cannot", "could", "please",
    "forgot", "nicht", "ohne", "falls", "wenn", "sobald", "kein", "keine",
    "nichts", "pas", "sans", "sin", "cuando", "non", "senza", "quando", "niet",
    "geen", "zonder", "wanneer", "n\xc3\xa3o", "sem"};

/* "please" is no denial before these. */
static const char *const asks[] = {
    "find", "see", "refer", "review", "note", "check", "consult", "have"};

/* Before a phrase that may be said of something of the reader's. */
static const char *const yours[] = {"thank", "thanks", "you", "your", "yours",
    "received", "reviewed", "got", "any", "all", "strings", "firmly",
    "emotionally", "we", "they", "he", "she", "who", "yesterday", "danke",
    "vielen", "ihr", "ihre", "ihrer", "ihren", "ihrem", "dein", "deine",
    "etwaige", "eventuelle", "merci", "votre", "vos", "gracias", "su", "sus",
    "cualquier", "bedankt", "uw", "jouw", "grazie", "vostro", "obrigado", "seu",
    "wand", "wall"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* ---- the text made even ---- */

/* What this character is to the phrases: itself, in small letters. */
static UChar32 even(UChar32 c)
{
	if (c == 0x2019 || c == 0x2bc || c == '`')
		return '\'';
	if (c == 0x2010 || c == 0x2011)
		return '-';
	if (u_isUWhiteSpace(c) || c == '*' || c == '_')
		return ' ';
	return u_tolower(c);
}

/* Small letters, one blank for all white space, an empty line ends a sentence.
 */
static size_t make_even(const char *text, size_t size, char *out)
{
	int32_t at = 0, n = 0;
	unsigned lines = 0;

	while (at < (int32_t)size) {
		UChar32 c;

		U8_NEXT(text, at, (int32_t)size, c);
		if (c < 0)
			continue;
		lines += c == '\n';
		c = even(c);
		if (c == ' ') {
			if (n > 0 && out[n - 1] != ' ')
				out[n++] = ' ';
			continue;
		}
		if (lines > 1 && n > 0) {
			out[n - 1] = '.';
			out[n++] = ' ';
		}
		lines = 0;
		U8_APPEND_UNSAFE(out, n, c);
	}
	out[n] = '\0';
	return (size_t)n;
}

/* ---- phrases ---- */

static bool is_letter(char c)
{
	return (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9');
}

static bool in(const char *const *list, size_t n, const char *word, size_t size)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == size && memcmp(list[i], word, size) == 0)
			return true;
	return false;
}

/* Bytes of the phrase when it stands at p, or 0. */
static size_t stands(const struct phrase *phrase, const char *p)
{
	size_t n = strlen(phrase->text);
	bool open = phrase->text[n - 1] == '*';

	n -= open;
	if (strncmp(p, phrase->text, n) != 0 || (!open && is_letter(p[n])))
		return 0;
	return n;
}

/* Is a word before the phrase one that makes it mean something else? */
static bool is_denied(
    const char *from, const char *p, const struct phrase *phrase)
{
	while (from < p) {
		const char *word = from, *next;
		size_t n = 0;

		while (from < p && (is_letter(*from) || *from == '\''))
			from++;
		n = (size_t)(from - word);
		while (from < p && !is_letter(*from))
			from++;
		next = from;
		if (n == 6 && memcmp(word, "please", 6) == 0 &&
		    in(asks, COUNT(asks), next, strcspn(next, " .,:")))
			continue;
		if (in(denials, COUNT(denials), word, n) ||
		    (n > 3 && memcmp(word + n - 3, "n't", 3) == 0) ||
		    (phrase->how != SURE && in(yours, COUNT(yours), word, n)))
			return true;
	}
	return false;
}

/* "attached to the wall", "Anhang B": something else, or some other paper. */
static bool is_of_another(const char *behind)
{
	if (strncmp(behind, " to ", 4) == 0)
		return strncmp(behind, " to this", 8) != 0;
	return behind[0] == ' ' && is_letter(behind[1]) &&
	       !is_letter(behind[2]) && behind[1] != 'a' && behind[1] != 'i';
}

/* Where the sentence begins, not too far back. */
static const char *sentence(const char *text, const char *p)
{
	const char *from = p;

	while (from > text && p - from < BEFORE_MOST &&
	       strchr(".!?", from[-1]) == NULL)
		from--;
	while (from < p && ((unsigned char)*from & 0xc0) == 0x80)
		from++;
	return from;
}

/* ---- earlier mails ---- */

static bool begins(
    const char *p, const char *end, const char *const *list, size_t n)
{
	while (p < end && (*p == '*' || *p == ' ' || *p == '\t'))
		p++;
	for (size_t i = 0; i < n; i++)
		if ((size_t)(end - p) >= strlen(list[i]) &&
		    strncasecmp(p, list[i], strlen(list[i])) == 0)
			return true;
	return false;
}

/* Does the head of an earlier mail stand here, as Outlook copies it? */
static bool is_head(const char *p, const char *end)
{
	static const char *const from[] = {
	    "From:", "Von:", "De:", "De :", "Da:", "Van:", "Od:"};
	static const char *const sent[] = {"Sent:", "Date:", "Gesendet:",
	    "Datum:", "Envoy\xc3\xa9", "Date :", "Enviado",
	    "Fecha:", "Inviato:", "Data:", "Verzonden:", "Wys\xc5\x82"};

	if (!begins(p, end, from, COUNT(from)))
		return false;
	for (unsigned lines = 0; lines < 3; lines++) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (p == NULL)
			return false;
		if (begins(++p, end, sent, COUNT(sent)))
			return true;
	}
	return false;
}

/* Bytes before it. */
static size_t before_head(const char *text, size_t size)
{
	const char *p = text, *end = text + size;

	while (p < end && !is_head(p, end)) {
		p = memchr(p, '\n', (size_t)(end - p));
		p = p != NULL ? p + 1 : end;
	}
	return (size_t)(p - text);
}

const char *attached_phrase(const char *text, size_t size, char *room)
{
	size_t n = make_even(text, before_head(text, size), room);

	for (const char *p = room; p < room + n; p++) {
		if (p > room && is_letter(p[-1]))
			continue;
		for (size_t i = 0; i < COUNT(phrases); i++) {
			size_t length = stands(&phrases[i], p);

			if (length > 0 &&
			    !is_denied(sentence(room, p), p, &phrases[i]) &&
			    (phrases[i].how != LAST ||
				!is_of_another(p + length))) {
				room[(size_t)(p - room) + length] = '\0';
				return p;
			}
		}
	}
	return NULL;
}
