#include "smtp_session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base_show.h"
#include "smtp_session_priv.h"

enum { EXPECTS_MAX = 1 << 20, WRITE_TIMEOUT_MS = 180000, SHOWN_REPLY = 300 };

void smtp_session_init(struct smtp_session *session, const struct smtp_session_opts *opts)
{
	struct smtp_session_state *state = calloc(1, sizeof *state);
	if (state == NULL)
		base_out_of_memory();
	*session = (struct smtp_session){
		.opts = opts, .state = state, .protocol = opts->protocol, .tls = opts->tls == SMTP_TLS_BEFORE
	};
	smtp_reply_reader_init(&state->reader);
	buf_init(&state->out, SMTP_SESSION_OUT_MAX);
	buf_init(&state->chunk, SMTP_SESSION_OUT_MAX);
	smtp_session_expect(session, SMTP_ST_GREETING, NULL, 0);
}

/* The octets of out that hold an answer of SASL are wiped before the memory is used again. */
static void wipe_out(struct smtp_session_state *state)
{
	if (state->secrets_out && state->out.p != NULL)
		crypto_wipe(state->out.p, state->out.n);
	state->secrets_out = false;
}

void smtp_session_done(struct smtp_session *session)
{
	struct smtp_session_state *state = session->state;
	if (state == NULL)
		return;
	wipe_out(state);
	smtp_sasl_close(&state->sasl);
	crypto_secret_done(&state->secret);
	smtp_reply_reader_done(&state->reader);
	buf_done(&state->out);
	buf_done(&state->chunk);
	free(state->expects.at);
	arena_done(&state->arena);
	free(state);
	session->state = NULL;
}

void smtp_session_expect(struct smtp_session *session, enum smtp_state state, struct smtp_txn *txn, size_t rcpt)
{
	struct smtp_session_state *s = session->state;
	if (s->expects.first > 0 && s->expects.n == s->expects.cap) {
		memmove(s->expects.at, s->expects.at + s->expects.first,
			(s->expects.n - s->expects.first) * sizeof *s->expects.at);
		s->expects.n -= s->expects.first;
		s->expects.first = 0;
	}
	if (s->expects.n == s->expects.cap) {
		s->expects.cap = s->expects.cap == 0 ? 16 : s->expects.cap * 2;
		s->expects.at = realloc(s->expects.at, s->expects.cap * sizeof *s->expects.at);
		if (s->expects.at == NULL)
			base_out_of_memory();
	}
	s->expects.at[s->expects.n++] = (struct smtp_expect){ state, (unsigned)rcpt, txn };
	if (txn != NULL)
		txn->owed++;
}

bool smtp_session_owed(const struct smtp_session *session)
{
	return session->state->expects.first < session->state->expects.n;
}

void smtp_session_trace(struct smtp_session *session, enum smtp_trace what, struct view text)
{
	if (session->opts->trace != NULL)
		session->opts->trace(session->opts->trace_ctx, what, session->tls, text);
}

void smtp_session_trace_sent(struct smtp_session *session, size_t from)
{
	if (session->opts->trace == NULL)
		return;
	struct view rest = view_from(buf_view(&session->state->out), from), line;
	while (view_next_line(&rest, &line))
		smtp_session_trace(session, SMTP_TRACE_SENT, line);
}

/* Challenges may hold what only the user should see; the code is enough. */
static void trace_reply(struct smtp_session *session, const struct smtp_reply *reply)
{
	if (session->opts->trace == NULL)
		return;
	const struct smtp_session_state *state = session->state;
	bool challenge = reply->code == 334 && smtp_session_owed(session) &&
			 state->expects.at[state->expects.first].state == SMTP_ST_AUTH;
	char text[64];
	struct view shown = reply->raw;
	if (challenge && reply->raw.n > 6) {
		(void)snprintf(text, sizeof text, "334 [redacted %zu bytes]", view_trim(reply->raw).n - 4);
		shown = view_str(text);
	}
	smtp_session_trace(session, SMTP_TRACE_RECEIVED, shown);
}

