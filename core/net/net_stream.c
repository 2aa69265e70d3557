#include "net_stream.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base_show.h"
#include "net_memory.h"
#include "net_stream_priv.h"
#include "net_tls_priv.h"

enum { NET_READ_STEP = 16 << 10, NET_PARTS = 64 };

static void kick_fire(struct net_timer *timer)
{
	net_stream_work((struct net_stream *)((char *)timer - offsetof(struct net_stream, kick)));
}

static void tell(struct net_stream *stream)
{
	if (stream->owner != NULL)
		stream->owner->ready(stream->owner);
}

static void deadline_fire(struct net_timer *timer)
{
	struct net_stream *stream = (struct net_stream *)((char *)timer - offsetof(struct net_stream, deadline));
	char text[200];
	(void)snprintf(text, sizeof text, "timed out after %g s waiting for %s", (double)stream->deadline_ms / 1000,
		       stream->what);
	net_stream_fail(stream, ERR_TEMP, text);
	tell(stream);
}

struct net_stream *net_stream_new(struct net_loop *loop, const struct net_transport *transport,
				  const struct net_addr *peer)
{
	struct net_stream *stream = calloc(1, sizeof *stream);
	if (stream == NULL)
		base_out_of_memory();
	stream->transport = transport;
	stream->loop = loop;
	stream->peer = *peer;
	stream->watch.fd = -1;
	stream->deadline.fire = deadline_fire;
	stream->kick.fire = kick_fire;
	buf_init(&stream->in, NET_STREAM_READ_MAX);
	buf_init(&stream->out, NET_STREAM_QUEUE_MAX);
	return stream;
}

void net_stream_close(struct net_stream *stream)
{
	if (stream == NULL)
		return;
	net_timer_cancel(stream->loop, &stream->deadline);
	net_timer_cancel(stream->loop, &stream->kick);
	net_loop_unwatch(stream->loop, &stream->watch);
	net_tls_session_close(stream->tls, stream->err == ERR_OK && !stream->handshaking);
	if (stream->watch.fd >= 0)
		(void)close(stream->watch.fd);
	if (stream->memory != NULL)
		stream->memory->stream = NULL;
	buf_done(&stream->in);
	buf_done(&stream->out);
	free(stream);
}

void net_stream_auto_close(struct net_stream **stream)
{
	net_stream_close(*stream);
	*stream = NULL;
}

size_t net_stream_queued(const struct net_stream *stream) { return stream->out.n - stream->out_at; }

static bool can_read(const struct net_stream *stream)
{
	return stream->err == ERR_OK && !stream->eof && !stream->handshaking &&
	       stream->in.n - stream->in_at < NET_STREAM_READ_MAX;
}

static bool reading(const struct net_stream *stream) { return stream->owner != NULL && can_read(stream); }

/* Memory has no descriptor to be watched: a timer that is due at once takes its place. */
static void update_memory(struct net_stream *stream)
{
	bool coming = stream->memory->coming.n > 0 || stream->memory->closed;
	if (stream->err == ERR_OK && (net_stream_queued(stream) > 0 || (reading(stream) && coming)))
		net_timer_after(stream->loop, &stream->kick, 0);
}

/*
 * Nothing wanted means not watched at all: epoll tells of a hang-up even when nobody asked, again and again.
 */
static void update_watch(struct net_stream *stream)
{
	if (stream->memory != NULL) {
		update_memory(stream);
		return;
	}
	unsigned events = 0;
	if (stream->err == ERR_OK) {
		bool writing = stream->handshaking ? stream->wants_write
						   : stream->wants_write || net_stream_queued(stream) > 0;
		events = (writing ? NET_WRITE : 0U) |
			 (reading(stream) || (stream->handshaking && !stream->wants_write) ? NET_READ : 0U);
	}
	if (events == 0) {
		net_loop_unwatch(stream->loop, &stream->watch);
	} else if (stream->watch.watched) {
		net_loop_want(stream->loop, &stream->watch, events);
	} else {
		stream->watch.events = events;
		struct diag diag;
		enum err err = net_loop_watch(stream->loop, &stream->watch, &diag);
		if (err != ERR_OK)
			net_stream_fail(stream, err, diag.text);
	}
}

void net_stream_fail(struct net_stream *stream, enum err err, const char *text)
{
	if (stream->err != ERR_OK)
		return;
	stream->err = err;
	stream->handshaking = false;
	(void)diag_set(&stream->diag, err, "%s", text);
	net_timer_cancel(stream->loop, &stream->deadline);
	update_watch(stream);
}

enum err net_stream_failed_errno(struct net_stream *stream, int errnum)
{
	struct diag diag;
	switch (errnum) {
	case ECONNRESET:
	case EPIPE:
		net_stream_fail(stream, ERR_TEMP, "the server dropped the connection");
		break;
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENETDOWN:
		net_stream_fail(stream, ERR_TEMP, "the connection was lost (network unreachable or silent)");
		break;
	default:
		(void)diag_errno(&diag, "the connection failed", errnum);
		net_stream_fail(stream, ERR_TEMP, diag.text);
	}
	return stream->err;
}

