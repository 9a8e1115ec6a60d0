/*
 * look: the commands that only read: list, show, log, status.  Their words and
 * order of facts come from the daemon, so that they are those of a notice.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ctl/call.h"
#include "ctl/ctl.h"

static int complain_about(const struct ctl *ctl, const char *command)
{
	char text[200];

	if (ctl->argc == 0)
		return EX_OK;
	snprintf(text, sizeof(text), "what is '%.100s'?", ctl->argv[0]);
	return ctl_usage(command, text);
}

/* "2026-11-21T06:55:40Z" as "21 Nov 06:55". */
static void put_time(const json_t *value, const char *name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *iso = ctl_text(value, name);
	int month, day;
	char clock[6];

	if (sscanf(iso, "%*4d-%2d-%2dT%5c", &month, &day, clock) != 3 ||
	    month < 1 || month > 12) {
		printf("%-12s", "-");
		return;
	}
	clock[5] = '\0';
	printf(
	    "%2d %.3s %s", day, months + (ptrdiff_t)(3 * (month - 1)), clock);
}

/* The first columns of a text, on one line. */
static void put_cut(const char *text, size_t columns)
{
	size_t n = 0, i;

	for (i = 0; text[i] != '\0' && n < columns; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			n++;
		if (n == columns && text[i + 1] != '\0') {
			fputs("…", stdout);
			return;
		}
		putchar((unsigned char)text[i] < ' ' || text[i] == 0x7f
			    ? ' '
			    : text[i]);
	}
	printf("%*s", (int)(columns - n), "");
}

/* Column widths with and without channels. */
struct columns {
	bool channels;
	size_t to, subject;
};

/* Severity, channel and deadline, where there are channels. */
static void put_terms(const json_t *row)
{
	put_cut(ctl_text(row, "severity"), 8);
	fputs("  ", stdout);
	put_cut(ctl_text(row, "channel"), 12);
	fputs("  ", stdout);
	put_time(row, "deadline");
	fputs("  ", stdout);
}

static void put_row(const json_t *row, const struct columns *columns)
{
	json_int_t more =
	    json_integer_value(json_object_get(row, "recipients")) - 1;
	char to[128];

	snprintf(to, sizeof(to), more > 0 ? "%.90s +%d" : "%.90s",
	    ctl_text(row, "to"), (int)more);
	printf("%6" JSON_INTEGER_FORMAT "  %-6s  ",
	    json_integer_value(json_object_get(row, "id")),
	    ctl_text(row, "code"));
	put_cut(ctl_text(row, "state"), 10);
	fputs("  ", stdout);
	put_time(row, "received");
	fputs("  ", stdout);
	if (columns->channels)
		put_terms(row);
	put_cut(to, columns->to);
	fputs("  ", stdout);
	put_cut(ctl_text(row, "subject"), columns->subject);
	putchar('\n');
}

/* Has one of them a channel? */
static bool have_channels(const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach(
	    rows, i, row) if (*ctl_text(row, "channel") != '\0') return true;
	return false;
}

static void put_rows(const json_t *answer, bool waiting)
{
	const json_t *rows = json_object_get(answer, "drafts"), *row = NULL;
	const struct columns plain = {false, 28, 36}, wide = {true, 22, 28};
	const struct columns *columns = have_channels(rows) ? &wide : &plain;
	size_t i;

	if (json_array_size(rows) == 0) {
		puts(waiting ? "nothing waits for a person" : "there are none");
		return;
	}
	printf("    ID  CODE    STATE       RECEIVED UTC  %s%-*s  SUBJECT\n",
	    columns->channels ? "SEVERITY  CHANNEL       DECIDE BY UTC " : "",
	    (int)columns->to, "TO");
	json_array_foreach(rows, i, row) put_row(row, columns);
	if (json_is_true(json_object_get(answer, "more")))
		printf("more: imprimatur list --after %" JSON_INTEGER_FORMAT
		       "\n",
		    json_integer_value(json_object_get(row, "id")));
}

int ctl_list(struct ctl *ctl)
{
	const char *state = ctl_take_option(ctl, "--state");
	const char *limit = ctl_take_option(ctl, "--limit");
	const char *after = ctl_take_option(ctl, "--after");
	bool all = ctl_take_flag(ctl, "--all");
	struct error err = ERROR_INIT;
	json_t *answer;
	char path[200];

	if (complain_about(ctl, "list"))
		return EX_USAGE;
	snprintf(path, sizeof(path),
	    "/v1/drafts?limit=%.10s&after=%.20s%s%.30s", limit ? limit : "50",
	    after ? after : "0", all || state ? "&state=" : "",
	    all	    ? "all"
	    : state ? state
		    : "");
	answer = call_get(path, &err);
	if (answer == NULL)
		return ctl_fail(&err);
	if (ctl->json)
		return ctl_print(answer);
	put_rows(answer, !all && state == NULL);
	json_decref(answer);
	return EX_OK;
}