/* Was any octet of the end of this message handed over, so that the server may have it all? */
static bool end_is_out(const struct smtp_session *session, const struct smtp_txn *txn)
{
	const struct smtp_session_state *state = session->state;
	return txn->end_from != 0 && txn->phase == SMTP_TXN_SENT &&
	       state->out_base + state->out_at > txn->end_from + state->unsent;
}

bool smtp_session_past_data(const struct smtp_session *session)
{
	for (const struct smtp_txn *txn = session->state->head; txn != NULL; txn = txn->next)
		if (end_is_out(session, txn))
			return true;
	return false;
}

static void doubt(struct smtp_txn *txn, const struct smtp_result *fate)
{
	struct smtp_result result = *fate;
	result.status = SMTP_IN_DOUBT;
	result.stage = SMTP_STAGE_DOT;
	result.err = ERR_IN_DOUBT;
	result.reply = view_str(arena_printf(txn->arena,
					     "%.*s, behind the end of the message and before its answer: it may have "
					     "been accepted, and sending it again may make a duplicate",
					     VIEW_ARG(fate->reply)));
	for (size_t i = 0; i < txn->n; i++) {
		struct smtp_rcpt *rcpt = &txn->rcpts[i];
		if (rcpt->state == SMTP_RCPT_ASKED || rcpt->state == SMTP_RCPT_ACCEPTED) {
			rcpt->result = result;
			rcpt->state = SMTP_RCPT_DONE;
		}
	}
}

/* Everything ends with session->fate. */
static void end(struct smtp_session *session, bool answered)
{
	struct smtp_session_state *state = session->state;
	session->over = true;
	session->ready = false;
	while (state->head != NULL) {
		struct smtp_txn *txn = state->head;
		state->head = txn->next;
		if (!answered && end_is_out(session, txn))
			doubt(txn, &session->fate);
		smtp_txn_give_up(txn, &session->fate);
	}
	state->tail = NULL;
	state->expects.first = state->expects.n = 0;
}

void smtp_session_refuse(struct smtp_session *session, enum smtp_stage stage, const struct smtp_reply *reply,
			 enum err err)
{
	if (session->over)
		return;
	session->fate = smtp_result_of(reply, stage, &session->state->arena);
	session->fate.status = err == ERR_TEMP ? SMTP_NOT_ATTEMPTED : SMTP_FAILED;
	session->fate.err = err;
	end(session, true);
}

static void fail_text(struct smtp_session *session, enum smtp_stage stage, enum err err, struct view text)
{
	if (session->over)
		return;
	session->fate = (struct smtp_result){
		.status = err == ERR_TEMP ? SMTP_NOT_ATTEMPTED : SMTP_FAILED,
		.stage = stage,
		.err = err,
		.reply = arena_view(&session->state->arena, text),
	};
	smtp_session_trace(session, SMTP_TRACE_NOTE, session->fate.reply);
	end(session, false);
}

