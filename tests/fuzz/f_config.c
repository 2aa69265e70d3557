#include <stdint.h>

#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libConfuse 3.3 forgets the arguments of include() when a fault stands among them: some octets, once a run. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libconfuse.so"; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct diag diag = { 0 };
	struct config config = { 0 };
	arena_init(&arena);
	if (config_parse(view_of(data, size), "posthorn.conf", true, &arena, &config, &diag) == ERR_OK) {
		const struct config_section *account = NULL;
		if (config_account(&config, NULL, VIEW("ops@example.org"), &account, &diag) == ERR_OK)
			(void)config_account_text(&config, account, "server");
		(void)config_alias(&config, VIEW("root"));
	}
	config_done(&config);
	arena_done(&arena);
	return 0;
}
