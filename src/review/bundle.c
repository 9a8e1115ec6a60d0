/*
 * bundle: the words of a digest and what fits into it.  When one is made is
 * left to pass.c, what an item says to card.c, how HTML looks to
 * bundle_html.c.
 */
#include "review/bundle.h"

#include "review/bundle_html.h"
#include "review/facts.h"
#include "review/letter.h"
#include "review/notice.h"
#include "review/text.h"

#include "config/calendar.h"
#include "verdict.h"

#include <inttypes.h>
#include <string.h>

#define SUBJECT_COLUMNS 80
#define NAME_COLUMNS	64
#define WHY_COLUMNS	200
#define COMMAND_COLUMNS 16
#define LINE_WIDTH	66
#define HELP_ROOM	4096 /* bytes of HTML that explain the answers */

static void part_init(struct bundle_part *part)
{
	buf_init(&part->text, LETTER_MAX);
	buf_init(&part->html, LETTER_MAX);
}

static void part_clear(struct bundle_part *part)
{
	buf_clear(&part->text);
	buf_clear(&part->html);
}

static void part_release(struct bundle_part *part)
{
	buf_release(&part->text);
	buf_release(&part->html);
}

static size_t part_size(const struct bundle_part *part)
{
	return part->text.len + part->html.len;
}

static void part_append(struct bundle_part *to, const struct bundle_part *from)
{
	buf_add_span(&to->text, buf_span(&from->text));
	buf_add_span(&to->html, buf_span(&from->html));
}

void bundle_init(struct bundle *bundle)
{
	part_init(&bundle->list);
	part_init(&bundle->whole);
	part_init(&bundle->told);
	bundle_clear(bundle);
}

void bundle_clear(struct bundle *bundle)
{
	bundle->n_asked = bundle->n_told = bundle->n_low = 0;
	bundle->open = 0;
	part_clear(&bundle->list);
	part_clear(&bundle->whole);
	part_clear(&bundle->told);
}

void bundle_release(struct bundle *bundle)
{
	part_release(&bundle->list);
	part_release(&bundle->whole);
	part_release(&bundle->told);
}

size_t bundle_n(const struct bundle *bundle)
{
	return bundle->n_asked + bundle->n_told;
}

bool bundle_has_room(const struct bundle *bundle, enum hold_prompt_kind kind)
{
	if (kind == HOLD_PROMPT_OUTCOME)
		return bundle->n_told < BUNDLE_TOLD_MAX;
	return bundle->n_told == 0 &&
	       bundle->n_asked < bundle->reviewer->digest.items;
}

/* ---- one item ---------------------------------------------------------- */

struct item {
	const struct bundle *bundle;
	struct arena *arena;
	unsigned n;
	enum hold_prompt_kind kind;
	const struct hold_view *view;
	struct card card;
	bool cut, low;
	struct bundle_part list, whole; /* as it would be added */
};

static const char *asked(
    enum hold_prompt_kind kind, const struct hold_view *view)
{
	switch (kind) {
	case HOLD_PROMPT_DECIDE:
		return view->number > 1	     ? "may it leave, as edited?"
		       : view->replaces != 0 ? "may it leave, as changed?"
					     : "may it leave?";
	case HOLD_PROMPT_DOUBT:
		return "did it arrive?";
	case HOLD_PROMPT_FAILED:
		return "it was refused";
	case HOLD_PROMPT_OUTCOME:
		return "it was decided";
	case HOLD_PROMPT_AFTER:
		return "it was sent: was that right?";
	case HOLD_PROMPT_REMIND:
		return "reminder: may it leave?";
	}
	return "?";
}

static const char *say_from_to(const struct item *item)
{
	const struct hold_view *view = item->view;
	const char *agent =
	    text_line(item->arena, text_span(view->agent), NAME_COLUMNS);
	const char *first =
	    view->n_recipients == 0 ? "(nobody)" : view->recipients[0].address;

	return view->n_recipients < 2
		   ? arena_printf(item->arena, "%s to %s", agent, first)
		   : arena_printf(item->arena, "%s to %s and %zu more", agent,
			 first, view->n_recipients - 1);
}

