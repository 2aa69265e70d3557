/*
 * bounce-parse: what mail systems, people and services answered, as records.
 */
#include "bounce_parse.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base_file.h"
#include "base_show.h"

static const char *const forms[] = { "auto", "json", "text", "csv", "tsv", NULL };
static const char *const type_names[] = { "unknown",  "bounce",    "delay", "success", "relayed",
					  "feedback", "autoreply", "mdn",   NULL };
static const char *const category_names[] = { "unclassified", "invalid_address",  "technical",           "content",
					      "reputation",   "frequency_volume", "mailbox_unavailable", NULL };
static const char *const reason_names[] = { "undefined",
					    "user_unknown",
					    "user_moved",
					    "host_unknown",
					    "null_mx",
					    "mailbox_full",
					    "mailbox_disabled",
					    "recipient_filter",
					    "expired",
					    "network_error",
					    "system_error",
					    "system_full",
					    "local_error",
					    "tls_failed",
					    "protocol_error",
					    "not_compliant",
					    "content_rejected",
					    "too_large",
					    "virus",
					    "spam",
					    "policy",
					    "security",
					    "auth_failure",
					    "blocked",
					    "bad_reputation",
					    "no_ptr",
					    "sender_rejected",
					    "relay_denied",
					    "rate_limited",
					    "too_many_connections",
					    "greylisted",
					    "on_hold",
					    "suppressed",
					    "feedback",
					    "autoreply",
					    "mdn",
					    "delivered",
					    "challenge",
					    NULL };

#define AT(member) offsetof(struct bounce_parse_opts, member)
static const struct opt opts[] = {
	{ 0, OPT_HEADING, "What to show" },
	{ 'f', OPT_CHOICE, "format", "FORM", "json (a record a line), text, csv or tsv; text on a terminal", forms,
	  AT(format), OPT_COMMON },
	{ 0, OPT_CHOICES, "type", "LIST", "only records of these types", type_names, AT(types), OPT_COMMON },
	{ 0, OPT_FLAG, "hard", NULL, "only addresses never to write to again", NULL, AT(hard), OPT_COMMON },
	{ 0, OPT_FLAG, "soft", NULL, "only failures that may pass", NULL, AT(soft) },
	{ 0, OPT_CHOICES, "reason", "LIST", "only these reasons (--list-reasons shows all)", reason_names,
	  AT(reasons) },
	{ 0, OPT_CHOICES, "category", "LIST", "only these of the seven classes", category_names, AT(categories) },
	{ 0, OPT_DOMAINS, "domain", "DOMAIN", "only recipients there; repeat for several", NULL, AT(domains) },
	{ 0, OPT_TIME, "since", "TIME", "only reports dated then or later", NULL, AT(since) },
	{ 0, OPT_FLAG, "explain", NULL, "say which rule decided, and which others held", NULL, AT(explain),
	  OPT_COMMON },
	{ 0, OPT_HEADING, "Numbers" },
	{ 0, OPT_FLAG, "summary", NULL, "counts instead of records", NULL, AT(summary), OPT_COMMON },
	{ 0, OPT_CHOICE, "by", "KEY", "group the counts by reason, category, domain, provider, mta, day or job",
	  bounce_by_names, AT(by) },
	{ 0, OPT_FLAG, "plot", NULL, "the counts with bars", NULL, AT(plot) },
	{ 0, OPT_UINT, "rate", "SENT", "rates against SENT messages; exit 1 over 5 % bounces or 0.1 % complaints",
	  OPT_RANGE(1, UINT64_MAX), AT(sent) },
	{ 0, OPT_HEADING, "The list of whom not to write to" },
	{ 0, OPT_OUTFILE, "suppress", "FILE", "enter what calls for it into this list", NULL, AT(suppress),
	  OPT_COMMON },
	{ 0, OPT_TEXT, "policy", "RULES", "when: hard=1,soft=5/30d,complaint=1,disabled=3/30d", NULL, AT(policy) },
	{ 0, OPT_DURATION, "expire", "TIME", "how long an entry holds (90d); for ever when not given", NULL,
	  AT(expire_ms) },
	{ 0, OPT_FLAG, "dry-run", NULL, "do everything but write the list", NULL, AT(dry_run) },
	{ 0, OPT_TEXT, "check", "ADDRESS", "is it in the list? exit 0: it may be written to, 1: suppressed", NULL,
	  AT(check), OPT_COMMON },
	{ 0, OPT_HEADING, "Rules" },
	{ 0, OPT_FILES, "rules", "FILE", "rules of your own, asked before the built-in ones", NULL, AT(rules) },
	{ 0, OPT_FLAG, "test-rules", NULL, "check --rules, count how often each held, name those that never did", NULL,
	  AT(test_rules) },
	{ 0, OPT_FLAG, "list-reasons", NULL, "the reasons with class and hardness", NULL, AT(list_reasons) },
	{ 0, OPT_HEADING, "Input" },
	{ 0, OPT_TEXTS, "reply", "TEXT", "classify this SMTP reply", NULL, AT(replies), OPT_MULTILINE | OPT_COMMON },
	{ 0, OPT_FILE, "replies", "FILE", "classify SMTP replies, one a line", NULL, AT(replies_file) },
	{ 0, OPT_TEXT, "verp", "PATTERN", "job and key from the return address: bounce+{job}.{key}.{mac}@example.org",
	  NULL, AT(verp) },
	{ 0, OPT_DIR, "unmatched-dir", "DIR", "keep a copy of every message that is no report there", NULL,
	  AT(unmatched_dir) },
	{ 0, OPT_UINT, "jobs", "N", "threads that parse", OPT_RANGE(1, 64), AT(jobs) },
	{ 0 },
};

