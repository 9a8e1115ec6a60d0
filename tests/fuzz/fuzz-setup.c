/*
 * libFuzzer target: any bytes as the lines in front of a mail, and, behind the
 * first NUL, as a setup without plug-ins.  The mail is always the same.
 */
#include "check/reader/about.h"
#include "check/reader/draft.h"
#include "check/reader/equip.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char mail[] = "From: a@b.example\r\nSubject: one\r\n\r\n"
				   "two\r\n> three\r\n";
	const uint8_t *nul = memchr(data, '\0', size);
	size_t len = nul == NULL ? size : (size_t)(nul - data);
	struct arena *arena = arena_new();
	struct error err = ERROR_INIT;
	struct about about;
	struct equip *equip = NULL;

	if (nul != NULL)
		equip = equip_new(
		    (struct span){(const char *)nul + 1, size - len - 1}, &err);
	if (about_read(arena, (struct span){(const char *)data, len}, &about) ==
	    0) {
		about.equip = equip;
		reading_free(
		    draft_read((struct span){mail, sizeof(mail) - 1}, &about));
	}
	equip_free(equip);
	arena_free(arena);
	return 0;
}
