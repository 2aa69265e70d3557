#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "resolve_net_priv.h"

/* RFC 7766: one connection a server, kept and pipelined; each message behind its length in two octets. */
enum { TCP_IDLE_MS = 10000, TCP_STUCK_MS = 3000, TCP_OUT_MAX = 1 << 20, TCP_IN_MAX = 2 + 65535, READ_BLOCK = 16384 };

static void close_tcp(struct resolve_tcp *tcp)
{
	struct resolve_net *net = tcp->server->net;
	net_timer_cancel(net->loop, &tcp->idle);
	net_loop_unwatch(net->loop, &tcp->watch);
	(void)close(tcp->watch.fd);
	buf_done(&tcp->out);
	buf_done(&tcp->in);
	tcp->server->tcp = NULL;
	free(tcp);
}

static struct resolve_flight *detach_all(struct resolve_tcp *tcp)
{
	struct resolve_flight *flights = tcp->flights;
	for (struct resolve_flight *flight = flights; flight != NULL; flight = flight->tcp_next)
		flight->tcp = NULL;
	tcp->flights = NULL;
	return flights;
}

void resolve_tcp_close(struct resolve_server *server)
{
	if (server->tcp == NULL)
		return;
	(void)detach_all(server->tcp);
	close_tcp(server->tcp);
}

void resolve_tcp_forget(struct resolve_flight *flight)
{
	struct resolve_tcp *tcp = flight->tcp;
	if (tcp == NULL)
		return;
	for (struct resolve_flight **at = &tcp->flights; *at != NULL; at = &(*at)->tcp_next)
		if (*at == flight) {
			*at = flight->tcp_next;
			break;
		}
	flight->tcp = NULL;
}

/* The connection is over. Servers may close an idle one at any time (RFC 7766 6.2.3): then all is asked once more on a new one. */
static void tcp_lost(struct resolve_tcp *tcp)
{
	struct resolve_server *server = tcp->server;
	bool again = tcp->answered;
	struct resolve_flight *flight = detach_all(tcp);
	close_tcp(tcp);
	while (flight != NULL) {
		struct resolve_flight *next = flight->tcp_next;
		bool once_more = again && !flight->retried && !flight->lookup->finished;
		flight->retried = true;
		if (!once_more || !resolve_tcp_send(server, flight))
			resolve_flight_failed(flight, DNS_CAUSE_NETWORK);
		flight = next;
	}
}

static struct resolve_flight *flight_of(struct resolve_tcp *tcp, struct view bytes)
{
	int id = resolve_packet_id(bytes);
	for (struct resolve_flight *flight = tcp->flights; flight != NULL; flight = flight->tcp_next)
		if (flight->id == id &&
		    resolve_packet_match(bytes, view_of(flight->sent, flight->n)) != RESOLVE_MATCH_NO)
			return flight;
	return NULL;
}

static void take_messages(struct resolve_tcp *tcp)
{
	struct resolve_net *net = tcp->server->net;
	size_t at = 0;
	for (;;) {
		struct view rest = view_from(buf_view(&tcp->in), at);
		size_t n = rest.n < 2 ? 0 : (size_t)view_at(rest, 0) << 8 | (size_t)view_at(rest, 1);
		if (rest.n < 2 || rest.n - 2 < n)
			break;
		struct view bytes = view_slice(rest, 2, n);
		struct resolve_flight *flight = flight_of(tcp, bytes);
		if (flight == NULL) {
			net->stats.mismatched++;
		} else {
			tcp->answered = true;
			resolve_tcp_forget(flight);
			resolve_flight_reply(flight, tcp->in.p + at + 2, n, true);
		}
		at += 2 + n;
	}
	buf_drop(&tcp->in, at);
	if (at > 0)
		net_timer_after(net->loop, &tcp->idle, tcp->flights == NULL ? TCP_IDLE_MS : TCP_STUCK_MS);
}

