/*
 * Tests of what an agent does with its drafts, and of mail that people outside
 * write: sent back, replaced, taken back, lapsed, called back.
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

#include "util/clock.h"
#include "util/mem.h"

static struct ledger ledger;
static struct hold_decide said;
static struct hold_revising terms;

static void revising(
    const char *channel, struct hold_revising *out, const void *people)
{
	(void)channel;
	(void)people;
	*out = terms;
}

static int start(void **state)
{
	(void)state;
	terms = (struct hold_revising){2, 60 * 1000};
	ledger_init(&ledger);
	ledger.settings.revising = revising;
	if (ledger_open(&ledger))
		fail_msg("%s", ledger.error.text);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	ledger_verify(&ledger);
	ledger_release(&ledger);
	return 0;
}

/* A mail with these ids; what is NULL is not there. */
struct mail {
	const char *text, *id, *answers, *references, *replaces;
	enum verdict_kind verdict; /* HOLD is 0 */
	const char *agent;
};

static char told[4096];

static struct hold_put put(const struct mail *mail)
{
	struct hold_put out;
	struct draft d;

	draft_init(&d, mail->text);
	d.verdict = mail->verdict;
	d.reading->message_id = mail->id;
	d.reading->in_reply_to = mail->answers;
	d.reading->references = mail->references;
	d.reading->context.replaces = mail->replaces;
	if (mail->agent != NULL)
		d.message->agent = mail->agent;
	draft_put(&ledger, &d);
	hold_confirm(ledger.hold, d.put.draft);
	memcpy(told, d.told, sizeof(told));
	out = d.put;
	draft_release(&d);
	return out;
}

static const char *number(int64_t n)
{
	static char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	return text;
}

static enum error_kind tell(
    int64_t draft, enum hold_verb verb, const char *actor, const char *text)
{
	return ledger_tell(&ledger, draft, verb, actor, text, &said);
}

static void see(int64_t draft, struct hold_view *view)
{
	*view = (struct hold_view){.draft = draft};
	assert_int_equal(ledger_do(&ledger, view, view), ERROR_NONE);
}

/* ---- sent back ----------------------------------------------------------- */

static void a_draft_goes_back_with_a_remark(void **state)
{
	struct hold_put old = put(&(struct mail){.text = "a\r\n"});
	struct hold_view view;

	(void)state;
	ledger_notify(&ledger, old.draft, "bob");
	assert_int_equal(
	    tell(old.draft, HOLD_REVISE, "anna", NULL), ERROR_INVALID);
	assert_int_equal(
	    tell(old.draft, HOLD_REVISE, "anna", " \n"), ERROR_INVALID);
	assert_int_equal(ledger_state(&ledger, old.draft, NULL), HOLD_HELD);
	assert_int_equal(
	    tell(old.draft, HOLD_REVISE, "anna", "be brief"), ERROR_NONE);
	assert_int_equal(said.state, HOLD_REVISING);
	assert_in_range(said.due_ms, clock_now_ms() + 50 * 1000,
	    clock_now_ms() + 60 * 1000);
	/* nobody is asked any more, who saw it is told */
	assert_int_equal(
	    ledger_due(&ledger, old.draft, HOLD_PROMPT_DECIDE, NULL), 0);
	assert_int_equal(
	    ledger_due(&ledger, old.draft, HOLD_PROMPT_OUTCOME, "bob"), 1);
	see(old.draft, &view);
	assert_string_equal(view.remark, "be brief");
	assert_string_equal(view.remark_by, "anna");
	assert_int_equal(view.rounds, 1);
	assert_int_equal(view.revise_ms, said.due_ms);
	assert_int_equal(view.due_ms, 0);
	hold_view_release(&view);
	/* second thoughts */
	assert_int_equal(tell(old.draft, HOLD_UNDO, "bob", NULL), ERROR_NONE);
	assert_int_equal(ledger_state(&ledger, old.draft, NULL), HOLD_HELD);
}

