#pragma once

#include "base_buf.h"
#include "msg_compose.h"

/* Either a literal or the content of a part. */
struct msg_segment {
	struct view text;
	struct msg_part *part;
	bool end_line;
};

/* The MIME fields of a part, without the empty line. */
MUST_CHECK enum err msg_part_write_head(const struct msg_part *part, struct buf *out, struct diag *diag);
