/*
 * doctor_dns: the questions to name servers, one after the other.  How they
 * are asked is left to util/dns.
 */
#include "doctor_dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkup.h"
#include "config/config.h"
#include "house.h"

#include "util/dns.h"
#include "util/mem.h"
#include "util/tls.h"

#define NO_ANSWER                                                              \
	"look at this machine's name servers, or at dns.servers: signatures "  \
	"of reviewers cannot be verified either"

/* ---- where answers go --------------------------------------------------- */

/* MX of the domain, then the addresses of where that leads. */
struct way {
	struct dns_question question;
	struct checkup_item *item;
	struct dns *dns;
	const struct config *config; /* a reference */
	char *host;		     /* whose addresses are asked; or NULL */
};

static void end_way(struct way *w, enum checkup_state state, const char *found,
    const char *advice)
{
	checkup_end(w->item, state, found, advice);
	config_unref(w->config);
	free(w->host);
	free(w);
}

static void ask_way(struct way *w, const char *name, enum dns_type type)
{
	w->question.name = name;
	w->question.type = type;
	dns_ask(w->dns, &w->question);
}

static void found_address(struct way *w, const char *address)
{
	const char *domain = w->config->review.domain;
	char found[700];

	if (strcmp(w->host, domain) == 0)
		snprintf(found, sizeof(found),
		    "it has no MX, so mail goes to its address, %s", address);
	else
		snprintf(found, sizeof(found),
		    "mail to %.250s goes to %.250s, %s", domain, w->host,
		    address);
	end_way(w, CHECKUP_GOOD, found, NULL);
}

static void found_nothing(struct way *w)
{
	const char *domain = w->config->review.domain;
	char found[700];

	if (strcmp(w->host, domain) != 0) {
		snprintf(found, sizeof(found),
		    "mail to %.250s goes to %.250s, which has no address",
		    domain, w->host);
		end_way(w, CHECKUP_BAD, found,
		    "publish an address for that host, or another MX");
		return;
	}
	snprintf(found, sizeof(found),
	    "%.250s has neither MX nor address: no server knows where "
	    "reviewers' answers go",
	    domain);
	end_way(w, CHECKUP_DOUBT, found,
	    "publish an MX record of review.domain that leads to us, or to "
	    "the server of the mailbox for replies.  It is not needed when the "
	    "reviewers' own mail server is told the way by hand; the mail that "
	    "\"imprimatur doctor\" sends tells");
}

/* The MX that is tried first, or NULL: mail is not wanted there (RFC 7505). */
static const char *first_of(const struct dns_question *q)
{
	unsigned long least = 0, here;
	const char *host = NULL;
	char *end;
	size_t i;

	for (i = 0; i < q->n_records; i++) {
		here = strtoul(q->records[i], &end, 10);
		if (strcmp(end, " .") == 0 || (host != NULL && here >= least))
			continue;
		least = here;
		host = end + 1;
	}
	return host;
}

static void on_mx(struct way *w)
{
	const char *domain = w->config->review.domain;
	const char *host = domain;

	if (w->question.result == DNS_FOUND) {
		host = first_of(&w->question);
		if (host == NULL) {
			end_way(w, CHECKUP_BAD,
			    w->question.n_records == 0
				? "its MX names no host"
				: "its MX says that it takes no mail",
			    "publish an MX record of review.domain that leads "
			    "to us");
			return;
		}
	}
	w->host = mem_strdup(host);
	ask_way(w, w->host, DNS_A);
}

static void on_way(struct dns_question *question)
{
	struct way *w = question->context;

	if (question->result == DNS_UNKNOWN)
		end_way(w, CHECKUP_BAD, "the name servers gave no answer",
		    NO_ANSWER);
	else if (question->type == DNS_MX)
		on_mx(w);
	else if (question->n_records > 0)
		found_address(w, question->records[0]);
	else if (question->type == DNS_A)
		ask_way(w, w->host, DNS_AAAA);
	else
		found_nothing(w);
}

