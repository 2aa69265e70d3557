/*
 * Reader of msmtp's configuration (msmtp.1 "CONFIGURATION FILES") and writer of ours. Settings are flattened: what an
 * account inherits is written out, so that each account can be read alone.
 */
#include "config_msmtprc.h"

#include <string.h>

#include "base_arena.h"
#include "base_attr.h"
#include "base_show.h"
#include "base_vec.h"

/* Commands that we carry over; their place in `set`. */
enum cmd {
	M_HOST,
	M_PORT,
	M_TIMEOUT,
	M_PROTOCOL,
	M_DOMAIN,
	M_FROM,
	M_FROM_NAME,
	M_AUTH,
	M_USER,
	M_PASSWORD,
	M_PASSWORDEVAL,
	M_TLS,
	M_STARTTLS,
	M_TRUST,
	M_CERT,
	M_KEY,
	M_CERTCHECK,
	M_FINGERPRINT,
	M_SNI,
	M_LOGFILE,
	M_SYSLOG,
	M_PROXY_HOST,
	M_PROXY_PORT,
	M_SOURCE_IP,
	M_SOCKET,
	M_CARRIED,
	M_NOTED = M_CARRIED /* kept as a comment */
};

static const struct {
	const char *name;
	enum cmd cmd;
} commands[] = {
	{ "host", M_HOST },
	{ "port", M_PORT },
	{ "timeout", M_TIMEOUT },
	{ "connect_timeout", M_NOTED },
	{ "protocol", M_PROTOCOL },
	{ "domain", M_DOMAIN },
	{ "from", M_FROM },
	{ "from_full_name", M_FROM_NAME },
	{ "auth", M_AUTH },
	{ "user", M_USER },
	{ "password", M_PASSWORD },
	{ "passwordeval", M_PASSWORDEVAL },
	{ "tls", M_TLS },
	{ "tls_starttls", M_STARTTLS },
	{ "tls_trust_file", M_TRUST },
	{ "tls_cert_file", M_CERT },
	{ "tls_key_file", M_KEY },
	{ "tls_certcheck", M_CERTCHECK },
	{ "tls_fingerprint", M_FINGERPRINT },
	{ "tls_host_override", M_SNI },
	{ "logfile", M_LOGFILE },
	{ "syslog", M_SYSLOG },
	{ "proxy_host", M_PROXY_HOST },
	{ "proxy_port", M_PROXY_PORT },
	{ "source_ip", M_SOURCE_IP },
	{ "socket", M_SOCKET },
	{ "eval", M_NOTED },
	{ "aliases", M_NOTED },
	{ "ntlmdomain", M_NOTED },
	{ "dsn_notify", M_NOTED },
	{ "dsn_return", M_NOTED },
	{ "logfile_time_format", M_NOTED },
	{ "tls_crl_file", M_NOTED },
	{ "tls_min_dh_prime_bits", M_NOTED },
	{ "tls_priorities", M_NOTED },
	{ "tls_force_sslv3", M_NOTED },
	{ "tls_nocertcheck", M_NOTED },
	{ "set_from_header", M_NOTED },
	{ "set_date_header", M_NOTED },
	{ "set_msgid_header", M_NOTED },
	{ "undisclosed_recipients", M_NOTED },
	{ "remove_bcc_headers", M_NOTED },
	{ "allow_from_override", M_NOTED },
	{ "add_missing_from_header", M_NOTED },
	{ "add_missing_date_header", M_NOTED },
	{ "auto_from", M_NOTED },
	{ "maildomain", M_NOTED },
	{ "keepbcc", M_NOTED },
};

struct settings {
	struct view name;
	struct view set[M_CARRIED]; /* p == NULL: not set */
	bool own;                   /* something was set in this account itself */
};

struct notes {
	struct view *at;
	size_t n, cap;
};

struct rc {
	struct arena arena;
	struct settings *at;
	size_t n, cap;
	struct settings defaults;
	bool in_defaults;
	struct view default_name;
	struct notes notes;
	struct diag *diag;
	unsigned line;
};

