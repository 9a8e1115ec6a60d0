/*
 * pipeline_proof: Authentication-Results of a host that is named, else DKIM
 * by keys from the DNS; or S/MIME.  Alignment is as DMARC has it (RFC 7489
 * 3.1).  What the level is good for is left to review.
 */
#include "pipeline_proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "check/check.h"

#include "house.h"

#include "util/arena.h"
#include "util/dns.h"
#include "util/mem.h"
#include "util/suffix.h"

#define KEYS_MAX 4 /* signatures that are looked at */

/* A signature that would count, and its key. */
struct candidate {
	const struct reading_signature *signature;
	struct dns_question key;
	char *record; /* NULL: there is none */
	struct proving *proving;
};

/* A policy: of the domain itself, and of its organisation. */
struct policy {
	struct dns_question question;
	struct proving *proving;
	bool strict, found, unknown;
};

struct proving {
	struct proof *proof;
	struct house *house;
	struct arena *arena;
	struct candidate keys[KEYS_MAX];
	size_t n_keys;
	struct policy policies[2];
	unsigned waiting; /* answers that are still to come, and one more */
	bool unknown;	  /* a key that nobody could tell of */
	struct check_request verify;
	struct buf text; /* for the reader */
};

static void finish(struct proving *p, enum review_level level, const char *how)
{
	p->proof->level = level;
	p->proof->how = how;
	p->proof->done(p->proof);
}

static const char *say(struct proving *p, const char *format, const char *name)
{
	return arena_printf(p->arena, "%s%s", format, name);
}

/* Nothing proves it; or it cannot be told now. */
static void fail(struct proving *p, const char *why)
{
	finish(p, REVIEW_LEVEL_NONE, why);
}

static void fail_for_now(struct proving *p, const char *why)
{
	p->proof->later = true;
	fail(p, why);
}

/* ---- what a host that is named has found -------------------------------- */

static bool is_named(const struct proving *p)
{
	const char *authserv = p->proof->reply->origin.authserv;
	const char *const *name = p->proof->config->review.authserv;

	if (!p->proof->through_server || authserv == NULL)
		return false;
	for (; name != NULL && *name != NULL; name++)
		if (strcasecmp(*name, authserv) == 0)
			return true;
	return false;
}

/* Does the result name the very domain of From, or one of its kin? */
static bool is_of(const struct reading_result *r, const char *domain, bool kin)
{
	return r->domain != NULL &&
	       (strcmp(r->domain, domain) == 0 ||
		   (kin && suffix_related(r->domain, domain)));
}

static bool is(
    const struct reading_result *r, const char *method, const char *result)
{
	return strcmp(r->method, method) == 0 && strcmp(r->result, result) == 0;
}

/*
 * Is it passed by what the topmost field says?  A fail of DMARC weighs more
 * than any pass.  kin: DKIM of another domain of the same organisation will
 * do.
 */
static bool passed_elsewhere(const struct proving *p, bool kin)
{
	const struct reading_origin *o = &p->proof->reply->origin;
	const struct reading_result *r;
	bool passed = false;

	if (!is_named(p))
		return false;
	for (r = o->results; r < o->results + o->n_results; r++) {
		if (strcmp(r->method, "dmarc") == 0 &&
		    (strcmp(r->result, "fail") == 0 ||
			strcmp(r->result, "reject") == 0))
			return false;
		if ((is(r, "dmarc", "pass") && is_of(r, o->domain, false)) ||
		    (is(r, "dkim", "pass") && is_of(r, o->domain, kin)))
			passed = true;
	}
	return passed;
}

/* ---- DKIM: the keys are there ------------------------------------------- */

static bool counts(const struct proving *p, const char *domain, bool strict)
{
	const char *from = p->proof->reply->origin.domain;

	return strcmp(domain, from) == 0 ||
	       (!strict && suffix_related(domain, from));
}

/* The domain's own policy, else its organisation's; none: relaxed. */
static const struct policy *policy_of(const struct proving *p)
{
	const struct policy *own = &p->policies[0];

	return own->found || own->unknown ? own : &p->policies[1];
}

/* Nothing holds.  If something could not be looked up, it might have. */
static void not_proven(struct proving *p, const char *why)
{
	if (p->unknown || policy_of(p)->unknown)
		fail_for_now(p, "keys of its domain cannot be asked for now");
	else
		fail(p, why);
}

