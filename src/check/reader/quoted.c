/*
 * quoted: the marks that mail programs set before what they quote.  What a
 * language calls things stands in quotedwords.c.
 */
#include "check/reader/quoted.h"

#include "check/reader/fold.h"
#include "check/reader/lines.h"
#include "check/reader/ours.h"
#include "check/reader/quotedwords.h"
#include "check/reader/signoff.h"

#include <stdbool.h>
#include <string.h>

#define ATTRIBUTION_LINES 4   /* an attribution may be wrapped */
#define ATTRIBUTION_MAX	  600 /* bytes of one, all lines together */
#define BLOCK_LINES	  24  /* of a header block that are looked at */
#define BLOCK_WRAPPED	  4   /* lines of one wrapped list of recipients */
#define RULE_MIN	  3   /* characters of a line drawn across */
#define NAME_MAX	  40  /* bytes of a field's name */
#define OUR_NAME	  "imprimatur" /* the sender of our notices */
#define OUTLOOK_RULE_MIN  8 /* of one that Outlook draws above fields */

/* --- dates ------------------------------------------------------------ */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "16:20", "17.50", "9h05". */
static bool has_time(struct span text)
{
	size_t i;

	for (i = 1; i + 2 < text.len; i++)
		if (strchr(":.h", text.data[i]) != NULL &&
		    is_digit(text.data[i - 1]) && is_digit(text.data[i + 1]) &&
		    is_digit(text.data[i + 2]))
			return true;
	return false;
}

static bool has_year(struct span text)
{
	size_t i;

	for (i = 0; i + 3 < text.len; i++)
		if ((memcmp(text.data + i, "19", 2) == 0 ||
			memcmp(text.data + i, "20", 2) == 0) &&
		    is_digit(text.data[i + 2]) && is_digit(text.data[i + 3]))
			return true;
	return false;
}

/* --- marks of one line ------------------------------------------------- */

static bool is_quote(const struct line *line)
{
	return fold_begins(line->small, ">") ||
	       fold_begins(line->small, "\xEF\xBC\x9E"); /* fullwidth */
}

static bool is_notice(const struct line *line)
{
	return ours_begins(line->small) || ours_phrase(line->small);
}

/* A line drawn across: "________". */
static bool is_rule(const struct line *line)
{
	size_t i;

	if (line->small.len < RULE_MIN)
		return false;
	for (i = 0; i < line->small.len; i++)
		if (line->small.data[i] != line->small.data[0])
			return false;
	return strchr("_-*=", line->small.data[0]) != NULL;
}

/* "-----Original Message-----", "---- On 24 Feb 2021 Bob wrote ----". */
static bool is_title(const struct line *line)
{
	struct span small = line->small;

	if (quotedwords_begins_forward(small))
		return true;
	if (!fold_begins(small, "--") || !fold_ends(small, "--"))
		return false;
	return quotedwords_names_original(small) ||
	       (fold_holds(small, "@") && (has_time(small) || has_year(small)));
}

/* --- header blocks ----------------------------------------------------- */

/*
 * Outlook and others set the old mail's fields above it.  Without a subject
 * there must at least be an address: "From: Berlin / To: Rome / Date: May" is
 * a journey.
 */
static bool is_block(const struct lines *lines, size_t at)
{
	unsigned kinds = lines->line[at].field, kind;
	bool address = false;
	size_t i, wrapped = 0;

	if (kinds == 0 || kinds == QUOTEDWORDS_TO || kinds == QUOTEDWORDS_CC)
		return false;
	for (i = at; i < lines->n && i < at + BLOCK_LINES; i++) {
		if (lines_empty(&lines->line[i]))
			break;
		kind = lines->line[i].field;
		wrapped = kind != 0 ? 0 : wrapped + 1;
		if (wrapped > BLOCK_WRAPPED)
			break;
		kinds |= kind;
		if (fold_holds(lines->line[i].small, "@"))
			address = true;
	}
	kinds &= ~(unsigned)QUOTEDWORDS_CC;
	if (kinds == QUOTEDWORDS_ALL)
		return true;
	return address && (kinds & QUOTEDWORDS_FROM) != 0 &&
	       (kinds == (QUOTEDWORDS_ALL & ~(unsigned)QUOTEDWORDS_DATE) ||
		   kinds == (QUOTEDWORDS_ALL & ~(unsigned)QUOTEDWORDS_TO) ||
		   kinds == (QUOTEDWORDS_ALL & ~(unsigned)QUOTEDWORDS_SUBJECT));
}

/*
 * Outlook draws "________" above the old mail's fields.  Behind that two of
 * them are enough, the sender first.
 */
static bool is_ruled_block(const struct lines *lines, size_t at)
{
	const struct line *rule = &lines->line[at];

	if (!is_rule(rule) || rule->small.data[0] != '_' ||
	    rule->small.len < OUTLOOK_RULE_MIN)
		return false;
	for (at++; at < lines->n && lines_empty(&lines->line[at]);)
		at++;
	return at + 1 < lines->n &&
	       (lines->line[at].field & QUOTEDWORDS_FROM) != 0 &&
	       lines->line[at + 1].field != 0;
}

