#include "dkim_verdicts.h"

#include "base_base64.h"
#include "dkim_make.h"

enum { B_SHOWN = 8 }; /* RFC 6008: as much of b= as tells signatures apart */

static enum authres_result result_of(enum dkim_result result)
{
	static const enum authres_result results[] = {
		[DKIM_NONE] = AUTHRES_NONE,           [DKIM_PASS] = AUTHRES_PASS,
		[DKIM_FAIL] = AUTHRES_FAIL,           [DKIM_POLICY] = AUTHRES_POLICY,
		[DKIM_NEUTRAL] = AUTHRES_NEUTRAL,     [DKIM_TEMPERROR] = AUTHRES_TEMPERROR,
		[DKIM_PERMERROR] = AUTHRES_PERMERROR,
	};
	return results[result];
}

void dkim_verdicts_add(const struct dkim_verify *verify, struct authres *out, struct arena *arena)
{
	if (verify->n == 0)
		(void)authres_add(out, arena, AUTHRES_DKIM, AUTHRES_NONE);
	for (size_t i = 0; i < verify->n; i++) {
		const struct dkim_verdict *verdict = &verify->at[i];
		struct authres_verdict *made = authres_add(out, arena, AUTHRES_DKIM, result_of(verdict->result));
		if (verdict->reason != NULL)
			made->reason = view_str(verdict->reason);
		if (!verdict->parsed)
			continue;
		const struct dkim_signature *signature = &verdict->signature;
		authres_add_prop(made, "header", "d", signature->domain);
		authres_add_prop(made, "header", "i", signature->auid);
		authres_add_prop(made, "header", "s", signature->selector);
		authres_add_prop(made, "header", "a", view_str(dkim_alg_name(signature->alg)));
		authres_add_prop(made, "header", "b", view_to(dkim_make_base64(arena, signature->signature), B_SHOWN));
	}
}
