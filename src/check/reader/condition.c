/*
 * condition: compiles and runs patterns, each within limits of steps, memory
 * and time.  What a fitting one means is left to judge.
 *
 * PCRE2 counts steps anew from each place in the text, so that long texts are
 * looked at in pieces, with a look at the clock between.
 */
#include "check/reader/condition.h"

#include "check/reader/field.h"
#include "check/reader/visible.h"

#include "util/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Places from which a match may begin, until the next look at the clock. */
#define PIECE_FIRST ((size_t)256)
#define PIECE_MOST  ((size_t)64 * 1024)
#define QUICK_US    1000 /* a piece that took no longer may be larger */
#define STACK_KIB   512	 /* of compiled code */

enum where { SUBJECT, BODY, TEXT, OWN, ATTACHMENT, HEADER };

struct condition {
	uint32_t mark;
	enum where where;
	char *header; /* of HEADER, or NULL */
	size_t n_channels;
	unsigned *channels;
	pcre2_code *code;
};

struct condition_set {
	size_t n, room;
	struct condition *list; /* by mark, once sealed */
	pcre2_compile_context *compile;
	pcre2_match_context *match;
	pcre2_jit_stack *stack;
	pcre2_match_data *data;
};

/* ---- life --------------------------------------------------------------- */

struct condition_set *condition_set_new(void)
{
	struct condition_set *set = mem_zalloc(sizeof(*set));

	set->compile = pcre2_compile_context_create(NULL);
	set->match = pcre2_match_context_create(NULL);
	set->data = pcre2_match_data_create(1, NULL);
	pcre2_set_newline(set->compile, PCRE2_NEWLINE_LF);
	pcre2_set_max_pattern_length(set->compile, CONDITION_PATTERN_MAX);
	pcre2_set_match_limit(set->match, CONDITION_STEPS_MAX);
	pcre2_set_heap_limit(set->match, CONDITION_HEAP_KIB);
	pcre2_set_depth_limit(set->match, CONDITION_DEPTH_MAX);
	return set;
}

void condition_set_free(struct condition_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->n; i++) {
		pcre2_code_free(set->list[i].code);
		free(set->list[i].channels);
		free(set->list[i].header);
	}
	free(set->list);
	pcre2_match_data_free(set->data);
	pcre2_jit_stack_free(set->stack);
	pcre2_match_context_free(set->match);
	pcre2_compile_context_free(set->compile);
	free(set);
}

/* ---- compiling ---------------------------------------------------------- */

static int take_where(struct condition *c, const char *where)
{
	static const char *const names[] = {
	    "subject", "body", "text", "own", "attachment"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(where, names[i]) == 0) {
			c->where = (enum where)i;
			return 0;
		}
	if (strncmp(where, "header:", 7) != 0 || where[7] == '\0')
		return -1;
	c->where = HEADER;
	c->header = mem_strdup(where + 7);
	return 0;
}

