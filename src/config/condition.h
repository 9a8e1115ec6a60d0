/*
 * condition: what may stand in a rule, as an admin writes it, and the way from
 * there to struct condition (channel.h).
 */
#ifndef CONDITION_H
#define CONDITION_H

#include "config/channel.h"
#include "config/config.h"
#include "config/setting.h"

/* Each as it was written; line 0: it was not. */
struct condition_list {
	const char *const *list;
	unsigned line;
};

struct condition_bounds {
	struct amount above, below;
	unsigned above_line, below_line;
};

/* Of sizes and counts; made into bounds when they are looked at. */
struct condition_counts {
	uint64_t above_bytes, below_bytes;
	unsigned above, below;
	unsigned above_line, below_line;
};

struct condition_header {
	const char *name;
	const char *const *matches;
};

struct condition_rate {
	int of; /* enum verdict_rate_of */
	unsigned per_s, above;
};

struct condition_written;

struct condition_nested {
	struct condition_written *items;
	size_t n;
	unsigned line;
};

struct condition_written {
	unsigned line;
	struct condition_list agent, sender, author, recipient;
	struct condition_list subject, body, text, own, words;
	struct condition_list attachment, finding, missing;
	struct condition_bounds amount, confidence;
	struct condition_counts size, recipients, attachments;
	struct condition_header header;
	struct condition_rate rate;
	unsigned header_line, rate_line;
	int hours; /* index of "inside", "outside" */
	unsigned hours_line;
	struct condition_nested any, all, none;
};

/* The table; a row of it in line, another where conditions are nested. */
extern const struct setting_group condition_group;

/* What making conditions needs to know. */
struct condition_maker {
	const struct config *config; /* its agents; its arena is used */
	const char *file;
	uint32_t *marks;  /* the next one that is free */
	bool no_calendar; /* business hours would be all hours */
};

/* ALL of what is written.  -1 and err (INVALID, "file:line: ..."). */
int condition_make(const struct condition_maker *maker,
    const struct condition_written *written, struct condition *condition,
    struct error *err);

/* Does it leave anything out?  "*" and "larger than 0" do not. */
bool condition_narrows(const struct condition *condition);

/* Call for every condition within, itself too. */
void condition_each(const struct condition *condition,
    void (*call)(const struct condition *condition, void *context),
    void *context);

/*
 * Is every pattern one that an address can fit: "a@b", "*@b" or "*"?  -1 and
 * err with "file:line: 'option' ...".
 */
int condition_check_patterns(const struct condition_list *written,
    const char *option, const char *file, struct error *err);

/* Does every name of the list have an agent?  Likewise. */
int condition_check_agents(const struct config *config,
    const struct condition_list *written, const char *file, struct error *err);

/* Is every name a field of the agent's context: why, sources ...?  Likewise. */
int condition_check_context(const struct condition_list *written,
    const char *option, const char *file, struct error *err);

#endif
