/*
 * main: the daemon's command line, its privileges, its signals.  What it
 * serves is left to house.c.
 */
#include <errno.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "config/config.h"
#include "hold/hold.h"
#include "house.h"
#include "util/log.h"

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION VERSION
#endif

struct daemon {
	struct event_base *base;
	struct house *house;
	int exit_code;
	bool stopping;
	int ready_fd; /* a byte goes here when all is ready, or -1 */
};

static void usage(FILE *out)
{
	fputs(
	    "Usage: imprimaturd [-c FILE] [OPTION]\n"
	    "Accept agents' mail, hold it for review, send what was "
	    "approved.\n\n"
	    "  -c, --config FILE  read this configuration (default " CONFIG_PATH
	    ")\n"
	    "  -t, --test         check the configuration and end\n"
	    "  -v, --verbose      log more\n"
	    "      --ready-fd N   write a byte to descriptor N when ready\n"
	    "      --options      print every option of the configuration\n"
	    "      --moves        print which state a draft may go to\n"
	    "  -V, --version      print the version\n"
	    "  -h, --help         print this\n\n"
	    "See imprimaturd(8) and imprimatur.conf(5).\n",
	    out);
}

static void notify(const char *state)
{
#ifdef HAVE_SYSTEMD
	sd_notify(0, state);
#else
	(void)state;
#endif
}

static void on_ready(void *context)
{
	struct daemon *d = context;

	log_notice("daemon ready version=%s", PACKAGE_VERSION);
	notify("READY=1");
	if (d->ready_fd >= 0) {
		if (write(d->ready_fd, "\n", 1) < 0)
			log_warning("daemon ready-fd-failed errno=%d", errno);
		close(d->ready_fd);
		d->ready_fd = -1;
	}
}

static void on_stopped(void *context)
{
	struct daemon *d = context;

	event_base_loopbreak(d->base);
}

static void stop(struct daemon *d)
{
	if (d->stopping)
		return;
	d->stopping = true;
	notify("STOPPING=1");
	house_stop(d->house, on_stopped, d);
}

static void on_failed(const struct error *err, void *context)
{
	struct daemon *d = context;

	log_error("daemon disk-failed reason=\"%s\"", err->text);
	log_error("daemon ends: nothing more is accepted; mend the disk, then "
		  "start again");
	d->exit_code = EX_IOERR;
	stop(d);
}

static void on_refused(const struct error *err, void *context)
{
	struct daemon *d = context;

	fprintf(stderr, "imprimaturd: %s\n", err->text);
	d->exit_code = EX_CONFIG;
	stop(d);
}

static void on_terminate(evutil_socket_t sig, short what, void *context)
{
	struct daemon *d = context;

	(void)what;
	log_notice("daemon stopping signal=%d", (int)sig);
	stop(d);
}

static void on_hangup(evutil_socket_t sig, short what, void *context)
{
	struct daemon *d = context;

	(void)sig;
	(void)what;
	if (!d->stopping && d->house != NULL)
		house_reload(d->house);
}

/* Many idle sessions are no trouble; few descriptors are. */
static void raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	prctl(PR_SET_DUMPABLE, 0);
	umask(077);
}

static int drop_privileges(const struct config *config, struct error *err)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return 0;
	if (config->user == NULL) {
		log_warning("daemon runs-as-root: set 'user' in the "
			    "configuration");
		return 0;
	}
	pw = getpwnam(config->user);
	if (pw == NULL)
		return error_set(err, ERROR_INVALID,
		    "%s: there is no user '%s'; make it with "
		    "\"adduser --system --group %s\"",
		    config->file, config->user, config->user);
	if (initgroups(config->user, pw->pw_gid) || setgid(pw->pw_gid) ||
	    setuid(pw->pw_uid))
		return error_set(err, ERROR_INTERNAL, "cannot become '%s': %s",
		    config->user, strerror(errno));
	prctl(PR_SET_DUMPABLE, 0);
	return 0;
}

static size_t inherited_sockets(int *fds, size_t most)
{
	size_t n = 0;
#ifdef HAVE_SYSTEMD
	int i, count = sd_listen_fds(1);

	for (i = 0; i < count && n < most; i++)
		fds[n++] = SD_LISTEN_FDS_START + i;
#else
	(void)fds;
	(void)most;
#endif
	return n;
}

