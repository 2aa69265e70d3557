#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_buf.h"
#include "base_stream.h"

/*
 * Messages out of a file or stream of any size, one at a time, in constant memory: an mbox when it starts with a "From "
 * line (empty lines or a byte order mark before it do not matter), else one message.
 *
 * A message of an mbox ends in front of an empty line and a line that starts with "From " and either has a time and a
 * year or is followed by a header field; Content-Length is not believed. The empty line belongs to the mbox.
 */
enum {
	MSG_MBOX_MESSAGE_MAX = 32 << 20, /* octets kept of one message unless told otherwise */
	MSG_MBOX_BLOCK = 256 << 10,      /* octets read at a time */
};

struct msg_mbox_message {
	struct view message;   /* from its first header field; good until the next call */
	struct view from_line; /* its "From " line without line end; empty when it is no mbox */
	uint64_t number;       /* from 1 */
	bool in_mbox;
	bool truncated; /* it was longer than message_max: these are its first octets */
};

struct msg_mbox {
	struct source *source;
	struct buf data; /* from `start` on: the message being read */
	size_t start;
	size_t scan; /* no separator ends before here */
	size_t cut;  /* octets kept of a message that is too long; 0: it is whole */
	size_t message_max;
	uint64_t number;
	bool started, is_mbox, eof, unescape;
};

/* message_max of 0: MSG_MBOX_MESSAGE_MAX. */
void msg_mbox_init(struct msg_mbox *mbox, size_t message_max);
void msg_mbox_done(struct msg_mbox *mbox);

/* Start on a source; can be called again for the next one, and memory is used again. unescape: ">From " loses a ">". */
void msg_mbox_begin(struct msg_mbox *mbox, struct source *source, bool unescape);

/*
 * The next message; *more is false, and out not written, at the end. An empty input has no message.
 * errors  those of the source
 */
MUST_CHECK enum err msg_mbox_next(struct msg_mbox *mbox, struct msg_mbox_message *out, bool *more, struct diag *diag);
