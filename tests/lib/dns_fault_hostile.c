#define _GNU_SOURCE
#include <string.h>

#include "dns_fault_priv.h"

/* Packets that no parser should believe. */

void do_short(struct call *call)
{
	call_bad(call);
	call->n -= 7;
	call_send(call);
}

void do_garbage(struct call *call)
{
	call_begin(call, 0);
	memset(call->out + call->n, 0xff, 300);
	call->n += 300;
	call_count(call, 6, 5);
	call_send(call);
}

void do_trailing(struct call *call)
{
	call_bad(call);
	call_put32(call, 0);
	call_send(call);
}

static void named(struct call *call, unsigned pointer)
{
	call_begin(call, 0);
	call_count(call, 6, 1);
	call_put16(call, pointer);
	call_head(call, A, 300, 4);
	call_put32(call, 0xcb007142U);
	call_send(call);
}

void do_self_pointer(struct call *call) { named(call, 0xc000U | (12U + (unsigned)call->question_n)); }
void do_forward_pointer(struct call *call) { named(call, 0xc000U | (14U + (unsigned)call->question_n)); }
void do_header_pointer(struct call *call) { named(call, 0xc000U); }

static void sized(struct call *call, unsigned type, unsigned rdlength, unsigned real)
{
	call_begin(call, 0);
	call_answer(call, type, 300, rdlength);
	for (unsigned i = 0; i < real; i++)
		call_put8(call, 0);
	call_send(call);
}

void do_a5(struct call *call) { sized(call, A, 5, 5); }
void do_a3(struct call *call) { sized(call, A, 3, 3); }
void do_mx2(struct call *call) { sized(call, MX, 2, 2); }
void do_txt0(struct call *call) { sized(call, TXT, 0, 0); }
void do_rdlength(struct call *call) { sized(call, TXT, 65535, 10); }
void do_empty_strings(struct call *call) { sized(call, TXT, 65000, 65000); }

void do_cname1(struct call *call)
{
	call_begin(call, 0);
	call_answer(call, CNAME, 300, 1);
	call_put_sibling(call, "target");
	call_send(call);
}

void do_counts(struct call *call)
{
	call_bad(call);
	call->out[6] = call->out[7] = 0xff;
	call_send(call);
}

/* As many records as fit, each behind the longest chain of pointers. */
void do_pointer_chain(struct call *call)
{
	if (call_over_udp(call)) {
		call_bad(call);
		call->out[2] |= TC;
		call_send(call);
		return;
	}
	call_begin(call, 0);
	unsigned last = 12;
	while (call->n + 20 < REPLY_MAX) {
		unsigned here = (unsigned)call->n;
		call_count(call, 6, 1);
		call_put16(call, 0xc000U | (last & 0x3fff));
		call_head(call, A, 300, 4);
		call_put32(call, 0xcb007142U);
		last = here < 0x3fff ? here : last;
	}
	call_send(call);
}
