#include "net_tls.h"

#include "tap.h"
#include "tls_fixture.h"

static void cert_hash(const struct tls_cert *cert, bool spki, unsigned char out[32])
{
	unsigned n;
	unsigned char *der = NULL;
	int der_n = spki ? i2d_PUBKEY(cert->key, &der) : i2d_X509(cert->x509, &der);
	CHECK(EVP_Digest(der, (size_t)der_n, out, &n, EVP_sha256(), NULL) == 1);
	OPENSSL_free(der);
}

static void test_pins(struct net_tls *tls)
{
	unsigned char pins[3][NET_TLS_PIN_OCTETS] = { { 0 } };
	static const struct {
		const char *what;
		size_t from, count;
		enum err err;
	} pin_rows[] = {
		{ "fingerprint of the certificate", 1, 1, ERR_OK },
		{ "fingerprint of its key", 2, 1, ERR_OK },
		{ "one of several", 0, 3, ERR_OK },
		{ "another fingerprint", 0, 1, ERR_PROTOCOL },
		{ "no fingerprint at all", 0, 0, ERR_BUG },
	};
	cert_hash(&certs[EXPIRED], false, pins[1]);
	cert_hash(&certs[EXPIRED], true, pins[2]);
	for (size_t i = 0; i < ARRAY_LEN(pin_rows); i++) {
		tap_case("pin: %s (expired, wrong name)", pin_rows[i].what);
		struct tls_server server = { .cert = &certs[EXPIRED] };
		struct net_tls_peer peer = { .verify = NET_TLS_PIN,
					     .name = VIEW("other.example"),
					     .pins = (const unsigned char(*)[NET_TLS_PIN_OCTETS])pins +
						     pin_rows[i].from,
					     .pin_count = pin_rows[i].count };
		struct net_stream *stream;
		struct diag diag = { .text = "" };
		CHECK_INT(shake(&server, tls, &peer, &stream, &diag), pin_rows[i].err);
		if (pin_rows[i].err == ERR_OK)
			CHECK(net_tls_verified(net_stream_tls(stream)));
		else if (pin_rows[i].err == ERR_PROTOCOL)
			check_says(&diag, "has another fingerprint: ");
		finish(&server, stream);
	}
	unsigned char pin[NET_TLS_PIN_OCTETS];
	struct diag diag;
	tap_case("fingerprints as people write them");
	CHECK_INT(
		net_tls_parse_pin(VIEW("00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"), pin, &diag),
		ERR_OK);
	CHECK_INT(pin[15], 0xff);
	CHECK_INT(net_tls_parse_pin(VIEW("sha256:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:"
					 "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"),
				    pin, &diag),
		  ERR_OK);
	CHECK_INT(net_tls_parse_pin(VIEW("00112233445566778899aabbccddeeff00112233"), pin, &diag), ERR_DATA);
	check_says(&diag, "SHA-1");
	CHECK_INT(net_tls_parse_pin(VIEW("0011"), pin, &diag), ERR_DATA);
	CHECK_INT(net_tls_parse_pin(VIEW("zz"), pin, &diag), ERR_DATA);
}

