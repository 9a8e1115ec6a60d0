/*
 * Tests of what the ledger tells the judge: who was written to before, what is
 * nearly the same, what was dropped, how many there were.
 */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/mem.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

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
	ledger_verify(&ledger);
	ledger_release(&ledger);
	return 0;
}

/* ---- mails --------------------------------------------------------------- */

/* What differs from draft_init()'s mail; zero: as there. */
struct mail {
	const char *to[10]; /* NULL: one recipient, max@dest.example */
	const char *text;   /* NULL: one that never came before */
	const char *agent, *subject, *id, *answers, *refers;
	uint64_t fingerprint;
	int64_t age_ms;
	enum verdict_kind verdict;
	bool no_keys;
	const struct verdict_rate *rates;
	size_t n_rates;
	const char *channel;
};

/* Digits that look like letters are those letters. */
static const char *skeleton_of(struct arena *arena, const char *address)
{
	char *copy = arena_strdup(arena, address), *c;

	for (c = copy; *c != '\0'; c++)
		*c = *c == '1' ? 'l' : *c == '0' ? 'o' : *c;
	return copy;
}

static void address_it(struct draft *draft, const struct mail *mail)
{
	struct envelope *e = &draft->message->envelope;
	struct arena *arena = draft->reading->arena;
	struct reading *r = draft->reading;
	size_t i;

	e->n_recipients = 0;
	e->recipients = arena_alloc(arena, 10 * sizeof(*e->recipients));
	r->keys = arena_alloc(arena, 10 * sizeof(*r->keys));
	if (mail->to[0] == NULL)
		e->recipients[e->n_recipients++].address = "max@dest.example";
	for (i = 0; i < 10 && mail->to[i] != NULL; i++)
		e->recipients[e->n_recipients++].address = mail->to[i];
	if (mail->no_keys)
		return;
	r->n_keys = e->n_recipients;
	for (i = 0; i < r->n_keys; i++) {
		r->keys[i].address = e->recipients[i].address;
		r->keys[i].skeleton =
		    skeleton_of(arena, e->recipients[i].address);
	}
}

static void write_mail(struct draft *draft, const struct mail *mail)
{
	static unsigned serial;
	char text[64];
	struct reading *r;

	snprintf(text, sizeof(text), "text %u\r\n", serial++);
	draft_init(draft, mail->text == NULL ? text : mail->text);
	r = draft->reading;
	r->fingerprint = mail->fingerprint;
	r->message_id = mail->id;
	r->in_reply_to = mail->answers;
	r->references = mail->refers;
	if (mail->subject != NULL)
		r->subject = mail->subject;
	if (mail->agent != NULL)
		draft->message->agent = mail->agent;
	draft->message->received_ms -= mail->age_ms;
	draft->verdict = mail->verdict;
	draft->put.rates = mail->rates;
	draft->put.n_rates = mail->n_rates;
	if (mail->channel != NULL)
		draft->put.channel = mail->channel;
	address_it(draft, mail);
}

/* Put it; what the judge was told of it is in told. */
static int64_t put(const struct mail *mail, char told[4096])
{
	struct draft draft;

	write_mail(&draft, mail);
	draft_put(&ledger, &draft);
	hold_confirm(ledger.hold, draft.put.draft);
	if (told != NULL)
		memcpy(told, draft.told, 4096);
	draft_release(&draft);
	return draft.put.draft;
}

static int64_t put_and_send(const struct mail *mail, enum hold_result result)
{
	struct mail passed = *mail;
	int64_t id;

	passed.verdict = VERDICT_PASS;
	id = put(&passed, NULL);
	ledger_attempt(&ledger, id, true, result);
	return id;
}

/* Is this, with a value or a draft's number, what was told, and no more? */
static void expect(const char *told, const char *name, const char *value)
{
	char line[256] = "";

	if (name != NULL)
		snprintf(line, sizeof(line), "%s %s\n", name, value);
	assert_string_equal(told, line);
}

static void expect_draft(const char *told, const char *name, int64_t draft)
{
	char value[32];

	snprintf(value, sizeof(value), "%" PRId64, draft);
	expect(told, name, value);
}

/* ---- people -------------------------------------------------------------- */

