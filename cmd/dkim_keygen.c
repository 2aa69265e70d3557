/*
 * posthorn dkim-keygen: makes a key pair for DKIM and the DNS record of its public half.
 */
#include <stdio.h>
#include <unistd.h>

#include "base_file.h"
#include "base_show.h"
#include "base_time.h"
#include "cmd_dns.h"
#include "dkim_keygen_priv.h"
#include "dkim_signature.h"

enum { RECORD_MAX = 32768, UDP_OCTETS = 512 };

static const char *const types[] = { "rsa", "ed25519", "both", NULL };

#define AT(member) offsetof(struct keygen_opts, member)

static const struct opt opts[] = {
	{ 0, OPT_HEADING, "Key" },
	{ 'd', OPT_DOMAIN, "domain", "DOMAIN", "the domain that will sign", NULL, AT(domain), OPT_COMMON },
	{ 's', OPT_TEXT, "selector", "SELECTOR", "name of the key; strftime and {type} allowed (%Y%m)", NULL,
	  AT(selector), OPT_COMMON },
	{ 0, OPT_CHOICE, "type", "TYPE", "rsa, ed25519 or both (rsa)", types, AT(type), OPT_COMMON },
	{ 0, OPT_UINT, "bits", "N", "of an RSA key: 2048, 3072 or 4096 (2048)", OPT_RANGE(2048, 4096), AT(bits),
	  OPT_COMMON },
	{ 'o', OPT_DIR, "out-dir", "DIR", "where DOMAIN.SELECTOR.pem and .txt go (.)", NULL, AT(out_dir), OPT_COMMON },
	{ 0, OPT_FLAG, "force", NULL, "replace a key that is there", NULL, AT(force) },
	{ 0, OPT_HEADING, "Record" },
	{ 0, OPT_CHOICE, "format", "FORMAT", "zone, txt, json, nsupdate, tinydns or route53 (zone)", dkim_record_forms,
	  AT(format), OPT_COMMON },
	{ 0, OPT_UINT, "ttl", "S", "time to live of the record (3600)", OPT_RANGE(0, 2147483647), AT(ttl) },
	{ 0, OPT_FLAG, "absolute", NULL, "zone form with the full owner name", NULL, AT(absolute) },
	{ 0, OPT_TEXT, "flags", "LIST", "t= of the record: y (testing), s (no subdomains in i=)", NULL, AT(flags) },
	{ 0, OPT_TEXT, "note", "TEXT", "n= of the record", NULL, AT(note) },
	{ 0, OPT_HEADING, "Keys that are there" },
	{ 0, OPT_FILE, "public", "KEY", "print the record of this key; nothing is made", NULL, AT(public_key) },
	{ 0, OPT_FLAG, "check", NULL, "compare the key of --public with DNS; without one, judge what DNS has", NULL,
	  AT(check), OPT_COMMON },
	{ 0, OPT_FLAG, "revoke", NULL, "print the record that revokes the key (empty p=)", NULL, AT(revoke),
	  OPT_COMMON },
	{ 0, OPT_DIR, "list", "DIR", "the keys in a directory and their age", NULL, AT(list), OPT_COMMON },
	{ 0 },
};

static const struct keygen_opts defaults = { .bits = 2048, .ttl = 3600 };

/* The selector's text for one type: strftime in UTC, "{type}" replaced, "-rsa" or "-ed25519" appended where two are made. */
static enum err selector_of(struct cmd *cmd, const char *pattern, enum crypto_key_type type, bool both,
			    struct view *out, struct diag *diag)
{
	BUF_AUTO struct buf dated, name;
	buf_init(&dated, 256);
	buf_init(&name, 512);
	if (!base_time_name(view_str(pattern), env_wall_s(cmd->env), &dated) || dated.over)
		return opt_bad(diag, "--selector", pattern, "only %Y %y %m %d %H %M %S %j %G %V %u %s are known",
			       "%Y%m");
	struct view rest = buf_view(&dated), mark = VIEW("{type}");
	size_t at = view_find(rest, mark);
	bool marked = at != SIZE_MAX;
	if (marked) {
		buf_put(&name, view_to(rest, at));
		buf_str(&name, crypto_key_type_name(type));
		rest = view_from(rest, at + mark.n);
	}
	buf_put(&name, rest);
	if (both && !marked)
		buf_printf(&name, "-%s", crypto_key_type_name(type));
	*out = arena_lower(cmd->arena, buf_view(&name));
	if (!dkim_name_valid(*out))
		return opt_bad(diag, "--selector", pattern, "not a selector (letters, digits, '-', '_', dots)", "%Y%m");
	return ERR_OK;
}

