#include "resolve_dnssec.h"

#include <ldns/ldns.h>
#include <stdlib.h>

enum { RDATA_MAX = 65535, CLASS_IN = 1, RRSIG_FIXED = 18, DNSKEY_FIXED = 4, DS_FIXED = 4 };

static void rr_free(ldns_rr **rr) { ldns_rr_free(*rr); }
static void list_free(ldns_rr_list **list) { ldns_rr_list_deep_free(*list); }
#define RR_AUTO CLEANUP(rr_free) ldns_rr *
#define LIST_AUTO CLEANUP(list_free) ldns_rr_list *

static void put16(struct buf *out, unsigned value)
{
	buf_byte(out, (int)(value >> 8 & 0xff));
	buf_byte(out, (int)(value & 0xff));
}

/* A record as ldns has it, or NULL. Its parser sees only what dns_rr_of_wire took. */
static ldns_rr *to_ldns(struct dname owner, const struct dns_rr *rr)
{
	BUF_AUTO struct buf wire, data;
	buf_init(&wire, DNAME_MAX + 10 + RDATA_MAX);
	buf_init(&data, RDATA_MAX);
	dns_rr_put_wire(rr, &data);
	buf_put(&wire, owner.wire);
	put16(&wire, rr->type);
	put16(&wire, CLASS_IN);
	put16(&wire, rr->ttl >> 16);
	put16(&wire, rr->ttl & 0xffff);
	put16(&wire, (unsigned)data.n);
	buf_put(&wire, buf_view(&data));
	ldns_rr *out = NULL;
	size_t at = 0;
	if (data.over ||
	    ldns_wire2rr(&out, (const uint8_t *)wire.p, wire.n, &at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		return NULL;
	return out;
}

static ldns_rr_list *to_list(struct dname owner, const struct dns_rr *rr, size_t n)
{
	ldns_rr_list *list = ldns_rr_list_new();
	for (size_t i = 0; i < n; i++) {
		ldns_rr *one = to_ldns(owner, &rr[i]);
		if (one != NULL)
			(void)ldns_rr_list_push_rr(list, one);
	}
	return list;
}

static unsigned u16(struct view v, size_t at) { return (unsigned)view_at(v, at) << 8 | (unsigned)view_at(v, at + 1); }

static uint32_t u32(struct view v, size_t at) { return (uint32_t)u16(v, at) << 16 | u16(v, at + 2); }

/* The time nearest to now that ends in these 32 bits (RFC 1982). */
static int64_t serial_time(uint32_t bits, int64_t now_s) { return now_s + (int32_t)(bits - (uint32_t)now_s); }

bool resolve_rrsig_read(const struct dns_rr *rr, int64_t now_s, struct resolve_rrsig *out)
{
	if (rr->type != DNS_RRSIG || rr->raw.n <= RRSIG_FIXED)
		return false;
	size_t end = RRSIG_FIXED;
	while (view_at(rr->raw, end) > 0)
		end += (size_t)view_at(rr->raw, end) + 1;
	struct resolve_rrsig sig = { .covered = (uint16_t)u16(rr->raw, 0),
				     .algorithm = (uint8_t)view_at(rr->raw, 2),
				     .labels = (uint8_t)view_at(rr->raw, 3),
				     .original_ttl = u32(rr->raw, 4),
				     .expiration = serial_time(u32(rr->raw, 8), now_s),
				     .inception = serial_time(u32(rr->raw, 12), now_s),
				     .tag = (uint16_t)u16(rr->raw, 16) };
	if (dname_of_wire(view_slice(rr->raw, RRSIG_FIXED, end + 1 - RRSIG_FIXED), &sig.signer, NULL) != ERR_OK)
		return false;
	*out = sig;
	return true;
}

uint16_t resolve_key_tag(const struct dns_rr *key)
{
	if (key->type != DNS_DNSKEY || key->raw.n <= DNSKEY_FIXED)
		return 0;
	RR_AUTO rr = to_ldns(dname_root(), key);
	return rr == NULL ? 0 : ldns_calc_keytag(rr);
}

static bool is_signers_key(const struct dns_rr *key, const struct resolve_rrsig *sig)
{
	return key->type == DNS_DNSKEY && key->raw.n > DNSKEY_FIXED && view_at(key->raw, 3) == sig->algorithm &&
	       resolve_key_tag(key) == sig->tag;
}

static enum resolve_proof of_status(ldns_status status)
{
	switch ((int)status) {
	case LDNS_STATUS_OK:
		return RESOLVE_PROOF_GOOD;
	case LDNS_STATUS_CRYPTO_SIG_EXPIRED:
		return RESOLVE_PROOF_EXPIRED;
	case LDNS_STATUS_CRYPTO_SIG_NOT_INCEPTED:
		return RESOLVE_PROOF_EARLY;
	case LDNS_STATUS_CRYPTO_UNKNOWN_ALGO:
	case LDNS_STATUS_CRYPTO_ALGO_NOT_IMPL:
		return RESOLVE_PROOF_UNSUPPORTED;
	default:
		return RESOLVE_PROOF_BAD;
	}
}

struct judged {
	enum resolve_proof proof;
	int64_t when;
};

static struct judged judge(ldns_rr_list *set, struct dname owner, const struct dns_rr *rr, const struct dns_rr *keys,
			   size_t keys_n, int64_t now_s)
{
	struct resolve_rrsig sig;
	struct judged out = { RESOLVE_PROOF_BAD, 0 };
	if (!resolve_rrsig_read(rr, now_s, &sig))
		return out;
	out = (struct judged){ RESOLVE_PROOF_NO_KEY, sig.expiration };
	RR_AUTO rrsig = to_ldns(owner, rr);
	for (size_t i = 0; rrsig != NULL && i < keys_n && out.proof != RESOLVE_PROOF_GOOD; i++) {
		if (!is_signers_key(&keys[i], &sig))
			continue;
		RR_AUTO key = to_ldns(sig.signer, &keys[i]);
		out.proof = key == NULL ? RESOLVE_PROOF_BAD
					: of_status(ldns_verify_rrsig_time(set, rrsig, key, (time_t)sig.inception));
	}
	if (out.proof == RESOLVE_PROOF_GOOD && sig.expiration < now_s)
		out.proof = RESOLVE_PROOF_EXPIRED;
	else if (out.proof == RESOLVE_PROOF_GOOD && sig.inception > now_s)
		out.proof = RESOLVE_PROOF_EARLY;
	return out;
}

/* GOOD, then what is only a matter of time, then what says that the data was changed, then what says little. */
static int rank(enum resolve_proof proof)
{
	static const int ranks[] = {
		[RESOLVE_PROOF_GOOD] = 6, [RESOLVE_PROOF_EXPIRED] = 5, [RESOLVE_PROOF_EARLY] = 4,
		[RESOLVE_PROOF_BAD] = 3,  [RESOLVE_PROOF_NO_KEY] = 2,  [RESOLVE_PROOF_UNSUPPORTED] = 1,
		[RESOLVE_PROOF_NONE] = 0
	};
	return ranks[proof];
}

enum resolve_proof resolve_proof_set(struct dname owner, const struct dns_rr *rr, size_t n, const struct dns_rr *sigs,
				     size_t sigs_n, const struct dns_rr *keys, size_t keys_n, int64_t now_s,
				     int64_t *when)
{
	struct judged best = { RESOLVE_PROOF_NONE, 0 };
	LIST_AUTO set = to_list(owner, rr, n);
	for (size_t i = 0; n > 0 && i < sigs_n; i++) {
		if (sigs[i].type != DNS_RRSIG || sigs[i].raw.n < 2 || u16(sigs[i].raw, 0) != rr[0].type)
			continue;
		struct judged one = judge(set, owner, &sigs[i], keys, keys_n, now_s);
		if (rank(one.proof) > rank(best.proof))
			best = one;
	}
	if (when != NULL)
		*when = best.when;
	return best.proof;
}

const char *resolve_proof_name(enum resolve_proof proof)
{
	static const char *const names[] = { "good", "unsigned", "no-key", "unsupported", "early", "expired", "bad" };
	return names[proof];
}

bool resolve_ds_fits(struct dname owner, const struct dns_rr *ds, const struct dns_rr *key)
{
	if (ds->type != DNS_DS || ds->raw.n <= DS_FIXED || key->type != DNS_DNSKEY || key->raw.n <= DNSKEY_FIXED)
		return false;
	RR_AUTO theirs = to_ldns(owner, ds);
	RR_AUTO dnskey = to_ldns(owner, key);
	if (theirs == NULL || dnskey == NULL)
		return false;
	RR_AUTO ours = ldns_key_rr2ds(dnskey, (ldns_hash)view_at(ds->raw, 3));
	return ours != NULL && ldns_rr_rd_count(ours) == 4 && ldns_rr_rd_count(theirs) == 4 &&
	       ldns_rdf_compare(ldns_rr_rdf(ours, 0), ldns_rr_rdf(theirs, 0)) == 0 &&
	       ldns_rdf_compare(ldns_rr_rdf(ours, 1), ldns_rr_rdf(theirs, 1)) == 0 &&
	       ldns_rdf_compare(ldns_rr_rdf(ours, 3), ldns_rr_rdf(theirs, 3)) == 0;
}

void resolve_rr_write(const struct dns_rr *rr, struct buf *out)
{
	RR_AUTO ours = to_ldns(dname_root(), rr);
	for (size_t i = 0; ours != NULL && i < ldns_rr_rd_count(ours); i++) {
		char *text = ldns_rdf2str(ldns_rr_rdf(ours, i));
		if (text == NULL)
			continue;
		if (i > 0)
			buf_byte(out, ' ');
		buf_str(out, text);
		free(text);
	}
	if (ours == NULL)
		dns_rr_write(rr, out);
}
