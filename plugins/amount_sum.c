/*
 * amount_sum: which numbers are sums of money: those near a currency, ranges of
 * them, and bare numbers near words of money.  What they add up to, and who is
 * told, is amount.c's.
 */
#include "amount_sum.h"

#include <string.h>

#define ONE INT64_C(10000)

struct look {
	const struct amount_ways *ways;
	struct amount_text *text;
};

int64_t amount_sum_times(int64_t value, int64_t factor)
{
	if (factor > 0 && value > AMOUNT_MOST / factor)
		return AMOUNT_MOST;
	return factor > 0 ? value * factor : value;
}

/* A number near a currency. */
struct near {
	size_t number, edge; /* tokens; edge: its outermost */
	int64_t factor;
	bool found, joined;
	unsigned lines;
};

/* ---- numbers that are no sums ---- */

static bool is_mark(const struct amount_token *token, const char *marks)
{
	return token->kind == AMOUNT_MARK && token->mark > 0 &&
	       token->mark < 0x80 && strchr(marks, (char)token->mark) != NULL;
}

/* 12:30, 2024-05-12, 1/2/2024, 555-0199-12: returns the token behind. */
static size_t settle_chain(struct amount_token *tokens, size_t at)
{
	size_t end = at, links = 0;
	bool time = false;

	while (is_mark(&tokens[end + 1], "-/:") && tokens[end + 1].joined &&
	       tokens[end + 2].kind == AMOUNT_NUMBER &&
	       tokens[end + 2].joined) {
		time = time || tokens[end + 1].mark == ':';
		links++;
		end += 2;
	}
	if (time || links > 1)
		for (size_t i = at; i <= end; i += 2)
			tokens[i].junk = true;
	return end + 1;
}

static bool is_label(const struct amount_token *tokens, size_t at)
{
	if (at > 0 && is_mark(&tokens[at - 1], ".:#"))
		at--;
	return at > 0 && tokens[at - 1].kind == AMOUNT_LABEL;
}

static bool is_item(const struct amount_token *token)
{
	return token->word != NULL && (token->word->flags & AMOUNT_ITEM) != 0;
}

/* Digits and nothing else, such as 4711. */
static bool is_plain(const struct amount_token *token)
{
	int64_t rest = token->value / ONE;
	uint32_t digits = 1;

	while ((rest /= 10) > 0)
		digits++;
	return token->whole && token->to - token->from == digits;
}

/* "order 4711", but not "total order 4711", which may be either. */
static bool is_numbered(const struct amount_token *tokens, size_t at)
{
	return at > 0 && tokens[at].lines == 0 && is_item(&tokens[at - 1]) &&
	       is_plain(&tokens[at]) &&
	       (at < 2 || tokens[at - 2].kind != AMOUNT_MONEY);
}

static void settle(struct amount_token *tokens, size_t n)
{
	for (size_t i = 0; i < n;) {
		if (tokens[i].kind == AMOUNT_NUMBER)
			i = settle_chain(tokens, i);
		else
			i++;
	}
	for (size_t i = 0; i < n; i++) {
		struct amount_token *token = &tokens[i];

		if (token->kind != AMOUNT_NUMBER)
			continue;
		if (tokens[i + 1].kind == AMOUNT_PERCENT)
			token->junk = true;
		token->weak =
		    token->weak || token->year ||
		    (token->joined && tokens[i - 1].kind == AMOUNT_WORD) ||
		    (tokens[i + 1].joined &&
			tokens[i + 1].kind == AMOUNT_WORD) ||
		    is_label(tokens, i) || is_numbered(tokens, i);
	}
}

/* ---- numbers near a currency ---- */

/* Whether the factor at token counts for the number before it. */
static bool multiplies(const struct amount_token *token)
{
	if (token->kind != AMOUNT_FACTOR || token->lines > 0)
		return false;
	if (!token->letter || token->word->factor >= 10 * AMOUNT_B)
		return true;
	if (token->mark == 't')
		return token[1].kind == AMOUNT_CURRENCY && token[1].joined;
	return token->joined || token[1].kind == AMOUNT_CURRENCY ||
	       token->mark >= 0x80 || token->mark == 'k' || token->capital;
}

/* Factors behind the number at token; returns the last token of all. */
static size_t take_factors(
    const struct amount_token *tokens, size_t at, int64_t *factor)
{
	*factor = 0;
	for (int i = 0; i < 2 && multiplies(&tokens[at + 1]); i++) {
		*factor = *factor == 0 ? tokens[at + 1].word->factor
				       : amount_sum_times(*factor,
					     tokens[at + 1].word->factor);
		at++;
		if (is_mark(&tokens[at + 1], ".") && tokens[at + 1].joined &&
		    !tokens[at].letter)
			at++;
	}
	return at;
}

static struct near look_left(const struct amount_token *tokens, size_t at)
{
	struct near near = {.joined = tokens[at].joined};
	size_t j = at, number;

