/*
 * recipients: who will really get the mail, who seems to, and who is taken for
 * somebody else.  Whether somebody was written to before is the ledger's.
 */
#include "display.h"
#include "known.h"
#include "persons.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FOUND_MOST   10	  /* findings of one name; the rest is counted */
#define WORD_MOST    512  /* bytes of an address in a name */
#define DISPLAY_MOST 150  /* bytes of a display name */
#define DISPLAY_ROOM 1000 /* of one in its plain form */

struct recipients {
	const struct imprimatur_host *host;
	struct domain_tables *tables;
	struct known *internal, *known, *vip_domains;
	char **vip; /* keys, sorted */
	size_t n_vip;
	unsigned long most; /* recipients; 0: any number */
	bool tags;	    /* "a+b@" is "a@" */
};

enum kind {
	EXTERNAL,
	VIP,
	CONFUSABLE,
	LOCAL,
	DISPLAY,
	HIDDEN,
	MISMATCH,
	REPLY_TO,
	MANY,
	KINDS
};

/* What one check needs. */
struct look_at {
	const struct recipients *self;
	const struct imprimatur_mail *mail;
	struct imprimatur_report *report;
	struct persons persons;
	struct known *internal; /* of the options, or the sender's */
	struct known *others;	/* domains of this mail */
	size_t left;
	unsigned found[KINDS];
};

static const struct imprimatur_option options[] = {
    {"internal", "list", "own domains; else that of the sender"},
    {"vip", "list", "addresses and domains of people to be careful with; none"},
    {"known", "list", "domains whose look-alikes are told; none"},
    {"most", "number", "of recipients; any number"},
    {"tags_equal", "true or false", "is a+b@ the same as a@; false"},
    {NULL, NULL, NULL},
};

static const struct imprimatur_finding findings[] = {
    [EXTERNAL] = {"external-recipient",
	"not internal, once for each domain; the value is an address there"},
    [VIP] = {"vip-recipient", "on the list vip; the value is the address"},
    [CONFUSABLE] = {"confusable-domain",
	"looks like another domain; the value is the domain"},
    [LOCAL] = {"confusable-address",
	"what stands before the @ only looks like Latin letters, or mixes "
	"scripts; the value is the address"},
    [DISPLAY] = {"address-in-display-name",
	"a name shows another address than the real one, or pushes it out of "
	"sight; the value is the real one"},
    [HIDDEN] = {"hidden-recipient",
	"in the envelope and in no field; the value is the address"},
    [MISMATCH] = {"to-envelope-mismatch",
	"in To or Cc and not in the envelope; the value is the address"},
    [REPLY_TO] = {"reply-to-differs",
	"answers go to another domain; the value is the address"},
    [MANY] = {"many-recipients",
	"more than the option most; the value is how many"},
    {NULL, NULL},
};

/* ---- configure ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_vip(struct recipients *self, const char *item)
{
	const struct persons rules = {
	    .tables = self->tables, .tags = self->tags};
	const char *domain;
	char **vip;

	if (strchr(item, '@') == NULL || item[0] == '@')
		return known_add(self->vip_domains, item + (item[0] == '@'),
		    strlen(item + (item[0] == '@')));
	vip = realloc(self->vip, (self->n_vip + 1) * sizeof(*vip));
	if (vip == NULL)
		return -1;
	self->vip = vip;
	vip[self->n_vip] = malloc(strlen(item) + PERSONS_ROOM);
	if (vip[self->n_vip] == NULL)
		return -1;
	return persons_key(&rules, item, vip[self->n_vip++], &domain) ? 0 : -1;
}

static int read_vip(
    struct recipients *self, const struct imprimatur_options *given)
{
	const char *item;

	for (size_t i = 0; (item = self->host->item(given, "vip", i)) != NULL;
	     i++) {
		/* "*@example.com" is what rules write */
		size_t star = item[0] == '*' && item[1] == '@';

		if (strpbrk(item + star, "*? \t") == NULL &&
		    add_vip(self, item + star) == 0)
			continue;
		self->host->complain(given,
		    "vip has '%s'; write addresses and domains, such as "
		    "\"boss@example.com\" and \"example.com\"",
		    item);
		return -1;
	}
	if (self->n_vip > 0)
		qsort(self->vip, self->n_vip, sizeof(*self->vip), by_text);
	return known_sort(self->vip_domains);
}