static void a_better_one_takes_its_place(void **state)
{
	struct hold_put old, new;
	struct hold_view view;
	struct mail better = {.text = "better\r\n", .id = "<2@a>"};

	(void)state;
	old = put(&(struct mail){.text = "worse\r\n", .id = "<1@a>"});
	tell(old.draft, HOLD_REVISE, "carol", "be brief");
	better.replaces = number(old.draft);
	/* however sure a rule is: a person had a say */
	better.verdict = VERDICT_PASS;
	new = put(&better);
	assert_int_equal(new.state, HOLD_HELD);
	assert_int_equal(new.replaces, old.draft);
	assert_string_equal(told, "replaces 1\nfirst-contact one@dest.example\n"
				  "first-contact two@dest.example\n");
	assert_int_equal(
	    ledger_state(&ledger, old.draft, NULL), HOLD_SUPERSEDED);
	/* who sent it back is asked too, although no rule says so */
	assert_int_equal(
	    ledger_due(&ledger, new.draft, HOLD_PROMPT_DECIDE, "carol"), 1);
	assert_int_equal(
	    ledger_due(&ledger, new.draft, HOLD_PROMPT_DECIDE, "anna"), 1);
	see(new.draft, &view);
	assert_int_equal(view.replaces, old.draft);
	assert_string_equal(view.remark, "be brief");
	assert_int_equal(view.rounds, 1);
	assert_int_equal(view.before.len, 5);
	assert_memory_equal(view.before.data, "worse", 5);
	hold_view_release(&view);
	see(old.draft, &view);
	assert_int_equal(view.replaced_by, new.draft);
	hold_view_release(&view);
}

/* By its Message-ID too, with or without <>. */
static void it_is_found_by_its_message_id(void **state)
{
	static const char *const names[] = {"<1@a>", "1@a"};
	struct mail better = {.text = "better\r\n", .id = "<2@a>"};
	struct hold_put old, new;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		old = put(&(struct mail){
		    .text = i == 0 ? "worse\r\n" : "bad\r\n", .id = "<1@a>"});
		better.replaces = names[i];
		better.text = i == 0 ? "better\r\n" : "much better\r\n";
		new = put(&better);
		assert_int_equal(new.replaces, old.draft);
		assert_int_equal(
		    ledger_state(&ledger, old.draft, NULL), HOLD_SUPERSEDED);
		tell(new.draft, HOLD_DROP, "anna", "no");
	}
}

static void it_goes_back_so_often(void **state)
{
	struct hold_put last = put(&(struct mail){.text = "0\r\n"});
	char text[16], name[24];
	unsigned i;

	(void)state;
	for (i = 1; i <= 2; i++) {
		assert_int_equal(
		    tell(last.draft, HOLD_REVISE, "anna", "no"), ERROR_NONE);
		snprintf(text, sizeof(text), "%u\r\n", i);
		snprintf(name, sizeof(name), "%s", number(last.draft));
		last = put(&(struct mail){.text = text, .replaces = name});
	}
	assert_int_equal(
	    tell(last.draft, HOLD_REVISE, "anna", "no"), ERROR_INVALID);
	assert_non_null(strstr(said.call.error.text, "2 times"));
	assert_int_equal(ledger_state(&ledger, last.draft, NULL), HOLD_HELD);
	terms.rounds = 0;
	assert_int_equal(
	    tell(last.draft, HOLD_REVISE, "anna", "no"), ERROR_INVALID);
	assert_int_equal(tell(last.draft, HOLD_DROP, "anna", "no"), ERROR_NONE);
}

