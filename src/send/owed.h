/*
 * owed: the reports that agents are owed of what became of their drafts:
 * written and put into the outbox, once each.  Loop only.
 */
#ifndef SEND_OWED_H
#define SEND_OWED_H

#include <stdbool.h>

struct owed;
struct send;

/* As the functions of deliver.h. */
struct owed *owed_new(struct send *send);
void owed_kick(struct owed *owed);
bool owed_is_busy(const struct owed *owed);
void owed_free(struct owed *owed);

#endif
