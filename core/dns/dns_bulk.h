#pragma once

#include "dns.h"

/*
 * Many straight-line evaluations at once, in one thread: their questions are on their way together and share window, cache
 * and equal questions of the resolver below.
 *
 * A task's `run` asks with dns_query as ever. When an answer is not there yet it gets DNS_TEMP (cause
 * DNS_CAUSE_PENDING) and comes to some end; that end is thrown away, and `run` is called again, from the start, when
 * all that it asked for has come. What it was answered once, it is answered again. So `run` must be a function of its
 * inputs and the answers: it prints nothing, counts nothing, and leaves its result where the next run overwrites it.
 * What goes on asking after a DNS_TEMP needs fewer runs; so does what was prefetched.
 *
 * limits  tasks_max tasks under way, DNS_BULK_RUNS_MAX runs a task (then answers that are missing are DNS_CAUSE_LIMIT)
 */
enum { DNS_BULK_RUNS_MAX = 500 };

struct dns_task {
	/* arena: emptied before each run; what the last run left there is good until `over` returns */
	void (*run)(struct dns_task *task, struct dns_resolver *resolver, struct arena *arena);
	void (*over)(struct dns_task *task); /* the result is final; the task's memory is the caller's again */
	/* the bulk's */
	struct dns_bulk_state *state;
};

struct dns_bulk;

struct dns_bulk *dns_bulk_open(struct dns_resolver *inner, size_t tasks_max);
void dns_bulk_close(struct dns_bulk **bulk); /* tasks that are not over are dropped; NULL is fine */

/* The task must stay where it is until `over`, which may be called before this returns. Waits while tasks_max are under way. */
void dns_bulk_start(struct dns_bulk *bulk, struct dns_task *task);

/* Until all are over. */
void dns_bulk_finish(struct dns_bulk *bulk);

/* How many are not over yet. */
size_t dns_bulk_running(const struct dns_bulk *bulk);
