#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_env.h"
#include "base_err.h"

/*
 * One epoll loop: descriptors, timers, deadlines. One thread turns it; others may only wake it (net_wake_send).
 *
 * Watches and timers are members of their owner's struct; the loop allocates nothing for them. In a callback everything
 * is allowed: to watch, unwatch, close, free (one's own struct or another's that is due in the same turn), set and
 * cancel timers, and to turn the loop again (net_loop_run inside a callback), so that straight-line code can wait.
 */
struct net_loop;

enum { NET_READ = 1, NET_WRITE = 2 };

/* env gives the monotonic clock and must outlive the loop. errors: ERR_OS */
MUST_CHECK enum err net_loop_open(const struct env *env, struct net_loop **out, struct diag *diag);
void net_loop_close(struct net_loop *loop); /* NULL is fine; what is still watched is forgotten, not closed */
void net_loop_auto_close(struct net_loop **loop);
#define NET_LOOP_AUTO CLEANUP(net_loop_auto_close)

const struct env *net_loop_env(const struct net_loop *loop);

/* The monotonic clock as of the beginning of this turn, in milliseconds; timers and deadlines count in it. */
int64_t net_loop_now_ms(const struct net_loop *loop);

/*
 * A descriptor that is watched. `ready` gets what can be done without waiting (level-triggered); an error or hang-up
 * shows as all that was asked for, and the next read or write tells.
 */
struct net_watch {
	void (*ready)(struct net_watch *watch, unsigned events);
	int fd;
	unsigned events; /* NET_READ | NET_WRITE; 0 keeps it silent */
	bool watched;
};

/* Begin, or change `events`. ready, fd and events are set by the caller. errors: ERR_OS (too many, not pollable) */
MUST_CHECK enum err net_loop_watch(struct net_loop *loop, struct net_watch *watch, struct diag *diag);

/* Change what is waited for. Cannot fail for a watch that is watched. */
void net_loop_want(struct net_loop *loop, struct net_watch *watch, unsigned events);

/* Before the descriptor is closed. `ready` is not called any more, not even in this turn. Not watched is fine. */
void net_loop_unwatch(struct net_loop *loop, struct net_watch *watch);

/*
 * A timer fires once, in order of time and then of setting. One that is set to a time that has passed fires in the next
 * turn, never inside the call. Zero-initialised is idle.
 */
struct net_timer {
	void (*fire)(struct net_timer *timer);
	int64_t due_ms;
	uint64_t order;
	size_t slot; /* place in the heap, from 1; 0 is idle */
};

void net_timer_set(struct net_loop *loop, struct net_timer *timer, int64_t due_ms); /* moves one that is set */
void net_timer_after(struct net_loop *loop, struct net_timer *timer, int64_t after_ms);
void net_timer_cancel(struct net_loop *loop, struct net_timer *timer); /* idle is fine */
static inline bool net_timer_is_set(const struct net_timer *timer) { return timer->slot != 0; }

/*
 * Something that another thread or a signal handler can set off. net_wake_send is safe in both; several sends before
 * the loop looks are one call of `woken`. Close it only when nobody sends any more.
 */
struct net_wake {
	struct net_watch watch;
	void (*woken)(struct net_wake *wake);
};
MUST_CHECK enum err net_wake_open(struct net_loop *loop, struct net_wake *wake, struct diag *diag);
void net_wake_send(struct net_wake *wake);
void net_wake_close(struct net_loop *loop, struct net_wake *wake);

/*
 * One turn: wait for events or the next timer, at most wait_ms (-1: as long as it takes), then call who is due.
 * errors  ERR_OS
 */
MUST_CHECK enum err net_loop_turn(struct net_loop *loop, int64_t wait_ms, struct diag *diag);

/*
 * Turn until done(ctx) is true (asked before the first turn too) or the clock reaches due_ms (NET_FOREVER: never).
 * errors  ERR_TEMP (due_ms came first; diag is left to the caller, who knows what was awaited), ERR_OS,
 *         ERR_BUG (nothing is watched and no timer is set, so that it could never end)
 */
#define NET_FOREVER INT64_MAX
MUST_CHECK enum err net_loop_run(struct net_loop *loop, bool (*done)(void *ctx), void *ctx, int64_t due_ms,
				 struct diag *diag);