static void what_comes_too_late_replaces_nothing(void **state)
{
	static const enum hold_state gone[] = {HOLD_SENDING, HOLD_SENT,
	    HOLD_DROPPED, HOLD_FAILED, HOLD_IN_DOUBT, HOLD_REFUSED};
	struct hold_put new;
	char text[16], name[24];
	int64_t id;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		id = ledger_in_state(&ledger, gone[i]);
		snprintf(text, sizeof(text), "late %zu\r\n", i);
		snprintf(name, sizeof(name), "%s", number(id));
		new = put(&(struct mail){.text = text, .replaces = name});
		assert_int_equal(new.replaces, 0);
		assert_int_equal(new.state, HOLD_HELD);
		assert_non_null(strstr(told, "replaces-nothing "));
		assert_int_equal(ledger_state(&ledger, id, NULL), gone[i]);
	}
}

static void nobody_replaces_the_drafts_of_others(void **state)
{
	static const char *const names[] = {
	    "1", "<1@a>", "4711", "<no@a>", "1 2", "-1", "0", "", "1 OR 1=1"};
	struct mail mail = {.agent = "other"};
	struct hold_put old, new;
	char text[16];
	size_t i;

	(void)state;
	old = put(&(struct mail){.text = "mine\r\n", .id = "<1@a>"});
	assert_int_equal(old.draft, 1);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(text, sizeof(text), "theirs %zu\r\n", i);
		mail.text = text;
		mail.replaces = names[i];
		new = put(&mail);
		assert_int_equal(new.replaces, 0);
		assert_non_null(strstr(told, "replaces-nothing "));
	}
	assert_int_equal(ledger_state(&ledger, old.draft, NULL), HOLD_HELD);
}

static void what_is_refused_replaces_nothing(void **state)
{
	struct hold_put old = put(&(struct mail){.text = "a\r\n"}), new;

	(void)state;
	new = put(&(struct mail){.text = "b\r\n",
	    .replaces = number(old.draft),
	    .verdict = VERDICT_REFUSE});
	assert_int_equal(new.state, HOLD_REFUSED);
	assert_int_equal(new.replaces, 0);
	assert_int_equal(ledger_state(&ledger, old.draft, NULL), HOLD_HELD);
}

/* What a rule let go may be replaced by what a rule lets go. */
static void what_no_person_saw_needs_none(void **state)
{
	struct hold_put old, new;

	(void)state;
	old = put(&(struct mail){.text = "a\r\n", .verdict = VERDICT_PASS});
	assert_int_equal(old.state, HOLD_APPROVED);
	new = put(&(struct mail){.text = "b\r\n",
	    .replaces = number(old.draft),
	    .verdict = VERDICT_PASS});
	assert_int_equal(new.state, HOLD_APPROVED);
	assert_int_equal(
	    ledger_state(&ledger, old.draft, NULL), HOLD_SUPERSEDED);
	/* what a person approved is another matter */
	old = put(&(struct mail){.text = "c\r\n"});
	tell(old.draft, HOLD_APPROVE, "anna", NULL);
	new = put(&(struct mail){.text = "d\r\n",
	    .replaces = number(old.draft),
	    .verdict = VERDICT_PASS});
	assert_int_equal(new.state, HOLD_HELD);
	assert_int_equal(
	    ledger_state(&ledger, old.draft, NULL), HOLD_SUPERSEDED);
}

/* Two persons for the old one: two for the new one, whatever it says. */
static void a_better_one_is_no_way_around_people(void **state)
{
	const struct verdict two = {.persons = 2,
	    .severity = SEVERITY_CRITICAL,
	    .needs_reason = true,
	    .demand = "finding legal"};
	struct hold_view view;
	struct hold_put new;
	int64_t id;

	(void)state;
	id = draft_wanted(&ledger, "grave\r\n", VERDICT_HOLD, &two);
	new = put(&(struct mail){.text = "light\r\n", .replaces = number(id)});
	see(new.draft, &view);
	assert_int_equal(view.persons, 2);
	assert_int_equal(view.severity, SEVERITY_CRITICAL);
	assert_true(view.needs_reason);
	assert_string_equal(view.demand, "finding legal");
	hold_view_release(&view);
}

