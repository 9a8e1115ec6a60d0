/*
 * store: SQLite connections and statements.  What is asked of them is left to
 * the other store files; transactions are store_group.c's.
 */
#include "hold/store.h"

#include "util/mem.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long another program (a backup) may hold the file. */
#define BUSY_TIMEOUT_MS 5000

enum store_failure store_failure(const struct store *store)
{
	if (store->failure == SQLITE_IOERR_SHMSIZE)
		return STORE_FULL; /* the index of the WAL found no room */
	switch (store->failure & 0xff) {
	case SQLITE_OK:
		return STORE_FINE;
	case SQLITE_FULL:
		return STORE_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return STORE_BUSY;
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_NOMEM:
		return STORE_BROKEN;
	default:
		return STORE_WRONG;
	}
}

static int trouble(struct store *store, const char *what)
{
	static const enum error_kind kinds[] = {
	    [STORE_FINE] = ERROR_INTERNAL,
	    [STORE_WRONG] = ERROR_INTERNAL,
	    [STORE_BUSY] = ERROR_BUSY,
	    [STORE_FULL] = ERROR_FULL,
	    [STORE_BROKEN] = ERROR_INTERNAL,
	};

	if (store->failure != 0)
		return -1;
	store->failure = sqlite3_extended_errcode(store->db);
	if (store->failure == SQLITE_OK)
		store->failure = SQLITE_ERROR;
	return error_set(&store->trouble, kinds[store_failure(store)],
	    "ledger: %s: %s (%d)", what, sqlite3_errmsg(store->db),
	    store->failure);
}

void store_fail(struct store *store, struct hold_call *call)
{
	if (call->error.kind == ERROR_NONE)
		call->error = store->trouble;
	if (call->error.kind == ERROR_NONE)
		error_set(&call->error, ERROR_INTERNAL, "ledger: no reason");
}

/* The cache knows a statement by the address of its text. */
static sqlite3_stmt *cached(struct store *store, const char *sql)
{
	size_t i = ((uintptr_t)sql >> 3) * 2654435761u;
	struct store_slot *slot;
	size_t tried;

	for (tried = 0; tried < STORE_SLOTS; tried++, i++) {
		slot = &store->slots[i % STORE_SLOTS];
		if (slot->sql == sql)
			return slot->stmt;
		if (slot->sql != NULL)
			continue;
		if (sqlite3_prepare_v3(store->db, sql, -1,
			SQLITE_PREPARE_PERSISTENT, &slot->stmt,
			NULL) != SQLITE_OK) {
			trouble(store, "prepare");
			return NULL;
		}
		slot->sql = sql;
		return slot->stmt;
	}
	assert(!"more statements than slots");
	return NULL;
}

static int bind(sqlite3_stmt *stmt, int i, const struct store_arg *arg)
{
	if (arg->type == STORE_INT)
		return sqlite3_bind_int64(stmt, i, arg->number);
	if (arg->type == STORE_TEXT)
		return sqlite3_bind_text(
		    stmt, i, arg->bytes, -1, SQLITE_STATIC);
	if (arg->type == STORE_PART)
		return sqlite3_bind_text(
		    stmt, i, arg->bytes, (int)arg->size, SQLITE_STATIC);
	return sqlite3_bind_blob64(
	    stmt, i, arg->bytes, arg->size, SQLITE_STATIC);
}

sqlite3_stmt *store_query(
    struct store *store, const char *sql, const struct store_arg *args)
{
	sqlite3_stmt *stmt = cached(store, sql);
	int i;

	if (stmt == NULL || args == NULL)
		return stmt;
	for (i = 0; args[i].type != STORE_END; i++)
		if (bind(stmt, i + 1, &args[i]) != SQLITE_OK) {
			trouble(store, "bind");
			return NULL;
		}
	return stmt;
}

int store_row(struct store *store, sqlite3_stmt *stmt)
{
	int rc;

	if (stmt == NULL)
		return -1;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		trouble(store, "step");
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

void store_end(sqlite3_stmt *stmt)
{
	sqlite3_reset(stmt);
}

int store_first(struct store *store, sqlite3_stmt **stmt, const char *sql,
    const struct store_arg *args)
{
	*stmt = store_query(store, sql, args);
	return store_row(store, *stmt);
}

int store_run(
    struct store *store, const char *sql, const struct store_arg *args)
{
	return store_row(store, store_query(store, sql, args));
}

int store_exec(struct store *store, const char *sql)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return trouble(store, "run");
	return 0;
}

int store_number(struct store *store, const char *sql,
    const struct store_arg *args, int64_t *out)
{
	sqlite3_stmt *stmt;
	int rc = store_first(store, &stmt, sql, args);

	*out = 0;
	if (rc <= 0)
		return rc;
	*out = sqlite3_column_int64(stmt, 0);
	store_end(stmt);
	return 0;
}

const char *store_text(sqlite3_stmt *stmt, int column)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	return text == NULL ? "" : (const char *)text;
}

