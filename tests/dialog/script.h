#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base_arena.h"
#include "base_vec.h"
#include "base_view.h"

/*
 * A conversation with an SMTP server, byte for byte (tests/dialog/README).
 */
enum step_kind {
	STEP_SERVER, /* octets the server sends */
	STEP_EARLY,  /* the same, while the client may still be writing */
	STEP_CLIENT, /* octets the client must send */
	STEP_TLS,    /* both begin TLS */
	STEP_CLOSE,  /* the server closes */
};

struct step {
	enum step_kind kind;
	struct view bytes;
	unsigned line;
	bool partial; /* the client may send more, which is not looked at */
};

struct expected {
	struct view to, status; /* "delivered", "failed" ... */
	unsigned code;
	struct view enhanced;
};

struct script {
	const char *path;
	struct view title;
	struct view sender;
	struct view message; /* wire form, not stuffed */
	struct {
		struct view *at;
		size_t n, cap;
	} rcpts;
	struct {
		struct expected *at;
		size_t n, cap;
	} expects;
	struct {
		struct step *at;
		size_t n, cap;
	} steps;
	struct view notify, ret, envid, xclient, user, password, token, mechs;
	unsigned copies; /* the message is sent that many times in one session */
	unsigned window, rcpt_max;
	bool lmtp, tls_may, tls_require, requiretls, utf8_head, eight_bit, clear_auth, no_pipelining, no_chunking,
		whole_only, never;
	struct view stop;
};

/* Ends the program with the line at fault. */
void script_read(const char *path, struct arena *arena, struct script *out);
