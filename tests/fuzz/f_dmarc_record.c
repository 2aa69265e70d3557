#include <stdlib.h>

#include "dmarc_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Faults point into the text; URIs that can be used have a host; what applies has a policy for every name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct view text = view_of(data, size);
	struct dmarc_record record;
	bool is = dmarc_record_is(text);
	dmarc_record_parse(text, &arena, &record);
	for (size_t i = 0; i < record.faults.n; i++)
		if (record.faults.at[i].column == 0 || record.faults.at[i].column > size + 1)
			abort();
	for (size_t i = 0; i < record.rua.n; i++)
		if (record.rua.at[i].problem == NULL && record.rua.at[i].mailto && !dname_is_set(record.rua.at[i].host))
			abort();
	for (enum dmarc_name name = DMARC_NAME_SELF; name <= DMARC_NAME_MISSING; name++)
		if (is && record.applies != (dmarc_record_policy(&record, name, NULL) != DMARC_UNSET))
			abort();
	arena_done(&arena);
	return 0;
}
