/*
 * filename: tricks with names, as a table of questions.
 */
#include "filename.h"

#include "display.h"
#include "kinds.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#define BYTES_MOST  200 /* of a name; many systems end at 255 */
#define BLANKS_MOST 6	/* in a row */

/* Does it turn the direction of writing, or not show at all? */
static bool is_unseen(UChar32 c)
{
	/* emoji, Persian and Indic names need these */
	if (c == 0x200c || c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f))
		return false;
	return u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL) ||
	       u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
	       u_iscntrl(c) || c == 0x2800;
}

static bool has_unseen(const char *name, size_t size)
{
	for (int32_t at = 0; at < (int32_t)size;) {
		UChar32 c;

		U8_NEXT(name, at, (int32_t)size, c);
		if (c < 0 || is_unseen(c))
			return true;
	}
	return false;
}

static bool has_path(const char *name, size_t size)
{
	(void)size;
	return strpbrk(name, "/\\") != NULL || strcmp(name, "..") == 0 ||
	       (size > 1 && name[1] == ':' && ((name[0] | 0x20) >= 'a') &&
		   ((name[0] | 0x20) <= 'z'));
}

/* What Windows takes for a device, whatever stands behind the dot. */
static bool is_device(const char *name, size_t size)
{
	static const char *const devices[] = {
	    "con", "prn", "aux", "nul", "conin$", "conout$", "clock$"};
	size_t n = strcspn(name, ".");

	(void)size;
	while (n > 0 && name[n - 1] == ' ')
		n--;
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (strlen(devices[i]) == n &&
		    strncasecmp(name, devices[i], n) == 0)
			return true;
	return n == 4 && name[3] >= '0' && name[3] <= '9' &&
	       (strncasecmp(name, "com", 3) == 0 ||
		   strncasecmp(name, "lpt", 3) == 0);
}

static bool has_odd_end(const char *name, size_t size)
{
	return size == 0 || name[size - 1] == '.' || name[size - 1] == ' ';
}

static bool has_blanks(const char *name, size_t size)
{
	char blanks[BLANKS_MOST + 1];

	(void)size;
	memset(blanks, ' ', BLANKS_MOST);
	blanks[BLANKS_MOST] = '\0';
	return strstr(name, blanks) != NULL || display_padded(name);
}

static bool is_long(const char *name, size_t size)
{
	(void)name;
	return size > BYTES_MOST;
}

/* "invoice.pdf.exe": an end that is harmless, before one that is not. */
static bool has_two_ends(const char *name, size_t size)
{
	enum kinds last = kinds_of_name(name, size), first;

	if (last != KINDS_PROGRAM && last != KINDS_SCRIPT && last != KINDS_HTML)
		return false;
	while (size > 0 && name[size - 1] != '.')
		size--;
	for (size -= size > 0; size > 0 && name[size - 1] == ' ';)
		size--;
	first = kinds_of_name(name, size);
	return first != KINDS_UNKNOWN && first != last;
}

const char *filename_wrong(const char *name, const char **why)
{
	static const struct {
		bool (*is)(const char *name, size_t size);
		const char *word, *why;
	} wrongs[] = {
	    {has_unseen, "invisible-characters",
		"has characters that do not show, or turn what follows"},
	    {has_two_ends, "double-extension",
		"ends as one thing and pretends to be another"},
	    {has_path, "path", "has a path, which a name should not"},
	    {is_device, "device", "is that of a device"},
	    {has_odd_end, "odd-end", "ends in a dot or blank, or is empty"},
	    {has_blanks, "blanks", "has blanks that push its end out of sight"},
	    {is_long, "too-long", "is very long"},
	};
	size_t size = strlen(name);

	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		if (!wrongs[i].is(name, size))
			continue;
		*why = wrongs[i].why;
		return wrongs[i].word;
	}
	return NULL;
}

void filename_shown(const char *name, size_t size, char out[FILENAME_SHOWN])
{
	int32_t at = 0, n = 0;

	while (at < (int32_t)size && n < FILENAME_SHOWN - 20) {
		UChar32 c;

		U8_NEXT(name, at, (int32_t)size, c);
		if (c < 0)
			c = 0xfffd;
		if (is_unseen(c) || c == 0x2028 || c == 0x2029)
			n += snprintf(out + n, 12, "[U+%04X]", (unsigned)c);
		else
			U8_APPEND_UNSAFE(out, n, c);
	}
	if (at < (int32_t)size) {
		memcpy(out + n, "...", 3);
		n += 3;
	}
	out[n] = '\0';
}
