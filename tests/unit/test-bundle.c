/*
 * Tests of digests: each item is bound to its number, whole or marked as cut;
 * "all" means what is low; whatever drafts say, no line begins with it.
 */
#include "review/bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/letter.h"
#include "sample.h"
#include "unmail.h"

#define TOKEN "d-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@review.corp.example"

static const char *const fields[] = {"From", "To", "Reply-To", "Subject",
    "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
    "List-Id", "Precedence", "MIME-Version", "Content-Type", NULL};

struct scene {
	struct arena *arena;
	struct config config;
	struct config_reviewer anna;
	struct bundle bundle;
	struct buf mail;
	char *text, *html;
};

static struct scene scene;

static int setup(void **state)
{
	scene =
	    (struct scene){.arena = arena_new(), .config = *sample_config()};
	scene.anna = scene.config.reviewers[0];
	scene.bundle.config = &scene.config;
	scene.bundle.reviewer = &scene.anna;
	scene.bundle.reply_to = TOKEN;
	scene.bundle.at_ms = SAMPLE_NOON;
	bundle_init(&scene.bundle);
	buf_init(&scene.mail, LETTER_MAX);
	*state = &scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	bundle_release(&s->bundle);
	buf_release(&s->mail);
	free(s->text);
	free(s->html);
	arena_free(s->arena);
	return 0;
}

/* Add it as the n-th draft, 100 and so on. */
static bool add(
    struct scene *s, enum hold_prompt_kind kind, struct hold_view *view)
{
	int64_t id = 101 + (int64_t)bundle_n(&s->bundle);
	const struct hold_due_prompt prompt = {
	    .prompt = id * 10000 + 1, .draft = id, .kind = kind};

	view->draft = id;
	return bundle_add(&s->bundle, &prompt, view);
}

static void write_it(struct scene *s)
{
	const char *id, *out = getenv("BUNDLE_OUT");
	FILE *file;

	id = bundle_write(&s->bundle, s->arena, &s->mail);
	assert_non_null(id);
	unmail_check(buf_span(&s->mail), fields);
	s->text = unmail_body(buf_span(&s->mail), "text/plain");
	s->html = unmail_body(buf_span(&s->mail), "text/html");
	/* to look at: a folder */
	if (out != NULL) {
		file = fopen(arena_printf(s->arena, "%s/digest-%zu.html", out,
				 strlen(s->html)),
		    "w");
		assert_non_null(file);
		fputs(s->html, file);
		fclose(file);
	}
}

static void assert_in(const char *haystack, const char *needle)
{
	if (strstr(haystack, needle) == NULL)
		fail_msg("no \"%s\" in: %s", needle, haystack);
}

static void assert_not_in(const char *haystack, const char *needle)
{
	if (strstr(haystack, needle) != NULL)
		fail_msg("\"%s\" in: %s", needle, haystack);
}

static void each_item_has_its_number(void **state)
{
	struct scene *s = *state;
	struct hold_view *grave = sample_routed(s->arena);
	struct hold_view *edited = sample_edited(s->arena);
	char *subject;
	size_t i;

	edited->severity = SEVERITY_NORMAL;
	assert_true(add(s, HOLD_PROMPT_DECIDE, grave));
	assert_true(add(s, HOLD_PROMPT_DECIDE, sample_view(s->arena)));
	assert_true(add(s, HOLD_PROMPT_DECIDE, edited));
	assert_true(add(s, HOLD_PROMPT_REMIND, sample_view(s->arena)));
	assert_true(add(s, HOLD_PROMPT_OUTCOME, sample_view(s->arena)));
	for (i = 0; i < 5; i++) {
		assert_int_equal(
		    s->bundle.items[i].prompt, (101 + (int64_t)i) * 10000 + 1);
		assert_false(s->bundle.items[i].cut);
		assert_int_equal(s->bundle.items[i].low, i == 1 || i == 3);
	}
	write_it(s);
	subject = unmail_subject(buf_span(&s->mail));
	assert_string_equal(subject, "[review] 4 drafts wait for you");
	free(subject);
	assert_memory_equal(s->text, "Imprimatur asks you", 19);
	assert_in(s->text, "\n  1-3 drop ");
	assert_in(s->text, "\n  all approve       means 2 and 4 alone");
	assert_in(s->text, "\n[1] high: may it leave? (draft 101)\n"
			   "| support-bot to ");
	assert_in(s->text, "\n| decide by ");
	assert_in(s->text, "\n[3] may this mail leave, as it was edited? "
			   "(draft 103)\n");
	assert_in(s->text, "Answer: 2 approve | 2 drop <reason> | 2 edit");
	assert_in(s->text, "\n| Dear Max,\n| \n| thank you");
	assert_in(s->text, "\n| - ");
	assert_in(s->text, "Draft 104, revision 1, code k7q4rm.");
	assert_in(s->text, "[5] it was decided (draft 105)\n");
	assert_in(s->html, "body=2%20approve\"");
	assert_in(s->html, "body=3%20drop\"");
	assert_in(s->html, "body=all%20approve\"");
	assert_in(s->html, "href=\"#item4\"");
	assert_in(s->html, "id=\"item4\"");
	assert_not_in(s->html, "#item5");
}

