#include "dns_fault.h"
#include "resolve_net.h"
#include "tap.h"

/* What the resolver makes of servers that answer, fail, drop, delay and cut. */

struct world {
	struct net_loop *loop;
	struct fault faults[3];
	size_t n;
	struct dns_resolver *dns;
	struct arena arena;
};

static void world_open(struct world *world, size_t servers, const struct resolve_net_config *more)
{
	*world = (struct world){ .n = servers };
	struct resolve_net_config config = *more;
	CHECK_INT(net_loop_open(env_system(), &world->loop, NULL), ERR_OK);
	config.loop = world->loop;
	for (size_t i = 0; i < servers; i++) {
		fault_open(&world->faults[i], world->loop);
		config.servers[i] = (struct resolve_addr){ { IP_V4, { 127, 0, 0, 1 } }, world->faults[i].port, 0 };
	}
	config.n = servers;
	CHECK_INT(resolve_net_open(&config, &world->dns, NULL), ERR_OK);
	arena_init(&world->arena);
}

static void world_close(struct world *world)
{
	dns_close(&world->dns);
	for (size_t i = 0; i < world->n; i++)
		fault_close(&world->faults[i]);
	net_loop_close(world->loop);
	arena_done(&world->arena);
}

static struct dns_question question_of(struct world *world, const char *name, uint16_t type)
{
	struct dname wire = dname_root();
	CHECK_INT(dname_parse(&world->arena, view_str(name), &wire, NULL), ERR_OK);
	return dns_question_of(wire, type);
}

static struct dns_answer ask(struct world *world, const char *name, uint16_t type)
{
	struct dns_answer answer;
	CHECK(dns_query(world->dns, &world->arena, question_of(world, name, type), &answer) == answer.status);
	return answer;
}

