/*
 * Tests of plugins/secrets.c.  Keys here are made up, and cut in two so that no
 * scanner of sources takes them for real ones.
 */
#include "plug.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* found: "name value; name value" */
struct row {
	const char *text, *found;
};

static void run(const char *const *options, const struct row *rows, size_t n)
{
	struct plug *plug = plug_open(options);
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		char found[2000] = "";
		size_t end = 0;

		plug_clear(plug);
		plug_text(plug, rows[i].text);
		plug_check(plug);
		for (size_t k = 0; k < plug->n_found; k++)
			end += (size_t)snprintf(found + end,
			    sizeof(found) - end, "%s%s %s", k > 0 ? "; " : "",
			    plug->found[k].name, plug->found[k].value);
		if (strcmp(found, rows[i].found) == 0)
			continue;
		print_error("\"%s\"\n    is:  %s\n    not: %s\n", rows[i].text,
		    found, rows[i].found);
		bad++;
	}
	plug_close(plug);
	assert_int_equal(bad, 0);
}

#define RUN(options, rows) run(options, rows, sizeof(rows) / sizeof((rows)[0]))

#define A20 "aB3dE5gH7jK9mN1pQ2sT"
#define A36 A20 "uV4xY6zA8cD0fG2i"
#define H32 "0123456789abcdef0a1b2c3d4e5f6a7b"
#define JWT                                                                    \
	"eyJhbGciOiJIUzI1NiJ9"                                                 \
	".eyJzdWIiOiIxMjM0NTY3ODkwIn0"                                         \
	".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"

static void keys(void **state)
{
	static const struct row rows[] = {
	    {"AK"
	     "IAQ3EGRXB7T2MNPLWC",
		"secret-like aws-key"},
	    {"id=AS"
	     "IAQ3EGRXB7T2MNPLWC.",
		"secret-like aws-key"},
	    {"AI"
	     "zaSyD-aB3dE5gH7jK9mN1pQ2sTuV4xY6zA8cD",
		"secret-like google-key"},
	    {"gh"
	     "p_" A36,
		"secret-like github-token"},
	    {"token: gh"
	     "p_" A36,
		"secret-like github-token"},
	    {"github"
	     "_pat_" A36,
		"secret-like github-token"},
	    {"gl"
	     "pat-" A20,
		"secret-like gitlab-token"},
	    {"xo"
	     "xb-1234567890-" A20,
		"secret-like slack-token"},
	    {"https://hooks.slack"
	     ".com/services/T0A1B2/B3C4D5/" A20,
		"secret-like slack-webhook"},
	    {"sk"
	     "_live_" A20,
		"secret-like stripe-key"},
	    {"sk"
	     "-ant-api03-" A36,
		"secret-like anthropic-key"},
	    {"sk"
	     "-proj-" A36,
		"secret-like openai-key"},
	    {"sk"
	     "-" A36,
		"secret-like openai-key"},
	    {"DefaultEndpointsProtocol=https;AccountName=x;Account"
	     "Key=" A36 A20 "==",
		"secret-like azure-key"},
	    {"abc8"
	     "Q~" A36,
		"secret-like azure-secret"},
	    {"abcdQ~" A36, ""},
	    {JWT, "secret-like jwt"},
	    {"Authorization: Bearer " JWT, "secret-like jwt"},
	    {"123456789:AA"
	     "HdqTcvCH1vGWJxfSeofSAs0K5PALDsawX",
		"secret-like telegram-token"},
	    {"-----BEGIN "
	     "PRIVATE KEY-----\nMIIE",
		"secret-like private-key"},
	    {"-----BEGIN OPENSSH "
	     "PRIVATE KEY-----",
		"secret-like private-key"},
	    {"\xef\xbd\x87hp_" A36, "secret-like github-token"},
	    {"gh\xc2\xad"
	     "p_" A36,
		"secret-like github-token"},
	};

	(void)state;
	RUN(NULL, rows);
}

