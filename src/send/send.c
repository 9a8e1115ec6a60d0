/*
 * send: the room's door: it makes the parts, passes a kick on to them, and
 * waits for them at the end.
 */
#include "send/send.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "send/deliver.h"
#include "send/desk.h"
#include "send/hook.h"
#include "send/internal.h"
#include "send/outbox.h"
#include "send/owed.h"
#include "send/relay.h"

#include "util/clock.h"
#include "util/mem.h"

#define WAKE_MOST_MS 60000

struct send *send_new(struct event_base *base, const struct config *config,
    struct hold *hold, struct job_queue *jobs, const struct send_hooks *hooks,
    struct error *err)
{
	struct send *send = mem_zalloc(sizeof(*send));

	send->base = base;
	send->config = config;
	send->current = config_ref(config);
	send->hold = hold;
	send->jobs = jobs;
	send->hooks = *hooks;
	if (config->relay.maildir == NULL) {
		send->relay = relay_new(base, config, err);
		if (send->relay == NULL) {
			config_unref(send->current);
			free(send);
			return NULL;
		}
	}
	send->deliver = deliver_new(send);
	send->outbox = outbox_new(send);
	send->owed = owed_new(send);
	send->hook = hook_new(send);
	return send;
}

void send_renew(struct send *send, const struct config *config)
{
	const struct config *old = send->current;

	send->current = config_ref(config);
	config_unref(old);
}

void send_kick(struct send *send)
{
	deliver_kick(send->deliver);
	outbox_kick(send->outbox);
	owed_kick(send->owed);
	hook_kick(send->hook);
}

void send_wake_at(struct event *timer, int64_t wall_ms)
{
	int64_t wait = wall_ms - clock_now_ms();
	struct timeval tv;

	if (wall_ms == 0)
		return;
	if (wait < 1)
		wait = 1;
	if (wait > WAKE_MOST_MS)
		wait = WAKE_MOST_MS;
	tv = (struct timeval){
	    (time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)};
	evtimer_add(timer, &tv);
}

void send_ended(struct send *send)
{
	void (*stopped)(void *context) = send->stopped;

	if (stopped == NULL || deliver_is_busy(send->deliver) ||
	    outbox_is_busy(send->outbox) || owed_is_busy(send->owed))
		return;
	send->stopped = NULL;
	stopped(send->stopped_context);
}

void send_stop(struct send *send, void (*done)(void *context), void *context)
{
	send->stopping = true;
	if (send->relay != NULL)
		relay_stop(send->relay);
	send->stopped = done;
	send->stopped_context = context;
	send_ended(send);
}

void send_describe(const struct send *send, char *out, size_t size)
{
	if (send->relay != NULL)
		relay_describe(send->relay, out, size);
	else
		snprintf(out, size, "maildir %s %s",
		    send->config->relay.maildir,
		    *send->maildir_trouble == '\0' ? "ok"
						   : send->maildir_trouble);
}

void send_free(struct send *send)
{
	if (send == NULL)
		return;
	send->stopping = true;
	send->stopped = NULL;
	relay_free(send->relay); /* ends what it carries, which is settled */
	deliver_free(send->deliver);
	outbox_free(send->outbox);
	owed_free(send->owed);
	hook_free(send->hook);
	desk_close(send);
	config_unref(send->current);
	free(send);
}
