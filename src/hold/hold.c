/*
 * hold: the ledger's door: each verb's way from the loop to the thread that
 * does it.  What is written and read is left to the store files, what a state
 * may become to moves.c.
 */
#include "hold/hold.h"

#include "hold/internal.h"

#include "util/log.h"
#include "util/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME "ledger.lock"

/* ---- calls ----------------------------------------------------------- */

struct hold_call *hold_call_of(struct job *job)
{
	return (void *)((char *)job - offsetof(struct hold_call, job));
}

void hold_break(struct hold *hold, const struct error *why)
{
	if (atomic_exchange(&hold->breaking, true))
		return;
	hold->why = *why;
	atomic_store(&hold->broken, true);
}

static void tell_if_broken(struct hold *hold)
{
	if (hold->told || !atomic_load(&hold->broken))
		return;
	hold->told = true;
	log_error("ledger broken reason=\"%s\"", hold->why.text);
	if (hold->settings.failed != NULL)
		hold->settings.failed(&hold->why, hold->settings.context);
}

/* Answer a call that is made while the ledger closes, from hold_close(). */
static void put_off(struct hold *hold, struct hold_call *call)
{
	error_set(&call->error, ERROR_BUSY, "the ledger is closing");
	call->job.next = NULL;
	*hold->late_end = &call->job;
	hold->late_end = &call->job.next;
}

static void on_read(struct job *job)
{
	struct hold_call *call = hold_call_of(job);

	store_group_read(call->hold->view, call);
}

static void on_done(struct job *job)
{
	struct hold_call *call = hold_call_of(job);
	struct hold *hold = call->hold;

	if (call->again && !hold->closing) {
		call->again = false;
		job_submit(hold->reader, job);
		return;
	}
	if (call->again)
		error_set(&call->error, ERROR_BUSY, "the ledger is closing");
	free(call->work);
	call->work = NULL;
	tell_if_broken(hold);
	call->done(call);
}

static void begin(struct hold *hold, struct hold_call *call,
    void (*run)(struct hold_call *call))
{
	call->error = (struct error)ERROR_INIT;
	call->hold = hold;
	call->run = run;
	call->work = NULL;
	call->again = false;
	call->job.run = on_read;
	call->job.done = on_done;
}

/* To the writer, behind the marks that were made before it. */
static void submit(struct hold *hold, struct hold_call *call)
{
	struct hold_confirmed *confirmed = hold->confirmed;

	hold->confirmed = NULL;
	if (confirmed != NULL)
		job_submit(hold->writer, &confirmed->call.job);
	job_submit(hold->writer, &call->job);
}

static void write_call(struct hold *hold, struct hold_call *call,
    void (*run)(struct hold_call *call))
{
	begin(hold, call, run);
	if (hold->closing)
		put_off(hold, call);
	else
		submit(hold, call);
}

static void read_call(struct hold *hold, struct hold_call *call,
    void (*run)(struct hold_call *call))
{
	begin(hold, call, run);
	if (hold->closing)
		put_off(hold, call);
	else
		job_submit(hold->reader, &call->job);
}

/* ---- calls with a body ------------------------------------------------- */

static void on_body_done(struct job *job)
{
	struct hold_call *call = hold_call_of(job);

	store_work_free(call->work);
	call->work = NULL;
	on_done(job);
}

static void on_file(struct job *job)
{
	struct hold_call *call = hold_call_of(job);

	if (call->run == store_put)
		store_put_file(call);
	else
		store_revise_file(call);
}

static void on_file_done(struct job *job)
{
	struct hold_call *call = hold_call_of(job);

	job->done = on_body_done;
	if (call->error.kind != ERROR_NONE)
		on_body_done(job);
	else
		submit(call->hold, call);
}

/* A large body becomes a file first, off the writer's thread. */
static void write_body(struct hold *hold, struct hold_call *call,
    void (*run)(struct hold_call *call), uint64_t size)
{
	begin(hold, call, run);
	if (hold->closing) {
		put_off(hold, call);
		return;
	}
	call->work = store_work_new(hold, size);
	call->job.done = on_body_done;
	if (!store_work_is_file(call->work)) {
		submit(hold, call);
		return;
	}
	call->job.run = on_file;
	call->job.done = on_file_done;
	job_submit(hold->files, &call->job);
}

