#pragma once

#include "base_buf.h"
#include "base_view.h"

/*
 * Text from outside, made fit to be shown: C0, DEL and C1 controls, bidirectional marks and overrides, line and
 * paragraph separators, byte order marks and bytes that are no UTF-8 become \xNN or \u{NNNN}; a backslash is doubled.
 * Nothing that was written by a stranger reaches a terminal, a log or a diag by another way.
 */
void show_write(struct view v, struct buf *out);

enum { SHOW_MAX = 200 };

struct shown {
	char text[SHOW_MAX + 4];
};

/* For use inside one expression: diag_set(diag, ERR_DATA, "no such field: %s", SHOW(name)). Cut after SHOW_MAX octets, then "...". */
struct shown show_view(struct view v);
#define SHOW(v) (show_view(v).text)
