/*
 * dns: the only file that knows the resolver of the C library.  Its packets
 * are made and read by it; they are sent and waited for here, because its own
 * sending over TCP knows no deadline.
 */
#include "util/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/log.h"
#include "util/mem.h"

#define THREADS	    4
#define WAITING_MAX 256 /* questions; more: UNKNOWN */
#define TRIES	    2	/* of each server over UDP */
#define PACKET_MAX  65535
#define PAYLOAD	    1232 /* bytes of UDP that we take (EDNS) */
#define OPT_SIZE    11
#define QUERY_MAX   (NS_PACKETSZ + OPT_SIZE)
#define PORT	    53

struct server {
	struct sockaddr_storage address;
	socklen_t size;
};

struct dns {
	struct event_base *base;
	struct job_queue *threads;
	struct server servers[DNS_SERVERS_MAX];
	unsigned n_servers;
	unsigned deadline_ms;
	struct asking *open;
	int stop_fd; /* readable: no thread is to wait any more */
	bool closing;
};

/* A question on its way; its own, so that the thread may be late. */
struct asking {
	struct job job;
	struct dns *dns;
	struct dns_question *question; /* NULL: answered already */
	struct asking *next, **link;
	struct event *timer;
	struct server servers[DNS_SERVERS_MAX];
	unsigned n_servers;
	int stop_fd;
	int64_t until_ms; /* monotonic */
	char name[NS_MAXDNAME];
	ns_type type;
	unsigned char query[QUERY_MAX];
	size_t query_size;
	unsigned char answer[PACKET_MAX];
	enum dns_result result;
	size_t n_records;
	char *records[DNS_RECORDS_MAX];
	bool odd;
};

/* ---- servers ------------------------------------------------------------ */

/* "192.0.2.1", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]:53". */
static int read_server(const char *text, struct server *server)
{
	struct sockaddr_storage *to = &server->address;
	struct sockaddr_in *four = (struct sockaddr_in *)to;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
	char host[INET6_ADDRSTRLEN + 2];
	unsigned long port = PORT;
	const char *colon = strrchr(text, ':'), *end = text + strlen(text);
	char *stop;

	if (colon != NULL && strchr(text, ':') != colon && colon[-1] != ']')
		colon = NULL; /* of an IPv6 address alone */
	if (colon != NULL) {
		port = strtoul(colon + 1, &stop, 10);
		if (*stop != '\0' || stop == colon + 1 || port == 0 ||
		    port > UINT16_MAX)
			return -1;
		end = colon;
	}
	if (*text == '[' && end > text && end[-1] == ']') {
		text++;
		end--;
	}
	if ((size_t)(end - text) >= sizeof(host))
		return -1;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	memset(server, 0, sizeof(*server));
	if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons((uint16_t)port);
		server->size = sizeof(*four);
		return 0;
	}
	if (inet_pton(AF_INET6, host, &six->sin6_addr) != 1)
		return -1;
	six->sin6_family = AF_INET6;
	six->sin6_port = htons((uint16_t)port);
	server->size = sizeof(*six);
	return 0;
}

int dns_check_server(const char *text, struct error *err)
{
	struct server server;

	if (read_server(text, &server) == 0)
		return 0;
	return error_set(err, ERROR_INVALID,
	    "'%.60s' is no name server; write its address, such as "
	    "\"192.0.2.1\" or \"192.0.2.1:5353\"",
	    text);
}

/* Those of /etc/resolv.conf, or one on this machine. */
static void find_servers(struct dns *dns)
{
	struct __res_state state;

	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) == 0) {
		for (int i = 0; i < state.nscount && i < DNS_SERVERS_MAX; i++) {
			struct server *s = &dns->servers[dns->n_servers];
			/* one of IPv6 stands elsewhere (resolver(3)) */
			const struct sockaddr_in6 *six =
			    state._u._ext.nsaddrs[i];

			if (state.nsaddr_list[i].sin_family == AF_INET) {
				s->size = sizeof(state.nsaddr_list[i]);
				memcpy(&s->address, &state.nsaddr_list[i],
				    s->size);
			} else if (six != NULL) {
				s->size = sizeof(*six);
				memcpy(&s->address, six, s->size);
			}
			dns->n_servers += s->size > 0;
		}
		res_nclose(&state);
	}
	if (dns->n_servers == 0 &&
	    read_server("127.0.0.1", &dns->servers[0]) == 0)
		dns->n_servers = 1;
}

/* ---- packets ------------------------------------------------------------ */

