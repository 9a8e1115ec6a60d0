/*
 * Tests of the ledger's door: names, moves, every state with every verb, two
 * deciders at once, edits, prompts and notices.
 */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hold/internal.h"
#include "util/clock.h"
#include "util/mem.h"

static struct ledger ledger;

static int start(void **state)
{
	(void)state;
	ledger_init(&ledger);
	if (ledger_open(&ledger))
		fail_msg("%s", ledger.error.text);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	ledger_release(&ledger);
	return 0;
}

/* ---- names and moves ---------------------------------------------------- */

static void names_go_both_ways(void **state)
{
	unsigned i;

	(void)state;
	for (i = 1; i < HOLD_STATES; i++)
		assert_int_equal(
		    hold_state_of(hold_state_name((enum hold_state)i)), i);
	for (i = HOLD_APPROVE; i < HOLD_VERBS; i++)
		assert_int_equal(
		    hold_verb_of(hold_verb_name((enum hold_verb)i)), i);
	assert_int_equal(hold_state_of("Held"), 0);
	assert_int_equal(hold_state_of(""), 0);
	assert_int_equal(hold_verb_of("approved"), 0);
	/* a ledger may hold anything */
	assert_string_equal(hold_state_name((enum hold_state)0), "?");
	assert_string_equal(hold_state_name((enum hold_state)99), "?");
	assert_string_equal(hold_verb_name((enum hold_verb)0), "?");
	assert_string_equal(hold_verb_name((enum hold_verb)99), "?");
}

/* The whole table, said a second time: row from, column to. */
static void the_moves_are_these(void **state)
{
	static const char *const want[HOLD_STATES] = {
	    [HOLD_HELD] = "approved dropped revising expired withdrawn "
			  "superseded",
	    [HOLD_APPROVED] = "held sending withdrawn superseded",
	    [HOLD_SENDING] = "sent approved failed in-doubt",
	    [HOLD_SENT] = "",
	    [HOLD_FAILED] = "approved dropped sent",
	    [HOLD_IN_DOUBT] = "approved sent failed",
	    [HOLD_DROPPED] = "held",
	    [HOLD_REFUSED] = "",
	    [HOLD_REVISING] = "held superseded expired withdrawn",
	    [HOLD_EXPIRED] = "",
	    [HOLD_WITHDRAWN] = "",
	    [HOLD_SUPERSEDED] = "",
	};
	char word[32], list[256];
	unsigned from, to;

	(void)state;
	for (from = 1; from < HOLD_STATES; from++) {
		snprintf(list, sizeof(list), " %s ", want[from]);
		for (to = 1; to < HOLD_STATES; to++) {
			snprintf(word, sizeof(word), " %s ",
			    hold_state_name((enum hold_state)to));
			assert_int_equal(hold_may_move((enum hold_state)from,
					     (enum hold_state)to),
			    strstr(list, word) != NULL);
		}
	}
}

static void the_table_can_be_printed(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	unsigned lines = 0;
	size_t i;

	(void)state;
	hold_print_moves(out);
	fclose(out);
	for (i = 0; i < size; i++)
		lines += text[i] == '\n';
	assert_int_equal(lines, 25);
	assert_non_null(strstr(text, "held      -> approved    approve"));
	free(text);
}

/* ---- every state with every verb ---------------------------------------- */

/* What a verb makes of a state; kind NONE: the new state. */
struct pair {
	enum hold_state from;
	enum hold_verb verb;
	enum error_kind kind;
	enum hold_state to;
};

