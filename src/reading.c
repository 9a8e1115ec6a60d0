/*
 * reading: life of what a sealed reader saw, and its list of findings.  Who
 * fills it is left to check.
 */
#include "reading.h"

#include <string.h>

void reading_free(struct reading *reading)
{
	if (reading != NULL)
		arena_free(reading->arena);
}

void reading_reply_free(struct reading_reply *reply)
{
	if (reply != NULL)
		arena_free(reply->arena);
}

void reading_edit_free(struct reading_edit *edit)
{
	if (edit == NULL)
		return;
	reading_free(edit->reading);
	arena_free(edit->arena);
}

void reading_signed_free(struct reading_signed *sign)
{
	if (sign != NULL)
		arena_free(sign->arena);
}

static void make_room(struct reading *reading)
{
	struct finding *more;

	if (reading->n_findings < reading->findings_room)
		return;
	reading->findings_room = 2 * reading->n_findings + 8;
	more =
	    arena_alloc(reading->arena, reading->findings_room * sizeof(*more));
	if (reading->n_findings > 0)
		memcpy(more, reading->findings,
		    reading->n_findings * sizeof(*more));
	reading->findings = more;
}

void reading_report(struct reading *reading, const struct finding *finding)
{
	struct arena *arena = reading->arena;

	make_room(reading);
	reading->findings[reading->n_findings++] = (struct finding){
	    .name = arena_strdup(arena, finding->name),
	    .detail = arena_strdup(arena, finding->detail),
	    .weight = finding->weight,
	    .value = arena_strdup(arena, finding->value),
	    .by = arena_strdup(arena, finding->by),
	};
}

void reading_add_finding(struct reading *reading, enum finding_weight weight,
    const char *name, const char *detail)
{
	reading_report(
	    reading, &(const struct finding){
			 .name = name, .detail = detail, .weight = weight});
}

const struct finding *reading_find(
    const struct reading *reading, const char *name)
{
	size_t i;

	for (i = 0; i < reading->n_findings; i++)
		if (strcmp(reading->findings[i].name, name) == 0)
			return &reading->findings[i];
	return NULL;
}
