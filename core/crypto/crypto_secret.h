#pragma once

#include "base_err.h"
#include "base_view.h"

/*
 * Bytes that nobody else may see: passwords, tokens, private keys. Wiped when done or outgrown, kept out of core files
 * and of swap where the system allows it (best effort). Never copied into an arena, a log, a diag or a transcript.
 * p[n] is NUL, for the foreign functions that want a string. Zero-initialised is empty.
 */
struct crypto_secret {
	char *p;
	size_t n;
	size_t cap;
};

enum { CRYPTO_SECRET_MAX = 1 << 20 };

void crypto_secret_done(struct crypto_secret *secret);
#define CRYPTO_SECRET_AUTO CLEANUP(crypto_secret_done)

static inline struct view crypto_secret_view(const struct crypto_secret *secret)
{
	return view_of(secret->p, secret->n);
}

/* Replace what it holds; bytes may be empty. Past CRYPTO_SECRET_MAX is our bug: bound the input before. */
void crypto_secret_set(struct crypto_secret *secret, struct view bytes);
void crypto_secret_add(struct crypto_secret *secret, struct view bytes);
void crypto_secret_move(struct crypto_secret *to, struct crypto_secret *from); /* from is empty afterwards */

/* Shorten to n octets; the rest is wiped. */
void crypto_secret_cut(struct crypto_secret *secret, size_t n);

/*
 * Everything that descriptor or file yields, at most max octets. The buffers of the C library are never used.
 * errors  ERR_NO_INPUT, ERR_IO, ERR_LIMIT (max named)
 */
MUST_CHECK enum err crypto_secret_read_fd(struct crypto_secret *secret, int fd, const char *name, size_t max,
					  struct diag *diag);

/* The same for a file. private_only: ERR_DENIED when group or others may read or write the file that was opened. */
MUST_CHECK enum err crypto_secret_read_file(struct crypto_secret *secret, const char *path, size_t max,
					    bool private_only, struct diag *diag);

/* Overwrite in a way the compiler cannot leave out. */
void crypto_wipe(void *p, size_t n);
