/*
 * job: threads, the queue to them and the way back to the loop.  The only
 * file that knows pthread locks.  What a job does is left to its owner.
 */
#include "util/job.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
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

/* Give a chain of run jobs back to the loop. */
static void give_back(struct job_queue *q, struct job *chain)
{
	uint64_t one = 1;
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
	if (was_empty && write(q->wake_fd, &one, sizeof(one)) < 0)
		log_error("job wake-failed errno=%d", errno);
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
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("job wake-read-failed errno=%d", errno);
	finish(arg);
}

/* Signals belong to the loop: threads start with all of them blocked. */
static void start_threads(struct job_queue *q)
{
	sigset_t all, old;
	unsigned i;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (i = 0; i < q->n_threads; i++) {
		rc = pthread_create(&q->threads[i], NULL, work, q);
		if (rc != 0) {
			log_error(
			    "job thread-failed reason=\"%s\"", strerror(rc));
			exit(EXIT_FAILURE);
		}
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
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
	q->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	q->wake = event_new(base, q->wake_fd, EV_READ | EV_PERSIST, on_wake, q);
	if (q->wake_fd < 0 || q->wake == NULL || event_add(q->wake, NULL)) {
		log_error("job queue-failed errno=%d", errno);
		exit(EXIT_FAILURE);
	}
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
