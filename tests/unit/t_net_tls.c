#include "net_tls.h"

#include "tap.h"
#include "tls_fixture.h"

static const struct {
	const char *what;
	enum cert_id cert, chain; /* CA: none */
	enum net_tls_verify verify;
	const char *name;
	enum err err;
	bool verified;
	const char *says;
} rows[] = {
	{ "good", GOOD, CA, NET_TLS_PKIX, "mx.example.net", ERR_OK, true, NULL },
	{ "name in other case", GOOD, CA, NET_TLS_PKIX, "MX.Example.NET", ERR_OK, true, NULL },
	{ "wildcard", GOOD, CA, NET_TLS_PKIX, "a.wild.example", ERR_OK, true, NULL },
	{ "wildcard is one label (RFC 9525 6.3)", GOOD, CA, NET_TLS_PKIX, "a.b.wild.example", ERR_PROTOCOL, false,
	  "is for mx.example.net, *.wild.example, not for a.b.wild.example" },
	{ "wrong name", GOOD, CA, NET_TLS_PKIX, "mx.example.org", ERR_PROTOCOL, false, "not for mx.example.org" },
	{ "name of a subdomain", GOOD, CA, NET_TLS_PKIX, "a.mx.example.net", ERR_PROTOCOL, false, "not for" },
	{ "wrong name, not verified", GOOD, CA, NET_TLS_UNVERIFIED, "mx.example.org", ERR_OK, false, NULL },
	{ "wrong name, reported", GOOD, CA, NET_TLS_REPORT, "mx.example.org", ERR_OK, false, NULL },
	{ "good, reported", GOOD, CA, NET_TLS_REPORT, "mx.example.net", ERR_OK, true, NULL },
	{ "expired", EXPIRED, CA, NET_TLS_PKIX, "mx.example.net", ERR_PROTOCOL, false, "the certificate expired 20" },
	{ "expired, reported", EXPIRED, CA, NET_TLS_REPORT, "mx.example.net", ERR_OK, false, NULL },
	{ "not yet valid", FUTURE, CA, NET_TLS_PKIX, "mx.example.net", ERR_PROTOCOL, false, "is not valid before 20" },
	{ "self-signed", SELF, CA, NET_TLS_PKIX, "mx.example.net", ERR_PROTOCOL, false, "is self-signed" },
	{ "issuer not known", STRANGE, CA, NET_TLS_PKIX, "mx.example.net", ERR_PROTOCOL, false,
	  "the issuer \"Other CA\" is not known here" },
	{ "CA sent along, but not trusted", STRANGE, OTHER_CA, NET_TLS_PKIX, "mx.example.net", ERR_PROTOCOL, false,
	  "ends in the CA \"Other CA\"" },
	{ "common name only (RFC 9525 2)", CN_ONLY, CA, NET_TLS_PKIX, "mx.example.net", ERR_PROTOCOL, false,
	  "no names in it" },
	{ "IPv4 address", IP, CA, NET_TLS_PKIX, "192.0.2.1", ERR_OK, true, NULL },
	{ "IPv6 address", IP, CA, NET_TLS_PKIX, "2001:db8::1", ERR_OK, true, NULL },
	{ "another address", IP, CA, NET_TLS_PKIX, "192.0.2.2", ERR_PROTOCOL, false, "is for 192.0.2.1, 2001:db8::1" },
	{ "with its intermediate", LEAF, MIDDLE, NET_TLS_PKIX, "mx.example.net", ERR_OK, true, NULL },
	{ "without its intermediate", LEAF, CA, NET_TLS_PKIX, "mx.example.net", ERR_PROTOCOL, false,
	  "does not send its intermediate" },
};

static void test_rows(struct net_tls *tls)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("verify: %s", rows[i].what);
		struct tls_server server = { .cert = &certs[rows[i].cert],
					     .chain = rows[i].chain == CA ? NULL : &certs[rows[i].chain] };
		struct net_tls_peer peer = { .verify = rows[i].verify, .name = view_str(rows[i].name) };
		struct net_stream *stream;
		struct diag diag = { .text = "" };
		CHECK_INT(shake(&server, tls, &peer, &stream, &diag), rows[i].err);
		check_says(&diag, rows[i].says);
		if (rows[i].err == ERR_OK) {
			struct arena arena = { 0 };
			struct net_tls_info info;
			net_tls_info(net_stream_tls(stream), &arena, &info);
			CHECK_INT(info.verified, rows[i].verified);
			CHECK((info.verify_text[0] == '\0') == rows[i].verified);
			arena_done(&arena);
		} else {
			CHECK_INT(net_stream_err(stream, NULL), rows[i].err);
		}
		finish(&server, stream);
	}
}