enum { ACCOUNTS_MAX = 1000, NOTES_MAX = 10000 };

static struct view unquoted(struct view v)
{
	if (v.n >= 2 && view_at(v, 0) == '"' && view_last(v) == '"')
		return view_slice(v, 1, v.n - 2);
	return v;
}

static enum err fault(const struct rc *rc, const char *what, struct view word)
{
	return diag_at(rc->diag, ERR_SYNTAX, rc->line, 0, "msmtprc: %s: %s", what, SHOW(word));
}

static struct settings *find(struct rc *rc, struct view name)
{
	for (size_t i = 0; i < rc->n; i++)
		if (view_eq(rc->at[i].name, name))
			return &rc->at[i];
	return NULL;
}

static void inherit(struct settings *to, const struct settings *from)
{
	for (size_t i = 0; i < M_CARRIED; i++)
		if (from->set[i].p != NULL)
			to->set[i] = from->set[i];
}

/* "NAME [: OLD[,OLD2...]]" */
static enum err open_account(struct rc *rc, struct view value)
{
	struct view rest = value;
	struct view name = view_trim(view_cut(&rest, ':'));
	if (view_empty(name) || rc->n >= ACCOUNTS_MAX)
		return fault(rc, "an account without a name, or too many", value);
	if (find(rc, name) != NULL)
		return fault(rc, "this account is defined twice", name);
	struct settings made = { .name = name };
	inherit(&made, &rc->defaults);
	bool from_another = rest.p != NULL;
	struct view first = view_none();
	while (rest.p != NULL) {
		struct view old = view_trim(view_cut(&rest, ','));
		const struct settings *from = find(rc, old);
		if (from == NULL)
			return fault(rc, "no account of this name stands before", old);
		inherit(&made, from);
		if (view_empty(first))
			first = old;
	}
	if (view_is(name, "default"))
		rc->default_name = from_another ? first : name;
	*VEC_PUSH(rc, &rc->arena) = made;
	rc->in_defaults = false;
	return ERR_OK;
}

static void note(struct rc *rc, struct view line)
{
	if (rc->notes.n < NOTES_MAX)
		*VEC_PUSH(&rc->notes, &rc->arena) = line;
}

static enum err take_command(struct rc *rc, struct view word, struct view value, struct view line)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (!view_is(word, commands[i].name))
			continue;
		if (commands[i].cmd == M_NOTED) {
			note(rc, line);
			return ERR_OK;
		}
		struct settings *to = rc->in_defaults || rc->n == 0 ? &rc->defaults : &rc->at[rc->n - 1];
		struct view shown = unquoted(value);
		to->set[commands[i].cmd] = shown.n == 0 ? VIEW("on") : shown;
		to->own = true;
		return ERR_OK;
	}
	return fault(rc, "unknown command", word);
}

static enum err read_all(struct rc *rc, struct view text)
{
	struct view line;
	while (view_next_line(&text, &line)) {
		rc->line++;
		struct view value = view_trim(line);
		if (view_empty(value) || view_at(value, 0) == '#')
			continue;
		size_t end = 0;
		while (end < value.n && value.p[end] != ' ' && value.p[end] != '\t')
			end++;
		struct view word = view_to(value, end), rest = view_trim(view_from(value, end));
		enum err err = ERR_OK;
		if (view_has_ctl(rest))
			return fault(rc, "a control character", rest);
		if (view_is(word, "defaults")) {
			rc->defaults = (struct settings){ 0 };
			rc->in_defaults = true;
		} else if (view_is(word, "account")) {
			err = open_account(rc, rest);
		} else {
			err = take_command(rc, word, rest, value);
		}
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static void put_text(struct buf *out, struct view v)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\' || v.p[i] == '$')
			buf_byte(out, '\\');
		buf_byte(out, v.p[i]);
	}
	buf_byte(out, '"');
}

