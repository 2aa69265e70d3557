#include "dmarc_from.h"

#include "base_show.h"
#include "msg_addr.h"

static void take_domain(struct view text, struct arena *arena, struct dmarc_from *out)
{
	struct diag diag = { 0 };
	struct dname name;
	if (dname_parse_idn(arena, text, &name, &diag) != ERR_OK) {
		out->why = arena_printf(arena, "%s is no domain: %s", SHOW(text), diag.text);
		return;
	}
	name = dname_lower(arena, name);
	for (size_t i = 0; i < out->domains_n; i++)
		if (dname_eq(out->domains[i], name))
			return;
	if (out->domains_n < DMARC_FROM_DOMAINS_MAX)
		out->domains[out->domains_n++] = name;
}

static void take_value(struct view value, struct arena *arena, struct dmarc_from *out)
{
	struct diag diag = { 0 };
	struct msg_addr_list list;
	out->fields++;
	if (msg_addr_parse_list(value, MSG_ADDR_LENIENT | MSG_ADDR_BARE | MSG_ADDR_EMPTY, arena, &list, &diag) !=
	    ERR_OK) {
		out->why = arena_printf(arena, "From: %s", diag.text);
		return;
	}
	out->mailboxes += list.n;
	for (size_t i = 0; i < list.n; i++)
		if (list.at[i].kind == MAILBOX_FULL && !list.at[i].literal)
			take_domain(list.at[i].domain, arena, out);
}

/* Two domains are two domains, whatever else is broken. */
static void judge(struct dmarc_from *out)
{
	if (out->domains_n > 1)
		out->state = DMARC_FROM_MULTIPLE;
	else if (out->why != NULL)
		out->state = DMARC_FROM_BROKEN;
	else if (out->domains_n == 0)
		out->state = DMARC_FROM_NONE;
	else
		out->domain = out->domains[0];
}

void dmarc_from_head(const struct msg_head *head, struct arena *arena, struct dmarc_from *out)
{
	*out = (struct dmarc_from){ .state = DMARC_FROM_OK };
	size_t at = 0;
	for (const struct msg_field *field; (field = msg_head_next(head, VIEW("From"), &at)) != NULL;)
		take_value(field->value, arena, out);
	judge(out);
}

void dmarc_from_value(struct view value, struct arena *arena, struct dmarc_from *out)
{
	*out = (struct dmarc_from){ .state = DMARC_FROM_OK };
	take_value(value, arena, out);
	judge(out);
}

void dmarc_from_domain(struct view domain, struct arena *arena, struct dmarc_from *out)
{
	*out = (struct dmarc_from){ .state = DMARC_FROM_OK };
	take_domain(domain, arena, out);
	judge(out);
}

const char *dmarc_from_reason(enum dmarc_from_state state)
{
	static const char *const reasons[] = { NULL, "no-from-domain", "multiple-from", "from-syntax" };
	return reasons[state];
}
