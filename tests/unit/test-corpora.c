/*
 * Tests of check/reader/draft and of the plug-ins on the mails of
 * tests/corpora: every promise holds for each of them, none takes long, the
 * drafts that try to deceive raise the findings that they must
 * (spoof/expected.json), and ordinary ones (ordinary/) raise hardly any.
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
#include <unistd.h>

#include "check/reader/equip.h"
#include "drafts.h"

#define CORPORA	  TOP_SRCDIR "/tests/corpora"
#define FILE_MAX  (4 * 1024 * 1024)
#define MAILS_MIN 1000 /* fewer: the folders were not found */

/* Findings of the agent's rights and of history. */
static const char *const others[] = {
    "from-not-authorised", "lookalike-of-known-recipient"};

/* The plug-ins that look for deception, as an admin would use them. */
static const char setup[] =
    "{ \"plugin_dir\": \"%s/plugins/.libs\", \"conditions\": [],"
    "  \"channels\": [ { \"name\": \"all\", \"file\": \"/x/all.conf\","
    "    \"plugins\": ["
    "      { \"name\": \"recipients\", \"line\": 1, \"options\": {"
    "          \"internal\": \"corp.example\","
    "          \"known\": [ \"customer.example\", \"paypal.com\" ] } },"
    "      { \"name\": \"attachments\", \"line\": 2, \"options\": {} },"
    "      { \"name\": \"links\", \"line\": 3, \"options\": {"
    "          \"trackers\": \"click.mailer.example\","
    "          \"known\": [ \"customer.example\", \"paypal.com\" ] } },"
    "      { \"name\": \"deception\", \"line\": 4, \"options\": {} },"
    "      { \"name\": \"secrets\", \"line\": 5, \"options\": {} }"
    "    ] } ] }";

#define RECIPIENTS_MAX 20
#define ALARMS_MOST    100 /* one mail in so many may be suspected wrongly */

static struct equip *equip;
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

/* An envelope: one line for the sender and for each recipient. */
struct envelope {
	char lines[4000];
	const char *sender, *recipients[RECIPIENTS_MAX];
	size_t n;
};

/* Cut "MAIL FROM:<a>" and "RCPT TO:<b>", or "name a b", into addresses. */
static void cut_envelope(struct envelope *envelope)
{
	char *save = NULL, *at = envelope->lines;

	envelope->sender = NULL;
	envelope->n = 0;
	for (char *p; (p = strtok_r(at, " \r\n<>", &save)) != NULL;) {
		at = NULL;
		if (strchr(p, '@') == NULL)
			continue;
		if (envelope->sender == NULL)
			envelope->sender = p;
		else if (envelope->n < RECIPIENTS_MAX)
			envelope->recipients[envelope->n++] = p;
	}
	assert_non_null(envelope->sender);
	assert_true(envelope->n > 0);
}

/* A mail as a sealed reader would read it, with plug-ins. */
static struct reading *read_mail(const char *name, struct envelope *envelope)
{
	struct about about = {.equip = equip,
	    .agent = "bot",
	    .channels = &(unsigned){0},
	    .n_channels = 1};
	struct reading *reading;
	char path[500];
	size_t size;
	char *bytes;

	cut_envelope(envelope);
	about.sender = envelope->sender;
	about.recipients = envelope->recipients;
	about.n_recipients = envelope->n;
	snprintf(path, sizeof(path), "%s/%s.eml", CORPORA, name);
	bytes = load(path, &size);
	reading = draft_read((struct span){bytes, size}, &about);
	free(bytes);
	return reading;
}

/* It has the findings that it must, and none when it is harmless. */
static void check_spoof(const char *name, const json_t *expected)
{
	const json_t *flags = json_object_get(expected, "must_flag");
	struct envelope envelope;
	struct reading *reading;
	char path[500];
	size_t size;
	char *bytes;

	snprintf(path, sizeof(path), "%s/spoof/%s.env", CORPORA, name);
	bytes = load(path, &size);
	assert_in_range(size, 1, sizeof(envelope.lines) - 1);
	memcpy(envelope.lines, bytes, size + 1);
	free(bytes);
	snprintf(path, sizeof(path), "spoof/%s", name);
	reading = read_mail(path, &envelope);
	for (size_t i = 0; i < json_array_size(flags); i++) {
		const char *flag = json_string_value(json_array_get(flags, i));

		if (is_ours(flag) && reading_find(reading, flag) == NULL)
			fail_msg("%s lacks %s", name, flag);
	}
	if (json_array_size(flags) == 0 && warns(reading) &&
	    !json_is_true(json_object_get(expected, "may_refuse_at_smtp")))
		fail_msg("%s: %s", name, reading->findings[0].name);
	reading_free(reading);
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

/* How many findings warn; each is shown. */
static size_t count_alarms(const char *name, const struct reading *reading)
{
	size_t n = 0;

	for (size_t i = 0; i < reading->n_findings; i++) {
		const struct finding *finding = &reading->findings[i];

		if (finding->weight == FINDING_NOTE)
			continue;
		print_message("# %s: %s (%s): %s\n", name, finding->name,
		    finding->value != NULL ? finding->value : "",
		    finding->detail);
		n++;
	}
	return n;
}

/*
 * A newsletter's hidden first line is told as such; nothing warns of it, and
 * nothing of all the others.
 */
static void ordinary_mails_pass(void **state)
{
	size_t mails = 0, alarms = 0, hidden = 0;
	char line[4000], path[500];
	FILE *file = fopen(CORPORA "/ordinary/envelopes", "r");

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		struct envelope envelope;
		struct reading *reading;
		bool preheader;

		memcpy(envelope.lines, line, sizeof(line));
		line[strcspn(line, " ")] = '\0';
		preheader = strstr(line, "-preheader") != NULL;
		snprintf(path, sizeof(path), "ordinary/%.400s", line);
		reading = read_mail(path, &envelope);
		assert_true(
		    reading_find(reading, "preheader") != NULL || !preheader);
		alarms += count_alarms(line, reading) > 0;
		hidden += preheader;
		mails++;
		reading_free(reading);
	}
	fclose(file);
	print_message("# %zu ordinary mails, %zu alarms; %zu newsletters "
		      "with a hidden first line\n",
	    mails, alarms, hidden);
	assert_true(mails >= 300);
	assert_true(alarms * ALARMS_MOST <= mails);
}

static int start(void **state)
{
	char exe[1000], json[2000];
	struct error err = ERROR_INIT;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	(void)state;
	assert_in_range(n, 1, sizeof(exe) - 1);
	exe[n] = '\0';
	/* this program stands in tests/unit of the build tree */
	for (int up = 0; up < 3; up++)
		*strrchr(exe, '/') = '\0';
	snprintf(json, sizeof(json), setup, exe);
	equip = equip_new((struct span){json, strlen(json)}, &err);
	if (equip == NULL)
		print_message("%s\n", err.text);
	return equip == NULL ? -1 : 0;
}

static int stop(void **state)
{
	(void)state;
	equip_free(equip);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_are_read),
	    cmocka_unit_test(deceptions_are_found),
	    cmocka_unit_test(ordinary_mails_pass),
	};

	draft_warm();
	return cmocka_run_group_tests(tests, start, stop);
}
