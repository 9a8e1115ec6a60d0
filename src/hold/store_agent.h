/*
 * store_agent.h: what the store files share about drafts that take the place
 * of others, and about mail that people outside wrote.
 */
#ifndef HOLD_STORE_AGENT_H
#define HOLD_STORE_AGENT_H

#include "hold/store.h"

/* ---- store_replace.c ----------------------------------------------------- */

/* At intake, before the judge: what is replaced, and the finding of that. */
int store_replace_find(struct store *store, const struct hold_put *put,
    struct arena *arena, struct store_history *history);
/* What the old one demanded in which persons had a say, the new one does. */
void store_replace_rise(struct store *store,
    const struct store_replaced *replaced, struct verdict *verdict);
/* The new draft is there: link it, and end the old one. */
int store_replace_carry(struct store *store, struct arena *arena,
    const struct store_replaced *replaced, const struct hold_put *put);
/* Fill remark and remark_by; replaces is filled. */
int store_replace_remark(struct store *store, struct hold_view *view);

/* ---- store_wrote.c ------------------------------------------------------- */

/* At intake: did people outside write since the mail that it answers? */
int store_wrote_look(struct store *store, const struct hold_put *put,
    struct arena *arena, struct store_history *history);
/* Remember which mails a draft that was put refers to. */
int store_wrote_remember(struct store *store, const struct hold_put *put);

#endif
