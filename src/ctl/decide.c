/*
 * decide: approve, drop, revise, snooze, undo, ask, claim, delegate, and what
 * is said of mail that was sent unseen.  A decision is about the revision that
 * the daemon shows at this moment; a code on the command line must be that
 * one's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "ctl/call.h"
#include "ctl/ctl.h"
#include "ctl/decide.h"

#include "util/buf.h"
#include "util/clock.h"

#define REASON_MAX 2000

json_t *decide_view(int64_t draft, struct error *err)
{
	char path[64];

	snprintf(path, sizeof(path), "/v1/drafts/%" PRId64, draft);
	return call_get(path, err);
}

/* Say that somebody was first, and who. */
static int lost(const json_t *conflict, const struct error *err)
{
	const json_t *prior = json_object_get(conflict, "prior");

	ctl_fail(err);
	if (json_is_object(prior))
		fprintf(stderr,
		    "imprimatur: first came: %s, by %s over %s at %s\n",
		    ctl_text(prior, "verb"), ctl_text(prior, "actor"),
		    ctl_text(prior, "medium"), ctl_text(prior, "at"));
	return EX_DATAERR;
}

int decide_post(int64_t draft, const char *what, json_t *body, json_t **answer)
{
	struct error err = ERROR_INIT;
	json_t *conflict = NULL;
	char path[64];
	int rc;

	snprintf(path, sizeof(path), "/v1/drafts/%" PRId64 "/%s", draft, what);
	*answer = call_post(path, body, &conflict, &err);
	if (*answer != NULL)
		return EX_OK;
	rc = conflict ? lost(conflict, &err) : ctl_fail(&err);
	json_decref(conflict);
	return rc;
}

/* What came of it, in words. */
static void tell(const char *verb, int64_t draft, const json_t *answer)
{
	const json_t *prior = json_object_get(answer, "prior");
	const char *due = ctl_text(answer, "due");
	json_int_t missing =
	    json_integer_value(json_object_get(answer, "missing"));

	if (strcmp(verb, "claim") == 0 && json_is_object(prior))
		printf("%s was on draft %" PRId64 " before you\n",
		    ctl_text(prior, "actor"), draft);
	else if (strcmp(verb, "approve") == 0 && missing > 0)
		printf("your approval counts; %" JSON_INTEGER_FORMAT
		       " more must approve draft %" PRId64 "\n",
		    missing, draft);
	printf("draft %" PRId64 " is %s, code %s\n", draft,
	    ctl_text(answer, "state"), ctl_text(answer, "code"));
	if (clock_parse(due) > clock_now_ms() && strcmp(verb, "approve") == 0)
		printf("it leaves at %s; until then: imprimatur undo %" PRId64
		       "\n",
		    due, draft);
	else if (*due != '\0' && strcmp(verb, "revise") == 0)
		printf("its agent has time until %s\n", due);
}

/* A decision as it is asked for. */
struct saying {
	const char *verb;
	const char *code;     /* that must be the current one, or NULL */
	const char *text;     /* or NULL */
	const char *category; /* or NULL */
};

static int post(struct ctl *ctl, int64_t draft, const struct saying *saying,
    const char *sha256)
{
	struct error err = ERROR_INIT;
	json_t *answer, *body;
	int rc;

	body =
	    json_pack("{s:s, s:s, s:s*, s:s*}", "verb", saying->verb, "sha256",
		sha256, "text", saying->text, "category", saying->category);
	if (body == NULL) {
		error_set(&err, ERROR_INVALID, "the text is not UTF-8");
		return ctl_fail(&err);
	}
	rc = decide_post(draft, "decision", body, &answer);
	if (rc != EX_OK)
		return rc;
	if (ctl->json)
		return ctl_print(answer);
	tell(saying->verb, draft, answer);
	json_decref(answer);
	return EX_OK;
}

