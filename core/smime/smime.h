#pragma once

#include "base_arena.h"
#include "base_stream.h"
#include "crypto_cms.h"
#include "msg_compose.h"

/*
 * The MIME around CMS (RFC 8551 3): an entity goes in as a source in wire form (from msg_compose without header), a part
 * for msg_compose comes out. The order is the caller's: sign, then encrypt what was signed.
 */

enum { SMIME_SIGNATURE_MAX = 1 << 20 };

/*
 * multipart/signed: the entity as it is, and behind it the signature over its octets.
 *
 * entity  canonical (CRLF); read once here and again when the part is sent
 * octets  of the entity
 * owns    arena: the part and the signature
 */
MUST_CHECK enum err smime_sign(const struct crypto_cms_signer *signer, struct source *entity, uint64_t octets,
			       struct arena *arena, struct msg_part **out, struct diag *diag);

/* application/pkcs7-mime around what crypto_cms_encrypt made, which is not the same twice: `content` holds it. */
struct msg_part *smime_enveloped(struct source *content, uint64_t octets, struct arena *arena);
