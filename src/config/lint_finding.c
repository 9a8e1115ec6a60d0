/*
 * lint_finding: compares the name of a finding with the names that plug-ins
 * and the core report.  What is said of it is left to lint.c.
 */
#include "config/lint_finding.h"

#include <stdio.h>
#include <string.h>

#include "util/nearest.h"

/* What is found without a plug-in; tests/house compares it with the code. */
static const char *const core[] = {"active-content", "address-unreadable",
    "attachment", "bcc", "bidi", "case-owner", "charset-unclear",
    "context-misplaced", "context-unknown", "context-unreadable",
    "control-characters", "control-characters-in-header",
    "customer-wrote-again", "duplicate", "duplicate-header", "first-contact",
    "from-drafts-folder", "from-not-authorised", "header-too-large",
    "hidden-text", "invisible-characters", "known-thread",
    "lookalike-of-known-recipient", "mime-ambiguous", "mime-too-deep",
    "mime-too-many-parts", "mixed-channels", "near-duplicate", "no-author",
    "plugin-failed", "preheader", "program-failed", "program-nonsense",
    "remote-content", "reserved-header", "replaces", "replaces-nothing",
    "resubmitted", "rule-refuses", "same-message-id", "text-outside-parts",
    "text-truncated", "unreadable-content"};

struct row {
	const char *plugin; /* NULL: the core */
	const char *finding;
};

struct lint_findings {
	const struct config *config;
	bool known; /* what plug-ins find */
	size_t n;
	struct row *rows;
};

/* What is looked for, and what is near it. */
struct looking {
	const struct lint_findings *findings;
	const char *name;
	struct nearest nearest;
};

/* ---- who finds what ------------------------------------------------------ */

static size_t count_lines(const char *lines)
{
	size_t n = 0;

	for (; *lines != '\0'; lines++)
		n += *lines == '\n';
	return n;
}

static void take_lines(
    struct lint_findings *f, const char *lines, struct arena *arena)
{
	const char *blank, *end;

	while ((blank = strchr(lines, ' ')) != NULL &&
	       (end = strchr(blank, '\n')) != NULL) {
		f->rows[f->n++] = (struct row){
		    arena_dup(arena, lines, (size_t)(blank - lines)),
		    arena_dup(arena, blank + 1, (size_t)(end - blank - 1))};
		lines = end + 1;
	}
}

const struct lint_findings *lint_finding_read(
    const struct config *config, const char *lines, struct arena *arena)
{
	const size_t n_core = sizeof(core) / sizeof(core[0]);
	struct lint_findings *f = arena_alloc(arena, sizeof(*f));
	size_t room = n_core + (lines == NULL ? 0 : count_lines(lines));

	f->config = config;
	f->known = lines != NULL;
	f->rows = arena_alloc(arena, room * sizeof(*f->rows));
	for (; f->n < n_core; f->n++)
		f->rows[f->n].finding = core[f->n];
	if (lines != NULL)
		take_lines(f, lines, arena);
	return f;
}

/* ---- is there one? ------------------------------------------------------- */

/* A star at the end stands for any rest. */
static bool is_same(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	if (len > 0 && pattern[len - 1] == '*')
		return strncmp(pattern, name, len - 1) == 0;
	return strcmp(pattern, name) == 0;
}

static bool is_of(const struct row *row, const char *plugin)
{
	return plugin == NULL
		   ? row->plugin == NULL
		   : row->plugin != NULL && strcmp(row->plugin, plugin) == 0;
}

/* Does that plug-in (NULL: the core) report it?  Who says nothing may. */
static bool may_report(struct looking *l, const char *plugin)
{
	const struct row *row = l->findings->rows;
	bool listed = plugin == NULL;
	size_t i;

	for (i = 0; i < l->findings->n; i++, row++) {
		if (!is_of(row, plugin))
			continue;
		listed = true;
		if (is_same(l->name, row->finding))
			return true;
		nearest_try(&l->nearest, row->finding);
	}
	return !listed;
}

static bool is_reported(struct looking *l, const struct channel *channel)
{
	size_t i;

	if (channel->programs != NULL && *channel->programs != NULL)
		return true;
	for (i = 0; i < channel->n_plugins; i++)
		if (may_report(l, channel->plugins[i].name))
			return true;
	return false;
}

/* The plug-in of another channel that does report it, or NULL. */
static const char *elsewhere(const struct looking *l)
{
	const struct row *row = l->findings->rows;
	size_t i;

	for (i = 0; i < l->findings->n; i++, row++)
		if (row->plugin != NULL && is_same(l->name, row->finding))
			return row->plugin;
	return NULL;
}

static void advise(const struct looking *l, char hint[LINT_FINDING_HINT])
{
	const char *plugin = elsewhere(l);
	char near[NEAREST_SIZE];

	if (plugin != NULL)
		snprintf(hint, LINT_FINDING_HINT,
		    "; plug-in '%s' does: add it to the channel's plugins",
		    plugin);
	else if (l->nearest.best != NULL)
		snprintf(hint, LINT_FINDING_HINT, "%s",
		    nearest_text(&l->nearest, near));
	else
		snprintf(hint, LINT_FINDING_HINT,
		    "; add the plug-in that does to the channel's plugins "
		    "(imprimatur-plugins(7) lists what each finds)");
}

bool lint_finding_known(const struct lint_findings *findings,
    const struct channel *channel, const char *name,
    char hint[LINT_FINDING_HINT])
{
	const struct config *config = findings->config;
	struct looking l = {.findings = findings, .name = name};
	size_t i;

	hint[0] = '\0';
	nearest_init(&l.nearest, name);
	if (!findings->known || may_report(&l, NULL))
		return true;
	if (channel != NULL && is_reported(&l, channel))
		return true;
	for (i = 0; channel == NULL && i < config->n_channels; i++)
		if (is_reported(&l, &config->channels[i]))
			return true;
	advise(&l, hint);
	return false;
}
