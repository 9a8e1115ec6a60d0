/*
 * child: one process, its pipes and its end.  What the lines mean is left to
 * program.c.
 */
#include "check/child.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define READ_MOST     ((int)64 * 1024) /* a turn, so that others get theirs */
#define COMPLAINT_MAX 400	       /* bytes of a line in our log */
#define COMPLAINTS    60	       /* lines a minute */
#define MINUTE_MS     60000
#define NO_COMMAND    127 /* status of a child that could not be started */

struct child {
	struct event_base *base;
	const char *name;
	struct child_hooks hooks;
	pid_t pid;
	int pidfd, in, out, errors; /* ours of its pipes; -1: closed */
	struct evbuffer *to, *from;
	struct event *writable, *readable, *complaining, *exited;
	bool stopped;
	char why[96];
	/* its standard error */
	char complaint[COMPLAINT_MAX + 1];
	size_t complaint_len;
	unsigned complaints, unheard;
	int64_t minute_ms;
};

/* ---- the end ------------------------------------------------------------ */

static void drop(struct event **event, int *fd)
{
	if (*event != NULL)
		event_free(*event);
	*event = NULL;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void say_status(struct child *c, int status)
{
	if (c->why[0] != '\0')
		return;
	if (WIFSIGNALED(status))
		snprintf(c->why, sizeof(c->why), "died (signal %d)",
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) == NO_COMMAND)
		snprintf(c->why, sizeof(c->why),
		    "could not be started: is its command there, and may we "
		    "run it?");
	else
		snprintf(c->why, sizeof(c->why), "ended (status %d)",
		    WEXITSTATUS(status));
}

/* The group too: what it started must not go on without it. */
static void kill_all(const struct child *c)
{
	if (c->pid > 0 && kill(-c->pid, SIGKILL))
		kill(c->pid, SIGKILL);
}

void child_free(struct child *c)
{
	if (c == NULL)
		return;
	kill_all(c);
	while (c->pid > 0 && waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	drop(&c->writable, &c->in);
	drop(&c->readable, &c->out);
	drop(&c->complaining, &c->errors);
	drop(&c->exited, &c->pidfd);
	evbuffer_free(c->to);
	evbuffer_free(c->from);
	free(c);
}

void child_stop(struct child *c, const char *why)
{
	if (c->stopped)
		return;
	c->stopped = true;
	snprintf(c->why, sizeof(c->why), "%s", why);
	drop(&c->writable, &c->in);
	drop(&c->readable, &c->out);
	kill_all(c);
}

/* ---- what it says -------------------------------------------------------- */

static void log_complaint(struct child *c)
{
	int64_t now = clock_mono_ms();

	c->complaint[c->complaint_len] = '\0';
	if (now - c->minute_ms >= MINUTE_MS) {
		if (c->unheard > 0)
			log_notice("program %s said %u lines more", c->name,
			    c->unheard);
		c->minute_ms = now;
		c->complaints = c->unheard = 0;
	}
	if (c->complaint_len > 0 && c->complaints++ < COMPLAINTS)
		log_notice("program %s says: %s", c->name, c->complaint);
	else if (c->complaint_len > 0)
		c->unheard++;
	c->complaint_len = 0;
}

static void on_complaint(evutil_socket_t fd, short what, void *context)
{
	struct child *c = context;
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof(bytes)), i;

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	for (i = 0; i < n; i++)
		if (bytes[i] == '\n')
			log_complaint(c);
		else if (c->complaint_len < COMPLAINT_MAX)
			c->complaint[c->complaint_len++] = bytes[i];
	if (n <= 0) {
		log_complaint(c);
		drop(&c->complaining, &c->errors);
	}
}

static void take_lines(struct child *c)
{
	size_t len;
	char *line;

	while (!c->stopped && (line = evbuffer_readln(
				   c->from, &len, EVBUFFER_EOL_LF)) != NULL) {
		if (len > CHILD_LINE_MAX)
			child_stop(c, "answered with too long a line");
		else
			c->hooks.line(line, len, c->hooks.context);
		free(line);
	}
	if (evbuffer_get_length(c->from) > CHILD_LINE_MAX)
		child_stop(c, "answered with too long a line");
}

/* Read once; false when there is nothing now, or nothing more. */
static bool receive(struct child *c)
{
	int n;

	if (c->out < 0)
		return false;
	n = evbuffer_read(c->from, c->out, READ_MOST);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n > 0)
		take_lines(c);
	else
		drop(&c->readable, &c->out);
	return n > 0;
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct child *c = context;

	(void)fd;
	(void)what;
	/* when that was all, either its end or its silence will tell */
	receive(c);
}

/* Gone: what it still said counts, but not for ever. */
static void on_exited(evutil_socket_t fd, short what, void *context)
{
	struct child *c = context;
	int status = 0, turns = (int)(CHILD_LINE_MAX / READ_MOST) + 1;
	pid_t pid;

	(void)fd;
	(void)what;
	while (!c->stopped && turns-- > 0 && receive(c))
		;
	kill_all(c);
	do
		pid = waitpid(c->pid, &status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid == 0)
		return;
	c->pid = 0;
	if (c->errors >= 0)
		on_complaint(c->errors, 0, c);
	say_status(c, status);
	event_del(c->exited);
	c->hooks.ended(c->why, c->hooks.context);
}

