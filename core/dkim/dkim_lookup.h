#pragma once

#include "base_env.h"
#include "dkim_key.h"
#include "dkim_signature.h"
#include "dns.h"

/*
 * From a signature to the key that checks it: the name is asked once however many signatures share it, and the key is
 * judged against the signature that wants it (RFC 6376 6.1.2).
 */

/* RFC 8601 2.7.1. */
enum dkim_result {
	DKIM_NONE, /* no signature */
	DKIM_PASS, /* the signature is good and acceptable */
	DKIM_FAIL, /* the message is not what was signed */
	DKIM_POLICY, /* the signature may be good, but is not acceptable: rsa-sha1, short key, l=, expired, one too many */
	DKIM_NEUTRAL,   /* the signature's syntax is broken, or its algorithm unknown */
	DKIM_TEMPERROR, /* DNS did not answer */
	DKIM_PERMERROR  /* it can never be checked: no key, a revoked or broken key, From not signed */
};
const char *dkim_result_name(enum dkim_result result);

enum { DKIM_KEYS_MAX = 64 };

struct dkim_found {
	struct view name;        /* "s._domainkey.example.org" */
	enum dkim_result result; /* DKIM_PASS: record is there */
	const char *reason;
	struct dkim_key_record record;
	struct crypto_key *key; /* NULL: result or reason say why */
	enum dkim_result key_result;
	const char *key_reason;
	enum dns_ad ad;
};

struct dkim_keys {
	struct dns_resolver *resolver; /* may be NULL when `given` is set */
	struct view given;             /* this record for every name, nothing is asked */
	struct arena *arena;
	unsigned lookups_max; /* at most DKIM_KEYS_MAX */
	struct dkim_found at[DKIM_KEYS_MAX];
	size_t n;
};

void dkim_keys_init(struct dkim_keys *keys, struct dns_resolver *resolver, struct view given, unsigned lookups_max,
		    struct arena *arena);
void dkim_keys_done(struct dkim_keys *keys); /* closes the keys */

/* Ask ahead for the keys of these signatures. */
void dkim_keys_prefetch(struct dkim_keys *keys, const struct dkim_signature *const *signatures, size_t n);

/*
 * The key for a signature. `found` is always set unless the limit of look-ups is reached.
 *
 * returns  DKIM_PASS: found->key can be used; else the verdict, *reason says why
 */
enum dkim_result dkim_keys_find(struct dkim_keys *keys, const struct dkim_signature *signature,
				const struct dkim_found **found, const char **reason);
