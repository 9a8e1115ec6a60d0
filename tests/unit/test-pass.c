/*
 * Tests of due prompts: each becomes one notice; too many, or those wanted so,
 * become a digest; nothing that fails is lost or tried without end.
 */
#include "review/review.h"

#include "review/internal.h"

#include "util/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "fakehold.h"
#include "sample.h"
#include "unmail.h"

struct scene {
	struct event_base *base;
	struct config config;
	struct review *review;
	unsigned n_moved;
};

static struct scene scene;

static void on_moved(int64_t draft, enum hold_state state, void *context)
{
	struct scene *s = context;

	(void)draft;
	(void)state;
	s->n_moved++;
	review_kick(s->review); /* as the pipeline does */
}

static void open_room(struct scene *s)
{
	const struct review_hooks hooks = {.moved = on_moved, .context = s};

	s->review = review_new(s->base, &s->config, fake_hold(), &hooks);
}

static int setup(void **state)
{
	scene = (struct scene){.config = *sample_config()};
	fake_init();
	fake.view = sample_view;
	scene.base = event_base_new();
	open_room(&scene);
	*state = &scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	review_free(s->review);
	fake_run();
	event_base_free(s->base);
	fake_release();
	return 0;
}

/* n more prompts for a reviewer, of drafts 101, 102 ... */
static void add_due(const char *reviewer, size_t n)
{
	static int64_t last = 100;

	for (; n > 0; n--) {
		last++;
		fake.due[fake.n_due++] = (struct hold_due_prompt){
		    .prompt = last * 10,
		    .draft = last,
		    .kind = HOLD_PROMPT_DECIDE,
		    .reviewer = reviewer,
		    .revision = 1,
		};
	}
}

static void kick(struct scene *s)
{
	review_kick(s->review);
	fake_run();
}

static struct span bytes_of(const struct fake_mail *mail)
{
	return (struct span){mail->bytes, strlen(mail->bytes)};
}

static void each_prompt_becomes_a_notice(void **state)
{
	struct scene *s = *state;
	const struct fake_mail *mail;
	char *reply_to, *id;
	int64_t notice = 0;

	add_due("anna", 2);
	add_due("carol", 1);
	kick(s);
	assert_int_equal(fake.n_mails, 3);
	assert_int_equal(fake.n_due, 0);
	assert_int_equal(s->n_moved, 3);
	mail = &fake.mails[2];
	assert_string_equal(mail->reviewer, "carol");
	assert_string_equal(mail->to, "carol@corp.example");
	assert_string_equal(mail->maildir, "/var/mail/carol");
	assert_int_equal(mail->n_items, 1);
	assert_false(mail->digest);

	reply_to = unmail_field(bytes_of(mail), "Reply-To");
	assert_int_equal(strlen(reply_to), 2 + 36 + 20 + 1);
	reply_to[strlen(reply_to) - 1] = '\0';
	assert_int_equal(
	    review_address(s->review, reply_to + 2, &notice), REVIEW_NOTICE);
	assert_int_equal(notice, mail->notice);
	/* where bounces go */
	assert_string_equal(mail->from, reply_to + 2);
	id = unmail_field(bytes_of(mail), "Message-ID");
	assert_string_equal(id + 1, mail->message_id);
	free(reply_to);
	free(id);
}

static void addresses_are_told_apart(void **state)
{
	struct scene *s = *state;
	int64_t notice = -1;

	assert_int_equal(
	    review_address(s->review, "anna@corp.example", &notice),
	    REVIEW_NOT_OURS);
	assert_int_equal(
	    review_address(s->review, "anna@review.corp.example", &notice),
	    REVIEW_NOT_OURS);
	assert_int_equal(
	    review_address(s->review, "anna", &notice), REVIEW_NOT_OURS);
	assert_int_equal(
	    review_address(s->review, "", &notice), REVIEW_NOT_OURS);
	assert_int_equal(
	    review_address(s->review,
		"d-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@Review.CORP.example",
		&notice),
	    REVIEW_FORGED);
	assert_int_equal(
	    review_address(s->review,
		"d-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@corp.example", &notice),
	    REVIEW_NOT_OURS);
	assert_int_equal(notice, -1);
}

