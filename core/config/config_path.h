#pragma once

#include "base_arena.h"
#include "base_err.h"

/*
 * Where what must outlive a run is kept: $XDG_STATE_HOME/posthorn; without that variable /var/lib/posthorn for root and
 * ~/.local/state/posthorn for others. Made when it is not there, with mode 0700.
 * errors  ERR_CONFIG (neither variable is set, or not an absolute path), ERR_CREATE
 */
MUST_CHECK enum err config_state_dir(struct arena *arena, const char **out, struct diag *diag);

/* A file in it. `name` may come from outside: what is not a letter, digit, '-' or '_' becomes %XX. */
MUST_CHECK enum err config_state_path(struct arena *arena, const char *prefix, const char *name, const char *suffix,
				      const char **out, struct diag *diag);
