#include <stdio.h>
#include <sys/stat.h>

#include "base_show.h"
#include "send_priv.h"
#include "smime.h"

/* --smime-sign and --smime-encrypt: the parts become one entity, which is wrapped; signed first, then encrypted. */

/* The tree as a source of its own. */
static enum err as_entity(struct send_run *run, struct send_content *content, struct msg_part *root,
			  struct msg_compose **out, struct diag *diag)
{
	struct msg_compose *inner = arena_new(run->cmd->arena, struct msg_compose);
	content->inner[content->n_inner++] = inner;
	*out = inner;
	return msg_compose_init(inner, view_none(), root, run->cmd->env, run->cmd->arena, diag);
}

/* CERT[:KEY]; a colon in a path that is there belongs to the path. */
static void split_files(const char *text, struct arena *arena, const char **cert, const char **key)
{
	struct stat st;
	struct view rest = view_str(text), first = view_cut(&rest, ':');
	*cert = text;
	*key = NULL;
	if (rest.p == NULL || stat(text, &st) == 0)
		return;
	*cert = arena_cstr(arena, first);
	*key = rest.p;
}

static enum err sign(struct send_run *run, struct send_content *content, struct msg_part **root, struct diag *diag)
{
	const char *cert, *key;
	struct crypto_cms_signer *signer = NULL;
	struct msg_compose *inner;
	split_files(run->opts->smime_sign, run->cmd->arena, &cert, &key);
	enum err err = crypto_cms_signer_load(cert, key, env_wall_s(run->cmd->env), &signer, diag);
	if (err == ERR_OK)
		err = as_entity(run, content, *root, &inner, diag);
	if (err == ERR_OK)
		err = smime_sign(signer, &inner->source, inner->octets, run->cmd->arena, root, diag);
	crypto_cms_signer_close(signer);
	return err == ERR_OK ? err : diag_prefix(diag, err, "--smime-sign");
}

static enum err encrypt(struct send_run *run, struct send_content *content, struct msg_part **root, struct diag *diag)
{
	const struct opt_texts *certs = &run->opts->smime_encrypt;
	struct send_input *sealed = send_input_spool(content);
	struct msg_compose *inner;
	enum err err = as_entity(run, content, *root, &inner, diag);
	if (err == ERR_OK)
		err = crypto_cms_encrypt(certs->at, certs->n, env_wall_s(run->cmd->env), &inner->source,
					 &sealed->spool->sink, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "--smime-encrypt");
	sealed->octets = sealed->spool->size;
	*root = smime_enveloped(sealed->source, sealed->octets, run->cmd->arena);
	return ERR_OK;
}

enum err send_smime(struct send_run *run, struct send_content *content, struct msg_part **root, struct diag *diag)
{
	enum err err = ERR_OK;
	if (run->opts->smime_sign != NULL)
		err = sign(run, content, root, diag);
	if (err == ERR_OK && run->opts->smime_encrypt.n > 0)
		err = encrypt(run, content, root, diag);
	return err;
}
