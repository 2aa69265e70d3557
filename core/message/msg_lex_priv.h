#pragma once

#include "base_buf.h"
#include "base_cur.h"

enum { MSG_LEX_COMMENT_DEPTH = 32 };

/* White space, line ends and comments (RFC 5322 3.2.2). A comment that is not closed or nested too deep fails the cursor. */
void lex_skip_cfws(struct cur *cur);

/* Behind the opening quote through the closing one; the content with its quoted pairs resolved and line ends taken out
 * goes to out. Without a closing quote it goes to the end and is false. */
bool lex_take_quoted(struct cur *cur, struct buf *out);
