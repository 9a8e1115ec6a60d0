/*
 * orders: one pass over the lines, then one over the drafts for "all".  What a
 * command is, is left to grammar.c; what it does, to mail.c.
 */
#include "review/orders.h"

#include "review/proviso.h"
#include "review/text.h"

#include <stdint.h>
#include <string.h>

#define RANGES_MAX 64		  /* of one line */
#define EN_DASH	   "\xe2\x80\x93" /* what phones make of a hyphen */

struct range {
	unsigned from, to;
};

/* What stands in front of a command. */
struct subject {
	bool all;
	size_t n;
	struct range ranges[RANGES_MAX];
};

struct reading_orders {
	const struct orders_request *request;
	struct arena *arena;
	struct orders *out;
	struct order *by_item;	 /* line 0: not spoken of */
	struct order everything; /* line 0: there is no "all" */
	unsigned line;		 /* of the text, from 1 */
	struct span said;
	bool any;     /* a command was read */
	bool editing; /* an edit was read: the rest is text */
};

enum line_kind {
	LINE_OTHER,   /* words */
	LINE_LIKE,    /* begins like a command for a draft, but is none */
	LINE_COMMAND, /* is one */
};

/* ---- one line ------------------------------------------------------------ */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip(struct span *s, size_t n)
{
	s->data += n;
	s->len -= n;
}

static void skip_blanks(struct span *s)
{
	while (s->len > 0 && is_blank(s->data[0]))
		skip(s, 1);
}

static struct span trimmed(struct span s)
{
	skip_blanks(&s);
	while (s.len > 0 && (is_blank(s.data[s.len - 1])))
		s.len--;
	return s;
}

static bool take(struct span *s, const char *what)
{
	size_t len = strlen(what);

	if (s->len < len || memcmp(s->data, what, len) != 0)
		return false;
	skip(s, len);
	return true;
}

/* A number that is there; huge ones are only too large. */
static bool take_number(struct span *s, unsigned *number)
{
	if (s->len == 0 || !is_digit(s->data[0]))
		return false;
	for (*number = 0; s->len > 0 && is_digit(s->data[0]); skip(s, 1))
		if (*number < UINT32_MAX / 100)
			*number = *number * 10 + (unsigned)(s->data[0] - '0');
	return true;
}

/* "3", "3-5"; blanks may stand around the hyphen. */
static bool take_range(struct span *s, struct range *range)
{
	struct span at;

	take(s, "#");
	if (!take_number(s, &range->from))
		return false;
	range->to = range->from;
	at = *s;
	skip_blanks(&at);
	if (!take(&at, "-") && !take(&at, EN_DASH))
		return true;
	skip_blanks(&at);
	if (!take_number(&at, &range->to))
		return false;
	*s = at;
	return true;
}

/* "1", "1, 3-5", "all"; then perhaps a mark, and a blank. */
static bool take_subject(struct span *s, struct subject *subject)
{
	struct span word = *s, after;
	size_t n = 0;

	while (n < word.len && word.data[n] != ':' && !is_blank(word.data[n]))
		n++;
	word.len = n;
	subject->all = word_same(word, text_span("all"));
	subject->n = 0;
	if (subject->all)
		skip(s, n);
	while (!subject->all) {
		if (subject->n == RANGES_MAX ||
		    !take_range(s, &subject->ranges[subject->n++]))
			return false;
		after = *s;
		skip_blanks(&after);
		if (!take(&after, ","))
			break;
		skip_blanks(&after);
		*s = after;
	}
	if (!take(s, ":") && !take(s, "."))
		take(s, ")");
	return s->len > 0 && is_blank(s->data[0]);
}

/* Is the first word a verb, whatever follows? */
static bool begins_with_verb(const struct reading_orders *r, struct span s)
{
	size_t i, n = 0;

	skip_blanks(&s);
	while (n < s.len && !is_blank(s.data[n]))
		n++;
	s.len = n;
	for (i = 0; i < r->request->words->n; i++)
		if (word_same(s, text_span(r->request->words->list[i].word)))
			return true;
	return word_is_built_in(s);
}

