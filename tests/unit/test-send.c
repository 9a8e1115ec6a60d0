/*
 * Tests of the send room against a ledger in memory, with a Maildir as the way
 * out: which call follows which, what is settled, and what happens when the
 * room stops or goes away between any two of them.
 */
#include "send/send.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/clock.h"
#include "util/job.h"
#include "util/log.h"
#include "util/mem.h"

#define PATIENCE 30
#define MAIL	 "From: <bot@agents.example>\r\nSubject: x\r\n\r\nHello\r\n"
#define HASH	 0x5a /* every byte of the draft's hash */

/* ---- the ledger: calls wait until they are answered --------------------- */

enum kind {
	CLAIM,
	LOAD,
	DOT,
	SETTLE,
	TAKE,
	TAKEN,
	OWED,
	VIEW,
	POST,
	WAIVE,
	KINDS
};

static struct {
	struct {
		struct hold_call *call;
		enum kind kind;
	} waiting[64];
	size_t n_waiting;
	bool frozen[KINDS];
	enum error_kind fails[KINDS];
	unsigned calls[KINDS];

	unsigned due;	 /* drafts that can be claimed */
	int64_t next_ms; /* when none can */
	const char *bytes;
	bool damaged;
	enum hold_result settled[2];
	char answer[400];
	int64_t again_ms;

	unsigned mails; /* that can be taken */
	struct hold_mail mail;
	int64_t put_ms;
	struct hold_taken taken;
	char taken_answer[400];

	size_t n_owed;
	struct hold_word word;
	struct hold_view view; /* what hold_view tells */
	struct hold_post post;
	char *posted;
	char once[100];
} fake;

static struct event_base *base;
static struct job_queue *jobs;
static struct send *room;
static struct config config;
static char top[64], outbox[80], inbox[80];
static unsigned hooked, stopped;
static enum hold_state hooked_state;

static void queue(enum kind kind, struct hold_call *call)
{
	assert_true(fake.n_waiting < 64);
	fake.calls[kind]++;
	fake.waiting[fake.n_waiting].call = call;
	fake.waiting[fake.n_waiting++].kind = kind;
}

const char *hold_state_name(enum hold_state state)
{
	return state == HOLD_DROPPED   ? "dropped"
	       : state == HOLD_SENT    ? "sent"
	       : state == HOLD_EXPIRED ? "expired"
				       : "failed";
}

void hold_claim(struct hold *hold, struct hold_claim *claim)
{
	(void)hold;
	queue(CLAIM, &claim->call);
}

void hold_load(struct hold *hold, struct hold_load *load)
{
	(void)hold;
	queue(LOAD, &load->call);
}

void hold_dot(struct hold *hold, struct hold_dot *dot)
{
	(void)hold;
	queue(DOT, &dot->call);
}

void hold_settle(struct hold *hold, struct hold_settle *settle)
{
	(void)hold;
	queue(SETTLE, &settle->call);
}

void hold_take(struct hold *hold, struct hold_take *take)
{
	(void)hold;
	queue(TAKE, &take->call);
}

void hold_taken(struct hold *hold, struct hold_taken *taken)
{
	(void)hold;
	queue(TAKEN, &taken->call);
}

void hold_owed(struct hold *hold, struct hold_owed *owed)
{
	(void)hold;
	queue(OWED, &owed->call);
}

void hold_view(struct hold *hold, struct hold_view *view)
{
	(void)hold;
	queue(VIEW, &view->call);
}

void hold_view_release(struct hold_view *view)
{
	arena_free(view->arena);
	view->arena = NULL;
}

void hold_post(struct hold *hold, struct hold_post *post)
{
	(void)hold;
	queue(POST, &post->call);
}

/* No agent here has a webhook. */
void hold_hook(struct hold *hold, struct hold_hook *hook)
{
	(void)hold;
	(void)hook;
	fail();
}

void hold_hooked(struct hold *hold, struct hold_hooked *of)
{
	(void)hold;
	(void)of;
	fail();
}

/* Nor asks for its drafts. */
void hold_find(struct hold *hold, struct hold_find *find)
{
	(void)hold;
	(void)find;
	fail();
}

