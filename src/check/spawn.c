/*
 * spawn: starts a reader program with as little of the daemon in it as can
 * be.  posix_spawn() does not copy the daemon's memory and is safe while
 * threads run.
 */
#include "check/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* The environment may hold secrets; these concern the loader and debugging. */
static const char *const kept_variables[] = {"LD_LIBRARY_PATH", "ASAN_OPTIONS",
    "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"};

#define N_KEPT (sizeof(kept_variables) / sizeof(kept_variables[0]))

static bool is_kept(const char *variable)
{
	size_t i, len;

	for (i = 0; i < N_KEPT; i++) {
		len = strlen(kept_variables[i]);
		if (strncmp(variable, kept_variables[i], len) == 0 &&
		    variable[len] == '=')
			return true;
	}
	return false;
}

static void choose_environment(char *kept[N_KEPT + 1])
{
	size_t n = 0;
	char **v;

	for (v = environ; *v != NULL && n < N_KEPT; v++)
		if (is_kept(*v))
			kept[n++] = *v;
	kept[n] = NULL;
}

/*
 * No descriptor but 0 and 1 (nothing), 2 (ours) and those of the wire.  Each of
 * the two may have the number that is meant for the other.
 */
static int set_descriptors(
    posix_spawn_file_actions_t *actions, const struct page_fds *fds)
{
	int page = fds->page, rc = 0;

	if (page == WIRE_FD) {
		page = fds->socket > WIRE_PAGE_FD ? fds->socket + 1
						  : WIRE_PAGE_FD + 1;
		rc = posix_spawn_file_actions_adddup2(actions, fds->page, page);
	}
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(
		    actions, fds->socket, WIRE_FD);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(
		    actions, page, WIRE_PAGE_FD);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(
		    actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(
		    actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(
		    actions, WIRE_PAGE_FD + 1);
	return rc;
}

static int set_signals(posix_spawnattr_t *attributes)
{
	sigset_t all, none;
	int rc;

	sigfillset(&all);
	sigemptyset(&none);
	rc = posix_spawnattr_setsigdefault(attributes, &all);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(attributes, &none);
	if (rc == 0)
		rc = posix_spawnattr_setflags(
		    attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	return rc;
}

pid_t spawn_reader(const struct check_settings *settings, const char *role,
    const struct page_fds *fds, struct error *err)
{
	char name[] = "imprimatur-check", memory[24], role_copy[16];
	char *argv[] = {name, role_copy, memory, NULL};
	char *environment[N_KEPT + 1];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid = -1;
	int rc;

	snprintf(role_copy, sizeof(role_copy), "%s", role);
	snprintf(
	    memory, sizeof(memory), "%" PRIu64, settings->memory_max_bytes);
	choose_environment(environment);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	rc = set_descriptors(&actions, fds);
	if (rc == 0)
		rc = set_signals(&attributes);
	if (rc == 0)
		rc = posix_spawn(&pid, settings->reader, &actions, &attributes,
		    argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (rc != 0)
		return error_set(err, ERROR_INTERNAL,
		    "cannot start the reader '%s': %s", settings->reader,
		    strerror(rc));
	return pid;
}
