#pragma once

/* What the tests of net_tls share: certificates for every case, a connection to a server that shows one of them. */
#include <signal.h>
#include <sys/stat.h>

#include "net_tls.h"
#include "tap.h"
#include "tls_peer.h"

static struct net_loop *loop;
static char dir[] = "/tmp/posthorn-test-XXXXXX";
static char ca_path[64], path_a[64], path_b[64];
static const struct net_addr nobody = { .kind = NET_ADDR_UNIX, .path = "test" };

enum cert_id { CA, GOOD, EXPIRED, FUTURE, SELF, OTHER_CA, STRANGE, CN_ONLY, IP, MIDDLE, LEAF, CLIENT, CERTS };
static struct tls_cert certs[CERTS];

static inline void make_certs(void)
{
	const struct tls_cert_spec specs[CERTS] = {
		[CA] = { .cn = "Test CA", .ca = 1 },
		[GOOD] = { .cn = "good", .san = "DNS:mx.example.net,DNS:*.wild.example", .issuer = &certs[CA] },
		[EXPIRED] = { .san = "DNS:mx.example.net", .issuer = &certs[CA], .from_s = -9 * DAY, .to_s = -2 * DAY },
		[FUTURE] = { .san = "DNS:mx.example.net", .issuer = &certs[CA], .from_s = 2 * DAY, .to_s = 9 * DAY },
		[SELF] = { .cn = "self", .san = "DNS:mx.example.net" },
		[OTHER_CA] = { .cn = "Other CA", .ca = 1 },
		[STRANGE] = { .san = "DNS:mx.example.net", .issuer = &certs[OTHER_CA] },
		[CN_ONLY] = { .cn = "mx.example.net", .issuer = &certs[CA] },
		[IP] = { .san = "IP:192.0.2.1,IP:2001:db8::1", .issuer = &certs[CA] },
		[MIDDLE] = { .cn = "Middle CA", .issuer = &certs[CA], .ca = 1 },
		[LEAF] = { .san = "DNS:mx.example.net", .issuer = &certs[MIDDLE] },
		[CLIENT] = { .cn = "client", .issuer = &certs[CA] },
	};
	for (int i = 0; i < CERTS; i++)
		certs[i] = tls_cert_make(&specs[i]);
}

static inline enum err shake(struct tls_server *server, struct net_tls *tls, const struct net_tls_peer *peer,
			     struct net_stream **out, struct diag *diag)
{
	*out = NULL;
	enum err err = net_stream_open(loop, tls_server_start(server), &nobody, out, diag);
	if (err == ERR_OK)
		err = net_stream_start_tls(*out, tls, peer, diag);
	return err == ERR_OK ? net_stream_wait_tls(*out, 5000, diag) : err;
}

static inline void finish(struct tls_server *server, struct net_stream *stream)
{
	net_stream_close(stream);
	tls_server_join(server);
	tls_server_done(server);
}

static inline void check_says(const struct diag *diag, const char *says)
{
	if (says != NULL && !CHECK(strstr(diag->text, says) != NULL))
		printf("# says: %s\n", diag->text);
}

static inline void echo(struct net_stream *stream, struct view text)
{
	struct view got = view_none();
	CHECK_INT(net_stream_write_view(stream, text, NULL), ERR_OK);
	while (got.n < text.n && net_stream_wait_read(stream, 10000, "echo", &got, NULL) == ERR_OK) {
		if (net_stream_eof(stream))
			break;
	}
	CHECK_BYTES(got, text);
	net_stream_take(stream, got.n);
}

static inline struct net_tls *fixture_open(void)
{
	struct net_tls *tls = NULL;
	(void)signal(SIGPIPE, SIG_IGN); /* for the server's side */
	tls_must(mkdtemp(dir) != NULL && net_loop_open(env_system(), &loop, NULL) == ERR_OK, "fixture");
	(void)snprintf(ca_path, sizeof ca_path, "%s/ca.pem", dir);
	(void)snprintf(path_a, sizeof path_a, "%s/a.pem", dir);
	(void)snprintf(path_b, sizeof path_b, "%s/b.pem", dir);
	make_certs();
	tls_cert_save(&certs[CA], ca_path, 1, 0);
	tls_must(net_tls_open(&(struct net_tls_opts){ .ca_file = ca_path }, &tls, NULL) == ERR_OK, "fixture");
	return tls;
}

static inline void fixture_close(struct net_tls *tls)
{
	net_tls_close(tls);
	net_loop_close(loop);
	for (int i = 0; i < CERTS; i++)
		tls_cert_free(&certs[i]);
	(void)remove(ca_path);
	(void)remove(path_a);
	(void)remove(path_b);
	(void)rmdir(dir);
}
