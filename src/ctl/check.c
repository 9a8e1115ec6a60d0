/*
 * check: tries a configuration before a daemon has it: does it load, do the
 * plug-ins take it, what is strange about it, what does it do, do its tests
 * pass?  Needs no daemon.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ctl/ctl.h"

#include "config/config.h"
#include "config/lint.h"
#include "config/sentence.h"
#include "local.h"

#include "util/clock.h"

#define SAID_MAX      ((size_t)16 * 1024 * 1024) /* bytes of sentences */
#define MINUTES_USUAL 2				 /* that one review takes */
#define EX_NOT_RIGHT  1

struct checking {
	bool json, quiet, strict;
	struct lint_load load; /* per_day 0: not asked */
	const char *file;
	json_t *warnings;
	size_t n_warnings;
	bool too_much;
};

static void put_place(FILE *out, const char *file, unsigned line)
{
	if (line > 0)
		fprintf(out, "%s:%u: ", file, line);
	else
		fprintf(out, "%s: ", file);
}

static void on_warning(
    const char *file, unsigned line, const char *text, void *context)
{
	struct checking *c = context;

	c->n_warnings++;
	json_array_append_new(
	    c->warnings, json_pack("{s:s, s:i, s:s}", "file", file, "line",
			     (int)line, "text", text));
	if (c->json)
		return;
	put_place(stdout, file, line);
	printf("warning: %s\n", text);
}

static int complain(const struct checking *c, const struct error *err)
{
	if (c->json)
		ctl_print(
		    json_pack("{s:b, s:s}", "right", 0, "text", err->text));
	else
		fprintf(stderr, "%s\n", err->text);
	return EX_CONFIG;
}

/* The trace of a failed test, under it. */
static void put_trace(const char *trace)
{
	const char *end;

	for (; *trace != '\0'; trace = *end ? end + 1 : end) {
		end = strchrnul(trace, '\n');
		fputs("    ", stdout);
		ctl_put_some(trace, (size_t)(end - trace));
		putchar('\n');
	}
}

static void put_tests(
    const struct checking *c, const struct trial_result *result)
{
	const struct trial_failure *f;
	size_t i;

	for (i = 0; i < result->n_failures; i++) {
		f = &result->failures[i];
		put_place(stdout, f->file, f->line);
		printf("test '%s' ", f->test);
		ctl_put(f->text);
		putchar('\n');
		put_trace(f->trace);
	}
	if (result->n == 0 && !c->quiet)
		puts("no channel has tests; write some beside its rules");
	else if (result->n > 0 && (!c->quiet || result->n_failures > 0))
		printf("%zu of %zu tests right\n", result->n_right, result->n);
}

static json_t *tests_json(const struct trial_result *result)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < result->n_failures; i++)
		json_array_append_new(
		    list, json_pack("{s:s, s:i, s:s, s:s, s:s, s:s}", "file",
			      result->failures[i].file, "line",
			      (int)result->failures[i].line, "channel",
			      result->failures[i].channel, "test",
			      result->failures[i].test, "text",
			      result->failures[i].text, "trace",
			      result->failures[i].trace));
	return json_pack("{s:i, s:i, s:o}", "tests", (int)result->n, "right",
	    (int)result->n_right, "failures", list);
}

static void say(struct checking *c, const struct config *config,
    const struct trial_result *result)
{
	struct buf sentences, capacity;

	buf_init(&sentences, SAID_MAX);
	buf_init(&capacity, SAID_MAX);
	sentence_config(config, &sentences);
	buf_add_char(&sentences, '\n');
	sentence_people(config, &sentences);
	buf_add_char(&sentences, '\n');
	sentence_chat(config, &sentences);
	sentence_mail(config, &sentences);
	if (c->load.per_day > 0)
		c->too_much = !lint_capacity(config, &c->load, &capacity);
	if (c->json) {
		ctl_print(json_pack("{s:b, s:O, s:s, s:s, s:o}", "right",
		    result->n_failures == 0, "warnings", c->warnings,
		    "sentences", sentences.data, "capacity", capacity.data,
		    "tests", tests_json(result)));
	} else {
		if (!c->quiet)
			printf("\n%s\n", sentences.data);
		fputs(capacity.data, stdout);
		put_tests(c, result);
	}
	buf_release(&sentences);
	buf_release(&capacity);
}

static int check_loaded(
    struct checking *c, const struct config *config, struct local *local)
{
	const struct lint lint = {.finds = local_finds(local),
	    .now_ms = c->load.now_ms,
	    .say = on_warning,
	    .context = c};
	const struct trial_result *result;

	lint_config(config, &lint);
	result = local_trial(local);
	say(c, config, result);
	if (result->n_failures > 0 ||
	    (c->strict && (c->n_warnings > 0 || c->too_much)))
		return EX_NOT_RIGHT;
	if (!c->json && !c->quiet)
		printf("%s is right%s\n", c->file,
		    c->n_warnings > 0 ? ", but see the warnings" : "");
	return EX_OK;
}

static int check_file(struct checking *c)
{
	struct error err = ERROR_INIT;
	struct config *config = config_load(c->file, &err);
	struct local *local;
	int rc;

	if (config == NULL)
		return complain(c, &err);
	local = local_new(config, &err);
	rc = local == NULL ? complain(c, &err) : check_loaded(c, config, local);
	local_free(local);
	config_unref(config);
	return rc;
}

/* A number of an option, 0 if it is not there; -1: it is none. */
static int take_number(struct ctl *ctl, const char *name, unsigned *number)
{
	const char *text = ctl_take_option(ctl, name);
	char *end;
	unsigned long n;

	if (text == NULL)
		return 0;
	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || n == 0 || n > 1000000)
		return -1;
	*number = (unsigned)n;
	return 0;
}

int ctl_check(struct ctl *ctl)
{
	struct checking c = {.json = ctl->json,
	    .quiet = ctl_take_flag(ctl, "--quiet"),
	    .strict = ctl_take_flag(ctl, "--strict"),
	    .load = {.minutes = MINUTES_USUAL, .now_ms = clock_now_ms()}};
	int rc;

	if (take_number(ctl, "--per-day", &c.load.per_day) ||
	    take_number(ctl, "--minutes", &c.load.minutes))
		return ctl_usage("check", "--per-day and --minutes want a "
					  "number from 1 to 1000000");
	if (ctl->argc > 0 && ctl->argv[0][0] == '-')
		return ctl_usage("check", "there is no such option");
	if (ctl->argc > 1)
		return ctl_usage("check", "one file at most");
	c.file = ctl->argc > 0 ? ctl->argv[0] : ctl->config;
	c.warnings = json_array();
	rc = check_file(&c);
	json_decref(c.warnings);
	return rc;
}
