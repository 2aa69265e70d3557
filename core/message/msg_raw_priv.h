#pragma once

#include "base_base64.h"
#include "msg_raw.h"

/*
 * The walk over the parts of a message, in pieces, in constant memory: what a part's content is and what is structure.
 */
enum walk_kind {
	WALK_END,
	WALK_HEAD,   /* a header block in wire form with its empty line; `leaf` says what follows */
	WALK_LEAF,   /* octets of a leaf's content, wire form */
	WALK_EOL,    /* the line end behind a content, which belongs to the boundary */
	WALK_STRUCT, /* boundary lines, preambles, epilogues */
};

struct walk_piece {
	enum walk_kind kind;
	struct view bytes; /* good until the next piece */
	bool in_signed;    /* inside multipart/signed */
	bool leaf;         /* WALK_HEAD: content follows; else parts, or the header of a message */
	bool text;         /* its type is text, or not given */
	bool untyped;      /* no Content-Type */
	bool composite;    /* multipart or message all the same: must not be encoded (RFC 2045 6.4) */
	bool identity;     /* 7bit, 8bit, binary; else */
	bool base64;
};

enum { WALK_IN = 65536, WALK_HEAD_MAX = 1 << 18, WALK_BOUNDARY_MAX = 200 };

struct walk_level {
	char boundary[WALK_BOUNDARY_MAX];
	size_t n;
	bool is_signed;
};

struct msg_raw_walk {
	struct source *input;
	struct view top; /* the message's own header in wire form with its empty line, given out first */
	uint64_t skip;   /* octets of input before the body */
	struct arena scratch;
	struct buf head;
	struct walk_level stack[MSG_RAW_DEPTH];
	size_t depth;
	enum walk_state { AT_TOP, IN_HEAD, IN_LEAF, IN_STRUCT, AT_END } state;
	bool line_start, eol_owed, in_end;
	char *in;
	size_t in_at, in_n;
};

void raw_walk_init(struct msg_raw_walk *walk, const struct msg_raw *raw, struct view top);
void raw_walk_done(struct msg_raw_walk *walk);
MUST_CHECK enum err raw_walk_rewind(struct msg_raw_walk *walk, struct diag *diag);
MUST_CHECK enum err raw_walk_next(struct msg_raw_walk *walk, struct walk_piece *piece, struct diag *diag);

/* What is done with each leaf. */
enum leaf_action { LEAF_KEEP, LEAF_QP, LEAF_BASE64_TEXT, LEAF_BASE64, LEAF_REWRAP };

/* A message whose leaves are encoded where they must be, as a source. */
struct raw_convert {
	struct source source;
	struct msg_raw_walk walk;
	struct {
		struct leaf_plan {
			enum leaf_action action;
			bool utf8;
		} * at;
		size_t n, cap;
	} leaves;
	struct leaf_source {
		struct source source;
		struct raw_convert *convert;
	} leaf;
	struct base64_decoder decoder;
	struct buf decoded;
	size_t decoded_at;
	struct msg_encoder encoder;
	bool encoding, held, drop_eol;
	struct walk_piece piece;
	size_t piece_at;
	struct buf text; /* a header as we write it */
	size_t next_leaf;
	struct leaf_plan plan;
};

MUST_CHECK enum err raw_convert_init(struct raw_convert *convert, const struct msg_raw *raw, struct view head,
				     bool seven, struct arena *arena, struct diag *diag);
void raw_convert_done(struct raw_convert *convert);
