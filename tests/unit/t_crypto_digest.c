#include "crypto_digest.h"
#include "crypto_hmac.h"
#include "crypto_random.h"
#include "tap.h"

static const struct {
	const char *what;
	enum crypto_alg alg;
	struct view in;
	const char *hex;
} digests[] = {
	{ "sha256 abc (FIPS 180-4)", CRYPTO_SHA256, VIEW_INIT("abc"),
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "sha256 of nothing", CRYPTO_SHA256, VIEW_INIT(""),
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "sha1 abc", CRYPTO_SHA1, VIEW_INIT("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "sha512 abc", CRYPTO_SHA512, VIEW_INIT("abc"),
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	{ "md5 abc (RFC 1321)", CRYPTO_MD5, VIEW_INIT("abc"), "900150983cd24fb0d6963f7d28e17f72" },
};

static const struct {
	const char *what;
	enum crypto_alg alg;
	struct view key, in;
	const char *hex;
} hmacs[] = {
	{ "RFC 4231 4.3: key shorter than a block", CRYPTO_SHA256, VIEW_INIT("Jefe"),
	  VIEW_INIT("what do ya want for nothing?"),
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ "RFC 4231 4.3, SHA-512", CRYPTO_SHA512, VIEW_INIT("Jefe"), VIEW_INIT("what do ya want for nothing?"),
	  "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
	  "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
	{ "RFC 2202 2: MD5", CRYPTO_MD5, VIEW_INIT("Jefe"), VIEW_INIT("what do ya want for nothing?"),
	  "750c783e6ab0b503eaa86e310a5db738" },
};

static void check_hex(const struct crypto_hash *hash, const char *hex)
{
	BUF_AUTO struct buf out;
	buf_init(&out, 200);
	for (size_t i = 0; i < hash->n; i++)
		buf_printf(&out, "%02x", hash->octets[i]);
	CHECK_VIEW(buf_view(&out), hex);
}

static void test_digest_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(digests); i++) {
		tap_case("%s", digests[i].what);
		struct crypto_hash hash = crypto_digest_of(digests[i].alg, digests[i].in);
		CHECK_INT(hash.n, crypto_hash_size(digests[i].alg));
		check_hex(&hash, digests[i].hex);
		tap_case("%s, octet by octet, twice with one state", digests[i].what);
		CRYPTO_DIGEST_AUTO struct crypto_digest digest;
		crypto_digest_init(&digest, digests[i].alg);
		for (int round = 0; round < 2; round++) {
			for (size_t at = 0; at < digests[i].in.n; at++)
				crypto_digest_add(&digest, view_slice(digests[i].in, at, 1));
			hash = crypto_digest_final(&digest);
			check_hex(&hash, digests[i].hex);
		}
	}
}

static void test_copy(void)
{
	tap_case("a copied state goes on from the common beginning");
	CRYPTO_DIGEST_AUTO struct crypto_digest begin, rest = { 0 };
	crypto_digest_init(&begin, CRYPTO_SHA256);
	crypto_digest_add(&begin, VIEW("a"));
	for (int round = 0; round < 2; round++) {
		crypto_digest_copy(&rest, &begin);
		crypto_digest_add(&rest, VIEW("bc"));
		struct crypto_hash hash = crypto_digest_final(&rest);
		check_hex(&hash, digests[0].hex);
	}
	tap_case("a sink hashes what a source yields");
	struct source_view source;
	struct crypto_digest_sink sink;
	CRYPTO_DIGEST_AUTO struct crypto_digest digest;
	crypto_digest_init(&digest, CRYPTO_SHA256);
	source_view_init(&source, VIEW("abc"));
	crypto_digest_sink_init(&sink, &digest);
	CHECK_INT(stream_copy(&source.source, &sink.sink, NULL, NULL), ERR_OK);
	struct crypto_hash hash = crypto_digest_final(&digest);
	check_hex(&hash, digests[0].hex);
}

static void test_hmac_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(hmacs); i++) {
		tap_case("hmac %s", hmacs[i].what);
		struct crypto_hash code = crypto_hmac_of(hmacs[i].alg, hmacs[i].key, hmacs[i].in);
		check_hex(&code, hmacs[i].hex);
		CRYPTO_HMAC_AUTO struct crypto_hmac hmac;
		crypto_hmac_init(&hmac, hmacs[i].alg, hmacs[i].key);
		for (int round = 0; round < 2; round++) {
			crypto_hmac_add(&hmac, hmacs[i].in);
			code = crypto_hmac_final(&hmac);
			check_hex(&code, hmacs[i].hex);
		}
	}
	tap_case("hmac RFC 4231 4.7: key longer than a block");
	char key[131];
	memset(key, 0xaa, sizeof key);
	struct crypto_hash code = crypto_hmac_of(CRYPTO_SHA256, view_of(key, sizeof key),
						 VIEW("Test Using Larger Than Block-Size Key - Hash Key First"));
	check_hex(&code, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void test_random(void)
{
	tap_case("tokens follow from env and have the length asked for");
	struct env_fixed fixed = { .seed = 1 }, same = { .seed = 1 };
	struct env env = env_of_fixed(&fixed), again = env_of_fixed(&same);
	struct crypto_token token = crypto_token_random(&env, 26), twin = crypto_token_random(&again, 26);
	CHECK_INT(strlen(token.text), 26);
	CHECK_STR(token.text, twin.text);
	CHECK_INT(strspn(token.text, "abcdefghijklmnopqrstuvwxyz234567"), 26);
	CHECK_INT(strlen(crypto_token_random(&env, 0).text), 0);
	tap_case("numbers stay below their bound");
	CHECK_INT(crypto_random_below(&env, 1), 0);
	bool seen[3] = { false };
	for (int i = 0; i < 100; i++)
		seen[crypto_random_below(&env, 3)] = true;
	CHECK(seen[0] && seen[1] && seen[2]);
}

static void test_equal(void)
{
	tap_case("equal only with the same length and octets");
	CHECK(crypto_equal(VIEW("abc"), VIEW("abc")));
	CHECK(!crypto_equal(VIEW("abc"), VIEW("abd")));
	CHECK(!crypto_equal(VIEW("abc"), VIEW("ab")));
	CHECK(crypto_equal(view_none(), view_none()));
}

int main(void)
{
	test_digest_rows();
	test_copy();
	test_hmac_rows();
	test_random();
	test_equal();
	return tap_done();
}
