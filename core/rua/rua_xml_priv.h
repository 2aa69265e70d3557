#pragma once

#include "base_buf.h"
#include "rua_report.h"

/* What the elements of an aggregate report mean: rua_xml_elements.c, driven by rua_xml.c. */
struct rua_element;

struct rua_elements {
	struct arena *arena;
	struct rua_report *out;
	size_t arena_start;
	unsigned depth;                 /* of the element that is open */
	unsigned skipped;               /* elements open inside one that is not known, itself included */
	unsigned level;                 /* containers open */
	unsigned char place[40];        /* the container at each level */
	const struct rua_element *leaf; /* whose text is being collected; NULL: none */
	unsigned leaf_inner;            /* elements open inside it */
	struct buf text;
	bool cut; /* the text is longer than RUA_TEXT_MAX */
	bool has_feedback, has_metadata, has_policy;
	struct rua_record *record; /* being read */
	struct rua_auth auth;
	struct rua_reason reason;
};

void rua_elements_init(struct rua_elements *elements);
void rua_elements_done(struct rua_elements *elements);
void rua_elements_begin(struct rua_elements *elements, struct arena *arena, struct rua_report *out);
MUST_CHECK enum err rua_elements_start(struct rua_elements *elements, const char *name, struct diag *diag);
MUST_CHECK enum err rua_elements_end(struct rua_elements *elements, struct diag *diag);
void rua_elements_text(struct rua_elements *elements, struct view text);
MUST_CHECK enum err rua_elements_finish(struct rua_elements *elements, struct diag *diag);
