/*
 * Tests of what proves a reply: check/reader/origin, dkimsig and proof, and
 * what the daemon believes of a signature that a reader made.  The keys here
 * are of no use but this.
 */
#include "check/reader/proof.h"

#include "check/reader/dkimsig.h"
#include "check/reader/keys.h"
#include "check/reader/origin.h"
#include "pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#ifdef __SANITIZE_ADDRESS__
/* So that what the library forgets (see tests/lsan.supp) is known as such. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}
#endif

static const char secret_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALIzlRlR8o/tGYzA\n"
    "VvrCHLnl0dyLgvrLr4Fjv45tIDVM0m/UltohR8pc4tOkAGS31vSwLB7Gtfo4as6w\n"
    "1ylnq+BU3blNmp59l+PkQGCiI5VbWu8EmxyJGYxOoMsP3PUVRX5W5LZyCaUQMbnq\n"
    "Xqs5wA50dS80mUovD9DuQMJjMH8FAgMBAAECgYBoALTvLyWbHG0B+auJ9EphsKC3\n"
    "z/CkwMXwhS/iRww6L1jODcvxCOVmVKnJjXjxT140NrG5UI4auFyVvx4EO05SyII0\n"
    "17gZ2nzF4i1ODLEmITOIeAiyvLHcoOX3kdt1bYZAiEnwvtWxBWyPTlNkbm3jv6TX\n"
    "jXUSEy06kT0+dAj3bQJBAN+SN0+EynszVLzs64BfJFdK/DSCG8wQHZaezu/tdX6B\n"
    "DriX+sD7vMh/DOh3Tf4FCFEVvA591HYKAuPdxjyiIB8CQQDMDKvzi1Agd4ZOSpMO\n"
    "ZzkG1eArS5Avwd5yRrf8EVDup7IpwGocwUKfB+SIgHDrKINp9bZzlnkubdJ+tkZH\n"
    "vmxbAkB2mmvLPIfqKcYHX6xjcpWl1XrMJEW40MfRkrf3IkLVdIOpu75jyGhS+MuR\n"
    "O1Fds6/AzEXybiBa6l60IX+7xMpDAkEAwRCoTdqd6OpOqJtFAxbFzWLmJPDtL1K3\n"
    "H9cr1BOqSPVgzMJjZGuzlndIU6N7s/T0SniTtlBEvppo1T2vx8g0CwJAD55dJeoG\n"
    "Q5L0IkdRKLGDUeYBUvS+sCR6S0keJe991LxdcM77sl7zz2yukE5LqeWVlMk4BiLY\n"
    "gXLlIs5OrOMNJA==\n"
    "-----END PRIVATE KEY-----\n";

#define RECORD                                                                 \
	"v=DKIM1; k=rsa; p="                                                   \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCyM5UZUfKP7RmMwFb6why5"         \
	"5dHci4L6y6+BY7+ObSA1TNJv1JbaIUfKXOLTpABkt9b0sCwexrX6OGrOsNcp"         \
	"Z6vgVN25TZqefZfj5EBgoiOVW1rvBJsciRmMTqDLD9z1FUV+VuS2cgmlEDG5"         \
	"6l6rOcAOdHUvNJlKLw/Q7kDCYzB/BQIDAQAB"

static const char short_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIKyVVQq4vSCZudtSp0PA/n1vrxRxUpKGlj2IzBL4DXlo\n"
    "-----END PRIVATE KEY-----\n";

#define SHORT_KEY                                                              \
	"k reviewers.example s1 v=DKIM1; k=ed25519; p="                        \
	"9hM/A2T3VlGx6xeYosLBKBuzk3+gH2JXwrA3nde/M9o=\n"

static const char mail[] = "From: Anna <anna@Reviewers.example>\r\n"
			   "To: d-token@review.test\r\n"
			   "Subject: Re: [review] x (draft 7)\r\n"
			   "Date: Sat, 21 Nov 2026 08:00:00 +0000\r\n"
			   "Message-ID: <1@reviewers.example>\r\n"
			   "\r\n"
			   "approve\r\n"
			   "\r\n"
			   "> quoted\r\n";

static struct span span(const char *s)
{
	return (struct span){s, strlen(s)};
}

/* ---- Authentication-Results ---- */

