#include "spf_eval.h"

#include "base_show.h"
#include "cmd_dns.h"
#include "spf_header.h"
#include "spf_macro.h"

static const char *const requirements[] = { "-",        "none",      "neutral",   "pass", "fail",
					    "softfail", "temperror", "permerror", NULL };

#define AT(member) offsetof(struct spf_eval_opts, member)

static const struct opt opts[] = {
	{ 0, OPT_HEADING, "Who sends" },
	{ 'i', OPT_IP, "ip", "ADDRESS", "address of the client", NULL, AT(ip), OPT_COMMON },
	{ 'f', OPT_TEXT, "from", "ADDRESS", "MAIL FROM address; <> is the null sender", NULL, AT(from), OPT_COMMON },
	{ 0, OPT_ALIAS, "mail-from", "from" },
	{ 0, OPT_TEXT, "helo", "NAME", "what the client said in HELO or EHLO", NULL, AT(helo), OPT_COMMON },
	{ 0, OPT_TEXT, "receiver", "NAME", "who checks: for the macro r and the header fields", NULL, AT(receiver) },
	{ 0, OPT_FILE, "list", "FILE", "many: one \"ip sender helo\" a line", NULL, AT(list), OPT_COMMON },
	{ 0, OPT_HEADING, "How" },
	{ 0, OPT_TEXT, "record", "TXT", "evaluate this record instead of the published one", NULL, AT(record),
	  OPT_COMMON },
	{ 0, OPT_CHOICE, "require", "RESULT", "exit 0 for this result, and only for it", requirements, AT(require) },
	{ 0, OPT_HEADING, "What to show" },
	{ 0, OPT_FLAG, "tree", NULL, "every term, what it asked and what came back", NULL, AT(tree), OPT_COMMON },
	{ 0, OPT_FLAG, "lint", NULL, "what is wrong with the records of DOMAIN, past the limits", NULL, AT(lint),
	  OPT_COMMON },
	{ 0, OPT_FLAG, "flatten", NULL, "the networks that DOMAIN lets send", NULL, AT(flatten), OPT_COMMON },
	{ 0, OPT_TEXT, "expand", "MACRO", "expand a macro string", NULL, AT(expand), OPT_COMMON },
	{ 0 },
};

static const char *const usage[] = { "--ip ADDRESS [--from ADDRESS] [--helo NAME] [options] [DOMAIN]",
				     "--list FILE|- [options]",
				     "--lint DOMAIN...",
				     "--flatten DOMAIN...",
				     "--expand MACRO [--ip ADDRESS] [--from ADDRESS] [DOMAIN]",
				     NULL };

static const struct cmd_exit exits[] = { { 0, "pass, or the result of --require; with --lint, no error" },
					 { 1, "any other result; with --lint, an error" },
					 { 75, "temperror: the DNS did not answer" },
					 { 0, NULL } };

int spf_exit_code(const struct spf_eval_opts *given, enum spf_result result)
{
	enum spf_result good = given->require > 0 ? (enum spf_result)(given->require - 1) : SPF_PASS;
	return result == good ? 0 : result == SPF_TEMPERROR ? 75 : 1;
}

enum cmd_style spf_result_style(enum spf_result result)
{
	return result == SPF_PASS ? CMD_GREEN : result == SPF_FAIL || result == SPF_PERMERROR ? CMD_RED : CMD_YELLOW;
}

static void put_shown(struct buf *out, struct view v) { buf_str(out, SHOW(v)); }

static void sentence_all(const struct spf_verdict *verdict, const char *ip, struct buf *out)
{
	static const char *const means[] = { [SPF_NEUTRAL] = "says nothing about others",
					     [SPF_PASS] = "lets everybody",
					     [SPF_FAIL] = "refuses all others",
					     [SPF_SOFTFAIL] = "marks all others" };
	buf_printf(out, "%s matches nothing before '%s' in the record of %s, which %s", ip,
		   SHOW(verdict->match->term->text), SHOW(verdict->match_visit->domain), means[verdict->result]);
}

/* The term of a record that led to the result; NULL: none did. */
static const struct spf_step *way_of(const struct spf_visit *visit)
{
	const struct spf_step *way = NULL;
	for (size_t i = 0; i < visit->n; i++)
		if (visit->steps[i].decides)
			way = &visit->steps[i];
	return way;
}

static void sentence_way(const struct spf_verdict *verdict, struct buf *out)
{
	const struct spf_step *way = way_of(verdict->tree);
	for (const char *before = " (through "; way != NULL && way->child != NULL; before = ", ") {
		buf_printf(out, "%s%s", before, SHOW(way->term->text));
		way = way_of(way->child);
		if (way == NULL || way->child == NULL)
			buf_byte(out, ')');
	}
}

