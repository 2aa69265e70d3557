#include "base_num.h"
#include "dns_rr.h"

static void write_string(struct view string, struct buf *out)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < string.n; i++) {
		int c = view_at(string, i);
		if (c < 0x20 || c >= 0x7f)
			buf_printf(out, "\\%03d", c);
		else if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else
			buf_byte(out, c);
	}
	buf_byte(out, '"');
}

static void write_txt(const struct dns_txt *txt, struct buf *out)
{
	for (size_t i = 0; i < txt->n; i++) {
		if (i > 0)
			buf_byte(out, ' ');
		write_string(txt->strings[i], out);
	}
}

static void write_soa(const struct dns_soa *soa, struct buf *out)
{
	dname_write_dot(soa->mname, out);
	buf_byte(out, ' ');
	dname_write_dot(soa->rname, out);
	buf_printf(out, " %lu %lu %lu %lu %lu", (unsigned long)soa->serial, (unsigned long)soa->refresh,
		   (unsigned long)soa->retry, (unsigned long)soa->expire, (unsigned long)soa->minimum);
}

void dns_rr_write(const struct dns_rr *rr, struct buf *out)
{
	switch (rr->type) {
	case DNS_A:
	case DNS_AAAA:
		ip_write(&rr->ip, out);
		break;
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
		dname_write_dot(rr->name, out);
		break;
	case DNS_MX:
		buf_printf(out, "%u ", rr->mx.preference);
		dname_write_dot(rr->mx.host, out);
		break;
	case DNS_TXT:
	case DNS_SPF:
		write_txt(&rr->txt, out);
		break;
	case DNS_SOA:
		write_soa(&rr->soa, out);
		break;
	case DNS_SRV:
		buf_printf(out, "%u %u %u ", rr->srv.priority, rr->srv.weight, rr->srv.port);
		dname_write_dot(rr->srv.target, out);
		break;
	case DNS_TLSA:
		buf_printf(out, "%u %u %u ", rr->tlsa.usage, rr->tlsa.selector, rr->tlsa.matching);
		num_write_hex(rr->tlsa.data, out);
		break;
	default:
		buf_printf(out, "\\# %zu ", rr->raw.n);
		num_write_hex(rr->raw, out);
		break;
	}
}