void hold_put(struct hold *hold, struct hold_put *put)
{
	write_body(hold, &put->call, store_put, put->message->bytes.len);
}

void hold_revise(struct hold *hold, struct hold_revise *revise)
{
	memset(&revise->verdict, 0, sizeof(revise->verdict));
	write_body(hold, &revise->call, store_revise, revise->bytes.len);
}

/* ---- marks ------------------------------------------------------------- */

static void confirmed_free(struct hold_confirmed *confirmed)
{
	if (confirmed == NULL)
		return;
	free(confirmed->drafts);
	free(confirmed);
}

static void on_confirmed(struct hold_call *call)
{
	confirmed_free(
	    (void *)((char *)call - offsetof(struct hold_confirmed, call)));
}

void hold_confirm(struct hold *hold, int64_t draft)
{
	struct hold_confirmed *c = hold->confirmed;

	if (c == NULL) {
		c = hold->confirmed = mem_zalloc(sizeof(*c));
		begin(hold, &c->call, store_put_confirm);
		c->call.done = on_confirmed;
	}
	if (c->n == c->room) {
		c->room = 2 * c->room + 16;
		c->drafts = mem_grow(c->drafts, c->room, sizeof(*c->drafts));
	}
	c->drafts[c->n++] = draft;
}

/* ---- the other verbs ----------------------------------------------------- */

void hold_decide(struct hold *hold, struct hold_decide *decide)
{
	write_call(hold, &decide->call, store_decide);
}

void hold_withdraw(struct hold *hold, struct hold_withdraw *withdraw)
{
	write_call(hold, &withdraw->call, store_replace_withdraw);
}

void hold_wrote(struct hold *hold, struct hold_wrote *wrote)
{
	write_call(hold, &wrote->call, store_wrote);
}

void hold_lapse(struct hold *hold, struct hold_lapse *lapse)
{
	write_call(hold, &lapse->call, store_replace_lapse);
}

void hold_waiting(struct hold *hold, struct hold_waiting *waiting)
{
	read_call(hold, &waiting->call, store_consider_waiting);
}

void hold_consider(struct hold *hold, struct hold_consider *consider)
{
	memset(&consider->verdict, 0, sizeof(consider->verdict));
	write_call(hold, &consider->call, store_consider);
}

void hold_overdue(struct hold *hold, struct hold_overdue *overdue)
{
	overdue->arena = NULL;
	read_call(hold, &overdue->call, store_step_overdue);
}

void hold_step(struct hold *hold, struct hold_step *step)
{
	write_call(hold, &step->call, store_step);
}

void hold_view(struct hold *hold, struct hold_view *view)
{
	view->arena = NULL;
	view->reading = NULL;
	read_call(hold, &view->call, store_view);
}

void hold_view_envelope(const struct hold_view *view, struct envelope *out)
{
	struct recipient *list =
	    arena_alloc(view->arena, (view->n_recipients + 1) * sizeof(*list));
	size_t i;

	for (i = 0; i < view->n_recipients; i++)
		list[i].address = view->recipients[i].address;
	*out = (struct envelope){.from = view->from,
	    .n_recipients = view->n_recipients,
	    .recipients = list};
}

void hold_view_release(struct hold_view *view)
{
	reading_free(view->reading);
	view->reading = NULL;
	arena_free(view->arena);
	view->arena = NULL;
}

void hold_list(struct hold *hold, struct hold_list *list)
{
	list->arena = NULL;
	read_call(hold, &list->call, store_list);
}

void hold_load(struct hold *hold, struct hold_load *load)
{
	load->bytes = NULL;
	load->size = 0;
	read_call(hold, &load->call, store_load);
}

void hold_log(struct hold *hold, struct hold_log *log)
{
	log->arena = NULL;
	read_call(hold, &log->call, store_log);
}

void hold_status(struct hold *hold, struct hold_status *status)
{
	read_call(hold, &status->call, store_status);
}

void hold_verify(struct hold *hold, struct hold_verify *verify)
{
	read_call(hold, &verify->call, store_verify);
}

