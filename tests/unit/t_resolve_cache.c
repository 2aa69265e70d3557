#include "resolve_cache.h"
#include "tap.h"

static struct arena arena;

static struct dns_question question_of(const char *text, uint16_t type, unsigned flags)
{
	struct dname name = dname_root();
	CHECK_INT(dname_parse(&arena, view_str(text), &name, NULL), ERR_OK);
	struct dns_question question = dns_question_of(name, type);
	question.flags = flags;
	return question;
}

static void put(struct resolve_cache *cache, const char *name, uint32_t ttl, int64_t now_us)
{
	char bytes[RESOLVE_KEY_MAX];
	struct dns_question question = question_of(name, DNS_A, 0);
	const struct dns_rr rr = { .type = DNS_A, .ttl = ttl, .ip = { IP_V4, { 192, 0, 2, 1 } } };
	struct dns_answer answer = dns_answer_none(question.name, DNS_OK);
	answer.rr = &rr;
	answer.n = 1;
	answer.ttl = ttl;
	resolve_cache_put(cache, resolve_key(&question, bytes), &answer, now_us, ttl);
}

static bool get(struct resolve_cache *cache, const char *name, uint16_t type, unsigned flags, int64_t now_us,
		struct dns_answer *out)
{
	char bytes[RESOLVE_KEY_MAX];
	struct dns_question question = question_of(name, type, flags);
	return resolve_cache_get(cache, resolve_key(&question, bytes), now_us, out);
}

static void test_one(void)
{
	struct resolve_cache cache;
	struct dns_answer answer;
	resolve_cache_init(&cache, 1 << 20, 1);
	put(&cache, "Example.org", 60, 1000000);
	tap_case("what was put is got, in any case of the name");
	CHECK(get(&cache, "eXample.ORG", DNS_A, 0, 1000000, &answer));
	CHECK_INT(answer.n, 1);
	CHECK(answer.from_cache);
	CHECK_STR(IP_SHOW(&answer.rr[0].ip), "192.0.2.1");
	tap_case("another type, or with checking disabled, is another question");
	CHECK(!get(&cache, "example.org", DNS_AAAA, 0, 1000000, &answer));
	CHECK(!get(&cache, "example.org", DNS_A, DNS_CD, 1000000, &answer));
	tap_case("the TTL counts down, and then it is gone");
	CHECK(get(&cache, "example.org", DNS_A, 0, 1000000 + 45 * 1000000, &answer));
	CHECK_INT(answer.ttl, 15);
	CHECK(!get(&cache, "example.org", DNS_A, 0, 1000000 + 60 * 1000000, &answer));
	tap_case("a newer answer takes its place");
	put(&cache, "example.org", 10, 70000000);
	CHECK(get(&cache, "example.org", DNS_A, 0, 70000000, &answer));
	CHECK_INT(answer.ttl, 10);
	resolve_cache_done(&cache);
}

static void test_bounded(void)
{
	enum { LIMIT = 64 << 10 };
	struct resolve_cache cache;
	struct dns_answer answer;
	resolve_cache_init(&cache, LIMIT, 1);
	tap_case("memory is bounded; what is used stays, what is not goes");
	put(&cache, "used.test", 3600, 0);
	put(&cache, "unused.test", 3600, 0);
	bool there = true;
	for (int i = 0; i < 5000; i++) {
		struct arena scratch;
		arena_init(&scratch);
		put(&cache, arena_printf(&scratch, "n%d.test", i), 3600, 0);
		there = there && get(&cache, "used.test", DNS_A, 0, 0, &answer);
		arena_done(&scratch);
		arena_reset(&arena);
	}
	CHECK(there);
	CHECK(!get(&cache, "unused.test", DNS_A, 0, 0, &answer));
	CHECK(get(&cache, "n4999.test", DNS_A, 0, 0, &answer));
	CHECK(cache.young.arena.used < LIMIT + 16384 && cache.old.arena.used < LIMIT + 16384);

	tap_case("while pinned, nothing is freed");
	resolve_cache_pin(&cache);
	CHECK(get(&cache, "n4999.test", DNS_A, 0, 0, &answer));
	for (int i = 0; i < 2000; i++) {
		put(&cache, "again.test", 3600, 0);
		arena_reset(&arena);
	}
	CHECK_STR(IP_SHOW(&answer.rr[0].ip), "192.0.2.1");
	resolve_cache_unpin(&cache);
	resolve_cache_done(&cache);
}

int main(void)
{
	arena_init(&arena);
	test_one();
	test_bounded();
	arena_done(&arena);
	return tap_done();
}
