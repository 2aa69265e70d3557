#include "base_utf8.h"
#include "base_vec.h"
#include "msg_addr_priv.h"

/*
 * What a run of words is shows only behind it: "@" makes it a local part, "<" a display name, ":" a group's name. So
 * the run is scanned first, then read again as what it is.
 */
static bool is_phrase_text(int c) { return addr_is_atom(c) || c == '.'; }

static bool is_delimiter(int c) { return c < 0 || c == '@' || c == '<' || c == ':' || c == ',' || c == ';'; }

struct run {
	size_t start, end;
	size_t words;
	size_t comments_end; /* behind CFWS */
	int next;            /* the character that ended it */
};

static enum err scan_run(struct addr_parser *p, struct run *run)
{
	*run = (struct run){ .start = p->cur.at, .end = p->cur.at };
	for (;;) {
		int c = cur_peek(&p->cur);
		enum err err = ERR_OK;
		if (cur_try(&p->cur, '"'))
			err = addr_take_quoted(p, NULL);
		else if (is_phrase_text(c))
			(void)cur_while(&p->cur, is_phrase_text);
		else if ((p->flags & MSG_ADDR_LOOSE) != 0 && !is_delimiter(c))
			cur_skip(&p->cur);
		else
			break;
		run->end = p->cur.at;
		run->words++;
		if (err == ERR_OK)
			err = addr_skip_cfws(p);
		if (err != ERR_OK)
			return err;
	}
	run->next = cur_peek(&p->cur);
	run->comments_end = p->cur.at;
	return ERR_OK;
}

/* Words with one space between them where white space or a comment was. */
static enum err render_phrase(const struct addr_parser *from, const struct run *run, struct view *out)
{
	struct view written = view_slice(from->cur.in, run->start, run->end - run->start);
	struct addr_parser p = *from;
	p.cur = cur_of(view_to(from->cur.in, run->end));
	p.cur.at = run->start;
	BUF_AUTO struct buf text;
	buf_init(&text, written.n + 1);
	while (!cur_end(&p.cur)) {
		enum err err = ERR_OK;
		if (cur_try(&p.cur, '"'))
			err = addr_take_quoted(&p, &text);
		else if (is_phrase_text(cur_peek(&p.cur)))
			buf_put(&text, cur_while(&p.cur, is_phrase_text));
		else {
			buf_byte(&text, cur_peek(&p.cur));
			cur_skip(&p.cur);
		}
		size_t end = p.cur.at;
		if (err == ERR_OK)
			err = addr_skip_cfws(&p);
		if (err != ERR_OK)
			return err;
		if (p.cur.at != end && !cur_end(&p.cur))
			buf_byte(&text, ' ');
	}
	*out = view_eq(written, buf_view(&text)) ? written : arena_view(p.arena, buf_view(&text));
	return buf_err(&text);
}

static enum err take_angle(struct addr_parser *p, struct mailbox *out)
{
	size_t open = p->cur.at;
	cur_skip(&p->cur);
	enum err err = addr_skip_cfws(p);
	if (err == ERR_OK && (p->flags & MSG_ADDR_EMPTY) != 0 && cur_try(&p->cur, '>')) {
		out->kind = MAILBOX_NULL;
		return addr_skip_cfws(p);
	}
	if (err == ERR_OK)
		err = addr_take_route(p);
	struct cur start = p->cur;
	if (err == ERR_OK && (p->flags & MSG_ADDR_BARE) != 0) {
		err = addr_take_local(p, out);
		out->kind = MAILBOX_BARE;
	}
	if (err == ERR_OK && (out->kind != MAILBOX_BARE || cur_peek(&p->cur) != '>')) {
		p->cur = start;
		err = addr_take_spec(p, out);
	}
	if (err != ERR_OK)
		return err;
	if (!cur_try(&p->cur, '>'))
		return addr_fail(p, ERR_SYNTAX, open, "\"<\" without its \">\"");
	return addr_skip_cfws(p);
}

/* What stands between `start` and the cursor, on one line. */
static struct view raw_display(const struct addr_parser *p, size_t start)
{
	struct view text = view_trim(view_slice(p->cur.in, start, p->cur.at - start));
	if (!view_has_ctl(text))
		return text;
	char *line = arena_alloc(p->arena, text.n);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '\r' && text.p[i] != '\n')
			line[n++] = text.p[i] == '\t' ? ' ' : text.p[i];
	}
	return view_of(line, n);
}

/* addr-spec; in mail of others also `a@b <a@b>`, where the first is the display name. */
static enum err take_plain(struct addr_parser *p, const struct run *run, struct mailbox *out)
{
	p->cur.at = run->start;
	p->comment = view_none();
	enum err err = addr_take_spec(p, out);
	if (err != ERR_OK)
		return err;
	if (cur_peek(&p->cur) == '<' && (p->flags & MSG_ADDR_LOOSE) != 0) {
		*out = (struct mailbox){ .display = raw_display(p, run->start) };
		return take_angle(p, out);
	}
	return ERR_OK;
}

