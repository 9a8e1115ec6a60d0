/*
 * report: the mail that tells an agent's sender what became of its message: a
 * delivery status notification (RFC 3461, 3464, 6522).  Pure.
 *
 * It never names a reviewer and never carries the message's text, only the
 * fields of its header.
 */
#ifndef SEND_REPORT_H
#define SEND_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

#define REPORT_HEADER_MOST ((size_t)64 * 1024)
#define REPORT_MOST	   ((size_t)64 * 1024 * 1024) /* of a whole report */

struct report_recipient {
	const char *address;
	const char *orcpt;  /* xtext, or NULL */
	unsigned notify;    /* MESSAGE_NOTIFY_*, 0: not given */
	const char *answer; /* why it failed; NULL when it was dropped */
};

struct report {
	int64_t draft;
	const char *code;
	bool dropped;	    /* by a reviewer; else it could not be delivered */
	bool expired;	    /* dropped because nobody decided in time */
	const char *reason; /* the reviewer's or program's, or NULL */
	bool by_program;    /* no person dropped it, but a program */
	const char *hostname;
	const char *remote; /* the relay host, or NULL */
	const char *from;   /* of the report's header */
	const char *to;	    /* the message's envelope sender */
	const char *envid;  /* xtext, or NULL */
	int64_t received_ms, now_ms;
	const struct report_recipient *recipients;
	size_t n_recipients;
	struct span mail; /* the draft; its header is taken from it */
};

/* Did the agent want to hear of this recipient's failure? */
bool report_is_wanted(const struct report_recipient *recipient);

/* Append the report, a whole mail with CRLF, in 7 bits but for To. */
void report_write(struct buf *out, const struct report *report);

#endif
