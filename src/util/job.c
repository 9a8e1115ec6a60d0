/*
 * job: threads, the queue to them and the way back to the loop.  The only
 * file that knows pthread locks.  What a job does is left to its owner.
 */
#include "util/job.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"

struct list {
	struct job *first, **end;
};

struct job_queue {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct list waiting; /* under lock */
	struct list ready;   /* under lock: run, not yet done */
	bool stopping;	     /* under lock */
	pthread_t *threads;
	unsigned n_threads;
	void (*batch)(struct job *list, void *context);
	void (*idle)(void *context);
	void *context;
	int wake_fd;
	struct event *wake;
	size_t pending; /* loop only */
};

static void list_init(struct list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void list_push(struct list *list, struct job *job)
{
	job->next = NULL;
	*list->end = job;
	list->end = &job->next;
}

static struct job *list_take_all(struct list *list)
{
	struct job *all = list->first;

	list_init(list);
	return all;
}

static struct job *list_pop(struct list *list)
{
	struct job *job = list->first;

	if (job == NULL)
		return NULL;
	list->first = job->next;
	if (list->first == NULL)
		list->end = &list->first;
	job->next = NULL;
	return job;
}

/* A descriptor that is written to in order to wake whoever polls it. */
static int bell_new(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0) {
		log_error("job bell-failed errno=%d", errno);
		exit(EXIT_FAILURE);
	}
	return fd;
}

static void bell_ring(int fd)
{
	const uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		log_error("job wake-failed errno=%d", errno);
}

static void bell_clear(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("job wake-read-failed errno=%d", errno);
}

static struct event *bell_watch(
    struct event_base *base, int fd, event_callback_fn on_bell, void *context)
{
	struct event *event =
	    event_new(base, fd, EV_READ | EV_PERSIST, on_bell, context);

	if (event == NULL || event_add(event, NULL)) {
		log_error("job queue-failed errno=%d", errno);
		exit(EXIT_FAILURE);
	}
	return event;
}

/* Give a chain of run jobs back to the loop. */
static void give_back(struct job_queue *q, struct job *chain)
{
	bool was_empty;
	struct job *job;

	pthread_mutex_lock(&q->lock);
	was_empty = q->ready.first == NULL;
	while (chain != NULL) {
		job = chain;
		chain = job->next;
		list_push(&q->ready, job);
	}
	pthread_mutex_unlock(&q->lock);
	if (was_empty)
		bell_ring(q->wake_fd);
}

/* Wait for work; NULL when the queue stops and nothing waits. */
static struct job *take(struct job_queue *q)
{
	struct job *job;

	pthread_mutex_lock(&q->lock);
	while (q->waiting.first == NULL && !q->stopping) {
		if (q->idle != NULL) {
			pthread_mutex_unlock(&q->lock);
			q->idle(q->context);
			pthread_mutex_lock(&q->lock);
			if (q->waiting.first != NULL || q->stopping)
				continue;
		}
		pthread_cond_wait(&q->work, &q->lock);
	}
	job = q->batch != NULL ? list_take_all(&q->waiting)
			       : list_pop(&q->waiting);
	pthread_mutex_unlock(&q->lock);
	return job;
}

static void *work(void *arg)
{
	struct job_queue *q = arg;
	struct job *job;

	while ((job = take(q)) != NULL) {
		if (q->batch != NULL)
			q->batch(job, q->context);
		else
			job->run(job);
		give_back(q, job);
	}
	return NULL;
}

static void finish(struct job_queue *q)
{
	struct job *job, *next;

	pthread_mutex_lock(&q->lock);
	job = list_take_all(&q->ready);
	pthread_mutex_unlock(&q->lock);
	for (; job != NULL; job = next) {
		next = job->next;
		job->next = NULL;
		q->pending--;
		job->done(job);
	}
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	bell_clear(fd);
	finish(arg);
}

/* Signals belong to the loop: threads start with all of them blocked. */
static void start_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(thread, NULL, run, arg);
	if (rc != 0) {
		log_error("job thread-failed reason=\"%s\"", strerror(rc));
		exit(EXIT_FAILURE);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void start_threads(struct job_queue *q)
{
	unsigned i;

	for (i = 0; i < q->n_threads; i++)
		start_thread(&q->threads[i], work, q);
}

static struct job_queue *queue_new(struct event_base *base, unsigned threads)
{
	struct job_queue *q = mem_zalloc(sizeof(*q));

	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->work, NULL);
	list_init(&q->waiting);
	list_init(&q->ready);
	q->n_threads = threads;
	q->threads = mem_zalloc(threads * sizeof(*q->threads));
	q->wake_fd = bell_new();
	q->wake = bell_watch(base, q->wake_fd, on_wake, q);
	return q;
}

struct job_queue *job_pool_new(struct event_base *base, unsigned threads)
{
	struct job_queue *q = queue_new(base, threads);

	start_threads(q);
	return q;
}

struct job_queue *job_batcher_new(struct event_base *base,
    void (*batch)(struct job *list, void *context), void (*idle)(void *context),
    void *context)
{
	struct job_queue *q = queue_new(base, 1);

	q->batch = batch;
	q->idle = idle;
	q->context = context;
	start_threads(q);
	return q;
}

void job_submit(struct job_queue *queue, struct job *job)
{
	bool was_empty;

	assert(!queue->stopping);
	queue->pending++;
	pthread_mutex_lock(&queue->lock);
	was_empty = queue->waiting.first == NULL;
	list_push(&queue->waiting, job);
	pthread_mutex_unlock(&queue->lock);
	if (was_empty || queue->batch == NULL)
		pthread_cond_signal(&queue->work);
}

size_t job_pending(const struct job_queue *queue)
{
	return queue->pending;
}