static void on_verified(struct check_request *request)
{
	struct proving *p = request->context;
	const struct reading_reply *reply = request->reply;
	const char *proven = reply->origin.proven;

	if (reply->trouble != NULL)
		fail(p, arena_strdup(p->arena, reply->trouble));
	else if (proven != NULL && counts(p, proven, policy_of(p)->strict)) {
		p->proof->unbound = reply->origin.unbound;
		finish(p, REVIEW_LEVEL_ALIGNED,
		    say(p, "DKIM signature of ", proven));
	} else
		not_proven(
		    p, reply->origin.unproven == NULL
			   ? "no DKIM signature of its domain holds"
			   : arena_strdup(p->arena, reply->origin.unproven));
}

static void ask_reader(struct proving *p)
{
	struct error err = ERROR_INIT;

	p->verify.bytes = p->proof->bytes;
	p->verify.text = buf_span(&p->text);
	p->verify.context = p;
	if (check_prove(p->house->check, &p->verify, &err))
		fail_for_now(p, arena_strdup(p->arena, err.text));
}

/* All answers are there. */
static void verify(struct proving *p)
{
	const struct policy *policy = policy_of(p);
	const struct candidate *c;

	if (!policy->unknown && passed_elsewhere(p, !policy->strict)) {
		finish(p, REVIEW_LEVEL_ALIGNED,
		    say(p, "Authentication-Results of ",
			p->proof->reply->origin.authserv));
		return;
	}
	for (c = p->keys; c < p->keys + p->n_keys; c++)
		/* an unknown policy may be strict */
		if (c->record != NULL && counts(p, c->signature->domain,
					     policy->strict || policy->unknown))
			buf_addf(&p->text, "k %s %s %s\n", c->signature->domain,
			    c->signature->selector, c->record);
	if (p->text.len == 0) {
		not_proven(p, p->n_keys == 0
				  ? "it has no DKIM signature of its domain"
				  : "the key of its DKIM signature is not in "
				    "the DNS, or its domain wants another");
		return;
	}
	p->verify.done = on_verified;
	ask_reader(p);
}

/* ---- DKIM: keys and policies are asked for ------------------------------ */

static void answered(struct proving *p)
{
	if (--p->waiting == 0)
		verify(p);
}

static void on_key(struct dns_question *question)
{
	struct candidate *c = question->context;

	if (question->result == DNS_UNKNOWN)
		c->proving->unknown = true;
	/* RFC 6376 3.6.2.2: of several nobody knows which is meant */
	else if (question->n_records == 1 && !question->odd)
		c->record =
		    arena_strdup(c->proving->arena, question->records[0]);
	answered(c->proving);
}

/* Is a tag of the record ("adkim") this value? */
static bool has_tag(const char *record, const char *tag, const char *value)
{
	size_t n = strlen(tag), len;
	const char *at = record;

	for (; *at != '\0'; at += strcspn(at, ";"), at += *at == ';') {
		at += strspn(at, " \t");
		if (strncasecmp(at, tag, n) != 0 ||
		    at[n + strspn(at + n, " \t")] != '=')
			continue;
		at += n + strspn(at + n, " \t") + 1;
		at += strspn(at, " \t");
		len = strcspn(at, "; \t");
		if (len == strlen(value) && strncasecmp(at, value, len) == 0)
			return true;
	}
	return false;
}

static void on_policy(struct dns_question *question)
{
	static const char version[] = "v=DMARC1";
	struct policy *policy = question->context;
	const char *found = NULL;
	unsigned n = 0;

	policy->unknown = question->result == DNS_UNKNOWN;
	for (size_t i = 0; i < question->n_records; i++)
		if (strncmp(question->records[i], version,
			sizeof(version) - 1) == 0) {
			found = question->records[i];
			n++;
		}
	/* RFC 7489 6.6.3: several are none */
	policy->found = n == 1;
	policy->strict = n == 1 && has_tag(found, "adkim", "s");
	answered(policy->proving);
}

static void ask_key(struct proving *p, const struct reading_signature *s)
{
	struct candidate *c = &p->keys[p->n_keys++];

	c->signature = s;
	c->proving = p;
	c->key.name =
	    arena_printf(p->arena, "%s._domainkey.%s", s->selector, s->domain);
	c->key.done = on_key;
	c->key.context = c;
	p->waiting++;
	dns_ask(p->house->dns, &c->key);
}

