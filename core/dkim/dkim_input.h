#pragma once

#include "base_stream.h"
#include "msg_head.h"

/*
 * A message file as SMTP would carry it: a source of wire form over a source of whatever lies on a disk.
 *
 * The first line end decides. LF: every LF without a CR before it becomes CRLF. CRLF: the octets stay as they are, and a
 * lone CR or LF among them is told, since a server on the way may change it and break the signature. Dot stuffing is not
 * undone.
 */
enum { DKIM_BLOCK = 65536 };

enum dkim_line_end { DKIM_LINE_UNKNOWN, DKIM_LINE_CRLF, DKIM_LINE_LF };

struct dkim_wire {
	struct source source;
	struct source *under;
	enum dkim_line_end line_end;
	bool lone;       /* a CRLF file with a lone CR or LF; complete once the end was read */
	bool nul;        /* a NUL was read */
	uint64_t octets; /* read from `under` */
	bool after_cr;
	bool ended;
	size_t at, n; /* of block: not yet converted */
	char block[DKIM_BLOCK];
};

/* Can be rewound when `under` can. */
void dkim_wire_init(struct dkim_wire *wire, struct source *under);

/* A message in wire form, its header block split, its body still to come. */
struct dkim_input {
	struct msg_head head;
	uint64_t octets; /* read so far, all of them once body_next has said the end */
	struct source *source;
	struct msg_head_reader reader;
	struct view left; /* of the body, came with the header block */
	char block[DKIM_BLOCK];
};

void dkim_input_init(struct dkim_input *input);
void dkim_input_done(struct dkim_input *input); /* fine at any time after init */
#define DKIM_INPUT_AUTO CLEANUP(dkim_input_done)

/*
 * Read as far as the body. The fields are views into the input and good until done.
 * errors  ERR_LIMIT (header block too long), ERR_IO
 */
MUST_CHECK enum err dkim_input_open(struct dkim_input *input, struct source *source, struct arena *arena,
				    struct diag *diag);

/* The next piece of the body; empty at the end. Good until the next call. */
MUST_CHECK enum err dkim_input_body(struct dkim_input *input, struct view *piece, struct diag *diag);