static pcre2_code *compile(const struct condition_set *set,
    const struct condition_row *row, struct error *err)
{
	PCRE2_UCHAR why[120];
	PCRE2_SIZE at;
	pcre2_code *code;
	int rc;

	code = pcre2_compile((PCRE2_SPTR)row->pattern, strlen(row->pattern),
	    PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_MULTILINE |
		PCRE2_USE_OFFSET_LIMIT | PCRE2_NEVER_BACKSLASH_C,
	    &rc, &at, set->compile);
	if (code == NULL) {
		pcre2_get_error_message(rc, why, sizeof(why));
		error_set(err, ERROR_INVALID,
		    "%s:%u: pattern '%.100s': %s (at character %zu)%s",
		    row->file, row->line, row->pattern, (char *)why,
		    (size_t)at + 1,
		    row->pattern[0] == '*' ? "; it is a regular expression: "
					     "for any text write .*"
					   : "");
		return NULL;
	}
	/* where memory can be made executable; else it is interpreted */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

int condition_add(struct condition_set *set, const struct condition_row *row,
    struct error *err)
{
	struct condition *c;

	if (set->n == set->room) {
		set->room = 2 * set->n + 8;
		set->list = mem_grow(set->list, set->room, sizeof(*set->list));
	}
	c = &set->list[set->n];
	*c = (struct condition){
	    .mark = row->mark, .n_channels = row->n_channels};
	if (take_where(c, row->where))
		return error_set(err, ERROR_INVALID,
		    "%s:%u: a condition cannot look at '%.60s'", row->file,
		    row->line, row->where);
	c->code = compile(set, row, err);
	if (c->code == NULL) {
		free(c->header);
		return -1;
	}
	c->channels = mem_grow(NULL, row->n_channels, sizeof(*c->channels));
	if (row->n_channels > 0)
		memcpy(c->channels, row->channels,
		    row->n_channels * sizeof(*c->channels));
	set->n++;
	return 0;
}

static int by_mark(const void *a, const void *b)
{
	const struct condition *x = a, *y = b;

	return (x->mark > y->mark) - (x->mark < y->mark);
}

void condition_ready(struct condition_set *set)
{
	if (set->n > 0)
		qsort(set->list, set->n, sizeof(*set->list), by_mark);
	set->stack =
	    pcre2_jit_stack_create((size_t)16 * 1024, STACK_KIB * 1024, NULL);
	pcre2_jit_stack_assign(set->match, NULL, set->stack);
}

/* ---- running ------------------------------------------------------------ */

enum answer { NO, YES, UNSURE };

struct running {
	const struct condition_set *set;
	const struct sight *sight;
	bool cut; /* not all text of the mail is there to be looked at */
	int64_t all_until_us, until_us;
};

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The end of a piece: between characters; PCRE2_UNSET: there is no other. */
static size_t piece_end(struct span text, size_t from, size_t size)
{
	size_t to = from + size;

	while (to < text.len && ((unsigned char)text.data[to] & 0xc0) == 0x80)
		to++;
	return to < text.len ? to : PCRE2_UNSET;
}

static enum answer search(
    struct running *r, const struct condition *c, struct span text)
{
	size_t from = 0, to, size = PIECE_FIRST;
	int64_t before_us = cpu_us(), now_us;
	int rc;

	for (;;) {
		to = piece_end(text, from, size);
		pcre2_set_offset_limit(r->set->match, to);
		rc = pcre2_match(c->code, (PCRE2_SPTR)text.data, text.len, from,
		    PCRE2_NO_UTF_CHECK, r->set->data, r->set->match);
		if (rc >= 0)
			return YES;
		if (rc != PCRE2_ERROR_NOMATCH)
			return UNSURE;
		if (to == PCRE2_UNSET)
			return NO;
		now_us = cpu_us();
		if (now_us > r->until_us)
			return UNSURE;
		if (now_us - before_us < QUICK_US && size < PIECE_MOST)
			size *= 4;
		before_us = now_us;
		from = to;
	}
}

static struct span span_of(const char *s)
{
	return s == NULL ? (struct span){"", 0} : (struct span){s, strlen(s)};
}

/* YES when one is; else UNSURE when one is. */
static enum answer either(enum answer a, enum answer b)
{
	return a == YES || b == YES ? YES : a == UNSURE ? a : b;
}

/* With what nobody sees, and, where that is not the same, without. */
static enum answer search_bare(
    struct running *r, const struct condition *c, struct span text)
{
	struct span bare = visible_bare(r->sight->reading->arena, text);
	enum answer answer = search(r, c, text);

	if (answer == YES || bare.data == text.data)
		return answer;
	return either(answer, search(r, c, bare));
}

/* One line, which ends in dots when there was more than is shown. */
static enum answer in_line(
    struct running *r, const struct condition *c, const char *line)
{
	struct span text = span_of(line);
	bool cut = text.len >= FIELD_TEXT_MAX;

	return either(search_bare(r, c, text), cut ? UNSURE : NO);
}

static enum answer in_attachments(struct running *r, const struct condition *c)
{
	const struct reading *reading = r->sight->reading;
	enum answer answer = NO;

	for (size_t i = 0; i < reading->n_parts && answer != YES; i++)
		if (reading->parts[i].filename != NULL)
			answer = either(
			    answer, in_line(r, c, reading->parts[i].filename));
	return answer;
}

static enum answer in_header(
    struct running *r, const struct condition *c, const char *name)
{
	const struct mime *mime = r->sight->mime;
	const struct mime_node *root = &mime->nodes[0];
	const struct field *field = mime_field(mime, root, name);
	enum answer answer = NO;

	if ((root->odd & MIME_HEADER_LARGE) != 0)
		answer = UNSURE; /* there are fields that nobody has read */
	while (field != NULL && answer != YES) {
		struct field_text text =
		    field_text(r->sight->reading->arena, field->value);

		answer = either(answer, search_bare(r, c, span_of(text.text)));
		if (text.cut)
			answer = either(answer, UNSURE);
		field = mime_field_after(mime, root, field);
	}
	return answer;
}

/* As it is shown, or "" for none; and each field, which may be longer. */
static enum answer in_subject(struct running *r, const struct condition *c)
{
	struct span shown = span_of(r->sight->reading->subject);
	enum answer answer = search_bare(r, c, shown);

	return answer == YES ? YES : either(answer, in_header(r, c, "Subject"));
}

static enum answer in_text(struct running *r, const struct condition *c,
    struct span text, struct span bare)
{
	enum answer answer = either(search(r, c, text), r->cut ? UNSURE : NO);

	if (answer == YES || bare.data == text.data)
		return answer;
	return either(answer, search(r, c, bare));
}

static enum answer run(struct running *r, const struct condition *c)
{
	const struct reading *reading = r->sight->reading;

	switch (c->where) {
	case SUBJECT:
		return in_subject(r, c);
	case BODY:
		return in_text(r, c, reading->text, r->sight->bare);
	case TEXT:
		return either(in_subject(r, c),
		    in_text(r, c, reading->text, r->sight->bare));
	case OWN:
		return in_text(r, c, r->sight->own, r->sight->own);
	case ATTACHMENT:
		return in_attachments(r, c);
	case HEADER:
		return in_header(r, c, c->header);
	}
	return UNSURE;
}

static bool concerns(const struct condition *c, const struct about *about)
{
	if (c->n_channels == 0)
		return true;
	for (size_t i = 0; i < c->n_channels; i++)
		for (size_t k = 0; k < about->n_channels; k++)
			if (c->channels[i] == about->channels[k])
				return true;
	return false;
}

/* Conditions of one mark are one condition. */
static void mark(struct reading *reading, uint32_t number, enum answer answer)
{
	struct reading_mark *last = reading->marks + reading->n_marks;

	if (answer == NO)
		return;
	if (reading->n_marks > 0 && last[-1].mark == number) {
		last[-1].unsure = last[-1].unsure && answer == UNSURE;
		return;
	}
	*last = (struct reading_mark){number, answer == UNSURE};
	reading->n_marks++;
}

void condition_run(const struct condition_set *set, const struct sight *sight)
{
	struct reading *reading = sight->reading;
	struct running r = {.set = set,
	    .sight = sight,
	    .cut = reading_find(reading, "text-truncated") != NULL};
	int64_t now_us;

	if (set->n == 0)
		return;
	reading->marks =
	    arena_alloc(reading->arena, set->n * sizeof(*reading->marks));
	r.all_until_us = cpu_us() + (int64_t)CONDITION_ALL_MS * 1000;
	for (size_t i = 0; i < set->n; i++) {
		const struct condition *c = &set->list[i];

		if (!concerns(c, sight->about))
			continue;
		now_us = cpu_us();
		r.until_us = now_us + (int64_t)CONDITION_MS * 1000;
		mark(reading, c->mark,
		    now_us > r.all_until_us ? UNSURE : run(&r, c));
	}
}
