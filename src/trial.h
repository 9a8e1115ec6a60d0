/*
 * trial: runs the tests that stand beside the rules: each is a mail that sealed
 * readers read and the judge judges, as if it had come in.
 *
 * Everything on the loop.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stddef.h>

#include "check/check.h"
#include "config/config.h"

struct trial;

/* A test that did not come out as it expects. */
struct trial_failure {
	const char *file;
	unsigned line;
	const char *channel, *test; /* names */
	const char *text;  /* "expected hold by rule a, got pass by mode b" */
	const char *trace; /* what each rule said, or "" */
};

/* All of it lives until trial_free(). */
struct trial_result {
	size_t n, n_right; /* tests */
	size_t n_failures;
	const struct trial_failure *failures;
};

/* Called once, when every test was run. */
typedef void trial_done(const struct trial_result *result, void *context);

/*
 * Run the tests of all channels, one after the other.  check: readers with the
 * setup of that configuration; both must outlive the trial.  done is called
 * from the loop, never from here.
 */
struct trial *trial_new(struct event_base *base, const struct config *config,
    struct check *check, trial_done *done, void *context);

/*
 * End it; done is not called any more.  A mail that is being read ends by
 * itself.  NULL is harmless.
 */
void trial_free(struct trial *trial);

#endif
