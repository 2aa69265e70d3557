#include "net_loop.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

static char told[64]; /* what the callbacks said, in order */
static size_t told_n;

static void tell(char c)
{
	if (told_n + 1 < sizeof told) {
		told[told_n++] = c;
		told[told_n] = '\0';
	}
}

static void told_reset(void)
{
	told_n = 0;
	told[0] = '\0';
}

static bool never(void *ctx)
{
	(void)ctx;
	return false;
}

struct named_timer {
	struct net_timer timer;
	struct net_loop *loop;
	struct named_timer *other;
	char name;
};

static void fire_tell(struct net_timer *timer) { tell(((struct named_timer *)timer)->name); }

static void fire_cancel_other(struct net_timer *timer)
{
	struct named_timer *self = (struct named_timer *)timer;
	tell(self->name);
	net_timer_cancel(self->loop, &self->other->timer);
}

static void fire_again(struct net_timer *timer)
{
	struct named_timer *self = (struct named_timer *)timer;
	tell(self->name);
	net_timer_set(self->loop, timer, 0);
}

static void turn(struct net_loop *loop) { CHECK_INT(net_loop_turn(loop, 0, NULL), ERR_OK); }

static void test_timers(void)
{
	struct env_fixed fixed = { .mono_us = 1000000 };
	struct env env = env_of_fixed(&fixed);
	NET_LOOP_AUTO struct net_loop *loop = NULL;
	CHECK_INT(net_loop_open(&env, &loop, NULL), ERR_OK);
	struct named_timer t[6];
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		t[i] = (struct named_timer){ { .fire = fire_tell }, loop, NULL, (char)('a' + i) };

	tap_case("timers fire in order of time, equal ones in order of setting");
	static const int64_t after[] = { 30, 10, 20, 10, 40, 10 };
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		net_timer_after(loop, &t[i].timer, after[i]);
	turn(loop);
	CHECK_STR(told, "");
	fixed.mono_us += 35000;
	turn(loop);
	CHECK_STR(told, "bdfca");
	CHECK(net_timer_is_set(&t[4].timer) && !net_timer_is_set(&t[0].timer));

	tap_case("a timer set again moves");
	told_reset();
	net_timer_after(loop, &t[4].timer, 1000);
	net_timer_after(loop, &t[0].timer, 5);
	fixed.mono_us += 10000;
	turn(loop);
	CHECK_STR(told, "a");
	net_timer_cancel(loop, &t[4].timer);
	net_timer_cancel(loop, &t[4].timer);

	tap_case("a callback cancels a timer that is due in the same turn");
	told_reset();
	t[1].timer.fire = fire_cancel_other;
	t[1].other = &t[2];
	net_timer_after(loop, &t[1].timer, 0);
	net_timer_after(loop, &t[2].timer, 0);
	net_timer_after(loop, &t[3].timer, 0);
	turn(loop);
	CHECK_STR(told, "bd");

	tap_case("a timer that sets itself to the past does not hold the turn");
	told_reset();
	t[5].timer.fire = fire_again;
	net_timer_after(loop, &t[5].timer, 0);
	turn(loop);
	turn(loop);
	CHECK_STR(told, "ff");
	net_timer_cancel(loop, &t[5].timer);

	tap_case("waiting for nothing is told, not waited for");
	CHECK_INT(net_loop_run(loop, never, NULL, NET_FOREVER, NULL), ERR_BUG);
}

static int64_t last_due;
static int out_of_order, fired;

static void fire_in_order(struct net_timer *timer)
{
	out_of_order += timer->due_ms < last_due;
	last_due = timer->due_ms;
	fired++;
}

static void test_heap(void)
{
	tap_case("a thousand timers, every third cancelled, keep their order");
	struct env_fixed fixed = { .seed = 42 };
	struct env env = env_of_fixed(&fixed);
	NET_LOOP_AUTO struct net_loop *loop = NULL;
	CHECK_INT(net_loop_open(&env, &loop, NULL), ERR_OK);
	static struct net_timer timers[1000];
	for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
		uint16_t due;
		env_random(&env, &due, sizeof due);
		timers[i] = (struct net_timer){ .fire = fire_in_order };
		net_timer_set(loop, &timers[i], due);
	}
	for (size_t i = 0; i < ARRAY_LEN(timers); i += 3)
		net_timer_cancel(loop, &timers[i]);
	fixed.mono_us = 70000000;
	turn(loop);
	CHECK_INT(fired, 666);
	CHECK_INT(out_of_order, 0);
}

struct end {
	struct net_watch watch;
	struct net_loop *loop;
	struct end *other;
	char name;
	bool take;
};

static void ready_tell(struct net_watch *watch, unsigned events)
{
	struct end *end = (struct end *)watch;
	char byte;
	tell(end->name);
	if ((events & NET_READ) != 0 && end->take)
		CHECK(read(watch->fd, &byte, 1) >= 0);
}

static void end_close(struct end *end)
{
	net_loop_unwatch(end->loop, &end->watch);
	(void)close(end->watch.fd);
}

