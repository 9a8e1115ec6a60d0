/*
 * Tests of util/dns against a name server on the same loop, which says and
 * does what the name asks for; and of util/suffix.
 */
#include "util/dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/mem.h"
#include "util/suffix.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define DEADLINE_MS  20000
#define SHORT_MS     300

static struct event_base *base;
static struct event *udp_event, *tcp_event;
static int udp, tcp;
static char server[40];
static unsigned n_asked, n_done;

struct packet {
	unsigned char bytes[8000];
	size_t size;
};

static bool asks(const struct packet *query, const char *deed)
{
	size_t n = strlen(deed);

	return query->bytes[12] == n && memcmp(query->bytes + 13, deed, n) == 0;
}

static void add(struct packet *p, const void *bytes, size_t size)
{
	assert_true(p->size + size <= sizeof(p->bytes));
	memcpy(p->bytes + p->size, bytes, size);
	p->size += size;
}

/* The query's header and question, as an answer without records. */
static void begin(struct packet *answer, const struct packet *query, int code)
{
	size_t end = 12;

	while (query->bytes[end] != 0)
		end += query->bytes[end] + 1u;
	answer->size = 0;
	add(answer, query->bytes, end + 5);
	answer->bytes[2] = 0x81;
	answer->bytes[3] = (unsigned char)(0x80 | code);
	memset(answer->bytes + 6, 0, 6);
}

/* One TXT record of so many strings of these bytes. */
static void add_txt(
    struct packet *answer, const char *bytes, size_t size, unsigned strings)
{
	const unsigned char head[] = {0xc0, 12, 0, ns_t_txt, 0, 1, 0, 0, 0, 60,
	    (unsigned char)(strings * (size + 1) >> 8),
	    (unsigned char)(strings * (size + 1))};
	const unsigned char length = (unsigned char)size;

	add(answer, head, sizeof(head));
	while (strings-- > 0) {
		add(answer, &length, 1);
		add(answer, bytes, size);
	}
	answer->bytes[7]++;
}

/* What is said to a query; false: nothing. */
static bool make(
    struct packet *answer, const struct packet *query, bool over_tcp)
{
	char many[200];

	memset(many, 'm', sizeof(many));
	begin(answer, query, 0);
	if (asks(query, "silent"))
		return false;
	if (asks(query, "none"))
		begin(answer, query, ns_r_nxdomain);
	else if (asks(query, "fails"))
		begin(answer, query, ns_r_servfail);
	else if (asks(query, "refused"))
		begin(answer, query, ns_r_refused);
	else if (asks(query, "split"))
		add_txt(answer, "ab", 2, 3);
	else if (asks(query, "binary"))
		add_txt(answer, "a\n\x80", 3, 1);
	else if (asks(query, "toolong"))
		add_txt(answer, many, sizeof(many), 30);
	else if (asks(query, "cut") && !over_tcp)
		answer->bytes[2] |= 0x02;
	else if (asks(query, "cut"))
		add_txt(answer, many, sizeof(many), 15);
	else if (asks(query, "broken"))
		add(answer, "\xc0\x0c\0\x10\0\1\0\0\0\0\xff\xff", 12),
		    answer->bytes[7] = 1;
	else if (!asks(query, "empty"))
		add_txt(answer, "v=1", 3, 1);
	if (asks(query, "two"))
		add_txt(answer, "v=2", 3, 1);
	return true;
}

static void on_udp(evutil_socket_t fd, short what, void *context)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	struct packet query, answer, wrong;
	ssize_t n = recvfrom(fd, query.bytes, sizeof(query.bytes), 0,
	    (struct sockaddr *)&peer, &size);

	(void)what;
	(void)context;
	n_asked++;
	assert_true(n > 12);
	query.size = (size_t)n;
	if (!make(&answer, &query, false))
		return;
	if (asks(&query, "spoof")) {
		/* of another question, then with another number */
		wrong = answer;
		wrong.bytes[13] ^= 1;
		memcpy(wrong.bytes + wrong.size - 3, "bad", 3);
		sendto(fd, wrong.bytes, wrong.size, 0, (struct sockaddr *)&peer,
		    size);
		wrong = answer;
		wrong.bytes[0] ^= 1;
		memcpy(wrong.bytes + wrong.size - 3, "bad", 3);
		sendto(fd, wrong.bytes, wrong.size, 0, (struct sockaddr *)&peer,
		    size);
		sendto(fd, "x", 1, 0, (struct sockaddr *)&peer, size);
	}
	sendto(
	    fd, answer.bytes, answer.size, 0, (struct sockaddr *)&peer, size);
}

