/* TLS reports: JSON after RFC 8460 4.4. */
#include <jansson.h>

#include "base_show.h"
#include "base_time.h"
#include "base_vec.h"
#include "rua_read_priv.h"

enum { POLICIES_MAX = 10000, FAILURES_MAX = 10000, HOSTS_MAX = 100 };

static struct view text_of(const json_t *object, const char *key, struct arena *arena)
{
	const json_t *value = json_object_get(object, key);
	if (!json_is_string(value))
		return view_none();
	return arena_view(arena, view_to(view_of(json_string_value(value), json_string_length(value)), RUA_TEXT_MAX));
}

static uint64_t count_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_number(value) && json_number_value(value) > 0 && json_number_value(value) < 9e15
		       ? (uint64_t)json_number_value(value)
		       : 0;
}

static int64_t time_of(const json_t *object, const char *key, struct arena *arena)
{
	int64_t when;
	return base_time_parse(text_of(object, key, arena), &when) ? when : -1;
}

static void read_failures(const json_t *list, struct arena *arena, struct rua_tls_policy *out)
{
	size_t i;
	const json_t *item;
	json_array_foreach(list, i, item)
	{
		if (i >= FAILURES_MAX)
			return;
		*VEC_PUSH(&out->failures, arena) = (struct rua_tls_failure){
			.result_type = text_of(item, "result-type", arena),
			.sending_ip = text_of(item, "sending-mta-ip", arena),
			.receiving_host = text_of(item, "receiving-mx-hostname", arena),
			.receiving_ip = text_of(item, "receiving-ip", arena),
			.reason_code = text_of(item, "failure-reason-code", arena),
			.information = text_of(item, "additional-information", arena),
			.count = count_of(item, "failed-session-count"),
		};
	}
}

/* mx-host is one name in the RFC's example and a list in its schema: both are sent. */
static void read_hosts(const json_t *policy, struct arena *arena, struct rua_tls_policy *out)
{
	const json_t *hosts = json_object_get(policy, "mx-host"), *host;
	size_t i;
	if (json_is_string(hosts))
		*VEC_PUSH(&out->mx_hosts, arena) = text_of(policy, "mx-host", arena);
	json_array_foreach(hosts, i, host)
	{
		if (json_is_string(host) && i < HOSTS_MAX)
			*VEC_PUSH(&out->mx_hosts,
				  arena) = arena_view(arena, view_to(view_str(json_string_value(host)), RUA_TEXT_MAX));
	}
}

static void read_policy(const json_t *item, struct arena *arena, struct rua_report *out)
{
	const json_t *policy = json_object_get(item, "policy"), *summary = json_object_get(item, "summary");
	struct rua_tls_policy read = {
		.type = text_of(policy, "policy-type", arena),
		.domain = text_of(policy, "policy-domain", arena),
		.success = count_of(summary, "total-successful-session-count"),
		.failure = count_of(summary, "total-failure-session-count"),
	};
	read_hosts(policy, arena, &read);
	read_failures(json_object_get(item, "failure-details"), arena, &read);
	*VEC_PUSH(&out->tls, arena) = read;
	if (out->domain.n == 0)
		out->domain = read.domain;
	out->pass += read.success;
	out->fail += read.failure;
	out->messages += read.success + read.failure;
}

static enum err read_root(const json_t *root, struct arena *arena, struct rua_report *out, struct diag *diag)
{
	const json_t *dates = json_object_get(root, "date-range"), *policies = json_object_get(root, "policies");
	const json_t *policy;
	size_t i;
	if (!json_is_array(policies))
		return diag_set(diag, ERR_DATA, "no TLS report: \"policies\" is missing (RFC 8460 4.4)");
	out->org_name = text_of(root, "organization-name", arena);
	out->email = text_of(root, "contact-info", arena);
	out->report_id = text_of(root, "report-id", arena);
	out->begin = time_of(dates, "start-datetime", arena);
	out->end = time_of(dates, "end-datetime", arena);
	json_array_foreach(policies, i, policy)
	{
		if (i < POLICIES_MAX)
			read_policy(policy, arena, out);
	}
	return ERR_OK;
}

enum err rua_tls_parse(struct view text, struct arena *arena, struct rua_report *out, struct diag *diag)
{
	json_error_t error;
	json_t *root = json_loadb(text.p, text.n, JSON_DISABLE_EOF_CHECK, &error);
	if (root == NULL)
		return diag_at(diag, ERR_SYNTAX, (unsigned)error.line, (unsigned)error.column,
			       "JSON, line %d, column %d: %s", error.line, error.column, SHOW(view_str(error.text)));
	enum err err = read_root(root, arena, out, diag);
	json_decref(root);
	return err;
}