static enum err take_bare(struct addr_parser *p, const struct run *run, struct mailbox *out)
{
	if ((p->flags & MSG_ADDR_BARE) == 0)
		return addr_fail(p, ERR_SYNTAX, run->start,
				 run->next == ',' || run->next == ';'
					 ? "no \"@\" in it (a name with a comma in it needs quotes: \"Doe, J.\" <j@x>)"
					 : "no \"@\" in it");
	if (run->words != 1)
		return addr_fail(p, ERR_SYNTAX, run->start, "several words and no \"<address>\" behind them");
	out->kind = MAILBOX_BARE;
	p->cur.at = run->start;
	enum err err = addr_take_local(p, out);
	return err == ERR_OK ? addr_skip_cfws(p) : err;
}

static struct view clean_comment(const struct addr_parser *p)
{
	struct view comment = view_trim(p->comment);
	return view_has_ctl(comment) || view_has_byte(comment, '\\') ? view_none() : comment;
}

static enum err take_mailbox(struct addr_parser *p, const struct run *run, struct msg_addr_list *list)
{
	struct mailbox mailbox = { 0 };
	enum err err;
	if (run->next == '<') {
		struct view display = view_none();
		err = render_phrase(p, run, &display);
		mailbox.display = display;
		if (err == ERR_OK)
			err = take_angle(p, &mailbox);
	} else if (run->next == '@') {
		err = take_plain(p, run, &mailbox);
	} else {
		err = take_bare(p, run, &mailbox);
	}
	if (err != ERR_OK)
		return err;
	if (view_empty(mailbox.display))
		mailbox.display = clean_comment(p);
	if (list->n >= MSG_ADDR_LIST_MAX)
		return addr_fail(p, ERR_LIMIT, run->start, "too many addresses in one list (MSG_ADDR_LIST_MAX)");
	*VEC_PUSH(list, p->arena) = mailbox;
	return ERR_OK;
}

static enum err open_group(struct addr_parser *p, const struct run *run, struct msg_addr_list *list)
{
	struct msg_addr_group group = { .first = list->n };
	if (list->groups.n >= MSG_ADDR_LIST_GROUPS_MAX)
		return addr_fail(p, ERR_LIMIT, run->start, "too many groups (MSG_ADDR_LIST_GROUPS_MAX)");
	if (run->words == 0)
		return addr_fail(p, ERR_SYNTAX, run->start, "a group without a name");
	enum err err = render_phrase(p, run, &group.name);
	if (err != ERR_OK)
		return err;
	cur_skip(&p->cur);
	*VEC_PUSH(&list->groups, p->arena) = group;
	return ERR_OK;
}

/* What may follow a mailbox: a comma, the end, or the end of its group. */
static enum err take_separator(struct addr_parser *p, bool *in_group, struct msg_addr_list *list)
{
	if (cur_end(&p->cur) || cur_try(&p->cur, ','))
		return ERR_OK;
	if (cur_peek(&p->cur) == ';' && *in_group) {
		struct msg_addr_group *group = &list->groups.at[list->groups.n - 1];
		group->n = list->n - group->first;
		*in_group = false;
		cur_skip(&p->cur);
		return ERR_OK;
	}
	return addr_fail(p, ERR_SYNTAX, p->cur.at,
			 cur_peek(&p->cur) == ';' ? "\";\" ends a group only (separate addresses with commas)"
						  : "this cannot stand behind an address (a comma is missing?)");
}

static enum err take_element(struct addr_parser *p, bool *in_group, struct msg_addr_list *list)
{
	struct run run;
	p->element = p->cur.at;
	p->comment = view_none();
	enum err err = scan_run(p, &run);
	if (err != ERR_OK)
		return err;
	if (run.next == ':' && !*in_group) {
		*in_group = true;
		return open_group(p, &run, list);
	}
	bool empty = run.words == 0 && (run.next < 0 || run.next == ',' || run.next == ';');
	if (!empty)
		err = take_mailbox(p, &run, list);
	return err == ERR_OK ? take_separator(p, in_group, list) : err;
}

enum err msg_addr_parse_list(struct view in, unsigned flags, struct arena *arena, struct msg_addr_list *out,
			     struct diag *diag)
{
	struct addr_parser p = { .cur = cur_of(in), .flags = flags, .arena = arena, .diag = diag, .lists = true };
	struct msg_addr_list list = { 0 };
	bool in_group = false;
	enum err err = addr_check_octets(&p);
	while (err == ERR_OK) {
		err = addr_skip_cfws(&p);
		if (err != ERR_OK || cur_end(&p.cur))
			break;
		err = take_element(&p, &in_group, &list);
	}
	if (err != ERR_OK)
		return err;
	if (in_group && (flags & MSG_ADDR_LOOSE) == 0)
		return addr_fail(&p, ERR_SYNTAX, in.n, "a group without its \";\"");
	if (in_group)
		list.groups.at[list.groups.n - 1].n = list.n - list.groups.at[list.groups.n - 1].first;
	*out = list;
	return ERR_OK;
}

enum err msg_addr_parse_one(struct view in, unsigned flags, struct arena *arena, struct mailbox *out, struct diag *diag)
{
	struct addr_parser p = { .cur = cur_of(in), .diag = diag };
	struct msg_addr_list list;
	enum err err = msg_addr_parse_list(in, flags, arena, &list, diag);
	if (err != ERR_OK)
		return err;
	if (list.n != 1 || list.groups.n != 0)
		return addr_fail(&p, ERR_SYNTAX, 0,
				 list.n > 1 ? "more than one address where one is wanted" : "no address in it");
	*out = list.at[0];
	return ERR_OK;
}
