/*
 * dkimsig: the one door to libopendkim.  It is fed with the fields and the
 * body as mime.c splits them, so that what is signed is what is read.  Which
 * domains count is left to the daemon, which gives keys of no others.
 */
#include "check/reader/dkimsig.h"

#include "check/reader/signed.h"

#include <sys/types.h>

#include <opendkim/dkim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD_MARGIN 76 /* columns of a signature's lines */

static DKIM_LIB *library;

/* The library writes to none of what it is given. */
static unsigned char *bytes(const char *s)
{
	union {
		const char *from;
		unsigned char *to;
	} at = {.from = s};

	return at.to;
}

/* ---- keys --------------------------------------------------------------- */

/* If the line is "k DOMAIN SELECTOR RECORD" of these: its record. */
static bool is_key(struct span line, const char *domain, const char *selector,
    struct span *record)
{
	char head[600];
	int n = snprintf(head, sizeof(head), "k %s %s ", domain, selector);

	if (n < 0 || (size_t)n >= sizeof(head) || line.len < (size_t)n ||
	    strncasecmp(line.data, head, (size_t)n) != 0)
		return false;
	*record = (struct span){line.data + n, line.len - (size_t)n};
	return true;
}

static bool find_key(DKIM *dkim, DKIM_SIGINFO *sig, struct span *record)
{
	const struct span *keys = dkim_get_user_context(dkim);
	const char *domain = (const char *)dkim_sig_getdomain(sig);
	const char *selector = (const char *)dkim_sig_getselector(sig);
	struct span rest = *keys;

	if (domain == NULL || selector == NULL)
		return false;
	while (rest.len > 0)
		if (is_key(field_chomp(field_line(&rest)), domain, selector,
			record))
			return true;
	return false;
}

/* The library asks for the key of a signature. */
static DKIM_CBSTAT on_key(
    DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *out, size_t room)
{
	struct span record;

	if (!find_key(dkim, sig, &record) || record.len >= room)
		return DKIM_CBSTAT_NOTFOUND;
	memcpy(out, record.data, record.len);
	out[record.len] = '\0';
	return DKIM_CBSTAT_CONTINUE;
}

/* Signatures without a key are as if they were not there. */
static DKIM_CBSTAT on_signatures(DKIM *dkim, DKIM_SIGINFO **sigs, int n)
{
	struct span record;

	for (int i = 0; i < n; i++)
		if (!find_key(dkim, sigs[i], &record))
			dkim_sig_ignore(sigs[i]);
	return DKIM_CBSTAT_CONTINUE;
}

/* ---- the library -------------------------------------------------------- */

void dkimsig_warm(void)
{
	unsigned bits = DKIMSIG_KEY_BITS;
	/* signed once more than they stand there: none can be added */
	const char *over[] = {"From", "To", "Cc", "Subject", "Reply-To", NULL};

	signed_warm();
	if (library != NULL)
		return;
	library = dkim_init(NULL, NULL);
	if (library == NULL)
		return;
	dkim_set_key_lookup(library, on_key);
	dkim_set_prescreen(library, on_signatures);
	dkim_options(
	    library, DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS, &bits, sizeof(bits));
	dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_OVERSIGNHDRS, over,
	    sizeof(const char **));
}

void dkimsig_release(void)
{
	if (library != NULL)
		dkim_close(library);
	library = NULL;
}

/* ---- a mail, fed -------------------------------------------------------- */

/* Why a mail is not fit for it: programs would differ on what it says. */
static const char *unfit(const struct mime *mime)
{
	static const char *const once[] = {"From", "Sender", "To", "Cc",
	    "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
	    "Content-Transfer-Encoding", NULL};
	const struct mime_node *root = &mime->nodes[0];
	const struct field *field;

	if (root->odd & (MIME_JUNK_IN_HEADER | MIME_BLANK_IN_FIELD |
			    MIME_HEADER_CUT | MIME_HEADER_LARGE))
		return "its header is malformed";
	for (size_t i = 0; once[i] != NULL; i++) {
		field = mime_field(mime, root, once[i]);
		if (field != NULL &&
		    mime_field_after(mime, root, field) != NULL)
			return "a field of its header stands there twice";
	}
	return NULL;
}

