#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base_buf.h"
#include "base_err.h"
#include "base_view.h"

/* SMTP replies (RFC 5321 4.2), with enhanced status codes (RFC 2034, RFC 3463). */

enum {
	SMTP_REPLY_OCTETS = 2048, /* a line; RFC 5321 4.5.3.1.5 says 512, servers say more */
	SMTP_REPLY_LINES = 100,
};

/* "5.1.1"; class 0: the server gave none. */
struct smtp_enhanced {
	unsigned class;
	unsigned subject;
	unsigned detail;
};

/* A verdict rests on `code` alone: a server that says "250 4.2.0" has accepted. */
struct smtp_reply {
	unsigned code;
	struct smtp_enhanced enhanced;
	unsigned lines;
	struct view raw; /* all lines, line ends included */
};

/*
 * Parse one complete reply. A line may end in LF alone, have no text, or have its text without the space; all lines
 * must have the code of the first.
 *
 * in      all lines of the reply and nothing behind them; out keeps a view of it
 * out     written only on ERR_OK
 * limits  SMTP_REPLY_LINES lines, SMTP_REPLY_OCTETS octets a line
 * errors  ERR_SYNTAX (diag: line), ERR_LIMIT
 */
MUST_CHECK enum err smtp_reply_parse(struct view in, struct smtp_reply *out, struct diag *diag);

/* The text of the reply's next line, without code and separator: start with *rest = reply->raw. False at the end. */
bool smtp_reply_next_line(struct view *rest, struct view *text);

/* The texts of all lines on one line, without the code. Raw octets: goes out through SHOW or JSON. */
void smtp_reply_write(const struct smtp_reply *reply, struct buf *out);

void smtp_enhanced_write(const struct smtp_enhanced *enhanced, struct buf *out);
bool smtp_enhanced_is(const struct smtp_enhanced *enhanced, unsigned class, unsigned subject, unsigned detail);

/*
 * Replies out of a stream in pieces of any size. Memory is bounded by the limits of one reply plus the piece fed.
 * Every octet is looked at once, however small the pieces are.
 */
struct smtp_reply_reader {
	struct buf in;
	size_t line;    /* where the line begins that is not complete yet */
	size_t scanned; /* no LF before this */
	unsigned lines; /* complete lines of the reply that is not complete yet */
	size_t taken;   /* octets of the reply last given out, dropped by the next call */
};

void smtp_reply_reader_init(struct smtp_reply_reader *reader);
void smtp_reply_reader_done(struct smtp_reply_reader *reader);

/* errors: ERR_LIMIT when more is fed at once than SMTP_REPLY_FEED_MAX leaves room for */
enum { SMTP_REPLY_FEED_MAX = 1 << 20 };
MUST_CHECK enum err smtp_reply_feed(struct smtp_reply_reader *reader, struct view bytes, struct diag *diag);

/*
 * The next complete reply, *found false when there is none yet. Its views are good until the next call.
 * errors  as smtp_reply_parse; the stream is lost then
 */
MUST_CHECK enum err smtp_reply_next(struct smtp_reply_reader *reader, struct smtp_reply *out, bool *found,
				    struct diag *diag);

/* Octets behind the reply last given out: what came after the answer to STARTTLS is somebody else's. */
size_t smtp_reply_pending(const struct smtp_reply_reader *reader);