static const char *say_subject(const struct item *item)
{
	const char *subject = item->view->reading->subject;

	if (subject == NULL || *subject == '\0')
		return "(no subject)";
	return text_line(item->arena, text_span(subject), SUBJECT_COLUMNS);
}

static const char *say_deadline(const struct item *item)
{
	const struct bundle *bundle = item->bundle;
	const struct hold_view *view = item->view;
	const struct channel *channel = NULL;
	char when[CALENDAR_TEXT_SIZE];

	if (view->state != HOLD_HELD || view->deadline_ms == 0)
		return NULL;
	if (view->channel != NULL && *view->channel != '\0')
		channel = config_channel(bundle->config, view->channel);
	return arena_printf(item->arena, "decide by %s",
	    calendar_text(facts_calendar(bundle->reviewer, channel),
		view->deadline_ms, when));
}

/* Why it is held, or what became of it. */
static const char *say_why(const struct item *item)
{
	const struct hold_decision *d;
	const char *why = item->view->reason;

	if (item->kind == HOLD_PROMPT_OUTCOME) {
		d = card_cause(item->view);
		why = d == NULL ? hold_state_name(item->view->state)
				: arena_printf(item->arena, "%s %s it",
				      d->actor, facts_did(d->verb));
	}
	if (why == NULL || *why == '\0')
		return NULL;
	return text_line(item->arena, text_span(why), WHY_COLUMNS);
}

static void add_line(struct bundle_row *row, const char *line)
{
	if (line != NULL)
		row->lines[row->n_lines++] = line;
}

static void add_row_text(
    struct buf *out, const struct bundle_row *row, int64_t draft)
{
	size_t i;

	buf_addf(out, "[%u] ", row->n);
	if (row->grave != NULL)
		buf_addf(out, "%s: ", row->grave);
	buf_addf(out, "%s (draft %" PRId64 ")\n", row->asked, draft);
	for (i = 0; i < row->n_lines; i++)
		text_add_wrapped(out, "| ", text_span(row->lines[i]));
	if (row->warning != NULL)
		text_add_wrapped(out, "! ", text_span(row->warning));
}

/* What the list says of it. */
static void make_row(struct item *item)
{
	enum verdict_severity severity = item->view->severity;
	struct bundle_row row = {
	    .n = item->n,
	    .whole = item->kind != HOLD_PROMPT_OUTCOME,
	    .grave =
		severity == SEVERITY_NORMAL || item->kind == HOLD_PROMPT_OUTCOME
		    ? NULL
		    : verdict_severity_name(severity),
	    .warn = severity > SEVERITY_NORMAL,
	    .asked = asked(item->kind, item->view),
	};

	add_line(&row, say_from_to(item));
	add_line(&row, say_subject(item));
	add_line(&row, say_deadline(item));
	add_line(&row, say_why(item));
	if (item->cut)
		row.warning = "CUT: not all of it is shown below, so it "
			      "cannot be approved by answering";
	part_clear(&item->list);
	add_row_text(&item->list.text, &row, item->view->draft);
	bundle_html_row(&item->list.html, &row);
}

/* "approve k7q4rm because <reason>" without the code: the number says which. */
static const char *without_code(const struct item *item, const char *command)
{
	const char *code = strstr(command, item->view->code);

	if (code == NULL || code == command)
		return command;
	return arena_printf(item->arena, "%.*s%s", (int)(code - command - 1),
	    command, code + strlen(item->view->code));
}

/* No line of it could be taken for an answer. */
static void add_item_answers(struct item *item)
{
	struct buf *out = &item->whole.text;
	const struct card *card = &item->card;
	size_t i, columns = 0, need;
	const char *answer;

	if (card->n_answers == 0)
		return;
	buf_add_str(out, "Answer:");
	for (i = 0; i < card->n_answers; i++) {
		answer = arena_printf(
		    item->arena, "%u %s", item->n, card->answers[i].command);
		need = text_columns(answer) + 3;
		if (i == 0 || columns + need > TEXT_COLUMNS) {
			buf_addf(
			    out, "%s %s", i == 0 ? "" : "\n       ", answer);
			columns = strlen("Answer: ") + need;
			continue;
		}
		buf_addf(out, " | %s", answer);
		columns += need;
	}
	buf_add_char(out, '\n');
	notice_add_reasons(out, card);
	buf_add_char(out, '\n');
}

