/*
 * Fuzzes the orders that a person gives in answer to a mail of many drafts: no
 * crash, nothing of a faulty answer, and an approval only from a line that
 * names its draft and says no word but that.
 *
 * The first byte says how many drafts there are and which "all" means; a byte
 * 0xff in the rest parts the text from the words below quoted ones.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/orders.h"

#define ITEMS_MOST 15

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool right)
{
	if (!right)
		abort();
}

static bool lies_in(struct span inner, struct span outer)
{
	return inner.len == 0 ||
	       (inner.data >= outer.data &&
		   inner.data + inner.len <= outer.data + outer.len);
}

/* Does a number of the line, or a range, reach this draft? */
static bool names(struct span said, unsigned number)
{
	unsigned long last = 0, n;
	bool range = false;
	size_t i = 0;

	while (i < said.len) {
		if (said.data[i] < '0' || said.data[i] > '9') {
			range |= said.data[i] == '-' || said.data[i] < 0;
			range &= said.data[i] != ',';
			i++;
			continue;
		}
		for (n = 0;
		     i < said.len && said.data[i] >= '0' && said.data[i] <= '9';
		     i++)
			if (n < UINT32_MAX)
				n = n * 10 + (unsigned)(said.data[i] - '0');
		if (n == number || (range && last <= number && number <= n))
			return true;
		last = n;
		range = false;
	}
	return false;
}

/* Before a reason nothing stands but numbers, marks, "all", the verb, a code.
 */
static void check_approval(const struct order *order)
{
	const struct grammar_command *command = &order->command;
	struct span said = order->said;
	size_t i, words = 0;
	bool inside = false, letter;

	if (command->because.len > 0)
		said.len = (size_t)(command->because.data - said.data);
	for (i = 0; i < said.len; i++) {
		letter =
		    (said.data[i] | 32) >= 'a' && (said.data[i] | 32) <= 'z';
		words += letter && !inside;
		inside = letter ||
			 (inside && said.data[i] >= '2' && said.data[i] <= '7');
	}
	expect(words <= 2 + (size_t)order->all +
			    (size_t)(command->because.len > 0) +
			    (size_t)(command->rest.len > 0) * 5);
}

static void check_order(
    const struct orders_request *request, const struct orders *orders, size_t i)
{
	const struct order *order = &orders->list[i];
	const struct orders_item *item = &request->items[order->item];

	expect(order->item < request->n_items);
	expect(i == 0 || orders->list[i - 1].item < order->item);
	expect(order->line > 0 && order->said.len > 0);
	expect(lies_in(order->said, request->text));
	expect(lies_in(order->command.rest, order->said));
	expect(lies_in(order->command.because, order->said));
	expect(order->command.verb > GRAMMAR_NONE &&
	       order->command.verb < GRAMMAR_HELP);
	expect(order->all ? item->low : names(order->said, item->number));
	if (order->command.verb == GRAMMAR_APPROVE)
		check_approval(order);
	if (order->command.verb == GRAMMAR_EDIT)
		expect(!order->all);
}

static void check(
    const struct orders_request *request, const struct orders *orders)
{
	if (orders->fault != NULL) {
		expect(orders->n == 0);
		expect(lies_in(orders->said, request->text) ||
		       lies_in(orders->said, request->below));
	}
	expect(lies_in(orders->text, request->text));
	for (size_t i = 0; i < orders->n; i++)
		check_order(request, orders, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct config_word word = {.word = "los", .means = "approve"};
	const struct grammar_words words = {1, &word};
	struct orders_item items[ITEMS_MOST];
	struct orders_request request = {.items = items, .words = &words};
	struct arena *arena = arena_new();
	const uint8_t *mark;
	struct orders orders;
	size_t i;

	if (size > 0) {
		request.n_items = data[0] % (ITEMS_MOST + 1);
		for (i = 0; i < request.n_items; i++)
			items[i] =
			    (struct orders_item){(unsigned)(i + 1 + i / 4),
				(data[0] >> (i % 8)) & 1};
		request.text = (struct span){(const char *)data + 1, size - 1};
		mark = memchr(data + 1, 0xff, size - 1);
		if (mark != NULL) {
			request.text.len = (size_t)(mark - data - 1);
			request.below = (struct span){(const char *)mark + 1,
			    (size_t)(data + size - mark - 1)};
		}
	}
	orders_read(&request, arena, &orders);
	check(&request, &orders);
	arena_free(arena);
	return 0;
}
