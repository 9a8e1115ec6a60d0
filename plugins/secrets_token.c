/*
 * secrets_token: keys and tokens by the form that their issuers gave them,
 * passwords in URLs, and what is written behind words such as password.
 */
#include "secrets_look.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define ALNUM  1 /* letters and digits */
#define URL    2 /* and - _ */
#define BASE64 3 /* and + / = */
#define HEX    4 /* 0-9 a-f */
#define UPPER  5 /* A-Z 0-9 */

struct form {
	const char *prefix;
	unsigned char set;
	unsigned char least, most; /* characters behind the prefix */
	const char *kind;
};

static const struct form forms[] = {
    {"AKIA", UPPER, 16, 16, "aws-key"},
    {"ASIA", UPPER, 16, 16, "aws-key"},
    {"AIza", URL, 35, 35, "google-key"},
    {"ya29.", URL, 20, 255, "google-token"},
    {"GOCSPX-", URL, 24, 40, "google-secret"},
    {"AccountKey=", BASE64, 40, 255, "azure-key"},
    {"SharedAccessKey=", BASE64, 40, 255, "azure-key"},
    {"ghp_", ALNUM, 36, 255, "github-token"},
    {"gho_", ALNUM, 36, 255, "github-token"},
    {"ghu_", ALNUM, 36, 255, "github-token"},
    {"ghs_", ALNUM, 36, 255, "github-token"},
    {"ghr_", ALNUM, 36, 255, "github-token"},
    {"github_pat_", URL, 22, 255, "github-token"},
    {"glpat-", URL, 20, 255, "gitlab-token"},
    {"gldt-", URL, 20, 255, "gitlab-token"},
    {"glrt-", URL, 20, 255, "gitlab-token"},
    {"glptt-", URL, 20, 255, "gitlab-token"},
    {"xoxb-", URL, 20, 255, "slack-token"},
    {"xoxp-", URL, 20, 255, "slack-token"},
    {"xoxa-", URL, 20, 255, "slack-token"},
    {"xoxr-", URL, 20, 255, "slack-token"},
    {"xoxs-", URL, 20, 255, "slack-token"},
    {"xapp-", URL, 20, 255, "slack-token"},
    {"hooks.slack.com/services/", BASE64, 20, 255, "slack-webhook"},
    {"sk_live_", ALNUM, 16, 255, "stripe-key"},
    {"sk_test_", ALNUM, 16, 255, "stripe-key"},
    {"rk_live_", ALNUM, 16, 255, "stripe-key"},
    {"whsec_", BASE64, 24, 255, "webhook-secret"},
    {"sk-ant-", URL, 20, 255, "anthropic-key"},
    {"sk-proj-", URL, 20, 255, "openai-key"},
    {"sk-svcacct-", URL, 20, 255, "openai-key"},
    {"sk-or-v1-", HEX, 40, 255, "openrouter-key"},
    {"sk-", ALNUM, 32, 255, "openai-key"},
    {"hf_", ALNUM, 30, 60, "huggingface-token"},
    {"npm_", ALNUM, 36, 36, "npm-token"},
    {"pypi-", URL, 60, 255, "pypi-token"},
    {"SG.", URL, 16, 255, "sendgrid-key"},
    {"dop_v1_", HEX, 64, 64, "digitalocean-token"},
    {"shpat_", HEX, 32, 32, "shopify-token"},
    {"key-", HEX, 32, 32, "mailgun-key"},
    {"dapi", HEX, 32, 32, "databricks-token"},
    {"hvs.", URL, 24, 255, "vault-token"},
    {"ATATT3", URL, 40, 255, "atlassian-token"},
    {"lin_api_", ALNUM, 32, 60, "linear-key"},
    {"ntn_", ALNUM, 40, 60, "notion-token"},
    {"AGE-SECRET-KEY-1", UPPER, 40, 70, "private-key"},
    {"PuTTY-User-Key-File-", URL, 1, 10, "private-key"},
};

char secrets_at(const struct secrets_text *text, size_t at)
{
	return at < text->size ? text->bytes[at] : '\0';
}

bool secrets_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool secrets_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_of(char c, unsigned char set)
{
	bool upper = c >= 'A' && c <= 'Z', digit = secrets_is_digit(c);

	if (set == UPPER)
		return upper || digit;
	if (set == HEX)
		return digit || (c >= 'a' && c <= 'f');
	if (secrets_is_letter(c) || digit)
		return true;
	return c != '\0' && ((set == URL && strchr("-_", c) != NULL) ||
				(set == BASE64 && strchr("+/=", c) != NULL));
}