static int open_house(
    struct daemon *d, const struct config *config, struct error *err)
{
	const struct house_hooks hooks = {on_ready, on_failed, on_refused, d};
	int fds[16];
	size_t n = inherited_sockets(fds, sizeof(fds) / sizeof(fds[0]));

	d->house = house_new(d->base, config, &hooks, err);
	if (d->house == NULL || house_bind(d->house, fds, n, err) ||
	    drop_privileges(config, err))
		return -1;
	return house_open(d->house, err);
}

static void watch_signals(struct daemon *d, struct event **events)
{
	events[0] = evsignal_new(d->base, SIGTERM, on_terminate, d);
	events[1] = evsignal_new(d->base, SIGINT, on_terminate, d);
	events[2] = evsignal_new(d->base, SIGHUP, on_hangup, d);
	event_add(events[0], NULL);
	event_add(events[1], NULL);
	event_add(events[2], NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file too large is an error, not death */
}

static int serve(struct daemon *d, const struct config *config)
{
	struct error err = ERROR_INIT;
	struct event *signals[3];
	size_t i;

	evthread_use_pthreads();
	d->base = event_base_new();
	watch_signals(d, signals);
	if (open_house(d, config, &err)) {
		fprintf(stderr, "imprimaturd: %s\n", err.text);
		d->exit_code = err.kind == ERROR_CONFLICT  ? EX_UNAVAILABLE
			       : err.kind == ERROR_INVALID ? EX_CONFIG
							   : EX_OSERR;
	} else {
		event_base_dispatch(d->base);
	}
	house_free(d->house);
	for (i = 0; i < 3; i++)
		event_free(signals[i]);
	event_base_free(d->base);
	return d->exit_code;
}

enum { OPT_OPTIONS = 256, OPT_MOVES, OPT_READY_FD };

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"test", no_argument, NULL, 't'},
    {"verbose", no_argument, NULL, 'v'},
    {"ready-fd", required_argument, NULL, OPT_READY_FD},
    {"options", no_argument, NULL, OPT_OPTIONS},
    {"moves", no_argument, NULL, OPT_MOVES},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct arguments {
	const char *config;
	enum log_level level;
	bool test;
	int ready_fd;
};

static int read_fd(const char *text, int *fd)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end != text && *end == '\0' && n >= 0 && n <= INT_MAX) {
		*fd = (int)n;
		return 0;
	}
	fprintf(stderr,
	    "imprimaturd: --ready-fd wants the number of a descriptor, not "
	    "'%s'\n",
	    text);
	return -1;
}

/* -1: go on; else the exit code: it was answered, or wrong. */
static int read_arguments(int argc, char **argv, struct arguments *args)
{
	int c;

	while (
	    (c = getopt_long(argc, argv, "c:tvVh", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			args->config = optarg;
			break;
		case 't':
			args->test = true;
			break;
		case 'v':
			args->level = LOG_LEVEL_DEBUG;
			break;
		case OPT_READY_FD:
			if (read_fd(optarg, &args->ready_fd))
				return EX_USAGE;
			break;
		case OPT_OPTIONS:
			config_print_options(stdout);
			return EXIT_SUCCESS;
		case OPT_MOVES:
			hold_print_moves(stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("imprimaturd " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return EX_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "imprimaturd: what is '%s'?\n", argv[optind]);
	usage(stderr);
	return EX_USAGE;
}

int main(int argc, char **argv)
{
	struct arguments args = {CONFIG_PATH, LOG_LEVEL_INFO, false, -1};
	struct daemon d = {NULL, NULL, EXIT_SUCCESS, false, -1};
	struct error err = ERROR_INIT;
	struct config *config;
	int rc = read_arguments(argc, argv, &args);

	if (rc >= 0)
		return rc;
	raise_limits();
	log_init(args.level);
	config = config_load(args.config, &err);
	if (config == NULL) {
		fprintf(stderr, "imprimaturd: %s\n", err.text);
		return EX_CONFIG;
	}
	d.ready_fd = args.ready_fd;
	if (d.ready_fd >= 0 && fcntl(d.ready_fd, F_SETFD, FD_CLOEXEC) < 0) {
		fputs(
		    "imprimaturd: --ready-fd is no open descriptor\n", stderr);
		return EX_USAGE;
	}
	if (args.test)
		printf("%s: fine\n", args.config);
	rc = args.test ? EXIT_SUCCESS : serve(&d, config);
	config_unref(config);
	return rc;
}
