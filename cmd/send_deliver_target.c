/* Which server, and how it is to be spoken to: command line, account, preset, in this order. */
#include "base_num.h"
#include "base_show.h"
#include "dns_name.h"
#include "send_deliver_priv.h"

enum { PORT_SUBMISSION = 587, PORT_SMTPS = 465, PORT_LMTP = 24 };

const char *send_setting(const struct send_run *run, const char *option, const char *key)
{
	return option != NULL ? option : config_account_text(run->config, run->account, key);
}

static bool take_scheme(struct view *text, struct send_target *target)
{
	static const struct {
		const char *scheme;
		bool lmtp, tls;
	} schemes[] = {
		{ "smtp://", false, false },
		{ "smtps://", false, true },
		{ "lmtp://", true, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		struct view scheme = view_str(schemes[i].scheme);
		if (!view_starts_case(*text, scheme))
			continue;
		*text = view_from(*text, scheme.n);
		if (view_last(*text) == '/' && text->n > 1)
			text->n--;
		target->lmtp = schemes[i].lmtp;
		target->implicit_tls = schemes[i].tls;
		return true;
	}
	return false;
}

/* unix:PATH, a bare /PATH, lmtp:///PATH, lmtp://unix:PATH */
static bool is_path(struct view text) { return view_at(text, 0) == '/' || view_starts_case(text, VIEW("unix:")); }

static enum err take_path(struct send_run *run, struct view text, struct send_target *target, struct diag *diag)
{
	if (view_starts_case(text, VIEW("unix:")))
		text = view_from(text, 5);
	if (view_starts(text, VIEW("//")))
		text = view_from(text, 2);
	enum err err = net_addr_parse(text, 0, &target->addr, diag);
	if (err == ERR_OK && target->addr.kind != NET_ADDR_UNIX)
		err = diag_set(diag, ERR_USAGE,
			       "--server: the path of a unix socket begins with '/', like unix:/run/lmtp: \"%s\"",
			       SHOW(text));
	target->shown = arena_cstr(run->cmd->arena, text);
	target->local = true;
	return err;
}

static enum err bad_server(struct view text, struct diag *diag)
{
	return diag_set(diag, ERR_USAGE,
			"--server \"%s\": not a server; write for example mail.example.net, "
			"mail.example.net:587, smtps://mail.example.net, [2001:db8::1]:25 or unix:/run/lmtp",
			SHOW(text));
}

static enum err take_host(struct send_run *run, struct view text, struct send_target *target, struct diag *diag)
{
	struct opt_endpoint end = { 0 };
	struct arena *arena = run->cmd->arena;
	const char *value;
	if (view_cstr(arena, text, &value, diag) != ERR_OK || view_has_byte(text, '@') || view_has_byte(text, '/') ||
	    !opt_parse_endpoint(value, &end, arena))
		return bad_server(text, diag);
	target->port = end.port;
	target->is_ip = end.ip.family != IP_NONE;
	target->host = end.host;
	if (target->is_ip) {
		target->addr = net_addr_of(&end.ip, 0);
		target->host = arena_cstr(arena, view_str(IP_SHOW(&end.ip)));
	} else {
		struct dname name;
		if (dname_parse(arena, view_str(end.host), &name, diag) != ERR_OK)
			return bad_server(text, diag);
		target->host = arena_cstr(arena, dname_text(arena, name));
	}
	target->shown = target->host;
	return ERR_OK;
}

static enum err take_port(struct send_run *run, struct send_target *target, bool scheme, struct diag *diag)
{
	uint64_t port = run->opts->port;
	if (port == 0 && target->port == 0) {
		enum err err = config_uint(run->account, "port", 1, 65535, &port, diag);
		if (err == ERR_OK && port == 0)
			err = config_uint(config_global(run->config), "port", 1, 65535, &port, diag);
		if (err != ERR_OK)
			return err;
	}
	if (port != 0 && target->port != 0 && port != target->port)
		return diag_set(diag, ERR_USAGE, "--server names port %u and --port %llu", target->port,
				(unsigned long long)port);
	if (port != 0)
		target->port = (uint16_t)port;
	if (target->port == 0)
		target->port = target->implicit_tls ? PORT_SMTPS : target->lmtp ? PORT_LMTP : PORT_SUBMISSION;
	/* RFC 8314 7.3: 465 is TLS from the first octet, whether the scheme says so or not. */
	if (!scheme && target->port == PORT_SMTPS)
		target->implicit_tls = true;
	target->addr.port = target->port;
	return ERR_OK;
}

static enum err take_server(struct send_run *run, struct send_target *target, struct diag *diag)
{
	const char *server = send_setting(run, run->opts->server, "server");
	if (server == NULL || *server == '\0')
		return diag_set(diag, ERR_CONFIG,
				"no server to send to: name one with --server HOST[:PORT] or `server = \"...\"` in the "
				"configuration, "
				"or keep the message with --dump, --maildir or --mbox");
	struct view text = view_trim(view_str(server));
	bool scheme = take_scheme(&text, target);
	if (is_path(text))
		return take_path(run, text, target, diag);
	enum err err = take_host(run, text, target, diag);
	return err == ERR_OK ? take_port(run, target, scheme, diag) : err;
}

static enum err take_tls(struct send_run *run, struct send_target *target, struct diag *diag)
{
	static const char *const names[] = { "auto", "none", "may", "encrypt", "verify" };
	const struct send_opts *opts = run->opts;
	const char *word = opts->tls == SEND_TLS_AUTO ? config_account_text(run->config, run->account, "tls") : NULL;
	target->tls = opts->tls;
	for (unsigned i = 0; word != NULL && i < ARRAY_LEN(names); i++)
		if (strcmp(word, names[i]) == 0) {
			target->tls = (enum send_tls)i;
			word = NULL;
		}
	if (word != NULL)
		return diag_set(diag, ERR_CONFIG, "tls = \"%s\": not one of auto, none, may, encrypt, verify",
				SHOW(view_str(word)));
	target->tls_ca = send_setting(run, opts->tls_ca, "tls-ca");
	target->tls_cert = send_setting(run, opts->tls_cert, "tls-cert");
	target->tls_key = send_setting(run, opts->tls_key, "tls-key");
	target->tls_sni = send_setting(run, opts->tls_sni, "tls-sni");
	const char *pin = send_setting(run, opts->tls_fingerprint, "tls-fingerprint");
	target->pinned = pin != NULL;
	if (pin != NULL && net_tls_parse_pin(view_str(pin), target->pin[0], diag) != ERR_OK)
		return diag_prefix(diag, ERR_USAGE, "--tls-fingerprint");
	if (target->tls == SEND_TLS_NONE && (target->implicit_tls || target->pinned))
		return diag_set(
			diag, ERR_USAGE,
			target->pinned
				? "--tls-fingerprint makes no sense with --tls=none"
				: "smtps:// (port 465) is TLS from the first octet; --tls=none makes no sense with it");
	return ERR_OK;
}

static enum err take_flag(struct send_run *run, bool given, const char *key, bool *out, struct diag *diag)
{
	*out = given;
	if (given)
		return ERR_OK;
	enum err err = config_bool(config_global(run->config), key, out, diag);
	return err == ERR_OK ? config_bool(run->account, key, out, diag) : err;
}

static enum err take_rest(struct send_run *run, struct send_target *target, struct diag *diag)
{
	const struct send_opts *opts = run->opts;
	const char *ehlo = send_setting(run, opts->ehlo, "ehlo");
	target->ehlo = ehlo == NULL ? view_none() : view_str(ehlo);
	target->timeout_ms = opts->timeout_ms;
	enum err err = ERR_OK;
	if (opts->timeout_ms == 0)
		err = config_duration_ms(config_global(run->config), "timeout", &target->timeout_ms, diag);
	if (err == ERR_OK && opts->timeout_ms == 0)
		err = config_duration_ms(run->account, "timeout", &target->timeout_ms, diag);
	if (err == ERR_OK)
		err = take_flag(run, opts->insecure_auth, "insecure-auth", &target->insecure_auth, diag);
	if (err == ERR_OK)
		err = take_flag(run, opts->require_tls, "require-tls", &target->require_tls, diag);
	if (err != ERR_OK)
		return err;
	target->source = opts->source_ip;
	const char *source = config_account_text(run->config, run->account, "source-ip");
	if (target->source.family == IP_NONE && source != NULL && !ip_parse(view_str(source), &target->source))
		return diag_set(diag, ERR_CONFIG, "source-ip = \"%s\": not an IP address", SHOW(view_str(source)));
	target->socks = opts->socks5;
	const char *socks = config_account_text(run->config, run->account, "socks5");
	if (target->socks.host == NULL && socks != NULL && !opt_parse_endpoint(socks, &target->socks, run->cmd->arena))
		return diag_set(diag, ERR_CONFIG, "socks5 = \"%s\": not HOST:PORT", SHOW(view_str(socks)));
	if (target->socks.host != NULL && target->addr.kind == NET_ADDR_UNIX)
		return diag_set(diag, ERR_USAGE, "--socks5 cannot lead to a unix socket");
	return ERR_OK;
}

enum err send_target_make(struct send_run *run, struct send_target *out, struct diag *diag)
{
	*out = (struct send_target){ 0 };
	enum err err = take_server(run, out, diag);
	if (err == ERR_OK)
		err = take_tls(run, out, diag);
	return err == ERR_OK ? take_rest(run, out, diag) : err;
}
