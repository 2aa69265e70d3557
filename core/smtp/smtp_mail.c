/* What is sent of messages, and when: RSET, MAIL, RCPT, DATA or BDAT, and QUIT behind the last (RFC 5321, RFC 2920). */
#include "smtp_session_priv.h"

/* To stop within the envelope, each reply must be seen before the next command is sent. */
bool smtp_mail_pipelines(const struct smtp_session *session)
{
	return smtp_ehlo_has(&session->ehlo, SMTP_EXT_PIPELINING) && !session->opts->no_pipelining &&
	       session->opts->stop == SMTP_STOP_NEVER;
}

bool smtp_mail_chunks(const struct smtp_session *session)
{
	return smtp_ehlo_has(&session->ehlo, SMTP_EXT_CHUNKING) && !session->opts->no_chunking &&
	       session->opts->stop == SMTP_STOP_NEVER;
}

static bool may_send(const struct smtp_session *session)
{
	return smtp_mail_pipelines(session) || !smtp_session_owed(session);
}

/* A command is in `out` from `from`, or its arguments cannot be sent. */
static void sent(struct smtp_session *session, enum err err, enum smtp_state as, struct smtp_txn *txn, size_t rcpt,
		 size_t from)
{
	if (err != ERR_OK)
		return;
	smtp_session_trace_sent(session, from);
	smtp_session_expect(session, as, txn, rcpt);
}

static void send_rset(struct smtp_session *session)
{
	struct smtp_session_state *state = session->state;
	size_t from = state->out.n;
	sent(session, smtp_cmd_verb(SMTP_VERB_RSET, &state->out, &state->diag), SMTP_ST_RSET, NULL, 0, from);
	state->needs_rset = false;
}

static bool uses_utf8(const struct smtp_session *session, const struct smtp_txn *txn)
{
	bool needed = txn->utf8_head || txn->sender->needs_smtputf8;
	for (size_t i = 0; i < txn->n && !needed; i++)
		needed = txn->rcpts[i].state == SMTP_RCPT_GROUP && txn->rcpts[i].to->needs_smtputf8;
	return needed && smtp_ehlo_has(&session->ehlo, SMTP_EXT_SMTPUTF8);
}

/* RFC 3461 is asked for and not offered: the message goes without, and the caller is told. */
static bool has_dsn(struct smtp_session *session, struct smtp_txn *txn)
{
	bool wanted = txn->ret != SMTP_RET_NONE || txn->envid.n > 0;
	for (size_t i = 0; i < txn->n && !wanted; i++)
		wanted = txn->rcpts[i].notify != 0 || txn->rcpts[i].orcpt != NULL;
	bool offered = smtp_ehlo_has(&session->ehlo, SMTP_EXT_DSN);
	txn->dsn_dropped = txn->dsn_dropped || (wanted && !offered);
	return wanted && offered;
}

/* An argument that cannot be a command's: final for those it concerns, nothing was sent for them. */
static struct smtp_result bad_argument(struct smtp_session *session, struct smtp_txn *txn, enum smtp_stage stage,
				       enum err err)
{
	return (struct smtp_result){
		.status = SMTP_FAILED,
		.stage = stage,
		.err = err,
		.reply = arena_view(txn->arena, view_str(session->state->diag.text)),
	};
}

static void send_mail(struct smtp_session *session, struct smtp_txn *txn)
{
	struct smtp_session_state *state = session->state;
	bool dsn = has_dsn(session, txn);
	struct smtp_mail mail = {
		.from = txn->sender,
		.with_size = txn->body.octets != 0 && smtp_ehlo_has(&session->ehlo, SMTP_EXT_SIZE),
		.size = txn->body.octets,
		.body_8bit = txn->body.eight_bit,
		.smtputf8 = uses_utf8(session, txn),
		.requiretls = txn->requiretls,
		.ret = dsn ? txn->ret : SMTP_RET_NONE,
		.envid = dsn ? txn->envid : view_none(),
	};
	size_t from = state->out.n;
	enum err err = smtp_cmd_mail(&mail, &state->out, &state->diag);
	if (err != ERR_OK) {
		struct smtp_result result = bad_argument(session, txn, SMTP_STAGE_MAIL, err);
		smtp_txn_give_up(txn, &result);
		txn->phase = SMTP_TXN_OVER;
		return;
	}
	sent(session, ERR_OK, SMTP_ST_MAIL, txn, 0, from);
	session->transactions++;
	txn->phase = SMTP_TXN_RCPT;
}