static enum line_kind read_line(const struct reading_orders *r,
    struct span line, struct subject *subject, struct grammar_command *command)
{
	struct span s = trimmed(line);
	bool number = s.len > 0 &&
		      (is_digit(s.data[0]) || (s.len > 1 && s.data[0] == '#' &&
						  is_digit(s.data[1])));

	if (!take_subject(&s, subject))
		return number ? LINE_LIKE : LINE_OTHER;
	grammar_read_with(r->request->words, s, command);
	if (command->verb != GRAMMAR_NONE && command->verb != GRAMMAR_HELP)
		return LINE_COMMAND;
	/* "All the best" is no try at a command */
	return number || begins_with_verb(r, s) ? LINE_LIKE : LINE_OTHER;
}

/* ---- what it means ------------------------------------------------------ */

static void blame(struct reading_orders *r, const char *why)
{
	struct orders *out = r->out;

	if (out->fault != NULL)
		return;
	out->fault = why;
	out->line = r->line;
	out->said = r->said;
}

static bool is_same(
    const struct grammar_command *a, const struct grammar_command *b)
{
	return a->verb == b->verb && a->span_s == b->span_s &&
	       a->rest.len == b->rest.len && a->because.len == b->because.len &&
	       memcmp(a->rest.data, b->rest.data, a->rest.len) == 0 &&
	       memcmp(a->because.data, b->because.data, a->because.len) == 0;
}

static void order_item(struct reading_orders *r, size_t item,
    const struct grammar_command *command)
{
	struct order *order = &r->by_item[item];

	if (order->line != 0 && !is_same(&order->command, command)) {
		blame(r, arena_printf(r->arena,
			     "it tells draft number %u something else than "
			     "line %u does",
			     r->request->items[item].number, order->line));
		return;
	}
	if (order->line == 0)
		*order =
		    (struct order){item, r->line, false, r->said, *command};
}

static void order_range(struct reading_orders *r, const struct range *range,
    const struct grammar_command *command)
{
	const struct orders_request *request = r->request;
	unsigned missing = range->from;
	size_t i;

	if (range->from > range->to) {
		blame(r, "a range goes from the lower number to the higher");
		return;
	}
	for (i = 0; i < request->n_items; i++) {
		if (request->items[i].number < range->from ||
		    request->items[i].number > range->to)
			continue;
		if (request->items[i].number == missing)
			missing++;
		order_item(r, i, command);
	}
	if (missing <= range->to)
		blame(r,
		    arena_printf(r->arena, "there is no number %u", missing));
}

/* What all of them may be told at once. */
static bool fits_all(const struct grammar_command *command)
{
	switch (command->verb) {
	case GRAMMAR_APPROVE:
		return command->rest.len == 0;
	case GRAMMAR_DROP:
	case GRAMMAR_CLAIM:
	case GRAMMAR_SNOOZE:
	case GRAMMAR_UNDO:
	case GRAMMAR_FINE:
		return true;
	default:
		return false;
	}
}

static void order_all(
    struct reading_orders *r, const struct grammar_command *command)
{
	size_t i, low = 0;

	for (i = 0; i < r->request->n_items; i++)
		low += r->request->items[i].low;
	if (!fits_all(command))
		blame(r, "\"all\" can only approve, drop, snooze, claim, undo "
			 "or call them fine; name the numbers instead");
	else if (low == 0)
		blame(r, "none of these drafts is one that \"all\" may decide; "
			 "name the numbers instead");
	else if (r->everything.line != 0 &&
		 !is_same(&r->everything.command, command))
		blame(r, "\"all\" is told two different things");
	else
		r->everything =
		    (struct order){0, r->line, true, r->said, *command};
}

