#pragma once

/*
 * For tests of TLS clients: certificates made on the spot, and a server in a thread that takes one connection over a
 * descriptor, says what it is told to say in the clear, shakes hands and echoes lines. A pump in between can cut the
 * octets into any pieces.
 */
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DAY = 86400 };

struct tls_cert {
	X509 *x509;
	EVP_PKEY *key;
};

struct tls_cert_spec {
	const char *cn;
	const char *san;               /* "DNS:a.example,IP:127.0.0.1"; NULL: none */
	const struct tls_cert *issuer; /* NULL: self-signed */
	long from_s, to_s;             /* validity, from now; 0, 0: a day back to a year on */
	int ca;
};

static inline void tls_must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "tls_peer: %s\n", what);
	abort();
}

static inline void tls_extend(X509 *cert, const X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	union { /* OpenSSL's prototype forgot const */
		const X509 *in;
		X509 *out;
	} by = { issuer };
	X509V3_set_ctx(&ctx, by.out, cert, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	tls_must(extension != NULL && X509_add_ext(cert, extension, -1) == 1, value);
	X509_EXTENSION_free(extension);
}

static inline struct tls_cert tls_cert_make(const struct tls_cert_spec *spec)
{
	static long serial = 1;
	struct tls_cert out = { X509_new(), EVP_EC_gen("P-256") };
	X509_NAME *name = X509_get_subject_name(out.x509);
	long from = spec->from_s == 0 && spec->to_s == 0 ? -DAY : spec->from_s;
	long to = spec->from_s == 0 && spec->to_s == 0 ? 365L * DAY : spec->to_s;
	tls_must(X509_set_version(out.x509, 2) == 1, "version");
	ASN1_INTEGER_set(X509_get_serialNumber(out.x509), serial++);
	X509_gmtime_adj(X509_getm_notBefore(out.x509), from);
	X509_gmtime_adj(X509_getm_notAfter(out.x509), to);
	X509_set_pubkey(out.x509, out.key);
	if (spec->cn != NULL)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)spec->cn, -1, -1, 0);
	const struct tls_cert *issuer = spec->issuer == NULL ? &out : spec->issuer;
	X509_set_issuer_name(out.x509, X509_get_subject_name(issuer->x509));
	tls_extend(out.x509, issuer->x509, NID_basic_constraints, spec->ca ? "critical,CA:TRUE" : "CA:FALSE");
	tls_extend(out.x509, issuer->x509, NID_subject_key_identifier, "hash");
	if (spec->san != NULL)
		tls_extend(out.x509, issuer->x509, NID_subject_alt_name, spec->san);
	tls_must(X509_sign(out.x509, issuer->key, EVP_sha256()) > 0, "sign");
	return out;
}

static inline void tls_cert_free(struct tls_cert *cert)
{
	X509_free(cert->x509);
	EVP_PKEY_free(cert->key);
}

/* PEM into a new file of mode 0600; with the key when asked. */
static inline void tls_cert_save(const struct tls_cert *cert, const char *path, int certificate, int key)
{
	FILE *file = fopen(path, "w");
	tls_must(file != NULL, path);
	if (certificate)
		tls_must(PEM_write_X509(file, cert->x509) == 1, "write certificate");
	if (key)
		tls_must(PEM_write_PrivateKey(file, cert->key, NULL, NULL, 0, NULL, NULL) == 1, "write key");
	tls_must(fclose(file) == 0, path);
}

struct tls_server {
	const struct tls_cert *cert, *chain; /* chain: one intermediate, or NULL */
	int max_version, min_version;
	const char *clear;                /* said before the handshake */
	const char *wait_line;            /* "\n": a line is awaited before the handshake */
	const struct tls_cert *client_ca; /* a client certificate is demanded */
	int hang_up_at;                   /* 1: before the handshake, 2: after it, without close_notify */
	int speaks_clear;                 /* never begins TLS, answers in the clear */
	SSL_CTX *ctx;                     /* kept between connections: for tickets */
	int fd;
	unsigned lines; /* that it saw */
	pthread_t thread;
	unsigned char exporter[32];
};