static void send_rcpt(struct smtp_session *session, struct smtp_txn *txn)
{
	struct smtp_session_state *state = session->state;
	while (txn->cursor < txn->n && txn->rcpts[txn->cursor].state != SMTP_RCPT_GROUP)
		txn->cursor++;
	if (txn->cursor == txn->n) {
		txn->phase = SMTP_TXN_DATA;
		return;
	}
	struct smtp_rcpt *rcpt = &txn->rcpts[txn->cursor];
	bool dsn = smtp_ehlo_has(&session->ehlo, SMTP_EXT_DSN),
	     utf8 = uses_utf8(session, txn) || rcpt->to->needs_smtputf8;
	struct smtp_rcpt_cmd cmd = { rcpt->to, utf8, dsn ? rcpt->notify : 0, dsn ? rcpt->orcpt : NULL };
	size_t from = state->out.n;
	enum err err = smtp_cmd_rcpt(&cmd, &state->out, &state->diag);
	sent(session, err, SMTP_ST_RCPT, txn, txn->cursor, from);
	rcpt->state = err == ERR_OK ? SMTP_RCPT_ASKED : SMTP_RCPT_DONE;
	if (err == ERR_OK)
		txn->asked++;
	else
		rcpt->result = bad_argument(session, txn, SMTP_STAGE_RCPT, err);
}

static bool all_answered(const struct smtp_txn *txn) { return txn->answered == txn->asked && txn->owed == 0; }

/* --quit-after within the envelope: no message follows, and those accepted so far are told so. */
static void stop(struct smtp_session *session, struct smtp_txn *txn)
{
	struct smtp_result result = {
		.status = SMTP_NOT_ATTEMPTED,
		.stage = SMTP_STAGE_DATA,
		.reply = arena_view(txn->arena, VIEW("stopped here as asked; no message was sent")),
	};
	session->stopped = true;
	session->fate = result;
	for (struct smtp_txn *other = session->state->head; other != NULL; other = other->next) {
		smtp_txn_give_up(other, &result);
		other->phase = SMTP_TXN_OVER;
	}
	if (session->opts->stop == SMTP_STOP_DATA)
		session->state->cut = true;
	else
		smtp_session_quit(session);
	smtp_txn_collect(session);
}

/* The envelope is out; how does the message follow? False: wait for replies. */
static bool send_data(struct smtp_session *session, struct smtp_txn *txn)
{
	struct smtp_session_state *state = session->state;
	bool answered = all_answered(txn);
	if (txn->asked == 0 || (answered && txn->accepted == 0)) {
		txn->phase = SMTP_TXN_OVER;
		state->needs_rset = true;
		return true;
	}
	if (smtp_mail_chunks(session)) {
		bool blind = smtp_mail_pipelines(session) && txn->body.octets != 0 &&
			     txn->body.octets <= SMTP_SESSION_BLIND;
		if (!blind && !answered)
			return false;
		smtp_body_begin(session, txn);
		return true;
	}
	size_t from = state->out.n;
	sent(session, smtp_cmd_verb(SMTP_VERB_DATA, &state->out, &state->diag), SMTP_ST_DATA, txn, 0, from);
	txn->phase = SMTP_TXN_WAIT;
	return true;
}

/* One step of the message under way; false when it must wait for a reply or for room. */
static bool step(struct smtp_session *session, struct smtp_txn *txn)
{
	enum smtp_stop at = session->opts->stop;
	if (txn->phase == SMTP_TXN_WAIT)
		return false;
	if (txn->phase == SMTP_TXN_BODY)
		return smtp_body_put(session, txn);
	if (!may_send(session))
		return false;
	if (txn->phase == SMTP_TXN_MAIL) {
		send_mail(session, txn);
	} else if (at == SMTP_STOP_MAIL || (at == SMTP_STOP_RCPT && txn->phase == SMTP_TXN_DATA)) {
		stop(session, txn);
		return false;
	} else if (txn->phase == SMTP_TXN_RCPT) {
		send_rcpt(session, txn);
	} else {
		return send_data(session, txn);
	}
	return true;
}

