/*
 * The adapter of libConfuse: the only file that includes its header. Values are taken as they are met, because only
 * then is their line known; the tree that libConfuse builds is walked for the sections alone.
 */
#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base_file.h"
#include "base_map.h"
#include "base_show.h"
#include "base_vec.h"
#include "config_keys.h"
#include "config_priv.h"

enum { SECTIONS_MAX = 2000, KEYS_MAX = 128 };

struct taken {
	struct config_value *at;
	size_t n, cap;
};

/* libConfuse hands its callbacks no context, and its scanner is not reentrant either: one parse at a time. */
static struct parse {
	struct arena *arena;
	struct map sections; /* cfg_t * -> struct taken */
	struct diag *diag;
	const char *name;
	bool is_private, may_include, complete;
	size_t values, includes, count;
	enum err err;
} * now;

static enum err refuse(cfg_t *cfg, enum err err, const char *text)
{
	/* The first fault is the one to tell; what follows is a consequence. */
	if (now->err == ERR_OK) {
		unsigned line = cfg != NULL && cfg->line > 0 ? (unsigned)cfg->line : 0;
		const char *name = cfg != NULL && cfg->filename != NULL ? cfg->filename : now->name;
		now->err = diag_set(now->diag, err, "%s:%u: %s", SHOW(view_str(name)), line, text);
	}
	return now->err;
}

/*
 * Set behind the text: libConfuse takes the end of the file for the end of any open section, and then this key is not
 * met in the global one.
 */
static const char last_key[] = "end-of-file";

PRINTF_LIKE(2, 0) static void on_error(cfg_t *cfg, const char *fmt, va_list args)
{
	/* A key of `aliases` is said to be unknown, and then taken (CFGF_KEYSTRVAL). */
	if (cfg != NULL && cfg_name(cfg) != NULL && strcmp(cfg_name(cfg), config_kind_name(CONFIG_ALIASES)) == 0 &&
	    strncmp(fmt, "no such option", strlen("no such option")) == 0)
		return;
	char text[256];
	int n = vsnprintf(text, sizeof text, fmt, args);
	struct view v = view_of(text, n < 0 ? 0 : strlen(text));
	if (view_find(v, view_str(last_key)) != SIZE_MAX)
		v = VIEW("a section is not closed (a } is missing)");
	(void)refuse(cfg, ERR_CONFIG, SHOW(v));
}

static struct taken *taken_of(cfg_t *cfg)
{
	void **slot = map_put(&now->sections, arena_view(now->arena, view_of(&cfg, sizeof cfg)));
	if (*slot == NULL)
		*slot = arena_new(now->arena, struct taken);
	return *slot;
}

static struct config_value *value_of(cfg_t *cfg, const char *key)
{
	struct taken *taken = taken_of(cfg);
	for (size_t i = 0; i < taken->n; i++)
		if (strcmp(taken->at[i].key, key) == 0)
			return &taken->at[i];
	struct config_value *value = VEC_PUSH(taken, now->arena);
	*value = (struct config_value){
		.key = arena_cstr(now->arena, view_str(key)),
		.file = arena_cstr(now->arena, view_str(cfg->filename != NULL ? cfg->filename : now->name)),
		.line = cfg->line > 0 ? (unsigned)cfg->line : 0,
	};
	return value;
}

static enum err check_value(cfg_t *cfg, const cfg_opt_t *opt, const char *value)
{
	if (++now->values > CONFIG_VALUES)
		return refuse(cfg, ERR_CONFIG, "more than CONFIG_VALUES values");
	if (strpbrk(value, "\r\n") != NULL) {
		char text[128];
		(void)snprintf(text, sizeof text, "%s: a line break in a value", opt->name);
		return refuse(cfg, ERR_CONFIG, text);
	}
	return ERR_OK;
}

