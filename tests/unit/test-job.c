/*
 * Tests of util/job: each job is run off the loop and done on it, once, in
 * order, also at the end.
 */
#include "util/job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/event.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define JOBS 500

/* A job that remembers what happened to it, and in which order. */
struct probe {
	struct job job;
	int number;
	int runs, dones;
	bool off_loop, on_loop;
};

static pthread_t loop;
static struct event_base *base;
static struct probe probes[JOBS];
static int done_order[JOBS], n_done;
static int run_order[JOBS]; /* written by one thread at a time */
static atomic_int n_run;

static void run_probe(struct job *job)
{
	struct probe *p = (struct probe *)job;

	p->runs++;
	p->off_loop = !pthread_equal(pthread_self(), loop);
	run_order[atomic_fetch_add(&n_run, 1)] = p->number;
}

static void done_probe(struct job *job)
{
	struct probe *p = (struct probe *)job;

	p->dones++;
	p->on_loop = pthread_equal(pthread_self(), loop);
	done_order[n_done++] = p->number;
}

static int start(void **state)
{
	int i;

	(void)state;
	loop = pthread_self();
	base = event_base_new();
	n_done = 0;
	atomic_store(&n_run, 0);
	for (i = 0; i < JOBS; i++)
		probes[i] = (struct probe){
		    .job = {.run = run_probe, .done = done_probe},
		    .number = i,
		};
	return base == NULL;
}

static int stop(void **state)
{
	(void)state;
	event_base_free(base);
	return 0;
}

static void submit_all(struct job_queue *queue)
{
	int i;

	for (i = 0; i < JOBS; i++)
		job_submit(queue, &probes[i].job);
}

static void loop_until_idle(const struct job_queue *queue)
{
	while (job_pending(queue) > 0)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
}

static void assert_all_done_once(void)
{
	int i;

	assert_int_equal(n_done, JOBS);
	for (i = 0; i < JOBS; i++) {
		assert_int_equal(probes[i].runs, 1);
		assert_int_equal(probes[i].dones, 1);
		assert_true(probes[i].off_loop);
		assert_true(probes[i].on_loop);
	}
}

static void pool_runs_each_once(void **state)
{
	struct job_queue *queue = job_pool_new(base, 4);

	(void)state;
	assert_int_equal(job_pending(queue), 0);
	submit_all(queue);
	assert_int_equal(job_pending(queue), JOBS);
	loop_until_idle(queue);
	assert_all_done_once();
	job_queue_free(queue);
}

static void one_thread_keeps_the_order(void **state)
{
	struct job_queue *queue = job_pool_new(base, 1);
	int i;

	(void)state;
	submit_all(queue);
	loop_until_idle(queue);
	for (i = 0; i < JOBS; i++) {
		assert_int_equal(run_order[i], i);
		assert_int_equal(done_order[i], i);
	}
	job_queue_free(queue);
}

static void free_ends_what_waits(void **state)
{
	struct job_queue *queue = job_pool_new(base, 2);

	(void)state;
	submit_all(queue);
	job_queue_free(queue);
	assert_all_done_once();
	job_queue_free(NULL);
}

static struct job_queue *again_queue;

/* A done() that submits the next job, as a state machine would. */
static void done_and_submit_next(struct job *job)
{
	struct probe *p = (struct probe *)job;

	done_probe(job);
	if (p->number + 1 < JOBS)
		job_submit(again_queue, &probes[p->number + 1].job);
}

static void done_may_submit(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < JOBS; i++)
		probes[i].job.done = done_and_submit_next;
	again_queue = job_pool_new(base, 2);
	job_submit(again_queue, &probes[0].job);
	loop_until_idle(again_queue);
	assert_all_done_once();
	job_queue_free(again_queue);
}

struct batcher {
	pthread_mutex_t lock; /* held: the batch waits */
	sem_t idle;
	int batches, largest;
};

static void run_batch(struct job *list, void *context)
{
	struct batcher *b = context;
	int n = 0;

	pthread_mutex_lock(&b->lock);
	pthread_mutex_unlock(&b->lock);
	for (; list != NULL; list = list->next, n++)
		run_probe(list);
	b->batches++;
	if (n > b->largest)
		b->largest = n;
}

static void when_idle(void *context)
{
	struct batcher *b = context;

	sem_post(&b->idle);
}

/* What comes while one batch is under way goes into the next as a whole. */
static void batcher_takes_all_that_waits(void **state)
{
	struct batcher b = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct job_queue *queue;
	int i;

	(void)state;
	assert_int_equal(sem_init(&b.idle, 0, 0), 0);
	pthread_mutex_lock(&b.lock);
	queue = job_batcher_new(base, run_batch, when_idle, &b);
	assert_int_equal(sem_wait(&b.idle), 0); /* nothing waits: it says so */
	submit_all(queue);
	pthread_mutex_unlock(&b.lock);
	loop_until_idle(queue);
	job_queue_free(queue);
	assert_all_done_once();
	for (i = 0; i < JOBS; i++)
		assert_int_equal(run_order[i], i);
	/* the first batch may be of any size; it blocked, and the rest met */
	assert_true(b.batches <= 2);
	assert_true(b.largest >= JOBS / 2);
	sem_destroy(&b.idle);
	pthread_mutex_destroy(&b.lock);
}

static void batcher_ends_what_waits(void **state)
{
	struct batcher b = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct job_queue *queue = job_batcher_new(base, run_batch, NULL, &b);

	(void)state;
	submit_all(queue);
	job_queue_free(queue);
	assert_all_done_once();
	pthread_mutex_destroy(&b.lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(pool_runs_each_once, start, stop),
	    cmocka_unit_test_setup_teardown(
		one_thread_keeps_the_order, start, stop),
	    cmocka_unit_test_setup_teardown(free_ends_what_waits, start, stop),
	    cmocka_unit_test_setup_teardown(done_may_submit, start, stop),
	    cmocka_unit_test_setup_teardown(
		batcher_takes_all_that_waits, start, stop),
	    cmocka_unit_test_setup_teardown(
		batcher_ends_what_waits, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