static void look_at_way(struct house *house, struct checkup *checkup)
{
	struct way *w = mem_zalloc(sizeof(*w));

	w->config = config_ref(house->config);
	w->dns = house->dns;
	w->item = checkup_begin(
	    checkup, "dns", "servers find the way to review.domain");
	w->question.done = on_way;
	w->question.context = w;
	ask_way(w, w->config->review.domain, DNS_MX);
}

/* ---- the keys of signatures --------------------------------------------- */

struct key {
	struct dns_question question;
	struct checkup_item *item;
	char *name;	  /* s1._domainkey.example.com */
	char *ours;	  /* base64 */
	const char *kind; /* "rsa" */
};

/* The value of p= without spaces, on the heap; NULL: there is none. */
static char *published(const char *record)
{
	char *out;
	size_t n = 0;

	while (record != NULL) {
		record += strspn(record, "; \t");
		if (record[0] == 'p' &&
		    record[1 + strspn(record + 1, " \t")] == '=')
			break;
		record = strchr(record, ';');
	}
	if (record == NULL)
		return NULL;
	record = strchr(record, '=') + 1;
	out = mem_zalloc(strlen(record) + 1);
	for (; *record != '\0' && *record != ';'; record++)
		if (*record != ' ' && *record != '\t')
			out[n++] = *record;
	return out;
}

/* Is ours one of them?  *other: it has another, *gone: it was taken back. */
static bool is_published(const struct key *k, bool *other, bool *gone)
{
	const struct dns_question *q = &k->question;
	bool same = false;
	char *theirs;
	size_t i;

	*other = *gone = false;
	for (i = 0; i < q->n_records; i++) {
		theirs = published(q->records[i]);
		if (theirs == NULL)
			continue;
		same |= strcmp(theirs, k->ours) == 0;
		*gone |= *theirs == '\0';
		*other |= *theirs != '\0';
		free(theirs);
	}
	return same;
}

static void end_key(struct key *k, enum checkup_state state, const char *found,
    const char *advice)
{
	checkup_end(k->item, state, found, advice);
	free(k->name);
	free(k->ours);
	free(k);
}

static void on_key(struct dns_question *question)
{
	struct key *k = question->context;
	bool other, gone;
	char *advice;

	if (question->result == DNS_UNKNOWN) {
		end_key(k, CHECKUP_BAD, "the name servers gave no answer",
		    NO_ANSWER);
		return;
	}
	if (is_published(k, &other, &gone)) {
		end_key(k, CHECKUP_GOOD, k->name, NULL);
		return;
	}
	advice = mem_printf("publish it as TXT of %s: v=DKIM1; k=%s; p=%s",
	    k->name, k->kind, k->ours);
	end_key(k, CHECKUP_BAD,
	    other  ? "another key is published, so our signatures are wrong"
	    : gone ? "the key was revoked (p= is empty)"
		   : "no key is published, so our signatures are worth nothing",
	    advice);
	free(advice);
}

static void look_at_key(struct house *house, const struct config_dkim *dkim,
    struct checkup *checkup)
{
	struct key *k = mem_zalloc(sizeof(*k));
	char of[300];

	snprintf(of, sizeof(of), "dkim %.280s", dkim->domain);
	k->ours = tls_dkim_record(dkim->key, &k->kind);
	k->name = mem_printf("%s._domainkey.%s", dkim->selector, dkim->domain);
	k->item = checkup_begin(checkup, of, "our key is published");
	if (k->ours == NULL) {
		end_key(k, CHECKUP_BAD, "the key cannot be used",
		    "make a new key; imprimatur.conf(5) tells how");
		return;
	}
	k->question.name = k->name;
	k->question.done = on_key;
	k->question.context = k;
	dns_ask(house->dns, &k->question);
}

void doctor_dns(struct house *house, struct checkup *checkup)
{
	const struct config *config = house->config;
	size_t i;

	look_at_way(house, checkup);
	for (i = 0; i < config->n_dkim; i++)
		look_at_key(house, &config->dkim[i], checkup);
}
