#pragma once

#include "base_arena.h"
#include "base_buf.h"
#include "base_err.h"
#include "base_view.h"

/* Encoded words, RFC 2047 and the language suffix of RFC 2231 5. */

enum {
	MSG_WORD_MAX = 75, /* octets of one encoded word (RFC 2047 2) */
	MSG_WORD_LINE = 76,
};

/*
 * A field value or phrase, raw and folded as it may be, as UTF-8 text: words decoded, white space between two words
 * dropped, a character split across words put together, folds undone. What is no proper word stays as it is; 8-bit
 * octets outside of words are UTF-8 or windows-1252. CR, LF and NUL do not come out: where a word hides one, it becomes
 * a space. Linear in in.n.
 */
void msg_word_decode(struct view in, struct buf *out);

/* The same in an arena, trimmed; the view itself when there is nothing to do. At most 3 * in.n octets. */
struct view msg_word_decode_view(struct view in, struct arena *arena);

/* A reader could take something in it for an encoded word. */
bool msg_word_looks_encoded(struct view in);

/* It holds what a 7-bit header cannot say without encoding: non-ASCII, control characters, or what looks encoded. */
bool msg_word_is_needed(struct view text);

/*
 * Text for an unstructured field (Subject): from the first to the last of the words (between spaces) that need it
 * encoded, each encoded word at most MSG_WORD_MAX octets and holding whole characters, Q or B whichever is shorter,
 * with one space between them, where the folding may break. `used` octets already stand on the line, so that the first
 * word ends before MSG_WORD_LINE where it can.
 *
 * errors  ERR_DATA when text holds CR, LF, NUL or is not UTF-8
 */
MUST_CHECK enum err msg_word_encode(struct view text, size_t used, struct buf *out, struct diag *diag);

/* The same for a phrase (display name, group name): atoms or a quoted string where ASCII does, else all of it encoded. */
MUST_CHECK enum err msg_word_encode_phrase(struct view text, size_t used, struct buf *out, struct diag *diag);
