/*
 * waiting_ledger: verbs of the ledger as blocking calls.  When to ask what is
 * left to waiting.c.
 */
#include "mailbox/waiting_ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

static void release_verb(struct hold_call *verb)
{
	free(verb);
}

/* ---- the list ----------------------------------------------------------- */

static void submit_list(struct hold *hold, struct hold_call *verb)
{
	struct waiting_list *list = (struct waiting_list *)(void *)verb;

	memcpy(list->key, hold_token_key(hold), sizeof(list->key));
	hold_untold(hold, &list->verb);
}

static void release_list(struct hold_call *verb)
{
	waiting_ledger_list_free((struct waiting_list *)(void *)verb);
}

void waiting_ledger_list_free(struct waiting_list *list)
{
	if (list == NULL)
		return;
	arena_free(list->verb.arena);
	free(list);
}

struct waiting_list *waiting_ledger_list(
    struct mailbox_worker *worker, unsigned limit, struct error *err)
{
	struct waiting_list *list = mem_zalloc(sizeof(*list));

	snprintf(list->name, sizeof(list->name), "%s", worker->mailbox->name);
	snprintf(list->reviewer, sizeof(list->reviewer), "%s",
	    worker->mailbox->reviewer);
	list->reviewers[0] = list->reviewer;
	list->verb.medium = list->name;
	list->verb.folder = true;
	list->verb.n_reviewers = 1;
	list->verb.reviewers = list->reviewers;
	list->verb.limit = limit;
	if (mailbox_ledger(
		worker, &list->verb.call, submit_list, release_list)) {
		error_set(err, ERROR_BUSY, "stopped");
		return NULL;
	}
	if (list->verb.call.error.kind == ERROR_NONE)
		return list;
	*err = list->verb.call.error;
	waiting_ledger_list_free(list);
	return NULL;
}

/* ---- a notice ----------------------------------------------------------- */

struct showing {
	struct hold_notice verb;
	struct hold_notice_item item;
	char name[64], reviewer[64];
};

static void submit_notice(struct hold *hold, struct hold_call *verb)
{
	struct showing *s = (struct showing *)(void *)verb;

	s->verb.notice = hold_notice_id(hold);
	hold_notice(hold, &s->verb);
}

static void submit_view(struct hold *hold, struct hold_call *verb)
{
	hold_view(hold, (struct hold_view *)(void *)verb);
}

static void release_view(struct hold_call *verb)
{
	struct hold_view *view = (struct hold_view *)(void *)verb;

	if (verb->error.kind == ERROR_NONE)
		hold_view_release(view);
	free(view);
}

/* Can a mail program show it?  -1 and err. */
static int look(struct mailbox_worker *worker,
    const struct hold_due_prompt *prompt, bool *cut, struct error *err)
{
	struct hold_view *view = mem_zalloc(sizeof(*view));
	int rc;

	view->draft = prompt->draft;
	view->revision = prompt->revision;
	if (mailbox_ledger(worker, &view->call, submit_view, release_view))
		return error_set(err, ERROR_BUSY, "stopped");
	*err = view->call.error;
	rc = err->kind == ERROR_NONE ? 0 : -1;
	if (rc == 0)
		*cut = !waiting_mail_tells(view);
	release_view(&view->call);
	return rc;
}

int waiting_ledger_notice(struct mailbox_worker *worker,
    const struct hold_due_prompt *prompt, int64_t *notice, struct error *err)
{
	struct showing *s;
	bool cut = true;

	if (look(worker, prompt, &cut, err))
		return -1;
	s = mem_zalloc(sizeof(*s));
	snprintf(s->name, sizeof(s->name), "%s", worker->mailbox->name);
	snprintf(s->reviewer, sizeof(s->reviewer), "%s", prompt->reviewer);
	s->item.prompt = prompt->prompt;
	s->item.cut = cut;
	s->verb.reviewer = s->reviewer;
	s->verb.n_items = 1;
	s->verb.items = &s->item;
	s->verb.medium = s->name;
	if (mailbox_ledger(worker, &s->verb.call, submit_notice, release_verb))
		return error_set(err, ERROR_BUSY, "stopped");
	*err = s->verb.call.error;
	*notice = s->verb.notice;
	free(s);
	return err->kind == ERROR_NONE	     ? 0
	       : err->kind == ERROR_CONFLICT ? 1
					     : -1;
}

