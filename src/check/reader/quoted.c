/*
 * quoted: the marks that mail programs set before what they quote.  What a
 * language calls things stands in quotedwords.c.
 */
#include "check/reader/quoted.h"

#include "check/reader/field.h"
#include "check/reader/fold.h"
#include "check/reader/quotedwords.h"

#include <stdbool.h>
#include <string.h>

#define ATTRIBUTION_LINES 3   /* an attribution may be wrapped */
#define ATTRIBUTION_MAX	  600 /* bytes of one, all lines together */
#define BLOCK_LINES	  24  /* of a header block that are looked at */
#define BLOCK_WRAPPED	  4   /* lines of one wrapped list of recipients */
#define RULE_MIN	  3   /* characters of a line drawn across */
#define OUTLOOK_RULE_MIN  8   /* of one that Outlook draws above fields */

struct line {
	struct span raw;   /* as it stands, no LF */
	struct span small; /* folded, trimmed, every blank a space */
	unsigned field;	   /* of a header block: QUOTEDWORDS_FROM ... */
};

struct lines {
	size_t n;
	struct line *line;
};

/* --- lines ------------------------------------------------------------- */

/* NO-BREAK SPACE and its narrow sister, as French and German set them. */
static size_t odd_blank(struct span text, size_t i)
{
	struct span rest = {text.data + i, text.len - i};

	if (fold_begins(rest, "\xC2\xA0"))
		return 2;
	if (fold_begins(rest, "\xE2\x80\xAF"))
		return 3;
	return 0;
}

static struct span fold_line(struct arena *arena, struct span raw)
{
	struct span small;
	struct buf text;
	size_t i, n;

	buf_init(&text, raw.len);
	for (i = 0; i < raw.len; i += n) {
		n = odd_blank(raw, i);
		if (n > 0 || raw.data[i] == '\t') {
			buf_add_char(&text, ' ');
			n = n > 0 ? n : 1;
			continue;
		}
		n = (unsigned char)raw.data[i] >= 0xC0 ? 2 : 1;
		n = n > raw.len - i ? raw.len - i : n;
		fold_add(&text, (struct span){raw.data + i, n});
	}
	small = field_trim(buf_span(&text));
	small.data = arena_dup(arena, small.data, small.len);
	buf_release(&text);
	return small;
}

static size_t count_lines(struct span text)
{
	size_t i, n = 1;

	for (i = 0; i < text.len; i++)
		n += text.data[i] == '\n';
	return n;
}

static void split(struct arena *arena, struct span text, struct lines *lines)
{
	const char *p = text.data, *end = text.data + text.len, *stop;
	struct line *line;

	lines->line =
	    arena_alloc(arena, count_lines(text) * sizeof(*lines->line));
	for (lines->n = 0; p < end; p = stop < end ? stop + 1 : end) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		line = &lines->line[lines->n++];
		line->raw = (struct span){p, (size_t)(stop - p)};
		line->small = fold_line(arena, line->raw);
		line->field = quotedwords_field(line->small);
	}
}

static bool is_empty(const struct line *line)
{
	return line->small.len == 0;
}

/* --- marks of one line ------------------------------------------------- */

static bool is_quote(const struct line *line)
{
	return fold_begins(line->raw, ">");
}

static bool is_notice(const struct line *line)
{
	return fold_begins(line->small, QUOTED_NOTICE) ||
	       fold_begins(line->raw, QUOTED_DRAFT);
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
	if (quotedwords_begins_forward(line->small))
		return true;
	return fold_begins(line->small, "--") && fold_ends(line->small, "--") &&
	       quotedwords_names_original(line->small);
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
		if (is_empty(&lines->line[i]))
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
	for (at++; at < lines->n && is_empty(&lines->line[at]);)
		at++;
	return at + 1 < lines->n &&
	       (lines->line[at].field & QUOTEDWORDS_FROM) != 0 &&
	       lines->line[at + 1].field != 0;
}

/* --- attributions ------------------------------------------------------ */

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

static bool starts_date(struct span text)
{
	return text.len > 0 &&
	       (is_digit(text.data[0]) || quotedwords_begins_date(text));
}

static bool ends_colon(struct span text)
{
	return fold_ends(text, ":") || fold_ends(text, "\xEF\xBC\x9A");
}

/*
 * Is a text "On 2 April 2012 at 18:26, Bob <bob@x> wrote:"?  It needs the
 * colon, the verb or an address before the colon, and two of: a date word in
 * front, a time, a year, an address, quoted lines below.
 */
static bool attributes(struct span text, bool quote_below)
{
	bool address = fold_holds(text, "@");
	int proof = (int)address + (int)quote_below + (int)has_time(text) +
		    (int)has_year(text) + (int)starts_date(text);

	if (!ends_colon(text) || proof < 2)
		return false;
	if (quotedwords_says_wrote(text))
		return true;
	return address &&
	       (fold_ends(text, ">:") || fold_ends(text, ">\xEF\xBC\x9A") ||
		   fold_ends(text, "> :"));
}

