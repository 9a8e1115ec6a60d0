/*
 * suffix: the list as libpsl has it built in, so that nothing is read late.
 */
#include "util/suffix.h"

#include <libpsl.h>
#include <string.h>

const char *suffix_organisation(const char *domain)
{
	const char *found = psl_registrable_domain(psl_builtin(), domain);

	return found == NULL ? domain : found;
}

bool suffix_related(const char *a, const char *b)
{
	return strcmp(suffix_organisation(a), suffix_organisation(b)) == 0;
}
