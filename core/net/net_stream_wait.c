#include <stdio.h>

#include "net_stream_priv.h"

/* Somebody who reads but does not want to be called: the loop's condition looks instead. */
struct waiter {
	struct net_owner owner;
	const struct net_stream *stream;
	size_t had;
};

static void waiter_ready(struct net_owner *owner) { (void)owner; }

static bool read_done(void *ctx)
{
	const struct waiter *waiter = ctx;
	const struct net_stream *stream = waiter->stream;
	return stream->err != ERR_OK || stream->eof || net_stream_peek(stream).n > waiter->had;
}

static bool sent_done(void *ctx)
{
	const struct net_stream *stream = ((const struct waiter *)ctx)->stream;
	return stream->err != ERR_OK || net_stream_queued(stream) == 0;
}

static bool tls_done(void *ctx) { return !((const struct waiter *)ctx)->stream->handshaking; }

static enum err wait_until(struct net_stream *stream, bool (*done)(void *), int64_t wait_ms, const char *what,
			   struct diag *diag)
{
	struct net_owner *owner = stream->owner;
	struct waiter waiter = { { waiter_ready }, stream, net_stream_peek(stream).n };
	int64_t due = wait_ms == 0 ? NET_FOREVER : env_mono_ms(net_loop_env(stream->loop)) + wait_ms;
	if (!done(&waiter)) {
		net_stream_own(stream, &waiter.owner);
		enum err err = net_loop_run(stream->loop, done, &waiter, due, diag);
		net_stream_own(stream, owner);
		if (err == ERR_TEMP) {
			char text[200];
			(void)snprintf(text, sizeof text, "timed out after %g s waiting for %s", (double)wait_ms / 1000,
				       what);
			net_stream_fail(stream, ERR_TEMP, text);
		} else if (err != ERR_OK) {
			return err;
		}
	}
	return ERR_OK;
}

enum err net_stream_wait_read(struct net_stream *stream, int64_t wait_ms, const char *what, struct view *bytes,
			      struct diag *diag)
{
	size_t had = net_stream_peek(stream).n;
	if (had >= NET_STREAM_READ_MAX)
		return diag_set(diag, ERR_LIMIT, "%s is longer than %d octets", what, NET_STREAM_READ_MAX);
	enum err err = wait_until(stream, read_done, wait_ms, what, diag);
	if (err != ERR_OK)
		return err;
	if (net_stream_peek(stream).n == had && !stream->eof)
		return net_stream_err(stream, diag);
	*bytes = net_stream_peek(stream);
	return ERR_OK;
}

enum err net_stream_wait_sent(struct net_stream *stream, int64_t wait_ms, const char *what, struct diag *diag)
{
	enum err err = wait_until(stream, sent_done, wait_ms, what, diag);
	return err == ERR_OK ? net_stream_err(stream, diag) : err;
}

enum err net_stream_wait_tls(struct net_stream *stream, int64_t wait_ms, struct diag *diag)
{
	enum err err = wait_until(stream, tls_done, wait_ms, "the TLS handshake", diag);
	return err == ERR_OK ? net_stream_err(stream, diag) : err;
}
