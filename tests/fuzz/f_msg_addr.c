#include <stdlib.h>

#include "msg_addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_clean(const struct mailbox *mailbox)
{
	if (view_has_ctl(mailbox->display) || view_has_ctl(mailbox->local) || view_has_ctl(mailbox->domain))
		abort();
}

static void one(struct view in, unsigned flags, struct arena *arena)
{
	struct mailbox mailbox, again;
	if (msg_addr_parse(in, flags, arena, &mailbox, NULL) != ERR_OK)
		return;
	BUF_AUTO struct buf out;
	buf_init(&out, 1 << 20);
	msg_addr_write_path(&mailbox, &out);
	check_clean(&mailbox);
	if (msg_addr_parse(buf_view(&out), flags, arena, &again, NULL) != ERR_OK || !msg_addr_eq(&mailbox, &again))
		abort();
}

/* What parsed is written in a form that parses to the same; no control characters come out. */
static void list(struct view in, unsigned flags, struct arena *arena)
{
	struct msg_addr_list first, second;
	struct diag diag;
	if (msg_addr_parse_list(in, flags, arena, &first, &diag) != ERR_OK)
		return;
	BUF_AUTO struct buf out, again;
	buf_init(&out, 1 << 24);
	buf_init(&again, 1 << 24);
	msg_addr_write_list(&first, &out);
	for (size_t i = 0; i < first.n; i++)
		check_clean(&first.at[i]);
	/* a null path is written as nothing */
	for (size_t i = 0; i < first.n; i++) {
		if (first.at[i].kind == MAILBOX_NULL)
			return;
	}
	if (msg_addr_parse_list(buf_view(&out), flags, arena, &second, &diag) != ERR_OK || first.n != second.n ||
	    first.groups.n != second.groups.n)
		abort();
	msg_addr_write_list(&second, &again);
	if (!view_eq(buf_view(&out), buf_view(&again)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	unsigned flags = size == 0 ? 0 : data[0] & 0x3f;
	struct view in = view_from(view_of(data, size), 1);
	one(in, flags, &arena);
	list(in, flags, &arena);
	arena_done(&arena);
	return 0;
}
