/*
 * links: where links lead, and where they only seem to lead.  Nothing is
 * fetched: what stands in the mail is compared.
 */
#include "known.h"
#include "url.h"

#include <imprimatur/plugin.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FOUND_MOST 15 /* findings of one name */

struct links {
	const struct imprimatur_host *host;
	struct domain_tables *tables;
	struct known *internal, *known, *shorteners, *trackers;
};

static const struct imprimatur_option options[] = {
    {"internal", "list", "own domains; else that of the sender"},
    {"known", "list", "domains whose look-alikes are told; none"},
    {"shorteners", "list", "more hosts that shorten addresses; none"},
    {"trackers", "list",
	"hosts that may stand behind any visible address; none"},
    {NULL, NULL, NULL},
};

enum kind { SCHEME, LOOKALIKE, MISMATCH, NUMERIC, SHORTENER, INSECURE, KINDS };

static const struct imprimatur_finding findings[] = {
    [SCHEME] = {"link-scheme",
	"runs or opens something here: javascript:, data:, file: and such; "
	"the value is the scheme"},
    [LOOKALIKE] = {"link-lookalike",
	"leads to a host that looks like another one; the value is the host"},
    [MISMATCH] = {"link-mismatch",
	"shows one address and leads to another; the value is the host"},
    [NUMERIC] = {"link-ip", "leads to a number; the value is the number"},
    [SHORTENER] = {"link-shortener",
	"a shortener hides where it leads; the value is the host"},
    [INSECURE] = {"link-insecure",
	"http: or ftp:, which anybody on the way can read and change; the "
	"value is the host"},
    {NULL, NULL},
};

static const char *const shorteners[] = {"adf.ly", "amzn.to", "bit.do",
    "bit.ly", "bl.ink", "buff.ly", "clck.ru", "cutt.ly", "dlvr.it", "fb.me",
    "goo.gl", "hubs.ly", "is.gd", "kutt.it", "lnkd.in", "mcaf.ee", "ow.ly",
    "po.st", "qr.ae", "rb.gy", "rebrand.ly", "s.id", "short.io", "shorte.st",
    "shorturl.at", "snip.ly", "soo.gd", "surl.li", "t.co", "t.ly", "t2m.io",
    "tiny.cc", "tiny.one", "tinyurl.com", "tny.im", "trib.al", "u.to",
    "urlz.fr", "v.gd", "vk.cc", "x.gd"};

/* Mail systems that put themselves before every address they see. */
static const char *const wrappers[] = {"safelinks.protection.outlook.com",
    "urldefense.com", "urldefense.proofpoint.com", "linkprotect.cudasvc.com",
    "secure-web.cisco.com", "clicktime.symantec.com"};

/* Those who send newsletters count clicks by way of these. */
static const char *const mailers[] = {"awstrack.me", "cmail19.com",
    "cmail20.com", "createsend1.com", "customeriomail.com", "exct.net",
    "hubspotlinks.com", "intercom-clicks.com", "klclick.com", "list-manage.com",
    "mailgun.org", "mandrillapp.com", "mjt.lu", "mlsend.com", "pstmrk.it",
    "rs6.net", "sendgrid.net", "sendibt3.com", "sparkpostmail.com"};

