#include "msg_compose.h"

#include <stdio.h>

#include "base_base64.h"
#include "base_show.h"
#include "base_vec.h"
#include "msg_compose_priv.h"

/* The boundaries of a message share a prefix that is in no text: "=_" cannot be in base64 or quoted-printable, and a
 * plain text that has it at the start of a line is encoded. */
enum { BOUNDARY_MAX = 64 };

struct composer {
	struct msg_compose *out;
	struct arena *arena;
	struct buf text; /* of the literal being written */
	char prefix[BOUNDARY_MAX];
	unsigned boundaries;
	unsigned parts;
	struct diag *diag;
};

static bool is_multi(const struct msg_part *part) { return view_starts_case(part->type, VIEW("multipart/")); }

static void collapse(struct msg_part *part)
{
	while (is_multi(part) && part->first != NULL && part->first->next == NULL &&
	       !view_eq_case(part->type, VIEW("multipart/signed"))) {
		struct msg_part *next = part->next, *only = part->first;
		*part = *only;
		part->next = next;
	}
}

static enum err part_changed(struct msg_part *part, struct diag *diag)
{
	if (part->name.n > 0)
		return diag_set(diag, ERR_IO, "%s changed while it was read; send it again", SHOW(part->name));
	return diag_set(diag, ERR_IO, "the text changed while it was read; send it again");
}

/* message/rfc822 and its kin must not be encoded (RFC 2046 5.2.1): plain when it is, else octets without that type. */
static void choose_message(struct msg_part *part, struct msg_scan *scan)
{
	scan->from_line = false;
	part->encoding = MSG_ENCODING_7BIT;
	if (msg_scan_is_7bit(scan))
		return;
	part->encoding = MSG_ENCODING_BASE64;
	part->type = VIEW("application/octet-stream");
}

static void choose_text(struct msg_part *part, const struct msg_scan *scan)
{
	part->encoding = part->attached ? MSG_ENCODING_BASE64 : msg_scan_choose(scan);
	if (part->charset.n > 0)
		return;
	if (scan->eight == 0)
		part->charset = VIEW("us-ascii");
	else if (scan->utf8)
		part->charset = VIEW("utf-8");
	else if (!part->attached) {
		part->charset = VIEW("windows-1252");
		part->charset_guessed = true;
	}
}

static enum err choose_encoding(struct composer *self, struct msg_part *part)
{
	bool text = view_starts_case(part->type, VIEW("text/"));
	bool message = view_starts_case(part->type, VIEW("message/"));
	part->encoding = part->type.n == 0 ? MSG_ENCODING_EXACT : MSG_ENCODING_BASE64;
	if (!text && !message)
		return ERR_OK;
	struct msg_scan scan;
	msg_scan_init(&scan, view_str(self->prefix));
	enum err err = msg_scan_source(&scan, part->content, self->diag);
	if (err != ERR_OK)
		return err;
	if (scan.octets != part->octets)
		return part_changed(part, self->diag);
	if (message)
		choose_message(part, &scan);
	else
		choose_text(part, &scan);
	return ERR_OK;
}

