#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_stream_priv.h"

static enum net_io moved(ssize_t n, enum net_io again, size_t *out)
{
	if (n >= 0) {
		*out = (size_t)n;
		return NET_IO_DONE;
	}
	return errno == EAGAIN || errno == EINTR ? again : NET_IO_FAILED;
}

static enum net_io socket_recv(struct net_stream *stream, char *out, size_t cap, size_t *n)
{
	enum net_io io = moved(recv(stream->watch.fd, out, cap, 0), NET_IO_READ, n);
	return io == NET_IO_DONE && *n == 0 ? NET_IO_EOF : io;
}

static enum net_io socket_send(struct net_stream *stream, const struct iovec *parts, size_t count, size_t *n)
{
	struct iovec copy[64];
	size_t used = count < 64 ? count : 64;
	memcpy(copy, parts, used * sizeof copy[0]);
	struct msghdr msg = { .msg_iov = copy, .msg_iovlen = used };
	return moved(sendmsg(stream->watch.fd, &msg, MSG_NOSIGNAL), NET_IO_WRITE, n);
}

const struct net_transport net_transport_socket = { socket_recv, socket_send, true };

static void socket_ready(struct net_watch *watch, unsigned events)
{
	(void)events;
	net_stream_work((struct net_stream *)((char *)watch - offsetof(struct net_stream, watch)));
}

enum err net_stream_open(struct net_loop *loop, int fd, const struct net_addr *peer, struct net_stream **out,
			 struct diag *diag)
{
	int flags = fcntl(fd, F_GETFL), one = 1;
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
		(void)diag_errno(diag, "socket", errno);
		(void)close(fd);
		return ERR_OS;
	}
	/* Fails for unix sockets, which have no Nagle either. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	struct net_stream *stream = net_stream_new(loop, &net_transport_socket, peer);
	stream->watch = (struct net_watch){ .ready = socket_ready, .fd = fd };
	*out = stream;
	return ERR_OK;
}

bool net_stream_local(const struct net_stream *stream, struct net_addr *out)
{
	struct sockaddr_storage storage;
	socklen_t size = sizeof storage;
	return stream->watch.fd >= 0 && getsockname(stream->watch.fd, (struct sockaddr *)&storage, &size) == 0 &&
	       net_addr_of_sockaddr((struct sockaddr *)&storage, size, out);
}
