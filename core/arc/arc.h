#pragma once

#include "authres.h"
#include "dkim_hash.h"
#include "dkim_lookup.h"
#include "dkim_sign.h"
#include "dkim_verify.h"

/*
 * The Authenticated Received Chain (RFC 8617): sets of three fields that each handler of a message adds. A chain is verified
 * whole, by the steps of section 5.2; the verdicts of the single sets are for people.
 */
enum arc_result {
	ARC_NONE, /* no set at all */
	ARC_PASS,
	ARC_FAIL,
	ARC_TEMPERROR /* DNS did not answer: not known (RFC 8617 would say fail) */
};
const char *arc_result_name(enum arc_result result);
enum authres_result arc_result_authres(enum arc_result result);

enum { ARC_SETS_MAX = DKIM_INSTANCE_MAX, ARC_KEYS_MAX = DKIM_KEYS_MAX };

/* One of the two signatures of a set. */
struct arc_mark {
	bool parsed;
	struct dkim_signature signature;
	enum dkim_result result; /* DKIM_NONE: not judged */
	const char *reason;
	const struct dkim_found *found;
};

struct arc_set {
	const struct msg_field *results, *message, *seal; /* the three fields; NULL: missing */
	struct arc_mark ams, as;
	size_t body_at; /* of the AMS's body hash */
	bool has_body;
};

struct arc {
	const struct msg_head *head;
	struct dkim_bodies *bodies;
	struct dkim_keys *keys;
	struct arena *arena;
	int64_t now;
	struct arc_set sets[ARC_SETS_MAX]; /* instance i is sets[i - 1] */
	unsigned n;                        /* the highest instance */
	unsigned oldest_pass; /* lowest instance from which on all AMS pass; 0: none (RFC 8617 5.2 step 5) */
	enum arc_result result;
	const char *reason; /* why it is fail or temperror */
	bool structure;     /* the sets are complete and their cv= right */
};

/*
 * Three steps, so that the body is read once for DKIM and ARC:
 * begin collects the sets and wants body hashes, then dkim_bodies_read, then end asks for keys and judges.
 *
 * keys    initialised with at least ARC_KEYS_MAX look-ups; may be shared with dkim_verify
 */
void arc_begin(struct arc *arc, const struct msg_head *head, struct dkim_bodies *bodies, struct dkim_keys *keys,
	       struct arena *arena, int64_t now);
bool arc_wants_body(const struct arc *arc);
void arc_end(struct arc *arc);

/* The record for Authentication-Results; header.oldest-pass as RFC 8617 10.2. */
void arc_add_verdict(const struct arc *arc, struct authres *out, struct arena *arena);

/* The hash under the seal of set n: the sets 1 to n, or only set n when it says cv=fail (5.1.2). */
struct crypto_hash arc_seal_hash(const struct arc *arc, unsigned n, enum crypto_alg alg);

/*
 * A new set over a message whose chain was judged (arc_end) and whose body hash is there.
 *
 * signer   domain, selector, key; its forms are those of the AMS
 * results  what this handler found, with its authserv-id
 * out      the three fields, AS first, each with CRLF: they go in front of the message
 * errors   ERR_DATA (the chain is marked cv=fail already, or 50 sets are there: nothing may be added; no From),
 *          ERR_UNAVAILABLE, ERR_LIMIT; ERR_TEMP when the chain could not be judged
 */
MUST_CHECK enum err arc_seal(const struct arc *arc, const struct dkim_signer *signer, const struct authres *results,
			     const struct crypto_hash *body_hash, int64_t timestamp, struct arena *arena,
			     struct view *out, struct diag *diag);
