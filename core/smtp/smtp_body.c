/* The octets of a message into `out`: behind DATA with dots stuffed, or in BDAT chunks (RFC 3030). */
#include "smtp_session_priv.h"

enum { READ_BLOCK = 32768, CHUNK = 131072 };

static uint64_t stream_at(const struct smtp_session *session)
{
	return session->state->out_base + session->state->out.n;
}

void smtp_body_begin(struct smtp_session *session, struct smtp_txn *txn)
{
	smtp_dot_init(&session->state->dot, smtp_mail_chunks(session) ? SMTP_DOT_PLAIN : SMTP_DOT_STUFFED);
	txn->phase = SMTP_TXN_BODY;
	txn->octets = 0;
}

/* The message cannot be finished: the connection is cut, so that nobody takes the beginning for the whole. */
static bool give_up(struct smtp_session *session, struct smtp_txn *txn, enum err err)
{
	struct smtp_result result = {
		.status = err == ERR_TEMP ? SMTP_NOT_ATTEMPTED : SMTP_FAILED,
		.stage = SMTP_STAGE_DATA,
		.err = err,
		.reply = arena_view(txn->arena, view_str(session->state->diag.text)),
	};
	smtp_txn_give_up(txn, &result);
	smtp_session_fail(session, SMTP_STAGE_DATA, ERR_TEMP,
			  "the connection was cut: a message could not be read to its end");
	return true;
}

/* One block of the message, looked at and stuffed, to `to`; *end at its end. */
static enum err read_block(struct smtp_session *session, struct smtp_txn *txn, struct buf *to, bool *end)
{
	struct smtp_session_state *state = session->state;
	char block[READ_BLOCK];
	size_t n = 0;
	enum err err = source_read(txn->body.source, block, sizeof block, &n, &state->diag);
	if (err != ERR_OK)
		return err;
	size_t from = to->n;
	*end = n == 0;
	err = *end ? smtp_dot_end(&state->dot, to, &state->diag)
		   : smtp_dot_feed(&state->dot, view_of(block, n), to, &state->diag);
	if (err == ERR_OK && to->n > from)
		smtp_session_trace(session, SMTP_TRACE_BODY, view_from(buf_view(to), from));
	txn->octets = state->dot.octets;
	return err;
}

static bool put_dotted(struct smtp_session *session, struct smtp_txn *txn)
{
	struct smtp_session_state *state = session->state;
	bool end = false;
	while (!end && state->out.n - state->out_at < SMTP_SESSION_BLOCK) {
		enum err err = read_block(session, txn, &state->out, &end);
		if (err != ERR_OK)
			return give_up(session, txn, err);
	}
	if (!end)
		return false;
	txn->end_from = stream_at(session);
	buf_str(&state->out, ".\r\n");
	smtp_session_trace(session, SMTP_TRACE_SENT, VIEW("."));
	smtp_session_expect(session, SMTP_ST_DOT, txn, 0);
	txn->phase = SMTP_TXN_SENT;
	return true;
}

static bool put_chunk(struct smtp_session *session, struct smtp_txn *txn)
{
	struct smtp_session_state *state = session->state;
	bool end = false;
	enum err err = ERR_OK;
	buf_reset(&state->chunk);
	while (err == ERR_OK && !end && state->chunk.n < CHUNK)
		err = read_block(session, txn, &state->chunk, &end);
	/* The length is known: look whether this was all, so that the last chunk is not an empty one. */
	if (err == ERR_OK && !end && txn->body.octets == state->dot.octets)
		err = read_block(session, txn, &state->chunk, &end);
	size_t from = state->out.n;
	if (err == ERR_OK)
		err = smtp_cmd_bdat(state->chunk.n, end, &state->out, &state->diag);
	if (err != ERR_OK)
		return give_up(session, txn, err);
	smtp_session_trace_sent(session, from);
	buf_put(&state->out, buf_view(&state->chunk));
	smtp_session_expect(session, end ? SMTP_ST_DOT : SMTP_ST_BDAT, txn, 0);
	if (!end)
		return false;
	txn->end_from = stream_at(session) - 1;
	txn->phase = SMTP_TXN_SENT;
	return true;
}

bool smtp_body_put(struct smtp_session *session, struct smtp_txn *txn)
{
	struct smtp_session_state *state = session->state;
	if (state->dot.form == SMTP_DOT_STUFFED)
		return put_dotted(session, txn);
	while (txn->phase == SMTP_TXN_BODY && state->out.n - state->out_at < SMTP_SESSION_BLOCK)
		if (put_chunk(session, txn))
			return true;
	return false;
}
