#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_buf.h"
#include "base_view.h"

/*
 * The two canonical forms of RFC 6376 3.4, for header fields (whole) and for bodies (in pieces of any size; the result
 * never depends on how they were cut). A line end is CRLF and nothing else: lone CR and LF are ordinary octets.
 */
enum dkim_canon { DKIM_SIMPLE, DKIM_RELAXED };
const char *dkim_canon_name(enum dkim_canon form); /* "simple" "relaxed" */

/*
 * One field, `raw` as it stands in the message with or without its last CRLF; written without a CRLF at the end.
 * A field without a colon is written as it is.
 */
void dkim_canon_field(enum dkim_canon form, struct view raw, struct buf *out);

/*
 * A body. What is canonical goes to `put` as soon as it is sure, in pieces as large as they come.
 *
 *	dkim_body_init(&body, DKIM_RELAXED, to_digest, &digest);
 *	dkim_body_feed(&body, chunk);   (any number of times)
 *	dkim_body_end(&body);
 */
enum { DKIM_BODY_BUFFER = 4096 };

struct dkim_body {
	enum dkim_canon form;
	void (*put)(void *ctx, struct view canonical);
	void *ctx;
	uint64_t total; /* canonical octets put so far */
	/* what is not sure yet */
	bool wsp;       /* relaxed: white space waits for what follows */
	bool wsp_cr;    /* relaxed: and a CR behind it */
	bool cr;        /* a CR waits for its LF */
	uint64_t crlfs; /* line ends that may be the empty lines at the end */
	bool any;       /* something that is no empty line was seen */
	size_t n;
	char buffer[DKIM_BODY_BUFFER]; /* small pieces put together */
};

void dkim_body_init(struct dkim_body *body, enum dkim_canon form, void (*put)(void *ctx, struct view canonical),
		    void *ctx);
void dkim_body_feed(struct dkim_body *body, struct view bytes);
void dkim_body_end(struct dkim_body *body);

/* Put out all that is sure already: for those who look at the digest between two lines. */
void dkim_body_flush(struct dkim_body *body);
