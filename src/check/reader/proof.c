/*
 * proof: which of the ways to prove a reply is meant, and which key is to sign.
 * How it is done is left to dkimsig.c and signed.c.
 */
#include "check/reader/proof.h"

#include "check/reader/dkimsig.h"
#include "check/reader/mime.h"
#include "check/reader/reply.h"
#include "check/reader/signed.h"

#include "util/digest.h"

#include <string.h>
#include <strings.h>

#define PEM "-----BEGIN "

void proof_warm(void)
{
	unsigned char hash[DIGEST_SIZE];

	dkimsig_warm();
	digest_of("", 0, hash);
}

static bool begins(struct span s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && memcmp(s.data, prefix, n) == 0;
}

static struct reading_reply *prove_signed(
    const struct mime *mime, struct span mail, struct span pem)
{
	const char *why;
	const char *once = NULL;
	struct span content = signed_content(mime, pem, &once, &why);
	struct reading_reply *reply = reply_read(why == NULL ? content : mail);

	if (why == NULL) {
		/* the date of the outer header is not signed */
		reply->origin.once = arena_strdup(reply->arena, once);
		reply->origin.proven = "S/MIME";
	} else
		reply->origin.unproven = arena_strdup(reply->arena, why);
	return reply;
}

static struct reading_reply *prove_dkim(
    const struct mime *mime, struct span mail, struct span keys)
{
	struct reading_reply *reply = reply_read(mail);
	struct reading_origin proof = {0};

	dkimsig_prove(mime, keys, &proof);
	reply->origin.proven = arena_strdup(reply->arena, proof.proven);
	reply->origin.unproven = arena_strdup(reply->arena, proof.unproven);
	reply->origin.unbound = proof.unbound;
	return reply;
}

struct reading_reply *proof_reply(struct span mail, struct span text)
{
	struct arena *arena = arena_new();
	struct mime *mime = mime_split(arena, mail);
	struct reading_reply *reply = begins(text, PEM)
					  ? prove_signed(mime, mail, text)
					  : prove_dkim(mime, mail, text);

	arena_free(arena);
	return reply;
}

/* Take "d DOMAIN SELECTOR" and the PEM after it off text. */
static bool take_key(
    struct arena *arena, struct span *text, struct dkimsig_key *key)
{
	struct span line = field_chomp(field_line(text)), pem = *text, rest;
	const char *blank;

	if (!begins(line, "d "))
		return false;
	line.data += 2;
	line.len -= 2;
	blank = memchr(line.data, ' ', line.len);
	if (blank == NULL)
		return false;
	key->domain = arena_dup(arena, line.data, (size_t)(blank - line.data));
	key->selector = arena_dup(
	    arena, blank + 1, (size_t)(line.data + line.len - blank - 1));
	for (rest = *text; rest.len > 0 && !begins(rest, "d "); rest = *text)
		field_line(text);
	pem.len -= text->len;
	key->pem = arena_dup(arena, pem.data, pem.len);
	return true;
}

struct reading_signed *proof_sign(struct span mail, struct span text)
{
	struct arena *arena = arena_new();
	struct reading_signed *sign = arena_alloc(arena, sizeof(*sign));
	struct mime *mime = mime_split(arena, mail);
	struct reading_reply *reply = reply_read(mail);
	const char *domain = reply->origin.domain;
	struct dkimsig_key key;

	sign->arena = arena;
	while (domain != NULL && take_key(arena, &text, &key))
		if (strcasecmp(key.domain, domain) == 0) {
			dkimsig_make(mime, &key, sign);
			break;
		}
	reading_reply_free(reply);
	return sign;
}
