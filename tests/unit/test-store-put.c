/*
 * Tests of intake: what is stored and read back, what is a repetition and what
 * is wanted twice, large bodies, lists, log and status.
 */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* ---- what is stored ----------------------------------------------------- */

static void all_of_a_draft_comes_back(void **state)
{
	struct hold_view view = {.draft = 0};
	struct draft draft;

	(void)state;
	draft_init(&draft, "words\r\n");
	draft.message->envelope.envid = "env+2B";
	draft.message->envelope.ret = MESSAGE_RET_HDRS;
	draft.message->envelope.recipients[1].orcpt = "rfc822;x@y";
	draft.reading->message_id = "<1@corp.example>";
	draft_put(&ledger, &draft);
	assert_int_equal(draft.put.state, HOLD_HELD);
	assert_false(draft.put.repeated);
	assert_int_equal(draft.put.draft, 1);
	view.draft = draft.put.draft;
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_NONE);
	assert_int_equal(view.state, HOLD_HELD);
	assert_string_equal(view.agent, "demo");
	assert_string_equal(view.peer, "192.0.2.1");
	assert_int_equal(view.received_ms, draft.message->received_ms);
	assert_int_equal(view.due_ms, 0);
	assert_string_equal(view.rule, "default");
	assert_string_equal(view.reason, "so it is");
	assert_int_equal(view.number, 1);
	assert_int_equal(view.current, 1);
	assert_string_equal(view.code, draft.put.code);
	assert_null(view.note);
	assert_null(view.editor);
	assert_string_equal(view.from, "demo@corp.example");
	assert_string_equal(view.envid, "env+2B");
	assert_int_equal(view.ret, MESSAGE_RET_HDRS);
	assert_int_equal(view.n_recipients, 2);
	assert_string_equal(view.recipients[0].address, "one@dest.example");
	assert_string_equal(view.recipients[1].state, "pending");
	assert_null(view.recipients[1].answer);
	assert_string_equal(view.reading->subject, "a test");
	assert_string_equal(view.reading->message_id, "<1@corp.example>");
	/* the reader's, and one for each who was never written to */
	assert_int_equal(view.reading->n_findings, 3);
	assert_int_equal(view.before.len, 0);
	assert_int_equal(view.n_decisions, 0);
	hold_view_release(&view);
	view.draft = 2;
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_MISSING);
	view.draft = 1;
	view.revision = 2;
	assert_int_equal(ledger_do(&ledger, view, &view), ERROR_MISSING);
	draft_release(&draft);
}

/* Head, bytes, cuts; the hash is over the canonical envelope and them. */
static void the_first_revision_is_a_recipe(void **state)
{
	static struct reading_cut cuts[] = {{0, 9}, {13, 0}, {15, 2}, {26, 2}};
	static const char envelope[] = "imprimatur envelope 1\n"
				       "from demo@corp.example\n"
				       "to one@dest.example\n"
				       "to two@dest.example\n"
				       "body 7bit\n"
				       "smtputf8 no\n"
				       "\n";
	/* of "Subject: a test\r\n\r\nwords\r\n" */
	static const char want[] = "Received: from agent by here\r\n"
				   "a test\r\nwords";
	struct hold_load load = {.draft = 1};
	unsigned char sha256[DIGEST_SIZE];
	char *all = mem_printf("%s%s", envelope, want);
	char code[8], upper[8] = "";
	struct draft draft;
	size_t i;

	(void)state;
	cuts[2].offset = 17;
	cuts[3].offset = 24;
	draft_init(&draft, "words\r\n");
	draft.reading->cuts = cuts;
	draft.reading->n_cuts = 4;
	draft_put(&ledger, &draft);
	assert_int_equal(ledger_do(&ledger, load, &load), ERROR_NONE);
	assert_int_equal(load.size, strlen(want));
	assert_string_equal(load.bytes, want);
	free(load.bytes);
	digest_of(all, strlen(all), sha256);
	assert_memory_equal(load.sha256, sha256, DIGEST_SIZE);
	digest_base32(sha256, 4, code);
	for (i = 0; i < 6; i++)
		upper[i] = code[i] >= 'a' ? (char)(code[i] - 32) : code[i];
	assert_string_equal(draft.put.code, upper);
	load.submission = true;
	assert_int_equal(ledger_do(&ledger, load, &load), ERROR_NONE);
	assert_string_equal(load.bytes, "Subject: a test\r\n\r\nwords\r\n");
	free(load.bytes);
	free(all);
	draft_release(&draft);
}

