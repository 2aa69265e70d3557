#include "resolve_reply.h"

enum { CLASS_IN = 1, RCODE_OK = 0, RCODE_NXDOMAIN = 3, NEGATIVE_MAX_S = 3600, POSITIVE_MAX_S = 3600 };

struct reader {
	struct arena *arena;
	const struct resolve_packet *packet;
	const struct dns_question *question;
	struct dname name; /* where the chain stands */
	struct dname *chain;
	size_t chain_n;
	uint32_t ttl;
};

/* RFC 2181 8: a TTL with the top bit is zero. */
static uint32_t ttl_of(const struct resolve_rr *rr) { return rr->ttl > INT32_MAX ? 0 : rr->ttl; }

static void lower_ttl(struct reader *reader, uint32_t ttl)
{
	if (ttl < reader->ttl)
		reader->ttl = ttl;
}

static bool owned(const struct reader *reader, const struct resolve_rr *rr)
{
	char wire[DNAME_MAX];
	struct dname owner;
	size_t end;
	return resolve_name_at(reader->packet->bytes, rr->owner, wire, &owner, &end) && dname_eq(owner, reader->name);
}

static bool is_answer(const struct reader *reader, const struct resolve_rr *rr, uint16_t type)
{
	return rr->section == RESOLVE_ANSWER && rr->class == CLASS_IN && rr->type == type && owned(reader, rr);
}

/* Octets, names, octets: the data with its names written out. */
static struct view rdata_expanded(struct arena *arena, struct view bytes, const struct resolve_rr *rr, size_t before,
				  unsigned names)
{
	char wire[2 * DNAME_MAX + 32];
	size_t n = before, at = rr->rdata + before, end = (size_t)rr->rdata + rr->rdlength;
	memcpy(wire, bytes.p + rr->rdata, before);
	for (unsigned i = 0; i < names; i++) {
		struct dname name = dname_root();
		if (!resolve_name_at(bytes, at, wire + n, &name, &at))
			return view_none();
		n += name.wire.n;
	}
	memcpy(wire + n, bytes.p + at, end - at);
	return arena_view(arena, view_of(wire, n + (end - at)));
}

static struct view rdata_of(struct arena *arena, struct view bytes, const struct resolve_rr *rr)
{
	switch (rr->type) {
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
		return rdata_expanded(arena, bytes, rr, 0, 1);
	case DNS_MX:
		return rdata_expanded(arena, bytes, rr, 2, 1);
	case DNS_SRV:
		return rdata_expanded(arena, bytes, rr, 6, 1);
	case DNS_SOA:
		return rdata_expanded(arena, bytes, rr, 0, 2);
	case DNS_A:
	case DNS_AAAA:
		return view_slice(bytes, rr->rdata, rr->rdlength); /* copied by value */
	default:
		return arena_view(arena, view_slice(bytes, rr->rdata, rr->rdlength));
	}
}

static bool read_rr(const struct reader *reader, const struct resolve_rr *from, struct dns_rr *out)
{
	struct view rdata = rdata_of(reader->arena, reader->packet->bytes, from);
	return dns_rr_of_wire(reader->arena, from->type, ttl_of(from), rdata, out, NULL) == ERR_OK;
}

/* Does the RRSIG cover the type that was asked for (its first two octets, RFC 4034 3.1)? */
static bool covers(const struct reader *reader, const struct resolve_rr *rr)
{
	struct view rdata = view_slice(reader->packet->bytes, rr->rdata, rr->rdlength);
	return rdata.n >= 2 && (view_at(rdata, 0) << 8 | view_at(rdata, 1)) == reader->question->type;
}

static const struct dns_rr *read_set(struct reader *reader, uint16_t type, size_t *n)
{
	struct dns_rr *set = NULL;
	*n = 0;
	for (size_t i = 0; i < reader->packet->n; i++) {
		const struct resolve_rr *rr = &reader->packet->rr[i];
		bool wanted = is_answer(reader, rr, type);
		if (wanted && type == DNS_RRSIG && reader->question->type != DNS_RRSIG)
			wanted = covers(reader, rr);
		if (!wanted)
			continue;
		if (set == NULL)
			set = arena_array(reader->arena, reader->packet->n - i, sizeof *set);
		if (read_rr(reader, rr, &set[*n])) {
			lower_ttl(reader, set[*n].ttl);
			(*n)++;
		}
	}
	return set;
}

