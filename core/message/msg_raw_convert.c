#include <stddef.h>

#include "base_vec.h"
#include "msg_raw_priv.h"

/*
 * Two walks: the first scans each leaf and decides what is done with it, the second writes. A leaf that is fine passes
 * octet for octet.
 */

static enum err refuse(const struct walk_piece *head, const struct msg_scan *scan, struct diag *diag)
{
	const char *what = scan->longest > MSG_LINE_MAX ? "lines of more than 998 octets" : "octets over 127";
	if (head->in_signed)
		return diag_set(diag, ERR_DATA,
				"a part inside multipart/signed has %s; encoding it would break the signature", what);
	return diag_set(diag, ERR_DATA, "a part that cannot be encoded (multipart, message or quoted-printable) has %s",
			what);
}

static enum err decide(const struct walk_piece *head, const struct msg_scan *scan, bool seven, enum leaf_action *action,
		       struct diag *diag)
{
	bool too_long = scan->longest > MSG_LINE_MAX, eight = seven && scan->eight > 0;
	*action = LEAF_KEEP;
	if (!too_long && !eight)
		return ERR_OK;
	if (head->in_signed || head->composite || (!head->identity && (!head->base64 || eight)))
		return refuse(head, scan, diag);
	if (head->base64)
		*action = LEAF_REWRAP;
	else if (!head->text)
		*action = LEAF_BASE64;
	else
		*action = msg_scan_choose(scan) == MSG_ENCODING_QP ? LEAF_QP : LEAF_BASE64_TEXT;
	return ERR_OK;
}

static enum err end_leaf(struct raw_convert *self, const struct walk_piece *head, struct msg_scan *scan, bool seven,
			 struct arena *arena, struct diag *diag)
{
	if (!head->leaf)
		return ERR_OK;
	if (self->leaves.n == MSG_RAW_PARTS)
		return diag_set(diag, ERR_LIMIT, "more than %d parts (MSG_RAW_PARTS)", MSG_RAW_PARTS);
	msg_scan_end(scan);
	enum leaf_action action;
	enum err err = decide(head, scan, seven, &action, diag);
	if (err == ERR_OK)
		*VEC_PUSH(&self->leaves, arena) = (struct leaf_plan){ action, scan->utf8 };
	return err;
}

/* Headers of parts and text between parts stay as they are: they must be fit to be sent. */
static enum err check_structure(const struct walk_piece *piece, bool top, bool seven, struct diag *diag)
{
	struct view rest = piece->bytes, line;
	while (view_next_line(&rest, &line))
		if (line.n > MSG_LINE_MAX)
			return diag_set(
				diag, ERR_DATA,
				"the header of a part, or text between parts, has a line of more than %d octets",
				MSG_LINE_MAX);
	if (!seven || top || !view_has_8bit(piece->bytes))
		return ERR_OK;
	return diag_set(diag, ERR_DATA,
			"the header of a part, or text between parts, has octets over 127, which cannot be "
			"encoded here, and the server does not take them");
}

static enum err plan(struct raw_convert *self, bool seven, struct arena *arena, struct diag *diag)
{
	struct walk_piece piece, head = { .kind = WALK_END };
	struct msg_scan scan;
	bool top = true;
	enum err err = raw_walk_rewind(&self->walk, diag);
	while (err == ERR_OK) {
		err = raw_walk_next(&self->walk, &piece, diag);
		if (err != ERR_OK)
			break;
		if (piece.kind == WALK_LEAF) {
			msg_scan_feed(&scan, piece.bytes);
			continue;
		}
		if (piece.kind == WALK_EOL)
			continue;
		err = end_leaf(self, &head, &scan, seven, arena, diag);
		head.leaf = false;
		if (err != ERR_OK || piece.kind == WALK_END)
			break;
		err = check_structure(&piece, top, seven, diag);
		top = false;
		if (piece.kind == WALK_HEAD) {
			head = piece;
			msg_scan_init(&scan, view_none());
		}
	}
	return err;
}