/* Cuts that a reader made up must not make us read elsewhere. */
static void impossible_cuts_are_refused(void **state)
{
	static const struct reading_cut bad[][2] = {
	    {{0, 10}, {9, 1}},	       /* overlapping */
	    {{5, 1}, {2, 1}},	       /* descending */
	    {{0, 1}, {27, 1}},	       /* behind the end */
	    {{0, 1}, {20, 8}},	       /* over the end */
	    {{0, 1}, {2, UINT64_MAX}}, /* wraps */
	    {{UINT64_MAX, 2}, {0, 0}}, /* likewise */
	};
	struct draft draft;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct reading_cut cuts[2] = {bad[i][0], bad[i][1]};

		draft_init(&draft, "words\r\n");
		draft.reading->cuts = cuts;
		draft.reading->n_cuts = 2;
		assert_int_equal(
		    ledger_do(&ledger, put, &draft.put), ERROR_INTERNAL);
		draft_release(&draft);
	}
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM draft"), 0);
}

static void an_address_of_two_lines_is_refused(void **state)
{
	struct draft draft;

	(void)state;
	draft_init(&draft, "words\r\n");
	draft.message->envelope.recipients[0].address = "a@b\nto c@d";
	assert_int_equal(ledger_do(&ledger, put, &draft.put), ERROR_INVALID);
	draft_release(&draft);
}

/* Each part of what was approved is under the hash. */
static void changed_bytes_are_not_loaded(void **state)
{
	static const char *const changes[] = {
	    "UPDATE body SET bytes = replace(bytes, 'words', 'sword')",
	    "UPDATE revision SET head = replace(head, 'here', 'hera')",
	    "UPDATE revision SET cuts = x'0000000000000000"
	    "0100000000000000'",
	    "UPDATE revision SET cuts = x'0000000000000000"
	    "ffffffffffffffff'",
	    "UPDATE revision SET sha256 = zeroblob(32)",
	    "UPDATE recipient SET address = 'x@y' WHERE n = 2",
	    "DELETE FROM recipient WHERE n = 2",
	    "UPDATE draft SET sender = 'x@y'",
	    "UPDATE submission SET body_type = 1",
	    "UPDATE submission SET smtputf8 = 1",
	};
	struct hold_load load = {.draft = 1};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		start(NULL);
		draft_held(&ledger, "words\r\n");
		assert_int_equal(ledger_do(&ledger, load, &load), ERROR_NONE);
		free(load.bytes);
		ledger_sql(&ledger, "%s", changes[i]);
		if (ledger_do(&ledger, load, &load) != ERROR_INTERNAL)
			fail_msg("%s", changes[i]);
		assert_null(load.bytes);
		stop(NULL);
	}
}

static void the_judge_is_followed(void **state)
{
	static const enum hold_state states[] = {
	    [VERDICT_HOLD] = HOLD_HELD,
	    [VERDICT_PASS] = HOLD_APPROVED,
	    [VERDICT_REFUSE] = HOLD_REFUSED,
	};
	struct hold_view view;
	struct draft draft;
	unsigned kind;
	char text[16];

	(void)state;
	for (kind = VERDICT_HOLD; kind <= VERDICT_REFUSE; kind++) {
		snprintf(text, sizeof(text), "m%u\r\n", kind);
		draft_init(&draft, text);
		draft.verdict = (enum verdict_kind)kind;
		draft_put(&ledger, &draft);
		assert_int_equal(draft.put.state, states[kind]);
		assert_int_equal(draft.put.verdict.kind, kind);
		view = (struct hold_view){.draft = draft.put.draft};
		ledger_do(&ledger, view, &view);
		assert_int_equal(view.n_decisions, kind == VERDICT_PASS);
		if (kind == VERDICT_PASS) {
			assert_string_equal(
			    view.decisions[0].actor, "rule:default");
			assert_string_equal(view.decisions[0].medium, "rule");
		}
		hold_view_release(&view);
		draft_release(&draft);
	}
}

/* ---- repetitions -------------------------------------------------------- */

