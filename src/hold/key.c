/*
 * key: the secrets of the ledger, each a file of 32 random bytes that only
 * its owner may read.  What they sign is left to others.
 */
#include "hold/internal.h"

#include "util/digest.h"
#include "util/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct error *err, const char *what, const char *path)
{
	return error_set(err, ERROR_INTERNAL, "cannot %s key file \"%s\": %s",
	    what, path, strerror(errno));
}

static int read_key(int fd, const char *path, unsigned char key[HOLD_KEY_SIZE],
    struct error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return fail(err, "look at", path);
	if ((st.st_mode & 077) != 0)
		return error_set(err, ERROR_DENIED,
		    "key file \"%s\" must have mode 0600", path);
	if (read(fd, key, HOLD_KEY_SIZE) != HOLD_KEY_SIZE)
		return error_set(err, ERROR_INTERNAL,
		    "key file \"%s\" is not %d bytes long", path,
		    HOLD_KEY_SIZE);
	return 0;
}

static int make_key(
    const char *path, unsigned char key[HOLD_KEY_SIZE], struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0)
		return fail(err, "make", path);
	digest_random(key, HOLD_KEY_SIZE);
	good = write(fd, key, HOLD_KEY_SIZE) == HOLD_KEY_SIZE && fsync(fd) == 0;
	if (!good) {
		fail(err, "write", path);
		unlink(path);
	}
	close(fd);
	return good ? 0 : -1;
}

int key_load(const char *dir, const char *name, bool make,
    unsigned char key[HOLD_KEY_SIZE], struct error *err)
{
	char *path = mem_printf("%s/%s", dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd >= 0) {
		rc = read_key(fd, path, key, err);
		close(fd);
	} else if (errno != ENOENT) {
		rc = fail(err, "open", path);
	} else if (make) {
		rc = make_key(path, key, err);
	} else {
		rc = error_set(err, ERROR_MISSING,
		    "key file \"%s\" is gone; the ledger was made with it, so "
		    "restore it from a backup",
		    path);
	}
	free(path);
	return rc;
}
