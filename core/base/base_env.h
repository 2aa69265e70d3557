#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * The world outside that pure code may ask: time and randomness. Passed to whatever needs them, so that tests fix both
 * and no global is needed. Borrowed by whoever holds a pointer to it.
 */
struct env {
	void *ctx;
	int64_t (*wall_us)(void *ctx);                  /* microseconds since the epoch */
	int64_t (*mono_us)(void *ctx);                  /* never goes back */
	void (*random)(void *ctx, void *out, size_t n); /* unpredictable */
};

static inline int64_t env_wall_us(const struct env *env) { return env->wall_us(env->ctx); }
static inline int64_t env_wall_s(const struct env *env) { return env->wall_us(env->ctx) / 1000000; }
static inline int64_t env_mono_ms(const struct env *env) { return env->mono_us(env->ctx) / 1000; }
static inline int64_t env_mono_us(const struct env *env) { return env->mono_us(env->ctx); }
static inline void env_random(const struct env *env, void *out, size_t n) { env->random(env->ctx, out, n); }

/* The machine's clocks and getrandom(2). */
const struct env *env_system(void);

/*
 * A world that stands still until a test moves it (also behind --now: `wall_us` is then what the person said, and the
 * rest is the machine's). The random bytes follow from the seed.
 */
struct env_fixed {
	int64_t wall_us;
	int64_t mono_us;
	uint64_t seed;
};
struct env env_of_fixed(struct env_fixed *fixed);

/* The machine's clocks and randomness, but a wall clock that says `epoch_s` (--now). `store` must outlive the result. */
struct env env_with_now(int64_t *store, int64_t epoch_s);