static void passwords(void **state)
{
	static const struct row rows[] = {
	    {"password: hunter2", "secret-like password"},
	    {"Password = sunflower", "secret-like password"},
	    {"Your password is Sun!flower9.", "secret-like password"},
	    {"Das Passwort lautet Geheim1", "secret-like password"},
	    {"Passwort: geheim", "secret-like password"},
	    {"Kennwort:\n  Abc123", "secret-like password"},
	    {"mot de passe : Soleil12", "secret-like password"},
	    {"contraseña: Girasol7", "secret-like password"},
	    {"senha: girassol", "secret-like password"},
	    {"wachtwoord: zon123", "secret-like password"},
	    {"\"password\": \"hunter2\"", "secret-like password"},
	    {"DB_PASSWORD=tr0ub4dor", "secret-like password"},
	    {"Server=db;User Id=sa;Password=Tr0ub4;", "secret-like password"},
	    {"**Password:** hunter2", "secret-like password"},
	    {"https://bob:hunter2@example.org/", "secret-like url-password"},
	    {"postgres://app:s3cr3t@db:5432/x", "secret-like url-password"},
	    {"api_key = " A36, "secret-like assigned-secret"},
	    {"AWS_SECRET_ACCESS_KEY=" A36, "secret-like assigned-secret"},
	    {"\"client_secret\": \"" A36 "\"", "secret-like assigned-secret"},
	    {"Authorization: Bearer " A36, "secret-like assigned-secret"},
	    {"Your password is required.", ""},
	    {"Password: see separate mail", ""},
	    {"Password: ********", ""},
	    {"Password: <password>", ""},
	    {"Password: {{password}}", ""},
	    {"Password: separately", ""},
	    {"Password:\n\nRegards", ""},
	    {"Password:\nUsername:", ""},
	    {"I forgot my password. 12 of us did.", ""},
	    {"Reset your password: it is easy to do", ""},
	    {"the password was changed yesterday", ""},
	    {"password is expired", ""},
	    {"key: important", ""},
	    {"for(String key : bucketInfo.getKeys2()) {", ""},
	    {"the key is "
	     "on the table",
		""},
	    {"token: https://example.org/a1b2c3d4e5f6", ""},
	    {"the secret of a good life: love2love", ""},
	    {"https://example.org/a:b@c", ""},
	    {"https://bob@example.org/ and mailto:x@y.org", ""},
	    {"https://user:password@example.org/", ""},
	    {"at 12:30 http://localhost:8080/@x", ""},
	    {"sk-learn and hf_models, npm_config", ""},
	    {"key-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
	    {"-----BEGIN PUBLIC KEY-----", ""},
	    {"-----BEGIN CERTIFICATE-----", ""},
	    {"eyJhbGci and so on", ""},
	    {"sha256 " H32, ""},
	};

	(void)state;
	RUN(NULL, rows);
}

static void cards_and_accounts(void **state)
{
	static const struct row rows[] = {
	    {"4245383236405624", "card-number visa"},
	    {"card 4245 3832 3640 5624, thanks", "card-number visa"},
	    {"4245-3832-3640-5624.", "card-number visa"},
	    {"4245\xc2\xa0"
	     "3832\xc2\xa0"
	     "3640\xc2\xa0"
	     "5624",
		"card-number visa"},
	    {"４２４５３８３２３６４０５６２４", "card-number visa"},
	    {"5224154990951455", "card-number mastercard"},
	    {"2300475277204050", "card-number mastercard"},
	    {"3760 865690 70290", "card-number amex"},
	    {"3631 375858 4713", "card-number diners"},
	    {"6011954061358950", "card-number discover"},
	    {"3530254814542128", "card-number jcb"},
	    {"62472019860395473", "card-number unionpay"},
	    {"5020620075328", "card-number maestro"},
	    {"Order 12 4245 3832 3640 5624", "card-number visa"},
	    {"4245383236405625", ""},
	    {"4245 38323640 5624", ""},
	    {"42 45 38 32 36 40 56 24", ""},
	    {"4245 3832-3640 5624", ""},
	    {"1234567812345670", ""},
	    {"x4245383236405624", ""},
	    {"4245383236405624123", ""},
	    {"+4245383236405624", ""},
	    {"0.4245383236405624", ""},
	    {"DE89370400440532013000", "iban DE"},
	    {"IBAN: DE89 3704 0044 0532 0130 00 BIC X", "iban DE"},
	    {"de89 3704 0044 0532 0130 00", "iban DE"},
	    {"GB82 WEST 1234 5698 7654 32", "iban GB"},
	    {"FR14 2004 1010 0505 0001 3M02 606", "iban FR"},
	    {"ES9121000418450200051332", "iban ES"},
	    {"IT60X0542811101000000123456", "iban IT"},
	    {"NL91 ABNA 0417 1643 00", "iban NL"},
	    {"CH93-0076-2011-6238-5295-7", "iban CH"},
	    {"NO9386011117947", "iban NO"},
	    {"MT84MALT011000012345MTLCAST001S", "iban MT"},
	    {"DE88370400440532013000", ""},
	    {"DE8937040044053201300", ""},
	    {"XX89370400440532013000", ""},
	    {"RE12 3456 7890", ""},
	    {"12345678Z and 123-45-6789 are not looked for", ""},
	    {"phone +49 30 123456789, order 4711-0815-4711-0815", ""},
	};

	(void)state;
	RUN(NULL, rows);
}

static void persons(void **state)
{
	static const char *const all[] = {"national_ids", "de-steuerid",
	    "national_ids", "us-ssn", "national_ids", "uk-nino", "national_ids",
	    "fr-nir", "national_ids", "es-dni", "national_ids", "it-cf",
	    "national_ids", "nl-bsn", "own_ibans",
	    "DE89 3704 0044 0532 0130 00", NULL};
	static const struct row rows[] = {
	    {"55806317921", "national-id de-steuerid"},
	    {"55 806 317 921", "national-id de-steuerid"},
	    {"55806317922", ""},
	    {"12345678901", ""},
	    {"123-45-6789", "national-id us-ssn"},
	    {"123 45 6789", "national-id us-ssn"},
	    {"000-12-3456", ""},
	    {"912-12-3456", ""},
	    {"123-456789", ""},
	    {"AB 12 34 56 C", "national-id uk-nino"},
	    {"AB123456C", "national-id uk-nino"},
	    {"BG123456C", ""},
	    {"AB123456E", ""},
	    {"1 85 05 78 006 084 91", "national-id fr-nir"},
	    {"185057800608492", ""},
	    {"1 85 05 2A 006 084 35", "national-id fr-nir"},
	    {"12345678Z", "national-id es-dni"},
	    {"12345678-z", "national-id es-dni"},
	    {"X1234567L", "national-id es-dni"},
	    {"12345678A", ""},
	    {"RSSMRA85T10A562S", "national-id it-cf"},
	    {"RSSMRA85T10A562T", ""},
	    {"972200332", "national-id nl-bsn"},
	    {"9722.00.332", "national-id nl-bsn"},
	    {"972200333", ""},
	    {"DE89370400440532013000", ""},
	    {"NO9386011117947", "iban NO"},
	};

	(void)state;
	RUN(all, rows);
}

static void never_shows_it(void **state)
{
	static const char *const ids[] = {"national_ids", "us-ssn", NULL};
	static const struct row rows[] = {
	    {"gh"
	     "p_" A36,
		"github-token ending in fG2i, in the text"},
	    {"password: hunter2", "password, in the text"},
	    {"https://bob:hunter2hunter2hunter2hunter2@example.org/",
		"url-password, in the text"},
	    {"-----BEGIN "
	     "PRIVATE KEY-----",
		"private-key, in the text"},
	    {"4245 3832 3640 5624", "visa ending in 5624, in the text"},
	    {"DE89 3704 0044 0532 0130 00", "DE ending in 3000, in the text"},
	    {"123-45-6789", "us-ssn ending in 6789, in the text"},
	    {"secret=" A36 "!", "assigned-secret ending in fG2i, in the text"},
	};
	struct plug *plug = plug_open(ids);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plug_clear(plug);
		plug_text(plug, rows[i].text);
		assert_int_equal(plug_check(plug), 1);
		assert_string_equal(plug->found[0].detail, rows[i].found);
		assert_int_equal(plug->found[0].weight,
		    i == 5 ? IMPRIMATUR_NOTE : IMPRIMATUR_CAUTION);
	}
	plug_close(plug);
}