static void ready_close_other(struct net_watch *watch, unsigned events)
{
	struct end *end = (struct end *)watch;
	ready_tell(watch, events);
	end_close(end->other);
	memset(end->other, 0x55, sizeof *end->other); /* as if its memory were used for something else */
}

static void ready_close_self(struct net_watch *watch, unsigned events)
{
	struct end *end = (struct end *)watch;
	ready_tell(watch, events);
	end_close(end);
}

struct pair {
	struct end end;
	int peer;
};

static void pair_open(struct net_loop *loop, struct pair *pair, char name, void (*ready)(struct net_watch *, unsigned))
{
	int fd[2];
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	*pair = (struct pair){ { { ready, fd[0], NET_READ, false }, loop, NULL, name, true }, fd[1] };
	CHECK_INT(net_loop_watch(loop, &pair->end.watch, NULL), ERR_OK);
}

static void poke(const struct pair *pair) { CHECK_INT(write(pair->peer, "x", 1), 1); }

static void test_watches(struct net_loop *loop)
{
	struct pair a, b;
	tap_case("level-triggered: what was not read is told again");
	pair_open(loop, &a, 'a', ready_tell);
	a.end.take = false;
	told_reset();
	poke(&a);
	turn(loop);
	turn(loop);
	CHECK_STR(told, "aa");
	a.end.take = true;
	turn(loop);
	turn(loop);
	CHECK_STR(told, "aaa");

	tap_case("what is not wanted is not told");
	told_reset();
	net_loop_want(loop, &a.end.watch, 0);
	poke(&a);
	turn(loop);
	CHECK_STR(told, "");
	net_loop_want(loop, &a.end.watch, NET_WRITE);
	turn(loop);
	CHECK_STR(told, "a");
	net_loop_want(loop, &a.end.watch, NET_READ);
	turn(loop);
	CHECK_STR(told, "aa");

	tap_case("whoever is called first closes the other, which is not called then, though it was due");
	pair_open(loop, &b, 'b', ready_close_other);
	a.end.watch.ready = ready_close_other;
	a.end.other = &b.end;
	b.end.other = &a.end;
	told_reset();
	poke(&a);
	poke(&b);
	turn(loop);
	turn(loop);
	CHECK_INT(told_n, 1);
	end_close(told[0] == 'a' ? &a.end : &b.end);
	(void)close(a.peer);
	(void)close(b.peer);

	tap_case("a callback closes its own descriptor; the peer's end is told as readable");
	pair_open(loop, &a, 'a', ready_close_self);
	told_reset();
	(void)close(a.peer);
	turn(loop);
	turn(loop);
	CHECK_STR(told, "a");
}

static bool told_two(void *ctx)
{
	(void)ctx;
	return told_n >= 2;
}

static void ready_nest(struct net_watch *watch, unsigned events)
{
	struct end *end = (struct end *)watch;
	ready_tell(watch, events);
	poke((struct pair *)end->other);
	CHECK_INT(net_loop_run(end->loop, told_two, NULL, NET_FOREVER, NULL), ERR_OK);
	tell('.');
}

static void test_nested(struct net_loop *loop)
{
	tap_case("a callback turns the loop until another, which closes itself, was served");
	struct pair a, b;
	pair_open(loop, &a, 'a', ready_nest);
	pair_open(loop, &b, 'b', ready_close_self);
	a.end.other = &b.end;
	told_reset();
	poke(&a);
	turn(loop);
	CHECK_STR(told, "ab.");
	end_close(&a.end);
	(void)close(a.peer);
	(void)close(b.peer);
}

static void *send_later(void *arg)
{
	(void)usleep(20000);
	net_wake_send(arg);
	net_wake_send(arg);
	return NULL;
}

static void woken_tell(struct net_wake *wake)
{
	(void)wake;
	tell('w');
}

static bool told_one(void *ctx)
{
	(void)ctx;
	return told_n >= 1;
}

static void test_wake(struct net_loop *loop)
{
	tap_case("another thread wakes the loop");
	struct net_wake wake = { .woken = woken_tell };
	pthread_t thread;
	CHECK_INT(net_wake_open(loop, &wake, NULL), ERR_OK);
	told_reset();
	CHECK_INT(pthread_create(&thread, NULL, send_later, &wake), 0);
	CHECK_INT(net_loop_run(loop, told_one, NULL, net_loop_now_ms(loop) + 5000, NULL), ERR_OK);
	CHECK_INT(pthread_join(thread, NULL), 0);
	net_wake_close(loop, &wake);
	net_wake_close(loop, &wake);
	tap_case("a wait ends at its time");
	CHECK_INT(net_loop_run(loop, never, NULL, env_mono_ms(net_loop_env(loop)) + 30, NULL), ERR_TEMP);
}

int main(void)
{
	test_timers();
	test_heap();
	NET_LOOP_AUTO struct net_loop *loop = NULL;
	CHECK_INT(net_loop_open(env_system(), &loop, NULL), ERR_OK);
	test_watches(loop);
	test_nested(loop);
	test_wake(loop);
	return tap_done();
}
