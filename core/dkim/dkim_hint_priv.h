#pragma once

#include "dkim_hint.h"

/* dkim_hint_head.c: the header's hint of one verdict, NULL when nothing fits. */
const char *dkim_hint_of_head(const struct dkim_verify *verify, const struct dkim_verdict *verdict);
