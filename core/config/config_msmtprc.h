#pragma once

#include <stdbool.h>

#include "base_buf.h"
#include "base_err.h"
#include "base_view.h"

/*
 * Our configuration made from msmtp's (--import-msmtprc). Accounts inherit from `defaults` and from "account NEW : OLD"
 * as there; what has no counterpart stays as a comment. Passwords are carried over only as password-eval; a plain
 * `password` becomes a comment that says how to keep it elsewhere.
 * errors  ERR_SYNTAX with the line: an unknown command, a value missing
 */
MUST_CHECK enum err config_msmtprc(struct view text, struct buf *out, struct diag *diag);

/* Is this a msmtprc? Commands without '=' (account NAME, host H ...) and none of our syntax. */
bool config_is_msmtprc(struct view text);
