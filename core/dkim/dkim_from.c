#include "base_show.h"
#include "dkim_sign.h"
#include "dns_name.h"
#include "msg_addr.h"

enum err dkim_from_domain(const struct msg_head *head, struct arena *arena, struct view *out, struct diag *diag)
{
	const struct msg_field *from = msg_head_first(head, VIEW("From"));
	if (from == NULL)
		return diag_set(diag, ERR_DATA, "the message has no From field, which a signature must cover");
	struct msg_addr_list list;
	enum err err = msg_addr_parse_list(from->value, MSG_ADDR_LENIENT, arena, &list, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "From");
	if (list.n == 0 || list.at[0].domain.n == 0)
		return diag_set(diag, ERR_DATA, "the From field has no domain in it; say which one signs with -d");
	for (size_t i = 1; i < list.n; i++)
		if (!view_eq_case(list.at[i].domain, list.at[0].domain))
			return diag_set(diag, ERR_DATA,
					"From has several domains (%s, %s); say which one signs with -d",
					SHOW(list.at[0].domain), SHOW(list.at[i].domain));
	struct dname name;
	err = dname_parse_idn(arena, list.at[0].domain, &name, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, ERR_DATA, "domain of From");
	*out = dname_text(arena, dname_lower(arena, name));
	return ERR_OK;
}