static const char *encoding_of(enum leaf_action action) { return action == LEAF_QP ? "quoted-printable" : "base64"; }

/* The header as it is, but for the fields that say how the part is encoded. */
static enum err write_head(struct raw_convert *self, const struct walk_piece *piece, bool top, struct diag *diag)
{
	struct arena scratch = { NULL, 0 };
	struct msg_head head;
	bool coded = self->plan.action != LEAF_KEEP && self->plan.action != LEAF_REWRAP;
	buf_reset(&self->text);
	enum err err = msg_head_parse(piece->bytes, NULL, &scratch, &head, diag);
	if (err == ERR_OK) {
		bool change = coded || !piece->leaf;
		for (size_t i = 0; i < head.n; i++)
			if (!change || !view_is_case(head.at[i].name, "Content-Transfer-Encoding") ||
			    (!piece->leaf && !piece->identity))
				buf_put(&self->text, head.at[i].raw);
		if (top && coded && msg_head_first(&head, VIEW("MIME-Version")) == NULL)
			buf_str(&self->text, "MIME-Version: 1.0\r\n");
		if (coded && piece->untyped)
			buf_printf(&self->text, "Content-Type: text/plain; charset=%s\r\n",
				   self->plan.utf8 ? "utf-8" : "windows-1252");
		if (coded)
			buf_printf(&self->text, "Content-Transfer-Encoding: %s\r\n", encoding_of(self->plan.action));
		buf_str(&self->text, "\r\n");
	}
	arena_done(&scratch);
	return err;
}

/* The next piece, unless one is held back. */
static enum err need_piece(struct raw_convert *self, struct diag *diag)
{
	if (self->held)
		return ERR_OK;
	enum err err = raw_walk_next(&self->walk, &self->piece, diag);
	self->held = err == ERR_OK;
	self->piece_at = 0;
	return err;
}

static enum err leaf_octets(struct raw_convert *self, char *out, size_t cap, size_t *n, struct diag *diag)
{
	*n = 0;
	while (*n == 0) {
		enum err err = need_piece(self, diag);
		if (err != ERR_OK || self->piece.kind != WALK_LEAF)
			return err;
		struct view part = view_slice(self->piece.bytes, self->piece_at, cap);
		if (part.n > 0)
			memcpy(out, part.p, part.n);
		self->piece_at += part.n;
		*n = part.n;
		self->held = self->piece_at < self->piece.bytes.n;
	}
	return ERR_OK;
}

/* Base64 whose lines are too long: decoded here, encoded again behind. */
static enum err leaf_decoded(struct raw_convert *self, char *out, size_t cap, size_t *n, struct diag *diag)
{
	while (self->decoded_at == self->decoded.n) {
		char block[4096];
		size_t got;
		enum err err = leaf_octets(self, block, sizeof block, &got, diag);
		*n = 0;
		if (err != ERR_OK || got == 0)
			return err;
		buf_reset(&self->decoded);
		self->decoded_at = 0;
		base64_feed(&self->decoder, view_of(block, got), &self->decoded);
	}
	struct view part = view_slice(buf_view(&self->decoded), self->decoded_at, cap);
	memcpy(out, part.p, part.n);
	self->decoded_at += part.n;
	*n = part.n;
	return ERR_OK;
}

static enum err leaf_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct raw_convert *self = ((struct leaf_source *)source)->convert;
	return self->plan.action == LEAF_REWRAP ? leaf_decoded(self, out, cap, n, diag)
						: leaf_octets(self, out, cap, n, diag);
}