void spf_sentence(const struct spf_request *request, const struct spf_verdict *verdict, struct buf *out)
{
	struct ip_addr client = ip_unmap(&request->ip);
	struct ip_text ip = ip_show(&client);
	if (verdict->problem != NULL)
		buf_str(out, verdict->problem);
	else if (verdict->match == NULL)
		buf_printf(out, "nothing in the record of %s matches %s, and it does not end in 'all'",
			   SHOW(verdict->match_visit->domain), ip.text);
	else if (verdict->match->term->kind == SPF_ALL && verdict->match->term->qualifier != '+')
		sentence_all(verdict, ip.text, out);
	else
		buf_printf(out, "%s matches '%s' in the record of %s", ip.text, SHOW(verdict->match->term->text),
			   SHOW(verdict->match_visit->domain));
	if (verdict->problem == NULL)
		sentence_way(verdict, out);
}

static const char *network_of(const struct ip_addr *ip) { return ip->family == IP_V6 ? "ip6" : "ip4"; }

static void sentence_advice(const struct spf_request *request, const struct spf_verdict *verdict, struct buf *out)
{
	struct ip_addr client = ip_unmap(&request->ip);
	const struct spf_term *term = verdict->match != NULL ? verdict->match->term : NULL;
	struct view domain = verdict->match_visit != NULL ? verdict->match_visit->domain : verdict->domain;
	switch (verdict->result) {
	case SPF_PASS:
		if (term != NULL && term->kind == SPF_ALL)
			buf_printf(out, "end the record of %s in -all: now anybody may send as it", SHOW(domain));
		break;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
		if (term == NULL || term->kind == SPF_ALL)
			buf_printf(out, "if %s may send for %s, put %s:%s into its record", IP_SHOW(&client),
				   SHOW(verdict->domain), network_of(&client), IP_SHOW(&client));
		break;
	case SPF_NONE:
		if (verdict->tree != NULL && verdict->tree->policy != NULL)
			buf_printf(out, "publish one: %s TXT \"v=spf1 ... -all\"", SHOW(verdict->domain));
		break;
	case SPF_TEMPERROR:
		buf_str(out, "try again later; this says nothing about the sender");
		break;
	case SPF_PERMERROR:
		buf_printf(out, "posthorn spf-eval --lint %s shows all that is wrong", SHOW(verdict->domain));
		break;
	}
}

static void show_text(struct cmd *cmd, const struct spf_request *request, const struct spf_verdict *verdict)
{
	BUF_AUTO struct buf text;
	buf_init(&text, 16384);
	cmd_out_printf(cmd, "%s%s%s%s  ", cmd_style(cmd, CMD_BOLD), cmd_style(cmd, spf_result_style(verdict->result)),
		       spf_result_name(verdict->result), cmd_style(cmd, CMD_RESET));
	put_shown(&text, verdict->sender);
	buf_printf(&text, " from %s\n  ", IP_SHOW(&request->ip));
	spf_sentence(request, verdict, &text);
	size_t before = text.n;
	buf_str(&text, "\n  to do: ");
	size_t advice = text.n;
	sentence_advice(request, verdict, &text);
	if (text.n == advice)
		buf_cut(&text, before);
	const struct spf_limits *limits = &spf_limits_default;
	buf_printf(&text, "\n  %u of %u DNS look-ups, %u of %u void\n", verdict->lookups, limits->lookups,
		   verdict->voids, limits->voids);
	cmd_out_view(cmd, buf_view(&text));
	if (verdict->explanation.p == NULL)
		return;
	cmd_out_str(cmd, "  explanation: ");
	cmd_out_shown(cmd, verdict->explanation);
	cmd_out_str(cmd, "\n");
}

static void json_path(struct json *json, const struct spf_visit *visit)
{
	const struct spf_step *way;
	for (; visit != NULL && (way = way_of(visit)) != NULL; visit = way->child)
		json_view(json, way->term->text);
}

static void json_matched(struct json *json, const struct spf_verdict *verdict)
{
	if (verdict->match == NULL) {
		json_key_null(json, "matched");
		return;
	}
	json_key_object(json, "matched");
	json_key_view(json, "mechanism", verdict->match->term->text);
	json_key_view(json, "domain", verdict->match_visit->domain);
	json_key_array(json, "path");
	json_path(json, verdict->tree);
	json_end(json);
	json_end(json);
}

static void json_fields(struct json *json, const struct spf_request *request, const struct spf_verdict *verdict)
{
	BUF_AUTO struct buf text;
	buf_init(&text, 16384);
	spf_received_write(verdict, request, &text);
	json_key_view(json, "received_spf", buf_view(&text));
	buf_reset(&text);
	buf_printf(&text, "%.*s; ", VIEW_ARG(request->receiver.n > 0 ? request->receiver : VIEW("localhost")));
	spf_authres_write(verdict, request, &text);
	json_key_view(json, "authentication_results", buf_view(&text));
}

