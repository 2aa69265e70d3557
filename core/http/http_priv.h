#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "http.h"
#include "http_curl.h"

struct http {
	const struct http_curl *curl;
	CURL *own; /* for http_fetch */
	_Atomic bool closing;
	pthread_mutex_t lock;
	pthread_cond_t work;
	pthread_t workers[HTTP_WORKERS];
	size_t worker_count, idle, waiting_count;
	struct http_job *waiting, **waiting_end;
	struct http_job *done, **done_end;
	int event; /* eventfd: something is in `done` */
};

/* One request with this handle, in the calling thread. */
enum err http_perform(struct http *http, CURL *easy, const struct http_request *request, struct http_response *response,
		      struct diag *diag);
