#pragma once

#include "smtp_dot.h"
#include "smtp_session.h"

/* One command in flight: the row of the table of states (smtp_states.c) by which its reply is judged. */
enum smtp_state {
	SMTP_ST_GREETING,
	SMTP_ST_EHLO,
	SMTP_ST_HELO,
	SMTP_ST_STARTTLS,
	SMTP_ST_XCLIENT,
	SMTP_ST_AUTH,
	SMTP_ST_MAIL,
	SMTP_ST_RCPT,
	SMTP_ST_DATA,
	SMTP_ST_DOT,       /* the end of a message, by dot or BDAT LAST */
	SMTP_ST_EMPTY_DOT, /* the lone dot after which nothing is accepted (RFC 2920 3.1) */
	SMTP_ST_BDAT,      /* a chunk that is not the last */
	SMTP_ST_RSET,
	SMTP_ST_QUIT,
	SMTP_ST_COUNT
};

struct smtp_expect {
	enum smtp_state state;
	unsigned rcpt; /* index */
	struct smtp_txn *txn;
};

struct smtp_session_state {
	struct arena arena;
	struct smtp_reply_reader reader;
	struct buf out;    /* to be written */
	size_t out_at;     /* written of it */
	uint64_t out_base; /* octets of the stream before out */
	uint64_t unsent;   /* of those written, not with the kernel yet */
	struct {
		struct smtp_expect *at;
		size_t first, n, cap;
	} expects;
	struct smtp_txn *head, *tail; /* not done, in order */
	struct smtp_sasl *sasl;
	struct crypto_secret secret; /* the next answer */
	unsigned sasl_tried;
	bool sasl_owes_initial; /* it was too long for the AUTH command */
	bool auth_failed;       /* "*" was sent; auth_error is why */
	struct smtp_result auth_error;
	struct smtp_dot dot;
	struct buf chunk; /* of BDAT */
	bool secrets_out; /* `out` holds some: wipe it */
	bool hello_done, want_tls, xclient_done, needs_rset, finishing, quit_sent, cut;
	size_t rcpt_limit; /* what the server showed to take; 0: not known */
	struct diag diag;
};

struct smtp_state_row {
	const char *name;
	enum smtp_stage stage;
	unsigned timeout_ms;
	unsigned legal; /* the class that means yes: 2 or 3 */
	void (*yes)(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
	void (*no)(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
};
extern const struct smtp_state_row smtp_states[SMTP_ST_COUNT];

/* smtp_session.c */
void smtp_session_expect(struct smtp_session *session, enum smtp_state state, struct smtp_txn *txn, size_t rcpt);
void smtp_session_trace(struct smtp_session *session, enum smtp_trace what, struct view text);
void smtp_session_trace_sent(struct smtp_session *session, size_t from); /* the commands in out from there */
bool smtp_session_owed(const struct smtp_session *session);              /* a reply is awaited */
void smtp_session_quit(struct smtp_session *session);

/*
 * Ends the session: everybody without a result gets this one, but those whose message's end was on the wire are in
 * doubt unless `reply` answers it. Words, or a reply.
 */
void smtp_session_fail(struct smtp_session *session, enum smtp_stage stage, enum err err, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
void smtp_session_refuse(struct smtp_session *session, enum smtp_stage stage, const struct smtp_reply *reply,
			 enum err err);

/* smtp_hello.c: from the greeting to readiness */
void smtp_on_greeting(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_hello(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_ehlo_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply);
void smtp_on_starttls(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_starttls_refused(struct smtp_session *session, const struct smtp_expect *expect,
			      const struct smtp_reply *reply);
void smtp_on_xclient(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_setup_refused(struct smtp_session *session, const struct smtp_expect *expect,
			   const struct smtp_reply *reply);
void smtp_hello(struct smtp_session *session, enum smtp_hello hello);

/* smtp_auth.c */
void smtp_auth_begin(struct smtp_session *session);
void smtp_on_auth(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_auth_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply);
void smtp_session_now_ready(struct smtp_session *session);

/* smtp_mail.c: what is sent of messages, in which order; smtp_body.c: their octets */
void smtp_mail_pump(struct smtp_session *session);
bool smtp_mail_pipelines(const struct smtp_session *session);
bool smtp_mail_chunks(const struct smtp_session *session);
void smtp_body_begin(struct smtp_session *session, struct smtp_txn *txn);
/* Puts what fits; true when the end of the message is in `out` (or it was given up). */
bool smtp_body_put(struct smtp_session *session, struct smtp_txn *txn);
/* smtp_round.c: may this message go to this server at all, and to whom in one transaction? False: to nobody. */
bool smtp_round_begin(struct smtp_session *session, struct smtp_txn *txn);
/* smtp_mail_reply.c: what is answered */
void smtp_on_mail(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_mail_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply);
void smtp_on_rcpt(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_rcpt_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply);
void smtp_on_data(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_data_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply);
void smtp_on_dot(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_empty_dot(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_bdat(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_bdat_refused(struct smtp_session *session, const struct smtp_expect *expect,
			  const struct smtp_reply *reply);
void smtp_on_rset(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_quit(struct smtp_session *session, const struct smtp_expect *expect, const struct smtp_reply *reply);
void smtp_on_early(struct smtp_session *session, struct smtp_txn *txn, const struct smtp_reply *reply);

/* The round is decided for those accepted (ACCEPTED, ASKED, GROUP): each gets this result; the rest goes on. */
void smtp_txn_settle(struct smtp_txn *txn, const struct smtp_result *result);
/* Takes finished messages off the list, begins the next round of those with recipients left. */
void smtp_txn_collect(struct smtp_session *session);
/* Every recipient without a result. */
void smtp_txn_give_up(struct smtp_txn *txn, const struct smtp_result *result);
