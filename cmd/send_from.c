#define _GNU_SOURCE
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base_file.h"
#include "base_show.h"
#include "send_priv.h"

/* Who writes: the first of option, account, $EMAIL, login@host that says so. */

enum { HOSTS_MAX = 1 << 20, HOST_MAX = 256 };

static bool qualified(struct view host)
{
	return view_has_byte(host, '.') && !view_ends_case(host, VIEW(".localdomain")) && view_last(host) != '.';
}

/* The full name that /etc/hosts gives this host: Debian writes "127.0.1.1 host.example.org host". */
static bool hosts_name(struct view host, struct arena *arena, struct view *out)
{
	BUF_AUTO struct buf text;
	buf_init(&text, HOSTS_MAX);
	if (file_read("/etc/hosts", &text, NULL) != ERR_OK)
		return false;
	struct view rest = buf_view(&text), line;
	while (view_next_line(&rest, &line)) {
		struct view first = view_none();
		bool ours = false;
		line = view_to(line, view_find_byte(line, '#'));
		for (size_t i = 0; line.n > 0 || line.p != NULL; i++) {
			while (view_at(line, 0) == ' ' || view_at(line, 0) == '\t')
				line = view_from(line, 1);
			size_t end = 0;
			while (end < line.n && line.p[end] != ' ' && line.p[end] != '\t')
				end++;
			struct view word = view_to(line, end);
			if (word.n == 0)
				break;
			if (i > 0 && first.n == 0 && qualified(word))
				first = word;
			ours = ours || (i > 0 && view_eq_case(word, host));
			line = view_from(line, end);
		}
		if (ours && first.n > 0) {
			*out = arena_view(arena, first);
			return true;
		}
	}
	return false;
}

static bool mailname(struct arena *arena, struct view *out)
{
	BUF_AUTO struct buf text;
	buf_init(&text, HOST_MAX);
	if (file_read("/etc/mailname", &text, NULL) != ERR_OK)
		return false;
	struct view name = view_trim(buf_view(&text));
	if (!qualified(name) || view_has_byte(name, '\n'))
		return false;
	*out = arena_view(arena, name);
	return true;
}

static bool host_name(struct arena *arena, struct view *out)
{
	char name[HOST_MAX] = "";
	if (gethostname(name, sizeof name - 1) != 0)
		return false;
	struct view host = view_str(name);
	if (!qualified(host))
		return hosts_name(host, arena, out) || mailname(arena, out);
	*out = arena_view(arena, host);
	return true;
}

static const char *login_name(void)
{
	const struct passwd *user = getpwuid(geteuid());
	const char *name = user != NULL ? user->pw_name : getenv("LOGNAME");
	return name != NULL && name[0] != '\0' ? name : NULL;
}

static enum err from_login(struct send_run *run, struct mailbox *out, struct diag *diag)
{
	struct view host;
	const char *login = login_name();
	if (login == NULL || !host_name(run->cmd->arena, &host))
		return diag_set(diag, ERR_CONFIG,
				"no sender address: say --from, set EMAIL, or put from = \"you@example.org\" into %s",
				run->config->path != NULL ? run->config->path : "posthorn.conf");
	*out = (struct mailbox){ .kind = MAILBOX_FULL, .local = view_str(login), .domain = host };
	const char *text = arena_printf(run->cmd->arena, "%s@%.*s", login, VIEW_ARG(host));
	enum err err = msg_addr_parse(view_str(text), MSG_ADDR_STRICT, run->cmd->arena, out, diag);
	return err == ERR_OK ? err
			     : diag_prefix(diag, ERR_CONFIG, "login name and host name make no address; say --from");
}

static enum err from_text(struct send_run *run, const char *what, const char *text, struct mailbox *out,
			  struct diag *diag)
{
	enum err err = msg_addr_parse_one(view_str(text), MSG_ADDR_BARE, run->cmd->arena, out, diag);
	if (err == ERR_OK)
		err = send_complete_address(run, out, diag);
	return err == ERR_OK ? err : diag_prefix(diag, err, "%s \"%s\"", what, SHOW(view_str(text)));
}

/* The header's own From counts before all but the option. */
static bool from_raw(struct send_run *run, const struct msg_head *raw, struct mailbox *out)
{
	const struct msg_field *field = raw == NULL ? NULL : msg_head_first(raw, VIEW("From"));
	struct msg_addr_list list = { 0 };
	if (field == NULL ||
	    msg_addr_parse_list(field->value, MSG_ADDR_LENIENT, run->cmd->arena, &list, NULL) != ERR_OK ||
	    list.n == 0 || list.at[0].kind != MAILBOX_FULL)
		return false;
	*out = list.at[0];
	return true;
}

static enum err find_from(struct send_run *run, const struct msg_head *raw, struct mailbox *out, struct diag *diag)
{
	if (run->opts->from != NULL)
		return from_text(run, "--from", run->opts->from, out, diag);
	if (from_raw(run, raw, out))
		return ERR_OK;
	const char *sender = run->opts->envelope_from;
	if (run->opts->as_sendmail && sender != NULL && strchr(sender, '@') != NULL)
		return from_text(run, "-f", sender, out, diag);
	const struct config_section *account = NULL;
	enum err err = config_account(run->config, run->opts->account, view_none(), &account, diag);
	if (err != ERR_OK)
		return err;
	const char *configured = config_account_from(run->config, account);
	if (configured != NULL)
		return from_text(run, "from of the configuration", configured, out, diag);
	const char *email = getenv("EMAIL");
	if (email != NULL && email[0] != '\0')
		return from_text(run, "$EMAIL", email, out, diag);
	return from_login(run, out, diag);
}

static enum err find_sender(struct send_run *run, struct send_message *message, struct diag *diag)
{
	const char *text = run->opts->envelope_from;
	if (text == NULL)
		text = config_account_text(run->config, run->account, "envelope-from");
	message->sender = message->from;
	if (text == NULL)
		return ERR_OK;
	enum err err = msg_addr_parse(view_str(text), MSG_ADDR_BARE | MSG_ADDR_EMPTY, run->cmd->arena, &message->sender,
				      diag);
	if (err == ERR_OK && message->sender.kind != MAILBOX_NULL)
		err = send_complete_address(run, &message->sender, diag);
	return err == ERR_OK ? err : diag_prefix(diag, err, "envelope sender \"%s\"", SHOW(view_str(text)));
}

enum err send_resolve_from(struct send_run *run, const struct msg_head *raw, struct send_message *message,
			   struct diag *diag)
{
	enum err err = find_from(run, raw, &message->from, diag);
	if (err != ERR_OK)
		return err;
	BUF_AUTO struct buf address;
	buf_init(&address, MSG_ADDR_LENIENT_MAX * 4);
	msg_addr_write(&message->from, &address);
	err = config_account(run->config, run->opts->account, buf_view(&address), &run->account, diag);
	if (err != ERR_OK)
		return err;
	const char *name = run->opts->from_name;
	if (name == NULL && message->from.display.n == 0)
		name = config_account_text(run->config, run->account, "from-name");
	if (name != NULL)
		message->from.display = view_str(name);
	return find_sender(run, message, diag);
}
