/*
 * running: which plug-in runs right now, in a page that the daemon looks at
 * when this process has died or is late.
 */
#ifndef CHECK_READER_RUNNING_H
#define CHECK_READER_RUNNING_H

#include <stdbool.h>

/* Use the page behind a descriptor from now on; -1: it is none. */
int running_map(int fd);

/* This plug-in runs; NULL: none does. */
void running_set(const char *plugin);

/* It is being given memory, which may be more than there is. */
void running_memory(bool wanted);

#endif
