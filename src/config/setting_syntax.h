/*
 * setting_syntax: what a person did who wrote a file that libconfig does not
 * take, or takes for something else.
 */
#ifndef SETTING_SYNTAX_H
#define SETTING_SYNTAX_H

#include "util/buf.h"
#include "util/error.h"

#define SETTING_SYNTAX_HINT 200

/*
 * The first mistake in a text that is no configuration, at the latest in that
 * line: its line, and hint says what to write.  0: none is seen.
 */
unsigned setting_syntax_why(
    struct span text, unsigned line, char hint[SETTING_SYNTAX_HINT]);

/*
 * Two texts of a list with no comma between them would be one text: -1 and err
 * with the name of the file and the line.
 */
int setting_syntax_check(const char *name, struct span text, struct error *err);

#endif
