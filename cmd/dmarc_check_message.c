/* dmarc-check --message: SPF, DKIM and ARC of one message, what DMARC makes of them, and the header that says so. */
#include "dmarc_check_message.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base_file.h"
#include "base_show.h"
#include "base_spool.h"
#include "dkim_verdicts.h"

enum { HOST_MAX = 256 };

static struct view own_name(struct cmd *cmd, const char *given)
{
	char host[HOST_MAX] = "";
	if (given == NULL && gethostname(host, sizeof host - 1) == 0 && host[0] != '\0')
		return arena_view(cmd->arena, view_str(host));
	return view_str(given != NULL ? given : "localhost");
}

/* The envelope's sender: as given, else what the last server noted in Return-Path. */
static struct view sender_of(const struct dmarc_check_opts *o, const struct msg_head *head, struct arena *arena)
{
	struct view text = view_trim(o->mail_from != NULL ? view_str(o->mail_from)
				     : o->helo != NULL    ? view_none()
							  : msg_head_value(head, VIEW("Return-Path"), arena));
	if (view_at(text, 0) == '<' && view_last(text) == '>')
		text = view_slice(text, 1, text.n - 2);
	return text;
}

static enum authres_result spf_to_authres(enum spf_result result)
{
	static const enum authres_result results[] = {
		[SPF_NONE] = AUTHRES_NONE,           [SPF_NEUTRAL] = AUTHRES_NEUTRAL,
		[SPF_PASS] = AUTHRES_PASS,           [SPF_FAIL] = AUTHRES_FAIL,
		[SPF_SOFTFAIL] = AUTHRES_SOFTFAIL,   [SPF_TEMPERROR] = AUTHRES_TEMPERROR,
		[SPF_PERMERROR] = AUTHRES_PERMERROR,
	};
	return results[result];
}

static void judge_spf(struct dmarc_message *m)
{
	struct dmarc_run *run = m->run;
	const struct dmarc_check_opts *o = run->opts;
	m->request = (struct spf_request){ .ip = o->ip,
					   .sender = sender_of(o, &m->input.head, &m->arena),
					   .helo = view_str(o->helo),
					   .receiver = m->results.id };
	m->has_spf = m->request.sender.n > 0 || m->request.helo.n > 0;
	if (!m->has_spf) {
		(void)authres_add(&m->results, &m->arena, AUTHRES_SPF, AUTHRES_NONE);
		return;
	}
	struct spf_context context = { .resolver = run->resolve.dns, .env = run->cmd->env, .cache = &m->spf_cache };
	spf_eval(&context, &m->arena, &m->request, &m->spf);
	struct authres_verdict *verdict = authres_add(&m->results, &m->arena, AUTHRES_SPF,
						      spf_to_authres(m->spf.result));
	if (m->spf.problem != NULL)
		verdict->reason = view_str(m->spf.problem);
	if (m->spf.helo_identity)
		authres_add_prop(verdict, "smtp", "helo", m->request.helo);
	else
		authres_add_prop(verdict, "smtp", "mailfrom", m->spf.sender);
}

static enum err judge(struct dmarc_message *m, struct source *source, struct diag *diag)
{
	dkim_wire_init(&m->wire, source);
	enum err err = dkim_input_open(&m->input, &m->wire.source, &m->arena, diag);
	if (err != ERR_OK)
		return err;
	judge_spf(m);
	dkim_verify_begin(&m->verify, &m->dkim_opts, &m->input.head, &m->bodies, &m->keys, &m->arena);
	arc_begin(&m->arc, &m->input.head, &m->bodies, &m->keys, &m->arena, m->dkim_opts.now);
	if (m->bodies.n > 0)
		err = dkim_bodies_read(&m->bodies, &m->input, NULL, diag);
	if (err != ERR_OK)
		return err;
	dkim_verify_end(&m->verify);
	arc_end(&m->arc);
	dkim_verdicts_add(&m->verify, &m->results, &m->arena);
	arc_add_verdict(&m->arc, &m->results, &m->arena);
	struct dmarc_from from;
	dmarc_from_head(&m->input.head, &m->arena, &from);
	dmarc_eval(&m->run->cache, &from, &m->results, &m->outcome);
	dmarc_add_verdict(&m->outcome, &m->results, &m->arena);
	return ERR_OK;
}