static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	static const char ok[] = "";
	if (check_value(cfg, opt, value) != ERR_OK)
		return 1;
	struct config_value *taken = value_of(cfg, opt->name);
	if (taken->n > 0 && !(opt->flags & CFGF_LIST)) {
		char text[128];
		(void)snprintf(text, sizeof text, "%s is set twice (first in line %u)", opt->name, taken->line);
		(void)refuse(cfg, ERR_CONFIG, text);
		return 1;
	}
	*VEC_PUSH(taken, now->arena) = arena_cstr(now->arena, view_str(value));
	*(const char **)result = ok;
	return 0;
}

static bool file_is_private(const cfg_t *cfg)
{
	if (cfg->filename == NULL || strcmp(cfg->filename, now->name) == 0)
		return now->is_private;
	return file_check_private(cfg->filename, NULL) == ERR_OK;
}

static int on_secret(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	static const char ok[] = "";
	char text[256];
	if (check_value(cfg, opt, value) != ERR_OK)
		return 1;
	if (!file_is_private(cfg)) {
		(void)snprintf(text, sizeof text,
			       "%s stands in a file that others can read or write (chmod 600 it, or keep the secret "
			       "elsewhere: password-eval, password-file)",
			       opt->name);
		(void)refuse(cfg, ERR_CONFIG, text);
		return 1;
	}
	struct config_value *taken = value_of(cfg, opt->name);
	if (taken->secret != NULL) {
		(void)snprintf(text, sizeof text, "%s is set twice (first in line %u)", opt->name, taken->line);
		(void)refuse(cfg, ERR_CONFIG, text);
		return 1;
	}
	taken->secret = arena_new(now->arena, struct crypto_secret);
	crypto_secret_set(taken->secret, view_str(value));
	*(const char **)result = ok;
	return 0;
}

static int on_last(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	(void)cfg;
	(void)opt;
	now->complete = true;
	*(const char **)result = value;
	return 0;
}

/* include("FILE"): relative names are looked for beside the file that is being read. */
static int on_include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	if (!now->may_include || argc != 1 || ++now->includes > CONFIG_INCLUDES) {
		(void)refuse(cfg, ERR_CONFIG,
			     "include(\"FILE\") takes one file, and at most CONFIG_INCLUDES may be included");
		return 1;
	}
	const char *slash = strrchr(now->name, '/');
	const char *path = argv[0];
	if (path[0] != '/')
		path = arena_printf(now->arena, "%.*s/%s", slash != NULL ? (int)(slash - now->name) : 1,
				    slash != NULL ? now->name : ".", path);
	return cfg_include(cfg, opt, 1, (const char *[]){ path });
}

static int on_section(cfg_t *cfg, cfg_opt_t *opt)
{
	(void)opt;
	if (++now->count <= SECTIONS_MAX)
		return 0;
	(void)refuse(cfg, ERR_CONFIG, "more than SECTIONS_MAX sections");
	return 1;
}

/* The keys of one kind as libConfuse wants them; more[] is put behind, the last row ends it. */
static void make_opts(enum config_kind kind, cfg_opt_t *out)
{
	size_t n = 0;
	for (size_t i = 0; i < config_keys_n && n < KEYS_MAX - 8; i++) {
		const struct config_key *key = &config_keys[i];
		if (!(key->in & CONFIG_IN(kind)))
			continue;
		const cfg_opt_t plain = CFG_STR_CB(NULL, NULL, CFGF_NODEFAULT, on_value);
		const cfg_opt_t list = CFG_STR_LIST_CB(NULL, NULL, CFGF_NODEFAULT, on_value);
		const cfg_opt_t secret = CFG_STR_CB(NULL, NULL, CFGF_NODEFAULT, on_secret);
		out[n] = key->shape == CONFIG_SECRET ? secret : key->shape == CONFIG_LIST ? list : plain;
		out[n++].name = key->name;
	}
	const cfg_opt_t end = CFG_END();
	out[n] = end;
}

