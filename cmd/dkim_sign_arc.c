/*
 * dkim-sign --arc: what DKIM and the chain so far say of the message goes into a new ARC set, sealed with the key.
 */
#include "arc.h"
#include "base_show.h"
#include "cmd_dns.h"
#include "dkim_sign_priv.h"
#include "dkim_verdicts.h"

/* Everything that looks at the message while it is read. */
struct sealing {
	struct dkim_input input;
	struct dkim_bodies bodies;
	struct dkim_keys keys;
	struct dkim_verify verify;
	struct arc arc;
	size_t body; /* the hash that the new set signs */
};

static enum err read_message(struct sign_run *run, struct sealing *s, const struct dkim_verify_opts *opts,
			     struct sign_message *message, struct arena *arena, struct diag *diag)
{
	enum err err = dkim_input_open(&s->input, &message->wire->source, arena, diag);
	if (err != ERR_OK)
		return err;
	bool nul = false;
	dkim_verify_begin(&s->verify, opts, &s->input.head, &s->bodies, &s->keys, arena);
	arc_begin(&s->arc, &s->input.head, &s->bodies, &s->keys, arena, opts->now);
	s->body = dkim_bodies_want(&s->bodies, run->signers[0].body, CRYPTO_SHA256, false, 0);
	err = dkim_bodies_read(&s->bodies, &s->input, &nul, diag);
	if (err == ERR_OK && (nul || (s->input.head.faults & MSG_HEAD_NUL) != 0))
		err = diag_set(diag, ERR_DATA, "there is a NUL in the message; no mail server accepts that");
	if (err != ERR_OK)
		return err;
	dkim_verify_end(&s->verify);
	arc_end(&s->arc);
	return ERR_OK;
}

/* What a filter of ours has written into the message already is taken; else DKIM as found here. ARC always. */
static void collect(struct sign_run *run, struct sealing *s, struct authres *out, struct arena *arena)
{
	struct view id = view_str(run->opts->authserv_id);
	if (!authres_trusted(&s->input.head, id, arena, out)) {
		*out = (struct authres){ 0 };
		dkim_verdicts_add(&s->verify, out, arena);
	}
	out->id = id;
	for (size_t i = 0; i < out->n; i++)
		if (out->at[i].method == AUTHRES_ARC)
			return;
	arc_add_verdict(&s->arc, out, arena);
}

static enum err seal(struct sign_run *run, struct sealing *s, struct sign_message *message, struct arena *arena,
		     struct diag *diag)
{
	struct dkim_verify_opts opts = { .now = env_wall_s(run->cmd->env) };
	enum err err = read_message(run, s, &opts, message, arena, diag);
	if (err != ERR_OK)
		return err;
	struct authres results = { 0 };
	collect(run, s, &results, arena);
	err = arc_seal(&s->arc, &run->signers[0], &results, &s->bodies.at[s->body].hash,
		       run->timestamp >= 0 ? run->timestamp : opts.now, arena, &message->fields, diag);
	message->from_line = s->input.head.from_line.n > 0;
	message->octets = message->wire->octets;
	cmd_debug(run->cmd, "%s: the chain was %s before", message->name, arc_result_name(s->arc.result));
	return err;
}

enum err sign_message_seal(struct sign_run *run, struct sign_message *message, struct arena *arena, struct diag *diag)
{
	RESOLVE_AUTO struct resolve resolve = { 0 };
	enum err err = cmd_dns_open(run->cmd, &resolve, diag);
	if (err != ERR_OK)
		return err;
	struct sealing *s = arena_new(arena, struct sealing);
	dkim_input_init(&s->input);
	dkim_bodies_init(&s->bodies);
	dkim_keys_init(&s->keys, resolve.dns, view_none(), ARC_KEYS_MAX, arena);
	err = seal(run, s, message, arena, diag);
	dkim_keys_done(&s->keys);
	dkim_bodies_done(&s->bodies);
	dkim_input_done(&s->input);
	return err;
}
