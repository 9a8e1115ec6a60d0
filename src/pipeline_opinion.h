/*
 * pipeline_opinion: step 8 of a mail's way.  A draft that waits for opinions
 * is shown to the programs and services of its channels; what they find is
 * judged with it.
 *
 * All functions: loop only.
 */
#ifndef PIPELINE_OPINION_H
#define PIPELINE_OPINION_H

struct house;
struct pipeline_opinions;

/*
 * Ready for drafts; house->hold and house->programs are used from the first
 * kick on.
 */
struct pipeline_opinions *pipeline_opinion_new(struct house *house);

/*
 * Drafts may be waiting: a verdict asked for opinions, we have just started, or
 * the programs are others.
 */
void pipeline_opinion_kick(struct pipeline_opinions *opinions);

/* Ask about no more drafts.  Before check_programs_free() and hold_close(). */
void pipeline_opinion_stop(struct pipeline_opinions *opinions);

/* After hold_close().  NULL is harmless. */
void pipeline_opinion_free(struct pipeline_opinions *opinions);

#endif
