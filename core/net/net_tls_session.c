#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "net_tls_ossl.h"

static enum net_io tls_recv(struct net_stream *stream, char *out, size_t cap, size_t *n)
{
	return net_tls_session_recv(stream->tls, out, cap, n);
}

static enum net_io tls_send(struct net_stream *stream, const struct iovec *parts, size_t count, size_t *n)
{
	struct view bytes = view_to(view_of(parts[0].iov_base, parts[0].iov_len), NET_TLS_RECORD);
	enum net_io io = net_tls_session_send(stream->tls, bytes, n);
	(void)count;
	if (io == NET_IO_DONE)
		stream->tls_tried = 0;
	else if (stream->tls_tried == 0)
		stream->tls_tried = bytes.n; /* of this record a part may be gone */
	return io;
}

const struct net_transport net_transport_tls = { tls_recv, tls_send, false };

static void attach_socket(struct net_tls_session *session)
{
	BIO *bio = BIO_new(session->tls->bio);
	if (bio == NULL)
		base_out_of_memory();
	BIO_set_data(bio, &session->fd);
	BIO_set_init(bio, 1);
	SSL_set_bio(session->ssl, bio, bio);
}

static void copy_pins(struct net_tls_session *session, const struct net_tls_peer *peer)
{
	if (peer->pin_count == 0)
		return;
	session->pins = calloc(peer->pin_count, sizeof *session->pins);
	if (session->pins == NULL)
		base_out_of_memory();
	memcpy(session->pins, peer->pins, peer->pin_count * sizeof *session->pins);
	session->pin_count = peer->pin_count;
}

enum err net_tls_session_open(struct net_tls *tls, const struct net_tls_peer *peer, int fd,
			      struct net_tls_session **out, struct diag *diag)
{
	struct net_tls_session *session = calloc(1, sizeof *session);
	if (session == NULL)
		base_out_of_memory();
	session->tls = tls;
	session->fd = fd;
	session->verify = peer->verify;
	session->ssl = SSL_new(tls->ctx);
	if (session->ssl == NULL)
		base_out_of_memory();
	(void)SSL_set_app_data(session->ssl, session);
	SSL_set_connect_state(session->ssl);
	copy_pins(session, peer);
	enum err err = net_tls_verify_setup(session, peer, diag);
	if (err != ERR_OK) {
		net_tls_session_close(session, false);
		return err;
	}
	attach_socket(session);
	session->resume = net_tls_ticket_key(peer);
	net_tls_ticket_use(session);
	*out = session;
	return ERR_OK;
}

void net_tls_session_close(struct net_tls_session *session, bool goodbye)
{
	if (session == NULL)
		return;
	ERR_clear_error();
	if (goodbye && session->done && session->err == ERR_OK)
		(void)SSL_shutdown(session->ssl);
	SSL_SESSION_free(session->early_ticket);
	SSL_free(session->ssl);
	ERR_clear_error();
	free(session->pins);
	free(session);
}

static enum net_io outcome(struct net_tls_session *session, int ret)
{
	int errnum = errno, error = SSL_get_error(session->ssl, ret);
	if (error == SSL_ERROR_WANT_READ)
		return NET_IO_READ;
	if (error == SSL_ERROR_WANT_WRITE)
		return NET_IO_WRITE;
	if (error == SSL_ERROR_ZERO_RETURN)
		return NET_IO_EOF;
	net_tls_explain(session, error, errnum);
	ERR_clear_error();
	return NET_IO_FAILED;
}

static enum net_io not_who_it_should_be(struct net_tls_session *session)
{
	session->err = diag_set(&session->diag, ERR_PROTOCOL, "%s", session->why);
	return NET_IO_FAILED;
}

enum net_io net_tls_session_handshake(struct net_tls_session *session)
{
	ERR_clear_error();
	errno = 0;
	int ret = SSL_do_handshake(session->ssl);
	if (ret != 1) {
		enum net_io io = outcome(session, ret);
		if (io != NET_IO_EOF)
			return io;
		net_tls_explain(session, SSL_ERROR_SYSCALL, 0);
		return NET_IO_FAILED;
	}
	session->verified = net_tls_verify_finish(session);
	session->done = true;
	bool must = session->verify != NET_TLS_UNVERIFIED && session->verify != NET_TLS_REPORT;
	if (must && !session->verified)
		return not_who_it_should_be(session);
	if (session->early_ticket != NULL)
		net_tls_ticket_keep(session, session->early_ticket);
	session->early_ticket = NULL;
	return NET_IO_DONE;
}

enum net_io net_tls_session_recv(struct net_tls_session *session, char *out, size_t cap, size_t *n)
{
	ERR_clear_error();
	errno = 0;
	return SSL_read_ex(session->ssl, out, cap, n) == 1 ? NET_IO_DONE : outcome(session, 0);
}

enum net_io net_tls_session_send(struct net_tls_session *session, struct view bytes, size_t *n)
{
	ERR_clear_error();
	errno = 0;
	return SSL_write_ex(session->ssl, bytes.p, bytes.n, n) == 1 ? NET_IO_DONE : outcome(session, 0);
}

bool net_tls_session_pending(const struct net_tls_session *session) { return SSL_has_pending(session->ssl) == 1; }

enum err net_tls_session_error(const struct net_tls_session *session, struct diag *diag)
{
	*diag = session->diag;
	return session->err;
}
