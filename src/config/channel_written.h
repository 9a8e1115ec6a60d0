/*
 * channel_written: a channel as it stands in its file, with the lines of what
 * may be wrong, before it becomes struct channel.  For channel.c, config.c and
 * sanity_channel.c alone.
 */
#ifndef CHANNEL_WRITTEN_H
#define CHANNEL_WRITTEN_H

#include "config/channel.h"
#include "config/condition.h"
#include "config/config.h"
#include "config/rule.h"

struct channel_written_step {
	unsigned line, at_s;
	bool remind;
	const char *const *ask;
	int final; /* index of hold, expire, approve */
	unsigned ask_line, final_line;
};

struct channel_written_sample {
	unsigned line;
	struct channel_sample sample;
	unsigned severity_line, to_line;
};

struct channel_written_case {
	const char *table, *header, *program;
	unsigned table_line, header_line, program_line;
};

struct channel_written {
	struct channel channel; /* what needs no making */
	struct condition_list agent, sender, recipient;
	const char *calendar;
	struct amount share; /* "sample" as a number */
	size_t n_samples, n_steps, n_rules, n_plugins;
	struct channel_written_sample *samples;
	struct channel_written_step *steps;
	struct rule_written *rules;
	struct channel_written_case of_case;
	unsigned name_line, owner_line, mode_line, threshold_line, share_line;
	unsigned cost_line, reviewers_line, persons_line, deadline_line;
	unsigned calendar_line, ladder_line, reasons_line, require_line;
	unsigned programs_line;
};

/*
 * Read every *.conf of config->channel_dir into config->channels, in name
 * order; line: where the folder is named; 0: nowhere, then
 * it may be missing.  marks: the next
 * free one.  What must fit the rest of the configuration is checked.  -1 and
 * err (INVALID, "file:line: ...").
 */
int channel_load_all(struct config *config, unsigned line,
    struct digest *digest, uint32_t *marks, struct error *err);

/* All options of a channel, as config_print_options(). */
void channel_print_options(FILE *out);

#endif