static enum err check_flags(const char *flags, struct diag *diag)
{
	struct view rest = view_str(flags), flag;
	while (flags != NULL && dkim_list_next(&rest, ':', &flag))
		for (struct view part = flag, one; dkim_list_next(&part, ',', &one);)
			if (!view_is(one, "y") && !view_is(one, "s"))
				return opt_bad(diag, "--flags", flags, "only y and s are flags", "s,y");
	return ERR_OK;
}

static struct view flags_of(struct cmd *cmd, const char *flags)
{
	struct view text = arena_view(cmd->arena, view_str(flags == NULL ? "" : flags));
	char *p = arena_cstr(cmd->arena, text);
	for (size_t i = 0; i < text.n; i++)
		p[i] = p[i] == ',' ? ':' : p[i];
	return view_of(p, text.n);
}

static enum err check_note(const char *note, struct diag *diag)
{
	struct view text = view_str(note);
	for (size_t i = 0; i < text.n; i++)
		if (view_at(text, i) == ';' || view_at(text, i) < ' ' || view_at(text, i) > 0x7e)
			return opt_bad(diag, "--note", note, "a note has no ';' and only ASCII", "made by ops");
	return ERR_OK;
}

static enum err record_of(struct cmd *cmd, const struct keygen_name *name, const struct crypto_key *key,
			  struct dkim_record *out, struct diag *diag)
{
	const struct keygen_opts *o = cmd->opts;
	struct dkim_key_form form = { .flags = flags_of(cmd, o->flags), .notes = view_str(o->note) };
	BUF_AUTO struct buf text;
	buf_init(&text, RECORD_MAX);
	enum err err = dkim_key_write(key, &form, &text, diag);
	*out = (struct dkim_record){ .domain = name->domain,
				     .selector = name->selector,
				     .text = arena_view(cmd->arena, buf_view(&text)),
				     .ttl = o->ttl,
				     .absolute = o->absolute,
				     .replace = key == NULL };
	return err;
}

static void print_json(struct cmd *cmd, const struct dkim_record *record, const struct crypto_key *key,
		       const char *key_file, const char *record_file)
{
	BUF_AUTO struct buf name;
	buf_init(&name, 1024);
	dkim_record_name(record, &name);
	struct json *json = cmd_json_begin(cmd);
	json_key_view(json, "domain", record->domain);
	json_key_view(json, "selector", record->selector);
	json_key_str(json, "type", key == NULL ? NULL : crypto_key_type_name(crypto_key_type(key)));
	if (key != NULL)
		json_key_uint(json, "bits", crypto_key_bits(key));
	json_key_view(json, "name", buf_view(&name));
	json_key_uint(json, "ttl", record->ttl);
	json_key_view(json, "record", record->text);
	dkim_record_json_strings(record, json);
	json_key_str(json, "private_key_file", key_file);
	json_key_str(json, "record_file", record_file);
	cmd_json_end(cmd);
}

static enum err print_record(struct cmd *cmd, const struct dkim_record *record, const struct crypto_key *key,
			     const char *key_file, const char *record_file)
{
	const struct keygen_opts *o = cmd->opts;
	BUF_AUTO struct buf text;
	buf_init(&text, RECORD_MAX * 2);
	if (o->common.json || o->format == DKIM_RECORD_JSON) {
		print_json(cmd, record, key, key_file, record_file);
	} else {
		dkim_record_write(record, o->format, &text);
		cmd_out_view(cmd, buf_view(&text));
	}
	if (record->text.n > UDP_OCTETS - 80 && key != NULL)
		cmd_info(cmd,
			 "the record has %zu octets and does not fit a plain UDP answer; resolvers cope, some DNS "
			 "providers' forms do not",
			 record->text.n);
	return buf_err(&text);
}

/* A key that is being made: nothing is on disk until all of them are there. */
struct pair {
	struct keygen_name name;
	struct crypto_key *key;
	struct dkim_record record;
	const char *key_file, *record_file;
};

