/*
 * store_status: figures.  Counts come from memory, the rest from short walks
 * of small indexes.
 */
#include "hold/store.h"

#include "util/clock.h"

#include <string.h>
#include <sys/statvfs.h>

static int read_gates(struct store *store, struct hold_status *status)
{
	size_t room = sizeof(status->stopped_agents) - 1, used = 0, len;
	sqlite3_stmt *stmt;
	const char *agent;
	int rc;

	status->stopped = false;
	stmt =
	    store_query(store, "SELECT agent FROM gate ORDER BY agent", NULL);
	while ((rc = store_row(store, stmt)) > 0) {
		agent = store_text(stmt, 0);
		len = strlen(agent);
		if (len == 0)
			status->stopped = true;
		if (len == 0 || used + len + 1 > room)
			continue;
		if (used > 0)
			status->stopped_agents[used++] = ',';
		memcpy(status->stopped_agents + used, agent, len);
		used += len;
	}
	status->stopped_agents[used] = '\0';
	return rc;
}

/* What is owed to others, and who wants to be asked later. */
static int read_owed(struct store *store, struct hold_status *status)
{
	return store_number(
		   store, "SELECT count(*) FROM word", NULL, &status->words) ||
		       store_number(store,
			   "SELECT count(*) FROM word WHERE tries > 0", NULL,
			   &status->words_failing) ||
		       store_number(store,
			   "SELECT count(*) FROM copy"
			   " WHERE due_ms IS NOT NULL",
			   NULL, &status->copies) ||
		       store_number(store,
			   "SELECT count(*) FROM copy"
			   " WHERE due_ms IS NOT NULL AND tries > 0",
			   NULL, &status->copies_failing) ||
		       store_number(store,
			   "SELECT count(*) FROM prompt WHERE closed = 0"
			   " AND wake_ms > 0 AND wake_ms > ?",
			   ARGS(NUM(clock_now_ms())), &status->snoozed)
		   ? -1
		   : 0;
}

static int read_figures(struct store *store, struct hold_status *status)
{
	int64_t waiting, tried, failed;

	if (store_number(store,
		"SELECT received_ms FROM draft WHERE state = 1"
		" ORDER BY id LIMIT 1",
		NULL, &status->oldest_held_ms) ||
	    store_number(store,
		"SELECT count(*) FROM outbox WHERE state IN (0, 1)", NULL,
		&waiting) ||
	    store_number(store,
		"SELECT count(*) FROM outbox WHERE state = 0 AND tries > 0",
		NULL, &tried) ||
	    store_number(store, "SELECT count(*) FROM outbox WHERE state = 2",
		NULL, &failed))
		return -1;
	status->outbox_waiting = waiting;
	status->outbox_failing = tried + failed;
	return read_owed(store, status) || read_gates(store, status) ? -1 : 0;
}

void store_status(struct hold_call *call)
{
	struct hold *hold = call->hold;
	struct hold_status *status =
	    (void *)((char *)call - offsetof(struct hold_status, call));
	struct statvfs fs;
	unsigned i;

	for (i = 0; i < HOLD_STATES; i++)
		status->count[i] = atomic_load(&hold->count[i]);
	status->audit_rows = atomic_load(&hold->audit_rows);
	status->disk_free = 0;
	if (statvfs(hold->dir, &fs) == 0)
		status->disk_free = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (read_figures(hold->view, status))
		store_fail(hold->view, call);
}
