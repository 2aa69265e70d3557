#pragma once

/* Shared by the files net_tls*.c alone: these know OpenSSL. */

#include <openssl/ssl.h>

#include "net_tls_priv.h"

enum { NET_TLS_TICKETS = 64, NET_TLS_RECORD = 16384 };

struct net_tls_ticket {
	struct crypto_hash key;
	SSL_SESSION *session;
};

struct net_tls {
	SSL_CTX *ctx;
	BIO_METHOD *bio;
	bool named_trust, trust; /* a CA file was given; trust is loaded */
	struct net_tls_ticket tickets[NET_TLS_TICKETS];
	size_t next_ticket; /* where the next goes: a ring, the oldest is overwritten */
};

struct net_tls_session {
	struct net_tls *tls;
	SSL *ssl;
	int fd;
	enum net_tls_verify verify;
	struct crypto_hash resume; /* n == 0: tickets are not kept */
	SSL_SESSION *early_ticket; /* came before the peer was verified */
	unsigned char (*pins)[NET_TLS_PIN_OCTETS];
	size_t pin_count;
	bool verified;
	bool done;
	char name[256];          /* who is verified, for texts */
	char why[DIAG_TEXT_MAX]; /* not verified because */
	enum err err;
	struct diag diag;
};

/* Trust of the system, once. errors: ERR_CONFIG (there is none) */
MUST_CHECK enum err net_tls_trust_system(struct net_tls *tls, struct diag *diag);

/* Make the SSL check what the peer asks for. errors: ERR_DATA */
MUST_CHECK enum err net_tls_verify_setup(struct net_tls_session *session, const struct net_tls_peer *peer,
					 struct diag *diag);

/* After the handshake: the checks that OpenSSL does not make. False: session->why says it. */
bool net_tls_verify_finish(struct net_tls_session *session);

/* The reason a handshake or transfer failed, in plain words, into session->err and diag. */
void net_tls_explain(struct net_tls_session *session, int ssl_error, int errnum);

/* Tickets. */
struct crypto_hash net_tls_ticket_key(const struct net_tls_peer *peer);
void net_tls_ticket_use(struct net_tls_session *session);                       /* offer the newest */
int net_tls_ticket_new(SSL *ssl, SSL_SESSION *ticket);                          /* OpenSSL's callback */
void net_tls_ticket_keep(struct net_tls_session *session, SSL_SESSION *ticket); /* takes the reference over */

/* One certificate into the arena. */
void net_tls_cert_read(X509 *cert, struct arena *arena, struct net_tls_cert *out);
int64_t net_tls_cert_time(const ASN1_TIME *time);

/* Up to `max` names of a certificate, for a text: "a.example, b.example and 3 more". */
void net_tls_cert_names(X509 *cert, struct buf *out);
