#include "resolve.h"

#include "resolve_hosts.h"
#include "resolve_net.h"
#include "resolve_zone.h"

static enum err take_servers(const struct resolve_config *config, struct resolve_net_config *net, struct diag *diag)
{
	if (config->servers_n > RESOLVE_SERVERS_MAX)
		return diag_set(diag, ERR_USAGE, "more than %d DNS servers were given", RESOLVE_SERVERS_MAX);
	for (size_t i = 0; i < config->servers_n; i++) {
		enum err err = resolve_addr_parse(view_str(config->servers[i]), &net->servers[net->n], diag);
		if (err != ERR_OK)
			return err;
		net->n++;
	}
	return ERR_OK;
}

static enum err read_conf(const struct resolve_config *config, struct resolve_net_config *net, struct resolve *out,
			  struct diag *diag)
{
	const char *path = config->resolv_conf == NULL ? "/etc/resolv.conf" : config->resolv_conf;
	struct resolve_conf conf;
	enum err err = resolve_conf_load(path, &conf, diag);
	if (err != ERR_OK)
		return err;
	memcpy(net->servers, conf.servers, sizeof net->servers);
	net->n = conf.n;
	net->rotate = conf.rotate;
	net->trust_ad = conf.trust_ad;
	net->use_vc = conf.use_vc;
	net->try_max_ms = conf.timeout_s * 1000;
	net->tries_max = conf.attempts * (unsigned)conf.n;
	if (conf.skipped > 0) {
		out->note = conf.note;
		(void)diag_prefix(&out->note, ERR_CONFIG, "%s", path);
	}
	return ERR_OK;
}

static enum err open_net(const struct resolve_config *config, struct resolve *out, struct diag *diag)
{
	struct resolve_net_config net = { .env = config->env,
					  .loop = config->loop,
					  .timeout_ms = config->timeout_ms,
					  .in_flight = config->in_flight,
					  .qps = config->qps };
	enum err err = config->servers_n > 0 ? take_servers(config, &net, diag) : read_conf(config, &net, out, diag);
	if (err == ERR_OK)
		err = resolve_net_open(&net, &out->net, diag);
	if (err != ERR_OK)
		return err;
	memcpy(out->servers, net.servers, sizeof out->servers);
	out->servers_n = net.n;
	out->dns = out->net;
	return ERR_OK;
}

static enum err open_zones(const struct resolve_config *config, struct resolve *out, struct diag *diag)
{
	enum err err = ERR_OK;
	out->zone = resolve_zone_new(out->net);
	out->dns = resolve_zone_resolver(out->zone);
	for (size_t i = 0; i < config->zones_n && err == ERR_OK; i++) {
		err = resolve_zone_load(out->zone, config->zones[i], diag);
		if (err == ERR_SYNTAX && config->zones_broken_too)
			err = ERR_OK;
	}
	return err;
}

enum err resolve_open(const struct resolve_config *config, struct resolve *out, struct diag *diag)
{
	*out = (struct resolve){ .hosts = config->hosts == NULL ? "/etc/hosts" : config->hosts };
	enum err err = ERR_OK;
	if (config->zones_n == 0 || config->servers_n > 0)
		err = open_net(config, out, diag);
	if (err == ERR_OK && config->zones_n > 0)
		err = open_zones(config, out, diag);
	if (err != ERR_OK)
		resolve_close(out);
	return err;
}

enum err resolve_servers(struct resolve *resolve, struct dns_resolver **out, struct diag *diag)
{
	if (resolve->named == NULL) {
		enum err err = resolve_hosts_open(resolve->hosts, resolve->dns, &resolve->named, diag);
		if (err != ERR_OK)
			return err;
	}
	*out = resolve->named;
	return ERR_OK;
}

void resolve_close(struct resolve *resolve)
{
	dns_close(&resolve->named);
	resolve_zone_close(&resolve->zone);
	dns_close(&resolve->net);
	resolve->dns = NULL;
}
