/*
 * pipeline_agent: words for agents.  What becomes of a draft is the ledger's.
 */
#include "pipeline_agent.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "house.h"
#include "pipeline.h"

#include "util/log.h"
#include "util/mem.h"

#define DIGITS_MOST 18
#define TEXT_SIZE   600

/* ---- what became of a draft --------------------------------------------- */

/* Of one that came before: why it does not wait or leave any more. */
static const char *over(const struct hold_put *put)
{
	switch (put->state) {
	case HOLD_DROPPED:
		return "dropped in review";
	case HOLD_REFUSED:
		return "refused";
	case HOLD_REVISING:
		return "sent back: send a better one, which says that it "
		       "replaces this";
	case HOLD_WITHDRAWN:
		return "withdrawn by its agent";
	case HOLD_SUPERSEDED:
		return "replaced by another draft";
	default:
		return NULL;
	}
}

static void tell_over(struct accept_ticket *ticket, const struct hold_put *put)
{
	const char *why =
	    put->state == HOLD_REFUSED ? put->verdict.say : put->drop_reason;
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text), "%s id=%" PRId64 "%s%s", over(put),
	    put->draft, *why == '\0' ? "" : ": ", why);
	accept_answer(ticket, &(struct accept_answer){550, "5.7.1", text, 0});
}

void pipeline_agent_answer(
    struct accept_ticket *ticket, const struct hold_put *put)
{
	char text[TEXT_SIZE], replaces[48] = "";

	if (over(put) != NULL) {
		tell_over(ticket, put);
		return;
	}
	if (put->replaces != 0)
		snprintf(replaces, sizeof(replaces), " replaces=%" PRId64,
		    put->replaces);
	else if (put->reading->context.replaces != NULL && !put->repeated)
		snprintf(replaces, sizeof(replaces), " replaces=nothing");
	snprintf(text, sizeof(text), "%s%s id=%" PRId64 " code=%s%s",
	    put->state == HOLD_HELD ? "held for review"
				    : hold_state_name(put->state),
	    put->repeated ? " (received before)" : "", put->draft, put->code,
	    replaces);
	accept_answer(
	    ticket, &(struct accept_answer){250, "2.0.0", text, put->draft});
}

/* ---- taken back --------------------------------------------------------- */

struct withdrawal {
	struct hold_withdraw withdraw;
	struct house *house;
	struct accept_ticket *ticket;
	char *agent, *message_id;
};

static void withdrawal_free(struct withdrawal *w)
{
	free(w->agent);
	free(w->message_id);
	free(w);
}

static void answer(struct accept_ticket *ticket, int code, const char *enhanced,
    const char *text)
{
	accept_answer(ticket, &(struct accept_answer){code, enhanced, text, 0});
}

static void on_withdrawn(struct hold_call *call)
{
	struct withdrawal *w = (struct withdrawal *)call;
	const struct hold_withdraw *done = &w->withdraw;
	char text[TEXT_SIZE];

	switch (call->error.kind) {
	case ERROR_NONE:
		snprintf(text, sizeof(text),
		    "withdrawn%s id=%" PRId64 " code=%s",
		    done->repeated ? " (before)" : "", done->draft, done->code);
		log_info("draft %" PRId64 " withdrawn agent=%s", done->draft,
		    w->agent);
		answer(w->ticket, 250, "2.0.0", text);
		if (!done->repeated)
			pipeline_moved(done->draft, done->state, w->house);
		break;
	case ERROR_MISSING:
	case ERROR_CONFLICT:
		snprintf(text, sizeof(text), "nothing is withdrawn: %s",
		    call->error.text);
		answer(w->ticket, 550, "5.7.1", text);
		break;
	default:
		log_warning("withdrawal failed agent=%s reason=\"%s\"",
		    w->agent, call->error.text);
		answer(w->ticket, 451, "4.3.0",
		    "this could not be put on disk, try again later");
	}
	withdrawal_free(w);
}

/* A number, or a Message-ID with or without its <>. */
static void name_it(struct withdrawal *w, const char *name)
{
	size_t digits = strspn(name, "0123456789");

	if (digits > 0 && digits <= DIGITS_MOST && name[digits] == '\0')
		w->withdraw.draft = strtoll(name, NULL, 10);
	else if (*name == '<')
		w->message_id = mem_strdup(name);
	else
		w->message_id = mem_printf("<%s>", name);
	w->withdraw.message_id = w->message_id;
}

void pipeline_agent_withdraw(struct house *house, struct accept_ticket *ticket,
    const char *agent, const struct reading_context *context)
{
	struct withdrawal *w;

	if (context->replaces != NULL) {
		answer(ticket, 550, "5.6.0",
		    "a mail either withdraws a draft or replaces one");
		return;
	}
	if (strchr(context->withdraw, '\n') != NULL) {
		answer(ticket, 550, "5.6.0",
		    "one draft is withdrawn by a mail; send another mail");
		return;
	}
	w = mem_zalloc(sizeof(*w));
	w->house = house;
	w->ticket = ticket;
	w->agent = mem_strdup(agent == NULL ? "" : agent);
	name_it(w, context->withdraw);
	w->withdraw.call.done = on_withdrawn;
	w->withdraw.agent = w->agent;
	w->withdraw.medium = "mail";
	hold_withdraw(house->hold, &w->withdraw);
}
