/*
 * store_group: transactions.  The writer's calls run in groups, each call in
 * a savepoint, the group in one commit; what happens when the disk is full or
 * broken is decided here.  What a call does is left to its verb.
 */
#include "hold/store.h"

#include "util/log.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

/* Frames of 16 KiB after which the log goes back into the file: when nothing
 * else is to be done, and in any case. */
#define FRAMES_IDLE 256
#define FRAMES_MOST 4000

static bool is_intake(const struct hold_call *call)
{
	return call->run == store_put;
}

static void clear(struct store *store)
{
	store->failure = 0;
	store->trouble = (struct error)ERROR_INIT;
	store->keep = false;
}

bool store_group_low(const struct hold *hold, uint64_t more)
{
	struct statvfs fs;
	uint64_t free_bytes;

	if (statvfs(hold->dir, &fs))
		return false;
	free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	return free_bytes < more ||
	       free_bytes - more < hold->settings.disk_reserve;
}

/* A verb that gave up may have left a statement between two rows. */
static void end_all(struct store *store)
{
	size_t i;

	for (i = 0; i < STORE_SLOTS; i++)
		if (store->slots[i].stmt != NULL &&
		    sqlite3_stmt_busy(store->slots[i].stmt))
			sqlite3_reset(store->slots[i].stmt);
}

static void roll_back(struct store *store)
{
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	store->memory = store->published;
}

/* What became of a call in the transaction. */
enum step { STEP_FINE, STEP_CAREFULLY, STEP_LOST };

/*
 * A savepoint copies each page that the call then changes, which would be a
 * quarter of what an intake costs.  As an intake hardly ever fails, it gets
 * one only when the group is run a second time because one did.
 */
static bool wants_savepoint(const struct hold_call *call, bool careful)
{
	return careful || !is_intake(call);
}

/* Take back what a call did that gave up. */
static enum step undo(struct store *store, const struct store_memory *before,
    bool guarded, int changes)
{
	clear(store);
	store->memory = *before;
	if (sqlite3_total_changes(store->db) == changes)
		return STEP_FINE;
	if (!guarded)
		return STEP_CAREFULLY;
	return store_run(store, "ROLLBACK TO call", NULL) ? STEP_LOST
							  : STEP_FINE;
}

/* One call inside the transaction. */
static enum step step(struct store *store, struct hold_call *call, bool careful)
{
	struct store_memory before = store->memory;
	bool guarded = wants_savepoint(call, careful);
	int changes = sqlite3_total_changes(store->db);
	enum step rc = STEP_FINE;

	call->error = (struct error)ERROR_INIT;
	if (is_intake(call) && store->low) {
		error_set(&call->error, ERROR_FULL,
		    "free space is below the reserve");
		return STEP_FINE;
	}
	clear(store);
	if (!guarded || store_run(store, "SAVEPOINT call", NULL) == 0)
		call->run(call);
	if (store_failure(store) == STORE_WRONG) {
		store_fail(store, call);
		log_error("ledger wrong reason=\"%s\"", store->trouble.text);
	}
	if (store->failure != 0 || call->error.kind != ERROR_NONE)
		end_all(store);
	if (store_failure(store) > STORE_WRONG)
		return STEP_LOST;
	if (sqlite3_get_autocommit(store->db))
		return STEP_LOST; /* rolled back, and nobody said so */
	if (call->error.kind != ERROR_NONE && !store->keep)
		rc = undo(store, &before, guarded, changes);
	if (rc != STEP_FINE || !guarded)
		return rc;
	clear(store);
	return store_run(store, "RELEASE call", NULL) ? STEP_LOST : STEP_FINE;
}

/* Figures go out only once they are true on disk. */
static void publish(struct store *store)
{
	struct hold *hold = store->hold;
	unsigned i;

	for (i = 0; i < HOLD_STATES; i++) {
		if (store->memory.delta[i] != 0)
			atomic_fetch_add(
			    &hold->count[i], store->memory.delta[i]);
		store->memory.delta[i] = 0;
	}
	atomic_store(&hold->audit_rows, store->memory.head.id);
	store->published = store->memory;
}

