/*
 * log: one line per event, for people and scripts alike:
 *
 *     draft 17 held agent=demo code=K7Q4RM recipients=2
 *
 * subject (a noun and its id), event word, then key=value.  No secrets, no
 * text of a mail.  Callable from any thread.  Lines go to standard error with
 * the priority prefix of sd-daemon(3) when the journal reads it, else with a
 * UTC time.
 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_LEVEL_SILENT = 0, /* nothing at all: who fails says so itself */
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/* Lines above this level are dropped.  Call before threads start. */
void log_init(enum log_level most);

/*
 * Write one line.  Control characters in the result are shown as '?', so that
 * nothing from outside can make a second line.
 */
void log_write(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...)	 log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)	 log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)	 log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	 log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