static void test_dane(struct net_tls *tls)
{
	unsigned char leaf_key[32], leaf_cert[32], middle[32], zero[64] = { 0 };
	cert_hash(&certs[LEAF], true, leaf_key);
	cert_hash(&certs[LEAF], false, leaf_cert);
	cert_hash(&certs[MIDDLE], false, middle);
	struct view key = view_of(leaf_key, 32), cert = view_of(leaf_cert, 32), ta = view_of(middle, 32);
	struct view bad = view_of(zero, 32), shorter = view_of(leaf_key, 31);
	unsigned char *full = NULL;
	int full_n = i2d_PUBKEY(certs[LEAF].key, &full);
	const struct {
		const char *what, *name;
		struct net_tlsa tlsa[2];
		enum err err;
		const char *says;
	} dane_rows[] = {
		{ "3 1 1", "mx.example.net", { { 3, 1, 1, key } }, ERR_OK, NULL },
		{ "3 1 1, another name (RFC 7672 3.1.1)", "other.example", { { 3, 1, 1, key } }, ERR_OK, NULL },
		{ "3 0 1", "mx.example.net", { { 3, 0, 1, cert } }, ERR_OK, NULL },
		{ "3 1 0: the whole key",
		  "mx.example.net",
		  { { 3, 1, 0, view_of(full, (size_t)full_n) } },
		  ERR_OK,
		  NULL },
		{ "2 0 1 with the CA in the chain", "mx.example.net", { { 2, 0, 1, ta } }, ERR_OK, NULL },
		{ "2 0 1, another name (RFC 7672 3.2.2)",
		  "other.example",
		  { { 2, 0, 1, ta } },
		  ERR_PROTOCOL,
		  "not for other.example" },
		{ "roll-over: one of two matches",
		  "mx.example.net",
		  { { 3, 1, 1, bad }, { 3, 1, 1, key } },
		  ERR_OK,
		  NULL },
		{ "mismatch",
		  "mx.example.net",
		  { { 3, 1, 1, bad } },
		  ERR_PROTOCOL,
		  "no TLSA record of mx.example.net matches" },
		{ "usage 1 is not used with SMTP (RFC 7672 3.1.3)",
		  "mx.example.net",
		  { { 1, 1, 1, key } },
		  ERR_DATA,
		  "none of its 2" },
		{ "a hash of the wrong size is unusable", "mx.example.net", { { 3, 1, 1, shorter } }, ERR_DATA, NULL },
		{ "an unusable record beside a good one",
		  "mx.example.net",
		  { { 0, 0, 1, key }, { 3, 1, 1, key } },
		  ERR_OK,
		  NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(dane_rows); i++) {
		tap_case("dane: %s", dane_rows[i].what);
		struct tls_server server = { .cert = &certs[LEAF], .chain = &certs[MIDDLE] };
		struct net_tls_peer peer = { .verify = NET_TLS_DANE,
					     .name = view_str(dane_rows[i].name),
					     .tlsa = dane_rows[i].tlsa,
					     .tlsa_count = 2 };
		struct net_stream *stream;
		struct diag diag = { .text = "" };
		CHECK_INT(shake(&server, tls, &peer, &stream, &diag), dane_rows[i].err);
		check_says(&diag, dane_rows[i].says);
		finish(&server, stream);
	}
	OPENSSL_free(full);
	tap_case("dane: usage 3 does not look at dates (RFC 7672 3.1.1)");
	cert_hash(&certs[EXPIRED], true, leaf_key);
	struct net_tlsa tlsa = { 3, 1, 1, key };
	struct tls_server server = { .cert = &certs[EXPIRED] };
	struct net_tls_peer peer = {
		.verify = NET_TLS_DANE, .name = VIEW("mx.example.net"), .tlsa = &tlsa, .tlsa_count = 1
	};
	struct net_stream *stream;
	CHECK_INT(shake(&server, tls, &peer, &stream, NULL), ERR_OK);
	struct arena arena = { 0 };
	struct net_tls_info info;
	net_tls_info(net_stream_tls(stream), &arena, &info);
	CHECK(info.verified && info.tlsa_usage == 3 && info.tlsa_selector == 1 && info.tlsa_matching == 1);
	arena_done(&arena);
	finish(&server, stream);
}

static bool resumed(struct tls_server *server, struct net_tls *tls, const struct net_tls_peer *peer)
{
	struct net_stream *stream;
	CHECK_INT(shake(server, tls, peer, &stream, NULL), ERR_OK);
	bool was = net_tls_resumed(net_stream_tls(stream));
	CHECK(net_tls_verified(net_stream_tls(stream)) == (peer->verify != NET_TLS_UNVERIFIED));
	echo(stream, VIEW("tickets come before this\n"));
	net_stream_close(stream);
	tls_server_join(server);
	return was;
}

static void test_resume(struct net_tls *tls)
{
	static const int versions[] = { 0, TLS1_2_VERSION };
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		tap_case("sessions are resumed, again and again, %s", versions[i] == 0 ? "TLS 1.3" : "TLS 1.2");
		struct tls_server server = { .cert = &certs[GOOD], .max_version = versions[i] };
		struct net_tls_peer peer = { .verify = NET_TLS_PKIX,
					     .name = VIEW("mx.example.net"),
					     .resume = i == 0 ? VIEW("mx.example.net:25") : VIEW("mx.example.net:26") };
		CHECK(!resumed(&server, tls, &peer));
		for (int again = 0; again < 4; again++)
			CHECK(resumed(&server, tls, &peer));
		tap_case("a ticket is not taken to another policy, name or place");
		struct net_tls_peer other = peer;
		other.verify = NET_TLS_UNVERIFIED;
		CHECK(!resumed(&server, tls, &other));
		other = peer;
		other.name = VIEW("x.wild.example");
		CHECK(!resumed(&server, tls, &other));
		other = peer;
		other.resume = view_none();
		CHECK(!resumed(&server, tls, &other));
		tls_server_done(&server);
	}
}

int main(void)
{
	struct net_tls *tls = fixture_open();
	test_pins(tls);
	test_dane(tls);
	test_resume(tls);
	fixture_close(tls);
	return tap_done();
}