static enum err write_pair(struct cmd *cmd, struct pair *pair, struct diag *diag)
{
	const struct keygen_opts *o = cmd->opts;
	CRYPTO_SECRET_AUTO struct crypto_secret pem = { 0 };
	BUF_AUTO struct buf text;
	buf_init(&text, RECORD_MAX * 2);
	dkim_record_write(&pair->record, o->format, &text);
	enum err err = crypto_key_write_private(pair->key, &pem, diag);
	if (err == ERR_OK)
		err = o->force ? file_replace(pair->key_file, crypto_secret_view(&pem), 0600, diag)
			       : file_create(pair->key_file, crypto_secret_view(&pem), 0600, diag);
	if (err != ERR_OK)
		return err;
	err = file_replace(pair->record_file, buf_view(&text), 0644, diag);
	if (err != ERR_OK && !o->force)
		(void)unlink(pair->key_file);
	return err;
}

static enum err make_pair(struct cmd *cmd, struct pair *pair, enum crypto_key_type type, struct diag *diag)
{
	const struct keygen_opts *o = cmd->opts;
	const char *base = arena_printf(cmd->arena, "%s/%.*s.%.*s", o->out_dir == NULL ? "." : o->out_dir,
					VIEW_ARG(pair->name.domain), VIEW_ARG(pair->name.selector));
	if (o->out_dir == NULL)
		base += 2;
	pair->key_file = arena_printf(cmd->arena, "%s.pem", base);
	pair->record_file = arena_printf(cmd->arena, "%s.txt", base);
	if (!o->force && access(pair->key_file, F_OK) == 0)
		return diag_set(diag, ERR_CREATE,
				"%s: there is a key already; choose another selector, or replace it with --force",
				pair->key_file);
	enum err err = crypto_key_generate(type, (unsigned)o->bits, &pair->key, diag);
	return err == ERR_OK ? record_of(cmd, &pair->name, pair->key, &pair->record, diag) : err;
}

static enum err make_and_write(struct cmd *cmd, struct pair *pairs, size_t n, const enum crypto_key_type *types_of,
			       struct diag *diag)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < n && err == ERR_OK; i++)
		err = make_pair(cmd, &pairs[i], types_of[i], diag);
	size_t written = 0;
	for (; written < n && err == ERR_OK; written++)
		err = write_pair(cmd, &pairs[written], diag);
	if (err != ERR_OK && written == 2 && !((const struct keygen_opts *)cmd->opts)->force) {
		(void)unlink(pairs[0].key_file);
		(void)unlink(pairs[0].record_file);
	}
	for (size_t i = 0; i < n && err == ERR_OK; i++) {
		err = print_record(cmd, &pairs[i].record, pairs[i].key, pairs[i].key_file, pairs[i].record_file);
		cmd_info(cmd, "%s: private key; publish the record (%s), then sign with it", pairs[i].key_file,
			 pairs[i].record_file);
	}
	return err;
}

static enum err generate(struct cmd *cmd, struct view domain, struct diag *diag)
{
	static const enum crypto_key_type all[] = { CRYPTO_KEY_RSA, CRYPTO_KEY_ED25519 };
	const struct keygen_opts *o = cmd->opts;
	struct pair pairs[2] = { { .key = NULL } };
	const enum crypto_key_type *first = o->type == KEYGEN_ED25519 ? &all[1] : &all[0];
	size_t n = o->type == KEYGEN_BOTH ? 2 : 1;
	if (o->bits % 1024 != 0)
		return opt_bad(diag, "--bits", arena_printf(cmd->arena, "%u", (unsigned)o->bits), "not a size for DKIM",
			       "2048");
	enum err err = ERR_OK;
	for (size_t i = 0; i < n && err == ERR_OK; i++) {
		pairs[i].name.domain = domain;
		err = selector_of(cmd, o->selector == NULL ? "%Y%m" : o->selector, first[i], n == 2,
				  &pairs[i].name.selector, diag);
	}
	if (err == ERR_OK)
		err = make_and_write(cmd, pairs, n, first, diag);
	for (size_t i = 0; i < n; i++)
		crypto_key_close(pairs[i].key);
	return err;
}

