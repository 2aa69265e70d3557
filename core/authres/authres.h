#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base_arena.h"
#include "base_buf.h"
#include "base_err.h"
#include "base_view.h"
#include "msg_head.h"

/*
 * Verdict records: what SPF, DKIM, ARC, DMARC and the others found, in one form for all that come after them, and the
 * Authentication-Results field (RFC 8601) that carries them. DMARC and ARC know the methods by these records only.
 */
enum authres_method {
	AUTHRES_DKIM,
	AUTHRES_SPF,
	AUTHRES_DMARC,
	AUTHRES_ARC,
	AUTHRES_AUTH,
	AUTHRES_IPREV,
	AUTHRES_OTHER /* name tells which */
};

/* The registry's results (RFC 8601 2.7) in one list; not every method has all. */
enum authres_result {
	AUTHRES_NONE,
	AUTHRES_PASS,
	AUTHRES_FAIL,
	AUTHRES_SOFTFAIL, /* SPF */
	AUTHRES_POLICY,
	AUTHRES_NEUTRAL,
	AUTHRES_TEMPERROR,
	AUTHRES_PERMERROR,
	AUTHRES_UNKNOWN /* a word that is none of these */
};
const char *authres_result_name(enum authres_result result);
enum authres_result authres_result_of(struct view word); /* without case */
const char *authres_method_name(enum authres_method method);

enum {
	AUTHRES_PROPS_MAX = 16,     /* of one verdict */
	AUTHRES_VERDICTS_MAX = 100, /* of one field */
	AUTHRES_FIELD_MAX = 65536,
	AUTHRES_COMMENT_DEPTH = 16
};

/* "header.d=example.org": type, name, value. */
struct authres_prop {
	struct view type, name, value;
};

struct authres_verdict {
	enum authres_method method;
	struct view name; /* the method's word when it is AUTHRES_OTHER */
	enum authres_result result;
	struct view reason; /* free text, a stranger's; may be empty */
	struct authres_prop props[AUTHRES_PROPS_MAX];
	size_t props_n;
};

struct authres {
	struct view id; /* authserv-id */
	struct authres_verdict *at;
	size_t n, cap;
};

/* A new verdict at the end; more than AUTHRES_VERDICTS_MAX end in one that is thrown away. */
struct authres_verdict *authres_add(struct authres *authres, struct arena *arena, enum authres_method method,
				    enum authres_result result);

/* One more property, when value is not empty. type and name are ours: "header", "d". */
void authres_add_prop(struct authres_verdict *verdict, const char *type, const char *name, struct view value);

/* The value of a property, empty when it is not there. Type and name are compared without case. */
struct view authres_prop(const struct authres_verdict *verdict, const char *type, const char *name);

/*
 * The payload "id; dkim=pass header.d=..." with CRLF and a space at folds, no line end behind it. `column` is where it starts (the
 * length of the field name and colon). Strangers' text is quoted, control characters become spaces: no value can end the
 * field or pretend to be another verdict. No verdict at all is written "none".
 */
void authres_write(const struct authres *authres, size_t column, struct buf *out);

/* The whole field, "Authentication-Results: ... CRLF". */
void authres_write_field(const struct authres *authres, struct buf *out);

/*
 * A payload (a field's value, folds in it) as others wrote it.
 *
 * out     views into value and the arena
 * errors  ERR_SYNTAX (diag: column), ERR_LIMIT (AUTHRES_*)
 */
MUST_CHECK enum err authres_parse(struct view value, struct arena *arena, struct authres *out, struct diag *diag);

/* The field claims to come from `id` (without case; true as soon as its beginning says so, whatever follows). */
bool authres_claims(struct view value, struct view id);

/*
 * The verdicts of the topmost field with our own authserv-id, the only one that may be believed (RFC 8601 5); false: there is none,
 * or it is broken. With an empty id it is always false.
 */
bool authres_trusted(const struct msg_head *head, struct view id, struct arena *arena, struct authres *out);
