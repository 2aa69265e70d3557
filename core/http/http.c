#include "http.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http_priv.h"

enum err http_open(struct http **out, struct diag *diag)
{
	const struct http_curl *curl = NULL;
	enum err err = http_curl_open(&curl, diag);
	if (err != ERR_OK)
		return err;
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event < 0)
		return diag_errno(diag, "eventfd", errno);
	struct http *http = calloc(1, sizeof *http);
	if (http == NULL)
		base_out_of_memory();
	http->curl = curl;
	http->event = event;
	http->waiting_end = &http->waiting;
	http->done_end = &http->done;
	if (pthread_mutex_init(&http->lock, NULL) != 0 || pthread_cond_init(&http->work, NULL) != 0)
		base_out_of_memory();
	*out = http;
	return ERR_OK;
}

void http_close(struct http *http)
{
	if (http == NULL)
		return;
	atomic_store(&http->closing, true);
	(void)pthread_mutex_lock(&http->lock);
	(void)pthread_cond_broadcast(&http->work);
	(void)pthread_mutex_unlock(&http->lock);
	for (size_t i = 0; i < http->worker_count; i++)
		(void)pthread_join(http->workers[i], NULL);
	if (http->own != NULL)
		http->curl->easy_cleanup(http->own);
	(void)pthread_cond_destroy(&http->work);
	(void)pthread_mutex_destroy(&http->lock);
	(void)close(http->event);
	free(http);
}

void http_auto_close(struct http **http)
{
	http_close(*http);
	*http = NULL;
}

static CURL *new_handle(const struct http *http)
{
	CURL *easy = http->curl->easy_init();
	if (easy == NULL)
		base_out_of_memory();
	return easy;
}

enum err http_fetch(struct http *http, const struct http_request *request, struct http_response *response,
		    struct diag *diag)
{
	if (http->own == NULL)
		http->own = new_handle(http);
	return http_perform(http, http->own, request, response, diag);
}

/* With the lock held. The next job, or NULL when it is time to go. */
static struct http_job *next_job(struct http *http)
{
	http->idle++;
	while (http->waiting == NULL && !atomic_load(&http->closing))
		(void)pthread_cond_wait(&http->work, &http->lock);
	http->idle--;
	struct http_job *job = atomic_load(&http->closing) ? NULL : http->waiting;
	if (job == NULL)
		return NULL;
	http->waiting = job->next;
	http->waiting_count--;
	if (http->waiting == NULL)
		http->waiting_end = &http->waiting;
	return job;
}

static void put_done(struct http *http, struct http_job *job)
{
	uint64_t one = 1;
	job->next = NULL;
	*http->done_end = job;
	http->done_end = &job->next;
	if (write(http->event, &one, sizeof one) < 0)
		assert(errno == EAGAIN); /* it is set already */
}

/* Each worker keeps its handle, and with it its connections. */
static void *work(void *arg)
{
	struct http *http = arg;
	CURL *easy = new_handle(http);
	(void)pthread_mutex_lock(&http->lock);
	for (struct http_job *job; (job = next_job(http)) != NULL;) {
		(void)pthread_mutex_unlock(&http->lock);
		job->err = http_perform(http, easy, &job->request, &job->response, &job->diag);
		(void)pthread_mutex_lock(&http->lock);
		put_done(http, job);
	}
	(void)pthread_mutex_unlock(&http->lock);
	http->curl->easy_cleanup(easy);
	return NULL;
}

/* Signals are the main thread's. */
static bool start_worker(struct http *http)
{
	sigset_t all, before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = pthread_create(&http->workers[http->worker_count], NULL, work, http) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	http->worker_count += started;
	return started;
}

enum err http_start(struct http *http, struct http_job *job, struct diag *diag)
{
	(void)pthread_mutex_lock(&http->lock);
	bool served = http->idle > http->waiting_count || http->worker_count == HTTP_WORKERS || start_worker(http) ||
		      http->worker_count > 0;
	if (served) {
		job->next = NULL;
		*http->waiting_end = job;
		http->waiting_end = &job->next;
		http->waiting_count++;
		(void)pthread_cond_signal(&http->work);
	}
	(void)pthread_mutex_unlock(&http->lock);
	return served ? ERR_OK : diag_set(diag, ERR_OS, "no thread can be started for HTTPS");
}

int http_fd(const struct http *http) { return http->event; }

void http_collect(struct http *http)
{
	uint64_t count;
	if (read(http->event, &count, sizeof count) < 0 && errno != EAGAIN)
		return;
	(void)pthread_mutex_lock(&http->lock);
	struct http_job *job = http->done;
	http->done = NULL;
	http->done_end = &http->done;
	(void)pthread_mutex_unlock(&http->lock);
	while (job != NULL) {
		struct http_job *next = job->next;
		job->done(job);
		job = next;
	}
}