/* RFC 6891 6.1.2: more than 512 bytes may come over UDP. */
static void add_payload(unsigned char *query, size_t *size)
{
	static const unsigned char opt[OPT_SIZE] = {
	    0, 0, ns_t_opt, PAYLOAD >> 8, PAYLOAD & 0xff, 0, 0, 0, 0, 0, 0};

	memcpy(query + *size, opt, sizeof(opt));
	*size += sizeof(opt);
	query[11]++; /* one additional record */
}

static int make_query(
    const char *name, ns_type type, unsigned char *query, size_t *size)
{
	struct __res_state state;
	int n;

	memset(&state, 0, sizeof(state));
	if (res_ninit(&state))
		return -1;
	n = res_nmkquery(&state, ns_o_query, name, ns_c_in, (int)type, NULL, 0,
	    NULL, query, NS_PACKETSZ);
	res_nclose(&state);
	if (n < NS_HFIXEDSZ)
		return -1;
	query[2] |= 1; /* RFC 1035 4.1.1: recursion is desired */
	*size = (size_t)n;
	add_payload(query, size);
	return 0;
}

/* The answer to this question, and to no other? */
static bool fits(const struct asking *a, const unsigned char *packet, size_t n)
{
	char asked[NS_MAXDNAME];
	ns_msg message;
	ns_rr rr;

	if (n < NS_HFIXEDSZ || memcmp(packet, a->query, 2) != 0 ||
	    ns_initparse(packet, (int)n, &message) ||
	    !ns_msg_getflag(message, ns_f_qr) ||
	    ns_msg_count(message, ns_s_qd) != 1 ||
	    ns_parserr(&message, ns_s_qd, 0, &rr))
		return false;
	snprintf(asked, sizeof(asked), "%s", ns_rr_name(rr));
	return ns_rr_type(rr) == a->type && ns_rr_class(rr) == ns_c_in &&
	       strcasecmp(asked, a->name) == 0;
}

/* The strings of a TXT record, joined (RFC 6376 3.6.2.2). */
static void take_text(struct asking *a, const unsigned char *data, size_t size)
{
	char text[DNS_TEXT_MAX];
	size_t len = 0, n, i;

	for (; size > 0; data += n + 1, size -= n + 1) {
		n = *data;
		if (n + 1 > size || len + n >= sizeof(text)) {
			a->odd = true;
			return;
		}
		memcpy(text + len, data + 1, n);
		len += n;
	}
	for (i = 0; i < len; i++)
		if ((text[i] < 0x20 && text[i] != '\t') || text[i] > 0x7e) {
			a->odd = true;
			return;
		}
	text[len] = '\0';
	a->records[a->n_records++] = mem_strdup(text);
}

static void take_address(
    struct asking *a, const unsigned char *data, size_t size)
{
	int family = a->type == ns_t_a ? AF_INET : AF_INET6;
	char text[INET6_ADDRSTRLEN];

	if (size != (family == AF_INET ? NS_INADDRSZ : NS_IN6ADDRSZ) ||
	    inet_ntop(family, data, text, sizeof(text)) == NULL)
		a->odd = true;
	else
		a->records[a->n_records++] = mem_strdup(text);
}

/* Names of hosts alone: others are of no use, and odd. */
static void take_mx(struct asking *a, const ns_msg *message, const ns_rr *rr)
{
	const unsigned char *data = ns_rr_rdata(*rr);
	char host[NS_MAXDNAME];

	if (ns_rr_rdlen(*rr) < 3 ||
	    dn_expand(ns_msg_base(*message), ns_msg_end(*message), data + 2,
		host, sizeof(host)) < 0 ||
	    host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
			      "WXYZ0123456789-_.")] != '\0')
		a->odd = true;
	else
		a->records[a->n_records++] =
		    mem_printf("%u %s", (unsigned)(data[0] << 8 | data[1]),
			*host == '\0' ? "." : host);
}

static void take_record(struct asking *a, const ns_msg *message, ns_rr *rr)
{
	if (a->n_records == DNS_RECORDS_MAX)
		return;
	if (a->type == ns_t_txt)
		take_text(a, ns_rr_rdata(*rr), ns_rr_rdlen(*rr));
	else if (a->type == ns_t_mx)
		take_mx(a, message, rr);
	else
		take_address(a, ns_rr_rdata(*rr), ns_rr_rdlen(*rr));
}