static void what_needs_a_reason_is_not_low(void **state)
{
	struct scene *s = *state;
	struct hold_view *view = sample_view(s->arena);

	view->needs_reason = true;
	assert_true(add(s, HOLD_PROMPT_DECIDE, view));
	assert_false(s->bundle.items[0].low);
	view = sample_view(s->arena);
	view->reading->trouble = "it has no end";
	assert_true(add(s, HOLD_PROMPT_DECIDE, view));
	assert_false(s->bundle.items[1].low);
	view = sample_view(s->arena);
	assert_true(add(s, HOLD_PROMPT_AFTER, view));
	assert_false(s->bundle.items[2].low);
	write_it(s);
	assert_not_in(s->text, "all approve");
	assert_not_in(s->html, "all%20approve");
	assert_in(s->text, "1 approve because <reason>");
	assert_in(s->text, "3 fine | 3 wrong <reason>");
	assert_not_in(s->text, "2 approve |");
}

static void give_text(struct scene *s, struct hold_view *view, size_t n)
{
	char *text = arena_alloc(s->arena, n + 1);
	size_t i;

	for (i = 0; i < n; i++)
		text[i] = i % 60 == 59 ? '\n' : i % 6 == 5 ? ' ' : 'w';
	sample_text(view, text);
}

static void what_is_too_long_is_cut_and_says_so(void **state)
{
	struct scene *s = *state;
	struct hold_view *view = sample_view(s->arena);

	s->anna.digest.size = 40000;
	give_text(s, view, 60000);
	/* behind another it waits for a mail of its own */
	assert_true(add(s, HOLD_PROMPT_DECIDE, sample_view(s->arena)));
	assert_false(add(s, HOLD_PROMPT_DECIDE, view));
	bundle_clear(&s->bundle);
	assert_true(add(s, HOLD_PROMPT_DECIDE, view));
	assert_true(s->bundle.items[0].cut);
	assert_false(s->bundle.items[0].low);
	write_it(s);
	assert_in(s->text, "! CUT: not all of it is shown below");
	assert_in(s->text, "KB of its text\nare NOT shown");
	assert_in(s->text, "imprimatur show 101 --raw");
	assert_in(s->text, "\n| wwwww wwwww");
	assert_not_in(s->text, "Answer: 1 approve");
	assert_not_in(s->html, "body=1%20approve");
	assert_in(s->html, "body=1%20drop");
	assert_true(s->mail.len < 60000);
}

static void facts_that_are_too_long_are_left_out(void **state)
{
	struct scene *s = *state;
	struct hold_view *view = sample_view(s->arena);

	s->anna.digest.size = 16384;
	sample_recipients(s->arena, view, 2000);
	assert_true(add(s, HOLD_PROMPT_DECIDE, view));
	assert_true(s->bundle.items[0].cut);
	write_it(s);
	assert_in(s->text, "too long for a digest");
	assert_in(s->text, "person0@corp.example and 1999 more");
	assert_true(s->mail.len < 32768);
	assert_not_in(s->text, "Answer: 1 approve");
	assert_not_in(s->html, "body=1%20approve");
}

static void a_cut_reading_is_cut_here_too(void **state)
{
	struct scene *s = *state;
	struct hold_view *view = sample_view(s->arena);

	view->reading->text_total += 5000;
	assert_true(add(s, HOLD_PROMPT_DECIDE, view));
	assert_true(s->bundle.items[0].cut);
	write_it(s);
	assert_in(s->text, "! CUT");
}

/* Every line is of ours, or begins with a bar. */
static void a_hostile_draft_stays_text(void **state)
{
	struct scene *s = *state;
	char *line, *rest = NULL;

	assert_true(add(s, HOLD_PROMPT_DECIDE, sample_hostile(s->arena)));
	assert_true(add(s, HOLD_PROMPT_OUTCOME, sample_hostile(s->arena)));
	write_it(s);
	assert_not_in(s->html, "<script");
	assert_not_in(s->html, "<img");
	for (line = strtok_r(s->text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		assert_int_not_equal(strncmp(line, "approve", 7), 0);
		assert_int_not_equal(strncmp(line, "1 ", 2), 0);
		assert_int_not_equal(strncmp(line, "all ", 4), 0);
	}
}

static void what_is_only_told_wants_no_answer(void **state)
{
	struct scene *s = *state;
	char *subject;

	assert_true(add(s, HOLD_PROMPT_OUTCOME, sample_view(s->arena)));
	assert_false(bundle_has_room(&s->bundle, HOLD_PROMPT_DECIDE));
	write_it(s);
	subject = unmail_subject(buf_span(&s->mail));
	assert_string_equal(subject, "[review] 1 draft was decided");
	free(subject);
	assert_in(s->text, "Imprimatur asks you: nothing any more, 1 draft was "
			   "decided by others\n");
	assert_not_in(s->text, "approve");
	assert_not_in(s->html, "mailto:");
}

/* Gmail hides what is beyond 102K of HTML; but one alone may be longer. */
static void several_are_all_seen(void **state)
{
	struct scene *s = *state;
	struct hold_view *view = sample_view(s->arena);

	s->anna.digest.items = 200;
	s->anna.digest.size = 200 * 1024;
	while (add(s, HOLD_PROMPT_DECIDE, view))
		assert_true(bundle_n(&s->bundle) < 100);
	assert_true(bundle_n(&s->bundle) > 9);
	write_it(s);
	assert_true(strlen(s->html) > 80 * 1024);
	assert_true(strlen(s->html) <= 102 * 1000);
}

int main(void)
{
#define BUNDLE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    BUNDLE(each_item_has_its_number),
	    BUNDLE(what_needs_a_reason_is_not_low),
	    BUNDLE(what_is_too_long_is_cut_and_says_so),
	    BUNDLE(facts_that_are_too_long_are_left_out),
	    BUNDLE(a_cut_reading_is_cut_here_too),
	    BUNDLE(a_hostile_draft_stays_text),
	    BUNDLE(what_is_only_told_wants_no_answer),
	    BUNDLE(several_are_all_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