void hold_withdraw(struct hold *hold, struct hold_withdraw *withdraw)
{
	(void)hold;
	(void)withdraw;
	fail();
}

void hold_waive(struct hold *hold, struct hold_waive *waive)
{
	(void)hold;
	queue(WAIVE, &waive->call);
}

static void answer_claim(struct hold_claim *claim)
{
	static const char *const to[] = {"a@x.example", "b@x.example"};
	size_t i;

	claim->arena = arena_new();
	claim->next_ms = fake.next_ms;
	fake.next_ms = 0;
	if (fake.due == 0)
		return;
	fake.due--;
	claim->draft = 17;
	claim->attempt = 3;
	claim->revision = 1;
	memset(claim->sha256, HASH, DIGEST_SIZE);
	claim->envelope.from = "bot@agents.example";
	claim->targets = arena_alloc(claim->arena, 2 * sizeof(*claim->targets));
	claim->n_targets = 2;
	for (i = 0; i < 2; i++)
		claim->targets[i].recipient.address = to[i];
}

static void answer_load(struct hold_load *load)
{
	load->bytes = mem_strdup(fake.bytes);
	load->size = strlen(fake.bytes);
	memset(load->sha256, fake.damaged ? 1 : HASH, DIGEST_SIZE);
}

static void answer_settle(struct hold_settle *settle)
{
	assert_int_equal(settle->draft, 17);
	assert_int_equal(settle->attempt, 3);
	assert_int_equal(settle->n_targets, 2);
	fake.settled[0] = settle->targets[0].result;
	fake.settled[1] = settle->targets[1].result;
	snprintf(fake.answer, sizeof(fake.answer), "%s",
	    settle->targets[0].answer == NULL ? "" : settle->targets[0].answer);
	fake.again_ms = settle->again_ms;
	settle->state = HOLD_SENT;
}

static void answer_take(struct hold_take *take)
{
	take->arena = arena_new();
	if (fake.mails == 0)
		return;
	fake.mails--;
	take->id = 5;
	take->put_ms = fake.put_ms;
	take->mail = fake.mail;
}

static void answer_taken(struct hold_taken *taken)
{
	fake.taken = *taken;
	snprintf(fake.taken_answer, sizeof(fake.taken_answer), "%s",
	    taken->answer == NULL ? "" : taken->answer);
}

static void answer_view(struct hold_view *view)
{
	struct hold_call call = view->call;
	int64_t draft = view->draft;

	*view = fake.view;
	view->call = call;
	view->draft = draft;
	view->arena = arena_new();
}

static void answer_post(struct hold_post *post)
{
	fake.post = *post;
	free(fake.posted);
	fake.posted = mem_dup(post->mail.bytes.data, post->mail.bytes.len);
	snprintf(fake.once, sizeof(fake.once), "%s", post->once);
	fake.n_owed = 0;
}

static void fill(enum kind kind, struct hold_call *call)
{
	void *verb = call; /* each begins with its call */

	if (kind == CLAIM)
		answer_claim(verb);
	else if (kind == LOAD)
		answer_load(verb);
	else if (kind == SETTLE)
		answer_settle(verb);
	else if (kind == TAKE)
		answer_take(verb);
	else if (kind == TAKEN)
		answer_taken(verb);
	else if (kind == VIEW)
		answer_view(verb);
	else if (kind == POST)
		answer_post(verb);
	else if (kind == WAIVE)
		fake.n_owed = 0;
	else if (kind == OWED) {
		((struct hold_owed *)verb)->n_words = fake.n_owed;
		((struct hold_owed *)verb)->words[0] = fake.word;
	}
}

