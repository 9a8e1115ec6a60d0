/*
 * job: work that may block, done off the loop.
 *
 * A job is run on a thread, then done on the loop: always both, exactly once,
 * also at shutdown.  Ownership travels with the job: between submit and done
 * the thread owns it and everything that it points to.  No locks are needed
 * anywhere else (util/log aside), because nothing is ever shared.
 *
 * Embed a struct job as the first member of your own struct, set the two
 * functions, submit it.  A requester that goes away clears its pointer in the
 * struct; the job still ends.
 */
#ifndef UTIL_JOB_H
#define UTIL_JOB_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;

struct job {
	void (*run)(struct job *job);  /* on a thread */
	void (*done)(struct job *job); /* on the loop; may free the job */
	struct job *next;	       /* job.c's own */
};

struct job_queue;

/* A pool of threads that each take one job at a time, in order. */
struct job_queue *job_pool_new(struct event_base *base, unsigned threads);

/*
 * One thread that takes everything that waits as one list (job->next) and
 * hands it to batch(), which must do what run() would for each.  run is not
 * called.  This is how the store commits in groups.
 */
struct job_queue *job_batcher_new(struct event_base *base,
    void (*batch)(struct job *list, void *context), void (*idle)(void *context),
    void *context);

/* Loop only.  The queue takes the job over. */
void job_submit(struct job_queue *queue, struct job *job);

/* Jobs submitted whose done() has not run yet.  Loop only. */
size_t job_pending(const struct job_queue *queue);

/*
 * Run every job that waits, call every done(), end the threads, free the
 * queue.  Loop only; blocks.  A done() called here may submit no more jobs to
 * this queue.  NULL is harmless.
 */
void job_queue_free(struct job_queue *queue);

#endif
