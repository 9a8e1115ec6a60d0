/*
 * body: large bodies as files bodies/XX/<sha256>, whole and synced under
 * their name or not there.  Which rows need them is left to the store.
 */
#include "hold/internal.h"

#include "util/digest.h"
#include "util/log.h"
#include "util/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct error *err, const char *what, const char *path)
{
	bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;

	return error_set(err, full ? ERROR_FULL : ERROR_INTERNAL,
	    "cannot %s \"%s\": %s", what, path, strerror(errno));
}

/* "dir/bodies/XX/", to be freed. */
static char *folder_of(const char *dir, const char *hex)
{
	return mem_printf("%s/%s/%.2s", dir, HOLD_BODIES, hex);
}

static int sync_folder(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || fsync(fd))
		rc = fail(err, "sync", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

int body_open(const char *dir, struct error *err)
{
	char *path = mem_printf("%s/%s", dir, HOLD_BODIES);
	int rc = 0;

	if (mkdir(path, 0700) && errno != EEXIST)
		rc = fail(err, "make", path);
	free(path);
	return rc;
}

/* Make the folder XX, so that it is there after a crash too. */
static int make_folder(const char *dir, const char *folder, struct error *err)
{
	char *all;
	int rc;

	if (mkdir(folder, 0700)) {
		if (errno == EEXIST)
			return 0;
		return fail(err, "make", folder);
	}
	all = mem_printf("%s/%s", dir, HOLD_BODIES);
	rc = sync_folder(all, err);
	free(all);
	return rc;
}

static int write_all(int fd, struct span bytes)
{
	ssize_t n;

	while (bytes.len > 0) {
		n = write(fd, bytes.data, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes.data += n;
		bytes.len -= (size_t)n;
	}
	return 0;
}

/* Under a name that the sweep removes, then renamed. */
static int write_file(const char *path, struct span bytes, struct error *err)
{
	char *temp = mem_printf("%s.new", path);
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = 0;

	if (fd < 0 || write_all(fd, bytes) || fsync(fd) || rename(temp, path)) {
		rc = fail(err, "write", temp);
		unlink(temp);
	}
	if (fd >= 0)
		close(fd);
	free(temp);
	return rc;
}

static bool is_there(const char *path, uint64_t size)
{
	struct stat st;

	return stat(path, &st) == 0 && (uint64_t)st.st_size == size;
}

int body_write(const char *dir, const unsigned char sha256[DIGEST_SIZE],
    struct span bytes, struct error *err)
{
	char hex[DIGEST_HEX_SIZE], *folder, *path;
	int rc = 0;

	digest_hex(sha256, DIGEST_SIZE, hex);
	folder = folder_of(dir, hex);
	path = mem_printf("%s/%s", folder, hex);
	if (make_folder(dir, folder, err))
		rc = -1;
	else if (!is_there(path, bytes.len))
		rc = write_file(path, bytes, err);
	/* also for a file found: its writer may not have got so far */
	if (rc == 0)
		rc = sync_folder(folder, err);
	free(path);
	free(folder);
	return rc;
}

static int read_all(int fd, char *to, uint64_t size)
{
	ssize_t n;

	while (size > 0) {
		n = read(fd, to, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		to += n;
		size -= (uint64_t)n;
	}
	return 0;
}

char *body_read(const char *dir, const unsigned char sha256[DIGEST_SIZE],
    uint64_t size, struct error *err)
{
	char hex[DIGEST_HEX_SIZE], *folder, *path, *bytes = NULL;
	int fd;

	digest_hex(sha256, DIGEST_SIZE, hex);
	folder = folder_of(dir, hex);
	path = mem_printf("%s/%s", folder, hex);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !is_there(path, size)) {
		error_set(err, ERROR_INTERNAL,
		    "body file \"%s\" is not there or not whole", path);
	} else {
		bytes = mem_grow(NULL, size + 1, 1);
		bytes[size] = '\0';
		if (read_all(fd, bytes, size)) {
			fail(err, "read", path);
			free(bytes);
			bytes = NULL;
		}
	}
	if (fd >= 0)
		close(fd);
	free(path);
	free(folder);
	return bytes;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_name(const char *name, unsigned char sha256[DIGEST_SIZE])
{
	int high, low;
	size_t i;

	if (strlen(name) != DIGEST_HEX_SIZE - 1)
		return false;
	for (i = 0; i < DIGEST_SIZE; i++) {
		high = hex_digit(name[2 * i]);
		low = hex_digit(name[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		sha256[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

struct sweep {
	bool (*wanted)(const unsigned char sha256[DIGEST_SIZE], void *context);
	void *context;
	size_t removed;
};

static void sweep_folder(const char *path, struct sweep *sweep)
{
	unsigned char sha256[DIGEST_SIZE];
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    (read_name(entry->d_name, sha256) &&
			sweep->wanted(sha256, sweep->context)))
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			sweep->removed++;
	}
	if (dir != NULL)
		closedir(dir);
}

int body_sweep(const char *dir,
    bool (*wanted)(const unsigned char sha256[DIGEST_SIZE], void *context),
    void *context, struct error *err)
{
	struct sweep sweep = {.wanted = wanted, .context = context};
	char *path = mem_printf("%s/%s", dir, HOLD_BODIES), *folder;
	DIR *all = opendir(path);
	struct dirent *entry;
	int rc = 0;

	if (all == NULL)
		rc = fail(err, "open", path);
	while (all != NULL && (entry = readdir(all)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		folder = mem_printf("%s/%s", path, entry->d_name);
		sweep_folder(folder, &sweep);
		free(folder);
	}
	if (all != NULL)
		closedir(all);
	if (sweep.removed > 0)
		log_info("ledger swept files=%zu", sweep.removed);
	free(path);
	return rc;
}