/* ---- nothing came in time ------------------------------------------------ */

static void what_its_agent_leaves_expires(void **state)
{
	struct hold_put old = put(&(struct mail){.text = "a\r\n"});
	struct hold_lapse lapse = {.now_ms = clock_now_ms()};

	(void)state;
	tell(old.draft, HOLD_REVISE, "anna", "be brief");
	assert_int_equal(ledger_do(&ledger, lapse, &lapse), ERROR_NONE);
	assert_int_equal(lapse.n_drafts, 0);
	assert_int_equal(lapse.next_ms, said.due_ms);
	lapse.now_ms = said.due_ms;
	assert_int_equal(ledger_do(&ledger, lapse, &lapse), ERROR_NONE);
	assert_int_equal(lapse.n_drafts, 1);
	assert_int_equal(lapse.next_ms, 0);
	assert_int_equal(ledger_state(&ledger, old.draft, NULL), HOLD_EXPIRED);
	assert_int_equal(
	    ledger_due(&ledger, old.draft, HOLD_PROMPT_OUTCOME, "anna"), 1);
	assert_int_equal(
	    ledger_number(&ledger,
		"SELECT count(*) FROM word"
		" WHERE draft = %d AND event = 'expired' AND report = 1",
		(int)old.draft),
	    1);
}

/* Its agent wanted it back by then. */
static void what_nobody_decides_by_then_expires(void **state)
{
	struct hold_lapse lapse = {.now_ms = 0};
	struct hold_view view;
	struct draft d;
	int64_t by;

	(void)state;
	draft_init(&d, "hurry\r\n");
	d.message->not_before_ms = d.message->received_ms + 1000;
	by = d.message->not_after_ms = d.message->received_ms + 60 * 1000;
	/* a rule that wants more keeps it */
	d.wants.not_before_ms = d.message->received_ms + 2000;
	d.wants.not_after_ms = by + 1000;
	draft_put(&ledger, &d);
	ledger_notify(&ledger, d.put.draft, "anna");
	see(d.put.draft, &view);
	assert_int_equal(view.not_before_ms, d.message->received_ms + 2000);
	assert_int_equal(view.not_after_ms, by);
	hold_view_release(&view);
	lapse.now_ms = by - 1;
	assert_int_equal(ledger_do(&ledger, lapse, &lapse), ERROR_NONE);
	assert_int_equal(lapse.n_drafts, 0);
	assert_int_equal(lapse.next_ms, by);
	lapse.now_ms = by;
	assert_int_equal(ledger_do(&ledger, lapse, &lapse), ERROR_NONE);
	assert_int_equal(lapse.n_drafts, 1);
	assert_int_equal(
	    ledger_state(&ledger, d.put.draft, NULL), HOLD_EXPIRED);
	assert_int_equal(
	    ledger_due(&ledger, d.put.draft, HOLD_PROMPT_OUTCOME, "anna"), 1);
	draft_release(&d);
}

/* ---- taken back ---------------------------------------------------------- */

static enum error_kind take_back(struct hold_withdraw *w)
{
	w->agent = w->agent == NULL ? "demo" : w->agent;
	w->medium = "mail";
	return ledger_do(&ledger, withdraw, w);
}

static void an_agent_takes_its_draft_back(void **state)
{
	static const enum hold_state may[] = {
	    HOLD_HELD, HOLD_REVISING, HOLD_APPROVED};
	struct hold_withdraw w;
	int64_t id;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		id = ledger_in_state(&ledger, may[i]);
		if (may[i] == HOLD_HELD)
			ledger_notify(&ledger, id, "anna");
		w = (struct hold_withdraw){.draft = id};
		assert_int_equal(take_back(&w), ERROR_NONE);
		assert_false(w.repeated);
		assert_int_equal(w.state, HOLD_WITHDRAWN);
		assert_int_equal(
		    ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, NULL), 0);
		assert_int_equal(
		    ledger_due(&ledger, id, HOLD_PROMPT_OUTCOME, "anna"),
		    may[i] == HOLD_HELD);
		assert_int_equal(
		    tell(id, HOLD_APPROVE, "anna", NULL), ERROR_CONFLICT);
		/* twice is once */
		assert_int_equal(take_back(&w), ERROR_NONE);
		assert_true(w.repeated);
	}
}

