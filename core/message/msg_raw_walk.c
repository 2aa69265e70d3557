#include <stdlib.h>

#include "base_ascii.h"
#include "msg_param.h"
#include "msg_raw_priv.h"

static struct view pending(const struct msg_raw_walk *walk)
{
	return view_of(walk->in + walk->in_at, walk->in_n - walk->in_at);
}

static enum err refill(struct msg_raw_walk *walk, struct diag *diag)
{
	memmove(walk->in, walk->in + walk->in_at, walk->in_n - walk->in_at);
	walk->in_n -= walk->in_at;
	walk->in_at = 0;
	size_t n;
	enum err err = source_read(walk->input, walk->in + walk->in_n, WALK_IN - walk->in_n, &n, diag);
	if (err != ERR_OK)
		return err;
	walk->in_end = n == 0;
	walk->in_n += n;
	return ERR_OK;
}

/*
 * The next line with its LF at the front of the buffer, or a part of one that is too long for it (then *whole is false).
 * Nothing is taken yet. n == 0: the end.
 */
static enum err line_peek(struct msg_raw_walk *walk, struct view *line, bool *whole, struct diag *diag)
{
	for (;;) {
		struct view v = pending(walk);
		size_t lf = view_find_byte(v, '\n');
		*whole = lf != SIZE_MAX;
		*line = *whole ? view_to(v, lf + 1) : v;
		if (*whole || walk->in_end || v.n == WALK_IN)
			break;
		enum err err = refill(walk, diag);
		if (err != ERR_OK)
			return err;
	}
	if (!*whole && view_last(*line) == '\r' && line->n > 1)
		line->n--; /* its LF may be behind it */
	return ERR_OK;
}

static struct view without_eol(struct view line)
{
	if (view_last(line) == '\n')
		line.n--;
	if (view_last(line) == '\r')
		line.n--;
	return line;
}

/* The level whose boundary this line is, from the innermost outwards; SIZE_MAX: none. */
static size_t boundary_of(const struct msg_raw_walk *walk, struct view line, bool *closing)
{
	if (!walk->line_start || !view_starts(line, VIEW("--")))
		return SIZE_MAX;
	struct view text = view_trim_end(view_from(line, 2));
	for (size_t i = walk->depth; i-- > 0;) {
		struct view boundary = view_of(walk->stack[i].boundary, walk->stack[i].n);
		if (!view_starts(text, boundary))
			continue;
		struct view rest = view_from(text, boundary.n);
		*closing = view_eq(rest, VIEW("--"));
		if (rest.n == 0 || *closing)
			return i;
	}
	return SIZE_MAX;
}

static enum err push(struct msg_raw_walk *walk, struct view boundary, bool is_signed, struct diag *diag)
{
	if (walk->depth == MSG_RAW_DEPTH)
		return diag_set(diag, ERR_LIMIT, "parts nest deeper than %d (MSG_RAW_DEPTH)", MSG_RAW_DEPTH);
	struct walk_level *level = &walk->stack[walk->depth++];
	memcpy(level->boundary, boundary.p, boundary.n);
	level->n = boundary.n;
	level->is_signed = is_signed || (walk->depth > 1 && walk->stack[walk->depth - 2].is_signed);
	return ERR_OK;
}

static bool is_identity(struct view encoding)
{
	return encoding.n == 0 || view_is_case(encoding, "7bit") || view_is_case(encoding, "8bit") ||
	       view_is_case(encoding, "binary");
}

/* What follows this header? */
static enum err enter(struct msg_raw_walk *walk, struct view bytes, struct walk_piece *piece, struct diag *diag)
{
	struct arena *arena = &walk->scratch;
	struct msg_head head;
	arena_reset(arena);
	enum err err = msg_head_parse(bytes, NULL, arena, &head, diag);
	if (err != ERR_OK)
		return err;
	struct msg_type type;
	msg_type_parse(msg_head_value(&head, VIEW("Content-Type"), arena), arena, &type);
	struct view boundary = msg_param_value(&type.params, "boundary");
	struct view encoding = msg_head_value(&head, VIEW("Content-Transfer-Encoding"), arena);
	bool identity = is_identity(encoding);
	*piece = (struct walk_piece){
		.kind = WALK_HEAD,
		.bytes = bytes,
		.in_signed = walk->depth > 0 && walk->stack[walk->depth - 1].is_signed,
		.untyped = msg_head_first(&head, VIEW("Content-Type")) == NULL,
		.text = type.type.n == 0 || msg_type_is(&type, "text", NULL),
		.composite = msg_type_is(&type, "multipart", NULL) || msg_type_is(&type, "message", NULL),
		.identity = identity,
		.base64 = view_is_case(encoding, "base64"),
	};
	walk->line_start = true;
	if (msg_type_is(&type, "multipart", NULL) && boundary.n > 0 && boundary.n < WALK_BOUNDARY_MAX && identity) {
		walk->state = IN_STRUCT;
		return push(walk, boundary, msg_type_is(&type, "multipart", "signed"), diag);
	}
	if (msg_type_is(&type, "message", "rfc822") && identity) {
		walk->state = IN_HEAD;
		buf_reset(&walk->head);
		return ERR_OK;
	}
	walk->state = IN_LEAF;
	piece->leaf = true;
	return ERR_OK;
}