static int read_values(
    struct recipients *self, const struct imprimatur_options *given)
{
	const char *most = self->host->option(given, "most");
	const char *tags = self->host->option(given, "tags_equal");
	char *end;

	if (most != NULL) {
		self->most = strtoul(most, &end, 10);
		if (end == most || *end != '\0' || most[0] == '-' ||
		    self->most < 1 || self->most > 1000000) {
			self->host->complain(given,
			    "most is '%s'; it must be a whole number from 1 to "
			    "1000000",
			    most);
			return -1;
		}
	}
	if (tags != NULL && strcmp(tags, "true") != 0 &&
	    strcmp(tags, "false") != 0) {
		self->host->complain(given,
		    "tags_equal is '%s'; it must be true or false", tags);
		return -1;
	}
	self->tags = tags != NULL && tags[0] == 't';
	return 0;
}

static void release(void *state)
{
	struct recipients *self = state;

	for (size_t i = 0; i < self->n_vip; i++)
		free(self->vip[i]);
	free(self->vip);
	known_free(self->internal);
	known_free(self->known);
	known_free(self->vip_domains);
	domain_close(self->tables);
	free(self);
}

static int open_sets(
    struct recipients *self, const struct imprimatur_options *given)
{
	self->tables = domain_open();
	if (self->tables == NULL) {
		self->host->complain(given, "ICU's tables cannot be opened");
		return -1;
	}
	self->internal = known_new(self->tables);
	self->known = known_new(self->tables);
	self->vip_domains = known_new(self->tables);
	if (self->internal != NULL && self->known != NULL &&
	    self->vip_domains != NULL)
		return 0;
	self->host->complain(given, "there is not enough memory");
	return -1;
}

static int configure(const struct imprimatur_host *host,
    const struct imprimatur_options *given, void **state)
{
	struct recipients *self = calloc(1, sizeof(*self));

	if (self == NULL)
		return -1;
	self->host = host;
	*state = self;
	if (open_sets(self, given) == 0 &&
	    known_option(self->internal, host, given, "internal") == 0 &&
	    known_option(self->known, host, given, "known") == 0 &&
	    known_sort(self->internal) == 0 && known_sort(self->known) == 0 &&
	    read_values(self, given) == 0 && read_vip(self, given) == 0)
		return 0;
	release(self);
	*state = NULL;
	return -1;
}

/* ---- who there is ---- */

/* Is there room for one more finding of this kind? */
static bool may_say(struct look_at *at, enum kind kind)
{
	return ++at->found[kind] <= FOUND_MOST;
}

static void say_rest(struct look_at *at)
{
	for (size_t i = 0; i < KINDS; i++)
		if (at->found[i] > FOUND_MOST)
			at->self->host->find(at->report,
			    i == EXTERNAL || i == VIP ? IMPRIMATUR_NOTE
						      : IMPRIMATUR_CAUTION,
			    findings[i].name, NULL, "and %u more",
			    at->found[i] - FOUND_MOST);
}

static const char *author_domain(const struct look_at *at)
{
	for (size_t i = at->persons.n_envelope; i < at->persons.n; i++)
		if (strcmp(at->persons.list[i].header->field, "From") == 0)
			return at->persons.list[i].domain;
	return "";
}

/* The sets that belong to this mail.  -1: no memory. */
static int make_sets(struct look_at *at)
{
	const struct recipients *self = at->self;
	const char *sender = strrchr(at->mail->sender, '@');

	sender = sender != NULL ? sender + 1 : author_domain(at);
	at->others = known_new(self->tables);
	at->internal = self->internal;
	if (at->others == NULL)
		return -1;
	for (size_t i = 0; i < at->persons.n; i++)
		known_add(at->others, at->persons.list[i].domain,
		    strlen(at->persons.list[i].domain));
	if (known_sort(at->others) != 0)
		return -1;
	if (known_count(self->internal) > 0)
		return 0;
	at->internal = known_new(self->tables);
	if (at->internal == NULL)
		return -1;
	known_add(at->internal, sender, strlen(sender));
	return known_sort(at->internal);
}

/* ---- the findings ---- */

static bool is_vip(const struct recipients *self, const struct person *person)
{
	const char *key = person->key;

	return known_covers(self->vip_domains, person->domain) ||
	       (self->n_vip > 0 && bsearch(&key, self->vip, self->n_vip,
				       sizeof(*self->vip), by_text) != NULL);
}

