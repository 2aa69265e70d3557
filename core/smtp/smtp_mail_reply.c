/* What the server answers to a message, and what that means for its recipients (RFC 5321 4.2, 4.5.3.1.10; RFC 2033). */
#include "smtp_session_priv.h"

void smtp_txn_settle(struct smtp_txn *txn, const struct smtp_result *result)
{
	for (size_t i = 0; i < txn->n; i++) {
		struct smtp_rcpt *rcpt = &txn->rcpts[i];
		if (rcpt->state == SMTP_RCPT_TODO || rcpt->state == SMTP_RCPT_DONE)
			continue;
		rcpt->result = *result;
		rcpt->state = SMTP_RCPT_DONE;
	}
}

void smtp_txn_give_up(struct smtp_txn *txn, const struct smtp_result *result)
{
	struct smtp_result copy = *result;
	copy.reply = arena_view(txn->arena, result->reply);
	for (size_t i = 0; i < txn->n; i++) {
		if (txn->rcpts[i].state == SMTP_RCPT_DONE)
			continue;
		txn->rcpts[i].result = copy;
		txn->rcpts[i].state = SMTP_RCPT_DONE;
	}
	txn->phase = SMTP_TXN_OVER;
	txn->done = true;
}

static bool has_todo(const struct smtp_txn *txn)
{
	for (size_t i = 0; i < txn->n; i++)
		if (txn->rcpts[i].state == SMTP_RCPT_TODO)
			return true;
	return false;
}

void smtp_txn_collect(struct smtp_session *session)
{
	struct smtp_session_state *state = session->state;
	struct smtp_txn *last = NULL;
	for (struct smtp_txn **at = &state->head; *at != NULL;) {
		struct smtp_txn *txn = *at;
		if (txn->phase != SMTP_TXN_OVER || txn->owed > 0) {
			last = txn;
			at = &txn->next;
		} else if (has_todo(txn)) {
			txn->phase = SMTP_TXN_QUEUED;
			last = txn;
			at = &txn->next;
		} else {
			*at = txn->next;
			txn->next = NULL;
			txn->done = true;
		}
	}
	state->tail = last;
}

void smtp_on_mail(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	(void)session, (void)expect, (void)reply;
}

/* The rest of the envelope may be on its way; its replies say nothing new, and a 354 gets the lone dot. */
void smtp_on_mail_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply)
{
	struct smtp_txn *txn = expect->txn;
	struct smtp_result result = smtp_result_of(reply, SMTP_STAGE_MAIL, txn->arena);
	for (size_t i = 0; i < txn->n; i++)
		if (txn->rcpts[i].state != SMTP_RCPT_DONE) {
			txn->rcpts[i].result = result;
			txn->rcpts[i].state = SMTP_RCPT_DONE;
		}
	txn->mail_refused = true;
	session->state->needs_rset = true;
	if (txn->phase < SMTP_TXN_WAIT)
		txn->phase = SMTP_TXN_OVER;
}

void smtp_on_rcpt(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	(void)session, (void)reply;
	struct smtp_txn *txn = expect->txn;
	struct smtp_rcpt *rcpt = &txn->rcpts[expect->rcpt];
	txn->answered++;
	if (rcpt->state != SMTP_RCPT_ASKED)
		return;
	rcpt->state = SMTP_RCPT_ACCEPTED;
	txn->accepted++;
}

/*
 * RFC 5321 4.5.3.1.10: 452 (or 552 of old servers) behind accepted recipients is about their number. An enhanced code
 * other than x.5.3 says that it is about this one (4.2.2: its mailbox is full).
 */
static bool is_too_many(const struct smtp_txn *txn, const struct smtp_reply *reply)
{
	bool code = reply->code == 452 || reply->code == 552;
	bool other = reply->enhanced.class != 0 && !(reply->enhanced.subject == 5 && reply->enhanced.detail == 3);
	return code && !other && txn->accepted > 0;
}

void smtp_on_rcpt_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply)
{
	struct smtp_txn *txn = expect->txn;
	struct smtp_rcpt *rcpt = &txn->rcpts[expect->rcpt];
	txn->answered++;
	if (rcpt->state != SMTP_RCPT_ASKED)
		return;
	if (is_too_many(txn, reply)) {
		rcpt->state = SMTP_RCPT_TODO;
		session->state->rcpt_limit = txn->accepted;
		return;
	}
	rcpt->result = smtp_result_of(reply, SMTP_STAGE_RCPT, txn->arena);
	rcpt->state = SMTP_RCPT_DONE;
}

