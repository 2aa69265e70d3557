#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_buf.h"
#include "base_err.h"
#include "base_view.h"
#include "msg_addr.h"
#include "smtp_ehlo.h"

/*
 * The only place where an SMTP command becomes octets. Each writer appends one line with its CRLF, or nothing.
 *
 * errors  ERR_DATA: a value that cannot stand in a command (a control character, a space, 8-bit where none may be)
 *         ERR_LIMIT: longer than SMTP_CMD_OCTETS (SMTP_CMD_AUTH_OCTETS for SASL), or out is full
 */
enum {
	SMTP_CMD_OCTETS = 2048,       /* RFC 5321 4.5.3.1.4 has 512, extensions add to it, long VERP addresses too */
	SMTP_CMD_AUTH_OCTETS = 65536, /* GSSAPI tickets and tokens are long; RFC 4954 4 names 12288 */
	SMTP_CMD_AUTH_INITIAL = 512,  /* RFC 4954 4: with the initial response no longer than this, CRLF included */
};

enum smtp_protocol { SMTP_PROTOCOL_SMTP, SMTP_PROTOCOL_LMTP };

enum smtp_hello { SMTP_HELLO_EHLO, SMTP_HELLO_HELO, SMTP_HELLO_LHLO };
MUST_CHECK enum err smtp_cmd_hello(enum smtp_hello hello, struct view name, struct buf *out, struct diag *diag);

enum smtp_ret { SMTP_RET_NONE, SMTP_RET_FULL, SMTP_RET_HDRS };

/* RFC 5321 4.1.1.2 and its extensions. What the server did not offer must not be set here; the session sees to it. */
struct smtp_mail {
	const struct mailbox *from; /* MAILBOX_NULL for <> */
	bool with_size;             /* RFC 1870 */
	uint64_t size;
	bool body_8bit;    /* RFC 6152 */
	bool smtputf8;     /* RFC 6531 */
	bool requiretls;   /* RFC 8689 */
	enum smtp_ret ret; /* RFC 3461 4.3 */
	struct view envid; /* RFC 3461 4.4; encoded here; empty: none */
};
MUST_CHECK enum err smtp_cmd_mail(const struct smtp_mail *mail, struct buf *out, struct diag *diag);

/* RFC 3461 4.1; NEVER stands alone. */
enum smtp_notify {
	SMTP_NOTIFY_NEVER = 1 << 0,
	SMTP_NOTIFY_SUCCESS = 1 << 1,
	SMTP_NOTIFY_FAILURE = 1 << 2,
	SMTP_NOTIFY_DELAY = 1 << 3,
};

struct smtp_rcpt_cmd {
	const struct mailbox *to;
	bool smtputf8;               /* the transaction has it: the address may be UTF-8 */
	unsigned notify;             /* enum smtp_notify; 0: not said */
	const struct mailbox *orcpt; /* RFC 3461 4.2, as rfc822 (or utf-8, RFC 6533); NULL: not said */
};
MUST_CHECK enum err smtp_cmd_rcpt(const struct smtp_rcpt_cmd *rcpt, struct buf *out, struct diag *diag);

/* A verb alone. */
enum smtp_verb { SMTP_VERB_DATA, SMTP_VERB_RSET, SMTP_VERB_QUIT, SMTP_VERB_STARTTLS };
MUST_CHECK enum err smtp_cmd_verb(enum smtp_verb verb, struct buf *out, struct diag *diag);

/* RFC 3030 2. */
MUST_CHECK enum err smtp_cmd_bdat(uint64_t octets, bool last, struct buf *out, struct diag *diag);

/*
 * AUTH with the initial response (raw; NULL: without). *fits false and nothing written: too long for the command, so it
 * must be sent as the answer to an empty challenge.
 */
MUST_CHECK enum err smtp_cmd_auth(enum smtp_sasl_mech mech, const struct view *initial, bool *fits, struct buf *out,
				  struct diag *diag);

/* The answer to a 334 challenge (raw). */
MUST_CHECK enum err smtp_cmd_auth_response(struct view response, struct buf *out, struct diag *diag);

/* RFC 4954 4: "*", which ends the exchange. */
MUST_CHECK enum err smtp_cmd_auth_cancel(struct buf *out, struct diag *diag);

/* "NAME=1.2.3.4 ADDR=..." as the user gave it, values encoded by him; control characters are refused. */
MUST_CHECK enum err smtp_cmd_xclient(struct view attributes, struct buf *out, struct diag *diag);

/* RFC 3461 4: "+", "=" and what is not in 33..126 become +HH. */
void smtp_xtext_write(struct view v, struct buf *out);

/* errors: ERR_SYNTAX */
MUST_CHECK enum err smtp_xtext_parse(struct view v, struct buf *out, struct diag *diag);
