#include "resolve_guard.h"

#include "dns_rr.h"

enum { HEADER = 12, FLAG_QR = 0x8000, FLAG_AA = 0x0400, FLAG_TC = 0x0200, FLAG_RA = 0x0080, FLAG_AD = 0x0020 };
enum { OPCODE_MASK = 0x7800, RCODE_FORMERR = 1, RCODE_NOTIMP = 4, OPTION_EDE = 15 };

static unsigned u16(struct view bytes, size_t at)
{
	return (unsigned)view_at(bytes, at) << 8 | (unsigned)view_at(bytes, at + 1);
}

static uint32_t u32(struct view bytes, size_t at) { return (uint32_t)u16(bytes, at) << 16 | u16(bytes, at + 2); }

int resolve_packet_id(struct view bytes)
{
	if (bytes.n < HEADER || (u16(bytes, 2) & (FLAG_QR | OPCODE_MASK)) != FLAG_QR)
		return -1;
	return (int)u16(bytes, 0);
}

/* The question of a packet that we wrote: one name without pointers, type and class. */
static struct view question_of(struct view sent)
{
	size_t at = HEADER;
	while (view_at(sent, at) > 0)
		at += (size_t)view_at(sent, at) + 1;
	return view_slice(sent, HEADER, at + 1 + 4 - HEADER);
}

enum resolve_match resolve_packet_match(struct view bytes, struct view sent)
{
	if (resolve_packet_id(bytes) < 0)
		return RESOLVE_MATCH_NO;
	unsigned rcode = resolve_packet_rcode(bytes);
	if (u16(bytes, 4) == 0 && bytes.n == HEADER && u16(bytes, 6) == 0 &&
	    (rcode == RCODE_FORMERR || rcode == RCODE_NOTIMP))
		return RESOLVE_MATCH_BARE;
	if (u16(bytes, 4) != 1)
		return RESOLVE_MATCH_NO;
	struct view ours = question_of(sent);
	struct view theirs = view_slice(bytes, HEADER, ours.n);
	if (view_eq(ours, theirs))
		return RESOLVE_MATCH_YES;
	/* type and class may be letters too: those must be equal as they are */
	bool same_end = theirs.n == ours.n && view_eq(view_from(ours, ours.n - 4), view_from(theirs, ours.n - 4));
	return same_end && view_eq_case(ours, theirs) ? RESOLVE_MATCH_CASE : RESOLVE_MATCH_NO;
}

bool resolve_name_at(struct view bytes, size_t at, char wire[DNAME_MAX], struct dname *out, size_t *end)
{
	size_t n = 0, hops = 0, lowest = at;
	unsigned labels = 0;
	for (bool jumped = false;;) {
		int length = view_at(bytes, at);
		if (length < 0)
			return false;
		if (length >= 0xc0) {
			int low = view_at(bytes, at + 1);
			size_t target = (size_t)(length & 0x3f) << 8 | (size_t)low;
			if (low < 0 || target < HEADER || target >= lowest || ++hops > RESOLVE_HOPS_MAX)
				return false;
			if (!jumped)
				*end = at + 2;
			jumped = true;
			lowest = at = target;
			continue;
		}
		size_t octets = (size_t)length + 1;
		if (length > DNAME_LABEL_MAX || n + octets > DNAME_MAX || octets > bytes.n - at)
			return false;
		memcpy(wire + n, bytes.p + at, octets);
		n += octets;
		at += octets;
		if (length == 0) {
			if (!jumped)
				*end = at;
			*out = (struct dname){ view_of(wire, n), labels };
			return true;
		}
		labels++;
	}
}

static bool skip_name(struct view bytes, size_t *at)
{
	char wire[DNAME_MAX];
	struct dname name;
	return resolve_name_at(bytes, *at, wire, &name, at);
}

/* TXT strings fill the data exactly, within the limits (65 kB of empty strings are none). */
static bool txt_fits(struct view rdata)
{
	size_t n = 0, octets = 0, at = 0;
	while (at < rdata.n) {
		n++;
		octets += (size_t)view_at(rdata, at);
		at += (size_t)view_at(rdata, at) + 1;
	}
	return at == rdata.n && n > 0 && n <= DNS_TXT_STRINGS_MAX && octets <= DNS_TXT_OCTETS_MAX;
}

/* Octets before, between and behind the names of a type's data. */
static bool names_fit(struct view bytes, size_t at, size_t end, size_t before, unsigned names, size_t behind)
{
	at += before;
	for (unsigned i = 0; i < names; i++)
		if (!skip_name(bytes, &at))
			return false;
	return at + behind == end;
}

static bool rdata_fits(struct view bytes, const struct resolve_rr *rr)
{
	size_t at = rr->rdata, end = at + rr->rdlength;
	switch (rr->type) {
	case DNS_A:
		return rr->rdlength == 4;
	case DNS_AAAA:
		return rr->rdlength == 16;
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
		return names_fit(bytes, at, end, 0, 1, 0);
	case DNS_MX:
		return names_fit(bytes, at, end, 2, 1, 0);
	case DNS_SRV:
		return names_fit(bytes, at, end, 6, 1, 0);
	case DNS_SOA:
		return names_fit(bytes, at, end, 0, 2, 20);
	case DNS_TXT:
	case DNS_SPF:
		return txt_fits(view_slice(bytes, at, rr->rdlength));
	case DNS_TLSA:
		return rr->rdlength >= 3;
	default:
		return true;
	}
}