static enum step run_all(
    struct store *store, struct job *first, const struct job *end, bool careful)
{
	enum step rc = STEP_FINE;
	struct job *job;

	clear(store);
	if (store_run(store, "BEGIN IMMEDIATE", NULL))
		return STEP_LOST;
	for (job = first; rc == STEP_FINE && job != end; job = job->next)
		rc = step(store, hold_call_of(job), careful);
	if (rc != STEP_FINE)
		return rc;
	clear(store);
	if (store_audit_seal(store) || store_run(store, "COMMIT", NULL))
		return STEP_LOST;
	return STEP_FINE;
}

/*
 * Run the jobs from first up to end in one transaction.  On failure nothing
 * of it is left, in file or memory.
 */
static enum store_failure transact(
    struct store *store, struct job *first, const struct job *end)
{
	enum step rc = run_all(store, first, end, false);

	if (rc == STEP_CAREFULLY) {
		roll_back(store);
		rc = run_all(store, first, end, true);
	}
	if (rc == STEP_FINE) {
		publish(store);
		return STORE_FINE;
	}
	roll_back(store);
	return store->failure == 0 ? STORE_BROKEN : store_failure(store);
}

static void fail_all(struct store *store, struct job *list)
{
	for (; list != NULL; list = list->next)
		hold_call_of(list)->error = store->trouble;
}

/* Every call of the group is refused; nobody knows what is on disk. */
static void broken(struct store *store, struct job *list)
{
	store->trouble.kind = ERROR_INTERNAL;
	if (store->trouble.text[0] == '\0')
		error_set(&store->trouble, ERROR_INTERNAL,
		    "ledger: a transaction was lost");
	hold_break(store->hold, &store->trouble);
	fail_all(store, list);
}

/*
 * The disk is full: intake is refused, so that its room is there for what has
 * been promised already.
 */
static void one_by_one(struct store *store, struct job *list)
{
	enum store_failure failure;
	struct job *job;

	for (job = list; job != NULL; job = job->next) {
		if (is_intake(hold_call_of(job))) {
			error_set(&hold_call_of(job)->error, ERROR_FULL,
			    "the disk is full");
			continue;
		}
		failure = transact(store, job, job->next);
		if (failure == STORE_BROKEN) {
			broken(store, job);
			return;
		}
		if (failure != STORE_FINE)
			hold_call_of(job)->error = store->trouble;
	}
}

/* Trouble here loses nothing, but the disk is not to be trusted any more. */
static void checkpoint(struct store *store)
{
	struct error err;
	int rc = sqlite3_wal_checkpoint_v2(
	    store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

	store->wal_frames = 0;
	if ((rc & 0xff) != SQLITE_IOERR && (rc & 0xff) != SQLITE_CORRUPT)
		return;
	error_set(&err, ERROR_INTERNAL, "ledger: checkpoint: %s",
	    sqlite3_errmsg(store->db));
	hold_break(store->hold, &err);
}

void store_group(struct job *list, void *context)
{
	struct store *store = context;

	if (atomic_load(&store->hold->broken)) {
		store->trouble = store->hold->why;
		fail_all(store, list);
		return;
	}
	store->low = store_group_low(store->hold, 0);
	switch (transact(store, list, NULL)) {
	case STORE_FINE:
		break;
	case STORE_FULL:
		one_by_one(store, list);
		break;
	case STORE_BUSY:
		fail_all(store, list);
		break;
	case STORE_WRONG:
	case STORE_BROKEN:
		broken(store, list);
		break;
	}
	if (store->wal_frames >= FRAMES_MOST)
		checkpoint(store);
}

void store_group_idle(void *context)
{
	struct store *store = context;

	if (store->wal_frames >= FRAMES_IDLE)
		checkpoint(store);
}

void store_group_read(struct store *store, struct hold_call *call)
{
	call->error = (struct error)ERROR_INIT;
	clear(store);
	if (store_run(store, "BEGIN", NULL) == 0)
		call->run(call);
	if (store->failure != 0) {
		store_fail(store, call);
		log_error(
		    "ledger read-failed reason=\"%s\"", store->trouble.text);
	}
	end_all(store);
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
}