/* Answer the first call that may be; false: there is none. */
static bool answer_one(void)
{
	struct hold_call *call;
	enum kind kind;
	size_t i;

	for (i = 0; i < fake.n_waiting; i++)
		if (!fake.frozen[fake.waiting[i].kind])
			break;
	if (i == fake.n_waiting)
		return false;
	call = fake.waiting[i].call;
	kind = fake.waiting[i].kind;
	memmove(&fake.waiting[i], &fake.waiting[i + 1],
	    (--fake.n_waiting - i) * sizeof(fake.waiting[0]));
	call->error = (struct error)ERROR_INIT;
	if (fake.fails[kind] != ERROR_NONE) {
		error_set(&call->error, fake.fails[kind], "no, says the test");
		fake.fails[kind] = ERROR_NONE;
	} else {
		fill(kind, call);
	}
	call->done(call);
	return true;
}

#define UNTIL(condition)                                                       \
	do {                                                                   \
		alarm(PATIENCE);                                               \
		while (!(condition))                                           \
			if (!answer_one())                                     \
				event_base_loop(base, EVLOOP_ONCE);            \
		alarm(0);                                                      \
	} while (0)

/* Until nothing can be answered and no job is under way. */
static void settle_down(void)
{
	UNTIL(fake.n_waiting == 0 && job_pending(jobs) == 0);
}

/* ---- the room ----------------------------------------------------------- */

static void on_settled(int64_t draft, enum hold_state state, void *context)
{
	(void)context;
	assert_int_equal(draft, 17);
	hooked++;
	hooked_state = state;
}

static void on_stopped(void *context)
{
	(void)context;
	stopped++;
}