/* One server; total time 1 s, so a try is 160 ms. */
static const struct {
	const char *what;
	const char *name;
	uint16_t type;
	enum dns_status status;
	enum dns_cause cause;
	size_t n;
	unsigned asked; /* packets the server saw; 0: not looked at */
} rows[] = {
	{ "an answer", "good.test", DNS_A, DNS_OK, 0, 1, 1 },
	{ "a name in capitals", "GOOD.TEST", DNS_A, DNS_OK, 0, 1, 1 },
	{ "no such name (RFC 2308 2.1)", "nxdomain.test", DNS_A, DNS_NXDOMAIN, 0, 0, 1 },
	{ "no such name, without an SOA", "nxdomain-bare.test", DNS_A, DNS_NXDOMAIN, 0, 0, 1 },
	{ "no such type (RFC 2308 2.2)", "nodata.test", DNS_A, DNS_NODATA, 0, 0, 1 },
	{ "no such type, without an SOA", "nodata-bare.test", DNS_A, DNS_NODATA, 0, 0, 1 },
	{ "SERVFAIL is no absence; asked once more with CD", "servfail.test", DNS_A, DNS_TEMP, DNS_CAUSE_SERVFAIL, 0,
	  2 },
	{ "REFUSED", "refused.test", DNS_A, DNS_TEMP, DNS_CAUSE_REFUSED, 0, 1 },
	{ "NOTIMP", "notimp.test", DNS_A, DNS_TEMP, DNS_CAUSE_SERVFAIL, 0, 0 },
	{ "a referral is no answer", "referral.test", DNS_A, DNS_TEMP, DNS_CAUSE_REFUSED, 0, 1 },
	{ "silence", "drop.test", DNS_A, DNS_TEMP, DNS_CAUSE_TIMEOUT, 0, 0 },
	{ "one lost packet", "drop-first.test", DNS_A, DNS_OK, 0, 1, 2 },
	{ "FORMERR without OPT: once without EDNS (RFC 6891 7)", "formerr.test", DNS_A, DNS_OK, 0, 1, 2 },
	{ "FORMERR, the header only", "formerr-bare.test", DNS_A, DNS_OK, 0, 1, 2 },
	{ "BADVERS", "badvers.test", DNS_A, DNS_OK, 0, 1, 2 },
	{ "a server that drops EDNS", "edns-drop.test", DNS_A, DNS_OK, 0, 1, 2 },
	{ "a cut reply: TCP (RFC 7766 5)", "tc.test", DNS_A, DNS_OK, 0, 1, 2 },
	{ "32 kB of TXT over TCP", "big.test", DNS_TXT, DNS_OK, 0, 4, 2 },
	{ "a late reply is taken from the first try", "late.test", DNS_A, DNS_OK, 0, 1, 0 },
	{ "a connection that is closed at once", "close.test", DNS_A, DNS_TEMP, DNS_CAUSE_NETWORK, 0, 0 },
	{ "an alias, its target asked for", "alias.test", DNS_A, DNS_OK, 0, 1, 2 },
	{ "an alias with its target", "alias-whole.test", DNS_A, DNS_OK, 0, 1, 1 },
	{ "an alias to nowhere (RFC 6604 2.1)", "alias-nowhere.test", DNS_A, DNS_NXDOMAIN, 0, 0, 1 },
	{ "the alias itself", "alias.test", DNS_CNAME, DNS_OK, 0, 1, 1 },
	{ "aliases in a circle of two", "loop-a.test", DNS_A, DNS_TEMP, DNS_CAUSE_LOOP, 0, 2 },
	{ "an alias of itself", "loop-self.test", DNS_A, DNS_TEMP, DNS_CAUSE_LOOP, 0, 1 },
	{ "a chain without end", "chain0.test", DNS_A, DNS_TEMP, DNS_CAUSE_LOOP, 0, 8 },
	{ "SERVFAIL, but with CD there is data: bogus (RFC 4035 5.5)", "bogus.test", DNS_A, DNS_TEMP, DNS_CAUSE_BOGUS,
	  0, 2 },
	{ "bogus by the extended error (RFC 8914 4.8)", "bogus-told.test", DNS_A, DNS_TEMP, DNS_CAUSE_BOGUS, 0, 1 },
};

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		struct world world;
		world_open(&world, 1, &(struct resolve_net_config){ .timeout_ms = 1000 });
		struct dns_answer answer = ask(&world, rows[i].name, rows[i].type);
		CHECK_INT(answer.status, rows[i].status);
		CHECK_INT(answer.cause, rows[i].cause);
		CHECK_INT(answer.n, rows[i].n);
		if (rows[i].asked > 0)
			CHECK_INT(world.faults[0].asked, rows[i].asked);
		world_close(&world);
	}
}

static int64_t now_ms(void) { return env_mono_ms(env_system()); }

static void test_fields(void)
{
	struct world world;
	world_open(&world, 1, &(struct resolve_net_config){ .timeout_ms = 1000 });
	tap_case("chain, canonical name, least TTL, server");
	struct dns_answer answer = ask(&world, "Alias.test", DNS_A);
	CHECK_STR(DNAME_SHOW(answer.canonical), "target.test");
	CHECK_INT(answer.chain_n, 1);
	CHECK_STR(DNAME_SHOW(answer.chain[0]), "Alias.test");
	CHECK_INT(answer.ttl, 60);
	CHECK(view_starts(answer.server, VIEW("127.0.0.1:")));
	CHECK(!answer.from_cache);
	CHECK_STR(IP_SHOW(&answer.rr[0].ip), "192.0.2.1");

	tap_case("TTL of a negative answer: the lesser of SOA's TTL and MINIMUM (RFC 2308 5)");
	answer = ask(&world, "nxdomain.test", DNS_A);
	CHECK_INT(answer.ttl, 60);

	tap_case("AD of a server on loopback is believed");
	CHECK_INT(ask(&world, "signed.test", DNS_A).ad, DNS_AD_TRUSTED);
	CHECK_INT(ask(&world, "good.test", DNS_A).ad, DNS_AD_NO);

	tap_case("extended error with its text (RFC 8914)");
	answer = ask(&world, "bogus-told.test", DNS_A);
	CHECK_INT(answer.ede, 7);
	CHECK_VIEW(answer.ede_text, "signature of A expired");
	CHECK_INT(answer.rcode, 2);
	world_close(&world);
}

