#include <stdlib.h>

#include "resolve_dnssec.h"

/* A key, a signature and a DS record as a stranger's octets: two lengths, then the three. ldns must survive what we hand it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct view rest = view_of(data + 2, size - 2);
	const struct dns_rr key = { .type = DNS_DNSKEY, .raw = view_to(rest, data[0]) };
	rest = view_from(rest, data[0]);
	const struct dns_rr sig = { .type = DNS_RRSIG, .raw = view_to(rest, data[1]) };
	const struct dns_rr ds = { .type = DNS_DS, .raw = view_from(rest, data[1]) };
	const struct dns_rr a = { .type = DNS_A, .ip = { IP_V4, { 192, 0, 2, 1 } } };
	static const char wire[] = "\1a\1b";
	struct dname owner = { view_of(wire, sizeof wire), 2 };
	int64_t when;
	enum resolve_proof proof = resolve_proof_set(owner, &a, 1, &sig, 1, &key, 1, 1700000000, &when);
	if (resolve_proof_name(proof) == NULL)
		abort();
	if (resolve_ds_fits(owner, &ds, &key) && resolve_key_tag(&key) == 0)
		abort();
	BUF_AUTO struct buf text;
	buf_init(&text, 1 << 20);
	resolve_rr_write(&key, &text);
	resolve_rr_write(&sig, &text);
	resolve_rr_write(&ds, &text);
	return 0;
}
