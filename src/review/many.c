/*
 * many: walks through what an answer orders.  How it is read is left to
 * orders.c, what is done to obey.c, what is told to tally.c.
 */
#include "review/many.h"

#include "review/hearing.h"
#include "review/obey.h"
#include "review/orders.h"
#include "review/text.h"

#include "util/log.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

struct many {
	struct orders orders;
	size_t next;		    /* order to carry out */
	struct receipt_item *items; /* as h->answered has them */
	struct error error;	    /* the last for which it must come again */
};

static bool waits(const struct hold_answered_item *item)
{
	return item->kind != HOLD_PROMPT_OUTCOME &&
	       (item->state == HOLD_HELD || item->state == HOLD_IN_DOUBT ||
		   item->state == HOLD_FAILED);
}

static void list_items(struct hearing *h, struct many *many)
{
	const struct hold_answered *a = &h->answered;
	size_t i;

	many->items =
	    arena_alloc(h->arena, (a->n_items + 1) * sizeof(*many->items));
	for (i = 0; i < a->n_items; i++)
		many->items[i] = (struct receipt_item){
		    .n = a->items[i].n,
		    .subject =
			a->items[i].subject == NULL ? "" : a->items[i].subject,
		    .cut = a->items[i].cut,
		    .low = a->items[i].low && !a->items[i].cut,
		    .waits = waits(&a->items[i]),
		};
}

/* ---- the end ------------------------------------------------------------ */

/* A receipt about all of them. */
static struct receipt receipt_of(struct hearing *h, enum receipt_kind kind)
{
	struct receipt receipt;

	memset(&h->item, 0, sizeof(h->item));
	h->state = (enum hold_state)0;
	receipt = hearing_receipt(h, kind);
	receipt.n_items = h->answered.n_items;
	receipt.items = h->many->items;
	h->many = NULL;
	return receipt;
}

static void finish(struct hearing *h)
{
	const struct many *many = h->many;
	struct receipt receipt = receipt_of(h, RECEIPT_MANY);

	if (many->error.kind == ERROR_NONE && h->error.kind == ERROR_NONE)
		hearing_finish_with(h, &receipt);
	else
		hearing_fail(h,
		    many->error.kind != ERROR_NONE ? &many->error : &h->error);
}

/* A line is wrong, so none counts. */
static void refuse_line(struct hearing *h)
{
	const struct orders *orders = &h->many->orders;
	struct receipt receipt = receipt_of(h, RECEIPT_MANY_FAULT);

	log_info("notice %" PRId64 " answer-unclear reviewer=%s line=%u",
	    h->answer->notice, h->reviewer->name, orders->line);
	receipt.text = orders->fault;
	receipt.at.number = orders->line;
	receipt.at.said =
	    arena_dup(h->arena, orders->said.data, orders->said.len);
	hearing_finish_with(h, &receipt);
}

/* ---- one after the other ------------------------------------------------ */

static void forget_last(struct hearing *h)
{
	if (h->viewed)
		hold_view_release(&h->view);
	h->viewed = false;
	memset(&h->view, 0, sizeof(h->view));
	memset(&h->decide, 0, sizeof(h->decide));
	memset(&h->edit, 0, sizeof(h->edit));
}

static void next(struct hearing *h)
{
	struct many *many = h->many;
	const struct order *order;

	forget_last(h);
	if (many->next == many->orders.n) {
		finish(h);
		return;
	}
	order = &many->orders.list[many->next];
	h->item = h->answered.items[order->item];
	h->state = h->item.state;
	h->command = order->command;
	h->words = order->command.verb == GRAMMAR_EDIT
		       ? arena_dup(h->arena, many->orders.text.data,
			     many->orders.text.len)
		       : NULL;
	obey(h);
}

void many_go_on(struct hearing *h)
{
	h->many->next++;
	next(h);
}

void many_take(struct hearing *h, const struct receipt *receipt)
{
	const struct order *order = &h->many->orders.list[h->many->next];
	struct receipt *kept = arena_alloc(h->arena, sizeof(*kept));
	struct hold_prior *prior;

	*kept = *receipt;
	kept->code = arena_strdup(h->arena, receipt->code);
	kept->text = arena_strdup(h->arena, receipt->text);
	if (receipt->prior != NULL) {
		prior = arena_alloc(h->arena, sizeof(*prior));
		*prior = *receipt->prior;
		kept->prior = prior;
	}
	h->many->items[order->item].outcome = kept;
	h->many->items[order->item].waits = false;
	if (h->state != 0)
		review_moved(h->review, h->item.draft, h->state);
	if (h->posts == 0)
		many_go_on(h);
}

