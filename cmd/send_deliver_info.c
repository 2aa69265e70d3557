/* --server-info: what a server says of itself, its certificates, and how one may log in. Sends no mail. */
#include <stdio.h>

#include "base_num.h"
#include "base_show.h"
#include "base_time.h"
#include "send_deliver_priv.h"

struct info {
	struct send_server *server;
	struct net_tls_info tls;
	bool has_tls;
};

static void take_tls(void *ctx, const struct net_tls_session *tls)
{
	struct info *info = ctx;
	net_tls_info(tls, info->server->run->cmd->arena, &info->tls);
	info->has_tls = true;
}

static const struct {
	enum smtp_extension extension;
	const char *name;
} extensions[] = {
	{ SMTP_EXT_PIPELINING, "PIPELINING" },
	{ SMTP_EXT_8BITMIME, "8BITMIME" },
	{ SMTP_EXT_SIZE, "SIZE" },
	{ SMTP_EXT_CHUNKING, "CHUNKING" },
	{ SMTP_EXT_SMTPUTF8, "SMTPUTF8" },
	{ SMTP_EXT_DSN, "DSN" },
	{ SMTP_EXT_STARTTLS, "STARTTLS" },
	{ SMTP_EXT_AUTH, "AUTH" },
	{ SMTP_EXT_LIMITS, "LIMITS" },
	{ SMTP_EXT_REQUIRETLS, "REQUIRETLS" },
	{ SMTP_EXT_ENHANCEDSTATUSCODES, "ENHANCEDSTATUSCODES" },
	{ SMTP_EXT_XCLIENT, "XCLIENT" },
};

static void put_hex(const unsigned char *bytes, struct buf *out)
{
	buf_reset(out);
	num_write_hex(view_of(bytes, NET_TLS_PIN_OCTETS), out);
}

static void json_cert(struct json *json, const struct net_tls_cert *cert)
{
	BUF_AUTO struct buf hex;
	buf_init(&hex, 200);
	json_object(json);
	json_key_view(json, "subject", cert->subject);
	json_key_view(json, "issuer", cert->issuer);
	json_key_array(json, "names");
	for (size_t i = 0; i < cert->name_count; i++)
		json_view(json, cert->names[i]);
	json_end(json);
	json_key_time(json, "not_before", cert->not_before);
	json_key_time(json, "not_after", cert->not_after);
	json_key_str(json, "key_type", cert->key_type);
	json_key_uint(json, "key_bits", cert->key_bits);
	json_key_str(json, "signature", cert->signature);
	put_hex(cert->sha256, &hex);
	json_key_view(json, "sha256", buf_view(&hex));
	put_hex(cert->spki_sha256, &hex);
	json_key_view(json, "spki_sha256", buf_view(&hex));
	json_end(json);
}

static void json_tls(struct json *json, const struct info *info)
{
	if (!info->has_tls) {
		json_key_null(json, "tls");
		return;
	}
	json_key_object(json, "tls");
	json_key_str(json, "protocol", info->tls.protocol);
	json_key_str(json, "cipher", info->tls.cipher);
	json_key_bool(json, "verified", info->tls.verified);
	if (!info->tls.verified)
		json_key_str(json, "verify_error", info->tls.verify_text);
	json_key_array(json, "chain");
	for (size_t i = 0; i < info->tls.chain_count; i++)
		json_cert(json, &info->tls.chain[i]);
	json_end(json);
	json_end(json);
}

static void show_json(struct cmd *cmd, const struct info *info, const struct smtp_client *client)
{
	const struct smtp_session *session = &client->session;
	struct json *json = cmd_json_begin(cmd);
	json_key_str(json, "type", "server");
	json_key_str(json, "server", info->server->target.shown);
	json_key_view(json, "greeting", session->greeting);
	json_key_view(json, "ehlo", session->ehlo.greeting);
	json_key_array(json, "extensions");
	for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
		if (smtp_ehlo_has(&session->ehlo, extensions[i].extension))
			json_str(json, extensions[i].name);
	json_end(json);
	json_key_uint(json, "size", session->ehlo.size_max);
	json_key_array(json, "auth");
	for (struct view rest = session->ehlo.auth; rest.p != NULL && rest.n > 0;) {
		struct view word = view_trim(view_cut(&rest, ' '));
		if (word.n > 0)
			json_view(json, word);
	}
	json_end(json);
	json_key_bool(json, "authenticated", session->authenticated);
	json_tls(json, info);
	cmd_json_end(cmd);
}