static void failed(struct net_stream *stream)
{
	int errnum = errno;
	struct diag diag;
	if (stream->tls == NULL) {
		(void)net_stream_failed_errno(stream, errnum);
		return;
	}
	enum err err = net_tls_session_error(stream->tls, &diag);
	net_stream_fail(stream, err, diag.text);
}

/* What came in goes behind what was not taken yet. True: something happened that the owner wants to know. */
static bool fill(struct net_stream *stream)
{
	bool news = false;
	while (can_read(stream)) {
		buf_drop(&stream->in, stream->in_at);
		stream->in_at = 0;
		size_t room = NET_STREAM_READ_MAX - stream->in.n, n = 0;
		size_t cap = room < NET_READ_STEP ? room : NET_READ_STEP;
		char *at = buf_room(&stream->in, cap);
		enum net_io io = stream->transport->recv(stream, at, cap, &n);
		stream->wants_write = io == NET_IO_WRITE;
		stream->eof = io == NET_IO_EOF;
		if (io == NET_IO_FAILED)
			failed(stream);
		if (io == NET_IO_READ || io == NET_IO_WRITE)
			break;
		news = true;
		if (io == NET_IO_DONE)
			buf_grew(&stream->in, n);
		stream->more = stream->tls != NULL ? net_tls_session_pending(stream->tls) : n == cap;
		if (!stream->more)
			break;
	}
	return news;
}

static void queue_sent(struct net_stream *stream, size_t n)
{
	stream->out_at += n;
	stream->sent = stream->written - net_stream_queued(stream);
	if (stream->out_at == stream->out.n) {
		buf_reset(&stream->out);
		stream->out_at = 0;
	} else if (stream->out_at > stream->out.n / 2) {
		buf_drop(&stream->out, stream->out_at);
		stream->out_at = 0;
	}
}

/*
 * A send that fails may have been preceded by a reply that says why: a 421, a 5xx in the middle of the body, under TLS an
 * alert ("certificate required" of TLS 1.3 comes after the handshake).
 */
static void send_failed(struct net_stream *stream)
{
	int errnum = errno;
	(void)fill(stream);
	stream->eof = false; /* not an orderly one */
	errno = errnum;
	failed(stream);
}

static bool flush(struct net_stream *stream)
{
	if (net_stream_queued(stream) == 0 || stream->err != ERR_OK || stream->handshaking)
		return false;
	while (net_stream_queued(stream) > 0) {
		struct iovec part = { stream->out.p + stream->out_at, net_stream_queued(stream) };
		size_t n = 0;
		enum net_io io = stream->transport->send(stream, &part, 1, &n);
		if (io == NET_IO_FAILED) {
			send_failed(stream);
			return true;
		}
		if (io != NET_IO_DONE)
			return false;
		queue_sent(stream, n);
	}
	return true;
}

static bool handshake(struct net_stream *stream)
{
	struct diag diag;
	enum net_io io = net_tls_session_handshake(stream->tls);
	stream->wants_write = io == NET_IO_WRITE;
	if (io == NET_IO_READ || io == NET_IO_WRITE)
		return false;
	stream->handshaking = false;
	if (io != NET_IO_DONE) {
		enum err err = net_tls_session_error(stream->tls, &diag);
		net_stream_fail(stream, err, diag.text);
	}
	return true;
}

void net_stream_work(struct net_stream *stream)
{
	bool news = stream->err != ERR_OK || stream->in.n > stream->in_at || stream->eof;
	if (stream->handshaking && stream->err == ERR_OK)
		news = handshake(stream);
	news = flush(stream) || news;
	news = (stream->owner != NULL && fill(stream)) || news;
	update_watch(stream);
	if (news)
		tell(stream);
}

void net_stream_own(struct net_stream *stream, struct net_owner *owner)
{
	stream->owner = owner;
	update_watch(stream);
	if (owner != NULL)
		net_timer_after(stream->loop, &stream->kick, 0);
}

const struct net_addr *net_stream_peer(const struct net_stream *stream) { return &stream->peer; }

struct view net_stream_peek(const struct net_stream *stream) { return view_from(buf_view(&stream->in), stream->in_at); }

void net_stream_take(struct net_stream *stream, size_t n)
{
	bool was_full = stream->in.n - stream->in_at >= NET_STREAM_READ_MAX;
	assert(n <= stream->in.n - stream->in_at);
	stream->in_at += n;
	if (!was_full || n == 0)
		return;
	update_watch(stream);
	if (stream->more) /* decrypted already: epoll will not tell */
		net_timer_after(stream->loop, &stream->kick, 0);
}

bool net_stream_eof(const struct net_stream *stream) { return stream->eof; }

enum err net_stream_err(const struct net_stream *stream, struct diag *diag)
{
	if (stream->err != ERR_OK && diag != NULL)
		*diag = stream->diag;
	return stream->err;
}

uint64_t net_stream_written(const struct net_stream *stream) { return stream->written; }

uint64_t net_stream_sent(const struct net_stream *stream) { return stream->sent + stream->tls_tried; }

