/*
 * pipeline_agent: what an agent is told of its draft, and the mail by which it
 * takes one back.
 *
 * All functions run on the loop.
 */
#ifndef PIPELINE_AGENT_H
#define PIPELINE_AGENT_H

#include "accept/accept.h"
#include "hold/hold.h"
#include "reading.h"

struct house;

/* Answer a ticket: what became of the draft that was put. */
void pipeline_agent_answer(
    struct accept_ticket *ticket, const struct hold_put *put);

/*
 * A mail that is no draft, since it says (context.withdraw) which one its
 * agent takes back: do that, and answer.  The texts are copied.
 */
void pipeline_agent_withdraw(struct house *house, struct accept_ticket *ticket,
    const char *agent, const struct reading_context *context);

#endif