static void ask_policy(struct proving *p, size_t which, const char *domain)
{
	struct policy *policy = &p->policies[which];

	policy->proving = p;
	policy->question.name = arena_printf(p->arena, "_dmarc.%s", domain);
	policy->question.done = on_policy;
	policy->question.context = policy;
	p->waiting++;
	dns_ask(p->house->dns, &policy->question);
}

/* The same key need not be asked for twice. */
static bool is_asked(const struct proving *p, const struct reading_signature *s)
{
	for (size_t i = 0; i < p->n_keys; i++)
		if (strcmp(p->keys[i].signature->domain, s->domain) == 0 &&
		    strcmp(p->keys[i].signature->selector, s->selector) == 0)
			return true;
	return false;
}

/* Is the policy needed?  Not if only From's own domain has signed. */
static bool has_kin(const struct proving *p)
{
	const struct reading_origin *o = &p->proof->reply->origin;

	for (size_t i = 0; i < p->n_keys; i++)
		if (strcmp(p->keys[i].signature->domain, o->domain) != 0)
			return true;
	return passed_elsewhere(p, true);
}

static void ask_all(struct proving *p)
{
	const struct reading_origin *o = &p->proof->reply->origin;
	const char *organisation = suffix_organisation(o->domain);

	p->waiting = 1;
	for (size_t i = 0; i < o->n_signatures && p->n_keys < KEYS_MAX; i++)
		if (counts(p, o->signatures[i].domain, false) &&
		    !is_asked(p, &o->signatures[i]))
			ask_key(p, &o->signatures[i]);
	if (has_kin(p)) {
		ask_policy(p, 0, o->domain);
		if (strcmp(organisation, o->domain) != 0)
			ask_policy(p, 1, organisation);
	}
	answered(p);
}

/*
 * A signature proves who wrote, not to which notice; so what it covers must
 * name the address of this one.
 */
static bool is_to_notice(const struct proving *p)
{
	const struct reading_origin *o = &p->proof->reply->origin;
	int64_t notice;

	for (size_t i = 0; i < o->n_named; i++)
		if (review_address(p->house->review, o->to[i], &notice) ==
			REVIEW_NOTICE &&
		    notice == p->proof->notice)
			return true;
	return false;
}

static void prove_aligned(struct proving *p)
{
	if (p->proof->reply->origin.domain == NULL)
		fail(p, "its From has no domain");
	else if (passed_elsewhere(p, false))
		finish(p, REVIEW_LEVEL_ALIGNED,
		    say(p, "Authentication-Results of ",
			p->proof->reply->origin.authserv));
	else if (!is_to_notice(p))
		fail(p, "its To does not name the address of the notice");
	else
		ask_all(p);
}

/* ---- S/MIME ------------------------------------------------------------- */

static void on_opened(struct check_request *request)
{
	struct proving *p = request->context;
	struct reading_reply *reply = request->reply;

	if (reply->trouble != NULL || reply->origin.proven == NULL) {
		fail(p, arena_strdup(p->arena, reply->trouble != NULL
						   ? reply->trouble
						   : reply->origin.unproven));
		return;
	}
	request->reply = NULL;
	p->proof->signed_reply = reply;
	finish(p, REVIEW_LEVEL_SIGNED, "S/MIME by the reviewer's certificate");
}

static void prove_signed(struct proving *p)
{
	const char *certificate = p->proof->reviewer->certificate;

	if (certificate == NULL) {
		fail(p, "no certificate of the reviewer is known");
		return;
	}
	buf_add_str(&p->text, certificate);
	p->verify.done = on_opened;
	ask_reader(p);
}

/* ---- both --------------------------------------------------------------- */

void pipeline_proof(struct house *house, struct proof *proof)
{
	struct proving *p = mem_zalloc(sizeof(*p));

	p->proof = proof;
	p->house = house;
	p->arena = arena_new();
	buf_init(&p->text, (size_t)1024 * 1024);
	proof->level = REVIEW_LEVEL_NONE;
	proof->later = false;
	proof->unbound = false;
	proof->how = NULL;
	proof->signed_reply = NULL;
	proof->proving = p;
	if (proof->wanted == CONFIG_LEVEL_SIGNED)
		prove_signed(p);
	else
		prove_aligned(p);
}

void pipeline_proof_release(struct proof *proof)
{
	struct proving *p = proof->proving;

	if (p == NULL)
		return;
	reading_reply_free(p->verify.reply);
	buf_release(&p->text);
	arena_free(p->arena);
	free(p);
	proof->proving = NULL;
}