void spf_show_json(struct json *json, const struct spf_request *request, const struct spf_verdict *verdict,
		   bool with_tree)
{
	json_key_str(json, "result", spf_result_name(verdict->result));
	if (verdict->explanation.p != NULL)
		json_key_view(json, "explanation", verdict->explanation);
	else
		json_key_null(json, "explanation");
	json_key_str(json, "problem", verdict->problem);
	json_key_view(json, "domain", verdict->domain);
	json_key_str(json, "identity", verdict->helo_identity ? "helo" : "mailfrom");
	json_key_view(json, "sender", verdict->sender);
	json_key_str(json, "ip", IP_SHOW(&request->ip));
	json_key_view(json, "helo", request->helo);
	const struct spf_policy *policy = verdict->tree != NULL ? verdict->tree->policy : NULL;
	if (policy != NULL && policy->records == 1)
		json_key_view(json, "record", policy->record.text);
	else
		json_key_null(json, "record");
	json_matched(json, verdict);
	json_key_uint(json, "lookups", verdict->lookups);
	json_key_uint(json, "void_lookups", verdict->voids);
	if (with_tree)
		spf_json_steps(json, "tree", verdict->tree, false);
	json_fields(json, request, verdict);
}

/* <a@b> is a@b; <> and nothing are the null sender. */
static struct view bare_address(struct view text)
{
	text = view_trim(text);
	if (view_at(text, 0) == '<' && view_last(text) == '>')
		text = view_slice(text, 1, text.n - 2);
	return text;
}

static enum err read_request(struct cmd *cmd, struct spf_request *out, struct diag *diag)
{
	const struct spf_eval_opts *given = cmd->opts;
	const char *domain = cmd->args.operands.n > 0 ? cmd->args.operands.at[0] : NULL;
	*out = (struct spf_request){ .ip = given->ip,
				     .sender = bare_address(view_str(given->from)),
				     .helo = view_str(given->helo),
				     .receiver = view_str(given->receiver) };
	if (domain == NULL)
		return ERR_OK;
	struct view name;
	enum err err = cmd_dns_domain(cmd, "DOMAIN", domain, &name, diag);
	if (err != ERR_OK)
		return err;
	if (out->sender.n > 0 || out->helo.n > 0)
		out->domain = name;
	else
		out->sender = view_str(arena_printf(cmd->arena, "postmaster@%.*s", VIEW_ARG(name)));
	return ERR_OK;
}

enum err spf_put_record(struct cmd *cmd, struct spf_context *context, struct view domain, struct diag *diag)
{
	const struct spf_eval_opts *given = cmd->opts;
	if (given->record == NULL)
		return ERR_OK;
	struct view record = view_str(given->record);
	if (!spf_record_is(record))
		return diag_set(diag, ERR_DATA, "--record \"%s\": an SPF record starts with v=spf1 and a space",
				SHOW(record));
	struct dname name;
	if (dname_parse_idn(cmd->arena, domain, &name, NULL) == ERR_OK)
		spf_cache_put(context->cache, name, record);
	return ERR_OK;
}

/* Whose record is asked first. */
static struct view first_domain(const struct spf_request *request)
{
	struct view domain = request->sender.n > 0 ? request->sender : request->helo;
	if (request->domain.n > 0)
		return request->domain;
	for (size_t at; (at = view_find_byte(domain, '@')) != SIZE_MAX;)
		domain = view_from(domain, at + 1);
	return domain;
}

static enum err run_one(struct cmd *cmd, struct spf_context *context, struct diag *diag)
{
	const struct spf_eval_opts *given = cmd->opts;
	struct spf_request request;
	enum err err = read_request(cmd, &request, diag);
	if (err == ERR_OK)
		err = spf_put_record(cmd, context, first_domain(&request), diag);
	if (err != ERR_OK)
		return err;
	context->trace = true;
	struct spf_verdict verdict;
	spf_eval(context, cmd->arena, &request, &verdict);
	cmd->exit_code = spf_exit_code(given, verdict.result);
	if (given->common.json) {
		spf_show_json(cmd_json_begin(cmd), &request, &verdict, true);
		cmd_json_end(cmd);
		return ERR_OK;
	}
	show_text(cmd, &request, &verdict);
	if (given->tree) {
		struct spf_draw draw;
		spf_draw_init(&draw, cmd);
		cmd_out_str(cmd, "\n");
		spf_draw_tree(&draw, verdict.tree);
	}
	return ERR_OK;
}

