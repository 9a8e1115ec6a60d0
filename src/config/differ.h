/*
 * differ: which differences between two configurations only a restart can
 * bring about: sockets, folders, the relay host and the like.
 */
#ifndef DIFFER_H
#define DIFFER_H

#include "config/config.h"
#include "util/error.h"

/* 0, or -1 and err (INVALID) that names the first option that changed. */
int differ_check(
    const struct config *old, const struct config *new_one, struct error *err);

#endif