void hold_due(struct hold *hold, struct hold_due *due)
{
	due->arena = NULL;
	read_call(hold, &due->call, store_notice_due);
}

int64_t hold_notice_id(struct hold *hold)
{
	return hold->next_notice++;
}

void hold_notice(struct hold *hold, struct hold_notice *notice)
{
	write_call(hold, &notice->call, store_notice);
}

void hold_untold(struct hold *hold, struct hold_untold *untold)
{
	untold->arena = NULL;
	read_call(hold, &untold->call, store_medium_untold);
}

void hold_heard(struct hold *hold, struct hold_heard *heard)
{
	write_call(hold, &heard->call, store_medium_heard);
}

void hold_show(struct hold *hold, struct hold_show *show)
{
	write_call(hold, &show->call, store_chat_show);
}

void hold_shown(struct hold *hold, struct hold_shown *shown)
{
	shown->arena = NULL;
	read_call(hold, &shown->call, store_chat_shown);
}

void hold_ended(struct hold *hold, struct hold_ended *ended)
{
	write_call(hold, &ended->call, store_chat_ended);
}

void hold_mark(struct hold *hold, struct hold_mark *mark)
{
	mark->arena = NULL;
	mark->mark = NULL;
	if (mark->set != NULL)
		write_call(hold, &mark->call, store_chat_set_mark);
	else
		read_call(hold, &mark->call, store_chat_mark);
}

void hold_answered(struct hold *hold, struct hold_answered *answered)
{
	answered->arena = NULL;
	read_call(hold, &answered->call, store_notice_answered);
}

void hold_recent(struct hold *hold, struct hold_recent *recent)
{
	recent->arena = NULL;
	read_call(hold, &recent->call, store_notice_recent);
}

void hold_claim(struct hold *hold, struct hold_claim *claim)
{
	claim->arena = NULL;
	write_call(hold, &claim->call, store_release_claim);
}

void hold_dot(struct hold *hold, struct hold_dot *dot)
{
	write_call(hold, &dot->call, store_release_dot);
}

void hold_settle(struct hold *hold, struct hold_settle *settle)
{
	write_call(hold, &settle->call, store_settle);
}

void hold_post(struct hold *hold, struct hold_post *post)
{
	write_call(hold, &post->call, store_outbox_post);
}

void hold_owed(struct hold *hold, struct hold_owed *owed)
{
	read_call(hold, &owed->call, store_word_owed);
}

void hold_waive(struct hold *hold, struct hold_waive *waive)
{
	write_call(hold, &waive->call, store_word_waive);
}

void hold_hook(struct hold *hold, struct hold_hook *hook)
{
	write_call(hold, &hook->call, store_word_hook);
}

void hold_hooked(struct hold *hold, struct hold_hooked *hooked)
{
	write_call(hold, &hooked->call, store_word_hooked);
}

void hold_find(struct hold *hold, struct hold_find *find)
{
	read_call(hold, &find->call, store_word_find);
}

void hold_take(struct hold *hold, struct hold_take *take)
{
	take->arena = NULL;
	write_call(hold, &take->call, store_outbox_take);
}

void hold_unmet(struct hold *hold, struct hold_unmet *unmet)
{
	read_call(hold, &unmet->call, store_mailbox_unmet);
}

void hold_known(struct hold *hold, struct hold_known *known)
{
	read_call(hold, &known->call, store_mailbox_known);
}

void hold_met(struct hold *hold, struct hold_met *met)
{
	write_call(hold, &met->call, store_mailbox_met);
}

void hold_copy(struct hold *hold, struct hold_copy *copy)
{
	write_call(hold, &copy->call, store_mailbox_copy);
}

void hold_copied(struct hold *hold, struct hold_copied *copied)
{
	write_call(hold, &copied->call, store_mailbox_copied);
}

void hold_taken(struct hold *hold, struct hold_taken *taken)
{
	write_call(hold, &taken->call, store_outbox_taken);
}

void hold_renew(struct hold *hold, struct hold_renew *renew)
{
	write_call(hold, &renew->call, store_move_renew);
}