/* What differs between two submissions, and what becomes of the second. */
static const struct twice {
	const char *what;
	bool own_id, confirmed, days_8, other_agent, other_rcpt, other_text;
	enum verdict_kind first;
	bool repeated, duplicate;
} twices[] = {
    {.what = "unconfirmed", .repeated = true},
    {.what = "confirmed", .confirmed = true, .duplicate = true},
    {.what = "own id", .own_id = true, .repeated = true},
    {.what = "own id, confirmed",
	.own_id = true,
	.confirmed = true,
	.repeated = true},
    {.what = "too old", .own_id = true, .days_8 = true},
    {.what = "another agent", .own_id = true, .other_agent = true},
    {.what = "another recipient", .own_id = true, .other_rcpt = true},
    {.what = "another text", .own_id = true, .other_text = true},
    {.what = "passed", .own_id = true, .first = VERDICT_PASS, .repeated = true},
    {.what = "refused", .own_id = true, .first = VERDICT_REFUSE},
};

static void put_twice(const struct twice *t)
{
	struct hold_view view;
	struct draft a, b;

	draft_init(&a, "same\r\n");
	draft_init(&b, t->other_text ? "sane\r\n" : "same\r\n");
	a.verdict = t->first;
	if (t->own_id)
		a.reading->message_id = b.reading->message_id = "<1@x>";
	if (t->days_8)
		a.message->received_ms -= 8LL * 24 * 3600 * 1000;
	if (t->other_agent)
		b.message->agent = "other";
	if (t->other_rcpt)
		b.message->envelope.recipients[1].address = "three@x.example";
	draft_put(&ledger, &a);
	if (t->confirmed)
		hold_confirm(ledger.hold, a.put.draft);
	draft_put(&ledger, &b);
	if (b.put.repeated != t->repeated)
		fail_msg("%s", t->what);
	assert_int_equal(b.put.draft == a.put.draft, t->repeated);
	assert_int_equal(b.judged, t->repeated ? 0 : 1);
	assert_int_equal(b.duplicate_of, t->duplicate ? a.put.draft : 0);
	view = (struct hold_view){.draft = b.put.draft};
	ledger_do(&ledger, view, &view);
	assert_int_equal(
	    reading_find(view.reading, "duplicate") != NULL, t->duplicate);
	if (t->repeated)
		assert_string_equal(b.put.code, a.put.code);
	hold_view_release(&view);
	assert_int_equal(ledger_number(&ledger, "SELECT count(*) FROM draft"),
	    t->repeated ? 1 : 2);
	draft_release(&a);
	draft_release(&b);
}

static void a_repetition_is_the_same_draft(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(twices) / sizeof(twices[0]); i++) {
		start(NULL);
		put_twice(&twices[i]);
		stop(NULL);
	}
}

static void a_dropped_one_says_why(void **state)
{
	struct draft a, b;

	(void)state;
	draft_init(&a, "same\r\n");
	draft_init(&b, "same\r\n");
	draft_put(&ledger, &a);
	ledger_say(&ledger, a.put.draft, HOLD_DROP, "anna");
	draft_put(&ledger, &b);
	assert_true(b.put.repeated);
	assert_int_equal(b.put.state, HOLD_DROPPED);
	assert_string_equal(b.put.drop_reason, "because");
	draft_release(&a);
	draft_release(&b);
}

/* Both in one group: the second sees the first. */
static void two_at_once_are_one(void **state)
{
	struct draft a, b;

	(void)state;
	draft_init(&a, "same\r\n");
	draft_init(&b, "same\r\n");
	ledger_hold_back(&ledger);
	ledger_start(&ledger, put, &a.put);
	ledger_start(&ledger, put, &b.put);
	ledger_let_go(&ledger);
	assert_int_equal(a.put.draft, b.put.draft);
	assert_true(b.put.repeated);
	draft_release(&a);
	draft_release(&b);
}

/* An intake that fails after it wrote: the others of its group are kept. */
static void a_failed_intake_fails_alone(void **state)
{
	static const char *crowd[10001]; /* too many to be asked */
	struct draft a, b, c;
	size_t i;

	(void)state;
	draft_init(&a, "first\r\n");
	draft_init(&b, "second\r\n");
	draft_init(&c, "third\r\n");
	for (i = 0; i < 10000; i++)
		crowd[i] = "anna";
	b.ask = crowd;
	ledger_hold_back(&ledger);
	ledger_start(&ledger, put, &a.put);
	ledger_start(&ledger, put, &b.put);
	ledger_start(&ledger, put, &c.put);
	ledger_let_go(&ledger);
	assert_int_equal(a.put.call.error.kind, ERROR_NONE);
	assert_int_equal(b.put.call.error.kind, ERROR_INVALID);
	assert_int_equal(c.put.call.error.kind, ERROR_NONE);
	assert_int_equal(a.judged, 2); /* the group was run twice */
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM draft"), 2);
	assert_int_equal(
	    ledger_number(&ledger, "SELECT count(*) FROM audit"), 2);
	assert_int_equal(ledger.broken, 0);
	draft_release(&a);
	draft_release(&b);
	draft_release(&c);
}