static void show_cert(struct cmd *cmd, size_t i, const struct net_tls_cert *cert)
{
	char from[BASE_TIME_MAX], until[BASE_TIME_MAX];
	BUF_AUTO struct buf hex;
	buf_init(&hex, 200);
	base_time_rfc3339(cert->not_before, from);
	base_time_rfc3339(cert->not_after, until);
	int64_t days = (cert->not_after - env_wall_s(cmd->env)) / 86400;
	cmd_out_printf(cmd, "  %zu subject      ", i);
	cmd_out_shown(cmd, cert->subject);
	cmd_out_str(cmd, "\n    issuer       ");
	cmd_out_shown(cmd, cert->issuer);
	cmd_out_printf(cmd, "\n    valid        %s to %s (%lld days left)\n", from, until, (long long)days);
	cmd_out_printf(cmd, "    key          %s %u, signed %s\n", cert->key_type, cert->key_bits, cert->signature);
	if (cert->name_count > 0)
		cmd_out_str(cmd, "    names       ");
	for (size_t n = 0; n < cert->name_count; n++) {
		cmd_out_str(cmd, " ");
		cmd_out_shown(cmd, cert->names[n]);
	}
	put_hex(cert->sha256, &hex);
	cmd_out_printf(cmd, "%s    fingerprint  %.*s\n", cert->name_count > 0 ? "\n" : "", VIEW_ARG(buf_view(&hex)));
	put_hex(cert->spki_sha256, &hex);
	cmd_out_printf(cmd, "    TLSA 3 1 1   %.*s\n", VIEW_ARG(buf_view(&hex)));
}

static void show_text(struct cmd *cmd, const struct info *info, const struct smtp_client *client)
{
	const struct smtp_session *session = &client->session;
	cmd_out_printf(cmd, "server       %s\ngreeting     ", info->server->target.shown);
	cmd_out_shown(cmd, session->greeting);
	cmd_out_str(cmd, "\noffers      ");
	for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
		if (smtp_ehlo_has(&session->ehlo, extensions[i].extension))
			cmd_out_printf(cmd, " %s", extensions[i].name);
	if (session->ehlo.size_max != 0)
		cmd_out_printf(cmd, "\nlargest      %llu octets", (unsigned long long)session->ehlo.size_max);
	cmd_out_str(cmd, "\nlogin        ");
	cmd_out_shown(cmd, session->ehlo.auth.n > 0 ? session->ehlo.auth : VIEW("not offered"));
	if (session->authenticated)
		cmd_out_printf(cmd, "\nlogged in    with %s", smtp_sasl_mech_name(session->mech));
	if (!info->has_tls) {
		cmd_out_str(cmd, "\nTLS          none\n");
		return;
	}
	cmd_out_printf(
		cmd, "\nTLS          %s, %s, certificate %s%s\n", info->tls.protocol, info->tls.cipher,
		info->tls.verified ? "verified" : "not verified: ", info->tls.verified ? "" : info->tls.verify_text);
	for (size_t i = 0; i < info->tls.chain_count; i++)
		show_cert(cmd, i, &info->tls.chain[i]);
}

static enum err ask(struct info *info, struct diag *diag)
{
	struct send_server *server = info->server;
	struct smtp_client client;
	enum err err = send_session_open(server, &client, diag);
	if (err != ERR_OK)
		return err;
	smtp_session_finish(&client.session);
	err = smtp_client_wait(&client, diag);
	/* What was learned is shown, however it ended. */
	if (client.session.greeting.n > 0 && server->run->cmd->common->json)
		show_json(server->run->cmd, info, &client);
	else if (client.session.greeting.n > 0)
		show_text(server->run->cmd, info, &client);
	if (err == ERR_OK && !client.session.stopped)
		err = diag_set(diag, client.session.fate.err == ERR_OK ? ERR_TEMP : client.session.fate.err, "%s: %s",
			       server->target.shown, SHOW(client.session.fate.reply));
	smtp_client_close(&client);
	return err;
}

enum err send_server_info(struct send_run *run, struct diag *diag)
{
	struct send_server server;
	struct info info = { .server = &server };
	enum err err = run->account != NULL
			       ? ERR_OK
			       : config_account(run->config, run->opts->account, view_none(), &run->account, diag);
	if (err != ERR_OK)
		return err;
	err = send_server_open(run, &server, diag);
	server.secured = take_tls;
	server.secured_ctx = &info;
	if (err == ERR_OK)
		err = send_find_addresses(&server, diag);
	if (err == ERR_OK) {
		send_settle_tls(&server);
		/* Whom it cannot verify it reports on, unless verification was asked for or a secret would be told. */
		bool may_report = server.target.tls == SEND_TLS_AUTO && !server.login.wanted;
		if (server.peer.verify == NET_TLS_UNVERIFIED || may_report)
			server.peer.verify = server.target.pinned ? NET_TLS_PIN : NET_TLS_REPORT;
		if (server.target.tls == SEND_TLS_AUTO && !server.login.wanted)
			server.target.used = SEND_TLS_MAY;
		err = ask(&info, diag);
	}
	send_server_close(&server);
	return err;
}
