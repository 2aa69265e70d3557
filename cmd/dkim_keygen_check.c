/*
 * dkim-keygen --check: what DNS has at SELECTOR._domainkey.DOMAIN, against a key or by itself.
 */
#include "base_show.h"
#include "cmd_dns.h"
#include "dkim_keygen_priv.h"
#include "dkim_sign.h"

enum { PROBLEMS_MAX = 8 };

struct check {
	struct cmd *cmd;
	const char *result; /* ok mismatch missing invalid revoked weak temperror */
	const char *problems[PROBLEMS_MAX];
	size_t n;
	int exit_code;
	struct dkim_key_record record;
	bool parsed;
	unsigned bits;
};

/* A worse result replaces a better one; notes only come along (result NULL). */
static void problem(struct check *check, const char *result, int exit_code, const char *text)
{
	if (check->n < PROBLEMS_MAX)
		check->problems[check->n++] = text;
	if (result == NULL || check->exit_code != 0)
		return;
	check->result = result;
	check->exit_code = exit_code;
}

static void judge_key(struct check *check, const struct crypto_key *ours)
{
	struct arena *arena = check->cmd->arena;
	struct diag diag = { 0 };
	CRYPTO_KEY_AUTO struct crypto_key *theirs = NULL;
	struct crypto_key_bits any = { 0, 0 };
	if (crypto_key_parse_public(check->record.der, check->record.type, any, &theirs, &diag) != ERR_OK) {
		problem(check, "invalid", 1, arena_printf(arena, "p= is no usable key: %s", diag.text));
		return;
	}
	check->bits = crypto_key_bits(theirs);
	bool rsa = check->record.type == CRYPTO_KEY_RSA;
	if (ours != NULL && !crypto_key_match(ours, theirs))
		problem(check, "mismatch", 1, "DNS has another key than this one: signatures made with it will fail");
	if (rsa && check->bits < DKIM_RSA_BITS_MIN)
		problem(check, "weak", 1,
			arena_printf(arena, "an RSA key of %u bits is refused by receivers (RFC 8301)", check->bits));
	else if (rsa && check->bits < DKIM_RSA_BITS_GOOD)
		problem(check, NULL, 0,
			arena_printf(arena, "an RSA key of %u bits is weak; make one of 2048", check->bits));
}

static void judge_record(struct check *check, const struct crypto_key *ours)
{
	const struct dkim_key_record *record = &check->record;
	if (record->revoked) {
		problem(check, "revoked", 1, "the key was revoked (empty p=)");
		return;
	}
	if (!record->sha256)
		problem(check, "invalid", 1, "h= does not admit sha256, the only hash in use");
	if (!record->email)
		problem(check, "invalid", 1, "s= does not admit email");
	if (record->testing)
		problem(check, NULL, 0, "t=y says that the domain is only testing DKIM; take it out when all is well");
	if (!view_starts(record->text, VIEW("v=DKIM1")))
		problem(check, NULL, 0, "v=DKIM1 is not said");
	judge_key(check, ours);
}

static void ask(struct check *check, struct resolve *resolve, struct dname name, const struct crypto_key *ours)
{
	struct arena *arena = check->cmd->arena;
	struct dns_question question = dns_question_of(name, DNS_TXT);
	struct dns_answer answer;
	enum dns_status status = dns_query(resolve->dns, arena, question, &answer);
	if (status != DNS_OK) {
		BUF_AUTO struct buf text;
		buf_init(&text, 1024);
		dns_answer_explain(&answer, question, &text);
		bool temporary = status == DNS_TEMP;
		problem(check, temporary ? "temperror" : "missing", temporary ? err_exit_code(ERR_TEMP) : 1,
			arena_cstr(arena, buf_view(&text)));
		return;
	}
	struct view *texts = arena_array(arena, answer.n, sizeof *texts);
	for (size_t i = 0; i < answer.n; i++)
		texts[i] = answer.rr[i].txt.joined;
	struct diag diag = { 0 };
	check->parsed = dkim_key_choose(texts, answer.n, arena, &check->record, &diag) == ERR_OK;
	if (!check->parsed)
		problem(check, "invalid", 1, arena_cstr(arena, view_str(diag.text)));
	else
		judge_record(check, ours);
	if (check->parsed && answer.n > 1)
		problem(check, NULL, 0, "other TXT records stand at the same name; some verifiers stumble over them");
}

static void print_json(struct check *check, const char *name)
{
	struct json *json = cmd_json_begin(check->cmd);
	json_key_str(json, "name", name);
	json_key_str(json, "result", check->result);
	if (check->parsed) {
		json_key_view(json, "record", check->record.text);
		json_key_str(json, "type", crypto_key_type_name(check->record.type));
		json_key_uint(json, "bits", check->bits);
		json_key_bool(json, "testing", check->record.testing);
	}
	json_key_array(json, "problems");
	for (size_t i = 0; i < check->n; i++)
		json_str(json, check->problems[i]);
	json_end(json);
	cmd_json_end(check->cmd);
}

static void print_text(struct check *check, const char *name, bool compared)
{
	struct cmd *cmd = check->cmd;
	enum cmd_style style = check->exit_code == 0 ? CMD_GREEN : check->exit_code == 1 ? CMD_RED : CMD_YELLOW;
	cmd_out_printf(cmd, "%s%-9s%s  %s", cmd_style(cmd, style), check->result, cmd_style(cmd, CMD_RESET), name);
	if (check->parsed && check->bits > 0)
		cmd_out_printf(cmd, "  %s %u", crypto_key_type_name(check->record.type), check->bits);
	cmd_out_printf(cmd, "%s\n", check->exit_code == 0 && compared ? "  the same key" : "");
	for (size_t i = 0; i < check->n; i++)
		cmd_out_printf(cmd, "           %s\n", check->problems[i]);
}

enum err keygen_check(struct cmd *cmd, const struct keygen_name *of, const struct crypto_key *key, struct diag *diag)
{
	RESOLVE_AUTO struct resolve resolve = { 0 };
	enum err err = cmd_dns_open(cmd, &resolve, diag);
	if (err != ERR_OK)
		return err;
	struct check check = { .cmd = cmd, .result = "ok" };
	const char *text = arena_printf(cmd->arena, "%.*s._domainkey.%.*s", VIEW_ARG(of->selector),
					VIEW_ARG(of->domain));
	struct dname name;
	err = dname_parse(cmd->arena, view_str(text), &name, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, ERR_USAGE, "%s", text);
	ask(&check, &resolve, name, key);
	cmd->exit_code = check.exit_code;
	if (cmd->common->json)
		print_json(&check, text);
	else
		print_text(&check, text, key != NULL);
	return ERR_OK;
}
