#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "resolve_net_priv.h"

socklen_t resolve_sockaddr(const struct resolve_server *server, struct sockaddr_storage *out)
{
	*out = (struct sockaddr_storage){ .ss_family = AF_UNSPEC };
	if (server->addr.ip.family == IP_V4) {
		struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(server->addr.port) };
		memcpy(&v4.sin_addr, server->addr.ip.octets, 4);
		memcpy(out, &v4, sizeof v4);
		return sizeof v4;
	}
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons(server->addr.port),
				   .sin6_scope_id = server->addr.scope };
	memcpy(&v6.sin6_addr, server->addr.ip.octets, 16);
	memcpy(out, &v6, sizeof v6);
	return sizeof v6;
}

static void udp_close(struct resolve_udp *udp)
{
	struct resolve_server *server = udp->server;
	net_loop_unwatch(server->net->loop, &udp->watch);
	(void)close(udp->watch.fd);
	for (struct resolve_udp **at = &server->sockets; *at != NULL; at = &(*at)->next)
		if (*at == udp) {
			*at = udp->next;
			break;
		}
	free(udp);
}

/* No more questions go out here; it is closed when the last answer is in. */
static void udp_retire(struct resolve_udp *udp)
{
	for (size_t i = 0; i < RESOLVE_SLOTS; i++)
		if (udp->server->slots[i] == udp)
			udp->server->slots[i] = NULL;
	udp->retired = true;
}

/* Closed once nothing is awaited there any more; not under the feet of udp_ready. */
static void udp_release(struct resolve_udp *udp)
{
	if (udp->retired && udp->open == 0 && !udp->reading)
		udp_close(udp);
}

void resolve_udp_close_all(struct resolve_server *server)
{
	while (server->sockets != NULL)
		udp_close(server->sockets);
}

/* The port stays known as used up, so that a late reply is not taken for a forgery. */
static void leave(struct resolve_udp *udp, struct resolve_flight *flight)
{
	for (unsigned i = 0; i < udp->used; i++)
		if (udp->flights[i] == flight) {
			udp->flights[i] = NULL;
			udp->open--;
		}
	flight->udp = NULL;
}

void resolve_udp_forget(struct resolve_flight *flight)
{
	struct resolve_udp *udp = flight->udp;
	if (udp == NULL)
		return;
	leave(udp, flight);
	udp_release(udp);
}

static bool id_taken(const struct resolve_udp *udp, uint16_t id)
{
	for (unsigned i = 0; i < udp->used; i++)
		if (udp->ids[i] == id)
			return true;
	return false;
}

/* All that wait on a socket lose it for the same reason. The socket is gone afterwards. */
static void abandon(struct resolve_udp *udp, void (*act)(struct resolve_flight *flight))
{
	struct resolve_flight *flights[RESOLVE_PER_SOCKET];
	size_t n = 0;
	for (unsigned i = 0; i < udp->used; i++)
		if (udp->flights[i] != NULL)
			flights[n++] = udp->flights[i];
	for (size_t i = 0; i < n; i++)
		flights[i]->udp = NULL;
	udp_retire(udp);
	udp_close(udp);
	for (size_t i = 0; i < n; i++)
		act(flights[i]);
}

static void unreachable(struct resolve_flight *flight) { resolve_flight_failed(flight, DNS_CAUSE_NETWORK); }

/* true: go on reading. The socket may be gone when false. */
static bool take_reply(struct resolve_udp *udp, char *packet, size_t n)
{
	struct resolve_net *net = udp->server->net;
	struct view bytes = view_of(packet, n);
	int id = resolve_packet_id(bytes);
	for (unsigned i = 0; i < udp->used && id >= 0; i++) {
		if (udp->ids[i] != id)
			continue;
		struct resolve_flight *flight = udp->flights[i];
		if (flight == NULL)
			return true; /* late: answered already, or given up */
		if (resolve_packet_match(bytes, view_of(flight->sent, flight->n)) == RESOLVE_MATCH_NO)
			break;
		leave(udp, flight);
		resolve_flight_reply(flight, packet, n, false);
		return true;
	}
	net->stats.mismatched++;
	if (++udp->mismatched < RESOLVE_MISMATCH_MAX)
		return true;
	abandon(udp, resolve_flight_to_tcp);
	return false;
}

