#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_ascii.h"
#include "base_file.h"
#include "base_num.h"
#include "base_show.h"
#include "config_priv.h"

enum err config_parse(struct view text, const char *name, bool is_private, struct arena *arena, struct config *out,
		      struct diag *diag)
{
	return config_parse_from(text, name, is_private, false, arena, out, diag);
}

void config_done(struct config *config)
{
	for (size_t i = 0; i < config->n; i++)
		for (size_t j = 0; j < config->at[i].n; j++)
			if (config->at[i].at[j].secret != NULL)
				crypto_secret_done(config->at[i].at[j].secret);
	*config = (struct config){ 0 };
}

static const char *home(void)
{
	const char *dir = getenv("HOME");
	return dir != NULL && dir[0] == '/' ? dir : NULL;
}

const char *config_default_path(struct arena *arena)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	const char *own = NULL;
	if (xdg != NULL && xdg[0] == '/')
		own = arena_printf(arena, "%s/posthorn/posthorn.conf", xdg);
	else if (home() != NULL)
		own = arena_printf(arena, "%s/.config/posthorn/posthorn.conf", home());
	if (own != NULL && access(own, F_OK) == 0)
		return own;
	static const char system_wide[] = "/etc/posthorn/posthorn.conf";
	return access(system_wide, F_OK) == 0 ? system_wide : NULL;
}

static enum err read_file(const char *path, struct arena *arena, struct config *out, struct diag *diag)
{
	FD_AUTO int fd = -1;
	CRYPTO_SECRET_AUTO struct crypto_secret text = { 0 };
	struct stat st;
	enum err err = file_open(path, &fd, diag);
	if (err != ERR_OK)
		return err;
	if (fstat(fd, &st) != 0)
		return diag_set(diag, ERR_IO, "%s: cannot be looked at", SHOW(view_str(path)));
	err = crypto_secret_read_fd(&text, fd, path, CONFIG_OCTETS, diag);
	if (err != ERR_OK)
		return err;
	bool is_private = (st.st_mode & 077) == 0;
	return config_parse_from(crypto_secret_view(&text), path, is_private, true, arena, out, diag);
}

enum err config_read(const char *path, struct arena *arena, struct config *out, struct diag *diag)
{
	const char *named = path != NULL ? path : getenv("POSTHORN_CONFIG");
	if (named == NULL || named[0] == '\0')
		named = config_default_path(arena);
	if (named == NULL) {
		enum err err = config_parse(view_none(), "(no configuration)", true, arena, out, diag);
		if (err == ERR_OK)
			out->path = NULL;
		return err;
	}
	return read_file(named, arena, out, diag);
}

const struct config_section *config_find(const struct config *config, enum config_kind kind, const char *title)
{
	for (size_t i = 0; i < config->n; i++)
		if (config->at[i].kind == kind && (title == NULL || strcmp(config->at[i].title, title) == 0))
			return &config->at[i];
	return NULL;
}

const struct config_section *config_global(const struct config *config)
{
	return config_find(config, CONFIG_GLOBAL, NULL);
}

const struct config_value *config_value(const struct config_section *section, const char *key)
{
	for (size_t i = 0; section != NULL && i < section->n; i++)
		if (strcmp(section->at[i].key, key) == 0)
			return &section->at[i];
	return NULL;
}

const char *config_text(const struct config_section *section, const char *key)
{
	const struct config_value *value = config_value(section, key);
	return value != NULL && value->n > 0 ? value->at[0] : NULL;
}

enum err config_bad(struct diag *diag, const struct config_value *value, const char *fmt, ...)
{
	char text[DIAG_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return diag_set(diag, ERR_CONFIG, "%s:%u: %s: %s", SHOW(view_str(value->file)), value->line, value->key, text);
}

enum err config_uint(const struct config_section *section, const char *key, uint64_t min, uint64_t max, uint64_t *out,
		     struct diag *diag)
{
	const struct config_value *value = config_value(section, key);
	uint64_t n;
	if (value == NULL || value->n == 0)
		return ERR_OK;
	if (!num_parse_uint(view_str(value->at[0]), max, &n) || n < min)
		return config_bad(diag, value, "\"%s\": write a number from %llu to %llu", SHOW(view_str(value->at[0])),
				  (unsigned long long)min, (unsigned long long)max);
	*out = n;
	return ERR_OK;
}

enum err config_bool(const struct config_section *section, const char *key, bool *out, struct diag *diag)
{
	const struct config_value *value = config_value(section, key);
	if (value == NULL || value->n == 0)
		return ERR_OK;
	struct view v = view_str(value->at[0]);
	bool yes = view_is_case(v, "yes") || view_is_case(v, "true") || view_is_case(v, "on");
	if (!yes && !view_is_case(v, "no") && !view_is_case(v, "false") && !view_is_case(v, "off"))
		return config_bad(diag, value, "\"%s\": write yes or no", SHOW(v));
	*out = yes;
	return ERR_OK;
}

enum err config_duration_ms(const struct config_section *section, const char *key, uint64_t *out, struct diag *diag)
{
	const struct config_value *value = config_value(section, key);
	if (value == NULL || value->n == 0)
		return ERR_OK;
	struct view v = view_str(value->at[0]);
	uint64_t ms;
	if (!num_parse_duration_ms(v, INT64_MAX / 1000, &ms))
		return config_bad(diag, value, "\"%s\": write a length of time, for example 90s, 5m or 4d", SHOW(v));
	*out = ms;
	return ERR_OK;
}

/* Greedy with one place to come back to: a star takes more whenever what follows it does not fit. */
bool config_match(const char *pattern, struct view text)
{
	struct view p = view_str(pattern);
	size_t i = 0, t = 0, star = SIZE_MAX, mark = 0;
	while (t < text.n) {
		if (view_at(p, i) == '*') {
			star = i++;
			mark = t;
		} else if (i < p.n && ascii_lower(view_at(p, i)) == ascii_lower(view_at(text, t))) {
			i++;
			t++;
		} else if (star != SIZE_MAX) {
			i = star + 1;
			t = ++mark;
		} else {
			return false;
		}
	}
	while (view_at(p, i) == '*')
		i++;
	return i == p.n;
}
