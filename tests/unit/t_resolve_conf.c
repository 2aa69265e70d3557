#include "resolve_conf.h"
#include "resolve_hosts.h"
#include "tap.h"

static const struct {
	const char *what, *in, *ip;
	uint16_t port;
	enum err err;
} addrs[] = {
	{ "IPv4", "192.0.2.1", "192.0.2.1", 53, ERR_OK },
	{ "IPv4 with a port", "192.0.2.1:5353", "192.0.2.1", 5353, ERR_OK },
	{ "IPv6", "2001:db8::1", "2001:db8::1", 53, ERR_OK },
	{ "IPv6 in brackets", "[2001:db8::1]", "2001:db8::1", 53, ERR_OK },
	{ "IPv6 with a port", "[2001:db8::1]:5353", "2001:db8::1", 5353, ERR_OK },
	{ "a scope by number", "fe80::1%7", "fe80::1", 53, ERR_OK },
	{ "a scope and a port", "[fe80::1%7]:54", "fe80::1", 54, ERR_OK },
	{ "a scope that is not there", "fe80::1%nosuchif", NULL, 0, ERR_USAGE },
	{ "a scope on IPv4", "192.0.2.1%lo", NULL, 0, ERR_USAGE },
	{ "port 0", "192.0.2.1:0", NULL, 0, ERR_USAGE },
	{ "port 65536", "192.0.2.1:65536", NULL, 0, ERR_USAGE },
	{ "no port behind the colon", "192.0.2.1:", NULL, 0, ERR_USAGE },
	{ "a name", "dns.example", NULL, 0, ERR_USAGE },
	{ "empty", "", NULL, 0, ERR_USAGE },
	{ "brackets not closed", "[2001:db8::1", NULL, 0, ERR_USAGE },
	{ "something behind the brackets", "[2001:db8::1]x", NULL, 0, ERR_USAGE },
};

#define ONE "nameserver 192.0.2.1\n"

static const struct {
	const char *what, *in;
	const char *first;
	size_t n;
	unsigned timeout_s, attempts, skipped;
	bool rotate, trust_ad, use_vc;
} confs[] = {
	{ "one server", ONE, "192.0.2.1", 1 },
	{ "empty: 127.0.0.1", "", "127.0.0.1", 1 },
	{ "comments", "# nameserver 203.0.113.1\n; nameserver 203.0.113.2\n" ONE, "192.0.2.1", 1 },
	{ "three servers, CRLF", "nameserver 192.0.2.1\r\nnameserver\t192.0.2.2\r\nnameserver   2001:db8::1 \r\n",
	  "192.0.2.1", 3 },
	{ "a bad line is skipped with a note", "nameserver dns.example\n" ONE, "192.0.2.1", 1, .skipped = 1 },
	{ "an address with a port is no address here", "nameserver 192.0.2.9:53\n" ONE, "192.0.2.1", 1, .skipped = 1 },
	{ "nameserver without an address", "nameserver\n" ONE, "192.0.2.1", 1, .skipped = 1 },
	{ "the keyword begins the line", " nameserver 192.0.2.7\n" ONE, "192.0.2.1", 1 },
	{ "search and ndots are nothing to us", "search a.example\noptions ndots:5\n" ONE, "192.0.2.1", 1 },
	{ "options", ONE "options timeout:2 attempts:3 rotate trust-ad use-vc edns0\n", "192.0.2.1", 1, 2, 3, 0, true,
	  true, true },
	{ "options over their limits", ONE "options timeout:600 attempts:99\n", "192.0.2.1", 1, 30, 5 },
	{ "options that are nonsense", ONE "options timeout: attempts:x rotated\n", "192.0.2.1", 1 },
	{ "no line end at the end", "nameserver 192.0.2.1", "192.0.2.1", 1 },
	{ "a ninth server is one too many", ONE ONE ONE ONE ONE ONE ONE ONE ONE, "192.0.2.1", RESOLVE_SERVERS_MAX },
};

static const char hosts[] = "# hosts\n127.0.1.1\tmail.example.org mail\n192.0.2.1 MX.example.org # mx2.example.org\n"
			    "2001:db8::1  mx.example.org.\nbroken mx.example.org\nfe80::1%lo0 ll.example.org\n";

static const struct {
	const char *name;
	enum ip_family family;
	const char *ip; /* NULL: none of this family */
	bool found;
} lookups[] = {
	{ "mail.example.org", IP_V4, "127.0.1.1", true },
	{ "mail", IP_V4, "127.0.1.1", true },
	{ "mail.example.org", IP_V6, NULL, true },
	{ "mx.example.org", IP_V4, "192.0.2.1", true },
	{ "mx.example.org", IP_V6, "2001:db8::1", true },
	{ "mx2.example.org", IP_V4, NULL, false },
	{ "localhost", IP_V6, "::1", true },
	{ "a.localhost", IP_V4, "127.0.0.1", true },
	{ "ll.example.org", IP_V6, "fe80::1", true },
	{ "example.org", IP_V4, NULL, false },
};

static void test_hosts(struct arena *arena)
{
	for (size_t i = 0; i < ARRAY_LEN(lookups); i++) {
		tap_case("hosts: %s, IPv%d", lookups[i].name, (int)lookups[i].family);
		struct dname name = dname_root();
		struct ip_addr ip = { .family = IP_NONE };
		bool found = false;
		CHECK_INT(dname_parse(arena, view_str(lookups[i].name), &name, NULL), ERR_OK);
		size_t n = resolve_hosts_find(view_str(hosts), name, lookups[i].family, &ip, 1, &found);
		CHECK_INT(found, lookups[i].found);
		CHECK_INT(n, lookups[i].ip != NULL);
		if (n > 0)
			CHECK_STR(IP_SHOW(&ip), lookups[i].ip);
	}
}

static void test_conf(size_t i)
{
	struct resolve_conf conf;
	resolve_conf_parse(view_str(confs[i].in), &conf);
	CHECK_INT(conf.n, confs[i].n);
	CHECK_STR(IP_SHOW(&conf.servers[0].ip), confs[i].first);
	CHECK_INT(conf.servers[0].port, 53);
	CHECK_INT(conf.timeout_s, confs[i].timeout_s);
	CHECK_INT(conf.attempts, confs[i].attempts);
	CHECK_INT(conf.skipped, confs[i].skipped);
	CHECK_INT(conf.rotate, confs[i].rotate);
	CHECK_INT(conf.trust_ad, confs[i].trust_ad);
	CHECK_INT(conf.use_vc, confs[i].use_vc);
	if (confs[i].skipped > 0)
		CHECK_INT(conf.note.line, 1);
}

int main(void)
{
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(addrs); i++) {
		tap_case("address: %s", addrs[i].what);
		struct resolve_addr addr;
		CHECK_INT(resolve_addr_parse(view_str(addrs[i].in), &addr, NULL), addrs[i].err);
		if (addrs[i].err == ERR_OK) {
			CHECK_STR(IP_SHOW(&addr.ip), addrs[i].ip);
			CHECK_INT(addr.port, addrs[i].port);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(confs); i++) {
		tap_case("resolv.conf: %s", confs[i].what);
		test_conf(i);
	}
	tap_case("a file that is missing is like an empty one");
	struct resolve_conf conf;
	CHECK_INT(resolve_conf_load("/nonexistent/resolv.conf", &conf, NULL), ERR_OK);
	CHECK_INT(conf.n, 1);
	test_hosts(&arena);
	arena_done(&arena);
	return tap_done();
}