static bool is_under_way(const struct smtp_txn *txn)
{
	return txn->phase >= SMTP_TXN_MAIL && txn->phase <= SMTP_TXN_BODY;
}

static struct smtp_txn *under_way(const struct smtp_session *session)
{
	struct smtp_txn *txn = session->state->head;
	while (txn != NULL && !is_under_way(txn))
		txn = txn->next;
	return txn;
}

static size_t unanswered(const struct smtp_session *session)
{
	size_t n = 0;
	for (const struct smtp_txn *txn = session->state->head; txn != NULL; txn = txn->next)
		n += txn->phase == SMTP_TXN_SENT || (txn->phase == SMTP_TXN_OVER && txn->owed > 0);
	return n;
}

/* LIMITS MAILMAX (RFC 9422 4.1): what is left needs another connection. */
static void exhaust(struct smtp_session *session)
{
	struct smtp_result result = {
		.stage = SMTP_STAGE_MAIL,
		.err = ERR_TEMP,
		.reply = VIEW("the server takes no more messages on this connection"),
	};
	session->exhausted = true;
	session->fate = result;
	for (struct smtp_txn *txn = session->state->head; txn != NULL; txn = txn->next)
		smtp_txn_give_up(txn, &result);
	smtp_session_quit(session);
}

/* The next message that may begin now, begun; NULL when there is none. */
static struct smtp_txn *begin_next(struct smtp_session *session)
{
	struct smtp_session_state *state = session->state;
	struct smtp_txn *txn = state->head;
	while (txn != NULL && txn->phase != SMTP_TXN_QUEUED)
		txn = txn->next;
	if (txn == NULL || !may_send(session) || state->quit_sent)
		return NULL;
	size_t window = session->opts->window != 0 ? session->opts->window : SMTP_SESSION_WINDOW;
	size_t waiting = unanswered(session);
	if (waiting >= (smtp_mail_chunks(session) ? window : 2))
		return NULL;
	if (session->ehlo.mail_max != 0 && session->transactions >= session->ehlo.mail_max) {
		if (waiting == 0 && !smtp_session_owed(session))
			exhaust(session);
		return NULL;
	}
	/*
	 * RFC 3030 leaves open what state a refused BDAT leaves behind, so between chunked messages whose fate is not known
	 * yet stands a RSET; behind a dot the transaction is over whatever the reply (RFC 5321 4.1.1.4).
	 */
	bool unclear = state->needs_rset || (waiting > 0 && smtp_mail_chunks(session));
	if (!smtp_round_begin(session, txn))
		return txn;
	if (unclear)
		send_rset(session);
	return txn;
}

static bool all_decided(const struct smtp_txn *txn)
{
	for (size_t i = 0; i < txn->n; i++)
		if (txn->rcpts[i].state < SMTP_RCPT_ACCEPTED)
			return false;
	return txn->phase >= SMTP_TXN_SENT;
}

/* QUIT may ride behind the last end of message, once nothing can follow it any more. */
static void maybe_quit(struct smtp_session *session)
{
	const struct smtp_session_state *state = session->state;
	if (!state->finishing || state->quit_sent || (state->head != NULL && !smtp_mail_pipelines(session)))
		return;
	for (const struct smtp_txn *txn = state->head; txn != NULL; txn = txn->next)
		if (!all_decided(txn) && !(txn->n == 1 && txn->phase == SMTP_TXN_SENT))
			return;
	bool rides = state->head != NULL && state->out.n > state->out_at;
	if (rides || (state->head == NULL && !smtp_session_owed(session)))
		smtp_session_quit(session);
}

void smtp_mail_pump(struct smtp_session *session)
{
	struct smtp_session_state *state = session->state;
	while (!session->over && !session->stopped && state->out.n - state->out_at < SMTP_SESSION_BLOCK) {
		struct smtp_txn *txn = under_way(session);
		if (txn == NULL)
			txn = begin_next(session);
		if (txn == NULL)
			break;
		if (is_under_way(txn) && !step(session, txn))
			break;
		smtp_txn_collect(session);
	}
	if (!session->over && !session->stopped)
		maybe_quit(session);
}
