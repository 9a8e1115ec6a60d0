/*
 * sentence_chat: what is shown in each chat, when, and how it is answered.
 */
#include "config/sentence.h"

#include "config/sentence_words.h"

static void say_place(const struct config_chat *c, struct buf *out)
{
	switch (c->kind) {
	case CONFIG_CHAT_SLACK:
		buf_addf(out, "what waits is shown in channel %s of Slack",
		    c->channel);
		break;
	case CONFIG_CHAT_SLACK_WEBHOOK:
		buf_add_str(
		    out, "what waits is shown by an incoming webhook of Slack");
		break;
	case CONFIG_CHAT_MATRIX:
		buf_addf(
		    out, "what waits is shown in %s at %s", c->room, c->url);
		break;
	case CONFIG_CHAT_HOOKSHOT:
		buf_add_str(
		    out, "what waits is shown by a webhook of a Matrix bridge");
		break;
	}
}

/* Nobody is named whom the chat does not know. */
static void say_who(
    const struct config *config, const struct config_chat *c, struct buf *out)
{
	const struct config_reviewer *r;
	const char *comma = " to ";
	size_t i;

	for (i = 0; i < config->n_reviewers; i++) {
		r = &config->reviewers[i];
		if (!config_reviewer_has(r, c->name))
			continue;
		buf_addf(out, "%s%s", comma, r->name);
		if (config_chat_hears(c))
			buf_addf(out, " (%s)",
			    c->kind == CONFIG_CHAT_SLACK ? r->slack
							 : r->matrix);
		comma = ", ";
	}
}

static void say_when(const struct config_chat *c, struct buf *out)
{
	const struct config_digest *d = c->digest;

	if (d == NULL) {
		buf_addf(out,
		    ", each draft at once, and gathered when more than %u come "
		    "together",
		    c->gather_above);
		return;
	}
	buf_add_str(out, ", gathered ");
	if (d->n_minutes > 0) {
		buf_add_str(out, "at ");
		sentence_words_list(d->at, "and", out);
	} else {
		buf_add_str(out, "every ");
		sentence_words_span(d->every_s, out);
	}
	buf_addf(out, ", and at once from severity %s on",
	    verdict_severity_name((enum verdict_severity)d->above));
}

static const char *answered(const struct config_chat *c)
{
	if (!config_chat_hears(c))
		return "; answers come by mail";
	if (c->kind == CONFIG_CHAT_MATRIX || c->kind == CONFIG_CHAT_HOOKSHOT)
		return "; only they can answer, there";
	return c->app_token_file != NULL
		   ? "; only they can answer, by Socket Mode"
		   : "; only they can answer, by requests to us";
}

void sentence_chat(const struct config *config, struct buf *out)
{
	const struct config_chat *c;
	size_t i;

	for (i = 0; i < config->n_chats; i++) {
		c = &config->chats[i];
		buf_addf(out, "Chat '%s': ", c->name);
		say_place(c, out);
		say_who(config, c, out);
		say_when(c, out);
		buf_addf(out, "%s.\n", answered(c));
	}
}
