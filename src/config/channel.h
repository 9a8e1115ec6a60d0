/*
 * channel: a named stream of outgoing mail, and what its admin wrote about it:
 * which mail is looked at, by whom, by when, and why.  Read from
 * channels/NAME.conf by channel.c, checked, immutable, shared by all threads.
 *
 * A rule is a condition and what follows from it.  Conditions compare facts;
 * those about text are run by the sealed reader, which reports the numbers
 * (marks) of the ones that fit.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/calendar.h"
#include "util/amount.h"
#include "verdict.h"

enum channel_mode {
	CHANNEL_REVIEW,	    /* everything is held */
	CHANNEL_CONFIDENCE, /* what is sure enough passes */
	CHANNEL_EXCEPTION,  /* what nothing speaks against passes */
	CHANNEL_AFTER	    /* likewise, and is looked at afterwards */
};

enum channel_cost { CHANNEL_LOW, CHANNEL_MEDIUM, CHANNEL_HIGH };

/* What comes at the end of a ladder. */
enum channel_final {
	CHANNEL_GO_ON,	/* this step is not the end */
	CHANNEL_KEEP,	/* "hold": hand it up to the owner, keep holding */
	CHANNEL_EXPIRE, /* "expire": give it back to its agent */
	CHANNEL_APPROVE /* "approve": never where the cost is high */
};

enum condition_kind {
	CONDITION_ALL, /* of .. n conditions; n 0: fits always */
	CONDITION_ANY,
	CONDITION_NONE,
	CONDITION_AGENT,       /* names */
	CONDITION_SENDER,      /* patterns (message_address_fits), envelope */
	CONDITION_AUTHOR,      /* patterns, From and Sender of the mail */
	CONDITION_RECIPIENT,   /* patterns; pass: all must fit, else one */
	CONDITION_TEXT,	       /* mark: the reader says so */
	CONDITION_FINDING,     /* names, "*" at an end allowed; above, below */
	CONDITION_SIZE,	       /* above, below: bytes, as numbers */
	CONDITION_RECIPIENTS,  /* above, below: how many */
	CONDITION_ATTACHMENTS, /* likewise */
	CONDITION_ATTACHMENT,  /* patterns: of type or file name, "*.exe" */
	CONDITION_CONFIDENCE,  /* above, below: of the agent's number */
	CONDITION_CONTEXT,     /* names: one of these is missing */
	CONDITION_RATE,	       /* rate, above */
	CONDITION_HOURS	       /* inside business hours, or outside */
};

struct condition {
	enum condition_kind kind;
	const char *option; /* as it was written: "recipient" */
	unsigned line;	    /* in the file */
	size_t n;	    /* ALL, ANY, NONE */
	const struct condition *of;
	const char *const *list; /* NULL-terminated, or NULL */
	/* of TEXT: PCRE2; where as in setup.h; mark: unique in the setup */
	const char *pattern, *where;
	uint32_t mark;
	bool has_above, has_below, inside;
	struct amount above, below; /* exclusive both */
	struct verdict_rate rate;
};

/*
 * A rule.  All rules of a channel are looked at, in order; each that fits adds
 * its severity, reviewers and demands.  Which of them decides: judge.h.
 */
struct rule {
	const char *name;
	unsigned line;
	struct condition when; /* ALL of what is written */
	enum verdict_kind then;
	bool tripwire; /* nothing passes what it holds */
	bool has_severity, needs_reason;
	enum verdict_severity severity;
	const char *say;	/* for the agent or the reviewer, or NULL */
	const char *const *ask; /* reviewers and groups besides, or NULL */
	unsigned persons;	/* who must approve; 0: as it is */
	unsigned not_before_s;	/* after intake; 0: not said */
	unsigned not_after_s;
};

/* A share of what would pass that is reviewed all the same. */
struct channel_sample {
	bool has_severity;
	enum verdict_severity severity; /* this and graver */
	struct amount from, to; /* of confidence: from <= it < to; 0, 0: any */
	struct amount share;	/* 0 to 1 */
};

struct channel_step {
	unsigned after_s;	/* of business time, since intake; ascending */
	bool remind;		/* who was asked and has not answered */
	bool warning;		/* made from the deadline, not written */
	const char *const *ask; /* these too, or NULL */
	enum channel_final final; /* GO_ON but for the last */
};

/* A plug-in as a channel uses it. */
struct channel_plugin {
	const char *name;
	unsigned line;
	const char *options; /* JSON object, as setup.h has it */
};

/* A test that stands beside the rules. */
struct channel_test {
	const char *name;
	unsigned line;
	const char *agent, *from, *subject, *text, *html, *file; /* or NULL */
	const char *const *to;	  /* or NULL: somebody */
	const char *confidence;	  /* or NULL */
	const char *const *known; /* addresses that were written to */
	const char *at;		  /* "2026-11-21T10:00:00Z", or NULL: now */
	enum verdict_kind expect;
	const char *rule;	     /* that must have decided, or NULL */
	const char *const *findings; /* that must be there, or NULL */
};

struct channel {
	const char *name, *file, *about; /* about: a line for people, or NULL */
	unsigned line;
	const char *owner; /* a reviewer */
	enum channel_mode mode;
	/* which mail: empty lists ask nothing */
	const char *const *agents, *const *senders, *const *recipients;
	struct amount threshold; /* CONFIDENCE */
	bool calibrated;	 /* the agent's number may be believed */
	size_t n_samples;
	struct channel_sample *samples;
	enum channel_cost cost;
	bool reversible;
	const char *const *reviewers; /* reviewers and groups */
	unsigned persons;	      /* who must approve, 1 or 2 */
	bool needs_reason;
	unsigned deadline_s; /* of business time */
	/* how often a draft may go back to its agent, who has so long */
	unsigned revise_rounds, revise_within_s;
	const struct calendar *calendar;
	size_t n_steps;
	struct channel_step *steps; /* written ones and warnings, in order */
	const char *const *reasons; /* error categories */
	const char *const *require; /* context that must be there, or NULL */
	size_t n_plugins;
	struct channel_plugin *plugins;
	const char *const *programs; /* asked after the commit, or NULL */
	const char *case_table;	  /* file: "case reviewer" per line, or NULL */
	const char *const *cases; /* its lines that say something, or NULL */
	/* field that names the owner, which the reader reports as finding
	 * "case-owner", or NULL */
	const char *case_header;
	const char *case_program; /* that is asked for the owner, or NULL */
	size_t n_rules;
	struct rule *rules;
	size_t n_tests;
	struct channel_test *tests;
	/* what CONDITION_RATE asks about: global rules' and its own */
	size_t n_rates;
	struct verdict_rate *rates;
};

#endif