static bool quote_follows(const struct lines *lines, size_t at)
{
	while (at < lines->n && is_empty(&lines->line[at]))
		at++;
	return at < lines->n &&
	       (is_quote(&lines->line[at]) || is_notice(&lines->line[at]));
}

/* Lines at..last as one, with a space between. */
static bool joined_attributes(const struct lines *lines, size_t at, size_t last)
{
	struct buf text;
	bool found;
	size_t i;

	buf_init(&text, ATTRIBUTION_MAX);
	for (i = at; i <= last; i++) {
		if (i > at)
			buf_add_char(&text, ' ');
		buf_add_span(&text, lines->line[i].small);
	}
	found = !text.overflow &&
		attributes(buf_span(&text), quote_follows(lines, last + 1));
	buf_release(&text);
	return found;
}

/* The end of a wrapped attribution: "<bob@x" and then ">:" below it. */
static bool is_closing(const struct line *line)
{
	return fold_begins(line->small, ">") && line->small.len <= 4 &&
	       ends_colon(line->small);
}

/*
 * Of how many lines, one to three, is the attribution that begins here?  0:
 * none does.  One that is wrapped must begin with a date, and no later line of
 * it may begin another, so that a line of the person's just above is not drawn
 * in.
 */
static size_t attribution(const struct lines *lines, size_t at)
{
	const struct line *line;
	size_t last;

	for (last = at; last < lines->n && last < at + ATTRIBUTION_LINES;
	     last++) {
		line = &lines->line[last];
		if (is_empty(line) || (is_quote(line) && !is_closing(line)) ||
		    (last > at && quotedwords_begins_date(line->small)))
			return 0;
		if (ends_colon(line->small))
			return joined_attributes(lines, at, last)
				   ? last + 1 - at
				   : 0;
		if (!starts_date(lines->line[at].small))
			return 0;
	}
	return 0;
}

/* --- all together ------------------------------------------------------ */

static size_t find_quote(const struct lines *lines)
{
	size_t at;

	for (at = 0; at < lines->n; at++) {
		const struct line *line = &lines->line[at];

		if (is_quote(line) || is_notice(line) || is_title(line) ||
		    is_block(lines, at) || is_ruled_block(lines, at) ||
		    attribution(lines, at) > 0)
			break;
	}
	return at;
}

/* The last signature mark, since the person's text may hold one too. */
static size_t find_signature(const struct lines *lines, size_t end)
{
	size_t at;

	for (at = end; at > 0; at--)
		if (fold_ends(lines->line[at - 1].raw, "-- ") &&
		    lines->line[at - 1].raw.len == 3)
			return at - 1;
	return end;
}

static bool any_words(const struct lines *lines, size_t from, size_t end)
{
	while (from < end && is_empty(&lines->line[from]))
		from++;
	return from < end;
}

struct span quoted_before(
    struct arena *arena, struct span text, bool *signature_cut)
{
	struct lines lines = {0, NULL};
	size_t end, quote, signature;

	split(arena, text, &lines);
	quote = find_quote(&lines);
	end = quote;
	while (
	    quote < lines.n && end > 0 &&
	    (is_empty(&lines.line[end - 1]) || is_rule(&lines.line[end - 1])))
		end--;
	signature = find_signature(&lines, end);
	*signature_cut = any_words(&lines, signature + 1, end);
	end = signature;
	while (end > 0 && is_empty(&lines.line[end - 1]))
		end--;
	if (end == 0)
		return (struct span){text.data, 0};
	text.len = (size_t)(lines.line[end - 1].raw.data - text.data) +
		   lines.line[end - 1].raw.len;
	return text;
}

/* How many lines are not the writer's, from here on: a quoted one, or an
 * attribution above such. */
static size_t foreign(const struct lines *lines, size_t at)
{
	size_t n;

	if (is_quote(&lines->line[at]))
		return 1;
	n = attribution(lines, at);
	return n > 0 && quote_follows(lines, at + n) ? n : 0;
}

struct span quoted_without(struct arena *arena, struct span text)
{
	struct lines lines = {0, NULL};
	struct span own;
	struct buf out;
	size_t at, n;

	if (!fold_begins(text, ">") && !fold_holds(text, "\n>"))
		return text;
	split(arena, text, &lines);
	buf_init(&out, text.len + 1);
	for (at = 0; at<lines.n; at += n> 0 ? n : 1) {
		n = foreign(&lines, at);
		if (n > 0)
			continue;
		buf_add_span(&out, lines.line[at].raw);
		buf_add_char(&out, '\n');
	}
	own = (struct span){arena_dup(arena, out.data, out.len), out.len};
	buf_release(&out);
	return own;
}