static struct span body_of(const struct mime *mime)
{
	const struct mime_range *body = &mime->nodes[0].body;

	return (struct span){
	    mime->mail.data + body->offset, mime->mail.len - body->offset};
}

static DKIM_STAT feed(DKIM *dkim, const struct mime *mime)
{
	const struct mime_node *root = &mime->nodes[0];
	DKIM_STAT rc = DKIM_STAT_OK;
	struct span body = body_of(mime), raw;
	_Bool test;

	for (size_t i = 0; i < root->n_fields && rc == DKIM_STAT_OK; i++) {
		raw = field_chomp(mime->fields[root->first_field + i].raw);
		rc = dkim_header(dkim, bytes(raw.data), raw.len);
	}
	if (rc == DKIM_STAT_OK)
		rc = dkim_eoh(dkim);
	if (rc == DKIM_STAT_OK && body.len > 0)
		rc = dkim_body(dkim, bytes(body.data), body.len);
	if (rc == DKIM_STAT_OK)
		rc = dkim_eom(dkim, &test);
	return rc;
}

/* ---- checking ----------------------------------------------------------- */

/* If the mail has the field, is it signed? */
static bool covers(const struct mime *mime, DKIM_SIGINFO *sig, const char *name)
{
	return mime_field(mime, &mime->nodes[0], name) == NULL ||
	       dkim_sig_hdrsigned(sig, bytes(name));
}

static bool is_weak(DKIM_SIGINFO *sig)
{
	dkim_alg_t alg;
	unsigned bits;

	if (dkim_sig_getsignalg(sig, &alg) != DKIM_STAT_OK)
		return true;
	if (alg != DKIM_SIGN_RSASHA256)
		return alg == DKIM_SIGN_RSASHA1;
	return dkim_sig_getkeysize(sig, &bits) != DKIM_STAT_OK ||
	       bits < DKIMSIG_KEY_BITS;
}

/*
 * Why a signature proves nothing; NULL: it holds.  DKIM_SIGFLAG_PASSED is of
 * the header alone.
 */
static const char *fault_of(const struct mime *mime, DKIM_SIGINFO *sig)
{
	const unsigned flags = dkim_sig_getflags(sig);
	const int error = dkim_sig_geterror(sig);
	const char *text;

	if (dkim_sig_gettagvalue(sig, false, bytes("l")) != NULL)
		return "it is of the beginning of the body alone (l=)";
	if ((flags & DKIM_SIGFLAG_PASSED) != 0 &&
	    dkim_sig_getbh(sig) == DKIM_SIGBH_MISMATCH)
		return "it does not fit the body";
	if (error != DKIM_SIGERROR_OK) {
		text = error < 0 ? NULL : dkim_sig_geterrorstr(error);
		return text == NULL ? "it cannot be checked" : text;
	}
	if ((flags & DKIM_SIGFLAG_PASSED) == 0)
		return "it does not fit the header";
	if (dkim_sig_getbh(sig) != DKIM_SIGBH_MATCH)
		return "it was not compared with the body";
	if (flags & DKIM_SIGFLAG_TESTKEY)
		return "its domain only tries DKIM (t=y)";
	if (is_weak(sig))
		return "its key or algorithm is weak";
	if (!dkim_sig_hdrsigned(sig, bytes("from")))
		return "it does not cover From";
	/* else a copy could come again as another answer */
	if (mime_field(mime, &mime->nodes[0], "Date") == NULL ||
	    !dkim_sig_hdrsigned(sig, bytes("date")))
		return "it does not cover Date";
	return NULL;
}

