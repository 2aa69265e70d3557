#pragma once

#include "dmarc_record.h"

/* Between the parser of records and that of URIs. */
struct dmarc_parse {
	struct arena *arena;
	struct dmarc_record *out;
};

struct dmarc_tag {
	struct view name, value;
	unsigned column, value_column;
};

void dmarc_fault(struct dmarc_parse *parse, enum dmarc_fault_kind kind, unsigned column, struct view tag,
		 const char *text);
void dmarc_uris_parse(struct dmarc_parse *parse, const struct dmarc_tag *tag, struct dmarc_uris *out);