void hold_gate(struct hold *hold, struct hold_gate *gate)
{
	write_call(hold, &gate->call, store_gate);
}

/* ---- open and close ---------------------------------------------------- */

static int make_dir(const char *dir, struct error *err)
{
	if ((mkdir(dir, 0700) && errno != EEXIST) || chmod(dir, 0700))
		return error_set(err, ERROR_INTERNAL, "cannot make \"%s\": %s",
		    dir, strerror(errno));
	return 0;
}

static int take_lock(struct hold *hold, struct error *err)
{
	char *path = mem_printf("%s/%s", hold->dir, LOCK_NAME);
	int rc = 0;

	hold->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (hold->lock_fd < 0)
		rc = error_set(err, ERROR_INTERNAL, "cannot open \"%s\": %s",
		    path, strerror(errno));
	else if (flock(hold->lock_fd, LOCK_EX | LOCK_NB))
		rc = error_set(err, ERROR_CONFLICT,
		    "another daemon has the ledger: lock file \"%s\": %s", path,
		    strerror(errno));
	free(path);
	return rc;
}

/* New keys only for a new ledger: old rows and tokens need the old ones. */
static int load_keys(struct hold *hold, struct error *err)
{
	char *ledger = mem_printf("%s/%s", hold->dir, HOLD_FILE);
	bool fresh = access(ledger, F_OK) != 0;
	int rc = 0;

	if (key_load(hold->dir, "audit.key", fresh, hold->audit_key, err) ||
	    key_load(hold->dir, "token.key", fresh, hold->token_key, err))
		rc = -1;
	free(ledger);
	return rc;
}

/* The names of what was just made must outlive a power cut as well. */
static int sync_dir(const char *dir, const char *tail, struct error *err)
{
	char *path = mem_printf("%s%s", dir, tail);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || fsync(fd))
		rc = error_set(err, ERROR_INTERNAL, "cannot sync \"%s\": %s",
		    path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

static int open_store(struct hold *hold, struct error *err)
{
	if (make_dir(hold->dir, err) || take_lock(hold, err) ||
	    load_keys(hold, err) || body_open(hold->dir, err))
		return -1;
	hold->store = store_open(hold, err);
	if (hold->store == NULL || sync_dir(hold->dir, "", err) ||
	    sync_dir(hold->dir, "/..", err) || store_start(hold->store, err) ||
	    store_start_sweep(hold->store, err))
		return -1;
	hold->view = store_open_view(hold, err);
	return hold->view == NULL ? -1 : 0;
}

static void hold_free(struct hold *hold)
{
	store_close(hold->view);
	store_close(hold->store);
	if (hold->lock_fd >= 0)
		close(hold->lock_fd);
	free(hold->dir);
	free(hold);
}

struct hold *hold_open(struct event_base *base,
    const struct hold_settings *settings, struct error *err)
{
	struct hold *hold = mem_zalloc(sizeof(*hold));

	hold->settings = *settings;
	hold->dir = mem_strdup(settings->dir);
	hold->settings.dir = hold->dir;
	hold->lock_fd = -1;
	hold->late_end = &hold->late;
	if (open_store(hold, err)) {
		hold_free(hold);
		return NULL;
	}
	hold->writer =
	    job_batcher_new(base, store_group, store_group_idle, hold->store);
	hold->reader = job_pool_new(base, 1);
	hold->files = job_pool_new(base, 1);
	return hold;
}

static void answer_late(struct hold *hold)
{
	struct job *job;

	while ((job = hold->late) != NULL) {
		hold->late = job->next;
		if (hold->late == NULL)
			hold->late_end = &hold->late;
		hold_call_of(job)->done(hold_call_of(job));
	}
}

void hold_close(struct hold *hold)
{
	if (hold == NULL)
		return;
	hold->closing = true;
	job_queue_free(hold->files);
	job_queue_free(hold->writer);
	job_queue_free(hold->reader);
	answer_late(hold);
	if (hold->confirmed != NULL) {
		store_group(&hold->confirmed->call.job, hold->store);
		confirmed_free(hold->confirmed);
	}
	hold_free(hold);
}

const unsigned char *hold_token_key(const struct hold *hold)
{
	return hold->token_key;
}