void smtp_session_fail(struct smtp_session *session, enum smtp_stage stage, enum err err, const char *fmt, ...)
{
	char text[DIAG_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	fail_text(session, stage, err, view_str(text));
}

void smtp_session_lost(struct smtp_session *session, enum smtp_stage stage, enum err err, const char *fmt, ...)
{
	char text[DIAG_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	fail_text(session, stage, err, view_str(text));
}

/* An orderly end: QUIT was said, or there is no one to say it to. */
void smtp_session_quit(struct smtp_session *session)
{
	struct smtp_session_state *state = session->state;
	if (state->quit_sent)
		return;
	size_t from = state->out.n;
	if (smtp_cmd_verb(SMTP_VERB_QUIT, &state->out, &state->diag) == ERR_OK) {
		smtp_session_trace_sent(session, from);
		smtp_session_expect(session, SMTP_ST_QUIT, NULL, 0);
	}
	state->quit_sent = true;
	session->ready = false;
}

void smtp_on_quit(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	(void)expect, (void)reply;
	if (session->fate.reply.n == 0)
		session->fate.reply = VIEW("stopped here as asked; no message was sent");
	end(session, true);
}

void smtp_session_send(struct smtp_session *session, struct smtp_txn *txn)
{
	struct smtp_session_state *state = session->state;
	txn->done = txn->dsn_dropped = false;
	txn->rounds = 0;
	txn->owed = 0;
	txn->next = NULL;
	txn->end_from = 0;
	txn->phase = SMTP_TXN_QUEUED;
	for (size_t i = 0; i < txn->n; i++) {
		txn->rcpts[i].result = (struct smtp_result){ 0 };
		txn->rcpts[i].state = SMTP_RCPT_TODO;
	}
	if (session->over || session->stopped || state->finishing) {
		smtp_txn_give_up(txn, &session->fate);
		return;
	}
	if (state->tail != NULL)
		state->tail->next = txn;
	else
		state->head = txn;
	state->tail = txn;
}

void smtp_session_finish(struct smtp_session *session) { session->state->finishing = true; }

/* A reply that answers nothing: the server rejects a message in its middle, or it has lost its way. */
static void on_unasked(struct smtp_session *session, const struct smtp_reply *reply)
{
	for (struct smtp_txn *txn = session->state->head; txn != NULL; txn = txn->next)
		if (txn->phase == SMTP_TXN_BODY && reply->code >= 400) {
			smtp_on_early(session, txn, reply);
			return;
		}
	smtp_session_fail(session, SMTP_STAGE_DATA, ERR_PROTOCOL,
			  "the server sent a reply that nothing asked for: \"%s\"",
			  SHOW(view_to(view_trim(reply->raw), SHOWN_REPLY)));
}

static void on_reply(struct smtp_session *session, const struct smtp_reply *reply)
{
	struct smtp_session_state *state = session->state;
	trace_reply(session, reply);
	struct smtp_expect expect = { SMTP_ST_COUNT, 0, NULL };
	if (smtp_session_owed(session))
		expect = state->expects.at[state->expects.first];
	if (reply->code == 421 && expect.state != SMTP_ST_QUIT) {
		smtp_session_refuse(session,
				    expect.state == SMTP_ST_COUNT ? SMTP_STAGE_DATA : smtp_states[expect.state].stage,
				    reply, ERR_TEMP);
		return;
	}
	if (expect.state == SMTP_ST_COUNT) {
		on_unasked(session, reply);
		return;
	}
	state->expects.first++;
	if (expect.txn != NULL)
		expect.txn->owed--;
	const struct smtp_state_row *row = &smtp_states[expect.state];
	unsigned class = reply->code / 100;
	if (class == row->legal || (class == 3 && expect.state == SMTP_ST_AUTH))
		row->yes(session, &expect, reply);
	else if (class >= 4 || expect.state == SMTP_ST_QUIT)
		row->no(session, &expect, reply);
	else
		smtp_session_fail(session, row->stage, ERR_PROTOCOL,
				  "the server answered %s with %u, which makes no sense there: \"%s\"", row->name,
				  reply->code, SHOW(view_to(view_trim(reply->raw), SHOWN_REPLY)));
	if (!session->over)
		smtp_txn_collect(session);
}

void smtp_session_feed(struct smtp_session *session, struct view bytes)
{
	struct smtp_session_state *state = session->state;
	if (session->over || bytes.n == 0)
		return;
	struct smtp_reply reply;
	bool found = true;
	enum err err = smtp_reply_feed(&state->reader, bytes, &state->diag);
	while (err == ERR_OK && found && !session->over) {
		err = smtp_reply_next(&state->reader, &reply, &found, &state->diag);
		if (err == ERR_OK && found)
			on_reply(session, &reply);
	}
	if (err != ERR_OK) {
		enum smtp_stage stage = smtp_session_owed(session)
						? smtp_states[state->expects.at[state->expects.first].state].stage
						: SMTP_STAGE_DATA;
		smtp_session_fail(session, stage, ERR_PROTOCOL, "the server does not speak SMTP: %s", state->diag.text);
	}
	/* RFC 3207 4.2, CVE-2011-0411: what came in the clear behind the 220 was put there by somebody else. */
	if (!session->over && state->want_tls && smtp_reply_pending(&state->reader) > 0)
		smtp_session_fail(session, SMTP_STAGE_TLS, ERR_PROTOCOL,
				  "octets in the clear behind the answer to STARTTLS (an attack, or a broken server); "
				  "nothing was sent");
}

void smtp_session_tls_done(struct smtp_session *session)
{
	struct smtp_session_state *state = session->state;
	state->want_tls = false;
	session->tls = true;
	/* RFC 3207 4.2: nothing that was said before counts. */
	session->ehlo = (struct smtp_ehlo){ 0 };
	smtp_reply_reader_done(&state->reader);
	smtp_reply_reader_init(&state->reader);
	smtp_hello(session, session->protocol == SMTP_PROTOCOL_LMTP ? SMTP_HELLO_LHLO : SMTP_HELLO_EHLO);
}

void smtp_session_wrote(struct smtp_session *session, size_t n)
{
	struct smtp_session_state *state = session->state;
	state->out_at += n;
	if (state->out_at < state->out.n && state->out_at < SMTP_SESSION_BLOCK)
		return;
	state->out_base += state->out_at;
	if (state->out_at == state->out.n) {
		wipe_out(state);
		buf_reset(&state->out);
	} else {
		buf_drop(&state->out, state->out_at);
	}
	state->out_at = 0;
}

void smtp_session_unsent(struct smtp_session *session, uint64_t octets) { session->state->unsent = octets; }

static uint64_t timeout_of(const struct smtp_session *session, const struct smtp_expect *expect, bool writing)
{
	uint64_t ms = writing || expect == NULL ? WRITE_TIMEOUT_MS : smtp_states[expect->state].timeout_ms;
	if (session->opts->timeout_ms != 0 &&
	    (session->opts->timeout_ms < ms || expect == NULL || expect->state != SMTP_ST_QUIT))
		ms = session->opts->timeout_ms;
	return ms;
}

/* QUIT that rides behind the last message is not waited for: the 250 has decided (RFC 5321 4.1.1.10). */
static bool may_close(const struct smtp_session *session)
{
	const struct smtp_session_state *state = session->state;
	if (session->over || state->cut)
		return true;
	return state->quit_sent && state->head == NULL && session->transactions > 0 && !session->stopped &&
	       state->out_at == state->out.n;
}

void smtp_session_next(struct smtp_session *session, struct smtp_next *next)
{
	struct smtp_session_state *state = session->state;
	*next = (struct smtp_next){ .want = SMTP_WANT_IO };
	if (session->ready && !session->over && state->out.n - state->out_at < SMTP_SESSION_BLOCK)
		smtp_mail_pump(session);
	if (may_close(session)) {
		next->want = SMTP_WANT_CLOSE;
		return;
	}
	next->out = view_from(buf_view(&state->out), state->out_at);
	if (state->want_tls && next->out.n == 0) {
		next->want = SMTP_WANT_TLS;
		return;
	}
	const struct smtp_expect *expect = smtp_session_owed(session) ? &state->expects.at[state->expects.first] : NULL;
	if (session->ready && state->head == NULL && expect == NULL && next->out.n == 0)
		next->want = SMTP_WANT_MESSAGE;
	next->timeout_ms = timeout_of(session, expect, next->out.n > 0);
	next->stage = expect == NULL ? SMTP_STAGE_DATA : smtp_states[expect->state].stage;
	for (const struct smtp_txn *txn = state->head; txn != NULL && !next->more; txn = txn->next)
		next->more = txn->phase == SMTP_TXN_BODY;
}
