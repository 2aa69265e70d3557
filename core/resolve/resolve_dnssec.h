#pragma once

#include "dns.h"

/*
 * DNSSEC as data: what DS, DNSKEY and RRSIG records say and whether they fit each other (RFC 4034, RFC 4035 5.3). For
 * those who look at a zone; the trust in an answer is its AD (dns.h). Nobody is asked; the primitives are ldns'.
 *
 * Ask with DNS_RRSIG_TOO, and with DNS_CD where the resolver would hide what is bogus.
 */

/* RFC 4034 3.1; times as seconds since the epoch. */
struct resolve_rrsig {
	uint16_t covered;
	uint8_t algorithm, labels;
	uint32_t original_ttl;
	int64_t expiration, inception;
	uint16_t tag;
	struct dname signer;
};

/* now_s says which of the 136-year turns of the time fields is meant (RFC 4034 3.1.5). false: broken. */
MUST_CHECK bool resolve_rrsig_read(const struct dns_rr *rr, int64_t now_s, struct resolve_rrsig *out);

enum resolve_proof {
	RESOLVE_PROOF_GOOD,
	RESOLVE_PROOF_NONE,        /* no signature over this type */
	RESOLVE_PROOF_NO_KEY,      /* none by a key that is among the keys */
	RESOLVE_PROOF_UNSUPPORTED, /* an algorithm that this machine does not do */
	RESOLVE_PROOF_EARLY,       /* not valid yet */
	RESOLVE_PROOF_EXPIRED,
	RESOLVE_PROOF_BAD /* the signature does not fit the data */
};

/* The best that any of the signatures proves of the set; *when (may be NULL) is the expiration of the one judged, 0: none. */
enum resolve_proof resolve_proof_set(struct dname owner, const struct dns_rr *rr, size_t n, const struct dns_rr *sigs,
				     size_t sigs_n, const struct dns_rr *keys, size_t keys_n, int64_t now_s,
				     int64_t *when);
const char *resolve_proof_name(enum resolve_proof proof); /* "good" "unsigned" "no-key" ... */

/* Is the DS record of the parent that of this key (RFC 4034 5.2)? */
MUST_CHECK bool resolve_ds_fits(struct dname owner, const struct dns_rr *ds, const struct dns_rr *key);

/* RFC 4034 appendix B; 0 when it is no key. */
uint16_t resolve_key_tag(const struct dns_rr *key);

/*
 * A record of a type that dns_rr_write can only show as octets (DS, DNSKEY, RRSIG, CAA, ...) in its own text form.
 */
void resolve_rr_write(const struct dns_rr *rr, struct buf *out);
