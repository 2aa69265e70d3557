#include "dns_rr.h"

static void put16(struct buf *out, unsigned value)
{
	buf_byte(out, (int)(value >> 8 & 0xff));
	buf_byte(out, (int)(value & 0xff));
}

static void put32(struct buf *out, uint32_t value)
{
	put16(out, value >> 16);
	put16(out, value & 0xffff);
}

static void put_txt(struct buf *out, const struct dns_txt *txt)
{
	for (size_t i = 0; i < txt->n; i++) {
		buf_byte(out, (int)txt->strings[i].n);
		buf_put(out, txt->strings[i]);
	}
}

static void put_soa(struct buf *out, const struct dns_soa *soa)
{
	buf_put(out, soa->mname.wire);
	buf_put(out, soa->rname.wire);
	put32(out, soa->serial);
	put32(out, soa->refresh);
	put32(out, soa->retry);
	put32(out, soa->expire);
	put32(out, soa->minimum);
}

void dns_rr_put_wire(const struct dns_rr *rr, struct buf *out)
{
	switch (rr->type) {
	case DNS_A:
	case DNS_AAAA:
		buf_put(out, view_of(rr->ip.octets, ip_octets(rr->ip.family)));
		break;
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
		buf_put(out, rr->name.wire);
		break;
	case DNS_MX:
		put16(out, rr->mx.preference);
		buf_put(out, rr->mx.host.wire);
		break;
	case DNS_TXT:
	case DNS_SPF:
		put_txt(out, &rr->txt);
		break;
	case DNS_SOA:
		put_soa(out, &rr->soa);
		break;
	case DNS_SRV:
		put16(out, rr->srv.priority);
		put16(out, rr->srv.weight);
		put16(out, rr->srv.port);
		buf_put(out, rr->srv.target.wire);
		break;
	case DNS_TLSA:
		buf_byte(out, rr->tlsa.usage);
		buf_byte(out, rr->tlsa.selector);
		buf_byte(out, rr->tlsa.matching);
		buf_put(out, rr->tlsa.data);
		break;
	default:
		buf_put(out, rr->raw);
		break;
	}
}
