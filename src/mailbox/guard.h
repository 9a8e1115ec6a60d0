/*
 * guard: looks at what an IMAP server says before libetpan does.  That takes
 * as much memory as a literal announces, and goes one step down its stack for
 * each parenthesis; neither may be the server's to choose.  Pure.
 */
#ifndef MAILBOX_GUARD_H
#define MAILBOX_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUARD_BYE_SIZE 160

/* Zeroed at the beginning of a conversation. */
struct guard {
	char line[GUARD_BYE_SIZE]; /* how the line begins; no string */
	size_t used;		   /* of line */
	unsigned depth;		   /* parentheses that are open */
	uint64_t literal;	   /* that is announced, or its rest */
	unsigned brace;		   /* how far an announcement has come */
	bool within;		   /* of a literal */
	bool quoted, escaped;	   /* within quotes, after a backslash */
	char bye[GUARD_BYE_SIZE];  /* what came with BYE, one line; "" */
};

/*
 * These bytes come next.  most: how many more than they may come.  NULL: they
 * are harmless; else what is wrong, and the conversation is to end.
 */
const char *guard_see(
    struct guard *guard, const char *bytes, size_t size, size_t most);

#endif
