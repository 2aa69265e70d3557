#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_buf.h"
#include "base_view.h"

/*
 * Numbers as people and protocols write them. All of these want the whole view to be the number, and write *out only
 * when they return true.
 */
MUST_CHECK bool num_parse_uint(struct view v, uint64_t max, uint64_t *out);
MUST_CHECK bool num_parse_hex(struct view v, uint64_t max, uint64_t *out);

/* "90" or "90s", "5m", "3h", "4d", "2w", "250ms", "1h30m"; a bare number counts seconds. Result in milliseconds. */
MUST_CHECK bool num_parse_duration_ms(struct view v, uint64_t max_ms, uint64_t *out);

/* "1500", "10k", "25M", "2G" (powers of 1024). */
MUST_CHECK bool num_parse_size(struct view v, uint64_t max, uint64_t *out);

/* Hexadecimal octets, an optional ':' between them; at most cap of them. */
MUST_CHECK bool num_parse_hex_bytes(struct view v, unsigned char *out, size_t cap, size_t *n);

void num_write_hex(struct view bytes, struct buf *out);

/* "3.2 MB", "812 B": for people. */
void num_write_size(uint64_t bytes, struct buf *out);

/* "1d 3h", "4m 5s", "320 ms": for people. */
void num_write_duration(uint64_t ms, struct buf *out);