static bool begins(const struct secrets_text *text, size_t at, const char *with)
{
	size_t n = strlen(with);

	return at + n <= text->size && memcmp(text->bytes + at, with, n) == 0;
}

/* Characters of the set from at; one more than most when there are more. */
static size_t run(
    const struct secrets_text *text, size_t at, unsigned char set, size_t most)
{
	size_t n = 0;

	while (n <= most && is_of(secrets_at(text, at + n), set))
		n++;
	return n;
}

/* Text that somebody made up: bits per character. */
static double entropy(const struct secrets_text *text, size_t at, size_t size)
{
	unsigned counts[256] = {0};
	double bits = 0;

	for (size_t i = at; i < at + size; i++)
		counts[(unsigned char)text->bytes[i]]++;
	for (size_t i = 0; i < 256; i++)
		if (counts[i] > 0) {
			double share = (double)counts[i] / (double)size;

			bits -= share * log2(share);
		}
	return bits;
}

static bool by_form(
    const struct secrets_text *text, size_t at, struct secrets_hit *hit)
{
	for (size_t i = 0; i < COUNT(forms); i++) {
		const struct form *form = &forms[i];
		size_t n, size;

		if (form->prefix[0] != text->bytes[at] ||
		    !begins(text, at, form->prefix))
			continue;
		n = strlen(form->prefix);
		size = run(text, at + n, form->set, form->most);
		if (size < form->least || (size > form->most && size < 255))
			continue;
		/* "key-aaaaaaa": no key is as dull as that */
		if (form->least > 10 && entropy(text, at + n, size) < 2)
			continue;
		*hit = (struct secrets_hit){at, n + size, form->kind};
		return true;
	}
	return false;
}

/* Three pieces with points between, the first two JSON in base64. */
static bool is_jwt(
    const struct secrets_text *text, size_t at, struct secrets_hit *hit)
{
	size_t head, body, tail;

	if (!begins(text, at, "eyJ"))
		return false;
	head = run(text, at, URL, 1000);
	if (head < 12 || !begins(text, at + head, ".eyJ"))
		return false;
	body = run(text, at + head + 1, URL, 4000);
	if (secrets_at(text, at + head + 1 + body) != '.')
		return false;
	tail = run(text, at + head + body + 2, URL, 1000);
	*hit = (struct secrets_hit){at, head + body + tail + 2, "jwt"};
	return tail >= 16;
}

/* Telegram: 123456789:AA... */
static bool is_bot(
    const struct secrets_text *text, size_t at, struct secrets_hit *hit)
{
	size_t n = 0;

	while (n < 11 && secrets_is_digit(secrets_at(text, at + n)))
		n++;
	if (n < 8 || n > 10 || !begins(text, at + n, ":AA") ||
	    run(text, at + n + 1, URL, 35) != 35)
		return false;
	*hit = (struct secrets_hit){at, n + 36, "telegram-token"};
	return true;
}

/* Azure: three characters, "8Q~" or "7Q~", and 31 or more. */
static bool is_azure(
    const struct secrets_text *text, size_t at, struct secrets_hit *hit)
{
	size_t n = 6;

	if (run(text, at, URL, 5) != 5 ||
	    !secrets_is_digit(secrets_at(text, at + 3)) ||
	    secrets_at(text, at + 4) != 'Q' || secrets_at(text, at + 5) != '~')
		return false;
	while (n < 42 && (is_of(secrets_at(text, at + n), URL) ||
			     secrets_at(text, at + n) == '.' ||
			     secrets_at(text, at + n) == '~'))
		n++;
	*hit = (struct secrets_hit){at, n, "azure-secret"};
	return n >= 37;
}

/* ---- words that say what follows ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Bytes of the word or phrase at at; a blank is also _ or - or nothing. */
static size_t match(
    const struct secrets_text *text, size_t at, const char *phrase)
{
	size_t from = at;

	for (; *phrase != '\0'; phrase++) {
		char c = secrets_at(text, at);

		if (*phrase == ' ') {
			at += c == ' ' || c == '_' || c == '-';
			continue;
		}
		if (lower(c) != *phrase)
			return 0;
		at++;
	}
	return at - from;
}

