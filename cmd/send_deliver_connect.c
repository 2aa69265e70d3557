/* From the server's name to a connection. */
#include <stdio.h>
#include <unistd.h>

#include "base_show.h"
#include "dns_mx.h"
#include "send_deliver_priv.h"

enum { HOST_NAME_MAX_OCTETS = 256 };

static void add_address(struct send_server *server, const struct ip_addr *ip, uint16_t port)
{
	const struct send_opts *opts = server->run->opts;
	bool unwanted = (opts->only_v4 && ip->family != IP_V4) || (opts->only_v6 && ip->family != IP_V6);
	if (!unwanted && server->addrs_n < SEND_ADDRS_MAX)
		server->addrs[server->addrs_n++] = net_addr_of(ip, port);
}

static enum err no_family(const struct send_server *server, const char *name, struct diag *diag)
{
	return diag_set(diag, ERR_NO_HOST, "%s has no IPv%d address, and only those are asked for",
			SHOW(view_str(name)), server->run->opts->only_v4 ? 4 : 6);
}

/* The hosts file and DNS, as --resolver and --zone say; opened with the first name. */
static enum err open_resolver(struct send_server *server, struct dns_resolver **out, struct diag *diag)
{
	const struct opt_common *common = server->run->cmd->common;
	struct arena *arena = server->run->cmd->arena;
	const char **servers = arena_array(arena, common->resolvers.n + 1, sizeof *servers);
	for (size_t i = 0; i < common->resolvers.n; i++)
		servers[i] = arena_printf(arena, common->resolvers.at[i].ip.family == IP_V6 ? "[%s]:%u" : "%s:%u",
					  common->resolvers.at[i].host,
					  common->resolvers.at[i].port == 0 ? 53U : common->resolvers.at[i].port);
	struct resolve_config config = {
		.env = server->run->cmd->env,
		.servers = servers,
		.servers_n = common->resolvers.n,
		.zones = common->zones.at,
		.zones_n = common->zones.n,
		.timeout_ms = (unsigned)common->dns_timeout_ms,
	};
	enum err err = server->resolving ? ERR_OK : resolve_open(&config, &server->resolve, diag);
	server->resolving = server->resolving || err == ERR_OK;
	return err == ERR_OK ? resolve_servers(&server->resolve, out, diag) : err;
}

static enum err resolve_name(struct send_server *server, const char *name, uint16_t port, struct diag *diag)
{
	struct arena *arena = server->run->cmd->arena;
	struct dns_resolver *resolver;
	struct dname wire;
	struct dns_addrs found;
	enum err err = dname_parse(arena, view_str(name), &wire, diag);
	if (err == ERR_OK)
		err = open_resolver(server, &resolver, diag);
	if (err != ERR_OK)
		return err;
	dns_addrs_query(resolver, arena, wire, &found);
	for (size_t i = 0; i < found.n; i++)
		add_address(server, &found.at[i], port);
	if (found.n > 0)
		return server->addrs_n > 0 ? ERR_OK : no_family(server, name, diag);
	if (found.status == DNS_TEMP) {
		struct buf why;
		buf_init(&why, 300);
		dns_answer_explain(found.aaaa.status == DNS_TEMP ? &found.aaaa : &found.a, dns_question_of(wire, DNS_A),
				   &why);
		err = diag_set(diag, ERR_TEMP, "the address of %s could not be found out: %.*s", SHOW(view_str(name)),
			       VIEW_ARG(buf_view(&why)));
		buf_done(&why);
		return err;
	}
	return diag_set(diag, ERR_NO_HOST,
			found.status == DNS_NODATA ? "%s has no address in the DNS"
						   : "there is no host %s (a typing error?)",
			SHOW(view_str(name)));
}

enum err send_find_addresses(struct send_server *server, struct diag *diag)
{
	struct send_target *target = &server->target;
	int64_t began = env_mono_ms(server->run->cmd->env);
	const char *proxy = target->socks.host;
	enum err err = ERR_OK;
	server->addrs_n = 0;
	if (proxy != NULL && target->socks.ip.family != IP_NONE) {
		add_address(server, &target->socks.ip, target->socks.port == 0 ? 1080 : target->socks.port);
	} else if (proxy != NULL) {
		err = resolve_name(server, proxy, target->socks.port == 0 ? 1080 : target->socks.port, diag);
	} else if (target->addr.kind == NET_ADDR_UNIX) {
		server->addrs[server->addrs_n++] = target->addr;
	} else if (target->is_ip) {
		add_address(server, &target->addr.ip, target->port);
	} else {
		err = resolve_name(server, target->host, target->port, diag);
		server->dns_ms = env_mono_ms(server->run->cmd->env) - began;
	}
	if (err == ERR_OK && server->addrs_n == 0)
		err = no_family(server, target->shown, diag);
	target->local = proxy == NULL && err == ERR_OK;
	for (size_t i = 0; i < server->addrs_n && target->local; i++)
		target->local = net_addr_is_local(&server->addrs[i]);
	return err;
}

