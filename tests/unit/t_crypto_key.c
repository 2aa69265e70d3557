#include "crypto_key.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base_base64.h"
#include "base_file.h"
#include "tap.h"

/* The key pair of RFC 8463 appendix A.2 (and RFC 8032 7.1, test 1). */
static const char seed[] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
static const char seed_public[] = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

static void read_data(const char *name, struct buf *out)
{
	char path[4096];
	const char *dir = getenv("TEST_DATA");
	(void)snprintf(path, sizeof path, "%s/crypto_key_parse/%s", dir == NULL ? "tests/data" : dir, name);
	buf_init(out, 1 << 16);
	CHECK_INT(file_read(path, out, NULL), ERR_OK);
}

static const struct {
	const char *file;
	enum err err;
	enum crypto_key_type type;
	unsigned bits;
	const char *says;
} privates[] = {
	{ "rsa1024.pkcs1.pem", ERR_OK, CRYPTO_KEY_RSA, 1024, NULL },
	{ "rsa2048.pkcs8.pem", ERR_OK, CRYPTO_KEY_RSA, 2048, NULL },
	{ "ed25519.pem", ERR_OK, CRYPTO_KEY_ED25519, 256, NULL },
	{ "ed25519.seed", ERR_OK, CRYPTO_KEY_ED25519, 256, NULL },
	{ "encrypted.pkcs8.pem", ERR_DATA, 0, 0, "encrypted with a passphrase" },
	{ "encrypted.pkcs1.pem", ERR_DATA, 0, 0, "encrypted with a passphrase" },
	{ "public.pem", ERR_DATA, 0, 0, "holds a public key" },
	{ "certificate.pem", ERR_DATA, 0, 0, "holds a certificate" },
	{ "ec.pem", ERR_DATA, 0, 0, "neither an RSA nor an Ed25519 key" },
	{ "ec-sec1.pem", ERR_DATA, 0, 0, "found \"EC PRIVATE KEY\"" },
	{ "rsa2048.spki.der", ERR_DATA, 0, 0, "no private key" },
};

static void test_private_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(privates); i++) {
		tap_case("private key from %s", privates[i].file);
		BUF_AUTO struct buf text;
		CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
		struct diag diag = { .text = "" };
		read_data(privates[i].file, &text);
		CHECK_INT(crypto_key_parse_private(buf_view(&text), privates[i].file, &key, &diag), privates[i].err);
		if (key != NULL) {
			CHECK_INT(crypto_key_type(key), privates[i].type);
			CHECK_INT(crypto_key_bits(key), privates[i].bits);
			CHECK(crypto_key_is_private(key));
		}
		if (privates[i].says != NULL && !CHECK(strstr(diag.text, privates[i].says) != NULL))
			printf("# says: %s\n", diag.text);
	}
}

static void test_private_damage(void)
{
	BUF_AUTO struct buf text;
	struct diag diag;
	read_data("rsa2048.pkcs8.pem", &text);
	tap_case("a key cut anywhere is an error, never a key");
	for (size_t n = 0; n + 26 < text.n; n += 7) {
		CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
		CHECK_INT(crypto_key_parse_private(view_to(buf_view(&text), n), "k", &key, &diag), ERR_DATA);
	}
	CHECK(strstr(diag.text, "END line is missing") != NULL);
	tap_case("an empty file");
	CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
	CHECK_INT(crypto_key_parse_private(VIEW(" \n"), "k.pem", &key, &diag), ERR_DATA);
	CHECK_STR(diag.text, "k.pem: empty; a private key was expected");
	tap_case("a certificate before the key, CRLF line ends, text around");
	BUF_AUTO struct buf both, cert;
	read_data("certificate.pem", &cert);
	buf_init(&both, 1 << 16);
	buf_str(&both, "Bag Attributes: x\r\n");
	buf_put(&both, buf_view(&cert));
	for (struct view rest = buf_view(&text), line; view_next_line(&rest, &line);) {
		buf_put(&both, line);
		buf_str(&both, "\r\n");
	}
	CHECK_INT(crypto_key_parse_private(buf_view(&both), "k.pem", &key, &diag), ERR_OK);
}

