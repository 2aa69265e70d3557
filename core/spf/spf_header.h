#pragma once

#include "base_buf.h"
#include "spf_eval.h"

/*
 * A verdict as text that goes into a message. What strangers chose is quoted, and whatever is no printable US-ASCII becomes '?':
 * neither can break out of its field.
 */

/* The value of a Received-SPF field (RFC 7208 9.1). One line, no line end. */
void spf_received_write(const struct spf_verdict *verdict, const struct spf_request *request, struct buf *out);

/* The clause of an Authentication-Results field (RFC 8601 2.7.2): "spf=fail (...) smtp.mailfrom=a@example.org". */
void spf_authres_write(const struct spf_verdict *verdict, const struct spf_request *request, struct buf *out);

/* The comment of both in words: "domain of a@example.org does not designate 192.0.2.1 as permitted sender". */
void spf_verdict_comment(const struct spf_verdict *verdict, const struct spf_request *request, struct buf *out);
