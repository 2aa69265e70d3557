#pragma once

#include <stdbool.h>

#include "base_arena.h"
#include "base_buf.h"
#include "net_addr.h"
#include "net_loop.h"

/*
 * A byte stream on the loop: a connected socket, with TLS from some moment on, or (for tests) memory.
 *
 * Nothing here waits, but for the functions at the end. The owner is called (`ready`) when octets came in, when the
 * queue of what is to be sent became empty, when a TLS handshake is done, when the peer closed, and when something
 * failed; it then asks. A failure is sticky: everything after it gives the same error with the same text.
 *
 * Sending is direct while the kernel takes it: all parts of one call go out in one system call (one TLS record for each
 * 16 KiB), with TCP_NODELAY on, so that a flight is never held back by Nagle. What the kernel does not take is queued.
 */
struct net_stream;
struct net_tls;
struct net_tls_peer;
struct net_tls_info;

enum {
	NET_STREAM_QUEUE_MAX = 4 << 20,   /* octets that wait to be sent; the owner stops long before */
	NET_STREAM_QUEUE_LOW = 128 << 10, /* a good moment to stop producing: net_stream_queued() above this */
	NET_STREAM_READ_MAX = 64 << 10    /* octets that came in and were not taken; no more is read meanwhile */
};

/* The owner: a member of its struct. In the callback the stream may be closed. */
struct net_owner {
	void (*ready)(struct net_owner *owner);
};

/*
 * Take over a connected socket (non-blocking and TCP_NODELAY are set here). On failure fd is closed. peer: whom it
 * reaches, for texts; it is copied.
 */
MUST_CHECK enum err net_stream_open(struct net_loop *loop, int fd, const struct net_addr *peer, struct net_stream **out,
				    struct diag *diag);

/*
 * Close at once; TLS says goodbye where it costs no waiting; what is queued is lost. NULL is fine.
 */
void net_stream_close(struct net_stream *stream);
void net_stream_auto_close(struct net_stream **stream);
#define NET_STREAM_AUTO CLEANUP(net_stream_auto_close)

/* Who is called; NULL: nobody, and nothing is read meanwhile. When there is something to see already, it is called in the next turn. */
void net_stream_own(struct net_stream *stream, struct net_owner *owner);

const struct net_addr *net_stream_peer(const struct net_stream *stream);
MUST_CHECK bool net_stream_local(const struct net_stream *stream,
				 struct net_addr *out); /* our end: for EHLO literals */

/* What came in and was not taken; good until the next call for this stream. net_stream_take counts as read. */
struct view net_stream_peek(const struct net_stream *stream);
void net_stream_take(struct net_stream *stream, size_t n);

/* The peer closed (all it sent is in peek), and what failed: ERR_OK while nothing did. */
bool net_stream_eof(const struct net_stream *stream);
MUST_CHECK enum err net_stream_err(const struct net_stream *stream, struct diag *diag);

/*
 * Send all parts, in order, as one flight. Before the handshake is done they wait.
 * errors  ERR_LIMIT (the queue would pass NET_STREAM_QUEUE_MAX; nothing was taken), or the stream's
 */
MUST_CHECK enum err net_stream_write(struct net_stream *stream, const struct view *parts, size_t count,
				     struct diag *diag);
MUST_CHECK static inline enum err net_stream_write_view(struct net_stream *stream, struct view bytes, struct diag *diag)
{
	return net_stream_write(stream, &bytes, 1, diag);
}

size_t net_stream_queued(const struct net_stream *stream); /* octets not yet given to the kernel */

/*
 * How many octets were written into this stream since it was opened, and how many of them may have left this machine:
 * given to the kernel, under TLS also the octets of a record of which a part was given. When a connection dies, a message
 * whose terminator begins at or behind net_stream_sent() was surely not accepted; any other is in doubt.
 */
uint64_t net_stream_written(const struct net_stream *stream);
uint64_t net_stream_sent(const struct net_stream *stream);

/*
 * Fail with ERR_TEMP after that many milliseconds: "timed out after 300 s waiting for <what>". Each call replaces the
 * last; net_stream_no_deadline ends it. `what` is kept by pointer.
 */
void net_stream_deadline(struct net_stream *stream, int64_t after_ms, const char *what);
void net_stream_no_deadline(struct net_stream *stream);

/* Fail on purpose: what the owner found wrong with the peer ends the stream for all that look at it later. */
void net_stream_fail(struct net_stream *stream, enum err err, const char *text);

/*
 * From here on every LF must follow a CR and every CR be followed by LF, across writes (RFC 5321 2.3.8): anything else
 * is our bug, fails the stream with ERR_BUG and is not sent. Off for BDAT of binary content, and by default.
 */
void net_stream_guard_lines(struct net_stream *stream, bool on);

/*
 * TLS from here on. Octets that have come in already are an attack or a broken peer and fail the stream
 * (ERR_PROTOCOL; "STARTTLS injection", CVE-2011-0411); octets queued to be sent are our bug. `ready` is called when the handshake
 * is done (net_stream_tls is then not NULL) or has failed. tls and peer must live until then; peer's views too.
 * errors  ERR_PROTOCOL, ERR_BUG, ERR_OS
 */
MUST_CHECK enum err net_stream_start_tls(struct net_stream *stream, struct net_tls *tls,
					 const struct net_tls_peer *peer, struct diag *diag);
bool net_stream_handshaking(const struct net_stream *stream);
struct net_tls_session *net_stream_tls(const struct net_stream *stream); /* NULL: in the clear (net_tls.h asks it) */

/*
 * The waiting faces: they turn the loop until it is there, for code that goes step by step. The owner is not called
 * meanwhile. wait_ms 0 is "without limit" (a deadline that is set holds all the same).
 *
 * read: at least one octet more than there was, or the end (*bytes is then what peek says); ERR_LIMIT when
 * NET_STREAM_READ_MAX octets wait to be taken already
 */
MUST_CHECK enum err net_stream_wait_read(struct net_stream *stream, int64_t wait_ms, const char *what,
					 struct view *bytes, struct diag *diag);
MUST_CHECK enum err net_stream_wait_sent(struct net_stream *stream, int64_t wait_ms, const char *what,
					 struct diag *diag);
MUST_CHECK enum err net_stream_wait_tls(struct net_stream *stream, int64_t wait_ms, struct diag *diag);