static void what_left_is_not_taken_back(void **state)
{
	static const enum hold_state gone[] = {HOLD_SENDING, HOLD_SENT,
	    HOLD_DROPPED, HOLD_FAILED, HOLD_IN_DOUBT, HOLD_REFUSED};
	struct hold_withdraw w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		w = (struct hold_withdraw){
		    .draft = ledger_in_state(&ledger, gone[i])};
		assert_int_equal(take_back(&w), ERROR_CONFLICT);
		assert_int_equal(ledger_state(&ledger, w.draft, NULL), gone[i]);
	}
}

/* It says no more than that of what does not exist. */
static void others_take_nothing_back(void **state)
{
	struct hold_put old;
	struct hold_withdraw w;
	char text[sizeof(w.call.error.text)];

	(void)state;
	old = put(&(struct mail){.text = "a\r\n", .id = "<1@a>"});
	w = (struct hold_withdraw){.agent = "other", .draft = 4711};
	assert_int_equal(take_back(&w), ERROR_MISSING);
	snprintf(text, sizeof(text), "%s", w.call.error.text);
	w = (struct hold_withdraw){.agent = "other", .draft = old.draft};
	assert_int_equal(take_back(&w), ERROR_MISSING);
	assert_string_equal(w.call.error.text, text);
	w = (struct hold_withdraw){.agent = "other", .message_id = "<1@a>"};
	assert_int_equal(take_back(&w), ERROR_MISSING);
	assert_string_equal(w.call.error.text, text);
	assert_int_equal(ledger_state(&ledger, old.draft, NULL), HOLD_HELD);
	w = (struct hold_withdraw){.message_id = "<1@a>"};
	assert_int_equal(take_back(&w), ERROR_NONE);
	assert_int_equal(w.draft, old.draft);
}

/* ---- the other side writes again ---------------------------------------- */

static struct hold_wrote heard;

static void wrote(const char *from, const char *id, const char *answers)
{
	struct span reference = {
	    answers, answers == NULL ? 0 : strlen(answers)};

	heard = (struct hold_wrote){.from = from,
	    .person = from,
	    .message_id = id,
	    .subject = "Re: order",
	    .n_references = answers != NULL,
	    .references = &reference};
	assert_int_equal(ledger_do(&ledger, wrote, &heard), ERROR_NONE);
}

static bool has_finding(int64_t draft, unsigned *n)
{
	struct hold_view view;
	size_t i;

	*n = 0;
	see(draft, &view);
	for (i = 0; i < view.reading->n_findings; i++)
		*n += strcmp(view.reading->findings[i].name,
			  "customer-wrote-again") == 0;
	hold_view_release(&view);
	return *n > 0;
}

static void what_they_write_is_asked_about_anew(void **state)
{
	struct hold_put d = put(&(struct mail){.text = "a\r\n"});
	struct hold_decide late = {.draft = d.draft,
	    .verb = HOLD_APPROVE,
	    .actor = "anna",
	    .medium = "mail"};
	unsigned n;

	(void)state;
	late.notice = ledger_notify(&ledger, d.draft, "anna");
	wrote("one@dest.example", "<c2@dest>", NULL);
	assert_false(heard.repeated);
	assert_int_equal(heard.n_drafts, 1);
	assert_int_equal(heard.drafts[0], d.draft);
	assert_true(has_finding(d.draft, &n));
	assert_int_equal(
	    ledger_due(&ledger, d.draft, HOLD_PROMPT_DECIDE, "anna"), 1);
	/* the notice of before does not do any more; the new one does */
	ledger_state(&ledger, d.draft, late.revision);
	assert_int_equal(ledger_do(&ledger, decide, &late), ERROR_INVALID);
	late.notice = ledger_notify(&ledger, d.draft, "anna");
	assert_int_equal(ledger_do(&ledger, decide, &late), ERROR_NONE);
	/* the same mail by another way */
	wrote("one@dest.example", "<c2@dest>", NULL);
	assert_true(heard.repeated);
	assert_int_equal(heard.n_drafts, 0);
	assert_int_equal(ledger_state(&ledger, d.draft, NULL), HOLD_APPROVED);
}

