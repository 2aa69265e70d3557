#include "base_time.h"
#include "resolve_dnssec.h"
#include "resolve_zone.h"
#include "tap.h"

/* The examples of RFC 6605 6.1 (ECDSA P-256) and RFC 8080 6.1 (Ed25519), read through a zone file. */
static const char zone_text[] =
	"$TTL 3600\n"
	"example.net. DNSKEY 257 3 13 "
	"GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==\n"
	"example.net. DS 55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17\n"
	"www.example.net. A 192.0.2.1\n"
	"www.example.net. RRSIG A 13 3 3600 20100909100439 20100812100439 55648 example.net. "
	"qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==\n"
	"other.example.net. A 192.0.2.2\n"
	"example.com. DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=\n"
	"example.com. DS 3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b\n"
	"example.com. MX 10 mail.example.com.\n"
	"example.com. RRSIG MX 15 2 3600 1440021600 1438207200 3613 example.com. "
	"oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==\n";

static struct arena arena;
static struct dns_resolver *dns;

static struct dname name_of(const char *text)
{
	struct dname name = dname_root();
	CHECK_INT(dname_parse(&arena, view_str(text), &name, NULL), ERR_OK);
	return name;
}

static struct dns_answer ask(const char *name, uint16_t type)
{
	struct dns_answer answer;
	CHECK_INT(dns_query(dns, &arena, dns_question_of(name_of(name), type), &answer), DNS_OK);
	return answer;
}

static const struct {
	const char *what, *owner;
	uint16_t type;
	const char *data_of, *keys_of, *now;
	enum resolve_proof proof;
} rows[] = {
	{ "RFC 6605 6.1", "www.example.net", DNS_A, "www.example.net", "example.net", "2010-09-01",
	  RESOLVE_PROOF_GOOD },
	{ "RFC 8080 6.1", "example.com", DNS_MX, "example.com", "example.com", "2015-08-01", RESOLVE_PROOF_GOOD },
	{ "the last second", "www.example.net", DNS_A, "www.example.net", "example.net", "2010-09-09T10:04:39Z",
	  RESOLVE_PROOF_GOOD },
	{ "a second later", "www.example.net", DNS_A, "www.example.net", "example.net", "2010-09-09T10:04:40Z",
	  RESOLVE_PROOF_EXPIRED },
	{ "before its time", "www.example.net", DNS_A, "www.example.net", "example.net", "2010-08-12T10:04:38Z",
	  RESOLVE_PROOF_EARLY },
	{ "other data", "www.example.net", DNS_A, "other.example.net", "example.net", "2010-09-01", RESOLVE_PROOF_BAD },
	{ "keys of somebody else", "www.example.net", DNS_A, "www.example.net", "example.com", "2010-09-01",
	  RESOLVE_PROOF_NO_KEY },
};

static void test_proofs(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("proof: %s", rows[i].what);
		struct dns_answer data = ask(rows[i].data_of, rows[i].type);
		struct dns_answer sigs = ask(rows[i].owner, DNS_RRSIG);
		struct dns_answer keys = ask(rows[i].keys_of, DNS_DNSKEY);
		int64_t now = 0, when = 0;
		CHECK(base_time_parse(view_str(rows[i].now), &now));
		CHECK_INT(resolve_proof_set(name_of(rows[i].owner), data.rr, data.n, sigs.rr, sigs.n, keys.rr, keys.n,
					    now, &when),
			  rows[i].proof);
		CHECK(when > 0);
	}
	tap_case("proof: no signature");
	struct dns_answer data = ask("www.example.net", DNS_A);
	CHECK_INT(resolve_proof_set(name_of("www.example.net"), data.rr, data.n, NULL, 0, NULL, 0, 0, NULL),
		  RESOLVE_PROOF_NONE);
}

static void test_keys(void)
{
	struct dns_answer net = ask("example.net", DNS_DNSKEY), com = ask("example.com", DNS_DNSKEY);
	struct dns_answer ds = ask("example.net", DNS_DS);
	tap_case("key tags (RFC 4034 appendix B)");
	CHECK_INT(resolve_key_tag(&net.rr[0]), 55648);
	CHECK_INT(resolve_key_tag(&com.rr[0]), 3613);
	tap_case("DS and key fit, or do not (RFC 4034 5.2)");
	CHECK(resolve_ds_fits(name_of("example.net"), &ds.rr[0], &net.rr[0]));
	CHECK(!resolve_ds_fits(name_of("example.com"), &ds.rr[0], &net.rr[0]));
	CHECK(!resolve_ds_fits(name_of("example.net"), &ds.rr[0], &com.rr[0]));
	tap_case("the text of types that are octets to us");
	BUF_AUTO struct buf text;
	buf_init(&text, 4096);
	resolve_rr_write(&ds.rr[0], &text);
	CHECK_VIEW(buf_view(&text), "55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17");
}

static void test_broken(void)
{
	static const char octets[64] = { 0 };
	struct resolve_rrsig sig;
	tap_case("records that are cut prove nothing");
	for (size_t n = 0; n <= sizeof octets; n++) {
		const struct dns_rr key = { .type = DNS_DNSKEY, .raw = view_of(octets, n) };
		const struct dns_rr ds = { .type = DNS_DS, .raw = view_of(octets, n) };
		const struct dns_rr rrsig = { .type = DNS_RRSIG, .raw = view_of(octets, n) };
		const struct dns_rr a = { .type = DNS_A, .ip = { IP_V4, { 192, 0, 2, 1 } } };
		CHECK(!resolve_ds_fits(dname_root(), &ds, &key));
		CHECK_INT(resolve_rrsig_read(&rrsig, 0, &sig), n > 18);
		CHECK(resolve_proof_set(dname_root(), &a, 1, &rrsig, 1, &key, 1, 0, NULL) != RESOLVE_PROOF_GOOD);
		(void)resolve_key_tag(&key);
	}
}

int main(void)
{
	struct diag diag = { .text = "" };
	arena_init(&arena);
	struct resolve_zone *zone = resolve_zone_new(NULL);
	CHECK_INT(resolve_zone_load_text(zone, "examples", view_str(zone_text), &diag), ERR_OK);
	CHECK_STR(diag.text, "");
	dns = resolve_zone_resolver(zone);
	test_proofs();
	test_keys();
	test_broken();
	resolve_zone_close(&zone);
	arena_done(&arena);
	return tap_done();
}