/* "label:  value", further lines of the value under the first. */
static void put_fact(int columns, const char *label, const char *value)
{
	const char *end;

	printf("%-*s", columns, label);
	for (;; value = end + 1) {
		end = strchr(value, '\n');
		if (end == NULL)
			break;
		ctl_put_some(value, (size_t)(end - value));
		printf("\n%*s", columns, "");
	}
	ctl_put(value);
	putchar('\n');
}

static void put_facts(const json_t *facts)
{
	size_t i, longest = 0;
	const json_t *fact;

	json_array_foreach(facts, i, fact)
	{
		size_t n = strlen(ctl_text(fact, "label"));

		if (n > longest)
			longest = n;
	}
	json_array_foreach(facts, i, fact) put_fact(
	    (int)longest + 2, ctl_text(fact, "label"), ctl_text(fact, "value"));
}

/* Each line behind a sign of ours, or "" when it has one. */
static void put_lines(const char *sign, const char *line)
{
	const char *end;

	while (*line != '\0') {
		end = line + strcspn(line, "\n");
		fputs(sign, stdout);
		ctl_put_some(line, (size_t)(end - line));
		putchar('\n');
		line = *end == '\0' ? end : end + 1;
	}
}

static void put_changes(const json_t *changed)
{
	if (changed == NULL)
		return;
	printf("\n");
	ctl_put(ctl_text(changed, "title"));
	printf(":\n");
	put_lines("", ctl_text(changed, "lines"));
	printf("\nThe whole new text:");
}

static void put_text(const json_t *view)
{
	const char *text = ctl_text(view, "text");
	json_int_t total =
	    json_integer_value(json_object_get(view, "text_total"));
	size_t shown = strlen(text);

	putchar('\n');
	put_lines("| ", text);
	if (total > (json_int_t)shown)
		printf("\n%" JSON_INTEGER_FORMAT " more bytes of text are not "
		       "shown; --raw prints the whole mail\n",
		    total - (json_int_t)shown);
}

static int show_raw(int64_t draft, const char *revision, bool submission)
{
	struct error err = ERROR_INIT;
	char path[100], *bytes;
	size_t size;

	snprintf(path, sizeof(path), "/v1/drafts/%" PRId64 "/raw?revision=%s%s",
	    draft, revision, submission ? "&submission=1" : "");
	bytes = call_get_bytes(path, &size, &err);
	if (bytes == NULL)
		return ctl_fail(&err);
	fwrite(bytes, 1, size, stdout);
	free(bytes);
	return EX_OK;
}

int ctl_show(struct ctl *ctl)
{
	const char *revision = ctl_take_option(ctl, "--revision");
	bool raw = ctl_take_flag(ctl, "--raw");
	bool submission = ctl_take_flag(ctl, "--submission");
	int64_t draft = ctl_draft("show", ctl->argc == 1 ? ctl->argv[0] : NULL);
	struct error err = ERROR_INIT;
	json_t *view;
	char path[100];

	if (draft < 0)
		return EX_USAGE;
	if (revision == NULL || strspn(revision, "0123456789") > 9)
		revision = "0";
	if (raw || submission)
		return show_raw(draft, revision, submission);
	snprintf(path, sizeof(path), "/v1/drafts/%" PRId64 "?revision=%s",
	    draft, revision);
	view = call_get(path, &err);
	if (view == NULL)
		return ctl_fail(&err);
	if (ctl->json)
		return ctl_print(view);
	put_facts(json_object_get(view, "facts"));
	put_changes(json_object_get(view, "changed"));
	put_text(view);
	json_decref(view);
	return EX_OK;
}

static void put_event(const json_t *event)
{
	const json_t *draft = json_object_get(event, "draft");

	printf("%6" JSON_INTEGER_FORMAT "  %s  ",
	    json_integer_value(json_object_get(event, "id")),
	    ctl_text(event, "at"));
	if (json_is_integer(draft))
		printf("draft %" JSON_INTEGER_FORMAT " ",
		    json_integer_value(draft));
	ctl_put(ctl_text(event, "event"));
	if (*ctl_text(event, "actor") != '\0') {
		fputs(" by ", stdout);
		ctl_put(ctl_text(event, "actor"));
	}
	if (*ctl_text(event, "medium") != '\0') {
		fputs(" over ", stdout);
		ctl_put(ctl_text(event, "medium"));
	}
	if (*ctl_text(event, "code") != '\0')
		printf(" code %s", ctl_text(event, "code"));
	if (*ctl_text(event, "text") != '\0') {
		fputs(": ", stdout);
		ctl_put(ctl_text(event, "text"));
	}
	putchar('\n');
}