static int set_up(void **state)
{
	const struct send_hooks hooks = {.settled = on_settled};
	struct error err = ERROR_INIT;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	hooked = stopped = 0;
	snprintf(top, sizeof(top), "/tmp/test-send.XXXXXX");
	if (mkdtemp(top) == NULL)
		return -1;
	snprintf(outbox, sizeof(outbox), "%s/outbox", top);
	snprintf(inbox, sizeof(inbox), "%s/inbox", top);
	config = (struct config){.hostname = "relay.test"};
	config.review.from = "imprimatur@relay.test";
	config.relay = (struct config_relay){
	    .maildir = outbox,
	    .connections = 2,
	    .retry_first_s = 60,
	    .retry_most_s = 3600,
	    .retry_lifetime_s = 86400,
	};
	fake.bytes = MAIL;
	fake.mail = (struct hold_mail){
	    .from = "imprimatur@relay.test",
	    .to = "anna@reviewers.example",
	    .maildir = inbox,
	    .bytes = {MAIL, sizeof(MAIL) - 1},
	};
	fake.put_ms = clock_now_ms();
	base = event_base_new();
	jobs = job_pool_new(base, 1);
	room = send_new(base, &config, NULL, jobs, &hooks, &err);
	return room == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	send_free(room);
	memset(fake.frozen, 0, sizeof(fake.frozen));
	settle_down();
	job_queue_free(jobs);
	event_base_free(base);
	free(fake.posted);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

static unsigned count(const char *maildir, const char *name)
{
	char path[128];
	struct dirent *e;
	unsigned n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", maildir, name);
	dir = opendir(path);
	if (dir == NULL)
		return 0;
	while ((e = readdir(dir)) != NULL)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void expect_settled(enum hold_result result, const char *answer)
{
	assert_int_equal(fake.calls[SETTLE], 1);
	assert_int_equal(fake.settled[0], result);
	assert_int_equal(fake.settled[1], result);
	if (strstr(fake.answer, answer) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", answer, fake.answer);
}

/* ---- drafts ------------------------------------------------------------- */

static void an_approved_draft_leaves(void **state)
{
	char line[300];

	(void)state;
	fake.due = 1;
	fake.frozen[DOT] = true;
	send_kick(room);
	UNTIL(fake.calls[DOT] == 1);
	assert_int_equal(count(outbox, "new"), 0);
	fake.frozen[DOT] = false;
	settle_down();
	expect_settled(HOLD_RESULT_SENT, "");
	assert_int_equal(count(outbox, "new"), 1);
	assert_int_equal(fake.calls[LOAD], 1);
	assert_int_equal(fake.calls[DOT], 1);
	assert_int_equal(hooked, 1);
	assert_int_equal(hooked_state, HOLD_SENT);
	send_describe(room, line, sizeof(line));
	assert_non_null(strstr(line, "ok"));
}

static void without_a_dot_nothing_leaves(void **state)
{
	static const enum error_kind kinds[] = {ERROR_DENIED, ERROR_CONFLICT,
	    ERROR_BUSY, ERROR_FULL, ERROR_INTERNAL};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		fake.due = 1;
		fake.calls[SETTLE] = 0;
		fake.fails[DOT] = kinds[i];
		send_kick(room);
		settle_down();
		expect_settled(HOLD_RESULT_PENDING, "no, says the test");
		assert_int_equal(count(outbox, "new"), 0);
		assert_int_equal(count(outbox, "tmp"), 0);
	}
}

static void other_bytes_than_approved_never_leave(void **state)
{
	(void)state;
	fake.due = 1;
	fake.damaged = true;
	send_kick(room);
	settle_down();
	expect_settled(HOLD_RESULT_FAILED, "not what was approved");
	assert_int_equal(fake.calls[DOT], 0);
	assert_int_equal(count(outbox, "new"), 0);
	fake.damaged = false;
	fake.due = 1;
	fake.calls[SETTLE] = 0;
	fake.fails[LOAD] = ERROR_INTERNAL;
	send_kick(room);
	settle_down();
	expect_settled(HOLD_RESULT_FAILED, "not what was approved");
	assert_int_equal(fake.calls[DOT], 0);
}

static void unfit_bytes_never_leave(void **state)
{
	(void)state;
	fake.due = 1;
	fake.bytes = "a\n.\r\nb\r\n";
	send_kick(room);
	settle_down();
	expect_settled(HOLD_RESULT_FAILED, "5.6.0");
	assert_int_equal(fake.calls[DOT], 0);
}

static void a_busy_ledger_is_for_another_time(void **state)
{
	int64_t now = clock_now_ms();

	(void)state;
	fake.due = 1;
	fake.fails[LOAD] = ERROR_BUSY;
	send_kick(room);
	settle_down();
	expect_settled(HOLD_RESULT_PENDING, "no, says the test");
	/* a minute, or up to a quarter less */
	assert_in_range(fake.again_ms, now + 45000, clock_now_ms() + 60000);
}

static void a_folder_in_trouble_is_for_another_time(void **state)
{
	FILE *f = fopen(outbox, "w");
	char line[300];

	(void)state;
	fclose(f);
	fake.due = 1;
	send_kick(room);
	settle_down();
	expect_settled(HOLD_RESULT_PENDING, "cannot make");
	send_describe(room, line, sizeof(line));
	assert_non_null(strstr(line, "cannot make"));
}

static void only_so_many_at_a_time(void **state)
{
	(void)state;
	fake.due = 3;
	fake.frozen[DOT] = true;
	send_kick(room);
	UNTIL(fake.calls[DOT] == 2);
	send_kick(room);
	UNTIL(job_pending(jobs) == 0);
	while (answer_one())
		;
	assert_int_equal(fake.calls[CLAIM], 2);
	fake.frozen[DOT] = false;
	settle_down();
	assert_int_equal(fake.calls[SETTLE], 3);
	assert_int_equal(count(outbox, "new"), 3);
}

static void it_looks_again_at_the_time(void **state)
{
	(void)state;
	fake.next_ms = clock_now_ms() + 50;
	send_kick(room);
	settle_down();
	assert_int_equal(fake.calls[CLAIM], 1);
	fake.due = 1;
	UNTIL(fake.calls[SETTLE] == 1);
	settle_down();
	expect_settled(HOLD_RESULT_SENT, "");
}

static void a_result_is_written_in_the_end(void **state)
{
	(void)state;
	fake.due = 1;
	fake.fails[SETTLE] = ERROR_FULL;
	send_kick(room);
	UNTIL(fake.calls[SETTLE] == 2);
	settle_down();
	assert_int_equal(fake.settled[0], HOLD_RESULT_SENT);
	assert_int_equal(hooked, 1);
	assert_int_equal(count(outbox, "new"), 1);
}

/* ---- the end ------------------------------------------------------------ */

static void stopping_makes_no_new_dots(void **state)
{
	static const enum kind stages[] = {LOAD, DOT};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		if (i > 0) {
			tear_down(NULL);
			set_up(NULL);
		}
		fake.due = 2;
		fake.frozen[stages[i]] = true;
		send_kick(room);
		UNTIL(fake.calls[stages[i]] == 2 && job_pending(jobs) == 0);
		send_stop(room, on_stopped, NULL);
		assert_int_equal(stopped, 0);
		fake.frozen[stages[i]] = false;
		settle_down();
		assert_int_equal(stopped, 1);
		assert_int_equal(fake.calls[SETTLE], 2);
		assert_int_equal(fake.settled[0], HOLD_RESULT_PENDING);
		assert_true(fake.again_ms <= clock_now_ms());
		assert_int_equal(count(outbox, "new"), 0);
		assert_int_equal(count(outbox, "tmp"), 0);
		send_kick(room);
		settle_down();
		assert_int_equal(fake.calls[CLAIM], 2);
	}
}

static void stopping_an_idle_room_ends_at_once(void **state)
{
	(void)state;
	send_stop(room, on_stopped, NULL);
	assert_int_equal(stopped, 1);
}

/* Whatever call is under way: it ends, and nothing leaves after it. */
static void the_room_can_go_away_at_any_time(void **state)
{
	unsigned kind;

	(void)state;
	for (kind = 0; kind < KINDS; kind++) {
		tear_down(NULL);
		set_up(NULL);
		fake.due = fake.mails = 1;
		fake.n_owed = 1;
		fake.word = (struct hold_word){
		    .id = 4, .draft = 17, .event = "dropped"};
		fake.view.state = HOLD_DROPPED;
		fake.view.agent = "bot";
		fake.view.from = kind == WAIVE ? "" : "bot@agents.example";
		fake.view.n_recipients = 1;
		fake.view.recipients = &(struct hold_recipient){
		    .address = "a@x.example", .state = "pending"};
		fake.frozen[kind] = true;
		send_kick(room);
		UNTIL(fake.calls[kind] > 0 && job_pending(jobs) == 0);
		send_free(room);
		room = NULL;
		memset(fake.frozen, 0, sizeof(fake.frozen));
		settle_down();
		assert_int_equal(count(outbox, "tmp"), 0);
		if (kind < SETTLE)
			assert_int_equal(count(outbox, "new"), 0);
	}
}

/* As at the daemon's end: jobs end when no more can be submitted. */
static void the_room_can_go_away_while_a_file_is_written(void **state)
{
	(void)state;
	fake.due = fake.mails = 1;
	send_kick(room);
	while (answer_one())
		;
	assert_int_equal(job_pending(jobs), 2);
	send_free(room);
	room = NULL;
	job_queue_free(jobs);
	assert_int_equal(count(outbox, "tmp"), 0);
	assert_int_equal(count(outbox, "new"), 0);
	assert_int_equal(count(inbox, "new"), 0);
	jobs = job_pool_new(base, 1);
}

/* ---- system mail -------------------------------------------------------- */

static void system_mail_goes_where_it_says(void **state)
{
	(void)state;
	fake.mails = 3;
	send_kick(room);
	settle_down();
	assert_int_equal(count(inbox, "new"), 3);
	assert_int_equal(fake.taken.result, HOLD_RESULT_SENT);
	assert_int_equal(fake.taken.id, 5);
	fake.mail.maildir = NULL;
	fake.mails = 1;
	send_kick(room);
	settle_down();
	assert_int_equal(count(outbox, "new"), 1);
	assert_int_equal(fake.calls[DOT], 0);
}

static void system_mail_is_tried_again_for_so_long(void **state)
{
	int64_t now = clock_now_ms();
	FILE *f = fopen(inbox, "w");

	(void)state;
	fclose(f);
	fake.mails = 1;
	send_kick(room);
	settle_down();
	assert_int_equal(fake.taken.result, HOLD_RESULT_PENDING);
	assert_in_range(
	    fake.taken.again_ms, now + 45000, clock_now_ms() + 60000);
	fake.put_ms = clock_now_ms() - 86400 * 1000;
	fake.mails = 1;
	send_kick(room);
	settle_down();
	assert_int_equal(fake.taken.result, HOLD_RESULT_FAILED);
	assert_string_equal(fake.taken_answer, "4.4.7 tried for too long");
}

/* ---- reports ------------------------------------------------------------ */

static struct hold_decision decisions[] = {
    {.verb = HOLD_DROP, .actor = "anna", .text = "an earlier one"},
    {.verb = HOLD_UNDO, .actor = "anna", .text = "no"},
    {.verb = HOLD_DROP, .actor = "anna", .text = "wrong\r\nprice"},
};

static struct hold_recipient recipients[] = {
    {.address = "a@x.example", .state = "sent"},
    {.address = "b@x.example", .state = "failed", .answer = "550 no"},
    {.address = "c@x.example", .state = "pending"},
};

static void owe(enum hold_state state, const char *from, size_t n)
{
	fake.n_owed = 1;
	fake.word = (struct hold_word){.id = 4, .draft = 17, .number = 1};
	snprintf(fake.word.event, sizeof(fake.word.event), "%s",
	    hold_state_name(state));
	snprintf(
	    fake.word.actor, sizeof(fake.word.actor), "%s", decisions[2].actor);
	fake.view = (struct hold_view){
	    .state = state,
	    .from = from,
	    .agent = "bot",
	    .code = "K7Q4RM",
	    .number = 1,
	    .n_recipients = n,
	    .recipients = recipients,
	    .n_decisions = 3,
	    .decisions = decisions,
	};
	send_kick(room);
	settle_down();
}

static void a_drop_is_reported(void **state)
{
	(void)state;
	owe(HOLD_DROPPED, "bot@agents.example", 3);
	assert_int_equal(fake.calls[POST], 1);
	assert_string_equal(fake.post.mail.from, "");
	assert_string_equal(fake.post.mail.to, "bot@agents.example");
	assert_null(fake.post.mail.maildir);
	assert_int_equal(fake.post.reported, 4);
	assert_string_equal(fake.once, "report 4");
	assert_non_null(strstr(fake.posted, "Reason: wrong??price\r\n"));
	assert_null(strstr(fake.posted, "a@x.example"));
	assert_non_null(strstr(fake.posted, "rfc822; b@x.example"));
	assert_non_null(strstr(fake.posted, "rfc822; c@x.example"));
	assert_non_null(strstr(fake.posted, "Subject: x\r\n"));
	assert_null(strstr(fake.posted, "Hello"));
}

static void a_refusal_by_a_program_is_reported(void **state)
{
	(void)state;
	decisions[2].actor = "program:tone";
	owe(HOLD_DROPPED, "bot@agents.example", 3);
	decisions[2].actor = "anna";
	assert_int_equal(fake.calls[POST], 1);
	assert_non_null(strstr(fake.posted, "Reason: wrong??price\r\n"));
	assert_non_null(strstr(fake.posted, "refused by a program: wrong"));
	assert_null(strstr(fake.posted, "reviewer looked"));
}

static void a_deadline_is_reported(void **state)
{
	(void)state;
	owe(HOLD_EXPIRED, "bot@agents.example", 3);
	assert_int_equal(fake.calls[POST], 1);
	assert_null(strstr(fake.posted, "Reason:"));
	assert_non_null(strstr(fake.posted, "nobody decided about it in time"));
	assert_null(strstr(fake.posted, "a@x.example"));
	assert_non_null(strstr(fake.posted, "rfc822; b@x.example"));
}

static void a_failure_is_reported(void **state)
{
	(void)state;
	owe(HOLD_FAILED, "bot@agents.example", 3);
	assert_int_equal(fake.calls[POST], 1);
	assert_non_null(strstr(fake.posted, "smtp; 550 no\r\n"));
	assert_null(strstr(fake.posted, "a@x.example"));
	assert_null(strstr(fake.posted, "c@x.example"));
}

static void damaged_bytes_are_no_reason_for_silence(void **state)
{
	(void)state;
	fake.fails[LOAD] = ERROR_INTERNAL;
	owe(HOLD_DROPPED, "bot@agents.example", 3);
	assert_int_equal(fake.calls[POST], 1);
	assert_null(strstr(fake.posted, "Subject: x"));
}

static void nobody_is_told_when_nobody_is_to_be(void **state)
{
	(void)state;
	owe(HOLD_DROPPED, "", 3);
	assert_int_equal(fake.calls[POST], 0);
	assert_int_equal(fake.calls[WAIVE], 1);
	owe(HOLD_FAILED, "bot@agents.example", 1); /* it was sent */
	assert_int_equal(fake.calls[POST], 0);
	assert_int_equal(fake.calls[WAIVE], 2);
	fake.fails[POST] = ERROR_CONFLICT; /* undone meanwhile */
	owe(HOLD_DROPPED, "bot@agents.example", 3);
	assert_int_equal(fake.calls[POST], 1);
	assert_null(fake.posted);
}

static void a_report_that_could_not_be_put_is_owed_still(void **state)
{
	(void)state;
	fake.fails[POST] = ERROR_FULL;
	owe(HOLD_DROPPED, "bot@agents.example", 3);
	assert_int_equal(fake.calls[POST], 1);
	assert_int_equal(fake.n_owed, 1);
	owe(HOLD_DROPPED, "bot@agents.example", 3);
	assert_int_equal(fake.calls[POST], 2);
	assert_int_equal(fake.n_owed, 0);
}

/* ... whom it was asked for, unless the relay host tells it. */
static void success_is_reported(void **state)
{
	(void)state;
	recipients[0].notify = MESSAGE_NOTIFY_SUCCESS;
	owe(HOLD_SENT, "bot@agents.example", 3);
	assert_int_equal(fake.calls[POST], 1);
	assert_int_equal(fake.post.n_told, 1);
	assert_non_null(strstr(fake.posted, "rfc822; a@x.example"));
	assert_non_null(strstr(fake.posted, "Action: relayed\r\n"));
	assert_null(strstr(fake.posted, "b@x.example"));
	recipients[0].told = true;
	owe(HOLD_SENT, "bot@agents.example", 3);
	recipients[0].told = false;
	assert_int_equal(fake.calls[POST], 1);
	assert_int_equal(fake.calls[WAIVE], 1);
	/* with a failure, both are in one */
	owe(HOLD_FAILED, "bot@agents.example", 3);
	recipients[0].notify = 0;
	assert_int_equal(fake.calls[POST], 2);
	assert_non_null(strstr(fake.posted, "Action: relayed\r\n"));
	assert_non_null(strstr(fake.posted, "Action: failed\r\n"));
}

static int set_up_all(void **state)
{
	(void)state;
	log_init((enum log_level)0);
	return 0;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(an_approved_draft_leaves),
	    TEST(without_a_dot_nothing_leaves),
	    TEST(other_bytes_than_approved_never_leave),
	    TEST(unfit_bytes_never_leave),
	    TEST(a_busy_ledger_is_for_another_time),
	    TEST(a_folder_in_trouble_is_for_another_time),
	    TEST(only_so_many_at_a_time),
	    TEST(it_looks_again_at_the_time),
	    TEST(a_result_is_written_in_the_end),
	    TEST(stopping_makes_no_new_dots),
	    TEST(stopping_an_idle_room_ends_at_once),
	    TEST(the_room_can_go_away_at_any_time),
	    TEST(the_room_can_go_away_while_a_file_is_written),
	    TEST(system_mail_goes_where_it_says),
	    TEST(system_mail_is_tried_again_for_so_long),
	    TEST(a_drop_is_reported),
	    TEST(a_refusal_by_a_program_is_reported),
	    TEST(a_deadline_is_reported),
	    TEST(a_failure_is_reported),
	    TEST(damaged_bytes_are_no_reason_for_silence),
	    TEST(nobody_is_told_when_nobody_is_to_be),
	    TEST(a_report_that_could_not_be_put_is_owed_still),
	    TEST(success_is_reported),
	};

	return cmocka_run_group_tests(tests, set_up_all, NULL);
}