static void look_at_vips(struct look_at *at)
{
	for (size_t i = 0; i < at->persons.n_envelope; i++)
		if (is_vip(at->self, &at->persons.list[i]) && may_say(at, VIP))
			at->self->host->find(at->report, IMPRIMATUR_NOTE,
			    findings[VIP].name, at->persons.list[i].key,
			    "%s is on the list", at->persons.list[i].written);
}

static void confusable(struct look_at *at, const struct person *person,
    const char *why, const char *whom)
{
	char shown[DOMAIN_LOOK];

	if (!may_say(at, CONFUSABLE))
		return;
	domain_shown(at->self->tables, person->domain, shown);
	if (strcmp(shown, person->domain) == 0)
		at->self->host->find(at->report, IMPRIMATUR_CAUTION,
		    findings[CONFUSABLE].name, person->domain, "%s: %s%s",
		    person->domain, why, whom);
	else
		at->self->host->find(at->report, IMPRIMATUR_CAUTION,
		    findings[CONFUSABLE].name, person->domain,
		    "\"%s\" (%s): %s%s", shown, person->domain, why, whom);
}

/* Of two domains in a mail the one that is no plain text imitates. */
static const char *imitated_here(
    struct look_at *at, const char *domain, const char *written)
{
	const char *whom = known_imitated(at->others, domain, written, NULL);

	if (whom != NULL && strstr(whom, "xn--") != NULL &&
	    strstr(domain, "xn--") == NULL)
		return NULL;
	return whom;
}

/* "customer.example.evil.test", "customer-example.test" */
static const char *begins_like(const struct look_at *at, const char *domain)
{
	const struct known *sets[] = {at->self->known, at->internal};
	char dotted[DOMAIN_MAX];
	const char *whom = NULL;

	snprintf(dotted, sizeof(dotted), "%s", domain);
	for (char *p = dotted; *p != '\0'; p++)
		*p = *p == '-' ? '.' : *p;
	for (size_t i = 0; i < 2 && whom == NULL; i++) {
		whom = known_within(sets[i], domain);
		if (whom == NULL)
			whom = known_within(sets[i], dotted);
	}
	return whom;
}

/* A domain, once for each in the mail. */
static void look_at_domain(struct look_at *at, const struct person *person)
{
	const struct recipients *self = at->self;
	const char *domain = person->domain, *whom, *odd;
	const char *written = strrchr(person->written, '@');

	written = written != NULL ? written + 1 : "";
	if (domain[0] == '\0' || domain[0] == '[' ||
	    known_covers(self->known, domain) ||
	    known_covers(at->internal, domain))
		return;
	whom = known_imitated(self->known, domain, written, &at->left);
	if (whom == NULL)
		whom = known_imitated(at->internal, domain, written, &at->left);
	if (whom == NULL)
		whom = imitated_here(at, domain, written);
	odd = domain_odd(self->tables, domain);
	if (whom != NULL)
		confusable(at, person, "looks like ", whom);
	else if ((whom = begins_like(at, domain)) != NULL)
		confusable(at, person, "only begins like ", whom);
	else if (odd != NULL)
		confusable(at, person, "", odd);
	else if (!person->name_ok)
		confusable(at, person, "", "is no valid name");
}

static void look_at_domains(struct look_at *at)
{
	struct person **list = persons_by_domain(&at->persons, at->persons.n);

	for (size_t i = 0; i < at->persons.n; i++)
		if (i == 0 || strcmp(list[i]->domain, list[i - 1]->domain) != 0)
			look_at_domain(at, list[i]);
	list = persons_by_domain(&at->persons, at->persons.n_envelope);
	for (size_t from = 0, to; from < at->persons.n_envelope; from = to) {
		for (to = from + 1;
		     to < at->persons.n_envelope &&
		     strcmp(list[to]->domain, list[from]->domain) == 0;
		     to++)
			continue;
		if (known_covers(at->internal, list[from]->domain) ||
		    !may_say(at, EXTERNAL))
			continue;
		at->self->host->find(at->report, IMPRIMATUR_NOTE,
		    findings[EXTERNAL].name, list[from]->key,
		    to - from == 1 ? "%zu recipient at %s"
				   : "%zu recipients at %s",
		    to - from, list[from]->domain);
	}
}