static void add_rule(struct buf *out)
{
	size_t i;

	buf_add_char(out, '\n');
	for (i = 0; i < LINE_WIDTH; i++)
		buf_add_char(out, '=');
	buf_add_char(out, '\n');
}

static void make_whole(struct item *item, const struct html_target *target)
{
	struct buf *out = &item->whole.text;
	const struct card *card = &item->card;
	size_t i;

	part_clear(&item->whole);
	add_rule(out);
	text_add_wrapped(out, "",
	    text_span(arena_printf(item->arena, "[%u] %s (draft %" PRId64 ")",
		item->n, card->question, item->view->draft)));
	buf_add_char(out, '\n');
	for (i = 0; i < CARD_WHY_MAX && card->why[i] != NULL; i++) {
		text_add_all(out, "", text_span(card->why[i]));
		buf_add_char(out, '\n');
	}
	add_item_answers(item);
	notice_add_body(out, card);
	bundle_html_item(&item->whole.html, item->n, card, target);
}

static const char *subject_of(struct arena *arena, const struct bundle *bundle)
{
	if (bundle->n_asked == 0)
		return arena_printf(arena, "[review] %zu draft%s decided",
		    bundle->n_told, bundle->n_told == 1 ? " was" : "s were");
	return arena_printf(arena, "[review] %zu draft%s for you",
	    bundle->n_asked, bundle->n_asked == 1 ? " waits" : "s wait");
}

/* The subject is not known before the last item: answers have one of theirs. */
#define ANSWER_SUBJECT "Re: [review] digest"

/* Make it with that much of the text. */
static void make_item(struct item *item, size_t text_most)
{
	const struct bundle *bundle = item->bundle;
	const struct card_request request = {
	    .kind = item->kind,
	    .view = item->view,
	    .config = bundle->config,
	    .reviewer = bundle->reviewer,
	    .now_ms = bundle->at_ms,
	    .text_most = text_most,
	};
	const struct html_target target = {bundle->reply_to, ANSWER_SUBJECT,
	    arena_printf(item->arena, "%u ", item->n)};
	size_t i;

	card_make(item->arena, &request, &item->card);
	for (i = 0; i < item->card.n_answers; i++)
		item->card.answers[i].command =
		    without_code(item, item->card.answers[i].command);
	item->cut = item->card.cut;
	make_row(item);
	if (item->kind != HOLD_PROMPT_OUTCOME)
		make_whole(item, &target);
}

/* Nobody lets go by answering what was not shown. */
static void withdraw_approval(struct card *card)
{
	size_t i, kept = 0;

	for (i = 0; i < card->n_answers; i++)
		if (strncmp(card->answers[i].command, "approve", 7) != 0)
			card->answers[kept++] = card->answers[i];
	card->n_answers = kept;
}

/* Nothing but its row: even the facts are too long. */
static void make_bare(struct item *item)
{
	static const struct facts none = {.n = 0};
	struct card *card = &item->card;

	card->cut = item->cut = true;
	withdraw_approval(card);
	card->facts = &none;
	card->diff_title = card->draft_title = NULL;
	card->diff = NULL;
	card->warning = arena_printf(item->arena,
	    "This draft is too long for a digest: neither its text nor all "
	    "that is known of it is shown here, so it cannot be approved by "
	    "answering.\n"
	    "Read it whole on the command line: imprimatur show %" PRId64
	    " --raw\nThen: imprimatur approve %" PRId64 " %s",
	    item->view->draft, item->view->draft, item->view->code);
	make_row(item);
	make_whole(
	    item, &(struct html_target){item->bundle->reply_to, ANSWER_SUBJECT,
		      arena_printf(item->arena, "%u ", item->n)});
}

/* Where several share a mail, mail programs must not hide the last of them. */
static bool shows_whole(const struct item *item)
{
	const struct bundle *bundle = item->bundle;
	size_t html = bundle->list.html.len + bundle->whole.html.len +
		      bundle->told.html.len + item->list.html.len +
		      item->whole.html.len;

	return bundle_n(bundle) == 0 ||
	       html + HELP_ROOM <= bundle->reviewer->digest.size / 2;
}