static void too_many_become_one_digest(void **state)
{
	struct scene *s = *state;
	const struct fake_mail *mail;
	char *body, *to;
	size_t i;

	s->config.review.notices_per_hour = 3;
	s->config.review.digest_s = 0;
	add_due("anna", 10);
	add_due("bob", 1);
	fake.due[9].kind = HOLD_PROMPT_OUTCOME;
	fake.due[3].kind = HOLD_PROMPT_OUTCOME; /* is told below the others */
	kick(s);
	assert_int_equal(fake.n_due, 0);
	assert_int_equal(fake.n_mails, 5);
	assert_string_equal(fake.mails[4].to, "bob@corp.example");
	mail = &fake.mails[3];
	assert_true(mail->digest);
	assert_string_equal(mail->to, "anna@corp.example");
	assert_int_equal(mail->n_items, 7);
	for (i = 0; i < 7; i++)
		/* those that are asked are of low severity, all of them */
		assert_true(
		    !mail->items[i].cut && mail->items[i].low == (i < 5));
	/* answers go to it alone, and a bounce shows there */
	to = unmail_field(bytes_of(mail), "Reply-To");
	assert_non_null(strstr(to, mail->from));
	free(to);
	body = unmail_body(bytes_of(mail), "text/plain");
	assert_int_equal(
	    strncmp(
		body, "Imprimatur asks you: what about these 5 drafts?", 47),
	    0);
	assert_non_null(strstr(body, "more than 3 notices in an hour"));
	assert_non_null(strstr(body, "[1] low: may it leave? (draft "));
	assert_non_null(strstr(body, "\nDecided by others, you need do "
				     "nothing:\n[6] it was decided"));
	assert_non_null(
	    strstr(body, "means 1, 2, 3, 4 and 5 alone: low severity"));
	assert_null(strstr(body, "[8]"));
	free(body);
}

/* A daemon that starts again and again sends no more than one that runs. */
static void a_restart_remembers_what_was_sent(void **state)
{
	static const struct {
		int64_t age_ms;
		size_t n_mails;
	} rows[] = {{0, 1}, {50 * 60000, 1}, {61 * 60000, 3}};
	struct scene *s = *state;
	size_t i;

	s->config.review.notices_per_hour = 3;
	fake.n_recent = 2;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		review_free(s->review);
		fake_run();
		fake_release();
		fake.n_due = 0;
		fake.recent_age_ms = rows[i].age_ms;
		open_room(s);
		add_due("anna", 4);
		kick(s);
		assert_int_equal(fake.n_mails, rows[i].n_mails);
	}
}

static void a_digest_waits_and_holds_nobody_up(void **state)
{
	struct scene *s = *state;

	s->config.review.notices_per_hour = 1;
	add_due("anna", 3);
	kick(s);
	assert_int_equal(fake.n_mails, 1);
	assert_int_equal(fake.n_due, 2);
	assert_true(evtimer_pending(s->review->timer, NULL));
	/* until then nothing is looked up for her */
	fake.n_dues = 0;
	kick(s);
	assert_int_equal(fake.n_dues, 2);
	add_due("bob", 1);
	kick(s);
	assert_int_equal(fake.n_mails, 2);
	assert_string_equal(fake.mails[1].to, "bob@corp.example");
	assert_int_equal(fake.n_due, 2);
}

/* What is critical waits for no digest's time, nor makes one each minute. */
static void a_critical_draft_hardly_waits(void **state)
{
	struct scene *s = *state;

	s->config.review.notices_per_hour = 1;
	add_due("anna", 3);
	fake.due[1].severity = SEVERITY_HIGH;
	kick(s);
	assert_int_equal(fake.n_mails, 1);
	assert_int_equal(fake.n_due, 2);
	fake.due[0].severity = SEVERITY_CRITICAL; /* the gravest comes first */
	/* it is looked for once a minute */
	kick(s);
	assert_int_equal(fake.n_mails, 1);
	s->review->people[0].looked_ms -= 61000;
	kick(s);
	assert_int_equal(fake.n_mails, 2);
	assert_true(fake.mails[1].digest);
	assert_int_equal(fake.mails[1].n_items, 2);
	/* the next one a minute later, at the earliest */
	add_due("anna", 1);
	fake.due[0].severity = SEVERITY_CRITICAL;
	kick(s);
	assert_int_equal(fake.n_mails, 2);
	s->review->people[0].looked_ms -= 61000;
	s->review->people[0].crowded_ms -= 61000;
	kick(s);
	assert_int_equal(fake.n_mails, 3);
}

