#include "net_connect.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

static struct net_loop *loop;

/* A listener on loopback; port 0 in: any, out: the one it got. */
static int listen_at(const char *ip, uint16_t *port, int backlog)
{
	struct sockaddr_storage storage;
	struct net_addr addr;
	socklen_t size;
	int one = 1;
	CHECK_INT(net_addr_parse(view_str(ip), *port, &addr, NULL), ERR_OK);
	size = net_addr_sockaddr(&addr, &storage);
	int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (storage.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
	if (fd < 0 || bind(fd, (struct sockaddr *)&storage, size) != 0 || listen(fd, backlog) != 0)
		return -1;
	size = sizeof storage;
	(void)getsockname(fd, (struct sockaddr *)&storage, &size);
	if (!net_addr_of_sockaddr((struct sockaddr *)&storage, size, &addr))
		return -1;
	*port = addr.port;
	return fd;
}

static struct net_addr at(const char *ip, uint16_t port)
{
	struct net_addr addr = { .kind = NET_ADDR_IP };
	CHECK_INT(net_addr_parse(view_str(ip), port, &addr, NULL), ERR_OK);
	return addr;
}

/* A port where nobody listens, and a listener whose queue is full: its SYNs are dropped, as by a black hole. */
static uint16_t closed_port(void)
{
	uint16_t port = 0;
	int fd = listen_at("127.0.0.1", &port, 1);
	(void)close(fd);
	return port;
}

struct hole {
	int fd, filler[4];
	uint16_t port;
};

static struct hole hole_open(const char *ip)
{
	struct hole hole = { .port = 0 };
	struct sockaddr_storage storage;
	hole.fd = listen_at(ip, &hole.port, 0);
	struct net_addr addr = at(ip, hole.port);
	socklen_t size = net_addr_sockaddr(&addr, &storage);
	for (size_t i = 0; i < ARRAY_LEN(hole.filler); i++) {
		hole.filler[i] = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(hole.filler[i], (struct sockaddr *)&storage, size);
	}
	return hole;
}

static void hole_close(struct hole *hole)
{
	for (size_t i = 0; i < ARRAY_LEN(hole->filler); i++)
		(void)close(hole->filler[i]);
	(void)close(hole->fd);
}

static int64_t now_ms(void) { return env_mono_ms(env_system()); }

static void test_simple(void)
{
	uint16_t port = 0;
	int server = listen_at("127.0.0.1", &port, 5);
	struct net_stream *stream = NULL;
	struct diag diag = { .text = "" };

	tap_case("one address that answers");
	struct net_addr addr = at("127.0.0.1", port);
	CHECK_INT(net_connect_wait(loop, &(struct net_connect_opts){ .addrs = &addr, .count = 1 }, &stream, &diag),
		  ERR_OK);
	CHECK(net_addr_eq(net_stream_peer(stream), &addr));
	struct net_addr local;
	CHECK(net_stream_local(stream, &local) && local.port != 0);
	net_stream_close(stream);

	tap_case("one that refuses: which, and what to make of it");
	uint16_t closed = closed_port();
	addr = at("127.0.0.1", closed);
	CHECK_INT(net_connect_wait(loop, &(struct net_connect_opts){ .addrs = &addr, .count = 1 }, &stream, &diag),
		  ERR_TEMP);
	char want[100];
	(void)snprintf(want, sizeof want, "127.0.0.1:%u: connection refused", closed);
	CHECK_STR(diag.text, want);

	tap_case("the next is tried at once when one refuses");
	struct net_addr two[] = { at("127.0.0.1", closed), at("127.0.0.1", port) };
	int64_t begin = now_ms();
	CHECK_INT(net_connect_wait(loop, &(struct net_connect_opts){ .addrs = two, .count = 2 }, &stream, &diag),
		  ERR_OK);
	CHECK(now_ms() - begin < 200);
	net_stream_close(stream);

	tap_case("no address, and too many");
	CHECK_INT(net_connect_wait(loop, &(struct net_connect_opts){ .addrs = two }, &stream, &diag), ERR_USAGE);
	CHECK_INT(net_connect_wait(loop, &(struct net_connect_opts){ .addrs = two, .count = 65 }, &stream, &diag),
		  ERR_USAGE);

	tap_case("a source address");
	struct net_connect_opts opts = { .addrs = &two[1], .count = 1, .source = { { IP_V4, { 127, 0, 0, 9 } } } };
	CHECK_INT(net_connect_wait(loop, &opts, &stream, &diag), ERR_OK);
	CHECK(net_stream_local(stream, &local) && strcmp(IP_SHOW(&local.ip), "127.0.0.9") == 0);
	net_stream_close(stream);

	tap_case("a source address that this machine does not have, or of the other family alone");
	opts.source[0] = (struct ip_addr){ IP_V4, { 192, 0, 2, 1 } };
	CHECK_INT(net_connect_wait(loop, &opts, &stream, &diag), ERR_TEMP);
	CHECK(strstr(diag.text, "does not have the source address") != NULL);
	opts.source[0] = (struct ip_addr){ .family = IP_V6 };
	CHECK_INT(net_connect_wait(loop, &opts, &stream, &diag), ERR_USAGE);
	CHECK(strstr(diag.text, "--source-ip") != NULL);
	(void)close(server);
}

static void test_happy(void)
{
	uint16_t port = 0;
	int server = listen_at("127.0.0.1", &port, 5);
	struct hole hole = hole_open("127.0.0.1");
	struct net_stream *stream = NULL;
	struct diag diag = { .text = "" };
	struct net_addr two[] = { at("127.0.0.1", hole.port), at("127.0.0.1", port) };

	tap_case("RFC 8305: a black hole costs its head start, no more");
	int64_t begin = now_ms();
	CHECK_INT(net_connect_wait(loop, &(struct net_connect_opts){ .addrs = two, .count = 2 }, &stream, &diag),
		  ERR_OK);
	int64_t took = now_ms() - begin;
	CHECK(took >= NET_CONNECT_HEAD_START_MS - 5 && took < 1500);
	CHECK(net_addr_eq(net_stream_peer(stream), &two[1]));
	net_stream_close(stream);

	tap_case("only black holes: each has its time, and all are named");
	struct net_addr holes[] = { two[0], two[0] };
	struct net_connect_opts opts = { .addrs = holes, .count = 2, .head_start_ms = 10, .one_ms = 100 };
	begin = now_ms();
	CHECK_INT(net_connect_wait(loop, &opts, &stream, &diag), ERR_TEMP);
	took = now_ms() - begin;
	CHECK(took >= 100 && took < 1000);
	CHECK(strstr(diag.text, "timed out; 127.0.0.1:") != NULL);

	tap_case("the time for all together");
	opts.one_ms = 60000;
	opts.total_ms = 60;
	begin = now_ms();
	CHECK_INT(net_connect_wait(loop, &opts, &stream, &diag), ERR_TEMP);
	CHECK(now_ms() - begin < 1000);
	CHECK(strstr(diag.text, "timed out") != NULL);
	hole_close(&hole);
	(void)close(server);
}

static void test_interleave(void)
{
	tap_case("RFC 8305 4: the families take turns");
	uint16_t port = 0, closed = closed_port();
	int server = listen_at("::1", &port, 5);
	if (server < 0) {
		tap_skip("no IPv6 on loopback");
		return;
	}
	struct net_addr addrs[] = { at("127.0.0.1", closed), at("127.0.0.2", closed), at("127.0.0.3", closed),
				    at("::1", closed) };
	struct net_stream *stream = NULL;
	struct diag diag = { .text = "" };
	struct net_connect_opts opts = { .addrs = addrs, .count = 4 };
	CHECK_INT(net_connect_wait(loop, &opts, &stream, &diag), ERR_TEMP);
	char want[400];
	(void)snprintf(want, sizeof want,
		       "127.0.0.1:%u: connection refused; [::1]:%u: connection refused; 127.0.0.2:%u: connection "
		       "refused; 127.0.0.3:%u: connection refused",
		       closed, closed, closed, closed);
	CHECK_STR(diag.text, want);
	(void)close(server);
}

struct quiet {
	struct net_connector connector;
	int calls;
};

static void quiet_done(struct net_connector *connector, enum err err, struct net_stream *stream,
		       const struct diag *diag)
{
	(void)err, (void)diag;
	((struct quiet *)connector)->calls++;
	net_stream_close(stream);
}

static void test_cancel(void)
{
	tap_case("cancelled at any time: done is not called, nothing is left");
	uint16_t port = 0;
	int server = listen_at("127.0.0.1", &port, 5);
	struct hole hole = hole_open("127.0.0.1");
	struct net_addr two[] = { at("127.0.0.1", hole.port), at("127.0.0.1", port) };
	for (int turns = 0; turns < 4; turns++) {
		struct quiet quiet = { .connector.done = quiet_done };
		struct net_connect *connect = NULL;
		struct net_connect_opts opts = { .addrs = two, .count = 2, .head_start_ms = 2000 };
		CHECK_INT(net_connect_start(loop, &opts, &quiet.connector, &connect, NULL), ERR_OK);
		for (int i = 0; i < turns; i++)
			CHECK_INT(net_loop_turn(loop, 1, NULL), ERR_OK);
		net_connect_cancel(connect);
		CHECK_INT(net_loop_turn(loop, 5, NULL), ERR_OK);
		CHECK_INT(quiet.calls, 0);
	}
	hole_close(&hole);
	(void)close(server);
}

static void test_unix(void)
{
	tap_case("a unix socket, and one that is missing");
	char dir[] = "/tmp/posthorn-test-XXXXXX";
	if (mkdtemp(dir) == NULL)
		return;
	struct net_addr addr = { .kind = NET_ADDR_UNIX };
	struct sockaddr_storage storage;
	struct net_stream *stream = NULL;
	struct diag diag;
	(void)snprintf(addr.path, sizeof addr.path, "%s/lmtp", dir);
	struct net_connect_opts opts = { .addrs = &addr, .count = 1 };
	CHECK_INT(net_connect_wait(loop, &opts, &stream, &diag), ERR_TEMP);
	CHECK(strstr(diag.text, "No such file") != NULL);
	socklen_t size = net_addr_sockaddr(&addr, &storage);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(bind(fd, (struct sockaddr *)&storage, size) == 0 && listen(fd, 5) == 0);
	CHECK_INT(net_connect_wait(loop, &opts, &stream, &diag), ERR_OK);
	net_stream_close(stream);
	(void)close(fd);
	(void)unlink(addr.path);
	(void)rmdir(dir);
}

/* A proxy that says one thing to each thing it hears. */
static const struct {
	const char *what;
	struct view says[3]; /* empty: hangs up; NULL: silent */
	enum err err;
	const char *text;
} proxies[] = {
	{ "a proxy that connects",
	  { { "\5\0", 2 },
	    { "\5\0\0\1\0\0\0\0\0\0"
	      "220 hi\r\n",
	      18 } },
	  ERR_OK,
	  NULL },
	{ "a proxy that refuses", { { "\5\0", 2 }, { "\5\5\0\1", 4 } }, ERR_TEMP, "the server refused the connection" },
	{ "a proxy that hangs up", { { "\5\0", 2 }, { "", 0 } }, ERR_TEMP, "closed the connection" },
	{ "a proxy that is none", { { "220 smtp\r\n", 10 } }, ERR_PROTOCOL, "does not speak SOCKS 5" },
	{ "a proxy that says nothing", { { NULL, 0 } }, ERR_TEMP, "did not answer in time" },
};

struct proxy {
	struct net_watch watch; /* the listener, then the client that came */
	const struct view *says;
	int listener;
	size_t step;
};

static void proxy_close(struct proxy *proxy)
{
	net_loop_unwatch(loop, &proxy->watch);
	if (proxy->watch.fd != proxy->listener)
		(void)close(proxy->watch.fd);
	proxy->watch.fd = proxy->listener;
}

static void proxy_ready(struct net_watch *watch, unsigned events)
{
	struct proxy *proxy = (struct proxy *)watch;
	char heard[600];
	(void)events;
	if (watch->fd == proxy->listener) {
		net_loop_unwatch(loop, watch);
		watch->fd = accept(proxy->listener, NULL, NULL);
		CHECK_INT(net_loop_watch(loop, watch, NULL), ERR_OK);
		return;
	}
	ssize_t n = read(watch->fd, heard, sizeof heard);
	struct view say = n > 0 && proxy->step < 3 ? proxy->says[proxy->step] : view_of(NULL, 0);
	proxy->step++;
	if (say.n > 0)
		CHECK_INT(write(watch->fd, say.p, say.n), say.n);
	else if (n <= 0 || say.p != NULL)
		proxy_close(proxy);
}

static void test_socks(void)
{
	uint16_t port = 0;
	int server = listen_at("127.0.0.1", &port, 5);
	struct net_addr addr = at("127.0.0.1", port);
	struct net_socks_opts socks = { .host = VIEW("mx.example"), .port = 25 };
	for (size_t i = 0; i < ARRAY_LEN(proxies); i++) {
		tap_case("socks: %s", proxies[i].what);
		struct net_stream *stream = NULL;
		struct diag diag = { .text = "" };
		struct net_connect_opts opts = { .addrs = &addr, .count = 1, .socks = &socks, .total_ms = 300 };
		struct proxy proxy = { .watch = { .ready = proxy_ready, .fd = server, .events = NET_READ },
				       .says = proxies[i].says,
				       .listener = server };
		CHECK_INT(net_loop_watch(loop, &proxy.watch, NULL), ERR_OK);
		CHECK_INT(net_connect_wait(loop, &opts, &stream, &diag), proxies[i].err);
		if (proxies[i].text != NULL && !CHECK(strstr(diag.text, proxies[i].text) != NULL))
			printf("# says: %s\n", diag.text);
		if (stream != NULL)
			CHECK_VIEW(net_stream_peek(stream), "220 hi\r\n");
		net_stream_close(stream);
		proxy_close(&proxy);
	}
	(void)close(server);
}

int main(void)
{
	if (net_loop_open(env_system(), &loop, NULL) != ERR_OK)
		return 1;
	test_simple();
	test_happy();
	test_interleave();
	test_cancel();
	test_unix();
	test_socks();
	net_loop_close(loop);
	return tap_done();
}
