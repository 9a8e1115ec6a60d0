/*
 * explain: which rule said what, and why: of a draft, as the daemon has stored
 * it; of a file, as the rules would judge it now.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ctl/call.h"
#include "ctl/ctl.h"

#include "config/config.h"
#include "local.h"

#include "util/nearest.h"

#define TO_MAX 100 /* --to, as often as that */

static void put_lines(const char *text)
{
	const char *end;

	for (; *text != '\0'; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		fputs("  ", stdout);
		ctl_put_some(text, (size_t)(end - text));
		putchar('\n');
	}
}

/* ", label text" if there is text. */
static void put_fact(const char *label, const char *text)
{
	if (*text == '\0')
		return;
	printf(", %s ", label);
	ctl_put(text);
}

/* ---- a draft ------------------------------------------------------------ */

/* "asked: ben, carla" */
static void put_asked(const json_t *names)
{
	size_t i, n = json_array_size(names);

	for (i = 0; i < n; i++) {
		fputs(i == 0 ? "asked: " : ", ", stdout);
		ctl_put(json_string_value(json_array_get(names, i)));
	}
	if (n > 0)
		putchar('\n');
}

static void put_draft(const json_t *view)
{
	const json_t *trace = json_object_get(view, "trace");
	size_t i, n = json_array_size(trace);
	json_int_t persons =
	    json_integer_value(json_object_get(view, "persons"));

	printf("draft %" JSON_INTEGER_FORMAT " (%s) is %s",
	    json_integer_value(json_object_get(view, "id")),
	    ctl_text(view, "code"), ctl_text(view, "state"));
	put_fact("channel", ctl_text(view, "channel"));
	put_fact("severity", ctl_text(view, "severity"));
	if (persons > 1)
		printf(
		    ", %" JSON_INTEGER_FORMAT " persons must approve", persons);
	put_fact("deadline", ctl_text(view, "deadline"));
	putchar('\n');
	put_asked(json_object_get(view, "ask"));
	if (n == 0)
		printf("what each rule said of it was not kept; it was judged "
		       "by rule '%s'\n",
		    ctl_text(view, "rule"));
	for (i = 0; i < n; i++)
		put_lines(json_string_value(json_array_get(trace, i)));
	if (*ctl_text(view, "config") != '\0')
		printf("judged by the configuration %.12s\n",
		    ctl_text(view, "config"));
}

static int explain_draft(struct ctl *ctl, int64_t draft)
{
	struct error err = ERROR_INIT;
	json_t *view;
	char path[64];

	snprintf(path, sizeof(path), "/v1/drafts/%lld", (long long)draft);
	view = call_get(path, &err);
	if (view == NULL)
		return ctl_fail(&err);
	if (ctl->json)
		return ctl_print(view);
	put_draft(view);
	json_decref(view);
	return EX_OK;
}

/* ---- a file ------------------------------------------------------------- */

static void put_verdict(const struct local_mail *mail, const struct verdict *v)
{
	printf("%s: %s", mail->file,
	    v->kind == VERDICT_PASS	? "would pass"
	    : v->kind == VERDICT_REFUSE ? "would be refused"
					: "would be held");
	put_fact("channel", v->channel);
	if (v->kind == VERDICT_HOLD)
		put_fact("severity", verdict_severity_name(v->severity));
	putchar('\n');
	put_lines(mail->used);
	put_lines(v->trace);
	if (v->kind == VERDICT_HOLD && *v->ask != '\0') {
		puts("who would be asked:");
		put_lines(v->ask);
	}
	puts("the ledger was not looked at: first contact, duplicates and "
	     "rates may change this");
}

static json_t *verdict_json(
    const struct local_mail *mail, const struct verdict *v)
{
	return json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s}", "file",
	    mail->file, "envelope", mail->used, "verdict",
	    verdict_name(v->kind), "channel", v->channel, "rule", v->rule,
	    "reason", v->reason, "severity", verdict_severity_name(v->severity),
	    "persons", (int)v->persons, "ask", v->ask, "demand", v->demand,
	    "trace", v->trace);
}

static int explain_with(
    struct ctl *ctl, struct local *local, struct local_mail *mail)
{
	struct error err = ERROR_INIT;
	struct verdict verdict;

	if (local_explain(local, mail, &verdict, &err))
		return ctl_fail(&err);
	if (ctl->json)
		ctl_print(verdict_json(mail, &verdict));
	else
		put_verdict(mail, &verdict);
	verdict_release(&verdict);
	return EX_OK;
}

static int no_agent(const struct config *config, const char *name)
{
	char text[NEAREST_SIZE + 120], hint[NEAREST_SIZE];
	struct nearest nearest;
	size_t i;

	nearest_init(&nearest, name);
	for (i = 0; i < config->n_agents; i++)
		nearest_try(&nearest, config->agents[i].name);
	snprintf(text, sizeof(text), "there is no agent '%.60s'%s", name,
	    nearest_text(&nearest, hint));
	return ctl_usage("explain", text);
}

static int explain_file(struct ctl *ctl, struct local_mail *mail)
{
	struct error err = ERROR_INIT;
	struct config *config = config_load(ctl->config, &err);
	struct local *local;
	int rc = EX_CONFIG;

	if (config == NULL) {
		ctl_fail(&err);
		return EX_CONFIG;
	}
	local = local_new(config, &err);
	if (local == NULL)
		ctl_fail(&err);
	else if (mail->agent != NULL &&
		 config_agent(config, mail->agent) == NULL)
		rc = no_agent(config, mail->agent);
	else
		rc = explain_with(ctl, local, mail);
	local_free(local);
	config_unref(config);
	return rc;
}

static bool is_number(const char *text)
{
	return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

int ctl_explain(struct ctl *ctl)
{
	const char *to[TO_MAX + 1] = {NULL};
	struct local_mail mail = {.agent = ctl_take_option(ctl, "--agent"),
	    .from = ctl_take_option(ctl, "--from")};
	size_t n = 0;

	while (n < TO_MAX && (to[n] = ctl_take_option(ctl, "--to")) != NULL)
		n++;
	if (ctl->argc != 1 || ctl->argv[0][0] == '-')
		return ctl_usage("explain",
		    "give the number of a draft, or one file with a mail");
	if (is_number(ctl->argv[0])) {
		int64_t draft = ctl_draft("explain", ctl->argv[0]);

		return draft < 0 ? EX_USAGE : explain_draft(ctl, draft);
	}
	mail.file = ctl->argv[0];
	mail.to = n > 0 ? to : NULL;
	return explain_file(ctl, &mail);
}
