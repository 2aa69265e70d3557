#include "smtp_client.h"

#include <stddef.h>

enum { BINDING_MAX = 512 };

static const char *awaited(enum smtp_stage stage)
{
	static const char *const names[] = {
		[SMTP_STAGE_CONNECT] = "the connection",        [SMTP_STAGE_GREETING] = "the server's greeting",
		[SMTP_STAGE_EHLO] = "the answer to EHLO",       [SMTP_STAGE_TLS] = "the answer to STARTTLS",
		[SMTP_STAGE_AUTH] = "the answer to AUTH",       [SMTP_STAGE_MAIL] = "the answer to MAIL FROM",
		[SMTP_STAGE_RCPT] = "the answer to RCPT TO",    [SMTP_STAGE_DATA] = "the answer to DATA",
		[SMTP_STAGE_DOT] = "the answer to the message",
	};
	return names[stage];
}

static void close_stream(struct smtp_client *client)
{
	net_stream_close(client->stream);
	client->stream = NULL;
	client->closed = true;
}

static void lost(struct smtp_client *client, enum smtp_stage stage, enum err err, const char *text)
{
	smtp_session_lost(&client->session, stage, err, "%s", text);
	close_stream(client);
}

static void take_binding(struct smtp_client *client, enum net_tls_binding type, struct buf *out)
{
	buf_reset(out);
	if (net_tls_binding(net_stream_tls(client->stream), type, out, NULL) != ERR_OK)
		buf_reset(out);
}

static void secured(struct smtp_client *client)
{
	const struct net_tls_session *tls = net_stream_tls(client->stream);
	client->securing = false;
	client->tls_ms = net_loop_now_ms(client->loop) - client->tls_began_ms;
	client->tls_verified = net_tls_verified(tls);
	client->tls_protocol = net_tls_protocol(tls);
	client->tls_cipher = net_tls_cipher(tls);
	if (client->session_opts.auth != NULL) {
		take_binding(client, NET_TLS_EXPORTER, &client->exporter);
		take_binding(client, NET_TLS_UNIQUE, &client->unique);
		client->sasl.tls_exporter = buf_view(&client->exporter);
		client->sasl.tls_unique = buf_view(&client->unique);
	}
	if (client->opts->secured != NULL)
		client->opts->secured(client->opts->ctx, tls);
}

static enum err start_tls(struct smtp_client *client, struct diag *diag)
{
	uint64_t ms = client->opts->tls_timeout_ms != 0 ? client->opts->tls_timeout_ms : SMTP_CLIENT_TLS_MS;
	struct net_tls *tls = NULL;
	enum err err = client->opts->tls(client->opts->ctx, &tls, diag);
	if (err != ERR_OK)
		return err;
	client->tls_began_ms = net_loop_now_ms(client->loop);
	client->securing = true;
	net_stream_deadline(client->stream, (int64_t)ms, "the TLS handshake");
	return net_stream_start_tls(client->stream, tls, client->opts->peer, diag);
}

/* Octets to the session; what the kernel does not have yet cannot have been answered. */
static bool feed(struct smtp_client *client)
{
	struct view in = net_stream_peek(client->stream);
	uint64_t written = net_stream_written(client->stream), out = net_stream_sent(client->stream);
	smtp_session_unsent(&client->session, written > out ? written - out : 0);
	if (in.n == 0)
		return false;
	smtp_session_feed(&client->session, in);
	net_stream_take(client->stream, in.n);
	return true;
}

/* The handshake, as long as it goes on. False: nothing else may happen now. */
static bool past_handshake(struct smtp_client *client)
{
	struct diag diag;
	enum err err = net_stream_err(client->stream, &diag);
	if (!client->securing)
		return true;
	if (err != ERR_OK) {
		lost(client, SMTP_STAGE_TLS, err, diag.text);
		return false;
	}
	if (net_stream_handshaking(client->stream))
		return false;
	secured(client);
	if (client->session_opts.tls != SMTP_TLS_BEFORE)
		smtp_session_tls_done(&client->session);
	return true;
}

