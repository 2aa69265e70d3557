#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base_err.h"
#include "base_view.h"

/*
 * Bytes that flow. A message on its way is a source: the composer, a file and a signer are sources, and whoever needs
 * the bytes (SMTP, a Maildir, a digest) pulls them. Memory stays constant whatever the length.
 *
 * A message source yields the wire form: CRLF at every line end, no dot stuffing, a final CRLF.
 */
struct source {
	const struct source_ops *ops;
};

struct source_ops {
	/* Put up to cap octets at out, at least one unless the end is reached (*n == 0). */
	enum err (*read)(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag);
	/*
	 * Back to the first octet; the second pass yields exactly the same octets or fails (ERR_IO when a file changed in
	 * between). NULL: this source can be read once.
	 */
	enum err (*rewind)(struct source *source, struct diag *diag);
};

MUST_CHECK static inline enum err source_read(struct source *source, char *out, size_t cap, size_t *n,
					      struct diag *diag)
{
	return source->ops->read(source, out, cap, n, diag);
}

MUST_CHECK static inline enum err source_rewind(struct source *source, struct diag *diag)
{
	return source->ops->rewind(source, diag);
}

/* The other direction: something that takes bytes. */
struct sink {
	enum err (*write)(struct sink *sink, struct view bytes, struct diag *diag);
};

MUST_CHECK static inline enum err sink_write(struct sink *sink, struct view bytes, struct diag *diag)
{
	return sink->write(sink, bytes, diag);
}

/* Everything from source to sink, in blocks on the stack. *total (may be NULL) counts the octets. */
MUST_CHECK enum err stream_copy(struct source *source, struct sink *sink, uint64_t *total, struct diag *diag);

/* A source over bytes in memory; can be rewound. */
struct source_view {
	struct source source;
	struct view all;
	size_t at;
};
void source_view_init(struct source_view *source, struct view all);

/* A sink into a buffer; ERR_LIMIT when its max is reached. */
struct sink_buf {
	struct sink sink;
	struct buf *out;
};
struct buf;
void sink_buf_init(struct sink_buf *sink, struct buf *out);
