#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_attr.h"
#include "base_buf.h"
#include "smtp_reply.h"
#include "smtp_sasl.h"
#include "smtp_txn.h"

/*
 * The client's side of SMTP (RFC 5321) and LMTP (RFC 2033) as a state machine without sockets or clocks. A driver asks
 * smtp_session_next what to do, does it, and reports: octets written, octets read, TLS done, connection lost. However
 * the octets are cut into pieces, the result is the same.
 *
 * Any number of messages can be given, at any time; each of its recipients ends with a result. Where the server
 * pipelines (RFC 2920), the envelope of the next message rides with the end of the last one; where it has CHUNKING
 * (RFC 3030) too, whole messages do, at most `window` of them unanswered.
 */
enum smtp_tls {
	SMTP_TLS_NONE,    /* never */
	SMTP_TLS_MAY,     /* STARTTLS when it is offered */
	SMTP_TLS_REQUIRE, /* STARTTLS or nothing */
	SMTP_TLS_BEFORE,  /* the connection is TLS from its first octet (RFC 8314) */
};

/* After what to end, without sending anything further. */
enum smtp_stop {
	SMTP_STOP_NEVER,
	SMTP_STOP_CONNECT,
	SMTP_STOP_EHLO,
	SMTP_STOP_TLS,
	SMTP_STOP_AUTH,
	SMTP_STOP_MAIL,
	SMTP_STOP_RCPT,
	SMTP_STOP_DATA, /* after 354; the connection is cut, since only that ends it without a message */
};

enum smtp_trace {
	SMTP_TRACE_SENT,     /* a command, without line end, secrets redacted */
	SMTP_TRACE_RECEIVED, /* a reply, all its lines, secrets redacted */
	SMTP_TRACE_BODY,     /* octets of a message as they go out */
	SMTP_TRACE_NOTE,     /* what happened in words */
};

struct smtp_session_opts {
	enum smtp_protocol protocol;
	bool try_lmtp;    /* when EHLO is unknown, LHLO may not be (RFC 2033 4.1): for unix sockets */
	struct view ehlo; /* our name */
	enum smtp_tls tls;
	const struct smtp_sasl_opts *auth; /* NULL: no AUTH */
	bool auth_in_clear;  /* AUTH is allowed without TLS: loopback, unix sockets, or the user insists */
	struct view xclient; /* empty: none */
	enum smtp_stop stop;
	bool no_pipelining, no_chunking; /* do not use them although they are offered */
	unsigned rcpt_max;               /* recipients a transaction; 0: SMTP_SESSION_RCPT_MAX */
	unsigned window;                 /* messages unanswered with CHUNKING; 0: SMTP_SESSION_WINDOW */
	uint64_t timeout_ms;             /* for every wait; 0: that of its state (RFC 5321 4.5.3.2) */
	void *trace_ctx;                 /* trace may be NULL */
	void (*trace)(void *ctx, enum smtp_trace what, bool tls, struct view text);
};

enum {
	SMTP_SESSION_RCPT_MAX = 100, /* RFC 5321 4.5.3.1.8: every server takes that many */
	SMTP_SESSION_WINDOW = 16,
	SMTP_SESSION_BLOCK = 65536, /* octets of a message that wait to be written */
	SMTP_SESSION_BLIND = 65536, /* the longest message that goes out with BDAT before RCPT is answered */
	SMTP_SESSION_OUT_MAX = 1 << 22,
};

struct smtp_session {
	const struct smtp_session_opts *opts;
	enum smtp_protocol protocol;
	struct smtp_ehlo ehlo; /* the last one seen */
	struct view greeting;
	bool ready;         /* greeted, TLS up, authenticated: messages can go */
	bool tls;           /* the stream is TLS */
	bool authenticated; /* with `mech` */
	enum smtp_sasl_mech mech;
	bool stopped; /* opts->stop was reached */
	bool over;    /* nothing more can be sent */
	struct smtp_result
		fate; /* when it is over: of every recipient without a result; status delivered: an orderly end */
	unsigned transactions;            /* MAILs sent */
	bool exhausted;                   /* the server takes no more messages on this connection (LIMITS MAILMAX) */
	struct smtp_session_state *state; /* private */
};

/* opts is borrowed. */
void smtp_session_init(struct smtp_session *session, const struct smtp_session_opts *opts);
void smtp_session_done(struct smtp_session *session);

/*
 * Give it a message; txn and all it points to stay the caller's and must live until txn->done. Results are set anew. May
 * be called at any time: before the greeting, while others are on their way (they go in order), when it is over (the
 * recipients then have its fate).
 */
void smtp_session_send(struct smtp_session *session, struct smtp_txn *txn);

/* No more messages will be given: QUIT may ride with the end of the last one. */
void smtp_session_finish(struct smtp_session *session);

enum smtp_want {
	SMTP_WANT_IO,      /* write `out` (may be empty), read when there is something to read */
	SMTP_WANT_TLS,     /* do the handshake, then smtp_session_tls_done */
	SMTP_WANT_MESSAGE, /* all is done; waits for smtp_session_send or smtp_session_finish (reads meanwhile) */
	SMTP_WANT_CLOSE,   /* close the connection */
};

struct smtp_next {
	enum smtp_want want;
	struct view out;       /* good until the next call */
	uint64_t timeout_ms;   /* without an octet written or read in that time: smtp_session_lost */
	enum smtp_stage stage; /* what is being waited for, for messages */
	bool more;             /* there is more to write behind `out`: call again when it is written */
};

void smtp_session_next(struct smtp_session *session, struct smtp_next *next);

/* n octets of the last `out` were taken. */
void smtp_session_wrote(struct smtp_session *session, size_t n);

/*
 * How many of the octets taken wait on this side still, so that the server cannot have seen them. Say it before
 * smtp_session_feed and smtp_session_lost; 0 when never said.
 */
void smtp_session_unsent(struct smtp_session *session, uint64_t octets);

/* Octets from the server. */
void smtp_session_feed(struct smtp_session *session, struct view bytes);

/* After SMTP_WANT_TLS. Octets that came in the clear behind the 220 have ended the session before it gets here. */
void smtp_session_tls_done(struct smtp_session *session);

/*
 * The connection is gone, could not be made, or is given up: err and the words decide what those recipients are told
 * that nothing was said about. ERR_TEMP is "not attempted", anything else is final. Where the end of a message was on
 * the wire, its recipients are in doubt. Read what the server said last before calling this.
 */
void smtp_session_lost(struct smtp_session *session, enum smtp_stage stage, enum err err, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* Is a message under way whose end may already have been seen? Then it should not be interrupted. */
bool smtp_session_past_data(const struct smtp_session *session);
