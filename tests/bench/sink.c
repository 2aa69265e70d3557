/*
 * A server that only counts: one epoll loop, no disk, faster than any client. Speaks SMTP with PIPELINING, and as asked
 * CHUNKING and STARTTLS; answers a group of commands with one write. "XCOUNT" is answered with the messages and octets
 * taken so far.
 *
 *	sink [-c] [-t CERT KEY] PORT
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

	enum { IN_MAX = 1 << 17,
	       OUT_MAX = 1 << 16,
	       EVENTS = 64 };

struct client {
	int fd;
	SSL *ssl;
	bool secure; /* the next octets are TLS */
	bool data;   /* within a message, up to the dot */
	uint64_t bdat;
	bool last;
	unsigned tail; /* how much of CR LF . CR LF has been seen */
	size_t in_n, out_n;
	char in[IN_MAX], out[OUT_MAX];
};

static uint64_t messages, octets;
static bool chunking;
static SSL_CTX *tls;

static void say(struct client *c, const char *text)
{
	size_t n = strlen(text);
	if (c->out_n + n <= sizeof c->out) {
		memcpy(c->out + c->out_n, text, n);
		c->out_n += n;
	}
}

static void taken(struct client *c)
{
	messages++;
	say(c, "250 2.0.0 counted\r\n");
}

/* Up to the end of the message; returns what was used. */
static size_t eat_data(struct client *c, const char *p, size_t n)
{
	static const char end[] = "\r\n.\r\n";
	size_t i = 0;
	while (i < n) {
		if (c->tail == 0) {
			const char *cr = memchr(p + i, '\r', n - i);
			if (cr == NULL) {
				i = n;
				break;
			}
			i = (size_t)(cr - p);
		}
		c->tail = p[i] == end[c->tail] ? c->tail + 1 : p[i] == '\r' ? 1 : 0;
		i++;
		if (c->tail == 5) {
			c->data = false;
			octets += i;
			taken(c);
			return i;
		}
	}
	octets += n;
	return n;
}

static size_t eat_chunk(struct client *c, size_t n)
{
	size_t used = n < c->bdat ? n : (size_t)c->bdat;
	c->bdat -= used;
	octets += used;
	if (c->bdat == 0) {
		if (c->last)
			taken(c);
		else
			say(c, "250 2.0.0 chunk\r\n");
	}
	return used;
}

static void ehlo(struct client *c)
{
	say(c, "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 100000000\r\n");
	if (chunking)
		say(c, "250-CHUNKING\r\n");
	if (tls != NULL && c->ssl == NULL)
		say(c, "250-STARTTLS\r\n");
	say(c, "250 ENHANCEDSTATUSCODES\r\n");
}

/* One command. False: the connection ends. */
static bool command(struct client *c, const char *line)
{
	if (strncasecmp(line, "MAIL", 4) == 0 || strncasecmp(line, "RCPT", 4) == 0 ||
	    strncasecmp(line, "RSET", 4) == 0) {
		say(c, "250 2.0.0 ok\r\n");
	} else if (strncasecmp(line, "DATA", 4) == 0) {
		say(c, "354 go on\r\n");
		c->data = true;
		c->tail = 2;
	} else if (strncasecmp(line, "BDAT", 4) == 0) {
		c->bdat = strtoull(line + 4, NULL, 10);
		c->last = strstr(line, "LAST") != NULL;
		if (c->bdat == 0)
			(void)eat_chunk(c, 0);
	} else if (strncasecmp(line, "EHLO", 4) == 0 || strncasecmp(line, "HELO", 4) == 0) {
		ehlo(c);
	} else if (strncasecmp(line, "STARTTLS", 8) == 0) {
		say(c, "220 go\r\n");
		c->secure = true;
	} else if (strncasecmp(line, "XCOUNT", 6) == 0) {
		char text[80];
		(void)snprintf(text, sizeof text, "250 %llu %llu\r\n", (unsigned long long)messages,
			       (unsigned long long)octets);
		say(c, text);
	} else if (strncasecmp(line, "QUIT", 4) == 0) {
		say(c, "221 2.0.0 bye\r\n");
		return false;
	} else {
		say(c, "500 5.5.1 what\r\n");
	}
	return true;
}

