/*
 * hook: tells the webhooks of agents what became of their drafts: from the
 * ledger's words, at least once, those of a draft in order.  Loop only.
 */
#ifndef SEND_HOOK_H
#define SEND_HOOK_H

struct hook;
struct send;

/* As the functions of deliver.h; what is under way at the end comes again. */
struct hook *hook_new(struct send *send);
void hook_kick(struct hook *hook);
void hook_free(struct hook *hook);

#endif
