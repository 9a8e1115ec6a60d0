/*
 * signed: the reader's door to OpenSSL.  Whose certificate it must be is left
 * to the daemon; chains and authorities have no part in it.
 */
#include "check/reader/signed.h"

#include "check/reader/body.h"
#include "check/reader/origin.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <limits.h>
#include <string.h>

void signed_warm(void)
{
	OPENSSL_init_crypto(
	    OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_ADD_ALL_CIPHERS |
		OPENSSL_INIT_ADD_ALL_DIGESTS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS,
	    NULL);
}

static BIO *bio_of(struct span bytes)
{
	return bytes.len > INT_MAX
		   ? NULL
		   : BIO_new_mem_buf(bytes.data, (int)bytes.len);
}

enum signed_key signed_key_of(const char *pem)
{
	BIO *bio = bio_of((struct span){pem, strlen(pem)});
	EVP_PKEY *key =
	    bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	enum signed_key kind = SIGNED_KEY_NONE;

	if (key != NULL && EVP_PKEY_is_a(key, "ED25519"))
		kind = SIGNED_KEY_ED25519;
	else if (key != NULL && EVP_PKEY_is_a(key, "RSA"))
		kind = SIGNED_KEY_RSA;
	EVP_PKEY_free(key);
	BIO_free(bio);
	ERR_clear_error();
	return kind;
}

/* ---- what is signed, and by what ---------------------------------------- */

struct parts {
	struct span signature; /* DER */
	struct span content;   /* that stands beside it; empty: within it */
	bool detached;
};

static bool is_type(const struct mime_node *node, const char *a, const char *b)
{
	return strcmp(node->type, a) == 0 || strcmp(node->type, b) == 0;
}

/* A leaf's bytes, in the arena. */
static struct span bytes_of(const struct mime *mime, const struct mime_node *n)
{
	struct span bytes;
	struct buf store;
	size_t wrong;

	buf_init(&store, n->body.length);
	bytes = body_bytes(mime, n, &store, &wrong);
	bytes.data = arena_dup(mime->arena, bytes.data, bytes.len);
	buf_release(&store);
	return bytes;
}

/* multipart/signed: its two parts and no others. */
static int split_detached(const struct mime *mime, struct parts *parts)
{
	const struct mime_node *first = NULL, *second = NULL, *n;
	size_t start;

	for (size_t i = 1; i < mime->n_nodes; i++) {
		n = &mime->nodes[i];
		if (n->parent != 0)
			continue;
		if (first == NULL)
			first = n;
		else if (second == NULL)
			second = n;
		else
			return -1;
	}
	if (second == NULL || second->kind != MIME_LEAF ||
	    !is_type(second, "application/pkcs7-signature",
		"application/x-pkcs7-signature"))
		return -1;
	start = first->delimiter.offset + first->delimiter.length;
	parts->content = mime_bytes(
	    mime, (struct mime_range){
		      start, first->body.offset + first->body.length - start});
	parts->signature = bytes_of(mime, second);
	parts->detached = true;
	return 0;
}

static int split(const struct mime *mime, struct parts *parts)
{
	const struct mime_node *root = &mime->nodes[0];

	*parts = (struct parts){0};
	if (strcmp(root->type, "multipart/signed") == 0 &&
	    root->kind == MIME_MULTIPART)
		return split_detached(mime, parts);
	if (root->kind != MIME_LEAF || !is_type(root, "application/pkcs7-mime",
					   "application/x-pkcs7-mime"))
		return -1;
	parts->signature = bytes_of(mime, root);
	return 0;
}

/* ---- verifying ---------------------------------------------------------- */

/* Every signature in it is made with a digest that still holds. */
static bool digests_are_good(CMS_ContentInfo *cms)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
	const ASN1_OBJECT *object;
	X509_ALGOR *digest;
	int n = sk_CMS_SignerInfo_num(signers), nid;

	for (int i = 0; i < n; i++) {
		CMS_SignerInfo_get0_algs(sk_CMS_SignerInfo_value(signers, i),
		    NULL, NULL, &digest, NULL);
		X509_ALGOR_get0(&object, NULL, NULL, digest);
		nid = OBJ_obj2nid(object);
		if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512)
			return false;
	}
	return n > 0;
}

static const char *fault_of_time(const X509 *certificate)
{
	if (X509_cmp_current_time(X509_get0_notBefore(certificate)) >= 0)
		return "the certificate is not valid yet";
	if (X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0)
		return "the certificate has expired";
	return NULL;
}

