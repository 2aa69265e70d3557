#pragma once

#include <stdbool.h>

#include "base_buf.h"
#include "base_err.h"
#include "base_view.h"

/*
 * The body of a message on its way to the socket: dots stuffed (RFC 5321 4.5.2), and the last look at its line ends.
 * A CR without LF or an LF without CR never leaves the machine (2.3.8; "smuggling"), nor does NUL, whatever composed
 * the message. The state lives across pieces of any size.
 */
enum smtp_dot_form {
	SMTP_DOT_STUFFED, /* for DATA */
	SMTP_DOT_PLAIN,   /* for BDAT: only looked at */
};

struct smtp_dot {
	enum smtp_dot_form form;
	bool after_cr;
	bool in_line;    /* something stands before this octet in its line */
	uint64_t octets; /* of the message, stuffing not counted */
};

void smtp_dot_init(struct smtp_dot *dot, enum smtp_dot_form form);

/*
 * Append the octets as they go out.
 * errors  ERR_DATA: a line end that is no CRLF, or NUL; ERR_LIMIT: out is full. Nothing more may be sent then.
 */
MUST_CHECK enum err smtp_dot_feed(struct smtp_dot *dot, struct view in, struct buf *out, struct diag *diag);

/*
 * The end of the message: the line that is open is ended with CRLF; after a CR it is ERR_DATA. The terminator is not
 * written here.
 */
MUST_CHECK enum err smtp_dot_end(struct smtp_dot *dot, struct buf *out, struct diag *diag);
