/* AUTH (RFC 4954): the exchange of smtp_sasl carried over the session. */
#include <stdio.h>

#include "base_base64.h"
#include "base_show.h"
#include "smtp_session_priv.h"

/* What people see of a line with secrets: how many octets. */
static void trace_redacted(struct smtp_session *session, const char *verb, size_t octets)
{
	char text[80];
	if (octets > 0)
		(void)snprintf(text, sizeof text, "%s[redacted %zu bytes]", verb, octets);
	else
		(void)snprintf(text, sizeof text, "%s", verb);
	smtp_session_trace(session, SMTP_TRACE_SENT, view_str(text));
}

/* Send `line`; what is on our side wrong ends the session. */
static void sent(struct smtp_session *session, enum err err, const char *verb, size_t from, size_t shown)
{
	struct smtp_session_state *state = session->state;
	if (err != ERR_OK) {
		smtp_session_fail(session, SMTP_STAGE_AUTH, err, "%s", state->diag.text);
		return;
	}
	state->secrets_out = true;
	trace_redacted(session, verb, state->out.n - from - shown - 2);
	smtp_session_expect(session, SMTP_ST_AUTH, NULL, 0);
}

static void send_auth(struct smtp_session *session)
{
	struct smtp_session_state *state = session->state;
	bool has = false, fits = true;
	size_t from = state->out.n;
	enum err err = smtp_sasl_initial(state->sasl, &state->secret, &has, &state->diag);
	struct view initial = crypto_secret_view(&state->secret);
	if (err == ERR_OK)
		err = smtp_cmd_auth(session->mech, has ? &initial : NULL, &fits, &state->out, &state->diag);
	state->sasl_owes_initial = has && !fits;
	if (err == ERR_OK && !fits)
		err = smtp_cmd_auth(session->mech, NULL, &fits, &state->out, &state->diag);
	char verb[48];
	bool inline_initial = has && !state->sasl_owes_initial;
	int n = snprintf(verb, sizeof verb, "AUTH %s%s", smtp_sasl_mech_name(session->mech), inline_initial ? " " : "");
	sent(session, err, verb, from, (size_t)n);
}

void smtp_auth_begin(struct smtp_session *session)
{
	struct smtp_session_state *state = session->state;
	const struct smtp_session_opts *opts = session->opts;
	if (!session->tls && !opts->auth_in_clear) {
		smtp_session_fail(session, SMTP_STAGE_AUTH, ERR_DENIED,
				  "the connection is not encrypted, so the password stays here; nothing was sent "
				  "(use TLS, or --insecure-auth if you must)");
		return;
	}
	if (!smtp_ehlo_has(&session->ehlo, SMTP_EXT_AUTH)) {
		smtp_session_fail(
			session, SMTP_STAGE_AUTH, ERR_DENIED,
			"the server offers no AUTH%s; nothing was sent (no login needed here? then --auth=off)",
			session->tls ? "" : " on this unencrypted connection");
		return;
	}
	if (!smtp_sasl_choose(opts->auth, session->ehlo.mechs, state->sasl_tried, &session->mech)) {
		smtp_session_fail(session, SMTP_STAGE_AUTH, ERR_DENIED,
				  "no way to log in that both sides have: the server offers AUTH %s; nothing was sent",
				  SHOW(session->ehlo.auth));
		return;
	}
	state->sasl_tried |= 1U << session->mech;
	smtp_sasl_close(&state->sasl);
	enum err err = smtp_sasl_open(opts->auth, session->mech, &state->sasl, &state->diag);
	if (err != ERR_OK)
		smtp_session_fail(session, SMTP_STAGE_AUTH, err, "%s", state->diag.text);
	else
		send_auth(session);
}

/* Our side cannot go on: "*" ends the exchange, and whatever is answered, this was the reason. */
static void cancel(struct smtp_session *session, enum err err)
{
	struct smtp_session_state *state = session->state;
	state->auth_failed = true;
	state->auth_error = (struct smtp_result){
		.err = err,
		.reply = arena_view(&state->arena, view_str(state->diag.text)),
	};
	size_t from = state->out.n;
	err = smtp_cmd_auth_cancel(&state->out, &state->diag);
	sent(session, err, "*", from, 1);
}

static void auth_failed(struct smtp_session *session)
{
	const struct smtp_result *error = &session->state->auth_error;
	smtp_session_fail(session, SMTP_STAGE_AUTH, error->err, "%.*s", VIEW_ARG(error->reply));
}

static void answer_challenge(struct smtp_session *session, const struct smtp_reply *reply)
{
	struct smtp_session_state *state = session->state;
	struct view rest = reply->raw, text = view_none();
	(void)smtp_reply_next_line(&rest, &text);
	BUF_AUTO struct buf challenge;
	buf_init(&challenge, SMTP_SASL_CHALLENGE_MAX);
	enum err err = ERR_OK;
	if (!base64_decode(view_trim(text), BASE64_STRICT, &challenge) && !state->sasl_owes_initial &&
	    session->mech != SMTP_SASL_LOGIN) /* some servers prompt in plain words */
		err = diag_set(&state->diag, ERR_PROTOCOL, "the server's AUTH challenge is not base64");
	/* The initial response that did not fit answers an empty challenge; it was made already. */
	if (err == ERR_OK && !state->sasl_owes_initial)
		err = smtp_sasl_step(state->sasl, buf_view(&challenge), &state->secret, &state->diag);
	state->sasl_owes_initial = false;
	if (err != ERR_OK) {
		cancel(session, err);
		return;
	}
	size_t from = state->out.n;
	err = smtp_cmd_auth_response(crypto_secret_view(&state->secret), &state->out, &state->diag);
	sent(session, err, "", from, 0);
}

void smtp_on_auth(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	(void)expect;
	struct smtp_session_state *state = session->state;
	if (state->auth_failed) {
		auth_failed(session);
	} else if (reply->code == 334) {
		answer_challenge(session, reply);
	} else if (reply->code >= 300) {
		smtp_session_fail(session, SMTP_STAGE_AUTH, ERR_PROTOCOL, "the server answered AUTH with %u",
				  reply->code);
	} else if (!smtp_sasl_complete(state->sasl)) {
		smtp_session_fail(
			session, SMTP_STAGE_AUTH, ERR_DENIED,
			"AUTH %s: the server said yes without proving that it knows the password; nothing was sent",
			smtp_sasl_mech_name(session->mech));
	} else {
		session->authenticated = true;
		smtp_sasl_close(&state->sasl);
		crypto_secret_done(&state->secret);
		smtp_session_now_ready(session);
	}
}

/* RFC 4954 6: 504 unknown mechanism, 534 too weak: only then is another one tried, since a wrong password stays wrong. */
void smtp_on_auth_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply)
{
	(void)expect;
	struct smtp_session_state *state = session->state;
	enum smtp_sasl_mech other;
	if (state->auth_failed) {
		auth_failed(session);
		return;
	}
	bool mechanism = reply->code == 504 || reply->code == 534;
	if (mechanism && smtp_sasl_choose(session->opts->auth, session->ehlo.mechs, state->sasl_tried, &other)) {
		smtp_auth_begin(session);
		return;
	}
	struct view error = smtp_sasl_server_error(state->sasl);
	if (error.n > 0)
		smtp_session_trace(session, SMTP_TRACE_NOTE, error);
	smtp_session_refuse(session, SMTP_STAGE_AUTH, reply, reply->code < 500 ? ERR_TEMP : ERR_DENIED);
	crypto_secret_done(&state->secret);
}
