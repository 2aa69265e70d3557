#include "net_loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { NET_BATCH = 128, NET_HEAP_FIRST = 64, NET_WAIT_MAX_MS = 1000000 };

/*
 * The events of one turn that were fetched and not yet handed out. Turns nest, so batches form a list; who is unwatched
 * is struck out of all of them.
 */
struct batch {
	struct batch *outer;
	struct epoll_event events[NET_BATCH];
	int n, next;
};

struct net_loop {
	const struct env *env;
	int epoll;
	size_t watches;
	struct batch *batch;
	struct net_timer **heap; /* from 1; heap[i] is due no later than heap[2i] and heap[2i + 1] */
	size_t timers, heap_cap;
	uint64_t order;
	int64_t now_ms;
};

enum err net_loop_open(const struct env *env, struct net_loop **out, struct diag *diag)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0)
		return diag_errno(diag, "epoll", errno);
	struct net_loop *loop = calloc(1, sizeof *loop);
	if (loop == NULL)
		base_out_of_memory();
	*loop = (struct net_loop){ .env = env, .epoll = fd, .now_ms = env_mono_ms(env) };
	*out = loop;
	return ERR_OK;
}

void net_loop_close(struct net_loop *loop)
{
	if (loop == NULL)
		return;
	assert(loop->batch == NULL);
	(void)close(loop->epoll);
	free(loop->heap);
	free(loop);
}

void net_loop_auto_close(struct net_loop **loop)
{
	net_loop_close(*loop);
	*loop = NULL;
}

const struct env *net_loop_env(const struct net_loop *loop) { return loop->env; }

int64_t net_loop_now_ms(const struct net_loop *loop) { return loop->now_ms; }

/* Descriptors. */

static uint32_t epoll_events(unsigned events)
{
	return ((events & NET_READ) != 0 ? (uint32_t)EPOLLIN : 0U) |
	       ((events & NET_WRITE) != 0 ? (uint32_t)EPOLLOUT : 0U);
}

enum err net_loop_watch(struct net_loop *loop, struct net_watch *watch, struct diag *diag)
{
	struct epoll_event event = { .events = epoll_events(watch->events), .data.ptr = watch };
	int op = watch->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	if (epoll_ctl(loop->epoll, op, watch->fd, &event) != 0) {
		int errnum = errno;
		(void)diag_errno(diag, "cannot watch a descriptor", errnum);
		return ERR_OS;
	}
	loop->watches += watch->watched ? 0 : 1;
	watch->watched = true;
	return ERR_OK;
}

void net_loop_want(struct net_loop *loop, struct net_watch *watch, unsigned events)
{
	if (watch->events == events || !watch->watched)
		return;
	watch->events = events;
	struct epoll_event event = { .events = epoll_events(events), .data.ptr = watch };
	int changed = epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watch->fd, &event);
	assert(changed == 0); /* else a descriptor was closed before net_loop_unwatch */
	(void)changed;
}

void net_loop_unwatch(struct net_loop *loop, struct net_watch *watch)
{
	if (!watch->watched)
		return;
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->watched = false;
	loop->watches--;
	for (struct batch *batch = loop->batch; batch != NULL; batch = batch->outer) {
		for (int i = batch->next; i < batch->n; i++) {
			if (batch->events[i].data.ptr == watch)
				batch->events[i].data.ptr = NULL;
		}
	}
}

/* Timers: a binary heap of pointers, each timer knowing its place. */

