/*
 * running: writes the shared page (check/wire.h).  Until there is one, and in
 * tests, it writes into a page of its own.
 */
#include "check/reader/running.h"

#include "check/wire.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

static struct wire_page own;
/* House: nobody here reads it again, so that only volatile keeps the writes */
static volatile struct wire_page *page = &own;

int running_map(int fd)
{
	void *shared = mmap(
	    NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (shared == MAP_FAILED)
		return -1;
	page = shared;
	return 0;
}

void running_set(const char *plugin)
{
	size_t len = plugin == NULL ? 0 : strlen(plugin);

	page->plugin[0] = '\0';
	page->memory = 0;
	if (len == 0 || len >= WIRE_NAME_MAX)
		return;
	for (size_t i = len + 1; i-- > 0;)
		page->plugin[i] = plugin[i];
}

void running_memory(bool wanted)
{
	page->memory = wanted;
}
