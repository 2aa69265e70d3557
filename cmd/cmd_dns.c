#include "cmd_dns.h"

#include "base_show.h"

static const char *server_text(struct cmd *cmd, const struct opt_endpoint *server)
{
	unsigned port = server->port == 0 ? 53 : server->port;
	return server->ip.family == IP_V6 ? arena_printf(cmd->arena, "[%s]:%u", server->host, port)
					  : arena_printf(cmd->arena, "%s:%u", server->host, port);
}

enum err cmd_dns_open(struct cmd *cmd, struct resolve *out, struct diag *diag)
{
	const struct opt_common *common = cmd->common;
	enum err err = cmd_config_dns(cmd, diag);
	if (err != ERR_OK)
		return err;
	const char **servers = arena_array(cmd->arena, common->resolvers.n, sizeof *servers);
	for (size_t i = 0; i < common->resolvers.n; i++)
		servers[i] = server_text(cmd, &common->resolvers.at[i]);
	struct resolve_config config = {
		.env = cmd->env,
		.servers = servers,
		.servers_n = common->resolvers.n,
		.zones = common->zones.at,
		.zones_n = common->zones.n,
		.timeout_ms = (unsigned)common->dns_timeout_ms,
	};
	err = resolve_open(&config, out, diag);
	if (err == ERR_OK && out->note.text[0] != '\0')
		cmd_info(cmd, "%s", out->note.text);
	return err;
}

enum err cmd_dns_domain(struct cmd *cmd, const char *shown, const char *typed, struct view *out, struct diag *diag)
{
	struct dname name;
	if (dname_parse_idn(cmd->arena, view_str(typed), &name, diag) != ERR_OK)
		return diag_prefix(diag, ERR_USAGE, "%s %s", shown, SHOW(view_str(typed)));
	*out = dname_text(cmd->arena, dname_lower(cmd->arena, name));
	return ERR_OK;
}
