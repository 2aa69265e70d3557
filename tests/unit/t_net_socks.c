#include "net_socks.h"

#include "tap.h"

#define BYTES(literal)                                                                                                 \
	{                                                                                                              \
		"" literal, sizeof(literal) - 1                                                                        \
	}

static const struct net_socks_opts by_name = { .host = VIEW_INIT("mx.example"), .port = 25 };
static const struct net_socks_opts with_user = {
	.host = VIEW_INIT("mx.example"), .port = 0x1234, .user = VIEW_INIT("u"), .password = VIEW_INIT("pw")
};
static const struct net_socks_opts by_v4 = { .ip = { IP_V4, { 192, 0, 2, 1 } }, .port = 25 };
static const struct net_socks_opts by_v6 = { .ip = { IP_V6, { 0x20, 1 } }, .port = 25 };

static const struct {
	const char *what;
	const struct net_socks_opts *opts;
	struct view in, out;
	enum err err;
	bool done;
	size_t left;
} rows[] = {
	{ "RFC 1928 4: by name, not resolved here", &by_name, BYTES("\5\0\5\0\0\1\0\0\0\0\0\0"),
	  BYTES("\5\1\0\5\1\0\3\12mx.example\0\31"), ERR_OK, true, 0 },
	{ "IPv4 address", &by_v4, BYTES("\5\0\5\0\0\1\0\0\0\0\0\0"), BYTES("\5\1\0\5\1\0\1\300\0\2\1\0\31"), ERR_OK,
	  true, 0 },
	{ "IPv6 address", &by_v6, BYTES("\5\0\5\0\0\1\0\0\0\0\0\0"),
	  BYTES("\5\1\0\5\1\0\4\40\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\31"), ERR_OK, true, 0 },
	{ "RFC 1929: user and password", &with_user, BYTES("\5\2\1\0\5\0\0\1\0\0\0\0\0\0"),
	  BYTES("\5\2\0\2\1\1u\2pw\5\1\0\3\12mx.example\22\64"), ERR_OK, true, 0 },
	{ "user offered, not wanted", &with_user, BYTES("\5\0\5\0\0\1\0\0\0\0\0\0"),
	  BYTES("\5\2\0\2\5\1\0\3\12mx.example\22\64"), ERR_OK, true, 0 },
	{ "reply with an IPv6 address", &by_v4, BYTES("\5\0\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	  BYTES("\5\1\0\5\1\0\1\300\0\2\1\0\31"), ERR_OK, true, 0 },
	{ "reply with a name", &by_v4, BYTES("\5\0\5\0\0\3\1x\0\0"), BYTES("\5\1\0\5\1\0\1\300\0\2\1\0\31"), ERR_OK,
	  true, 0 },
	{ "what the server says behind the reply stays", &by_v4,
	  BYTES("\5\0\5\0\0\3\0\0\0"
		"220 hi"),
	  BYTES("\5\1\0\5\1\0\1\300\0\2\1\0\31"), ERR_OK, true, 6 },
	{ "password refused", &with_user, BYTES("\5\2\1\1"), BYTES("\5\2\0\2\1\1u\2pw"), ERR_DENIED, false, 0 },
	{ "no method fits", &by_name, BYTES("\5\377"), BYTES("\5\1\0"), ERR_DENIED, false, 0 },
	{ "a method that was not offered", &by_name, BYTES("\5\2"), BYTES("\5\1\0"), ERR_PROTOCOL, false, 0 },
	{ "GSSAPI was not offered", &by_name, BYTES("\5\1"), BYTES("\5\1\0"), ERR_PROTOCOL, false, 0 },
	{ "SOCKS 4", &by_name, BYTES("\0\132"), BYTES("\5\1\0"), ERR_PROTOCOL, false, 0 },
	{ "an HTTP server", &by_name, BYTES("HTTP/1.1 400 Bad"), BYTES("\5\1\0"), ERR_PROTOCOL, false, 0 },
	{ "reply of another version", &by_v4, BYTES("\5\0\4"), BYTES("\5\1\0\5\1\0\1\300\0\2\1\0\31"), ERR_PROTOCOL,
	  false, 0 },
	{ "server refused", &by_v4, BYTES("\5\0\5\5"), BYTES("\5\1\0\5\1\0\1\300\0\2\1\0\31"), ERR_TEMP, false, 0 },
	{ "rule set", &by_v4, BYTES("\5\0\5\2"), BYTES("\5\1\0\5\1\0\1\300\0\2\1\0\31"), ERR_DENIED, false, 0 },
	{ "reply 9 is not assigned", &by_v4, BYTES("\5\0\5\11"), BYTES("\5\1\0\5\1\0\1\300\0\2\1\0\31"), ERR_PROTOCOL,
	  false, 0 },
	{ "an address of kind 9", &by_v4, BYTES("\5\0\5\0\0\11\0"), BYTES("\5\1\0\5\1\0\1\300\0\2\1\0\31"),
	  ERR_PROTOCOL, false, 0 },
};

/* Feed in pieces; what is not used stays, as in a stream. */
static enum err run(const struct net_socks_opts *opts, struct view in, size_t piece, struct buf *out, bool *done,
		    size_t *left)
{
	struct net_socks socks;
	size_t at = 0, seen = 0;
	enum err err = net_socks_start(&socks, opts, out, NULL);
	while (err == ERR_OK) {
		size_t used;
		err = net_socks_feed(&socks, view_slice(in, at, seen - at), &used, out, NULL);
		at += used;
		if (socks.state == NET_SOCKS_DONE || (used == 0 && seen == in.n))
			break;
		seen = used > 0 ? seen : seen + piece < in.n ? seen + piece : in.n;
	}
	*done = err == ERR_OK && socks.state == NET_SOCKS_DONE;
	*left = *done ? in.n - at : 0;
	return err;
}

static void test_rows(void)
{
	static const size_t pieces[] = { 1, 2, 3, 1000 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("socks: %s, in every chunking", rows[i].what);
		for (size_t p = 0; p < ARRAY_LEN(pieces); p++) {
			BUF_AUTO struct buf out;
			bool done;
			size_t left;
			buf_init(&out, 1000);
			CHECK_INT(run(rows[i].opts, rows[i].in, pieces[p], &out, &done, &left), rows[i].err);
			CHECK_BYTES(buf_view(&out), rows[i].out);
			CHECK_INT(done, rows[i].done);
			CHECK_INT(left, rows[i].left);
		}
	}
}

static void test_truncated(void)
{
	tap_case("a reply cut anywhere waits for more");
	struct view in = BYTES("\5\0\5\0\0\3\4host\0\31");
	for (size_t n = 0; n < in.n; n++) {
		BUF_AUTO struct buf out;
		bool done;
		size_t left;
		buf_init(&out, 1000);
		CHECK_INT(run(&by_v4, view_to(in, n), 1, &out, &done, &left), ERR_OK);
		CHECK(!done);
	}
}

static void test_limits(void)
{
	static char text[256];
	memset(text, 'x', sizeof text);
	for (size_t n = 255; n <= 256; n++) {
		tap_case("names, users and passwords of %zu octets", n);
		struct net_socks_opts host = { .host = view_of(text, n), .port = 1 };
		struct net_socks_opts user = { .host = VIEW("h"), .user = view_of(text, n), .password = VIEW("p") };
		struct net_socks_opts word = { .host = VIEW("h"), .user = VIEW("u"), .password = view_of(text, n) };
		struct net_socks socks;
		BUF_AUTO struct buf out;
		buf_init(&out, 1000);
		enum err err = n > 255 ? ERR_DATA : ERR_OK;
		CHECK_INT(net_socks_start(&socks, &host, &out, NULL), err);
		CHECK_INT(net_socks_start(&socks, &user, &out, NULL), err);
		CHECK_INT(net_socks_start(&socks, &word, &out, NULL), err);
	}
	tap_case("NUL in a name");
	struct net_socks_opts nul = { .host = view_of("a\0b", 3), .port = 1 };
	struct net_socks socks;
	BUF_AUTO struct buf out;
	buf_init(&out, 1000);
	CHECK_INT(net_socks_start(&socks, &nul, &out, NULL), ERR_DATA);
}

int main(void)
{
	test_rows();
	test_truncated();
	test_limits();
	return tap_done();
}
