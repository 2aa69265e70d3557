#pragma once

#include "config.h"
#include "config_msmtprc.h"

/* config_parse, with include() allowed or not. */
MUST_CHECK enum err config_parse_from(struct view text, const char *name, bool is_private, bool may_include,
				      struct arena *arena, struct config *out, struct diag *diag);
