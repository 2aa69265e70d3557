#pragma once

#include "net_stream.h"
#include "net_tls.h"
#include "smtp_session.h"

/*
 * The one place where an SMTP session meets a connection: octets carried both ways, the TLS handshake, channel bindings,
 * deadlines. What came in last is always read before a connection counts as lost.
 */
struct smtp_client_opts {
	struct smtp_session_opts session;
	const struct net_tls_peer *peer;
	/* The TLS of this connection, asked for when it is needed: most servers on a loopback never do. */
	enum err (*tls)(void *ctx, struct net_tls **out, struct diag *diag);
	uint64_t tls_timeout_ms; /* 0: SMTP_CLIENT_TLS_MS */
	/* The handshake is done: for who wants to look at certificates. May be NULL. */
	void (*secured)(void *ctx, const struct net_tls_session *tls);
	void *ctx;
};

enum { SMTP_CLIENT_TLS_MS = 60000 };

struct smtp_client {
	struct smtp_session session;                 /* give it messages, then smtp_client_kick */
	void (*changed)(struct smtp_client *client); /* set by the caller, may be NULL: look for what is done */
	void *ctx;
	bool closed; /* the connection is gone; all messages are done */
	bool idle;   /* ready, and nothing to do */
	bool tls_verified;
	const char *tls_protocol; /* "TLSv1.3", NULL: in the clear */
	const char *tls_cipher;
	int64_t tls_ms; /* the handshake took; -1: there was none */

	/* Private. */
	struct net_owner owner;
	struct net_loop *loop;
	struct net_stream *stream;
	const struct smtp_client_opts *opts;
	struct smtp_sasl_opts sasl; /* the caller's, with the bindings of this connection */
	struct buf exporter, unique;
	struct smtp_session_opts session_opts;
	int64_t tls_began_ms;
	bool securing, working;
};

/*
 * Take over a connected stream (octets that are in it count). opts is borrowed until smtp_client_close. Messages may be
 * given to client->session before the loop turns.
 * errors  those of TLS from the first octet; the stream is closed then
 */
MUST_CHECK enum err smtp_client_open(struct smtp_client *client, struct net_loop *loop, struct net_stream *stream,
				     const struct smtp_client_opts *opts, struct diag *diag);

/* Something was given to the session: send what can be sent. */
void smtp_client_kick(struct smtp_client *client);

/* Closes the connection if it is open; messages that are not done get their result as lost. */
void smtp_client_close(struct smtp_client *client);

/* The waiting face: until the connection is closed, or idle. errors: ERR_OS; what happened to mail is in its results */
MUST_CHECK enum err smtp_client_wait(struct smtp_client *client, struct diag *diag);