static void looks_everywhere(void **state)
{
	static const char *const less[] = {"attachment_kb", "0", NULL};
	static const char env[] = "DB_PASSWORD=tr0ub4dor\n";
	static const char binary[] = "\0\0DB_PASSWORD=tr0ub4dor\n";
	struct plug *plug = plug_open(NULL);
	char *large = malloc(300 * 1024);

	(void)state;
	assert_non_null(large);
	memset(large, ' ', 300 * 1024);
	memcpy(large, env, sizeof(env) - 1);
	plug_subject(plug, "your card 4245 3832 3640 5624");
	plug_text(plug, "card 4245 3832 3640 5624\npassword: hunter2");
	plug_html(plug, "<a href=\"ftp://a:hunter3@b/\">x</a>", "x");
	plug_part(plug, "text/plain", "a.txt", env, sizeof(env) - 1);
	plug_part(plug, "application/json", "b.json",
	    "{\"password\": \"x9x9x9\"}", 22);
	plug_part(plug, "image/png", "c.png", binary, sizeof(binary));
	plug_part(plug, "text/csv", "d.csv", large, 300 * 1024);
	assert_int_equal(plug_check(plug), 5);
	assert_string_equal(
	    plug->found[0].detail, "visa ending in 5624, in the subject");
	assert_string_equal(plug->found[1].detail, "password, in the text");
	assert_string_equal(
	    plug->found[2].detail, "url-password, in the HTML source");
	assert_string_equal(
	    plug->found[3].detail, "password, in an attachment");
	assert_string_equal(
	    plug->found[4].detail, "password, in an attachment");
	plug_close(plug);
	plug = plug_open(less);
	plug_part(plug, "text/plain", "a.txt", env, sizeof(env) - 1);
	assert_int_equal(plug_check(plug), 0);
	plug_close(plug);
	free(large);
}

