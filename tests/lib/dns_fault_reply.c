#define _GNU_SOURCE
#include <string.h>
#include <sys/socket.h>

#include "dns_fault_priv.h"

void call_put8(struct call *call, unsigned value) { call->out[call->n++] = (uint8_t)value; }

void call_put16(struct call *call, unsigned value)
{
	call_put8(call, value >> 8 & 0xff);
	call_put8(call, value & 0xff);
}

void call_put32(struct call *call, uint32_t value)
{
	call_put16(call, value >> 16);
	call_put16(call, value & 0xffff);
}

/* "target": that label, and then the rest of the name that was asked for. */
void call_put_sibling(struct call *call, const char *label)
{
	call_put8(call, (unsigned)strlen(label));
	for (const char *p = label; *p != '\0'; p++)
		call_put8(call, (unsigned char)*p);
	call_put16(call, 0xc000U | (12U + 1U + (unsigned)strlen(call->label)));
}

/* Header and question, no records. */
void call_begin(struct call *call, unsigned rcode)
{
	memcpy(call->out, call->in, 12 + call->question_n);
	call->out[2] = (uint8_t)(QR | (call->in[2] & 0x01));
	call->out[3] = (uint8_t)(RA | rcode);
	memset(call->out + 6, 0, 6);
	call->n = 12 + call->question_n;
}

void call_count(struct call *call, size_t at, unsigned by)
{
	unsigned value = ((unsigned)call->out[at] << 8 | call->out[at + 1]) + by;
	call->out[at] = (uint8_t)(value >> 8);
	call->out[at + 1] = (uint8_t)value;
}

void call_head(struct call *call, unsigned type, uint32_t ttl, unsigned rdlength)
{
	call_put16(call, type);
	call_put16(call, 1);
	call_put32(call, ttl);
	call_put16(call, rdlength);
}

void call_answer(struct call *call, unsigned type, uint32_t ttl, unsigned rdlength)
{
	call_count(call, 6, 1);
	call_put16(call, OWNER);
	call_head(call, type, ttl, rdlength);
}

void call_answer_a(struct call *call, uint32_t ttl, uint32_t ip)
{
	call_answer(call, A, ttl, 4);
	call_put32(call, ip);
}

void call_soa(struct call *call, uint32_t ttl, uint32_t minimum)
{
	call_count(call, 8, 1);
	call_put16(call, 0xc000U | (12U + 1U + (unsigned)strlen(call->label)));
	call_head(call, SOA, ttl, 22);
	call_put16(call, 0); /* two root names */
	for (int i = 0; i < 4; i++)
		call_put32(call, 1);
	call_put32(call, minimum);
}

void call_opt(struct call *call, unsigned ede, const char *text)
{
	call_count(call, 10, 1);
	call_put8(call, 0);
	call_put16(call, OPT);
	call_put16(call, 1232);
	call_put32(call, 0);
	call_put16(call, ede == 0 ? 0 : 6 + (unsigned)strlen(text));
	if (ede == 0)
		return;
	call_put16(call, 15);
	call_put16(call, 2 + (unsigned)strlen(text));
	call_put16(call, ede);
	for (; *text != '\0'; text++)
		call_put8(call, (unsigned char)*text);
}

void call_send_from(struct call *call, int fd)
{
	(void)!sendto(fd, call->out, call->n, 0, (const struct sockaddr *)call->peer, sizeof *call->peer);
}

void call_send(struct call *call)
{
	if (call->peer != NULL) {
		call_send_from(call, call->fault->udp.fd);
		return;
	}
	uint8_t length[2] = { (uint8_t)(call->n >> 8), (uint8_t)call->n };
	(void)!send(call->conn->watch.fd, length, 2, MSG_NOSIGNAL | MSG_MORE);
	(void)!send(call->conn->watch.fd, call->out, call->n, MSG_NOSIGNAL);
}

void call_good(struct call *call)
{
	call_begin(call, 0);
	if (call->type == A)
		call_answer_a(call, 300, 0xc0000201U);
	if (call->type == MX) {
		call_answer(call, MX, 300, 5);
		call_put16(call, 10);
		call_put8(call, 1);
		call_put8(call, 'm');
		call_put8(call, 0);
	}
	if (call->edns)
		call_opt(call, 0, "");
	call_send(call);
}

void call_bad(struct call *call)
{
	call_begin(call, 0);
	call_answer_a(call, 300, 0xcb007142U);
}

void call_rcode(struct call *call, unsigned code)
{
	call_begin(call, code);
	if (call->edns)
		call_opt(call, 0, "");
	call_send(call);
}

bool call_over_udp(const struct call *call) { return call->peer != NULL; }