	near.lines = tokens[at].lines;
	for (int i = 0; i < 3 && j > 0 && is_mark(&tokens[j - 1], "*_~)|\"");
	     i++)
		near.lines += tokens[--j].lines;
	near.edge = j;
	/* "millions d'euros", "Mio. EUR" */
	for (int i = 0; i < 2 && j > 1 &&
			(is_mark(&tokens[j - 1], ".'") ||
			    tokens[j - 1].to - tokens[j - 1].from <= 2) &&
			tokens[j - 1].kind != AMOUNT_NUMBER &&
			tokens[j - 1].kind != AMOUNT_FACTOR;
	     i++)
		near.lines += tokens[--j].lines;
	number = j;
	for (int i = 0; i < 3 && number > 0 &&
			(tokens[number - 1].kind == AMOUNT_FACTOR ||
			    (i > 0 && is_mark(&tokens[number - 1], ".")));
	     i++)
		number--;
	if (number == j) /* without a factor nothing stands between */
		number = near.edge;
	if (number > 0 && tokens[number - 1].kind == AMOUNT_NUMBER) {
		near.number = number - 1;
		near.found = !tokens[number - 1].junk;
		near.edge = take_factors(tokens, number - 1, &near.factor);
	} else if (number < j && tokens[number].to - tokens[number].from > 2) {
		near.number = number; /* "a million dollars" */
		near.found = true;
	}
	near.found = near.found && near.lines < 2;
	return near;
}

static struct near look_right(
    const struct amount_token *tokens, size_t at, bool alone)
{
	struct near near = {.joined = tokens[at + 1].joined};

	at++;
	if (alone && is_mark(&tokens[at], ".") && tokens[at].joined)
		at++; /* "Rs. 500" */
	for (int i = 0; i < 4 && is_mark(&tokens[at], "*_~(|\"=:-+<>"); i++)
		near.lines += tokens[at++].lines;
	near.lines += tokens[at].lines;
	near.number = at;
	near.found = tokens[at].kind == AMOUNT_NUMBER && !tokens[at].junk &&
		     near.lines < 3;
	if (near.found)
		near.edge = take_factors(tokens, at, &near.factor);
	return near;
}

struct currency {
	const char *code;
	bool vague;
	size_t from, to; /* tokens */
};

static const char *whose(const struct amount_ways *ways, const char *code)
{
	return code[1] != '\0'	? code
	       : code[0] == '$' ? ways->dollar
	       : code[0] == 'K' ? ways->krone
				: ways->yen;
}

/* "USD $", "US$", "Canadian dollars": all that stands at token at. */
static struct currency take_currency(const struct look *look, size_t at)
{
	const struct amount_token *tokens = look->text->tokens;
	struct currency currency = {.vague = true, .from = at, .to = at};
	const struct amount_word *before =
	    at > 0 && tokens[at - 1].kind == AMOUNT_PREFIX ? tokens[at - 1].word
							   : NULL;

	for (;; currency.to++) {
		const char *code = tokens[currency.to].word->code;

		if (currency.code == NULL || currency.vague) {
			currency.code = whose(look->ways, code);
			currency.vague = code[1] == '\0';
		}
		if (tokens[currency.to + 1].kind != AMOUNT_CURRENCY ||
		    tokens[currency.to + 1].lines > 0)
			break;
	}
	if (before == NULL || tokens[at].lines > 0 ||
	    ((before->flags & AMOUNT_JOINED) && strcmp(before->text, "us") &&
		!(tokens[at].joined && tokens[at].letter)))
		return currency;
	currency.from = at - 1;
	if (currency.vague)
		currency.code = before->code;
	currency.vague = false;
	return currency;
}

static void extend(struct amount_token *token, size_t from, size_t to)
{
	if (from < token->first)
		token->first = (uint32_t)from;
	if (to > token->last)
		token->last = (uint32_t)to;
}

/* The number is a sum of this currency. */
static void assign(
    struct look *look, const struct near *near, const struct currency *currency)
{
	struct amount_token *token = &look->text->tokens[near->number];
	bool fresh = token->currency == NULL;

	if (!fresh && (!token->vague || currency->vague))
		return;
	if (token->kind == AMOUNT_FACTOR) {
		token->value = amount_sum_times(ONE, token->word->factor);
		token->kind = AMOUNT_NUMBER;
	}
	token->currency = currency->code;
	token->vague = currency->vague;
	if (fresh) {
		token->factor = near->factor;
		token->first = token->last = (uint32_t)near->number;
	}
	extend(token, currency->from, currency->to);
	if (near->number > currency->to)
		extend(token, near->number, near->edge);
}

/* ---- ranges ---- */

static bool is_link(const struct amount_token *token)
{
	return token->lines == 0 &&
	       (token->kind == AMOUNT_LINK || is_mark(token, "-/"));
}