static void take_records(struct asking *a, ns_msg *message)
{
	ns_rr rr;

	for (int i = 0; i < ns_msg_count(*message, ns_s_an); i++) {
		if (ns_parserr(message, ns_s_an, i, &rr))
			return;
		/* what a CNAME led to has another name */
		if (ns_rr_type(rr) == a->type && ns_rr_class(rr) == ns_c_in)
			take_record(a, message, &rr);
	}
}

/* What a packet that fits says.  UNKNOWN: ask another server. */
static enum dns_result read_answer(struct asking *a, size_t n)
{
	ns_msg message;
	int code;

	if (ns_initparse(a->answer, (int)n, &message))
		return DNS_UNKNOWN;
	code = ns_msg_getflag(message, ns_f_rcode);
	if (code == ns_r_nxdomain)
		return DNS_NONE;
	if (code != ns_r_noerror)
		return DNS_UNKNOWN;
	take_records(a, &message);
	return a->n_records > 0 || a->odd ? DNS_FOUND : DNS_NONE;
}

/* ---- sockets (job thread) ----------------------------------------------- */

/* Wait until the socket is ready or the time has come.  False: too late, or
 * nobody wants to know any more. */
static bool wait_for(
    const struct asking *a, int fd, short events, int64_t until_ms)
{
	struct pollfd p[2] = {{fd, events, 0}, {a->stop_fd, POLLIN, 0}};
	int64_t left_ms;
	int rc;

	do {
		left_ms = until_ms - clock_mono_ms();
		if (left_ms <= 0)
			return false;
		rc = poll(p, 2, (int)left_ms);
	} while (rc < 0 && errno == EINTR);
	return rc > 0 && p[1].revents == 0;
}