/* false: the connection is over. */
static bool tcp_read(struct resolve_tcp *tcp)
{
	size_t room = TCP_IN_MAX - tcp->in.n;
	size_t want = room < READ_BLOCK ? room : READ_BLOCK;
	char *at = buf_room(&tcp->in, want);
	if (at == NULL)
		return false;
	ssize_t n = recv(tcp->watch.fd, at, want, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_grew(&tcp->in, (size_t)n);
	take_messages(tcp);
	return n > 0;
}

static bool tcp_write(struct resolve_tcp *tcp)
{
	struct resolve_net *net = tcp->server->net;
	if (tcp->out.n > 0) {
		ssize_t n = send(tcp->watch.fd, tcp->out.p, tcp->out.n, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		buf_drop(&tcp->out, n < 0 ? 0 : (size_t)n);
	}
	net_loop_want(net->loop, &tcp->watch, tcp->out.n > 0 ? NET_READ | NET_WRITE : NET_READ);
	return true;
}

/* What was said of the connect; 0 is well. */
static bool tcp_connected(struct resolve_tcp *tcp)
{
	int error = 0;
	socklen_t length = sizeof error;
	tcp->connected = getsockopt(tcp->watch.fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
	return tcp->connected;
}

static void tcp_ready(struct net_watch *watch, unsigned events)
{
	struct resolve_tcp *tcp = (struct resolve_tcp *)(void *)watch;
	struct resolve_net *net = tcp->server->net;
	bool fine = tcp->connected || tcp_connected(tcp);
	if (fine && (events & NET_WRITE) != 0)
		fine = tcp_write(tcp);
	if (fine && (events & NET_READ) != 0)
		fine = tcp_read(tcp);
	if (!fine)
		tcp_lost(tcp);
	resolve_deliver(net);
}

/* Nothing was asked for a while, or what was asked is not answered: either way a new connection is better. */
static void tcp_idle(struct net_timer *timer)
{
	struct resolve_tcp *tcp = (struct resolve_tcp *)(void *)((char *)timer - offsetof(struct resolve_tcp, idle));
	struct resolve_net *net = tcp->server->net;
	tcp->answered = false;
	tcp_lost(tcp);
	resolve_deliver(net);
}

static struct resolve_tcp *tcp_open(struct resolve_server *server)
{
	struct sockaddr_storage addr;
	socklen_t length = resolve_sockaddr(server, &addr);
	int fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return NULL;
	int on = 1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	struct resolve_tcp *tcp = calloc(1, sizeof *tcp);
	if (tcp == NULL)
		base_out_of_memory();
	tcp->watch = (struct net_watch){ .ready = tcp_ready, .fd = fd, .events = NET_READ | NET_WRITE };
	if ((connect(fd, (const struct sockaddr *)&addr, length) != 0 && errno != EINPROGRESS) ||
	    net_loop_watch(server->net->loop, &tcp->watch, NULL) != ERR_OK) {
		(void)close(fd);
		free(tcp);
		return NULL;
	}
	tcp->server = server;
	tcp->idle.fire = tcp_idle;
	buf_init(&tcp->out, TCP_OUT_MAX);
	buf_init(&tcp->in, TCP_IN_MAX);
	return tcp;
}

static bool id_taken(const struct resolve_tcp *tcp, uint16_t id)
{
	for (const struct resolve_flight *flight = tcp->flights; flight != NULL; flight = flight->tcp_next)
		if (flight->id == id)
			return true;
	return false;
}

bool resolve_tcp_send(struct resolve_server *server, struct resolve_flight *flight)
{
	struct resolve_net *net = server->net;
	if (server->tcp == NULL)
		server->tcp = tcp_open(server);
	struct resolve_tcp *tcp = server->tcp;
	if (tcp == NULL || tcp->out.n + 2U + flight->n > TCP_OUT_MAX)
		return false;
	do
		resolve_random(net, &flight->id, sizeof flight->id);
	while (id_taken(tcp, flight->id));
	flight->sent[0] = (uint8_t)(flight->id >> 8);
	flight->sent[1] = (uint8_t)flight->id;
	buf_byte(&tcp->out, flight->n >> 8);
	buf_byte(&tcp->out, flight->n & 0xff);
	buf_put(&tcp->out, view_of(flight->sent, flight->n));
	if (tcp->flights == NULL)
		net_timer_after(net->loop, &tcp->idle, TCP_STUCK_MS);
	flight->tcp = tcp;
	flight->tcp_next = tcp->flights;
	tcp->flights = flight;
	net->stats.sent++;
	net->stats.tcp++;
	net_loop_want(net->loop, &tcp->watch, NET_READ | NET_WRITE);
	return true;
}