/* ---- what it is about --------------------------------------------------- */

static void submit_answered(struct hold *hold, struct hold_call *verb)
{
	hold_answered(hold, (struct hold_answered *)(void *)verb);
}

static void release_answered(struct hold_call *verb)
{
	struct hold_answered *a = (struct hold_answered *)(void *)verb;

	arena_free(a->arena);
	free(a);
}

static bool is_of(
    const struct hold_answered *a, const struct config_mailbox *mailbox)
{
	return a->n_items == 1 && strcmp(a->medium, mailbox->name) == 0 &&
	       strcmp(a->reviewer, mailbox->reviewer) == 0;
}

int waiting_ledger_item(struct mailbox_worker *worker, int64_t notice,
    struct waiting_item *item, struct error *err)
{
	struct hold_answered *a = mem_zalloc(sizeof(*a));
	int rc = 1;

	a->notice = notice;
	if (mailbox_ledger(worker, &a->call, submit_answered, release_answered))
		return error_set(err, ERROR_BUSY, "stopped");
	if (a->call.error.kind != ERROR_NONE &&
	    a->call.error.kind != ERROR_MISSING) {
		*err = a->call.error;
		rc = -1;
	} else if (a->call.error.kind == ERROR_NONE &&
		   is_of(a, worker->mailbox)) {
		*item = (struct waiting_item){
		    .notice = notice,
		    .draft = a->items[0].draft,
		    .number = a->items[0].number,
		    .cut = a->items[0].cut,
		};
		memcpy(item->revision, a->items[0].revision, DIGEST_SIZE);
		memcpy(item->code, a->items[0].code, HOLD_CODE_SIZE);
		rc = 0;
	}
	release_answered(&a->call);
	return rc;
}

/* ---- bytes -------------------------------------------------------------- */

static void submit_load(struct hold *hold, struct hold_call *verb)
{
	hold_load(hold, (struct hold_load *)(void *)verb);
}

static void release_load(struct hold_call *verb)
{
	struct hold_load *load = (struct hold_load *)(void *)verb;

	free(load->bytes);
	free(load);
}

struct hold_load *waiting_ledger_load(struct mailbox_worker *worker,
    const struct waiting_item *item, struct error *err)
{
	struct hold_load *load = mem_zalloc(sizeof(*load));

	load->draft = item->draft;
	load->revision = item->number;
	if (mailbox_ledger(worker, &load->call, submit_load, release_load)) {
		error_set(err, ERROR_BUSY, "stopped");
		return NULL;
	}
	*err = load->call.error;
	if (err->kind == ERROR_NONE &&
	    !digest_equal(load->sha256, item->revision, DIGEST_SIZE))
		error_set(err, ERROR_INTERNAL, "that revision is another one");
	if (err->kind == ERROR_NONE)
		return load;
	release_load(&load->call);
	return NULL;
}

/* ---- told --------------------------------------------------------------- */

static void submit_heard(struct hold *hold, struct hold_call *verb)
{
	hold_heard(hold, (struct hold_heard *)(void *)verb);
}

int waiting_ledger_heard(
    struct mailbox_worker *worker, int64_t notice, bool over, struct error *err)
{
	struct hold_heard *heard = mem_zalloc(sizeof(*heard));

	heard->notice = notice;
	heard->over = over;
	if (mailbox_ledger(worker, &heard->call, submit_heard, release_verb))
		return error_set(err, ERROR_BUSY, "stopped");
	*err = heard->call.error;
	free(heard);
	return err->kind == ERROR_NONE ? 0 : -1;
}
