/*
 * setting: reads a libconfig file by tables.  A table of rows is the whole
 * truth on a group's options: name, type, default, least and most, and the
 * groups within.  Unknown names, wrong types, numbers out of range and numbers
 * that libconfig would wrap are errors that name file, line and what to write
 * instead.
 *
 * The only file that knows libconfig.
 */
#ifndef SETTING_H
#define SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "util/amount.h"
#include "util/arena.h"
#include "util/digest.h"
#include "util/error.h"

enum setting_type {
	SETTING_STRING,	      /* const char * */
	SETTING_STRINGS,      /* const char *const *, NULL-terminated; or one;
				 "file:NAME" is replaced by the file's lines */
	SETTING_NUMBER,	      /* unsigned */
	SETTING_SECONDS,      /* unsigned: 90, "90s", "15m", "2h", "5d" */
	SETTING_MILLISECONDS, /* unsigned: "500ms", or as SECONDS */
	SETTING_SIZE,	      /* uint64_t: 4096, "64K", "25M", "1G" */
	SETTING_AMOUNT,	      /* struct amount: 5, 0.85, "10000.00 EUR" */
	SETTING_AMOUNTS,      /* struct setting_amounts: one, or a list */
	SETTING_SCALAR,	      /* const char *: a number or a text, as text */
	SETTING_BOOL,	      /* bool */
	SETTING_ENUM,	      /* int: index into names */
	SETTING_USERS,	      /* struct setting_users: names or numbers */
	SETTING_GROUP,	      /* a struct: what stands in { } */
	SETTING_LIST,	      /* pointer to structs: ( { }, { } ) */
	/* rows that are no option of their own; their name is "" */
	SETTING_INLINE,	 /* a struct: the options of row->group, right here */
	SETTING_OPTIONS, /* const char *: all else in the group, as JSON */
	SETTING_LINE	 /* unsigned: where the group begins */
};

struct setting_users {
	const unsigned *uids;
	size_t n;
};

struct setting_amounts {
	const struct amount *amounts;
	size_t n;
};

struct setting {
	const char *name;
	enum setting_type type;
	size_t offset;	      /* into the struct that is filled */
	const char *fallback; /* as it would be written; NULL: none */
	/* of a number, in whole units, seconds or bytes; most 0 of an amount:
	 * any; least 1 of STRINGS: not an empty list */
	int64_t least, most;
	const char *const *names; /* of an enum, NULL-terminated */
	bool required;
	const char *example; /* of a required one: owner = "anna" */
	/* of an unsigned that gets the line where it is written; 0: none */
	size_t line;
	size_t count;			   /* LIST: of a size_t */
	const struct setting_group *group; /* GROUP, LIST, INLINE */
};

/* A named group, or list of groups, of the file and the table for it. */
struct setting_group {
	const char *name;	       /* "" is the file's own level */
	const struct setting *options; /* ended by a row without a name */
	size_t size;		       /* of one struct */
	size_t offset; /* group: where it lies; list: of the pointer */
	bool list;     /* many: a pointer is filled, and a count */
	size_t count_offset;
};

struct setting_file {
	const char *name;
	const struct setting_group *groups; /* ended by one without a name */
	struct arena *arena;
	void *into;	       /* zeroed; is filled */
	struct digest *digest; /* gets all that is read, or NULL */
};

/*
 * Read the file into the struct, defaults first.  -1 and err (INVALID,
 * "file:line: ...") on the first mistake.
 */
int setting_load(const struct setting_file *file, struct error *err);

/*
 * One line per option: "relay.port number 25 1..65535".  What a group of some
 * name has inside is printed once.
 */
void setting_print(const struct setting_group *groups, FILE *out);

#endif
