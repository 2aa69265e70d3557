/*
 * Raw rate of the resolver: N different questions to one server, all on their way through the window.
 *
 *	dns_rate SERVER ZONE N [IN_FLIGHT]       asks for n0.ZONE, n1.ZONE, ... TXT
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "resolve_net.h"

struct rate {
	struct dns_ask ask; /* first */
	struct dns_resolver *dns;
	struct dname zone;
	struct arena arena;
};

static unsigned next_name, names, good, done;

static void go_on(struct rate *rate);

static void rate_done(struct dns_ask *ask, const struct dns_answer *answer)
{
	good += answer->status == DNS_OK;
	done++;
	go_on((struct rate *)(void *)ask);
}

static void go_on(struct rate *rate)
{
	if (next_name == names)
		return;
	char label[16];
	struct dname name = dname_root();
	arena_reset(&rate->arena);
	int n = snprintf(label, sizeof label, "n%u", next_name++);
	if (dname_prepend(&rate->arena, view_of(label, (size_t)n), rate->zone, &name, NULL) != ERR_OK)
		abort();
	dns_ask(rate->dns, dns_question_of(name, DNS_TXT), &rate->ask);
}

static double cpu_s(void)
{
	struct rusage use;
	(void)getrusage(RUSAGE_SELF, &use);
	return (double)use.ru_utime.tv_sec + (double)use.ru_stime.tv_sec +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	enum { ASKERS = 1024 };
	static struct rate rates[ASKERS];
	struct arena arena;
	struct diag diag = { .text = "usage: dns_rate SERVER ZONE N [IN_FLIGHT]" };
	struct resolve_net_config config = { .n = 1 };
	struct dns_resolver *dns = NULL;
	struct dname zone = dname_root();
	arena_init(&arena);
	if (argc < 4 || resolve_addr_parse(view_str(argv[1]), &config.servers[0], &diag) != ERR_OK ||
	    dname_parse(&arena, view_str(argv[2]), &zone, &diag) != ERR_OK) {
		(void)fprintf(stderr, "%s\n", diag.text);
		return 64;
	}
	names = (unsigned)atoi(argv[3]);
	config.in_flight = argc > 4 ? (unsigned)atoi(argv[4]) : 0;
	if (resolve_net_open(&config, &dns, &diag) != ERR_OK)
		return 1;
	int64_t began = env_mono_us(env_system());
	for (size_t i = 0; i < ASKERS; i++) {
		rates[i].ask.done = rate_done;
		rates[i].dns = dns;
		rates[i].zone = zone;
		go_on(&rates[i]);
	}
	while (dns_wait(dns))
		;
	double seconds = (double)(env_mono_us(env_system()) - began) / 1e6;
	struct resolve_stats stats = resolve_net_stats(dns);
	(void)printf("%u answered, %u good, %.0f questions/s, %.2f us cpu each, %u timeouts, window %u\n", done, good,
		     done / seconds, cpu_s() * 1e6 / done, (unsigned)stats.timeouts, stats.window);
	dns_close(&dns);
	for (size_t i = 0; i < ASKERS; i++)
		arena_done(&rates[i].arena);
	arena_done(&arena);
	return good == names ? 0 : 1;
}