/* What the kernel takes of the parts at once; the number of octets. */
static size_t send_direct(struct net_stream *stream, const struct view *parts, size_t count)
{
	size_t total = 0;
	for (size_t i = 0; i < count;) {
		struct iovec iov[NET_PARTS];
		size_t used = 0, group = 0, n = 0;
		for (; used < NET_PARTS && i < count; used++, i++) {
			/* sendmsg only reads; struct iovec knows no const */
			iov[used] = (struct iovec){ (void *)(uintptr_t)parts[i].p, parts[i].n };
			group += parts[i].n;
		}
		enum net_io io = group == 0 ? NET_IO_DONE : stream->transport->send(stream, iov, used, &n);
		if (io == NET_IO_FAILED)
			send_failed(stream);
		total += n;
		if (io != NET_IO_DONE || n < group)
			break;
	}
	return total;
}

static void queue_behind(struct net_stream *stream, const struct view *parts, size_t count, size_t skip)
{
	for (size_t i = 0; i < count; i++) {
		size_t cut = skip < parts[i].n ? skip : parts[i].n;
		buf_put(&stream->out, view_from(parts[i], cut));
		skip -= cut;
	}
}

static enum err refuse_lines(struct net_stream *stream, struct diag *diag)
{
	net_stream_fail(stream, ERR_BUG,
			"a line end that is not CRLF was about to be sent; it was not (please report)");
	return net_stream_err(stream, diag);
}

enum err net_stream_write(struct net_stream *stream, const struct view *parts, size_t count, struct diag *diag)
{
	size_t total = 0;
	bool after_cr = stream->guard_cr;
	if (stream->err != ERR_OK)
		return net_stream_err(stream, diag);
	for (size_t i = 0; i < count; i++) {
		total += parts[i].n;
		if (stream->guard && !net_lines_ok(parts[i], &after_cr))
			return refuse_lines(stream, diag);
	}
	if (total > NET_STREAM_QUEUE_MAX - stream->out.n)
		return diag_set(diag, ERR_LIMIT, "more than %d octets wait to be sent to %s", NET_STREAM_QUEUE_MAX,
				NET_ADDR_SHOW(&stream->peer));
	stream->guard_cr = after_cr;
	bool direct = net_stream_queued(stream) == 0 && !stream->handshaking && stream->transport->gathers;
	size_t gone = direct ? send_direct(stream, parts, count) : 0;
	stream->written += total;
	queue_behind(stream, parts, count, gone);
	stream->sent = stream->written - net_stream_queued(stream);
	if (!direct && !stream->handshaking)
		(void)flush(stream);
	update_watch(stream);
	return net_stream_err(stream, diag);
}

void net_stream_deadline(struct net_stream *stream, int64_t after_ms, const char *what)
{
	stream->deadline_ms = after_ms;
	stream->what = what;
	if (stream->err == ERR_OK)
		net_timer_after(stream->loop, &stream->deadline, after_ms);
}

void net_stream_no_deadline(struct net_stream *stream) { net_timer_cancel(stream->loop, &stream->deadline); }

void net_stream_guard_lines(struct net_stream *stream, bool on)
{
	stream->guard = on;
	stream->guard_cr = false;
}

bool net_stream_handshaking(const struct net_stream *stream) { return stream->handshaking; }

struct net_tls_session *net_stream_tls(const struct net_stream *stream)
{
	return stream->handshaking ? NULL : stream->tls;
}

/* Octets of before the handshake would be read as if they came through TLS: an attacker's, or a confused server's. */
static enum err injected(struct net_stream *stream, struct diag *diag)
{
	struct view early = net_stream_peek(stream);
	char text[DIAG_TEXT_MAX];
	if (stream->written == 0 && view_starts(early, VIEW("220")))
		(void)snprintf(text, sizeof text,
			       "the server does not speak TLS here, it greets in the clear (port 465 begins with TLS, "
			       "587 and 25 begin without)");
	else
		(void)snprintf(text, sizeof text,
			       "the server sent %zu octets after it agreed to start TLS and before it did (\"%s\"): "
			       "somebody may be inserting commands; the connection was dropped",
			       early.n, SHOW(view_to(early, 60)));
	net_stream_fail(stream, ERR_PROTOCOL, text);
	return net_stream_err(stream, diag);
}

enum err net_stream_start_tls(struct net_stream *stream, struct net_tls *tls, const struct net_tls_peer *peer,
			      struct diag *diag)
{
	if (stream->err != ERR_OK)
		return net_stream_err(stream, diag);
	if (stream->tls != NULL || stream->watch.fd < 0 || net_stream_queued(stream) > 0)
		return diag_set(diag, ERR_BUG, "TLS cannot start here");
	(void)fill(stream);
	if (stream->in.n > stream->in_at)
		return injected(stream, diag);
	enum err err = net_tls_session_open(tls, peer, stream->watch.fd, &stream->tls, diag);
	if (err != ERR_OK)
		return err;
	stream->transport = &net_transport_tls;
	stream->handshaking = true;
	(void)handshake(stream);
	update_watch(stream);
	if (!stream->handshaking)
		net_timer_after(stream->loop, &stream->kick, 0);
	return ERR_OK;
}
