/*
 * faulty: passes everything on to the real file, but for what is to fail.
 */
#include "faulty.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

struct fault {
	atomic_int code, after, times;
};

static struct fault writes, syncs;
static atomic_uint refused;
static sqlite3_vfs *real;

struct file {
	sqlite3_file base;
	sqlite3_file *real; /* right behind this struct */
};

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct file *)file)->real;
}

static void set(struct fault *fault, int code, int after, int times)
{
	atomic_store(&fault->times, 0);
	atomic_store(&fault->code, code);
	atomic_store(&fault->after, after);
	atomic_store(&fault->times, times);
}

void faulty_writes(int code, int after, int times)
{
	set(&writes, code, after, times);
}

void faulty_syncs(int code, int after, int times)
{
	set(&syncs, code, after, times);
}

unsigned faulty_refused_locks(void)
{
	return atomic_load(&refused);
}

static int fails(struct fault *fault)
{
	if (atomic_load(&fault->times) == 0 ||
	    atomic_fetch_sub(&fault->after, 1) > 0)
		return SQLITE_OK;
	atomic_fetch_sub(&fault->times, 1);
	return atomic_load(&fault->code);
}

static int on_close(sqlite3_file *f)
{
	return real_of(f)->pMethods->xClose(real_of(f));
}

static int on_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}

static int on_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	int code = fails(&writes);

	if (code != SQLITE_OK)
		return code;
	return real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int on_sync(sqlite3_file *f, int flags)
{
	int code = fails(&syncs);

	if (code != SQLITE_OK)
		return code;
	return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int on_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int on_lock(sqlite3_file *f, int lock)
{
	return real_of(f)->pMethods->xLock(real_of(f), lock);
}

static int on_unlock(sqlite3_file *f, int lock)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), lock);
}

static int on_reserved(sqlite3_file *f, int *out)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int on_control(sqlite3_file *f, int op, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int on_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int on_device(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int on_map(
    sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return real_of(f)->pMethods->xShmMap(
	    real_of(f), page, size, extend, out);
}

static int on_shm_lock(sqlite3_file *f, int from, int n, int flags)
{
	int rc = real_of(f)->pMethods->xShmLock(real_of(f), from, n, flags);

	if (rc == SQLITE_BUSY)
		atomic_fetch_add(&refused, 1);
	return rc;
}

static void on_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int on_unmap(sqlite3_file *f, int remove)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_reserved,
    .xFileControl = on_control,
    .xSectorSize = on_sector,
    .xDeviceCharacteristics = on_device,
    .xShmMap = on_map,
    .xShmLock = on_shm_lock,
    .xShmBarrier = on_barrier,
    .xShmUnmap = on_unmap,
};

static int on_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f,
    int flags, int *out)
{
	struct file *file = (struct file *)f;
	int rc;

	(void)vfs;
	file->real = (sqlite3_file *)(file + 1);
	memset(file->real, 0, (size_t)real->szOsFile);
	rc = real->xOpen(real, name, file->real, flags, out);
	file->base.pMethods = file->real->pMethods == NULL ? NULL : &methods;
	return rc;
}

void faulty_install(void)
{
	static sqlite3_vfs vfs;

	if (real != NULL)
		return;
	real = sqlite3_vfs_find(NULL);
	vfs = *real;
	vfs.zName = "faulty";
	vfs.szOsFile = (int)sizeof(struct file) + real->szOsFile;
	vfs.xOpen = on_open;
	vfs.pNext = NULL;
	sqlite3_vfs_register(&vfs, 1);
}