static void who_was_sent_to_is_known(void **state)
{
	char told[4096];

	(void)state;
	put(&(struct mail){.no_keys = false}, told);
	expect(told, "first-contact", "max@dest.example");
	/* held is not sent, and neither is refused or in doubt */
	put_and_send(&(struct mail){.no_keys = false}, HOLD_RESULT_FAILED);
	put_and_send(&(struct mail){.no_keys = false}, HOLD_RESULT_IN_DOUBT);
	put(&(struct mail){.no_keys = false}, told);
	expect(told, "first-contact", "max@dest.example");
	put_and_send(&(struct mail){.no_keys = false}, HOLD_RESULT_SENT);
	put(&(struct mail){.no_keys = false}, told);
	expect(told, NULL, NULL);
	put(&(struct mail){.to = {"max@dest.example", "eva@dest.example"}},
	    told);
	expect(told, "first-contact", "eva@dest.example");
	put_and_send(&(struct mail){.no_keys = false}, HOLD_RESULT_SENT);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count FROM contact"), 2);
	assert_int_equal(ledger_number(&ledger, "SELECT count(*) FROM contact"
						" WHERE last_ms >= first_ms"),
	    1);
}

/* A mail that could not be read: the envelope tells. */
static void without_keys_the_envelope_counts(void **state)
{
	struct mail mail = {.to = {"MAX@Dest.example"}, .no_keys = true};
	char told[4096];

	(void)state;
	put(&mail, told);
	expect(told, "first-contact", "max@dest.example");
	put_and_send(&(struct mail){.no_keys = false}, HOLD_RESULT_SENT);
	put(&mail, told);
	expect(told, NULL, NULL);
}

static void only_some_strangers_are_named(void **state)
{
	struct hold_view view = {.draft = 0};
	char told[4096];
	size_t i;

	(void)state;
	view.draft =
	    put(&(struct mail){.to = {"1@a.example", "2@a.example",
				   "3@a.example", "4@a.example", "5@a.example",
				   "6@a.example", "7@a.example"}},
		told);
	assert_string_equal(told, "first-contact 1@a.example\n"
				  "first-contact 2@a.example\n"
				  "first-contact 3@a.example\n"
				  "first-contact 4@a.example\n"
				  "first-contact 5@a.example\n"
				  "first-contact -\n");
	/* and all of it is stored */
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	i = view.reading->n_findings - 1;
	assert_int_equal(view.reading->n_findings, 7);
	assert_string_equal(view.reading->findings[i].detail,
	    "nor was anything sent to 2 more of its recipients");
	assert_string_equal(view.reading->findings[1].value, "1@a.example");
	assert_string_equal(view.reading->findings[1].by, "ledger");
	assert_int_equal(view.reading->findings[1].weight, FINDING_NOTE);
	assert_null(view.reading->findings[0].by);
	hold_view_release(&view);
}

static void who_looks_like_another_is_told(void **state)
{
	char told[4096];

	(void)state;
	put_and_send(
	    &(struct mail){.to = {"paul@dest.example"}}, HOLD_RESULT_SENT);
	put(&(struct mail){.to = {"pau1@dest.example"}}, told);
	assert_string_equal(told,
	    "first-contact pau1@dest.example\n"
	    "lookalike-of-known-recipient paul@dest.example\n");
	/* the known one looks like nobody but itself */
	put(&(struct mail){.to = {"paul@dest.example"}}, told);
	expect(told, NULL, NULL);
	/* once somebody let it go it is known too */
	put_and_send(
	    &(struct mail){.to = {"pau1@dest.example"}}, HOLD_RESULT_SENT);
	put(&(struct mail){.to = {"pau1@dest.example"}}, told);
	expect(told, NULL, NULL);
}

/* ---- threads ------------------------------------------------------------- */

static void answers_to_what_was_sent_are_known(void **state)
{
	struct mail first = {.id = "<1@corp.example>"};
	struct mail answer = {.answers = "<1@corp.example>"};
	char told[4096];
	int64_t id;

	(void)state;
	/* one that was not sent is nothing to go on from */
	put(&(struct mail){.id = "<0@corp.example>"}, NULL);
	put(&(struct mail){.answers = "<0@corp.example>"}, told);
	expect(told, "first-contact", "max@dest.example");
	id = put_and_send(&first, HOLD_RESULT_SENT);
	put(&answer, told);
	expect_draft(told, "known-thread", id);
	put(&(struct mail){.refers = "<x@y> <1@corp.example> <z@y>"}, told);
	expect_draft(told, "known-thread", id);
	/* the same id, but to somebody else */
	answer.to[0] = "eva@dest.example";
	put(&answer, told);
	expect(told, "first-contact", "eva@dest.example");
	/* nonsense is no id */
	put(&(struct mail){.answers = "1@corp.example> <", .refers = "<"},
	    told);
	expect(told, NULL, NULL);
}

/* ---- earlier drafts ------------------------------------------------------ */