static void add_sections(cfg_opt_t *global, cfg_opt_t (*opts)[KEYS_MAX])
{
	size_t n = 0;
	while (global[n].name != NULL)
		n++;
	for (enum config_kind kind = CONFIG_ACCOUNT; kind < CONFIG_KINDS; kind++) {
		make_opts(kind, opts[kind]);
		const cfg_opt_t titled = CFG_SEC(NULL, opts[kind], CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
		const cfg_opt_t free_keys = CFG_SEC(NULL, opts[kind], CFGF_KEYSTRVAL);
		global[n] = config_kind_titled(kind) ? titled : free_keys;
		global[n++].name = config_kind_name(kind);
	}
	const cfg_opt_t include = CFG_FUNC("include", on_include);
	const cfg_opt_t last = CFG_STR_CB(NULL, NULL, CFGF_NODEFAULT, on_last);
	const cfg_opt_t end = CFG_END();
	global[n++] = include;
	global[n] = last;
	global[n++].name = last_key;
	global[n] = end;
}

static void collect(struct config *out, enum config_kind kind, cfg_t *cfg, const char *title)
{
	struct config_section *section = VEC_PUSH(out, now->arena);
	*section = (struct config_section){
		.kind = kind,
		.title = arena_cstr(now->arena, view_str(title != NULL ? title : "")),
		.file = now->name,
		.line = cfg->line > 0 ? (unsigned)cfg->line : 0,
	};
	const struct taken *taken = taken_of(cfg);
	section->at = taken->at;
	section->n = taken->n;
	section->cap = taken->cap;
}

/* The keys of `aliases` are anybody's, so libConfuse has no callback for them. */
static void collect_aliases(struct config *out, cfg_t *cfg)
{
	struct config_section *section = &out->at[out->n - 1];
	for (unsigned i = 0; i < cfg_num(cfg) && section->n < CONFIG_VALUES; i++) {
		cfg_opt_t *opt = cfg_getnopt(cfg, i);
		const char *value = opt != NULL ? cfg_opt_getstr(opt) : NULL;
		if (value == NULL)
			continue;
		struct config_value *taken = VEC_PUSH(section, now->arena);
		*taken = (struct config_value){ .key = arena_cstr(now->arena, view_str(cfg_opt_name(opt))),
						.file = now->name,
						.line = section->line };
		*VEC_PUSH(taken, now->arena) = arena_cstr(now->arena, view_str(value));
		if (strpbrk(value, "\r\n") != NULL)
			(void)refuse(cfg, ERR_CONFIG, "aliases: a line break in a value");
	}
}

static void collect_all(struct config *out, cfg_t *cfg)
{
	collect(out, CONFIG_GLOBAL, cfg, NULL);
	for (enum config_kind kind = CONFIG_ACCOUNT; kind < CONFIG_KINDS; kind++) {
		unsigned n = cfg_size(cfg, config_kind_name(kind));
		for (unsigned i = 0; i < n; i++) {
			cfg_t *section = cfg_getnsec(cfg, config_kind_name(kind), i);
			collect(out, kind, section, config_kind_titled(kind) ? cfg_title(section) : NULL);
			if (kind == CONFIG_ALIASES)
				collect_aliases(out, section);
		}
	}
}

static void wipe_taken(void)
{
	for (size_t i = 0; i < now->sections.n; i++) {
		const struct taken *taken = now->sections.entries[i].value;
		for (size_t j = 0; j < taken->n; j++)
			if (taken->at[j].secret != NULL)
				crypto_secret_done(taken->at[j].secret);
	}
}

/* The end of a quoted string that begins at i: the place of its closing quote, or n. */
static size_t quote_end(const char *text, size_t i, size_t n)
{
	char quote = text[i++];
	while (i < n && text[i] != quote)
		i += text[i] == '\\' ? 2 : 1;
	return i < n ? i : n;
}

static void blank(char *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (text[i] != '\n')
			text[i] = ' ';
}

/*
 * Comments into spaces: libConfuse counts the line of a comment twice. As there, "//" and "/ *" open one only where a
 * word could begin, so that a URL needs no quotes.
 */
static void blank_comments(char *text, size_t n)
{
	bool in_word = false;
	for (size_t i = 0; i < n; i++) {
		bool slash = !in_word && text[i] == '/' && i + 1 < n;
		size_t end = i;
		if (text[i] == '"' || text[i] == '\'') {
			i = quote_end(text, i, n);
			in_word = false;
			continue;
		}
		if (text[i] == '#' || (slash && text[i + 1] == '/'))
			for (end = i; end < n && text[end] != '\n';)
				end++;
		else if (slash && text[i + 1] == '*')
			for (end = i + 2; end < n && !(text[end - 1] == '/' && text[end - 2] == '*' && end > i + 3);)
				end++;
		blank(text, i, end);
		in_word = end == i && strchr(" \t\r\n={}(),+;", text[i]) == NULL;
		i = end > i ? end - 1 : i;
	}
}

static void parse_text(struct view text, struct config *out)
{
	static cfg_opt_t opts[CONFIG_KINDS][KEYS_MAX];
	make_opts(CONFIG_GLOBAL, opts[CONFIG_GLOBAL]);
	add_sections(opts[CONFIG_GLOBAL], opts);
	cfg_t *cfg = cfg_init(opts[CONFIG_GLOBAL], CFGF_NONE);
	if (cfg == NULL)
		base_out_of_memory();
	(void)cfg_set_error_function(cfg, on_error);
	for (enum config_kind kind = CONFIG_ACCOUNT; kind < CONFIG_KINDS; kind++)
		if (config_kind_titled(kind))
			(void)cfg_set_validate_func(cfg, config_kind_name(kind), on_section);
	cfg->filename = strdup(now->name);
	CRYPTO_SECRET_AUTO struct crypto_secret copy = { 0 };
	crypto_secret_set(&copy, text);
	blank_comments(copy.p, copy.n);
	crypto_secret_add(&copy, VIEW("\nend-of-file = yes\n"));
	FILE *file = cfg->filename == NULL || copy.n == 0 ? NULL : fmemopen(copy.p, copy.n, "r");
	if (copy.n > 0 && file == NULL)
		base_out_of_memory();
	if (file != NULL) {
		if (cfg_parse_fp(cfg, file) != CFG_SUCCESS)
			(void)refuse(cfg, ERR_CONFIG, "not understood");
		if (!now->complete)
			(void)refuse(cfg, ERR_CONFIG, "a section is not closed (a } is missing)");
		(void)fclose(file);
	}
	if (now->err == ERR_OK)
		collect_all(out, cfg);
	(void)cfg_free(cfg);
}

enum err config_parse_from(struct view text, const char *name, bool is_private, bool may_include, struct arena *arena,
			   struct config *out, struct diag *diag)
{
	if (text.n > CONFIG_OCTETS)
		return diag_set(diag, ERR_CONFIG, "%s: longer than CONFIG_OCTETS", SHOW(view_str(name)));
	if (view_has_byte(text, '\0'))
		return diag_set(diag, ERR_CONFIG, "%s: a NUL octet in the file", SHOW(view_str(name)));
	if (config_is_msmtprc(text))
		return diag_set(
			diag, ERR_CONFIG,
			"%s: this is a msmtprc; convert it once: posthorn send --import-msmtprc %s > posthorn.conf",
			SHOW(view_str(name)), SHOW(view_str(name)));
	struct config config = { .path = name };
	struct parse parse = { .arena = arena,
			       .diag = diag,
			       .name = arena_cstr(arena, view_str(name)),
			       .is_private = is_private,
			       .may_include = may_include };
	map_init(&parse.sections, arena, 0, false);
	now = &parse;
	parse_text(text, &config);
	if (parse.err != ERR_OK)
		wipe_taken();
	now = NULL;
	if (parse.err == ERR_OK)
		*out = config;
	return parse.err;
}
