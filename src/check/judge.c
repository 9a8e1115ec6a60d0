/*
 * judge: walks the rules in order.  Where the facts come from, and what a
 * verdict does, is left to others.
 */
#include "check/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Format and cut to fit, between characters. */
static void __attribute__((format(printf, 3, 4)))
write_text(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, size, fmt, ap);
	va_end(ap);
	if (n < 0)
		out[0] = '\0';
	if (n < 0 || (size_t)n < size)
		return;
	size--;
	while (size > 0 && ((unsigned char)out[size - 1] & 0xc0) == 0x80)
		size--;
	if (size > 0 && (unsigned char)out[size - 1] >= 0xc0)
		size--;
	else if (size < strlen(out))
		size = strlen(out);
	out[size] = '\0';
}