static void list_reasons(struct cmd *cmd, bool json)
{
	for (unsigned i = 0; i < BOUNCE_REASON_COUNT; i++) {
		enum bounce_reason reason = (enum bounce_reason)i;
		const char *category = bounce_category_name(bounce_reason_category(reason));
		enum bounce_hard hard = bounce_reason_hard(reason);
		const char *word = hard == BOUNCE_HARD_YES         ? "hard"
				   : hard == BOUNCE_HARD_PERMANENT ? "hard if 5xx"
				   : hard == BOUNCE_HARD_NO        ? "soft"
								   : "-";
		if (json) {
			struct json *line = cmd_json_begin(cmd);
			json_key_str(line, "reason", bounce_reason_name(reason));
			json_key_str(line, "category", category);
			json_key_str(line, "hard", word);
			json_key_str(line, "text", bounce_reason_help(reason));
			cmd_json_end(cmd);
			continue;
		}
		cmd_out_printf(cmd, "%-21s %-20s %-12s %s\n", bounce_reason_name(reason),
			       category == NULL ? "-" : category, word, bounce_reason_help(reason));
	}
}

static enum err add_rules(struct bounce_run *run, struct diag *diag)
{
	const struct opt_texts *files = &run->opts->rules;
	for (size_t i = files->n; i-- > 0;) {
		BUF_AUTO struct buf text;
		buf_init(&text, 1 << 22);
		struct bounce_ruleset *set = arena_new(run->cmd->arena, struct bounce_ruleset);
		enum err err = file_read(files->at[i], &text, diag);
		if (err == ERR_OK)
			err = bounce_rules_parse(buf_view(&text), files->at[i], run->cmd->arena, set, diag);
		if (err == ERR_OK)
			err = bounce_classifier_add(&run->classifier, set, diag);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static void take_reply(struct bounce_run *run, struct view text, const char *source)
{
	struct bounce_report report = { 0 };
	struct bounce_record record = { .type = BOUNCE_TYPE_BOUNCE, .action = VIEW("failed"), .diagnostic = text };
	bounce_text_codes(text, &record.reply, &record.status);
	if (record.reply >= 200 && record.reply < 400)
		record.type = BOUNCE_TYPE_SUCCESS;
	else if (record.reply >= 400 && record.reply < 500)
		record.type = BOUNCE_TYPE_DELAY;
	record.action = record.type == BOUNCE_TYPE_SUCCESS ? VIEW("delivered")
			: record.type == BOUNCE_TYPE_DELAY ? VIEW("delayed")
							   : record.action;
	bounce_classify_reply(&run->classifier, text, view_none(), BOUNCE_COMMAND_NONE, &record.verdict);
	if (record.type == BOUNCE_TYPE_SUCCESS)
		record.verdict = (struct bounce_verdict){ .reason = BOUNCE_DELIVERED, .category = BOUNCE_NO_CATEGORY };
	run->summary.messages++;
	bounce_run_take(run, &report, &record, source);
}

static enum err take_replies_file(struct bounce_run *run, const char *path, struct diag *diag)
{
	BUF_AUTO struct buf text;
	buf_init(&text, BOUNCE_EVENTS_MAX);
	enum err err = file_read(path, &text, diag);
	struct view rest = buf_view(&text), line;
	for (unsigned long number = 1; err == ERR_OK && view_next_line(&rest, &line); number++) {
		char source[4200];
		(void)snprintf(source, sizeof source, "%s:%lu", path, number);
		if (view_trim(line).n > 0)
			take_reply(run, view_trim(line), source);
	}
	return err;
}

static enum err check_address(struct cmd *cmd, const struct bounce_parse_opts *o, struct diag *diag)
{
	if (o->suppress == NULL)
		return diag_set(diag, ERR_CONFIG, "--check wants a list; name it: --suppress list.tsv");
	struct bounce_list list;
	enum err err = bounce_list_open(&list, o, cmd->env, diag);
	const struct suppress_entry *entry = err == ERR_OK ? suppress_list_find(&list.entries, view_str(o->check),
										env_wall_s(cmd->env))
							   : NULL;
	if (err == ERR_OK && o->common.json) {
		struct json *json = cmd_json_begin(cmd);
		json_key_str(json, "address", o->check);
		json_key_bool(json, "suppressed", entry != NULL);
		if (entry != NULL) {
			json_key_view(json, "reason", entry->reason);
			json_key_uint(json, "count", entry->count);
		}
		cmd_json_end(cmd);
	} else if (err == ERR_OK && !o->common.quiet) {
		cmd_out_shown(cmd, view_str(o->check));
		cmd_out_str(cmd, entry == NULL ? ": may be written to\n" : ": suppressed, ");
		if (entry != NULL) {
			cmd_out_shown(cmd, entry->reason.n > 0 ? entry->reason : VIEW("by hand"));
			cmd_out_str(cmd, "\n");
		}
	}
	cmd->exit_code = entry != NULL ? 1 : 0;
	bounce_list_close(&list);
	return err;
}

/* Each rule of --rules, with how often it decided; those that never did may be covered by others. */
static void report_rules(const struct bounce_run *run)
{
	for (size_t s = 0; s + 1 < run->classifier.set_count; s++) {
		const struct bounce_ruleset *set = run->classifier.sets[s];
		for (unsigned i = 0; i < set->rule_count; i++) {
			struct view name = view_str(set->rules[i].name);
			uint64_t hits = bounce_summary_count(&run->summary, name);
			cmd_out_printf(run->cmd, "%8llu  %s", (unsigned long long)hits, run->opts->rules.at[s]);
			cmd_out_printf(run->cmd, ":%u  ", set->rules[i].line);
			cmd_out_shown(run->cmd, name);
			cmd_out_str(run->cmd, hits == 0 ? "  (never decided)\n" : "\n");
		}
	}
}

static enum bounce_form form_of(const struct bounce_parse_opts *o)
{
	if (o->common.json || o->format == BOUNCE_FORM_JSON)
		return BOUNCE_FORM_JSON;
	if (o->format != BOUNCE_FORM_DEFAULT)
		return o->format;
	return isatty(STDOUT_FILENO) ? BOUNCE_FORM_TEXT : BOUNCE_FORM_JSON;
}

static enum err take_all(struct bounce_run *run, struct diag *diag)
{
	static const char *standard_input = "-";
	const struct bounce_parse_opts *o = run->opts;
	struct opt_texts operands = run->cmd->args.operands;
	for (size_t i = 0; i < o->replies.n; i++)
		take_reply(run, view_str(o->replies.at[i]), "--reply");
	enum err err = o->replies_file == NULL ? ERR_OK : take_replies_file(run, o->replies_file, diag);
	if (err != ERR_OK)
		return err;
	if (operands.n == 0 && o->replies.n == 0 && o->replies_file == NULL && !o->test_rules)
		operands = (struct opt_texts){ &standard_input, 1, 1 };
	return bounce_run_operands(run, &operands, diag);
}

static enum err finish(struct bounce_run *run, enum err err, struct diag *diag)
{
	const struct bounce_parse_opts *o = run->opts;
	bool json = run->printer.form == BOUNCE_FORM_JSON && (o->common.json || o->format == BOUNCE_FORM_JSON);
	if (o->test_rules)
		report_rules(run);
	else if (o->summary || o->plot)
		bounce_summary_print(run->cmd, &run->summary, o->plot, json);
	bool over = o->sent > 0 && bounce_summary_rate(run->cmd, &run->summary, o->sent, json);
	if (run->list != NULL && !o->dry_run && (err == ERR_OK || err == ERR_NO_INPUT)) {
		struct diag saving = { .text = "" };
		enum err saved = bounce_list_save(run->list, env_wall_s(run->cmd->env), &saving);
		if (saved != ERR_OK) {
			if (diag != NULL)
				*diag = saving;
			err = saved;
		}
	}
	if (run->list != NULL)
		cmd_info(run->cmd, "%llu addresses newly suppressed in %s%s", (unsigned long long)run->suppressed_now,
			 o->suppress, o->dry_run ? " (not written: --dry-run)" : "");
	if (err == ERR_OK && !o->test_rules)
		run->cmd->exit_code = over || (o->sent == 0 && run->recognised == 0) ? 1 : 0;
	return err;
}

static enum err run(struct cmd *cmd, struct diag *diag)
{
	const struct bounce_parse_opts *o = cmd->opts;
	if (o->list_reasons) {
		list_reasons(cmd, o->common.json);
		return ERR_OK;
	}
	if (o->check != NULL)
		return check_address(cmd, o, diag);
	struct bounce_run work = { .cmd = cmd, .opts = o };
	uint64_t seed;
	env_random(cmd->env, &seed, sizeof seed);
	bounce_classifier_init(&work.classifier);
	work.classifier.explain = o->explain;
	work.printer = (struct bounce_printer){ .cmd = cmd, .form = form_of(o), .explain = o->explain };
	bounce_summary_init(&work.summary, o->test_rules ? BOUNCE_BY_RULE : o->by, seed);
	struct bounce_list list;
	enum err err = add_rules(&work, diag);
	if (err == ERR_OK && o->suppress != NULL) {
		err = bounce_list_open(&list, o, cmd->env, diag);
		work.list = &list;
	}
	if (err == ERR_OK)
		err = finish(&work, take_all(&work, diag), diag);
	if (work.list != NULL)
		bounce_list_close(&list);
	bounce_summary_done(&work.summary);
	bounce_classifier_done(&work.classifier);
	return err;
}

static const char *const usage[] = { "[FILE | MBOX | MAILDIR | DIR | -]…", "--reply TEXT | --replies FILE",
				     "--check ADDRESS --suppress FILE", NULL };
static const struct cmd_exit exits[] = {
	{ 0, "something was recognised; with --check, the address may be written to" },
	{ 1, "nothing was recognised; with --check, suppressed; with --rate, over a limit" },
	{ 0, NULL }
};
static const struct bounce_parse_opts defaults = { .jobs = 1 };

const struct command cmd_bounce_parse = {
	.name = "bounce-parse",
	.summary = "turn bounces, complaints and automatic answers into records",
	.usage = usage,
	.opts = opts,
	.opts_size = sizeof(struct bounce_parse_opts),
	.defaults = &defaults,
	.operand = OPT_FILE,
	.exits = exits,
	.run = run,
};
