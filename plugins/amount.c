/*
 * amount: finds sums of money in what a mail says, in the ways of several
 * languages.  The smaller fault is to see too much: what can be read in two
 * ways is read as the larger sum.  What sums mean is left to the rules.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <imprimatur/plugin.h>

#include "amount_sum.h"

#define FOUND_MOST	20 /* findings, unless there are more currencies */
#define CURRENCIES_MOST 80
#define NUMBER_SIZE	44 /* of two whole numbers and a point */
#define WORDS_SIZE	84
#define ONE		INT64_C(10000)

struct amount {
	const struct imprimatur_host *host;
	struct amount_text text;
	struct amount_ways ways;
	int64_t ignore_below;
};

struct sum {
	int64_t value, lower;
	const char *currency;
	char words[WORDS_SIZE];
};

/* One mail under way. */
struct look {
	const struct amount *amount;
	struct imprimatur_report *report;
	struct amount_text text;
	const char *bytes;
	struct sum first[FOUND_MOST], largest[CURRENCIES_MOST];
	size_t n_first, n_largest;
};

/* ---- what was found ---- */

/* The first glyph at this byte or behind. */
static const struct amount_glyph *glyph_at(
    const struct amount_text *text, size_t byte)
{
	size_t from = 0, to = text->n_glyphs;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (text->glyphs[middle].at < byte)
			from = middle + 1;
		else
			to = middle;
	}
	return &text->glyphs[from];
}

/* The mail's own words on one line, without what has no width. */
static void copy_words(const struct look *look,
    const struct amount_token *token, char words[WORDS_SIZE])
{
	const struct amount_token *tokens = look->text.tokens;
	size_t end = tokens[token->last].to, n = 0;
	const struct amount_glyph *glyph =
	    glyph_at(&look->text, tokens[token->first].from);

	for (; glyph->at < end && n < WORDS_SIZE - 5; glyph++) {
		const char *from = look->bytes + glyph->at;
		size_t size = 1;

		while (size < 4 && ((unsigned char)from[size] & 0xc0) == 0x80)
			size++;
		if (glyph->c <= ' ' || glyph->c == 0x7f)
			words[n++] = ' ';
		else
			for (size_t i = 0; i < size; i++)
				words[n++] = from[i];
	}
	words[n] = '\0';
}

static struct sum *largest_of(struct look *look, const char *currency)
{
	for (size_t i = 0; i < look->n_largest; i++)
		if (strcmp(look->largest[i].currency, currency) == 0)
			return &look->largest[i];
	if (look->n_largest == CURRENCIES_MOST)
		return NULL;
	look->largest[look->n_largest].currency = currency;
	return &look->largest[look->n_largest++];
}

static bool is_same(const struct sum *a, const struct sum *b)
{
	return a->value == b->value && strcmp(a->currency, b->currency) == 0;
}

/* Among the first ones, the largest ones, both or neither. */
static void keep(struct look *look, const struct amount_token *token)
{
	struct sum sum = {amount_sum_times(token->value, token->factor),
	    token->lower < 0 ? -1
			     : amount_sum_times(token->lower, token->factor),
	    token->currency, ""};
	struct sum *largest;
	bool known = false;

	if (sum.value < look->amount->ignore_below)
		return;
	largest = largest_of(look, sum.currency);
	for (size_t i = 0; i < look->n_first; i++)
		known = known || is_same(&look->first[i], &sum);
	if (known || largest == NULL ||
	    (look->n_first == FOUND_MOST && largest->words[0] != '\0' &&
		largest->value >= sum.value))
		return;
	copy_words(look, token, sum.words);
	if (largest->words[0] == '\0' || sum.value > largest->value)
		*largest = sum;
	if (look->n_first < FOUND_MOST)
		look->first[look->n_first++] = sum;
}

static void print(int64_t value, char out[NUMBER_SIZE])
{
	int drop = value % 100 == 0 ? 2 : value % 10 == 0 ? 1 : 0;
	int n = snprintf(out, NUMBER_SIZE, "%lld.%04lld",
	    (long long)(value / ONE), (long long)(value % ONE));

	out[n - drop] = '\0'; /* two places at least */
}

static void tell(const struct look *look, const struct sum *sum)
{
	char value[NUMBER_SIZE + 8], number[NUMBER_SIZE], lower[NUMBER_SIZE];

	print(sum->value, number);
	snprintf(value, sizeof(value), "%s %s", number, sum->currency);
	if (sum->lower < 0) {
		look->amount->host->find(look->report, IMPRIMATUR_NOTE,
		    "amount", value, "%s", sum->words);
		return;
	}
	print(sum->lower, lower);
	look->amount->host->find(look->report, IMPRIMATUR_NOTE, "amount", value,
	    "%s (read as %s, may be %s)", sum->words, number, lower);
}

static void tell_all(const struct look *look)
{
	size_t told = look->n_largest;

	for (size_t i = 0; i < look->n_largest; i++)
		tell(look, &look->largest[i]);
	for (size_t i = 0; i < look->n_first && told < FOUND_MOST; i++) {
		const struct sum *sum = &look->first[i];
		bool largest = false;

		for (size_t k = 0; k < look->n_largest; k++)
			largest =
			    largest || (sum->value == look->largest[k].value &&
					   strcmp(sum->currency,
					       look->largest[k].currency) == 0);
		if (!largest) {
			tell(look, sum);
			told++;
		}
	}
}

