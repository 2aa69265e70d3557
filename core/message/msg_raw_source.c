#include "msg_raw.h"

#include "msg_raw_priv.h"

/* The wire form: header, then the body as it is (AS_IS) or through the converter. */
enum { IN_HEADER, IN_BODY };

static enum err skip_header(struct msg_raw_source *self, struct diag *diag)
{
	char block[16384];
	enum err err = source_rewind(self->raw->input, diag);
	for (uint64_t left = self->raw->head_octets; left > 0 && err == ERR_OK;) {
		size_t n;
		err = source_read(self->raw->input, block, left < sizeof block ? (size_t)left : sizeof block, &n, diag);
		if (err == ERR_OK && n == 0)
			err = diag_set(diag, ERR_IO, "the message became shorter while it was read");
		left -= err == ERR_OK ? n : 0;
	}
	return err;
}

static enum err raw_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct msg_raw_source *self = (struct msg_raw_source *)source;
	*n = 0;
	if (self->state == IN_HEADER) {
		struct view part = view_slice(self->head, self->head_at, cap);
		memcpy(out, part.p, part.n);
		self->head_at += part.n;
		*n = part.n;
		if (self->head_at < self->head.n)
			return ERR_OK;
		self->state = IN_BODY;
		enum err err = skip_header(self, diag);
		if (err != ERR_OK)
			return err;
	}
	size_t got = 0;
	enum err err = *n < cap ? source_read(&self->encoder.source, out + *n, cap - *n, &got, diag) : ERR_OK;
	if (err == ERR_OK && *n < cap && got == 0 && self->encoder.taken != self->raw->octets - self->raw->head_octets)
		return diag_set(diag, ERR_IO, "the message changed while it was read; send it again");
	*n += got;
	return err;
}

static enum err raw_rewind(struct source *source, struct diag *diag)
{
	(void)diag;
	struct msg_raw_source *self = (struct msg_raw_source *)source;
	self->head_at = 0;
	self->state = IN_HEADER;
	msg_encoder_reset(&self->encoder, self->raw->input,
			  self->raw->canonical ? MSG_ENCODING_EXACT : MSG_ENCODING_7BIT, true);
	return ERR_OK;
}

static enum err converted_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	return source_read(&((struct msg_raw_source *)source)->convert->source, out, cap, n, diag);
}

static enum err converted_rewind(struct source *source, struct diag *diag)
{
	return source_rewind(&((struct msg_raw_source *)source)->convert->source, diag);
}

static enum err open_converted(struct msg_raw_source *self, bool seven, struct arena *arena, struct diag *diag)
{
	static const struct source_ops ops = { converted_read, converted_rewind };
	self->source.ops = &ops;
	self->convert = arena_new(arena, struct raw_convert);
	enum err err = raw_convert_init(self->convert, self->raw, self->head, seven, arena, diag);
	char block[16384];
	size_t n = 1;
	while (err == ERR_OK && n > 0) {
		err = source_read(&self->source, block, sizeof block, &n, diag);
		self->octets += err == ERR_OK ? n : 0;
	}
	return err == ERR_OK ? source_rewind(&self->source, diag) : err;
}

enum err msg_raw_open(struct msg_raw_source *source, const struct msg_raw *raw, struct view head, bool seven,
		      struct arena *arena, struct diag *diag)
{
	static const struct source_ops ops = { raw_read, raw_rewind };
	*source = (struct msg_raw_source){ .source = { &ops }, .raw = raw };
	BUF_AUTO struct buf text;
	buf_init(&text, head.n + 2);
	buf_put(&text, head);
	buf_str(&text, "\r\n");
	source->head = arena_view(arena, buf_view(&text));
	seven = seven && raw->eight_bit;
	if (seven && raw->is_signed)
		return diag_set(diag, ERR_DATA,
				"the message has octets over 127, the server does not take them (no 8BITMIME), and "
				"it is signed already: encoding it would break the signature");
	if (seven || raw->long_lines)
		return open_converted(source, seven, arena, diag);
	source->octets = source->head.n + raw->body_octets;
	msg_encoder_init(&source->encoder);
	return source_rewind(&source->source, diag);
}

void msg_raw_close(struct msg_raw_source *source)
{
	if (source->convert != NULL)
		raw_convert_done(source->convert);
	msg_encoder_done(&source->encoder);
}
