/*
 * posthorn dkim-sign: puts DKIM signatures, or an ARC set, in front of a message.
 */
#include "base_num.h"
#include "base_show.h"
#include "cmd_dns.h"
#include "dkim_sign_priv.h"

static const char *const canons[] = {
	"relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple", "relaxed", "simple", NULL
};

#define AT(member) offsetof(struct sign_opts, member)

static const struct opt opts[] = {
	{ 0, OPT_HEADING, "Who signs" },
	{ 'd', OPT_DOMAIN, "domain", "DOMAIN", "d=; by default the domain of From", NULL, AT(domain), OPT_COMMON },
	{ 's', OPT_TEXTS, "selector", "SELECTOR", "s=: the key's name in DNS (repeatable, with -k)", NULL,
	  AT(selectors), OPT_COMMON },
	{ 'k', OPT_FILES, "key", "KEY", "private key: PEM, Ed25519 seed, or a store URI", NULL, AT(keys), OPT_COMMON },
	{ 0, OPT_UINT, "key-fd", "N", "read the private key from this descriptor", OPT_RANGE(0, 65535), AT(key_fd) },
	{ 'i', OPT_TEXT, "auid", "ADDRESS", "i=: [user]@domain, the domain or one below it", NULL, AT(auid) },
	{ 0, OPT_FLAG, "allow-1024", NULL, "accept RSA keys of 1024 to 2047 bits", NULL, AT(allow_1024) },
	{ 0, OPT_FLAG, "insecure-key-file", NULL, "accept a key file that others can read", NULL,
	  AT(insecure_key_file) },
	{ 0, OPT_FLAG, "check-dns", NULL, "refuse to sign with a key that DNS does not show", NULL, AT(check_dns),
	  OPT_COMMON },
	{ 0, OPT_HEADING, "What is signed" },
	{ 'c', OPT_CHOICE, "canon", "FORM", "canonicalization of header/body (relaxed/relaxed)", canons, AT(canon),
	  OPT_COMMON },
	{ 0, OPT_TEXT, "headers", "LIST", "h=, exactly these fields: From:To:Subject", NULL, AT(headers), OPT_COMMON },
	{ 0, OPT_FLAG, "no-oversign", NULL, "do not sign fields once more than they are there", NULL, AT(no_oversign) },
	{ 0, OPT_DURATION, "expire", "TIME", "x=: valid for so long, 7d", OPT_RANGE(1000, 10ULL * 365 * 86400000),
	  AT(expire_ms) },
	{ 0, OPT_TEXT, "timestamp", "N", "t=: seconds since 1970, or none (now)", NULL, AT(timestamp) },
	{ 0, OPT_HEADING, "Where it goes" },
	{ 'o', OPT_DIR, "out-dir", "DIR", "write each signed FILE into DIR under its own name", NULL, AT(out_dir),
	  OPT_COMMON },
	{ 0, OPT_FLAG, "in-place", NULL, "replace each FILE by its signed form", NULL, AT(in_place), OPT_COMMON },
	{ 0, OPT_FLAG, "header-only", NULL, "print the signature fields only", NULL, AT(header_only), OPT_COMMON },
	{ 0, OPT_FLAG, "verify", NULL, "verify instead of signing: the same as posthorn dkim-verify", NULL,
	  AT(verify) },
	{ 0, OPT_HEADING, "ARC" },
	{ 0, OPT_FLAG, "arc", NULL, "seal: add an ARC set instead of DKIM signatures", NULL, AT(arc) },
	{ 0, OPT_TEXT, "authserv-id", "NAME", "who found the results that are sealed", NULL, AT(authserv_id) },
	{ 0 },
};

static const struct sign_opts defaults = { .key_fd = UINT64_MAX };

static enum err check_output(struct cmd *cmd, struct diag *diag)
{
	const struct sign_opts *o = cmd->opts;
	size_t files = cmd->args.operands.n;
	if (o->in_place && o->out_dir != NULL)
		return diag_set(diag, ERR_USAGE, "--in-place and --out-dir exclude each other");
	if ((o->in_place || o->out_dir != NULL) && files == 0)
		return diag_set(diag, ERR_USAGE, "which files? name them behind the options");
	if (o->header_only && (o->in_place || o->out_dir != NULL))
		return diag_set(diag, ERR_USAGE, "--header-only prints; it goes with neither --in-place nor --out-dir");
	if (files > 1 && !o->in_place && o->out_dir == NULL && !o->common.json)
		return diag_set(diag, ERR_USAGE, "%zu files: say where they go with --out-dir DIR or --in-place",
				files);
	for (size_t i = 0; i < files && (o->in_place || o->out_dir != NULL); i++)
		if (strcmp(cmd->args.operands.at[i], "-") == 0)
			return diag_set(diag, ERR_USAGE, "standard input goes to standard output; it has no file name");
	return ERR_OK;
}