/* The end of what stands there until a blank, a quotation mark or a bracket. */
static size_t value_end(const struct secrets_text *text, size_t at, bool url)
{
	size_t end = at;

	while (end < text->size && end - at < SECRETS_SPAN &&
	       (unsigned char)text->bytes[end] > ' ' &&
	       strchr("\"'<>`", text->bytes[end]) == NULL &&
	       (url || text->bytes[end] != ';'))
		end++;
	while (end > at && strchr(".,;:!?)", text->bytes[end - 1]) != NULL)
		end--;
	return end;
}

/* What stands there in place of a secret. */
static bool is_dummy(const struct secrets_text *text, size_t at, size_t size)
{
	static const char *const dummies[] = {"password", "passwort", "pass",
	    "passwd", "secret", "token", "required", "optional", "none", "null",
	    "true", "false", "hidden", "changed", "expired", "reset", "unknown",
	    "forgotten", "see", "yes", "no", "redacted", "removed", "string",
	    "value", "example", "changeme", "attached", "separately",
	    "incorrect", "wrong", "invalid", "correct", "protected", "strong",
	    "weak", "below", "above", "nein", "siehe", "vergessen", "falsch",
	    "unbekannt"};
	bool same = true;

	if (strchr("[{<($%", text->bytes[at]) != NULL)
		return true;
	for (size_t i = at; i < at + size; i++)
		same = same && text->bytes[i] == text->bytes[at];
	for (size_t i = 0; i < COUNT(dummies) && !same; i++)
		same = strlen(dummies[i]) == size &&
		       match(text, at, dummies[i]) == size;
	return same;
}

/* A mix as words of a language do not have it. */
static bool is_mixed(const struct secrets_text *text, size_t at, size_t size)
{
	bool letter = false, other = false, late = false;

	for (size_t i = at; i < at + size; i++) {
		char c = text->bytes[i];

		letter = letter || secrets_is_letter(c);
		other = other || secrets_is_digit(c) ||
			strchr("!@#$%^&*+=?", c) != NULL;
		late = late || (i > at && c >= 'A' && c <= 'Z' &&
				   text->bytes[i - 1] >= 'a');
	}
	return (letter && other) || late || (other && size >= 6);
}

/* A key: long, of few signs, with letters and digits in no order. */
static bool is_made_up(const struct secrets_text *text, size_t at, size_t size)
{
	size_t digits = 0;

	for (size_t i = at; i < at + size; i++) {
		char c = text->bytes[i];

		digits += secrets_is_digit(c);
		if (!is_of(c, BASE64) && strchr("-_.~", c) == NULL)
			return false;
	}
	return size >= 16 && digits > 0 && is_mixed(text, at, size) &&
	       strchr("/.~", text->bytes[at]) == NULL &&
	       entropy(text, at, size) > 3.2;
}

struct named {
	const char *word;
	bool password; /* else a key: long and of a kind nobody makes up */
};

static const struct named named[] = {
    {"password", true},
    {"passphrase", true},
    {"passcode", true},
    {"passwd", true},
    {"pwd", true},
    {"pass", true},
    {"passwort", true},
    {"kennwort", true},
    {"zugangscode", true},
    {"mot de passe", true},
    {"contraseña", true},
    {"contrasena", true},
    {"senha", true},
    {"palavra passe", true},
    {"wachtwoord", true},
    {"parola d'ordine", true},
    {"hasło", true},
    {"api key", false},
    {"api token", false},
    {"api secret", false},
    {"access key", false},
    {"access token", false},
    {"auth token", false},
    {"account key", false},
    {"client secret", false},
    {"consumer secret", false},
    {"refresh token", false},
    {"secret access key", false},
    {"secret key", false},
    {"secret", false},
    {"private key", false},
    {"encryption key", false},
    {"bearer", false},
    {"token", false},
    {"key", false},
    {"credential", false},
    {"signing key", false},
    {"webhook secret", false},
};

