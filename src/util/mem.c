/*
 * mem: allocation that cannot fail, because running out ends the process.
 */
#include "util/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static void *checked(void *p)
{
	if (p == NULL) {
		fputs("out of memory; what was accepted is on disk\n", stderr);
		_Exit(EX_OSERR);
	}
	return p;
}

void *mem_zalloc(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *mem_grow(void *old, size_t count, size_t size)
{
	if (count == 0)
		count = 1;
	if (size != 0 && count > SIZE_MAX / size)
		return checked(NULL);
	return checked(realloc(old, count * size));
}

char *mem_dup(const void *bytes, size_t size)
{
	char *copy = checked(malloc(size + 1));

	if (size > 0)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	return copy;
}

char *mem_strdup(const char *s)
{
	return s == NULL ? NULL : mem_dup(s, strlen(s));
}

char *mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return checked(s);
}