static int decide(struct ctl *ctl, const struct saying *saying)
{
	int64_t draft =
	    ctl_draft(saying->verb, ctl->argc > 0 ? ctl->argv[0] : NULL);
	const char *code = saying->code;
	struct error err = ERROR_INIT;
	json_t *view;
	int rc;

	if (draft < 0)
		return EX_USAGE;
	view = decide_view(draft, &err);
	if (view == NULL)
		return ctl_fail(&err);
	if (code != NULL && strcasecmp(code, ctl_text(view, "code")) != 0) {
		error_set(&err, ERROR_CONFLICT,
		    "the code of draft %" PRId64
		    " is %s now, not %s: look at it again",
		    draft, ctl_text(view, "code"), code);
		rc = ctl_fail(&err);
	} else {
		rc = post(ctl, draft, saying, ctl_text(view, "sha256"));
	}
	json_decref(view);
	return rc;
}

/* The words from one argument on, joined by spaces. */
static void words(const struct ctl *ctl, int first, struct buf *out)
{
	int i;

	for (i = first; i < ctl->argc; i++) {
		if (i > first)
			buf_add_char(out, ' ');
		buf_add_str(out, ctl->argv[i]);
	}
}

/* Decide with the words from that argument on. */
static int decide_with_words(
    struct ctl *ctl, struct saying *saying, int first, const char *missing)
{
	struct buf text;
	int rc;

	buf_init(&text, REASON_MAX);
	if (first < ctl->argc && strcmp(ctl->argv[first], "--") == 0)
		first++;
	words(ctl, first, &text);
	if (text.len > 0)
		saying->text = text.data;
	if (text.overflow)
		rc = ctl_usage(saying->verb, "at most 2000 characters of text");
	else if (missing != NULL && ctl->argc > 0 && text.len == 0)
		rc = ctl_usage(saying->verb, missing);
	else
		rc = decide(ctl, saying);
	buf_release(&text);
	return rc;
}

int ctl_approve(struct ctl *ctl)
{
	struct saying saying = {.verb = "approve"};
	int at = 1;

	if (at < ctl->argc && strcmp(ctl->argv[at], "because") != 0)
		saying.code = ctl->argv[at++];
	if (at == ctl->argc || ctl->argc == 0)
		return decide(ctl, &saying);
	if (strcmp(ctl->argv[at], "because") != 0)
		return ctl_usage("approve",
		    "an id, at most a code, then \"because\" and a reason");
	return decide_with_words(
	    ctl, &saying, at + 1, "a reason belongs behind \"because\"");
}

/* "--reason CATEGORY" directly behind the id; then words. */
static int decide_with_reason(struct ctl *ctl, const char *verb)
{
	struct saying saying = {.verb = verb};
	int at = 1;

	if (ctl->argc > 2 && strcmp(ctl->argv[1], "--reason") == 0) {
		saying.category = ctl->argv[2];
		at = 3;
	}
	return decide_with_words(ctl, &saying, at, NULL);
}

int ctl_drop(struct ctl *ctl)
{
	return decide_with_reason(ctl, "drop");
}

int ctl_wrong(struct ctl *ctl)
{
	return decide_with_reason(ctl, "wrong");
}

int ctl_ask(struct ctl *ctl)
{
	struct saying saying = {.verb = "ask"};

	return decide_with_words(ctl, &saying, 1, "what is the question?");
}

int ctl_revise(struct ctl *ctl)
{
	struct saying saying = {.verb = "revise"};

	return decide_with_words(
	    ctl, &saying, 1, "what is its agent to make better?");
}

/* A verb that takes nothing but the id. */
static int decide_alone(struct ctl *ctl, const char *verb)
{
	struct saying saying = {.verb = verb};

	if (ctl->argc > 1)
		return ctl_usage(verb, "only an id");
	return decide(ctl, &saying);
}

int ctl_undo(struct ctl *ctl)
{
	return decide_alone(ctl, "undo");
}

int ctl_claim(struct ctl *ctl)
{
	return decide_alone(ctl, "claim");
}

int ctl_fine(struct ctl *ctl)
{
	return decide_alone(ctl, "fine");
}

int ctl_delegate(struct ctl *ctl)
{
	struct saying saying = {.verb = "delegate"};

	if (ctl->argc != 2)
		return ctl_usage("delegate", "an id and a reviewer's name");
	saying.text = ctl->argv[1];
	return decide(ctl, &saying);
}

int ctl_snooze(struct ctl *ctl)
{
	struct saying saying = {.verb = "snooze"};

	if (ctl->argc != 2)
		return ctl_usage("snooze", "an id and a time: 30m, 2h or 3d");
	saying.text = ctl->argv[1];
	return decide(ctl, &saying);
}
