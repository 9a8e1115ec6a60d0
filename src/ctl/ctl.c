/*
 * ctl: the program "imprimatur": its table of commands and what they share.
 * Each command stands in a file of its kind: look, decide, edit, admin.
 */
#include "ctl/ctl.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ctl/call.h"

#include "util/log.h"
#include "util/nearest.h"

static const struct command {
	const char *name, *arguments, *help;
	int (*run)(struct ctl *ctl);
} commands[] = {
    {"list", "[--all | --state S] [--limit N] [--after ID]",
	"what waits for a person", ctl_list},
    {"show", "ID [--revision N] [--raw | --submission]",
	"a draft, with all that is needed to decide", ctl_show},
    {"approve", "ID [CODE] [because REASON]", "let it go, as it is",
	ctl_approve},
    {"drop", "ID [--reason CATEGORY] [WORDS]",
	"never send it; the agent is told why", ctl_drop},
    {"edit", "ID [--subject S] [--to L] [--text F] [--mail F] ...",
	"change it, in $EDITOR or as named", ctl_edit},
    {"revise", "ID REMARK", "send it back: its agent makes it better",
	ctl_revise},
    {"snooze", "ID TIME", "be asked again later: 30m, 2h, 3d", ctl_snooze},
    {"undo", "ID", "take the decision back, while it can be", ctl_undo},
    {"ask", "ID QUESTION", "put a question to the other reviewers", ctl_ask},
    {"claim", "ID", "tell the others that you are on it", ctl_claim},
    {"delegate", "ID REVIEWER", "have somebody else decide", ctl_delegate},
    {"fine", "ID", "it was sent unseen, and that was right", ctl_fine},
    {"wrong", "ID [--reason CATEGORY] [WORDS]",
	"it was sent unseen, and should not have been", ctl_wrong},
    {"log", "[ID] [--limit N] [--before N]", "what happened, newest first",
	ctl_log},
    {"audit", "verify", "is the audit log whole?", ctl_audit},
    {"stop", "[AGENT]", "nothing leaves any more", ctl_stop},
    {"start", "[AGENT]", "what was approved leaves again", ctl_start},
    {"status", "", "counts, gates and the relay host", ctl_status},
    {"reload", "", "put the changed configuration into force", ctl_reload},
    {"doctor", "[--no-probe] [--wait TIME]",
	"look at all that the daemon depends on, and say what to do",
	ctl_doctor},
    {"explain", "ID | MAIL.eml [--agent A] [--from A] [--to A]",
	"which rule said what of a mail, and why", ctl_explain},
    {"check", "[FILE] [--strict] [--quiet] [--per-day N] [--minutes N]",
	"try a configuration, and run the tests of its rules", ctl_check},
    {"password", "[--chosen]", "make a secret for an agent", ctl_password},
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static bool as_json;

/* An error for programs; people read the text on standard error. */
static void print_error(enum error_kind kind, const char *text)
{
	if (as_json)
		ctl_print(json_pack("{s:s, s:s}", "error",
		    error_kind_name(kind), "text", text));
}

static void usage(FILE *out)
{
	size_t i;

	fputs("Usage: imprimatur [--socket PATH] [--config FILE] [--json] "
	      "COMMAND ...\n\n",
	    out);
	for (i = 0; i < N_COMMANDS; i++)
		fprintf(
		    out, "  %-13s %s\n", commands[i].name, commands[i].help);
	fputs("\nimprimatur COMMAND --help tells a command's arguments; "
	      "imprimatur(1) tells all.\n",
	    out);
}

int ctl_fail(const struct error *err)
{
	static const int status[] = {
	    [ERROR_NONE] = EX_SOFTWARE,
	    [ERROR_BUSY] = EX_UNAVAILABLE,
	    [ERROR_DENIED] = EX_NOPERM,
	    [ERROR_INVALID] = EX_DATAERR,
	    [ERROR_MISSING] = EX_NOINPUT,
	    [ERROR_CONFLICT] = EX_DATAERR,
	    [ERROR_FULL] = EX_TEMPFAIL,
	    [ERROR_INTERNAL] = EX_SOFTWARE,
	};

	fprintf(stderr, "imprimatur: %s\n", err->text);
	print_error(err->kind, err->text);
	return status[err->kind];
}

static const struct command *command_of(const char *name)
{
	size_t i;

	for (i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

int ctl_usage(const char *command, const char *text)
{
	const struct command *c = command_of(command);

	fprintf(stderr, "imprimatur %s: %s\nUsage: imprimatur %s %s\n", command,
	    text, command, c == NULL ? "" : c->arguments);
	print_error(ERROR_INVALID, text);
	return EX_USAGE;
}

int ctl_print(json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(value);
	return EX_OK;
}

int64_t ctl_draft(const char *command, const char *arg)
{
	char *end;
	long long id = arg == NULL ? 0 : strtoll(arg, &end, 10);

	if (arg != NULL && end != arg && *end == '\0' && id > 0)
		return id;
	ctl_usage(command,
	    arg == NULL ? "which draft? give its number"
			: "a draft is named by its number, as list shows it");
	return -1;
}

const char *ctl_text(const json_t *value, const char *name)
{
	const char *text = json_string_value(json_object_get(value, name));

	return text == NULL ? "" : text;
}

static void take_out(struct ctl *ctl, int at, int n)
{
	memmove(ctl->argv + at, ctl->argv + at + n,
	    (size_t)(ctl->argc - at - n) * sizeof(*ctl->argv));
	ctl->argc -= n;
}

const char *ctl_take_option(struct ctl *ctl, const char *name)
{
	const char *value;
	int i;

	for (i = 0; i + 1 < ctl->argc && strcmp(ctl->argv[i], "--") != 0; i++)
		if (strcmp(ctl->argv[i], name) == 0) {
			value = ctl->argv[i + 1];
			take_out(ctl, i, 2);
			return value;
		}
	return NULL;
}

bool ctl_take_flag(struct ctl *ctl, const char *name)
{
	int i;

	for (i = 0; i < ctl->argc && strcmp(ctl->argv[i], "--") != 0; i++)
		if (strcmp(ctl->argv[i], name) == 0) {
			take_out(ctl, i, 1);
			return true;
		}
	return false;
}

void ctl_put_some(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		putchar(((unsigned char)text[i] < ' ' && text[i] != '\n') ||
				text[i] == 0x7f
			    ? '?'
			    : text[i]);
}

void ctl_put(const char *text)
{
	ctl_put_some(text, strlen(text));
}

/* Take "name VALUE" off the front. */
static bool take_first(struct ctl *ctl, const char *name, const char **value)
{
	if (ctl->argc < 2 || strcmp(ctl->argv[0], name) != 0)
		return false;
	*value = ctl->argv[1];
	take_out(ctl, 0, 2);
	return true;
}

/* The options of every command, as long as they lead the arguments. */
static void take_leading(struct ctl *ctl, const char **path)
{
	for (;;) {
		if (ctl->argc > 0 && strcmp(ctl->argv[0], "--json") == 0) {
			ctl->json = true;
			take_out(ctl, 0, 1);
		} else if (!take_first(ctl, "--socket", path) &&
			   !take_first(ctl, "--config", &ctl->config)) {
			return;
		}
	}
}

/* Does free text follow, which has no options? */
static bool has_words(const struct command *c)
{
	return c->run == ctl_drop || c->run == ctl_ask ||
	       c->run == ctl_revise || c->run == ctl_wrong;
}

/* The same anywhere behind a command, but not in somebody's words. */
static void take_trailing(
    struct ctl *ctl, const struct command *c, const char **path)
{
	const char *value;

	if (c == NULL || has_words(c))
		return;
	value = ctl_take_option(ctl, "--socket");
	if (value != NULL)
		*path = value;
	value = ctl_take_option(ctl, "--config");
	if (value != NULL)
		ctl->config = value;
	if (ctl_take_flag(ctl, "--json"))
		ctl->json = true;
}

static bool wants_help(struct ctl *ctl, const struct command *c)
{
	if (has_words(c))
		return ctl->argc > 0 && (strcmp(ctl->argv[0], "--help") == 0 ||
					    strcmp(ctl->argv[0], "-h") == 0);
	return ctl_take_flag(ctl, "--help") || ctl_take_flag(ctl, "-h");
}

static int no_command(const char *name)
{
	char hint[NEAREST_SIZE];
	struct nearest nearest;
	size_t i;

	if (*name == '-') {
		fprintf(stderr,
		    "imprimatur: there is no option '%s' in front of a "
		    "command, or its value is missing; there are --socket "
		    "PATH, --config FILE and --json\n",
		    name);
		print_error(ERROR_INVALID, "there is no such option");
		return EX_USAGE;
	}
	nearest_init(&nearest, name);
	for (i = 0; i < N_COMMANDS; i++)
		nearest_try(&nearest, commands[i].name);
	fprintf(stderr,
	    "imprimatur: there is no command '%s'%s\n"
	    "imprimatur --help lists all commands\n",
	    name, nearest_text(&nearest, hint));
	print_error(ERROR_INVALID, "there is no such command");
	return EX_USAGE;
}

static int run(struct ctl *ctl, const char *name)
{
	const struct command *c = command_of(name);

	if (c == NULL)
		return no_command(name);
	if (wants_help(ctl, c)) {
		printf(
		    "imprimatur %s %s\n  %s\n", c->name, c->arguments, c->help);
		return EX_OK;
	}
	return c->run(ctl);
}

int main(int argc, char **argv)
{
	struct ctl ctl = {.config = getenv("IMPRIMATUR_CONFIG"),
	    .argc = argc - 1,
	    .argv = argv + 1};
	const char *path = getenv("IMPRIMATUR_SOCKET"), *name;

	setlocale(LC_CTYPE, "");
	log_init(LOG_LEVEL_WARNING);
	if (ctl.config == NULL)
		ctl.config = CONFIG_PATH;
	take_leading(&ctl, &path);
	if (ctl.argc == 0) {
		usage(stderr);
		return EX_USAGE;
	}
	name = ctl.argv[0];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		usage(stdout);
		return EX_OK;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		puts("imprimatur " PACKAGE_VERSION);
		return EX_OK;
	}
	take_out(&ctl, 0, 1);
	take_trailing(&ctl, command_of(name), &path);
	as_json = ctl.json;
	call_init(path == NULL ? CONTROL_PATH : path);
	return run(&ctl, name);
}
