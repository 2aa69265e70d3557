/* With which name, secret and mechanisms to log in. Nothing here is ever shown. */
#include <stdlib.h>

#include "base_file.h"
#include "base_show.h"
#include "send_deliver_priv.h"
#include "send_oauth.h"

enum { NETRC_MAX = 1 << 20 };

static enum err take_mechs(const char *list, unsigned *mechs, struct diag *diag)
{
	struct view rest = view_str(list);
	while (rest.p != NULL) {
		struct view name = view_trim(view_cut(&rest, ','));
		enum smtp_sasl_mech mech;
		if (!smtp_sasl_mech_parse(name, &mech))
			return diag_set(diag, ERR_USAGE,
					"--auth \"%s\": no mechanism of ours; write off, or of SCRAM-SHA-256-PLUS, "
					"SCRAM-SHA-1-PLUS, "
					"SCRAM-SHA-256, SCRAM-SHA-1, OAUTHBEARER, XOAUTH2, GSSAPI, EXTERNAL, PLAIN, "
					"LOGIN, CRAM-MD5",
					SHOW(name));
		*mechs |= 1U << mech;
	}
	return ERR_OK;
}

static const char *netrc_path(struct send_run *run, const char *given)
{
	const char *home = getenv("HOME");
	if (*given != '\0')
		return given;
	return home == NULL ? NULL : arena_printf(run->cmd->arena, "%s/.netrc", home);
}

/* --netrc without --user: the file names the user too. */
static enum err netrc_user(struct send_run *run, const struct send_target *target, const char *given,
			   struct send_login *login, const char **user, struct diag *diag)
{
	const char *path = netrc_path(run, given);
	bool found = false;
	BUF_AUTO struct buf text;
	buf_init(&text, NETRC_MAX);
	if (path == NULL)
		return diag_set(diag, ERR_CONFIG, "--netrc: $HOME is not set, so name the file");
	enum err err = file_check_private(path, diag);
	if (err == ERR_OK)
		err = file_read(path, &text, diag);
	if (err == ERR_OK)
		err = config_netrc(buf_view(&text), target->host, NULL, run->cmd->arena, user, &login->password, &found,
				   diag);
	if (text.p != NULL)
		crypto_wipe(text.p, text.n);
	if (err == ERR_OK && (!found || *user == NULL))
		err = diag_set(diag, ERR_CONFIG, "%s: no login for %s in it", SHOW(view_str(path)),
			       SHOW(view_str(target->shown)));
	return err;
}

/* One that the command line names comes before all that the account says. */
static void take_source(struct send_run *run, const struct send_target *target, const char *user,
			struct config_secret_source *out)
{
	const struct send_opts *opts = run->opts;
	bool given = opts->password_eval != NULL || opts->password_fd != SEND_NO_FD || opts->password_file != NULL ||
		     opts->netrc != NULL;
	*out = (struct config_secret_source){ .fd = -1 };
	if (!given)
		config_secret_of(run->config, run->account, out);
	if (opts->password_eval != NULL)
		out->eval = opts->password_eval;
	if (opts->password_fd != SEND_NO_FD)
		out->fd = (int)opts->password_fd;
	if (opts->password_file != NULL)
		out->file = opts->password_file;
	if (opts->netrc != NULL)
		out->netrc = opts->netrc;
	if (out->netrc == NULL)
		out->netrc = "";
	out->host = target->host == NULL ? "localhost" : target->host;
	out->user = user;
}

static enum err take_password(struct send_run *run, const struct send_target *target, const char *user,
			      struct send_login *login, struct diag *diag)
{
	struct config_secret_source source;
	bool found = login->password.n > 0;
	if (found)
		return ERR_OK;
	take_source(run, target, user, &source);
	enum err err = config_secret_get(&source, &login->password, &found, diag);
	if (err == ERR_OK && !found)
		err = diag_set(diag, ERR_CONFIG,
			       "no password for user %s at %s; use --password-eval COMMAND, --password-file, --netrc "
			       "or the configuration",
			       SHOW(view_str(user)), SHOW(view_str(target->shown)));
	return err;
}

static bool only(unsigned mechs, unsigned of) { return mechs != 0 && (mechs & ~of) == 0; }

enum err send_login_make(struct send_run *run, const struct send_target *target, struct send_login *out,
			 struct diag *diag)
{
	const unsigned bearer = 1U << SMTP_SASL_OAUTHBEARER | 1U << SMTP_SASL_XOAUTH2;
	const unsigned without = 1U << SMTP_SASL_EXTERNAL | 1U << SMTP_SASL_GSSAPI;
	const char *mechs = send_setting(run, run->opts->auth, "auth");
	const char *user = send_setting(run, run->opts->user, "user");
	const char *oauth = send_setting(run, run->opts->oauth, "oauth");
	unsigned forced = 0;
	*out = (struct send_login){ 0 };
	if (mechs != NULL && strcmp(mechs, "off") == 0)
		return ERR_OK;
	enum err err = mechs == NULL ? ERR_OK : take_mechs(mechs, &forced, diag);
	if (err == ERR_OK && user == NULL && run->opts->netrc != NULL)
		err = netrc_user(run, target, run->opts->netrc, out, &user, diag);
	if (err != ERR_OK || (user == NULL && oauth == NULL && (forced & without) == 0 && target->tls_cert == NULL))
		return err;
	out->sasl = (struct smtp_sasl_opts){
		.forced = forced,
		.user = view_str(user),
		.client_cert = target->tls_cert != NULL,
		.host = view_str(target->host),
		.port = target->port,
	};
	/* A client certificate alone asks for no login; EXTERNAL is then only used when it is named. */
	out->wanted = user != NULL || oauth != NULL || (forced & without) != 0;
	if (!out->wanted)
		return ERR_OK;
	if (oauth != NULL && user == NULL)
		return diag_set(diag, ERR_CONFIG, "--oauth needs the user's name too (--user)");
	if (oauth != NULL) {
		out->oauth = oauth;
		err = send_oauth_token(run, oauth, false, &out->token, diag);
		out->sasl.token = &out->token;
	} else if (only(forced, bearer)) { /* as msmtp: the password is the token */
		err = take_password(run, target, user, out, diag);
		crypto_secret_move(&out->token, &out->password);
		out->sasl.token = &out->token;
	} else if (!only(forced, without)) {
		err = take_password(run, target, user, out, diag);
		out->sasl.password = &out->password;
	}
	return err;
}

enum err send_login_renew(struct send_run *run, struct send_login *login, bool *renewed, struct diag *diag)
{
	*renewed = false;
	if (login->oauth == NULL || login->renewed)
		return ERR_OK;
	login->renewed = true;
	enum err err = send_oauth_token(run, login->oauth, true, &login->token, diag);
	*renewed = err == ERR_OK;
	return err;
}

void send_login_done(struct send_login *login)
{
	crypto_secret_done(&login->password);
	crypto_secret_done(&login->token);
}