void job_queue_free(struct job_queue *queue)
{
	unsigned i;

	if (queue == NULL)
		return;
	pthread_mutex_lock(&queue->lock);
	queue->stopping = true;
	pthread_cond_broadcast(&queue->work);
	pthread_mutex_unlock(&queue->lock);
	for (i = 0; i < queue->n_threads; i++)
		pthread_join(queue->threads[i], NULL);
	finish(queue);
	event_free(queue->wake);
	close(queue->wake_fd);
	pthread_cond_destroy(&queue->work);
	pthread_mutex_destroy(&queue->lock);
	free(queue->threads);
	free(queue);
}

/* ---- a thread of its own ------------------------------------------------ */

struct job_thread {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	struct job_ask *asked; /* under lock: not yet served */
	bool stopping;	       /* under lock */
	bool over;	       /* under lock: run() returned */
	struct job_ask *open;  /* loop: served, not yet answered */
	pthread_t thread;
	int stop_fd, wake_fd, loop_fd;
	struct event *loop;
	void (*run)(struct job_thread *thread, void *context);
	void (*ended)(void *context);
	void *context;
};

static void *converse(void *arg)
{
	struct job_thread *t = arg;

	t->run(t, t->context);
	pthread_mutex_lock(&t->lock);
	t->over = true;
	pthread_mutex_unlock(&t->lock);
	bell_ring(t->loop_fd);
	return NULL;
}

static struct job_ask *take_asks(struct job_thread *t, bool *over)
{
	struct job_ask *asks;

	pthread_mutex_lock(&t->lock);
	asks = t->asked;
	t->asked = NULL;
	*over = t->over;
	pthread_mutex_unlock(&t->lock);
	return asks;
}

static void on_asked(evutil_socket_t fd, short what, void *arg)
{
	struct job_thread *t = arg;
	struct job_ask *ask, *next;
	bool over;

	(void)what;
	bell_clear(fd);
	for (ask = take_asks(t, &over); ask != NULL; ask = next) {
		next = ask->next;
		ask->next = t->open;
		t->open = ask;
		ask->serve(ask);
	}
	if (over) {
		event_del(t->loop);
		t->ended(t->context); /* may free it */
	}
}

struct job_thread *job_thread_new(struct event_base *base,
    void (*run)(struct job_thread *thread, void *context),
    void (*ended)(void *context), void *context)
{
	struct job_thread *t = mem_zalloc(sizeof(*t));

	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->answered, NULL);
	t->run = run;
	t->ended = ended;
	t->context = context;
	t->stop_fd = bell_new();
	t->wake_fd = bell_new();
	t->loop_fd = bell_new();
	t->loop = bell_watch(base, t->loop_fd, on_asked, t);
	start_thread(&t->thread, converse, t);
	return t;
}

void job_thread_wake(struct job_thread *thread)
{
	bell_ring(thread->wake_fd);
}

void job_thread_stop(struct job_thread *thread)
{
	pthread_mutex_lock(&thread->lock);
	thread->stopping = true;
	pthread_cond_signal(&thread->answered);
	pthread_mutex_unlock(&thread->lock);
	bell_ring(thread->stop_fd);
}

void job_thread_free(struct job_thread *thread)
{
	struct job_ask *ask, *next;

	if (thread == NULL)
		return;
	job_thread_stop(thread);
	pthread_join(thread->thread, NULL);
	for (ask = thread->open; ask != NULL; ask = ask->next)
		ask->thread = NULL; /* job_answer() drops it */
	for (ask = thread->asked; ask != NULL; ask = next) {
		next = ask->next;
		ask->drop(ask);
	}
	event_free(thread->loop);
	close(thread->stop_fd);
	close(thread->wake_fd);
	close(thread->loop_fd);
	pthread_cond_destroy(&thread->answered);
	pthread_mutex_destroy(&thread->lock);
	free(thread);
}

int job_thread_stop_fd(const struct job_thread *thread)
{
	return thread->stop_fd;
}

int job_thread_wake_fd(const struct job_thread *thread)
{
	return thread->wake_fd;
}

bool job_thread_stopping(const struct job_thread *thread)
{
	struct pollfd p = {thread->stop_fd, POLLIN, 0};

	return poll(&p, 1, 0) == 1;
}

void job_thread_awake(struct job_thread *thread)
{
	bell_clear(thread->wake_fd);
}

int job_ask(struct job_thread *thread, struct job_ask *ask)
{
	bool answered;

	pthread_mutex_lock(&thread->lock);
	ask->thread = thread;
	ask->answered = ask->abandoned = false;
	ask->next = thread->asked;
	thread->asked = ask;
	pthread_mutex_unlock(&thread->lock);
	bell_ring(thread->loop_fd);
	pthread_mutex_lock(&thread->lock);
	while (!ask->answered && !thread->stopping)
		pthread_cond_wait(&thread->answered, &thread->lock);
	answered = ask->answered;
	ask->abandoned = !answered;
	pthread_mutex_unlock(&thread->lock);
	return answered ? 0 : -1;
}

static void unlink_ask(struct job_thread *t, struct job_ask *ask)
{
	struct job_ask **at = &t->open;

	while (*at != ask)
		at = &(*at)->next;
	*at = ask->next;
}

void job_answer(struct job_ask *ask)
{
	struct job_thread *t = ask->thread;
	bool abandoned = true;

	if (t != NULL) {
		unlink_ask(t, ask);
		pthread_mutex_lock(&t->lock);
		abandoned = ask->abandoned;
		ask->answered = true;
		pthread_cond_signal(&t->answered);
		pthread_mutex_unlock(&t->lock);
	}
	if (abandoned)
		ask->drop(ask);
}