/* One after the other; the thread that asks does not wait for the loop. */
static void on_tcp(evutil_socket_t fd, short what, void *context)
{
	int client = accept(fd, NULL, NULL);
	unsigned char length[2];
	struct packet query, answer;

	(void)what;
	(void)context;
	assert_int_equal(recv(client, length, 2, MSG_WAITALL), 2);
	query.size = (size_t)length[0] << 8 | length[1];
	assert_true(query.size < sizeof(query.bytes));
	assert_int_equal(
	    recv(client, query.bytes, query.size, MSG_WAITALL), query.size);
	if (make(&answer, &query, true)) {
		length[0] = (unsigned char)(answer.size >> 8);
		length[1] = (unsigned char)answer.size;
		assert_int_equal(send(client, length, 2, 0), 2);
		assert_int_equal(
		    send(client, answer.bytes, answer.size, 0), answer.size);
	}
	close(client);
}

/* ---- questions ---------------------------------------------------------- */

struct asked {
	struct dns_question question;
	enum dns_result result;
	char text[DNS_TEXT_MAX * 2]; /* records, with | between */
};

static void on_done(struct dns_question *question)
{
	struct asked *a = question->context;

	n_done++;
	a->result = question->result;
	for (size_t i = 0; i < question->n_records; i++)
		snprintf(a->text + strlen(a->text),
		    sizeof(a->text) - strlen(a->text), "%s%s",
		    i == 0 ? "" : "|", question->records[i]);
}

static void ask(struct dns *dns, struct asked *a, const char *name)
{
	memset(a, 0, sizeof(*a));
	a->question.name = name;
	a->question.done = on_done;
	a->question.context = a;
	dns_ask(dns, &a->question);
}

static void wait_for(unsigned n)
{
	while (n_done < n)
		event_base_loop(base, EVLOOP_ONCE);
}

static struct dns *open_dns(unsigned deadline_ms)
{
	const char *const servers[] = {server, NULL};

	n_done = n_asked = 0;
	return dns_new(base, servers, deadline_ms);
}

static const struct {
	const char *name;
	enum dns_result result;
	const char *text;
} answers[] = {
    {"txt.example", DNS_FOUND, "v=1"},
    {"TXT.Example.", DNS_FOUND, "v=1"},
    {"two.example", DNS_FOUND, "v=1|v=2"},
    {"split.example", DNS_FOUND, "ababab"},
    {"spoof.example", DNS_FOUND, "v=1"},
    {"none.example", DNS_NONE, ""},
    {"empty.example", DNS_NONE, ""},
    {"binary.example", DNS_FOUND, ""},
    {"toolong.example", DNS_FOUND, ""},
    {"fails.example", DNS_UNKNOWN, ""},
    {"refused.example", DNS_UNKNOWN, ""},
    {"two..dots.example", DNS_UNKNOWN, ""},
};

static void each_answer_is_what_it_is(void **state)
{
	struct dns *dns = open_dns(DEADLINE_MS);
	struct asked a;

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		ask(dns, &a, answers[i].name);
		assert_int_equal(n_done, i);
		wait_for((unsigned)i + 1);
		if (a.result != answers[i].result)
			fail_msg("%s: %d", answers[i].name, (int)a.result);
		assert_string_equal(a.text, answers[i].text);
	}
	dns_free(dns);
}

static void what_is_cut_off_comes_over_tcp(void **state)
{
	struct dns *dns = open_dns(DEADLINE_MS);
	struct asked a;

	(void)state;
	ask(dns, &a, "cut.example");
	wait_for(1);
	assert_int_equal(a.result, DNS_FOUND);
	assert_int_equal(strlen(a.text), 3000);
	dns_free(dns);
}

static void silence_is_unknown_in_time(void **state)
{
	struct dns *dns = open_dns(SHORT_MS);
	int64_t start = clock_mono_ms();
	static struct asked a[20]; /* more than there are threads */

	(void)state;
	for (size_t i = 0; i < COUNT(a); i++)
		ask(dns, &a[i], "silent.example");
	wait_for(COUNT(a));
	for (size_t i = 0; i < COUNT(a); i++)
		assert_int_equal(a[i].result, DNS_UNKNOWN);
	assert_true(clock_mono_ms() - start >= SHORT_MS / 2);
	assert_true(n_asked >= 2);
	dns_free(dns);
	assert_int_equal(n_done, COUNT(a));
}

static void a_name_that_is_too_long_is_unknown(void **state)
{
	struct dns *dns = open_dns(DEADLINE_MS);
	static char name[3000];
	struct asked a;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	ask(dns, &a, name);
	wait_for(1);
	assert_int_equal(a.result, DNS_UNKNOWN);
	dns_free(dns);
}

