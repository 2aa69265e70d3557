/*
 * Asks our resolver and prints what it said, for the shell tests beside it.
 *
 *	dns_probe free-port                           a port that is free for UDP and TCP on 127.0.0.1
 *	dns_probe [-t MS] [-c] SERVER... ? NAME TYPE...    one line a question; a SERVER of "mute" takes packets and says nothing
 *
 * Line: NAME TYPE STATUS[/CAUSE] N ad=no|claimed|trusted rcode=N ede=N octets=N tcp=N DATA (first record)
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolve_net.h"

static int bound(int type, uint16_t *port)
{
	int fd = socket(AF_INET, type, 0);
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_port = htons(*port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof addr;
	if (bind(fd, (const struct sockaddr *)&addr, n) != 0 || getsockname(fd, (struct sockaddr *)&addr, &n) != 0) {
		(void)close(fd);
		return -1;
	}
	*port = ntohs(addr.sin_port);
	return fd;
}

static int free_port(void)
{
	for (int i = 0; i < 100; i++) {
		uint16_t port = 0;
		int udp = bound(SOCK_DGRAM, &port);
		int tcp = udp < 0 ? -1 : bound(SOCK_STREAM, &port);
		if (tcp >= 0)
			return printf("%u\n", port) > 0 ? 0 : 1;
		(void)close(udp);
	}
	return 1;
}

static bool add_server(struct resolve_net_config *config, const char *text)
{
	struct resolve_addr addr = { { IP_V4, { 127, 0, 0, 1 } }, 0, 0 };
	struct diag diag;
	if (strcmp(text, "mute") == 0) {
		(void)bound(SOCK_DGRAM, &addr.port); /* open until we end */
	} else if (resolve_addr_parse(view_str(text), &addr, &diag) != ERR_OK) {
		(void)fprintf(stderr, "dns_probe: %s\n", diag.text);
		return false;
	}
	config->servers[config->n++] = addr;
	return true;
}

static size_t octets_of(const struct dns_answer *answer, uint16_t type)
{
	size_t n = 0;
	for (size_t i = 0; type == DNS_TXT && i < answer->n; i++)
		n += answer->rr[i].txt.joined.n;
	return n;
}

static void print(const char *name, uint16_t type, const struct dns_answer *answer, const struct resolve_stats *stats)
{
	static const char *const ad[] = { "no", "claimed", "trusted" };
	BUF_AUTO struct buf data;
	buf_init(&data, 1 << 20);
	if (answer->n > 0)
		dns_rr_write(&answer->rr[0], &data);
	(void)printf("%s %s %s%s%s %zu ad=%s rcode=%u ede=%d octets=%zu tcp=%u %.60s\n", name, DNS_TYPE_SHOW(type),
		     dns_status_name(answer->status), answer->status == DNS_TEMP ? "/" : "",
		     answer->status == DNS_TEMP ? dns_cause_name(answer->cause) : "", answer->n, ad[answer->ad],
		     answer->rcode, answer->ede, octets_of(answer, type), (unsigned)stats->tcp,
		     data.n > 0 ? data.p : "");
}

static int ask_all(const struct resolve_net_config *config, unsigned flags, char **argv)
{
	struct dns_resolver *dns = NULL;
	struct arena arena;
	struct diag diag;
	arena_init(&arena);
	if (resolve_net_open(config, &dns, &diag) != ERR_OK)
		return 1;
	for (; argv[0] != NULL && argv[1] != NULL; argv += 2) {
		struct dname name = dname_root();
		uint16_t type = 0;
		struct dns_answer answer;
		if (dname_parse_idn(&arena, view_str(argv[0]), &name, &diag) != ERR_OK ||
		    !dns_type_parse(view_str(argv[1]), &type))
			return 1;
		struct dns_question question = dns_question_of(name, type);
		question.flags = flags;
		(void)(dns_query(dns, &arena, question, &answer) == DNS_OK);
		struct resolve_stats stats = resolve_net_stats(dns);
		print(argv[0], type, &answer, &stats);
	}
	dns_close(&dns);
	arena_done(&arena);
	return 0;
}

int main(int argc, char **argv)
{
	struct resolve_net_config config = { .n = 0 };
	unsigned flags = 0;
	int i = 1;
	if (argc == 2 && strcmp(argv[1], "free-port") == 0)
		return free_port();
	for (; i < argc && strcmp(argv[i], "?") != 0; i++) {
		if (strcmp(argv[i], "-t") == 0 && i + 1 < argc)
			config.timeout_ms = (unsigned)atoi(argv[++i]);
		else if (strcmp(argv[i], "-c") == 0)
			flags |= DNS_CD;
		else if (!add_server(&config, argv[i]))
			return 1;
	}
	return i >= argc ? 1 : ask_all(&config, flags, argv + i + 1);
}
