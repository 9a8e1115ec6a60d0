/*
 * display: what a name in front of an address can do to hide the address.
 */
#ifndef DISPLAY_H
#define DISPLAY_H

#include <stdbool.h>
#include <stddef.h>

/* Blanks in a row, of any kind, that push what follows out of sight. */
#define DISPLAY_BLANKS 20

/* Has a text so many blanks in a row? */
bool display_padded(const char *text);

/*
 * The next word of a name that could be an address or a host, without the
 * punctuation at its ends.  text moves behind it.  False: there is none.
 */
bool display_word(const char **text, const char **word, size_t *size);

/*
 * What stands in brackets in a field of addresses, "a@b (Anna)": names of old,
 * which many show.  out has room bytes.
 */
void display_comments(const char *p, char *out, size_t room);

#endif