/* The mark is made before the second mail, so it counts for it. */
static void marks_outlive_a_restart(void **state)
{
	struct draft a, b, c;

	(void)state;
	draft_init(&a, "same\r\n");
	draft_init(&b, "same\r\n");
	draft_init(&c, "same\r\n");
	draft_put(&ledger, &a);
	hold_confirm(ledger.hold, a.put.draft);
	ledger_close(&ledger);
	ledger_open(&ledger);
	draft_put(&ledger, &b);
	assert_false(b.put.repeated);
	assert_int_equal(b.duplicate_of, a.put.draft);
	/* the second's 250 was not heard: a third is the second */
	draft_put(&ledger, &c);
	assert_true(c.put.repeated);
	assert_int_equal(c.put.draft, b.put.draft);
	draft_release(&a);
	draft_release(&b);
	draft_release(&c);
}

/* ---- large bodies ------------------------------------------------------- */

static char *large_text(char letter)
{
	size_t size = 100 * 1000, i;
	char *text = mem_zalloc(size + 1);

	memset(text, letter, size);
	for (i = 78; i + 1 < size; i += 80)
		memcpy(text + i, "\r\n", 2);
	return text;
}

static size_t count_files(void)
{
	char *path = mem_printf("%s/bodies", ledger.dir), *sub;
	DIR *dir = opendir(path), *one;
	struct dirent *entry, *file;
	size_t n = 0;

	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		sub = mem_printf("%s/%s", path, entry->d_name);
		one = opendir(sub);
		while ((file = readdir(one)) != NULL)
			n += file->d_name[0] != '.';
		closedir(one);
		free(sub);
	}
	closedir(dir);
	free(path);
	return n;
}

static void large_bodies_are_files(void **state)
{
	struct hold_load load = {.draft = 1, .submission = true};
	char *text = large_text('x');
	struct draft a, b;

	(void)state;
	draft_init(&a, text);
	draft_init(&b, text);
	draft_put(&ledger, &a);
	draft_put(&ledger, &b);
	assert_true(b.put.repeated);
	assert_int_equal(count_files(), 1);
	assert_int_equal(ledger_number(&ledger,
			     "SELECT count(*) FROM body WHERE bytes IS NULL"),
	    1);
	assert_int_equal(ledger_do(&ledger, load, &load), ERROR_NONE);
	assert_int_equal(load.size, a.message->bytes.len);
	assert_memory_equal(load.bytes, a.message->bytes.data, load.size);
	free(load.bytes);
	load.submission = false;
	assert_int_equal(ledger_do(&ledger, load, &load), ERROR_NONE);
	free(load.bytes);
	draft_release(&a);
	draft_release(&b);
	free(text);
}

static void large_edits_are_files(void **state)
{
	int64_t id = draft_held(&ledger, "small\r\n");
	struct hold_load load = {.draft = id};
	char *text = large_text('y');
	struct hold_revise r = {
	    .draft = id,
	    .actor = "anna",
	    .medium = "mail",
	};
	struct draft fresh;

	(void)state;
	draft_init(&fresh, text);
	r.bytes = buf_span(&fresh.message->bytes);
	r.reading = fresh.reading;
	ledger_state(&ledger, id, r.revision);
	assert_int_equal(ledger_do(&ledger, revise, &r), ERROR_NONE);
	assert_int_equal(count_files(), 1);
	assert_int_equal(ledger_do(&ledger, load, &load), ERROR_NONE);
	assert_int_equal(load.size, fresh.message->bytes.len);
	free(load.bytes);
	draft_release(&fresh);
	free(text);
}