static const struct {
	const char *value, *authserv, *results;
} results[] = {
    {"mx.example.com; none", "mx.example.com", ""},
    {"MX.example.com 1; dkim=pass header.d=Example.COM", "mx.example.com",
	"dkim pass example.com;"},
    {"mx.example; dkim=pass header.d=a.example header.s=s1; dkim=fail "
     "header.d=b.example; spf=pass smtp.mailfrom=c@c.example; dmarc=pass "
     "(p=none) header.from=d.example",
	"mx.example",
	"dkim pass a.example;dkim fail b.example;dmarc pass d.example;"},
    {"mx.example;\r\n\tdkim = pass (good (very \\) good)) header.d\r\n "
     "= a.example",
	"mx.example", "dkim pass a.example;"},
    {"mx.example; dkim=fail reason=\"; dmarc=pass header.from=a.example\"",
	"mx.example", "dkim fail -;"},
    {"mx.example; dkim=fail (; dmarc=pass header.from=a.example)", "mx.example",
	"dkim fail -;"},
    {"(mx.example; dmarc=pass header.from=a.example) evil.example; none",
	"evil.example", ""},
    {"mx.example (; dmarc=pass header.from=a.example", NULL, ""},
    {"mx.example; dkim=pass reason=\"open header.d=a.example", NULL, ""},
    {"mx.example; dkim=pass header.d=a..example", "mx.example", "dkim pass -;"},
    {"mx.example; dkim=pass header.d=\"a.example\"", "mx.example",
	"dkim pass a.example;"},
    {"mx.example; xdkim=pass header.d=a.example; dkimx=pass; =pass; ;",
	"mx.example", ""},
    {"mx.example\001; dkim=pass header.d=a.example", NULL, ""},
    {"", "", ""},
};

static void results_are_read_as_they_are_meant(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(results); i++) {
		struct arena *arena = arena_new();
		struct reading_origin o = {0};
		char got[400] = "";
		size_t at = 0;

		origin_results(arena, span(results[i].value), &o);
		for (size_t k = 0; k < o.n_results; k++)
			at += (size_t)snprintf(got + at, sizeof(got) - at,
			    "%s %s %s;", o.results[k].method,
			    o.results[k].result,
			    o.results[k].domain == NULL ? "-"
							: o.results[k].domain);
		assert_string_equal(got, results[i].results);
		if (results[i].authserv == NULL)
			assert_null(o.authserv);
		else
			assert_string_equal(o.authserv, results[i].authserv);
		arena_free(arena);
	}
}

static void a_reply_says_where_it_is_from(void **state)
{
	static const char text[] =
	    "Authentication-Results: top.example; dkim=none\r\n"
	    "Authentication-Results: next.example; dkim=pass\r\n"
	    "DKIM-Signature: v=1; d= Mail.\r\n Example.com ; s=S1; b=x\r\n"
	    "DKIM-Signature: v=1; s=nothing\r\n"
	    "DKIM-Signature: v=1; d=bad domain/; s=x y\r\n"
	    "From: <a@b\xc3\xbc"
	    "cher.example>\r\n"
	    "To: one@x.example, Two <two@x.example>\r\n"
	    "Cc: three@x.example\r\n"
	    "Delivered-To: four@x.example\r\n\r\nhi\r\n";
	struct reading_reply *reply;
	const struct reading_origin *o;

	(void)state;
	reply = proof_reply(span(text), span("k x y z\n"));
	o = &reply->origin;
	assert_string_equal(o->domain, "xn--bcher-kva.example");
	assert_int_equal(o->n_to, 4);
	assert_int_equal(o->n_named, 3);
	assert_string_equal(o->to[1], "two@x.example");
	assert_string_equal(o->to[3], "four@x.example");
	assert_int_equal(o->n_signatures, 1);
	assert_string_equal(o->signatures[0].domain, "mail.example.com");
	assert_string_equal(o->signatures[0].selector, "s1");
	assert_string_equal(o->authserv, "top.example");
	assert_null(o->proven);
	assert_non_null(o->unproven);
	reading_reply_free(reply);
}

/* ---- DKIM ---- */

/* A signature for the domain, in front of the mail; in the arena. */
static const char *sign(struct arena *arena, const char *text, const char *key)
{
	const char *keys = arena_printf(arena, "d other.example s1\n%s\n%s\n%s",
	    key, "d reviewers.example s1", key);
	struct reading_signed *sign = proof_sign(span(text), span(keys));
	const char *all;

	assert_null(sign->trouble);
	assert_true(sign->field.len > 0);
	all = arena_printf(
	    arena, "%.*s%s", (int)sign->field.len, sign->field.data, text);
	reading_signed_free(sign);
	return all;
}

static struct reading_reply *prove(const char *text, const char *keys)
{
	return proof_reply(span(text), span(keys));
}

static void is_proven(const char *text, const char *keys, bool yes)
{
	struct reading_reply *reply = prove(text, keys);

	if (yes)
		assert_string_equal(reply->origin.proven, "reviewers.example");
	else
		assert_null(reply->origin.proven);
	assert_true((reply->origin.unproven == NULL) == yes);
	reading_reply_free(reply);
}

#define KEY "k reviewers.example s1 " RECORD "\n"

static void what_was_signed_is_proven(void **state)
{
	struct arena *arena = arena_new();
	const char *text = sign(arena, mail, secret_key);
	char *changed = arena_strdup(arena, text);

	(void)state;
	is_proven(text, KEY, true);
	is_proven(text, "k other.example s1 x\n" KEY, true);
	is_proven(text, "k other.example s1 " RECORD "\n", false);
	is_proven(text, "k reviewers.example s2 " RECORD "\n", false);
	is_proven(text, "", false);
	is_proven(text, "k reviewers.example s1 v=DKIM1; p=\n", false);
	is_proven(text, "k reviewers.example s1 " RECORD "; t=y\n", false);
	is_proven(text, "k reviewers.example s1 " RECORD "; s=other\n", false);
	is_proven(mail, KEY, false);
	*strstr(changed, "approve") = 'A';
	is_proven(changed, KEY, false);
	is_proven(
	    arena_printf(arena, "To: x@y.example\r\n%s", text), KEY, false);
	is_proven(
	    arena_printf(arena, "Cc: x@y.example\r\n%s", text), KEY, false);
	is_proven(arena_printf(arena, "no field\r\n%s", text), KEY, false);
	arena_free(arena);
}