static inline SSL_CTX *tls_server_context(const struct tls_server *server)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	tls_must(SSL_CTX_use_certificate(ctx, server->cert->x509) == 1, "use certificate");
	tls_must(SSL_CTX_use_PrivateKey(ctx, server->cert->key) == 1, "use key");
	if (server->chain != NULL)
		tls_must(SSL_CTX_add1_chain_cert(ctx, server->chain->x509) == 1, "chain");
	if (server->max_version != 0) {
		SSL_CTX_set_security_level(ctx, 0);
		tls_must(SSL_CTX_set_max_proto_version(ctx, server->max_version) == 1, "max version");
	}
	tls_must(SSL_CTX_set_min_proto_version(ctx, server->min_version) == 1, "min version");
	if (server->client_ca != NULL) {
		X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), server->client_ca->x509);
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"test", 4);
	return ctx;
}

static inline void tls_server_talk(struct tls_server *server, SSL *ssl)
{
	char line[65536];
	int n;
	SSL_export_keying_material(ssl, server->exporter, 32, "EXPORTER-Channel-Binding", 24, NULL, 0, 0);
	while (server->hang_up_at != 2 && (n = SSL_read(ssl, line, sizeof line)) > 0) {
		server->lines++;
		if (SSL_write(ssl, line, n) != n)
			return;
	}
	if (server->hang_up_at != 2)
		SSL_shutdown(ssl);
}

static inline void *tls_server_run(void *arg)
{
	struct tls_server *server = arg;
	char byte = 0;
	if (server->clear != NULL)
		tls_must(write(server->fd, server->clear, strlen(server->clear)) > 0, "clear");
	while (server->wait_line != NULL && byte != '\n' && read(server->fd, &byte, 1) == 1) {
	}
	if (server->speaks_clear)
		tls_must(write(server->fd, "220 hello there, this is no TLS\r\n", 33) > 0, "clear");
	if (server->hang_up_at != 1 && !server->speaks_clear) {
		SSL *ssl = SSL_new(server->ctx);
		SSL_set_fd(ssl, server->fd);
		if (SSL_accept(ssl) == 1)
			tls_server_talk(server, ssl);
		SSL_free(ssl);
	} else if (server->speaks_clear) {
		char skip[4096];
		while (read(server->fd, skip, sizeof skip) > 0) {
		}
	}
	close(server->fd);
	return NULL;
}

/* The client's end of a connection to a server that now runs. */
static inline int tls_server_start(struct tls_server *server)
{
	int fd[2];
	tls_must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0, "socketpair");
	if (server->ctx == NULL)
		server->ctx = tls_server_context(server);
	server->fd = fd[1];
	tls_must(pthread_create(&server->thread, NULL, tls_server_run, server) == 0, "thread");
	return fd[0];
}

/* After the client has closed its end. */
static inline void tls_server_join(struct tls_server *server) { pthread_join(server->thread, NULL); }

static inline void tls_server_done(struct tls_server *server)
{
	SSL_CTX_free(server->ctx);
	server->ctx = NULL;
}

struct tls_pump {
	int left, right;
	size_t piece;
	pthread_t thread;
};

static inline int tls_pump_move(const struct tls_pump *pump, int from, int to)
{
	char bytes[4096];
	ssize_t n = read(from, bytes, pump->piece < sizeof bytes ? pump->piece : sizeof bytes);
	return n > 0 && send(to, bytes, (size_t)n, MSG_NOSIGNAL) == n;
}

static inline void *tls_pump_run(void *arg)
{
	struct tls_pump *pump = arg;
	struct pollfd fds[2] = { { pump->left, POLLIN, 0 }, { pump->right, POLLIN, 0 } };
	int going = 1;
	while (going && poll(fds, 2, -1) > 0) {
		if (fds[0].revents != 0)
			going = tls_pump_move(pump, pump->left, pump->right);
		if (going && fds[1].revents != 0)
			going = tls_pump_move(pump, pump->right, pump->left);
	}
	close(pump->left);
	close(pump->right);
	return NULL;
}

/* Another end for the client: what passes is cut into pieces. */
static inline int tls_pump_start(struct tls_pump *pump, int server_end, size_t piece)
{
	int fd[2];
	tls_must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0, "socketpair");
	*pump = (struct tls_pump){ .left = fd[1], .right = server_end, .piece = piece };
	tls_must(pthread_create(&pump->thread, NULL, tls_pump_run, pump) == 0, "thread");
	return fd[0];
}
