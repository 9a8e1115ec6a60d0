/*
 * secrets: finds what should not leave the house: keys, tokens, passwords, card
 * numbers, accounts, numbers of persons.  It never shows them: what it says is
 * the kind, and of long ones the last four characters.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <imprimatur/plugin.h>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "secrets_look.h"

#define PIECE	    32768
#define OVERLAP	    8192 /* longer than anything that is found */
#define BEFORE	    64
#define FOUND_MOST  20
#define KB_MOST	    16384
#define CODED_LEAST 24		 /* digits of base64 that may hide a secret */
#define CODED_MOST  (256 * 1024) /* of them in one text that are undone */

struct secrets {
	const struct imprimatur_host *host;
	bool national[SECRETS_NATIONALS];
	size_t attachment_most; /* bytes of one that is looked at */
	char (*own_ibans)[SECRETS_ID];
	size_t n_own_ibans;
};

struct look {
	const struct secrets *own;
	struct imprimatur_report *report;
	char *folded; /* PIECE bytes */
	const char *where;
	uint64_t found[FOUND_MOST]; /* what was told, as a number */
	size_t n_found;
};

/* ---- telling ---- */

static uint64_t mix(uint64_t hash, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		hash =
		    (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

/* Whether it is new, and there is room to tell. */
static bool is_new(
    struct look *look, const char *name, const char *bytes, size_t size)
{
	uint64_t hash = mix(UINT64_C(14695981039346656037), name, strlen(name));

	hash = mix(hash, bytes, size);
	for (size_t i = 0; i < look->n_found; i++)
		if (look->found[i] == hash)
			return false;
	if (look->n_found == FOUND_MOST)
		return false;
	look->found[look->n_found++] = hash;
	return true;
}

static void tell_token(struct look *look, const struct secrets_text *text,
    const struct secrets_hit *hit)
{
	const char *secret = text->bytes + hit->from;
	const char *end = secret + hit->size - 4;
	bool shows = hit->size >= 20 && strstr(hit->kind, "password") == NULL &&
		     strcmp(hit->kind, "private-key") != 0;

	if (!is_new(look, "secret-like", secret, hit->size))
		return;
	for (size_t i = 0; shows && i < 4; i++)
		shows = secrets_is_letter(end[i]) || secrets_is_digit(end[i]);
	if (shows)
		look->own->host->find(look->report, IMPRIMATUR_CAUTION,
		    "secret-like", hit->kind, "%s ending in %.4s, %s",
		    hit->kind, end, look->where);
	else
		look->own->host->find(look->report, IMPRIMATUR_CAUTION,
		    "secret-like", hit->kind, "%s, %s", hit->kind, look->where);
}

static void tell_number(struct look *look, enum imprimatur_weight weight,
    const char *name, const char *value, const char *digits)
{
	if (is_new(look, name, digits, strlen(digits)))
		look->own->host->find(look->report, weight, name, value,
		    "%s ending in %s, %s", value, digits + strlen(digits) - 4,
		    look->where);
}

/* ---- looking ---- */

static bool is_own(const struct secrets *own, const char *iban)
{
	for (size_t i = 0; i < own->n_own_ibans; i++)
		if (strcmp(own->own_ibans[i], iban) == 0)
			return true;
	return false;
}

/* What begins at this byte; returns how many bytes it has, or 0. */
static size_t look_at(
    struct look *look, const struct secrets_text *text, size_t at)
{
	struct secrets_hit hit = {0};
	char id[SECRETS_ID];

	if (secrets_token(text, at, &hit)) {
		tell_token(look, text, &hit);
	} else if (secrets_iban(text, at, &hit, id)) {
		char country[3] = {id[0], id[1], '\0'};

		if (!is_own(look->own, id))
			tell_number(look, IMPRIMATUR_NOTE, "iban", country, id);
	} else if (secrets_card(text, at, &hit, id)) {
		tell_number(
		    look, IMPRIMATUR_CAUTION, "card-number", hit.kind, id);
	} else {
		for (size_t i = 0; i < SECRETS_NATIONALS; i++) {
			hit.kind = secrets_nationals[i];
			if (!look->own->national[i] ||
			    !secrets_national(text, at, &hit, id))
				continue;
			tell_number(look, IMPRIMATUR_CAUTION, "national-id",
			    hit.kind, id);
			return hit.size;
		}
		return 0;
	}
	return hit.from + hit.size - at;
}

/* What begins from one byte up to another; returns the byte it came to. */
static size_t scan_piece(
    struct look *look, const struct secrets_text *text, size_t from, size_t to)
{
	size_t at = from;

	while (at < to) {
		char c = text->bytes[at], before = secrets_at(text, at - 1);
		size_t n = 0;

		if ((secrets_is_letter(c) || secrets_is_digit(c)) &&
		    (at == 0 || (!secrets_is_letter(before) &&
				    !secrets_is_digit(before))))
			n = look_at(look, text, at);
		at += n > 0 ? n : 1;
	}
	return at;
}

/* The character in the plain form, or 0 for what has no width. */
static UChar32 plain(UChar32 c)
{
	int32_t digit;

	if (c < 0x80)
		return c == 0 ? ' ' : c;
	digit = u_charDigitValue(c);
	if (digit >= 0)
		return '0' + digit;
	if (c >= 0xff01 && c <= 0xff5e)
		return c - 0xff01 + '!';
	if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
		return 0;
	if (u_charType(c) == U_SPACE_SEPARATOR)
		return ' ';
	return u_charType(c) == U_DASH_PUNCTUATION ? '-' : c;
}

/* A piece of text in plain form. */
struct piece {
	struct secrets_text text;
	size_t end;  /* the byte of the source behind it */
	size_t back; /* where the next piece is to begin, to overlap */
	size_t kept; /* what the text had there */
};

static void fold(struct look *look, const char *bytes, size_t size, size_t at,
    struct piece *piece)
{
	const uint8_t *from = (const uint8_t *)bytes;
	size_t n = 0;

	*piece = (struct piece){.text.bytes = look->folded, .back = size};
	while (at < size && n + 4 < PIECE) {
		UChar32 c;

		if (n >= PIECE - OVERLAP && piece->kept == 0) {
			piece->back = at;
			piece->kept = n;
		}
		U8_NEXT_OR_FFFD(from, at, size, c);
		c = plain(c);
		if (c != 0)
			U8_APPEND_UNSAFE((uint8_t *)look->folded, n, c);
	}
	piece->text.size = n;
	piece->end = at;
}

static void scan(
    struct look *look, const char *bytes, size_t size, const char *where)
{
	size_t at = 0, from = 0;

	look->where = where;
	while (at < size) {
		struct piece piece;

		fold(look, bytes, size, at, &piece);
		if (piece.end == size) {
			scan_piece(look, &piece.text, from, piece.text.size);
			return;
		}
		/* what begins near the end is looked at in the next piece,
		 * which has some bytes before it, too */
		from = scan_piece(look, &piece.text, from, piece.kept + BEFORE);
		from -= piece.kept;
		at = piece.back;
	}
}

/* ---- base64 ---- */

static int digit64(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Digits of base64 as bytes; those that nobody can read end it. */
static size_t undo(const char *from, size_t size, char *out)
{
	unsigned bits = 0, have = 0;
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		bits = bits << 6 | (unsigned)digit64(from[i]);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		out[n] = (char)(bits >> have & 0xff);
		if ((unsigned char)out[n] >= 0x7f ||
		    ((unsigned char)out[n] < ' ' &&
			strchr("\t\r\n", out[n]) == NULL))
			break;
		n++;
	}
	return n;
}

/* A text within the text: what it says when base64 is undone. */
static void scan_coded(
    struct look *look, const char *bytes, size_t size, const char *where)
{
	size_t from, budget = CODED_MOST;

	for (size_t at = 0; at < size && budget > 0; at++) {
		char *plain;
		size_t n;

		for (from = at; at < size && digit64(bytes[at]) >= 0;)
			at++;
		if (at - from < CODED_LEAST)
			continue;
		n = at - from < budget ? at - from : budget;
		budget -= n;
		plain = look->own->host->memory(look->report, n + 1);
		n = undo(bytes + from, n, plain);
		if (n >= CODED_LEAST / 4 * 3)
			scan(look, plain, n, where);
	}
}

/* UTF-16 of either kind as bytes; what is not ASCII is a blank. */
static void scan_wide(
    struct look *look, const struct imprimatur_part *part, const char *where)
{
	size_t n = part->size / 2, zeros[2] = {0, 0}, low;
	char *plain;

	for (size_t i = 0; i < 2 * n && i < 1024; i++)
		zeros[i % 2] += part->bytes[i] == 0;
	low = zeros[0] > zeros[1] ? 1 : 0;
	if (n < 8 || zeros[1 - low] * 4 < (n < 512 ? n : 512) * 3)
		return;
	plain = look->own->host->memory(look->report, n + 1);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = part->bytes[2 * i + low];

		plain[i] =
		    part->bytes[2 * i + 1 - low] == 0 && c != 0 && c < 0x80
			? (char)c
			: ' ';
	}
	scan(look, plain, n, where);
}

/* No NUL and few control characters: somebody can read it. */
static bool is_readable(const unsigned char *bytes, size_t size)
{
	size_t odd = 0;

	for (size_t i = 0; i < size && i < 1024; i++) {
		if (bytes[i] == 0)
			return false;
		odd += bytes[i] < ' ' && strchr("\t\r\n\f", bytes[i]) == NULL;
	}
	return odd < 8;
}

static void scan_part(struct look *look, const struct imprimatur_part *part)
{
	bool attached = part->disposition != NULL &&
			strcmp(part->disposition, "attachment") == 0;
	const char *where = attached ? "in an attachment" : "in the text";
	size_t most = look->own->attachment_most;

	if (part->filename != NULL)
		scan(look, part->filename, strlen(part->filename),
		    "in the name of a file");
	if (part->text != NULL && (!attached || part->text_size <= most)) {
		scan(look, part->text, part->text_size, where);
		scan_coded(look, part->text, part->text_size, where);
	}
	if (part->source != NULL && strcmp(part->type, "text/html") == 0 &&
	    (!attached || part->source_size <= most))
		scan(look, part->source, part->source_size,
		    "in the HTML source");
	if (part->text != NULL || part->size > most)
		return;
	if (is_readable(part->bytes, part->size))
		scan(look, (const char *)part->bytes, part->size,
		    "in an attachment");
	else
		scan_wide(look, part, "in an attachment");
}

/* Fields that programs write for one another are full of numbers. */
static bool is_for_programs(const char *name)
{
	static const char *const names[] = {"DKIM-Signature", "Received",
	    "Message-ID", "In-Reply-To", "References", "Content-Type",
	    "Content-Disposition", "Subject", "List-Unsubscribe", "Autocrypt",
	    "Feedback-ID", "Thread-Index"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i], name) == 0)
			return true;
	return strncasecmp(name, "ARC-", 4) == 0;
}

