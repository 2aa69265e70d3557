#pragma once

#include "base_err.h"
#include "base_view.h"

/*
 * Tag lists (RFC 6376 3.2): "v=1; a=rsa-sha256; b=..." of signatures, key records and the ARC fields.
 *
 * White space around names and values is taken off; inside values it stays. A name that comes twice makes the whole list
 * invalid, as the RFC wants it: no reader may pick the one that suits him. Values may hold UTF-8 (RFC 8616).
 */
enum {
	DKIM_TAGS_MAX = 64,
	DKIM_TAG_LIST_MAX = 65536 /* octets of one list */
};

struct dkim_tag {
	struct view name;
	struct view value;
	struct view span; /* everything between "=" and ";", white space too: what is blanked in b= */
};

struct dkim_tags {
	struct dkim_tag at[DKIM_TAGS_MAX];
	size_t n;
};

/*
 * in      the list, folds still in it; out keeps views into it
 * errors  ERR_SYNTAX (diag: column), ERR_DATA (a name twice), ERR_LIMIT
 */
MUST_CHECK enum err dkim_tags_parse(struct view in, struct dkim_tags *out, struct diag *diag);

/* NULL when it is not there. Names are compared with case. */
const struct dkim_tag *dkim_tags_find(const struct dkim_tags *tags, const char *name);

/* The value, empty when it is not there. */
struct view dkim_tags_value(const struct dkim_tags *tags, const char *name);

/* The next piece of a list parted by `sep`, white space around it taken off; false at the end. Pieces may be empty. */
bool dkim_list_next(struct view *rest, int sep, struct view *piece);

/* Some piece of the list is `what`, compared without case. */
bool dkim_list_has(struct view list, int sep, const char *what);
