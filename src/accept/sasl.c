/*
 * sasl: decodes what a client says of itself.  Nothing here is logged.
 */
#include "accept/sasl.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "accept/words.h"
#include "util/digest.h"
#include "util/mem.h"

/* A name twice and a secret, each with its NUL. */
#define DECODED_MOST (2 * SASL_NAME_MOST + SASL_SECRET_MOST + 2)

/* base64 of "Username:" and "Password:" */
static const char ask_name[] = "VXNlcm5hbWU6";
static const char ask_secret[] = "UGFzc3dvcmQ6";

enum stage { AT_START, WANTS_NAME, WANTS_SECRET, WANTS_ALL };

struct sasl {
	bool login; /* the mechanism: LOGIN or PLAIN */
	enum stage stage;
	char name[SASL_NAME_MOST + 1];
	char secret[SASL_SECRET_MOST];
	size_t secret_len;
};

struct sasl *sasl_new(struct span mechanism)
{
	struct sasl *sasl;
	bool login = words_same(mechanism, "LOGIN");

	if (!login && !words_same(mechanism, "PLAIN"))
		return NULL;
	sasl = mem_zalloc(sizeof(*sasl));
	sasl->login = login;
	return sasl;
}

static int keep_name(struct sasl *sasl, struct span name)
{
	if (name.len == 0 || name.len > SASL_NAME_MOST ||
	    memchr(name.data, '\0', name.len) != NULL)
		return -1;
	memcpy(sasl->name, name.data, name.len);
	sasl->name[name.len] = '\0';
	return 0;
}

static int keep_secret(struct sasl *sasl, struct span secret)
{
	if (secret.len > SASL_SECRET_MOST)
		return -1;
	memcpy(sasl->secret, secret.data, secret.len);
	sasl->secret_len = secret.len;
	return 0;
}

/* authzid NUL authcid NUL passwd; nobody may act for somebody else. */
static int keep_plain(struct sasl *sasl, struct span all)
{
	struct span authzid, authcid;

	if (memchr(all.data, '\0', all.len) == NULL)
		return -1;
	authzid = words_cut(&all, '\0');
	if (all.len == 0 || memchr(all.data, '\0', all.len) == NULL)
		return -1;
	authcid = words_cut(&all, '\0');
	if (memchr(all.data, '\0', all.len) != NULL)
		return -1;
	if (authzid.len > 0 &&
	    (authzid.len != authcid.len ||
		memcmp(authzid.data, authcid.data, authcid.len) != 0))
		return -1;
	return keep_name(sasl, authcid) || keep_secret(sasl, all) ? -1 : 0;
}

static enum sasl_step advance(
    struct sasl *sasl, struct span decoded, const char **challenge)
{
	if (sasl->stage == WANTS_ALL)
		return keep_plain(sasl, decoded) ? SASL_MALFORMED : SASL_DONE;
	if (sasl->stage == WANTS_SECRET)
		return keep_secret(sasl, decoded) ? SASL_MALFORMED : SASL_DONE;
	if (keep_name(sasl, decoded))
		return SASL_MALFORMED;
	sasl->stage = WANTS_SECRET;
	*challenge = ask_secret;
	return SASL_MORE;
}

enum sasl_step sasl_feed(
    struct sasl *sasl, struct span line, const char **challenge)
{
	char decoded[DECODED_MOST + 1];
	enum sasl_step step;
	int n;

	*challenge = "";
	if (sasl->stage == AT_START) {
		sasl->stage = sasl->login ? WANTS_NAME : WANTS_ALL;
		if (line.len == 0) {
			*challenge = sasl->login ? ask_name : "";
			return SASL_MORE;
		}
		if (words_same(line, "="))
			line.len = 0;
	} else if (words_same(line, "*")) {
		return SASL_CANCELLED;
	}
	n = digest_base64_read(line.data, line.len, decoded, DECODED_MOST);
	step =
	    n < 0 ? SASL_MALFORMED
		  : advance(sasl, (struct span){decoded, (size_t)n}, challenge);
	explicit_bzero(decoded, sizeof(decoded));
	return step;
}

const char *sasl_name(const struct sasl *sasl)
{
	return sasl->name;
}

struct span sasl_secret(const struct sasl *sasl)
{
	return (struct span){sasl->secret, sasl->secret_len};
}

void sasl_free(struct sasl *sasl)
{
	if (sasl == NULL)
		return;
	explicit_bzero(sasl, sizeof(*sasl));
	free(sasl);
}
