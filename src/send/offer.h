/*
 * offer: what the relay host says it can do, in its answer to EHLO.  Pure.
 */
#ifndef SEND_OFFER_H
#define SEND_OFFER_H

#include <stdbool.h>
#include <stdint.h>

struct answer;

struct offer {
	bool starttls;	    /* RFC 3207 */
	bool pipelining;    /* RFC 2920 */
	bool chunking;	    /* RFC 3030 */
	bool eightbit;	    /* RFC 6152 */
	bool smtputf8;	    /* RFC 6531 */
	bool dsn;	    /* RFC 3461 */
	bool size;	    /* RFC 1870 */
	uint64_t size_most; /* bytes; 0: no limit told */
	bool plain, login;  /* RFC 4954 */
};

/* Read an answer to EHLO; what it does not mention is not offered. */
void offer_read(struct offer *offer, const struct answer *answer);

#endif
