/*
 * log: puts one line to standard error with one write(), so that lines of
 * several threads never mix.  Rotation and storage are left to the journal.
 */
#include "util/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/clock.h"

static enum log_level level_most = LOG_LEVEL_INFO;
static bool to_journal;

/* JOURNAL_STREAM names the journal's socket (systemd.exec(5)); children of a
 * service inherit it even when their standard error goes elsewhere. */
static bool is_journal(const char *stream)
{
	unsigned long long dev, ino;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev &&
	       st.st_ino == ino;
}

void log_init(enum log_level most)
{
	level_most = most;
	to_journal = is_journal(getenv("JOURNAL_STREAM"));
}

static size_t prefix(enum log_level level, char *line, size_t size)
{
	char now[CLOCK_ISO_SIZE];

	if (to_journal)
		return (size_t)snprintf(line, size, "<%d>", (int)level);
	clock_iso(clock_now_ms(), now);
	return (size_t)snprintf(line, size, "%s %s", now,
	    level <= LOG_LEVEL_ERROR	 ? "error: "
	    : level == LOG_LEVEL_WARNING ? "warning: "
					 : "");
}

void log_write(enum log_level level, const char *fmt, ...)
{
	char line[2048];
	size_t start, len, i;
	va_list ap;

	if (level > level_most)
		return;
	start = prefix(level, line, sizeof(line));
	va_start(ap, fmt);
	vsnprintf(line + start, sizeof(line) - start - 1, fmt, ap);
	va_end(ap);
	len = strlen(line);
	for (i = start; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return; /* nobody reads our log: nothing better to do */
}