/* Behind the word: " = ", ": ", " is "; how strong it is, 0: nothing. */
static int assignment(const struct secrets_text *text, size_t *at)
{
	static const char *const is[] = {
	    "is", "ist", "lautet", "est", "es", "e", "è", "é", "was"};
	size_t i = *at;
	int found = 0;

	while (i < *at + 4 && strchr(" \"']*", secrets_at(text, i)) != NULL &&
	       secrets_at(text, i) != '\0')
		i++;
	if (secrets_at(text, i) == ':' || secrets_at(text, i) == '=') {
		i += 1 + (secrets_at(text, i + 1) == '=') +
		     (secrets_at(text, i + 1) == '>');
		found = 2;
	}
	for (size_t k = 0; found == 0 && i > *at && k < COUNT(is); k++) {
		size_t n = strlen(is[k]);

		if (begins(text, i, is[k]) &&
		    strchr(": ", secrets_at(text, i + n)) != NULL) {
			i += n + (secrets_at(text, i + n) == ':');
			found = 1;
		}
	}
	for (size_t k = 0; k < 6 && secrets_at(text, i) != '\0' &&
			   strchr(" \t\"'`*\n\r", secrets_at(text, i)) != NULL;
	     k++)
		i++;
	*at = i;
	return found;
}

/* Whether nothing but blanks follows on the line. */
static bool is_last(const struct secrets_text *text, size_t at)
{
	while (
	    at < text->size && strchr(" \t\"'`.,;!*)", text->bytes[at]) != NULL)
		at++;
	return at >= text->size || text->bytes[at] == '\n' ||
	       text->bytes[at] == '\r' || text->bytes[at] == '<' ||
	       text->bytes[at] == '&';
}

static bool by_name(
    const struct secrets_text *text, size_t at, struct secrets_hit *hit)
{
	size_t n = 0, from, size;
	bool password = false, below;
	int how;

	for (size_t i = 0; i < COUNT(named); i++) {
		size_t k = lower(text->bytes[at]) == named[i].word[0]
			       ? match(text, at, named[i].word)
			       : 0;

		if (k > n) {
			n = k;
			password = named[i].password;
		}
	}
	from = at + n;
	if (n == 0 || secrets_is_letter(secrets_at(text, from)))
		return false;
	how = assignment(text, &from);
	if (how == 0 && (match(text, at, "bearer ") != 7 ||
			    secrets_at(text, at + 6) != ' '))
		return false;
	size = value_end(text, from, false) - from;
	*hit = (struct secrets_hit){
	    from, size, password ? "password" : "assigned-secret"};
	if (size == 0 || is_dummy(text, from, size) ||
	    secrets_at(text, from + size) == ':')
		return false;
	below = memchr(text->bytes + at, '\n', from - at) != NULL;
	if (password)
		return size >= 4 &&
		       (is_mixed(text, from, size) ||
			   (how == 2 && !below && is_last(text, from + size)));
	return is_made_up(text, from, size);
}

/* scheme://user:password@host */
static bool in_url(
    const struct secrets_text *text, size_t at, struct secrets_hit *hit)
{
	size_t i = at, end, colon = 0, sign = 0;

	while (i < at + 20 && is_of(secrets_at(text, i), BASE64) &&
	       secrets_at(text, i) != '/')
		i++;
	if (i == at || !begins(text, i, "://"))
		return false;
	end = value_end(text, i + 3, true);
	for (i += 3; i < end && strchr("/?#", text->bytes[i]) == NULL; i++) {
		if (text->bytes[i] == ':' && colon == 0)
			colon = i + 1;
		if (text->bytes[i] == '@')
			sign = i;
	}
	if (colon == 0 || sign <= colon)
		return false;
	*hit = (struct secrets_hit){colon, sign - colon, "url-password"};
	return !is_dummy(text, hit->from, hit->size);
}

static bool is_private_key(
    const struct secrets_text *text, size_t at, struct secrets_hit *hit)
{
	size_t i;

	if (!begins(text, at, "BEGIN "))
		return false;
	for (i = at + 6; i < at + 40 && i < text->size &&
			 text->bytes[i] != '-' && text->bytes[i] != '\n';
	     i++)
		if (begins(text, i, "PRIVATE KEY")) {
			*hit = (struct secrets_hit){
			    at, i + 11 - at, "private-key"};
			return true;
		}
	return false;
}

bool secrets_token(
    const struct secrets_text *text, size_t at, struct secrets_hit *hit)
{
	struct secrets_hit better;

	if (by_form(text, at, hit) || is_private_key(text, at, hit) ||
	    is_jwt(text, at, hit) || is_bot(text, at, hit) ||
	    is_azure(text, at, hit) || in_url(text, at, hit))
		return true;
	if (!by_name(text, at, hit))
		return false;
	if (by_form(text, hit->from, &better) ||
	    is_jwt(text, hit->from, &better))
		*hit = better;
	return true;
}
