/* What the converter writes, the reader of our own configuration must accept. */
#include <stdint.h>
#include <stdlib.h>

#include "config.h"
#include "config_msmtprc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct diag diag = { 0 };
	struct config config = { 0 };
	BUF_AUTO struct buf out;
	arena_init(&arena);
	buf_init(&out, CONFIG_OCTETS);
	(void)config_is_msmtprc(view_of(data, size));
	if (config_msmtprc(view_of(data, size), &out, &diag) == ERR_OK &&
	    config_parse(buf_view(&out), "posthorn.conf", true, &arena, &config, &diag) != ERR_OK)
		abort();
	config_done(&config);
	arena_done(&arena);
	return 0;
}
