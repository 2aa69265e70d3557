#include "dkim_input.h"

static bool has_nul(struct view bytes) { return view_has_byte(bytes, '\0'); }

typedef unsigned char lanes __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

/* Somewhere in p[0..n] a CR is not followed by LF, or an LF does not follow CR. n + 1 octets are read. */
static bool pair_is_broken(const char *p, size_t n)
{
	size_t i = 0;
	for (; i + 16 <= n; i += 16) {
		lanes here, next;
		memcpy(&here, p + i, sizeof here);
		memcpy(&next, p + i + 1, sizeof next);
		halves wrong = (halves)((lanes)(here == '\r') ^ (lanes)(next == '\n'));
		if ((wrong[0] | wrong[1]) != 0)
			return true;
	}
	for (; i < n; i++)
		if ((p[i] == '\r') != (p[i + 1] == '\n'))
			return true;
	return false;
}

/* In a file of CRLF. */
static void look_for_lone(struct dkim_wire *wire, struct view bytes)
{
	if (wire->lone || bytes.n == 0)
		return;
	wire->lone = wire->after_cr != (view_at(bytes, 0) == '\n') || pair_is_broken(bytes.p, bytes.n - 1);
	wire->after_cr = view_last(bytes) == '\r';
}

static enum err pull(struct dkim_wire *wire, char *out, size_t cap, size_t *n, struct diag *diag)
{
	enum err err = source_read(wire->under, out, cap, n, diag);
	if (err != ERR_OK)
		return err;
	wire->octets += *n;
	wire->ended = *n == 0;
	return ERR_OK;
}

/* Read until the first line end shows how lines end here, the block is full, or nothing more comes. */
static enum err decide(struct dkim_wire *wire, struct diag *diag)
{
	const char *lf = NULL;
	while (lf == NULL && wire->n < sizeof wire->block && !wire->ended) {
		size_t n;
		enum err err = pull(wire, wire->block + wire->n, sizeof wire->block - wire->n, &n, diag);
		if (err != ERR_OK)
			return err;
		lf = n == 0 ? NULL : memchr(wire->block + wire->n, '\n', n);
		wire->n += n;
	}
	bool crlf = lf == NULL || (lf > wire->block && lf[-1] == '\r');
	wire->line_end = crlf ? DKIM_LINE_CRLF : DKIM_LINE_LF;
	return ERR_OK;
}

/* LF to CRLF from block to out; at least one octet when the block has any (cap >= 2). */
static size_t convert(struct dkim_wire *wire, char *out, size_t cap)
{
	size_t made = 0;
	while (wire->at < wire->n && made + 2 <= cap) {
		const char *from = wire->block + wire->at;
		size_t room = cap - made - 1, have = wire->n - wire->at;
		size_t most = have < room ? have : room;
		const char *lf = memchr(from, '\n', most);
		size_t text = lf == NULL ? most : (size_t)(lf - from);
		memcpy(out + made, from, text);
		made += text;
		wire->at += text;
		if (text > 0)
			wire->after_cr = out[made - 1] == '\r';
		if (lf == NULL)
			continue;
		if (!wire->after_cr && made + 2 > cap)
			break;
		if (!wire->after_cr)
			out[made++] = '\r';
		out[made++] = '\n';
		wire->at++;
		wire->after_cr = false;
	}
	return made;
}

static enum err refill(struct dkim_wire *wire, struct diag *diag)
{
	wire->at = wire->n = 0;
	if (wire->ended)
		return ERR_OK;
	return pull(wire, wire->block, sizeof wire->block, &wire->n, diag);
}

static enum err read_lf(struct dkim_wire *wire, char *out, size_t cap, size_t *n, struct diag *diag)
{
	enum err err = wire->at == wire->n ? refill(wire, diag) : ERR_OK;
	if (err == ERR_OK)
		*n = convert(wire, out, cap);
	return err;
}

static enum err read_crlf(struct dkim_wire *wire, char *out, size_t cap, size_t *n, struct diag *diag)
{
	if (wire->at < wire->n) {
		struct view part = view_slice(view_of(wire->block, wire->n), wire->at, cap);
		memcpy(out, part.p, part.n);
		wire->at += part.n;
		*n = part.n;
	} else if (wire->ended) {
		*n = 0;
	} else {
		enum err err = pull(wire, out, cap, n, diag);
		if (err != ERR_OK)
			return err;
	}
	look_for_lone(wire, view_of(out, *n));
	wire->lone = wire->lone || (*n == 0 && wire->after_cr);
	return ERR_OK;
}

static enum err wire_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct dkim_wire *wire = (struct dkim_wire *)source;
	enum err err = wire->line_end == DKIM_LINE_UNKNOWN ? decide(wire, diag) : ERR_OK;
	if (err != ERR_OK)
		return err;
	err = wire->line_end == DKIM_LINE_LF ? read_lf(wire, out, cap, n, diag) : read_crlf(wire, out, cap, n, diag);
	if (err == ERR_OK && !wire->nul && *n > 0)
		wire->nul = has_nul(view_of(out, *n));
	return err;
}

static void start(struct dkim_wire *wire)
{
	wire->line_end = DKIM_LINE_UNKNOWN;
	wire->lone = wire->nul = wire->after_cr = wire->ended = false;
	wire->at = wire->n = 0;
	wire->octets = 0;
}

static enum err wire_rewind(struct source *source, struct diag *diag)
{
	struct dkim_wire *wire = (struct dkim_wire *)source;
	start(wire);
	return source_rewind(wire->under, diag);
}

void dkim_wire_init(struct dkim_wire *wire, struct source *under)
{
	static const struct source_ops ops = { wire_read, wire_rewind }, once = { wire_read, NULL };
	wire->source.ops = under->ops->rewind != NULL ? &ops : &once;
	wire->under = under;
	start(wire);
}

void dkim_input_init(struct dkim_input *input) { msg_head_reader_init(&input->reader, 0); }

void dkim_input_done(struct dkim_input *input) { msg_head_reader_done(&input->reader); }

enum err dkim_input_open(struct dkim_input *input, struct source *source, struct arena *arena, struct diag *diag)
{
	struct msg_head_reader *reader = &input->reader;
	input->source = source;
	input->octets = 0;
	input->left = view_none();
	while (!reader->done) {
		size_t n, used = 0;
		enum err err = source_read(source, input->block, sizeof input->block, &n, diag);
		if (err != ERR_OK)
			return err;
		input->octets += n;
		if (n == 0)
			msg_head_reader_end(reader);
		else
			err = msg_head_reader_feed(reader, view_of(input->block, n), &used, diag);
		if (err != ERR_OK)
			return err;
		input->left = view_slice(view_of(input->block, n), used, n);
	}
	return msg_head_parse(view_to(buf_view(&reader->head), reader->head_n), NULL, arena, &input->head, diag);
}

enum err dkim_input_body(struct dkim_input *input, struct view *piece, struct diag *diag)
{
	struct msg_head_reader *reader = &input->reader;
	if (reader->head.n > reader->head_n) {
		*piece = view_from(buf_view(&reader->head), reader->head_n);
		reader->head_n = reader->head.n;
		return ERR_OK;
	}
	if (input->left.n > 0) {
		*piece = input->left;
		input->left = view_none();
		return ERR_OK;
	}
	size_t n;
	enum err err = source_read(input->source, input->block, sizeof input->block, &n, diag);
	if (err != ERR_OK)
		return err;
	input->octets += n;
	*piece = view_of(input->block, n);
	return ERR_OK;
}
