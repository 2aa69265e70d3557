#include "net_addr.h"

#include "tap.h"

static const struct {
	const char *in;
	enum err err;
	const char *shown;
	bool local;
} rows[] = {
	{ "192.0.2.1", ERR_OK, "192.0.2.1:25", false },
	{ "192.0.2.1:587", ERR_OK, "192.0.2.1:587", false },
	{ "2001:db8::1", ERR_OK, "[2001:db8::1]:25", false },
	{ "[2001:db8::1]", ERR_OK, "[2001:db8::1]:25", false },
	{ "[2001:db8::1]:465", ERR_OK, "[2001:db8::1]:465", false },
	{ "fe80::1%1", ERR_OK, "[fe80::1%1]:25", false },
	{ "[fe80::1%lo]:26", ERR_OK, "[fe80::1%1]:26", false },
	{ "::1", ERR_OK, "[::1]:25", true },
	{ "127.8.9.10:0", ERR_OK, "127.8.9.10:0", true },
	{ "unix:/run/lmtp", ERR_OK, "unix:/run/lmtp", true },
	{ "/run/lmtp", ERR_OK, "unix:/run/lmtp", true },
	{ "unix:", ERR_SYNTAX, NULL, false },
	{ "", ERR_SYNTAX, NULL, false },
	{ "host.example", ERR_SYNTAX, NULL, false },
	{ "192.0.2.1:", ERR_SYNTAX, NULL, false },
	{ "192.0.2.1:65536", ERR_SYNTAX, NULL, false },
	{ "192.0.2.1:25x", ERR_SYNTAX, NULL, false },
	{ "[2001:db8::1", ERR_SYNTAX, NULL, false },
	{ "[2001:db8::1]25", ERR_SYNTAX, NULL, false },
	{ "192.0.2.1%lo", ERR_SYNTAX, NULL, false },
	{ "fe80::1%", ERR_DATA, NULL, false },
	{ "fe80::1%nosuchinterface0", ERR_DATA, NULL, false },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("address '%s'", rows[i].in);
		struct net_addr addr, back;
		struct diag diag;
		CHECK_INT(net_addr_parse(view_str(rows[i].in), 25, &addr, &diag), rows[i].err);
		if (rows[i].err != ERR_OK)
			continue;
		CHECK_STR(NET_ADDR_SHOW(&addr), rows[i].shown);
		CHECK_INT(net_addr_is_local(&addr), rows[i].local);
		struct sockaddr_storage storage;
		socklen_t size = net_addr_sockaddr(&addr, &storage);
		CHECK(net_addr_of_sockaddr((struct sockaddr *)&storage, size, &back));
		CHECK(net_addr_eq(&addr, &back));
	}
	tap_case("the path of a unix socket has a limit");
	char path[200];
	memset(path, 'x', sizeof path);
	path[0] = '/';
	struct net_addr addr;
	size_t max = sizeof addr.path - 1;
	CHECK_INT(net_addr_parse(view_of(path, max), 0, &addr, NULL), ERR_OK);
	CHECK_INT(net_addr_parse(view_of(path, max + 1), 0, &addr, NULL), ERR_LIMIT);
	CHECK_INT(net_addr_parse(view_of("/a\0b", 4), 0, &addr, NULL), ERR_SYNTAX);
	return tap_done();
}