static void test_info(struct net_tls *tls)
{
	tap_case("what is told about a connection");
	struct tls_server server = { .cert = &certs[LEAF], .chain = &certs[MIDDLE] };
	struct net_tls_peer peer = { .verify = NET_TLS_PKIX, .name = VIEW("mx.example.net") };
	struct net_stream *stream;
	struct arena arena = { 0 };
	struct net_tls_info info;
	CHECK_INT(shake(&server, tls, &peer, &stream, NULL), ERR_OK);
	net_tls_info(net_stream_tls(stream), &arena, &info);
	CHECK_STR(info.protocol, "TLSv1.3");
	CHECK(info.cipher_bits >= 128 && !info.resumed && info.group != NULL);
	if (CHECK_INT(info.chain_count, 2)) {
		CHECK_VIEW(info.chain[0].issuer, "CN=Middle CA");
		CHECK_VIEW(info.chain[1].subject, "CN=Middle CA");
		CHECK_INT(info.chain[0].name_count, 1);
		CHECK_VIEW(info.chain[0].names[0], "mx.example.net");
		CHECK_STR(info.chain[0].key_type, "EC");
		CHECK_INT(info.chain[0].key_bits, 256);
		CHECK_INT(info.chain[0].not_after - info.chain[0].not_before, 366 * DAY);
	}
	arena_done(&arena);

	tap_case("tls-exporter (RFC 9266) is what the server computes; end-point is the certificate's hash (RFC 5929)");
	BUF_AUTO struct buf binding, end_point;
	unsigned char hash[32];
	unsigned n;
	buf_init(&binding, 64);
	buf_init(&end_point, 64);
	struct view bytes;
	CHECK_INT(net_stream_write_view(stream, VIEW("x\n"), NULL), ERR_OK);
	CHECK_INT(net_stream_wait_read(stream, 5000, "echo", &bytes, NULL), ERR_OK);
	CHECK_INT(net_tls_binding(net_stream_tls(stream), NET_TLS_EXPORTER, &binding, NULL), ERR_OK);
	CHECK_BYTES(buf_view(&binding), view_of(server.exporter, 32));
	CHECK_INT(net_tls_binding(net_stream_tls(stream), NET_TLS_SERVER_END_POINT, &end_point, NULL), ERR_OK);
	CHECK_INT(X509_digest(certs[LEAF].x509, EVP_sha256(), hash, &n), 1);
	CHECK_BYTES(buf_view(&end_point), view_of(hash, 32));
	CHECK_INT(net_tls_binding(net_stream_tls(stream), NET_TLS_UNIQUE, &binding, NULL), ERR_UNAVAILABLE);
	finish(&server, stream);
}

static void test_versions(struct net_tls *tls)
{
	static const struct {
		const char *what;
		int max;
		enum err err;
		const char *protocol, *says;
	} versions[] = {
		{ "TLS 1.2 is taken", TLS1_2_VERSION, ERR_OK, "TLSv1.2", NULL },
		{ "TLS 1.1 is refused", TLS1_1_VERSION, ERR_PROTOCOL, NULL, "no TLS 1.2 or newer" },
		{ "TLS 1.0 is refused", TLS1_VERSION, ERR_PROTOCOL, NULL, "no TLS 1.2 or newer" },
	};
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		tap_case("%s", versions[i].what);
		struct tls_server server = { .cert = &certs[GOOD], .max_version = versions[i].max };
		struct net_tls_peer peer = { .verify = NET_TLS_UNVERIFIED, .name = VIEW("mx.example.net") };
		struct net_stream *stream;
		struct diag diag = { .text = "" };
		CHECK_INT(shake(&server, tls, &peer, &stream, &diag), versions[i].err);
		check_says(&diag, versions[i].says);
		if (versions[i].protocol != NULL) {
			BUF_AUTO struct buf binding;
			buf_init(&binding, 64);
			CHECK_STR(net_tls_protocol(net_stream_tls(stream)), versions[i].protocol);
			CHECK_INT(net_tls_binding(net_stream_tls(stream), NET_TLS_UNIQUE, &binding, NULL), ERR_OK);
			CHECK_INT(binding.n, 12);
		}
		finish(&server, stream);
	}
}