static const struct pair pairs[] = {
    {HOLD_HELD, HOLD_APPROVE, ERROR_NONE, HOLD_APPROVED},
    {HOLD_HELD, HOLD_DROP, ERROR_NONE, HOLD_DROPPED},
    {HOLD_HELD, HOLD_UNDO, ERROR_INVALID, HOLD_HELD},
    {HOLD_HELD, HOLD_ASK, ERROR_NONE, HOLD_HELD},
    {HOLD_HELD, HOLD_CLAIM, ERROR_NONE, HOLD_HELD},
    {HOLD_HELD, HOLD_DELEGATE, ERROR_NONE, HOLD_HELD},
    {HOLD_HELD, HOLD_FINE, ERROR_INVALID, HOLD_HELD},
    {HOLD_HELD, HOLD_WRONG, ERROR_INVALID, HOLD_HELD},
    {HOLD_HELD, HOLD_REVISE, ERROR_NONE, HOLD_REVISING},
    {HOLD_APPROVED, HOLD_APPROVE, ERROR_CONFLICT, HOLD_APPROVED},
    {HOLD_APPROVED, HOLD_DROP, ERROR_CONFLICT, HOLD_APPROVED},
    {HOLD_APPROVED, HOLD_UNDO, ERROR_NONE, HOLD_HELD},
    {HOLD_APPROVED, HOLD_ASK, ERROR_CONFLICT, HOLD_APPROVED},
    {HOLD_APPROVED, HOLD_CLAIM, ERROR_CONFLICT, HOLD_APPROVED},
    {HOLD_APPROVED, HOLD_DELEGATE, ERROR_CONFLICT, HOLD_APPROVED},
    {HOLD_APPROVED, HOLD_FINE, ERROR_CONFLICT, HOLD_APPROVED},
    {HOLD_APPROVED, HOLD_WRONG, ERROR_CONFLICT, HOLD_APPROVED},
    {HOLD_APPROVED, HOLD_REVISE, ERROR_CONFLICT, HOLD_APPROVED},
    {HOLD_SENDING, HOLD_APPROVE, ERROR_CONFLICT, HOLD_SENDING},
    {HOLD_SENDING, HOLD_DROP, ERROR_CONFLICT, HOLD_SENDING},
    {HOLD_SENDING, HOLD_UNDO, ERROR_CONFLICT, HOLD_SENDING},
    {HOLD_SENDING, HOLD_ASK, ERROR_CONFLICT, HOLD_SENDING},
    {HOLD_SENDING, HOLD_CLAIM, ERROR_CONFLICT, HOLD_SENDING},
    {HOLD_SENDING, HOLD_DELEGATE, ERROR_CONFLICT, HOLD_SENDING},
    {HOLD_SENDING, HOLD_FINE, ERROR_CONFLICT, HOLD_SENDING},
    {HOLD_SENDING, HOLD_WRONG, ERROR_CONFLICT, HOLD_SENDING},
    {HOLD_SENDING, HOLD_REVISE, ERROR_CONFLICT, HOLD_SENDING},
    {HOLD_SENT, HOLD_APPROVE, ERROR_CONFLICT, HOLD_SENT},
    {HOLD_SENT, HOLD_DROP, ERROR_CONFLICT, HOLD_SENT},
    {HOLD_SENT, HOLD_UNDO, ERROR_CONFLICT, HOLD_SENT},
    {HOLD_SENT, HOLD_ASK, ERROR_CONFLICT, HOLD_SENT},
    {HOLD_SENT, HOLD_CLAIM, ERROR_CONFLICT, HOLD_SENT},
    {HOLD_SENT, HOLD_DELEGATE, ERROR_CONFLICT, HOLD_SENT},
    {HOLD_SENT, HOLD_FINE, ERROR_INVALID, HOLD_SENT},
    {HOLD_SENT, HOLD_WRONG, ERROR_INVALID, HOLD_SENT},
    {HOLD_SENT, HOLD_REVISE, ERROR_CONFLICT, HOLD_SENT},
    {HOLD_FAILED, HOLD_APPROVE, ERROR_NONE, HOLD_APPROVED},
    {HOLD_FAILED, HOLD_DROP, ERROR_NONE, HOLD_DROPPED},
    {HOLD_FAILED, HOLD_UNDO, ERROR_INVALID, HOLD_FAILED},
    {HOLD_FAILED, HOLD_ASK, ERROR_NONE, HOLD_FAILED},
    {HOLD_FAILED, HOLD_CLAIM, ERROR_NONE, HOLD_FAILED},
    {HOLD_FAILED, HOLD_DELEGATE, ERROR_INVALID, HOLD_FAILED},
    {HOLD_FAILED, HOLD_FINE, ERROR_INVALID, HOLD_FAILED},
    {HOLD_FAILED, HOLD_WRONG, ERROR_INVALID, HOLD_FAILED},
    {HOLD_FAILED, HOLD_REVISE, ERROR_INVALID, HOLD_FAILED},
    {HOLD_IN_DOUBT, HOLD_APPROVE, ERROR_NONE, HOLD_APPROVED},
    {HOLD_IN_DOUBT, HOLD_DROP, ERROR_NONE, HOLD_SENT},
    {HOLD_IN_DOUBT, HOLD_UNDO, ERROR_INVALID, HOLD_IN_DOUBT},
    {HOLD_IN_DOUBT, HOLD_ASK, ERROR_NONE, HOLD_IN_DOUBT},
    {HOLD_IN_DOUBT, HOLD_CLAIM, ERROR_NONE, HOLD_IN_DOUBT},
    {HOLD_IN_DOUBT, HOLD_DELEGATE, ERROR_INVALID, HOLD_IN_DOUBT},
    {HOLD_IN_DOUBT, HOLD_FINE, ERROR_INVALID, HOLD_IN_DOUBT},
    {HOLD_IN_DOUBT, HOLD_WRONG, ERROR_INVALID, HOLD_IN_DOUBT},
    {HOLD_IN_DOUBT, HOLD_REVISE, ERROR_INVALID, HOLD_IN_DOUBT},
    {HOLD_DROPPED, HOLD_APPROVE, ERROR_CONFLICT, HOLD_DROPPED},
    {HOLD_DROPPED, HOLD_DROP, ERROR_CONFLICT, HOLD_DROPPED},
    {HOLD_DROPPED, HOLD_UNDO, ERROR_NONE, HOLD_HELD},
    {HOLD_DROPPED, HOLD_ASK, ERROR_CONFLICT, HOLD_DROPPED},
    {HOLD_DROPPED, HOLD_CLAIM, ERROR_CONFLICT, HOLD_DROPPED},
    {HOLD_DROPPED, HOLD_DELEGATE, ERROR_CONFLICT, HOLD_DROPPED},
    {HOLD_DROPPED, HOLD_FINE, ERROR_CONFLICT, HOLD_DROPPED},
    {HOLD_DROPPED, HOLD_WRONG, ERROR_CONFLICT, HOLD_DROPPED},
    {HOLD_DROPPED, HOLD_REVISE, ERROR_CONFLICT, HOLD_DROPPED},
    {HOLD_REFUSED, HOLD_APPROVE, ERROR_CONFLICT, HOLD_REFUSED},
    {HOLD_REFUSED, HOLD_DROP, ERROR_CONFLICT, HOLD_REFUSED},
    {HOLD_REFUSED, HOLD_UNDO, ERROR_CONFLICT, HOLD_REFUSED},
    {HOLD_REFUSED, HOLD_ASK, ERROR_CONFLICT, HOLD_REFUSED},
    {HOLD_REFUSED, HOLD_CLAIM, ERROR_CONFLICT, HOLD_REFUSED},
    {HOLD_REFUSED, HOLD_DELEGATE, ERROR_CONFLICT, HOLD_REFUSED},
    {HOLD_REFUSED, HOLD_FINE, ERROR_CONFLICT, HOLD_REFUSED},
    {HOLD_REFUSED, HOLD_WRONG, ERROR_CONFLICT, HOLD_REFUSED},
    {HOLD_REFUSED, HOLD_REVISE, ERROR_CONFLICT, HOLD_REFUSED},
    {HOLD_REVISING, HOLD_APPROVE, ERROR_CONFLICT, HOLD_REVISING},
    {HOLD_REVISING, HOLD_DROP, ERROR_CONFLICT, HOLD_REVISING},
    {HOLD_REVISING, HOLD_UNDO, ERROR_NONE, HOLD_HELD},
    {HOLD_REVISING, HOLD_ASK, ERROR_CONFLICT, HOLD_REVISING},
    {HOLD_REVISING, HOLD_CLAIM, ERROR_CONFLICT, HOLD_REVISING},
    {HOLD_REVISING, HOLD_DELEGATE, ERROR_CONFLICT, HOLD_REVISING},
    {HOLD_REVISING, HOLD_FINE, ERROR_CONFLICT, HOLD_REVISING},
    {HOLD_REVISING, HOLD_WRONG, ERROR_CONFLICT, HOLD_REVISING},
    {HOLD_REVISING, HOLD_REVISE, ERROR_CONFLICT, HOLD_REVISING},
};

