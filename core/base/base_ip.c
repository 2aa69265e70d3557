#include "base_ip.h"

#include <arpa/inet.h>

#include "base_num.h"

bool ip_parse(struct view v, struct ip_addr *out)
{
	char text[IP_TEXT_MAX];
	if (v.n == 0 || v.n >= sizeof text || view_has_byte(v, 0))
		return false;
	memcpy(text, v.p, v.n);
	text[v.n] = '\0';
	struct ip_addr ip = { .family = view_has_byte(v, ':') ? IP_V6 : IP_V4 };
	if (inet_pton(ip.family == IP_V6 ? AF_INET6 : AF_INET, text, ip.octets) != 1)
		return false;
	*out = ip;
	return true;
}

struct ip_text ip_show(const struct ip_addr *ip)
{
	struct ip_text shown = { "" };
	if (ip->family != IP_NONE)
		(void)inet_ntop(ip->family == IP_V6 ? AF_INET6 : AF_INET, ip->octets, shown.text, sizeof shown.text);
	return shown;
}

void ip_write(const struct ip_addr *ip, struct buf *out) { buf_str(out, IP_SHOW(ip)); }

bool ip_parse_cidr(struct view v, struct ip_addr *out, unsigned *bits)
{
	size_t slash = view_find_byte(v, '/');
	struct ip_addr ip;
	if (!ip_parse(view_to(v, slash), &ip))
		return false;
	uint64_t length = 8 * ip_octets(ip.family);
	if (slash != SIZE_MAX && !num_parse_uint(view_from(v, slash + 1), length, &length))
		return false;
	*out = ip;
	*bits = (unsigned)length;
	return true;
}

bool ip_eq(const struct ip_addr *a, const struct ip_addr *b)
{
	return a->family == b->family && memcmp(a->octets, b->octets, ip_octets(a->family)) == 0;
}

bool ip_in(const struct ip_addr *ip, const struct ip_addr *network, unsigned bits)
{
	if (ip->family != network->family || ip->family == IP_NONE || bits > 8 * ip_octets(ip->family))
		return false;
	unsigned whole = bits / 8, rest = bits % 8;
	if (memcmp(ip->octets, network->octets, whole) != 0)
		return false;
	unsigned mask = 0xffU << (8 - rest) & 0xffU;
	return rest == 0 || ((ip->octets[whole] ^ network->octets[whole]) & mask) == 0;
}

static bool in_text(const struct ip_addr *ip, const char *cidr)
{
	struct ip_addr network;
	unsigned bits;
	return ip_parse_cidr(view_str(cidr), &network, &bits) && ip_in(ip, &network, bits);
}

struct ip_addr ip_unmap(const struct ip_addr *ip)
{
	if (!in_text(ip, "::ffff:0:0/96"))
		return *ip;
	struct ip_addr v4 = { .family = IP_V4 };
	memcpy(v4.octets, ip->octets + 12, 4);
	return v4;
}

bool ip_is_loopback(const struct ip_addr *ip)
{
	struct ip_addr plain = ip_unmap(ip);
	return in_text(&plain, "127.0.0.0/8") || in_text(&plain, "::1/128");
}

bool ip_is_private(const struct ip_addr *ip)
{
	static const char *const ranges[] = { "0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",  "127.0.0.0/8",
					      "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
					      "::/128",         "::1/128",       "fc00::/7",       "fe80::/10",
					      "fec0::/10",      "ff00::/8" };
	struct ip_addr plain = ip_unmap(ip);
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (in_text(&plain, ranges[i]))
			return true;
	return false;
}