static enum err next_head(struct msg_raw_walk *walk, struct walk_piece *piece, struct diag *diag)
{
	for (;;) {
		struct view line;
		bool whole, closing;
		enum err err = line_peek(walk, &line, &whole, diag);
		if (err != ERR_OK)
			return err;
		if (line.n == 0 || boundary_of(walk, line, &closing) != SIZE_MAX)
			break;
		struct view text = without_eol(line);
		buf_put(&walk->head, text);
		if (whole)
			buf_str(&walk->head, "\r\n");
		walk->in_at += line.n;
		if (text.n == 0 && walk->line_start)
			return walk->head.over ? diag_set(diag, ERR_LIMIT, "a part's header is longer than %d octets",
							  WALK_HEAD_MAX)
					       : enter(walk, buf_view(&walk->head), piece, diag);
		walk->line_start = whole;
	}
	/* It ends without an empty line. */
	return walk->head.over ? diag_set(diag, ERR_LIMIT, "a part's header is longer than %d octets", WALK_HEAD_MAX)
			       : enter(walk, buf_view(&walk->head), piece, diag);
}

static void take_boundary(struct msg_raw_walk *walk, size_t level, bool closing, struct view line,
			  struct walk_piece *piece)
{
	walk->depth = closing ? level : level + 1;
	walk->state = closing ? IN_STRUCT : IN_HEAD;
	buf_reset(&walk->head);
	buf_put(&walk->head, without_eol(line));
	buf_str(&walk->head, "\r\n");
	*piece = (struct walk_piece){ .kind = WALK_STRUCT, .bytes = arena_view(&walk->scratch, buf_view(&walk->head)) };
	buf_reset(&walk->head);
	walk->in_at += line.n;
	walk->line_start = true;
}

/* Content, or text between the parts. Its line end is given out only when more of the same follows. */
static enum err next_body(struct msg_raw_walk *walk, struct walk_piece *piece, struct diag *diag)
{
	struct view line;
	bool whole, closing;
	enum err err = line_peek(walk, &line, &whole, diag);
	if (err != ERR_OK)
		return err;
	size_t level = boundary_of(walk, line, &closing);
	enum walk_kind kind = walk->state == IN_LEAF ? WALK_LEAF : WALK_STRUCT;
	if (walk->eol_owed) {
		walk->eol_owed = false;
		bool last = line.n == 0 || level != SIZE_MAX;
		*piece = (struct walk_piece){ .kind = last && kind == WALK_LEAF ? WALK_EOL : kind,
					      .bytes = VIEW("\r\n") };
		return ERR_OK;
	}
	if (line.n == 0) {
		*piece = (struct walk_piece){ .kind = walk->line_start ? WALK_END : WALK_EOL, .bytes = VIEW("\r\n") };
		walk->line_start = true;
		walk->state = AT_END;
		return ERR_OK;
	}
	if (level != SIZE_MAX) {
		arena_reset(&walk->scratch);
		take_boundary(walk, level, closing, line, piece);
		return ERR_OK;
	}
	*piece = (struct walk_piece){ .kind = kind, .bytes = whole ? without_eol(line) : line };
	walk->in_at += line.n;
	walk->line_start = walk->eol_owed = whole;
	return ERR_OK;
}

enum err raw_walk_next(struct msg_raw_walk *walk, struct walk_piece *piece, struct diag *diag)
{
	switch (walk->state) {
	case AT_TOP:
		return enter(walk, walk->top, piece, diag);
	case IN_HEAD:
		return next_head(walk, piece, diag);
	case IN_LEAF:
	case IN_STRUCT:
		return next_body(walk, piece, diag);
	case AT_END:
		break;
	}
	*piece = (struct walk_piece){ .kind = WALK_END };
	return ERR_OK;
}

void raw_walk_init(struct msg_raw_walk *walk, const struct msg_raw *raw, struct view top)
{
	*walk = (struct msg_raw_walk){
		.input = raw->input, .top = top, .skip = raw->head_octets, .in = malloc(WALK_IN)
	};
	if (walk->in == NULL)
		base_out_of_memory();
	buf_init(&walk->head, WALK_HEAD_MAX);
}

void raw_walk_done(struct msg_raw_walk *walk)
{
	free(walk->in);
	walk->in = NULL;
	buf_done(&walk->head);
	arena_done(&walk->scratch);
}

enum err raw_walk_rewind(struct msg_raw_walk *walk, struct diag *diag)
{
	walk->depth = walk->in_at = walk->in_n = 0;
	walk->state = AT_TOP;
	walk->line_start = true;
	walk->eol_owed = walk->in_end = false;
	enum err err = source_rewind(walk->input, diag);
	for (uint64_t left = walk->skip; left > 0 && err == ERR_OK;) {
		size_t n;
		err = source_read(walk->input, walk->in, left < WALK_IN ? (size_t)left : WALK_IN, &n, diag);
		if (err == ERR_OK && n == 0)
			err = diag_set(diag, ERR_IO, "the message became shorter while it was read");
		left -= err == ERR_OK ? n : 0;
	}
	return err;
}