static enum err choose_all(struct composer *self, struct msg_part *part, unsigned depth)
{
	collapse(part);
	if (++self->parts > MSG_COMPOSE_PARTS)
		return diag_set(self->diag, ERR_LIMIT, "more than %d parts (MSG_COMPOSE_PARTS)", MSG_COMPOSE_PARTS);
	if (!is_multi(part))
		return choose_encoding(self, part);
	if (depth == MSG_COMPOSE_DEPTH)
		return diag_set(self->diag, ERR_LIMIT, "parts nest deeper than %d (MSG_COMPOSE_DEPTH)",
				MSG_COMPOSE_DEPTH);
	part->boundary = view_str(arena_printf(self->arena, "%s_%u", self->prefix + 2, self->boundaries++));
	for (struct msg_part *child = part->first; child != NULL; child = child->next) {
		enum err err = choose_all(self, child, depth + 1);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

/* The literal collected so far becomes a segment. */
static void flush_text(struct composer *self)
{
	if (self->text.n == 0)
		return;
	struct view text = arena_view(self->arena, buf_view(&self->text));
	*VEC_PUSH(&self->out->segments, self->arena) = (struct msg_segment){ .text = text };
	self->out->octets += text.n;
	buf_reset(&self->text);
}

/* Octets on the wire of a leaf. Those of quoted-printable and plain text are counted by writing it once. */
static enum err count_octets(struct composer *self, struct msg_part *part, bool end_line, uint64_t *octets)
{
	*octets = part->octets;
	if (part->encoding == MSG_ENCODING_BASE64)
		*octets = base64_lines_size(part->octets);
	if (part->encoding == MSG_ENCODING_BASE64 || part->encoding == MSG_ENCODING_EXACT)
		return ERR_OK;
	struct msg_encoder *encoder = &self->out->encoder;
	msg_encoder_reset(encoder, part->content, part->encoding, end_line);
	*octets = 0;
	char block[16384];
	size_t n;
	do {
		enum err err = source_read(&encoder->source, block, sizeof block, &n, self->diag);
		if (err != ERR_OK)
			return err;
		*octets += n;
	} while (n > 0);
	return source_rewind(part->content, self->diag);
}

static enum err emit_leaf(struct composer *self, struct msg_part *part, bool root)
{
	uint64_t octets;
	enum err err = count_octets(self, part, root, &octets);
	if (err != ERR_OK)
		return err;
	flush_text(self);
	*VEC_PUSH(&self->out->segments, self->arena) = (struct msg_segment){ .part = part, .end_line = root };
	self->out->octets += octets;
	return ERR_OK;
}

static enum err emit_part(struct composer *self, struct msg_part *part, bool root)
{
	if (part->type.n > 0) {
		enum err err = msg_part_write_head(part, &self->text, self->diag);
		if (err != ERR_OK)
			return err;
		buf_str(&self->text, "\r\n");
	}
	if (!is_multi(part))
		return emit_leaf(self, part, root);
	for (struct msg_part *child = part->first; child != NULL; child = child->next) {
		buf_printf(&self->text, "--%.*s\r\n", VIEW_ARG(part->boundary));
		enum err err = emit_part(self, child, false);
		if (err != ERR_OK)
			return err;
		if (child->encoding != MSG_ENCODING_BASE64 && child->encoding != MSG_ENCODING_BASE64_TEXT)
			buf_str(&self->text, "\r\n");
	}
	buf_printf(&self->text, "--%.*s--\r\n", VIEW_ARG(part->boundary));
	return ERR_OK;
}

static enum err segment_begin(struct msg_compose *self, const struct msg_segment *segment, struct diag *diag)
{
	self->segment_read = 0;
	if (segment->part == NULL)
		return ERR_OK;
	msg_encoder_reset(&self->encoder, segment->part->content, segment->part->encoding, segment->end_line);
	return source_rewind(segment->part->content, diag);
}

static enum err segment_read(struct msg_compose *self, const struct msg_segment *segment, char *out, size_t cap,
			     size_t *n, struct diag *diag)
{
	if (segment->part == NULL) {
		struct view part = view_slice(segment->text, self->segment_read, cap);
		if (part.n > 0)
			memcpy(out, part.p, part.n);
		*n = part.n;
	} else {
		enum err err = source_read(&self->encoder.source, out, cap, n, diag);
		if (err != ERR_OK)
			return err;
		if (*n == 0 && self->encoder.taken != segment->part->octets)
			return part_changed(segment->part, diag);
	}
	self->segment_read += *n;
	return ERR_OK;
}

/* Fills out as far as it can: small segments then share one write on the wire. */
static enum err compose_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct msg_compose *self = (struct msg_compose *)source;
	*n = 0;
	while (*n < cap && self->at < self->segments.n) {
		const struct msg_segment *segment = &self->segments.at[self->at];
		size_t got = 0;
		enum err err = self->begun ? ERR_OK : segment_begin(self, segment, diag);
		self->begun = true;
		if (err == ERR_OK)
			err = segment_read(self, segment, out + *n, cap - *n, &got, diag);
		if (err != ERR_OK)
			return err;
		*n += got;
		if (got > 0)
			continue;
		self->at++;
		self->begun = false;
	}
	return ERR_OK;
}

static enum err compose_rewind(struct source *source, struct diag *diag)
{
	(void)diag;
	struct msg_compose *self = (struct msg_compose *)source;
	self->at = 0;
	self->begun = false;
	return ERR_OK;
}

static void make_prefix(struct composer *self, const struct env *env)
{
	unsigned char random[16];
	env_random(env, random, sizeof random);
	int at = snprintf(self->prefix, sizeof self->prefix, "--=_");
	for (size_t i = 0; i < sizeof random; i++)
		at += snprintf(self->prefix + at, sizeof self->prefix - (size_t)at, "%02x", random[i]);
}

enum err msg_compose_init(struct msg_compose *compose, struct view head, struct msg_part *root, const struct env *env,
			  struct arena *arena, struct diag *diag)
{
	static const struct source_ops ops = { compose_read, compose_rewind };
	*compose = (struct msg_compose){ .source = { &ops } };
	msg_encoder_init(&compose->encoder);
	struct composer self = { .out = compose, .arena = arena, .diag = diag };
	buf_init(&self.text, MSG_COMPOSE_HEAD_MAX);
	make_prefix(&self, env);
	buf_put(&self.text, head);
	if (head.n > 0)
		buf_str(&self.text, "MIME-Version: 1.0\r\n");
	enum err err = choose_all(&self, root, 0);
	if (err == ERR_OK)
		err = emit_part(&self, root, true);
	if (err == ERR_OK && buf_err(&self.text) != ERR_OK)
		err = diag_set(diag, ERR_LIMIT, "more than %d octets of header (MSG_COMPOSE_HEAD_MAX)",
			       MSG_COMPOSE_HEAD_MAX);
	if (err == ERR_OK)
		flush_text(&self);
	buf_done(&self.text);
	return err;
}

void msg_compose_done(struct msg_compose *compose) { msg_encoder_done(&compose->encoder); }
