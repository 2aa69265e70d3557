#pragma once

#include "base_map.h"
#include "dns.h"

/*
 * Answers from a small table: a record that a person gave instead of the published one (--record, --key-record), and
 * tests. What the table does not know is asked of `inner`, or is NXDOMAIN when that is NULL.
 *
 * Lines of dns_table_load:   NAME TYPE DATA      a record: A AAAA MX TXT SPF CNAME NS PTR SOA SRV TLSA; # starts a comment line
 *                            NAME TYPE!CAUSE     DNS_TEMP: timeout servfail refused bogus network; * for any type
 * TXT data is "quoted" "strings" (with \" \\ \DDD) or the rest of the line as one string (cut in pieces of 255).
 * Names are absolute, with or without a last dot. A name that is there, or has names below it, is NODATA for other
 * types. CNAMEs are followed. AD: dns_table.ad for all answers.
 */
struct dns_table {
	struct dns_resolver resolver; /* hand out &table.resolver */
	struct dns_resolver *inner;
	struct arena *arena;
	struct map names; /* lower-case wire name -> struct dns_table_node */
	enum dns_ad ad;
	unsigned asked; /* questions answered from here so far */
};

void dns_table_init(struct dns_table *table, struct arena *arena, struct dns_resolver *inner);

/* errors  ERR_SYNTAX with the line, ERR_LIMIT */
MUST_CHECK enum err dns_table_load(struct dns_table *table, struct view text, struct diag *diag);

void dns_table_add(struct dns_table *table, struct dname name, const struct dns_rr *rr);
void dns_table_add_txt(struct dns_table *table, struct dname name, struct view text);
void dns_table_fail(struct dns_table *table, struct dname name, uint16_t type, enum dns_cause cause); /* DNS_ANY: all */
