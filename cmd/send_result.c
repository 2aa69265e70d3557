#include "base_show.h"
#include "bounce_classify.h"
#include "send_priv.h"

/* What became of each recipient: records, text, exit code. */

enum { LINE_MAX_OCTETS = 32768 };

static const char *const status_names[SEND_STATUS_COUNT] = { "delivered", "deferred", "failed", "in_doubt" };

void send_results_init(struct send_results *results, const struct send_message *message, struct arena *arena)
{
	results->n = message->recipients.n;
	results->at = arena_array(arena, results->n, sizeof *results->at);
	for (size_t i = 0; i < results->n; i++)
		results->at[i] = (struct send_result){
			.to = &message->recipients.at[i],
			.status = SEND_DEFERRED,
			.err = ERR_TEMP,
			.reply = VIEW("not attempted"),
			.t_dns_ms = SEND_TIME_UNKNOWN,
			.t_connect_ms = SEND_TIME_UNKNOWN,
			.t_tls_ms = SEND_TIME_UNKNOWN,
			.t_data_ms = SEND_TIME_UNKNOWN,
		};
}

static void json_time(struct json *json, const char *key, int64_t ms)
{
	if (ms == SEND_TIME_UNKNOWN)
		json_key_null(json, key);
	else
		json_key_int(json, key, ms);
}

static void json_text(struct json *json, const char *key, struct view v)
{
	if (v.n == 0)
		json_key_null(json, key);
	else
		json_key_view(json, key, v);
}

static void json_tls(struct json *json, const struct send_result *result)
{
	if (result->tls_policy == NULL && result->tls_protocol == NULL) {
		json_key_null(json, "tls");
		return;
	}
	json_key_object(json, "tls");
	json_key_str(json, "policy", result->tls_policy);
	json_key_bool(json, "verified", result->tls_verified);
	json_key_str(json, "protocol", result->tls_protocol);
	json_end(json);
}

static void json_times(struct json *json, const struct send_result *result)
{
	json_key_object(json, "t");
	json_time(json, "dns", result->t_dns_ms);
	json_time(json, "connect", result->t_connect_ms);
	json_time(json, "tls", result->t_tls_ms);
	json_time(json, "data", result->t_data_ms);
	json_end(json);
}

/* What the reply means, in bounce-parse's words. */
static void json_reason(struct json *json, struct bounce_classifier *classifier, const struct send_result *result)
{
	struct bounce_verdict verdict;
	if (result->code < 400) {
		json_key_null(json, "reason");
		json_key_null(json, "category");
		return;
	}
	struct bounce_facts facts = { .text = result->reply,
				      .reply = result->code,
				      .remote_host = view_str(result->mx),
				      .action = result->status == SEND_DEFERRED ? BOUNCE_ACTION_DELAYED
										: BOUNCE_ACTION_FAILED };
	if (!bounce_status_parse(result->enhanced, &facts.status))
		facts.status = (struct bounce_status){ 0 };
	bounce_classify(classifier, &facts, &verdict);
	json_key_str(json, "reason", bounce_reason_name(verdict.reason));
	json_key_str(json, "category", bounce_category_name(verdict.category));
}

static void json_record(struct cmd *cmd, struct bounce_classifier *classifier, const struct send_message *message,
			const struct send_result *result)
{
	BUF_AUTO struct buf to;
	buf_init(&to, MSG_ADDR_LENIENT_MAX * 4);
	msg_addr_write(result->to, &to);
	struct json *json = cmd_json_begin(cmd);
	json_key_str(json, "type", "recipient");
	json_key_null(json, "job");
	json_key_null(json, "row");
	json_key_view(json, "key", buf_view(&to));
	json_key_view(json, "to", buf_view(&to));
	json_key_str(json, "status", status_names[result->status]);
	if (result->code == 0)
		json_key_null(json, "code");
	else
		json_key_uint(json, "code", result->code);
	json_text(json, "enhanced", result->enhanced);
	json_text(json, "reply", result->reply);
	json_reason(json, classifier, result);
	json_key_str(json, "mx", result->mx);
	json_text(json, "ip", result->ip.family == IP_NONE ? view_none() : view_str(IP_SHOW(&result->ip)));
	json_tls(json, result);
	json_key_uint(json, "attempt", result->attempt);
	json_text(json, "message_id", message->message_id);
	json_key_uint(json, "bytes", result->octets);
	json_times(json, result);
	cmd_json_end(cmd);
}

static void text_record(struct cmd *cmd, const struct send_result *result)
{
	BUF_AUTO struct buf line;
	buf_init(&line, LINE_MAX_OCTETS);
	msg_addr_write(result->to, &line);
	struct shown to = show_view(buf_view(&line));
	buf_reset(&line);
	if (result->code > 0)
		buf_printf(&line, "%u ", result->code);
	if (result->enhanced.n > 0 && !view_starts(result->reply, result->enhanced))
		buf_printf(&line, "%s ", SHOW(result->enhanced));
	show_write(view_to(result->reply, LINE_MAX_OCTETS / 16), &line);
	const char *what = buf_view(&line).p;
	if (result->err == ERR_OK && result->status != SEND_DELIVERED)
		cmd_info(cmd, "%s: %s", to.text, what);
	else if (result->status != SEND_DELIVERED)
		cmd_error(cmd, "%s: %s: %s", to.text,
			  result->status == SEND_IN_DOUBT ? "in doubt" : status_names[result->status], what);
	else if (cmd->common->verbose > 0)
		cmd_out_printf(cmd, "%s: delivered: %s\n", to.text, what);
}

/* CLI.md 2: in doubt before work left before refused; a single recipient, or all for one reason, says precisely why. */
static int exit_code(const struct send_results *results, const size_t *counts)
{
	enum err first = results->at[0].err;
	bool same = true, temporary = false;
	for (size_t i = 0; i < results->n; i++) {
		same = same && results->at[i].err == first;
		/* Without an error: --quit-after ended it as planned. */
		temporary = temporary || (results->at[i].status == SEND_DEFERRED && results->at[i].err != ERR_OK);
	}
	if (same)
		return err_exit_code(first);
	return counts[SEND_IN_DOUBT] > 0 ? err_exit_code(ERR_IN_DOUBT) : temporary ? err_exit_code(ERR_TEMP) : 1;
}

void send_results_report(struct cmd *cmd, const struct send_message *message, const struct send_results *results)
{
	size_t counts[SEND_STATUS_COUNT] = { 0 };
	struct bounce_classifier classifier;
	bounce_classifier_init(&classifier);
	for (size_t i = 0; i < results->n; i++) {
		counts[results->at[i].status]++;
		if (cmd->common->json)
			json_record(cmd, &classifier, message, &results->at[i]);
		else
			text_record(cmd, &results->at[i]);
	}
	bounce_classifier_done(&classifier);
	cmd->exit_code = exit_code(results, counts);
	if (!cmd->common->json)
		return;
	struct json *json = cmd_json_begin(cmd);
	json_key_str(json, "type", "summary");
	json_key_null(json, "job");
	json_key_uint(json, "rows", results->n);
	for (size_t i = 0; i < SEND_STATUS_COUNT; i++) {
		static const size_t order[] = { SEND_DELIVERED, SEND_FAILED, SEND_DEFERRED, SEND_IN_DOUBT };
		json_key_uint(json, status_names[order[i]], counts[order[i]]);
	}
	json_key_uint(json, "suppressed", 0);
	json_key_uint(json, "invalid", 0);
	json_key_null(json, "next_due");
	json_key_int(json, "exit", cmd->exit_code);
	cmd_json_end(cmd);
}