/* ---- what it is told ---------------------------------------------------- */

static void on_writable(evutil_socket_t fd, short what, void *context)
{
	struct child *c = context;

	(void)what;
	if (evbuffer_write(c->to, fd) < 0 && errno != EAGAIN &&
	    errno != EINTR) {
		/* it reads no more; its end, or its silence, will tell */
		drop(&c->writable, &c->in);
		return;
	}
	if (evbuffer_get_length(c->to) > 0)
		event_add(c->writable, NULL);
	else
		c->hooks.drained(c->hooks.context);
}

void child_tell(struct child *c, struct span line)
{
	if (c->writable == NULL)
		return;
	evbuffer_add(c->to, line.data, line.len);
	evbuffer_add(c->to, "\n", 1);
	event_add(c->writable, NULL);
}

bool child_idle(const struct child *c)
{
	return evbuffer_get_length(c->to) == 0;
}

bool child_has_room(const struct child *c)
{
	return evbuffer_get_length(c->to) < CHILD_BACKLOG;
}

/* ---- the start ---------------------------------------------------------- */

/* The variables that it gets. */
static void choose_environment(char *kept[4])
{
	const char *path = getenv("PATH"), *lang = getenv("LANG"),
		   *home = getenv("HOME");

	kept[0] = mem_printf("PATH=%s", path ? path : "/usr/bin:/bin");
	kept[1] = mem_printf("LANG=%s", lang ? lang : "C.UTF-8");
	kept[2] = mem_printf("HOME=%s", home ? home : "/");
	kept[3] = NULL;
}

/*
 * In the child, where other threads' locks may be held: nothing but system
 * calls.
 */
static void become(const int theirs[3], char *const *command,
    char *const *environment, pid_t parent)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		sigaction(i, &usual, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (getppid() != parent)
		_exit(NO_COMMAND); /* it died before that was set */
	/* pipes are above 2, so none of these overwrites another */
	for (i = 0; i < 3; i++)
		if (dup2(theirs[i], i) < 0)
			_exit(NO_COMMAND);
	if (syscall(SYS_close_range, 3, ~0u, 0) || chdir("/"))
		_exit(NO_COMMAND);
	execve(command[0], command, environment);
	_exit(NO_COMMAND);
}

/* House: fork, as posix_spawn() cannot ask for a signal at our death. */
static pid_t start(const char *const *command, const int theirs[3])
{
	char *environment[4];
	char **argv;
	size_t n = 0, i;
	pid_t pid, parent = getpid();

	while (command[n] != NULL)
		n++;
	argv = mem_zalloc((n + 1) * sizeof(*argv));
	for (i = 0; i < n; i++)
		argv[i] = mem_strdup(command[i]);
	choose_environment(environment);
	pid = fork();
	if (pid == 0)
		become(theirs, argv, environment, parent);
	for (i = 0; i < n; i++)
		free(argv[i]);
	free(argv);
	for (i = 0; i < 3; i++)
		free(environment[i]);
	return pid;
}

/* A pipe above the standard descriptors; ours does not block. */
static int make_pipe(int *ours, int *theirs, bool we_write)
{
	int ends[2], high;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	*ours = ends[we_write ? 1 : 0];
	*theirs = ends[we_write ? 0 : 1];
	evutil_make_socket_nonblocking(*ours);
	high = fcntl(*theirs, F_DUPFD_CLOEXEC, 3);
	close(*theirs);
	*theirs = high;
	return high < 0 ? -1 : 0;
}

static void listen_to(struct child *c)
{
	c->writable = event_new(c->base, c->in, EV_WRITE, on_writable, c);
	c->readable =
	    event_new(c->base, c->out, EV_READ | EV_PERSIST, on_readable, c);
	c->complaining = event_new(
	    c->base, c->errors, EV_READ | EV_PERSIST, on_complaint, c);
	c->exited =
	    event_new(c->base, c->pidfd, EV_READ | EV_PERSIST, on_exited, c);
	event_add(c->readable, NULL);
	event_add(c->complaining, NULL);
	event_add(c->exited, NULL);
}

struct child *child_new(struct event_base *base, const char *name,
    const char *const *command, const struct child_hooks *hooks,
    struct error *err)
{
	struct child *c = mem_zalloc(sizeof(*c));
	int theirs[3] = {-1, -1, -1}, i, rc;

	c->base = base;
	c->name = name;
	c->hooks = *hooks;
	c->in = c->out = c->errors = c->pidfd = -1;
	c->to = evbuffer_new();
	c->from = evbuffer_new();
	rc = make_pipe(&c->in, &theirs[0], true) ||
	     make_pipe(&c->out, &theirs[1], false) ||
	     make_pipe(&c->errors, &theirs[2], false);
	if (!rc) {
		c->pid = start(command, theirs);
		rc = c->pid < 0;
	}
	if (!rc) {
		c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
		rc = c->pidfd < 0;
	}
	if (rc)
		error_set(err, ERROR_INTERNAL, "cannot start program '%s': %s",
		    name, strerror(errno));
	for (i = 0; i < 3; i++)
		if (theirs[i] >= 0)
			close(theirs[i]);
	if (rc) {
		child_free(c);
		return NULL;
	}
	listen_to(c);
	return c;
}