int ctl_log(struct ctl *ctl)
{
	const char *limit = ctl_take_option(ctl, "--limit");
	const char *before = ctl_take_option(ctl, "--before");
	const json_t *events, *event = NULL;
	struct error err = ERROR_INIT;
	int64_t draft = 0;
	json_t *answer;
	char path[160];
	size_t i;

	if (ctl->argc > 0 && (draft = ctl_draft("log", ctl->argv[0])) < 0)
		return EX_USAGE;
	snprintf(path, sizeof(path),
	    "/v1/log?draft=%" PRId64 "&limit=%.10s&before=%.20s", draft,
	    limit ? limit : "50", before ? before : "0");
	answer = call_get(path, &err);
	if (answer == NULL)
		return ctl_fail(&err);
	if (ctl->json)
		return ctl_print(answer);
	events = json_object_get(answer, "events");
	json_array_foreach(events, i, event) put_event(event);
	if (json_is_true(json_object_get(answer, "more")))
		printf("more: imprimatur log --before %" JSON_INTEGER_FORMAT
		       "\n",
		    json_integer_value(json_object_get(event, "id")));
	json_decref(answer);
	return EX_OK;
}

static void put_gates(const json_t *status)
{
	const char *agents = ctl_text(status, "stopped_agents");

	if (json_is_true(json_object_get(status, "stopped")))
		puts("STOPPED: nothing leaves until \"imprimatur start\"");
	if (*agents != '\0')
		printf("STOPPED for: %s\n", agents);
}

/* Each part of a description, which a semicolon ends, in a line. */
static void put_parts(const char *label, const char *text)
{
	const char *end;

	for (; (end = strstr(text, "; ")) != NULL; text = end + 2) {
		printf("%-12s", label);
		ctl_put_some(text, (size_t)(end - text));
		putchar('\n');
		label = "";
	}
	printf("%-12s", label);
	ctl_put(text);
	putchar('\n');
}

/* What is owed; no line when it is nothing. */
static void put_queue(
    const json_t *status, const char *member, const char *label)
{
	const json_t *queue = json_object_get(status, member);
	json_int_t n = json_integer_value(json_object_get(queue, "waiting"));

	if (n > 0)
		printf("%-12s%" JSON_INTEGER_FORMAT
		       " waiting, %" JSON_INTEGER_FORMAT " failing\n",
		    label, n,
		    json_integer_value(json_object_get(queue, "failing")));
}

static void put_mailboxes(const json_t *status)
{
	const json_t *mailbox;
	size_t i;

	json_array_foreach(json_object_get(status, "mailboxes"), i, mailbox)
	    printf("%-12s%s %s\n", i == 0 ? "mailboxes" : "",
		ctl_text(mailbox, "name"), ctl_text(mailbox, "state"));
}

int ctl_status(struct ctl *ctl)
{
	struct error err = ERROR_INIT;
	json_t *status, *mail;
	const char *state;
	json_t *count;

	if (complain_about(ctl, "status"))
		return EX_USAGE;
	status = call_get("/v1/status", &err);
	if (status == NULL)
		return ctl_fail(&err);
	if (ctl->json)
		return ctl_print(status);
	put_gates(status);
	json_object_foreach(json_object_get(status, "drafts"), state,
	    count) if (json_integer_value(count) > 0)
	    printf("%-12s%" JSON_INTEGER_FORMAT "\n", state,
		json_integer_value(count));
	if (*ctl_text(status, "oldest_held") != '\0')
		printf("%-12s%s\n", "oldest", ctl_text(status, "oldest_held"));
	mail = json_object_get(status, "system_mail");
	printf("%-12s%" JSON_INTEGER_FORMAT " waiting, %" JSON_INTEGER_FORMAT
	       " failing\n",
	    "notices", json_integer_value(json_object_get(mail, "waiting")),
	    json_integer_value(json_object_get(mail, "failing")));
	put_queue(status, "words", "for agents");
	put_queue(status, "copies", "copies");
	if (json_integer_value(json_object_get(status, "snoozed")) > 0)
		printf("%-12s%" JSON_INTEGER_FORMAT "\n", "snoozed",
		    json_integer_value(json_object_get(status, "snoozed")));
	put_parts("daemon", ctl_text(status, "describe"));
	put_mailboxes(status);
	printf("%-12s%s\n", "you are",
	    *ctl_text(status, "you") ? ctl_text(status, "you")
				     : "no reviewer: you can only read");
	json_decref(status);
	return EX_OK;
}