static void put_key(struct buf *out, const char *key, struct view v)
{
	if (v.p == NULL)
		return;
	buf_printf(out, "\t%s = ", key);
	put_text(out, v);
	buf_byte(out, '\n');
}

static bool is_on(struct view v) { return view_is(v, "on"); }
static bool is_off(struct view v) { return view_is(v, "off"); }

static void put_server(struct buf *out, const struct settings *s, struct arena *arena)
{
	bool wrapped = is_on(s->set[M_TLS]) && is_off(s->set[M_STARTTLS]);
	bool lmtp = view_is(s->set[M_PROTOCOL], "lmtp");
	if (s->set[M_SOCKET].p != NULL) {
		put_key(out, "server", view_str(arena_printf(arena, "unix:%.*s", VIEW_ARG(s->set[M_SOCKET]))));
		return;
	}
	if (s->set[M_HOST].p == NULL)
		return;
	struct view port = s->set[M_PORT].p != NULL ? s->set[M_PORT]
			   : lmtp                   ? VIEW("24")
			   : wrapped                ? VIEW("465")
						    : VIEW("25");
	bool v6 = view_has_byte(s->set[M_HOST], ':');
	put_key(out, "server",
		view_str(arena_printf(arena, "%s%s%.*s%s:%.*s",
				      lmtp      ? "lmtp://"
				      : wrapped ? "smtps://"
						: "",
				      v6 ? "[" : "", VIEW_ARG(s->set[M_HOST]), v6 ? "]" : "", VIEW_ARG(port))));
}

static void put_tls(struct buf *out, const struct settings *s)
{
	struct view trust = s->set[M_TRUST];
	bool checked = !is_off(s->set[M_CERTCHECK]);
	if (!is_on(s->set[M_TLS]))
		buf_str(out, "\ttls = \"none\" # msmtp had TLS off: \"verify\" is better if the server offers it\n");
	else if (checked)
		buf_str(out, "\ttls = \"verify\"\n");
	else
		buf_str(out, "\ttls = \"encrypt\" # msmtp did not check the certificate here: \"verify\" is better\n");
	if (trust.p != NULL && !view_is(trust, "system") && !view_starts(trust, VIEW("/etc/ssl/certs/ca-certificates")))
		put_key(out, "tls-ca", trust);
	put_key(out, "tls-fingerprint", s->set[M_FINGERPRINT]);
	put_key(out, "tls-cert", s->set[M_CERT]);
	put_key(out, "tls-key", s->set[M_KEY]);
	put_key(out, "tls-sni", s->set[M_SNI]);
}

static void put_auth(struct buf *out, const struct settings *s, struct arena *arena)
{
	struct view auth = s->set[M_AUTH];
	if (auth.p == NULL || is_off(auth)) {
		buf_str(out, "\tauth = \"off\"\n");
		return;
	}
	if (!is_on(auth)) {
		char *upper = arena_cstr(arena, auth);
		for (char *c = upper; *c != '\0'; c++)
			*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
		put_key(out, "auth", view_str(upper));
	}
	put_key(out, "user", s->set[M_USER]);
	put_key(out, "password-eval", s->set[M_PASSWORDEVAL]);
	if (s->set[M_PASSWORDEVAL].p == NULL && s->set[M_PASSWORD].p != NULL)
		buf_str(out,
			"\t# The password was in the msmtprc. Put it alone into a file, chmod 600, and write here:\n"
			"\t# password-file = \"/home/you/.config/posthorn/password\"\n");
	else if (s->set[M_PASSWORDEVAL].p == NULL)
		buf_str(out, "\tnetrc = \"yes\" # msmtp looked into ~/.netrc (a keyring: use password-eval)\n");
}