static const struct {
	const char *what, *file;
	enum crypto_key_type type;
	struct crypto_key_bits bits;
	const char *behind;
	enum err err;
} publics[] = {
	{ "RFC 6376 3.6.1: SubjectPublicKeyInfo", "rsa2048.spki.der", CRYPTO_KEY_RSA, { 0, 0 }, "", ERR_OK },
	{ "RSAPublicKey (PKCS#1), seen in the wild", "rsa2048.pkcs1.der", CRYPTO_KEY_RSA, { 0, 0 }, "", ERR_OK },
	{ "octets behind SubjectPublicKeyInfo", "rsa2048.spki.der", CRYPTO_KEY_RSA, { 0, 0 }, "x", ERR_SYNTAX },
	{ "octets behind RSAPublicKey", "rsa2048.pkcs1.der", CRYPTO_KEY_RSA, { 0, 0 }, "x", ERR_SYNTAX },
	{ "RFC 8463 4.2: 32 octets", "ed25519.raw", CRYPTO_KEY_ED25519, { 0, 0 }, "", ERR_OK },
	{ "33 octets", "ed25519.raw", CRYPTO_KEY_ED25519, { 0, 0 }, "x", ERR_SYNTAX },
	{ "Ed25519 in SubjectPublicKeyInfo", "ed25519.spki.der", CRYPTO_KEY_ED25519, { 0, 0 }, "", ERR_OK },
	{ "RSA key under k=ed25519", "rsa2048.spki.der", CRYPTO_KEY_ED25519, { 0, 0 }, "", ERR_SYNTAX },
	{ "Ed25519 key under k=rsa", "ed25519.spki.der", CRYPTO_KEY_RSA, { 0, 0 }, "", ERR_DATA },
	{ "32 octets under k=rsa", "ed25519.raw", CRYPTO_KEY_RSA, { 0, 0 }, "", ERR_SYNTAX },
	{ "a modulus over the maximum", "rsa2048.spki.der", CRYPTO_KEY_RSA, { 1024, 2047 }, "", ERR_LIMIT },
	{ "a modulus under the minimum", "rsa2048.spki.der", CRYPTO_KEY_RSA, { 2049, 0 }, "", ERR_LIMIT },
	{ "a modulus that just fits", "rsa2048.spki.der", CRYPTO_KEY_RSA, { 2048, 2048 }, "", ERR_OK },
};

static void test_public_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(publics); i++) {
		tap_case("public key: %s", publics[i].what);
		BUF_AUTO struct buf der;
		CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
		struct diag diag = { .text = "" };
		read_data(publics[i].file, &der);
		buf_str(&der, publics[i].behind);
		CHECK_INT(crypto_key_parse_public(buf_view(&der), publics[i].type, publics[i].bits, &key, &diag),
			  publics[i].err);
		CHECK_INT(key != NULL, publics[i].err == ERR_OK);
		if (key != NULL)
			CHECK(!crypto_key_is_private(key));
	}
	tap_case("nothing, and every truncation of a key, is refused");
	BUF_AUTO struct buf der;
	read_data("rsa2048.spki.der", &der);
	for (size_t n = 0; n < der.n; n++) {
		CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
		CHECK_INT(crypto_key_parse_public(view_to(buf_view(&der), n), CRYPTO_KEY_RSA,
						  (struct crypto_key_bits){ 0, 0 }, &key, NULL),
			  ERR_SYNTAX);
	}
}

/* The exponent is the last integer: 65537 is 02 03 01 00 01. */
static void test_public_exponent(void)
{
	static const struct {
		const char *what;
		unsigned char last[3];
		enum err err;
	} rows[] = {
		{ "3 written in three octets is not DER", { 0, 0, 3 }, ERR_SYNTAX },
		{ "even", { 1, 0, 0 }, ERR_DATA },
		{ "65539", { 1, 0, 3 }, ERR_OK },
		{ "negative", { 0x81, 0, 1 }, ERR_SYNTAX },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("public exponent: %s", rows[i].what);
		BUF_AUTO struct buf der;
		CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
		read_data("rsa2048.pkcs1.der", &der);
		memcpy(der.p + der.n - 3, rows[i].last, 3);
		CHECK_INT(crypto_key_parse_public(buf_view(&der), CRYPTO_KEY_RSA, (struct crypto_key_bits){ 0, 0 },
						  &key, NULL),
			  rows[i].err);
	}
}