static enum err check_arc(const struct sign_opts *o, struct diag *diag)
{
	if (!o->arc && o->authserv_id != NULL)
		return diag_set(diag, ERR_USAGE, "--authserv-id is for --arc");
	if (!o->arc)
		return ERR_OK;
	if (o->authserv_id == NULL || o->authserv_id[0] == '\0')
		return diag_set(diag, ERR_USAGE,
				"--arc needs --authserv-id: the name under which your server judges mail");
	if (o->domain == NULL)
		return diag_set(diag, ERR_USAGE,
				"--arc needs -d: the domain of the server that seals, not that of From");
	if (o->headers != NULL || o->auid != NULL || o->expire_ms != 0)
		return diag_set(diag, ERR_USAGE, "--headers, --auid and --expire are not for --arc");
	return ERR_OK;
}

static enum err settle_times(struct sign_run *run, struct diag *diag)
{
	const struct sign_opts *o = run->opts;
	uint64_t t = (uint64_t)env_wall_s(run->cmd->env);
	run->timestamp = run->expires = -1;
	bool none = o->timestamp != NULL && strcmp(o->timestamp, "none") == 0;
	if (o->timestamp != NULL && !none && !num_parse_uint(view_str(o->timestamp), 999999999999ULL, &t))
		return opt_bad(diag, "--timestamp", o->timestamp, "neither seconds since 1970 nor none", "1767225600");
	if (!none)
		run->timestamp = (int64_t)t;
	if (o->expire_ms != 0)
		run->expires = (int64_t)(t + o->expire_ms / 1000);
	return ERR_OK;
}

static void settle_signers(struct sign_run *run, struct view domain)
{
	static const struct {
		enum dkim_canon header, body;
	} forms[] = { { DKIM_RELAXED, DKIM_RELAXED }, { DKIM_RELAXED, DKIM_SIMPLE }, { DKIM_SIMPLE, DKIM_RELAXED },
		      { DKIM_SIMPLE, DKIM_SIMPLE },   { DKIM_RELAXED, DKIM_SIMPLE }, { DKIM_SIMPLE, DKIM_SIMPLE } };
	for (size_t i = 0; i < run->n; i++) {
		run->signers[i].domain = domain;
		run->signers[i].auid = view_str(run->opts->auid);
		run->signers[i].header = forms[run->opts->canon].header;
		run->signers[i].body = forms[run->opts->canon].body;
	}
}

static enum err sign(struct sign_run *run, struct diag *diag)
{
	struct cmd *cmd = run->cmd;
	const struct opt_texts *files = &cmd->args.operands;
	if (run->opts->in_place || run->opts->out_dir != NULL)
		return sign_many(run, files, diag);
	if (files->n == 0)
		return sign_one(run, "-", diag);
	for (size_t i = 0; i < files->n; i++) {
		enum err err = sign_one(run, files->at[i], diag);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static enum err run_command(struct cmd *cmd, struct diag *diag)
{
	struct sign_run run = { .cmd = cmd, .opts = cmd->opts };
	struct view domain = view_none();
	enum err err = check_output(cmd, diag);
	if (err == ERR_OK)
		err = check_arc(run.opts, diag);
	if (err == ERR_OK)
		err = settle_times(&run, diag);
	if (err == ERR_OK && run.opts->domain != NULL)
		err = cmd_dns_domain(cmd, "-d", run.opts->domain, &domain, diag);
	if (err == ERR_OK)
		err = sign_keys_load(&run, diag);
	settle_signers(&run, domain);
	if (err == ERR_OK && run.opts->check_dns && domain.n > 0)
		err = sign_keys_check_dns(&run, domain, diag);
	if (err == ERR_OK)
		err = sign(&run, diag);
	sign_keys_close(&run);
	return err;
}

static const char *const usage[] = {
	"[-d DOMAIN] -s SELECTOR -k KEY [-s SELECTOR2 -k KEY2 ...] [FILE]",
	"[-d DOMAIN] -s SELECTOR -k KEY -o DIR | --in-place FILE...",
	"--arc --authserv-id NAME -d DOMAIN -s SELECTOR -k KEY [FILE]",
	NULL,
};
static const struct cmd_exit exits[] = {
	{ 0, "signed" },
	{ 65, "the message or the key cannot be signed (with)" },
	{ 77, "others can read the key file" },
	{ 78, "DNS does not show this key (--check-dns)" },
	{ 0, NULL },
};

const struct command cmd_dkim_sign = {
	.name = "dkim-sign",
	.summary = "sign messages with DKIM, or seal them with ARC",
	.usage = usage,
	.opts = opts,
	.opts_size = sizeof(struct sign_opts),
	.defaults = &defaults,
	.operand = OPT_FILE,
	.exits = exits,
	.run = run_command,
};
