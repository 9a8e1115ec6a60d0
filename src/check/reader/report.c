/*
 * report: cleans what a plug-in says before it becomes a finding.  Too much
 * of it, or nonsense, is a finding of its own that holds the mail.
 */
#include "check/reader/report.h"

#include "check/reader/charset.h"
#include "check/reader/running.h"
#include "check/reader/visible.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

void report_begin(struct imprimatur_report *report, struct reading *reading,
    const char *plugin)
{
	*report = (struct imprimatur_report){
	    .reading = reading, .plugin = plugin, .memory = arena_new()};
}

void report_end(struct imprimatur_report *report)
{
	arena_free(report->memory);
	report->memory = NULL;
}

static bool is_name(const char *name)
{
	size_t len = name == NULL ? 0 : strnlen(name, REPORT_NAME_MAX);

	return len > 0 && len < REPORT_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* One line of valid UTF-8 in which nothing hides; cut between characters. */
static void clean(struct buf *out, const char *text, size_t most)
{
	struct visible visible;
	struct buf valid;

	buf_init(&valid, 4 * most);
	charset_append(
	    "utf-8", (struct span){text, strnlen(text, most)}, &valid);
	buf_init(out, most);
	visible_init(&visible, out, true);
	visible_add(&visible, buf_span(&valid));
	visible_end(&visible);
	buf_release(&valid);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* How many findings it has made; known: this one is among them. */
static size_t count(const struct imprimatur_report *report,
    const struct finding *finding, bool *known)
{
	const struct reading *reading = report->reading;
	size_t n = 0;

	*known = false;
	for (size_t i = 0; i < reading->n_findings; i++) {
		const struct finding *f = &reading->findings[i];

		if (!same_text(f->by, report->plugin))
			continue;
		n++;
		if (f->weight == finding->weight &&
		    strcmp(f->name, finding->name) == 0 &&
		    same_text(f->value, finding->value) &&
		    strcmp(f->detail, finding->detail) == 0)
			*known = true;
	}
	return n;
}

static void add(struct imprimatur_report *report, const struct finding *finding)
{
	static const struct finding flood = {
	    .name = "plugin-failed", .weight = FINDING_TRIPWIRE};
	struct finding more = flood;
	bool known;
	size_t n = count(report, finding, &known);

	if (known || n > REPORT_FINDINGS_MAX)
		return;
	if (n < REPORT_FINDINGS_MAX) {
		reading_report(report->reading, finding);
		return;
	}
	more.by = more.value = report->plugin;
	more.detail = arena_printf(report->reading->arena,
	    "plug-in '%s' found more than %d things; the others are not shown",
	    report->plugin, REPORT_FINDINGS_MAX);
	reading_report(report->reading, &more);
}

static void add_nonsense(struct imprimatur_report *report)
{
	struct finding finding = {.name = "plugin-failed",
	    .weight = FINDING_TRIPWIRE,
	    .value = report->plugin,
	    .by = report->plugin};

	finding.detail = arena_printf(report->reading->arena,
	    "plug-in '%s' reported a finding without a proper name",
	    report->plugin);
	add(report, &finding);
}

static enum finding_weight weigh(enum imprimatur_weight weight)
{
	return weight == IMPRIMATUR_NOTE      ? FINDING_NOTE
	       : weight == IMPRIMATUR_CAUTION ? FINDING_CAUTION
					      : FINDING_TRIPWIRE;
}

void report_find(struct imprimatur_report *report,
    enum imprimatur_weight weight, const char *name, const char *value,
    const char *format, ...)
{
	struct finding finding = {
	    .weight = weigh(weight), .name = name, .by = report->plugin};
	char text[4 * REPORT_DETAIL_MAX] = "";
	struct buf detail, short_value;
	va_list ap;

	if (!is_name(name)) {
		add_nonsense(report);
		return;
	}
	va_start(ap, format);
	if (vsnprintf(text, sizeof(text), format, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	clean(&detail, text, REPORT_DETAIL_MAX);
	clean(&short_value, value == NULL ? "" : value, REPORT_VALUE_MAX);
	finding.detail = detail.data;
	finding.value = value == NULL ? NULL : short_value.data;
	running_memory(true);
	add(report, &finding);
	running_memory(false);
	buf_release(&short_value);
	buf_release(&detail);
}

void *report_memory(struct imprimatur_report *report, size_t size)
{
	void *memory;

	running_memory(true);
	if (size > REPORT_MEMORY_MAX - report->used)
		_exit(EX_OSERR);
	memory = arena_alloc(report->memory, size);
	report->used += size;
	running_memory(false);
	return memory;
}