static void check_sign_verify(const struct crypto_key *key, const struct crypto_key *public)
{
	struct crypto_hash hash = crypto_digest_of(CRYPTO_SHA256, VIEW("message")), other = hash;
	other.octets[5] ^= 1;
	for (int round = 0; round < 20; round++) {
		BUF_AUTO struct buf signature;
		buf_init(&signature, CRYPTO_SIGNATURE_MAX);
		struct diag diag;
		CHECK_INT(crypto_key_sign(key, CRYPTO_SHA256, &hash, &signature, &diag), ERR_OK);
		CHECK(crypto_key_verify(public, CRYPTO_SHA256, &hash, buf_view(&signature)));
		CHECK(!crypto_key_verify(public, CRYPTO_SHA256, &other, buf_view(&signature)));
		CHECK(!crypto_key_verify(public, CRYPTO_SHA256, &hash, view_to(buf_view(&signature), signature.n - 1)));
		signature.p[signature.n / 2] = (char)(signature.p[signature.n / 2] ^ 1);
		CHECK(!crypto_key_verify(public, CRYPTO_SHA256, &hash, buf_view(&signature)));
	}
}

static void test_generate(enum crypto_key_type type, unsigned bits)
{
	tap_case("make, write, read, sign and verify: %s %u", crypto_key_type_name(type), bits);
	CRYPTO_KEY_AUTO struct crypto_key *key = NULL, *again = NULL, *public = NULL, *spki = NULL;
	CRYPTO_SECRET_AUTO struct crypto_secret pem = { 0 };
	BUF_AUTO struct buf p, der;
	struct diag diag = { .text = "" };
	struct crypto_key_bits any = { 0, 0 };
	buf_init(&p, CRYPTO_KEY_DER_MAX);
	buf_init(&der, CRYPTO_KEY_DER_MAX);
	CHECK_INT(crypto_key_generate(type, bits, &key, &diag), ERR_OK);
	CHECK_INT(crypto_key_bits(key), type == CRYPTO_KEY_RSA ? bits : 256);
	CHECK_INT(crypto_key_write_private(key, &pem, &diag), ERR_OK);
	CHECK(view_starts(crypto_secret_view(&pem), VIEW("-----BEGIN PRIVATE KEY-----\n")));
	CHECK_INT(crypto_key_parse_private(crypto_secret_view(&pem), "k", &again, &diag), ERR_OK);
	CHECK(again != NULL && crypto_key_match(key, again));
	CHECK_INT(crypto_key_write_public(again, &p, &diag), ERR_OK);
	CHECK_INT(crypto_key_parse_public(buf_view(&p), type, any, &public, &diag), ERR_OK);
	CHECK_INT(crypto_key_write_spki(again, &der, &diag), ERR_OK);
	CHECK_INT(crypto_key_parse_public(buf_view(&der), type, any, &spki, &diag), ERR_OK);
	CHECK(public != NULL && spki != NULL && crypto_key_match(public, spki) && crypto_key_match(public, key));
	check_sign_verify(again, public);
}

/* What one of several threads does with a key that all of them use. */
struct signer {
	const struct crypto_key *key;
	int good;
};

static void *sign_often(void *arg)
{
	struct signer *signer = arg;
	for (int i = 0; i < 50; i++) {
		BUF_AUTO struct buf signature;
		buf_init(&signature, CRYPTO_SIGNATURE_MAX);
		struct crypto_hash hash = crypto_digest_of(CRYPTO_SHA256, view_of(&i, sizeof i));
		signer->good += crypto_key_sign(signer->key, CRYPTO_SHA256, &hash, &signature, NULL) == ERR_OK &&
				crypto_key_verify(signer->key, CRYPTO_SHA256, &hash, buf_view(&signature));
	}
	return NULL;
}