static void try_pair(const struct pair *pair)
{
	struct hold_decide decide = {
	    .verb = pair->verb,
	    .actor = "bob",
	    .medium = "mail",
	    /* to whom, or why */
	    .text = pair->verb == HOLD_DELEGATE ? "anna" : "because",
	};
	enum hold_state now;
	int64_t rows;

	start(NULL);
	decide.draft = ledger_in_state(&ledger, pair->from);
	assert_int_equal(
	    ledger_state(&ledger, decide.draft, decide.revision), pair->from);
	rows = ledger_number(&ledger, "SELECT count(*) FROM audit");
	if (ledger_do(&ledger, decide, &decide) != pair->kind)
		fail_msg("%s, %s: %s", hold_state_name(pair->from),
		    hold_verb_name(pair->verb), decide.call.error.text);
	now = ledger_state(&ledger, decide.draft, NULL);
	assert_int_equal(now, pair->to);
	assert_int_equal(decide.state, pair->to);
	assert_int_equal(strlen(decide.code), HOLD_CODE_SIZE - 1);
	/* taken or not, the log has exactly one row more */
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM audit"), rows + 1);
	if (pair->kind == ERROR_CONFLICT && pair->from != HOLD_REFUSED) {
		assert_string_equal(decide.prior.actor, "anna");
		assert_int_equal(decide.prior.verb,
		    pair->from == HOLD_DROPPED	  ? HOLD_DROP
		    : pair->from == HOLD_REVISING ? HOLD_REVISE
						  : HOLD_APPROVE);
		assert_true(decide.prior.at_ms > 0);
	} else {
		assert_int_equal(decide.prior.verb, 0);
	}
	stop(NULL);
}

static void each_verb_in_each_state(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		try_pair(&pairs[i]);
	/* nine states that verbs lead to, nine verbs that decide accepts */
	assert_int_equal(i, 9 * 9);
}

/* The states that no verb of this version leads to are final or inert. */
static void other_states_take_no_verb(void **state)
{
	static const enum hold_state others[] = {
	    HOLD_EXPIRED, HOLD_WITHDRAWN, HOLD_SUPERSEDED};
	int64_t id = draft_held(&ledger, "x\r\n");
	unsigned verb;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ledger_sql(&ledger, "UPDATE draft SET state = %d", others[i]);
		for (verb = HOLD_APPROVE; verb < HOLD_VERBS; verb++)
			if (verb != HOLD_EDIT)
				assert_int_equal(
				    ledger_say(&ledger, id,
					(enum hold_verb)verb, "anna"),
				    ERROR_CONFLICT);
		assert_int_equal(ledger_state(&ledger, id, NULL), others[i]);
	}
}

static void a_decision_needs_draft_and_authority(void **state)
{
	struct hold_decide decide = {
	    .draft = 4711,
	    .verb = HOLD_APPROVE,
	    .actor = "anna",
	    .medium = "mail",
	};
	int64_t id = draft_held(&ledger, "x\r\n");

	(void)state;
	assert_int_equal(ledger_do(&ledger, decide, &decide), ERROR_MISSING);
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_APPROVE, "mallory"), ERROR_DENIED);
	ledger.powerless = "anna";
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_APPROVE, "anna"), ERROR_DENIED);
	ledger.powerless = NULL;
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_EDIT, "anna"), ERROR_INVALID);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_APPROVE, "anna"), ERROR_NONE);
}

static void a_wrong_revision_decides_nothing(void **state)
{
	int64_t id = draft_held(&ledger, "x\r\n");
	struct hold_decide decide = {
	    .draft = id,
	    .verb = HOLD_APPROVE,
	    .actor = "anna",
	    .medium = "mail",
	};
	unsigned bit;

	(void)state;
	for (bit = 0; bit < 8 * DIGEST_SIZE; bit += 37) {
		ledger_state(&ledger, id, decide.revision);
		decide.revision[bit / 8] ^= (unsigned char)(1u << bit % 8);
		assert_int_equal(
		    ledger_do(&ledger, decide, &decide), ERROR_CONFLICT);
		assert_int_equal(decide.prior.verb, 0);
	}
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
}

static void what_could_not_be_read_cannot_be_approved(void **state)
{
	struct draft draft;

	(void)state;
	draft_init(&draft, "x\r\n");
	draft.reading->trouble = "the reader died";
	draft.verdict = VERDICT_PASS;
	draft_put(&ledger, &draft);
	assert_int_equal(draft.put.state, HOLD_HELD);
	assert_int_equal(
	    ledger_say(&ledger, draft.put.draft, HOLD_APPROVE, "anna"),
	    ERROR_INVALID);
	assert_int_equal(
	    ledger_say(&ledger, draft.put.draft, HOLD_DROP, "anna"),
	    ERROR_NONE);
	draft_release(&draft);
}

/* ---- races -------------------------------------------------------------- */

/* Both in one group, in either order: one wins, the other is told who. */
static void of_two_deciders_one_wins(void **state)
{
	static const enum hold_verb verbs[] = {HOLD_APPROVE, HOLD_DROP};
	struct hold_decide d[2];
	unsigned round, i, winner, won;
	char text[32];
	int64_t id;

	(void)state;
	for (round = 0; round < 64; round++) {
		snprintf(text, sizeof(text), "round %u\r\n", round);
		id = draft_held(&ledger, text);
		for (i = 0; i < 2; i++) {
			d[i] = (struct hold_decide){
			    .draft = id,
			    .verb = verbs[(round >> i) % 2],
			    .actor = (round / 4 + i) % 2 ? "anna" : "bob",
			    .medium = "mail",
			};
			ledger_state(&ledger, id, d[i].revision);
		}
		/* half of them in one group, half in two */
		if (round % 2)
			ledger_hold_back(&ledger);
		for (i = 0; i < 2; i++)
			ledger_start(&ledger, decide, &d[i]);
		if (round % 2)
			ledger_let_go(&ledger);
		ledger_wait(&ledger);
		won = 0;
		winner = 0;
		for (i = 0; i < 2; i++)
			if (d[i].call.error.kind == ERROR_NONE) {
				won++;
				winner = i;
			}
		assert_int_equal(won, 1);
		assert_int_equal(d[1 - winner].call.error.kind, ERROR_CONFLICT);
		assert_string_equal(d[1 - winner].prior.actor, d[winner].actor);
		assert_int_equal(d[1 - winner].prior.verb, d[winner].verb);
		assert_int_equal(d[1 - winner].state, d[winner].state);
		assert_int_equal(
		    ledger_state(&ledger, id, NULL), d[winner].state);
	}
}

