#include "dkim_sign.h"

#include "base_ascii.h"
#include "base_show.h"
#include "dkim_hash.h"
#include "dkim_make.h"

enum { HEADERS_MAX = 32768, FIELDS_MAX = 1 << 20 };

static enum err check_auid(const struct dkim_signer *signer, struct diag *diag)
{
	struct view auid = signer->auid;
	if (auid.n == 0)
		return ERR_OK;
	size_t at = SIZE_MAX;
	for (size_t i = 0; i < auid.n; i++)
		at = view_at(auid, i) == '@' ? i : at;
	if (at == SIZE_MAX || view_has_ctl(auid) || auid.n > 320)
		return diag_set(diag, ERR_DATA, "i= wants [user]@domain, not %s", SHOW(auid));
	struct view domain = view_from(auid, at + 1);
	if (!dkim_name_valid(domain) || !dkim_name_under(domain, signer->domain))
		return diag_set(diag, ERR_DATA, "i=%s must be in the domain %s that signs, or below it", SHOW(auid),
				SHOW(signer->domain));
	return ERR_OK;
}

static enum err check_key(const struct crypto_key *key, bool short_key, struct diag *diag)
{
	unsigned bits = crypto_key_bits(key);
	if (!crypto_key_is_private(key))
		return diag_set(diag, ERR_DATA, "this is a public key; signing takes the private one");
	if (crypto_key_type(key) != CRYPTO_KEY_RSA)
		return ERR_OK;
	if (bits < DKIM_RSA_BITS_MIN)
		return diag_set(diag, ERR_DATA,
				"an RSA key of %u bits is not accepted by receivers (RFC 8301); make one "
				"of 2048 with posthorn dkim-keygen",
				bits);
	if (bits < DKIM_RSA_BITS_GOOD && !short_key)
		return diag_set(diag, ERR_DATA,
				"an RSA key of %u bits is weak; make one of 2048 with posthorn "
				"dkim-keygen, or say --allow-1024",
				bits);
	return ERR_OK;
}

enum err dkim_signer_check(const struct dkim_signer *signer, bool short_key, struct diag *diag)
{
	if (!dkim_name_valid(signer->domain))
		return diag_set(diag, ERR_DATA, "%s is no domain that can sign (A-labels only)", SHOW(signer->domain));
	if (!dkim_name_valid(signer->selector))
		return diag_set(diag, ERR_DATA, "%s is no selector: letters, digits, '-', '_' and dots",
				SHOW(signer->selector));
	if (signer->selector.n + signer->domain.n + sizeof "._domainkey." - 1 > DKIM_NAME_MAX)
		return diag_set(diag, ERR_DATA, "selector and domain together are too long for a DNS name");
	enum err err = check_auid(signer, diag);
	return err == ERR_OK ? check_key(signer->key, short_key, diag) : err;
}

static enum err check_message(const struct msg_head *head, struct diag *diag)
{
	static const char *const single[] = { "From", "Sender", "Date", "Subject", "Reply-To", "Message-ID" };
	if (head->faults & MSG_HEAD_NUL)
		return diag_set(diag, ERR_DATA, "there is a NUL in the header block; no mail server accepts that");
	if (msg_head_first(head, VIEW("From")) == NULL)
		return diag_set(diag, ERR_DATA, "the message has no From field, which a signature must cover");
	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		size_t n = msg_head_count(head, view_str(single[i]));
		if (n > 1)
			return diag_set(diag, ERR_DATA,
					"%zu %s fields; RFC 5322 allows one, and readers differ in which "
					"they show",
					n, single[i]);
	}
	return ERR_OK;
}

static void add_names(struct buf *out, const char *name, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s%s", out->n > 0 ? ":" : "", name);
}