static void an_approval_is_called_back(void **state)
{
	static const enum verdict_kind how[] = {VERDICT_HOLD, VERDICT_PASS};
	struct hold_put d;
	unsigned n;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		d = put(&(struct mail){
		    .text = i == 0 ? "a\r\n" : "b\r\n", .verdict = how[i]});
		if (how[i] == VERDICT_HOLD)
			tell(d.draft, HOLD_APPROVE, "anna", NULL);
		wrote("two@dest.example", NULL, NULL);
		assert_int_equal(heard.n_drafts, 1);
		assert_int_equal(
		    ledger_state(&ledger, d.draft, NULL), HOLD_HELD);
		assert_true(has_finding(d.draft, &n));
		assert_int_equal(
		    ledger_due(&ledger, d.draft, HOLD_PROMPT_DECIDE, "bob"), 1);
		ledger_verify(&ledger);
		tell(d.draft, HOLD_DROP, "anna", "no");
	}
}

/* Between claim and dot it is not too late. */
static void an_attempt_is_stopped_before_its_dot(void **state)
{
	struct hold_put d = put(&(struct mail){.text = "a\r\n"});
	struct hold_claim claim = {.draft = 0};
	struct hold_dot dot;
	struct hold_settle settle;

	(void)state;
	tell(d.draft, HOLD_APPROVE, "anna", NULL);
	ledger_do(&ledger, claim, &claim);
	assert_int_equal(claim.draft, d.draft);
	wrote("one@dest.example", NULL, NULL);
	assert_int_equal(heard.n_drafts, 1);
	dot = (struct hold_dot){.draft = d.draft, .attempt = claim.attempt};
	assert_int_equal(ledger_do(&ledger, dot, &dot), ERROR_DENIED);
	settle = (struct hold_settle){.draft = d.draft,
	    .attempt = claim.attempt,
	    .n_targets = claim.n_targets,
	    .targets = claim.targets,
	    .again_ms = clock_now_ms()};
	assert_int_equal(ledger_do(&ledger, settle, &settle), ERROR_NONE);
	arena_free(claim.arena);
	claim = (struct hold_claim){.draft = 0};
	ledger_do(&ledger, claim, &claim);
	assert_int_equal(claim.draft, 0);
	assert_int_equal(claim.n_put_back, 1);
	arena_free(claim.arena);
	assert_int_equal(ledger_state(&ledger, d.draft, NULL), HOLD_HELD);
}

/* The feed may be slower than the agent. */
static void an_answer_to_this_very_mail_is_none_of_it(void **state)
{
	struct hold_put d;

	(void)state;
	d = put(&(struct mail){
	    .text = "a\r\n", .answers = "<c1@dest>", .verdict = VERDICT_PASS});
	wrote("one@dest.example", "<c1@dest>", NULL);
	assert_int_equal(heard.n_drafts, 0);
	assert_int_equal(ledger_state(&ledger, d.draft, NULL), HOLD_APPROVED);
	/* the next one is, and one of the thread by somebody else */
	wrote("one@dest.example", "<c2@dest>", NULL);
	assert_int_equal(heard.n_drafts, 1);
	wrote("boss@dest.example", "<c3@dest>", "<c1@dest>");
	assert_int_equal(heard.n_drafts, 1);
	wrote("boss@dest.example", "<c4@dest>", "<x@dest>");
	assert_int_equal(heard.n_drafts, 0);
	wrote("stranger@dest.example", "<c5@dest>", NULL);
	assert_int_equal(heard.n_drafts, 0);
}

