/*
 * error: fills struct error.  Who logs it and how it reads to a peer is left
 * to whoever stops it.
 */
#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_SIZE sizeof(((struct error *)NULL)->text)

/* A text that was cut loses its last character rather than half of it, when
 * that is not ASCII (RFC 3629 3). */
static void end_whole(char text[TEXT_SIZE])
{
	size_t len = strlen(text);

	if (len < TEXT_SIZE - 1)
		return;
	while (len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80)
		len--;
	if (len > 0 && (unsigned char)text[len - 1] >= 0xc0)
		len--;
	text[len] = '\0';
}

/* Formatted aside first: the arguments may point into err. */
int error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
{
	char text[TEXT_SIZE];
	va_list ap;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	end_whole(text);
	err->kind = kind;
	memcpy(err->text, text, strlen(text) + 1);
	return -1;
}

int error_prefix(struct error *err, const char *fmt, ...)
{
	char old[TEXT_SIZE];
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
	end_whole(err->text);
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