static void check(void *state, const struct imprimatur_mail *mail,
    struct imprimatur_report *report)
{
	const struct secrets *own = state;
	struct look *look = own->host->memory(report, sizeof(*look));

	look->own = own;
	look->report = report;
	look->folded = own->host->memory(report, PIECE);
	scan(look, mail->subject, strlen(mail->subject), "in the subject");
	for (size_t i = 0; i < mail->n_fields; i++)
		if (!is_for_programs(mail->fields[i].name))
			scan(look, mail->fields[i].value,
			    strlen(mail->fields[i].value), "in the header");
	for (size_t i = 0; i < mail->n_parts; i++)
		scan_part(look, &mail->parts[i]);
}

/* ---- options ---- */

static int take_ibans(
    struct secrets *own, const struct imprimatur_options *options)
{
	size_t n = 0;

	while (own->host->item(options, "own_ibans", n) != NULL)
		n++;
	own->own_ibans = calloc(n + 1, sizeof(*own->own_ibans));
	if (own->own_ibans == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *item = own->host->item(options, "own_ibans", i);
		struct secrets_text text = {item, strlen(item)};
		struct secrets_hit hit;

		if (secrets_iban(&text, 0, &hit, own->own_ibans[i]) &&
		    hit.size == text.size) {
			own->n_own_ibans++;
			continue;
		}
		own->host->complain(options,
		    "own_ibans has '%s', which is no IBAN: a digit is wrong or "
		    "missing",
		    item);
		return -1;
	}
	return 0;
}

