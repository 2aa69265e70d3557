#include "net_connect.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto_secret.h"

enum { NET_CONNECT_ONE_MS = 10000, NET_CONNECT_TOTAL_MS = 30000, NET_SOCKS_OUT_MAX = 600 };

/* One address: its socket while it is connecting. */
struct attempt {
	struct net_watch watch;
	struct net_timer timer;
	struct net_connect *connect;
	struct net_addr addr;
};

struct net_connect {
	struct net_loop *loop;
	struct net_connector *connector;
	struct attempt *attempts;
	size_t count, started, running;
	int64_t head_start_ms, one_ms;
	struct ip_addr source[2];
	struct net_timer next, total;
	struct buf said; /* what was wrong, address by address */
	struct net_socks_opts socks_opts;
	struct net_socks socks;
	bool through_socks;
	struct net_owner owner;
	struct net_stream *stream;
	enum err err;
};

static struct net_connect *of_owner(struct net_owner *owner)
{
	return (struct net_connect *)((char *)owner - offsetof(struct net_connect, owner));
}

static void attempt_close(struct attempt *attempt)
{
	struct net_loop *loop = attempt->connect->loop;
	net_timer_cancel(loop, &attempt->timer);
	net_loop_unwatch(loop, &attempt->watch);
	if (attempt->watch.fd >= 0) {
		(void)close(attempt->watch.fd);
		attempt->connect->running--;
	}
	attempt->watch.fd = -1;
}

void net_connect_cancel(struct net_connect *connect)
{
	if (connect == NULL)
		return;
	for (size_t i = 0; i < connect->count; i++)
		attempt_close(&connect->attempts[i]);
	net_timer_cancel(connect->loop, &connect->next);
	net_timer_cancel(connect->loop, &connect->total);
	net_stream_close(connect->stream);
	buf_done(&connect->said);
	free(connect->attempts);
	free(connect);
}

/* The one call of `done`, the last thing that happens. */
static void finish(struct net_connect *connect, enum err err, const struct diag *diag)
{
	struct net_connector *connector = connect->connector;
	struct net_stream *stream = err == ERR_OK ? connect->stream : NULL;
	struct diag copy = *diag;
	if (stream != NULL) {
		connect->stream = NULL;
		net_stream_own(stream, NULL);
		net_stream_no_deadline(stream);
	}
	net_connect_cancel(connect);
	connector->done(connector, err, stream, &copy);
}

static void all_failed(struct net_connect *connect)
{
	struct diag diag;
	enum err err = diag_set(&diag, connect->err == ERR_OK ? ERR_TEMP : connect->err, "%s",
				connect->said.p == NULL ? "no address to connect to" : connect->said.p);
	finish(connect, err, &diag);
}

static const char *reason(int errnum, char *text, size_t cap)
{
	switch (errnum) {
	case ECONNREFUSED:
		return "connection refused";
	case ETIMEDOUT:
		return "timed out";
	case EHOSTUNREACH:
	case ENETUNREACH:
		return "unreachable";
	case EADDRNOTAVAIL:
		return "this machine does not have the source address";
	case EACCES:
	case EPERM:
		return "not permitted (a firewall of this machine?)";
	default:
		return strerror_r(errnum, text, cap) == 0 ? text : "failed";
	}
}

/* "192.0.2.1:25: connection refused; [2001:db8::1]:25: timed out" */
static void note(struct net_connect *connect, const struct net_addr *addr, const char *what)
{
	buf_printf(&connect->said, "%s%s: %s", connect->said.n == 0 ? "" : "; ", NET_ADDR_SHOW(addr), what);
}

static void attempt_failed(struct attempt *attempt, int errnum)
{
	struct net_connect *connect = attempt->connect;
	char text[80];
	note(connect, &attempt->addr, reason(errnum, text, sizeof text));
	attempt_close(attempt);
	if (connect->started < connect->count)
		net_timer_after(connect->loop, &connect->next, 0);
	else if (connect->running == 0)
		all_failed(connect);
}

static void attempt_timed_out(struct net_timer *timer)
{
	attempt_failed((struct attempt *)((char *)timer - offsetof(struct attempt, timer)), ETIMEDOUT);
}

/* What goes to the proxy may hold a password: one allocation, wiped. */
static void wiped_init(struct buf *out)
{
	buf_init(out, NET_SOCKS_OUT_MAX);
	(void)buf_room(out, NET_SOCKS_OUT_MAX);
}

static void wiped_done(struct buf *out)
{
	crypto_wipe(out->p, out->cap);
	buf_done(out);
}

