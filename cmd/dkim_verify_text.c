/*
 * dkim-verify for people: the verdict first, then each signature, what was found wrong below it.
 */
#include "base_base64.h"
#include "base_num.h"
#include "base_show.h"
#include "dkim_verify_priv.h"

enum { INDENT = 13 };

static enum cmd_style style_of(enum dkim_result result)
{
	return result == DKIM_PASS                                                        ? CMD_GREEN
	       : result == DKIM_TEMPERROR || result == DKIM_NONE || result == DKIM_POLICY ? CMD_YELLOW
											  : CMD_RED;
}

static void word(struct cmd *cmd, enum dkim_result result)
{
	cmd_out_printf(cmd, "%s%-9s%s", cmd_style(cmd, style_of(result)), dkim_result_name(result),
		       cmd_style(cmd, CMD_RESET));
}

static void detail(struct cmd *cmd, const char *text) { cmd_out_printf(cmd, "%*s%s\n", INDENT, "", text); }

static void hash(struct cmd *cmd, const char *what, struct view bytes)
{
	BUF_AUTO struct buf text;
	buf_init(&text, 128);
	base64_encode(bytes, &text);
	cmd_out_printf(cmd, "%*s%s %.*s\n", INDENT, "", what, VIEW_ARG(buf_view(&text)));
}

static const char *age(struct arena *arena, int64_t seconds)
{
	BUF_AUTO struct buf text;
	buf_init(&text, 64);
	num_write_duration((uint64_t)(seconds < 0 ? -seconds : seconds) * 1000, &text);
	return arena_printf(arena, seconds < 0 ? "in %.*s" : "%.*s ago", VIEW_ARG(buf_view(&text)));
}

static void facts(struct verify_message *m, const struct dkim_verdict *verdict)
{
	struct cmd *cmd = m->run->cmd;
	const struct dkim_signature *signature = &verdict->signature;
	cmd_out_printf(cmd, "  %s  %s  %s", SHOW(signature->domain), SHOW(signature->selector),
		       dkim_alg_name(signature->alg));
	if (verdict->found != NULL && verdict->found->key != NULL && signature->alg != DKIM_ED25519_SHA256)
		cmd_out_printf(cmd, " %u", crypto_key_bits(verdict->found->key));
	cmd_out_printf(cmd, "  %s/%s", dkim_canon_name(signature->header), dkim_canon_name(signature->body));
	if (signature->timestamp >= 0)
		cmd_out_printf(cmd, "  signed %s", age(&m->arena, m->run->judge.now - signature->timestamp));
}

static void broken(struct verify_message *m, const struct dkim_verdict *verdict)
{
	struct cmd *cmd = m->run->cmd;
	const struct dkim_body_hash *body = &m->bodies.at[verdict->body_at];
	cmd_out_printf(cmd, "%*sbody hash %s, header signature %s\n", INDENT, "",
		       verdict->body == DKIM_MATCH_YES ? "fits" : "does not fit",
		       verdict->header == DKIM_MATCH_YES  ? "fits"
		       : verdict->header == DKIM_MATCH_NO ? "does not fit"
							  : "not known");
	if (verdict->body == DKIM_MATCH_NO) {
		hash(cmd, "bh= signed  ", verdict->signature.body_hash);
		hash(cmd, "bh= computed", crypto_hash_view(&body->hash));
	}
	if (verdict->hint != NULL)
		cmd_out_printf(cmd, "%*s%shint:%s %s\n", INDENT, "", cmd_style(cmd, CMD_BOLD),
			       cmd_style(cmd, CMD_RESET), verdict->hint);
}

static void signature(struct verify_message *m, const struct dkim_verdict *verdict)
{
	struct cmd *cmd = m->run->cmd;
	cmd_out_str(cmd, "  ");
	word(cmd, verdict->result);
	if (verdict->parsed)
		facts(m, verdict);
	else
		cmd_out_printf(cmd, "  signature %u", verdict->index);
	cmd_out_str(cmd, verdict->counts ? "\n" : "  (does not count)\n");
	if (verdict->reason != NULL)
		detail(cmd, verdict->reason);
	if (verdict->result == DKIM_FAIL)
		broken(m, verdict);
	if (verdict->copies.n > 0)
		cmd_out_printf(cmd, "%*sbeware: an unsigned copy of %s is in the message; readers may show that one\n",
			       INDENT, "", SHOW(verdict->copies));
	if (verdict->found != NULL && verdict->found->record.testing)
		detail(cmd, "the domain is testing DKIM (t=y)");
	if (m->run->opts->common.verbose > 0 && verdict->parsed) {
		cmd_out_printf(cmd, "%*ssigned: %s\n", INDENT, "",
			       SHOW(msg_head_unfold(verdict->signature.headers, &m->arena)));
		cmd_out_printf(cmd, "%*soversigned: %s\n", INDENT, "",
			       verdict->oversigned.n > 0 ? SHOW(verdict->oversigned) : "none");
	}
}

static void chain(struct verify_message *m)
{
	struct cmd *cmd = m->run->cmd;
	const struct arc *arc = &m->arc;
	static const enum cmd_style styles[] = {
		[ARC_NONE] = CMD_YELLOW, [ARC_PASS] = CMD_GREEN, [ARC_FAIL] = CMD_RED, [ARC_TEMPERROR] = CMD_YELLOW
	};
	cmd_out_printf(cmd, "arc %s%s%s", cmd_style(cmd, styles[arc->result]), arc_result_name(arc->result),
		       cmd_style(cmd, CMD_RESET));
	cmd_out_printf(cmd, arc->n == 0 ? "\n" : "  %u set%s\n", arc->n, arc->n == 1 ? "" : "s");
	if (arc->reason != NULL)
		detail(cmd, arc->reason);
	for (unsigned i = 1; i <= arc->n && arc->structure; i++) {
		const struct arc_set *set = &arc->sets[i - 1];
		cmd_out_printf(cmd, "  %-9s  %u  sealed by %s, message as it was then: %s\n",
			       dkim_result_name(set->as.result), i, SHOW(set->as.signature.domain),
			       set->ams.result == DKIM_PASS ? "unchanged" : "changed since");
	}
}

void verify_print_text(struct verify_message *m)
{
	struct cmd *cmd = m->run->cmd;
	word(cmd, m->verify.result);
	cmd_out_printf(cmd, "  %s", SHOW(view_str(m->name)));
	if (m->verify.n == 0)
		cmd_out_str(cmd, "  no DKIM signature");
	cmd_out_str(cmd, "\n");
	for (size_t i = 0; i < m->verify.n; i++)
		signature(m, &m->verify.at[i]);
	if (m->run->opts->arc)
		chain(m);
}
