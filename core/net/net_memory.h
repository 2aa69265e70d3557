#pragma once

#include "net_stream.h"

/*
 * The other end of a stream that is memory: for tests of whatever speaks over a stream. What the test puts arrives in
 * pieces of `chunk` octets, one a turn; what the stream sends is kept in `sent`.
 */
struct net_memory {
	struct buf sent;
	struct buf coming;
	size_t chunk;    /* octets a read yields; 0: all there is */
	size_t take;     /* octets a write takes at once; 0: all */
	uint64_t writes; /* calls that a kernel would have seen */
	bool closed;     /* the peer closes when `coming` is used up */
	int errnum;      /* then instead this error, ECONNRESET for one */
	struct net_stream *stream;
};

void net_memory_open(struct net_loop *loop, struct net_memory *memory, struct net_stream **out);
void net_memory_done(struct net_memory *memory);

void net_memory_put(struct net_memory *memory, struct view bytes); /* the peer sends */
void net_memory_end(struct net_memory *memory, int errnum);        /* the peer closes (0) or resets */
