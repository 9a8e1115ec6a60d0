/*
 * reload: another configuration takes the place of the one in force, whole or
 * not at all.  It is read on a job thread, its readers start and seal
 * themselves beside the old ones, the tests that stand beside its rules are
 * run; only then is one pointer moved.  Whatever began before ends under the
 * old one.
 *
 * Loop only.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include "util/error.h"
#include "util/httpd.h"

struct house;
struct reload;

/* Nothing is under way yet.  The house must outlive it. */
struct reload *reload_new(struct house *house);

/* Nothing that began is finished.  NULL is harmless. */
void reload_free(struct reload *reload);

/*
 * Begin; while one is under way, another follows it.  What came of it is
 * logged, and told to whoever asked by POST /v1/reload.
 */
void reload_start(struct reload *reload);

/* "configuration 3f2a..., 3 channels, loaded 2 h ago": for status. */
void reload_describe(const struct reload *reload, char *out, size_t size);

/* POST /v1/reload; context of the route is the struct reload. */
extern const struct httpd_route reload_routes[];

#endif
