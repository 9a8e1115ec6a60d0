/*
 * twins: two sets of tokens, and what is in one alone.
 */
#include "twins.h"

#include "tokens.h"

#include <stdlib.h>
#include <string.h>

#define STUB_WORDS 30 /* of a plain text that only points to the HTML */
#define SHOWN_MOST 6  /* words that are shown of each */
#define FOOT_MOST  80 /* words of a footer */

struct side {
	struct tokens tokens;  /* in the order of the text */
	struct token **sorted; /* by text */
	size_t n;
	bool *lone;    /* by place in tokens: the first that stands here only */
	size_t n_text; /* tokens of the text; behind them those of links */
	size_t n_lone;
};

/* Words with which every page says that it is one, and may be left. */
static const char *const usual[] = {"abmelden", "ansehen", "anzeigen",
    "browser", "click", "desinscrire", "display", "email", "here", "image",
    "images", "logo", "mail", "navigateur", "newsletter", "online",
    "unsubscribe", "version", "view", "viewing", "webversion"};

/* The host names of those who count clicks begin so. */
static const char *const counters[] = {"click", "clicks", "link", "links",
    "track", "tracking", "trk", "email", "mail", "mailing", "news", "go", "ct",
    "em", "e", "t", "r", "lnk", "url", "mandrillapp", "sendgrid",
    "list-manage"};

/* Footers of pages have one of these. */
static const char *const foots[] = {"abbestellen", "abmelden", "confidential",
    "copyright", "datenschutz", "facebook", "impressum", "imprint", "instagram",
    "legales", "linkedin", "preferences", "privacidad", "privacy", "rechte",
    "reserved", "reservados", "rights", "riservati", "terms", "unsubscribe",
    "vertraulich"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static int by_text(const void *a, const void *b)
{
	const struct token *x = *(struct token *const *)a;
	const struct token *y = *(struct token *const *)b;

	int order = strcmp(x->text, y->text);

	/* what is read stands before what is not, then by place */
	if (order == 0)
		order = x->aside - y->aside;
	return order != 0 ? order : (x > y) - (x < y);
}

static bool in(const char *const *list, size_t n, const char *word, size_t size)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == size && memcmp(list[i], word, size) == 0)
			return true;
	return false;
}