/* Signed by exactly this certificate?  Then out has what was. */
static const char *verify(const struct parts *parts, CMS_ContentInfo *cms,
    X509 *certificate, BIO *out)
{
	const unsigned flags =
	    CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY;
	STACK_OF(X509) *only = sk_X509_new_null();
	BIO *content = parts->detached ? bio_of(parts->content) : NULL;
	const char *why = fault_of_time(certificate);

	if (only == NULL || sk_X509_push(only, certificate) <= 0 ||
	    (parts->detached && content == NULL))
		why = "there is no memory";
	else if (why == NULL &&
		 OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
		why = "it is encrypted, or not signed";
	else if (why == NULL && !digests_are_good(cms))
		why = "its signature uses a weak digest";
	else if (why == NULL &&
		 CMS_verify(cms, only, NULL, content, out, flags) != 1)
		why = "its S/MIME signature is not that of the reviewer's "
		      "certificate, or the text was changed";
	BIO_free(content);
	sk_X509_free(only);
	return why;
}

/* ---- a mail of it ------------------------------------------------------- */

static bool is_of_content(const struct field *field)
{
	return field_begins(field, "Content-") ||
	       field_is(field, "MIME-Version");
}

/* The outer header's own fields, and what was signed with those of its
 * content. */
static struct span compose(const struct mime *mime, struct span part)
{
	const struct mime_node *root = &mime->nodes[0];
	const struct field *outer = &mime->fields[root->first_field];
	enum field_step step;
	struct field field;
	struct span span;
	struct buf out;

	buf_init(&out, mime->mail.len + part.len + 64);
	for (size_t i = 0; i < root->n_fields; i++)
		if (!is_of_content(&outer[i]))
			buf_add_span(&out, outer[i].raw);
	buf_add_str(&out, "MIME-Version: 1.0\r\n");
	while ((step = field_next(&part, &field)) != FIELD_END)
		if (step == FIELD_ONE && field_begins(&field, "Content-"))
			buf_add_span(&out, field.raw);
	/* the blank line, if it has one */
	field_line(&part);
	buf_add_str(&out, "\r\n");
	buf_add_span(&out, part);
	span.data = arena_dup(mime->arena, out.data, out.len);
	span.len = out.len;
	buf_release(&out);
	return span;
}

/* When it says that it was signed (RFC 5652 11.3), as bytes; or nothing. */
static struct span time_of(CMS_ContentInfo *cms)
{
	CMS_SignerInfo *signer =
	    sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
	int at = CMS_signed_get_attr_by_NID(signer, NID_pkcs9_signingTime, -1);
	const ASN1_TYPE *time = NULL;

	if (at >= 0)
		time = X509_ATTRIBUTE_get0_type(
		    CMS_signed_get_attr(signer, at), 0);
	if (time == NULL || (time->type != V_ASN1_UTCTIME &&
				time->type != V_ASN1_GENERALIZEDTIME))
		return (struct span){"", 0};
	return (struct span){
	    (const char *)ASN1_STRING_get0_data(time->value.asn1_string),
	    (size_t)ASN1_STRING_length(time->value.asn1_string)};
}

/* What is to be filled in: a mail, and one text for what it was. */
struct opened {
	struct span mail;
	const char *once;
};

/* DER and PEM as OpenSSL has them, and back. */
static const char *open_parts(const struct mime *mime,
    const struct parts *parts, struct span pem, struct opened *opened)
{
	BIO *der = bio_of(parts->signature), *text = bio_of(pem);
	BIO *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *cms = der == NULL ? NULL : d2i_CMS_bio(der, NULL);
	X509 *certificate =
	    text == NULL ? NULL : PEM_read_bio_X509(text, NULL, NULL, NULL);
	const char *why;
	char *data;
	long n;

	if (certificate == NULL || out == NULL)
		why = "the certificate cannot be read";
	else if (cms == NULL)
		why = "its S/MIME signature cannot be read";
	else
		why = verify(parts, cms, certificate, out);
	if (why == NULL) {
		n = BIO_get_mem_data(out, &data);
		opened->mail = compose(mime, (struct span){data, (size_t)n});
		opened->once = origin_once(
		    mime->arena, time_of(cms), (struct span){data, (size_t)n});
	}
	X509_free(certificate);
	CMS_ContentInfo_free(cms);
	BIO_free(out);
	BIO_free(text);
	BIO_free(der);
	ERR_clear_error();
	return why;
}

struct span signed_content(const struct mime *mime, struct span pem,
    const char **once, const char **why)
{
	struct opened opened = {{"", 0}, NULL};
	struct parts parts;

	signed_warm();
	*why = "it is not signed with S/MIME";
	if (split(mime, &parts) == 0)
		*why = open_parts(mime, &parts, pem, &opened);
	*once = opened.once;
	return opened.mail;
}