/* Through the proxy: what it sends, until it says that the connection stands. */
static void socks_ready(struct net_owner *owner)
{
	struct net_connect *connect = of_owner(owner);
	struct diag diag = { .text = "" };
	enum err err = ERR_OK;
	CLEANUP(wiped_done) struct buf out;
	wiped_init(&out);
	for (size_t used = 1; used > 0 && err == ERR_OK && connect->socks.state != NET_SOCKS_DONE;) {
		err = net_socks_feed(&connect->socks, net_stream_peek(connect->stream), &used, &out, &diag);
		net_stream_take(connect->stream, used);
	}
	if (err == ERR_OK && out.n > 0)
		err = net_stream_write_view(connect->stream, buf_view(&out), &diag);
	if (err == ERR_OK && connect->socks.state == NET_SOCKS_DONE) {
		finish(connect, ERR_OK, &diag);
		return;
	}
	if (err == ERR_OK)
		err = net_stream_err(connect->stream, &diag);
	if (err == ERR_OK && net_stream_eof(connect->stream))
		err = diag_set(&diag, ERR_TEMP, "the SOCKS proxy closed the connection");
	if (err != ERR_OK)
		finish(connect, diag_prefix(&diag, err, "%s", NET_ADDR_SHOW(net_stream_peer(connect->stream))), &diag);
}

static enum err socks_begin(struct net_connect *connect, struct diag *diag)
{
	CLEANUP(wiped_done) struct buf out;
	wiped_init(&out);
	enum err err = net_socks_start(&connect->socks, &connect->socks_opts, &out, diag);
	if (err == ERR_OK)
		err = net_stream_write_view(connect->stream, buf_view(&out), diag);
	connect->owner.ready = socks_ready;
	if (err == ERR_OK)
		net_stream_own(connect->stream, &connect->owner);
	return err;
}

/* This address wins; the others are given up. */
static void attempt_won(struct attempt *attempt)
{
	struct net_connect *connect = attempt->connect;
	struct diag diag = { .text = "" };
	int fd = attempt->watch.fd;
	struct net_addr addr = attempt->addr;
	net_loop_unwatch(connect->loop, &attempt->watch);
	attempt->watch.fd = -1;
	connect->running--;
	for (size_t i = 0; i < connect->count; i++)
		attempt_close(&connect->attempts[i]);
	net_timer_cancel(connect->loop, &attempt->timer);
	net_timer_cancel(connect->loop, &connect->next);
	enum err err = net_stream_open(connect->loop, fd, &addr, &connect->stream, &diag);
	if (err == ERR_OK && connect->through_socks)
		err = socks_begin(connect, &diag);
	if (err != ERR_OK || !connect->through_socks)
		finish(connect, err, &diag);
}

static void attempt_ready(struct net_watch *watch, unsigned events)
{
	struct attempt *attempt = (struct attempt *)((char *)watch - offsetof(struct attempt, watch));
	int errnum = 0;
	socklen_t size = sizeof errnum;
	(void)events;
	if (getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &errnum, &size) != 0)
		errnum = errno;
	if (errnum == 0)
		attempt_won(attempt);
	else
		attempt_failed(attempt, errnum);
}

static const struct ip_addr *source_for(const struct net_connect *connect, enum ip_family family)
{
	for (size_t i = 0; i < ARRAY_LEN(connect->source); i++) {
		if (connect->source[i].family == family)
			return &connect->source[i];
	}
	return NULL;
}

static int bind_source(const struct net_connect *connect, int fd, const struct net_addr *addr)
{
	const struct ip_addr *source = addr->kind == NET_ADDR_IP ? source_for(connect, addr->ip.family) : NULL;
	struct sockaddr_storage storage;
	int one = 1;
	if (source == NULL)
		return 0;
	/* The port is chosen at connect, so that many connections can share one source address (Linux 4.2). */
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
	struct net_addr from = net_addr_of(source, 0);
	socklen_t size = net_addr_sockaddr(&from, &storage);
	return bind(fd, (struct sockaddr *)&storage, size) == 0 ? 0 : errno;
}

/* errno of what went wrong at once, or 0: it is connecting (or connected, which shows as writable). */
static int attempt_open(struct attempt *attempt)
{
	struct net_connect *all = attempt->connect;
	struct sockaddr_storage storage;
	socklen_t size = net_addr_sockaddr(&attempt->addr, &storage);
	int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	attempt->watch = (struct net_watch){ .ready = attempt_ready, .fd = fd, .events = NET_WRITE };
	all->running++;
	int errnum = bind_source(all, fd, &attempt->addr);
	if (errnum == 0 && connect(fd, (struct sockaddr *)&storage, size) != 0 && errno != EINPROGRESS)
		errnum = errno;
	if (errnum == 0 && net_loop_watch(all->loop, &attempt->watch, NULL) != ERR_OK)
		errnum = EMFILE;
	return errnum;
}

static void start_next(struct net_connect *connect)
{
	struct attempt *attempt = &connect->attempts[connect->started++];
	int errnum = attempt_open(attempt);
	if (errnum != 0) {
		attempt_failed(attempt, errnum);
		return;
	}
	net_timer_after(connect->loop, &attempt->timer, connect->one_ms);
	if (connect->started < connect->count)
		net_timer_after(connect->loop, &connect->next, connect->head_start_ms);
}

static void next_fire(struct net_timer *timer)
{
	struct net_connect *connect = (struct net_connect *)((char *)timer - offsetof(struct net_connect, next));
	if (connect->started < connect->count)
		start_next(connect);
	else
		all_failed(connect);
}

