/*
 * asking: drafts for programs, made by hand.
 */
#include "asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/event.h>
#include <string.h>

#define GUARD_S 120

void asking_start(struct asking *a)
{
	memset(a, 0, sizeof(*a));
	a->base = event_base_new();
}

void asking_stop(struct asking *a)
{
	check_programs_free(a->programs);
	event_base_free(a->base);
}

static void on_done(struct check_opinions *opinions)
{
	struct asked *asked = opinions->context;

	asked->answers++;
	asked->asking->open--;
}

void asking_draft(struct asking *a, struct asked *asked, const char *subject,
    const char *name)
{
	struct arena *arena = arena_new();

	memset(asked, 0, sizeof(*asked));
	asked->asking = a;
	asked->reading = arena_alloc(arena, sizeof(*asked->reading));
	asked->reading->arena = arena;
	asked->reading->subject = subject;
	asked->reading->text = (struct span){"Hello J\xc3\xa4ne\n", 12};
	asked->reading->text_total = 12;
	asked->reading->context.case_id = "C-1";
	reading_add_finding(
	    asked->reading, FINDING_NOTE, "first-contact", "new to us");
	asked->recipients[0].address = "jane@customer.example";
	asked->recipients[1].address = "joe@customer.example";
	asked->envelope.from = "bot@agents.example";
	asked->envelope.n_recipients = 2;
	asked->envelope.recipients = asked->recipients;
	asked->shown = (struct check_shown){.draft = 17,
	    .number = 1,
	    .code = "abc234",
	    .agent = "bot",
	    .channel = "support",
	    .envelope = &asked->envelope,
	    .reading = asked->reading,
	    .size = 40,
	    .raw = {"Subject: x\r\n\r\nHello\r\n", 21}};
	asked->names[0] = name;
	asked->opinions.shown = &asked->shown;
	asked->opinions.names = asked->names;
	asked->opinions.done = on_done;
	asked->opinions.context = asked;
}

void asking_ask(struct asked *asked)
{
	asked->asking->open++;
	check_opinions(asked->asking->programs, &asked->opinions);
	assert_int_equal(asked->answers, 0);
}

static void on_guard(evutil_socket_t fd, short what, void *context)
{
	struct asking *a = context;

	(void)fd;
	(void)what;
	a->late = true;
}

void asking_wait(struct asking *a)
{
	const struct timeval most = {GUARD_S, 0};
	struct event *guard = evtimer_new(a->base, on_guard, a);

	event_add(guard, &most);
	while (a->open > 0 && !a->late)
		event_base_loop(a->base, EVLOOP_ONCE);
	event_free(guard);
	assert_false(a->late);
}

void asking_about(struct asking *a, struct asked *asked, const char *subject,
    const char *name)
{
	asking_draft(a, asked, subject, name);
	asking_ask(asked);
	asking_wait(a);
	assert_int_equal(asked->answers, 1);
}

const struct finding *asking_found(const struct asked *asked, const char *name)
{
	const struct check_opinions *o = &asked->opinions;
	size_t i;

	for (i = 0; i < o->n_findings; i++)
		if (strcmp(o->findings[i].name, name) == 0)
			return &o->findings[i];
	for (i = 0; i < o->n_findings; i++)
		print_message(
		    "# %s: %s\n", o->findings[i].name, o->findings[i].detail);
	fail_msg("no finding %s", name);
	return NULL;
}

void asking_free(struct asked *asked)
{
	arena_free(asked->opinions.arena);
	reading_free(asked->reading);
}
