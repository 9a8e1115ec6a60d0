/*
 * report: the mail that tells an agent's sender what became of its message: a
 * delivery status notification (RFC 3461, 3464, 6522).  Pure.
 *
 * It never names a reviewer.  Of the message it carries the fields of its
 * header, or all of it when that was asked for and it did not leave.
 */
#ifndef SEND_REPORT_H
#define SEND_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

#define REPORT_HEADER_MOST ((size_t)64 * 1024)
#define REPORT_WHOLE_MOST  ((size_t)1024 * 1024)      /* of a message in it */
#define REPORT_MOST	   ((size_t)64 * 1024 * 1024) /* of a whole report */

/* What it tells. */
enum report_event {
	REPORT_HELD,	 /* it waits for a reviewer */
	REPORT_REVISING, /* it goes back to the agent */
	REPORT_DROPPED,
	REPORT_EXPIRED,	 /* nobody decided, or answered, in time */
	REPORT_FAILED,	 /* the relay host refused it for somebody */
	REPORT_IN_DOUBT, /* it may have been sent */
	REPORT_SENT,
	REPORT_EVENTS /* how many */
};

struct report_recipient {
	const char *address;
	const char *orcpt;  /* xtext, or NULL */
	unsigned notify;    /* MESSAGE_NOTIFY_*, 0: not given */
	const char *answer; /* the relay host's, or NULL */
	bool sent;	    /* to this one, whatever happened to others */
};

struct report {
	int64_t draft;
	const char *code;
	enum report_event event;
	const char *reason;   /* the reviewer's or program's words, or NULL */
	const char *category; /* of that reason, or NULL */
	bool by_program;      /* no person dropped it, but a program */
	bool lapsed;	      /* expired: it was the agent who did not answer */
	bool edited;	      /* what it is about is not what was submitted */
	const char *hostname;
	const char *remote; /* the relay host, or NULL */
	const char *from;   /* of the report's header */
	const char *to;	    /* the message's envelope sender */
	const char *envid;  /* xtext, or NULL */
	int64_t received_ms, now_ms;
	int64_t until_ms; /* when what is delayed is given up; 0: not known */
	const struct report_recipient *recipients;
	size_t n_recipients;
	const char *message_id; /* of the draft, or NULL */
	struct span mail;	/* the draft */
	bool whole;		/* return all of it (RET=FULL) if it failed */
};

/*
 * By NOTIFY (RFC 3461 4.1), does the agent want to hear that of this recipient?
 * Success is asked for, delays and failures are told unless it was.
 */
bool report_is_wanted(
    const struct report_recipient *recipient, enum report_event event);

/* The event of a name as hold_word has it; -1: none that is reported. */
int report_event_of(const char *name);

/* Append the report, a whole mail with CRLF, in 7 bits but for To. */
void report_write(struct buf *out, const struct report *report);

#endif
