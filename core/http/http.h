#pragma once

#include "base_arena.h"
#include "base_buf.h"
#include "base_ip.h"
#include "http_url.h"

/*
 * GET and POST over verified TLS, for policies, tokens and scores. libcurl does it, opened when the first http_open
 * comes; a program that never asks never pays. Names are resolved by our resolver (http_resolve) and handed over;
 * redirects are not followed: `location` says where to, and a caller who wants to go there asks again.
 *
 * libcurl waits, our loop never does: http_start hands a request to a worker thread. Few at a time and in straight-line
 * code, http_fetch waits in the caller's thread.
 */
struct http;

enum {
	HTTP_WORKERS = 4,
	HTTP_ADDRS = 16,
	HTTP_HEADERS = 16,
	HTTP_BODY_MAX = 16 << 20, /* nobody may ask for more */
	HTTP_TIMEOUT_MS = 60000   /* where the request says 0 */
};

struct http_request {
	struct view url;
	const struct ip_addr *addrs; /* of its host, from http_resolve or --connect-to */
	size_t addr_count;           /* 1 to HTTP_ADDRS */
	const char *const *headers;  /* "Name: value", ours; at most HTTP_HEADERS */
	size_t header_count;
	struct view body;         /* p != NULL: POST */
	const char *content_type; /* of body */
	size_t max_octets;        /* a longer answer is ERR_LIMIT; at most HTTP_BODY_MAX */
	int64_t timeout_ms;       /* for all of it */
	bool clear;               /* http:// is allowed (loopback always is) */
	const char *ca_file;      /* instead of the system's trust */
};

/* What came. The caller initialises body and wipes it when it holds secrets. */
struct http_response {
	unsigned status;
	struct buf body;
	char content_type[256]; /* "" when there was none; a stranger's text */
	char location[1024];
};

/*
 * errors  ERR_UNAVAILABLE: libcurl is not installed, or too old (diag names the package)
 */
MUST_CHECK enum err http_open(struct http **out, struct diag *diag);
void http_close(struct http *http); /* ends what is under way; NULL is fine */
void http_auto_close(struct http **http);
#define HTTP_AUTO CLEANUP(http_auto_close)

/*
 * Any status is ERR_OK; it is the caller's to judge.
 * errors  ERR_SYNTAX (url), ERR_DENIED (http:// where it is not allowed), ERR_LIMIT (answer too long), ERR_TEMP (time,
 *         connection), ERR_PROTOCOL (TLS, HTTP), ERR_BUG (no address given)
 */
MUST_CHECK enum err http_fetch(struct http *http, const struct http_request *request, struct http_response *response,
			       struct diag *diag);

/*
 * In the background. The job and what its request points to stay untouched until `done` was called, which happens
 * inside http_collect, in the thread that calls it: when http_fd is readable (watch it on the loop).
 */
struct http_job {
	struct http_request request;
	struct http_response response;
	enum err err;
	struct diag diag;
	void (*done)(struct http_job *job);
	struct http_job *next;
};
MUST_CHECK enum err http_start(struct http *http, struct http_job *job, struct diag *diag);
int http_fd(const struct http *http);
void http_collect(struct http *http);