static void test_threads(const char *file)
{
	tap_case("one key, twelve threads: %s", file);
	BUF_AUTO struct buf text;
	CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
	pthread_t threads[12];
	struct signer signers[12];
	read_data(file, &text);
	CHECK_INT(crypto_key_parse_private(buf_view(&text), file, &key, NULL), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		signers[i] = (struct signer){ key, 0 };
		CHECK_INT(pthread_create(&threads[i], NULL, sign_often, &signers[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		CHECK_INT(pthread_join(threads[i], NULL), 0);
		CHECK_INT(signers[i].good, 50);
	}
}

static void test_rfc8463(void)
{
	tap_case("RFC 8463 A.2: the seed has that public key, and signs deterministically");
	CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
	BUF_AUTO struct buf raw, text;
	buf_init(&raw, 100);
	buf_init(&text, 100);
	CHECK_INT(crypto_key_parse_private(view_str(seed), "seed", &key, NULL), ERR_OK);
	CHECK_INT(crypto_key_write_public(key, &raw, NULL), ERR_OK);
	base64_encode(buf_view(&raw), &text);
	CHECK_VIEW(buf_view(&text), seed_public);
	CHECK(crypto_key_is_private(key));
}

static void test_misuse(void)
{
	tap_case("a public key does not sign, SHA-1 is not signed");
	CRYPTO_KEY_AUTO struct crypto_key *public = NULL, *key = NULL;
	BUF_AUTO struct buf pem, out;
	read_data("public.pem", &pem);
	buf_init(&out, CRYPTO_SIGNATURE_MAX);
	struct crypto_hash hash = crypto_digest_of(CRYPTO_SHA256, VIEW("m")),
			   sha1 = crypto_digest_of(CRYPTO_SHA1, VIEW("m"));
	struct diag diag;
	CHECK_INT(crypto_key_parse_public_pem(buf_view(&pem), "p", &public, &diag), ERR_OK);
	CHECK_INT(crypto_key_sign(public, CRYPTO_SHA256, &hash, &out, &diag), ERR_BUG);
	CHECK_INT(crypto_key_parse_private(view_str(seed), "seed", &key, NULL), ERR_OK);
	CHECK_INT(crypto_key_sign(key, CRYPTO_SHA1, &sha1, &out, &diag), ERR_BUG);
	tap_case("no room for the signature is a limit");
	BUF_AUTO struct buf small;
	buf_init(&small, 63);
	CHECK_INT(crypto_key_sign(key, CRYPTO_SHA256, &hash, &small, &diag), ERR_LIMIT);
	tap_case("RSA of a senseless size is not made");
	CRYPTO_KEY_AUTO struct crypto_key *none = NULL;
	CHECK_INT(crypto_key_generate(CRYPTO_KEY_RSA, 512, &none, &diag), ERR_DATA);
	CHECK_INT(crypto_key_generate(CRYPTO_KEY_RSA, 2049, &none, &diag), ERR_DATA);
}

static void test_public_pem(void)
{
	static const char *const files[] = { "public.pem", "certificate.pem", "rsa2048.pkcs8.pem" };
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		tap_case("public half from %s", files[i]);
		CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
		BUF_AUTO struct buf pem;
		read_data(files[i], &pem);
		CHECK_INT(crypto_key_parse_public_pem(buf_view(&pem), files[i], &key, NULL), ERR_OK);
		CHECK(key != NULL && !crypto_key_is_private(key));
	}
}

static void test_load(void)
{
	static const struct {
		const char *where;
		bool uri;
	} rows[] = {
		{ "pkcs11:token=x", true }, { "file:/etc/key", true }, { "/etc/key", false }, { "key.pem", false },
		{ "c:key", false },         { "./a:b", false },        { "", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("is '%s' a URI", rows[i].where);
		CHECK_INT(crypto_key_is_uri(view_str(rows[i].where)), rows[i].uri);
	}
	tap_case("a store that OpenSSL does not know is unavailable");
	struct diag diag;
	CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
	CHECK_INT(crypto_key_load_private("posthornstore:x", false, &key, &diag), ERR_UNAVAILABLE);
	CHECK(strstr(diag.text, "openssl.cnf") != NULL);
	tap_case("a file by path and by file: URI, mode watched");
	char path[] = "/tmp/posthorn-test-XXXXXX", uri[64];
	int fd = mkstemp(path);
	CHECK_INT(file_write_fd(fd, path, view_str(seed), &diag), ERR_OK);
	file_close(&fd);
	(void)snprintf(uri, sizeof uri, "file:%s", path);
	CHECK_INT(crypto_key_load_private(uri, false, &key, &diag), ERR_OK);
	CHECK_INT(chmod(path, 0644), 0);
	CRYPTO_KEY_AUTO struct crypto_key *other = NULL;
	CHECK_INT(crypto_key_load_private(path, false, &other, &diag), ERR_DENIED);
	CHECK_INT(crypto_key_load_private(path, true, &other, &diag), ERR_OK);
	(void)remove(path);
	tap_case("a missing file is 66");
	CHECK_INT(crypto_key_load_private(path, true, &other, &diag), ERR_NO_INPUT);
}

int main(void)
{
	test_private_rows();
	test_private_damage();
	test_public_rows();
	test_public_exponent();
	test_generate(CRYPTO_KEY_RSA, 2048);
	test_generate(CRYPTO_KEY_ED25519, 0);
	test_threads("rsa1024.pkcs1.pem");
	test_threads("ed25519.pem");
	test_rfc8463();
	test_misuse();
	test_public_pem();
	test_load();
	return tap_done();
}
