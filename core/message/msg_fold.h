#pragma once

#include <stdbool.h>

#include "base_buf.h"
#include "msg_addr.h"

/*
 * The writer of header fields: the only one, so that what is true here is true of every header that leaves. A name is
 * ftext (RFC 5322 3.6.8), a value holds no CR, LF or NUL (ERR_DATA, never flattened), lines fold at 76 only at white
 * space that is ours or was a single space between words, no line passes 998 octets. Fields are appended to `out` with
 * their CRLF; on an error out may have grown.
 */
enum { MSG_FOLD_LINE = 76, MSG_FOLD_NAME_MAX = 76 };

/* One field in the making: begin, tokens, end. */
struct msg_fold {
	struct buf *out;
	size_t column;
	bool begun;    /* a token stands there: only then may a fold come */
	bool too_long; /* a line has passed MSG_LINE_MAX */
};
MUST_CHECK enum err msg_fold_begin(struct msg_fold *fold, struct view name, struct buf *out, struct diag *diag);
/* One space, or a fold where the line is full, and then the token as it is. */
void msg_fold_token(struct msg_fold *fold, struct view token);
/* The same for words with single spaces between them, each a token. */
void msg_fold_words(struct msg_fold *fold, struct view words);
/* Directly behind what stands there: a comma, a semicolon. */
void msg_fold_glue(struct msg_fold *fold, struct view token);
MUST_CHECK enum err msg_fold_end(struct msg_fold *fold, struct diag *diag);

/* Unstructured text (Subject, Comments, X-...): UTF-8 as encoded words where it must. */
MUST_CHECK enum err msg_field_text(struct view name, struct view text, struct buf *out, struct diag *diag);

/* A value that is not folded and not encoded: Message-ID, Date, MIME-Version. Printable ASCII only. */
MUST_CHECK enum err msg_field_token(struct view name, struct view value, struct buf *out, struct diag *diag);

/*
 * Structured text that somebody wrote (Received, List-Unsubscribe, References): printable ASCII, folded at its single
 * spaces, otherwise as it is.
 */
MUST_CHECK enum err msg_field_words(struct view name, struct view value, struct buf *out, struct diag *diag);

/*
 * Addresses, folded between their words; display names encoded. A local part that is not ASCII stands raw: *utf8 (may be NULL)
 * is set, the message needs SMTPUTF8. Domains are written as they are: give A-labels.
 */
MUST_CHECK enum err msg_field_addresses(struct view name, const struct mailbox *mailboxes, size_t n, struct buf *out,
					bool *utf8, struct diag *diag);

/* Is it a field name? */
bool msg_field_name_valid(struct view name);