/* "Name: value", whatever language the name is in. */
static bool is_named(struct span small)
{
	const char *colon;

	if (small.len > NAME_MAX)
		small.len = NAME_MAX;
	colon = small.len > 0 ? memchr(small.data, ':', small.len) : NULL;
	return colon != NULL && colon > small.data && !is_digit(colon[-1]);
}

/* The next line from here on that is not empty, or the end. */
static size_t skip_empty(const struct lines *lines, size_t at)
{
	while (at < lines->n && lines_empty(&lines->line[at]))
		at++;
	return at;
}

/* Does a notice of ours begin here? */
static bool notice_follows(const struct lines *lines, size_t at)
{
	at = skip_empty(lines, at);
	return at < lines->n && is_notice(&lines->line[at]);
}

/*
 * Fields whose names are not known: three of them, our name or address in
 * one, and the notice below them.
 */
static bool is_strange_block(const struct lines *lines, size_t at)
{
	bool ours = false;
	size_t i;

	for (i = at; i < lines->n && i < at + BLOCK_LINES; i++) {
		const struct span small = lines->line[i].small;

		if (!is_named(small))
			break;
		ours |= ours_address(small) || fold_holds(small, OUR_NAME);
	}
	return i >= at + 3 && ours && notice_follows(lines, i);
}

/* --- attributions ------------------------------------------------------ */

static bool starts_date(struct span text)
{
	return text.len > 0 &&
	       (is_digit(text.data[0]) || quotedwords_begins_date(text));
}

static bool ends_colon(struct span text)
{
	return fold_ends(text, ":") || fold_ends(text, "\xEF\xBC\x9A");
}

/* Without the dashes and stars that are drawn before it. */
static struct span undrawn(struct span text)
{
	while (text.len > 0 && strchr("-*_~ ", text.data[0]) != NULL) {
		text.data++;
		text.len--;
	}
	return text;
}

/*
 * Is a text "On 2 April 2012 at 18:26, Bob <bob@x> wrote:"?  It needs the
 * colon, the verb or an address before the colon, and two of: a date word in
 * front, a time, a year, an address, quoted lines below.  Above those, address
 * and date do in any language; and a line that ends in the verb needs all.
 */
static bool attributes(struct span text, bool quote_below)
{
	bool address = fold_holds(text, "@") ||
		       (quote_below && fold_holds(text, OUR_NAME));
	bool time = has_time(text), year = has_year(text);
	bool date = starts_date(text);
	int proof =
	    (int)address + (int)quote_below + (int)time + (int)year + (int)date;

	if (!ends_colon(text))
		return quotedwords_ends_wrote(text) && address && date && time;
	if (proof < 2)
		return false;
	if (quotedwords_says_wrote(text) ||
	    (address && quote_below && (time || year)))
		return true;
	return address &&
	       (fold_ends(text, ">:") || fold_ends(text, ">\xEF\xBC\x9A") ||
		   fold_ends(text, "> :"));
}

static bool quote_follows(const struct lines *lines, size_t at)
{
	at = skip_empty(lines, at);
	return at < lines->n &&
	       (is_quote(&lines->line[at]) || is_notice(&lines->line[at]));
}

/* Lines at..last as one, with a space between. */
static bool joined_attributes(const struct lines *lines, size_t at, size_t last)
{
	bool below = quote_follows(lines, last + 1), found;
	struct buf text;
	size_t i;

	if (last > at && !below && !starts_date(undrawn(lines->line[at].small)))
		return false;
	buf_init(&text, ATTRIBUTION_MAX);
	for (i = at; i <= last; i++) {
		if (i > at)
			buf_add_char(&text, ' ');
		buf_add_span(&text, lines->line[i].small);
	}
	found = !text.overflow && attributes(undrawn(buf_span(&text)), below);
	buf_release(&text);
	return found;
}

/* The end of a wrapped attribution: "<bob@x" and then ">:" below it. */
static bool is_closing(const struct line *line)
{
	return fold_begins(line->small, ">") && line->small.len <= 4 &&
	       ends_colon(line->small);
}

/* May an attribution that is wrapped begin so: with a date, or a sender? */
static bool may_begin(struct span small)
{
	return starts_date(undrawn(small)) || fold_holds(small, OUR_NAME) ||
	       fold_holds(small, " <");
}

/* A second line that begins so is the beginning of another attribution. */
static bool begins_anew(const struct lines *lines, size_t at, size_t last)
{
	struct span first = lines->line[at].small;
	struct span small = lines->line[last].small;

	return quotedwords_begins_date(small) ||
	       (!starts_date(undrawn(first)) && fold_holds(first, "@") &&
		   fold_holds(small, "@"));
}

