#include "authres.h"

#include "base_vec.h"

static const char *const results[] = {
	[AUTHRES_NONE] = "none",           [AUTHRES_PASS] = "pass",           [AUTHRES_FAIL] = "fail",
	[AUTHRES_SOFTFAIL] = "softfail",   [AUTHRES_POLICY] = "policy",       [AUTHRES_NEUTRAL] = "neutral",
	[AUTHRES_TEMPERROR] = "temperror", [AUTHRES_PERMERROR] = "permerror", [AUTHRES_UNKNOWN] = "unknown",
};

const char *authres_result_name(enum authres_result result) { return results[result]; }

enum authres_result authres_result_of(struct view word)
{
	for (size_t i = 0; i < AUTHRES_UNKNOWN; i++)
		if (view_is_case(word, results[i]))
			return (enum authres_result)i;
	return AUTHRES_UNKNOWN;
}

const char *authres_method_name(enum authres_method method)
{
	static const char *const names[] = {
		[AUTHRES_DKIM] = "dkim", [AUTHRES_SPF] = "spf",     [AUTHRES_DMARC] = "dmarc",   [AUTHRES_ARC] = "arc",
		[AUTHRES_AUTH] = "auth", [AUTHRES_IPREV] = "iprev", [AUTHRES_OTHER] = "x-other",
	};
	return names[method];
}

struct authres_verdict *authres_add(struct authres *authres, struct arena *arena, enum authres_method method,
				    enum authres_result result)
{
	struct authres_verdict *made = authres->n < AUTHRES_VERDICTS_MAX ? VEC_PUSH(authres, arena)
									 : arena_new(arena, struct authres_verdict);
	*made = (struct authres_verdict){ .method = method, .result = result };
	return made;
}

void authres_add_prop(struct authres_verdict *verdict, const char *type, const char *name, struct view value)
{
	if (value.n > 0 && verdict->props_n < AUTHRES_PROPS_MAX)
		verdict->props[verdict->props_n++] = (struct authres_prop){ view_str(type), view_str(name), value };
}

struct view authres_prop(const struct authres_verdict *verdict, const char *type, const char *name)
{
	for (size_t i = 0; i < verdict->props_n; i++)
		if (view_is_case(verdict->props[i].type, type) && view_is_case(verdict->props[i].name, name))
			return verdict->props[i].value;
	return view_none();
}

bool authres_trusted(const struct msg_head *head, struct view id, struct arena *arena, struct authres *out)
{
	size_t at = 0;
	const struct msg_field *field;
	while (id.n > 0 && (field = msg_head_next(head, VIEW("Authentication-Results"), &at)) != NULL)
		if (authres_claims(field->value, id))
			return authres_parse(field->value, arena, out, NULL) == ERR_OK && view_eq_case(out->id, id);
	return false;
}
