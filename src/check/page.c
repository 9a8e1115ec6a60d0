/*
 * page: the memory that the daemon shares with one reader.  The daemon only
 * looks at it when that reader is dead, or as good as.
 */
#include "check/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct wire_page *page_new(int *fd, struct error *err)
{
	struct wire_page *page;

	*fd = memfd_create("page", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0)
		return error_set(err, ERROR_INTERNAL,
			   "cannot make a page to share: %s", strerror(errno)),
		       NULL;
	/* what cannot shrink cannot kill who reads it */
	if (ftruncate(*fd, sizeof(*page)) == 0 &&
	    fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0) {
		page = mmap(NULL, sizeof(*page), PROT_READ, MAP_SHARED, *fd, 0);
		if (page != MAP_FAILED)
			return page;
	}
	error_set(err, ERROR_INTERNAL, "cannot map a page to share: %s",
	    strerror(errno));
	close(*fd);
	return NULL;
}

void page_free(struct wire_page *page)
{
	if (page != NULL)
		munmap(page, sizeof(*page));
}

bool page_plugin(const struct wire_page *page, char out[WIRE_NAME_MAX])
{
	if (page == NULL)
		return false;
	/* a copy, since a reader that lives on may write */
	memcpy(out, page->plugin, WIRE_NAME_MAX);
	out[WIRE_NAME_MAX - 1] = '\0';
	return out[0] != '\0' &&
	       out[strspn(out, "abcdefghijklmnopqrstuvwxyz0123456789-")] ==
		   '\0';
}

bool page_memory(const struct wire_page *page)
{
	return page != NULL && page->memory != 0;
}
