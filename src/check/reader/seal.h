/*
 * seal: shuts the process in, for good.  What is sealed can read and write its
 * one socket and use memory, and nothing else: it opens no file, makes no
 * socket, receives no descriptor, starts no program.  An attempt to start a
 * program or to make a socket ends the process; other calls fail with EPERM.
 */
#ifndef CHECK_READER_SEAL_H
#define CHECK_READER_SEAL_H

#include <stdint.h>

#include "util/error.h"

/*
 * Seal a process that reads mails from descriptor WIRE_FD.  memory_max_bytes
 * limits its address space; 0 leaves it as it is.  -1 and err when the kernel
 * refuses; then the process must end.
 */
int seal_reader(uint64_t memory_max_bytes, struct error *err);

/*
 * The same for the nursery, which in addition may fork, receive descriptors
 * and seal further.  It never sees a mail.
 */
int seal_nursery(uint64_t memory_max_bytes, struct error *err);

/* In a fork of the nursery: from now on as after seal_reader(). */
int seal_fork(struct error *err);

#endif