static void every_changed_byte_is_noticed(void **state)
{
	struct arena *arena = arena_new();
	const char *text = sign(arena, mail, secret_key);
	char *changed = arena_strdup(arena, text);
	size_t start = (size_t)(strstr(text, "From: ") - text);
	struct reading_reply *reply;

	(void)state;
	for (size_t i = start; text[i] != '\0'; i++) {
		/* what canonical forms leave out may change */
		if (strchr(" \r\n", text[i]) != NULL)
			continue;
		changed[i] = (char)(text[i] ^ 1);
		reply = prove(changed, KEY);
		/* the names of fields that are not signed */
		if (reply->origin.proven != NULL)
			fail_msg("byte %zu: %s", i, changed + i);
		reading_reply_free(reply);
		changed[i] = text[i];
	}
	arena_free(arena);
}

static void short_keys_sign_too(void **state)
{
	struct arena *arena = arena_new();
	const char *text = sign(arena, mail, short_key);
	char *changed = arena_strdup(arena, text);

	(void)state;
	assert_non_null(strstr(text, "a=ed25519-sha256"));
	is_proven(text, SHORT_KEY, true);
	is_proven(text, KEY, false);
	*strstr(changed, "approve") = 'A';
	is_proven(changed, SHORT_KEY, false);
	arena_free(arena);
}

static void only_its_own_domain_is_signed(void **state)
{
	struct arena *arena = arena_new();
	const char *other = arena_printf(arena,
	    "d example s1\n%sd sub.reviewers.example s1\n%s", secret_key,
	    secret_key);
	struct reading_signed *sign = proof_sign(span(mail), span(other));

	(void)state;
	assert_null(sign->trouble);
	assert_int_equal(sign->field.len, 0);
	reading_signed_free(sign);
	arena_free(arena);
}

static void what_cannot_be_signed_says_why(void **state)
{
	static const char *const bad[] = {
	    "d reviewers.example s1\nno key\n",
	    "d reviewers.example s1\n-----BEGIN PRIVATE KEY-----\nAAAA\n"
	    "-----END PRIVATE KEY-----\n",
	};
	struct reading_signed *sign;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		sign = proof_sign(span(mail), span(bad[i]));
		assert_non_null(sign->trouble);
		assert_int_equal(sign->field.len, 0);
		reading_signed_free(sign);
	}
}

/* ---- what is believed of a reader ---- */

static const struct {
	const char *field;
	bool good;
} fields[] = {
    {"DKIM-Signature: v=1; b=abc\r\n", true},
    {"DKIM-Signature: v=1;\r\n\tb=abc\r\n", true},
    {"DKIM-Signature: v=1", false},
    {"Bcc: v=1\r\n", false},
    {"DKIM-Signature: v=1\r\nBcc: x@y\r\n", false},
    {"DKIM-Signature: v=1\r\n\r\n", false},
    {"DKIM-Signature: v=1\n\tb\r\n", false},
    {"DKIM-Signature: v=1\r\tb\r\n", false},
    {"DKIM-Signature: v=1\r\n\t\r\n\r\n", false},
    {"DKIM-Signature: \xc3\xbc\r\n", false},
};

static void a_signature_is_one_field(void **state)
{
	struct reading_signed *back;
	struct error err;
	struct buf packed;

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		const struct reading_signed sign = {
		    .field = span(fields[i].field)};

		buf_init(&packed, 10000);
		pack_signed(&packed, &sign);
		err = (struct error)ERROR_INIT;
		back = pack_get_signed(buf_span(&packed), &err);
		if ((back != NULL) != fields[i].good)
			fail_msg("%s", fields[i].field);
		reading_signed_free(back);
		buf_release(&packed);
	}
}

static int warm(void **state)
{
	(void)state;
	proof_warm();
	return 0;
}

static int cool(void **state)
{
	(void)state;
	dkimsig_release();
	keys_release();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(results_are_read_as_they_are_meant),
	    cmocka_unit_test(a_reply_says_where_it_is_from),
	    cmocka_unit_test(what_was_signed_is_proven),
	    cmocka_unit_test(every_changed_byte_is_noticed),
	    cmocka_unit_test(short_keys_sign_too),
	    cmocka_unit_test(only_its_own_domain_is_signed),
	    cmocka_unit_test(what_cannot_be_signed_says_why),
	    cmocka_unit_test(a_signature_is_one_field),
	};

	return cmocka_run_group_tests(tests, warm, cool);
}
