/* From the greeting to readiness: EHLO, STARTTLS, XCLIENT; then AUTH (smtp_auth.c). */
#include "smtp_session_priv.h"

static bool is_lmtp(const struct smtp_session *session) { return session->protocol == SMTP_PROTOCOL_LMTP; }

void smtp_hello(struct smtp_session *session, enum smtp_hello hello)
{
	struct smtp_session_state *state = session->state;
	size_t from = state->out.n;
	if (smtp_cmd_hello(hello, session->opts->ehlo, &state->out, &state->diag) != ERR_OK) {
		smtp_session_fail(session, SMTP_STAGE_EHLO, ERR_DATA, "%s", state->diag.text);
		return;
	}
	smtp_session_trace_sent(session, from);
	smtp_session_expect(session, hello == SMTP_HELLO_HELO ? SMTP_ST_HELO : SMTP_ST_EHLO, NULL, 0);
}

static void stop(struct smtp_session *session)
{
	session->stopped = true;
	smtp_session_quit(session);
}

void smtp_on_greeting(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	(void)expect;
	struct view rest = reply->raw, text;
	if (smtp_reply_next_line(&rest, &text))
		session->greeting = arena_view(&session->state->arena, view_trim(text));
	if (session->opts->stop == SMTP_STOP_CONNECT)
		stop(session);
	else
		smtp_hello(session, is_lmtp(session) ? SMTP_HELLO_LHLO : SMTP_HELLO_EHLO);
}

/* Before anything was said about a recipient every refusal is temporary: another host or hour may do better. */
void smtp_on_setup_refused(struct smtp_session *session, const struct smtp_expect *expect,
			   const struct smtp_reply *reply)
{
	smtp_session_refuse(session, smtp_states[expect->state].stage, reply, ERR_TEMP);
}

/* RFC 5321 3.2: HELO where EHLO is not known; not where it would lose TLS, AUTH or LMTP. */
void smtp_on_ehlo_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply)
{
	bool unknown = reply->code == 500 || reply->code == 501 || reply->code == 502 || reply->code == 504;
	bool needed = is_lmtp(session) || session->opts->tls == SMTP_TLS_REQUIRE || session->opts->auth != NULL ||
		      session->opts->xclient.n > 0 || session->tls;
	if (unknown && session->opts->try_lmtp && !is_lmtp(session)) {
		session->protocol = SMTP_PROTOCOL_LMTP;
		smtp_hello(session, SMTP_HELLO_LHLO);
	} else if (unknown && !needed)
		smtp_hello(session, SMTP_HELLO_HELO);
	else
		smtp_on_setup_refused(session, expect, reply);
}

static void start_tls(struct smtp_session *session)
{
	struct smtp_session_state *state = session->state;
	size_t from = state->out.n;
	if (smtp_cmd_verb(SMTP_VERB_STARTTLS, &state->out, &state->diag) != ERR_OK)
		return;
	smtp_session_trace_sent(session, from);
	smtp_session_expect(session, SMTP_ST_STARTTLS, NULL, 0);
}

static void send_xclient(struct smtp_session *session)
{
	struct smtp_session_state *state = session->state;
	if (!smtp_ehlo_has(&session->ehlo, SMTP_EXT_XCLIENT)) {
		smtp_session_fail(session, SMTP_STAGE_EHLO, ERR_DENIED,
				  "the server does not offer XCLIENT to this host; nothing was sent");
		return;
	}
	size_t from = state->out.n;
	if (smtp_cmd_xclient(session->opts->xclient, &state->out, &state->diag) != ERR_OK) {
		smtp_session_fail(session, SMTP_STAGE_EHLO, ERR_DATA, "%s", state->diag.text);
		return;
	}
	smtp_session_trace_sent(session, from);
	smtp_session_expect(session, SMTP_ST_XCLIENT, NULL, 0);
}

/* What comes next, once EHLO (the first, or one behind TLS or XCLIENT) or a refused STARTTLS is settled. */
static void go_on(struct smtp_session *session, bool tls_refused)
{
	const struct smtp_session_opts *opts = session->opts;
	bool offered = smtp_ehlo_has(&session->ehlo, SMTP_EXT_STARTTLS);
	bool wanted = opts->tls == SMTP_TLS_MAY || opts->tls == SMTP_TLS_REQUIRE;
	if (opts->stop == SMTP_STOP_EHLO && !tls_refused)
		stop(session);
	else if (wanted && !session->tls && offered && !tls_refused)
		start_tls(session);
	else if (opts->tls == SMTP_TLS_REQUIRE && !session->tls)
		smtp_session_fail(session, SMTP_STAGE_TLS, ERR_PROTOCOL,
				  "the server offers no STARTTLS, and TLS is required here; nothing was sent "
				  "(implicit TLS is smtps://HOST:465; --tls=may allows plain text)");
	else if (opts->stop == SMTP_STOP_TLS)
		stop(session);
	else if (opts->xclient.n > 0 && !session->state->xclient_done)
		send_xclient(session);
	else if (opts->auth != NULL && !session->authenticated)
		smtp_auth_begin(session);
	else
		smtp_session_now_ready(session);
}

void smtp_session_now_ready(struct smtp_session *session)
{
	if (session->opts->stop == SMTP_STOP_AUTH)
		stop(session);
	else
		session->ready = true;
}

void smtp_on_hello(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	if (expect->state == SMTP_ST_EHLO)
		smtp_ehlo_read(reply, &session->state->arena, &session->ehlo);
	go_on(session, false);
}

void smtp_on_starttls(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	(void)expect, (void)reply;
	session->state->want_tls = true;
}

void smtp_on_starttls_refused(struct smtp_session *session, const struct smtp_expect *expect,
			      const struct smtp_reply *reply)
{
	if (session->opts->tls == SMTP_TLS_MAY)
		go_on(session, true);
	else
		smtp_session_refuse(session, smtp_states[expect->state].stage, reply,
				    reply->code < 500 ? ERR_TEMP : ERR_PROTOCOL);
}

/* Postfix XCLIENT_README: the server starts over as behind its greeting, so EHLO must be said again. */
void smtp_on_xclient(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	(void)expect, (void)reply;
	session->state->xclient_done = true;
	smtp_hello(session, is_lmtp(session) ? SMTP_HELLO_LHLO : SMTP_HELLO_EHLO);
}
