#pragma once

#include "cmd.h"
#include "dns_name.h"
#include "resolve.h"

/*
 * The resolver that --resolver, --zone and --dns-timeout ask for. Close it with resolve_close (RESOLVE_AUTO).
 * errors  those of resolve_open
 */
MUST_CHECK enum err cmd_dns_open(struct cmd *cmd, struct resolve *out, struct diag *diag);

/*
 * A domain that a person typed, as lower-case A-labels.
 * errors  ERR_USAGE, `shown` ("-d", "DOMAIN") in front
 */
MUST_CHECK enum err cmd_dns_domain(struct cmd *cmd, const char *shown, const char *typed, struct view *out,
				   struct diag *diag);