static void a_reviewer_who_has_gone_is_passed_over(void **state)
{
	struct scene *s = *state;

	add_due("dora", 3);
	add_due("anna", 1);
	kick(s);
	assert_int_equal(fake.n_mails, 1);
	assert_int_equal(fake.n_due, 3);
	assert_in_range(fake.n_dues, 3, 6);
}

static void prompts_that_died_are_passed_over(void **state)
{
	struct scene *s = *state;

	fake.notice_error = ERROR_CONFLICT;
	add_due("anna", 3);
	kick(s);
	assert_int_equal(fake.n_mails, 0);
	assert_int_equal(fake.n_due, 0);
	assert_int_equal(s->n_moved, 0);
}

static void a_failing_ledger_is_left_in_peace(void **state)
{
	static enum error_kind *const errors[] = {
	    &fake.due_error, &fake.view_error, &fake.notice_error};
	struct scene *s = *state;
	size_t i;

	add_due("anna", 30);
	for (i = 0; i < 3; i++) {
		*errors[i] = ERROR_INTERNAL;
		fake.n_dues = fake.n_views = 0;
		kick(s);
		assert_int_equal(fake.n_dues, 1);
		assert_in_range(fake.n_views, 0, 10);
		assert_int_equal(fake.n_mails, 0);
		assert_int_equal(fake.n_due, 30);
		/* it will be looked at again by itself */
		assert_true(evtimer_pending(s->review->timer, NULL));
		*errors[i] = ERROR_NONE;
	}
	kick(s);
	assert_int_equal(fake.n_mails, 30);
	assert_false(evtimer_pending(s->review->timer, NULL));
}

static void a_kick_in_between_is_not_lost(void **state)
{
	struct scene *s = *state;

	review_kick(s->review);
	fake_step();
	review_kick(s->review);
	review_kick(s->review);
	add_due("anna", 1);
	fake_run();
	assert_int_equal(fake.n_mails, 1);
}

/* anna wants a digest so often. */
static void want_digests(struct scene *s, unsigned every_s)
{
	s->config.reviewers[0].digest.every_s = every_s;
}

static void what_is_wanted_so_is_gathered(void **state)
{
	struct scene *s = *state;
	int64_t now = clock_now_ms();
	size_t i;

	want_digests(s, 86400);
	add_due("anna", 6);
	for (i = 0; i < 6; i++)
		fake.due[i].at_ms = now;
	fake.due[0].severity = SEVERITY_HIGH;
	fake.due[1].kind = HOLD_PROMPT_REMIND;
	fake.due[2].woken = true;
	fake.due[3].deadline_ms = now;
	kick(s);
	assert_int_equal(fake.n_mails, 4);
	for (i = 0; i < 4; i++)
		assert_false(fake.mails[i].digest);
	assert_int_equal(fake.n_due, 2);
	assert_true(evtimer_pending(s->review->timer, NULL));
	/* a day later */
	fake.due[0].at_ms = now - INT64_C(86400001);
	kick(s);
	assert_int_equal(fake.n_mails, 5);
	assert_true(fake.mails[4].digest);
	assert_int_equal(fake.mails[4].n_items, 2);
	assert_int_equal(fake.n_due, 0);
	/* the clock was set back: nobody knows how long it has waited */
	add_due("anna", 1);
	fake.due[0].at_ms = now + INT64_C(86400000);
	kick(s);
	assert_int_equal(fake.n_mails, 6);
	assert_int_equal(fake.n_due, 0);
}

