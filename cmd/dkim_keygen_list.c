/*
 * dkim-keygen --list DIR: the keys that are there and how old they are.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base_show.h"
#include "base_time.h"
#include "base_vec.h"
#include "dkim_keygen_priv.h"

enum { OLD_DAYS = 180, FILES_MAX = 100000 };

struct entry {
	const char *file, *path;
	struct view domain, selector;
	int64_t made_s, age_days;
	const char *type; /* NULL: no key */
	unsigned bits;
	const char *warning; /* NULL: none */
};

struct entries {
	struct entry *at;
	size_t n, cap;
};

/* DOMAIN.SELECTOR.pem: the selector is what follows the last dot but one. */
static void split_name(struct entry *entry)
{
	struct view base = view_str(entry->file);
	base.n -= sizeof ".pem" - 1;
	size_t dot = SIZE_MAX;
	for (size_t i = 0; i < base.n; i++)
		dot = view_at(base, i) == '.' ? i : dot;
	entry->domain = dot == SIZE_MAX ? base : view_to(base, dot);
	entry->selector = dot == SIZE_MAX ? view_none() : view_from(base, dot + 1);
}

static void look(struct cmd *cmd, struct entry *entry)
{
	struct stat st;
	struct diag diag = { 0 };
	CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
	split_name(entry);
	if (stat(entry->path, &st) != 0) {
		entry->warning = "cannot be read";
		return;
	}
	entry->made_s = st.st_mtime;
	entry->age_days = (env_wall_s(cmd->env) - entry->made_s) / 86400;
	if (keygen_load(cmd, entry->path, &key, &diag) != ERR_OK) {
		entry->warning = arena_cstr(cmd->arena, view_str(diag.text));
		return;
	}
	entry->type = crypto_key_type_name(crypto_key_type(key));
	entry->bits = crypto_key_bits(key);
	if ((st.st_mode & 077) != 0)
		entry->warning = arena_printf(cmd->arena, "others can read it (mode %03o); chmod 600",
					      (unsigned)(st.st_mode & 0777));
	else if (entry->age_days > OLD_DAYS)
		entry->warning = arena_printf(cmd->arena,
					      "older than %d days: make a new one, publish it, switch, then "
					      "revoke this one",
					      OLD_DAYS);
}

static int by_file(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->file, ((const struct entry *)b)->file);
}

static enum err collect(struct cmd *cmd, const char *path, struct entries *out, struct diag *diag)
{
	DIR *dir = opendir(path);
	if (dir == NULL)
		return diag_errno(diag, path, errno);
	for (const struct dirent *item; (item = readdir(dir)) != NULL && out->n < FILES_MAX;) {
		if (!view_ends(view_str(item->d_name), VIEW(".pem")))
			continue;
		*VEC_PUSH(out, cmd->arena) = (struct entry){
			.file = arena_cstr(cmd->arena, view_str(item->d_name)),
			.path = arena_printf(cmd->arena, "%s/%s", path, item->d_name),
		};
	}
	(void)closedir(dir);
	if (out->n > 0)
		qsort(out->at, out->n, sizeof *out->at, by_file);
	return ERR_OK;
}

static void print_json(struct cmd *cmd, const struct entry *entry)
{
	struct json *json = cmd_json_begin(cmd);
	json_key_str(json, "file", entry->path);
	json_key_view(json, "domain", entry->domain);
	json_key_view(json, "selector", entry->selector);
	json_key_str(json, "type", entry->type);
	if (entry->type != NULL)
		json_key_uint(json, "bits", entry->bits);
	json_key_time(json, "created", entry->made_s);
	json_key_int(json, "age_days", entry->age_days);
	json_key_str(json, "warning", entry->warning);
	cmd_json_end(cmd);
}

static void print_text(struct cmd *cmd, const struct entry *entry)
{
	char made[BASE_TIME_MAX];
	base_time_rfc3339(entry->made_s, made);
	cmd_out_printf(cmd, "%s%-4s%s  %.10s  %5lld days  %-7s %4u  %s\n",
		       cmd_style(cmd, entry->warning == NULL ? CMD_GREEN : CMD_YELLOW),
		       entry->warning == NULL ? "ok" : "warn", cmd_style(cmd, CMD_RESET), made,
		       (long long)entry->age_days, entry->type == NULL ? "-" : entry->type, entry->bits,
		       SHOW(view_str(entry->file)));
	if (entry->warning != NULL)
		cmd_out_printf(cmd, "      %s\n", entry->warning);
}

enum err keygen_list(struct cmd *cmd, const char *dir, struct diag *diag)
{
	struct entries entries = { 0 };
	enum err err = collect(cmd, dir, &entries, diag);
	if (err != ERR_OK)
		return err;
	if (entries.n == 0)
		cmd_info(cmd, "%s: no key files (*.pem) there", SHOW(view_str(dir)));
	for (size_t i = 0; i < entries.n; i++) {
		look(cmd, &entries.at[i]);
		if (cmd->common->json)
			print_json(cmd, &entries.at[i]);
		else
			print_text(cmd, &entries.at[i]);
	}
	return ERR_OK;
}