void dkim_sign_headers(const struct msg_head *head, bool no_oversign, struct buf *out)
{
	static const struct {
		const char *name;
		bool oversigned;
	} fields[] = {
		{ "From", true },
		{ "To", true },
		{ "Cc", true },
		{ "Subject", true },
		{ "Date", true },
		{ "Reply-To", true },
		{ "Message-ID", true },
		{ "MIME-Version", true },
		{ "Content-Type", true },
		{ "Content-Transfer-Encoding", true },
		{ "In-Reply-To", false },
		{ "References", false },
		{ "Resent-Date", false },
		{ "Resent-From", false },
		{ "Resent-To", false },
		{ "Resent-Cc", false },
		{ "List-Id", false },
		{ "List-Help", false },
		{ "List-Unsubscribe", true },
		{ "List-Unsubscribe-Post", true },
		{ "List-Subscribe", false },
		{ "List-Post", false },
		{ "List-Owner", false },
		{ "List-Archive", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		size_t count = msg_head_count(head, view_str(fields[i].name));
		add_names(out, fields[i].name, count + (fields[i].oversigned && !no_oversign));
	}
}

static enum err check_headers(struct view list, struct diag *diag)
{
	bool from = false;
	size_t n = 0;
	struct view name;
	while (dkim_headers_next(&list, &name)) {
		for (size_t i = 0; i < name.n; i++)
			if (!ascii_is_ftext(view_at(name, i)) || view_at(name, i) == ';')
				return diag_set(diag, ERR_DATA, "%s is no name of a header field", SHOW(name));
		if (name.n == 0 || view_is_case(name, "DKIM-Signature"))
			return diag_set(diag, ERR_DATA, "the list of fields to sign has %s in it",
					name.n == 0 ? "an empty name" : "DKIM-Signature");
		from = from || view_is_case(name, "From");
		n++;
	}
	if (n > DKIM_HEADERS_MAX)
		return diag_set(diag, ERR_LIMIT, "%zu fields to sign; at most %d (DKIM_HEADERS_MAX)", n,
				DKIM_HEADERS_MAX);
	return from ? ERR_OK : diag_set(diag, ERR_DATA, "the list of fields to sign must have From in it");
}

/* The h= of this message, without white space. */
static enum err settle_headers(const struct dkim_sign_opts *opts, const struct msg_head *head, struct arena *arena,
			       struct view *out, struct diag *diag)
{
	BUF_AUTO struct buf list;
	buf_init(&list, HEADERS_MAX);
	if (opts->headers.n == 0) {
		dkim_sign_headers(head, opts->no_oversign, &list);
	} else {
		struct view rest = opts->headers, name;
		while (dkim_headers_next(&rest, &name)) {
			buf_put(&list, name);
			if (rest.p != NULL)
				buf_byte(&list, ':');
		}
	}
	if (buf_err(&list) != ERR_OK)
		return diag_set(diag, ERR_LIMIT, "the list of fields to sign is longer than %d octets", HEADERS_MAX);
	*out = arena_view(arena, buf_view(&list));
	return check_headers(*out, diag);
}

struct work {
	const struct dkim_sign_opts *opts;
	struct arena *arena;
	struct dkim_input *input;
	struct dkim_bodies *bodies;
	struct crypto_digest heads[2]; /* the signed fields in each form, once they are needed */
};

static const struct crypto_digest *head_digest(struct work *work, enum dkim_canon form, struct view headers)
{
	struct crypto_digest *digest = &work->heads[form];
	if (digest->state == NULL) {
		crypto_digest_init(digest, CRYPTO_SHA256);
		dkim_hash_fields(form, &work->input->head, headers, NULL, digest);
	}
	return digest;
}

static enum err make_signature(struct work *work, const struct crypto_hash *body_hash, struct dkim_made *made,
			       struct diag *diag)
{
	const struct dkim_sign_opts *opts = work->opts;
	struct dkim_make make = {
		.name = "DKIM-Signature",
		.first = "v=1;",
		.timestamp = opts->timestamp,
		.expires = opts->expires,
		.fields = head_digest(work, made->signer->header, made->headers),
		.body_hash = body_hash,
	};
	return dkim_make_field(&make, work->arena, made, diag);
}

static size_t count_lines(struct view text)
{
	size_t lines = 0;
	for (struct view line; view_next_line(&text, &line);)
		lines++;
	return lines;
}

static enum err read_body(struct work *work, struct diag *diag)
{
	bool nul;
	struct msg_head *head = &work->input->head;
	enum err err = dkim_bodies_read(work->bodies, work->input, &nul, diag);
	if (err != ERR_OK)
		return err;
	if (nul)
		return diag_set(diag, ERR_DATA, "there is a NUL in the body; no mail server accepts that");
	if ((head->faults & MSG_HEAD_NO_BLANK) != 0 && work->input->octets > head->octets)
		return diag_set(diag, ERR_DATA, "line %zu is no header field, and no empty line comes before it",
				count_lines(view_to(buf_view(&work->input->reader.head), head->octets)) + 1);
	return ERR_OK;
}

static enum err sign_all(struct work *work, struct dkim_signed *out, struct diag *diag)
{
	const struct dkim_sign_opts *opts = work->opts;
	struct view headers;
	enum err err = check_message(&work->input->head, diag);
	if (err == ERR_OK)
		err = settle_headers(opts, &work->input->head, work->arena, &headers, diag);
	if (err != ERR_OK)
		return err;
	size_t wanted[DKIM_SIGNERS_MAX];
	for (size_t i = 0; i < opts->n; i++)
		wanted[i] = dkim_bodies_want(work->bodies, opts->signers[i].body, CRYPTO_SHA256, false, 0);
	err = read_body(work, diag);
	if (err != ERR_OK)
		return err;

	BUF_AUTO struct buf fields;
	buf_init(&fields, FIELDS_MAX);
	for (size_t i = 0; i < opts->n; i++) {
		struct dkim_made *made = &out->at[i];
		*made = (struct dkim_made){ .signer = &opts->signers[i], .headers = headers };
		err = make_signature(work, &work->bodies->at[wanted[i]].hash, made, diag);
		if (err != ERR_OK)
			return err;
		buf_put(&fields, made->field);
	}
	out->n = opts->n;
	out->fields = arena_view(work->arena, buf_view(&fields));
	out->octets = work->input->octets;
	return ERR_OK;
}

enum err dkim_sign_input(struct dkim_input *input, const struct dkim_sign_opts *opts, struct arena *arena,
			 struct dkim_signed *out, struct diag *diag)
{
	if (opts->n == 0 || opts->n > DKIM_SIGNERS_MAX)
		return diag_set(diag, ERR_LIMIT, "%zu signatures; 1 to %d can be made at once", opts->n,
				DKIM_SIGNERS_MAX);
	DKIM_BODIES_AUTO struct dkim_bodies bodies;
	dkim_bodies_init(&bodies);
	struct work work = { .opts = opts, .arena = arena, .input = input, .bodies = &bodies };
	out->from_line = input->head.from_line.n > 0;
	enum err err = sign_all(&work, out, diag);
	crypto_digest_done(&work.heads[0]);
	crypto_digest_done(&work.heads[1]);
	return err;
}

enum err dkim_sign(struct source *message, const struct dkim_sign_opts *opts, struct arena *arena,
		   struct dkim_signed *out, struct diag *diag)
{
	DKIM_INPUT_AUTO struct dkim_input input;
	dkim_input_init(&input);
	enum err err = dkim_input_open(&input, message, arena, diag);
	return err == ERR_OK ? dkim_sign_input(&input, opts, arena, out, diag) : err;
}
