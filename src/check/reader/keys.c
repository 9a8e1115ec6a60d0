/*
 * keys: ICU's tables for names of hosts and for characters that look alike.
 * Who is known is left to the ledger.
 */
#include "check/reader/keys.h"

#include "check/reader/fold.h"

#include <stdbool.h>
#include <string.h>
#include <unicode/uidna.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#define DOMAIN_MAX 1024 /* bytes; longer domains are left as they are */

static UIDNA *hosts;
static USpoofChecker *spoof;

void keys_warm(void)
{
	UErrorCode status = U_ZERO_ERROR;

	if (hosts == NULL)
		hosts = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII |
					    UIDNA_NONTRANSITIONAL_TO_UNICODE,
		    &status);
	status = U_ZERO_ERROR;
	if (spoof == NULL)
		spoof = uspoof_open(&status);
}

void keys_release(void)
{
	uidna_close(hosts);
	uspoof_close(spoof);
	hosts = NULL;
	spoof = NULL;
}

typedef int32_t converter(const UIDNA *idna, const char *name, int32_t length,
    char *out, int32_t room, UIDNAInfo *info, UErrorCode *status);

static bool is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s & 0x80) != 0)
			return false;
	return true;
}

/* A domain converted; itself when it is none that can be. */
static const char *convert(
    struct arena *arena, const char *domain, converter *how)
{
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode status = U_ZERO_ERROR;
	char out[DOMAIN_MAX];
	int32_t n;

	if (hosts == NULL || (is_ascii(domain) && !strstr(domain, "xn--")))
		return domain;
	n = how(hosts, domain, -1, out, sizeof(out), &info, &status);
	if (U_FAILURE(status) || info.errors != 0 || n <= 0 ||
	    n >= (int32_t)sizeof(out))
		return domain;
	return arena_dup(arena, out, (size_t)n);
}

static const char *small(struct arena *arena, const char *text)
{
	const char *copy;
	struct buf out;

	buf_init(&out, strlen(text));
	fold_add(&out, (struct span){text, strlen(text)});
	copy = arena_dup(arena, out.data, out.len);
	buf_release(&out);
	return copy;
}

/* What ICU's tables leave apart, because it is not one character each. */
static void fold_more(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		bool pair = (s[0] == 'r' && s[1] == 'n') ||
			    (s[0] == 'v' && s[1] == 'v');

		if (pair) {
			*to++ = *s++ == 'r' ? 'm' : 'w';
			continue;
		}
		*to++ = *s == '0'		 ? 'o'
			: *s == '1' || *s == '|' ? 'l'
			: *s == '5'		 ? 's'
						 : *s;
	}
	*to = '\0';
}

/* text is in small letters. */
static const char *skeleton(struct arena *arena, const char *text)
{
	/* one character may have several in its place */
	size_t len = strlen(text), room = 20 * len + 16;
	UErrorCode status = U_ZERO_ERROR;
	const char *folded;
	char *out;

	if (spoof == NULL || room > INT32_MAX / 2)
		return text;
	out = arena_alloc(arena, room);
	uspoof_getSkeletonUTF8(
	    spoof, 0, text, (int32_t)len, out, (int32_t)room - 1, &status);
	if (U_FAILURE(status))
		return text;
	folded = small(arena, out);
	out = arena_dup(arena, folded, strlen(folded));
	fold_more(out);
	return out;
}

static struct reading_key make(struct arena *arena, const char *address)
{
	const char *lower = small(arena, address), *at = strrchr(lower, '@');
	const char *local, *ascii, *shown;

	if (at == NULL)
		return (struct reading_key){lower, skeleton(arena, lower)};
	local = arena_dup(arena, lower, (size_t)(at - lower));
	ascii = convert(arena, at + 1, uidna_nameToASCII_UTF8);
	shown = convert(arena, ascii, uidna_nameToUnicodeUTF8);
	return (struct reading_key){arena_printf(arena, "%s@%s", local, ascii),
	    skeleton(arena, arena_printf(arena, "%s@%s", local, shown))};
}

struct reading_key keys_one(struct arena *arena, const char *address)
{
	keys_warm();
	return make(arena, address);
}

void keys_read(struct reading *reading, const char *const *recipients, size_t n)
{
	keys_warm();
	reading->keys =
	    arena_alloc(reading->arena, (n + 1) * sizeof(*reading->keys));
	for (size_t i = 0; i < n; i++)
		reading->keys[i] = make(reading->arena, recipients[i]);
	reading->n_keys = n;
}

const char *keys_domain(struct arena *arena, const char *domain)
{
	keys_warm();
	return convert(arena, domain, uidna_nameToASCII_UTF8);
}