static void test_handshake_faults(struct net_tls *tls)
{
	struct net_tls_peer peer = { .verify = NET_TLS_PKIX, .name = VIEW("mx.example.net") };
	struct net_stream *stream;
	struct diag diag = { .text = "" };

	tap_case("a server that hangs up in the handshake is a temporary error");
	struct tls_server server = { .cert = &certs[GOOD], .hang_up_at = 1 };
	CHECK_INT(shake(&server, tls, &peer, &stream, &diag), ERR_TEMP);
	check_says(&diag, "dropped the connection during the TLS handshake");
	finish(&server, stream);

	tap_case("a server that speaks no TLS is told as that");
	server = (struct tls_server){ .cert = &certs[GOOD], .speaks_clear = 1, .wait_line = NULL };
	int fd = tls_server_start(&server);
	CHECK_INT(net_stream_open(loop, fd, &nobody, &stream, NULL), ERR_OK);
	(void)usleep(20000);
	enum err err = net_stream_start_tls(stream, tls, &peer, &diag);
	CHECK_INT(err == ERR_OK ? net_stream_wait_tls(stream, 5000, &diag) : err, ERR_PROTOCOL);
	finish(&server, stream);

	check_says(&diag, "it greets in the clear");

	tap_case("a handshake that never ends is timed out");
	int pair[2];
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	CHECK_INT(net_stream_open(loop, pair[0], &nobody, &stream, NULL), ERR_OK);
	CHECK_INT(net_stream_start_tls(stream, tls, &peer, &diag), ERR_OK);
	CHECK_INT(net_stream_wait_tls(stream, 50, &diag), ERR_TEMP);
	CHECK_STR(diag.text, "timed out after 0.05 s waiting for the TLS handshake");
	net_stream_close(stream);
	(void)close(pair[1]);
}

static void test_injection(struct net_tls *tls)
{
	struct net_tls_peer peer = { .verify = NET_TLS_PKIX, .name = VIEW("mx.example.net") };
	for (int read_first = 0; read_first < 2; read_first++) {
		tap_case("octets before the handshake are fatal (CVE-2011-0411), %s",
			 read_first ? "read with the reply" : "still in the kernel");
		struct tls_server server = { .cert = &certs[GOOD],
					     .clear = "220 go\r\n250 injected\r\n",
					     .wait_line = "\n" };
		struct net_stream *stream;
		struct diag diag = { .text = "" };
		struct view bytes;
		CHECK_INT(net_stream_open(loop, tls_server_start(&server), &nobody, &stream, NULL), ERR_OK);
		CHECK_INT(net_stream_write_view(stream, VIEW("STARTTLS\r\n"), NULL), ERR_OK);
		if (read_first) {
			CHECK_INT(net_stream_wait_read(stream, 5000, "220", &bytes, NULL), ERR_OK);
			net_stream_take(stream, 8);
		} else {
			(void)usleep(20000);
		}
		CHECK_INT(net_stream_start_tls(stream, tls, &peer, &diag), ERR_PROTOCOL);
		check_says(&diag, read_first ? "14 octets" : "22 octets");
		check_says(&diag, "somebody may be inserting commands");
		CHECK_INT(net_stream_write_view(stream, VIEW("EHLO\r\n"), NULL), ERR_PROTOCOL);
		finish(&server, stream);
	}
	tap_case("a reply that was taken whole is fine");
	struct tls_server server = { .cert = &certs[GOOD], .clear = "220 go\r\n", .wait_line = "\n" };
	struct net_stream *stream;
	struct view bytes;
	CHECK_INT(net_stream_open(loop, tls_server_start(&server), &nobody, &stream, NULL), ERR_OK);
	CHECK_INT(net_stream_wait_read(stream, 5000, "220", &bytes, NULL), ERR_OK);
	net_stream_take(stream, bytes.n);
	CHECK_INT(net_stream_write_view(stream, VIEW("STARTTLS\n"), NULL), ERR_OK);
	CHECK_INT(net_stream_start_tls(stream, tls, &peer, NULL), ERR_OK);
	CHECK_INT(net_stream_wait_tls(stream, 5000, NULL), ERR_OK);
	tap_case("TLS does not start twice");
	CHECK_INT(net_stream_start_tls(stream, tls, &peer, NULL), ERR_BUG);
	finish(&server, stream);
}

static void test_pieces(struct net_tls *tls)
{
	static const size_t pieces[] = { 1, 2, 3, 5, 7, 100, 4096 };
	static char text[40000];
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i % 23);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		tap_case("records in pieces of %zu octets", pieces[i]);
		struct tls_server server = { .cert = &certs[GOOD] };
		struct net_tls_peer peer = { .verify = NET_TLS_PKIX, .name = VIEW("mx.example.net") };
		struct tls_pump pump;
		struct net_stream *stream;
		int fd = tls_pump_start(&pump, tls_server_start(&server), pieces[i]);
		CHECK_INT(net_stream_open(loop, fd, &nobody, &stream, NULL), ERR_OK);
		CHECK_INT(net_stream_start_tls(stream, tls, &peer, NULL), ERR_OK);
		CHECK_INT(net_stream_wait_tls(stream, 5000, NULL), ERR_OK);
		echo(stream, VIEW("short\r\n"));
		echo(stream, view_of(text, pieces[i] < 100 ? 2000 : sizeof text));
		CHECK_INT(net_stream_sent(stream), net_stream_written(stream));
		net_stream_close(stream);
		pthread_join(pump.thread, NULL);
		tls_server_join(&server);
		tls_server_done(&server);
	}
	tap_case("the end of a server without close_notify is an end");
	struct tls_server server = { .cert = &certs[GOOD], .hang_up_at = 2 };
	struct net_tls_peer peer = { .verify = NET_TLS_PKIX, .name = VIEW("mx.example.net") };
	struct net_stream *stream;
	struct view bytes;
	CHECK_INT(shake(&server, tls, &peer, &stream, NULL), ERR_OK);
	CHECK_INT(net_stream_wait_read(stream, 5000, "end", &bytes, NULL), ERR_OK);
	CHECK(net_stream_eof(stream));
	finish(&server, stream);
}