static void scan_piece(struct look *look)
{
	const struct amount_token *tokens = look->text.tokens;

	amount_sum_mark(&look->text, &look->amount->ways);
	for (size_t i = 0; i < look->text.n_tokens; i++)
		if (tokens[i].kind == AMOUNT_NUMBER &&
		    tokens[i].currency != NULL)
			keep(look, &tokens[i]);
}

static void scan(struct look *look, const char *bytes, size_t size)
{
	look->bytes = bytes;
	for (size_t at = 0; at < size;) {
		at = amount_text_read(&look->text, bytes, size, at);
		scan_piece(look);
	}
}

static void check(void *state, const struct imprimatur_mail *mail,
    struct imprimatur_report *report)
{
	const struct amount *amount = state;
	struct look *look = amount->host->memory(report, sizeof(*look));

	look->amount = amount;
	look->report = report;
	look->text = amount->text;
	look->text.glyphs = amount->host->memory(
	    report, AMOUNT_ROOM * sizeof(*look->text.glyphs));
	look->text.tokens = amount->host->memory(
	    report, AMOUNT_ROOM * sizeof(*look->text.tokens));
	scan(look, mail->subject, strlen(mail->subject));
	scan(look, mail->own_text, mail->own_text_size);
	tell_all(look);
}

/* ---- options ---- */

/* A currency option into code; -1 after a complaint. */
static int take_code(struct amount *amount,
    const struct imprimatur_options *options, const char *name, char code[4])
{
	const char *value = amount->host->option(options, name);

	if (value == NULL)
		return 0;
	if (strlen(value) != 3 ||
	    strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3) {
		amount->host->complain(options,
		    "%s is '%s'; it must be three capitals, such as \"EUR\"",
		    name, value);
		return -1;
	}
	snprintf(code, 4, "%s", value);
	return 0;
}

static int take_decimal(
    struct amount *amount, const struct imprimatur_options *options)
{
	const char *value = amount->host->option(options, "decimal");

	if (value == NULL || strcmp(value, "auto") == 0)
		return 0;
	if (strcmp(value, ".") == 0 || strcmp(value, ",") == 0) {
		amount->text.decimal = value[0];
		return 0;
	}
	amount->host->complain(options,
	    "decimal is '%s'; it must be \"auto\", \".\" or \",\"", value);
	return -1;
}

static int take_below(
    struct amount *amount, const struct imprimatur_options *options)
{
	const char *value = amount->host->option(options, "ignore_below");
	double below;
	char *end;

	if (value == NULL)
		return 0;
	below = strtod(value, &end);
	if (end == value || *end != '\0' || !(below >= 0 && below <= 1e12)) {
		amount->host->complain(options,
		    "ignore_below is '%s'; it must be a number from 0 to "
		    "1000000000000",
		    value);
		return -1;
	}
	amount->ignore_below = (int64_t)(below * (double)ONE + 0.5);
	return 0;
}

static void release(void *state)
{
	struct amount *amount = state;

	amount_text_close(&amount->text);
	free(amount);
}

static int configure(const struct imprimatur_host *host,
    const struct imprimatur_options *options, void **state)
{
	struct amount *amount = calloc(1, sizeof(*amount));

	if (amount == NULL)
		return -1;
	amount->host = host;
	snprintf(amount->ways.dollar, sizeof(amount->ways.dollar), "USD");
	snprintf(amount->ways.krone, sizeof(amount->ways.krone), "SEK");
	snprintf(amount->ways.yen, sizeof(amount->ways.yen), "JPY");
	if (amount_text_open(&amount->text) != 0) {
		host->complain(options, "no memory for the list of words");
	} else if (take_code(amount, options, "dollar", amount->ways.dollar) ==
		       0 &&
		   take_code(amount, options, "krone", amount->ways.krone) ==
		       0 &&
		   take_code(amount, options, "yen", amount->ways.yen) == 0 &&
		   take_code(amount, options, "currency", amount->ways.bare) ==
		       0 &&
		   take_decimal(amount, options) == 0 &&
		   take_below(amount, options) == 0) {
		*state = amount;
		return 0;
	}
	release(amount);
	return -1;
}

static const struct imprimatur_option options[] = {
    {"decimal", "text",
	"what \"1.000\" or \"1,000\" means: \".\" or \",\" is the decimal "
	"point; \"auto\": the larger sum"},
    {"currency", "text",
	"of numbers without one next to words such as total; none: they do "
	"not count"},
    {"dollar", "text", "what $ and dollars are; \"USD\""},
    {"krone", "text", "what kr and kroner are; \"SEK\""},
    {"yen", "text", "what the yen sign is; \"JPY\""},
    {"ignore_below", "number", "smaller sums are not reported; 0"},
    {NULL, NULL, NULL},
};

static const struct imprimatur_finding findings[] = {
    {"amount", "a sum of money; the value is the sum: \"12000.00 EUR\""},
    {NULL, NULL},
};

const struct imprimatur_plugin imprimatur_plugin = {
    .abi = IMPRIMATUR_PLUGIN_ABI,
    .size = sizeof(imprimatur_plugin),
    .name = "amount",
    .version = "1",
    .about = "finds sums of money",
    .options = options,
    .findings = findings,
    .configure = configure,
    .check = check,
    .release = release,
};
