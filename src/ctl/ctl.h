/*
 * ctl: what the commands of the program "imprimatur" share: the options that
 * every command knows, and how things are said.
 *
 * A command takes what stands behind its name and returns the exit status:
 * 0, or one of sysexits.h.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct ctl {
	bool json;	    /* print the daemon's answer as it is */
	const char *config; /* the configuration, for what needs no daemon */
	int argc;	    /* the command's own arguments */
	char **argv;
};

/*
 * Say what went wrong on standard error, and as JSON on standard output if
 * that was asked for; returns the exit status for it.
 */
int ctl_fail(const struct error *err);

/* "imprimatur: COMMAND: text" and where to read more; returns EX_USAGE. */
int ctl_usage(const char *command, const char *text);

/* Print a value as JSON, give it up, return 0. */
int ctl_print(json_t *value);

/* A draft's number, or -1 after saying so. */
int64_t ctl_draft(const char *command, const char *arg);

/* A member as text; "" when it is missing or null. */
const char *ctl_text(const json_t *value, const char *name);

/*
 * Take "--name VALUE" out of the arguments before "--"; NULL when it is not
 * there.  ctl_take_flag: "--name".
 */
const char *ctl_take_option(struct ctl *ctl, const char *name);
bool ctl_take_flag(struct ctl *ctl, const char *name);

/*
 * Print text from a mail so that it cannot play with the terminal: control
 * characters but LF become '?'.
 */
void ctl_put(const char *text);
void ctl_put_some(const char *text, size_t size);

/* The commands; each reads ctl->argc, argv. */
int ctl_list(struct ctl *ctl);
int ctl_show(struct ctl *ctl);
int ctl_approve(struct ctl *ctl);
int ctl_drop(struct ctl *ctl);
int ctl_undo(struct ctl *ctl);
int ctl_ask(struct ctl *ctl);
int ctl_claim(struct ctl *ctl);
int ctl_delegate(struct ctl *ctl);
int ctl_fine(struct ctl *ctl);
int ctl_revise(struct ctl *ctl);
int ctl_snooze(struct ctl *ctl);
int ctl_wrong(struct ctl *ctl);
int ctl_edit(struct ctl *ctl);
int ctl_log(struct ctl *ctl);
int ctl_audit(struct ctl *ctl);
int ctl_status(struct ctl *ctl);
int ctl_stop(struct ctl *ctl);
int ctl_start(struct ctl *ctl);
int ctl_check(struct ctl *ctl);
int ctl_reload(struct ctl *ctl);
int ctl_explain(struct ctl *ctl);
int ctl_password(struct ctl *ctl);
int ctl_doctor(struct ctl *ctl);

#endif
