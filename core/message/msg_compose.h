#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_env.h"
#include "base_stream.h"
#include "msg_encode.h"

/*
 * A tree of parts as a message: MIME headers, boundaries and encoded content, as a rewindable source in constant memory.
 * What is written is 7-bit clean whatever the content, lines that we encode have at most 76 characters.
 */

struct msg_part_param {
	struct view name, value; /* value UTF-8 */
	struct msg_part_param *next;
};

/*
 * One part: a leaf with content, or a multipart with children. `content` must be rewindable and yield `octets` octets
 * each time, else composing and reading fail with ERR_IO ("changed while it was read").
 */
struct msg_part {
	struct view
		type; /* "text/plain", "multipart/mixed"; empty: content is a whole entity with its header, wire form */
	struct msg_part_param *params; /* of Content-Type, charset and boundary excepted */
	struct view charset;           /* text: empty says "utf-8 when it is", else written as it is */
	const char *disposition;       /* "attachment", "inline" or NULL */
	struct view name;              /* file name, UTF-8, without directory; empty: none */
	struct view cid;               /* Content-ID without its brackets; empty: none */
	struct view description;       /* Content-Description, UTF-8; empty: none */
	bool attached;                 /* octets matter: base64 whatever the type says */
	struct source *content;
	uint64_t octets;
	struct msg_part *first, *next; /* children of a multipart; the sibling behind */

	/* set by msg_compose_init */
	enum msg_encoding encoding;
	bool charset_guessed; /* the text is not UTF-8 and nobody said what: sent as windows-1252, which keeps every octet */
	struct view boundary;
};

struct msg_segment; /* private: a literal, or a content with its encoding */

struct msg_compose {
	struct source source;
	uint64_t octets; /* of the whole, exact */
	/* private */
	struct {
		struct msg_segment *at;
		size_t n, cap;
	} segments;
	size_t at, segment_read;
	bool begun;
	struct msg_encoder encoder;
};

enum {
	MSG_COMPOSE_DEPTH = 8,          /* multiparts inside each other */
	MSG_COMPOSE_PARTS = 10000,      /* in all */
	MSG_COMPOSE_HEAD_MAX = 1 << 24, /* octets of a header, the message's with that of its first part */
};

/*
 * Decide the encodings (each text is scanned once), write the headers of all parts, choose boundaries.
 *
 * head    header fields of the message, each with its CRLF; the MIME fields of root follow, then the empty line. Empty
 *         for an entity that goes into something else (S/MIME)
 * root    a multipart with one child counts as that child; is changed
 * owns    arena: headers and segments; root and the contents must live as long as `compose`
 * errors  ERR_DATA (a name or parameter with control characters, a multipart without children),
 *         ERR_IO, ERR_LIMIT
 */
MUST_CHECK enum err msg_compose_init(struct msg_compose *compose, struct view head, struct msg_part *root,
				     const struct env *env, struct arena *arena, struct diag *diag);
void msg_compose_done(struct msg_compose *compose);

/*
 * The media type that a file name's extension stands for; application/octet-stream when it is not known.
 */
struct view msg_type_of_name(struct view name);

/* type "/" subtype, both RFC 2045 tokens. */
bool msg_type_valid(struct view type);

/* What stands behind the last '/' or '\'. */
struct view msg_base_name(struct view path);

/*
 * An attachment as people write it: PATH[;type=T][;name=N][;method=M]... ; a ';' that no `key=` follows belongs to the path, so
 * that odd file names work. Values may be in double quotes.
 * errors  ERR_USAGE (unknown key, twice the same, empty path), ERR_DATA (control characters)
 */
struct msg_attach_spec {
	struct view path, type, name, method;
};
MUST_CHECK enum err msg_attach_parse(struct view in, struct msg_attach_spec *out, struct diag *diag);