static bool fits(const struct item *item)
{
	const struct bundle *bundle = item->bundle;

	return !item->list.text.overflow && !item->whole.text.overflow &&
	       !item->whole.html.overflow && shows_whole(item) &&
	       part_size(&bundle->list) + part_size(&bundle->whole) +
		       part_size(&bundle->told) + part_size(&item->list) +
		       part_size(&item->whole) <=
		   bundle->reviewer->digest.size;
}

/* Make it whole, or, where no digest would hold that, cut. */
static bool make_fit(struct item *item)
{
	size_t most = item->bundle->reviewer->digest.size / 4;

	make_item(item, 0);
	if (fits(item))
		return true;
	if (bundle_n(item->bundle) > 0)
		return false;
	if (item->kind == HOLD_PROMPT_DECIDE ||
	    item->kind == HOLD_PROMPT_REMIND) {
		make_item(item, most);
		if (fits(item))
			return true;
		make_item(item, most / 8);
		if (fits(item))
			return true;
	}
	make_bare(item);
	return true;
}

/* May "all" mean it?  Only what is asked simply, and seen whole. */
static bool is_low(const struct item *item)
{
	const struct hold_view *view = item->view;

	return view->severity == SEVERITY_LOW && !item->cut &&
	       (item->kind == HOLD_PROMPT_DECIDE ||
		   item->kind == HOLD_PROMPT_REMIND) &&
	       view->state == HOLD_HELD && view->reading->trouble == NULL &&
	       !view->needs_reason;
}

/* Can it be let go by answering? */
static bool can_leave(const struct item *item)
{
	size_t i;

	for (i = 0; i < item->card.n_answers; i++)
		if (strncmp(item->card.answers[i].command, "approve", 7) == 0)
			return true;
	return false;
}

static void take(struct bundle *bundle, const struct item *item, int64_t prompt)
{
	bool low = is_low(item);

	bundle->items[bundle_n(bundle)] = (struct hold_notice_item){
	    .prompt = prompt, .cut = item->cut, .low = low};
	if (item->kind == HOLD_PROMPT_OUTCOME) {
		part_append(&bundle->told, &item->list);
		bundle->n_told++;
		return;
	}
	if (bundle->open == 0 && can_leave(item))
		bundle->open = item->n;
	if (low)
		bundle->low[bundle->n_low++] = item->n;
	part_append(&bundle->list, &item->list);
	part_append(&bundle->whole, &item->whole);
	bundle->n_asked++;
}

bool bundle_add(struct bundle *bundle, const struct hold_due_prompt *prompt,
    const struct hold_view *view)
{
	struct item item = {
	    .bundle = bundle,
	    .arena = arena_new(),
	    .n = (unsigned)bundle_n(bundle) + 1,
	    .kind = prompt->kind,
	    .view = view,
	};
	bool fit;

	part_init(&item.list);
	part_init(&item.whole);
	fit = make_fit(&item);
	if (fit)
		take(bundle, &item, prompt->prompt);
	part_release(&item.list);
	part_release(&item.whole);
	arena_free(item.arena);
	return fit;
}

/* ---- the mail ------------------------------------------------------------ */

/* "2, 4 and 5" */
static const char *list_low(struct arena *arena, const struct bundle *bundle)
{
	const char *list = arena_printf(arena, "%u", bundle->low[0]);
	size_t i;

	for (i = 1; i < bundle->n_low; i++)
		list = arena_printf(arena, "%s%s%u", list,
		    i + 1 == bundle->n_low ? " and " : ", ", bundle->low[i]);
	return list;
}

static void add_way(
    struct bundle_help *help, const char *command, const char *meaning)
{
	help->answers[help->n_answers++] =
	    (struct card_answer){.command = command, .meaning = meaning};
}

static void add_before(struct bundle_help *help, const char *words)
{
	help->before[help->n_before++] = words;
}

static void explain_ways(
    struct arena *arena, const struct bundle *bundle, struct bundle_help *help)
{
	const char *low;

