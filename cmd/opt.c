#include "opt.h"

#include <string.h>

#include "base_show.h"
#include "base_vec.h"

struct parse {
	const struct opt *const *tables;
	int argc;
	char **argv;
	int at;
	void *opts;
	struct opt_args *args;
	struct diag *diag;
};

enum { SHOWN_MAX = 80, NAMES_MAX = 512 };

bool opt_takes_value(const struct opt *opt)
{
	if (opt->flags & OPT_IGNORED)
		return opt->arg != NULL;
	return opt->kind != OPT_FLAG && opt->kind != OPT_COUNT && opt->kind != OPT_SWITCH && opt->kind != OPT_HEADING;
}

const struct opt *opt_find(const struct opt *table, const char *name, size_t n)
{
	for (const struct opt *opt = table; opt->kind != OPT_END; opt++)
		if (opt->kind != OPT_HEADING && opt->name != NULL && strlen(opt->name) == n &&
		    memcmp(opt->name, name, n) == 0)
			return opt;
	return NULL;
}

static const struct opt *find_long(const struct parse *p, const char *name, size_t n)
{
	for (const struct opt *const *table = p->tables; *table != NULL; table++) {
		const struct opt *opt = opt_find(*table, name, n);
		if (opt != NULL)
			return opt;
	}
	return NULL;
}

static const struct opt *find_letter(const struct parse *p, char letter)
{
	for (const struct opt *const *table = p->tables; *table != NULL; table++)
		for (const struct opt *opt = *table; opt->kind != OPT_END; opt++)
			if (opt->kind != OPT_HEADING && opt->letter == letter)
				return opt;
	return NULL;
}

/* Unknown --name: say so, with the name that was probably meant. */
static enum err unknown_long(const struct parse *p, const char *name, size_t n)
{
	const char *names[NAMES_MAX];
	size_t count = 0;
	for (const struct opt *const *table = p->tables; *table != NULL; table++)
		for (const struct opt *opt = *table; opt->kind != OPT_END && count < NAMES_MAX; opt++)
			if (opt->kind != OPT_HEADING && opt->name != NULL && !(opt->flags & OPT_HIDDEN))
				names[count++] = opt->name;
	struct view shown = view_of(name, n);
	char word[SHOWN_MAX];
	size_t word_n = n < sizeof word ? n : sizeof word - 1;
	memcpy(word, name, word_n);
	word[word_n] = '\0';
	const char *near = opt_nearest(word, names, count);
	if (near != NULL)
		return diag_set(p->diag, ERR_USAGE, "unknown option --%s (did you mean --%s?)", SHOW(shown), near);
	return diag_set(p->diag, ERR_USAGE, "unknown option --%s (--help shows all)", SHOW(shown));
}

static void remember(struct parse *p, const struct opt *opt, const char *value)
{
	*VEC_PUSH(&p->args->seen, p->args->arena) = (struct opt_seen){ opt, value };
}

static enum err accept(struct parse *p, const struct opt *opt, const char *shown, const char *value)
{
	if (!(opt->flags & OPT_IGNORED)) {
		enum err err = opt_store(opt, shown, value, p->opts, p->args->arena, p->diag);
		if (err != ERR_OK)
			return err;
	}
	remember(p, opt, value);
	/* Help ends it: what follows is not judged any more. */
	if (opt->kind == OPT_FLAG && opt->name != NULL && strcmp(opt->name, "help") == 0)
		p->args->help_asked = true;
	if (opt->kind == OPT_FLAG && opt->letter == 'h' && opt->name == NULL)
		p->args->help_asked = true;
	return ERR_OK;
}

