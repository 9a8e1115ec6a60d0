/*
 * sentence_mail: what goes on around the channels: what agents are told, which
 * mailboxes are looked at, what is signed, what comes from outside.
 */
#include "config/sentence.h"

#include <string.h>

#include "config/sentence_words.h"

static const char *const events[] = {"held", "edited", "revising", "sent",
    "dropped", "expired", "failed", "in-doubt", NULL};

/* Scheme and host: what stands behind them may be a secret. */
static void say_url(const char *url, struct buf *out)
{
	const char *host = strstr(url, "://");
	size_t n = host == NULL
		       ? strlen(url)
		       : (size_t)(host + 3 - url) + strcspn(host + 3, "/?#");

	buf_addf(out, "%.*s", (int)n, url);
}

static void say_agent(const struct config_agent *a, struct buf *out)
{
	const char *told[sizeof(events) / sizeof(events[0])] = {NULL};
	size_t i, n = 0;

	for (i = 0; events[i] != NULL; i++)
		if (config_agent_reports(a, events[i]))
			told[n++] = events[i];
	buf_addf(out, "Agent '%s' is told by mail of ", a->name);
	sentence_words_list(told, "and", out);
	if (a->webhook.url != NULL) {
		buf_add_str(out, ", and at ");
		say_url(a->webhook.url, out);
		buf_add_str(out, " of ");
		if (a->webhook.events == NULL)
			buf_add_str(out, "every event");
		else
			sentence_words_list(a->webhook.events, "and", out);
	}
	buf_add_str(out, ".\n");
}

static void say_mailbox(const struct config_mailbox *m, struct buf *out)
{
	buf_addf(out, "Mailbox '%s': ", m->name);
	switch (m->use) {
	case CONFIG_MAILBOX_REPLIES:
		buf_addf(out,
		    "answers are read from %s of %s at %s, and moved "
		    "to %s; what is no answer ",
		    m->folder, m->user, m->host, m->done);
		if (m->failed != NULL)
			buf_addf(out, "goes to %s", m->failed);
		else
			buf_add_str(out, "stays");
		break;
	case CONFIG_MAILBOX_DRAFTS:
		buf_addf(out, "what lies in %s of %s at %s for ", m->folder,
		    m->user, m->host);
		sentence_words_span(m->settle_s, out);
		buf_addf(out,
		    " is taken as a draft of agent %s, and moved to %s, or to "
		    "%s with a reason",
		    m->agent, m->done, m->failed);
		break;
	case CONFIG_MAILBOX_FEED:
		buf_addf(out,
		    "when people outside write to %s of %s at %s, drafts to "
		    "them are held and looked at once more",
		    m->folder, m->user, m->host);
		break;
	case CONFIG_MAILBOX_REVIEW:
		buf_addf(out,
		    "what waits for %s stands in %s of %s at %s, too; moved to "
		    "%s it is approved, to %s dropped, and changed there it is "
		    "an edit",
		    m->reviewer, m->folder, m->user, m->host, m->approve,
		    m->drop);
		break;
	case CONFIG_MAILBOX_SENT:
		buf_addf(out,
		    "a copy of what %s%s sent is put into %s of %s "
		    "at %s",
		    m->agent != NULL ? "agent " : "any agent",
		    m->agent != NULL ? m->agent : "", m->folder, m->user,
		    m->host);
		break;
	}
	buf_add_str(out, ".\n");
}

void sentence_mail(const struct config *config, struct buf *out)
{
	const struct config_dkim *d;
	size_t i;

	for (i = 0; i < config->n_agents; i++)
		say_agent(&config->agents[i], out);
	for (i = 0; i < config->n_mailboxes; i++)
		say_mailbox(&config->mailboxes[i], out);
	for (d = config->dkim; d < config->dkim + config->n_dkim; d++)
		buf_addf(out,
		    "Mail from %s is signed with DKIM (%s) as it "
		    "leaves%s.\n",
		    d->domain, d->selector,
		    d->edited ? ", if it was edited" : "");
	if (config->review.feed != NULL)
		buf_add_str(out,
		    "When people outside write to the feed, drafts to them are "
		    "held and looked at once more.\n");
}
