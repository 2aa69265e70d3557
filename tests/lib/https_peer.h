#pragma once

/* An HTTPS server on loopback for tests: one answer a path, each connection one request. */
#include <netinet/in.h>
#include <signal.h>

#include "tls_peer.h"

struct https_page {
	const char *path, *answer; /* the whole answer, head and body */
	size_t zeros;              /* this many octets more */
	unsigned wait_ms;          /* before the answer */
};

struct https_peer {
	const struct tls_cert *cert;
	const struct https_page *pages;
	size_t page_count;
	int clear; /* HTTP without TLS */
	int listener;
	uint16_t port;
	pthread_t thread;
	unsigned served;
	char last[8192]; /* the request that came last */
};

static inline int https_read(SSL *ssl, int fd, char *out, int cap)
{
	return ssl != NULL ? SSL_read(ssl, out, cap) : (int)read(fd, out, (size_t)cap);
}

static inline void https_write(SSL *ssl, int fd, const char *bytes, size_t n)
{
	if ((ssl != NULL ? SSL_write(ssl, bytes, (int)n) : (int)send(fd, bytes, n, MSG_NOSIGNAL)) < 0)
		return;
}

static inline int https_is_whole(const char *request)
{
	const char *end = strstr(request, "\r\n\r\n"), *length = strstr(request, "Content-Length: ");
	return end != NULL && (length == NULL || strlen(end + 4) >= (size_t)strtoul(length + 16, NULL, 10));
}

static inline void https_serve(struct https_peer *peer, SSL *ssl, int fd)
{
	static const char zeros[4096];
	size_t n = 0;
	int got;
	while (n + 1 < sizeof peer->last && !https_is_whole(peer->last) &&
	       (got = https_read(ssl, fd, peer->last + n, (int)(sizeof peer->last - 1 - n))) > 0) {
		n += (size_t)got;
		peer->last[n] = '\0';
	}
	for (size_t i = 0; i < peer->page_count && n > 0; i++) {
		const struct https_page *page = &peer->pages[i];
		const char *at = strchr(peer->last, ' ');
		if (at == NULL || strncmp(at + 1, page->path, strlen(page->path)) != 0 ||
		    at[1 + strlen(page->path)] != ' ')
			continue;
		usleep(page->wait_ms * 1000);
		https_write(ssl, fd, page->answer, strlen(page->answer));
		for (size_t left = page->zeros; left > 0; left -= left < sizeof zeros ? left : sizeof zeros)
			https_write(ssl, fd, zeros, left < sizeof zeros ? left : sizeof zeros);
		peer->served++;
		return;
	}
}

static inline void *https_run(void *arg)
{
	struct https_peer *peer = arg;
	struct tls_server server = { .cert = peer->cert };
	SSL_CTX *ctx = peer->clear ? NULL : tls_server_context(&server);
	for (int fd; (fd = accept(peer->listener, NULL, NULL)) >= 0; close(fd)) {
		SSL *ssl = ctx == NULL ? NULL : SSL_new(ctx);
		if (ssl != NULL)
			SSL_set_fd(ssl, fd);
		memset(peer->last, 0, sizeof peer->last);
		if (ssl == NULL || SSL_accept(ssl) == 1) {
			https_serve(peer, ssl, fd);
			if (ssl != NULL)
				SSL_shutdown(ssl);
		}
		SSL_free(ssl);
	}
	SSL_CTX_free(ctx);
	return NULL;
}

static inline void https_start(struct https_peer *peer)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof in;
	signal(SIGPIPE, SIG_IGN);
	peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	tls_must(bind(peer->listener, (struct sockaddr *)&in, size) == 0 && listen(peer->listener, 10) == 0, "listen");
	tls_must(getsockname(peer->listener, (struct sockaddr *)&in, &size) == 0, "getsockname");
	peer->port = ntohs(in.sin_port);
	tls_must(pthread_create(&peer->thread, NULL, https_run, peer) == 0, "thread");
}

static inline void https_stop(struct https_peer *peer)
{
	shutdown(peer->listener, SHUT_RDWR);
	pthread_join(peer->thread, NULL);
	close(peer->listener);
}