/* --name, --name=value, --name value, --no-name of a switch */
static enum err take_long(struct parse *p, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t n = equals != NULL ? (size_t)(equals - word) : strlen(word);
	const char *value = equals != NULL ? equals + 1 : NULL;
	const struct opt *opt = find_long(p, word, n);
	bool negated = false;
	if (opt == NULL && n > 3 && memcmp(word, "no-", 3) == 0) {
		opt = find_long(p, word + 3, n - 3);
		negated = opt != NULL && opt->kind == OPT_SWITCH;
		if (!negated)
			opt = NULL;
	}
	if (opt == NULL)
		return unknown_long(p, word, n);

	const char *shown = arena_printf(p->args->arena, "--%.*s", (int)n, word);
	bool at_file = opt->kind == OPT_ALIAS && (opt->flags & OPT_AT_FILE);
	if (opt->kind == OPT_ALIAS)
		opt = find_long(p, opt->arg, strlen(opt->arg));
	if (opt == NULL)
		return diag_set(p->diag, ERR_BUG, "%s: alias of nothing", shown);
	if (!opt_takes_value(opt)) {
		if (value != NULL)
			return diag_set(p->diag, ERR_USAGE, "%s takes no value", shown);
		return accept(p, opt, shown, negated ? "no" : NULL);
	}
	if (value == NULL && !(opt->flags & OPT_OPTIONAL)) {
		if (p->at + 1 >= p->argc)
			return diag_set(p->diag, ERR_USAGE, "%s wants a value: %s %s", shown, shown, opt->arg);
		value = p->argv[++p->at];
	}
	if (at_file) {
		if (value == NULL || value[0] != '@')
			return opt_bad(p->diag, shown, value, "not the name of a file", "@FILE");
		value++;
	}
	return accept(p, opt, shown, value);
}

/* -q, -qv, -sVALUE, -s VALUE */
static enum err take_letters(struct parse *p, const char *word)
{
	for (const char *c = word; *c != '\0' && !p->args->help_asked; c++) {
		const struct opt *opt = find_letter(p, *c);
		if (opt == NULL) {
			struct view v = view_of(c, 1);
			return diag_set(p->diag, ERR_USAGE,
					"unknown option -%s%s%s (-h shows the most used, --help all)", SHOW(v),
					word[1] != '\0' ? " in -" : "", word[1] != '\0' ? SHOW(view_str(word)) : "");
		}
		char shown[] = { '-', *c, '\0' };
		if (!opt_takes_value(opt)) {
			enum err err = accept(p, opt, shown, NULL);
			if (err != ERR_OK)
				return err;
			continue;
		}
		const char *value = c[1] != '\0' ? c + 1 : NULL;
		if (value == NULL && !(opt->flags & OPT_OPTIONAL)) {
			if (p->at + 1 >= p->argc)
				return diag_set(p->diag, ERR_USAGE, "%s wants a value: %s %s", shown, shown, opt->arg);
			value = p->argv[++p->at];
		}
		return accept(p, opt, shown, value);
	}
	return ERR_OK;
}

enum err opt_parse(const struct opt *const *tables, int argc, char **argv, void *opts, struct opt_args *args,
		   struct diag *diag)
{
	struct parse p = { tables, argc, argv, 1, opts, args, diag };
	for (; p.at < argc && !args->help_asked; p.at++) {
		const char *word = argv[p.at];
		enum err err = ERR_OK;
		if (strcmp(word, "--") == 0) {
			while (++p.at < argc)
				*VEC_PUSH(&args->operands, args->arena) = argv[p.at];
		} else if (word[0] == '-' && word[1] == '-') {
			err = take_long(&p, word + 2);
		} else if (word[0] == '-' && word[1] != '\0') {
			err = take_letters(&p, word + 1);
		} else {
			*VEC_PUSH(&args->operands, args->arena) = word;
		}
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

bool opt_given(const struct opt_args *args, const char *name)
{
	for (size_t i = 0; i < args->seen.n; i++) {
		const char *seen = args->seen.at[i].opt->name;
		if (seen != NULL && strcmp(seen, name) == 0)
			return true;
	}
	return false;
}

/* Optimal string alignment: insertions, deletions, substitutions, neighbours swapped. */
static unsigned distance(const char *a, const char *b)
{
	enum { N = 40 };
	size_t an = strlen(a), bn = strlen(b);
	if (an >= N || bn >= N)
		return N;
	unsigned d[N][N];
	for (unsigned i = 0; i <= an; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= bn; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= an; i++) {
		for (size_t j = 1; j <= bn; j++) {
			unsigned best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[an][bn];
}

const char *opt_nearest(const char *word, const char *const *names, size_t n)
{
	size_t len = strlen(word);
	unsigned limit = len < 4 ? 1 : len < 8 ? 2 : 3;
	const char *best = NULL;
	unsigned best_distance = limit + 1;
	for (size_t i = 0; i < n; i++) {
		unsigned d = distance(word, names[i]);
		/* What was cut short ("--attac", "--sub") is near too, but a misspelling is nearer. */
		if (d > limit && len >= 2 && strncmp(word, names[i], len) == 0)
			d = limit;
		if (d < best_distance) {
			best_distance = d;
			best = names[i];
		}
	}
	return best;
}
