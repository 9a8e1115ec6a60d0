/*
 * domain: what UTS 46 and UTS 39 say of a name, and a short list of endings
 * under which other people's names begin.
 */
#include "domain.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

struct domain_tables {
	USpoofChecker *spoof;
	UIDNA *idna;
};

static bool is_ascii(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

void domain_close(struct domain_tables *tables)
{
	if (tables == NULL)
		return;
	uspoof_close(tables->spoof);
	uidna_close(tables->idna);
	free(tables);
}

/* Everything is used once, so that it is in memory. */
static bool warm(const struct domain_tables *tables)
{
	static const char sample[] = "\xd1\x81ustomer\xc3\xa9.example";
	char name[DOMAIN_MAX], look[DOMAIN_LOOK];

	if (!domain_name(tables, sample, sizeof(sample) - 1, name) ||
	    domain_odd(tables, name) == NULL)
		return false;
	domain_look(tables, sample, sizeof(sample) - 1, look);
	return look[0] != '\0';
}

struct domain_tables *domain_open(void)
{
	struct domain_tables *tables = calloc(1, sizeof(*tables));
	UErrorCode status = U_ZERO_ERROR;

	if (tables == NULL)
		return NULL;
	tables->spoof = uspoof_open(&status);
	tables->idna = uidna_openUTS46(
	    UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
	    &status);
	if (U_SUCCESS(status)) {
		uspoof_setChecks(
		    tables->spoof, USPOOF_RESTRICTION_LEVEL, &status);
		uspoof_setRestrictionLevel(
		    tables->spoof, USPOOF_HIGHLY_RESTRICTIVE);
	}
	if (U_SUCCESS(status) && warm(tables))
		return tables;
	domain_close(tables);
	return NULL;
}

/* As it stands, in small letters, as much as there is room. */
static void plain_name(const char *text, size_t size, char out[DOMAIN_MAX])
{
	size_t n = size < DOMAIN_MAX ? size : DOMAIN_MAX - 1;

	while (n > 0 && n < size && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	for (size_t i = 0; i < n; i++)
		out[i] = lower(text[i]);
	out[n] = '\0';
}

static bool has_punycode(const char *text, size_t size)
{
	for (size_t i = 0; i + 4 <= size; i++)
		if (strncasecmp(text + i, "xn--", 4) == 0)
			return true;
	return false;
}

bool domain_name(const struct domain_tables *tables, const char *text,
    size_t size, char out[DOMAIN_MAX])
{
	/* a host may break these rules of old without harm */
	const uint32_t harmless =
	    UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LEADING_HYPHEN |
	    UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode status = U_ZERO_ERROR;
	int32_t n;

	if (size > 0 && text[size - 1] == '.')
		size--;
	plain_name(text, size, out);
	if (size == 0 || size >= DOMAIN_MAX)
		return false;
	if (is_ascii(text, size) && !has_punycode(text, size))
		return true;
	n = uidna_nameToASCII_UTF8(tables->idna, text, (int32_t)size, out,
	    DOMAIN_MAX - 1, &info, &status);
	if (U_FAILURE(status) || n >= DOMAIN_MAX ||
	    (info.errors & ~harmless) != 0) {
		plain_name(text, size, out);
		return false;
	}
	if (n > 0 && out[n - 1] == '.')
		n--;
	out[n] = '\0';
	return n > 0;
}

void domain_shown(
    const struct domain_tables *tables, const char *name, char out[DOMAIN_LOOK])
{
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = uidna_nameToUnicodeUTF8(tables->idna, name,
	    (int32_t)strlen(name), out, DOMAIN_LOOK - 1, &info, &status);

	if (U_FAILURE(status) || n >= DOMAIN_LOOK || info.errors != 0) {
		n = (int32_t)strnlen(name, DOMAIN_LOOK - 1);
		memcpy(out, name, (size_t)n);
	}
	out[n] = '\0';
}

/* Small letters; a capital I between small letters is meant as an l. */
static size_t fold(const char *text, size_t size, char out[DOMAIN_MAX])
{
	size_t n = size < DOMAIN_MAX ? size : 0;

	for (size_t i = 0; i < n; i++) {
		bool among = (i > 0 && text[i - 1] >= 'a') ||
			     (i + 1 < n && text[i + 1] >= 'a');

		out[i] = text[i] == 'I' && among ? 'l' : lower(text[i]);
	}
	return n;
}

/* Drop accents, and make small what the skeleton made large. */
static void simplify(char look[DOMAIN_LOOK], int32_t size)
{
	int32_t from = 0, to = 0;

	while (from < size) {
		int32_t start = from;
		UChar32 c;

		U8_NEXT(look, from, size, c);
		if (c < 0 || u_charType(c) == U_NON_SPACING_MARK)
			continue;
		for (int32_t i = start; i < from; i++)
			look[to++] = lower(look[i]);
	}
	look[to] = '\0';
}

void domain_look(const struct domain_tables *tables, const char *text,
    size_t size, char out[DOMAIN_LOOK])
{
	UErrorCode status = U_ZERO_ERROR;
	char folded[DOMAIN_MAX];
	size_t n = fold(text, size, folded);
	int32_t len;

	len = uspoof_getSkeletonUTF8(tables->spoof, 0, folded, (int32_t)n, out,
	    DOMAIN_LOOK - 1, &status);
	if (U_FAILURE(status) || len >= DOMAIN_LOOK)
		len = 0;
	simplify(out, len);
}

/* Letters of scripts that do not belong together. */
static bool mixes(
    const struct domain_tables *tables, const char *text, size_t size)
{
	UErrorCode status = U_ZERO_ERROR;

	return uspoof_checkUTF8(
		   tables->spoof, text, (int32_t)size, NULL, &status) != 0;
}

/* No letter is Latin, and yet all of them look so. */
static bool imitates(
    const struct domain_tables *tables, const char *text, size_t size)
{
	char look[DOMAIN_LOOK];
	int32_t at = 0;

	while (at < (int32_t)size) {
		UErrorCode status = U_ZERO_ERROR;
		UChar32 c;

		U8_NEXT(text, at, (int32_t)size, c);
		if (c >= 0x80 && uscript_getScript(c, &status) == USCRIPT_LATIN)
			return false;
	}
	domain_look(tables, text, size, look);
	return look[0] != '\0' && is_ascii(look, strlen(look));
}

bool domain_text_odd(
    const struct domain_tables *tables, const char *text, size_t size)
{
	return size < DOMAIN_MAX && !is_ascii(text, size) &&
	       (mixes(tables, text, size) || imitates(tables, text, size));
}

const char *domain_odd(const struct domain_tables *tables, const char *name)
{
	char shown[DOMAIN_LOOK];
	const char *label, *top;
	bool abroad;

	if (!has_punycode(name, strlen(name)))
		return NULL;
	domain_shown(tables, name, shown);
	/* under an ending in its own script a name is at home */
	top = strrchr(shown, '.');
	abroad = top == NULL || is_ascii(top, strlen(top));
	for (label = shown; *label != '\0'; label += *label == '.') {
		size_t size = strcspn(label, ".");

		if (!is_ascii(label, size) && mixes(tables, label, size))
			return "mixes scripts";
		if (!is_ascii(label, size) && abroad &&
		    imitates(tables, label, size))
			return "only looks like Latin letters";
		label += size;
	}
	return NULL;
}

/* ---- what was registered ---- */

/* Under a country's code these are as good as the code. */
static const char *const seconds[] = {"ac", "asn", "co", "com", "edu", "gob",
    "gouv", "gov", "govt", "gv", "id", "info", "ltd", "me", "mil", "ne", "net",
    "nhs", "nic", "nom", "or", "org", "plc", "sch", "web"};

/* Names below these belong to many. */
static const char *const shared[] = {"azurewebsites.net", "blogspot.com",
    "cloudfront.net", "github.io", "gitlab.io", "herokuapp.com",
    "myshopify.com", "netlify.app", "pages.dev", "r2.dev", "s3.amazonaws.com",
    "sharepoint.com", "translate.goog", "vercel.app", "web.app", "weebly.com",
    "wixsite.com", "wordpress.com", "workers.dev"};

static const char *const usual[] = {"ai", "app", "at", "au", "be", "biz", "br",
    "ca", "ch", "cloud", "cn", "co", "com", "cz", "de", "dev", "dk", "edu",
    "es", "eu", "example", "fi", "fr", "gov", "gr", "hu", "ie", "in", "info",
    "int", "invalid", "io", "it", "jp", "kr", "lu", "mil", "mx", "net", "nl",
    "no", "nz", "online", "org", "pl", "pt", "ro", "ru", "se", "shop", "sk",
    "store", "test", "tld", "tr", "ua", "uk", "us", "xyz", "za"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static bool among(
    const char *const *list, size_t n, const char *text, size_t size)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == size && memcmp(list[i], text, size) == 0)
			return true;
	return false;
}

/* Where the label before at begins. */
static const char *label_before(const char *name, const char *at)
{
	if (at == name)
		return name;
	for (at--; at > name && at[-1] != '.'; at--)
		continue;
	return at;
}

const char *domain_base(const char *name)
{
	const char *end = name + strlen(name);
	const char *top = label_before(name, end);
	const char *second = label_before(name, top);
	size_t size = top > second ? (size_t)(top - second) - 1 : 0;

	for (size_t i = 0; i < COUNT(shared); i++) {
		size_t n = strlen(shared[i]);

		if ((size_t)(end - name) > n + 1 &&
		    end[-(ptrdiff_t)n - 1] == '.' &&
		    memcmp(end - n, shared[i], n) == 0)
			return label_before(name, end - n);
	}
	if (strlen(top) == 2 && among(seconds, COUNT(seconds), second, size))
		return label_before(name, second);
	return second;
}

bool domain_under(const char *name, const char *parent)
{
	size_t size = strlen(name), n = strlen(parent);

	return n > 0 && size >= n && strcmp(name + size - n, parent) == 0 &&
	       (size == n || name[size - n - 1] == '.');
}

static bool one_apart(const char *a, size_t n, const char *b, size_t m)
{
	size_t i = 0;

	while (i < n && i < m && a[i] == b[i])
		i++;
	if (n != m)
		return n > m ? memcmp(a + i + 1, b + i, m - i) == 0
			     : memcmp(a + i, b + i + 1, n - i) == 0;
	if (i == n)
		return false;
	if (memcmp(a + i + 1, b + i + 1, n - i - 1) == 0)
		return true;
	return i + 1 < n && a[i] == b[i + 1] && a[i + 1] == b[i] &&
	       memcmp(a + i + 2, b + i + 2, n - i - 2) == 0;
}

#define NEAR_LEAST 7 /* letters of a name that may be mistaken */

bool domain_near(const char *a, const char *b)
{
	size_t n = strcspn(a, "."), m = strcspn(b, ".");

	return n >= NEAR_LEAST && m >= NEAR_LEAST && n <= m + 1 && m <= n + 1 &&
	       strcmp(a + n, b + m) == 0 && one_apart(a, n, b, m);
}

bool domain_usual(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL &&
	       among(usual, COUNT(usual), dot + 1, strlen(dot + 1));
}

bool domain_plain(const char *text, char *out, size_t room)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *plain = unorm2_getNFKCInstance(&status);
	UChar wide[DOMAIN_LOOK], even[DOMAIN_LOOK];
	int32_t n = 0, end = 0;

	u_strFromUTF8(wide, DOMAIN_LOOK, &n, text, -1, &status);
	n = unorm2_normalize(plain, wide, n, even, DOMAIN_LOOK, &status);
	if (U_FAILURE(status))
		return false;
	for (int32_t i = 0; i < n; i++) {
		if (u_hasBinaryProperty(
			even[i], UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
			continue;
		even[end++] =
		    even[i] == 0x3002 || even[i] == 0xff61 ? '.' : even[i];
	}
	u_strToUTF8(out, (int32_t)room, &n, even, end, &status);
	return U_SUCCESS(status) && n < (int32_t)room;
}
