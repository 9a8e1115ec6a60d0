/*
 * plug: a host for one plug-in that is linked into a test.  It gives options,
 * builds the mail, records what was found, and fails the test when the plug-in
 * breaks the interface: a finding that it does not list, text that is no UTF-8
 * or no single line.
 *
 * All texts are copied.  What goes wrong fails the running test.
 */
#ifndef PLUG_H
#define PLUG_H

#include <stdbool.h>
#include <stddef.h>

#include <imprimatur/plugin.h>

struct plug_found {
	enum imprimatur_weight weight;
	const char *name;
	const char *value; /* or NULL */
	const char *detail;
};

struct plug {
	void *state;		     /* the plug-in's */
	struct imprimatur_mail mail; /* lists are filled in by plug_check */
	size_t n_found;
	struct plug_found *found; /* of the last plug_check */
	struct plug_held *held;	  /* plug.c's own */
};

/*
 * Configure imprimatur_plugin.  options: name, value, name, value, ..., NULL;
 * a name that comes again is a list.  NULL: none.  Must succeed.
 */
struct plug *plug_open(const char *const *options);

/* Must fail: what it complained of, until the next call. */
const char *plug_complaint(const char *const *options);

/* Release everything, the mail too. */
void plug_close(struct plug *plug);

/* Begin another mail: no parts, no addresses, nothing found. */
void plug_clear(struct plug *plug);

void plug_subject(struct plug *plug, const char *subject);
void plug_sender(struct plug *plug, const char *address);
void plug_recipient(struct plug *plug, const char *address);
void plug_field(struct plug *plug, const char *name, const char *value);
void plug_address(struct plug *plug, const char *field, const char *display,
    const char *address);

/* A text/plain part, added to text and own_text. */
void plug_text(struct plug *plug, const char *text);
/* As much text as size says. */
void plug_text_bytes(struct plug *plug, const char *text, size_t size);
/* A text/html part: source with its tags, and what a person reads of it, which
 * is added to text and own_text.  It is an alternative to a plain part that
 * comes just before it. */
void plug_html(struct plug *plug, const char *source, const char *text);
/* An attachment of any type; a text/... one has source and text too, but does
 * not become part of the mail's text.  filename may be NULL. */
void plug_part(struct plug *plug, const char *type, const char *filename,
    const void *bytes, size_t size);
/* Change the part that was added last; for what has no function here. */
struct imprimatur_part *plug_last(struct plug *plug);
/* A link in the part that was added last; text may be NULL. */
void plug_link(struct plug *plug, const char *target, const char *text);
/* Instead of what the parts added: what the mail says by itself. */
void plug_own(struct plug *plug, const char *own_text);

/* Memory that lives until plug_clear; zeroed. */
void *plug_memory(struct plug *plug, size_t size);

/* Run check() over the mail; found is filled anew.  Returns n_found. */
size_t plug_check(struct plug *plug);

/* How many findings have this name (NULL: any) and value (NULL: any). */
size_t plug_count(const struct plug *plug, const char *name, const char *value);
/* The first of them, or NULL. */
const struct plug_found *plug_find(
    const struct plug *plug, const char *name, const char *value);
/* All values of that name with a comma and a blank between, for a message and
 * for comparison; lives until plug_clear. */
const char *plug_values(struct plug *plug, const char *name);

/* Milliseconds of processor time that the last plug_check took. */
double plug_ms(const struct plug *plug);

#endif