/*
 * Of how many lines, one to four, is the attribution that begins here?  0:
 * none does.  One that is wrapped must begin with a date or a sender, and no
 * later line of it may begin another, so that a line of the person's just
 * above is not drawn in.
 */
static size_t attribution(const struct lines *lines, size_t at)
{
	const struct line *line;
	size_t last;
	bool colon;

	for (last = at; last < lines->n && last < at + ATTRIBUTION_LINES;
	     last++) {
		line = &lines->line[last];
		if (lines_empty(line) ||
		    (is_quote(line) && !is_closing(line)) ||
		    (last > at && begins_anew(lines, at, last)))
			return 0;
		colon = ends_colon(line->small);
		if ((colon || quotedwords_ends_wrote(line->small)) &&
		    joined_attributes(lines, at, last))
			return last + 1 - at;
		if (colon || !may_begin(lines->line[at].small))
			return 0;
	}
	return 0;
}

/* --- all together ------------------------------------------------------ */

/*
 * A line with a reply address of ours, which nobody types: an attribution of
 * a kind that is not known, when what is below it is a quote, too.
 */
static bool is_addressed(const struct lines *lines, size_t at)
{
	size_t end = at + BLOCK_LINES;

	if (!ours_address(lines->line[at].small))
		return false;
	for (at = skip_empty(lines, at + 1); at < lines->n && at < end; at++)
		if (is_quote(&lines->line[at]) || is_notice(&lines->line[at]))
			return true;
	return at >= lines->n;
}

/* Does all that follows stand in the mail that is answered? */
static bool is_earlier_mail(const struct lines *lines, size_t at)
{
	const struct line *line = &lines->line[at];

	return is_notice(line) || is_title(line) || is_block(lines, at) ||
	       is_ruled_block(lines, at) || is_strange_block(lines, at) ||
	       is_addressed(lines, at);
}

static size_t find_quote(const struct lines *lines)
{
	size_t at;

	for (at = 0; at < lines->n; at++) {
		const struct line *line = &lines->line[at];

		if (is_quote(line) || ours_bar(line->small) ||
		    is_earlier_mail(lines, at) || attribution(lines, at) > 0)
			break;
	}
	return at;
}

/* How many lines are quoted from here on: one with its mark, or a title or an
 * attribution above such. */
static size_t foreign(const struct lines *lines, size_t at)
{
	size_t n;

	if (is_quote(&lines->line[at]))
		return 1;
	n = is_title(&lines->line[at]) ? 1 : attribution(lines, at);
	return n > 0 && quote_follows(lines, at + n) ? n : 0;
}

static struct span kept(struct arena *arena, struct buf *out)
{
	struct span own = {arena_dup(arena, out->data, out->len), out->len};

	buf_release(out);
	return own;
}

/* The lines at and below the first quote that bear no mark of one. */
static struct span read_below(
    struct arena *arena, const struct lines *lines, size_t at, size_t room)
{
	struct buf out;
	size_t n;

	buf_init(&out, room + 1);
	while (at < lines->n) {
		n = foreign(lines, at);
		if (n == 0 &&
		    (is_earlier_mail(lines, at) || attribution(lines, at) > 0))
			break;
		if (n == 0 && !ours_bar(lines->line[at].small) &&
		    (out.len > 0 || !lines_empty(&lines->line[at]))) {
			buf_add_span(&out, lines->line[at].raw);
			buf_add_char(&out, '\n');
		}
		at += n > 0 ? n : 1;
	}
	while (out.len > 0 && strchr(" \t\n", out.data[out.len - 1]) != NULL)
		buf_cut(&out, out.len - 1);
	return kept(arena, &out);
}

void quoted_read(struct arena *arena, struct span text, struct quoted *out)
{
	struct lines lines = {0, NULL};
	size_t end, quote, signature;

	lines_split(arena, text, &lines);
	quote = find_quote(&lines);
	end = quote;
	while (quote < lines.n && end > 0 &&
	       (lines_empty(&lines.line[end - 1]) ||
		   is_rule(&lines.line[end - 1])))
		end--;
	signature = signoff_find(&lines, 0, end);
	out->words = lines_text(&lines, 0, signature);
	out->signature = lines_text(&lines, signature, end);
	if (out->signature.len <= strlen("-- ")) /* the mark alone */
		out->signature.len = 0;
	out->below = read_below(arena, &lines, quote, text.len);
}

struct span quoted_without(struct arena *arena, struct span text)
{
	struct lines lines = {0, NULL};
	struct buf out;
	size_t at, n;

	if (!fold_begins(text, ">") && !fold_holds(text, "\n>"))
		return text;
	lines_split(arena, text, &lines);
	buf_init(&out, text.len + 1);
	for (at = 0; at<lines.n; at += n> 0 ? n : 1) {
		n = foreign(&lines, at);
		if (n > 0)
			continue;
		buf_add_span(&out, lines.line[at].raw);
		buf_add_char(&out, '\n');
	}
	return kept(arena, &out);
}
