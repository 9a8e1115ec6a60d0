/*
 * doctor: has the daemon look at all that it depends on, tells what it finds
 * as it is found, and at the end what to do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "ctl/call.h"
#include "ctl/ctl.h"

#define LOOK_MS	  200 /* how often the daemon is asked for more */
#define WAIT_S	  120
#define WAIT_MOST 3600
#define WIDTH	  78
#define INDENT	  9
#define ADVICE	  5
#define WAITING	  48 /* characters of what is waited for */
#define FAILED	  1  /* exit status: something is bad */

/* "90", "90s", "2m", "1h" in seconds; -1: it is none. */
static long seconds_of(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);
	long unit = *end == 'm' ? 60 : *end == 'h' ? 3600 : 1;

	if (end == text || n < 1 || n > WAIT_MOST ||
	    (*end != '\0' && (strchr("smh", *end) == NULL || end[1] != '\0')) ||
	    n * unit > WAIT_MOST)
		return -1;
	return n * unit;
}

static bool is(const json_t *item, const char *state)
{
	return strcmp(ctl_text(item, "state"), state) == 0;
}

/* Words in lines of some width, each line indented; what stands before on the
 * first is counted as the indent. */
static void put_words(const char *text, size_t indent)
{
	size_t at = indent, n;

	for (; *text != '\0'; text += n + strspn(text + n, " ")) {
		n = strcspn(text, " ");
		if (at > indent && at + 1 + n > WIDTH) {
			printf("\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			putchar(' ');
			at++;
		}
		ctl_put_some(text, n);
		at += n;
	}
	putchar('\n');
}

/* "good     relay: the relay host takes our mail (0.2 s)", what was found. */
static void put_item(const json_t *item)
{
	json_int_t ms = json_integer_value(json_object_get(item, "ms"));
	const char *found = ctl_text(item, "found");

	printf("%-8s ", is(item, "bad") ? "BAD" : ctl_text(item, "state"));
	ctl_put(ctl_text(item, "of"));
	printf(": ");
	ctl_put(ctl_text(item, "what"));
	printf(" (%" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT " s)\n",
	    ms / 1000, ms % 1000 / 100);
	if (*found == '\0')
		return;
	printf("%*s", INDENT, "");
	put_words(found, INDENT);
}

/* Those that ended since, once each: told[i] says that it was. */
static void put_new(const json_t *items, bool **told, size_t *n_told)
{
	size_t i, n = json_array_size(items);
	const json_t *item;

	if (n > *n_told) {
		*told = realloc(*told, n * sizeof(**told));
		if (*told == NULL)
			exit(EX_OSERR);
		memset(*told + *n_told, 0, (n - *n_told) * sizeof(**told));
		*n_told = n;
	}
	json_array_foreach(items, i, item)
	{
		if ((*told)[i] || is(item, "open"))
			continue;
		(*told)[i] = true;
		put_item(item);
	}
	fflush(stdout);
}

/* Is it the first of those that tell to do the same? */
static bool is_first(const json_t *items, size_t at)
{
	const char *advice = ctl_text(json_array_get(items, at), "advice");
	size_t i;

	for (i = 0; i < at; i++)
		if (strcmp(advice,
			ctl_text(json_array_get(items, i), "advice")) == 0)
			return false;
	return true;
}

/* The questions that have this advice, a line each, and then the advice. */
static void put_one(const json_t *items, size_t at, size_t n)
{
	const json_t *item = json_array_get(items, at);
	const char *advice = ctl_text(item, "advice");

	for (; (item = json_array_get(items, at)) != NULL; at++) {
		if (strcmp(ctl_text(item, "advice"), advice) != 0)
			continue;
		if (n > 0)
			printf("%3zu. ", n);
		else
			printf("%*s", ADVICE, "");
		n = 0;
		ctl_put(ctl_text(item, "of"));
		printf(": ");
		ctl_put(ctl_text(item, "what"));
		printf("?\n");
	}
	printf("%*s", ADVICE, "");
	put_words(advice, ADVICE);
}

/* What to do: first about what failed, once where several need the same. */
static size_t put_advice(const json_t *items)
{
	size_t i, n = 0;
	const json_t *item;
	int pass;

	for (pass = 0; pass < 2; pass++)
		json_array_foreach(items, i, item)
		{
			if (*ctl_text(item, "advice") == '\0' ||
			    is(item, "bad") != (pass == 0) ||
			    !is_first(items, i))
				continue;
			if (n++ == 0)
				printf("\nWhat to do:\n");
			put_one(items, i, n);
		}
	return n;
}

static void put_end(const json_t *items, size_t bad)
{
	size_t n = put_advice(items);

	if (bad > 0)
		printf("\n%zu of %zu checks failed\n", bad,
		    json_array_size(items));
	else
		printf(n > 0 ? "\nnothing failed\n" : "\nall is well\n");
}

static size_t count_bad(const json_t *items)
{
	size_t i, bad = 0;
	const json_t *item;

	json_array_foreach(items, i, item) bad += is(item, "bad");
	return bad;
}

/* On a terminal, what is waited for; it is written over. */
static void put_waiting(const json_t *items)
{
	static time_t began;
	const json_t *item;
	time_t now = time(NULL);
	size_t i;

	if (began == 0)
		began = now;
	if (now - began < 1 || !isatty(STDOUT_FILENO))
		return;
	json_array_foreach(items, i, item)
	{
		if (!is(item, "open"))
			continue;
		printf("waiting  ");
		ctl_put(ctl_text(item, "of"));
		printf(": %.*s (%ld s)\r", WAITING, ctl_text(item, "what"),
		    (long)(now - began));
		fflush(stdout);
		return;
	}
}

static void take_back_waiting(void)
{
	if (isatty(STDOUT_FILENO))
		printf("%*s\r", WIDTH, "");
}

/* Until all is known; then the last answer, or NULL and err. */
static json_t *follow(const char *path, bool quiet, struct error *err)
{
	const struct timespec rest = {0, LOOK_MS * 1000000L};
	const json_t *items;
	bool *told = NULL;
	size_t n_told = 0;
	json_t *answer;

	for (;;) {
		answer = call_get(path, err);
		items = json_object_get(answer, "items");
		if (!quiet)
			take_back_waiting();
		if (answer != NULL && !quiet)
			put_new(items, &told, &n_told);
		if (answer == NULL ||
		    json_is_true(json_object_get(answer, "done")))
			break;
		if (!quiet)
			put_waiting(items);
		json_decref(answer);
		nanosleep(&rest, NULL);
	}
	free(told);
	return answer;
}

/* Begin; the path under which to follow it, or an exit status. */
static int begin(bool probe, long wait_s, char *path, size_t size)
{
	struct error err = ERROR_INIT;
	json_t *answer = call_post("/v1/doctor",
	    json_pack("{s:b, s:I}", "probe", probe, "wait", (json_int_t)wait_s),
	    NULL, &err);

	if (answer == NULL)
		return ctl_fail(&err);
	snprintf(path, size, "/v1/doctor/%" JSON_INTEGER_FORMAT,
	    json_integer_value(json_object_get(answer, "id")));
	json_decref(answer);
	return EX_OK;
}

int ctl_doctor(struct ctl *ctl)
{
	bool probe = !ctl_take_flag(ctl, "--no-probe");
	const char *wait = ctl_take_option(ctl, "--wait");
	long wait_s = wait == NULL ? WAIT_S : seconds_of(wait);
	struct error err = ERROR_INIT;
	const json_t *items;
	json_t *answer;
	char path[64];
	size_t bad;
	int rc;

	if (wait_s < 0)
		return ctl_usage(
		    "doctor", "--wait is a time of at most an hour: 90s, 2m");
	if (ctl->argc > 0)
		return ctl_usage("doctor", "it takes options alone");
	rc = begin(probe, wait_s, path, sizeof(path));
	if (rc != EX_OK)
		return rc;
	answer = follow(path, ctl->json, &err);
	if (answer == NULL)
		return ctl_fail(&err);
	items = json_object_get(answer, "items");
	bad = count_bad(items);
	if (ctl->json) {
		ctl_print(answer);
	} else {
		put_end(items, bad);
		json_decref(answer);
	}
	return bad > 0 ? FAILED : EX_OK;
}