static int connect_to(const struct server *server, int type)
{
	int fd = socket(
	    server->address.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 &&
	    connect(
		fd, (const struct sockaddr *)&server->address, server->size) &&
	    errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Bytes of the answer that came in time, 0 for none. */
static size_t ask_udp(
    struct asking *a, const struct server *server, int64_t until_ms)
{
	int fd = connect_to(server, SOCK_DGRAM);
	size_t size = 0;
	ssize_t n;

	if (fd < 0)
		return 0;
	if (send(fd, a->query, a->query_size, MSG_NOSIGNAL) < 0)
		until_ms = 0;
	while (size == 0 && wait_for(a, fd, POLLIN, until_ms)) {
		n = recv(fd, a->answer, sizeof(a->answer), 0);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			break; /* nobody is there */
		if (n > 0 && fits(a, a->answer, (size_t)n))
			size = (size_t)n;
	}
	close(fd);
	return size;
}

/* All of them, in time. */
static bool move_all(
    const struct asking *a, int fd, unsigned char *bytes, size_t size, bool out)
{
	ssize_t n;

	while (size > 0) {
		if (!wait_for(a, fd, out ? POLLOUT : POLLIN, a->until_ms))
			return false;
		n = out ? send(fd, bytes, size, MSG_NOSIGNAL)
			: recv(fd, bytes, size, 0);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return false;
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		}
	}
	return true;
}

static size_t ask_tcp(struct asking *a, const struct server *server)
{
	unsigned char out[2 + QUERY_MAX], length[2];
	int fd = connect_to(server, SOCK_STREAM);
	size_t size = 0;

	if (fd < 0)
		return 0;
	out[0] = (unsigned char)(a->query_size >> 8);
	out[1] = (unsigned char)a->query_size;
	memcpy(out + 2, a->query, a->query_size);
	if (move_all(a, fd, out, 2 + a->query_size, true) &&
	    move_all(a, fd, length, sizeof(length), false)) {
		size = (size_t)length[0] << 8 | length[1];
		if (!move_all(a, fd, a->answer, size, false) ||
		    !fits(a, a->answer, size))
			size = 0;
	}
	close(fd);
	return size;
}

static enum dns_result ask_server(
    struct asking *a, const struct server *server, int64_t until_ms)
{
	size_t n = ask_udp(a, server, until_ms);

	/* cut off: the whole of it comes over TCP */
	if (n > 2 && (a->answer[2] & 0x02) != 0)
		n = ask_tcp(a, server);
	return n == 0 ? DNS_UNKNOWN : read_answer(a, n);
}

static void run(struct job *job)
{
	struct asking *a = (struct asking *)job;
	unsigned turns = TRIES * a->n_servers;
	int64_t now_ms, share_ms;

	a->result = DNS_UNKNOWN;
	if (make_query(a->name, a->type, a->query, &a->query_size))
		return;
	for (unsigned i = 0; i < turns && a->result == DNS_UNKNOWN; i++) {
		now_ms = clock_mono_ms();
		if (now_ms >= a->until_ms)
			return;
		share_ms = (a->until_ms - now_ms) / (turns - i);
		a->result = ask_server(
		    a, &a->servers[i % a->n_servers], now_ms + share_ms);
	}
}

/* ---- questions (loop) --------------------------------------------------- */

/* Give the answer, whatever it is by now. */
static void tell(struct asking *a, enum dns_result result)
{
	struct dns_question *question = a->question;

	a->question = NULL;
	if (question == NULL)
		return;
	question->result = result;
	question->n_records = result == DNS_FOUND ? a->n_records : 0;
	question->odd = a->odd;
	memcpy(question->records, a->records, sizeof(a->records));
	question->done(question);
}

static void on_done(struct job *job)
{
	struct asking *a = (struct asking *)job;

	*a->link = a->next;
	if (a->next != NULL)
		a->next->link = a->link;
	event_free(a->timer);
	tell(a, a->dns->closing ? DNS_UNKNOWN : a->result);
	for (size_t i = 0; i < a->n_records; i++)
		free(a->records[i]);
	free(a);
}

/* There was no thread free, or none can be asked: do not wait for it. */
static void on_late(evutil_socket_t fd, short what, void *context)
{
	struct asking *a = context;
	struct dns_question *question = a->question;

	(void)fd;
	(void)what;
	/* the thread has the records, or may */
	a->question = NULL;
	question->result = DNS_UNKNOWN;
	question->n_records = 0;
	question->done(question);
}

/* Without the dot of the root: names are compared in that form. */
static void copy_name(char to[NS_MAXDNAME], const char *name)
{
	size_t n = strlen(name);

	memcpy(to, name, n + 1);
	if (n > 0 && to[n - 1] == '.')
		to[n - 1] = '\0';
}

void dns_ask(struct dns *dns, struct dns_question *question)
{
	static const ns_type types[] = {
	    [DNS_TXT] = ns_t_txt,
	    [DNS_MX] = ns_t_mx,
	    [DNS_A] = ns_t_a,
	    [DNS_AAAA] = ns_t_aaaa,
	};
	struct asking *a = mem_zalloc(sizeof(*a));
	const struct timeval late = {
	    dns->deadline_ms / 1000, dns->deadline_ms % 1000 * 1000};
	const struct timeval now = {0, 0};
	bool full = job_pending(dns->threads) >= WAITING_MAX || dns->closing ||
		    strlen(question->name) >= sizeof(a->name);

	a->job.run = run;
	a->job.done = on_done;
	a->type = types[question->type];
	a->dns = dns;
	a->stop_fd = dns->stop_fd;
	a->question = question;
	memcpy(a->servers, dns->servers, sizeof(a->servers));
	/* nobody is asked: the answer comes by the same way, and is UNKNOWN */
	a->n_servers = full ? 0 : dns->n_servers;
	a->until_ms = clock_mono_ms() + dns->deadline_ms;
	if (!full)
		copy_name(a->name, question->name);
	a->link = &dns->open;
	a->next = dns->open;
	if (a->next != NULL)
		a->next->link = &a->next;
	dns->open = a;
	a->timer = evtimer_new(dns->base, on_late, a);
	evtimer_add(a->timer, full ? &now : &late);
	job_submit(dns->threads, &a->job);
}

struct dns *dns_new(
    struct event_base *base, const char *const *servers, unsigned deadline_ms)
{
	struct dns *dns = mem_zalloc(sizeof(*dns));

	dns->base = base;
	dns->deadline_ms = deadline_ms;
	for (; servers != NULL && *servers != NULL &&
	       dns->n_servers < DNS_SERVERS_MAX;
	     servers++)
		if (read_server(*servers, &dns->servers[dns->n_servers]) == 0)
			dns->n_servers++;
	if (dns->n_servers == 0)
		find_servers(dns);
	dns->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (dns->stop_fd < 0) {
		log_error("dns eventfd-failed errno=%d", errno);
		exit(EXIT_FAILURE);
	}
	dns->threads = job_pool_new(base, THREADS);
	return dns;
}

void dns_free(struct dns *dns)
{
	const uint64_t one = 1;

	if (dns == NULL)
		return;
	dns->closing = true;
	if (write(dns->stop_fd, &one, sizeof(one)) < 0)
		log_warning("dns stop-failed errno=%d", errno);
	job_queue_free(dns->threads);
	close(dns->stop_fd);
	free(dns);
}
