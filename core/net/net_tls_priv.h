#pragma once

#include "net_stream_priv.h"
#include "net_tls.h"

/* What net_stream does with TLS; the only file there that knows OpenSSL is net_tls*. */

MUST_CHECK enum err net_tls_session_open(struct net_tls *tls, const struct net_tls_peer *peer, int fd,
					 struct net_tls_session **out, struct diag *diag);

/* goodbye: send close_notify if that does not wait. NULL is fine. */
void net_tls_session_close(struct net_tls_session *session, bool goodbye);

/* NET_IO_DONE: it is done, and the peer is who it should be. NET_IO_EOF does not occur. */
enum net_io net_tls_session_handshake(struct net_tls_session *session);
enum net_io net_tls_session_recv(struct net_tls_session *session, char *out, size_t cap, size_t *n);
enum net_io net_tls_session_send(struct net_tls_session *session, struct view bytes, size_t *n);

/* Octets that came in and that the descriptor does not show any more. */
bool net_tls_session_pending(const struct net_tls_session *session);

/* After NET_IO_FAILED. */
enum err net_tls_session_error(const struct net_tls_session *session, struct diag *diag);
