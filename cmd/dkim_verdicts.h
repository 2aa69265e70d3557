#pragma once

#include "authres.h"
#include "dkim_verify.h"

/* The verdicts of DKIM as records for Authentication-Results and DMARC: one a signature, or "none". */
void dkim_verdicts_add(const struct dkim_verify *verify, struct authres *out, struct arena *arena);
