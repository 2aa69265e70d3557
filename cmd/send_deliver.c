/* One message to a server: connections until each recipient has an answer, or there is nothing left to try. */
#include <stdlib.h>

#include "base_show.h"
#include "send_deliver_priv.h"

/* The message on its way, and what is left of it after each connection. */
struct delivery {
	struct send_server *server;
	struct send_message *message;
	struct send_results *results;
	struct smtp_txn txn;
	size_t *index; /* of the results: where each of the transaction's recipients stands */
	int64_t began_ms;
	unsigned attempt;
};

static enum err open_tls(void *ctx, struct net_tls **out, struct diag *diag)
{
	struct send_server *server = ctx;
	const struct send_target *target = &server->target;
	struct net_tls_opts opts = {
		.ca_file = target->tls_ca,
		.cert_file = target->tls_cert,
		.key_file = target->tls_key,
	};
	enum err err = server->tls != NULL ? ERR_OK : net_tls_open(&opts, &server->tls, diag);
	*out = server->tls;
	return err;
}

/* CLI.md 2: auto verifies, but takes what it gets where nobody listens in between and no secret is told. */
void send_settle_tls(struct send_server *server)
{
	struct send_target *target = &server->target;
	bool relaxed = target->local && !server->login.wanted && target->tls_ca == NULL && !target->require_tls;
	target->used = target->tls != SEND_TLS_AUTO ? target->tls : relaxed ? SEND_TLS_MAY : SEND_TLS_VERIFY;
	if (target->pinned)
		target->used = SEND_TLS_VERIFY;
	const char *name = target->tls_sni != NULL ? target->tls_sni
			   : target->host != NULL  ? target->host
						   : "localhost";
	server->peer = (struct net_tls_peer){
		.verify = target->used != SEND_TLS_VERIFY ? NET_TLS_UNVERIFIED
			  : target->pinned                ? NET_TLS_PIN
							  : NET_TLS_PKIX,
		.name = view_str(name),
		.pins = (const unsigned char(*)[NET_TLS_PIN_OCTETS])target->pin,
		.pin_count = target->pinned ? 1 : 0,
	};
}

static void secured(void *ctx, const struct net_tls_session *tls)
{
	struct send_server *server = ctx;
	if (server->secured != NULL)
		server->secured(server->secured_ctx, tls);
}

static enum smtp_tls session_tls(const struct send_server *server)
{
	const struct send_target *target = &server->target;
	if (target->implicit_tls)
		return SMTP_TLS_BEFORE;
	if (target->used == SEND_TLS_NONE || server->tls_gave_up)
		return SMTP_TLS_NONE;
	return target->used == SEND_TLS_MAY ? SMTP_TLS_MAY : SMTP_TLS_REQUIRE;
}

static enum smtp_stop session_stop(const struct send_opts *opts)
{
	if (opts->server_info || opts->dry_run == SEND_DRY_CONNECT)
		return SMTP_STOP_AUTH;
	return (enum smtp_stop)opts->quit_after;
}

enum err send_server_open(struct send_run *run, struct send_server *server, struct diag *diag)
{
	*server = (struct send_server){ .run = run, .trace.fd = -1 };
	enum err err = send_target_make(run, &server->target, diag);
	if (err == ERR_OK)
		err = send_login_make(run, &server->target, &server->login, diag);
	if (err == ERR_OK)
		err = send_trace_open(run, &server->trace, diag);
	if (err == ERR_OK)
		err = net_loop_open(run->cmd->env, &server->loop, diag);
	return err;
}

void send_server_close(struct send_server *server)
{
	if (server->resolving)
		resolve_close(&server->resolve);
	net_tls_close(server->tls);
	net_loop_close(server->loop);
	send_trace_close(&server->trace);
	send_login_done(&server->login);
}