static void look_at_locals(struct look_at *at)
{
	for (size_t i = 0; i < at->persons.n; i++) {
		const struct person *person = &at->persons.list[i];
		size_t n = (size_t)(person->domain - person->key) - 1;

		if (!person->again && memchr(person->key, '@', n) != NULL &&
		    may_say(at, DISPLAY))
			at->self->host->find(at->report, IMPRIMATUR_CAUTION,
			    findings[DISPLAY].name, person->key,
			    "what stands before the last @ of %s looks like "
			    "an address",
			    person->written);
		if (!person->again &&
		    !(person->header != NULL && person->in_envelope) &&
		    domain_text_odd(at->self->tables, person->key, n) &&
		    may_say(at, LOCAL))
			at->self->host->find(at->report, IMPRIMATUR_CAUTION,
			    findings[LOCAL].name, person->key,
			    "\"%.*s\" is not written as it looks", (int)n,
			    person->key);
	}
}

/* ---- display names ---- */

static void display(struct look_at *at, const struct person *person,
    const char *format_what, const char *what, size_t size)
{
	if (may_say(at, DISPLAY))
		at->self->host->find(at->report, IMPRIMATUR_CAUTION,
		    findings[DISPLAY].name, person->key, "%s: %s%.*s%s%s",
		    person->header->field, format_what, (int)size, what,
		    size > 0 ? ", and is really " : ", which is ",
		    person->written);
}

/* Does a word of a display name claim to be another address or host? */
static bool is_another(struct look_at *at, const struct person *person,
    const char *word, size_t size)
{
	const char *at_sign = memrchr(word, '@', size), *domain;
	char key[WORD_MOST + PERSONS_ROOM], address[WORD_MOST];
	char name[DOMAIN_MAX];
	size_t n = at_sign != NULL ? (size_t)(at_sign - word) + 1 : 0;

	if (size >= WORD_MOST || n == size || n == 1 ||
	    memchr(word + n, '.', size - n) == NULL ||
	    !domain_name(at->self->tables, word + n, size - n, name))
		return false;
	if (at_sign == NULL)
		return domain_usual(name) &&
		       strcspn(domain_base(name), ".") >= 3 &&
		       strcmp(domain_base(name), domain_base(person->domain)) !=
			   0;
	memcpy(address, word, size);
	address[size] = '\0';
	persons_key(&at->persons, address, key, &domain);
	return strcmp(key, person->key) != 0;
}

static void look_at_display(struct look_at *at, const struct person *person)
{
	const char *name = person->header->display, *word;
	char plain[DISPLAY_ROOM];
	size_t size;

	if (display_padded(name) || strlen(name) > DISPLAY_MOST) {
		display(
		    at, person, "a name hides the address behind it", "", 0);
		return;
	}
	if (domain_plain(name, plain, sizeof(plain)))
		name = plain;
	while (display_word(&name, &word, &size))
		if (is_another(at, person, word, size)) {
			display(at, person, "the name says ", word, size);
			return;
		}
}

/* Is an address one of those in the fields? */
static bool stands_there(
    const struct look_at *at, const char *word, size_t size)
{
	for (size_t i = at->persons.n_envelope; i < at->persons.n; i++) {
		const char *address = at->persons.list[i].header->address;

		if (strlen(address) == size &&
		    strncasecmp(address, word, size) == 0)
			return true;
	}
	return false;
}

/* "eve@evil.test (bob@customer.example)" */
static void look_at_comment(
    struct look_at *at, const struct imprimatur_field *field)
{
	char comment[DISPLAY_ROOM];
	const char *rest = comment, *word;
	size_t size;

	display_comments(field->value, comment, sizeof(comment));
	while (display_word(&rest, &word, &size)) {
		if (memchr(word, '@', size) == NULL ||
		    stands_there(at, word, size) || !may_say(at, DISPLAY))
			continue;
		at->self->host->find(at->report, IMPRIMATUR_CAUTION,
		    findings[DISPLAY].name, NULL, "%s has the comment \"%.*s\"",
		    field->name, (int)size, word);
		return;
	}
}

/* Blanks between the fields' addresses, which no display name has. */
static void look_at_field(
    struct look_at *at, const struct imprimatur_field *field)
{
	look_at_comment(at, field);
	if (at->found[DISPLAY] == 0 && display_padded(field->value) &&
	    may_say(at, DISPLAY))
		at->self->host->find(at->report, IMPRIMATUR_CAUTION,
		    findings[DISPLAY].name, NULL,
		    "%s has many blanks, which push what follows out of "
		    "sight",
		    field->name);
}