	if (bundle->open > 0)
		add_way(help, arena_printf(arena, "%u approve", bundle->open),
		    "it leaves, as shown");
	add_way(help,
	    arena_printf(
		arena, "%d drop <reason>", bundle->n_asked > 1 ? 2 : 1),
	    "it does not leave; the agent is told why");
	if (bundle->n_asked > 2)
		add_way(help, "1-3 drop", "several at once; or 1,3 drop");
	add_way(help, arena_printf(arena, "%zu edit", bundle->n_asked),
	    "put this last, and below it the whole new text");
	if (bundle->n_low > 0) {
		low = list_low(arena, bundle);
		add_way(help, "all approve",
		    arena_printf(arena, "means %s alone: low severity", low));
		help->all_button = arena_printf(arena, "Approve %s", low);
	}
	help->after = "Leave an empty line below your last one. What you do "
		      "not name stays as it is. The other answers to an item "
		      "stand with it.";
}

static void make_help(
    struct arena *arena, const struct bundle *bundle, struct bundle_help *help)
{
	*help = (struct bundle_help){.question = NULL};
	if (bundle->n_asked == 0) {
		help->question = arena_printf(arena,
		    "nothing any more, %zu draft%s by others", bundle->n_told,
		    bundle->n_told == 1 ? " was decided" : "s were decided");
		return;
	}
	help->question =
	    bundle->n_asked == 1
		? "what about this draft?"
		: arena_printf(
		      arena, "what about these %zu drafts?", bundle->n_asked);
	if (bundle->because_many)
		add_before(help,
		    arena_printf(arena,
			"They come in one mail because more than %u notices in "
			"an hour would be too many.",
			bundle->config->review.notices_per_hour));
	explain_ways(arena, bundle, help);
}

static void add_help_text(struct buf *out, const struct bundle_help *help)
{
	size_t i;

	buf_addf(out, "Imprimatur asks you: %s\n\n", help->question);
	for (i = 0; i < help->n_before; i++) {
		text_add_wrapped(out, "", text_span(help->before[i]));
		buf_add_char(out, '\n');
	}
	if (help->n_answers == 0)
		return;
	buf_add_str(out, "Answer this mail: a line for each item, on top.\n");
	for (i = 0; i < help->n_answers; i++) {
		buf_addf(
		    out, "  %-*s  ", COMMAND_COLUMNS, help->answers[i].command);
		buf_addf(out, "%s\n", help->answers[i].meaning);
	}
	text_add_wrapped(out, "", text_span(help->after));
	buf_add_char(out, '\n');
}

static void add_text(struct buf *out, const struct bundle *bundle,
    const struct bundle_help *help)
{
	add_help_text(out, help);
	buf_add_span(out, buf_span(&bundle->list.text));
	if (bundle->n_told > 0) {
		buf_addf(out, "%sDecided by others, you need do nothing:\n",
		    bundle->n_asked > 0 ? "\n" : "");
		buf_add_span(out, buf_span(&bundle->told.text));
	}
	buf_add_span(out, buf_span(&bundle->whole.text));
}

const char *bundle_write(
    const struct bundle *bundle, struct arena *arena, struct buf *out)
{
	const struct config *config = bundle->config;
	struct letter letter = {
	    .kind = LETTER_NOTICE,
	    .hostname = config->hostname,
	    .from = config->review.from,
	    .to = bundle->reviewer->address,
	    .reply_to = bundle->reply_to,
	    .subject = subject_of(arena, bundle),
	    .message_id = letter_new_id(arena, config->hostname, 0, "digest"),
	    .at_ms = bundle->at_ms,
	};
	const struct html_target all = {bundle->reply_to,
	    arena_printf(arena, "Re: %s", letter.subject), ""};
	struct bundle_help help;
	struct buf text, html;
	int rc;

	make_help(arena, bundle, &help);
	buf_init(&text, LETTER_MAX);
	buf_init(&html, LETTER_MAX);
	add_text(&text, bundle, &help);
	bundle_html(&html, bundle, &help, &all);
	letter.text = buf_span(&text);
	letter.html = buf_span(&html);
	rc = text.overflow || html.overflow || letter_write(&letter, out);
	buf_release(&text);
	buf_release(&html);
	return rc ? NULL : letter.message_id;
}
