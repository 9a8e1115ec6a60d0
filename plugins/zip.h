/*
 * zip: what the list of contents of a zip file says.  Nothing is unpacked.
 */
#ifndef ZIP_H
#define ZIP_H

#include <stdbool.h>
#include <stddef.h>

struct zip {
	bool complete; /* the list was found and could be read to its end */
	bool locked;   /* a file needs a password */
	bool macros;   /* an office document holds programs */
	size_t n;      /* files */
	/* the media type when it is an office document, else NULL */
	const char *office;
	const char *program; /* name of the first program or script; no NUL */
	size_t program_size;
};

#define ZIP_FILES_MOST 20000 /* beyond: not complete */

/* Read the list.  False: it does not begin like a zip file. */
bool zip_read(const unsigned char *bytes, size_t size, struct zip *zip);

#endif
