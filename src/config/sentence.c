/*
 * sentence: a channel in words.  A rule in words is left to sentence_rule.c.
 */
#include "config/sentence.h"

#include "config/sentence_words.h"

static bool asks(const char *const *list)
{
	return list != NULL && *list != NULL;
}

/* "Mail of agent support-bot to anybody is channel 'support' (owner anna)." */
static void say_match(const struct channel *c, struct buf *out)
{
	buf_add_str(out, "Mail of ");
	if (asks(c->agents)) {
		buf_add_str(out, c->agents[1] ? "agents " : "agent ");
		sentence_words_list(c->agents, "or", out);
	} else {
		buf_add_str(out, "any agent");
	}
	if (asks(c->senders)) {
		buf_add_str(out, " from ");
		sentence_words_list(c->senders, "or", out);
	}
	buf_add_str(out, " to ");
	if (asks(c->recipients))
		sentence_words_list(c->recipients, "or", out);
	else
		buf_add_str(out, "anybody");
	buf_addf(out, " is channel '%s'%s%s (owner %s).", c->name,
	    c->about != NULL ? ", " : "", c->about != NULL ? c->about : "",
	    c->owner);
}

static void say_provided(const struct channel *c, struct buf *out)
{
	char text[AMOUNT_SIZE];

	if (c->mode == CHANNEL_CONFIDENCE)
		buf_addf(out, "the agent's confidence is at least %s, ",
		    amount_print(&c->threshold, text));
	buf_add_str(out, "no finding speaks against it");
	if (asks(c->require)) {
		buf_add_str(out, ", the agent gives its ");
		sentence_words_list(c->require, "and", out);
	}
	buf_add_str(out, " and every text condition could be searched");
}

static void say_mode(const struct channel *c, struct buf *out)
{
	if (c->mode == CHANNEL_REVIEW) {
		buf_add_str(out, " Where no rule decides, all of it waits");
		return;
	}
	if (c->mode == CHANNEL_CONFIDENCE && !c->calibrated) {
		buf_add_str(out,
		    " Where no rule decides, all of it waits: the agent's "
		    "confidence counts only when calibrated is true, and it "
		    "waits");
		return;
	}
	buf_add_str(
	    out, c->mode == CHANNEL_AFTER
		     ? " Where no rule decides, it leaves at once and is "
		       "looked at afterwards when "
		     : " Where no rule decides, it passes unread when ");
	say_provided(c, out);
	buf_add_str(out, ". Otherwise it waits");
}

static void say_percent(const struct amount *share, struct buf *out)
{
	const struct amount percent = {share->value * 100, ""};
	char text[AMOUNT_SIZE];

	buf_addf(out, "%s %%", amount_print(&percent, text));
}

/* A band that includes 1 ends above it. */
static void say_band(const struct channel_sample *s, struct buf *out)
{
	struct amount to = s->to;
	char a[AMOUNT_SIZE], b[AMOUNT_SIZE];

	if (to.value > AMOUNT_ONE)
		to.value = AMOUNT_ONE;
	buf_addf(out, " with a confidence from %s to %s",
	    amount_print(&s->from, a), amount_print(&to, b));
}

static void say_samples(const struct channel *c, struct buf *out)
{
	const struct channel_sample *s;

	for (s = c->samples; s < c->samples + c->n_samples; s++) {
		buf_add_str(out, " Of what would pass");
		if (s->from.value != 0 || s->to.value != 0)
			say_band(s, out);
		if (s->has_severity)
			buf_addf(out, " with severity %s or graver",
			    verdict_severity_name(s->severity));
		buf_add_str(out, ", ");
		say_percent(&s->share, out);
		buf_add_str(out, " is reviewed all the same.");
	}
}

/* Names, and for a group who that is. */
static void say_people(
    const struct config *config, const char *const *names, struct buf *out)
{
	const struct config_group *group;
	const char *const *name = names;

	for (; name != NULL && *name != NULL; name++) {
		if (name > names)
			buf_add_str(out, name[1] == NULL ? " and " : ", ");
		buf_add_str(out, *name);
		group = config_group(config, *name);
		if (group == NULL)
			continue;
		buf_add_str(out, group->by_turns ? " (by turns " : " (");
		sentence_words_list(group->members, "and", out);
		buf_add_char(out, ')');
	}
}