/* True: something was done, so look again. */
static bool write_out(struct smtp_client *client, const struct smtp_next *next)
{
	struct diag diag;
	if (next->out.n == 0 || net_stream_queued(client->stream) > NET_STREAM_QUEUE_LOW)
		return false;
	if (net_stream_write_view(client->stream, next->out, &diag) != ERR_OK)
		return false; /* sticky: seen by the next look */
	smtp_session_wrote(&client->session, next->out.n);
	return true;
}

static void look_for_loss(struct smtp_client *client, enum smtp_stage stage)
{
	struct diag diag;
	enum err err = net_stream_err(client->stream, &diag);
	if (err == ERR_OK && net_stream_eof(client->stream))
		err = diag_set(&diag, ERR_TEMP, "the server closed the connection instead of giving %s",
			       awaited(stage));
	if (err != ERR_OK)
		lost(client, stage, err, diag.text);
}

/* One look at everything. False: nothing more to do until the stream tells. */
static bool look(struct smtp_client *client)
{
	struct smtp_next next;
	struct diag diag;
	if (!past_handshake(client))
		return false;
	bool news = feed(client);
	smtp_session_next(&client->session, &next);
	client->idle = next.want == SMTP_WANT_MESSAGE;
	if (next.want == SMTP_WANT_CLOSE) {
		/* QUIT may ride in what the kernel could not take yet; then it is not worth waiting for. */
		close_stream(client);
		return false;
	}
	if (next.want == SMTP_WANT_TLS) {
		enum err err = start_tls(client, &diag);
		if (err != ERR_OK)
			lost(client, SMTP_STAGE_TLS, err, diag.text);
		return err == ERR_OK && !net_stream_handshaking(client->stream);
	}
	if (write_out(client, &next))
		return true;
	/* A write that failed has read what the server said last. */
	news = feed(client) || news;
	if (!news)
		look_for_loss(client, next.stage);
	if (client->closed)
		return false;
	if (client->idle)
		net_stream_no_deadline(client->stream);
	else
		net_stream_deadline(client->stream, (int64_t)next.timeout_ms,
				    net_stream_queued(client->stream) > 0 ? "the server to take the message"
									  : awaited(next.stage));
	return news;
}

static void work(struct smtp_client *client)
{
	if (client->working || client->closed)
		return;
	client->working = true;
	while (!client->closed && look(client))
		;
	client->working = false;
	if (client->changed != NULL)
		client->changed(client);
}

static void ready(struct net_owner *owner)
{
	work((struct smtp_client *)((char *)owner - offsetof(struct smtp_client, owner)));
}

enum err smtp_client_open(struct smtp_client *client, struct net_loop *loop, struct net_stream *stream,
			  const struct smtp_client_opts *opts, struct diag *diag)
{
	*client = (struct smtp_client){
		.owner.ready = ready,
		.loop = loop,
		.stream = stream,
		.opts = opts,
		.session_opts = opts->session,
		.tls_ms = -1,
	};
	buf_init(&client->exporter, BINDING_MAX);
	buf_init(&client->unique, BINDING_MAX);
	if (opts->session.auth != NULL) {
		client->sasl = *opts->session.auth;
		client->session_opts.auth = &client->sasl;
	}
	smtp_session_init(&client->session, &client->session_opts);
	enum err err = ERR_OK;
	if (opts->session.tls == SMTP_TLS_BEFORE)
		err = start_tls(client, diag);
	if (err != ERR_OK) {
		smtp_client_close(client);
		return err;
	}
	net_stream_guard_lines(stream, true);
	net_stream_own(stream, &client->owner);
	return ERR_OK;
}

void smtp_client_kick(struct smtp_client *client) { work(client); }

void smtp_client_close(struct smtp_client *client)
{
	if (client->stream != NULL)
		lost(client, SMTP_STAGE_DATA, ERR_TEMP, "the connection was given up");
	smtp_session_done(&client->session);
	buf_done(&client->exporter);
	buf_done(&client->unique);
}

static bool at_rest(void *ctx)
{
	const struct smtp_client *client = ctx;
	return client->closed || client->idle;
}

enum err smtp_client_wait(struct smtp_client *client, struct diag *diag)
{
	work(client);
	return net_loop_run(client->loop, at_rest, client, NET_FOREVER, diag);
}