/* A connection and a session on it, ready to turn. */
enum err send_session_open(struct send_server *server, struct smtp_client *client, struct diag *diag)
{
	const struct send_target *target = &server->target;
	struct net_stream *stream;
	enum err err = send_connect(server, &stream, diag);
	if (err != ERR_OK)
		return err;
	server->client_opts = (struct smtp_client_opts){
		.session = {
			.protocol = target->lmtp ? SMTP_PROTOCOL_LMTP : SMTP_PROTOCOL_SMTP,
			.try_lmtp = target->addr.kind == NET_ADDR_UNIX && !target->lmtp,
			.ehlo = send_ehlo_name(server, stream),
			.tls = session_tls(server),
			.auth = server->login.wanted ? &server->login.sasl : NULL,
			.auth_in_clear = target->local || target->insecure_auth,
			.xclient = view_str(server->run->opts->xclient),
			.stop = session_stop(server->run->opts),
			.timeout_ms = target->timeout_ms,
			.trace_ctx = &server->trace,
			.trace = server->trace.fd >= 0 ? send_trace_put : NULL,
		},
		.peer = &server->peer,
		.tls = open_tls,
		.tls_timeout_ms = target->timeout_ms,
		.secured = secured,
		.ctx = server,
	};
	return smtp_client_open(client, server->loop, stream, &server->client_opts, diag);
}

static enum err open_body(struct smtp_txn *txn, const struct smtp_ehlo *ehlo, struct smtp_body *body, struct diag *diag)
{
	struct delivery *delivery = txn->ctx;
	struct send_message *message = delivery->message;
	bool as_is = !message->eight_bit || smtp_ehlo_has(ehlo, SMTP_EXT_8BITMIME);
	*body = (struct smtp_body){ .eight_bit = message->eight_bit && as_is };
	delivery->began_ms = env_mono_ms(delivery->server->run->cmd->env);
	return send_message_open(message, as_is ? SEND_AS_IS : SEND_7BIT, &body->source, &body->octets, diag);
}

static enum err notify_of(const char *words, unsigned *out, struct diag *diag)
{
	static const char *const names[] = { "never", "success", "failure", "delay" };
	for (struct view rest = view_str(words); rest.p != NULL;) {
		struct view word = view_trim(view_cut(&rest, ','));
		unsigned i = 0;
		while (i < ARRAY_LEN(names) && !view_is_case(word, names[i]))
			i++;
		if (i == ARRAY_LEN(names))
			return diag_set(diag, ERR_USAGE, "--dsn \"%s\": write never, or some of success,failure,delay",
					SHOW(view_str(words)));
		*out |= 1U << i;
	}
	if ((*out & SMTP_NOTIFY_NEVER) != 0 && *out != SMTP_NOTIFY_NEVER)
		return diag_set(diag, ERR_USAGE, "--dsn: never stands alone");
	return ERR_OK;
}

static enum err make_txn(struct delivery *delivery, struct diag *diag)
{
	const struct send_opts *opts = delivery->server->run->opts;
	struct arena *arena = delivery->server->run->cmd->arena;
	struct send_rcpts *to = &delivery->message->recipients;
	unsigned notify = 0;
	enum err err = opts->dsn_notify == NULL ? ERR_OK : notify_of(opts->dsn_notify, &notify, diag);
	if (err != ERR_OK)
		return err;
	delivery->txn = (struct smtp_txn){
		.sender = &delivery->message->sender,
		.rcpts = arena_array(arena, to->n, sizeof(struct smtp_rcpt)),
		.n = to->n,
		.utf8_head = delivery->message->utf8_head,
		.requiretls = delivery->server->target.require_tls,
		.ret = opts->dsn_ret == SEND_RET_FULL   ? SMTP_RET_FULL
		       : opts->dsn_ret == SEND_RET_HDRS ? SMTP_RET_HDRS
							: SMTP_RET_NONE,
		.envid = view_str(opts->dsn_envid),
		.arena = arena,
		.ctx = delivery,
		.open = open_body,
	};
	delivery->index = arena_array(arena, to->n, sizeof *delivery->index);
	for (size_t i = 0; i < to->n; i++) {
		delivery->txn.rcpts[i] = (struct smtp_rcpt){
			.to = &to->at[i],
			.orcpt = notify != 0 ? &to->at[i] : NULL,
			.notify = notify,
		};
		delivery->index[i] = i;
	}
	return ERR_OK;
}