static void one_bad_call_leaves_the_group_whole(void **state)
{
	struct hold_notice notice = {
	    .notice = hold_notice_id(ledger.hold),
	    .reviewer = "anna",
	    .message_id = "<x@y>",
	    .mail = {.from = "", .to = "a@b", .bytes = {"x", 1}},
	};
	struct draft a, b;

	(void)state;
	draft_init(&a, "first\r\n");
	draft_init(&b, "second\r\n");
	ledger_hold_back(&ledger);
	ledger_start(&ledger, put, &a.put);
	ledger_start(&ledger, notice, &notice); /* writes, then gives up */
	ledger_start(&ledger, put, &b.put);
	ledger_let_go(&ledger);
	assert_int_equal(notice.call.error.kind, ERROR_CONFLICT);
	assert_int_equal(a.put.call.error.kind, ERROR_NONE);
	assert_int_equal(b.put.call.error.kind, ERROR_NONE);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM draft"), 2);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM notice"), 0);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM outbox"), 0);
	draft_release(&a);
	draft_release(&b);
}

/* ---- edits -------------------------------------------------------------- */

static const struct envelope *others; /* whom the next edit is to reach */

static enum error_kind revise(int64_t id, const char *text,
    const unsigned char shown[DIGEST_SIZE], struct hold_revise *r)
{
	struct draft fresh;
	enum error_kind kind;

	draft_init(&fresh, text);
	*r = (struct hold_revise){
	    .draft = id,
	    .actor = "anna",
	    .medium = "mail",
	    .bytes = buf_span(&fresh.message->bytes),
	    .reading = fresh.reading,
	    .envelope = others,
	    .note = "the text was replaced",
	};
	memcpy(r->revision, shown, DIGEST_SIZE);
	kind = ledger_do(&ledger, revise, r);
	draft_release(&fresh);
	return kind;
}

static void an_edit_makes_a_revision(void **state)
{
	int64_t id = draft_held(&ledger, "old text\r\n");
	unsigned char first[DIGEST_SIZE], second[DIGEST_SIZE];
	struct hold_load load = {.draft = id};
	struct hold_view view = {.draft = id};
	struct hold_revise r;

	(void)state;
	ledger_notify(&ledger, id, "bob");
	ledger_state(&ledger, id, first);
	assert_int_equal(revise(id, "new text\r\n", first, &r), ERROR_NONE);
	assert_int_equal(r.number, 2);
	assert_int_equal(ledger_state(&ledger, id, second), HOLD_HELD);
	assert_memory_not_equal(first, second, DIGEST_SIZE);
	/* asked again, the editor as well; nobody is told an outcome */
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "anna"), 1);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "bob"), 1);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, NULL), 0);
	assert_int_equal(ledger_do(&ledger, load, &load), ERROR_NONE);
	assert_string_equal(load.bytes, "Subject: a test\r\n\r\nnew text\r\n");
	free(load.bytes);
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_int_equal(view.number, 2);
	assert_int_equal(view.current, 2);
	assert_string_equal(view.editor, "anna");
	assert_string_equal(view.note, "the text was replaced");
	assert_string_equal(view.before.data, "old text");
	assert_null(view.reading->trouble);
	assert_string_equal(view.reading->text.data, "new text");
	assert_non_null(reading_find(view.reading, "no-date"));
	assert_string_equal(view.code, r.code);
	assert_int_equal(view.n_decisions, 1);
	assert_int_equal(view.decisions[0].verb, HOLD_EDIT);
	hold_view_release(&view);
	/* the old one is dead, and says who killed it */
	assert_int_equal(revise(id, "third\r\n", first, &r), ERROR_CONFLICT);
	assert_string_equal(r.prior.actor, "anna");
	assert_int_equal(r.prior.verb, HOLD_EDIT);
	/* no change is no revision */
	assert_int_equal(revise(id, "new text\r\n", second, &r), ERROR_INVALID);
	assert_int_equal(ledger_state(&ledger, id, first), HOLD_HELD);
	assert_memory_equal(first, second, DIGEST_SIZE);
}

/* Each revision keeps whom it went to, and its hash covers them. */
static void an_edit_may_reach_others(void **state)
{
	int64_t id = draft_held(&ledger, "text\r\n");
	struct recipient list[] = {
	    {.address = "new@x.example"}, {.address = "other@x.example"}};
	const struct envelope to = {.n_recipients = 2, .recipients = list};
	struct hold_load load = {.draft = id, .revision = 1};
	struct hold_view view = {.draft = id};
	struct hold_verify verify = {.rows = 0};
	unsigned char sha256[DIGEST_SIZE];
	struct hold_revise r;
	const char *first;

	(void)state;
	ledger_state(&ledger, id, sha256);
	others = &to;
	assert_int_equal(revise(id, "text\r\n", sha256, &r), ERROR_NONE);
	others = NULL;
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_int_equal(view.n_recipients, 2);
	assert_string_equal(view.recipients[1].address, "other@x.example");
	assert_true(view.n_before > 0);
	first = view.before_recipients[0];
	assert_string_not_equal(first, "new@x.example");
	assert_memory_not_equal(view.sha256, sha256, DIGEST_SIZE);
	memcpy(sha256, view.sha256, DIGEST_SIZE);
	hold_view_release(&view);
	assert_int_equal(revise(id, "more\r\n", sha256, &r), ERROR_NONE);
	for (load.revision = 1; load.revision <= 3; load.revision++) {
		assert_int_equal(ledger_do(&ledger, load, &load), ERROR_NONE);
		free(load.bytes);
	}
	assert_int_equal(ledger_do(&ledger, verify, &verify), ERROR_NONE);
	assert_int_equal(verify.first_bad, 0);
	/* whom the relay host was asked about is not taken away */
	ledger_sql(&ledger,
	    "UPDATE recipient SET state = 2 WHERE draft = %d"
	    " AND n = 2",
	    (int)id);
	ledger_state(&ledger, id, sha256);
	list[0].address = "third@x.example";
	others = &to;
	assert_int_equal(revise(id, "last\r\n", sha256, &r), ERROR_INVALID);
	others = NULL;
	/* nor does a hash fit an envelope that it was not made of */
	ledger_sql(&ledger,
	    "UPDATE revision SET envelope = x'00'"
	    " WHERE id = %d * 10000 + 1",
	    (int)id);
	load.revision = 1;
	assert_int_equal(ledger_do(&ledger, load, &load), ERROR_INTERNAL);
}

/* The agent's words and the daemon's findings are of the draft. */
static void an_edit_keeps_what_only_the_first_had(void **state)
{
	unsigned char sha256[DIGEST_SIZE];
	struct hold_view view = {.draft = 0};
	struct hold_revise r;
	struct draft draft;

	(void)state;
	draft_held(&ledger, "twice\r\n");
	draft_init(&draft, "twice\r\n");
	draft.reading->context.why = "the customer asked";
	draft_put(&ledger, &draft);
	ledger_state(&ledger, draft.put.draft, sha256);
	assert_int_equal(
	    revise(draft.put.draft, "new\r\n", sha256, &r), ERROR_NONE);
	view.draft = draft.put.draft;
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_int_equal(view.number, 2);
	assert_string_equal(view.reading->context.why, "the customer asked");
	assert_non_null(reading_find(view.reading, "duplicate"));
	hold_view_release(&view);
	draft_release(&draft);
}

