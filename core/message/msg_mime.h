#pragma once

#include "base_arena.h"
#include "base_buf.h"
#include "msg_cte.h"
#include "msg_head.h"
#include "msg_param.h"

/*
 * The parts of a message in memory, as a flat array: nothing of the content is copied, and nothing is decoded before it is
 * asked for. Part 0 is the message itself; parents stand before their children; what is in an attached message/rfc822 is
 * a child of that part. There is no input that cannot be read; faults say what was wrong with it. Linear in in.n.
 */
enum {
	MSG_MIME_DEPTH_MAX = 16,
	MSG_MIME_PARTS_MAX = 512,
	MSG_MIME_BOUNDARY_MAX = 256, /* octets; RFC 2046 allows 70 */
	MSG_MIME_NO_PARENT = -1,
};

enum msg_mime_fault {
	MSG_MIME_NO_END = 1 << 0,      /* a multipart without its end boundary: it ends with its parent */
	MSG_MIME_NO_BOUNDARY = 1 << 1, /* a multipart without a usable boundary parameter: it has no children */
	MSG_MIME_NO_PARTS = 1 << 2,    /* a multipart whose boundary never comes */
	MSG_MIME_DEPTH = 1 << 3,       /* MSG_MIME_DEPTH_MAX was reached: deeper parts are not opened */
	MSG_MIME_PARTS = 1 << 4,       /* MSG_MIME_PARTS_MAX was reached: the rest is left out */
	MSG_MIME_HEAD = 1 << 5,        /* a header block over its limits: its part is opaque */
};

struct msg_part {
	struct msg_head head; /* its fields; for part 0 those of the message */
	struct msg_type type; /* text/plain when there is no Content-Type (message/rfc822 in a multipart/digest) */
	bool type_given;
	enum msg_cte cte;
	size_t start;          /* of its header block, in octets from the start of in */
	size_t offset, length; /* of its body */
	unsigned depth;
	int parent;
	unsigned faults;
};

struct msg_mime {
	struct view in;
	struct msg_part *at;
	size_t n, cap;
	unsigned faults; /* of all parts */
};

void msg_mime_parse(struct view in, struct arena *arena, struct msg_mime *out);

/* The body as it stands in the message. For a multipart: all from preamble to epilogue. */
struct view msg_part_body(const struct msg_mime *mime, const struct msg_part *part);

/* Content-Disposition without its parameters ("attachment"); empty when there is none. */
struct view msg_part_disposition(const struct msg_part *part);

/* filename of Content-Disposition, else name of Content-Type, as UTF-8. It may hold "/": it is no path. */
struct view msg_part_name(const struct msg_part *part, struct arena *arena);

/* Content-Id or another field of the part, unfolded and trimmed; empty when there is none. */
struct view msg_part_field(const struct msg_part *part, const char *name, struct arena *arena);

/* The body with its transfer encoding undone; cut where out is full (out->over). */
void msg_part_decode(const struct msg_mime *mime, const struct msg_part *part, struct buf *out);

/* The same, and as UTF-8 from the charset of its type. */
void msg_part_text(const struct msg_mime *mime, const struct msg_part *part, struct buf *out);

/* The next child of `parent` behind part `after` (-1 for the first); -1 when there is none. */
int msg_mime_child(const struct msg_mime *mime, int parent, int after);
