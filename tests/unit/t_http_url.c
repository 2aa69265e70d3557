#include "http_url.h"

#include "base_show.h"
#include "dns_table.h"
#include "tap.h"

static const struct {
	const char *in;
	enum err err;
	bool tls;
	const char *host;
	unsigned port;
	const char *rest;
} rows[] = {
	{ "https://mta-sts.example/.well-known/mta-sts.txt", ERR_OK, true, "mta-sts.example", 443,
	  "/.well-known/mta-sts.txt" },
	{ "HTTPS://a.example", ERR_OK, true, "a.example", 443, "" },
	{ "http://a.example?x", ERR_OK, false, "a.example", 80, "?x" },
	{ "https://a.example:8443/", ERR_OK, true, "a.example", 8443, "/" },
	{ "https://[2001:db8::1]:8443/x", ERR_OK, true, "2001:db8::1", 8443, "/x" },
	{ "https://[2001:db8::1]", ERR_OK, true, "2001:db8::1", 443, "" },
	{ "https://192.0.2.1/", ERR_OK, true, "192.0.2.1", 443, "/" },
	{ "https://a@b.example/", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "https://a.example/@b", ERR_OK, true, "a.example", 443, "/@b" },
	{ "https:///x", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "https://a.example:/", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "https://a.example:0/", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "https://a.example:65536/", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "https://[2001:db8::1/", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "https://[192.0.2.1]/", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "https://[::1]x/", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "https://a.example/a b", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "https://a.example/\r\nX: y", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "https://\xc3\xa4.example/", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "ftp://a.example/", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "a.example", ERR_SYNTAX, false, NULL, 0, NULL },
	{ "", ERR_SYNTAX, false, NULL, 0, NULL },
};

static const struct {
	const char *what, *url;
	enum err err;
	size_t count;
	const char *first;
} hosts[] = {
	{ "both families, in turn", "https://both.example/", ERR_OK, 2, "2001:db8::1" },
	{ "one", "https://v4.example:8443/", ERR_OK, 1, "192.0.2.1" },
	{ "an address needs no DNS", "https://192.0.2.9/", ERR_OK, 1, "192.0.2.9" },
	{ "an IPv6 address", "https://[2001:db8::9]/", ERR_OK, 1, "2001:db8::9" },
	{ "localhost needs no DNS (RFC 6761 6.3)", "http://LOCALHOST/", ERR_OK, 1, "127.0.0.1" },
	{ "no such host", "https://none.example/", ERR_NO_HOST, 0, NULL },
	{ "no address", "https://text.example/", ERR_NO_HOST, 0, NULL },
	{ "could not find out", "https://down.example/", ERR_TEMP, 0, NULL },
	{ "no URL", "v4.example", ERR_SYNTAX, 0, NULL },
};

static void test_resolve(void)
{
	static const char zone[] = "both.example A 192.0.2.1\nboth.example AAAA 2001:db8::1\nv4.example A 192.0.2.1\n"
				   "text.example TXT \"x\"\ndown.example *!timeout\n";
	struct arena arena = { 0 };
	struct dns_table table;
	dns_table_init(&table, &arena, NULL);
	CHECK_INT(dns_table_load(&table, view_str(zone), NULL), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		tap_case("resolve: %s", hosts[i].what);
		const struct ip_addr *addrs = NULL;
		size_t count = 0;
		CHECK_INT(http_resolve(&table.resolver, &arena, view_str(hosts[i].url), &addrs, &count, NULL),
			  hosts[i].err);
		CHECK_INT(count, hosts[i].count);
		if (count > 0)
			CHECK_STR(IP_SHOW(&addrs[0]), hosts[i].first);
	}
	arena_done(&arena);
}

int main(void)
{
	test_resolve();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("url: %s", SHOW(view_str(rows[i].in)));
		struct http_url url;
		CHECK_INT(http_url_parse(view_str(rows[i].in), &url, NULL), rows[i].err);
		if (rows[i].err != ERR_OK)
			continue;
		CHECK_INT(url.tls, rows[i].tls);
		CHECK_VIEW(url.host, rows[i].host);
		CHECK_INT(url.port, rows[i].port);
		CHECK_VIEW(url.rest, rows[i].rest);
	}
	tap_case("a URL that is too long");
	static char text[HTTP_URL_MAX + 2];
	memset(text, 'a', sizeof text - 1);
	memcpy(text, "https://", 8);
	struct http_url url;
	CHECK_INT(http_url_parse(view_of(text, HTTP_URL_MAX + 1), &url, NULL), ERR_LIMIT);
	return tap_done();
}
