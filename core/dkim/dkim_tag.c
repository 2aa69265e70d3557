#include "dkim_tag.h"

#include "base_cur.h"
#include "base_show.h"

static bool is_name_char(int c) { return ascii_is_alnum(c) || c == '_'; }

/* VALCHAR and white space; octets of UTF-8 by RFC 8616. */
static bool is_value_char(int c) { return c != ';' && (ascii_is_vchar(c) || ascii_is_space(c) || ascii_is_8bit(c)); }

static enum err fault(const struct cur *cur, struct diag *diag, const char *what)
{
	unsigned line, column;
	cur_place(cur, &line, &column);
	return diag_at(diag, ERR_SYNTAX, line, column, "%s at octet %zu", what, cur->at + 1);
}

static enum err take_tag(struct cur *cur, struct dkim_tag *tag, struct diag *diag)
{
	size_t from = cur->at;
	if (!ascii_is_alpha(cur_peek(cur)))
		return fault(cur, diag, "a tag must start with a letter");
	(void)cur_while(cur, is_name_char);
	tag->name = cur_since(cur, from);
	cur_skip_fws(cur);
	if (!cur_try(cur, '='))
		return fault(cur, diag, "\"=\" is missing");
	from = cur->at;
	(void)cur_while(cur, is_value_char);
	tag->span = cur_since(cur, from);
	tag->value = view_trim(tag->span);
	if (!cur_end(cur) && cur_peek(cur) != ';')
		return fault(cur, diag, "control character in a value");
	return ERR_OK;
}

enum err dkim_tags_parse(struct view in, struct dkim_tags *out, struct diag *diag)
{
	if (in.n > DKIM_TAG_LIST_MAX)
		return diag_set(diag, ERR_LIMIT, "more than %d octets (limit DKIM_TAG_LIST_MAX)", DKIM_TAG_LIST_MAX);
	out->n = 0;
	struct cur cur = cur_of(in);
	for (cur_skip_fws(&cur); !cur_end(&cur); cur_skip_fws(&cur)) {
		struct dkim_tag tag;
		enum err err = take_tag(&cur, &tag, diag);
		if (err != ERR_OK)
			return err;
		for (size_t i = 0; i < out->n; i++)
			if (view_eq(out->at[i].name, tag.name))
				return diag_set(diag, ERR_DATA, "%s= comes twice", SHOW(tag.name));
		if (out->n == DKIM_TAGS_MAX)
			return diag_set(diag, ERR_LIMIT, "more than %d tags (limit DKIM_TAGS_MAX)", DKIM_TAGS_MAX);
		out->at[out->n++] = tag;
		cur_skip(&cur); /* ";" */
	}
	return out->n > 0 ? ERR_OK : diag_set(diag, ERR_SYNTAX, "no tag in it");
}

const struct dkim_tag *dkim_tags_find(const struct dkim_tags *tags, const char *name)
{
	for (size_t i = 0; i < tags->n; i++)
		if (view_is(tags->at[i].name, name))
			return &tags->at[i];
	return NULL;
}

struct view dkim_tags_value(const struct dkim_tags *tags, const char *name)
{
	const struct dkim_tag *tag = dkim_tags_find(tags, name);
	return tag != NULL ? tag->value : view_none();
}

bool dkim_list_next(struct view *rest, int sep, struct view *piece)
{
	if (rest->p == NULL)
		return false;
	*piece = view_trim(view_cut(rest, sep));
	return true;
}

bool dkim_list_has(struct view list, int sep, const char *what)
{
	struct view piece;
	while (dkim_list_next(&list, sep, &piece))
		if (view_is_case(piece, what))
			return true;
	return false;
}