/* RFC 2920 3.1: DATA went out blind and nobody is there to receive; the message must not follow. */
static void send_lone_dot(struct smtp_session *session, struct smtp_txn *txn)
{
	struct smtp_session_state *state = session->state;
	txn->phase = SMTP_TXN_OVER;
	state->needs_rset = true;
	if (session->protocol == SMTP_PROTOCOL_LMTP) {
		/* RFC 2033 4.2: it must be 503 then; how many replies a dot would get, nobody knows. */
		smtp_session_fail(session, SMTP_STAGE_DATA, ERR_PROTOCOL,
				  "the server takes a message for no recipients");
		return;
	}
	buf_str(&state->out, ".\r\n");
	smtp_session_trace(session, SMTP_TRACE_SENT, VIEW("."));
	smtp_session_expect(session, SMTP_ST_EMPTY_DOT, txn, 0);
}

static void stop_at_data(struct smtp_session *session, struct smtp_txn *txn)
{
	struct smtp_result result = {
		.stage = SMTP_STAGE_DATA,
		.reply = VIEW("stopped at DATA as asked; no message was sent"),
	};
	session->stopped = true;
	session->state->cut = true;
	session->fate = result;
	smtp_txn_give_up(txn, &result);
}

void smtp_on_data(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	(void)reply;
	if (session->opts->stop == SMTP_STOP_DATA)
		stop_at_data(session, expect->txn);
	else if (expect->txn->accepted == 0)
		send_lone_dot(session, expect->txn);
	else
		smtp_body_begin(session, expect->txn);
}

/* 503 and 554 behind refused recipients are usual and say nothing new: what RCPT said stands. */
void smtp_on_data_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply)
{
	struct smtp_txn *txn = expect->txn;
	struct smtp_result result = smtp_result_of(reply, SMTP_STAGE_DATA, txn->arena);
	smtp_txn_settle(txn, &result);
	session->state->needs_rset = true;
	txn->phase = SMTP_TXN_OVER;
}

/* LMTP answers once for each recipient it accepted, in their order (RFC 2033 4.2). */
static void answer_one(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_result *result)
{
	struct smtp_txn *txn = expect->txn;
	size_t left = 0;
	for (size_t i = 0; i < txn->n; i++) {
		struct smtp_rcpt *rcpt = &txn->rcpts[i];
		if (rcpt->state != SMTP_RCPT_ACCEPTED)
			continue;
		if (left++ == 0) {
			rcpt->result = *result;
			rcpt->state = SMTP_RCPT_DONE;
		}
	}
	if (left > 1) {
		session->state->expects.first--;
		txn->owed++;
	} else {
		txn->phase = SMTP_TXN_OVER;
	}
}

void smtp_on_dot(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	struct smtp_txn *txn = expect->txn;
	struct smtp_result result = smtp_result_of(reply, SMTP_STAGE_DOT, txn->arena);
	if (reply->code >= 400 && smtp_mail_chunks(session))
		session->state->needs_rset = true;
	if (session->protocol == SMTP_PROTOCOL_LMTP) {
		answer_one(session, expect, &result);
		return;
	}
	smtp_txn_settle(txn, &result);
	txn->phase = SMTP_TXN_OVER;
}

void smtp_on_empty_dot(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	(void)session, (void)expect, (void)reply;
}

void smtp_on_bdat(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	(void)session, (void)expect, (void)reply;
}

/* RFC 3030 2: the message has failed; chunks that are out are discarded and answered, no more are sent. */
void smtp_on_bdat_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply)
{
	smtp_on_data_refused(session, expect, reply);
}

void smtp_on_rset(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply)
{
	(void)session, (void)expect, (void)reply;
}

/* A refusal in the middle of the message: it counts, and the connection cannot be used any more. */
void smtp_on_early(struct smtp_session *session, struct smtp_txn *txn, const struct smtp_reply *reply)
{
	struct smtp_result result = smtp_result_of(reply, SMTP_STAGE_DATA, txn->arena);
	smtp_txn_settle(txn, &result);
	smtp_session_fail(session, SMTP_STAGE_DATA, ERR_TEMP, "the server refused a message before its end");
}
