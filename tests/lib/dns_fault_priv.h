#pragma once

#include <netinet/in.h>

#include "dns_fault.h"

enum { QR = 0x80, TC = 0x02, RA = 0x80, AD = 0x20, CD = 0x10, A = 1, NS = 2, CNAME = 5, SOA = 6, MX = 15, TXT = 16 };
enum { OPT = 41, OWNER = 0xc00c, REPLY_MAX = 65535 };

/* A question as it came, and the reply that is being made. */
struct call {
	struct fault *fault;
	const struct sockaddr_in *peer; /* NULL: over TCP */
	struct fault_conn *conn;
	const uint8_t *in;
	size_t in_n;
	size_t question_n; /* octets of name, type and class */
	unsigned type;
	bool edns, cd;
	char label[64];
	uint8_t out[REPLY_MAX + 600];
	size_t n;
};

/* dns_fault_reply.c: the reply under construction. good is what should be believed, bad what should not. */
void call_put8(struct call *call, unsigned value);
void call_put16(struct call *call, unsigned value);
void call_put32(struct call *call, uint32_t value);
void call_put_sibling(struct call *call, const char *label);
void call_begin(struct call *call, unsigned rcode);
void call_count(struct call *call, size_t at, unsigned by);
void call_head(struct call *call, unsigned type, uint32_t ttl, unsigned rdlength);
void call_answer(struct call *call, unsigned type, uint32_t ttl, unsigned rdlength);
void call_answer_a(struct call *call, uint32_t ttl, uint32_t ip);
void call_soa(struct call *call, uint32_t ttl, uint32_t minimum);
void call_opt(struct call *call, unsigned ede, const char *text);
void call_send_from(struct call *call, int fd);
void call_send(struct call *call);
void call_good(struct call *call);
void call_bad(struct call *call);
void call_rcode(struct call *call, unsigned code);
bool call_over_udp(const struct call *call);

/* dns_fault_acts.c */
void call_act(struct call *call);

/* dns_fault_hostile.c */
void do_short(struct call *call);
void do_garbage(struct call *call);
void do_trailing(struct call *call);
void do_self_pointer(struct call *call);
void do_forward_pointer(struct call *call);
void do_header_pointer(struct call *call);
void do_a5(struct call *call);
void do_a3(struct call *call);
void do_mx2(struct call *call);
void do_txt0(struct call *call);
void do_rdlength(struct call *call);
void do_empty_strings(struct call *call);
void do_cname1(struct call *call);
void do_counts(struct call *call);
void do_pointer_chain(struct call *call);