static void test_cache(void)
{
	struct world world;
	world_open(&world, 1, &(struct resolve_net_config){ .timeout_ms = 1000 });
	tap_case("an answer is asked for once");
	(void)ask(&world, "good.test", DNS_A);
	struct dns_answer answer = ask(&world, "gOOD.test", DNS_A);
	CHECK(answer.from_cache);
	CHECK_STR(IP_SHOW(&answer.rr[0].ip), "192.0.2.1");
	CHECK_INT(world.faults[0].asked, 1);

	tap_case("a negative one too, if it has an SOA (RFC 2308 5)");
	(void)ask(&world, "nxdomain.test", DNS_A);
	CHECK_INT(ask(&world, "nxdomain.test", DNS_A).status, DNS_NXDOMAIN);
	CHECK_INT(world.faults[0].asked, 2);
	(void)ask(&world, "nodata-bare.test", DNS_A);
	(void)ask(&world, "nodata-bare.test", DNS_A);
	CHECK_INT(world.faults[0].asked, 4);

	tap_case("a failure for a few seconds");
	(void)ask(&world, "refused.test", DNS_A);
	CHECK_INT(ask(&world, "refused.test", DNS_A).cause, DNS_CAUSE_REFUSED);
	CHECK_INT(world.faults[0].asked, 5);

	tap_case("another type is another question, and so is one that passes the cache");
	(void)ask(&world, "good.test", DNS_MX);
	CHECK_INT(world.faults[0].asked, 6);
	struct dns_question question = question_of(&world, "good.test", DNS_A);
	question.flags = DNS_NO_CACHE;
	CHECK_INT(dns_query(world.dns, &world.arena, question, &answer), DNS_OK);
	CHECK_INT(world.faults[0].asked, 7);

	tap_case("the end of an alias comes from the cache");
	(void)ask(&world, "target.test", DNS_A);
	answer = ask(&world, "alias.test", DNS_A);
	CHECK_INT(answer.status, DNS_OK);
	CHECK_INT(world.faults[0].asked, 9);
	world_close(&world);
}

static unsigned answered;

static void count_done(struct dns_ask *asked, const struct dns_answer *answer)
{
	(void)asked;
	answered += answer->status == DNS_OK;
}

static void test_joined(void)
{
	struct world world;
	struct dns_ask asks[40] = { { .done = count_done } };
	world_open(&world, 1, &(struct resolve_net_config){ .timeout_ms = 1000 });
	tap_case("equal questions on their way are one");
	answered = 0;
	for (size_t i = 0; i < 20; i++) {
		asks[i].done = count_done;
		dns_ask(world.dns, question_of(&world, "good.test", DNS_A), &asks[i]);
	}
	dns_cancel(world.dns, &asks[0]);
	dns_cancel(world.dns, &asks[7]);
	dns_cancel(world.dns, &asks[19]);
	while (dns_wait(world.dns))
		;
	CHECK_INT(answered, 17);
	CHECK_INT(world.faults[0].asked, 1);
	dns_cancel(world.dns, &asks[3]); /* too late, harmless */

	tap_case("prefetched questions are on their way together");
	struct dns_question questions[3] = { question_of(&world, "a.test", DNS_A), question_of(&world, "b.test", DNS_A),
					     question_of(&world, "late.test", DNS_A) };
	dns_prefetch(world.dns, questions, 3);
	int64_t began = now_ms();
	(void)ask(&world, "late.test", DNS_A);
	CHECK(ask(&world, "a.test", DNS_A).from_cache);
	CHECK(ask(&world, "b.test", DNS_A).from_cache);
	CHECK(now_ms() - began < 900);

	tap_case("closing with questions on their way");
	asks[30].done = count_done;
	dns_ask(world.dns, question_of(&world, "drop.test", DNS_A), &asks[30]);
	world_close(&world);
	CHECK_INT(answered, 17);
}

