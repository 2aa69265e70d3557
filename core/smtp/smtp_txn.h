#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_stream.h"
#include "msg_addr.h"
#include "smtp_cmd.h"
#include "smtp_ehlo.h"
#include "smtp_reply.h"

/* What became of one recipient. */
enum smtp_status {
	SMTP_NOT_ATTEMPTED, /* nothing was said about this recipient; try again, here or elsewhere */
	SMTP_DELIVERED,     /* accepted: the responsibility has passed */
	SMTP_DEFERRED,      /* refused for now */
	SMTP_FAILED,        /* refused for good, or cannot be sent this way at all */
	SMTP_IN_DOUBT,      /* the end of the message was on the wire and no answer came (RFC 1047) */
};

/* How far things were when it was decided. */
enum smtp_stage {
	SMTP_STAGE_CONNECT,
	SMTP_STAGE_GREETING,
	SMTP_STAGE_EHLO,
	SMTP_STAGE_TLS,
	SMTP_STAGE_AUTH,
	SMTP_STAGE_MAIL,
	SMTP_STAGE_RCPT,
	SMTP_STAGE_DATA,
	SMTP_STAGE_DOT, /* the answer to the whole message */
};

const char *smtp_stage_name(enum smtp_stage stage);

struct smtp_result {
	enum smtp_status status;
	enum smtp_stage stage;
	enum err err;  /* the exit code, were it the only recipient: ERR_OK, ERR_NO_USER, ERR_TEMP, ERR_IN_DOUBT ... */
	unsigned code; /* 0: no reply decided it */
	struct smtp_enhanced enhanced;
	struct view reply; /* text of the reply, or what happened in words; in the arena of the transaction */
};

/* The verdict on one reply to one recipient: 2yz delivered, 4yz deferred, 5yz failed with the precise error. */
struct smtp_result smtp_result_of(const struct smtp_reply *reply, enum smtp_stage stage, struct arena *arena);

struct smtp_rcpt {
	const struct mailbox *to;
	const struct mailbox *orcpt; /* ORCPT, NULL: none */
	unsigned notify;             /* enum smtp_notify */
	struct smtp_result result;
	enum { SMTP_RCPT_TODO, SMTP_RCPT_GROUP, SMTP_RCPT_ASKED, SMTP_RCPT_ACCEPTED, SMTP_RCPT_DONE } state;
};

struct smtp_body {
	struct source *source;
	uint64_t octets; /* exact; 0: not known */
	bool eight_bit;  /* wants BODY=8BITMIME */
};

/*
 * One message to a list of recipients. The session splits it into as many SMTP transactions as the server's limits
 * need; each recipient ends with a result of its own.
 */
struct smtp_txn {
	const struct mailbox *sender; /* MAILBOX_NULL for <> */
	struct smtp_rcpt *rcpts;
	size_t n;
	bool utf8_head;    /* the header is raw UTF-8: needs SMTPUTF8 */
	bool requiretls;   /* RFC 8689 */
	enum smtp_ret ret; /* DSN */
	struct view envid;
	struct arena *arena; /* replies are kept there */
	void *ctx;
	/*
	 * The message from its first octet, in the form this server takes; called once a transaction, the octets must be
	 * the same each time. An error ends the recipients that are left: ERR_DATA is 5.6.3 (cannot be converted).
	 */
	enum err (*open)(struct smtp_txn *txn, const struct smtp_ehlo *ehlo, struct smtp_body *body, struct diag *diag);

	/* Out. */
	bool done;        /* each recipient has its result */
	bool dsn_dropped; /* DSN was asked for and the server has none */
	unsigned rounds;  /* SMTP transactions that were begun */
	uint64_t octets;  /* of the message, of its last round */
	int64_t mark_ms;  /* for the driver: when its data began */

	/* The session's. */
	struct smtp_txn *next;
	struct smtp_body body;
	size_t asked, accepted, answered; /* recipients of this round */
	size_t cursor;                    /* the next recipient to ask */
	unsigned owed;                    /* replies that will come */
	uint64_t end_from; /* octet of the stream with which the end of the message begins; 0: not written */
	enum {
		SMTP_TXN_QUEUED,
		SMTP_TXN_MAIL, /* MAIL is to be sent */
		SMTP_TXN_RCPT, /* RCPTs are to be sent */
		SMTP_TXN_DATA, /* DATA is to be sent, or BDAT waits for the answers to RCPT */
		SMTP_TXN_WAIT, /* for 354 */
		SMTP_TXN_BODY, /* the message is being written */
		SMTP_TXN_SENT, /* all of it is written */
		SMTP_TXN_OVER, /* this round is decided; replies may still be owed */
	} phase;
	bool mail_refused;
};