static void order(struct reading_orders *r, const struct subject *subject,
    const struct grammar_command *command)
{
	bool one = !subject->all && subject->n == 1 &&
		   subject->ranges[0].from == subject->ranges[0].to;
	size_t i;

	if (command->verb == GRAMMAR_EDIT && !one)
		blame(r, "an edit is of one draft: name one number");
	else if (command->verb == GRAMMAR_APPROVE && command->rest.len > 0 &&
		 !one)
		blame(r, "a code is that of one draft: name one number");
	else if (command->verb == GRAMMAR_REVISE && command->rest.len == 0)
		blame(r, "say in the same line what is to be made better");
	else if (subject->all)
		order_all(r, command);
	for (i = 0; i < subject->n && r->out->fault == NULL; i++)
		order_range(r, &subject->ranges[i], command);
	r->editing = command->verb == GRAMMAR_EDIT;
}

/* ---- all lines ---------------------------------------------------------- */

/* The lines below the commands, or below an edit: none may be a command. */
static void look_below(struct reading_orders *r, struct span rest)
{
	struct grammar_command command;
	struct subject subject;
	struct span line;

	while (r->out->fault == NULL && text_next_line(&rest, &line)) {
		r->line++;
		r->said = trimmed(line);
		if (read_line(r, line, &subject, &command) == LINE_COMMAND)
			blame(r, r->editing
				     ? "it stands in the text of an edit; "
				       "whatever is below an edit is its text, "
				       "so an edit comes last"
				     : "it stands below words that are no "
				       "command; commands come first");
	}
}

/* The first line that is no command. */
static void end_commands(
    struct reading_orders *r, enum line_kind kind, bool directly)
{
	if (kind == LINE_LIKE) {
		r->out->tried = true;
		blame(r, "it begins like a command for one of the drafts, but "
			 "is none");
	} else if (!r->any) {
		r->out->tried = begins_with_verb(r, r->said);
		blame(r, "it is no command for one of the drafts");
	} else if (directly) {
		blame(r, "it is no command, and stands directly below one; "
			 "leave an empty line between them");
	} else if (proviso_begins(r->said)) {
		blame(r, "it seems to bind or take back what is above it; "
			 "write the commands alone");
	}
}

static void read_lines(struct reading_orders *r, struct span rest)
{
	struct grammar_command command;
	struct subject subject;
	bool directly = false;
	enum line_kind kind;
	struct span line;

	while (r->out->fault == NULL && !r->editing &&
	       text_next_line(&rest, &line)) {
		r->line++;
		r->said = trimmed(line);
		if (r->said.len == 0) {
			directly = false;
			continue;
		}
		kind = read_line(r, line, &subject, &command);
		if (kind != LINE_COMMAND) {
			end_commands(r, kind, directly);
			break;
		}
		r->out->tried = true;
		order(r, &subject, &command);
		directly = r->any = true;
	}
	if (r->editing)
		r->out->text = rest;
	look_below(r, rest);
}

/* Put together what each draft is told. */
static void collect(struct reading_orders *r)
{
	struct orders *out = r->out;
	size_t i;

	out->list = r->by_item;
	for (i = 0; i < r->request->n_items; i++) {
		if (r->by_item[i].line == 0 && r->everything.line != 0 &&
		    r->request->items[i].low) {
			r->by_item[i] = r->everything;
			r->by_item[i].item = i;
		}
		if (r->by_item[i].line != 0)
			out->list[out->n++] = r->by_item[i];
	}
}

void orders_read(const struct orders_request *request, struct arena *arena,
    struct orders *orders)
{
	struct reading_orders r = {
	    .request = request, .arena = arena, .out = orders};

	*orders = (struct orders){.text = {"", 0}, .said = {"", 0}};
	r.by_item =
	    arena_alloc(arena, (request->n_items + 1) * sizeof(*r.by_item));
	memset(r.by_item, 0, (request->n_items + 1) * sizeof(*r.by_item));
	read_lines(&r, request->text);
	r.editing = false;
	look_below(&r, request->below);
	if (orders->fault == NULL && !r.any)
		blame(&r, "it had no text of your own");
	if (orders->fault == NULL)
		collect(&r);
}