static int take_nationals(
    struct secrets *own, const struct imprimatur_options *options)
{
	const char *item;

	for (size_t n = 0;
	     (item = own->host->item(options, "national_ids", n)) != NULL;
	     n++) {
		size_t i = 0;

		while (i < SECRETS_NATIONALS &&
		       strcmp(item, secrets_nationals[i]) != 0)
			i++;
		if (i == SECRETS_NATIONALS) {
			own->host->complain(options,
			    "national_ids has '%s'; it may have "
			    "\"de-steuerid\", \"us-ssn\", \"uk-nino\", "
			    "\"fr-nir\", \"es-dni\", \"it-cf\", \"nl-bsn\"",
			    item);
			return -1;
		}
		own->national[i] = true;
	}
	return 0;
}

static int take_limit(
    struct secrets *own, const struct imprimatur_options *options)
{
	const char *value = own->host->option(options, "attachment_kb");
	unsigned long kb;
	char *end;

	own->attachment_most = 256 * 1024;
	if (value == NULL)
		return 0;
	kb = strtoul(value, &end, 10);
	if (end == value || *end != '\0' || value[0] == '-' || kb > KB_MOST) {
		own->host->complain(options,
		    "attachment_kb is '%s'; it must be a whole number from 0 "
		    "to %d",
		    value, KB_MOST);
		return -1;
	}
	own->attachment_most = kb * 1024;
	return 0;
}

