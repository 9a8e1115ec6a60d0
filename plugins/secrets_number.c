/*
 * secrets_number: card numbers (ISO/IEC 7812), IBANs (ISO 13616) and numbers of
 * persons, each by its length and check digits.
 */
#include "secrets_look.h"

#include <stdint.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const char *const secrets_nationals[SECRETS_NATIONALS] = {
    "de-steuerid", "us-ssn", "uk-nino", "fr-nir", "es-dni", "it-cf", "nl-bsn"};

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* Whether a number may begin here: it is not the middle of another. */
static bool may_begin(const struct secrets_text *text, size_t at)
{
	char before = at > 0 ? text->bytes[at - 1] : ' ';

	if (secrets_is_digit(before) || secrets_is_letter(before) ||
	    before == '+' || before == '_')
		return false;
	return before == ' ' || at < 2 || strchr("-.,/", before) == NULL ||
	       !secrets_is_digit(text->bytes[at - 2]);
}

static bool may_end(const struct secrets_text *text, size_t at)
{
	char c = secrets_at(text, at);

	return !secrets_is_digit(c) && !secrets_is_letter(c) && c != '_' &&
	       (strchr("-.,/", c) == NULL ||
		   !secrets_is_digit(secrets_at(text, at + 1)));
}

/* Letters and digits from at, single marks between left out, at most most; the
 * byte behind, or 0. */
static size_t take(const struct secrets_text *text, size_t at,
    const char *marks, size_t most, char out[SECRETS_ID])
{
	size_t n = 0;

	while (n < most && n < SECRETS_ID - 1) {
		char c = secrets_at(text, at);

		if (secrets_is_digit(c) || secrets_is_letter(c)) {
			out[n++] = upper(c);
			at++;
		} else if (n > 0 && c != '\0' && strchr(marks, c) != NULL &&
			   (secrets_is_digit(secrets_at(text, at + 1)) ||
			       secrets_is_letter(secrets_at(text, at + 1)))) {
			at++;
		} else {
			break;
		}
	}
	out[n] = '\0';
	return at;
}

static bool all_digits(const char *text, size_t n)
{
	return strspn(text, "0123456789") >= n;
}

/* ---- cards ---- */

struct issuer {
	const char *name;
	unsigned from, to; /* of the first four digits */
	const char *lengths;
};

static const struct issuer issuers[] = {
    {"visa", 4000, 4999, "\x0d\x10\x13"},
    {"mastercard", 5100, 5599, "\x10"},
    {"mastercard", 2221, 2720, "\x10"},
    {"amex", 3400, 3499, "\x0f"},
    {"amex", 3700, 3799, "\x0f"},
    {"diners", 3000, 3059, "\x0e"},
    {"diners", 3600, 3699, "\x0e"},
    {"diners", 3800, 3999, "\x0e"},
    {"discover", 6011, 6011, "\x10\x13"},
    {"discover", 6440, 6599, "\x10\x13"},
    {"jcb", 3528, 3589, "\x10\x11\x12\x13"},
    {"unionpay", 6200, 6299, "\x10\x11\x12\x13"},
    {"maestro", 5018, 5020, "\x0d\x0e\x0f\x10\x12\x13"},
    {"maestro", 5038, 5038, "\x0d\x0e\x0f\x10\x12\x13"},
    {"maestro", 6304, 6304, "\x0d\x0e\x0f\x10\x12\x13"},
    {"maestro", 6759, 6763, "\x0d\x0e\x0f\x10\x12\x13"},
};

static bool luhn(const char *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned digit = (unsigned)(digits[n - 1 - i] - '0');

		digit *= i % 2 == 1 ? 2 : 1;
		sum += digit > 9 ? digit - 9 : digit;
	}
	return sum % 10 == 0;
}

static const char *issuer(const char *digits, size_t n)
{
	unsigned first = 0;

	for (size_t i = 0; i < 4; i++)
		first = first * 10 + (unsigned)(digits[i] - '0');
	for (size_t i = 0; i < COUNT(issuers); i++)
		if (first >= issuers[i].from && first <= issuers[i].to &&
		    strchr(issuers[i].lengths, (int)n) != NULL)
			return issuers[i].name;
	return NULL;
}