static void put_account(struct buf *out, const struct settings *s, struct arena *arena)
{
	buf_str(out, "\naccount ");
	put_text(out, s->name);
	buf_str(out, " {\n");
	put_server(out, s, arena);
	put_tls(out, s);
	put_auth(out, s, arena);
	if (s->set[M_FROM].p != NULL) {
		buf_str(out, "\tfrom = { ");
		put_text(out, s->set[M_FROM]);
		buf_str(out, " }\n");
	}
	put_key(out, "from-name", s->set[M_FROM_NAME]);
	put_key(out, "ehlo", s->set[M_DOMAIN]);
	put_key(out, "source-ip", s->set[M_SOURCE_IP]);
	if (!is_off(s->set[M_TIMEOUT]))
		put_key(out, "timeout", s->set[M_TIMEOUT]);
	if (s->set[M_PROXY_HOST].p != NULL) {
		struct view port = s->set[M_PROXY_PORT].p != NULL ? s->set[M_PROXY_PORT] : VIEW("1080");
		put_key(out, "socks5",
			view_str(arena_printf(arena, "%.*s:%.*s", VIEW_ARG(s->set[M_PROXY_HOST]), VIEW_ARG(port))));
	}
	if (s->set[M_LOGFILE].p != NULL && !is_off(s->set[M_LOGFILE]))
		put_key(out, "log", s->set[M_LOGFILE]);
	else if (s->set[M_SYSLOG].p != NULL && !is_off(s->set[M_SYSLOG]))
		buf_str(out, "\tlog = \"syslog\"\n");
	buf_str(out, "}\n");
}

static void write_all(struct rc *rc, struct buf *out)
{
	buf_str(out, "# Made from a msmtprc.\n");
	if (!view_empty(rc->default_name)) {
		const struct settings *named = find(rc, VIEW("default"));
		struct view name = named != NULL && named->own ? VIEW("default") : rc->default_name;
		buf_str(out, "default-account = ");
		put_text(out, name);
		buf_byte(out, '\n');
	}
	for (size_t i = 0; i < rc->n; i++) {
		const struct settings *s = &rc->at[i];
		if (view_is(s->name, "default") && !s->own && !view_is(rc->default_name, "default"))
			continue;
		put_account(out, s, &rc->arena);
	}
	if (rc->notes.n > 0)
		buf_str(out, "\n# Without a counterpart:\n");
	for (size_t i = 0; i < rc->notes.n; i++) {
		buf_str(out, "#   ");
		show_write(rc->notes.at[i], out);
		buf_byte(out, '\n');
	}
}

enum err config_msmtprc(struct view text, struct buf *out, struct diag *diag)
{
	struct rc rc = { .diag = diag };
	arena_init(&rc.arena);
	enum err err = read_all(&rc, text);
	if (err == ERR_OK && rc.n == 0)
		err = diag_set(diag, ERR_SYNTAX, "msmtprc: there is no account in it");
	if (err == ERR_OK) {
		write_all(&rc, out);
		err = buf_err(out);
		if (err != ERR_OK)
			err = diag_set(diag, err, "msmtprc: the result is too long");
	}
	arena_done(&rc.arena);
	return err;
}

/* Told by its first command: `defaults` alone, or `account`, `host` ... with a value that no '=', '{' or '"' opens. */
bool config_is_msmtprc(struct view text)
{
	struct view line;
	while (view_next_line(&text, &line)) {
		struct view v = view_trim(line);
		if (view_empty(v) || view_at(v, 0) == '#')
			continue;
		if (view_is(v, "defaults"))
			return true;
		size_t end = 0;
		while (end < v.n && v.p[end] != ' ' && v.p[end] != '\t')
			end++;
		struct view word = view_to(v, end), rest = view_trim(view_from(v, end));
		int c = view_at(rest, 0);
		bool ours = c < 0 || c == '=' || c == '+' || c == '{' || c == '"' || c == '(';
		bool known = view_is(word, "account");
		for (size_t i = 0; i < ARRAY_LEN(commands) && !known; i++)
			known = view_is(word, commands[i].name);
		return known && !ours && !view_has_byte(rest, '=') && !view_has_byte(rest, '{');
	}
	return false;
}
