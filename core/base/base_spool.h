#pragma once

#include <stdint.h>

#include "base_buf.h"
#include "base_stream.h"

/*
 * Bytes that come once and are read more than once (a message from a pipe that is signed before it is sent). They are
 * kept in memory up to SPOOL_MEMORY octets, then in an unlinked file of mode 0600 in $TMPDIR (else /tmp): peak memory is
 * constant. Write through `sink`, then read through `source`, which starts at the first octet and can be rewound.
 *
 * errors  ERR_CREATE (no such directory), ERR_IO (disk full)
 */
enum { SPOOL_MEMORY = 256 * 1024 };

struct spool {
	struct source source;
	struct sink sink;
	struct buf memory;
	int fd;        /* -1 while everything is in memory */
	uint64_t size; /* octets written */
	uint64_t at;   /* of the next read */
};

void spool_init(struct spool *spool);
void spool_done(struct spool *spool);

/* The rest of `from`, to its end. */
MUST_CHECK enum err spool_fill(struct spool *spool, struct source *from, struct diag *diag);

#define SPOOL_AUTO CLEANUP(spool_done)