const char *store_or_null(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

char *store_dup(struct arena *arena, sqlite3_stmt *stmt, int column)
{
	return arena_strdup(
	    arena, (const char *)sqlite3_column_text(stmt, column));
}

struct span store_span(sqlite3_stmt *stmt, int column)
{
	struct span span;

	span.data = sqlite3_column_blob(stmt, column);
	span.len = (size_t)sqlite3_column_bytes(stmt, column);
	if (span.data == NULL)
		span = (struct span){"", 0};
	return span;
}

enum verdict_severity store_severity(sqlite3_stmt *stmt, int column)
{
	int severity = sqlite3_column_int(stmt, column);

	return severity >= SEVERITY_LOW && severity <= SEVERITY_CRITICAL
		   ? (enum verdict_severity)severity
		   : SEVERITY_CRITICAL;
}

void store_hash(sqlite3_stmt *stmt, int column, unsigned char out[DIGEST_SIZE])
{
	struct span span = store_span(stmt, column);

	memset(out, 0, DIGEST_SIZE);
	if (span.len == DIGEST_SIZE)
		memcpy(out, span.data, DIGEST_SIZE);
}

/* Is the answer to a PRAGMA the one that we must have? */
static bool is_set(struct store *store, const char *sql, const char *wanted)
{
	sqlite3_stmt *stmt;
	bool same = false;

	if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return false;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		same = strcmp(store_text(stmt, 0), wanted) == 0;
	sqlite3_finalize(stmt);
	return same;
}

static int on_commit(void *context, sqlite3 *db, const char *name, int frames)
{
	struct store *store = context;

	(void)db;
	(void)name;
	store->wal_frames = frames;
	return SQLITE_OK;
}

/*
 * What the promise "on disk before the 250" stands on.  They are read back:
 * a file system without shared memory, for one, silently gets no WAL.
 */
static int set_up(struct store *store, struct error *err)
{
	static const char setup[] =
	    "PRAGMA page_size=16384;" /* before the first table is made */
	    "PRAGMA journal_mode=WAL;"
	    "PRAGMA synchronous=FULL;"
	    "PRAGMA temp_store=MEMORY;"
	    "PRAGMA journal_size_limit=67108864;"
	    "PRAGMA cache_size=-32768;" /* KiB */
	    "PRAGMA foreign_keys=ON;";

	if (store_exec(store, setup)) {
		*err = store->trouble;
		return -1;
	}
	if (!is_set(store, "PRAGMA journal_mode", "wal"))
		return error_set(err, ERROR_INTERNAL,
		    "ledger: no write-ahead log on this file system");
	if (!is_set(store, "PRAGMA synchronous", "2"))
		return error_set(
		    err, ERROR_INTERNAL, "ledger: synchronous is not FULL");
	/* store_group.c makes the checkpoints */
	sqlite3_wal_hook(store->db, on_commit, store);
	return 0;
}

static struct store *connect_to(struct hold *hold, int flags, struct error *err)
{
	struct store *store = mem_zalloc(sizeof(*store));
	char *path = mem_printf("%s/%s", hold->dir, HOLD_FILE);

	store->hold = hold;
	/* each connection has its one thread */
	if (sqlite3_open_v2(path, &store->db, flags | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK) {
		error_set(err, ERROR_INTERNAL, "cannot open \"%s\": %s", path,
		    sqlite3_errmsg(store->db));
		store_close(store);
		store = NULL;
	} else {
		sqlite3_extended_result_codes(store->db, 1);
		sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
	}
	free(path);
	return store;
}

/* SQLite gives a new file the mode of the umask; ours is for us alone. */
static int make_file(const struct hold *hold, struct error *err)
{
	char *path = mem_printf("%s/%s", hold->dir, HOLD_FILE);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int rc = 0;

	if (fd < 0 || fchmod(fd, 0600))
		rc = error_set(err, ERROR_INTERNAL, "cannot open \"%s\": %s",
		    path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

struct store *store_open(struct hold *hold, struct error *err)
{
	struct store *store;

	/* takes a lock at each allocation, for figures that nobody reads */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (make_file(hold, err))
		return NULL;
	store = connect_to(hold, SQLITE_OPEN_READWRITE, err);
	if (store == NULL)
		return NULL;
	if (set_up(store, err) || store_schema_migrate(store, err)) {
		store_close(store);
		return NULL;
	}
	return store;
}

struct store *store_open_view(struct hold *hold, struct error *err)
{
	struct store *store = connect_to(hold, SQLITE_OPEN_READONLY, err);

	if (store != NULL && store_exec(store, "PRAGMA temp_store=MEMORY")) {
		*err = store->trouble;
		store_close(store);
		store = NULL;
	}
	return store;
}

void store_close(struct store *store)
{
	size_t i;

	if (store == NULL)
		return;
	for (i = 0; i < STORE_SLOTS; i++)
		sqlite3_finalize(store->slots[i].stmt);
	sqlite3_close(store->db);
	free(store);
}
