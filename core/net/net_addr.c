#include "net_addr.h"

#include <assert.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base_num.h"
#include "base_show.h"

static enum err parse_unix(struct view path, struct net_addr *out, struct diag *diag)
{
	struct net_addr addr = { .kind = NET_ADDR_UNIX };
	if (path.n >= sizeof addr.path)
		return diag_set(diag, ERR_LIMIT, "%s: the path of a unix socket has at most %zu octets", SHOW(path),
				sizeof addr.path - 1);
	if (path.n == 0 || view_has_byte(path, '\0'))
		return diag_set(diag, ERR_SYNTAX, "unix: wants the path of a socket behind it");
	memcpy(addr.path, path.p, path.n);
	*out = addr;
	return ERR_OK;
}

static enum err parse_scope(struct view name, uint32_t *scope, struct diag *diag)
{
	char text[IF_NAMESIZE] = "";
	uint64_t number;
	if (num_parse_uint(name, UINT32_MAX, &number)) {
		*scope = (uint32_t)number;
		return ERR_OK;
	}
	if (name.n > 0 && name.n < sizeof text)
		memcpy(text, name.p, name.n);
	*scope = if_nametoindex(text);
	return *scope != 0 ? ERR_OK : diag_set(diag, ERR_DATA, "no network interface is called %s", SHOW(name));
}

static enum err parse_ip(struct view text, uint16_t port, struct net_addr *out, struct diag *diag)
{
	struct view rest = text, ip = view_cut(&rest, '%');
	struct net_addr addr = { .kind = NET_ADDR_IP, .port = port };
	if (!ip_parse(ip, &addr.ip) || (rest.p != NULL && addr.ip.family != IP_V6))
		return diag_set(diag, ERR_SYNTAX, "%s is no IP address", SHOW(text));
	enum err err = rest.p == NULL ? ERR_OK : parse_scope(rest, &addr.scope, diag);
	if (err == ERR_OK)
		*out = addr;
	return err;
}

/* What stands before the port, and the port when there is one: an address with two colons and no bracket has none. */
static bool split_port(struct view text, struct view *host, uint16_t *port)
{
	uint64_t number;
	struct view tail = view_none();
	if (view_at(text, 0) == '[') {
		size_t end = view_find_byte(text, ']');
		if (end == SIZE_MAX)
			return false;
		*host = view_slice(text, 1, end - 1);
		tail = view_from(text, end + 1);
		if (tail.n == 0)
			return true;
		if (view_at(tail, 0) != ':')
			return false;
		tail = view_from(tail, 1);
	} else {
		struct view rest = text;
		*host = view_cut(&rest, ':');
		if (rest.p == NULL)
			return true;
		if (view_has_byte(rest, ':')) {
			*host = text;
			return true;
		}
		tail = rest;
	}
	if (!num_parse_uint(tail, UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

enum err net_addr_parse(struct view text, uint16_t port, struct net_addr *out, struct diag *diag)
{
	if (view_starts(text, VIEW("unix:")))
		return parse_unix(view_from(text, 5), out, diag);
	if (view_at(text, 0) == '/')
		return parse_unix(text, out, diag);
	struct view host;
	if (!split_port(text, &host, &port))
		return diag_set(diag, ERR_SYNTAX,
				"%s is no address with a port (write 192.0.2.1:25 or [2001:db8::1]:25)", SHOW(text));
	return parse_ip(host, port, out, diag);
}

struct net_addr_text net_addr_show(const struct net_addr *addr)
{
	struct net_addr_text out;
	if (addr->kind == NET_ADDR_UNIX)
		(void)snprintf(out.text, sizeof out.text, "unix:%s", SHOW(view_str(addr->path)));
	else if (addr->ip.family == IP_V6 && addr->scope != 0)
		(void)snprintf(out.text, sizeof out.text, "[%s%%%u]:%u", IP_SHOW(&addr->ip), addr->scope, addr->port);
	else
		(void)snprintf(out.text, sizeof out.text, addr->ip.family == IP_V6 ? "[%s]:%u" : "%s:%u",
			       IP_SHOW(&addr->ip), addr->port);
	return out;
}

bool net_addr_eq(const struct net_addr *a, const struct net_addr *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == NET_ADDR_UNIX)
		return strcmp(a->path, b->path) == 0;
	return ip_eq(&a->ip, &b->ip) && a->port == b->port && a->scope == b->scope;
}

bool net_addr_is_local(const struct net_addr *addr) { return addr->kind == NET_ADDR_UNIX || ip_is_loopback(&addr->ip); }

socklen_t net_addr_sockaddr(const struct net_addr *addr, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof *out);
	if (addr->kind == NET_ADDR_UNIX) {
		struct sockaddr_un *un = (struct sockaddr_un *)out;
		un->sun_family = AF_UNIX;
		memcpy(un->sun_path, addr->path, sizeof un->sun_path);
		return (socklen_t)sizeof *un;
	}
	if (addr->ip.family == IP_V6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(addr->port);
		in6->sin6_scope_id = addr->scope;
		memcpy(&in6->sin6_addr, addr->ip.octets, 16);
		return (socklen_t)sizeof *in6;
	}
	assert(addr->ip.family == IP_V4);
	struct sockaddr_in *in = (struct sockaddr_in *)out;
	in->sin_family = AF_INET;
	in->sin_port = htons(addr->port);
	memcpy(&in->sin_addr, addr->ip.octets, 4);
	return (socklen_t)sizeof *in;
}

bool net_addr_of_sockaddr(const struct sockaddr *from, socklen_t size, struct net_addr *out)
{
	struct net_addr addr = { .kind = NET_ADDR_IP };
	struct sockaddr_storage copy = { .ss_family = AF_UNSPEC };
	memcpy(&copy, from, size < sizeof copy ? size : sizeof copy);
	if (copy.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&copy;
		addr.ip.family = IP_V4;
		addr.port = ntohs(in->sin_port);
		memcpy(addr.ip.octets, &in->sin_addr, 4);
	} else if (copy.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&copy;
		addr.ip.family = IP_V6;
		addr.port = ntohs(in6->sin6_port);
		addr.scope = in6->sin6_scope_id;
		memcpy(addr.ip.octets, &in6->sin6_addr, 16);
	} else if (copy.ss_family == AF_UNIX) {
		const struct sockaddr_un *un = (const struct sockaddr_un *)&copy;
		addr.kind = NET_ADDR_UNIX;
		memcpy(addr.path, un->sun_path, sizeof addr.path - 1);
	} else {
		return false;
	}
	*out = addr;
	return true;
}
