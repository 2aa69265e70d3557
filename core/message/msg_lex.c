#include "msg_lex_priv.h"

static void skip_comment(struct cur *cur)
{
	size_t depth = 0;
	do {
		int c = cur_peek(cur);
		depth += c == '(';
		depth -= c == ')';
		if (c < 0 || depth > MSG_LEX_COMMENT_DEPTH) {
			cur_fail(cur);
			return;
		}
		if (c == '\\')
			cur_skip(cur);
		cur_skip(cur);
	} while (depth > 0);
}

void lex_skip_cfws(struct cur *cur)
{
	cur_skip_fws(cur);
	while (cur_peek(cur) == '(') {
		skip_comment(cur);
		cur_skip_fws(cur);
	}
}

bool lex_take_quoted(struct cur *cur, struct buf *out)
{
	for (;;) {
		int c = cur_peek(cur);
		cur_skip(cur);
		if (c == '"')
			return true;
		if (c == '\\') {
			c = cur_peek(cur);
			cur_skip(cur);
		}
		if (c < 0)
			return false;
		if (c != '\r' && c != '\n')
			buf_byte(out, c);
	}
}