static enum send_status status_of(const struct smtp_result *result)
{
	switch (result->status) {
	case SMTP_DELIVERED:
		return SEND_DELIVERED;
	case SMTP_FAILED:
		return SEND_FAILED;
	case SMTP_IN_DOUBT:
		return SEND_IN_DOUBT;
	case SMTP_NOT_ATTEMPTED:
	case SMTP_DEFERRED:
	default:
		return SEND_DEFERRED;
	}
}

static void report_one(struct delivery *delivery, const struct smtp_result *from, struct send_result *to)
{
	struct arena *arena = delivery->server->run->cmd->arena;
	struct buf enhanced;
	buf_init(&enhanced, 32);
	smtp_enhanced_write(&from->enhanced, &enhanced);
	to->status = status_of(from);
	to->err = from->err;
	to->code = from->code;
	to->enhanced = arena_view(arena, buf_view(&enhanced));
	to->reply = arena_view(arena, from->reply);
	to->mx = delivery->server->target.shown;
	to->attempt = delivery->attempt;
	to->octets = delivery->txn.octets != 0 ? delivery->txn.octets : delivery->txn.body.octets;
	to->t_dns_ms = delivery->server->dns_ms;
	to->t_connect_ms = delivery->server->connect_ms;
	buf_done(&enhanced);
}

static void report_tls(const struct send_server *server, const struct smtp_client *client, struct send_result *to)
{
	static const char *const policies[] = { "auto", "none", "may", "encrypt", "verify" };
	if (client->tls_protocol == NULL)
		return;
	to->tls_policy = policies[server->target.used];
	to->tls_protocol = client->tls_protocol;
	to->tls_verified = client->tls_verified;
	to->t_tls_ms = client->tls_ms;
}

/* Everybody whom no server has judged yet has this result. */
static void report_all(struct delivery *delivery, const struct smtp_result *result)
{
	for (size_t i = 0; i < delivery->txn.n; i++)
		report_one(delivery, result, &delivery->results->at[delivery->index[i]]);
}

static void report(struct delivery *delivery, const struct smtp_client *client, const struct net_addr *peer)
{
	int64_t now = env_mono_ms(delivery->server->run->cmd->env);
	for (size_t i = 0; i < delivery->txn.n; i++) {
		struct send_result *to = &delivery->results->at[delivery->index[i]];
		report_one(delivery, &delivery->txn.rcpts[i].result, to);
		report_tls(delivery->server, client, to);
		if (peer->kind == NET_ADDR_IP && delivery->server->target.socks.host == NULL)
			to->ip = peer->ip;
		if (delivery->began_ms != 0)
			to->t_data_ms = now - delivery->began_ms;
	}
	if (delivery->txn.dsn_dropped)
		cmd_info(delivery->server->run->cmd, "%s offers no DSN; the message went without",
			 SHOW(view_str(delivery->server->target.shown)));
}

/* Recipients that got no answer stay in the transaction. True: there are some, and others did get one. */
static bool keep_open(struct delivery *delivery)
{
	struct smtp_txn *txn = &delivery->txn;
	size_t left = 0;
	for (size_t i = 0; i < txn->n; i++) {
		if (txn->rcpts[i].result.status != SMTP_NOT_ATTEMPTED)
			continue;
		txn->rcpts[left] = txn->rcpts[i];
		delivery->index[left++] = delivery->index[i];
	}
	bool some = left < txn->n && left > 0;
	txn->n = left;
	return some;
}

static bool plain_text_may_help(const struct send_server *server, const struct smtp_session *session)
{
	const struct send_target *target = &server->target;
	return session->fate.stage == SMTP_STAGE_TLS && target->used == SEND_TLS_MAY && !target->implicit_tls &&
	       !server->login.wanted && !target->require_tls && !server->tls_gave_up;
}

