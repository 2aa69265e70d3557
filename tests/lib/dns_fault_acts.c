#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "dns_fault_priv.h"

/* What the first label asks for. */

static void do_good(struct call *call) { call_good(call); }
static void do_drop(struct call *call) { (void)call; }
static void do_servfail(struct call *call) { call_rcode(call, 2); }
static void do_refused(struct call *call) { call_rcode(call, 5); }
static void do_notimp(struct call *call) { call_rcode(call, 4); }

static void do_drop_first(struct call *call)
{
	if (call->fault->drops++ > 0)
		call_good(call);
}

static void do_formerr(struct call *call)
{
	if (!call->edns)
		call_good(call);
	else {
		call_begin(call, 1);
		call_send(call);
	}
}

static void do_formerr_bare(struct call *call)
{
	if (!call->edns) {
		call_good(call);
		return;
	}
	call_begin(call, 1);
	call->out[4] = call->out[5] = 0;
	call->n = 12;
	call_send(call);
}

static void do_badvers(struct call *call)
{
	if (!call->edns) {
		call_good(call);
		return;
	}
	call_begin(call, 0);
	call_opt(call, 0, "");
	call->out[call->n - 6] = 1; /* upper bits of the rcode: 16 */
	call_send(call);
}

static void do_edns_drop(struct call *call)
{
	if (!call->edns)
		call_good(call);
}

static void do_tc(struct call *call)
{
	if (call_over_udp(call)) {
		call_bad(call); /* what is in a cut reply must not be used */
		call->out[2] |= TC;
		call_send(call);
	} else
		call_good(call);
}

static void do_big(struct call *call)
{
	if (call_over_udp(call)) {
		do_tc(call);
		return;
	}
	call_begin(call, 0);
	for (int i = 0; i < 4; i++) {
		call_answer(call, TXT, 300, 40 * 201);
		for (int s = 0; s < 40; s++) {
			call_put8(call, 200);
			memset(call->out + call->n, 'a' + i, 200);
			call->n += 200;
		}
	}
	call_send(call);
}

static void late_fire(struct net_timer *timer)
{
	struct fault_late *late = (struct fault_late *)(void *)timer;
	(void)!sendto(late->fault->udp.fd, late->bytes, late->n, 0, (const struct sockaddr *)&late->peer,
		      sizeof late->peer);
}

/* Right, but so late that the next try is on its way. */
static void do_late(struct call *call)
{
	struct fault *fault = call->fault;
	if (fault->late_n == FAULT_LATE || !call_over_udp(call))
		return;
	struct fault_late *late = &fault->late[fault->late_n++];
	call_begin(call, 0);
	call_answer_a(call, 300, 0xc0000201U);
	memcpy(late->bytes, call->out, call->n);
	late->n = call->n;
	late->fault = fault;
	late->peer = *call->peer;
	late->timer.fire = late_fire;
	net_timer_after(fault->loop, &late->timer, FAULT_LATE_MS);
}

static void do_wrong_id(struct call *call)
{
	call_bad(call);
	call->out[1] ^= 1;
	call_send(call);
	call_good(call);
}

static void do_wrong_question(struct call *call)
{
	call_bad(call);
	call->out[13] ^= 1;
	call_send(call);
	call_good(call);
}

static void do_wrong_type(struct call *call)
{
	call_bad(call);
	call->out[12 + call->question_n - 3] ^= 0x40;
	call_send(call);
	call_good(call);
}

static void do_no_question(struct call *call)
{
	call_bad(call);
	memmove(call->out + 12, call->out + 12 + call->question_n, call->n - 12 - call->question_n);
	call->n -= call->question_n;
	call->out[5] = 0;
	call_send(call);
	call_good(call);
}

static void do_no_reply_bit(struct call *call)
{
	call_bad(call);
	call->out[2] &= 0x7f;
	call_send(call);
	call_good(call);
}

static void do_wrong_port(struct call *call)
{
	if (call_over_udp(call)) {
		call_bad(call);
		call_send_from(call, call->fault->stranger);
	}
	call_good(call);
}

