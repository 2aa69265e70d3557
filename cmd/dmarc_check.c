/*
 * posthorn dmarc-check: a domain's policy, one message, or the reports that come back.
 */
#include "dmarc_check.h"

#include "cmd_dns.h"

static const char *const severities[] = { "error", "warn", NULL };
static const char *const groups[] = { "source", "org", "day", "domain", NULL };

#define AT(member) offsetof(struct dmarc_check_opts, member)

static const struct opt opts[] = {
	{ 0, OPT_HEADING, "A domain's policy" },
	{ 0, OPT_CHOICE, "fail-on", "SEVERITY", "exit 1 for this and worse (error)", severities, AT(fail_on) },
	{ 0, OPT_HEADING, "One message" },
	{ 0, OPT_FILE, "message", "FILE", "judge this message: SPF, DKIM, ARC, alignment", NULL, AT(message),
	  OPT_COMMON },
	{ 'i', OPT_IP, "ip", "ADDRESS", "address of the client that sent it", NULL, AT(ip), OPT_COMMON },
	{ 'f', OPT_TEXT, "mail-from", "ADDRESS", "its MAIL FROM address; <> is the null sender", NULL, AT(mail_from),
	  OPT_COMMON },
	{ 0, OPT_TEXT, "helo", "NAME", "what the client said in HELO or EHLO", NULL, AT(helo), OPT_COMMON },
	{ 0, OPT_TEXT, "authserv-id", "NAME", "our name in Authentication-Results (this host's)", NULL,
	  AT(authserv_id) },
	{ 0, OPT_FLAG, "add-header", NULL, "write the message with the header; others' claims under our name go", NULL,
	  AT(add_header) },
	{ 0, OPT_HEADING, "Given facts" },
	{ 0, OPT_FLAG, "eval", NULL, "alignment and policy from --from, --dkim-pass, --spf-pass", NULL, AT(eval),
	  OPT_COMMON },
	{ 0, OPT_TEXT, "from", "DOMAIN", "the author's domain, or a From field's value", NULL, AT(from) },
	{ 0, OPT_TEXTS, "dkim-pass", "DOMAIN", "d= of a good signature; repeat for several", NULL, AT(dkim_pass) },
	{ 0, OPT_TEXTS, "spf-pass", "DOMAIN", "domain for which SPF passed", NULL, AT(spf_pass) },
	{ 0, OPT_HEADING, "Reports" },
	{ 0, OPT_FLAG, "report", NULL, "read reports: xml, gz, zip, json, mail, mbox, directories", NULL, AT(report),
	  OPT_COMMON },
	{ 0, OPT_CHOICE, "by", "GROUP", "a line for each source, org, day or domain (source)", groups, AT(by),
	  OPT_COMMON },
	{ 0, OPT_FLAG, "failing", NULL, "only what failed", NULL, AT(failing), OPT_COMMON },
	{ 0, OPT_TIME, "since", "TIME", "only reports whose period ends after this", NULL, AT(since) },
	{ 0, OPT_FLAG, "resolve", NULL, "ask for the names of the sources", NULL, AT(resolve) },
	{ 0, OPT_FLAG, "csv", NULL, "a line for each record, comma separated", NULL, AT(csv) },
	{ 0, OPT_OUTFILE, "html", "FILE", "write one self-contained page", NULL, AT(html) },
	{ 0, OPT_FLAG, "json-lines", NULL, "JSON, a report a line", NULL, AT(json_lines) },
	{ 0, OPT_UINT, "jobs", "N", "files read at the same time (one a core)", OPT_RANGE(1, 64), AT(jobs) },
	{ 0 },
};

static const char *const usage[] = { "[options] DOMAIN...",
				     "--message FILE --ip ADDRESS [--mail-from ADDRESS] [--helo NAME]",
				     "--eval --from DOMAIN|HEADER [--dkim-pass DOMAIN]... [--spf-pass DOMAIN]",
				     "--report PATH...", NULL };

static const struct cmd_exit exits[] = {
	{ 0, "pass; no error in the policy; all reports were read" }, { 1, "not pass; an error in the policy" },
	{ 65, "a report could not be read (the others were)" },       { 66, "a report is missing" },
	{ 75, "the DNS did not answer: nothing is known" },           { 0, NULL },
};

static enum err check_modes(const struct cmd *cmd, const struct dmarc_check_opts *o, struct diag *diag)
{
	int modes = (o->message != NULL) + o->eval + o->report;
	if (modes > 1)
		return diag_set(diag, ERR_USAGE, "--message, --eval and --report exclude each other");
	if ((o->message != NULL || o->eval) && cmd->args.operands.n > 0)
		return diag_set(diag, ERR_USAGE,
				"no DOMAIN goes with --message or --eval (the domain comes from From)");
	if (modes == 0 && cmd->args.operands.n == 0)
		return diag_set(diag, ERR_USAGE, "give a DOMAIN, or --message, --eval or --report");
	if (o->report && cmd->args.operands.n == 0)
		return diag_set(diag, ERR_USAGE, "--report needs a PATH (- is standard input)");
	if (o->message != NULL && o->ip.family == IP_NONE)
		return diag_set(diag, ERR_USAGE, "--message needs --ip, the address of the client that sent it");
	if (o->eval && o->from == NULL)
		return diag_set(diag, ERR_USAGE, "--eval needs --from DOMAIN");
	if (o->add_header && (o->common.json || o->message == NULL))
		return diag_set(diag, ERR_USAGE, "--add-header goes with --message and without --json");
	if ((o->csv || o->json_lines || o->html != NULL || o->failing || o->resolve) && !o->report)
		return diag_set(diag, ERR_USAGE,
				"--csv, --html, --json-lines, --failing and --resolve go with --report");
	if (o->csv && (o->common.json || o->json_lines))
		return diag_set(diag, ERR_USAGE, "--csv and --json exclude each other");
	return ERR_OK;
}

static enum err run(struct cmd *cmd, struct diag *diag)
{
	const struct dmarc_check_opts *o = cmd->opts;
	enum err err = check_modes(cmd, o, diag);
	if (err != ERR_OK)
		return err;
	if (o->report)
		return dmarc_check_report(cmd, diag);
	struct dmarc_run run = { .cmd = cmd, .opts = o };
	err = cmd_dns_open(cmd, &run.resolve, diag);
	if (err != ERR_OK)
		return err;
	uint64_t seed;
	env_random(cmd->env, &seed, sizeof seed);
	dmarc_cache_init(&run.cache, run.resolve.dns, cmd->arena, seed);
	err = o->message != NULL ? dmarc_check_message(&run, diag)
	      : o->eval          ? dmarc_check_eval(&run, diag)
				 : dmarc_check_lint(&run, diag);
	resolve_close(&run.resolve);
	return err;
}

const struct command cmd_dmarc_check = {
	.name = "dmarc-check",
	.summary = "check a DMARC policy, judge a message, read reports",
	.usage = usage,
	.opts = opts,
	.opts_size = sizeof(struct dmarc_check_opts),
	.operand = OPT_DOMAIN,
	.exits = exits,
	.run = run,
};
