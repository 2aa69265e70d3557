#define _GNU_SOURCE
#include "base_env.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static int64_t clock_us(clockid_t id)
{
	struct timespec now;
	if (clock_gettime(id, &now) != 0)
		abort();
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t system_wall_us(void *ctx)
{
	(void)ctx;
	return clock_us(CLOCK_REALTIME);
}

static int64_t system_mono_us(void *ctx)
{
	(void)ctx;
	return clock_us(CLOCK_MONOTONIC);
}

static void system_random(void *ctx, void *out, size_t n)
{
	(void)ctx;
	char *p = out;
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0)
			abort();
		p += got;
		n -= (size_t)got;
	}
}

const struct env *env_system(void)
{
	static const struct env env = { NULL, system_wall_us, system_mono_us, system_random };
	return &env;
}

static int64_t fixed_wall_us(void *ctx) { return ((struct env_fixed *)ctx)->wall_us; }

static int64_t fixed_mono_us(void *ctx) { return ((struct env_fixed *)ctx)->mono_us; }

/* SplitMix64 (Steele, Lea, Flood). */
static void fixed_random(void *ctx, void *out, size_t n)
{
	struct env_fixed *fixed = ctx;
	char *p = out;
	while (n > 0) {
		uint64_t z = fixed->seed += 0x9e3779b97f4a7c15U;
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
		z = (z ^ z >> 27) * 0x94d049bb133111ebU;
		z ^= z >> 31;
		size_t part = n < sizeof z ? n : sizeof z;
		memcpy(p, &z, part);
		p += part;
		n -= part;
	}
}

struct env env_of_fixed(struct env_fixed *fixed)
{
	return (struct env){ fixed, fixed_wall_us, fixed_mono_us, fixed_random };
}

static int64_t now_wall_us(void *ctx) { return *(int64_t *)ctx; }

struct env env_with_now(int64_t *store, int64_t epoch_s)
{
	*store = epoch_s * 1000000;
	return (struct env){ store, now_wall_us, system_mono_us, system_random };
}