static void do_wrong_address(struct call *call)
{
	if (call_over_udp(call) && call->fault->other >= 0) {
		call_bad(call);
		call_send_from(call, call->fault->other);
	}
	call_good(call);
}

static void swap_case(struct call *call)
{
	for (size_t i = 13; i < 12 + call->question_n - 4; i++)
		if ((call->out[i] | 0x20) >= 'a' && (call->out[i] | 0x20) <= 'z')
			call->out[i] ^= 0x20;
}

static void do_wrong_case(struct call *call)
{
	if (call_over_udp(call)) {
		call_bad(call);
		swap_case(call);
	}
	if (call_over_udp(call))
		call_send(call);
	else
		call_good(call);
}

static void do_mangle(struct call *call)
{
	call_begin(call, 0);
	call_answer_a(call, 300, 0xc0000201U);
	for (size_t i = 13; i < 12 + call->question_n - 4; i++)
		if (call->out[i] >= 'A' && call->out[i] <= 'Z')
			call->out[i] |= 0x20;
	call_send(call);
}

static void do_flood(struct call *call)
{
	for (unsigned i = 1; call_over_udp(call) && i <= 40; i++) {
		call_bad(call);
		call->out[0] ^= (uint8_t)i;
		call_send(call);
	}
	if (!call_over_udp(call))
		call_good(call);
}

/* Guesses for a question that was not asked yet. */
static void do_early(struct call *call)
{
	call_good(call);
	for (unsigned i = 0; call_over_udp(call) && i < 8; i++) {
		call_bad(call);
		call->out[0] = (uint8_t)i;
		call->out[13] = 'g';
		call_send(call);
	}
}

static void alias(struct call *call, const char *to)
{
	call_begin(call, 0);
	call_answer(call, CNAME, 60, (unsigned)strlen(to) + 3);
	call_put_sibling(call, to);
}

static void do_alias(struct call *call)
{
	alias(call, "target");
	call_send(call);
}

static void do_alias_whole(struct call *call)
{
	alias(call, "target");
	size_t target = call->n - (strlen("target") + 3);
	call_count(call, 6, 1);
	call_put16(call, 0xc000U | (unsigned)target);
	call_head(call, A, 300, 4);
	call_put32(call, 0xc0000201U);
	call_send(call);
}

static void do_alias_nowhere(struct call *call)
{
	alias(call, "target");
	call->out[3] |= 3;
	call_soa(call, 60, 60);
	call_send(call);
}

static void do_loop_a(struct call *call)
{
	alias(call, "loop-b");
	call_send(call);
}

static void do_loop_b(struct call *call)
{
	alias(call, "loop-a");
	call_send(call);
}

static void do_loop_self(struct call *call)
{
	alias(call, "loop-self");
	call_send(call);
}

/* chain0 to chain1 and so on for ever. */
static void do_chain(struct call *call)
{
	char next[24];
	(void)snprintf(next, sizeof next, "chain%d", atoi(call->label + 5) + 1);
	alias(call, next);
	call_send(call);
}

static void do_poison(struct call *call)
{
	call_begin(call, 0);
	call_answer_a(call, 300, 0xc0000201U);
	for (int i = 0; i < 3; i++) { /* two in the answer section, one in the additional */
		call_count(call, i == 2 ? 10 : 6, 1);
		call_put_sibling(call, "victim");
		call_head(call, A, 300, 4);
		call_put32(call, 0xcb007142U);
	}
	call_send(call);
}

static void do_unrelated(struct call *call)
{
	call_begin(call, 0);
	call_count(call, 6, 1);
	call_put_sibling(call, "victim");
	call_head(call, A, 300, 4);
	call_put32(call, 0xcb007142U);
	call_send(call);
}

static void negative(struct call *call, unsigned code, bool with_soa)
{
	call_begin(call, code);
	if (with_soa)
		call_soa(call, 120, 60);
	call_send(call);
}

static void do_nxdomain(struct call *call) { negative(call, 3, true); }
static void do_nxdomain_bare(struct call *call) { negative(call, 3, false); }
static void do_nodata(struct call *call) { negative(call, 0, true); }
static void do_nodata_bare(struct call *call) { negative(call, 0, false); }

