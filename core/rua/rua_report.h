#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_err.h"
#include "base_view.h"

/*
 * Reports that come back to the owner of a domain: DMARC aggregate reports (RFC 9990, and RFC 7489 before it), DMARC
 * failure reports (RFC 9991, RFC 6591), TLS reports (RFC 8460). All texts are strangers' and may hold anything that is
 * UTF-8: show them with SHOW.
 */
enum rua_kind { RUA_AGGREGATE, RUA_FAILURE, RUA_TLS };
const char *rua_kind_name(enum rua_kind kind); /* "aggregate" "failure" "tls" */

/* A result of SPF or DKIM, before alignment. */
struct rua_auth {
	struct view domain, selector, scope, result, human_result;
};

/* Why the policy was not applied. */
struct rua_reason {
	struct view type, comment;
};

struct rua_auths {
	struct rua_auth *at;
	size_t n, cap;
};

struct rua_record {
	struct view source_ip;
	uint64_t count;
	struct view disposition, dkim, spf; /* lower case; dkim and spf after alignment */
	struct view header_from, envelope_from, envelope_to;
	struct {
		struct rua_reason *at;
		size_t n, cap;
	} reasons;
	struct rua_auths auth_dkim, auth_spf;
};

/* DMARC passed: one of the two did, aligned. */
bool rua_record_passes(const struct rua_record *record);

/* One message that failed. */
struct rua_failure {
	struct view feedback_type, auth_failure, identity_alignment, delivery_result;
	struct view dkim_domain, dkim_identity, dkim_selector, spf_dns;
	struct view authentication_results, source_ip, source_port, reported_domain;
	struct view original_mail_from, original_rcpt_to, original_envelope_id, arrival_date;
	uint64_t incidents;
	struct view from, to, subject, message_id, date; /* of the message, as far as it is there */
	bool redacted;                                   /* no message behind it */
};

struct rua_tls_failure {
	struct view result_type, sending_ip, receiving_host, receiving_ip, reason_code, information;
	uint64_t count;
};

struct rua_tls_policy {
	struct view type, domain;
	uint64_t success, failure;
	struct {
		struct view *at;
		size_t n, cap;
	} mx_hosts;
	struct {
		struct rua_tls_failure *at;
		size_t n, cap;
	} failures;
};

struct rua_report {
	enum rua_kind kind;
	struct view
		where; /* the file, with the number of the message and the name of the member; ours, but with their names */
	struct view org_name, email, extra_contact, report_id, generator, error, version;
	int64_t begin, end;                                                     /* -1: not there */
	struct view domain;                                                     /* whose policy */
	struct view p, sp, np, adkim, aspf, fo, pct, testing, discovery_method; /* lower case; empty: not there */
	struct {
		struct rua_record *at;
		size_t n, cap;
	} records;
	uint64_t messages, pass, fail;
	struct {
		const char **at; /* what was odd, and was read all the same; escaped */
		size_t n, cap;
	} warnings;
	struct rua_failure *failure; /* of RUA_FAILURE */
	struct {
		struct rua_tls_policy *at;
		size_t n, cap;
	} tls; /* of RUA_TLS */
};

enum { RUA_WARNINGS_MAX = 16 };

/* At most RUA_WARNINGS_MAX, each once. */
void rua_warn(struct rua_report *report, struct arena *arena, const char *fmt, ...) PRINTF_LIKE(3, 4);
