#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base_file.h"
#include "dns_fault.h"
#include "resolve.h"
#include "tap.h"

/* The resolver that a command line asks for: files, servers, or both. */

static struct arena arena;
static char zone_path[] = "/tmp/posthorn-zone.XXXXXX";
static char text_path[] = "/tmp/posthorn-text.XXXXXX";

static void write_to(const char *path, const char *text)
{
	struct diag diag = { .text = "" };
	CHECK_INT(file_replace(path, view_str(text), 0600, &diag), ERR_OK);
	CHECK_STR(diag.text, "");
}

static enum dns_status ask(struct dns_resolver *dns, const char *text, uint16_t type, struct dns_answer *out)
{
	struct dname name = dname_root();
	CHECK_INT(dname_parse(&arena, view_str(text), &name, NULL), ERR_OK);
	return dns_query(dns, &arena, dns_question_of(name, type), out);
}

static void test_zones(void)
{
	const char *zones[] = { zone_path };
	struct resolve_config config = { .zones = zones, .zones_n = 1 };
	struct resolve resolve;
	struct dns_answer answer;
	struct diag diag = { .text = "" };
	write_to(zone_path,
		 "$ORIGIN example.org.\n$TTL 60\n@ SOA ns root 1 1 1 1 60\n@ NS ns\n@ TXT \"hello\"\nmx A 192.0.2.1\n");
	tap_case("zones only: nothing else exists");
	CHECK_INT(resolve_open(&config, &resolve, &diag), ERR_OK);
	CHECK_STR(diag.text, "");
	CHECK_INT(ask(resolve.dns, "example.org", DNS_TXT, &answer), DNS_OK);
	CHECK_INT(ask(resolve.dns, "example.com", DNS_TXT, &answer), DNS_NXDOMAIN);
	CHECK(resolve.net == NULL);
	tap_case("names of servers: the hosts file, then the zones");
	write_to(text_path, "192.0.2.77 mx.example.org relay.example\n");
	resolve.hosts = text_path;
	struct dns_resolver *servers = NULL;
	CHECK_INT(resolve_servers(&resolve, &servers, NULL), ERR_OK);
	CHECK_INT(ask(servers, "relay.example", DNS_A, &answer), DNS_OK);
	CHECK_STR(IP_SHOW(&answer.rr[0].ip), "192.0.2.77");
	CHECK_INT(ask(servers, "relay.example", DNS_AAAA, &answer), DNS_NODATA);
	CHECK_INT(ask(servers, "mx.example.org", DNS_A, &answer), DNS_OK);
	CHECK_STR(IP_SHOW(&answer.rr[0].ip), "192.0.2.77");
	CHECK_INT(ask(servers, "example.org", DNS_TXT, &answer), DNS_OK);
	CHECK_INT(ask(resolve.dns, "relay.example", DNS_A, &answer), DNS_NXDOMAIN);
	resolve_close(&resolve);

	tap_case("a broken zone file is an error, unless its lines are looked at");
	write_to(zone_path,
		 "$ORIGIN example.org.\n@ 60 SOA ns root 1 1 1 1 60\n@ 60 A 192.0.2.300\n@ 60 TXT \"hello\"\n");
	CHECK_INT(resolve_open(&config, &resolve, &diag), ERR_SYNTAX);
	CHECK(strstr(diag.text, ":3:") != NULL);
	config.zones_broken_too = true;
	CHECK_INT(resolve_open(&config, &resolve, &diag), ERR_OK);
	CHECK_INT(ask(resolve.dns, "example.org", DNS_TXT, &answer), DNS_OK);
	resolve_close(&resolve);

	tap_case("a zone file that is missing");
	zones[0] = "/nonexistent/zone";
	CHECK_INT(resolve_open(&config, &resolve, &diag), ERR_NO_INPUT);
}

static void test_servers(void)
{
	struct net_loop *loop;
	struct fault fault;
	char server[32];
	const char *servers[] = { server };
	const char *zones[] = { zone_path };
	struct resolve resolve;
	struct dns_answer answer;
	struct diag diag;
	CHECK_INT(net_loop_open(env_system(), &loop, NULL), ERR_OK);
	fault_open(&fault, loop);
	(void)snprintf(server, sizeof server, "127.0.0.1:%u", (unsigned)fault.port);
	struct resolve_config config = { .loop = loop, .servers = servers, .servers_n = 1, .timeout_ms = 1000 };
	tap_case("a server that was named");
	CHECK_INT(resolve_open(&config, &resolve, &diag), ERR_OK);
	CHECK_INT(ask(resolve.dns, "good.test", DNS_A, &answer), DNS_OK);
	CHECK_INT(resolve.servers[0].port, fault.port);
	resolve_close(&resolve);

	tap_case("zones before servers");
	write_to(zone_path, "$ORIGIN test.\n$TTL 60\n@ SOA ns root 1 1 1 1 60\ngood A 192.0.2.99\n");
	config.zones = zones;
	config.zones_n = 1;
	CHECK_INT(resolve_open(&config, &resolve, &diag), ERR_OK);
	CHECK_INT(ask(resolve.dns, "good.test", DNS_A, &answer), DNS_OK);
	CHECK_STR(IP_SHOW(&answer.rr[0].ip), "192.0.2.99");
	CHECK_INT(ask(resolve.dns, "good.example", DNS_A, &answer), DNS_OK);
	CHECK_STR(IP_SHOW(&answer.rr[0].ip), "192.0.2.1");
	resolve_close(&resolve);

	tap_case("an address that is none");
	servers[0] = "dns.example";
	CHECK_INT(resolve_open(&config, &resolve, &diag), ERR_USAGE);
	fault_close(&fault);
	net_loop_close(loop);
}

static void test_conf(void)
{
	struct resolve resolve;
	struct diag diag;
	struct resolve_config config = { .resolv_conf = text_path };
	tap_case("resolv.conf, with a note on what was skipped");
	write_to(text_path, "nameserver 127.0.0.77\nnameserver nonsense\n");
	CHECK_INT(resolve_open(&config, &resolve, &diag), ERR_OK);
	CHECK_INT(resolve.servers_n, 1);
	CHECK_STR(IP_SHOW(&resolve.servers[0].ip), "127.0.0.77");
	CHECK(strstr(resolve.note.text, "line 2") != NULL && strstr(resolve.note.text, text_path) != NULL);
	resolve_close(&resolve);
	tap_case("without one, this machine");
	config.resolv_conf = "/nonexistent/resolv.conf";
	CHECK_INT(resolve_open(&config, &resolve, &diag), ERR_OK);
	CHECK_STR(IP_SHOW(&resolve.servers[0].ip), "127.0.0.1");
	resolve_close(&resolve);
	resolve_close(&resolve);
}

int main(void)
{
	arena_init(&arena);
	int one = mkstemp(zone_path), two = mkstemp(text_path);
	CHECK(one >= 0 && two >= 0);
	(void)close(one);
	(void)close(two);
	test_zones();
	test_servers();
	test_conf();
	(void)unlink(zone_path);
	(void)unlink(text_path);
	arena_done(&arena);
	return tap_done();
}