/* From here on max is known, so that no note of that is in the way. */
static void make_known(void)
{
	put_and_send(
	    &(struct mail){.to = {"max@dest.example", "eva@dest.example"}},
	    HOLD_RESULT_SENT);
}

static void nearly_the_same_is_found(void **state)
{
	static const uint64_t mark = 0xf0f0123456789abc;
	char told[4096];
	int64_t id;

	(void)state;
	/* too long ago; time does not go back for a recipient */
	put(&(struct mail){.fingerprint = ~mark, .age_ms = 8 * DAY_MS}, NULL);
	make_known();
	put(&(struct mail){.fingerprint = ~mark}, told);
	expect(told, NULL, NULL);
	id = put(&(struct mail){.fingerprint = mark}, told);
	expect(told, NULL, NULL);
	put(&(struct mail){.fingerprint = mark ^ 0x80000000000f7111}, told);
	expect_draft(told, "near-duplicate", id);
	put(&(struct mail){.fingerprint = mark ^ 0x0f00000070707070}, told);
	expect(told, NULL, NULL);
	/* to one of its recipients, whoever sends it */
	put(&(struct mail){.fingerprint = mark, .to = {"eva@dest.example"}},
	    told);
	expect(told, NULL, NULL);
	put(&(struct mail){.fingerprint = mark ^ 1,
		.agent = "other",
		.to = {"eva@dest.example", "max@dest.example"}},
	    told);
	assert_non_null(strstr(told, "near-duplicate "));
	/* 0: too short to tell */
	put(&(struct mail){.fingerprint = 0}, NULL);
	put(&(struct mail){.fingerprint = 0}, told);
	expect(told, NULL, NULL);
}

static void the_very_same_is_a_duplicate(void **state)
{
	struct mail mail = {.text = "the very same\r\n", .fingerprint = 77};
	struct mail refused = {.fingerprint = 7777777};
	char told[4096];
	int64_t id;

	(void)state;
	make_known();
	id = put(&mail, told);
	expect(told, NULL, NULL);
	put(&mail, told);
	expect_draft(told, "duplicate", id);
	/* what was refused is like nothing */
	refused.verdict = VERDICT_REFUSE;
	put(&refused, NULL);
	put(&refused, told);
	expect(told, NULL, NULL);
}

static int64_t dropped(const struct mail *mail, const char *why)
{
	struct hold_decide decide;
	int64_t id = put(mail, NULL);

	assert_int_equal(
	    ledger_tell(&ledger, id, HOLD_DROP, "anna", why, &decide),
	    ERROR_NONE);
	return id;
}

static void what_was_dropped_comes_again(void **state)
{
	struct mail mail = {.fingerprint = 0xabcdef0123456789};
	struct hold_view view = {.draft = 0};
	char told[4096];
	int64_t id;

	(void)state;
	make_known();
	mail.age_ms = 30 * DAY_MS;
	id = dropped(&mail, "the price is wrong");
	mail.age_ms = 0;
	mail.fingerprint ^= 0x101;
	view.draft = put(&mail, told);
	expect_draft(told, "resubmitted", id);
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_non_null(
	    strstr(reading_find(view.reading, "resubmitted")->detail,
		"was dropped: the price is wrong"));
	assert_int_equal(
	    reading_find(view.reading, "resubmitted")->weight, FINDING_CAUTION);
	hold_view_release(&view);
	/* another agent's is only nearly the same */
	mail.agent = "other";
	put(&mail, told);
	assert_non_null(strstr(told, "near-duplicate "));
	assert_null(strstr(told, "resubmitted"));
	/* taken back: it is held, so this one is only near */
	mail.agent = NULL;
	ledger_say(&ledger, id, HOLD_UNDO, "anna");
	put(&mail, told);
	assert_null(strstr(told, "resubmitted"));
}

static void short_texts_come_again_too(void **state)
{
	struct mail mail = {.text = "yes\r\n", .subject = "so"};
	char told[4096];
	int64_t id;

	(void)state;
	make_known();
	id = dropped(&mail, NULL);
	mail.to[0] = "eva@dest.example";
	mail.to[1] = "max@dest.example";
	put(&mail, told);
	expect_draft(told, "resubmitted", id);
	mail.to[1] = NULL;
	put(&mail, told);
	expect(told, NULL, NULL); /* to nobody whom the dropped one was to */
	mail.to[0] = NULL;
	mail.subject = "another";
	put(&mail, told);
	assert_null(strstr(told, "resubmitted"));
}

/* ---- rates --------------------------------------------------------------- */