static void orphans_are_swept_at_start(void **state)
{
	char *text = large_text('x'), *path;
	struct draft draft;
	FILE *file;

	(void)state;
	draft_init(&draft, text);
	draft_put(&ledger, &draft);
	path = mem_printf("%s/bodies/ab", ledger.dir);
	mkdir(path, 0700);
	free(path);
	path = mem_printf("%s/bodies/ab/"
			  "ab00000000000000000000000000000000000000000000000000"
			  "000000000000",
	    ledger.dir);
	file = fopen(path, "w");
	fclose(file);
	free(path);
	path = mem_printf("%s/bodies/ab/half.new", ledger.dir);
	file = fopen(path, "w");
	fclose(file);
	free(path);
	assert_int_equal(count_files(), 3);
	ledger_close(&ledger);
	assert_int_equal(ledger_open(&ledger), 0);
	assert_int_equal(count_files(), 1);
	assert_int_equal(ledger_state(&ledger, 1, NULL), HOLD_HELD);
	draft_release(&draft);
	free(text);
}

static void a_changed_body_file_is_not_loaded(void **state)
{
	struct hold_load load = {.draft = 1};
	char *text = large_text('x'), *path, hex[DIGEST_HEX_SIZE];
	struct draft draft;
	FILE *file;

	(void)state;
	draft_init(&draft, text);
	draft_put(&ledger, &draft);
	digest_hex(draft.message->sha256, DIGEST_SIZE, hex);
	path = mem_printf("%s/bodies/%.2s/%s", ledger.dir, hex, hex);
	file = fopen(path, "r+");
	fputc('z', file);
	fclose(file);
	assert_int_equal(ledger_do(&ledger, load, &load), ERROR_INTERNAL);
	load.submission = true;
	assert_int_equal(ledger_do(&ledger, load, &load), ERROR_INTERNAL);
	remove(path);
	assert_int_equal(ledger_do(&ledger, load, &load), ERROR_INTERNAL);
	assert_null(load.bytes);
	free(path);
	draft_release(&draft);
	free(text);
}

/* ---- lists, log, status ------------------------------------------------- */