static bool earlier(const struct net_timer *a, const struct net_timer *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void place(struct net_loop *loop, size_t slot, struct net_timer *timer)
{
	loop->heap[slot] = timer;
	timer->slot = slot;
}

static void sift_up(struct net_loop *loop, size_t slot)
{
	struct net_timer *timer = loop->heap[slot];
	for (; slot > 1 && earlier(timer, loop->heap[slot / 2]); slot /= 2)
		place(loop, slot, loop->heap[slot / 2]);
	place(loop, slot, timer);
}

static void sift_down(struct net_loop *loop, size_t slot)
{
	struct net_timer *timer = loop->heap[slot];
	for (size_t child; (child = slot * 2) <= loop->timers; slot = child) {
		if (child < loop->timers && earlier(loop->heap[child + 1], loop->heap[child]))
			child++;
		if (!earlier(loop->heap[child], timer))
			break;
		place(loop, slot, loop->heap[child]);
	}
	place(loop, slot, timer);
}

static void heap_room(struct net_loop *loop)
{
	if (loop->timers + 1 < loop->heap_cap)
		return;
	size_t cap = loop->heap_cap == 0 ? NET_HEAP_FIRST : loop->heap_cap * 2;
	struct net_timer **heap = realloc(loop->heap, cap * sizeof *heap);
	if (heap == NULL)
		base_out_of_memory();
	loop->heap = heap;
	loop->heap_cap = cap;
}

void net_timer_cancel(struct net_loop *loop, struct net_timer *timer)
{
	size_t slot = timer->slot;
	if (slot == 0)
		return;
	timer->slot = 0;
	struct net_timer *last = loop->heap[loop->timers--];
	if (last == timer)
		return;
	place(loop, slot, last);
	sift_up(loop, slot);
	sift_down(loop, last->slot);
}

void net_timer_set(struct net_loop *loop, struct net_timer *timer, int64_t due_ms)
{
	net_timer_cancel(loop, timer);
	heap_room(loop);
	timer->due_ms = due_ms;
	timer->order = loop->order++;
	place(loop, ++loop->timers, timer);
	sift_up(loop, loop->timers);
}

void net_timer_after(struct net_loop *loop, struct net_timer *timer, int64_t after_ms)
{
	int64_t now = env_mono_ms(loop->env);
	net_timer_set(loop, timer, after_ms > INT64_MAX - now ? INT64_MAX : now + after_ms);
}

/* What is set while others fire has an order past `limit`, and waits for the next turn. */
static void fire_timers(struct net_loop *loop)
{
	uint64_t limit = loop->order;
	int64_t now = loop->now_ms;
	while (loop->timers > 0) {
		struct net_timer *timer = loop->heap[1];
		if (timer->due_ms > now || timer->order >= limit)
			return;
		net_timer_cancel(loop, timer);
		timer->fire(timer);
	}
}

/* Wake-ups. */

static void wake_ready(struct net_watch *watch, unsigned events)
{
	struct net_wake *wake = (struct net_wake *)watch;
	uint64_t count;
	(void)events;
	if (read(watch->fd, &count, sizeof count) == (ssize_t)sizeof count)
		wake->woken(wake);
}

enum err net_wake_open(struct net_loop *loop, struct net_wake *wake, struct diag *diag)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return diag_errno(diag, "eventfd", errno);
	wake->watch = (struct net_watch){ .ready = wake_ready, .fd = fd, .events = NET_READ };
	enum err err = net_loop_watch(loop, &wake->watch, diag);
	if (err != ERR_OK)
		(void)close(fd);
	return err;
}

void net_wake_send(struct net_wake *wake)
{
	int errnum = errno;
	uint64_t one = 1;
	if (write(wake->watch.fd, &one, sizeof one) < 0)
		assert(errno == EAGAIN); /* it is set already */
	errno = errnum;
}

void net_wake_close(struct net_loop *loop, struct net_wake *wake)
{
	if (!wake->watch.watched)
		return;
	net_loop_unwatch(loop, &wake->watch);
	(void)close(wake->watch.fd);
}

/* Turning. */

static int64_t wait_for(const struct net_loop *loop, int64_t wait_ms)
{
	int64_t wait = wait_ms < 0 || wait_ms > NET_WAIT_MAX_MS ? NET_WAIT_MAX_MS : wait_ms;
	if (loop->timers == 0)
		return wait;
	int64_t left = loop->heap[1]->due_ms - env_mono_ms(loop->env);
	return left <= 0 ? 0 : left < wait ? left : wait;
}

static void hand_out(struct batch *batch)
{
	while (batch->next < batch->n) {
		struct epoll_event *event = &batch->events[batch->next++];
		struct net_watch *watch = event->data.ptr;
		if (watch == NULL)
			continue;
		unsigned all = watch->events;
		unsigned got = ((event->events & EPOLLIN) != 0 ? NET_READ : 0U) |
			       ((event->events & EPOLLOUT) != 0 ? NET_WRITE : 0U);
		if ((event->events & (EPOLLERR | EPOLLHUP)) != 0)
			got = all == 0 ? (unsigned)(NET_READ | NET_WRITE) : all;
		if ((got & all) != 0 || all == 0)
			watch->ready(watch, got);
	}
}

enum err net_loop_turn(struct net_loop *loop, int64_t wait_ms, struct diag *diag)
{
	struct batch batch = { .outer = loop->batch };
	int n = epoll_wait(loop->epoll, batch.events, NET_BATCH, (int)wait_for(loop, wait_ms));
	if (n < 0 && errno != EINTR)
		return diag_errno(diag, "epoll", errno);
	batch.n = n < 0 ? 0 : n;
	loop->now_ms = env_mono_ms(loop->env);
	loop->batch = &batch;
	hand_out(&batch);
	fire_timers(loop);
	loop->batch = batch.outer;
	return ERR_OK;
}

enum err net_loop_run(struct net_loop *loop, bool (*done)(void *ctx), void *ctx, int64_t due_ms, struct diag *diag)
{
	while (!done(ctx)) {
		int64_t left = due_ms == NET_FOREVER ? -1 : due_ms - env_mono_ms(loop->env);
		if (due_ms != NET_FOREVER && left <= 0)
			return ERR_TEMP;
		if (left < 0 && loop->watches == 0 && loop->timers == 0)
			return diag_set(diag, ERR_BUG, "waiting for nothing");
		enum err err = net_loop_turn(loop, left, diag);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}
