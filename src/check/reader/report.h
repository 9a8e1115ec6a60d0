/*
 * report: takes findings from plug-ins, and nothing that is no finding.
 */
#ifndef CHECK_READER_REPORT_H
#define CHECK_READER_REPORT_H

#include <imprimatur/plugin.h>

#include <stdbool.h>
#include <stddef.h>

#include "reading.h"

/* In imprimatur-plugin(7). */
#define REPORT_FINDINGS_MAX 100 /* of one plug-in in one mail */
#define REPORT_NAME_MAX	    64	/* bytes of a finding's name */
#define REPORT_VALUE_MAX    200 /* of its value */
#define REPORT_DETAIL_MAX   300 /* of its line for people */
#define REPORT_MEMORY_MAX   ((size_t)64 * 1024 * 1024) /* of one check() */

struct imprimatur_report {
	struct reading *reading;
	const char *plugin;
	struct arena *memory; /* of this check() */
	size_t used;
};

/* A plug-in is about to look at a mail; then it has done so. */
void report_begin(struct imprimatur_report *report, struct reading *reading,
    const char *plugin);
void report_end(struct imprimatur_report *report);

/* The host's functions of plugin.h. */
void report_find(struct imprimatur_report *report,
    enum imprimatur_weight weight, const char *name, const char *value,
    const char *format, ...) __attribute__((format(printf, 5, 6)));
void *report_memory(struct imprimatur_report *report, size_t size);

#endif