/* Validated names for %{p} want the DNS and the whole evaluator; here it is what the DNS would say to nobody. */
static enum err run_expand(struct cmd *cmd, struct diag *diag)
{
	const struct spf_eval_opts *given = cmd->opts;
	struct spf_request request;
	enum err err = read_request(cmd, &request, diag);
	if (err != ERR_OK)
		return err;
	struct view sender = request.sender, domain = sender;
	size_t at = sender.n;
	while (at > 0 && view_at(sender, at - 1) != '@')
		at--;
	domain = view_from(sender, at);
	struct ip_addr ip = ip_unmap(&request.ip);
	struct spf_macro_env env = { .local = at > 1 ? view_to(sender, at - 1) : VIEW("postmaster"),
				     .sender_domain = domain.n > 0 ? domain : request.helo,
				     .domain = request.domain.n > 0 ? request.domain : domain,
				     .ip = ip,
				     .helo = request.helo,
				     .receiver = request.receiver,
				     .now_s = env_wall_s(cmd->env) };
	BUF_AUTO struct buf out;
	buf_init(&out, SPF_EXPAND_MAX);
	err = spf_macro_expand(&env, view_str(given->expand), SPF_IN_EXP, &out, diag);
	if (err != ERR_OK) {
		diag->line = 0; /* of one line there is no place to tell */
		return diag_prefix(diag, err, "--expand \"%s\"", SHOW(view_str(given->expand)));
	}
	if (given->common.json) {
		struct json *json = cmd_json_begin(cmd);
		json_key_str(json, "macro", given->expand);
		json_key_view(json, "expanded", buf_view(&out));
		cmd_json_end(cmd);
		return ERR_OK;
	}
	cmd_out_shown(cmd, buf_view(&out));
	cmd_out_str(cmd, "\n");
	return ERR_OK;
}

/* What fits together and what is missing. */
static enum err check_opts(const struct cmd *cmd, struct diag *diag)
{
	const struct spf_eval_opts *given = cmd->opts;
	size_t operands = cmd->args.operands.n;
	int modes = given->lint + given->flatten + (given->list != NULL) + (given->expand != NULL);
	if (modes > 1)
		return diag_set(diag, ERR_USAGE, "--list, --lint, --flatten and --expand exclude each other");
	if ((given->lint || given->flatten) && operands == 0)
		return diag_set(diag, ERR_USAGE, "%s wants a DOMAIN", given->lint ? "--lint" : "--flatten");
	if (given->lint || given->flatten)
		return ERR_OK;
	if (given->list != NULL && (operands > 0 || given->from != NULL || given->ip.family != IP_NONE))
		return diag_set(diag, ERR_USAGE, "--list has addresses and senders in its lines; give no others");
	if (operands > 1)
		return diag_set(diag, ERR_USAGE, "one DOMAIN, not %zu (--list FILE takes many)", operands);
	if (given->list != NULL || given->expand != NULL)
		return ERR_OK;
	if (given->ip.family == IP_NONE)
		return diag_set(diag, ERR_USAGE,
				"whose mail? give --ip ADDRESS (or --lint DOMAIN for the record alone)");
	if (given->from == NULL && given->helo == NULL && operands == 0)
		return diag_set(diag, ERR_USAGE, "whose domain? give --from ADDRESS, --helo NAME or a DOMAIN");
	return ERR_OK;
}

static enum err spf_eval_run(struct cmd *cmd, struct diag *diag)
{
	const struct spf_eval_opts *given = cmd->opts;
	enum err err = check_opts(cmd, diag);
	if (err != ERR_OK)
		return err;
	if (given->expand != NULL)
		return run_expand(cmd, diag);
	RESOLVE_AUTO struct resolve resolve = { .dns = NULL };
	err = cmd_dns_open(cmd, &resolve, diag);
	if (err != ERR_OK)
		return err;
	struct spf_cache cache;
	spf_cache_init(&cache, cmd->env);
	struct spf_context context = { .resolver = resolve.dns, .env = cmd->env, .cache = &cache };
	if (given->lint || given->flatten)
		err = spf_lint_run(cmd, &context, diag);
	else if (given->list != NULL)
		err = spf_list_run(cmd, &context, diag);
	else
		err = run_one(cmd, &context, diag);
	spf_cache_done(&cache);
	return err;
}

const struct command cmd_spf_eval = { .name = "spf-eval",
				      .summary = "may this address send mail for that domain, and why (RFC 7208)",
				      .usage = usage,
				      .opts = opts,
				      .opts_size = sizeof(struct spf_eval_opts),
				      .operand = OPT_DOMAIN,
				      .exits = exits,
				      .run = spf_eval_run };
