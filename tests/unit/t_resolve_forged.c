#define _GNU_SOURCE
#include <malloc.h>

#include "dns_fault.h"
#include "resolve_net.h"
#include "tap.h"

/* Replies that somebody else made up, and replies that are made to break the reader: never believed, and cheap. */

static struct net_loop *loop;
static struct fault fault;
static struct arena arena;

static struct dns_resolver *resolver_open(void)
{
	struct resolve_net_config config = {
		.loop = loop, .timeout_ms = 1000, .n = 1, .servers = { { { IP_V4, { 127, 0, 0, 1 } }, fault.port, 0 } }
	};
	struct dns_resolver *dns = NULL;
	CHECK_INT(resolve_net_open(&config, &dns, NULL), ERR_OK);
	return dns;
}

static struct dns_answer ask(struct dns_resolver *dns, const char *name, uint16_t type)
{
	struct dname wire = dname_root();
	struct dns_answer answer;
	CHECK_INT(dname_parse(&arena, view_str(name), &wire, NULL), ERR_OK);
	CHECK(dns_query(dns, &arena, dns_question_of(wire, type), &answer) == answer.status);
	return answer;
}

static bool is_true_answer(const struct dns_answer *answer)
{
	return answer->status == DNS_OK && answer->n == 1 && strcmp(IP_SHOW(&answer->rr[0].ip), "192.0.2.1") == 0;
}

/* The forgery comes first, then the truth (over UDP or TCP). */
static const struct {
	const char *what, *name;
	bool mismatched; /* counted as no reply of ours; else the kernel dropped it, or TCP was asked at once */
} forged[] = {
	{ "a wrong id", "wrong-id.test", true },
	{ "another name in the question", "wrong-question.test", true },
	{ "another type in the question", "wrong-type.test", true },
	{ "no question at all", "no-question.test", true },
	{ "a packet that is no reply", "no-reply-bit.test", true },
	{ "from another port", "wrong-port.test", false },
	{ "from another address", "wrong-address.test", false },
	{ "the case of the name not kept (0x20)", "wrong-case.test", false },
	{ "forty guesses of the id: TCP", "flood.test", true },
	{ "data in a cut reply", "tc.test", false },
};

static void test_forged(void)
{
	for (size_t i = 0; i < ARRAY_LEN(forged); i++) {
		tap_case("forged: %s", forged[i].what);
		struct dns_resolver *dns = resolver_open();
		struct dns_answer answer = ask(dns, forged[i].name, DNS_A);
		CHECK(is_true_answer(&answer));
		CHECK_INT(resolve_net_stats(dns).mismatched > 0, forged[i].mismatched);
		dns_close(&dns);
	}

	tap_case("forged: answers before the question");
	struct dns_resolver *dns = resolver_open();
	struct dns_answer answer = ask(dns, "early.test", DNS_A);
	CHECK(is_true_answer(&answer));
	answer = ask(dns, "garly.test", DNS_A);
	CHECK(is_true_answer(&answer));
	dns_close(&dns);

	tap_case("forged: records of names that were not asked for");
	dns = resolver_open();
	answer = ask(dns, "poison.test", DNS_A);
	CHECK(is_true_answer(&answer));
	answer = ask(dns, "victim.test", DNS_A);
	CHECK(is_true_answer(&answer) && !answer.from_cache);
	CHECK_INT(ask(dns, "unrelated.test", DNS_A).status, DNS_NODATA);
	dns_close(&dns);
}

static void test_mangled(void)
{
	tap_case("a server that mangles case is believed over TCP, and then without 0x20");
	struct dns_resolver *dns = resolver_open();
	fault.always = "mangle";
	unsigned before = fault.tcp;
	struct dns_answer answer = ask(dns, "some-name-with-letters.test", DNS_A);
	CHECK(is_true_answer(&answer));
	CHECK_INT(fault.tcp, before + 1);
	answer = ask(dns, "some-other-name-with-letters.test", DNS_A);
	CHECK(is_true_answer(&answer));
	CHECK_INT(fault.tcp, before + 1);
	dns_close(&dns);

	tap_case("one that has no TCP either: asked again without 0x20");
	dns = resolver_open();
	fault.no_tcp = true;
	answer = ask(dns, "some-name-with-letters.test", DNS_A);
	CHECK(is_true_answer(&answer));
	fault.no_tcp = false;
	fault.always = NULL;
	dns_close(&dns);
}

/* Broken over UDP and over TCP alike: no answer, and little memory. */
static const struct {
	const char *what, *name;
	uint16_t type;
} hostile[] = {
	{ "cut in the middle", "short.test", DNS_A },
	{ "0xff all over", "garbage.test", DNS_A },
	{ "octets behind the last record", "trailing.test", DNS_A },
	{ "a name that points to itself", "self-pointer.test", DNS_A },
	{ "a name that points forwards", "forward-pointer.test", DNS_A },
	{ "a name that points into the header", "header-pointer.test", DNS_A },
	{ "A of five octets", "a5.test", DNS_A },
	{ "A of three octets", "a3.test", DNS_A },
	{ "MX of two octets", "mx2.test", DNS_MX },
	{ "TXT of none", "txt0.test", DNS_TXT },
	{ "rdlength past the end", "rdlength.test", DNS_TXT },
	{ "65,000 empty strings", "empty-strings.test", DNS_TXT },
	{ "CNAME longer than its rdlength", "cname1.test", DNS_A },
	{ "65,535 records announced", "counts.test", DNS_A },
	{ "thousands of records behind a chain of pointers", "pointer-chain.test", DNS_A },
};

/* Octets that malloc took from the system, at its highest so far. */
static size_t heap(void)
{
	struct mallinfo2 info = mallinfo2();
	return info.arena + info.hblkhd;
}

static void test_hostile(void)
{
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		tap_case("hostile: %s", hostile[i].what);
		size_t before = heap();
		struct dns_resolver *dns = resolver_open();
		int64_t began = env_mono_ms(env_system());
		struct dns_answer answer = ask(dns, hostile[i].name, hostile[i].type);
		CHECK_INT(answer.status, DNS_TEMP);
		CHECK_INT(answer.cause, DNS_CAUSE_SERVFAIL);
		CHECK_INT(answer.n, 0);
		CHECK(env_mono_ms(env_system()) - began < 990);
		dns_close(&dns);
		CHECK(heap() < before + (4U << 20));
	}
}

int main(void)
{
	CHECK_INT(net_loop_open(env_system(), &loop, NULL), ERR_OK);
	arena_init(&arena);
	fault_open(&fault, loop);
	test_forged();
	test_mangled();
	test_hostile();
	fault_close(&fault);
	net_loop_close(loop);
	arena_done(&arena);
	return tap_done();
}