static const char *const schemes[] = {"javascript", "vbscript", "data", "file",
    "blob", "livescript", "mhtml", "mk", "ms-its", "ms-msdt", "ms-officecmd",
    "ms-appinstaller", "res", "search-ms", "shell", "smb", "view-source"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* ---- configure ---- */

static void release(void *state)
{
	struct links *self = state;

	known_free(self->internal);
	known_free(self->known);
	known_free(self->shorteners);
	known_free(self->trackers);
	domain_close(self->tables);
	free(self);
}

/* A set with these and with what an option adds; NULL: told or no memory. */
static struct known *make_set(const struct links *self,
    const struct imprimatur_options *given, const char *option,
    const char *const *list, size_t n)
{
	struct known *set = known_new(self->tables);

	if (set == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (known_add(set, list[i], strlen(list[i])) != 0)
			goto failed;
	if (known_option(set, self->host, given, option) == 0 &&
	    known_sort(set) == 0)
		return set;
failed:
	known_free(set);
	return NULL;
}

static int configure(const struct imprimatur_host *host,
    const struct imprimatur_options *given, void **state)
{
	struct links *self = calloc(1, sizeof(*self));

	if (self == NULL)
		return -1;
	self->host = host;
	self->tables = domain_open();
	if (self->tables == NULL) {
		host->complain(given, "ICU's tables cannot be opened");
		free(self);
		return -1;
	}
	self->internal = make_set(self, given, "internal", NULL, 0);
	self->known = make_set(self, given, "known", NULL, 0);
	self->shorteners =
	    make_set(self, given, "shorteners", shorteners, COUNT(shorteners));
	self->trackers = make_set(self, given, "trackers", NULL, 0);
	*state = self;
	if (self->internal != NULL && self->known != NULL &&
	    self->shorteners != NULL && self->trackers != NULL)
		return 0;
	release(self);
	*state = NULL;
	return -1;
}

/* ---- what is seen ---- */

struct hit {
	char *host;
	const struct imprimatur_link *link;
	const char *more; /* text behind it; lives until check ends */
	enum kind kind;
	bool mild; /* told as a note */
	size_t order;
};

struct look_at {
	const struct links *self;
	const struct imprimatur_mail *mail;
	struct imprimatur_report *report;
	struct known *here; /* domains of sender and recipients */
	struct hit *hits;
	size_t n, room, left;
};

static void *must(void *memory)
{
	if (memory == NULL)
		abort(); /* the host holds the mail */
	return memory;
}

static void hit(struct look_at *at, enum kind kind, const char *host,
    const struct imprimatur_link *link, const char *more)
{
	if (at->n == at->room) {
		at->room = at->room * 2 + 64;
		at->hits =
		    must(realloc(at->hits, at->room * sizeof(*at->hits)));
	}
	at->hits[at->n] = (struct hit){
	    .host = must(strdup(host)),
	    .link = link,
	    .more = more,
	    .kind = kind,
	    .order = at->n,
	};
	at->n++;
}

static bool is_own(const struct look_at *at, const char *host)
{
	const char *sender = strrchr(at->mail->sender, '@');
	char own[DOMAIN_MAX];

	if (known_count(at->self->internal) > 0)
		return known_covers(at->self->internal, host);
	return sender != NULL &&
	       domain_name(
		   at->self->tables, sender + 1, strlen(sender + 1), own) &&
	       domain_under(host, own);
}

/* The name that this one imitates, and how; NULL: none. */
static const char *imitated(
    struct look_at *at, const struct url *url, const char **how)
{
	const struct known *sets[] = {
	    at->self->known, at->self->internal, at->here};
	const char *whom = NULL;

	for (size_t i = 0; i < COUNT(sets) && whom == NULL; i++) {
		*how = "looks like ";
		whom =
		    known_imitated(sets[i], url->host, url->written, &at->left);
		if (whom != NULL)
			break;
		*how = "only begins like ";
		whom = known_within(sets[i], url->host);
	}
	return whom;
}

static void look_at_name(struct look_at *at, const struct url *url,
    const struct imprimatur_link *link)
{
	const struct links *self = at->self;
	const char *how = "", *whom = NULL;
	size_t size;
	char *more;

	if (url->user) {
		hit(at, LOOKALIKE, url->host, link,
		    "what stands before the @ is not where it leads");
		return;
	}
	if (url->numeric || known_covers(self->known, url->host) ||
	    known_covers(at->here, url->host) || is_own(at, url->host))
		return;
	whom = imitated(at, url, &how);
	if (whom == NULL) {
		how = url->valid ? domain_odd(self->tables, url->host)
				 : "is no valid name";
		whom = "";
	}
	if (how == NULL)
		return;
	size = strlen(how) + strlen(whom) + 1;
	more = self->host->memory(at->report, size);
	snprintf(more, size, "%s%s", how, whom);
	hit(at, LOOKALIKE, url->host, link, more);
}

static bool is_wrapper(const char *host)
{
	for (size_t i = 0; i < COUNT(wrappers); i++)
		if (domain_under(host, wrappers[i]))
			return true;
	return false;
}

/* Do the text and the target of a link speak of different places? */
static bool differ(const struct look_at *at, const struct url *seen,
    const struct url *url, const char *target)
{
	if (strcmp(url->scheme, "mailto") == 0 && seen->mailbox[0] != '\0')
		return strcmp(seen->mailbox, url->mailbox) != 0 ||
		       strcmp(seen->host, url->host) != 0;
	if (strcmp(domain_base(seen->host), domain_base(url->host)) == 0 ||
	    is_own(at, url->host) ||
	    known_covers(at->self->trackers, url->host))
		return false;
	return !is_wrapper(url->host) ||
	       strstr(target, domain_base(seen->host)) == NULL;
}

/* One's own address by way of a mailer. */
static bool is_mailing(
    const struct look_at *at, const struct url *seen, const struct url *url)
{
	for (size_t i = 0; i < COUNT(mailers); i++)
		if (domain_under(url->host, mailers[i]))
			return is_own(at, seen->host);
	return false;
}

static void look_at_text(struct look_at *at, const struct url *url,
    const struct imprimatur_link *link)
{
	struct url seen;
	char *more;

	if (link->text == NULL ||
	    !url_in_text(at->self->tables, link->text, &seen) ||
	    !differ(at, &seen, url, link->target))
		return;
	more = at->self->host->memory(at->report, DOMAIN_MAX);
	snprintf(more, DOMAIN_MAX, "%s", seen.host);
	hit(at, MISMATCH, url->host, link, more);
	at->hits[at->n - 1].mild = is_mailing(at, &seen, url);
}

/* "%40" as "@", small letters, up to one of these. */
static const char *take_piece(const char *p, const char *ends, char out[200])
{
	size_t n = 0;

	for (; *p != '\0' && strchr(ends, *p) == NULL; p++) {
		unsigned code = 0;
		char c = *p;

		if (c == '%' && sscanf(p + 1, "%2x", &code) == 1 &&
		    p[1] != '\0' && p[2] != '\0') {
			c = (char)code;
			p += 2;
		}
		if (n < 199 && c != '\0')
			out[n++] =
			    (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	out[n] = '\0';
	return p;
}

/* Does the text show this address? */
static bool shows(const char *text, const char *address)
{
	return text != NULL && strcasestr(text, address) != NULL;
}

/* "mailto:bob@a.example?bcc=eve@b.example": who else gets an answer? */
static void look_at_mailto(
    struct look_at *at, const struct imprimatur_link *link)
{
	const char *p = strchr(link->target, '?');
	char name[200], address[200], *more;
	struct url url;

	while (p != NULL && *p != '\0') {
		p = take_piece(p + 1, "=&", name);
		if (*p != '=')
			continue;
		p = take_piece(p + 1, "&", address);
		if (strchr(address, '@') == NULL ||
		    (strcmp(name, "to") != 0 && strcmp(name, "cc") != 0 &&
			strcmp(name, "bcc") != 0) ||
		    shows(link->text, address) ||
		    (name[0] != 'b' && (link->text == NULL ||
					   strchr(link->text, '@') == NULL)))
			continue;
		more = at->self->host->memory(at->report, 240);
		snprintf(more, 240, "not %s, who gets it, too,", address);
		if (url_in_text(at->self->tables, address, &url))
			hit(at, MISMATCH, url.host, link, more);
	}
}

#define DIGITS_LEAST 6 /* of a number that is compared */

static size_t digits_of(const char *text, const char *ends, char out[64])
{
	size_t n = 0;

	for (; *text != '\0' && strchr(ends, *text) == NULL; text++)
		if (*text >= '0' && *text <= '9' && n < 63)
			out[n++] = *text;
	out[n] = '\0';
	return n;
}

/* Does the text show another telephone number? */
static void look_at_number(
    struct look_at *at, const struct imprimatur_link *link, const char *scheme)
{
	char real[64], seen[64], *more;
	size_t n, m;

	if ((strcmp(scheme, "tel") != 0 && strcmp(scheme, "sms") != 0 &&
		strcmp(scheme, "callto") != 0) ||
	    link->text == NULL)
		return;
	n = digits_of(link->target, ";,?", real);
	m = digits_of(link->text, "", seen);
	if (n < DIGITS_LEAST || m < DIGITS_LEAST ||
	    strstr(seen, real + n - DIGITS_LEAST) != NULL)
		return;
	more = at->self->host->memory(at->report, sizeof(seen));
	memcpy(more, seen, sizeof(seen));
	hit(at, MISMATCH, real, link, more);
}

static bool is_bad_scheme(const char *scheme)
{
	for (size_t i = 0; i < COUNT(schemes); i++)
		if (strcmp(scheme, schemes[i]) == 0)
			return true;
	return false;
}

static void look_at_link(struct look_at *at, const struct imprimatur_link *link)
{
	struct url url;

	if (!url_read(at->self->tables, link->target, &url))
		return;
	if (is_bad_scheme(url.scheme))
		hit(at, SCHEME, url.scheme, link, "");
	if (strcmp(url.scheme, "mailto") == 0)
		look_at_mailto(at, link);
	look_at_number(at, link, url.scheme);
	if (url.host[0] == '\0')
		return;
	look_at_name(at, &url, link);
	look_at_text(at, &url, link);
	if (strcmp(url.scheme, "mailto") == 0)
		return;
	if (url.numeric)
		hit(at, NUMERIC, url.host, link, "");
	if (known_covers(at->self->shorteners, url.host))
		hit(at, SHORTENER, url.host, link, "");
	if (strcmp(url.scheme, "http") == 0 || strcmp(url.scheme, "ftp") == 0)
		hit(at, INSECURE, url.host, link,
		    url.scheme[0] == 'h' ? "http" : "ftp");
}

/* ---- what is said ---- */

static int by_host(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	int order = x->kind != y->kind ? (x->kind > y->kind ? 1 : -1)
				       : strcmp(x->host, y->host);

	if (order == 0) /* the first speaks for all */
		order = x->mild - y->mild;
	return order != 0 ? order
			  : (x->order > y->order) - (x->order < y->order);
}

static void say(const struct look_at *at, const struct hit *hit, size_t times)
{
	enum imprimatur_weight weight =
	    hit->kind == SHORTENER || hit->kind == INSECURE || hit->mild
		? IMPRIMATUR_NOTE
		: IMPRIMATUR_CAUTION;
	char text[URL_SHOWN] = "", target[URL_SHOWN], often[40] = "";

	url_shown(hit->link->target, target);
	if (hit->link->text != NULL)
		url_shown(hit->link->text, text);
	if (times > 1)
		snprintf(often, sizeof(often), " (%zu times)", times);
	if (hit->kind == MISMATCH)
		at->self->host->find(at->report, weight,
		    findings[hit->kind].name, hit->host,
		    "\"%s\" shows %s and leads to %s%s", text, hit->more,
		    target, often);
	else
		at->self->host->find(at->report, weight,
		    findings[hit->kind].name, hit->host, "%s%s%s%s", target,
		    hit->kind == LOOKALIKE ? ": " : "",
		    hit->kind == LOOKALIKE ? hit->more : "", often);
}

/* Once for each host and kind. */
static void say_all(struct look_at *at)
{
	unsigned told[KINDS] = {0};

	if (at->n > 0)
		qsort(at->hits, at->n, sizeof(*at->hits), by_host);
	for (size_t from = 0, to; from < at->n; from = to) {
		const struct hit *first = &at->hits[from];

		for (to = from + 1;
		     to < at->n && at->hits[to].kind == first->kind &&
		     strcmp(at->hits[to].host, first->host) == 0;
		     to++)
			continue;
		if (++told[first->kind] <= FOUND_MOST)
			say(at, first, to - from);
	}
	for (size_t i = 0; i < KINDS; i++)
		if (told[i] > FOUND_MOST)
			at->self->host->find(at->report,
			    i == SHORTENER || i == INSECURE
				? IMPRIMATUR_NOTE
				: IMPRIMATUR_CAUTION,
			    findings[i].name, NULL, "and %u more hosts",
			    told[i] - FOUND_MOST);
}

static void add_domain(struct known *set, const char *address)
{
	const char *domain = strrchr(address, '@');

	if (domain != NULL)
		known_add(set, domain + 1, strlen(domain + 1));
}

static void check(void *state, const struct imprimatur_mail *mail,
    struct imprimatur_report *report)
{
	struct look_at at = {
	    .self = state,
	    .mail = mail,
	    .report = report,
	    .left = KNOWN_NEAR_MOST,
	};

	at.here = must(known_new(at.self->tables));
	add_domain(at.here, mail->sender);
	for (size_t i = 0; i < mail->n_recipients; i++)
		add_domain(at.here, mail->recipients[i]);
	if (known_sort(at.here) != 0)
		abort(); /* no memory: the host holds the mail */
	for (size_t i = 0; i < mail->n_links; i++)
		look_at_link(&at, &mail->links[i]);
	say_all(&at);
	for (size_t i = 0; i < at.n; i++)
		free(at.hits[i].host);
	free(at.hits);
	known_free(at.here);
}

const struct imprimatur_plugin imprimatur_plugin = {
    .abi = IMPRIMATUR_PLUGIN_ABI,
    .size = sizeof(imprimatur_plugin),
    .name = "links",
    .version = "1",
    .about = "where links lead, and where they only seem to",
    .options = options,
    .findings = findings,
    .configure = configure,
    .check = check,
    .release = release,
};