static const struct verdict_rate rates[] = {
    {VERDICT_BY_AGENT, 3600},
    {VERDICT_BY_CHANNEL, 3600},
    {VERDICT_BY_RECIPIENT, 3600},
    {VERDICT_BY_DOMAIN, 3600},
    {VERDICT_BY_AGENT, 60},
};

#define RATES .rates = rates, .n_rates = 5, .channel = "support"

/* Put one; are the counts these? */
static void count(const struct mail *mail, uint64_t agent, uint64_t channel,
    uint64_t recipient, uint64_t domain, uint64_t minute)
{
	const uint64_t want[] = {agent, channel, recipient, domain, minute};
	struct draft draft;
	size_t i;

	write_mail(&draft, mail);
	draft_put(&ledger, &draft);
	for (i = 0; i < 5; i++)
		if (draft.counts[i] != want[i])
			fail_msg("rate %zu: %" PRIu64 ", not %" PRIu64, i,
			    draft.counts[i], want[i]);
	draft_release(&draft);
}

static void rates_count_what_they_say(void **state)
{
	struct mail mail = {RATES};

	(void)state;
	count(&mail, 1, 1, 1, 1, 1);
	count(&mail, 2, 2, 2, 2, 2);
	/* refused: it is told what it would be, and nobody counts it */
	mail.verdict = VERDICT_REFUSE;
	count(&mail, 3, 3, 3, 3, 3);
	mail.verdict = VERDICT_PASS;
	count(&mail, 3, 3, 3, 3, 3);
	mail.agent = "other";
	count(&mail, 1, 4, 4, 4, 1);
	mail.channel = "sales";
	count(&mail, 2, 1, 5, 5, 2);
	mail.to[0] = "eva@dest.example";
	count(&mail, 3, 2, 1, 6, 3);
	mail.to[0] = "eva@other.example";
	count(&mail, 4, 3, 1, 1, 4);
	/* the largest of all recipients; each draft once, however often */
	mail.to[0] = "max@dest.example";
	mail.to[1] = "max@dest.example";
	mail.to[2] = "eva@dest.example";
	count(&mail, 5, 4, 6, 7, 5);
	mail.to[1] = mail.to[2] = NULL;
	count(&mail, 6, 5, 7, 8, 6);
}

static void rates_forget(void **state)
{
	struct mail mail = {RATES};

	(void)state;
	mail.age_ms = 2 * 3600 * 1000;
	count(&mail, 1, 1, 1, 1, 1);
	mail.age_ms = 30 * 60 * 1000;
	count(&mail, 1, 1, 1, 1, 1);
	mail.age_ms = 90 * 1000;
	count(&mail, 2, 2, 2, 2, 1);
	mail.age_ms = 10 * 1000;
	count(&mail, 3, 3, 3, 3, 1);
	mail.age_ms = 0;
	count(&mail, 4, 4, 4, 4, 2);
	/* the clock is put back: nobody gets more than before */
	mail.age_ms = 3600 * 1000;
	count(&mail, 5, 5, 5, 5, 5);
	mail.age_ms = 0;
	count(&mail, 6, 6, 6, 6, 4);
}

/* All in one commit, and still each knows of those before it. */
static void caps_are_exact_in_one_commit(void **state)
{
	static struct draft drafts[50];
	const struct mail mail = {RATES};
	bool seen[51] = {false};
	size_t i, held = 0;

	(void)state;
	ledger_hold_back(&ledger);
	for (i = 0; i < 50; i++) {
		write_mail(&drafts[i], &mail);
		ledger_start(&ledger, put, &drafts[i].put);
	}
	ledger_let_go(&ledger);
	for (i = 0; i < 50; i++) {
		assert_int_equal(drafts[i].put.call.error.kind, ERROR_NONE);
		assert_in_range(drafts[i].counts[0], 1, 50);
		assert_false(seen[drafts[i].counts[0]]);
		seen[drafts[i].counts[0]] = true;
		assert_int_equal(drafts[i].counts[2], drafts[i].counts[0]);
		held += drafts[i].counts[0] > 20;
		draft_release(&drafts[i]);
	}
	assert_int_equal(held, 30);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(who_was_sent_to_is_known),
	    TEST(without_keys_the_envelope_counts),
	    TEST(only_some_strangers_are_named),
	    TEST(who_looks_like_another_is_told),
	    TEST(answers_to_what_was_sent_are_known),
	    TEST(nearly_the_same_is_found),
	    TEST(the_very_same_is_a_duplicate),
	    TEST(what_was_dropped_comes_again),
	    TEST(short_texts_come_again_too),
	    TEST(rates_count_what_they_say),
	    TEST(rates_forget),
	    TEST(caps_are_exact_in_one_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
