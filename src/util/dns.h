/*
 * dns: asks for records, on threads of its own.  It tells "there is none"
 * from "nobody knows", which must not be taken for the same.
 *
 * All functions: loop only.
 */
#ifndef UTIL_DNS_H
#define UTIL_DNS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"
#include "util/job.h"

#define DNS_SERVERS_MAX 3
#define DNS_RECORDS_MAX 16   /* of one name; the others are left out */
#define DNS_TEXT_MAX	4096 /* bytes of one record */

struct dns;
struct event_base;

enum dns_result {
	DNS_FOUND,
	DNS_NONE,   /* the name, or a record of this type, does not exist */
	DNS_UNKNOWN /* no answer in time, or no clear one: ask again later */
};

enum dns_type {
	DNS_TXT, /* its strings, joined */
	DNS_MX,	 /* "10 mx.example.com"; "0 ." is none at all (RFC 7505) */
	DNS_A,	 /* "192.0.2.1" */
	DNS_AAAA /* "2001:db8::1" */
};

/*
 * One question.  Fill name, type, done and context; keep it until done() is
 * called: on the loop, exactly once, never from within dns_ask().  name is
 * copied.
 */
struct dns_question {
	const char *name; /* "s1._domainkey.example.com" */
	enum dns_type type;
	void (*done)(struct dns_question *question);
	void *context;

	/* results */
	enum dns_result result;
	size_t n_records;
	char *records[DNS_RECORDS_MAX]; /* until done() returns */
	bool odd; /* one of them was no plain text and was left out */
};

/*
 * servers: "192.0.2.1" or "192.0.2.1:5353", at most DNS_SERVERS_MAX,
 * NULL-terminated; NULL: those of /etc/resolv.conf.  deadline_ms: of one
 * question, however many servers there are.
 */
struct dns *dns_new(
    struct event_base *base, const char *const *servers, unsigned deadline_ms);

/* Is this a server as dns_new() takes it?  -1 and err (INVALID). */
int dns_check_server(const char *server, struct error *err);

/* Ask.  When too many questions wait the answer is UNKNOWN. */
void dns_ask(struct dns *dns, struct dns_question *question);

/*
 * Every open question is answered UNKNOWN first; the threads are ended.  NULL
 * is harmless.
 */
void dns_free(struct dns *dns);

#endif