static void only_what_is_held_can_be_edited(void **state)
{
	unsigned char sha256[DIGEST_SIZE];
	struct hold_revise r;
	int64_t id = draft_held(&ledger, "text\r\n");

	(void)state;
	ledger_say(&ledger, id, HOLD_APPROVE, "bob");
	ledger_state(&ledger, id, sha256);
	assert_int_equal(revise(id, "new\r\n", sha256, &r), ERROR_CONFLICT);
	assert_string_equal(r.prior.actor, "bob");
	assert_int_equal(r.state, HOLD_APPROVED);
	ledger_attempt(&ledger, id, true, HOLD_RESULT_IN_DOUBT);
	assert_int_equal(revise(id, "new\r\n", sha256, &r), ERROR_INVALID);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM revision"), 1);
}

/* ---- prompts and notices ------------------------------------------------ */

static void the_held_are_asked_about(void **state)
{
	int64_t held = draft_held(&ledger, "a\r\n");
	int64_t passed = draft_passed(&ledger, "b\r\n");

	(void)state;
	assert_int_equal(
	    ledger_due(&ledger, held, HOLD_PROMPT_DECIDE, "anna"), 1);
	assert_int_equal(
	    ledger_due(&ledger, held, HOLD_PROMPT_DECIDE, "bob"), 1);
	assert_int_equal(
	    ledger_due(&ledger, passed, HOLD_PROMPT_DECIDE, NULL), 0);
}

static void others_hear_the_outcome(void **state)
{
	int64_t id = draft_held(&ledger, "a\r\n");

	(void)state;
	ledger_notify(&ledger, id, "bob");
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, NULL), 1);
	ledger_say(&ledger, id, HOLD_DROP, "anna");
	/* anna's prompt was never carried and dies; bob was shown his */
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, NULL), 0);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "bob"), 1);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "anna"), 0);
	/* undone: what bob did not hear yet is no news any more */
	ledger_say(&ledger, id, HOLD_UNDO, "anna");
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, NULL), 0);
	assert_int_equal(ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, NULL), 2);
}

static enum error_kind answer_notice(int64_t draft, enum hold_verb verb,
    const char *actor, int64_t notice, struct hold_decide *decide)
{
	*decide = (struct hold_decide){.draft = draft,
	    .verb = verb,
	    .actor = actor,
	    .medium = "mail",
	    .notice = notice};
	ledger_state(&ledger, draft, decide->revision);
	return ledger_do(&ledger, decide, decide);
}

/* Who answers what was asked before does not say that it may leave twice, nor
 * what is to become of what failed. */
static void old_notices_say_nothing_of_trouble(void **state)
{
	static const struct {
		bool dot;
		enum hold_result result;
		enum hold_state state;
	} rows[] = {{true, HOLD_RESULT_IN_DOUBT, HOLD_IN_DOUBT},
	    {false, HOLD_RESULT_FAILED, HOLD_FAILED}};
	struct hold_decide d;
	int64_t id, first, asked;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		id = draft_held(&ledger, i == 0 ? "a\r\n" : "b\r\n");
		first = ledger_notify(&ledger, id, "bob");
		ledger_say(&ledger, id, HOLD_APPROVE, "anna");
		ledger_attempt(&ledger, id, rows[i].dot, rows[i].result);
		assert_int_equal(
		    answer_notice(id, HOLD_APPROVE, "bob", first, &d),
		    ERROR_CONFLICT);
		assert_string_equal(d.prior.actor, "anna");
		assert_int_equal(answer_notice(id, HOLD_DROP, "bob", first, &d),
		    ERROR_CONFLICT);
		assert_int_equal(
		    ledger_state(&ledger, id, NULL), rows[i].state);
		asked = ledger_notify(&ledger, id, "anna");
		assert_int_equal(
		    answer_notice(id, HOLD_APPROVE, "anna", asked, &d),
		    ERROR_NONE);
		/* and what asked the same about the time before */
		ledger_attempt(&ledger, id, rows[i].dot, rows[i].result);
		assert_int_equal(
		    answer_notice(id, HOLD_APPROVE, "anna", asked, &d),
		    ERROR_CONFLICT);
		assert_int_equal(
		    ledger_state(&ledger, id, NULL), rows[i].state);
	}
	ledger_verify(&ledger);
}

static void who_was_shown_it_twice_hears_once(void **state)
{
	int64_t id = draft_held(&ledger, "a\r\n");

	(void)state;
	ledger_notify(&ledger, id, "bob");
	ledger_say(&ledger, id, HOLD_DROP, "anna");
	ledger_notify(&ledger, id, "bob"); /* the outcome */
	ledger_say(&ledger, id, HOLD_UNDO, "anna");
	ledger_notify(&ledger, id, "bob");
	ledger_say(&ledger, id, HOLD_APPROVE, "anna");
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "bob"), 1);
}

static void trouble_goes_to_who_approved(void **state)
{
	static const struct {
		bool by_rule;
		const char *powerless;
		unsigned anna, bob;
	} rows[] = {
	    {false, NULL, 1, 0},   /* anna approved */
	    {false, "anna", 1, 1}, /* and may not any more */
	    {true, NULL, 1, 1},
	};
	int64_t id;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hold_claim claim = {.draft = 0};
		struct hold_settle settle = {.n_targets = 2};
		char text[16];

		snprintf(text, sizeof(text), "t%zu\r\n", i);
		if (rows[i].by_rule) {
			id = draft_passed(&ledger, text);
		} else {
			id = draft_held(&ledger, text);
			ledger_say(&ledger, id, HOLD_APPROVE, "anna");
		}
		assert_int_equal(ledger_do(&ledger, claim, &claim), ERROR_NONE);
		assert_int_equal(claim.draft, id);
		ledger.powerless = rows[i].powerless;
		claim.targets[0].result = HOLD_RESULT_SENT;
		claim.targets[1].result = HOLD_RESULT_FAILED;
		settle.draft = id;
		settle.attempt = claim.attempt;
		settle.targets = claim.targets;
		assert_int_equal(
		    ledger_do(&ledger, settle, &settle), ERROR_NONE);
		assert_int_equal(settle.state, HOLD_FAILED);
		arena_free(claim.arena);
		ledger.powerless = NULL;
		assert_int_equal(
		    ledger_due(&ledger, id, HOLD_PROMPT_FAILED, "anna"),
		    rows[i].anna);
		assert_int_equal(
		    ledger_due(&ledger, id, HOLD_PROMPT_FAILED, "bob"),
		    rows[i].bob);
	}
}