/* A token may be refused before its time; another one is asked for, once. */
static bool another_token_may_help(struct send_server *server, const struct smtp_session *session)
{
	struct diag diag;
	bool renewed = false;
	if (session->fate.stage != SMTP_STAGE_AUTH || session->fate.err != ERR_DENIED)
		return false;
	if (send_login_renew(server->run, &server->login, &renewed, &diag) != ERR_OK)
		cmd_error(server->run->cmd, "%s", diag.text);
	return renewed;
}

/* Another connection, after this one: in the clear, to another address, or for those it had no room for? */
static bool again(struct delivery *delivery, const struct smtp_session *session, const struct net_addr *peer)
{
	struct send_server *server = delivery->server;
	if (plain_text_may_help(server, session)) {
		server->tls_gave_up = true;
		return true;
	}
	if (another_token_may_help(server, session))
		return true;
	bool greeting = session->fate.status == SMTP_NOT_ATTEMPTED && session->fate.err == ERR_TEMP &&
			session->fate.stage <= SMTP_STAGE_EHLO && session->transactions == 0;
	if (greeting && delivery->attempt < SEND_GREETINGS_MAX) {
		send_forget_address(server, peer);
		return server->addrs_n > 0;
	}
	return session->exhausted && keep_open(delivery) && delivery->attempt < SEND_CONNECTIONS_MAX;
}

static enum err one_connection(struct delivery *delivery, bool *more, struct diag *diag)
{
	struct send_server *server = delivery->server;
	struct smtp_client client;
	*more = false;
	delivery->attempt++;
	enum err err = send_session_open(server, &client, diag);
	if (err != ERR_OK) {
		struct smtp_result result = {
			.status = err == ERR_TEMP ? SMTP_NOT_ATTEMPTED : SMTP_FAILED,
			.stage = SMTP_STAGE_CONNECT,
			.err = err,
			.reply = view_str(diag->text),
		};
		/* What a server said before tells more than that the next address does not answer. */
		if (delivery->attempt == 1 || delivery->results->at[delivery->index[0]].reply.n == 0)
			report_all(delivery, &result);
		return ERR_OK;
	}
	struct net_addr peer = *net_stream_peer(client.stream);
	smtp_session_send(&client.session, &delivery->txn);
	smtp_session_finish(&client.session);
	err = smtp_client_wait(&client, diag);
	if (err != ERR_OK)
		smtp_session_lost(&client.session, SMTP_STAGE_DATA, err, "%s", diag->text);
	report(delivery, &client, &peer);
	*more = again(delivery, &client.session, &peer);
	smtp_client_close(&client);
	return ERR_OK;
}

static enum err deliver(struct delivery *delivery, struct diag *diag)
{
	struct send_server *server = delivery->server;
	enum err err = make_txn(delivery, diag);
	if (err != ERR_OK)
		return err;
	err = send_find_addresses(server, diag);
	if (err != ERR_OK) {
		struct smtp_result result = {
			.status = err == ERR_TEMP ? SMTP_NOT_ATTEMPTED : SMTP_FAILED,
			.err = err,
			.reply = view_str(diag->text),
		};
		report_all(delivery, &result);
		return ERR_OK;
	}
	send_settle_tls(server);
	bool more = true;
	while (more && err == ERR_OK)
		err = one_connection(delivery, &more, diag);
	return err;
}

enum err send_deliver(struct send_run *run, struct send_message *message, struct send_results *results,
		      struct diag *diag)
{
	struct send_server server;
	struct delivery delivery = { .server = &server, .message = message, .results = results };
	enum err err = send_server_open(run, &server, diag);
	if (err == ERR_OK)
		err = deliver(&delivery, diag);
	send_server_close(&server);
	if (err == ERR_OK)
		send_log(run, message, results);
	return err;
}