static void refuses_wrong_options(void **state)
{
	static const char *const rows[][3] = {
	    {"own_ibans", "DE88370400440532013000", NULL},
	    {"own_ibans", "DE89370400440532013000 x", NULL},
	    {"own_ibans", "", NULL},
	    {"national_ids", "us", NULL},
	    {"attachment_kb", "all", NULL},
	    {"attachment_kb", "-1", NULL},
	    {"attachment_kb", "100000", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_non_null(strstr(plug_complaint(rows[i]), rows[i][0]));
}

/* Wherever the text is cut into pieces. */
static void finds_it_anywhere(void **state)
{
	struct plug *plug = plug_open(NULL);
	size_t size = 70000;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t at = 24000; at < 34000; at += 13) {
		for (size_t i = 0; i < size; i++)
			text[i] = "lorem "[i % 6];
		memcpy(
		    text + at, " 4245 3832 3640 5624 password: hunter2 ", 39);
		plug_clear(plug);
		plug_text_bytes(plug, text, size);
		assert_int_equal(plug_check(plug), 2);
	}
	free(text);
	plug_close(plug);
}

/* 1 MB made of one piece again and again. */
static void stays_quick(void **state)
{
	static const char *const pieces[] = {"1", "1 ", "1-", "4245 ", "sk-",
	    "sk-a",
	    "gh"
	    "p_",
	    "eyJ", "eyJaaaaaaaaaa.", "password: ", "password:", "password:\n",
	    "a://", "a:b@", "a://b:c", "BEGIN ", "DE89 ", "DE89", "a ",
	    "key=", "secret=a1", "\xc2\xad", "é", "_", "12345678:AA",
	    "token is "};
	static const char *const all[] = {"national_ids", "de-steuerid",
	    "national_ids", "us-ssn", "national_ids", "uk-nino", "national_ids",
	    "fr-nir", "national_ids", "es-dni", "national_ids", "it-cf",
	    "national_ids", "nl-bsn", NULL};
	struct plug *plug = plug_open(all);
	size_t size = 1024 * 1024;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t piece = strlen(pieces[i]), at = 0;

		for (; at + piece <= size; at += piece)
			memcpy(text + at, pieces[i], piece);
		plug_clear(plug);
		plug_text_bytes(plug, text, at);
		plug_check(plug);
		if (plug_ms(plug) > 4000)
			fail_msg("%s: %.0f ms", pieces[i], plug_ms(plug));
	}
	free(text);
	plug_close(plug);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys),
	    cmocka_unit_test(passwords),
	    cmocka_unit_test(cards_and_accounts),
	    cmocka_unit_test(persons),
	    cmocka_unit_test(never_shows_it),
	    cmocka_unit_test(looks_everywhere),
	    cmocka_unit_test(refuses_wrong_options),
	    cmocka_unit_test(finds_it_anywhere),
	    cmocka_unit_test(stays_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