/* One step along the chain. false: no CNAME here. */
static bool follow(struct reader *reader)
{
	for (size_t i = 0; i < reader->packet->n; i++) {
		const struct resolve_rr *rr = &reader->packet->rr[i];
		struct dns_rr cname;
		if (!is_answer(reader, rr, DNS_CNAME) || !read_rr(reader, rr, &cname))
			continue;
		if (reader->chain_n < RESOLVE_CHAIN_MAX)
			reader->chain[reader->chain_n] = reader->name;
		reader->chain_n++;
		lower_ttl(reader, cname.ttl);
		reader->name = cname.name;
		return true;
	}
	return false;
}

/* RFC 2308 3 and 5: the SOA of a zone that holds the name; its lifetime is the lesser of its TTL and MINIMUM. */
static bool negative_ttl(struct reader *reader, uint32_t *ttl)
{
	for (size_t i = 0; i < reader->packet->n; i++) {
		const struct resolve_rr *rr = &reader->packet->rr[i];
		char wire[DNAME_MAX];
		struct dname owner;
		size_t end;
		struct dns_rr soa;
		if (rr->section != RESOLVE_AUTHORITY || rr->type != DNS_SOA || rr->class != CLASS_IN ||
		    !resolve_name_at(reader->packet->bytes, rr->owner, wire, &owner, &end) ||
		    !dname_under(reader->name, owner) || !read_rr(reader, rr, &soa))
			continue;
		*ttl = soa.soa.minimum < soa.ttl ? soa.soa.minimum : soa.ttl;
		return true;
	}
	return false;
}

static bool is_referral(const struct reader *reader)
{
	bool ns = false;
	for (size_t i = 0; i < reader->packet->n; i++)
		ns = ns || (reader->packet->rr[i].section == RESOLVE_AUTHORITY && reader->packet->rr[i].type == DNS_NS);
	return ns && !reader->packet->aa && !reader->packet->ra;
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static void read_negative(struct reader *reader, struct resolve_said *out)
{
	uint32_t ttl = 0;
	bool soa = negative_ttl(reader, &ttl);
	bool nxdomain = out->answer.rcode == RCODE_NXDOMAIN;
	out->answer.status = nxdomain ? DNS_NXDOMAIN : DNS_NODATA;
	if (!nxdomain && !soa && reader->chain_n > 0 && reader->name.wire.p != reader->question->name.wire.p) {
		out->verdict = RESOLVE_ASK_ON;
		return;
	}
	if (!nxdomain && !soa && is_referral(reader)) {
		out->verdict = RESOLVE_LAME;
		return;
	}
	lower_ttl(reader, ttl);
	out->keep_s = soa ? least(reader->ttl, NEGATIVE_MAX_S) : 0;
}

static void read_positive(struct reader *reader, struct resolve_said *out)
{
	out->answer.status = DNS_OK;
	out->keep_s = least(reader->ttl, POSITIVE_MAX_S);
	if (out->keep_s == 0)
		out->keep_s = 1; /* what is asked again in the same second is the same question */
}

static void read_all(struct reader *reader, struct resolve_said *out)
{
	struct dns_answer *answer = &out->answer;
	for (;;) {
		answer->rr = read_set(reader, reader->question->type, &answer->n);
		if (answer->n > 0 || !follow(reader))
			break;
		if (reader->chain_n > RESOLVE_CHAIN_MAX) {
			reader->chain_n = RESOLVE_CHAIN_MAX;
			answer->status = DNS_TEMP;
			answer->cause = DNS_CAUSE_LOOP;
			return;
		}
	}
	if (answer->n > 0 && (reader->question->flags & DNS_RRSIG_TOO) != 0)
		answer->sigs = read_set(reader, DNS_RRSIG, &answer->sigs_n);
	if (answer->n > 0)
		read_positive(reader, out);
	else
		read_negative(reader, out);
}

void resolve_reply_read(struct arena *arena, const struct resolve_packet *packet, const struct dns_question *question,
			struct dname *chain, size_t chain_n, uint32_t ttl, struct resolve_said *out)
{
	struct reader reader = { arena, packet, question, question->name, chain, chain_n, ttl };
	*out = (struct resolve_said){ .verdict = RESOLVE_DONE };
	out->answer = dns_answer_none(question->name, DNS_NODATA);
	out->answer.rcode = packet->rcode;
	out->answer.ede = packet->ede;
	out->answer.ede_text = arena_view(arena, packet->ede_text);
	out->answer.ad = packet->ad ? DNS_AD_CLAIMED : DNS_AD_NO;
	if (packet->rcode != RCODE_OK && packet->rcode != RCODE_NXDOMAIN) {
		out->verdict = RESOLVE_FAILED;
		return;
	}
	read_all(&reader, out);
	out->answer.canonical = reader.name;
	out->answer.chain = chain;
	out->answer.chain_n = reader.chain_n;
	out->answer.ttl = reader.ttl == UINT32_MAX ? 0 : reader.ttl;
}