static void make_some(void)
{
	static const enum hold_state some[] = {HOLD_HELD, HOLD_DROPPED,
	    HOLD_REFUSED, HOLD_HELD, HOLD_FAILED, HOLD_HELD, HOLD_IN_DOUBT,
	    HOLD_SENT, HOLD_HELD};
	size_t i;

	for (i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		assert_int_equal(
		    ledger_in_state(&ledger, some[i]), (int64_t)i + 1);
}

static void lists_come_in_pages(void **state)
{
	static const struct {
		enum hold_state state;
		bool ascending;
		const char *want;
	} rows[] = {
	    {(enum hold_state)0, false, "9 7 6 5 4 1 "},
	    {(enum hold_state)0, true, "1 4 5 6 7 9 "},
	    {HOLD_HELD, false, "9 6 4 1 "},
	    {HOLD_HELD, true, "1 4 6 9 "},
	    {HOLD_SENT, false, "8 "},
	    {HOLD_EXPIRED, false, ""},
	    {HOLD_STATES, false, "9 8 7 6 5 4 3 2 1 "},
	    {HOLD_STATES, true, "1 2 3 4 5 6 7 8 9 "},
	};
	unsigned limit;
	size_t i, k;

	(void)state;
	make_some();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (limit = 1; limit <= 10; limit++) {
			struct hold_list list = {
			    .state = rows[i].state,
			    .ascending = rows[i].ascending,
			    .limit = limit,
			};
			char got[64] = "";
			size_t used = 0;

			do {
				ledger_do(&ledger, list, &list);
				for (k = 0; k < list.n_rows; k++) {
					list.after = list.rows[k].draft;
					used += (size_t)snprintf(got + used,
					    sizeof(got) - used, "%d ",
					    (int)list.after);
				}
				assert_true(list.n_rows <= limit);
				arena_free(list.arena);
			} while (list.more);
			assert_string_equal(got, rows[i].want);
		}
}

static void a_row_has_what_a_list_shows(void **state)
{
	struct hold_list list = {.limit = 10};
	struct draft draft;
	char *subject = mem_zalloc(2001);
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		memcpy(subject + 2 * i, "\xc3\xa4", 2);
	subject[0] = 'x'; /* so that the limit falls into a letter */
	memmove(subject + 1, subject + 2, 1999);
	draft_init(&draft, "words\r\n");
	draft.reading->subject = subject;
	draft_put(&ledger, &draft);
	ledger_do(&ledger, list, &list);
	assert_int_equal(list.n_rows, 1);
	assert_int_equal(list.rows[0].state, HOLD_HELD);
	assert_string_equal(list.rows[0].code, draft.put.code);
	assert_string_equal(list.rows[0].agent, "demo");
	assert_string_equal(list.rows[0].from, "demo@corp.example");
	assert_string_equal(list.rows[0].to, "one@dest.example");
	assert_int_equal(list.rows[0].n_recipients, 2);
	assert_string_equal(list.rows[0].reason, "so it is");
	assert_int_equal(strlen(list.rows[0].subject), 499);
	assert_int_equal(list.rows[0].size, draft.message->bytes.len + 30);
	arena_free(list.arena);
	draft_release(&draft);
	free(subject);
}

static void the_log_tells_the_story(void **state)
{
	static const char *const want[] = {
	    "sent", "dot", "sending", "approved", "not-decided", "held"};
	struct hold_log log = {.limit = 4};
	int64_t id = draft_held(&ledger, "words\r\n");
	size_t i, n = 0;

	(void)state;
	draft_held(&ledger, "another\r\n");
	ledger_say(&ledger, id, HOLD_APPROVE, "mallory");
	ledger_say(&ledger, id, HOLD_APPROVE, "anna");
	ledger_attempt(&ledger, id, true, HOLD_RESULT_SENT);
	log.draft = id;
	do {
		ledger_do(&ledger, log, &log);
		for (i = 0; i < log.n_events; i++) {
			assert_string_equal(log.events[i].event, want[n++]);
			assert_int_equal(log.events[i].draft, id);
			assert_int_equal(strlen(log.events[i].code), 6);
			assert_true(log.events[i].at_ms > 0);
			log.before = log.events[i].id;
		}
		if (n == 4) {
			assert_string_equal(log.events[3].actor, "anna");
			assert_string_equal(log.events[3].medium, "mail");
			assert_string_equal(log.events[3].text, "because");
			assert_string_equal(log.events[0].text,
			    "one@dest.example sent 250 so; "
			    "two@dest.example sent 250 so");
		}
		arena_free(log.arena);
	} while (log.more);
	assert_int_equal(n, 6);
	log.draft = log.before = 0;
	log.limit = 100;
	ledger_do(&ledger, log, &log);
	assert_int_equal(log.n_events, 7);
	assert_false(log.more);
	arena_free(log.arena);
}

static void check_counts(void)
{
	static const int64_t want[HOLD_STATES] = {
	    [HOLD_HELD] = 4,
	    [HOLD_DROPPED] = 1,
	    [HOLD_REFUSED] = 1,
	    [HOLD_FAILED] = 1,
	    [HOLD_IN_DOUBT] = 1,
	    [HOLD_SENT] = 1,
	};
	struct hold_status status;
	unsigned i;

	assert_int_equal(ledger_do(&ledger, status, &status), ERROR_NONE);
	for (i = 1; i < HOLD_STATES; i++)
		assert_int_equal(status.count[i], want[i]);
	assert_true(status.oldest_held_ms > 0);
	assert_int_equal(status.audit_rows,
	    ledger_number(&ledger, "SELECT count(*) FROM audit"));
	assert_true(status.disk_free > 0);
	assert_false(status.stopped);
	assert_string_equal(status.stopped_agents, "");
}

static void status_counts(void **state)
{
	(void)state;
	make_some();
	check_counts();
	/* and again, counted anew */
	ledger_close(&ledger);
	ledger_open(&ledger);
	check_counts();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_of_a_draft_comes_back),
	    TEST(the_first_revision_is_a_recipe),
	    TEST(impossible_cuts_are_refused),
	    TEST(an_address_of_two_lines_is_refused),
	    cmocka_unit_test(changed_bytes_are_not_loaded),
	    TEST(the_judge_is_followed),
	    cmocka_unit_test(a_repetition_is_the_same_draft),
	    TEST(a_dropped_one_says_why),
	    TEST(two_at_once_are_one),
	    TEST(a_failed_intake_fails_alone),
	    TEST(marks_outlive_a_restart),
	    TEST(large_bodies_are_files),
	    TEST(large_edits_are_files),
	    TEST(orphans_are_swept_at_start),
	    TEST(a_changed_body_file_is_not_loaded),
	    TEST(lists_come_in_pages),
	    TEST(a_row_has_what_a_list_shows),
	    TEST(the_log_tells_the_story),
	    TEST(status_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
