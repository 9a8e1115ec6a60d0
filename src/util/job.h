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

/* ---- a thread of its own, for a conversation that blocks ---------------- */

struct job_thread;

/*
 * A question from such a thread to the loop.  It is on the heap, and what it
 * points to is its own.  Embed it as the first member.
 */
struct job_ask {
	/* on the loop: sees to it that job_answer() is called, then or later */
	void (*serve)(struct job_ask *ask);
	/* on the loop: nobody waits for the answer any more; frees it */
	void (*drop)(struct job_ask *ask);
	struct job_ask *next; /* job.c's own, as is the rest */
	struct job_thread *thread;
	bool answered, abandoned;
};

/*
 * Start a thread with run(), which may block as long as it looks at
 * job_thread_stop_fd().  ended() is called on the loop when run() returned,
 * unless the thread is freed before.  Loop.
 */
struct job_thread *job_thread_new(struct event_base *base,
    void (*run)(struct job_thread *thread, void *context),
    void (*ended)(void *context), void *context);

/* Wake it: its wake_fd becomes readable.  Loop. */
void job_thread_wake(struct job_thread *thread);

/* Tell it to end, soon: stop_fd becomes readable for good.  Loop. */
void job_thread_stop(struct job_thread *thread);

/*
 * Stop it, wait for its end, free it.  Asks that are still to be answered are
 * dropped when they are.  Loop; blocks.  NULL is harmless.
 */
void job_thread_free(struct job_thread *thread);

/* Descriptors to poll for reading; not to be read, not to be closed. */
int job_thread_stop_fd(const struct job_thread *thread);
int job_thread_wake_fd(const struct job_thread *thread);

/* Is it to end?  Any thread. */
bool job_thread_stopping(const struct job_thread *thread);

/* Forget that it was woken; the thread itself, before it looks for work. */
void job_thread_awake(struct job_thread *thread);

/*
 * Hand a question to the loop and wait for the answer; the thread itself.  0:
 * it is answered and the caller's again.  -1: the thread is to end; the loop
 * has the ask and drops it.
 */
int job_ask(struct job_thread *thread, struct job_ask *ask);

/* It is answered.  Loop; once. */
void job_answer(struct job_ask *ask);

#endif
