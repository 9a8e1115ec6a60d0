/*
 * lint: what is strange about a configuration that loads: rules that can never
 * decide, channels that no mail reaches, people who cannot be asked, and more
 * work than there are hours.
 *
 * Only what is certain is said.  Pure functions; any thread.
 */
#ifndef LINT_H
#define LINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "util/buf.h"

struct lint {
	/* what plug-ins say they find: lines of "PLUGIN FINDING"; one without a
	 * line may find anything; NULL: nothing is known */
	const char *finds;
	int64_t now_ms; /* who is away? */
	/* line 0: about the file as a whole */
	void (*say)(
	    const char *file, unsigned line, const char *text, void *context);
	void *context;
};

/* Say one warning about that place, as printf would.  For lint*.c. */
void lint_warn(const struct lint *lint, const char *file, unsigned line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Say every warning, in the order of the files; returns how many. */
size_t lint_config(const struct config *config, const struct lint *lint);

struct lint_load {
	unsigned per_day; /* mails of each channel */
	unsigned minutes; /* that one review takes */
	int64_t now_ms;	  /* business hours are counted from here */
};

/*
 * Append one line per channel: mails a day, times the share that is reviewed,
 * times minutes, against the business hours of its reviewers.  False when it is
 * too much for some channel.
 */
bool lint_capacity(
    const struct config *config, const struct lint_load *load, struct buf *out);

#endif
