/*
 * netrc: words between white space; "machine NAME login L password P account A", "default ...", "macdef NAME" up to an
 * empty line. A word may be quoted, with backslashes inside (as curl and GNU inetutils read it).
 */
#include <string.h>

#include "base_ascii.h"
#include "base_cur.h"
#include "base_show.h"
#include "config_secret.h"

enum { WORD_OCTETS = 4096 };

struct netrc {
	struct cur cur;
	char word[WORD_OCTETS];
	size_t n;
	struct diag *diag;
	const char *host, *want_user;
	/* the entry that is being read */
	bool open, fits, has_user, has_password;
	struct crypto_secret user, password;
};

static enum err fault(struct netrc *netrc, const char *what)
{
	unsigned line, column;
	cur_place(&netrc->cur, &line, &column);
	return diag_at(netrc->diag, ERR_SYNTAX, line, column, "netrc: %s", what);
}

static bool add(struct netrc *netrc, int c)
{
	if (netrc->n >= WORD_OCTETS - 1)
		return false;
	netrc->word[netrc->n++] = (char)c;
	return true;
}

static void skip_space_and_comments(struct cur *cur)
{
	for (;;) {
		while (ascii_is_space(cur_peek(cur)))
			cur_skip(cur);
		if (cur_peek(cur) != '#')
			return;
		(void)cur_until(cur, '\n');
	}
}

/* The next word into netrc->word; n == 0 and *any false at the end. */
static enum err next_word(struct netrc *netrc, bool is_value, bool *any)
{
	struct cur *cur = &netrc->cur;
	netrc->n = 0;
	*any = false;
	if (is_value) /* a password may begin with '#' */
		cur_skip_fws(cur);
	else
		skip_space_and_comments(cur);
	if (cur_end(cur))
		return ERR_OK;
	*any = true;
	bool quoted = cur_try(cur, '"');
	for (int c = cur_peek(cur); c >= 0; c = cur_peek(cur)) {
		if (quoted ? c == '"' : ascii_is_space(c))
			break;
		cur_skip(cur);
		if (quoted && c == '\\') {
			c = cur_peek(cur);
			cur_skip(cur);
		}
		if (c <= 0 || !add(netrc, c))
			return fault(netrc, "a word is too long, or holds a NUL");
	}
	if (quoted && !cur_try(cur, '"'))
		return fault(netrc, "a quote is not closed");
	netrc->word[netrc->n] = '\0';
	return ERR_OK;
}

static bool word_is(const struct netrc *netrc, const char *what)
{
	return view_is(view_of(netrc->word, netrc->n), what);
}

static enum err take_value(struct netrc *netrc, const char *key)
{
	bool any;
	enum err err = next_word(netrc, true, &any);
	if (err != ERR_OK)
		return err;
	if (!any)
		return fault(netrc, key);
	return ERR_OK;
}

static void open_entry(struct netrc *netrc, bool fits)
{
	netrc->open = true;
	netrc->fits = fits;
	netrc->has_user = netrc->has_password = false;
}

static void skip_macro(struct cur *cur)
{
	struct view rest = cur_rest(cur), line;
	size_t used = 0;
	bool first = true;
	while (view_next_line(&rest, &line)) {
		used = (size_t)(line.p - cur_rest(cur).p) + line.n;
		if (!first && view_empty(line))
			break;
		first = false;
	}
	cur->at += used;
}

/* Is the entry that ends here the one that is wanted? */
static bool wanted(const struct netrc *netrc)
{
	if (!netrc->open || !netrc->fits || !netrc->has_password)
		return false;
	return netrc->want_user == NULL ||
	       (netrc->has_user && view_is(crypto_secret_view(&netrc->user), netrc->want_user));
}

static enum err take_pair(struct netrc *netrc)
{
	struct view value;
	if (word_is(netrc, "login") || word_is(netrc, "account")) {
		bool login = word_is(netrc, "login");
		enum err err = take_value(netrc, "a value is missing behind login or account");
		value = view_of(netrc->word, netrc->n);
		if (err == ERR_OK && login) {
			crypto_secret_set(&netrc->user, value);
			netrc->has_user = true;
		}
		return err;
	}
	if (word_is(netrc, "password")) {
		enum err err = take_value(netrc, "a value is missing behind password");
		value = view_of(netrc->word, netrc->n);
		if (err == ERR_OK) {
			crypto_secret_set(&netrc->password, value);
			netrc->has_password = true;
		}
		return err;
	}
	return fault(netrc, "neither machine, default, login, password, account nor macdef");
}

/* Walk the words; *found when the entry is complete (its end is the next entry or the end of the text). */
static enum err walk(struct netrc *netrc, bool *found)
{
	bool any;
	for (;;) {
		enum err err = next_word(netrc, false, &any);
		if (err != ERR_OK)
			return err;
		bool machine = any && word_is(netrc, "machine");
		bool boundary = !any || machine || (any && (word_is(netrc, "default") || word_is(netrc, "macdef")));
		*found = boundary && wanted(netrc);
		if (*found || !any)
			return ERR_OK;
		if (machine) {
			err = take_value(netrc, "a name is missing behind machine");
			open_entry(netrc, view_is_case(view_of(netrc->word, netrc->n), netrc->host));
		} else if (word_is(netrc, "default")) {
			open_entry(netrc, true);
		} else if (word_is(netrc, "macdef")) {
			skip_macro(&netrc->cur);
			netrc->open = false;
		} else {
			err = take_pair(netrc);
		}
		if (err != ERR_OK)
			return err;
	}
}

enum err config_netrc(struct view text, const char *host, const char *user, struct arena *arena, const char **user_out,
		      struct crypto_secret *password, bool *found, struct diag *diag)
{
	struct netrc netrc = { .cur = cur_of(text), .diag = diag, .host = host, .want_user = user };
	enum err err = walk(&netrc, found);
	if (err == ERR_OK && *found) {
		crypto_secret_move(password, &netrc.password);
		if (user_out != NULL)
			*user_out = netrc.has_user ? arena_cstr(arena, crypto_secret_view(&netrc.user)) : NULL;
	}
	crypto_secret_done(&netrc.user);
	crypto_secret_done(&netrc.password);
	crypto_wipe(netrc.word, sizeof netrc.word);
	return err;
}
