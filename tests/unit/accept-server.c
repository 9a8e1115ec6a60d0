/*
 * accept-server: the accept room alone, as a program.  It answers 250 to every
 * mail and keeps nothing; for dialogues, smuggling tests and measurements.
 */
#include <event2/event.h>
#include <event2/thread.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "accept-fixture.h"
#include "accept/accept.h"
#include "message.h"
#include "util/job.h"
#include "util/log.h"
#include "util/tls.h"

static unsigned long n_mails;
static bool print_mails;

static void print_mail(const struct message *m)
{
	size_t i;

	printf("mail agent=%s from=<%s> size=%zu", m->agent ? m->agent : "-",
	    m->envelope.from, m->bytes.len);
	for (i = 0; i < m->envelope.n_recipients; i++)
		printf(" to=<%s>", m->envelope.recipients[i].address);
	printf("\n");
	fflush(stdout);
}

static void take(struct accept_ticket *ticket, struct message *message)
{
	const struct accept_answer yes = {
	    250, "2.0.0", "held for review id=1 code=AAAAAA", 1};

	n_mails++;
	if (print_mails)
		print_mail(message);
	message_free(message);
	accept_answer(ticket, &yes);
}

static void on_draft(
    struct accept_ticket *ticket, struct message *message, void *context)
{
	(void)context;
	take(ticket, message);
}

static void on_reply(struct accept_ticket *ticket, struct message *message,
    int64_t notice, void *context)
{
	(void)notice;
	(void)context;
	take(ticket, message);
}

static void on_confirmed(int64_t draft, void *context)
{
	(void)draft;
	(void)context;
}

static void on_signal(evutil_socket_t fd, short what, void *base)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(base);
}

static const char usage[] =
    "usage: accept-server [-v] [-s] [-p PORT] [-l SIZE] [-c CONNECTIONS]\n"
    "                     [-t SECONDS] [-n NETWORK]\n"
    "                     [-C CERTIFICATE -K KEY [-i]]\n"
    "  -v  print each mail      -s  have an agent with a chosen password\n"
    "  -l  largest mail         -t  every timeout\n"
    "  -n  trust agent local in this network    -i  TLS from the start\n";

struct options {
	unsigned port;
	bool slow, implicit;
	const char *certificate, *key;
	const char *networks[2];
	unsigned long size, connections, timeout_s;
};

static int read_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "vsip:l:c:t:n:C:K:")) != -1)
		switch (c) {
		case 'v':
			print_mails = true;
			break;
		case 's':
			o->slow = true;
			break;
		case 'i':
			o->implicit = true;
			break;
		case 'p':
			o->port = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'l':
			o->size = strtoul(optarg, NULL, 10);
			break;
		case 'c':
			o->connections = strtoul(optarg, NULL, 10);
			break;
		case 't':
			o->timeout_s = strtoul(optarg, NULL, 10);
			break;
		case 'n':
			o->networks[0] = optarg;
			break;
		case 'C':
			o->certificate = optarg;
			break;
		case 'K':
			o->key = optarg;
			break;
		default:
			return -1;
		}
	return 0;
}

static void apply(const struct options *o, struct config *config)
{
	struct config_limits *limits = &config->limits;

	config->listeners[0].port = o->port;
	if (o->certificate != NULL)
		config->listeners[0].tls =
		    o->implicit ? CONFIG_TLS_IMPLICIT : CONFIG_TLS_STARTTLS;
	if (o->size > 0)
		limits->message_size = o->size;
	if (o->connections > 0)
		limits->connections = limits->connections_per_peer =
		    (unsigned)o->connections;
	if (o->timeout_s > 0)
		limits->command_timeout_s = limits->data_timeout_s =
		    limits->message_timeout_s = (unsigned)o->timeout_s;
	if (o->networks[0] != NULL)
		config->agents[1].networks = o->networks;
}

static struct tls_server *open_tls(const struct options *o)
{
	struct error err = ERROR_INIT;
	struct tls_server *tls;

	if (o->certificate == NULL)
		return NULL;
	tls = tls_server_new(o->certificate, o->key, &err);
	if (tls == NULL) {
		fprintf(stderr, "accept-server: %s\n", err.text);
		exit(EXIT_FAILURE);
	}
	return tls;
}

static void print_usage(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	printf("mails=%lu user_ms=%ld system_ms=%ld rss_kb=%ld\n", n_mails,
	    (long)(used.ru_utime.tv_sec * 1000 + used.ru_utime.tv_usec / 1000),
	    (long)(used.ru_stime.tv_sec * 1000 + used.ru_stime.tv_usec / 1000),
	    used.ru_maxrss);
}

static void serve(const struct options *o, struct event_base *base)
{
	const struct accept_hooks hooks = {
	    on_draft, on_reply, fixture_address, on_confirmed, NULL};
	struct config *config = fixture_config(o->slow);
	struct tls_server *tls = open_tls(o);
	struct job_queue *jobs = job_pool_new(base, 2);
	struct error err = ERROR_INIT;
	struct accept *accept;

	apply(o, config);
	accept = accept_new(base, config, tls, jobs, &hooks);
	if (accept_listen(accept, NULL, 0, &err) == 0)
		event_base_dispatch(base);
	else
		fprintf(stderr, "accept-server: %s\n", err.text);
	accept_free(accept);
	job_queue_free(jobs);
	tls_server_free(tls);
	fixture_free(config);
}

int main(int argc, char **argv)
{
	struct options o = {.port = 2525};
	struct event_base *base;
	struct event *term;

	if (read_options(argc, argv, &o)) {
		fputs(usage, stderr);
		return EXIT_FAILURE;
	}
	signal(SIGPIPE, SIG_IGN);
	evthread_use_pthreads();
	log_init(LOG_LEVEL_INFO);
	base = event_base_new();
	term = evsignal_new(base, SIGTERM, on_signal, base);
	evsignal_add(term, NULL);
	serve(&o, base);
	print_usage();
	event_free(term);
	event_base_free(base);
	return EXIT_SUCCESS;
}