static void test_window(void)
{
	struct world world;
	world_open(&world, 1, &(struct resolve_net_config){ .timeout_ms = 1000, .in_flight = 4 });
	tap_case("1,000 questions through a window of 4");
	static struct dns_ask asks[1000];
	answered = 0;
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		asks[i].done = count_done;
		dns_ask(world.dns, question_of(&world, arena_printf(&world.arena, "n%zu.test", i), DNS_A), &asks[i]);
	}
	while (dns_wait(world.dns))
		;
	CHECK_INT(answered, 1000);
	CHECK_INT(world.faults[0].asked, 1000);
	world_close(&world);
}

static void ask_many(struct world *world, const char *format_before_number, size_t n)
{
	static struct dns_ask asks[1000];
	answered = 0;
	for (size_t i = 0; i < n; i++) {
		const char *name = arena_printf(&world->arena, "%s.n%zu.test", format_before_number, i);
		asks[i].done = count_done;
		dns_ask(world->dns, question_of(world, name, DNS_A), &asks[i]);
	}
	while (dns_wait(world->dns))
		;
}

static void test_pace(void)
{
	struct world world;
	world_open(&world, 1, &(struct resolve_net_config){ .timeout_ms = 1000, .qps = 200 });
	tap_case("60 questions at 200 a second");
	int64_t began = now_ms();
	ask_many(&world, "good", 60);
	CHECK_INT(answered, 60);
	CHECK(now_ms() - began >= 250 && now_ms() - began < 3000);
	world_close(&world);

	tap_case("silence on some does not hold up the others");
	world_open(&world, 1, &(struct resolve_net_config){ .timeout_ms = 1000, .in_flight = 10 });
	static struct dns_ask silent[40];
	for (size_t i = 0; i < ARRAY_LEN(silent); i++) {
		const char *name = arena_printf(&world.arena, "drop.n%zu.test", i);
		silent[i].done = count_done;
		dns_ask(world.dns, question_of(&world, name, DNS_A), &silent[i]);
	}
	began = now_ms();
	CHECK_INT(ask(&world, "good.test", DNS_A).status, DNS_OK);
	CHECK(now_ms() - began < 900); /* four windows of one try each, not of one question each */
	world_close(&world);

	tap_case("a server that drops EDNS is known after two answers");
	world_open(&world, 1, &(struct resolve_net_config){ .timeout_ms = 1000 });
	world.faults[0].always = "edns-drop";
	(void)ask(&world, "a.test", DNS_A);
	(void)ask(&world, "b.test", DNS_A);
	CHECK_INT(ask(&world, "c.test", DNS_A).status, DNS_OK);
	CHECK_INT(world.faults[0].with_edns, 2);
	world_close(&world);
}

static void test_deadline(void)
{
	struct world world;
	world_open(&world, 1, &(struct resolve_net_config){ .timeout_ms = 1000 });
	tap_case("the asker's own deadline");
	struct dns_question question = question_of(&world, "drop.test", DNS_A);
	struct dns_answer answer;
	int64_t began = now_ms();
	question.deadline_us = env_mono_us(env_system()) + 100000;
	CHECK_INT(dns_query(world.dns, &world.arena, question, &answer), DNS_TEMP);
	CHECK_INT(answer.cause, DNS_CAUSE_TIMEOUT);
	CHECK(now_ms() - began >= 95 && now_ms() - began < 900);
	CHECK_STR(DNAME_SHOW(answer.canonical), "drop.test");

	tap_case("the resolver's time for all tries together");
	began = now_ms();
	CHECK_INT(ask(&world, "drop.other", DNS_A).cause, DNS_CAUSE_TIMEOUT);
	CHECK(now_ms() - began >= 990 && now_ms() - began < 2500);
	world_close(&world);
}