/* RFC 6891 6.1.3: the upper bits of the rcode; RFC 8914 2: extended errors, of which the first is kept. */
static bool read_opt(struct view bytes, const struct resolve_rr *opt, struct resolve_packet *out)
{
	if (opt->section != RESOLVE_ADDITIONAL || view_at(bytes, opt->owner) != 0 || out->edns)
		return false;
	out->edns = true;
	out->rcode |= (opt->ttl >> 24) << 4;
	struct view rest = view_slice(bytes, opt->rdata, opt->rdlength);
	while (rest.n > 0) {
		if (rest.n < 4 || rest.n - 4 < u16(rest, 2))
			return false;
		struct view data = view_slice(rest, 4, u16(rest, 2));
		if (u16(rest, 0) == OPTION_EDE && data.n >= 2 && out->ede < 0) {
			out->ede = (int)u16(data, 0);
			out->ede_text = view_slice(data, 2, RESOLVE_EDE_TEXT_MAX);
		}
		rest = view_from(rest, 4 + data.n);
	}
	return true;
}

/* One record at *at; its place is written to rr. */
static bool walk_record(struct view bytes, size_t *at, struct resolve_rr *rr)
{
	rr->owner = (uint16_t)*at;
	if (!skip_name(bytes, at) || bytes.n - *at < 10)
		return false;
	rr->type = (uint16_t)u16(bytes, *at);
	rr->class = (uint16_t)u16(bytes, *at + 2);
	rr->ttl = u32(bytes, *at + 4);
	rr->rdlength = (uint16_t)u16(bytes, *at + 8);
	rr->rdata = (uint16_t)(*at + 10);
	*at += 10;
	if (bytes.n - *at < rr->rdlength)
		return false;
	*at += rr->rdlength;
	return rr->type == DNS_OPT || rdata_fits(bytes, rr);
}

static enum err walk_section(struct view bytes, size_t *at, unsigned count, enum resolve_section section,
			     struct resolve_packet *out, struct diag *diag)
{
	for (unsigned i = 0; i < count; i++) {
		struct resolve_rr rr = { .section = (uint8_t)section };
		if (!walk_record(bytes, at, &rr) || (rr.type == DNS_OPT && !read_opt(bytes, &rr, out)))
			return diag_set(diag, ERR_SYNTAX, "broken record at octet %u of the reply", rr.owner);
		if (rr.type == DNS_OPT)
			continue;
		if (out->n == RESOLVE_RRS_MAX)
			return diag_set(diag, ERR_LIMIT, "more than %d records in the reply", RESOLVE_RRS_MAX);
		out->rr[out->n++] = rr;
	}
	return ERR_OK;
}

static void read_header(struct view bytes, struct resolve_packet *out)
{
	unsigned flags = u16(bytes, 2);
	out->bytes = bytes;
	out->aa = (flags & FLAG_AA) != 0;
	out->tc = (flags & FLAG_TC) != 0;
	out->ra = (flags & FLAG_RA) != 0;
	out->ad = (flags & FLAG_AD) != 0;
	out->rcode = flags & 0x0f;
	out->edns = false;
	out->ede = -1;
	out->ede_text = view_none();
	out->n = 0;
}

enum err resolve_packet_walk(struct view bytes, struct resolve_packet *out, struct diag *diag)
{
	if (resolve_packet_id(bytes) < 0 || bytes.n > UINT16_MAX)
		return diag_set(diag, ERR_SYNTAX, "no DNS reply");
	read_header(bytes, out);
	unsigned questions = u16(bytes, 4), answers = u16(bytes, 6), authorities = u16(bytes, 8),
		 additionals = u16(bytes, 10);
	if (answers + authorities + additionals > RESOLVE_RRS_MAX + 1)
		return diag_set(diag, ERR_LIMIT, "more than %d records in the reply", RESOLVE_RRS_MAX);
	size_t at = HEADER;
	if (questions > 1 || (questions == 1 && (!skip_name(bytes, &at) || bytes.n - at < 4)))
		return diag_set(diag, ERR_SYNTAX, "broken question in the reply");
	at += (size_t)questions * 4;
	enum err err = walk_section(bytes, &at, answers, RESOLVE_ANSWER, out, diag);
	if (err == ERR_OK)
		err = walk_section(bytes, &at, authorities, RESOLVE_AUTHORITY, out, diag);
	if (err == ERR_OK)
		err = walk_section(bytes, &at, additionals, RESOLVE_ADDITIONAL, out, diag);
	if (err == ERR_OK && at != bytes.n)
		return diag_set(diag, ERR_SYNTAX, "%zu octets behind the last record of the reply", bytes.n - at);
	return err;
}