static bool eat(struct client *c)
{
	size_t at = 0;
	bool open = true;
	while (at < c->in_n && open && !c->secure) {
		if (c->data) {
			at += eat_data(c, c->in + at, c->in_n - at);
			continue;
		}
		if (c->bdat > 0) {
			at += eat_chunk(c, c->in_n - at);
			continue;
		}
		char *lf = memchr(c->in + at, '\n', c->in_n - at);
		if (lf == NULL)
			break;
		*lf = '\0';
		open = command(c, c->in + at);
		at = (size_t)(lf - c->in) + 1;
	}
	memmove(c->in, c->in + at, c->in_n - at);
	c->in_n -= at;
	return open && c->in_n < sizeof c->in;
}

/* 1: something came, 0: nothing now, -1: the end. */
static int receive(struct client *c)
{
	char *to = c->in + c->in_n;
	size_t room = sizeof c->in - c->in_n;
	if (c->ssl != NULL) {
		int n = SSL_read(c->ssl, to, (int)room);
		if (n <= 0)
			return SSL_get_error(c->ssl, n) == SSL_ERROR_WANT_READ ? 0 : -1;
		c->in_n += (size_t)n;
		return 1;
	}
	ssize_t n = recv(c->fd, to, room, 0);
	if (n <= 0)
		return n < 0 && errno == EAGAIN ? 0 : -1;
	c->in_n += (size_t)n;
	return 1;
}

static bool flush(struct client *c)
{
	if (c->out_n == 0)
		return true;
	ssize_t n = c->ssl != NULL ? SSL_write(c->ssl, c->out, (int)c->out_n)
				   : send(c->fd, c->out, c->out_n, MSG_NOSIGNAL);
	bool ok = n == (ssize_t)c->out_n;
	c->out_n = 0;
	return ok;
}

static bool secure(struct client *c)
{
	if (c->ssl == NULL) {
		c->ssl = SSL_new(tls);
		SSL_set_fd(c->ssl, c->fd);
		SSL_set_accept_state(c->ssl);
	}
	int rc = SSL_do_handshake(c->ssl);
	if (rc == 1)
		c->secure = false;
	return rc == 1 || SSL_get_error(c->ssl, rc) == SSL_ERROR_WANT_READ;
}

static bool work(struct client *c)
{
	if (c->secure && !secure(c))
		return false;
	while (!c->secure) {
		int got = receive(c);
		if (got < 0)
			return false;
		if (got == 0)
			return true;
		bool open = eat(c);
		if (!flush(c) || !open)
			return false;
	}
	return true;
}

static void drop(struct client *c)
{
	if (c->ssl != NULL)
		SSL_free(c->ssl);
	(void)close(c->fd);
	free(c);
}

static void welcome(int epoll, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
	struct client *c = fd < 0 ? NULL : malloc(sizeof *c);
	if (c == NULL)
		return;
	memset(c, 0, offsetof(struct client, in));
	c->fd = fd;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	say(c, "220 sink ESMTP\r\n");
	(void)flush(c);
}

static int listen_at(unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1000) != 0) {
		perror("sink");
		exit(1);
	}
	return fd;
}

static void open_tls(const char *cert, const char *key)
{
	tls = SSL_CTX_new(TLS_server_method());
	if (tls == NULL || SSL_CTX_use_certificate_chain_file(tls, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1) {
		fputs("sink: certificate or key\n", stderr);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	int i = 1;
	if (i < argc && strcmp(argv[i], "-c") == 0) {
		chunking = true;
		i++;
	}
	if (i + 2 < argc && strcmp(argv[i], "-t") == 0) {
		open_tls(argv[i + 1], argv[i + 2]);
		i += 3;
	}
	if (i + 1 != argc) {
		fputs("usage: sink [-c] [-t CERT KEY] PORT\n", stderr);
		return 64;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	int listener = listen_at((unsigned)atoi(argv[i])), epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL }, events[EVENTS];
	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		int n = epoll_wait(epoll, events, EVENTS, -1);
		for (int e = 0; e < n; e++) {
			if (events[e].data.ptr == NULL)
				welcome(epoll, listener);
			else if (!work(events[e].data.ptr))
				drop(events[e].data.ptr);
		}
	}
}
