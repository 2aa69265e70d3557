#include <stdint.h>
#include <stdlib.h>

#include "dkim_hint.h"
#include "dkim_sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void verify(struct view message, struct view record, struct arena *arena)
{
	struct dkim_verify_opts opts = { .now = 1528637910 };
	DKIM_INPUT_AUTO struct dkim_input input;
	DKIM_BODIES_AUTO struct dkim_bodies bodies;
	static struct dkim_wire wire;
	static struct dkim_keys keys;
	struct source_view source;
	struct dkim_verify verdicts;
	source_view_init(&source, message);
	dkim_wire_init(&wire, &source.source);
	dkim_input_init(&input);
	dkim_bodies_init(&bodies);
	dkim_keys_init(&keys, NULL, record, 10, arena);
	if (dkim_input_open(&input, &wire.source, arena, NULL) == ERR_OK) {
		dkim_verify_begin(&verdicts, &opts, &input.head, &bodies, &keys, arena);
		if (dkim_bodies_read(&bodies, &input, NULL, NULL) != ERR_OK)
			abort();
		dkim_verify_end(&verdicts);
		if (verdicts.result == DKIM_PASS && verdicts.n == 0)
			abort();
		if (source_rewind(&wire.source, NULL) != ERR_OK ||
		    dkim_hint_find(&verdicts, &wire.source, NULL) != ERR_OK)
			abort();
	}
	dkim_keys_done(&keys);
}

/* The first line is the key record, the rest the message. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct view rest = view_of(data, size), record;
	if (view_next_line(&rest, &record) && record.n > 0)
		verify(rest, record, &arena);
	arena_done(&arena);
	return 0;
}
