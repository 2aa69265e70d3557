/*
 * dkim-verify --json.
 */
#include "base_base64.h"
#include "dkim_verify_priv.h"

static void key_time(struct json *json, const char *key, int64_t epoch_s)
{
	if (epoch_s < 0)
		json_key_null(json, key);
	else
		json_key_time(json, key, epoch_s);
}

static void names(struct json *json, const char *key, struct view list, int sep)
{
	struct view name;
	json_key_array(json, key);
	while (list.n > 0 && dkim_list_next(&list, sep, &name))
		json_view(json, name);
	json_end(json);
}

static void key_base64(struct json *json, const char *key, struct view bytes)
{
	BUF_AUTO struct buf text;
	buf_init(&text, 128);
	base64_encode(bytes, &text);
	json_key_view(json, key, buf_view(&text));
}

static void body_hash(struct json *json, const struct verify_message *m, const struct dkim_verdict *verdict)
{
	const struct dkim_body_hash *body = &m->bodies.at[verdict->body_at];
	json_key_object(json, "body_hash");
	json_key_bool(json, "match", verdict->body == DKIM_MATCH_YES);
	key_base64(json, "expected", verdict->signature.body_hash);
	key_base64(json, "computed", crypto_hash_view(&body->hash));
	json_end(json);
	if (!verdict->signature.has_length) {
		json_key_null(json, "body_length");
		return;
	}
	json_key_object(json, "body_length");
	json_key_uint(json, "signed", verdict->signature.length);
	json_key_uint(json, "total", body->total);
	json_end(json);
}

static void parsed(struct json *json, const struct verify_message *m, const struct dkim_verdict *verdict)
{
	static const char *const matches[] = { "unknown", "no", "match" };
	const struct dkim_signature *signature = &verdict->signature;
	const struct dkim_found *found = verdict->found;
	json_key_view(json, "domain", signature->domain);
	json_key_view(json, "selector", signature->selector);
	json_key_view(json, "auid", signature->auid);
	json_key_str(json, "algorithm", dkim_alg_name(signature->alg));
	if (found != NULL && found->key != NULL)
		json_key_uint(json, "key_bits", crypto_key_bits(found->key));
	else
		json_key_null(json, "key_bits");
	json_key(json, "canonicalization");
	json_printf(json, "%s/%s", dkim_canon_name(signature->header), dkim_canon_name(signature->body));
	json_key_bool(json, "testing", found != NULL && found->record.testing);
	key_time(json, "timestamp", signature->timestamp);
	key_time(json, "expires", signature->expires);
	if (signature->timestamp >= 0)
		json_key_int(json, "age_s", m->run->judge.now - signature->timestamp);
	else
		json_key_null(json, "age_s");
	body_hash(json, m, verdict);
	json_key_str(json, "header_signature", matches[verdict->header]);
	names(json, "headers_signed", signature->headers, ':');
	names(json, "oversigned", verdict->oversigned, ',');
	names(json, "unsigned_copies", verdict->copies, ',');
	json_key_str(json, "hint", verdict->hint);
}

static void mark(struct json *json, const char *key, const struct arc_mark *mark)
{
	json_key_object(json, key);
	json_key_str(json, "result", mark->result == DKIM_NONE ? NULL : dkim_result_name(mark->result));
	json_key_str(json, "reason", mark->reason);
	if (mark->parsed) {
		json_key_view(json, "domain", mark->signature.domain);
		json_key_view(json, "selector", mark->signature.selector);
	}
	json_end(json);
}

static void chain(struct json *json, const struct verify_message *m)
{
	static const char *const cvs[] = { "none", "fail", "pass", "" };
	const struct arc *arc = &m->arc;
	if (!m->run->opts->arc) {
		json_key_null(json, "arc");
		return;
	}
	json_key_object(json, "arc");
	json_key_str(json, "result", arc_result_name(arc->result));
	json_key_str(json, "reason", arc->reason);
	json_key_array(json, "instances");
	for (unsigned i = 1; i <= arc->n; i++) {
		const struct arc_set *set = &arc->sets[i - 1];
		json_object(json);
		json_key_uint(json, "i", i);
		json_key_str(json, "cv", set->as.parsed ? cvs[set->as.signature.cv] : NULL);
		mark(json, "as", &set->as);
		mark(json, "ams", &set->ams);
		json_end(json);
	}
	json_end(json);
	if (arc->result == ARC_PASS)
		json_key_uint(json, "oldest_pass", arc->oldest_pass == 1 ? 0 : arc->oldest_pass);
	json_end(json);
}

void verify_print_json(const struct verify_message *m)
{
	struct json *json = cmd_json_begin(m->run->cmd);
	if (m->run->cmd->args.operands.n > 0)
		json_key_str(json, "file", m->name);
	json_key_str(json, "result", dkim_result_name(m->verify.result));
	json_key_array(json, "signatures");
	for (size_t i = 0; i < m->verify.n; i++) {
		const struct dkim_verdict *verdict = &m->verify.at[i];
		json_object(json);
		json_key_uint(json, "index", verdict->index);
		json_key_str(json, "result", dkim_result_name(verdict->result));
		json_key_str(json, "reason", verdict->reason);
		if (verdict->parsed)
			parsed(json, m, verdict);
		json_end(json);
	}
	json_end(json);
	chain(json, m);
	json_key_view(json, "authentication_results", m->results);
	cmd_json_end(m->run->cmd);
}
