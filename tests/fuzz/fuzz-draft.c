/*
 * fuzz-draft: any bytes as a draft.  Beyond memory errors it looks for broken
 * promises: bytes without a place, cuts out of order, texts that are not
 * clean UTF-8.
 */
#include "check/reader/draft.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/drafts.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *why;

	reading_free(
	    drafts_read((struct span){(const char *)bytes, size}, &why));
	if (why != NULL) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	return 0;
}
