#include <stdlib.h>

#include "dns_name.h"

/* Names from text: what was parsed is written and parsed again to the same. The first octet chooses the parser. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	arena_init(&arena);
	struct view in = view_from(view_of(data, size), 1);
	struct dname name, again;
	struct diag diag;
	enum err err = size == 0          ? ERR_SYNTAX
		       : data[0] % 4 == 0 ? dname_parse(&arena, in, &name, &diag)
		       : data[0] % 4 == 1 ? dname_parse_plain(&arena, in, &name, &diag)
		       : data[0] % 4 == 2 ? dname_parse_idn(&arena, in, &name, &diag)
					  : dname_of_wire(in, &name, &diag);
	if (err == ERR_OK) {
		if (dname_parse(&arena, dname_text(&arena, name), &again, &diag) != ERR_OK ||
		    !view_eq(name.wire, again.wire) || name.labels != again.labels)
			abort();
		(void)dname_unicode(&arena, name);
	}
	arena_done(&arena);
	return 0;
}