/* "10-12k EUR": the number before the one at has its currency and factor. */
static void spread_back(struct look *look, size_t at)
{
	struct amount_token *tokens = look->text->tokens;

	for (int i = 0; i < 8 && at > 1; i++) {
		struct amount_token *to = &tokens[at];
		size_t edge = at - 1, from;
		int64_t factor;

		if (!is_link(&tokens[edge]) || to->lines > 0)
			return;
		for (from = edge; from > 0 && edge - from < 3 &&
				  (tokens[from - 1].kind == AMOUNT_FACTOR ||
				      is_mark(&tokens[from - 1], "."));)
			from--;
		if (from == 0 || tokens[--from].kind != AMOUNT_NUMBER ||
		    tokens[from].junk || tokens[from].weak ||
		    tokens[from].currency != NULL ||
		    take_factors(tokens, from, &factor) + 1 != edge)
			return;
		tokens[from].currency = to->currency;
		tokens[from].factor = factor > 0 ? factor : to->factor;
		tokens[from].first = (uint32_t)from;
		tokens[from].last = to->last;
		at = from;
	}
}

/* "EUR 10-12k": the number behind too. */
static void spread_on(struct look *look, size_t at)
{
	struct amount_token *tokens = look->text->tokens;
	struct amount_token *from = &tokens[at], *to;
	size_t next = from->last + 1, edge;
	int64_t factor;

	if (!is_link(&tokens[next]) || tokens[next + 1].kind != AMOUNT_NUMBER ||
	    tokens[next + 1].lines)
		return;
	to = &tokens[next + 1];
	edge = take_factors(tokens, next + 1, &factor);
	if (to->junk || to->weak || to->currency != NULL ||
	    tokens[edge + 1].kind == AMOUNT_CURRENCY ||
	    (factor == 0 && to->value < from->value))
		return;
	to->currency = from->currency;
	to->factor = factor > 0 ? factor : from->factor;
	to->first = from->first;
	to->last = (uint32_t)edge;
	if (from->factor == 0 && from->value < to->value)
		from->factor = factor;
}

/* ---- which number a currency belongs to ---- */

enum side { LEFT = 1, RIGHT = 2, BOTH = 3 };

/* Between two numbers: whose is it? */
static enum side choose(const struct amount_token *tokens,
    const struct near *left, const struct near *right)
{
	const struct amount_token *l = &tokens[left->number];
	const struct amount_token *r = &tokens[right->number];

	if (l->weak != r->weak)
		return l->weak ? RIGHT : LEFT;
	if (left->joined != right->joined)
		return left->joined ? LEFT : RIGHT;
	if ((left->lines > 0) != (right->lines > 0))
		return left->lines > 0 ? RIGHT : LEFT;
	if (l->currency != NULL)
		return RIGHT;
	return tokens[right->edge + 1].kind == AMOUNT_CURRENCY ? LEFT : BOTH;
}

static void settle_currency(struct look *look, const struct currency *currency)
{
	struct amount_token *tokens = look->text->tokens;
	struct near left = look_left(tokens, currency->from);
	struct near right = look_right(tokens, currency->to, !left.found);
	enum side side = BOTH;

	if (left.found && right.found)
		side = choose(tokens, &left, &right);
	if (left.found && (side & LEFT)) {
		assign(look, &left, currency);
		spread_back(look, left.number);
		spread_on(look, left.number);
	}
	if (right.found && (side & RIGHT)) {
		assign(look, &right, currency);
		spread_on(look, right.number);
	}
}

/* A number without currency, which stands next to a word of money. */
static void settle_bare(struct look *look, size_t at)
{
	struct amount_token *tokens = look->text->tokens;
	struct amount_token *found = NULL;
	size_t number = at + 1;
	unsigned lines = 0;

	for (size_t i = at + 1; i < at + 7 && i < look->text->n_tokens; i++) {
		lines += tokens[i].lines;
		if (lines > 1 || tokens[i].kind == AMOUNT_LABEL ||
		    (is_mark(&tokens[i], ".;!?") && !tokens[i + 1].joined))
			break;
		if (tokens[i].kind == AMOUNT_NUMBER && !tokens[i].junk &&
		    (!tokens[i].weak || tokens[i].year)) {
			number = i;
			found = &tokens[i];
			if (!found->year)
				break;
		}
	}
	if (found == NULL && at > 0 && tokens[at].lines == 0 &&
	    tokens[at - 1].kind == AMOUNT_NUMBER && !tokens[at - 1].junk &&
	    !tokens[at - 1].weak)
		found = &tokens[number = at - 1];
	if (found == NULL || found->currency != NULL ||
	    (found->whole && found->value < 100 * ONE &&
		tokens[number + 1].kind == AMOUNT_WORD &&
		tokens[number + 1].lines == 0))
		return;
	found->currency = look->ways->bare;
	found->first = (uint32_t)number;
	found->last = (uint32_t)take_factors(tokens, number, &found->factor);
}

void amount_sum_mark(struct amount_text *text, const struct amount_ways *ways)
{
	struct look look = {ways, text};
	struct amount_token *tokens = text->tokens;

	settle(tokens, text->n_tokens);
	for (size_t i = 0; i < text->n_tokens; i++)
		if (tokens[i].kind == AMOUNT_CURRENCY) {
			struct currency currency = take_currency(&look, i);

			settle_currency(&look, &currency);
			i = currency.to;
		}
	for (size_t i = 0; i < text->n_tokens && ways->bare[0] != '\0'; i++)
		if (tokens[i].kind == AMOUNT_MONEY)
			settle_bare(&look, i);
}