void send_forget_address(struct send_server *server, const struct net_addr *peer)
{
	for (size_t i = 0; i < server->addrs_n; i++) {
		if (!net_addr_eq(&server->addrs[i], peer))
			continue;
		server->addrs_n--;
		memmove(&server->addrs[i], &server->addrs[i + 1], (server->addrs_n - i) * sizeof server->addrs[0]);
		return;
	}
}

/*
 * The PROXY protocol (haproxy's proxy-protocol.txt, version 1), before anything else: "SOURCE[:PORT] [DEST[:PORT]]" or the
 * line itself; "local" is UNKNOWN.
 */
static enum err send_proxy_header(struct send_server *server, struct net_stream *stream, struct diag *diag)
{
	const char *spec = server->run->opts->proxy_protocol;
	if (spec == NULL)
		return ERR_OK;
	struct view rest = view_trim(view_str(spec)), from = view_cut(&rest, ' '),
		    to = rest.p == NULL ? view_none() : view_trim(rest);
	struct net_addr source = { 0 }, dest = { 0 };
	char line[256];
	if (view_has_ctl(view_str(spec)))
		return diag_set(diag, ERR_DATA, "--proxy-protocol holds a control character");
	if (view_starts_case(view_str(spec), VIEW("PROXY ")))
		(void)snprintf(line, sizeof line, "%.200s\r\n", spec);
	else if (view_is_case(from, "local"))
		(void)snprintf(line, sizeof line, "PROXY UNKNOWN\r\n");
	else {
		enum err err = net_addr_parse(from, 0, &source, diag);
		if (err == ERR_OK && to.n > 0)
			err = net_addr_parse(to, 25, &dest, diag);
		else if (err == ERR_OK)
			dest = *net_stream_peer(stream);
		if (err != ERR_OK || source.kind != NET_ADDR_IP || dest.kind != NET_ADDR_IP ||
		    source.ip.family != dest.ip.family)
			return diag_set(diag, ERR_USAGE,
					"--proxy-protocol \"%s\": write SOURCE[:PORT] [DEST[:PORT]] of one family, "
					"local, or the PROXY line",
					SHOW(view_str(spec)));
		(void)snprintf(line, sizeof line, "PROXY TCP%d %s %s %u %u\r\n", source.ip.family == IP_V4 ? 4 : 6,
			       IP_SHOW(&source.ip), IP_SHOW(&dest.ip), source.port, dest.port);
	}
	return net_stream_write_view(stream, view_str(line), diag);
}

enum err send_connect(struct send_server *server, struct net_stream **out, struct diag *diag)
{
	const struct send_target *target = &server->target;
	struct net_socks_opts socks = {
		.host = target->is_ip ? view_none() : view_str(target->host),
		.ip = target->addr.ip,
		.port = target->port,
	};
	struct net_connect_opts opts = {
		.addrs = server->addrs,
		.count = server->addrs_n,
		.total_ms = (int64_t)target->timeout_ms,
		.one_ms = (int64_t)target->timeout_ms,
		.source = { target->source },
		.socks = target->socks.host != NULL ? &socks : NULL,
	};
	int64_t began = env_mono_ms(server->run->cmd->env);
	enum err err = net_connect_wait(server->loop, &opts, out, diag);
	server->connect_ms = env_mono_ms(server->run->cmd->env) - began;
	if (err == ERR_OK)
		err = send_proxy_header(server, *out, diag);
	return err;
}

/* RFC 5321 4.1.1.1, 4.1.3: our full name where the host has one, else the address of our end as a literal. */
struct view send_ehlo_name(struct send_server *server, const struct net_stream *stream)
{
	char host[HOST_NAME_MAX_OCTETS] = "";
	struct net_addr local;
	if (server->target.ehlo.n > 0)
		return server->target.ehlo;
	struct dname name;
	if (gethostname(host, sizeof host - 1) == 0 && strchr(host, '.') != NULL &&
	    dname_parse(server->run->cmd->arena, view_str(host), &name, NULL) == ERR_OK && dname_is_host(name))
		return dname_text(server->run->cmd->arena, name);
	if (!net_stream_local(stream, &local) || local.kind != NET_ADDR_IP)
		return VIEW("[127.0.0.1]");
	(void)snprintf(server->ehlo, sizeof server->ehlo, local.ip.family == IP_V6 ? "[IPv6:%s]" : "[%s]",
		       IP_SHOW(&local.ip));
	return view_str(server->ehlo);
}