/* The first signature that holds; but one that covers To is better. */
static void judge(
    DKIM *dkim, const struct mime *mime, struct reading_origin *origin)
{
	const char *fault;
	DKIM_SIGINFO **sigs;
	int n;

	if (dkim_getsiglist(dkim, &sigs, &n) != DKIM_STAT_OK)
		n = 0;
	for (int i = 0; i < n && (origin->proven == NULL || origin->unbound);
	     i++) {
		bool bound =
		    covers(mime, sigs[i], "To") && covers(mime, sigs[i], "Cc");

		if ((dkim_sig_getflags(sigs[i]) & DKIM_SIGFLAG_IGNORE) != 0 ||
		    (origin->proven != NULL && !bound))
			continue;
		fault = fault_of(mime, sigs[i]);
		if (fault == NULL) {
			origin->unbound = !bound;
			origin->proven = arena_strdup(mime->arena,
			    (const char *)dkim_sig_getdomain(sigs[i]));
		} else if (origin->proven == NULL) {
			origin->unproven = arena_printf(mime->arena,
			    "the DKIM signature does not count: %s", fault);
		}
	}
	if (origin->proven != NULL)
		origin->unproven = NULL;
	else if (origin->unproven == NULL)
		origin->unproven = "its DKIM signature cannot be read";
}

void dkimsig_prove(
    const struct mime *mime, struct span keys, struct reading_origin *origin)
{
	DKIM_STAT rc;
	DKIM *dkim;

	origin->unproven = unfit(mime);
	if (origin->unproven != NULL)
		return;
	dkimsig_warm();
	dkim = library == NULL
		   ? NULL
		   : dkim_verify(library, bytes("reply"), NULL, &rc);
	if (dkim == NULL) {
		origin->unproven = "DKIM signatures cannot be checked";
		return;
	}
	dkim_set_user_context(dkim, &keys);
	feed(dkim, mime);
	judge(dkim, mime, origin);
	dkim_free(dkim);
}

/* ---- signing ------------------------------------------------------------ */

/* The field as it is to stand in the mail: CRLF, and a tab where it goes on. */
static struct span field_of(struct arena *arena, const char *value, size_t len)
{
	struct span span;
	struct buf out;

	buf_init(&out, 2 * len + 64);
	buf_add_str(&out, "DKIM-Signature: ");
	for (size_t i = 0; i < len; i++) {
		if (value[i] == '\r')
			continue;
		if (value[i] == '\n')
			buf_add_char(&out, '\r');
		buf_add_char(&out, value[i]);
	}
	buf_add_str(&out, "\r\n");
	span.data = arena_dup(arena, out.data, out.len);
	span.len = out.len;
	buf_release(&out);
	return span;
}

static DKIM *begin_signing(const struct dkimsig_key *key)
{
	enum signed_key kind = signed_key_of(key->pem);
	DKIM_STAT rc;

	/* the library does not survive a bad key without a leak */
	if (kind == SIGNED_KEY_NONE || library == NULL)
		return NULL;
	return dkim_sign(library, bytes("draft"), NULL, bytes(key->pem),
	    bytes(key->selector), bytes(key->domain), DKIM_CANON_RELAXED,
	    DKIM_CANON_RELAXED,
	    kind == SIGNED_KEY_ED25519 ? DKIM_SIGN_ED25519SHA256
				       : DKIM_SIGN_RSASHA256,
	    -1, &rc);
}

void dkimsig_make(const struct mime *mime, const struct dkimsig_key *key,
    struct reading_signed *sign)
{
	unsigned char *value;
	DKIM_STAT rc;
	DKIM *dkim;
	size_t len;

	sign->trouble = unfit(mime);
	if (sign->trouble != NULL)
		return;
	dkimsig_warm();
	dkim = begin_signing(key);
	if (dkim == NULL) {
		sign->trouble = "the DKIM key cannot be used";
		return;
	}
	rc = feed(dkim, mime);
	if (rc == DKIM_STAT_OK)
		rc = dkim_getsighdr_d(dkim, FIELD_MARGIN, &value, &len);
	if (rc == DKIM_STAT_OK)
		sign->field = field_of(mime->arena, (const char *)value, len);
	else
		sign->trouble = arena_printf(mime->arena,
		    "DKIM cannot sign it: %s", dkim_getresultstr(rc));
	dkim_free(dkim);
}