/* What is over is not moved. */
static void what_left_stays(void **state)
{
	static const enum hold_state over[] = {
	    HOLD_SENT, HOLD_DROPPED, HOLD_REFUSED, HOLD_REVISING};
	int64_t id;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		id = ledger_in_state(&ledger, over[i]);
		wrote("one@dest.example", NULL, NULL);
		assert_int_equal(heard.n_drafts, 0);
		assert_int_equal(ledger_state(&ledger, id, NULL), over[i]);
	}
}

/* A person may have it sent again, and is told first; of one such mail. */
static void trouble_is_asked_about_anew(void **state)
{
	static const struct {
		enum hold_state state;
		enum hold_prompt_kind kind;
	} rows[] = {
	    {HOLD_FAILED, HOLD_PROMPT_FAILED},
	    {HOLD_IN_DOUBT, HOLD_PROMPT_DOUBT},
	};
	int64_t id, first;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		id = ledger_in_state(&ledger, rows[i].state);
		first = ledger_notify(&ledger, id, "anna");
		wrote("one@dest.example", NULL, NULL);
		assert_int_equal(heard.n_drafts, 1);
		assert_int_equal(
		    ledger_state(&ledger, id, NULL), rows[i].state);
		assert_int_equal(
		    ledger_due(&ledger, id, rows[i].kind, "anna"), 1);
		assert_int_equal(
		    ledger_number(&ledger,
			"SELECT stale FROM draft WHERE id = %d", (int)id),
		    first);
		wrote("one@dest.example", NULL, NULL);
		assert_int_equal(heard.n_drafts, 0);
		assert_int_equal(
		    ledger_due(&ledger, id, rows[i].kind, "anna"), 1);
		tell(id, HOLD_DROP, "anna", "let it be");
	}
}

/* Part approvals were given without knowing. */
static void part_approvals_end(void **state)
{
	const struct verdict two = {.persons = 2};
	struct hold_view view;
	int64_t id;

	(void)state;
	id = draft_wanted(&ledger, "x\r\n", VERDICT_HOLD, &two);
	assert_int_equal(tell(id, HOLD_APPROVE, "anna", NULL), ERROR_NONE);
	wrote("one@dest.example", "<c1@dest>", NULL);
	see(id, &view);
	assert_int_equal(view.approvals, 0);
	hold_view_release(&view);
	assert_int_equal(
	    ledger_due(&ledger, id, HOLD_PROMPT_DECIDE, "anna"), 1);
}

static void a_flood_ends(void **state)
{
	struct hold_put d = put(&(struct mail){.text = "a\r\n"});
	unsigned i, n;

	(void)state;
	for (i = 0; i < 40; i++)
		wrote("one@dest.example", NULL, NULL);
	assert_true(has_finding(d.draft, &n));
	assert_int_equal(n, 20);
	assert_int_equal(ledger_state(&ledger, d.draft, NULL), HOLD_HELD);
}

/* A later draft: what came after the mail that it answers. */
static void later_drafts_are_looked_at(void **state)
{
	struct hold_put d;

	(void)state;
	wrote("one@dest.example", "<c1@dest>", NULL);
	d = put(&(struct mail){.text = "a\r\n", .answers = "<c1@dest>"});
	assert_null(strstr(told, "customer-wrote-again"));
	wrote("one@dest.example", "<c2@dest>", "<c1@dest>");
	assert_int_equal(heard.n_drafts, 1);
	tell(d.draft, HOLD_DROP, "anna", "no");
	put(&(struct mail){.text = "b\r\n", .answers = "<c1@dest>"});
	assert_non_null(
	    strstr(told, "customer-wrote-again one@dest.example\n"));
	/* it answers both */
	put(&(struct mail){.text = "c\r\n",
	    .answers = "<c2@dest>",
	    .references = "<c1@dest> <c2@dest>"});
	assert_null(strstr(told, "customer-wrote-again"));
	/* it begins a thread of its own, so nobody knows what it knew */
	put(&(struct mail){.text = "d\r\n"});
	assert_null(strstr(told, "customer-wrote-again"));
	/* of the thread, although that mail was never seen */
	wrote("boss@dest.example", "<c9@dest>", "<unseen@dest>");
	put(&(struct mail){.text = "e\r\n", .answers = "<unseen@dest>"});
	assert_non_null(
	    strstr(told, "customer-wrote-again boss@dest.example\n"));
}

