/*
 * goesto: the envelope is the truth, the header only a claim.  Where the lines
 * stand in a notice is left to facts.c.
 */
#include "review/goesto.h"

#include "review/names.h"
#include "review/text.h"

#include "message.h"

#include <string.h>

#define MANY	    10	 /* recipients that are worth a warning */
#define UNSENT_MAX  40	 /* named ones that are shown */
#define COLUMNS_MAX 400u /* of a line */

struct looker {
	struct arena *arena;
	const struct hold_view *view;
	struct names *written; /* addresses in To and Cc */
	const char *home;      /* the sender's domain, or "" */
	bool all_hidden;
};

/* The domain that counts as inside. */
static const char *home_of(const struct hold_view *view)
{
	const char *home = message_domain(view->from);

	if (*home == '\0' && view->reading->n_authors > 0)
		home = message_domain(view->reading->authors[0]);
	return home;
}

static bool is_outside(const struct looker *l, const char *address)
{
	return *l->home != '\0' &&
	       !message_same_address(message_domain(address), l->home);
}

/* In no line of the header that its readers will see. */
static bool is_hidden(const struct looker *l, const char *address)
{
	return l->view->reading->trouble == NULL &&
	       !names_have(l->written, address);
}

static const char *outcome(struct arena *arena, const struct hold_recipient *to)
{
	if (to->state == NULL || strcmp(to->state, "pending") == 0)
		return "";
	if (to->answer == NULL || *to->answer == '\0')
		return arena_printf(arena, " - %s", to->state);
	return arena_printf(arena, " - %s: %s", to->state,
	    text_line(arena, text_span(to->answer), COLUMNS_MAX));
}

static bool went_wrong(const struct hold_recipient *to)
{
	return to->state != NULL && (strcmp(to->state, "failed") == 0 ||
					strcmp(to->state, "in-doubt") == 0);
}

static struct fact_line line_of(
    const struct looker *l, const struct hold_recipient *to)
{
	bool many = l->view->n_recipients > 1;
	bool inside = *l->home != '\0' && !is_outside(l, to->address);
	/* when all are, the count says so */
	bool mark = !l->all_hidden && is_hidden(l, to->address);

	return (struct fact_line){
	    .text = arena_printf(l->arena, "%s%s%s%s",
		text_line(l->arena, text_span(to->address), COLUMNS_MAX),
		many && inside ? " (inside)" : "", mark ? " (hidden)" : "",
		outcome(l->arena, to)),
	    .warn = mark || went_wrong(to),
	};
}

/* Fill the lines; returns how many recipients are outside. */
static size_t add_lines(const struct looker *l, struct goesto *goesto)
{
	const struct hold_view *view = l->view;
	const struct hold_recipient *to;
	size_t i, n_outside = 0;
	int inside;

	goesto->lines =
	    arena_alloc(l->arena, view->n_recipients * sizeof(*goesto->lines));
	for (inside = 0; inside <= 1; inside++) {
		for (i = 0; i < view->n_recipients; i++) {
			to = &view->recipients[i];
			if (is_outside(l, to->address) != inside)
				goesto->lines[goesto->n++] = line_of(l, to);
		}
		if (!inside)
			n_outside = goesto->n;
	}
	return n_outside;
}

static size_t count_hidden(const struct looker *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->view->n_recipients; i++)
		n += is_hidden(l, l->view->recipients[i].address);
	return n;
}

/* "30 addresses, 20 outside corp.example, 3 hidden (in no To or Cc line)" */
static void say_count(const struct looker *l, struct goesto *goesto,
    size_t n_outside, size_t n_hidden)
{
	const char *text = arena_printf(l->arena, "%zu addresses", goesto->n);

	if (n_outside > 0)
		text = arena_printf(l->arena, "%s, %zu outside %s", text,
		    n_outside, text_line(l->arena, text_span(l->home), 60));
	if (l->all_hidden)
		text = arena_printf(
		    l->arena, "%s, all hidden (in no To or Cc line)", text);
	else if (n_hidden > 0)
		text = arena_printf(l->arena,
		    "%s, %zu hidden (in no To or Cc line)", text, n_hidden);
	goesto->count = text;
	goesto->warn = n_hidden > 0 || goesto->n > MANY;
}

/* Whom To and Cc name although the envelope does not. */
static void find_unsent(const struct looker *l, struct goesto *goesto)
{
	struct names *envelope = names_new(l->arena);
	size_t i;

	for (i = 0; i < l->view->n_recipients; i++)
		names_add(envelope, l->view->recipients[i].address);
	goesto->unsent =
	    arena_alloc(l->arena, UNSENT_MAX * sizeof(*goesto->unsent));
	for (i = 0; i < names_count(l->written); i++)
		if (!names_have(envelope, names_at(l->written, i)) &&
		    goesto->n_unsent < UNSENT_MAX)
			goesto->unsent[goesto->n_unsent++] =
			    names_at(l->written, i);
}

struct goesto goesto_make(struct arena *arena, const struct hold_view *view)
{
	struct goesto goesto = {.count = NULL};
	struct looker l = {
	    .arena = arena,
	    .view = view,
	    .written = names_new(arena),
	    .home = home_of(view),
	};
	size_t n_outside, n_hidden;

	names_find(l.written, view->reading->to);
	names_find(l.written, view->reading->cc);
	n_hidden = count_hidden(&l);
	l.all_hidden = n_hidden > 0 && n_hidden == view->n_recipients;
	n_outside = add_lines(&l, &goesto);
	if (goesto.n != 1)
		say_count(&l, &goesto, n_outside, n_hidden);
	else if (l.all_hidden)
		goesto.alone = "(hidden: in no To or Cc line)";
	find_unsent(&l, &goesto);
	return goesto;
}