/* One of two got it, or none: refused, then taken as it is. */
static void what_failed_can_be_closed(void **state)
{
	struct hold_decide say = {.verb = HOLD_DROP};
	struct hold_owed owed = {.limit = 10};
	int some;
	int64_t id;

	(void)state;
	for (some = 0; some < 2; some++) {
		struct hold_claim claim = {.draft = 0};
		struct hold_settle settle = {.n_targets = 2};

		id = draft_passed(&ledger, some ? "some\r\n" : "none\r\n");
		ledger_do(&ledger, claim, &claim);
		claim.targets[0].result =
		    some ? HOLD_RESULT_SENT : HOLD_RESULT_FAILED;
		claim.targets[1].result = HOLD_RESULT_FAILED;
		settle.draft = id;
		settle.attempt = claim.attempt;
		settle.targets = claim.targets;
		ledger_do(&ledger, settle, &settle);
		arena_free(claim.arena);
		/* the failure is reported once, and nothing else is */
		if (some)
			ledger_sql(&ledger, "DELETE FROM word");
		assert_int_equal(
		    ledger_say(&ledger, id, HOLD_DROP, "anna"), ERROR_NONE);
		assert_int_equal(ledger_state(&ledger, id, NULL),
		    some ? HOLD_SENT : HOLD_DROPPED);
		ledger_do(&ledger, owed, &owed);
		assert_int_equal(owed.n_words, some ? 0 : 1);
		assert_int_equal(
		    ledger_due(&ledger, id, HOLD_PROMPT_FAILED, NULL), 0);
	}
	/* closed for good: and why */
	say.draft = id;
	say.actor = "anna";
	say.medium = "mail";
	ledger_state(&ledger, id, say.revision);
	assert_int_equal(ledger_do(&ledger, decide, &say), ERROR_CONFLICT);
	assert_non_null(
	    strstr(say.call.error.text, "it is sent: nothing can be decided"));
}

/* A drop that is taken back leads to everybody who was refused. */
static void a_closed_failure_can_be_opened(void **state)
{
	int64_t id = draft_passed(&ledger, "a\r\n");

	(void)state;
	assert_int_equal(ledger_attempt(&ledger, id, false, HOLD_RESULT_FAILED),
	    HOLD_FAILED);
	ledger_say(&ledger, id, HOLD_DROP, "anna");
	assert_int_equal(
	    ledger_say(&ledger, id, HOLD_UNDO, "anna"), ERROR_NONE);
	assert_int_equal(ledger_state(&ledger, id, NULL), HOLD_HELD);
	ledger_say(&ledger, id, HOLD_APPROVE, "anna");
	assert_int_equal(
	    ledger_attempt(&ledger, id, true, HOLD_RESULT_SENT), HOLD_SENT);
}

/* Nothing in the file, whoever wrote it, stops the daemon. */
static void a_ledger_full_of_nonsense_is_read(void **state)
{
	int64_t id = draft_held(&ledger, "a\r\n");
	struct hold_view view = {.draft = id};
	struct hold_list list = {.state = HOLD_STATES, .limit = 10};
	struct hold_due due = {.reviewer = "bob", .limit = 10};
	size_t i;

	(void)state;
	ledger_say(&ledger, id, HOLD_ASK, "anna");
	ledger_sql(&ledger, "UPDATE decision SET verb = 'drop';"
			    "UPDATE draft SET state = 77;"
			    "UPDATE prompt SET kind = 'x';"
			    "UPDATE submission SET ret = 99;"
			    "UPDATE recipient SET state = -3;"
			    "UPDATE finding SET weight = 1000");
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_string_equal(hold_state_name(view.state), "?");
	assert_string_equal(hold_verb_name(view.decisions[0].verb), "?");
	assert_int_equal(view.ret, MESSAGE_RET_NONE);
	for (i = 0; i < view.reading->n_findings; i++)
		assert_in_range(view.reading->findings[i].weight, FINDING_NOTE,
		    FINDING_TRIPWIRE);
	hold_view_release(&view);
	assert_int_equal(ledger_do(&ledger, list, &list), ERROR_NONE);
	assert_string_equal(hold_state_name(list.rows[0].state), "?");
	arena_free(list.arena);
	assert_int_equal(ledger_do(&ledger, due, &due), ERROR_NONE);
	for (i = 0; i < due.n_prompts; i++)
		assert_int_equal(due.prompts[i].kind, HOLD_PROMPT_OUTCOME);
	arena_free(due.arena);
	assert_int_not_equal(
	    ledger_say(&ledger, id, HOLD_APPROVE, "anna"), ERROR_NONE);
}

static void what_cannot_be_said_is_told_why(void **state)
{
	struct hold_decide say = {
	    .verb = HOLD_UNDO, .actor = "anna", .medium = "mail"};
	struct hold_view view = {.draft = 99};

	(void)state;
	say.draft = draft_held(&ledger, "a\r\n");
	ledger_state(&ledger, say.draft, say.revision);
	assert_int_equal(ledger_do(&ledger, decide, &say), ERROR_INVALID);
	assert_non_null(strstr(say.call.error.text,
	    "it is held, so undo is not possible, but approve, drop, edit, "
	    "revise, delegate, snooze, claim and ask are"));
	ledger_say(&ledger, say.draft, HOLD_DROP, "anna");
	say.verb = HOLD_APPROVE;
	assert_int_equal(ledger_do(&ledger, decide, &say), ERROR_CONFLICT);
	assert_non_null(
	    strstr(say.call.error.text, "it is dropped and does not wait"));
	assert_int_equal(say.prior.verb, HOLD_DROP);
	assert_string_equal(say.prior.actor, "anna");
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_MISSING);
	assert_string_equal(view.call.error.text, "there is no draft 99");
	hold_view_release(&view);
}

static void recent_notices_are_told(void **state)
{
	struct hold_recent recent = {.since_ms = 0};
	int64_t id = draft_held(&ledger, "a\r\n");

	(void)state;
	ledger_notify(&ledger, id, "anna");
	ledger_notify(&ledger, id, "bob");
	ledger_sql(&ledger, "UPDATE notice SET at_ms = 7 WHERE id = 1");
	ledger_do(&ledger, recent, &recent);
	assert_int_equal(recent.n_notices, 2);
	assert_string_equal(recent.notices[0].reviewer, "bob");
	assert_int_equal(recent.notices[1].at_ms, 7);
	arena_free(recent.arena);
	recent.since_ms = 8;
	ledger_do(&ledger, recent, &recent);
	assert_int_equal(recent.n_notices, 1);
	arena_free(recent.arena);
}

