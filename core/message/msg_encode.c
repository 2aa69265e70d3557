#include "msg_encode.h"

#include <stdlib.h>

#include "base_ascii.h"
#include "base_base64.h"

enum {
	ENCODE_IN = BASE64_LINE * 1024, /* content read at once */
	ENCODE_AHEAD = 8,               /* octets that a decision may look ahead */
	ENCODE_UNIT = 96,               /* room in which each step gets something done */
	QP_LINE = 76,
};

const char *msg_encoding_name(enum msg_encoding encoding)
{
	static const char *const names[] = { "7bit", "7bit", "quoted-printable", "base64", "base64" };
	return names[encoding];
}

static struct view pending(const struct msg_encoder *self)
{
	return view_of(self->in + self->in_at, self->in_n - self->in_at);
}

/* At least `want` octets of content in the buffer, unless it ends before. */
static enum err refill(struct msg_encoder *self, size_t want, struct diag *diag)
{
	if (self->in_n - self->in_at >= want || self->in_end)
		return ERR_OK;
	memmove(self->in, self->in + self->in_at, self->in_n - self->in_at);
	self->in_n -= self->in_at;
	self->in_at = 0;
	while (self->in_n < want && !self->in_end) {
		size_t n;
		enum err err = source_read(self->content, self->in + self->in_n, ENCODE_IN - self->in_n, &n, diag);
		if (err != ERR_OK)
			return err;
		self->in_end = n == 0;
		self->in_n += n;
		self->taken += n;
	}
	return ERR_OK;
}

/* Length of the line end at the front of v: 1 for LF, 2 for CRLF, else 0. */
static size_t line_end(struct view v)
{
	int c = view_at(v, 0);
	return c == '\n' ? 1 : c == '\r' && view_at(v, 1) == '\n' ? 2 : 0;
}

static size_t put_crlf(char *out)
{
	memcpy(out, "\r\n", 2);
	return 2;
}

static enum err step_exact(struct msg_encoder *self, char *out, size_t cap, size_t *n, struct diag *diag)
{
	enum err err = source_read(self->content, out, cap, n, diag);
	self->taken += err == ERR_OK ? *n : 0;
	self->spent = err == ERR_OK && *n == 0;
	return err;
}

static enum err step_7bit(struct msg_encoder *self, char *out, size_t cap, size_t *n, struct diag *diag)
{
	enum err err = refill(self, ENCODE_AHEAD, diag);
	if (err != ERR_OK)
		return err;
	size_t at = 0;
	while (self->in_at < self->in_n && cap - at >= 2) {
		struct view rest = view_to(pending(self), cap - at - 1);
		size_t lf = view_find_byte(rest, '\n');
		size_t run = lf == SIZE_MAX ? rest.n : lf;
		if (run > 0) {
			memcpy(out + at, rest.p, run);
			self->last_cr = rest.p[run - 1] == '\r';
			self->line_start = false;
			at += run;
		}
		if (lf != SIZE_MAX) {
			if (!self->last_cr)
				out[at++] = '\r';
			out[at++] = '\n';
			run++;
			self->last_cr = false;
			self->line_start = true;
		}
		self->in_at += run;
	}
	if (self->in_at == self->in_n && self->in_end && cap - at >= 2) {
		if (self->end_line && !self->line_start)
			at += put_crlf(out + at);
		self->spent = true;
	}
	*n = at;
	return ERR_OK;
}

