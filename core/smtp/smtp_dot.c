#include "smtp_dot.h"

#include <string.h>

void smtp_dot_init(struct smtp_dot *dot, enum smtp_dot_form form) { *dot = (struct smtp_dot){ .form = form }; }

static enum err bare(const char *what, uint64_t at, struct diag *diag)
{
	return diag_set(diag, ERR_DATA, "%s in the message at octet %llu; it was not sent", what,
			(unsigned long long)at + 1);
}

/* What stands before the next octet that matters: CR, LF and NUL always, a dot only where a line begins. */
static size_t plain_run(struct view in)
{
	const char *lf = memchr(in.p, '\n', in.n);
	size_t n = lf == NULL ? in.n : (size_t)(lf - in.p);
	const char *cr = memchr(in.p, '\r', n);
	n = cr == NULL ? n : (size_t)(cr - in.p);
	const char *nul = memchr(in.p, '\0', n);
	return nul == NULL ? n : (size_t)(nul - in.p);
}

/* One octet that is CR, LF or NUL, or that follows a CR. */
static enum err feed_special(struct smtp_dot *dot, int c, struct buf *out, struct diag *diag)
{
	if (dot->after_cr != (c == '\n'))
		return bare(dot->after_cr ? "CR without LF" : "LF without CR", dot->octets, diag);
	if (c == '\0')
		return bare("NUL", dot->octets, diag);
	buf_byte(out, c);
	dot->after_cr = c == '\r';
	dot->in_line = c == '\r';
	dot->octets++;
	return ERR_OK;
}

enum err smtp_dot_feed(struct smtp_dot *dot, struct view in, struct buf *out, struct diag *diag)
{
	while (in.n > 0) {
		int c = (unsigned char)*in.p;
		if (dot->after_cr || c == '\r' || c == '\n' || c == '\0') {
			enum err err = feed_special(dot, c, out, diag);
			if (err != ERR_OK)
				return err;
			in = view_from(in, 1);
			continue;
		}
		if (c == '.' && !dot->in_line && dot->form == SMTP_DOT_STUFFED)
			buf_byte(out, '.');
		size_t n = plain_run(in);
		buf_put(out, view_to(in, n));
		dot->in_line = true;
		dot->octets += n;
		in = view_from(in, n);
	}
	if (out->over)
		return diag_set(diag, ERR_LIMIT, "more than %zu octets of the message at once", out->max);
	return ERR_OK;
}

enum err smtp_dot_end(struct smtp_dot *dot, struct buf *out, struct diag *diag)
{
	if (dot->after_cr)
		return bare("CR without LF", dot->octets, diag);
	if (dot->in_line)
		buf_str(out, "\r\n");
	dot->in_line = false;
	return out->over ? diag_set(diag, ERR_LIMIT, "the buffer of the message is full") : ERR_OK;
}