/* The finding goes with an edit. */
static void an_edit_keeps_it(void **state)
{
	struct hold_put d = put(&(struct mail){.text = "a\r\n"});
	struct hold_revise r = {
	    .draft = d.draft, .actor = "anna", .medium = "mail"};
	struct draft fresh;
	unsigned n;

	(void)state;
	wrote("one@dest.example", NULL, NULL);
	draft_init(&fresh, "edited\r\n");
	r.bytes = buf_span(&fresh.message->bytes);
	r.reading = fresh.reading;
	ledger_state(&ledger, d.draft, r.revision);
	assert_int_equal(ledger_do(&ledger, revise, &r), ERROR_NONE);
	draft_release(&fresh);
	wrote("one@dest.example", NULL, NULL);
	assert_true(has_finding(d.draft, &n));
	assert_int_equal(n, 2);
}

/* ---- what came before --------------------------------------------------- */

static void a_known_message_id_is_told(void **state)
{
	struct hold_put old;

	(void)state;
	old = put(&(struct mail){.text = "a\r\n", .id = "<1@a>"});
	put(&(struct mail){.text = "b\r\n", .id = "<1@a>"});
	assert_non_null(strstr(told, "same-message-id 1\n"));
	tell(old.draft, HOLD_DROP, "anna", "wrong price");
	old = put(&(struct mail){.text = "c\r\n", .id = "<1@a>"});
	assert_non_null(strstr(told, "same-message-id 2\n"));
	tell(old.draft, HOLD_DROP, "anna", "wrong price");
	put(&(struct mail){.text = "d\r\n", .id = "<1@a>"});
	assert_non_null(strstr(told, "resubmitted 3\n"));
	/* another agent's is none of its business */
	put(&(struct mail){.text = "e\r\n", .id = "<1@a>", .agent = "other"});
	assert_null(strstr(told, "same-message-id"));
	assert_null(strstr(told, "resubmitted"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	    TEST(a_draft_goes_back_with_a_remark),
	    TEST(a_better_one_takes_its_place),
	    TEST(it_is_found_by_its_message_id),
	    TEST(it_goes_back_so_often),
	    TEST(what_comes_too_late_replaces_nothing),
	    TEST(nobody_replaces_the_drafts_of_others),
	    TEST(what_is_refused_replaces_nothing),
	    TEST(what_no_person_saw_needs_none),
	    TEST(a_better_one_is_no_way_around_people),
	    TEST(what_its_agent_leaves_expires),
	    TEST(what_nobody_decides_by_then_expires),
	    TEST(an_agent_takes_its_draft_back),
	    TEST(what_left_is_not_taken_back),
	    TEST(others_take_nothing_back),
	    TEST(what_they_write_is_asked_about_anew),
	    TEST(an_approval_is_called_back),
	    TEST(an_attempt_is_stopped_before_its_dot),
	    TEST(an_answer_to_this_very_mail_is_none_of_it),
	    TEST(what_left_stays),
	    TEST(trouble_is_asked_about_anew),
	    TEST(part_approvals_end),
	    TEST(a_flood_ends),
	    TEST(later_drafts_are_looked_at),
	    TEST(an_edit_keeps_it),
	    TEST(a_known_message_id_is_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
