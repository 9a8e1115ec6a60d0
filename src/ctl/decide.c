/*
 * decide: approve, drop, undo, ask.  A decision is about the revision that the
 * daemon shows at this moment; a code on the command line must be that one's.
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

static int post(struct ctl *ctl, int64_t draft, json_t *body)
{
	json_t *answer;
	int rc = decide_post(draft, "decision", body, &answer);

	if (rc != EX_OK)
		return rc;
	if (ctl->json)
		return ctl_print(answer);
	printf("draft %" PRId64 " is %s, code %s\n", draft,
	    ctl_text(answer, "state"), ctl_text(answer, "code"));
	json_decref(answer);
	return EX_OK;
}

/* The words behind the id (and "--", if it is there), joined by spaces. */
static void words(const struct ctl *ctl, struct buf *out)
{
	int i, first = 1;

	if (ctl->argc > 1 && strcmp(ctl->argv[1], "--") == 0)
		first = 2;
	for (i = first; i < ctl->argc; i++) {
		if (i > first)
			buf_add_char(out, ' ');
		buf_add_str(out, ctl->argv[i]);
	}
}

static int decide(
    struct ctl *ctl, const char *verb, const char *code, const char *text)
{
	int64_t draft = ctl_draft(verb, ctl->argc > 0 ? ctl->argv[0] : NULL);
	struct error err = ERROR_INIT;
	json_t *view, *body;

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
		json_decref(view);
		return ctl_fail(&err);
	}
	body = json_pack("{s:s, s:s, s:s*}", "verb", verb, "sha256",
	    ctl_text(view, "sha256"), "text", text);
	json_decref(view);
	if (body == NULL) {
		error_set(&err, ERROR_INVALID, "the text is not UTF-8");
		return ctl_fail(&err);
	}
	return post(ctl, draft, body);
}

int ctl_approve(struct ctl *ctl)
{
	if (ctl->argc > 2)
		return ctl_usage("approve", "an id and at most a code");
	return decide(
	    ctl, "approve", ctl->argc == 2 ? ctl->argv[1] : NULL, NULL);
}

static int decide_with_words(struct ctl *ctl, const char *verb, bool needed)
{
	struct buf text;
	int rc;

	buf_init(&text, REASON_MAX);
	words(ctl, &text);
	if (text.overflow)
		rc = ctl_usage(verb, "at most 2000 characters of text");
	else if (needed && ctl->argc > 0 && text.len == 0)
		rc = ctl_usage(verb, "what is the question?");
	else
		rc = decide(ctl, verb, NULL, text.len ? text.data : NULL);
	buf_release(&text);
	return rc;
}

int ctl_drop(struct ctl *ctl)
{
	return decide_with_words(ctl, "drop", false);
}

int ctl_ask(struct ctl *ctl)
{
	return decide_with_words(ctl, "ask", true);
}

int ctl_undo(struct ctl *ctl)
{
	if (ctl->argc > 1)
		return ctl_usage("undo", "only an id");
	return decide(ctl, "undo", NULL, NULL);
}
