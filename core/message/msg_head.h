#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base_arena.h"
#include "base_buf.h"
#include "base_err.h"
#include "base_view.h"

/*
 * The header block of a message or part, split in place: nothing is copied, so that a signer sees exact octets.
 */
struct msg_field {
	struct view name;  /* without white space before the colon; empty for a stray line (MSG_HEAD_STRAY) */
	struct view value; /* all between the colon and the last line end: leading space and folds are in it */
	struct view raw;   /* the whole field, last line end included */
};

/* What the block had that it should not have; or-ed into msg_head.faults. */
enum msg_head_fault {
	MSG_HEAD_FROM_LINE = 1 << 0, /* an mbox "From " line comes first; it is in from_line and no field */
	MSG_HEAD_STRAY = 1 << 1, /* continuation before the first field, or ">From " line: kept as a nameless field */
	MSG_HEAD_COLON = 1 << 2, /* white space before a colon */
	MSG_HEAD_NO_BLANK = 1 << 3, /* ended by a line that is no field, or by the end of input, not by an empty line */
	MSG_HEAD_MIXED = 1 << 4,    /* LF and CRLF line ends both */
	MSG_HEAD_NUL = 1 << 5,
};

struct msg_head {
	struct msg_field *at;
	size_t n, cap;
	size_t octets;         /* of the block with its empty line: the body starts here */
	size_t fields_end;     /* where the empty line (or the body, or the end) starts */
	struct view from_line; /* mbox "From " line without its line end */
	unsigned faults;
};

enum {
	MSG_HEAD_FIELDS_MAX = 10000,
	MSG_HEAD_OCTETS_MAX = 1 << 20,
};

/* fields and octets of 0 stand for the maxima above. */
struct msg_head_limits {
	size_t fields;
	size_t octets;
};

/*
 * Split what stands before the first empty line. Line ends are LF or CRLF; where in has no LF at all, lone CR.
 * A line that can be no field ends the block: the body starts with it.
 *
 * in      a message or part from its first octet; out keeps views into it
 * out     written only on ERR_OK
 * owns    arena: the array of fields
 * limits  limits (NULL: the maxima)
 * errors  ERR_LIMIT
 */
MUST_CHECK enum err msg_head_parse(struct view in, const struct msg_head_limits *limits, struct arena *arena,
				   struct msg_head *out, struct diag *diag);

/* Names are compared without case. NULL when there is none. */
const struct msg_field *msg_head_first(const struct msg_head *head, struct view name);
const struct msg_field *msg_head_last(const struct msg_head *head, struct view name);
/* n counts from 0 at the bottom, as DKIM signs them (RFC 6376 5.4.2). */
const struct msg_field *msg_head_from_bottom(const struct msg_head *head, struct view name, size_t n);
size_t msg_head_count(const struct msg_head *head, struct view name);
/* The field after *at (start with 0); *at goes on behind it. For walking all fields of a name from the top. */
const struct msg_field *msg_head_next(const struct msg_head *head, struct view name, size_t *at);

/* The value of the first field of that name without folds and white space around; empty when there is none. */
struct view msg_head_value(const struct msg_head *head, struct view name, struct arena *arena);

/*
 * Unfolding (RFC 5322 2.2.3): line ends are taken out, the white space behind them stays. The view itself when it has
 * no line end. msg_head_unfold also trims both ends.
 */
struct view msg_head_unfold(struct view value, struct arena *arena);
void msg_head_unfold_to(struct view value, struct buf *out);

/* '\n', or '\r' where in has no LF but CR: what ends a line in this message. */
int msg_line_end(struct view in);

/*
 * The next line of *rest, its line end (LF, CRLF; or lone CR when eol is '\r') left out; *rest goes on behind it. False
 * at the end.
 */
bool msg_line_next(struct view *rest, int eol, struct view *line);

/*
 * Collects a header block from pieces of any size. Feed until it says done; then `head` holds the octets of the block
 * and, behind head_n, at most a line of the body (when no empty line ended the block).
 */
struct msg_head_reader {
	struct buf head;
	size_t head_n; /* octets of the block in head, once done */
	size_t line;   /* where the line that is not complete starts */
	bool any;      /* a field was seen */
	bool done;
};
void msg_head_reader_init(struct msg_head_reader *reader, size_t octets_max);
void msg_head_reader_done(struct msg_head_reader *reader);

/*
 * Take what belongs to the block from in; *used of its octets were taken, the rest is body. Once reader->done is true
 * it takes nothing. At the end of input call msg_head_reader_end.
 * errors  ERR_LIMIT when the block is longer than octets_max
 */
MUST_CHECK enum err msg_head_reader_feed(struct msg_head_reader *reader, struct view in, size_t *used,
					 struct diag *diag);
void msg_head_reader_end(struct msg_head_reader *reader);