static void look_at_fields(struct look_at *at)
{
	static const char *const fields[] = {
	    "From", "Sender", "Reply-To", "To", "Cc"};

	for (size_t i = 0; i < at->mail->n_fields; i++)
		for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++)
			if (strcasecmp(at->mail->fields[i].name, fields[k]) ==
			    0)
				look_at_field(at, &at->mail->fields[i]);
}

/* ---- header against envelope ---- */

static void look_at_hidden(struct look_at *at)
{
	bool visible = false, sure = known_count(at->self->internal) > 0;

	for (size_t i = at->persons.n_envelope; i < at->persons.n; i++)
		visible = visible || persons_is_shown(&at->persons.list[i]);
	for (size_t i = 0; i < at->persons.n_envelope; i++) {
		const struct person *person = &at->persons.list[i];
		bool own = sure && known_covers(at->internal, person->domain);

		if (person->in_header || person->again || !may_say(at, HIDDEN))
			continue;
		at->self->host->find(at->report,
		    visible && !own ? IMPRIMATUR_CAUTION : IMPRIMATUR_NOTE,
		    findings[HIDDEN].name, person->key,
		    "%s gets the mail and stands in no field", person->written);
	}
}

static void look_at_shown(struct look_at *at)
{
	for (size_t i = at->persons.n_envelope; i < at->persons.n; i++) {
		const struct person *person = &at->persons.list[i];

		if (persons_is_shown(person) && !person->in_envelope &&
		    !person->again && may_say(at, MISMATCH))
			at->self->host->find(at->report, IMPRIMATUR_CAUTION,
			    findings[MISMATCH].name, person->key,
			    "%s stands in %s and does not get the mail",
			    person->written, person->header->field);
	}
}

static void look_at_reply(struct look_at *at)
{
	const char *author = domain_base(author_domain(at));

	for (size_t i = at->persons.n_envelope; i < at->persons.n; i++) {
		const struct person *person = &at->persons.list[i];

		if (strcmp(person->header->field, "Reply-To") != 0 ||
		    strcmp(domain_base(person->domain), author) == 0 ||
		    known_covers(at->internal, person->domain) ||
		    !may_say(at, REPLY_TO))
			continue;
		at->self->host->find(at->report, IMPRIMATUR_CAUTION,
		    findings[REPLY_TO].name, person->key,
		    "answers go to %s, the mail is from %s", person->written,
		    author);
	}
}

static void look_at_count(struct look_at *at)
{
	char value[24];

	if (at->self->most == 0 || at->persons.n_envelope <= at->self->most)
		return;
	snprintf(value, sizeof(value), "%zu", at->persons.n_envelope);
	at->self->host->find(at->report, IMPRIMATUR_NOTE, findings[MANY].name,
	    value, "%zu recipients, more than %lu", at->persons.n_envelope,
	    at->self->most);
}

static void check(void *state, const struct imprimatur_mail *mail,
    struct imprimatur_report *report)
{
	const struct recipients *self = state;
	struct look_at at = {
	    .self = self,
	    .mail = mail,
	    .report = report,
	    .left = KNOWN_NEAR_MOST,
	    .persons = {.host = self->host,
		.report = report,
		.tables = self->tables,
		.tags = self->tags},
	};

	persons_list(&at.persons, mail);
	if (make_sets(&at) != 0)
		abort(); /* no memory: the host holds the mail */
	look_at_vips(&at);
	look_at_domains(&at);
	look_at_locals(&at);
	for (size_t i = at.persons.n_envelope; i < at.persons.n; i++)
		look_at_display(&at, &at.persons.list[i]);
	look_at_fields(&at);
	look_at_hidden(&at);
	look_at_shown(&at);
	look_at_reply(&at);
	look_at_count(&at);
	say_rest(&at);
	if (at.internal != self->internal)
		known_free(at.internal);
	known_free(at.others);
}

const struct imprimatur_plugin imprimatur_plugin = {
    .abi = IMPRIMATUR_PLUGIN_ABI,
    .size = sizeof(imprimatur_plugin),
    .name = "recipients",
    .version = "1",
    .about = "who gets the mail, and who only seems to",
    .options = options,
    .findings = findings,
    .configure = configure,
    .check = check,
    .release = release,
};