static void nobody_answers_at_all(void **state)
{
	/* nothing listens there: the kernel says so */
	const char *const nobody[] = {"127.0.0.1:1", NULL};
	struct dns *dns;
	struct asked a;

	(void)state;
	n_done = 0;
	dns = dns_new(base, nobody, DEADLINE_MS);
	ask(dns, &a, "txt.example");
	wait_for(1);
	assert_int_equal(a.result, DNS_UNKNOWN);
	dns_free(dns);
}

static void the_next_server_is_asked(void **state)
{
	const char *const both[] = {"127.0.0.1:1", server, NULL};
	struct dns *dns;
	struct asked a;

	(void)state;
	n_done = 0;
	dns = dns_new(base, both, DEADLINE_MS);
	ask(dns, &a, "txt.example");
	wait_for(1);
	assert_int_equal(a.result, DNS_FOUND);
	dns_free(dns);
}

static void what_is_open_at_the_end_is_unknown(void **state)
{
	struct dns *dns = open_dns(600 * 1000); /* nobody waits so long */
	static struct asked a[8];

	(void)state;
	for (size_t i = 0; i < COUNT(a); i++)
		ask(dns, &a[i], "silent.example");
	dns_free(dns);
	assert_int_equal(n_done, COUNT(a));
	for (size_t i = 0; i < COUNT(a); i++)
		assert_int_equal(a[i].result, DNS_UNKNOWN);
}

static const struct {
	const char *text;
	bool good;
} addresses[] = {
    {"192.0.2.1", true},
    {"192.0.2.1:5353", true},
    {"2001:db8::1", true},
    {"[2001:db8::1]", true},
    {"[2001:db8::1]:5353", true},
    {"", false},
    {":", false},
    {":53", false},
    {"[", false},
    {"[]:53", false},
    {"192.0.2.1:", false},
    {"192.0.2.1:0", false},
    {"192.0.2.1:65536", false},
    {"192.0.2.1:5x", false},
    {"192.0.2", false},
    {"ns.example", false},
    {"2001:db8::1:53:9:9:9:9:9", false},
};

static void servers_are_addresses(void **state)
{
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT(addresses); i++) {
		err = (struct error)ERROR_INIT;
		if ((dns_check_server(addresses[i].text, &err) == 0) !=
		    addresses[i].good)
			fail_msg("%s", addresses[i].text);
	}
}

static void domains_belong_together(void **state)
{
	(void)state;
	assert_string_equal(
	    suffix_organisation("a.b.example.co.uk"), "example.co.uk");
	assert_string_equal(suffix_organisation("example.com"), "example.com");
	assert_string_equal(suffix_organisation("co.uk"), "co.uk");
	assert_string_equal(suffix_organisation("localhost"), "localhost");
	assert_true(suffix_related("mail.example.com", "example.com"));
	assert_true(suffix_related("a.example.com", "b.example.com"));
	assert_false(suffix_related("a.co.uk", "b.co.uk"));
	assert_false(suffix_related("co.uk", "b.co.uk"));
	assert_false(suffix_related("com", "example.com"));
	assert_false(suffix_related("a.github.io", "b.github.io"));
	assert_false(suffix_related("example.com", "example.org"));
}

/* ---- set up ------------------------------------------------------------- */

static int set_up(void **state)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);

	(void)state;
	base = event_base_new();
	tcp = socket(AF_INET, SOCK_STREAM, 0);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(tcp, (struct sockaddr *)&at, sizeof(at)) || listen(tcp, 10) ||
	    getsockname(tcp, (struct sockaddr *)&at, &size) ||
	    bind(udp, (struct sockaddr *)&at, sizeof(at)))
		return -1;
	snprintf(server, sizeof(server), "127.0.0.1:%u", ntohs(at.sin_port));
	udp_event = event_new(base, udp, EV_READ | EV_PERSIST, on_udp, NULL);
	tcp_event = event_new(base, tcp, EV_READ | EV_PERSIST, on_tcp, NULL);
	return event_add(udp_event, NULL) || event_add(tcp_event, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	event_free(udp_event);
	event_free(tcp_event);
	close(udp);
	close(tcp);
	event_base_free(base);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_answer_is_what_it_is),
	    cmocka_unit_test(what_is_cut_off_comes_over_tcp),
	    cmocka_unit_test(silence_is_unknown_in_time),
	    cmocka_unit_test(a_name_that_is_too_long_is_unknown),
	    cmocka_unit_test(nobody_answers_at_all),
	    cmocka_unit_test(the_next_server_is_asked),
	    cmocka_unit_test(what_is_open_at_the_end_is_unknown),
	    cmocka_unit_test(servers_are_addresses),
	    cmocka_unit_test(domains_belong_together),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