/* The first whose text is not smaller, or, with above, larger. */
static size_t bound(const struct side *side, const char *text, bool above)
{
	size_t low = 0, high = side->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(side->sorted[mid]->text, text);

		if (order < 0 || (above && order == 0))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool has(const struct side *side, const char *text)
{
	size_t at = bound(side, text, false);

	return at < side->n && strcmp(side->sorted[at]->text, text) == 0;
}

/* How often the word is there. */
static size_t times(const struct side *side, const char *text)
{
	return bound(side, text, true) - bound(side, text, false);
}

/* Does an address there begin with these bytes? */
static bool has_start(const struct side *side, const char *text, size_t size)
{
	char start[300];
	size_t at;

	if (size >= sizeof(start))
		return false;
	memcpy(start, text, size);
	start[size] = '\0';
	at = bound(side, start, false);
	return at < side->n &&
	       strncmp(side->sorted[at]->text, start, size) == 0;
}

/* The same place: word for word, or cut by a line's end, or at a host that
 * gives each copy of a link a number of its own. */
static bool has_url(const struct side *side, const char *text)
{
	size_t host = strcspn(text, "/"), label = strcspn(text, ".");
	const char *second = text + label + (text[label] == '.');

	if (has(side, text) ||
	    (strlen(text) > host + 8 && has_start(side, text, strlen(text))))
		return true;
	if (!in(counters, COUNT(counters), text, label) &&
	    !in(counters, COUNT(counters), second, strcspn(second, ".")) &&
	    strncmp(text, "url", 3) != 0)
		return false;
	return has_start(side, text, host);
}

static void sort(const struct imprimatur_host *host,
    struct imprimatur_report *report, struct side *side)
{
	side->sorted =
	    host->memory(report, (side->tokens.n + 1) * sizeof(*side->sorted));
	side->lone = host->memory(report, side->tokens.n + 1);
	for (size_t i = 0; i < side->tokens.n; i++)
		side->sorted[i] = &side->tokens.list[i];
	side->n = side->tokens.n;
	qsort(side->sorted, side->n, sizeof(struct token *), by_text);
}

static bool is_lone(const struct side *here, const struct side *there,
    const struct token *token)
{
	switch (token->kind) {
	case TOKENS_SMALL:
		return false;
	case TOKENS_NOT:
		return times(here, token->text) > times(there, token->text);
	case TOKENS_URL:
		return !token->aside && !has_url(there, token->text);
	case TOKENS_WORD:
		return !has(there, token->text) &&
		       !in(usual, COUNT(usual), token->text,
			   strlen(token->text));
	case TOKENS_FIGURE:
		break;
	}
	return !token->aside && !has(there, token->text);
}

/* Mark what stands here only; each word counts once.  What is of more weight
 * than least is strong. */
static void compare(struct side *here, const struct side *there,
    enum tokens_kind least, struct twins *twins)
{
	for (size_t i = 0; i < here->n; i++) {
		const struct token *token = here->sorted[i];

		if (i > 0 &&
		    strcmp(here->sorted[i - 1]->text, token->text) == 0)
			continue;
		if (!is_lone(here, there, token))
			continue;
		here->lone[token - here->tokens.list] = true;
		here->n_lone++;
		twins->differences++;
		twins->strong = twins->strong || token->kind > least;
	}
}

/* The first of what stands here only, figures and such before words. */
static void show(const struct side *side, char out[TWINS_SHOWN])
{
	size_t n = 0, shown = 0;

	out[0] = '\0';
	for (unsigned round = 0; round < 2; round++)
		for (size_t i = 0; i < side->tokens.n; i++) {
			const struct token *token = &side->tokens.list[i];
			size_t size = strlen(token->text);

			if (!side->lone[i] || shown == SHOWN_MOST ||
			    (token->kind == TOKENS_WORD) != (round == 1) ||
			    n + size + 2 > TWINS_SHOWN)
				continue;
			if (n > 0)
				out[n++] = ' ';
			memcpy(out + n, token->text, size + 1);
			n += size;
			shown++;
		}
}

/* A currency, or a figure beside one. */
static bool is_sum(const struct side *side, size_t i)
{
	const struct token *list = side->tokens.list;
	bool before = i > 0 && list[i - 1].kind == TOKENS_FIGURE &&
		      tokens_is_money(list[i - 1].text);
	bool behind = i + 1 < side->n_text &&
		      list[i + 1].kind == TOKENS_FIGURE &&
		      tokens_is_money(list[i + 1].text);

	return list[i].kind == TOKENS_FIGURE &&
	       (before || behind || tokens_is_money(list[i].text));
}

/*
 * Does the page only go on where the text ends, with what pages end with: who
 * sent it, rights, how to leave?
 */
static bool is_footer(const struct side *plain, const struct side *page)
{
	size_t first = 0;
	bool usual_end = false;

	for (size_t i = 0; i < plain->n; i++)
		if (plain->lone[i])
			return false;
	while (first < page->n_text && !page->lone[first])
		first++;
	if (page->n_text - first > FOOT_MOST || first * 5 < plain->n * 4)
		return false;
	for (size_t i = first; i < page->n_text; i++) {
		const char *text = page->tokens.list[i].text;

		if (page->lone[i] && is_sum(page, i))
			return false;
		usual_end =
		    usual_end || in(foots, COUNT(foots), text, strlen(text));
	}
	return usual_end;
}

/* "Your mail program shows no HTML; see it in a browser." */
static bool is_stub(const struct side *plain)
{
	return plain->tokens.n <= STUB_WORDS &&
	       (has(plain, "html") || has(plain, "browser") ||
		   has(plain, "navigateur") || has(plain, "navegador"));
}

/* Does a token say something where it stands? */
static bool tells(const struct token *token, bool words)
{
	if (token->aside || token->kind == TOKENS_URL)
		return false;
	return token->kind == TOKENS_FIGURE ||
	       (words && token->kind != TOKENS_SMALL);
}

/* The next figure from i on, or word, or NULL. */
static const struct token *next(const struct side *side, size_t *i, bool words)
{
	while (*i < side->n_text) {
		const struct token *token = &side->tokens.list[(*i)++];

		if (tells(token, words))
			return token;
	}
	return NULL;
}

/* The same as often, but in another order? */
static bool is_turned(const struct side *a, const struct side *b, bool words)
{
	size_t i = 0, k = 0;
	bool turned = false;

	for (;;) {
		const struct token *x = next(a, &i, words);
		const struct token *y = next(b, &k, words);

		if (x == NULL || y == NULL)
			return turned && x == y;
		if (times(a, x->text) != times(b, x->text))
			return false;
		turned = turned || strcmp(x->text, y->text) != 0;
	}
}

/* Words for others, or many for what there is? */
static bool is_much(
    const struct side *plain, const struct side *page, size_t differences)
{
	size_t few = plain->n_text, many = page->n_text;

	if (few > many) {
		few = page->n_text;
		many = plain->n_text;
	}
	return differences >= TWINS_WORDS ||
	       (plain->n_lone > 0 && page->n_lone > 0) ||
	       (many - few) * 2 > few;
}

/* The page, and where its links lead. */
static void cut_html(const struct imprimatur_host *host,
    struct imprimatur_report *report, const struct imprimatur_mail *mail,
    size_t html, struct side *side)
{
	const struct imprimatur_part *part = &mail->parts[html];
	struct tokens text =
	    tokens_cut(host, report, part->text, part->text_size, false);
	size_t room = text.n, links = 0;

	for (size_t i = 0; i < mail->n_links; i++)
		links += mail->links[i].part == html;
	side->tokens.list = host->memory(
	    report, (room + links + 1) * sizeof(*side->tokens.list));
	memcpy(
	    side->tokens.list, text.list, text.n * sizeof(*side->tokens.list));
	side->tokens.n = side->n_text = text.n;
	for (size_t i = 0; i < mail->n_links; i++) {
		const char *target = mail->links[i].target;
		struct tokens url;

		if (mail->links[i].part != html)
			continue;
		url = tokens_cut(host, report, target, strlen(target), false);
		if (url.n == 0 || url.list[0].kind != TOKENS_URL)
			continue;
		url.list[0].aside = true;
		side->tokens.list[side->tokens.n++] = url.list[0];
	}
}

bool twins_differ(const struct imprimatur_host *host,
    struct imprimatur_report *report, const struct imprimatur_mail *mail,
    size_t html, struct twins *twins)
{
	const struct imprimatur_part *other =
	    &mail->parts[mail->parts[html].alternative];
	struct side plain = {.n = 0}, page = {.n = 0};

	memset(twins, 0, sizeof(*twins));
	plain.tokens =
	    tokens_cut(host, report, other->text, other->text_size, true);
	plain.n_text = plain.tokens.n;
	cut_html(host, report, mail, html, &page);
	if (plain.tokens.n == 0)
		return false;
	sort(host, report, &plain);
	sort(host, report, &page);
	if (is_stub(&plain)) {
		compare(&plain, &page, TOKENS_NOT, twins);
		if (!twins->strong)
			return false;
	} else {
		compare(&plain, &page, TOKENS_WORD, twins);
		compare(&page, &plain, TOKENS_WORD, twins);
	}
	show(&plain, twins->plain);
	show(&page, twins->html);
	if (twins->strong || (twins->differences > 0 &&
				 is_much(&plain, &page, twins->differences))) {
		twins->footer = is_footer(&plain, &page);
		return true;
	}
	twins->order =
	    is_turned(&plain, &page, false) ||
	    (twins->differences == 0 && is_turned(&plain, &page, true));
	return twins->order;
}
