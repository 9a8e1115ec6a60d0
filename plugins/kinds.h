/*
 * kinds: families of files, by media type and by the end of the name.
 */
#ifndef KINDS_H
#define KINDS_H

#include <stdbool.h>
#include <stddef.h>

enum kinds {
	KINDS_UNKNOWN,
	KINDS_TEXT, /* plain, CSV, JSON, XML, calendars, mail */
	KINDS_HTML,
	KINDS_IMAGE,
	KINDS_MEDIA, /* sound and moving pictures */
	KINDS_PDF,
	KINDS_OFFICE, /* documents, sheets, slides */
	KINDS_OLD,    /* likewise, .doc and .xls, which may be much else */
	KINDS_MACROS, /* likewise, made for programs inside */
	KINDS_ARCHIVE,
	KINDS_SCRIPT,
	KINDS_PROGRAM /* runs when it is opened, or leads to what does */
};

/* Of a media type, in small letters. */
enum kinds kinds_of_type(const char *type);

/* Of a file name, by what stands behind its last dot. */
enum kinds kinds_of_name(const char *name, size_t size);

/* For people: "a program". */
const char *kinds_say(enum kinds kind);

#endif