/* Digits in groups as cards have them, one mark of one kind between. */
static size_t take_card(
    const struct secrets_text *text, size_t at, char out[SECRETS_ID])
{
	size_t n = 0, group = 0, groups = 0;
	char mark = '\0';

	for (; n < 20; at++) {
		char c = secrets_at(text, at);

		if (secrets_is_digit(c)) {
			out[n++] = c;
			group++;
			continue;
		}
		if ((c != ' ' && c != '-' && c != '.') ||
		    (mark != '\0' && c != mark) ||
		    !secrets_is_digit(secrets_at(text, at + 1)) ||
		    (group != 4 && (groups == 0 || group != 6)))
			break;
		mark = c;
		group = 0;
		groups++;
	}
	out[n] = '\0';
	return at;
}

bool secrets_card(const struct secrets_text *text, size_t at,
    struct secrets_hit *hit, char out[SECRETS_ID])
{
	size_t end, n;

	if (!secrets_is_digit(text->bytes[at]) || !may_begin(text, at))
		return false;
	end = take_card(text, at, out);
	n = strlen(out);
	if (n < 13 || n > 19 || !may_end(text, end) || !luhn(out, n))
		return false;
	*hit = (struct secrets_hit){at, end - at, issuer(out, n)};
	return hit->kind != NULL;
}

/* ---- IBAN ---- */

/* Two letters of the country, two digits of the length. */
static const char ibans[] =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27"
    "DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22"
    "IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19"
    "MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31"
    "SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

static size_t iban_length(const char *country)
{
	for (const char *row = ibans; *row != '\0'; row += 4)
		if (row[0] == country[0] && row[1] == country[1])
			return (size_t)(row[2] - '0') * 10 +
			       (size_t)(row[3] - '0');
	return 0;
}

/* The first four behind the rest, letters as 10 to 35, modulo 97 is 1. */
static bool checks(const char *iban, size_t n)
{
	unsigned rest = 0;

	for (size_t i = 0; i < n; i++) {
		char c = iban[(i + 4) % n];

		if (secrets_is_digit(c))
			rest = rest * 10 + (unsigned)(c - '0');
		else
			rest = rest * 100 + (unsigned)(c - 'A') + 10;
		rest %= 97;
	}
	return rest == 1;
}

bool secrets_iban(const struct secrets_text *text, size_t at,
    struct secrets_hit *hit, char out[SECRETS_ID])
{
	char country[2] = {
	    upper(secrets_at(text, at)), upper(secrets_at(text, at + 1))};
	size_t n, end;

	if (!secrets_is_letter(country[0]) || !secrets_is_letter(country[1]) ||
	    !secrets_is_digit(secrets_at(text, at + 2)) ||
	    !secrets_is_digit(secrets_at(text, at + 3)))
		return false;
	n = iban_length(country);
	if (n == 0)
		return false;
	end = take(text, at, " -", n, out);
	if (strlen(out) != n || !may_end(text, end) || !checks(out, n))
		return false;
	*hit = (struct secrets_hit){at, end - at, "iban"};
	return true;
}

/* ---- numbers of persons ---- */

/* ISO 7064 mod 11,10; one digit of the first ten comes two or three times. */
static bool is_steuerid(const char *id)
{
	unsigned product = 10, counts[10] = {0}, twice = 0;

	for (size_t i = 0; i < 10; i++) {
		unsigned sum = ((unsigned)(id[i] - '0') + product) % 10;

		counts[id[i] - '0']++;
		product = (sum == 0 ? 10 : sum) * 2 % 11;
	}
	for (size_t i = 0; i < 10; i++) {
		if (counts[i] > 3)
			return false;
		twice += counts[i] > 1;
	}
	return id[0] != '0' && twice == 1 &&
	       (11 - product) % 10 == (unsigned)(id[10] - '0');
}

static bool is_ssn(const char *id)
{
	return strncmp(id, "000", 3) != 0 && strncmp(id, "666", 3) != 0 &&
	       id[0] != '9' && strncmp(id + 3, "00", 2) != 0 &&
	       strcmp(id + 5, "0000") != 0;
}

