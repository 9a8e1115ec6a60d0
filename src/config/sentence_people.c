/*
 * sentence_people: what each reviewer will experience: how, when and of what
 * they are asked, and which of their answers count.
 */
#include "config/sentence.h"

#include "config/sentence_words.h"

static const char *calendar_name(
    const struct config *config, const struct calendar *calendar)
{
	size_t i;

	for (i = 0; i < config->n_calendars; i++)
		if (config->calendars[i].calendar == calendar)
			return config->calendars[i].name;
	return NULL;
}

/* "high or critical": what is at least so grave. */
static void say_graver(int least, struct buf *out)
{
	int severity;

	for (severity = least; severity <= SEVERITY_CRITICAL; severity++)
		buf_addf(out, "%s%s",
		    severity == least		    ? ""
		    : severity == SEVERITY_CRITICAL ? " or "
						    : ", ",
		    verdict_severity_name((enum verdict_severity)severity));
}

static void say_digest(const struct config *config,
    const struct config_reviewer *r, struct buf *out)
{
	const struct config_digest *d = &r->digest;
	const char *name = calendar_name(config, r->calendar);

	if (d->n_minutes > 0) {
		buf_add_str(out, "a digest at ");
		sentence_words_list(d->at, "and", out);
		buf_addf(out, " in the business hours of calendar %s",
		    name != NULL ? name : "UTC");
	} else {
		buf_add_str(out, "a digest every ");
		sentence_words_span(d->every_s, out);
	}
	if (d->above == SEVERITY_LOW) {
		buf_add_str(out, ", but every draft comes at once before");
		return;
	}
	buf_addf(out, ", with up to %u drafts each; what is ", d->items);
	say_graver(d->above, out);
	buf_add_str(out, ", or due before the next one, comes at once");
}

static void say_asked(const struct config *config,
    const struct config_reviewer *r, struct buf *out)
{
	bool mail = config_reviewer_has(r, CONFIG_MAIL);
	bool program = r->media != NULL && (!mail || r->media[1] != NULL);

	buf_addf(out, "%s ", r->name);
	if (program) {
		buf_add_str(out, "is asked by ");
		sentence_words_list(r->media, "and", out);
	}
	if (!mail) {
		buf_add_str(out, "; by mail when that is silent for ");
		sentence_words_span(config->review.mail_after_s, out);
		return;
	}
	buf_add_str(out, program ? ", and gets " : "gets ");
	if (r->digest.n_minutes > 0 || r->digest.every_s > 0)
		say_digest(config, r, out);
	else
		buf_add_str(out, "a notice of each draft at once");
	buf_addf(out, " (%s %s)", r->maildir != NULL ? "into" : "to",
	    r->maildir != NULL ? r->maildir : r->address);
}

/* Ways that are believed to tell who writes. */
static void say_trusted(const struct config *config, struct buf *out)
{
	const struct config_mailbox *m;
	const char *const *network;
	size_t i;

	buf_add_str(out, "loopback");
	for (i = 0; i < config->n_listeners; i++)
		for (network = config->listeners[i].review_networks;
		     network != NULL && *network != NULL; network++)
			buf_addf(out, " or %s", *network);
	for (i = 0; i < config->n_mailboxes; i++) {
		m = &config->mailboxes[i];
		if (m->use == CONFIG_MAILBOX_REPLIES &&
		    m->level == CONFIG_LEVEL_TOKEN)
			buf_addf(out, " or mailbox '%s'", m->name);
	}
}

static void say_proof(const struct config *config, struct buf *out)
{
	buf_add_str(out, "a DKIM signature of the sender's domain");
	if (config->review.authserv != NULL) {
		buf_add_str(out, " or the word of ");
		sentence_words_list(config->review.authserv, "or", out);
	}
}

static void say_believed(const struct config *config,
    const struct config_reviewer *r, struct buf *out)
{
	buf_add_str(out, ". An answer by mail counts when it ");
	switch (r->level) {
	case CONFIG_LEVEL_SIGNED:
		buf_addf(
		    out, "is signed (S/MIME) with %s", r->certificate_file);
		break;
	case CONFIG_LEVEL_ALIGNED:
		buf_add_str(out, "has ");
		say_proof(config, out);
		break;
	case CONFIG_LEVEL_TOKEN:
		buf_add_str(out, "comes from ");
		say_trusted(config, out);
		buf_add_str(out, ", or has ");
		say_proof(config, out);
		break;
	}
	buf_add_char(out, '.');
}

static void say_authority(const struct config_reviewer *r, struct buf *out)
{
	char text[AMOUNT_SIZE];
	size_t i;

	for (i = 0; i < r->n_limits; i++)
		buf_addf(out, "%s%s", i > 0 ? " and " : " May approve up to ",
		    amount_print(&r->limits[i], text));
	if (r->n_limits > 0)
		buf_add_char(out, '.');
	if (r->except != NULL) {
		buf_add_str(out, " May not approve what has a finding ");
		sentence_words_list(r->except, "or", out);
		buf_add_char(out, '.');
	}
	if (r->deputy != NULL)
		buf_addf(out, " When absent, %s is asked.", r->deputy);
	if (r->admin)
		buf_add_str(out, " May stop what leaves.");
}

static void say_words(const struct config_review *review, struct buf *out)
{
	size_t i;

	for (i = 0; i < review->n_words; i++)
		buf_addf(out, "%s%s (%s)",
		    i == 0 ? " Answers may also say " : ", ",
		    review->words[i].word, review->words[i].means);
	if (review->n_words > 0)
		buf_add_char(out, '.');
}

void sentence_people(const struct config *config, struct buf *out)
{
	const struct config_review *review = &config->review;
	size_t i;

	for (i = 0; i < config->n_reviewers; i++) {
		say_asked(config, &config->reviewers[i], out);
		say_believed(config, &config->reviewers[i], out);
		say_authority(&config->reviewers[i], out);
		buf_add_char(out, '\n');
	}
	buf_addf(out,
	    "Nobody gets more than %u notices in an hour; the rest comes in a "
	    "digest after ",
	    review->notices_per_hour);
	sentence_words_span(review->digest_s, out);
	buf_add_str(out, ". A draft may be put off (snooze) for at most ");
	sentence_words_span(review->snooze_s, out);
	buf_add_str(out, ". What is approved leaves ");
	if (review->undo_s > 0) {
		buf_add_str(out, "after ");
		sentence_words_span(review->undo_s, out);
		buf_add_str(out, ", and can be undone until then.");
	} else {
		buf_add_str(out, "at once.");
	}
	say_words(review, out);
	buf_add_char(out, '\n');
}
