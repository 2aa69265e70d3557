#include "config_path.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_ascii.h"
#include "base_buf.h"
#include "base_show.h"

enum { CONFIG_PATH_MAX = 4096 };

static const char *state_dir_name(struct arena *arena)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (state != NULL && state[0] == '/')
		return arena_printf(arena, "%s/posthorn", state);
	if (geteuid() == 0)
		return "/var/lib/posthorn";
	if (home != NULL && home[0] == '/')
		return arena_printf(arena, "%s/.local/state/posthorn", home);
	return NULL;
}

static enum err make_dir(const char *path, struct diag *diag)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return ERR_OK;
	(void)diag_errno(diag, path, errno);
	return ERR_CREATE;
}

/* Every directory on the way that is missing. */
static enum err make_dirs(char *path, struct diag *diag)
{
	struct stat st;
	enum err err = ERR_OK;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return ERR_OK;
	for (char *at = path + 1; *at != '\0' && err == ERR_OK; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		err = make_dir(path, diag);
		*at = '/';
	}
	return err == ERR_OK ? make_dir(path, diag) : err;
}

enum err config_state_dir(struct arena *arena, const char **out, struct diag *diag)
{
	const char *name = state_dir_name(arena);
	if (name == NULL)
		return diag_set(diag, ERR_CONFIG,
				"no place to keep state: neither $XDG_STATE_HOME nor $HOME is an absolute path");
	char *path = arena_cstr(arena, view_str(name));
	enum err err = make_dirs(path, diag);
	if (err == ERR_OK)
		*out = path;
	return err;
}

enum err config_state_path(struct arena *arena, const char *prefix, const char *name, const char *suffix,
			   const char **out, struct diag *diag)
{
	BUF_AUTO struct buf path;
	const char *dir;
	enum err err = config_state_dir(arena, &dir, diag);
	if (err != ERR_OK)
		return err;
	buf_init(&path, CONFIG_PATH_MAX - 1);
	buf_printf(&path, "%s/%s", dir, prefix);
	for (const char *at = name; *at != '\0'; at++) {
		int c = (unsigned char)*at;
		buf_printf(&path, ascii_is_alnum(c) || c == '-' || c == '_' ? "%c" : "%%%02X", c);
	}
	buf_str(&path, suffix);
	if (buf_err(&path) != ERR_OK)
		return diag_set(diag, ERR_LIMIT, "%s: too long a name for a file", SHOW(view_str(name)));
	*out = arena_cstr(arena, buf_view(&path));
	return ERR_OK;
}