static void test_client_certificate(void)
{
	static const struct {
		const char *what;
		bool cert, key, foreign_key, shared;
		enum err err;
		const char *says;
	} files[] = {
		{ "certificate and key", true, true, false, false, ERR_OK, NULL },
		{ "a key of another certificate", true, true, true, false, ERR_DATA, "does not belong" },
		{ "a key that others can read", true, true, false, true, ERR_DENIED, "chmod 600" },
		{ "no certificate in the file", false, true, false, false, ERR_DATA, "no certificate" },
		{ "no key in the file", true, false, false, false, ERR_DATA, "no private key" },
	};
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		tap_case("client certificate: %s", files[i].what);
		tls_cert_save(&certs[CLIENT], path_a, files[i].cert, 0);
		tls_cert_save(&certs[files[i].foreign_key ? GOOD : CLIENT], path_b, 0, files[i].key);
		CHECK_INT(chmod(path_b, files[i].shared ? 0644 : 0600), 0);
		struct net_tls_opts opts = { .ca_file = ca_path, .cert_file = path_a, .key_file = path_b };
		NET_TLS_AUTO struct net_tls *tls = NULL;
		struct diag diag = { .text = "" };
		CHECK_INT(net_tls_open(&opts, &tls, &diag), files[i].err);
		check_says(&diag, files[i].says);
	}
	tls_cert_save(&certs[CLIENT], path_a, 1, 1);
	CHECK_INT(chmod(path_a, 0600), 0);
	for (int with = 0; with < 2; with++) {
		tap_case("a server that demands a client certificate %s one", with ? "gets" : "does not get");
		struct net_tls_opts opts = { .ca_file = ca_path, .cert_file = with ? path_a : NULL };
		struct tls_server server = { .cert = &certs[GOOD],
					     .client_ca = &certs[CA],
					     .max_version = TLS1_2_VERSION };
		struct net_tls_peer peer = { .verify = NET_TLS_PKIX, .name = VIEW("mx.example.net") };
		NET_TLS_AUTO struct net_tls *tls = NULL;
		struct net_stream *stream;
		struct diag diag = { .text = "" };
		CHECK_INT(net_tls_open(&opts, &tls, &diag), ERR_OK);
		CHECK_INT(shake(&server, tls, &peer, &stream, &diag), with ? ERR_OK : ERR_PROTOCOL);
		check_says(&diag, with ? NULL : "--tls-cert");
		finish(&server, stream);
	}
}

static void test_trust(void)
{
	struct diag diag = { .text = "" };
	NET_TLS_AUTO struct net_tls *missing = NULL, *empty = NULL, *none = NULL;
	tap_case("a CA file that is missing, or holds none");
	CHECK_INT(net_tls_open(&(struct net_tls_opts){ .ca_file = "/nonexistent/ca.pem" }, &missing, &diag),
		  ERR_NO_INPUT);
	CHECK_INT(net_tls_open(&(struct net_tls_opts){ .ca_file = "/dev/null" }, &empty, &diag), ERR_DATA);
	tap_case("the system's trust is loaded when needed, and does not know our CA");
	struct tls_server server = { .cert = &certs[GOOD] };
	struct net_tls_peer peer = { .verify = NET_TLS_PKIX, .name = VIEW("mx.example.net") };
	struct net_stream *stream;
	CHECK_INT(setenv("SSL_CERT_DIR", dir, 1), 0);
	CHECK_INT(setenv("SSL_CERT_FILE", ca_path, 1), 0);
	CHECK_INT(net_tls_open(&(struct net_tls_opts){ 0 }, &none, &diag), ERR_OK);
	CHECK_INT(shake(&server, none, &peer, &stream, &diag), ERR_OK);
	finish(&server, stream);
	(void)unsetenv("SSL_CERT_DIR");
	(void)unsetenv("SSL_CERT_FILE");
}

int main(void)
{
	struct net_tls *tls = fixture_open();
	test_rows(tls);
	test_info(tls);
	test_versions(tls);
	test_handshake_faults(tls);
	test_injection(tls);
	test_pieces(tls);
	test_client_certificate();
	test_trust();
	fixture_close(tls);
	return tap_done();
}
