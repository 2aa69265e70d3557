#include "smime.h"

static void add_param(struct msg_part *part, struct arena *arena, struct view name, struct view value)
{
	struct msg_part_param *param = arena_new(arena, struct msg_part_param);
	*param = (struct msg_part_param){ name, value, part->params };
	part->params = param;
}

static struct msg_part *part_new(struct arena *arena, struct view type, struct source *content, uint64_t octets)
{
	struct msg_part *part = arena_new(arena, struct msg_part);
	part->type = type;
	part->content = content;
	part->octets = octets;
	return part;
}

enum err smime_sign(const struct crypto_cms_signer *signer, struct source *entity, uint64_t octets, struct arena *arena,
		    struct msg_part **out, struct diag *diag)
{
	BUF_AUTO struct buf der;
	buf_init(&der, SMIME_SIGNATURE_MAX);
	enum err err = source_rewind(entity, diag);
	if (err == ERR_OK)
		err = crypto_cms_sign(signer, entity, &der, diag);
	if (err == ERR_OK)
		err = source_rewind(entity, diag);
	if (err != ERR_OK)
		return err;
	struct source_view *bytes = arena_new(arena, struct source_view);
	source_view_init(bytes, arena_view(arena, buf_view(&der)));
	struct msg_part *signature = part_new(arena, VIEW("application/pkcs7-signature"), &bytes->source, der.n);
	signature->disposition = "attachment";
	signature->name = VIEW("smime.p7s");
	struct msg_part *both = part_new(arena, VIEW("multipart/signed"), NULL, 0);
	add_param(both, arena, VIEW("micalg"), view_str(crypto_cms_micalg(signer)));
	add_param(both, arena, VIEW("protocol"), VIEW("application/pkcs7-signature"));
	both->first = part_new(arena, view_none(), entity, octets);
	both->first->next = signature;
	*out = both;
	return ERR_OK;
}

struct msg_part *smime_enveloped(struct source *content, uint64_t octets, struct arena *arena)
{
	struct msg_part *part = part_new(arena, VIEW("application/pkcs7-mime"), content, octets);
	add_param(part, arena, VIEW("smime-type"), VIEW("enveloped-data"));
	part->disposition = "attachment";
	part->name = VIEW("smime.p7m");
	return part;
}
