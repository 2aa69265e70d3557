#pragma once

#include "cmd.h"

/*
 * The messages behind bounce-parse's operands: files, mboxes, Maildirs, directories, standard input, event records; one
 * at a time, in constant memory.
 */
struct bounce_message {
	struct view bytes;
	const char *source; /* the path as given, "path:N" in an mbox, "-" */
	bool events;        /* JSON of a sending service, not mail */
	bool truncated;     /* longer than BOUNCE_MESSAGE_MAX: its first octets */
};

enum { BOUNCE_MESSAGE_MAX = 8 << 20, BOUNCE_EVENTS_MAX = 64 << 20 };

typedef void bounce_take(void *ctx, const struct bounce_message *message);

/*
 * Every message of every operand goes to take. A file that is missing or cannot be read is reported and remembered;
 * the others go on.
 * errors  ERR_NO_INPUT when at least one was missing, else what else went wrong last
 */
MUST_CHECK enum err bounce_input_walk(struct cmd *cmd, const struct opt_texts *operands, bounce_take *take, void *ctx,
				      struct diag *diag);