static void total_fire(struct net_timer *timer)
{
	struct net_connect *connect = (struct net_connect *)((char *)timer - offsetof(struct net_connect, total));
	for (size_t i = 0; i < connect->started; i++) {
		if (connect->attempts[i].watch.fd >= 0)
			note(connect, &connect->attempts[i].addr, "timed out");
	}
	if (connect->stream != NULL)
		note(connect, net_stream_peer(connect->stream), "the SOCKS proxy did not answer in time");
	all_failed(connect);
}

static bool is_v6(const struct net_addr *addr) { return addr->kind == NET_ADDR_IP && addr->ip.family == IP_V6; }

/* --source-ip of one family alone: the other cannot be used. */
static bool wanted(const struct net_connect *connect, const struct net_addr *addr)
{
	bool any = connect->source[0].family != IP_NONE || connect->source[1].family != IP_NONE;
	return addr->kind == NET_ADDR_UNIX || !any || source_for(connect, addr->ip.family) != NULL;
}

/* RFC 8305 4: the families in turn, order within each kept, beginning with the family of the first. */
static void interleave(struct net_connect *connect, const struct net_connect_opts *opts)
{
	size_t at[2] = { 0, 0 };
	bool v6 = is_v6(&opts->addrs[0]);
	for (size_t left = opts->count; left > 0; left--, v6 = !v6) {
		for (int side = 0; side < 2; side++) {
			size_t *i = &at[v6];
			while (*i < opts->count && is_v6(&opts->addrs[*i]) != v6)
				++*i;
			if (*i < opts->count)
				break;
			v6 = !v6;
		}
		const struct net_addr *addr = &opts->addrs[at[v6]++];
		if (wanted(connect, addr))
			connect->attempts[connect->count++] = (struct attempt){ .watch.fd = -1,
										.connect = connect,
										.addr = *addr };
	}
	for (size_t i = 0; i < connect->count; i++)
		connect->attempts[i].timer.fire = attempt_timed_out;
}

enum err net_connect_start(struct net_loop *loop, const struct net_connect_opts *opts, struct net_connector *connector,
			   struct net_connect **out, struct diag *diag)
{
	if (opts->count == 0 || opts->count > NET_CONNECT_ADDRS)
		return diag_set(diag, ERR_USAGE, "%zu addresses to connect to; 1 to %d are possible", opts->count,
				NET_CONNECT_ADDRS);
	struct net_connect *connect = calloc(1, sizeof *connect);
	struct attempt *attempts = calloc(opts->count, sizeof *attempts);
	if (connect == NULL || attempts == NULL)
		base_out_of_memory();
	*connect = (struct net_connect){
		.loop = loop,
		.connector = connector,
		.attempts = attempts,
		.head_start_ms = opts->head_start_ms == 0 ? NET_CONNECT_HEAD_START_MS : opts->head_start_ms,
		.one_ms = opts->one_ms == 0 ? NET_CONNECT_ONE_MS : opts->one_ms,
		.source = { opts->source[0], opts->source[1] },
		.next.fire = next_fire,
		.total.fire = total_fire,
		.through_socks = opts->socks != NULL,
	};
	if (opts->socks != NULL)
		connect->socks_opts = *opts->socks;
	buf_init(&connect->said, DIAG_TEXT_MAX);
	interleave(connect, opts);
	if (connect->count == 0) {
		note(connect, &opts->addrs[0], "no source address of this family (--source-ip)");
		connect->err = ERR_USAGE;
	}
	net_timer_after(loop, &connect->next, 0);
	net_timer_after(loop, &connect->total, opts->total_ms == 0 ? NET_CONNECT_TOTAL_MS : opts->total_ms);
	*out = connect;
	return ERR_OK;
}

struct waiting {
	struct net_connector connector;
	bool done;
	enum err err;
	struct net_stream *stream;
	struct diag diag;
};

static void waiting_done(struct net_connector *connector, enum err err, struct net_stream *stream,
			 const struct diag *diag)
{
	struct waiting *waiting = (struct waiting *)connector;
	waiting->done = true;
	waiting->err = err;
	waiting->stream = stream;
	waiting->diag = *diag;
}

static bool is_done(void *ctx) { return ((const struct waiting *)ctx)->done; }

enum err net_connect_wait(struct net_loop *loop, const struct net_connect_opts *opts, struct net_stream **out,
			  struct diag *diag)
{
	struct waiting waiting = { .connector.done = waiting_done };
	struct net_connect *connect;
	enum err err = net_connect_start(loop, opts, &waiting.connector, &connect, diag);
	if (err != ERR_OK)
		return err;
	err = net_loop_run(loop, is_done, &waiting, NET_FOREVER, diag);
	if (err != ERR_OK) {
		net_connect_cancel(connect);
		return err;
	}
	if (waiting.err == ERR_OK)
		*out = waiting.stream;
	else if (diag != NULL)
		*diag = waiting.diag;
	return waiting.err;
}
