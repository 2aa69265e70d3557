/*
 * posthorn dkim-verify: are the DKIM signatures of a message good, and if not, why?
 */
#include <unistd.h>

#include "base_show.h"
#include "cmd_dns.h"
#include "dkim_key.h"
#include "dkim_verify_priv.h"

#define AT(member) offsetof(struct verify_opts, member)

static const struct opt opts[] = {
	{ 0, OPT_HEADING, "What must hold" },
	{ 0, OPT_FLAG, "any", NULL, "one good signature is enough (default)", NULL, AT(any) },
	{ 0, OPT_FLAG, "all", NULL, "every signature must be good", NULL, AT(all), OPT_COMMON },
	{ 'd', OPT_DOMAIN, "domain", "DOMAIN", "only signatures of this domain (d=) count", NULL, AT(domain),
	  OPT_COMMON },
	{ 0, OPT_FLAG, "strict", NULL, "unsigned copies of signed fields fail", NULL, AT(strict), OPT_COMMON },
	{ 0, OPT_UINT, "min-bits", "N", "shortest RSA key that passes (1024)", OPT_RANGE(512, 8192), AT(min_bits),
	  OPT_COMMON },
	{ 0, OPT_UINT, "max-signatures", "N", "signatures that are judged (10)", OPT_RANGE(1, DKIM_SIGNATURES_MAX_MAX),
	  AT(max_signatures) },
	{ 0, OPT_HEADING, "Old mail" },
	{ 0, OPT_FLAG, "accept-sha1", NULL, "rsa-sha1 may pass", NULL, AT(accept_sha1) },
	{ 0, OPT_FLAG, "accept-l", NULL, "signatures of a part of the body (l=) may pass", NULL, AT(accept_l) },
	{ 0, OPT_FLAG, "accept-no-version", NULL, "signatures without v= may pass", NULL, AT(accept_no_version) },
	{ 0, OPT_HEADING, "Keys" },
	{ 0, OPT_TEXT, "key-record", "TXT", "use this key record for every signature, not DNS", NULL, AT(key_record),
	  OPT_COMMON },
	{ 0, OPT_FILE, "key-file", "PEM", "use this public key for every signature, not DNS", NULL, AT(key_file),
	  OPT_COMMON },
	{ 0, OPT_HEADING, "Output" },
	{ 0, OPT_FLAG, "arc", NULL, "judge the ARC chain too", NULL, AT(arc), OPT_COMMON },
	{ 0, OPT_TEXT, "authserv-id", "NAME", "name in Authentication-Results (this host's)", NULL, AT(authserv_id) },
	{ 0, OPT_DIR, "dump-canonical", "DIR", "write what was hashed: N.header, body.simple, body.relaxed", NULL,
	  AT(dump_dir) },
	{ 0 },
};

static enum err key_of_file(struct verify_run *run, const char *path, struct diag *diag)
{
	CRYPTO_SECRET_AUTO struct crypto_secret text = { 0 };
	CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
	BUF_AUTO struct buf record;
	buf_init(&record, 32768);
	struct dkim_key_form form = { 0 };
	enum err err = crypto_secret_read_file(&text, path, CRYPTO_KEY_TEXT_MAX, false, diag);
	if (err == ERR_OK)
		err = crypto_key_parse_public_pem(crypto_secret_view(&text), path, &key, diag);
	if (err == ERR_OK)
		err = dkim_key_write(key, &form, &record, diag);
	run->given = arena_view(run->cmd->arena, buf_view(&record));
	return err;
}

static enum err settle(struct verify_run *run, struct diag *diag)
{
	const struct verify_opts *o = run->opts;
	enum err err = ERR_OK;
	run->judge = (struct dkim_verify_opts){
		.signatures_max = (unsigned)o->max_signatures,
		.bits_min = (unsigned)o->min_bits,
		.accept_sha1 = o->accept_sha1,
		.accept_length = o->accept_l,
		.old = o->accept_no_version,
		.strict = o->strict,
		.all = o->all,
		.now = env_wall_s(run->cmd->env),
	};
	if (o->all && o->any)
		return diag_set(diag, ERR_USAGE, "--all and --any exclude each other");
	if (o->key_file != NULL && o->key_record != NULL)
		return diag_set(diag, ERR_USAGE, "--key-file and --key-record exclude each other");
	if (o->key_record != NULL && o->key_record[0] == '\0')
		return diag_set(diag, ERR_USAGE, "--key-record is empty; write for example 'v=DKIM1; k=rsa; p=...'");
	run->given = view_str(o->key_record);
	if (o->domain != NULL)
		err = cmd_dns_domain(run->cmd, "--domain", o->domain, &run->judge.domain, diag);
	return err == ERR_OK && o->key_file != NULL ? key_of_file(run, o->key_file, diag) : err;
}

static void settle_name(struct verify_run *run)
{
	char host[256] = "";
	if (run->opts->authserv_id != NULL) {
		run->authserv_id = view_str(run->opts->authserv_id);
		return;
	}
	if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0')
		memcpy(host, "localhost", sizeof "localhost");
	run->authserv_id = arena_view(run->cmd->arena, view_str(host));
}

/* One file that is missing does not stop the others; the first error decides, then the worst verdict. */
static enum err verify_all(struct verify_run *run, struct diag *diag)
{
	static const char *const stdin_only[] = { "-" };
	struct cmd *cmd = run->cmd;
	const char *const *files = cmd->args.operands.n > 0 ? cmd->args.operands.at : stdin_only;
	size_t n = cmd->args.operands.n > 0 ? cmd->args.operands.n : 1;
	int failed = 0, no = 0, later = 0;
	for (size_t i = 0; i < n; i++) {
		enum dkim_result result = DKIM_NONE;
		enum err err = verify_file(run, files[i], &result, diag);
		if (err != ERR_OK && n == 1)
			return err;
		if (err != ERR_OK) {
			cmd_report(cmd, NULL, err, diag);
			failed = failed != 0 ? failed : err_exit_code(err);
		} else if (result == DKIM_TEMPERROR) {
			later = err_exit_code(ERR_TEMP);
		} else if (result != DKIM_PASS) {
			no = 1;
		}
	}
	cmd->exit_code = failed != 0 ? failed : no != 0 ? no : later;
	return ERR_OK;
}

static enum err run_command(struct cmd *cmd, struct diag *diag)
{
	struct verify_run run = { .cmd = cmd, .opts = cmd->opts };
	enum err err = settle(&run, diag);
	if (err == ERR_OK && (run.given.n == 0 || run.opts->arc))
		err = cmd_dns_open(cmd, &run.resolve, diag);
	if (err == ERR_OK) {
		settle_name(&run);
		err = verify_all(&run, diag);
	}
	resolve_close(&run.resolve);
	return err;
}

static const char *const usage[] = { "[options] [FILE...]", NULL };
static const struct cmd_exit exits[] = {
	{ 0, "a signature is good (with --all: all of them)" },
	{ 1, "none, fail, policy, neutral or permerror" },
	{ 75, "temperror: DNS did not answer" },
	{ 0, NULL },
};

const struct command cmd_dkim_verify = {
	.name = "dkim-verify",
	.summary = "verify the DKIM signatures and the ARC chain of messages, and say what broke them",
	.usage = usage,
	.opts = opts,
	.opts_size = sizeof(struct verify_opts),
	.operand = OPT_FILE,
	.exits = exits,
	.run = run_command,
};
