/*
 * A server for one connection: STARTTLS, then AUTH SCRAM-SHA-256-PLUS alone, judged by GNU SASL's server with the
 * tls-exporter binding of its own end (RFC 9266). With -x the binding is another connection's, as it is where somebody
 * sits in the middle.
 *
 *	scram_peer [-x] CERT KEY     prints its port; exits 0 when the client was let in, 1 when not
 */
#include <arpa/inet.h>
#include <gsasl.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 8192, BINDING = 32 };

static int fd;
static SSL *ssl;
static char *binding; /* base64 */

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void say(const char *text)
{
	int n = (int)strlen(text);
	if ((ssl != NULL ? SSL_write(ssl, text, n) : (int)write(fd, text, (size_t)n)) != n)
		die("write");
}

static bool hear(char line[LINE])
{
	for (int n = 0; n < LINE - 1; n++) {
		int got = ssl != NULL ? SSL_read(ssl, line + n, 1) : (int)read(fd, line + n, 1);
		if (got != 1)
			return false;
		if (line[n] == '\n') {
			line[n > 0 && line[n - 1] == '\r' ? n - 1 : n] = '\0';
			return true;
		}
	}
	return false;
}

static int answer(Gsasl *gsasl, Gsasl_session *session, Gsasl_property property)
{
	(void)gsasl;
	if (property == GSASL_PASSWORD)
		return gsasl_property_set(session, GSASL_PASSWORD, "pencil");
	if (property == GSASL_CB_TLS_EXPORTER)
		return gsasl_property_set(session, GSASL_CB_TLS_EXPORTER, binding);
	return GSASL_NO_CALLBACK;
}

static void start_tls(const char *cert, const char *key, bool foreign)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	unsigned char raw[BINDING];
	size_t n;
	if (ctx == NULL || SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		die("certificate");
	SSL *fresh = SSL_new(ctx);
	SSL_set_fd(fresh, fd);
	if (SSL_accept(fresh) != 1)
		die("handshake");
	ssl = fresh;
	static const char label[] = "EXPORTER-Channel-Binding";
	if (SSL_export_keying_material(ssl, raw, sizeof raw, label, sizeof label - 1, (const unsigned char *)"", 0,
				       1) != 1)
		die("exporter");
	if (foreign)
		raw[0] ^= 1;
	if (gsasl_base64_to((const char *)raw, sizeof raw, &binding, &n) != GSASL_OK)
		die("base64");
}

static bool authenticate(const char *initial)
{
	Gsasl *gsasl;
	Gsasl_session *session;
	char line[LINE], reply[LINE], *out = NULL;
	(void)snprintf(line, sizeof line, "%s", initial);
	if (gsasl_init(&gsasl) != GSASL_OK)
		die("gsasl");
	gsasl_callback_set(gsasl, answer);
	int rc = gsasl_server_start(gsasl, "SCRAM-SHA-256-PLUS", &session);
	for (rc = gsasl_step64(session, line, &out); rc == GSASL_NEEDS_MORE; rc = gsasl_step64(session, line, &out)) {
		(void)snprintf(reply, sizeof reply, "334 %s\r\n", out);
		gsasl_free(out);
		out = NULL;
		say(reply);
		if (!hear(line))
			die("the client left");
	}
	if (rc == GSASL_OK && out != NULL && *out != '\0') {
		(void)snprintf(reply, sizeof reply, "334 %s\r\n", out);
		say(reply);
		rc = hear(line) && *line == '\0' ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
	}
	say(rc == GSASL_OK ? "235 2.7.0 welcome\r\n" : "535 5.7.8 no\r\n");
	gsasl_free(out);
	gsasl_finish(session);
	gsasl_done(gsasl);
	return rc == GSASL_OK;
}

static int listen_once(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) != 0)
		die("listen");
	printf("%d\n", ntohs(address.sin_port));
	(void)fflush(stdout);
	return accept(listener, NULL, NULL);
}

int main(int argc, char **argv)
{
	bool foreign = argc > 1 && strcmp(argv[1], "-x") == 0, in = false, data = false;
	if (argc - foreign != 3)
		return 2;
	(void)alarm(20);
	fd = listen_once();
	char line[LINE];
	say("220 scram.example ESMTP\r\n");
	while (hear(line)) {
		if (data)
			data = strcmp(line, ".") != 0;
		if (data)
			continue;
		if (strncasecmp(line, "EHLO", 4) == 0)
			say(ssl == NULL ? "250-scram.example\r\n250 STARTTLS\r\n"
					: "250-scram.example\r\n250 AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN\r\n");
		else if (strcasecmp(line, "STARTTLS") == 0) {
			say("220 go\r\n");
			start_tls(argv[1 + foreign], argv[2 + foreign], foreign);
		} else if (strncasecmp(line, "AUTH SCRAM-SHA-256-PLUS ", 24) == 0)
			in = authenticate(line + 24);
		else if (strcasecmp(line, "DATA") == 0) {
			say("354 go on\r\n");
			data = true;
		} else
			say("250 2.0.0 ok\r\n");
	}
	return in ? 0 : 1;
}