enum err keygen_load(struct cmd *cmd, const char *path, struct crypto_key **out, struct diag *diag)
{
	CRYPTO_SECRET_AUTO struct crypto_secret text = { 0 };
	enum err err = strcmp(path, "-") == 0 ? cmd_claim(cmd, CMD_STDIN, "--public -", diag) : ERR_OK;
	if (err == ERR_OK)
		err = strcmp(path, "-") == 0
			      ? crypto_secret_read_fd(&text, STDIN_FILENO, "-", CRYPTO_KEY_TEXT_MAX, diag)
			      : crypto_secret_read_file(&text, path, CRYPTO_KEY_TEXT_MAX, false, diag);
	if (err != ERR_OK)
		return err;
	if (view_find(crypto_secret_view(&text), VIEW("-----BEGIN")) == SIZE_MAX)
		return crypto_key_parse_private(crypto_secret_view(&text), path, out, diag);
	return crypto_key_parse_public_pem(crypto_secret_view(&text), path, out, diag);
}

/* --check, --revoke and --public: one name, at most one key, nothing is made. */
static enum err show(struct cmd *cmd, struct view domain, struct diag *diag)
{
	const struct keygen_opts *o = cmd->opts;
	CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
	struct keygen_name name = { .domain = domain };
	if (o->selector == NULL)
		return diag_set(diag, ERR_USAGE, "%s needs a selector: add -s SELECTOR",
				o->check    ? "--check"
				: o->revoke ? "--revoke"
					    : "--public");
	enum err err = o->public_key != NULL ? keygen_load(cmd, o->public_key, &key, diag) : ERR_OK;
	if (err == ERR_OK)
		err = selector_of(cmd, o->selector, key != NULL ? crypto_key_type(key) : CRYPTO_KEY_RSA, false,
				  &name.selector, diag);
	if (err != ERR_OK)
		return err;
	if (o->check)
		return keygen_check(cmd, &name, key, diag);
	struct dkim_record record;
	err = record_of(cmd, &name, o->revoke ? NULL : key, &record, diag);
	return err == ERR_OK ? print_record(cmd, &record, o->revoke ? NULL : key, NULL, NULL) : err;
}

static enum err check_usage(struct cmd *cmd, struct diag *diag)
{
	const struct keygen_opts *o = cmd->opts;
	if (cmd->args.operands.n > 0)
		return diag_set(diag, ERR_USAGE, "%s: no operand is expected; the domain goes behind -d",
				SHOW(view_str(cmd->args.operands.at[0])));
	if (o->list == NULL && o->domain == NULL)
		return diag_set(diag, ERR_USAGE, "which domain will sign? add -d DOMAIN");
	if (o->revoke && (o->check || o->public_key != NULL))
		return diag_set(diag, ERR_USAGE, "--revoke goes with neither --check nor --public");
	enum err err = check_flags(o->flags, diag);
	return err == ERR_OK ? check_note(o->note, diag) : err;
}

static enum err run(struct cmd *cmd, struct diag *diag)
{
	const struct keygen_opts *o = cmd->opts;
	struct view domain;
	enum err err = check_usage(cmd, diag);
	if (err != ERR_OK)
		return err;
	if (o->list != NULL)
		return keygen_list(cmd, o->list, diag);
	err = cmd_dns_domain(cmd, "-d", o->domain, &domain, diag);
	if (err != ERR_OK)
		return err;
	return o->check || o->revoke || o->public_key != NULL ? show(cmd, domain, diag) : generate(cmd, domain, diag);
}

static const char *const usage[] = {
	"-d DOMAIN [-s SELECTOR] [--type rsa|ed25519|both] [-o DIR]",
	"-d DOMAIN -s SELECTOR --public KEY | --check [--public KEY] | --revoke",
	"--list DIR",
	NULL,
};
static const struct cmd_exit exits[] = {
	{ 0, "made; or DNS has the right key (--check)" },
	{ 1, "DNS has another key, none, or a bad one (--check)" },
	{ 73, "the key file is there already, or cannot be made" },
	{ 0, NULL },
};

const struct command cmd_dkim_keygen = {
	.name = "dkim-keygen",
	.summary = "make a key for DKIM and the DNS record that publishes it",
	.usage = usage,
	.opts = opts,
	.opts_size = sizeof(struct keygen_opts),
	.defaults = &defaults,
	.operand = OPT_END,
	.exits = exits,
	.run = run,
};
