#pragma once

#include <sys/uio.h>

#include "net_stream.h"

/* What an attempt to move octets came to. */
enum net_io {
	NET_IO_DONE,  /* *n octets moved, at least one */
	NET_IO_READ,  /* go on when the descriptor is readable */
	NET_IO_WRITE, /* go on when it is writable */
	NET_IO_EOF,   /* the peer closed */
	NET_IO_FAILED /* errno (socket, memory), or the session's own text (TLS) */
};

struct net_transport {
	enum net_io (*recv)(struct net_stream *stream, char *out, size_t cap, size_t *n);
	enum net_io (*send)(struct net_stream *stream, const struct iovec *parts, size_t count, size_t *n);
	bool gathers; /* send takes many parts at once; else one contiguous part is given */
};

struct net_stream {
	const struct net_transport *transport;
	struct net_loop *loop;
	struct net_watch watch; /* fd -1: memory */
	struct net_owner *owner;
	struct net_addr peer;
	struct buf in, out;
	size_t in_at, out_at; /* taken of in, sent of out */
	uint64_t written, sent;
	size_t tls_tried; /* octets of out that a record under way may hold */
	struct net_timer deadline, kick;
	int64_t deadline_ms;
	const char *what;
	enum err err;
	struct diag diag;
	bool eof, more, handshaking, wants_write, guard, guard_cr;
	struct net_tls_session *tls;
	struct net_memory *memory;
};

struct net_stream *net_stream_new(struct net_loop *loop, const struct net_transport *transport,
				  const struct net_addr *peer);
extern const struct net_transport net_transport_socket, net_transport_memory, net_transport_tls;

/* Try to move what can be moved, tell the owner when something happened. The stream may be gone afterwards. */
void net_stream_work(struct net_stream *stream);

/* errno of a connection in words, with what it means for the mail. */
enum err net_stream_failed_errno(struct net_stream *stream, int errnum);

/* False when these octets would leave a lone CR or LF on the wire; *after_cr is carried from call to call. */
bool net_lines_ok(struct view bytes, bool *after_cr);
