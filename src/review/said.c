/*
 * said: what must be right before what a program or chat brings is a
 * reviewer's word: medium, person, code.  What is then done is left to obey.c
 * and many.c, what is answered to receipt.c and brief.c.
 */
#include "review/said.h"

#include "review/hearing.h"
#include "review/many.h"
#include "review/media.h"
#include "review/obey.h"
#include "review/talk.h"
#include "review/text.h"

#include "util/log.h"
#include "util/mem.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	enum grammar_verb verb;
	bool takes_text, needs_text, takes_category;
} verbs[] = {
    {"approve", GRAMMAR_APPROVE, true, false, false},
    {"drop", GRAMMAR_DROP, true, false, true},
    {"ask", GRAMMAR_ASK, true, true, false},
    {"edit", GRAMMAR_EDIT, true, true, false},
    {"claim", GRAMMAR_CLAIM, false, false, false},
    {"delegate", GRAMMAR_DELEGATE, true, true, false},
    {"fine", GRAMMAR_FINE, false, false, false},
    {"wrong", GRAMMAR_WRONG, true, false, true},
    {"undo", GRAMMAR_UNDO, false, false, false},
    {"revise", GRAMMAR_REVISE, true, true, false},
    {"snooze", GRAMMAR_SNOOZE, true, true, false},
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static bool is_empty(const char *s)
{
	return s == NULL || *s == '\0';
}

/* It counts for nothing: say so, and put it on record. */
static void refuse(struct hearing *h, const char *why)
{
	const struct review_said *said = h->answer->said;

	if (media_may_complain(h->review->media, said->medium))
		log_notice("notice %" PRId64 " refused medium=%s reviewer=%s "
			   "reason=\"%s\"",
		    h->answer->notice, said->medium, said->reviewer, why);
	hearing_finish(h, RECEIPT_REFUSED, why);
}

/* Is there an edit besides a text? */
static bool has_other_edit(const struct hearing *h)
{
	const struct review_move *move = h->answer->move;

	if (move != NULL)
		return move->mail.len > 0;
	return h->answer->said->text == NULL &&
	       h->answer->said->subject != NULL && hearing_by_chat(h);
}

/* Fill the command; NULL: done, else why it is none. */
static const char *read_command(struct hearing *h)
{
	const struct review_said *said = h->answer->said;
	struct grammar_command *command = &h->command;
	const char *text = is_empty(said->text) ? "" : said->text;
	size_t i;

	for (i = 0; i < N_VERBS; i++)
		if (said->verb != NULL &&
		    strcmp(verbs[i].name, said->verb) == 0)
			break;
	if (i == N_VERBS)
		return "verb must be approve, drop, ask, edit, revise, snooze, "
		       "claim, delegate, fine, wrong or undo";
	if (*text != '\0' && !verbs[i].takes_text)
		return "this verb has no text";
	if (*text == '\0' && verbs[i].needs_text && !has_other_edit(h))
		return "this verb needs a text";
	if (said->category != NULL && !verbs[i].takes_category)
		return "only drop and wrong have a category";
	/* in a chat they answer the message that shows it, and no other */
	if (verbs[i].verb == GRAMMAR_APPROVE && said->code == NULL &&
	    !hearing_by_chat(h))
		return "approve needs the code of what was shown";
	command->span_s = grammar_span(text_span(text));
	if (verbs[i].verb == GRAMMAR_SNOOZE && command->span_s == 0)
		return "the text of snooze is a time: 30m, 2h or 3d";
	command->verb = verbs[i].verb;
	command->rest = command->because = text_span("");
	if (command->verb == GRAMMAR_APPROVE)
		command->because = text_span(text);
	else if (said->category != NULL)
		command->rest = text_span(
		    arena_printf(h->arena, "%s %s", said->category, text));
	else
		command->rest = text_span(text);
	return NULL;
}

/* obey.c takes an edit's words, and a name for the answer, from the reply. */
static void write_reply(struct hearing *h)
{
	const struct review_said *said = h->answer->said;
	struct reading_reply *reply = arena_alloc(h->arena, sizeof(*reply));

	reply->line = said->verb;
	reply->words = said->text;
	if (h->answer->move != NULL)
		reply->mail = h->answer->move->mail;
	h->answer->reply = reply;
}

/* ---- words -------------------------------------------------------------- */

static bool is_blank(struct span line)
{
	return text_trim(line).len == 0;
}

/* What phones and editors put into a line and nobody sees: as a blank, or
 * left out. */
static const struct {
	const char *bytes;
	bool blank;
} unseen[] = {
    {"\xc2\xa0", true},	     /* U+00A0, does not break */
    {"\xe2\x80\xaf", true},  /* U+202F, the same, narrow */
    {"\xe2\x80\x8b", false}, /* U+200B, of no width */
    {"\xe2\x81\xa0", false}, /* U+2060 */
    {"\xef\xbb\xbf", false}, /* U+FEFF */
};

static const char *clean_line(struct arena *arena, struct span line)
{
	char *made = arena_dup(arena, line.data, line.len);
	size_t i, k, len, n = 0;

	for (i = 0; i < line.len; i += len) {
		len = 1;
		for (k = 0; k < sizeof(unseen) / sizeof(unseen[0]); k++)
			if (line.len - i >= strlen(unseen[k].bytes) &&
			    memcmp(line.data + i, unseen[k].bytes,
				strlen(unseen[k].bytes)) == 0)
				break;
		if (k == sizeof(unseen) / sizeof(unseen[0])) {
			made[n++] = line.data[i];
			continue;
		}
		len = strlen(unseen[k].bytes);
		if (unseen[k].blank)
			made[n++] = ' ';
	}
	made[n] = '\0';
	return made;
}

/* Without blanks around it, and without marks that make it bold or code; who
 * strikes a word through takes it back. */
static const char *bare_line(struct arena *arena, const char *line)
{
	struct span s = text_span(line);

	for (;;) {
		s = text_trim(s);
		if (s.len < 3 || strchr("*_`", s.data[0]) == NULL ||
		    s.data[0] != s.data[s.len - 1])
			return arena_dup(arena, s.data, s.len);
		s = (struct span){s.data + 1, s.len - 2};
	}
}

/* The first line that is not empty, and what stands below it. */
static void part_words(struct hearing *h)
{
	struct span rest = text_span(h->answer->said->words), line = {"", 0};
	struct span below;

	while (text_next_line(&rest, &line) && is_blank(line))
		;
	below = rest;
	h->line = bare_line(h->arena, clean_line(h->arena, line));
	h->apart = text_next_line(&below, &line) && is_blank(line);
	h->words = arena_dup(h->arena, rest.data, rest.len);
}

static bool asks_afterwards(const struct hold_answered *a)
{
	size_t i;

	for (i = 0; i < a->n_items; i++)
		if (a->items[i].kind == HOLD_PROMPT_AFTER)
			return true;
	return false;
}

/* What people write to us, or to each other. */
static void hear_words(struct hearing *h)
{
	const struct grammar_words words = {
	    h->config->review.n_words, h->config->review.words};
	bool numbered = h->answer->said->n_notices > 0;
	struct talk_request request;
	const char *hint;

	part_words(h);
	request = (struct talk_request){
	    .line = text_span(h->line),
	    .words = &words,
	    .numbered = numbered,
	    .after = asks_afterwards(&h->answered),
	};
	switch (talk_read(h->arena, &request, &hint)) {
	case TALK_OTHERS:
		h->answer->silent = true;
		h->state = (enum hold_state)0;
		hearing_end(h);
		return;
	case TALK_HINT:
		hearing_finish(h, RECEIPT_NOT_A_COMMAND, hint);
		return;
	case TALK_COMMAND:
		break;
	}
	grammar_read_with(&words, text_span(h->line), &h->command);
	/* others read that list, too, and of more: which one is meant is said
	 * even by who was asked about one of them */
	if (numbered)
		many_hear(h);
	else
		obey(h);
}

/* ---- who, and of what --------------------------------------------------- */

/* Was this person asked that, by this program, and may it still be? */
static bool was_asked(struct hearing *h)
{
	const struct review_said *said = h->answer->said;

	h->reviewer = config_reviewer(h->config, h->answered.reviewer);
	return (h->answered.n_items == 1 || said->n_notices > 0) &&
	       strcmp(h->answered.medium, said->medium) == 0 &&
	       strcmp(h->answered.reviewer, said->reviewer) == 0 &&
	       h->reviewer != NULL &&
	       config_reviewer_answers(h->config, h->reviewer, said->medium);
}

/* There is no such prompt for who asks: no word of what it is about. */
static void refuse_stranger(struct hearing *h)
{
	const struct review_said *said = h->answer->said;
	bool by_chat = hearing_by_chat(h);

	if (media_may_complain(h->review->media, said->medium))
		log_notice("notice %" PRId64 " refused medium=%s reviewer=%s "
			   "reason=\"it did not ask this person that\"",
		    h->answer->notice, said->medium, said->reviewer);
	h->answer->text = mem_strdup(
	    by_chat ? "Nothing was decided: you were not asked about it here."
		    : "Nothing was decided: this program did not ask that "
		      "reviewer about it.");
	hearing_end(h);
}

static void hear_verb(struct hearing *h)
{
	const char *code = h->answer->said->code;
	const char *why = read_command(h);

	if (why == NULL && code != NULL && strcasecmp(code, h->item.code) != 0)
		why = "the code is not that of the mail which was shown";
	if (why == NULL && h->answer->said->n_notices > 0)
		why = "this verb is for one draft";
	if (why != NULL) {
		refuse(h, why);
		return;
	}
	if (h->command.verb == GRAMMAR_EDIT)
		h->words = h->answer->reply->words;
	if (h->command.verb == GRAMMAR_APPROVE)
		h->command.rest = text_span(h->item.code);
	obey(h);
}

static void on_answered(struct hold_call *call)
{
	struct hearing *h = HEARING(call, answered);

	if (hearing_gone(h))
		return;
	if (call->error.kind != ERROR_NONE &&
	    call->error.kind != ERROR_MISSING) {
		hearing_fail(h, &call->error);
		return;
	}
	if (call->error.kind == ERROR_MISSING || !was_asked(h)) {
		refuse_stranger(h);
		return;
	}
	hearing_begin(h);
	if (h->answer->said->words != NULL && hearing_by_chat(h))
		hear_words(h);
	else
		hear_verb(h);
}

/* For the log, and for names of what comes of it. */
static int64_t first_notice(const struct review_said *said)
{
	size_t i;

	for (i = 0; i < said->n_notices; i++)
		if (said->notices[i] != 0)
			return said->notices[i];
	return 0;
}

void said_hear(struct review *review, struct review_answer *answer)
{
	const struct review_said *said = answer->said;
	struct hearing *h = hearing_new(review, answer);

	answer->error = (struct error)ERROR_INIT;
	answer->ok = answer->silent = false;
	answer->text = NULL;
	if (said->n_notices > 0)
		answer->notice = first_notice(said);
	h->medium = said->medium;
	write_reply(h);
	h->answered.call.done = on_answered;
	h->answered.notice = answer->notice;
	h->answered.n_notices = said->n_notices;
	h->answered.notices = said->notices;
	hold_answered(review->hold, &h->answered);
}
