#include "smtp_ehlo.h"

#include "base_ascii.h"
#include "base_num.h"

static const char *const mech_names[SMTP_SASL_MECHS] = {
	[SMTP_SASL_SCRAM_SHA_256_PLUS] = "SCRAM-SHA-256-PLUS",
	[SMTP_SASL_SCRAM_SHA_1_PLUS] = "SCRAM-SHA-1-PLUS",
	[SMTP_SASL_SCRAM_SHA_256] = "SCRAM-SHA-256",
	[SMTP_SASL_SCRAM_SHA_1] = "SCRAM-SHA-1",
	[SMTP_SASL_OAUTHBEARER] = "OAUTHBEARER",
	[SMTP_SASL_XOAUTH2] = "XOAUTH2",
	[SMTP_SASL_GSSAPI] = "GSSAPI",
	[SMTP_SASL_EXTERNAL] = "EXTERNAL",
	[SMTP_SASL_PLAIN] = "PLAIN",
	[SMTP_SASL_LOGIN] = "LOGIN",
	[SMTP_SASL_CRAM_MD5] = "CRAM-MD5",
};

const char *smtp_sasl_mech_name(enum smtp_sasl_mech mech) { return mech_names[mech]; }

bool smtp_sasl_mech_parse(struct view name, enum smtp_sasl_mech *out)
{
	for (unsigned i = 0; i < SMTP_SASL_MECHS; i++)
		if (view_is_case(name, mech_names[i])) {
			*out = (enum smtp_sasl_mech)i;
			return true;
		}
	return false;
}

/* The next word, space and tab around it skipped; empty at the end. */
static struct view next_word(struct view *rest)
{
	while (rest->n > 0 && ascii_is_wsp((unsigned char)*rest->p))
		*rest = view_from(*rest, 1);
	size_t n = 0;
	while (n < rest->n && !ascii_is_wsp((unsigned char)rest->p[n]))
		n++;
	struct view word = view_to(*rest, n);
	*rest = view_from(*rest, n);
	return word;
}

static void read_auth(struct smtp_ehlo *ehlo, struct view params, struct arena *arena)
{
	ehlo->auth = arena_view(arena, view_trim(params));
	for (struct view word; (word = next_word(&params)).n > 0;) {
		enum smtp_sasl_mech mech;
		if (smtp_sasl_mech_parse(word, &mech))
			ehlo->mechs |= 1U << mech;
	}
}

static void read_size(struct smtp_ehlo *ehlo, struct view params, struct arena *arena)
{
	(void)arena;
	uint64_t size;
	if (num_parse_uint(next_word(&params), UINT64_MAX, &size))
		ehlo->size_max = size;
}

/* RFC 9422 3 and 4: NAME=value pairs; a limit whose value is no number, or zero, does not exist. */
static void read_limits(struct smtp_ehlo *ehlo, struct view params, struct arena *arena)
{
	(void)arena;
	for (struct view word; (word = next_word(&params)).n > 0;) {
		struct view value = word, name = view_cut(&value, '=');
		uint64_t limit;
		if (value.p == NULL || !num_parse_uint(value, UINT32_MAX, &limit))
			continue;
		if (view_is_case(name, "MAILMAX"))
			ehlo->mail_max = limit;
		else if (view_is_case(name, "RCPTMAX"))
			ehlo->rcpt_max = limit;
		else if (view_is_case(name, "RCPTDOMAINMAX"))
			ehlo->rcpt_domain_max = limit;
	}
}

static void read_xclient(struct smtp_ehlo *ehlo, struct view params, struct arena *arena)
{
	ehlo->xclient = arena_view(arena, view_trim(params));
}

static const struct {
	const char *keyword;
	enum smtp_extension extension;
	void (*read)(struct smtp_ehlo *ehlo, struct view params, struct arena *arena);
} keywords[] = {
	{ "PIPELINING", SMTP_EXT_PIPELINING, NULL },
	{ "8BITMIME", SMTP_EXT_8BITMIME, NULL },
	{ "SIZE", SMTP_EXT_SIZE, read_size },
	{ "CHUNKING", SMTP_EXT_CHUNKING, NULL },
	{ "SMTPUTF8", SMTP_EXT_SMTPUTF8, NULL },
	{ "DSN", SMTP_EXT_DSN, NULL },
	{ "STARTTLS", SMTP_EXT_STARTTLS, NULL },
	{ "AUTH", SMTP_EXT_AUTH, read_auth },
	{ "LIMITS", SMTP_EXT_LIMITS, read_limits },
	{ "REQUIRETLS", SMTP_EXT_REQUIRETLS, NULL },
	{ "ENHANCEDSTATUSCODES", SMTP_EXT_ENHANCEDSTATUSCODES, NULL },
	{ "XCLIENT", SMTP_EXT_XCLIENT, read_xclient },
};

static void read_line(struct smtp_ehlo *ehlo, struct view line, struct arena *arena)
{
	struct view params = line, word = next_word(&params);
	/* "AUTH=LOGIN" is what servers said before RFC 2554 was final, beside or instead of the right form. */
	if (view_starts_case(word, VIEW("AUTH="))) {
		params = view_from(line, (size_t)(word.p - line.p) + sizeof "AUTH");
		word = VIEW("AUTH");
	}
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		if (!view_is_case(word, keywords[i].keyword))
			continue;
		ehlo->extensions |= (unsigned)keywords[i].extension;
		if (keywords[i].read != NULL)
			keywords[i].read(ehlo, params, arena);
		return;
	}
}

void smtp_ehlo_read(const struct smtp_reply *reply, struct arena *arena, struct smtp_ehlo *out)
{
	*out = (struct smtp_ehlo){ 0 };
	struct view rest = reply->raw, text;
	bool first = true;
	while (smtp_reply_next_line(&rest, &text)) {
		if (first)
			out->greeting = arena_view(arena, view_trim(text));
		else
			read_line(out, text, arena);
		first = false;
	}
}