static enum err begin_part(struct raw_convert *self, struct diag *diag)
{
	static const enum msg_encoding encodings[] = { MSG_ENCODING_EXACT, MSG_ENCODING_QP, MSG_ENCODING_BASE64_TEXT,
						       MSG_ENCODING_BASE64, MSG_ENCODING_BASE64 };
	bool top = self->piece.bytes.p == self->walk.top.p;
	self->plan = (struct leaf_plan){ LEAF_KEEP, false };
	if (self->piece.leaf && self->next_leaf < self->leaves.n)
		self->plan = self->leaves.at[self->next_leaf++];
	enum err err = write_head(self, &self->piece, top, diag);
	if (err != ERR_OK)
		return err;
	self->piece.bytes = buf_view(&self->text);
	self->encoding = self->plan.action != LEAF_KEEP;
	if (self->encoding)
		msg_encoder_reset(&self->encoder, &self->leaf.source, encodings[self->plan.action], false);
	self->decoder = (struct base64_decoder){ 0 };
	self->decoded_at = self->decoded.n = 0;
	return ERR_OK;
}

static enum err next_octets(struct raw_convert *self, char *out, size_t cap, size_t *n, struct diag *diag)
{
	*n = 0;
	/* The encoder looks ahead: the piece behind the content may be held already. A header that is half out goes first. */
	bool in_head = self->held && self->piece.kind == WALK_HEAD && self->piece_at > 0;
	if (self->encoding && !in_head) {
		enum err err = source_read(&self->encoder.source, out, cap, n, diag);
		if (err != ERR_OK || *n > 0)
			return err;
		self->encoding = false;
		self->drop_eol = self->plan.action != LEAF_QP;
	}
	enum err err = need_piece(self, diag);
	if (err != ERR_OK || self->piece.kind == WALK_END)
		return err;
	if (self->piece_at == 0 && self->piece.kind == WALK_HEAD)
		err = begin_part(self, diag);
	if (self->piece.kind == WALK_EOL && self->drop_eol)
		self->piece.bytes = view_none();
	self->drop_eol = false;
	struct view part = view_slice(self->piece.bytes, self->piece_at, cap);
	if (part.n > 0)
		memcpy(out, part.p, part.n);
	self->piece_at += part.n;
	self->held = self->piece_at < self->piece.bytes.n;
	*n = part.n;
	return err;
}

static enum err convert_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct raw_convert *self = (struct raw_convert *)source;
	*n = 0;
	while (*n < cap) {
		size_t got;
		enum err err = next_octets(self, out + *n, cap - *n, &got, diag);
		if (err != ERR_OK)
			return err;
		*n += got;
		if (got == 0 && !self->encoding && self->held && self->piece.kind == WALK_END)
			break;
	}
	return ERR_OK;
}

static enum err convert_rewind(struct source *source, struct diag *diag)
{
	struct raw_convert *self = (struct raw_convert *)source;
	self->held = self->encoding = self->drop_eol = false;
	self->next_leaf = 0;
	self->plan = (struct leaf_plan){ LEAF_KEEP, false };
	return raw_walk_rewind(&self->walk, diag);
}

enum err raw_convert_init(struct raw_convert *convert, const struct msg_raw *raw, struct view head, bool seven,
			  struct arena *arena, struct diag *diag)
{
	static const struct source_ops ops = { convert_read, convert_rewind }, leaf_ops = { leaf_read, NULL };
	*convert = (struct raw_convert){ .source = { &ops }, .leaf = { { &leaf_ops }, convert } };
	raw_walk_init(&convert->walk, raw, head);
	msg_encoder_init(&convert->encoder);
	buf_init(&convert->text, MSG_HEAD_OCTETS_MAX * 2);
	buf_init(&convert->decoded, 8192);
	enum err err = plan(convert, seven, arena, diag);
	return err == ERR_OK ? source_rewind(&convert->source, diag) : err;
}

void raw_convert_done(struct raw_convert *convert)
{
	raw_walk_done(&convert->walk);
	msg_encoder_done(&convert->encoder);
	buf_done(&convert->text);
	buf_done(&convert->decoded);
}