static void test_servers(void)
{
	struct world world;
	tap_case("a dead first server costs one try, and then nothing");
	world_open(&world, 2, &(struct resolve_net_config){ .timeout_ms = 0 });
	world.faults[0].always = "drop";
	int64_t began = now_ms();
	CHECK_INT(ask(&world, "a.test", DNS_A).status, DNS_OK);
	CHECK(now_ms() - began >= 790 && now_ms() - began < 1600);
	began = now_ms();
	CHECK_INT(ask(&world, "b.test", DNS_A).status, DNS_OK);
	CHECK(now_ms() - began < 750);
	world_close(&world);

	tap_case("SERVFAIL or REFUSED: the next server");
	world_open(&world, 3, &(struct resolve_net_config){ .timeout_ms = 1000 });
	world.faults[0].always = "servfail";
	world.faults[1].always = "refused";
	CHECK_INT(ask(&world, "a.test", DNS_A).status, DNS_OK);
	CHECK_INT(world.faults[0].asked + world.faults[1].asked + world.faults[2].asked, 3);
	world_close(&world);

	tap_case("nobody listens there: told by ICMP, not by time");
	world_open(&world, 2, &(struct resolve_net_config){ .timeout_ms = 0 });
	fault_close(&world.faults[0]);
	began = now_ms();
	CHECK_INT(ask(&world, "a.test", DNS_A).status, DNS_OK);
	CHECK(now_ms() - began < 750);
	fault_close(&world.faults[1]);
	CHECK_INT(ask(&world, "b.test", DNS_A).cause, DNS_CAUSE_NETWORK);
	CHECK(now_ms() - began < 1500);
	world.n = 0;
	world_close(&world);

	tap_case("one silent, one failing: what was said, without waiting on");
	world_open(&world, 2, &(struct resolve_net_config){ .timeout_ms = 0 });
	world.faults[0].always = "drop";
	world.faults[1].always = "servfail";
	began = now_ms();
	CHECK_INT(ask(&world, "a.test", DNS_A).cause, DNS_CAUSE_SERVFAIL);
	CHECK(now_ms() - began < 2300);
	world_close(&world);

	tap_case("attempts:1 of resolv.conf");
	world_open(&world, 1, &(struct resolve_net_config){ .timeout_ms = 3000, .tries_max = 1 });
	CHECK_INT(ask(&world, "drop.test", DNS_A).cause, DNS_CAUSE_TIMEOUT);
	CHECK_INT(world.faults[0].asked, 1);
	world_close(&world);

	tap_case("rotate");
	world_open(&world, 2, &(struct resolve_net_config){ .rotate = true });
	for (int i = 0; i < 10; i++)
		(void)ask(&world, arena_printf(&world.arena, "r%d.test", i), DNS_A);
	CHECK_INT(world.faults[0].asked, 5);
	CHECK_INT(world.faults[1].asked, 5);
	world_close(&world);
}

static void test_tcp(void)
{
	struct world world;
	tap_case("TCP only (use-vc): one connection for all");
	world_open(&world, 1, &(struct resolve_net_config){ .use_vc = true });
	for (int i = 0; i < 50; i++)
		CHECK_INT(ask(&world, arena_printf(&world.arena, "t%d.test", i), DNS_A).status, DNS_OK);
	CHECK_INT(world.faults[0].tcp, 50);
	size_t conns = 0;
	for (size_t i = 0; i < FAULT_CONNS; i++)
		conns += world.faults[0].conns[i].fault != NULL;
	CHECK_INT(conns, 1);

	tap_case("a kept connection that was closed is opened again");
	CHECK_INT(ask(&world, "close.test", DNS_A).status, DNS_TEMP);
	CHECK_INT(ask(&world, "after.test", DNS_A).status, DNS_OK);
	world_close(&world);
}

int main(void)
{
	test_rows();
	test_fields();
	test_cache();
	test_joined();
	test_window();
	test_pace();
	test_deadline();
	test_servers();
	test_tcp();
	return tap_done();
}