static size_t qp_token(char *out, int c, bool literal)
{
	static const char hex[] = "0123456789ABCDEF";
	if (literal) {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '=';
	out[1] = hex[c >> 4];
	out[2] = hex[c & 15];
	return 3;
}

/* May the octet at the front of v stand for itself at this column (RFC 2045 6.7)? `ends`: a line end or the end follows. */
static bool qp_literal(struct view v, size_t column, bool ends)
{
	int c = view_at(v, 0);
	if (c == ' ' || c == '\t')
		return !ends;
	if (!ascii_is_vchar(c) || c == '=')
		return false;
	if (column > 0)
		return true;
	return c != '.' && !view_starts(v, VIEW("From ")) && !view_starts(v, VIEW("--"));
}

/* One character or line end, with a soft line break before it where the line is full. */
static size_t qp_one(struct msg_encoder *self, char *out)
{
	struct view v = pending(self);
	size_t end = line_end(v), at = 0;
	if (end > 0) {
		self->in_at += end;
		self->column = 0;
		return put_crlf(out);
	}
	struct view next = view_from(v, 1);
	bool ends = next.n == 0 || line_end(next) > 0;
	bool literal = qp_literal(v, self->column, ends);
	if (self->column + (literal ? 1 : 3) > (size_t)QP_LINE - !ends) {
		memcpy(out, "=\r\n", 3);
		at = 3;
		self->column = 0;
		literal = qp_literal(v, 0, ends);
	}
	size_t n = qp_token(out + at, view_at(v, 0), literal);
	self->column += n;
	self->in_at++;
	return at + n;
}

static enum err step_qp(struct msg_encoder *self, char *out, size_t cap, size_t *n, struct diag *diag)
{
	size_t at = 0;
	while (cap - at >= 8) {
		enum err err = refill(self, ENCODE_AHEAD, diag);
		if (err != ERR_OK)
			return err;
		if (self->in_at < self->in_n) {
			at += qp_one(self, out + at);
			continue;
		}
		if (self->end_line && self->column > 0)
			at += put_crlf(out + at);
		self->spent = true;
		break;
	}
	*n = at;
	return ERR_OK;
}

static enum err step_base64(struct msg_encoder *self, char *out, size_t cap, size_t *n, struct diag *diag)
{
	enum err err = refill(self, BASE64_LINE, diag);
	if (err != ERR_OK)
		return err;
	struct view in = pending(self);
	size_t lines = in.n / BASE64_LINE, fit = cap / base64_lines_size(BASE64_LINE);
	size_t take = (lines < fit ? lines : fit) * BASE64_LINE;
	if (lines == 0) {
		take = in.n;
		self->spent = true;
	}
	*n = base64_encode_lines(out, in.p, take);
	self->in_at += take;
	return ERR_OK;
}

/* Canonical octets of a text: the run up to the next line end, or the line end as CR, whose LF is then owed (last_cr). */
static size_t canonical_run(struct msg_encoder *self, char *out, size_t cap)
{
	struct view v = pending(self);
	if (self->last_cr) {
		out[0] = '\n';
		self->last_cr = false;
		return 1;
	}
	size_t end = line_end(v);
	if (end > 0) {
		out[0] = '\r';
		self->last_cr = true;
		self->in_at += end;
		return 1;
	}
	v = view_to(v, cap);
	size_t lf = view_find_byte(v, '\n'), n = lf == SIZE_MAX ? v.n : lf;
	if (n > 1 && v.p[n - 1] == '\r')
		n--; /* it may belong to the line end behind it */
	memcpy(out, v.p, n);
	self->in_at += n;
	return n;
}

/* Each line of base64 holds 57 octets of the canonical text. */
static enum err step_base64_text(struct msg_encoder *self, char *out, size_t cap, size_t *n, struct diag *diag)
{
	char line[BASE64_LINE];
	size_t at = 0;
	*n = 0;
	while (cap - *n >= base64_lines_size(sizeof line) && !self->spent) {
		enum err err = refill(self, ENCODE_AHEAD, diag);
		if (err != ERR_OK)
			return err;
		bool more = self->in_at < self->in_n || self->last_cr;
		if (more)
			at += canonical_run(self, line + at, sizeof line - at);
		if (at == sizeof line || !more) {
			*n += base64_encode_lines(out + *n, line, at);
			at = 0;
			self->spent = !more;
		}
	}
	return ERR_OK;
}

/* As much as fits into cap (ENCODE_UNIT or more), at least something unless the end is reached. */
static enum err step(struct msg_encoder *self, char *out, size_t cap, size_t *n, struct diag *diag)
{
	switch (self->encoding) {
	case MSG_ENCODING_7BIT:
		return step_7bit(self, out, cap, n, diag);
	case MSG_ENCODING_QP:
		return step_qp(self, out, cap, n, diag);
	case MSG_ENCODING_BASE64_TEXT:
		return step_base64_text(self, out, cap, n, diag);
	case MSG_ENCODING_BASE64:
		return step_base64(self, out, cap, n, diag);
	case MSG_ENCODING_EXACT:
		break;
	}
	return step_exact(self, out, cap, n, diag);
}

static enum err encoder_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct msg_encoder *self = (struct msg_encoder *)source;
	*n = 0;
	while (*n == 0) {
		if (self->carry_at < self->carry_n) {
			size_t left = self->carry_n - self->carry_at, part = left < cap ? left : cap;
			memcpy(out, self->carry + self->carry_at, part);
			self->carry_at += part;
			*n = part;
			return ERR_OK;
		}
		if (self->spent || cap == 0)
			return ERR_OK;
		if (cap >= ENCODE_UNIT) {
			enum err err = step(self, out, cap, n, diag);
			if (err != ERR_OK)
				return err;
			continue;
		}
		self->carry_at = 0;
		enum err err = step(self, self->carry, sizeof self->carry, &self->carry_n, diag);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static enum err encoder_rewind(struct source *source, struct diag *diag)
{
	struct msg_encoder *self = (struct msg_encoder *)source;
	enum err err = source_rewind(self->content, diag);
	if (err == ERR_OK)
		msg_encoder_reset(self, self->content, self->encoding, self->end_line);
	return err;
}

void msg_encoder_init(struct msg_encoder *encoder)
{
	static const struct source_ops ops = { encoder_read, encoder_rewind };
	*encoder = (struct msg_encoder){ .source = { &ops }, .in = malloc(ENCODE_IN) };
	if (encoder->in == NULL)
		base_out_of_memory();
}

void msg_encoder_done(struct msg_encoder *encoder)
{
	free(encoder->in);
	encoder->in = NULL;
}

void msg_encoder_reset(struct msg_encoder *encoder, struct source *content, enum msg_encoding encoding, bool end_line)
{
	encoder->content = content;
	encoder->encoding = encoding;
	encoder->end_line = end_line;
	encoder->taken = 0;
	encoder->in_at = encoder->in_n = encoder->column = 0;
	encoder->in_end = encoder->last_cr = encoder->spent = false;
	encoder->line_start = true;
	encoder->carry_at = encoder->carry_n = 0;
}