static void do_referral(struct call *call)
{
	call_begin(call, 0);
	call->out[3] = 0;
	call_count(call, 8, 1);
	call_put8(call, 0);
	call_head(call, NS, 300, 1);
	call_put8(call, 0);
	call_send(call);
}

static void do_signed(struct call *call)
{
	call_begin(call, 0);
	call_answer_a(call, 300, 0xc0000201U);
	call->out[3] |= AD;
	call_send(call);
}

static void do_bogus(struct call *call)
{
	if (call->cd)
		call_good(call);
	else
		do_servfail(call);
}

static void do_bogus_told(struct call *call)
{
	call_begin(call, 2);
	call_opt(call, 7, "signature of A expired");
	call_send(call);
}

static void do_ttl(struct call *call)
{
	call_begin(call, 0);
	call_answer_a(call, (uint32_t)atoi(call->label + 3), 0xc0000201U);
	call_send(call);
}

static void do_close(struct call *call)
{
	if (call_over_udp(call))
		do_tc(call);
	else
		(void)shutdown(call->conn->watch.fd, SHUT_RDWR);
}

static const struct {
	const char *label;
	void (*act)(struct call *call);
} acts[] = {
	{ "good", do_good },
	{ "drop", do_drop },
	{ "drop-first", do_drop_first },
	{ "servfail", do_servfail },
	{ "refused", do_refused },
	{ "notimp", do_notimp },
	{ "formerr", do_formerr },
	{ "formerr-bare", do_formerr_bare },
	{ "badvers", do_badvers },
	{ "edns-drop", do_edns_drop },
	{ "tc", do_tc },
	{ "big", do_big },
	{ "late", do_late },
	{ "wrong-id", do_wrong_id },
	{ "wrong-question", do_wrong_question },
	{ "wrong-type", do_wrong_type },
	{ "no-question", do_no_question },
	{ "no-reply-bit", do_no_reply_bit },
	{ "wrong-port", do_wrong_port },
	{ "wrong-address", do_wrong_address },
	{ "wrong-case", do_wrong_case },
	{ "mangle", do_mangle },
	{ "flood", do_flood },
	{ "early", do_early },
	{ "short", do_short },
	{ "garbage", do_garbage },
	{ "trailing", do_trailing },
	{ "self-pointer", do_self_pointer },
	{ "forward-pointer", do_forward_pointer },
	{ "header-pointer", do_header_pointer },
	{ "a5", do_a5 },
	{ "a3", do_a3 },
	{ "mx2", do_mx2 },
	{ "txt0", do_txt0 },
	{ "rdlength", do_rdlength },
	{ "empty-strings", do_empty_strings },
	{ "cname1", do_cname1 },
	{ "counts", do_counts },
	{ "pointer-chain", do_pointer_chain },
	{ "alias", do_alias },
	{ "alias-whole", do_alias_whole },
	{ "alias-nowhere", do_alias_nowhere },
	{ "loop-a", do_loop_a },
	{ "loop-b", do_loop_b },
	{ "loop-self", do_loop_self },
	{ "chain", do_chain },
	{ "poison", do_poison },
	{ "unrelated", do_unrelated },
	{ "nxdomain", do_nxdomain },
	{ "nxdomain-bare", do_nxdomain_bare },
	{ "nodata", do_nodata },
	{ "nodata-bare", do_nodata_bare },
	{ "referral", do_referral },
	{ "signed", do_signed },
	{ "bogus", do_bogus },
	{ "bogus-told", do_bogus_told },
	{ "ttl", do_ttl },
	{ "close", do_close },
};

/* "chain7" is the act "chain", "ttl0" the act "ttl"; a label that says nothing gets a good answer. */
static bool says(const char *label, const char *act)
{
	size_t n = strlen(act);
	return strncmp(label, act, n) == 0 && label[n + strspn(label + n, "0123456789")] == '\0';
}

void call_act(struct call *call)
{
	const char *label = call->fault->always != NULL ? call->fault->always : call->label;
	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
		if (says(label, acts[i].label)) {
			acts[i].act(call);
			return;
		}
	call_good(call);
}
