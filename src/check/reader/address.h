/*
 * address: lists of mailboxes in From, To and their kin (RFC 5322 3.4).
 * libetpan reads what is well formed; what it would read wrongly or not at
 * all is called unreadable, and then whatever looks like an address is named.
 */
#ifndef CHECK_READER_ADDRESS_H
#define CHECK_READER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/buf.h"

#define ADDRESS_LIST_MAX (64 * 1024) /* bytes; longer: unreadable */

/* One of a list, or a group without anybody in it (address ""). */
struct address_named {
	const char *display; /* decoded, as it stands; "" for none */
	const char *address;
};

struct address_list {
	size_t n, room;
	const char **address; /* bare: "bob@customer.example" */
	const char *shown;    /* "Bob <bob@customer.example>, ..." */
	unsigned odd;	      /* VISIBLE_* (visible.h) of the field */
	bool unreadable;      /* shown is then the field as it stands */
	bool want_names;      /* the caller's to set: fill named, too */
	size_t n_named, room_named;
	struct address_named *named;
};

/* Add the addresses of one field's value to a list; shown is replaced. */
void address_read(
    struct arena *arena, struct span value, struct address_list *list);

#endif
