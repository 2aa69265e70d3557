#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns_fault_priv.h"

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Name (no pointers in questions), type, class; false when it is no question. */
static bool read_question(struct call *call)
{
	size_t at = 12;
	if (call->in_n < 12 + 5 || call->in_n > 512)
		return false;
	unsigned label = call->in[at];
	for (size_t i = 0; i < label && i < sizeof call->label - 1; i++)
		call->label[i] = (char)(call->in[13 + i] >= 'A' && call->in[13 + i] <= 'Z' ? call->in[13 + i] | 0x20
											   : call->in[13 + i]);
	call->label[label] = '\0';
	while (at < call->in_n && call->in[at] != 0)
		at += call->in[at] + 1U;
	at++;
	if (at + 4 > call->in_n)
		return false;
	call->type = (unsigned)call->in[at] << 8 | call->in[at + 1];
	call->question_n = at + 4 - 12;
	call->edns = call->in[11] != 0;
	call->cd = (call->in[3] & CD) != 0;
	return true;
}

static void take(struct fault *fault, struct fault_conn *conn, const struct sockaddr_in *peer, const uint8_t *in,
		 size_t n)
{
	struct call *call = calloc(1, sizeof *call);
	must(call != NULL);
	call->fault = fault;
	call->conn = conn;
	call->peer = peer;
	call->in = in;
	call->in_n = n;
	if (read_question(call)) {
		fault->asked++;
		fault->tcp += conn != NULL;
		fault->with_edns += call->edns;
		call_act(call);
	}
	free(call);
}

static void udp_ready(struct net_watch *watch, unsigned events)
{
	struct fault *fault = (struct fault *)(void *)((char *)watch - offsetof(struct fault, udp));
	(void)events;
	uint8_t in[1024];
	struct sockaddr_in peer;
	socklen_t length = sizeof peer;
	ssize_t n = recvfrom(watch->fd, in, sizeof in, 0, (struct sockaddr *)&peer, &length);
	if (n > 0)
		take(fault, NULL, &peer, in, (size_t)n);
}

static void conn_close(struct fault_conn *conn)
{
	net_loop_unwatch(conn->fault->loop, &conn->watch);
	(void)close(conn->watch.fd);
	conn->fault = NULL;
}

static void conn_ready(struct net_watch *watch, unsigned events)
{
	struct fault_conn *conn = (struct fault_conn *)(void *)watch;
	(void)events;
	ssize_t n = recv(watch->fd, conn->in + conn->n, sizeof conn->in - conn->n, 0);
	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			conn_close(conn);
		return;
	}
	conn->n += (size_t)n;
	while (conn->n >= 2) {
		size_t message = (size_t)conn->in[0] << 8 | conn->in[1];
		if (conn->n < 2 + message)
			break;
		take(conn->fault, conn, NULL, conn->in + 2, message);
		conn->n -= 2 + message;
		memmove(conn->in, conn->in + 2 + message, conn->n);
	}
}

static void listener_ready(struct net_watch *watch, unsigned events)
{
	struct fault *fault = (struct fault *)(void *)((char *)watch - offsetof(struct fault, listener));
	(void)events;
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	int room = 1 << 18; /* a whole reply is written at once */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	for (size_t i = 0; i < FAULT_CONNS && !fault->no_tcp; i++) {
		struct fault_conn *conn = &fault->conns[i];
		if (conn->fault != NULL)
			continue;
		*conn = (struct fault_conn){ .fault = fault };
		conn->watch = (struct net_watch){ .ready = conn_ready, .fd = fd, .events = NET_READ };
		must(net_loop_watch(fault->loop, &conn->watch, NULL) == ERR_OK);
		return;
	}
	(void)close(fd);
}

static int bound(int type, uint32_t ip, uint16_t *port)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(ip) };
	socklen_t length = sizeof addr;
	must(fd >= 0);
	if (bind(fd, (const struct sockaddr *)&addr, sizeof addr) != 0) {
		(void)close(fd);
		return -1;
	}
	must(getsockname(fd, (struct sockaddr *)&addr, &length) == 0);
	*port = ntohs(addr.sin_port);
	return fd;
}

/* UDP and TCP on one port; the port that is free for one may be taken for the other, so a few are tried. */
static void bind_both(struct fault *fault)
{
	for (int i = 0; i < 50; i++) {
		fault->port = 0;
		fault->udp.fd = bound(SOCK_DGRAM, INADDR_LOOPBACK, &fault->port);
		must(fault->udp.fd >= 0);
		fault->listener.fd = bound(SOCK_STREAM, INADDR_LOOPBACK, &fault->port);
		if (fault->listener.fd >= 0)
			return;
		(void)close(fault->udp.fd);
	}
	abort();
}

void fault_open(struct fault *fault, struct net_loop *loop)
{
	*fault = (struct fault){ .loop = loop };
	uint16_t any = 0;
	bind_both(fault);
	fault->stranger = bound(SOCK_DGRAM, INADDR_LOOPBACK, &any);
	fault->other = bound(SOCK_DGRAM, INADDR_LOOPBACK + 1, &fault->port);
	must(listen(fault->listener.fd, FAULT_CONNS) == 0);
	fault->udp.ready = udp_ready;
	fault->listener.ready = listener_ready;
	fault->udp.events = fault->listener.events = NET_READ;
	must(net_loop_watch(loop, &fault->udp, NULL) == ERR_OK);
	must(net_loop_watch(loop, &fault->listener, NULL) == ERR_OK);
}

void fault_close(struct fault *fault)
{
	for (size_t i = 0; i < FAULT_CONNS; i++)
		if (fault->conns[i].fault != NULL)
			conn_close(&fault->conns[i]);
	for (unsigned i = 0; i < fault->late_n; i++)
		net_timer_cancel(fault->loop, &fault->late[i].timer);
	net_loop_unwatch(fault->loop, &fault->udp);
	net_loop_unwatch(fault->loop, &fault->listener);
	(void)close(fault->udp.fd);
	(void)close(fault->listener.fd);
	(void)close(fault->stranger);
	(void)close(fault->other);
}