void many_fail(struct hearing *h, const struct error *err)
{
	h->many->error = *err;
	many_go_on(h);
}

/* ---- reading it --------------------------------------------------------- */

/* That line is wrong. */
static void blame(
    struct orders *orders, const struct order *order, const char *why)
{
	orders->n = 0;
	orders->fault = why;
	orders->line = order->line;
	orders->said = order->said;
}

/* Who writes a code that is not that draft's may mean another mail. */
static void check_codes(struct hearing *h)
{
	struct orders *orders = &h->many->orders;
	const struct hold_answered_item *item;
	const struct order *order;
	size_t i;

	for (i = 0; i < orders->n; i++) {
		order = &orders->list[i];
		item = &h->answered.items[order->item];
		if (order->command.verb != GRAMMAR_APPROVE ||
		    order->command.rest.len == 0 ||
		    (order->command.rest.len == strlen(item->code) &&
			strncasecmp(order->command.rest.data, item->code,
			    order->command.rest.len) == 0))
			continue;
		log_info("notice %" PRId64 " wrong-code reviewer=%s",
		    h->answer->notice, h->reviewer->name);
		blame(orders, order,
		    arena_printf(h->arena,
			"its code is not that of number %u, which has %s",
			item->n, item->code));
		return;
	}
}

/* Read what is written there. */
static void read_text(struct hearing *h, struct span text, struct orders *out)
{
	const struct grammar_words words = {
	    h->config->review.n_words, h->config->review.words};
	struct many *many = h->many;
	size_t i, n = h->answered.n_items;
	struct orders_item *items =
	    arena_alloc(h->arena, (n + 1) * sizeof(*items));
	const struct orders_request request = {
	    .text = text,
	    .below = text_span(h->answer->reply->below),
	    .n_items = n,
	    .items = items,
	    .words = &words,
	};

	for (i = 0; i < n; i++)
		items[i] =
		    (struct orders_item){many->items[i].n, many->items[i].low};
	orders_read(&request, h->arena, out);
}

static void read_orders(struct hearing *h)
{
	struct orders *orders = &h->many->orders;

	read_text(h,
	    text_span(arena_printf(h->arena, "%s\n%s%s", h->line,
		h->apart ? "\n" : "", h->words == NULL ? "" : h->words)),
	    orders);
	if (orders->fault == NULL)
		check_codes(h);
}

/* A command for one draft, without saying which. */
static void refuse_unnumbered(struct hearing *h)
{
	const struct order order = {.line = 1, .said = text_span(h->line)};

	blame(&h->many->orders, &order,
	    "it does not say which draft it is for: begin it with the "
	    "draft's number, or with \"all\"");
	refuse_line(h);
}

static void refuse_all(struct hearing *h, const char *why)
{
	struct receipt receipt = receipt_of(h, RECEIPT_MANY_REFUSED);

	receipt.text = why;
	hearing_finish_with(h, &receipt);
}

static void help(struct hearing *h)
{
	struct receipt receipt = receipt_of(h, RECEIPT_MANY_HELP);

	hearing_finish_with(h, &receipt);
}

static void not_a_command(struct hearing *h)
{
	struct receipt receipt;
	struct orders lower;

	read_text(h, text_span(h->words), &lower);
	receipt = receipt_of(h, RECEIPT_MANY_NONE);
	receipt.text = h->line;
	receipt.lower = lower.fault == NULL;
	hearing_finish_seldom_with(h, &receipt);
}

void many_hear(struct hearing *h)
{
	const struct grammar_words words = {
	    h->config->review.n_words, h->config->review.words};
	const char *line = h->line;
	struct grammar_command first;

	h->many = arena_alloc(h->arena, sizeof(*h->many));
	*h->many = (struct many){.error = ERROR_INIT};
	list_items(h, h->many);
	grammar_read_with(&words, text_span(line), &first);
	if (h->answered.n_items == 0) {
		refuse_all(h, "what it showed is not kept any more");
		return;
	}
	if (first.verb == GRAMMAR_HELP) {
		help(h);
		return;
	}
	if (first.verb != GRAMMAR_NONE) {
		refuse_unnumbered(h);
		return;
	}
	if (line != NULL)
		read_orders(h);
	if (line == NULL || !h->many->orders.tried)
		not_a_command(h);
	else if (h->many->orders.fault != NULL)
		refuse_line(h);
	else
		next(h);
}
