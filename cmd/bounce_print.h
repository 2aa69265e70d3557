#pragma once

#include "bounce_record.h"
#include "cmd.h"

/* Records of bounce-parse as lines: JSON (posthorn-json(5)). record NULL: a message that is no report. */
void bounce_print_json(struct cmd *cmd, const struct bounce_report *report, const struct bounce_record *record,
		       const char *source);
