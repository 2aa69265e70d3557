#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <netinet/in.h>

#include "net_loop.h"

/*
 * A DNS server on loopback (UDP and TCP, one port) that lives on the test's own loop and does wrong on purpose. What it does
 * follows from the first label of the name asked for: see the table in dns_fault_acts.c. Right answers hold 192.0.2.1 or the
 * like; whatever a forger would like to see believed holds 203.0.113.66.
 */
enum { FAULT_CONNS = 16, FAULT_LATE = 8, FAULT_LATE_MS = 400 };

struct fault_conn {
	struct net_watch watch;
	struct fault *fault;
	uint8_t in[4096];
	size_t n;
};

struct fault_late {
	struct net_timer timer;
	struct fault *fault;
	uint8_t bytes[600];
	size_t n;
	struct sockaddr_in peer;
};

struct fault {
	struct net_loop *loop;
	struct net_watch udp, listener;
	struct fault_conn conns[FAULT_CONNS];
	uint16_t port;
	int stranger;        /* a socket with another port, 127.0.0.1 */
	int other;           /* one with another address, 127.0.0.2, same port */
	const char *always;  /* does this whatever the label is; NULL: by the label */
	bool no_tcp;         /* refuses connections */
	unsigned asked, tcp; /* questions seen; of these over TCP */
	unsigned with_edns;
	unsigned drops; /* how many were dropped so far by "drop-first" */
	struct fault_late late[FAULT_LATE];
	unsigned late_n;
};

void fault_open(struct fault *fault, struct net_loop *loop);
void fault_close(struct fault *fault);