/* More than fits goes on in another mail, each item whole. */
static void a_full_digest_has_another_after_it(void **state)
{
	struct scene *s = *state;
	size_t i;

	want_digests(s, 86400);
	s->config.reviewers[0].digest.items = 4;
	add_due("anna", 9);
	for (i = 0; i < 9; i++)
		fake.due[i].kind =
		    i < 3 ? HOLD_PROMPT_OUTCOME : HOLD_PROMPT_DECIDE;
	kick(s);
	assert_int_equal(fake.n_mails, 2);
	assert_int_equal(fake.mails[0].n_items, 4);
	assert_int_equal(fake.mails[1].n_items, 5);
	assert_int_equal(fake.n_due, 0);
}

static struct hold_view *long_view(struct arena *arena)
{
	struct hold_view *view = sample_view(arena);
	char *text = arena_alloc(arena, 9001);
	size_t i;

	for (i = 0; i < 9000; i++)
		text[i] = i % 60 == 59 ? '\n' : 'a';
	sample_text(view, text);
	return view;
}

static void size_ends_a_digest_too(void **state)
{
	struct scene *s = *state;
	size_t i;

	want_digests(s, 86400);
	s->config.reviewers[0].digest.size = 40000;
	fake.view = long_view;
	add_due("anna", 3);
	kick(s);
	assert_int_equal(fake.n_mails, 3);
	for (i = 0; i < 3; i++)
		assert_false(fake.mails[i].items[0].cut);
	/* what fits into none is cut, and says so */
	s->config.reviewers[0].digest.size = 16384;
	add_due("anna", 1);
	kick(s);
	assert_int_equal(fake.n_mails, 4);
	assert_true(fake.mails[3].items[0].cut);
}

static void a_snoozed_prompt_sets_the_timer(void **state)
{
	struct scene *s = *state;
	struct timeval due, now;

	fake.next_wake_ms = clock_now_ms() + 3600000;
	kick(s);
	assert_true(evtimer_pending(s->review->timer, &due));
	gettimeofday(&now, NULL);
	assert_in_range(due.tv_sec - now.tv_sec, 3000, 3601);
}

/* What is said of a draft hangs below the first mail about it. */
static void later_notices_are_in_the_thread(void **state)
{
	struct scene *s = *state;
	char *field;

	add_due("anna", 1);
	fake.due[0].first_id = "<imp.17.r1.first@relay.corp.example>";
	kick(s);
	field = unmail_field(bytes_of(&fake.mails[0]), "In-Reply-To");
	assert_string_equal(field, " <imp.17.r1.first@relay.corp.example>");
	free(field);
	field = unmail_field(bytes_of(&fake.mails[0]), "References");
	assert_non_null(strstr(field, "<imp.17.r1.first@"));
	free(field);
}

static void the_room_may_go_at_any_step(void **state)
{
	struct scene *s = *state;
	unsigned steps, i;

	s->config.review.notices_per_hour = 2;
	s->config.review.digest_s = 0;
	for (steps = 0; steps < 18; steps++) {
		fake.n_due = 0;
		add_due("anna", 5);
		review_kick(s->review);
		for (i = 0; i < steps; i++)
			fake_step();
		review_free(s->review);
		fake_run();
		fake_release();
		open_room(s);
	}
}

int main(void)
{
#define PASS(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    PASS(each_prompt_becomes_a_notice),
	    PASS(addresses_are_told_apart),
	    PASS(too_many_become_one_digest),
	    PASS(a_digest_waits_and_holds_nobody_up),
	    PASS(a_critical_draft_hardly_waits),
	    PASS(a_restart_remembers_what_was_sent),
	    PASS(a_reviewer_who_has_gone_is_passed_over),
	    PASS(prompts_that_died_are_passed_over),
	    PASS(a_failing_ledger_is_left_in_peace),
	    PASS(a_kick_in_between_is_not_lost),
	    PASS(what_is_wanted_so_is_gathered),
	    PASS(a_full_digest_has_another_after_it),
	    PASS(size_ends_a_digest_too),
	    PASS(a_snoozed_prompt_sets_the_timer),
	    PASS(later_notices_are_in_the_thread),
	    PASS(the_room_may_go_at_any_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
