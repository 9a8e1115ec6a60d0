/*
 * Tests of check/reader/draft on the mails of tests/corpora: every promise
 * holds for each of them, none takes long, and the drafts that try to deceive
 * raise the findings that they must (spoof/expected.json).
 */
#include "check/reader/draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "drafts.h"

#define CORPORA	  TOP_SRCDIR "/tests/corpora"
#define FILE_MAX  (4 * 1024 * 1024)
#define MAILS_MIN 1000 /* fewer: the folders were not found */

/* Findings of rules and history; the reader alone cannot have them. */
static const char *const others[] = {"address-in-display-name",
    "confusable-domain", "from-not-authorised", "lookalike-of-known-recipient",
    "reply-to-differs", "secret-like", "text-below-blank-block"};

static size_t n_mails;

static char *load(const char *path, size_t *size)
{
	char *bytes = mem_zalloc(FILE_MAX);
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		fail_msg("cannot read %s", path);
	*size = fread(bytes, 1, FILE_MAX, file);
	fclose(file);
	return bytes;
}

static int visit(
    const char *path, const struct stat *st, int kind, struct FTW *where)
{
	clock_t from = clock();
	struct reading *reading;
	const char *why;
	size_t size;
	char *bytes;

	(void)st;
	(void)where;
	if (kind != FTW_F)
		return 0;
	bytes = load(path, &size);
	reading = drafts_read((struct span){bytes, size}, &why);
	if (why != NULL)
		fail_msg("%s: %s", why, path);
	if (clock() - from >= CLOCKS_PER_SEC)
		fail_msg("more than a second for %s", path);
	reading_free(reading);
	free(bytes);
	n_mails++;
	return 0;
}

static void all_are_read(void **state)
{
	(void)state;
	assert_int_equal(nftw(CORPORA, visit, 20, FTW_PHYS), 0);
	assert_true(n_mails >= MAILS_MIN);
}

static bool is_ours(const char *finding)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i], finding) == 0)
			return false;
	return true;
}

static bool warns(const struct reading *reading)
{
	for (size_t i = 0; i < reading->n_findings; i++)
		if (reading->findings[i].weight != FINDING_NOTE)
			return true;
	return false;
}

/* It has the findings that it must, and none when it is harmless. */
static void check_spoof(const char *name, const json_t *expected)
{
	const json_t *flags = json_object_get(expected, "must_flag");
	struct reading *reading;
	const char *why;
	char path[500];
	size_t size;
	char *bytes;

	snprintf(path, sizeof(path), "%s/spoof/%s.eml", CORPORA, name);
	bytes = load(path, &size);
	reading = drafts_read((struct span){bytes, size}, &why);
	assert_null(why);
	for (size_t i = 0; i < json_array_size(flags); i++) {
		const char *flag = json_string_value(json_array_get(flags, i));

		if (is_ours(flag) && reading_find(reading, flag) == NULL)
			fail_msg("%s lacks %s", name, flag);
	}
	if (json_array_size(flags) == 0 && warns(reading) &&
	    !json_is_true(json_object_get(expected, "may_refuse_at_smtp")))
		fail_msg("%s: %s", name, reading->findings[0].name);
	reading_free(reading);
	free(bytes);
}

static void deceptions_are_found(void **state)
{
	json_error_t error;
	json_t *all = json_load_file(CORPORA "/spoof/expected.json", 0, &error);
	const char *name;
	json_t *expected;

	(void)state;
	assert_non_null(all);
	assert_true(json_object_size(all) > 30);
	json_object_foreach(all, name, expected) check_spoof(name, expected);
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_are_read),
	    cmocka_unit_test(deceptions_are_found),
	};

	draft_warm();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
