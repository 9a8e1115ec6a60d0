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
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- a thread of its own ------------------------------------------------ */

/* A question that is answered at once, later, or never. */
struct question {
	struct job_ask ask;
	int value;
};

static struct {
	struct job_thread *thread;
	sem_t asked;
	struct job_ask *kept; /* served, to be answered later */
	int served, dropped, ended;
	bool on_loop;
	int rc[3], values[3];
	bool woken;
} talk;

static void drop_question(struct job_ask *ask)
{
	talk.dropped++;
	free(ask);
}

static void answer_at_once(struct job_ask *ask)
{
	struct question *q = (struct question *)ask;

	talk.served++;
	talk.on_loop = pthread_equal(pthread_self(), loop);
	q->value *= 2;
	job_answer(ask);
}

static void keep(struct job_ask *ask)
{
	talk.served++;
	talk.kept = ask;
	event_base_loopbreak(base);
}

static int ask(int value, void (*serve)(struct job_ask *), int *answer)
{
	struct question *q = calloc(1, sizeof(*q));
	int rc;

	q->ask.serve = serve;
	q->ask.drop = drop_question;
	q->value = value;
	rc = job_ask(talk.thread, &q->ask);
	if (rc == 0) {
		*answer = q->value;
		free(q);
	}
	return rc;
}

static void on_ended(void *context)
{
	(void)context;
	talk.ended++;
	event_base_loopbreak(base);
}

static void ask_twice(struct job_thread *thread, void *context)
{
	(void)context;
	sem_wait(&talk.asked); /* talk.thread is set */
	talk.rc[0] = ask(21, answer_at_once, &talk.values[0]);
	talk.rc[1] = ask(4, answer_at_once, &talk.values[1]);
	(void)thread;
}

static void talk_start(void (*run)(struct job_thread *, void *))
{
	memset(&talk, 0, sizeof(talk));
	sem_init(&talk.asked, 0, 0);
	talk.thread = job_thread_new(base, run, on_ended, NULL);
	sem_post(&talk.asked);
}

static void a_thread_is_answered(void **state)
{
	(void)state;
	talk_start(ask_twice);
	event_base_dispatch(base);
	assert_int_equal(talk.ended, 1);
	assert_int_equal(talk.served, 2);
	assert_true(talk.on_loop);
	assert_int_equal(talk.rc[0] | talk.rc[1], 0);
	assert_int_equal(talk.values[0], 42);
	assert_int_equal(talk.values[1], 8);
	job_thread_free(talk.thread);
	assert_int_equal(talk.dropped, 0);
}

static void ask_for_ever(struct job_thread *thread, void *context)
{
	(void)context;
	(void)thread;
	sem_wait(&talk.asked);
	talk.rc[0] = ask(1, keep, &talk.values[0]);
	talk.rc[1] = ask(2, answer_at_once, &talk.values[1]);
}

static void what_nobody_waits_for_is_dropped(void **state)
{
	(void)state;
	talk_start(ask_for_ever);
	event_base_dispatch(base); /* until it is kept */
	assert_non_null(talk.kept);
	job_thread_free(talk.thread);
	assert_int_equal(talk.rc[0], -1);
	assert_int_equal(talk.rc[1], -1);
	assert_int_equal(talk.dropped, 1); /* the one that was not served */
	job_answer(talk.kept);
	assert_int_equal(talk.dropped, 2);
	assert_int_equal(talk.ended, 0);
}

static void a_stopped_thread_ends_by_itself(void **state)
{
	(void)state;
	talk_start(ask_for_ever);
	event_base_dispatch(base);
	job_thread_stop(talk.thread);
	event_base_dispatch(base); /* until it ended */
	assert_int_equal(talk.ended, 1);
	job_answer(talk.kept);
	job_thread_free(talk.thread);
	/* the second was dropped, or answered before anybody looked */
	assert_int_equal(talk.dropped, talk.rc[1] == 0 ? 1 : 2);
}

static void wait_for_bell(struct job_thread *thread, void *context)
{
	struct pollfd p[2] = {{job_thread_wake_fd(thread), POLLIN, 0},
	    {job_thread_stop_fd(thread), POLLIN, 0}};

	(void)context;
	poll(p, 1, -1);
	talk.woken = !job_thread_stopping(thread);
	job_thread_awake(thread);
	talk.values[0] = poll(p, 1, 0); /* forgotten */
	sem_post(&talk.asked);
	poll(p, 2, -1);
	talk.values[1] = job_thread_stopping(thread);
}

static void a_thread_is_woken_and_stopped(void **state)
{
	(void)state;
	talk_start(wait_for_bell);
	sem_wait(&talk.asked); /* talk_start()'s own */
	job_thread_wake(talk.thread);
	sem_wait(&talk.asked);
	job_thread_free(talk.thread);
	assert_true(talk.woken);
	assert_int_equal(talk.values[0], 0);
	assert_int_equal(talk.values[1], 1);
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
	    cmocka_unit_test_setup_teardown(a_thread_is_answered, start, stop),
	    cmocka_unit_test_setup_teardown(
		what_nobody_waits_for_is_dropped, start, stop),
	    cmocka_unit_test_setup_teardown(
		a_stopped_thread_ends_by_itself, start, stop),
	    cmocka_unit_test_setup_teardown(
		a_thread_is_woken_and_stopped, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