static void a_notice_tells_what_it_was_about(void **state)
{
	int64_t id = draft_held(&ledger, "a\r\n");
	struct hold_answered a = {.notice = 4711};

	(void)state;
	assert_int_equal(ledger_do(&ledger, answered, &a), ERROR_MISSING);
	arena_free(a.arena);
	a.notice = ledger_notify(&ledger, id, "bob");
	assert_int_equal(ledger_do(&ledger, answered, &a), ERROR_NONE);
	assert_string_equal(a.reviewer, "bob");
	assert_string_equal(a.message_id, "<n@here>");
	assert_int_equal(a.draft, id);
	assert_int_equal(a.number, 1);
	assert_int_equal(a.kind, HOLD_PROMPT_DECIDE);
	assert_int_equal(a.state, HOLD_HELD);
	assert_false(a.digest);
	assert_false(a.cut);
	assert_true(a.at_ms > 0);
	arena_free(a.arena);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM outbox"), 1);
	/* after an edit it is still about the first revision */
	ledger_say(&ledger, id, HOLD_DROP, "anna");
	assert_int_equal(ledger_do(&ledger, answered, &a), ERROR_NONE);
	assert_int_equal(a.state, HOLD_DROPPED);
	assert_int_equal(a.number, 1);
	arena_free(a.arena);
}

/* Two notices for one prompt, and one for a prompt that died. */
static void a_prompt_is_carried_once(void **state)
{
	int64_t id = draft_held(&ledger, "a\r\n");
	struct hold_due due = {.reviewer = "anna", .limit = 1};
	struct hold_notice n[2];
	struct hold_notice_item item = {.cut = false};
	unsigned i;

	(void)state;
	assert_int_equal(ledger_do(&ledger, due, &due), ERROR_NONE);
	assert_int_equal(due.n_prompts, 1);
	item.prompt = due.prompts[0].prompt;
	assert_int_equal(due.prompts[0].revision, 1);
	assert_string_equal(due.prompts[0].reviewer, "anna");
	arena_free(due.arena);
	for (i = 0; i < 2; i++) {
		n[i] = (struct hold_notice){
		    .notice = hold_notice_id(ledger.hold),
		    .reviewer = "anna",
		    .message_id = "<x@y>",
		    .n_items = 1,
		    .items = &item,
		    .mail = {.from = "", .to = "a@b", .bytes = {"x", 1}},
		};
		ledger_start(&ledger, notice, &n[i]);
	}
	ledger_wait(&ledger);
	assert_int_equal(n[0].call.error.kind, ERROR_NONE);
	assert_int_equal(n[1].call.error.kind, ERROR_CONFLICT);
	ledger_say(&ledger, id, HOLD_DROP, "anna");
	item.prompt++; /* bob's */
	n[1].notice = hold_notice_id(ledger.hold);
	n[1].reviewer = "bob";
	assert_int_equal(ledger_do(&ledger, notice, &n[1]), ERROR_CONFLICT);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM outbox"), 1);
}

/* What a test asks of all prompts that are due to these people, in order. */
static size_t all_due(
    const char *const *people, size_t n, struct hold_notice_item *items)
{
	struct hold_due due = {.limit = 100};
	size_t i, k, n_items = 0;

	for (k = 0; k < n; k++) {
		due.reviewer = people[k];
		assert_int_equal(ledger_do(&ledger, due, &due), ERROR_NONE);
		for (i = 0; i < due.n_prompts; i++)
			items[n_items++] = (struct hold_notice_item){
			    .prompt = due.prompts[i].prompt};
		arena_free(due.arena);
	}
	return n_items;
}

static void a_digest_binds_each_item_to_its_revision(void **state)
{
	static const char *const all[] = {"anna", "bob"};
	struct hold_answered a = {.notice = 0};
	struct hold_notice_item items[6];
	struct hold_notice notice = {
	    .reviewer = "bob",
	    .message_id = "<x@y>",
	    .digest = true,
	    .items = items,
	    .mail = {.from = "", .to = "a@b", .bytes = {"x", 1}},
	};
	int64_t ids[2] = {
	    draft_held(&ledger, "a\r\n"), draft_held(&ledger, "b\r\n")};
	unsigned char hash[DIGEST_SIZE];

	(void)state;
	notice.n_items = all_due(all, 2, items);
	assert_int_equal(notice.n_items, 4);
	items[2].low = items[3].cut = true;
	/* one is decided while the digest is being made */
	ledger_say(&ledger, ids[1], HOLD_DROP, "anna");
	notice.notice = a.notice = hold_notice_id(ledger.hold);
	assert_int_equal(ledger_do(&ledger, notice, &notice), ERROR_NONE);
	assert_int_equal(
	    ledger_due(&ledger, ids[0], HOLD_PROMPT_DECIDE, "bob"), 0);
	/* anna's prompts were in the list, but are not bob's */
	assert_int_equal(
	    ledger_due(&ledger, ids[0], HOLD_PROMPT_DECIDE, "anna"), 1);
	assert_int_equal(ledger_do(&ledger, answered, &a), ERROR_NONE);
	assert_true(a.digest);
	assert_int_equal(a.draft, 0);
	assert_int_equal(a.n_items, 2);
	assert_int_equal(a.items[0].n, 3);
	assert_int_equal(a.items[0].draft, ids[0]);
	assert_int_equal(a.items[0].number, 1);
	assert_int_equal(a.items[0].kind, HOLD_PROMPT_DECIDE);
	assert_int_equal(a.items[0].state, HOLD_HELD);
	assert_true(a.items[0].low && !a.items[0].cut);
	ledger_state(&ledger, ids[0], hash);
	assert_memory_equal(a.items[0].revision, hash, DIGEST_SIZE);
	assert_int_equal(strlen(a.items[0].code), HOLD_CODE_SIZE - 1);
	assert_int_equal(a.items[1].n, 4);
	assert_int_equal(a.items[1].draft, ids[1]);
	assert_int_equal(a.items[1].state, HOLD_DROPPED);
	assert_true(a.items[1].cut && !a.items[1].low);
	arena_free(a.arena);
	/* who was shown it hears what became of it */
	ledger_say(&ledger, ids[0], HOLD_DROP, "anna");
	assert_int_equal(
	    ledger_due(&ledger, ids[0], HOLD_PROMPT_OUTCOME, "bob"), 1);
}