static bool is_nino(const char *id)
{
	static const char *const never[] = {
	    "BG", "GB", "NK", "KN", "TN", "NT", "ZZ"};

	for (size_t i = 0; i < COUNT(never); i++)
		if (strncmp(id, never[i], 2) == 0)
			return false;
	return secrets_is_letter(id[0]) && secrets_is_letter(id[1]) &&
	       strchr("DFIQUV", id[0]) == NULL &&
	       strchr("DFIQUVO", id[1]) == NULL && all_digits(id + 2, 6) &&
	       id[8] >= 'A' && id[8] <= 'D';
}

/* The key is 97 less the rest; Corsica's letters are 19 and 18. */
static bool is_nir(const char *id)
{
	uint64_t n = 0;
	unsigned key = (unsigned)(id[13] - '0') * 10 + (unsigned)(id[14] - '0');

	if ((id[0] != '1' && id[0] != '2') || !all_digits(id + 13, 2))
		return false;
	for (size_t i = 0; i < 13; i++) {
		char c = id[i];

		if (i == 6 && (c == 'A' || c == 'B') && id[5] == '2') {
			n = n / 10 * 100 + (c == 'A' ? 19 : 18);
			continue;
		}
		if (!secrets_is_digit(c))
			return false;
		n = n * 10 + (uint64_t)(c - '0');
	}
	return key == 97 - n % 97;
}

static bool is_dni(const char *id)
{
	unsigned n = 0;

	for (size_t i = 0; i < 8; i++) {
		char c = id[i];

		if (i == 0 && c >= 'X' && c <= 'Z')
			c = (char)('0' + (c - 'X'));
		if (!secrets_is_digit(c))
			return false;
		n = n * 10 + (unsigned)(c - '0');
	}
	return id[8] == "TRWAGMYFPDXBNJZSQVHLCKE"[n % 23];
}

/* Letters and digits have other values at odd places. */
static bool is_cf(const char *id)
{
	static const unsigned char odd[] = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21,
	    2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
	unsigned sum = 0;

	for (size_t i = 0; i < 15; i++) {
		bool letter = secrets_is_letter(id[i]);
		unsigned n = (unsigned)(id[i] - (letter ? 'A' : '0'));

		if (letter !=
			(strchr("\1\2\3\4\5\6\x9\xc", (int)i + 1) != NULL) &&
		    (!letter || strchr("LMNPQRSTUV", id[i]) == NULL))
			return false;
		sum += i % 2 == 0 ? odd[n] : n;
	}
	return id[15] == (char)('A' + sum % 26);
}

static bool is_bsn(const char *id)
{
	int sum = 0;

	for (int i = 0; i < 8; i++)
		sum += (9 - i) * (id[i] - '0');
	sum -= id[8] - '0';
	return sum % 11 == 0 && strcmp(id, "000000000") != 0;
}

static const struct {
	size_t length;
	bool digits, marked; /* digits alone; with marks between */
	const char *marks;
	bool (*is)(const char *id);
} nationals[SECRETS_NATIONALS] = {
    {11, true, false, " ", is_steuerid},
    {9, true, true, "- ", is_ssn},
    {9, false, false, " ", is_nino},
    {15, false, false, " ", is_nir},
    {9, false, false, "-.", is_dni},
    {16, false, false, " ", is_cf},
    {9, true, false, ".", is_bsn},
};

bool secrets_national(const struct secrets_text *text, size_t at,
    struct secrets_hit *hit, char out[SECRETS_ID])
{
	for (size_t i = 0; i < SECRETS_NATIONALS; i++) {
		size_t end, n = nationals[i].length;

		if (strcmp(hit->kind, secrets_nationals[i]) != 0)
			continue;
		if (!may_begin(text, at))
			return false;
		end = take(text, at, nationals[i].marks, n, out);
		if (strlen(out) != n || !may_end(text, end) ||
		    (nationals[i].digits && !all_digits(out, n)) ||
		    (nationals[i].marked &&
			(end - at != 11 ||
			    strchr("- ", secrets_at(text, at + 3)) == NULL ||
			    secrets_at(text, at + 3) !=
				secrets_at(text, at + 6))) ||
		    !nationals[i].is(out))
			return false;
		hit->from = at;
		hit->size = end - at;
		return true;
	}
	return false;
}