static void say_waits(
    const struct config *config, const struct channel *c, struct buf *out)
{
	if (c->persons > 1)
		buf_addf(out, " for %u persons of ", c->persons);
	else
		buf_add_str(out, " for one of ");
	say_people(config, c->reviewers, out);
	buf_add_str(out, ", who must decide within ");
	sentence_words_span(c->deadline_s, out);
	buf_add_str(out, c->calendar != NULL && c->calendar != calendar_always()
			     ? " of business hours."
			     : ".");
	if (asks(c->programs)) {
		buf_add_str(out, " Before anybody is asked, ");
		sentence_words_list(c->programs, "and", out);
		buf_add_str(out, c->programs[1] ? " say what they see."
						: " says what it sees.");
	}
	if (c->case_table != NULL)
		buf_addf(out,
		    " The owner of its case, as %s has it, is asked too.",
		    c->case_table);
	if (c->case_header != NULL)
		buf_addf(out, " Whoever its field %s names is asked too.",
		    c->case_header);
	if (c->case_program != NULL)
		buf_addf(out, " Whoever the program %s names is asked too.",
		    c->case_program);
}

static void say_final(
    const struct channel *c, const struct channel_step *s, struct buf *out)
{
	switch (s->final) {
	case CHANNEL_GO_ON:
		break;
	case CHANNEL_KEEP:
		buf_addf(
		    out, " it stays held and is handed up to %s.", c->owner);
		break;
	case CHANNEL_EXPIRE:
		buf_add_str(out, " it goes back to its agent, unsent.");
		break;
	case CHANNEL_APPROVE:
		buf_add_str(
		    out, " it is sent although nobody has approved it.");
		break;
	}
}

static void say_step(const struct config *config, const struct channel *c,
    const struct channel_step *s, struct buf *out)
{
	const char *comma = "";

	buf_add_str(out, " After ");
	sentence_words_span(s->after_s, out);
	if (s->remind) {
		buf_add_str(out, " who has not answered is reminded");
		comma = ",";
	}
	if (asks(s->ask)) {
		buf_addf(out, "%s it asks ", comma);
		say_people(config, s->ask, out);
		buf_add_str(out, " too");
		comma = ",";
	}
	if (s->final == CHANNEL_GO_ON)
		buf_add_char(out, '.');
	else
		buf_add_str(out, comma);
	say_final(c, s, out);
}

static void say_rest(const struct channel *c, struct buf *out)
{
	if (asks(c->reasons)) {
		buf_addf(out, " Who drops or edits it %s say why: ",
		    c->needs_reason ? "must" : "can");
		sentence_words_list(c->reasons, "or", out);
		buf_add_char(out, '.');
	}
	if (c->revise_rounds == 0) {
		buf_add_str(out, " It cannot be sent back to its agent.");
		return;
	}
	buf_addf(out, " It can be sent back to its agent %u time%s, with ",
	    c->revise_rounds, c->revise_rounds == 1 ? "" : "s");
	sentence_words_span(c->revise_within_s, out);
	buf_add_str(out, " each time for a better one.");
}

static void say_channel(
    const struct config *config, const struct channel *channel, struct buf *out)
{
	size_t i;

	say_match(channel, out);
	say_mode(channel, out);
	say_waits(config, channel, out);
	say_samples(channel, out);
	for (i = 0; i < channel->n_steps; i++)
		if (!channel->steps[i].warning)
			say_step(config, channel, &channel->steps[i], out);
	say_rest(channel, out);
	buf_add_char(out, '\n');
	for (i = 0; i < channel->n_rules; i++) {
		buf_add_str(out, "  ");
		sentence_rule(&channel->rules[i], out);
	}
}

void sentence_config(const struct config *config, struct buf *out)
{
	size_t i;

	if (config->n_rules > 0)
		buf_add_str(out, "For mail of every channel, and of none:\n");
	for (i = 0; i < config->n_rules; i++) {
		buf_add_str(out, "  ");
		sentence_rule(&config->rules[i], out);
	}
	for (i = 0; i < config->n_channels; i++) {
		if (out->len > 0)
			buf_add_char(out, '\n');
		say_channel(config, &config->channels[i], out);
	}
	buf_addf(out,
	    "%sMail that no channel takes, and no rule passes, waits "
	    "for any reviewer.\n",
	    out->len > 0 ? "\n" : "");
}
