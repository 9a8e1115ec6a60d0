/*
 * outbox: system mail on its way out: notices, receipts, reports.  It goes by
 * the relay host or into the Maildir that it names; at least once, so what is
 * in doubt is sent again.  Loop only.
 */
#ifndef SEND_OUTBOX_H
#define SEND_OUTBOX_H

#include <stdbool.h>

struct outbox;
struct send;

/* As the functions of deliver.h. */
struct outbox *outbox_new(struct send *send);
void outbox_kick(struct outbox *outbox);
bool outbox_is_busy(const struct outbox *outbox);
void outbox_free(struct outbox *outbox);

#endif
