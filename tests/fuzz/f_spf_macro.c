#include <assert.h>
#include <stdint.h>

#include "spf_macro.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* First line: the local part, second: the macro string. What is checked expands, and a target is never over its limit but for one label. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = view_of(data, size), text = view_none();
	struct view local = view_cut(&rest, '\n');
	if (rest.p != NULL)
		text = view_cut(&rest, '\n');
	struct spf_macro_env env = { .local = local,
				     .sender_domain = VIEW("example.com"),
				     .domain = VIEW("d.example.com") };
	env.ip = (struct ip_addr){ .family = size % 2 == 0 ? IP_V4 : IP_V6, .octets = { 192, 0, 2, 1 } };
	for (int use = SPF_IN_DOMAIN; use <= SPF_IN_EXP; use++) {
		struct diag why;
		BUF_AUTO struct buf out;
		buf_init(&out, SPF_EXPAND_MAX);
		enum err checked = spf_macro_check(text, (enum spf_macro_use)use, NULL, NULL, &why);
		enum err expanded = spf_macro_expand(&env, text, (enum spf_macro_use)use, &out, &why);
		assert(expanded == checked || expanded == ERR_LIMIT);
		BUF_AUTO struct buf target;
		buf_init(&target, SPF_EXPAND_MAX);
		if (spf_macro_target(&env, text, &target, &why) == ERR_OK)
			assert(target.n <= SPF_NAME_MAX || !view_has_byte(buf_view(&target), '.'));
	}
	return 0;
}
