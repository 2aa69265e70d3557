/*
 * Signatures a second through core/crypto, as a share of what libcrypto does with one prepared context (`openssl speed`).
 * Both take turns, so that the machine's moods meet both.
 *
 *	crypto_rate [SECONDS]       one line a key type: ours, libcrypto's, ratio
 */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "crypto_key.h"

enum { TURNS = 20 };

struct rate {
	double signs, seconds;
};

static double cpu_now(void)
{
	struct timespec now;
	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) != 0)
		abort();
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct subject {
	struct crypto_key *ours;
	EVP_PKEY *theirs;
	EVP_PKEY_CTX *rsa;
	EVP_MD_CTX *ed25519;
	struct crypto_hash hash;
	struct buf out;
};

static bool sign_ours(struct subject *subject)
{
	buf_reset(&subject->out);
	return crypto_key_sign(subject->ours, CRYPTO_SHA256, &subject->hash, &subject->out, NULL) == ERR_OK;
}

static bool sign_theirs(struct subject *subject)
{
	unsigned char out[CRYPTO_SIGNATURE_MAX];
	size_t n = sizeof out;
	return subject->rsa != NULL
		       ? EVP_PKEY_sign(subject->rsa, out, &n, subject->hash.octets, subject->hash.n) == 1
		       : EVP_DigestSign(subject->ed25519, out, &n, subject->hash.octets, subject->hash.n) == 1;
}

static void run(struct subject *subject, bool (*sign)(struct subject *), double seconds, struct rate *rate)
{
	double begin = cpu_now(), now = begin;
	for (; now - begin < seconds; now = cpu_now()) {
		for (int i = 0; i < 10; i++, rate->signs++)
			if (!sign(subject))
				abort();
	}
	rate->seconds += now - begin;
}

static void open_theirs(struct subject *subject, enum crypto_key_type type)
{
	subject->theirs = type == CRYPTO_KEY_RSA ? EVP_RSA_gen(2048) : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (type == CRYPTO_KEY_RSA) {
		subject->rsa = EVP_PKEY_CTX_new(subject->theirs, NULL);
		if (EVP_PKEY_sign_init(subject->rsa) != 1 ||
		    EVP_PKEY_CTX_set_rsa_padding(subject->rsa, RSA_PKCS1_PADDING) != 1)
			abort();
	} else {
		subject->ed25519 = EVP_MD_CTX_new();
		if (EVP_DigestSignInit(subject->ed25519, NULL, NULL, NULL, subject->theirs) != 1)
			abort();
	}
}

static void compare(enum crypto_key_type type, double seconds)
{
	struct rate ours = { 0, 0 }, theirs = { 0, 0 };
	struct subject subject = { .hash = crypto_digest_of(CRYPTO_SHA256, VIEW("x")) };
	buf_init(&subject.out, CRYPTO_SIGNATURE_MAX);
	if (crypto_key_generate(type, 2048, &subject.ours, NULL) != ERR_OK)
		abort();
	open_theirs(&subject, type);
	for (int i = 0; i < TURNS; i++) {
		run(&subject, sign_ours, seconds / TURNS, &ours);
		run(&subject, sign_theirs, seconds / TURNS, &theirs);
	}
	double a = ours.signs / ours.seconds, b = theirs.signs / theirs.seconds;
	printf("%s signs/s ours %.0f libcrypto %.0f ratio %.3f\n", crypto_key_type_name(type), a, b, a / b);
	EVP_PKEY_CTX_free(subject.rsa);
	EVP_MD_CTX_free(subject.ed25519);
	EVP_PKEY_free(subject.theirs);
	crypto_key_close(subject.ours);
	buf_done(&subject.out);
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
	compare(CRYPTO_KEY_RSA, seconds);
	compare(CRYPTO_KEY_ED25519, seconds);
	return 0;
}
