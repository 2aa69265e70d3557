#include "msg_addr.h"

#include "msg_addr_priv.h"

static bool is_dot_atom(struct view v)
{
	if (view_empty(v) || v.p[0] == '.' || view_last(v) == '.')
		return false;
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '.' ? v.p[i - 1] == '.' : !addr_is_atom(view_at(v, i)))
			return false;
	}
	return true;
}

size_t addr_local_octets(struct view local)
{
	if (is_dot_atom(local))
		return local.n;
	size_t n = local.n + 2;
	for (size_t i = 0; i < local.n; i++)
		n += local.p[i] == '"' || local.p[i] == '\\';
	return n;
}

static void write_quoted(struct view v, struct buf *out)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\')
			buf_byte(out, '\\');
		buf_byte(out, (unsigned char)v.p[i]);
	}
	buf_byte(out, '"');
}

void msg_addr_write_local(struct view local, struct buf *out)
{
	if (is_dot_atom(local))
		buf_put(out, local);
	else
		write_quoted(local, out);
}

void msg_addr_write(const struct mailbox *mailbox, struct buf *out)
{
	if (mailbox->kind == MAILBOX_NULL)
		return;
	msg_addr_write_local(mailbox->local, out);
	if (mailbox->kind == MAILBOX_FULL) {
		buf_byte(out, '@');
		buf_put(out, mailbox->domain);
	}
}

void msg_addr_write_path(const struct mailbox *mailbox, struct buf *out)
{
	buf_byte(out, '<');
	msg_addr_write(mailbox, out);
	buf_byte(out, '>');
}

/* Atoms with single spaces between them, so that reading it gives the same octets. */
static bool is_plain_phrase(struct view v)
{
	bool was_space = true;
	for (size_t i = 0; i < v.n; i++) {
		bool space = v.p[i] == ' ';
		if (space ? was_space : !addr_is_atom(view_at(v, i)))
			return false;
		was_space = space;
	}
	return !was_space;
}

void msg_addr_write_phrase(struct view display, struct buf *out)
{
	if (is_plain_phrase(display))
		buf_put(out, display);
	else
		write_quoted(display, out);
}

void msg_addr_write_full(const struct mailbox *mailbox, struct buf *out)
{
	if (view_empty(mailbox->display)) {
		msg_addr_write(mailbox, out);
		return;
	}
	msg_addr_write_phrase(mailbox->display, out);
	buf_byte(out, ' ');
	msg_addr_write_path(mailbox, out);
}

void msg_addr_write_list(const struct msg_addr_list *list, struct buf *out)
{
	const char *between = "";
	size_t at = 0;
	for (size_t g = 0; g <= list->groups.n; g++) {
		const struct msg_addr_group *group = g < list->groups.n ? &list->groups.at[g] : NULL;
		size_t end = group == NULL ? list->n : group->first;
		for (; at < end; at++, between = ", ") {
			buf_str(out, between);
			msg_addr_write_full(&list->at[at], out);
		}
		if (group == NULL)
			break;
		buf_str(out, between);
		msg_addr_write_phrase(group->name, out);
		buf_byte(out, ':');
		for (size_t i = 0; i < group->n; i++) {
			buf_str(out, i == 0 ? " " : ", ");
			msg_addr_write_full(&list->at[at++], out);
		}
		buf_byte(out, ';');
		between = ", ";
	}
}

bool msg_addr_eq(const struct mailbox *a, const struct mailbox *b)
{
	return a->kind == b->kind && view_eq(a->local, b->local) && view_eq_case(a->domain, b->domain);
}
