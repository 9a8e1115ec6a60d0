/*
 * config_written: the configuration as it stands in its file, where that is
 * not yet what the other rooms are to see.  For config.c and config_make.c
 * alone.
 */
#ifndef CONFIG_WRITTEN_H
#define CONFIG_WRITTEN_H

#include "config/config.h"
#include "config/rule.h"
#include "config/setting.h"

struct config_written_calendar {
	struct calendar_plan plan;
	unsigned line;
};

struct config_written_digest {
	struct config_digest digest;
	unsigned at_line;
};

struct config_written_reviewer {
	struct config_reviewer reviewer;
	struct setting_amounts limit;
	const char *const *absent;
	const char *calendar;
	struct config_written_digest digest;
	unsigned absent_line;
};

struct config_written_chat {
	struct config_chat chat;
	const char *calendar;
	struct config_written_digest digest;
};

struct config_written_group {
	struct config_group group;
	int share; /* index of "all", "turns" */
};

struct config_written {
	struct config config;
	int http_tls;		/* index of "none", "implicit" */
	unsigned channels_line; /* 0: the folder is the default one */
	size_t n_calendars, n_reviewers, n_groups, n_rules, n_chats;
	struct config_written_calendar *calendars;
	struct config_written_reviewer *reviewers;
	struct config_written_group *groups;
	struct config_written_chat *chats;
	struct rule_written *rules;
};

/*
 * Calendars, reviewers with their absences, groups, and chats.  -1 and err
 * (INVALID, "file:line: ...").
 */
int config_make_people(struct config_written *written, struct error *err);

/* The global rules; people and agents are there.  Likewise. */
int config_make_rules(
    struct config_written *written, uint32_t *marks, struct error *err);

#endif
