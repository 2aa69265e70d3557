#include <stdint.h>
#include <stdlib.h>

#include "dkim_key.h"
#include "dkim_signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The field can be hashed with b= blanked, and what is blanked is what stands behind b=. */
static void check_signature(const struct dkim_signature *signature)
{
	BUF_AUTO struct buf canonical;
	buf_init(&canonical, DKIM_TAG_LIST_MAX * 2);
	if (signature->b_at.p < signature->raw.p ||
	    signature->b_at.p + signature->b_at.n > signature->raw.p + signature->raw.n)
		abort();
	dkim_signature_canon(signature->header, signature->raw, signature->b_at, &canonical);
	if (canonical.over || signature->signature.n == 0 || !dkim_name_valid(signature->domain))
		abort();
}

/* The octets as a tag list, as a key record and as each of the three signature fields. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct dkim_tags tags;
	struct dkim_key_record record;
	struct diag diag;
	struct view in = view_of(data, size);
	if (dkim_tags_parse(in, &tags, &diag) == ERR_OK && (tags.n == 0 || tags.n > DKIM_TAGS_MAX))
		abort();
	if (dkim_key_parse(in, &arena, &record, &diag) == ERR_OK && record.revoked != (record.der.n == 0))
		abort();
	for (int kind = DKIM_KIND_MAIL; kind <= DKIM_KIND_SEAL; kind++) {
		struct dkim_signature signature;
		if (dkim_signature_parse((enum dkim_kind)kind, in, kind == DKIM_KIND_MAIL, &arena, &signature, &diag) ==
		    ERR_OK)
			check_signature(&signature);
	}
	arena_done(&arena);
	return 0;
}
