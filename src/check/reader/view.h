/*
 * view: a draft as plug-ins see it (imprimatur/plugin.h).
 */
#ifndef CHECK_READER_VIEW_H
#define CHECK_READER_VIEW_H

#include <imprimatur/plugin.h>

#include "check/reader/sight.h"

/* In imprimatur-plugin(7). */
#define VIEW_SOURCE_MAX ((size_t)8 * 1024 * 1024) /* of all parts, UTF-8 */
#define VIEW_LINKS_MAX	2000			  /* written out in text */

struct view;

/*
 * Make one; text_more must have been wanted.  What does not fit is a finding.
 * The sight must outlive it.
 */
struct view *view_new(const struct sight *sight);

/* The mail, for a channel. */
const struct imprimatur_mail *view_mail(struct view *view, const char *channel);

/* Free it.  NULL is harmless. */
void view_free(struct view *view);

#endif