/* What has come, all at once; a datagram that is longer than its room is cut, and then is no reply to the guard. */
static int receive(struct resolve_udp *udp, struct mmsghdr got[RESOLVE_PACKETS])
{
	struct iovec rooms[RESOLVE_PACKETS];
	for (size_t i = 0; i < RESOLVE_PACKETS; i++) {
		rooms[i] = (struct iovec){ udp->server->net->packets[i], RESOLVE_PACKET_MAX };
		got[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &rooms[i], .msg_iovlen = 1 } };
	}
	return recvmmsg(udp->watch.fd, got, RESOLVE_PACKETS, 0, NULL);
}

static void udp_ready(struct net_watch *watch, unsigned events)
{
	struct resolve_udp *udp = (struct resolve_udp *)(void *)watch;
	struct resolve_net *net = udp->server->net;
	struct mmsghdr got[RESOLVE_PACKETS];
	(void)events;
	bool open = true;
	udp->reading = true;
	int n = receive(udp, got);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		abandon(udp, unreachable); /* ECONNREFUSED and its like: what ICMP told */
		open = false;
	}
	for (int i = 0; i < n && open; i++)
		open = take_reply(udp, net->packets[i], got[i].msg_len);
	if (open) {
		udp->reading = false;
		udp_release(udp);
	}
	resolve_deliver(net);
}

static struct resolve_udp *udp_open(struct resolve_server *server)
{
	struct sockaddr_storage addr;
	socklen_t length = resolve_sockaddr(server, &addr);
	int fd = socket(addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return NULL;
	struct resolve_udp *udp = calloc(1, sizeof *udp);
	if (udp == NULL)
		base_out_of_memory();
	udp->watch = (struct net_watch){ .ready = udp_ready, .fd = fd, .events = NET_READ };
	/* connected: the kernel drops what comes from elsewhere, and tells when nobody listens there */
	if (connect(fd, (const struct sockaddr *)&addr, length) != 0 ||
	    net_loop_watch(server->net->loop, &udp->watch, NULL) != ERR_OK) {
		(void)close(fd);
		free(udp);
		return NULL;
	}
	udp->server = server;
	udp->opened_ms = resolve_now_ms(server->net);
	udp->next = server->sockets;
	server->sockets = udp;
	return udp;
}

/* No more descriptors to be had: whatever is open must do. */
static struct resolve_udp *udp_any(struct resolve_server *server)
{
	struct resolve_udp *udp = server->sockets;
	while (udp != NULL && udp->used == RESOLVE_PER_SOCKET)
		udp = udp->next;
	return udp;
}

static struct resolve_udp *udp_for(struct resolve_server *server)
{
	uint8_t slot;
	resolve_random(server->net, &slot, 1);
	slot %= RESOLVE_SLOTS;
	struct resolve_udp *udp = server->slots[slot];
	if (udp != NULL &&
	    (udp->used == RESOLVE_PER_SOCKET || resolve_now_ms(server->net) - udp->opened_ms > RESOLVE_SOCKET_MS)) {
		udp_retire(udp);
		udp_release(udp);
		udp = NULL;
	}
	if (udp == NULL)
		udp = server->slots[slot] = udp_open(server);
	return udp != NULL ? udp : udp_any(server);
}

bool resolve_udp_send(struct resolve_server *server, struct resolve_flight *flight)
{
	struct resolve_udp *udp = udp_for(server);
	if (udp == NULL)
		return false;
	do
		resolve_random(server->net, &flight->id, sizeof flight->id);
	while (id_taken(udp, flight->id));
	flight->sent[0] = (uint8_t)(flight->id >> 8);
	flight->sent[1] = (uint8_t)flight->id;
	server->net->stats.sent++;
	ssize_t n = send(udp->watch.fd, flight->sent, flight->n, 0);
	if (n < 0 &&
	    errno == ECONNREFUSED) /* told of an earlier packet, which udp_ready will see; this one was not sent */
		n = send(udp->watch.fd, flight->sent, flight->n, 0);
	if (n < 0 && errno != EAGAIN && errno != ENOBUFS && errno != EINTR)
		return false; /* a full buffer is a lost packet: the next try will do */
	udp->ids[udp->used] = flight->id;
	udp->flights[udp->used++] = flight;
	udp->open++;
	flight->udp = udp;
	return true;
}
