/*
 * sentence_rule: a rule in words.  Whether it fits is left to check/.
 */
#include "config/sentence.h"

#include <string.h>

#include "config/sentence_words.h"

/* all: of several, each must fit, as in a rule that passes. */
static void say_condition(const struct condition *c, bool all, struct buf *out);

static const char *const leads[] = {
    [CONDITION_AGENT] = "the agent is ",
    [CONDITION_SENDER] = "the sender is ",
    [CONDITION_SIZE] = "its size in bytes is ",
    [CONDITION_RECIPIENTS] = "the number of recipients is ",
    [CONDITION_ATTACHMENTS] = "the number of attachments is ",
    [CONDITION_CONFIDENCE] = "the agent's confidence is ",
};

static const char *const plurals[][2] = {
    [CONDITION_AUTHOR] = {"an author is ", "each author is "},
    [CONDITION_RECIPIENT] = {"a recipient is ", "each recipient is "},
    [CONDITION_ATTACHMENT] = {"an attachment is ", "each attachment is "},
};

static void say_limits(const struct condition *c, struct buf *out)
{
	char a[AMOUNT_SIZE], b[AMOUNT_SIZE];

	if (c->has_above)
		buf_addf(out, "above %s", amount_print(&c->above, a));
	if (c->has_above && c->has_below)
		buf_add_str(out, " and ");
	if (c->has_below)
		buf_addf(out, "below %s", amount_print(&c->below, b));
}

static void say_finding(const struct condition *c, struct buf *out)
{
	buf_add_str(out, c->has_above || c->has_below ? "the finding "
						      : "there is a finding ");
	sentence_words_list(c->list, "or", out);
	if (c->has_above || c->has_below) {
		buf_add_str(out, " is ");
		say_limits(c, out);
	}
}

static void say_rate(const struct condition *c, struct buf *out)
{
	static const char *const of[] = {
	    [VERDICT_BY_AGENT] = "its agent",
	    [VERDICT_BY_CHANNEL] = "the channel",
	    [VERDICT_BY_RECIPIENT] = "one of its recipients",
	    [VERDICT_BY_DOMAIN] = "the domain of one of its recipients",
	};

	buf_addf(out, "the drafts of %s within ", of[c->rate.of]);
	sentence_words_span(c->rate.per_s, out);
	buf_add_str(out, " are ");
	say_limits(c, out);
}

static void say_text(const struct condition *c, struct buf *out)
{
	static const char header[] = "header:";
	const char *where = c->where ? c->where : "text";

	if (strncmp(where, header, strlen(header)) == 0)
		buf_addf(out, "its field %s", where + strlen(header));
	else if (strcmp(where, "own") == 0)
		buf_add_str(out, "its own text, without quotations,");
	else if (strcmp(where, "text") == 0)
		buf_add_str(out, "its subject or body");
	else if (strcmp(where, "attachment") == 0)
		buf_add_str(out, "the name of an attachment");
	else
		buf_addf(out, "its %s", where);
	buf_addf(out, " has \"%s\"", c->pattern ? c->pattern : "");
}

static void say_several(const struct condition *c, bool all, struct buf *out)
{
	const char *between = c->kind == CONDITION_ALL ? " and " : " or ";
	bool close = c->n > 1 || c->kind == CONDITION_NONE;
	size_t i;

	buf_add_str(out, c->kind == CONDITION_NONE ? "not ("
			 : close		   ? "("
						   : "");
	for (i = 0; i < c->n; i++) {
		buf_add_str(out, i > 0 ? between : "");
		say_condition(
		    &c->of[i], all != (c->kind == CONDITION_NONE), out);
	}
	buf_add_str(out, close ? ")" : "");
}

static void say_condition(const struct condition *c, bool all, struct buf *out)
{
	switch (c->kind) {
	case CONDITION_ALL:
	case CONDITION_ANY:
	case CONDITION_NONE:
		say_several(c, all, out);
		break;
	case CONDITION_AUTHOR:
	case CONDITION_RECIPIENT:
	case CONDITION_ATTACHMENT:
		buf_add_str(out, plurals[c->kind][all]);
		sentence_words_list(c->list, "or", out);
		break;
	case CONDITION_AGENT:
	case CONDITION_SENDER:
		buf_add_str(out, leads[c->kind]);
		sentence_words_list(c->list, "or", out);
		break;
	case CONDITION_TEXT:
		say_text(c, out);
		break;
	case CONDITION_FINDING:
		say_finding(c, out);
		break;
	case CONDITION_CONTEXT:
		buf_add_str(out, "the agent does not give its ");
		sentence_words_list(c->list, "or its", out);
		break;
	case CONDITION_RATE:
		say_rate(c, out);
		break;
	case CONDITION_HOURS:
		buf_addf(out, "it comes %s business hours",
		    c->inside ? "within" : "outside");
		break;
	default:
		buf_add_str(out, leads[c->kind]);
		say_limits(c, out);
		break;
	}
}

static void say_when(const struct condition *when, bool all, struct buf *out)
{
	size_t i;

	buf_add_str(out, when->n == 0 ? "for every mail" : "when ");
	for (i = 0; i < when->n; i++) {
		buf_add_str(out, i > 0 ? " and " : "");
		say_condition(&when->of[i], all, out);
	}
	buf_add_str(out, ", ");
}

static void say_then(const struct rule *rule, struct buf *out)
{
	switch (rule->then) {
	case VERDICT_HOLD:
		buf_add_str(out, rule->tripwire
				     ? "it is held, whatever another rule says"
				     : "it is held");
		break;
	case VERDICT_PASS:
		buf_add_str(out, "it passes unread");
		break;
	case VERDICT_REFUSE:
		buf_addf(out, "it is refused: \"%s\"",
		    rule->say ? rule->say : rule->name);
		break;
	case VERDICT_NOTE:
		buf_add_str(out, "it is noted");
		break;
	}
}

void sentence_rule(const struct rule *rule, struct buf *out)
{
	buf_addf(out, "Rule '%s': ", rule->name);
	say_when(&rule->when, rule->then == VERDICT_PASS, out);
	say_then(rule, out);
	if (rule->has_severity)
		buf_addf(out, "; its severity is %s",
		    verdict_severity_name(rule->severity));
	if (rule->ask != NULL && *rule->ask != NULL) {
		buf_add_str(out, "; it asks ");
		sentence_words_list(rule->ask, "and", out);
		buf_add_str(out, " too");
	}
	if (rule->persons > 1)
		buf_addf(out, "; %u persons must approve", rule->persons);
	if (rule->needs_reason)
		buf_add_str(out, "; a decision must say why");
	if (rule->not_before_s != 0) {
		buf_add_str(out, "; it leaves no earlier than after ");
		sentence_words_span(rule->not_before_s, out);
	}
	if (rule->not_after_s != 0) {
		buf_add_str(out, "; it never leaves later than after ");
		sentence_words_span(rule->not_after_s, out);
	}
	buf_add_str(out, ".\n");
}