static void release(void *state)
{
	struct secrets *own = state;

	free(own->own_ibans);
	free(own);
}

static int configure(const struct imprimatur_host *host,
    const struct imprimatur_options *options, void **state)
{
	struct secrets *own = calloc(1, sizeof(*own));

	if (own == NULL)
		return -1;
	own->host = host;
	if (take_ibans(own, options) == 0 &&
	    take_nationals(own, options) == 0 &&
	    take_limit(own, options) == 0) {
		*state = own;
		return 0;
	}
	release(own);
	return -1;
}

static const struct imprimatur_option options[] = {
    {"own_ibans", "list", "accounts of the house, not reported; none"},
    {"national_ids", "list",
	"numbers of persons to look for: de-steuerid, us-ssn, uk-nino, "
	"fr-nir, es-dni, it-cf, nl-bsn; none"},
    {"attachment_kb", "number",
	"attachments up to so many KB are looked into when they are text; "
	"256"},
    {NULL, NULL, NULL},
};

static const struct imprimatur_finding findings[] = {
    {"secret-like", "a key, token or password; value: its kind"},
    {"card-number", "a payment card; value: who issued it"},
    {"iban", "an account that is not the house's; value: its country"},
    {"national-id", "the number of a person; value: its kind"},
    {NULL, NULL},
};

const struct imprimatur_plugin imprimatur_plugin = {
    .abi = IMPRIMATUR_PLUGIN_ABI,
    .size = sizeof(imprimatur_plugin),
    .name = "secrets",
    .version = "1",
    .about = "finds keys, passwords, cards, accounts, persons' numbers",
    .options = options,
    .findings = findings,
    .configure = configure,
    .check = check,
    .release = release,
};
