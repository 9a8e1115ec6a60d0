/*
 * fakehold: the verbs of hold.h that the review room uses, in memory: they
 * answer what a test says and remember what they were asked.
 */
#ifndef TESTS_UNIT_FAKEHOLD_H
#define TESTS_UNIT_FAKEHOLD_H

#include <stdbool.h>

#include "hold/hold.h"

#define FAKE_MAX 64

struct fake_mail {
	char from[128], to[128], maildir[128], once[256];
	char *bytes;	   /* with NUL */
	int64_t notice;	   /* 0: was put by hold_post */
	char reviewer[64]; /* of a notice, as is the rest */
	char message_id[256];
	bool digest;
	size_t n_items;
	struct hold_notice_item items[FAKE_MAX];
};

/* A draft with a ladder. */
struct fake_late {
	struct hold_overdue_draft draft;
	int64_t due_ms;
};

/* A step that was taken. */
struct fake_step {
	int64_t draft, next_ms;
	unsigned step;
	bool remind;
	enum hold_state final;
	char ask[128], text[256];
};

/* A prompt that a program was given. */
struct fake_told {
	int64_t notice;
	char medium[64];
	struct hold_due_prompt prompt;
	bool over;	/* the test says so */
	unsigned heard; /* 2: of its end */
	bool alone;
};

struct fake {
	/* answers to give */
	struct hold_answered answered; /* copied, without the call */
	enum error_kind answered_error, decide_error, view_error, post_error,
	    notice_error, due_error, untold_error, heard_error;
	char decide_text[64]; /* of the error */
	enum hold_state decide_state;
	unsigned decide_missing;
	struct hold_prior prior;
	/* says what comes of a decision instead, or is NULL */
	enum error_kind (*decide)(struct hold_decide *decide);
	/* makes what hold_view answers */
	struct hold_view *(*view)(struct arena *arena);
	size_t n_due;
	struct hold_due_prompt due[FAKE_MAX * 4];
	int64_t next_wake_ms;
	size_t n_recent; /* notices to anna before the start */
	int64_t recent_age_ms;

	size_t n_late;
	struct fake_late late[FAKE_MAX * 4];
	enum error_kind overdue_error, step_error, lapse_error;
	size_t lapsing;	  /* drafts that lapse at the next look */
	int64_t lapse_ms; /* when the next does */
	int64_t jump_ms;  /* that they were given on top */

	/* what was asked */
	unsigned n_overdues;
	size_t n_steps;
	struct fake_step steps[FAKE_MAX * 4];
	unsigned n_decided;
	struct hold_decide decided; /* the last */
	char decided_text[512], decided_answer[128];
	size_t n_mails;
	struct fake_mail mails[FAKE_MAX];
	unsigned n_dues, n_views, n_untolds;
	size_t n_told;
	struct fake_told told[FAKE_MAX];
	int64_t last_notice;
};

extern struct fake fake;

/* Forget everything; a draft that waits, asked of anna. */
void fake_init(void);
void fake_release(void);

/* The hold to give to review_new(). */
struct hold *fake_hold(void);

/* Let one call, or all that wait and come, be done. */
bool fake_step(void);
void fake_run(void);

#endif