static void show_text(struct dmarc_message *m)
{
	struct cmd *cmd = m->run->cmd;
	dmarc_show_outcome(m->run, &m->outcome);
	if (m->has_spf)
		cmd_out_printf(cmd, "  SPF %s for %s from %s\n", spf_result_name(m->spf.result), SHOW(m->spf.domain),
			       IP_SHOW(&m->request.ip));
	else
		cmd_out_str(cmd, "  SPF not judged: no --mail-from, no --helo, no Return-Path\n");
	if (m->verify.n == 0)
		cmd_out_str(cmd, "  no DKIM signature\n");
	for (size_t i = 0; i < m->verify.n; i++) {
		const struct dkim_verdict *verdict = &m->verify.at[i];
		cmd_out_printf(cmd, "  DKIM %s for %s%s%s\n", dkim_result_name(verdict->result),
			       verdict->parsed ? SHOW(verdict->signature.domain) : "a signature that cannot be read",
			       verdict->reason != NULL ? ": " : "",
			       verdict->reason != NULL ? SHOW(view_str(verdict->reason)) : "");
	}
	if (m->arc.result != ARC_NONE)
		cmd_out_printf(cmd, "  ARC %s, %u instance%s\n", arc_result_name(m->arc.result), m->arc.n,
			       m->arc.n == 1 ? "" : "s");
	cmd_out_printf(cmd, "  Authentication-Results: ");
	cmd_out_shown(cmd, dmarc_results_line(&m->results, &m->arena));
	cmd_out_str(cmd, "\n");
}

static void json_dkim(struct json *json, const struct dmarc_message *m)
{
	json_key_object(json, "dkim");
	json_key_str(json, "result", dkim_result_name(m->verify.result));
	json_key_array(json, "signatures");
	for (size_t i = 0; i < m->verify.n; i++) {
		const struct dkim_verdict *verdict = &m->verify.at[i];
		json_object(json);
		json_key_str(json, "result", dkim_result_name(verdict->result));
		json_key_str(json, "reason", verdict->reason);
		if (verdict->parsed) {
			json_key_view(json, "domain", verdict->signature.domain);
			json_key_view(json, "selector", verdict->signature.selector);
		}
		json_end(json);
	}
	json_end(json);
	json_end(json);
}

static void show_json(struct dmarc_message *m)
{
	struct cmd *cmd = m->run->cmd;
	struct json *json = cmd_json_begin(cmd);
	dmarc_json_outcome(json, &m->outcome, &m->arena);
	json_key_object(json, "spf");
	json_key_str(json, "result", m->has_spf ? spf_result_name(m->spf.result) : "none");
	json_key_view(json, "domain", m->has_spf ? m->spf.domain : view_none());
	json_key_str(json, "identity", m->has_spf && m->spf.helo_identity ? "helo" : "mailfrom");
	json_key_str(json, "ip", IP_SHOW(&m->request.ip));
	json_key_str(json, "problem", m->has_spf ? m->spf.problem : NULL);
	json_end(json);
	json_dkim(json, m);
	json_key_object(json, "arc");
	json_key_str(json, "result", arc_result_name(m->arc.result));
	json_key_uint(json, "instances", m->arc.n);
	json_key_str(json, "reason", m->arc.reason);
	json_end(json);
	json_key_view(json, "authentication_results", dmarc_results_line(&m->results, &m->arena));
	cmd_json_end(cmd);
}

static void prepare(struct dmarc_message *m, struct dmarc_run *run)
{
	m->run = run;
	m->dkim_opts = (struct dkim_verify_opts){ .now = env_wall_s(run->cmd->env) };
	arena_init(&m->arena);
	m->results = (struct authres){ .id = own_name(run->cmd, run->opts->authserv_id) };
	spf_cache_init(&m->spf_cache, run->cmd->env);
	dkim_input_init(&m->input);
	dkim_bodies_init(&m->bodies);
	dkim_keys_init(&m->keys, run->resolve.dns, view_none(), ARC_KEYS_MAX, &m->arena);
}

static void finish(struct dmarc_message *m)
{
	dkim_keys_done(&m->keys);
	dkim_bodies_done(&m->bodies);
	dkim_input_done(&m->input);
	spf_cache_done(&m->spf_cache);
	arena_done(&m->arena);
}

static enum err judge_and_show(struct dmarc_message *m, struct source *source, struct diag *diag)
{
	struct dmarc_run *run = m->run;
	enum err err = judge(m, source, diag);
	if (err != ERR_OK)
		return err;
	run->cmd->exit_code = dmarc_exit_code(&m->outcome);
	if (run->opts->add_header)
		return dmarc_message_write(m, source, diag);
	if (run->cmd->common->json)
		show_json(m);
	else
		show_text(m);
	return ERR_OK;
}

static bool is_file(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && lseek(fd, 0, SEEK_CUR) == 0;
}

enum err dmarc_check_message(struct dmarc_run *run, struct diag *diag)
{
	const char *path = run->opts->message;
	FD_AUTO int fd = -1;
	SPOOL_AUTO struct spool spool;
	static struct dmarc_message m; /* large, and there is one */
	struct source_fd file;
	spool_init(&spool);
	enum err err = strcmp(path, "-") == 0 ? cmd_claim(run->cmd, CMD_STDIN, "--message", diag) : ERR_OK;
	if (err == ERR_OK)
		err = file_open(path, &fd, diag);
	if (err != ERR_OK)
		return err;
	source_fd_init(&file, fd, path);
	bool again = run->opts->add_header && !is_file(fd);
	if (again)
		err = spool_fill(&spool, &file.source, diag);
	prepare(&m, run);
	if (err == ERR_OK)
		err = judge_and_show(&m, again ? &spool.source : &file.source, diag);
	finish(&m);
	return err;
}
