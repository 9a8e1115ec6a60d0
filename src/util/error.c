/*
 * error: fills struct error.  Who logs it and how it reads to a peer is left
 * to whoever stops it.
 */
#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return -1;
	err->kind = kind;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

int error_prefix(struct error *err, const char *fmt, ...)
{
	char old[sizeof(err->text)];
	va_list ap;
	size_t used;

	if (err == NULL)
		return -1;
	memcpy(old, err->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", old);
	return -1;
}

const char *error_kind_name(enum error_kind kind)
{
	static const char *const names[] = {
	    [ERROR_NONE] = "none",
	    [ERROR_BUSY] = "busy",
	    [ERROR_DENIED] = "denied",
	    [ERROR_INVALID] = "invalid",
	    [ERROR_MISSING] = "missing",
	    [ERROR_CONFLICT] = "conflict",
	    [ERROR_FULL] = "full",
	    [ERROR_INTERNAL] = "internal",
	};

	return names[kind];
}