static void a_digest_of_one_is_about_that(void **state)
{
	struct hold_answered a = {.notice = 0};
	struct hold_notice_item item = {.cut = true};
	struct hold_notice notice = {
	    .reviewer = "bob",
	    .message_id = "<x@y>",
	    .digest = true,
	    .n_items = 1,
	    .items = &item,
	    .mail = {.from = "", .to = "a@b", .bytes = {"x", 1}},
	};
	int64_t id = draft_held(&ledger, "a\r\n");
	struct hold_due due = {.reviewer = "bob", .limit = 9};

	(void)state;
	assert_int_equal(ledger_do(&ledger, due, &due), ERROR_NONE);
	assert_null(due.prompts[0].first_id);
	assert_true(due.prompts[0].at_ms > 0);
	item.prompt = due.prompts[0].prompt;
	arena_free(due.arena);
	notice.notice = a.notice = hold_notice_id(ledger.hold);
	assert_int_equal(ledger_do(&ledger, notice, &notice), ERROR_NONE);
	assert_int_equal(ledger_do(&ledger, answered, &a), ERROR_NONE);
	assert_int_equal(a.n_items, 1);
	assert_int_equal(a.draft, id);
	assert_true(a.cut);
	assert_string_equal(a.items[0].code, a.code);
	arena_free(a.arena);
	/* what is said of it later hangs below that mail */
	ledger_say(&ledger, id, HOLD_DROP, "anna");
	assert_int_equal(ledger_do(&ledger, due, &due), ERROR_NONE);
	assert_string_equal(due.prompts[0].first_id, "<x@y>");
	arena_free(due.arena);
}

static void notice_ids_do_not_return(void **state)
{
	int64_t first, id = draft_held(&ledger, "a\r\n");

	(void)state;
	first = ledger_notify(&ledger, id, "bob");
	assert_int_equal(hold_notice_id(ledger.hold), first + 1);
	ledger_close(&ledger);
	ledger_open(&ledger);
	assert_true(hold_notice_id(ledger.hold) > first);
}

/* ---- at the end --------------------------------------------------------- */

static struct hold_decide late;
static unsigned late_done;

static void on_late(struct hold_call *call)
{
	assert_int_equal(call->error.kind, ERROR_BUSY);
	late_done++;
}

static void on_last(struct hold_call *call)
{
	(void)call;
	late.call.done = on_late;
	late.actor = late.medium = "anna";
	late.draft = 1;
	hold_decide(ledger.hold, &late);
}

/* A verb called by a done() during hold_close() is answered too. */
static void every_call_is_answered_at_the_end(void **state)
{
	struct draft draft;

	(void)state;
	draft_init(&draft, "x\r\n");
	draft.put.call.done = on_last;
	late_done = 0;
	hold_put(ledger.hold, &draft.put);
	ledger_close(&ledger);
	assert_int_equal(draft.put.call.error.kind, ERROR_NONE);
	assert_int_equal(late_done, 1);
	draft_release(&draft);
	ledger_open(&ledger);
	assert_int_equal(
	    ledger_state(&ledger, draft.put.draft, NULL), HOLD_HELD);
}

/* The same answer delivered again, when what it did was taken back. */
static void an_answer_is_heard_once(void **state)
{
	struct hold_decide decide = {.verb = HOLD_APPROVE,
	    .actor = "anna",
	    .medium = "mail",
	    .answer = "answer 5 aa"};
	struct hold_decide undo = {.verb = HOLD_UNDO,
	    .actor = "bob",
	    .medium = "mail",
	    .answer = "answer 6 bb"};
	int64_t other;

	(void)state;
	decide.draft = undo.draft = ledger_in_state(&ledger, HOLD_HELD);
	other = ledger_in_state(&ledger, HOLD_HELD);
	ledger_state(&ledger, decide.draft, decide.revision);
	ledger_state(&ledger, decide.draft, undo.revision);
	assert_int_equal(ledger_do(&ledger, decide, &decide), ERROR_NONE);
	assert_int_equal(ledger_do(&ledger, decide, &undo), ERROR_NONE);
	assert_int_equal(ledger_do(&ledger, decide, &decide), ERROR_CONFLICT);
	assert_int_equal(decide.prior.verb, HOLD_APPROVE);
	assert_string_equal(decide.prior.actor, "anna");
	assert_int_equal(decide.state, HOLD_HELD);
	assert_int_equal(ledger_state(&ledger, decide.draft, NULL), HOLD_HELD);
	/* another answer is another, and so is another draft */
	decide.answer = "answer 5 cc";
	assert_int_equal(ledger_do(&ledger, decide, &decide), ERROR_NONE);
	decide.draft = other;
	ledger_state(&ledger, other, decide.revision);
	assert_int_equal(ledger_do(&ledger, decide, &decide), ERROR_NONE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_go_both_ways),
	    cmocka_unit_test(the_moves_are_these),
	    cmocka_unit_test(the_table_can_be_printed),
	    cmocka_unit_test(each_verb_in_each_state),
	    TEST(an_answer_is_heard_once),
	    TEST(other_states_take_no_verb),
	    TEST(a_decision_needs_draft_and_authority),
	    TEST(a_wrong_revision_decides_nothing),
	    TEST(what_could_not_be_read_cannot_be_approved),
	    TEST(of_two_deciders_one_wins),
	    TEST(one_bad_call_leaves_the_group_whole),
	    TEST(an_edit_makes_a_revision),
	    TEST(an_edit_may_reach_others),
	    TEST(an_edit_keeps_what_only_the_first_had),
	    TEST(only_what_is_held_can_be_edited),
	    TEST(the_held_are_asked_about),
	    TEST(others_hear_the_outcome),
	    TEST(old_notices_say_nothing_of_trouble),
	    TEST(who_was_shown_it_twice_hears_once),
	    TEST(trouble_goes_to_who_approved),
	    TEST(what_failed_can_be_closed),
	    TEST(a_closed_failure_can_be_opened),
	    TEST(a_ledger_full_of_nonsense_is_read),
	    TEST(what_cannot_be_said_is_told_why),
	    TEST(recent_notices_are_told),
	    TEST(a_notice_tells_what_it_was_about),
	    TEST(a_prompt_is_carried_once),
	    TEST(a_digest_binds_each_item_to_its_revision),
	    TEST(a_digest_of_one_is_about_that),
	    TEST(notice_ids_do_not_return),
	    TEST(every_call_is_answered_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
